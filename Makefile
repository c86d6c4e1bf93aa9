# Two commands: `make report` and `make test`. `make help` lists the rest.
# Python inside requires-python, make and git are all that is needed beforehand.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USER := 0

STUDY ?= analysis/oxfordshire-2022-23
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin

# The environment is as good as these hashes: a new lock builds it afresh, a change of
# pyproject.toml alone only installs the package again. Each stamp is written last, so an
# interrupted set-up starts afresh.
LOCK_STAMP := $(VENV)/.lock-$(shell git hash-object requirements.lock)
STAMP := $(VENV)/.stamp-$(shell cat requirements.lock pyproject.toml | git hash-object --stdin)
BROWSER := $(VENV)/.browser
# A file of tests stays on one core: what it sets up is set up once. Four are enough, as each
# holds half a gigabyte.
ON_ALL_CORES := -n logical --maxprocesses 4 --dist loadfile --benchmark-disable
ifneq ($(shell $(BIN)/python -c 'print("alive")' 2>/dev/null),alive)
.PHONY: $(LOCK_STAMP)  # missing, or the Python it was made from has gone
endif

IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
AS_ROOT := $$([ "$$(id -u)" = 0 ] || echo "sudo -n")

# Sets $$py to the first Python that serves; says what to do where there is none.
define FIND_PYTHON
py=; for p in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
  if "$$p" -c '$(IN_RANGE)' 2>/dev/null; then py=$$p; break; fi; \
done; \
if [ -z "$$py" ]; then \
  echo "needs: no Python from 3.11 to 3.13 was found$(if $(PYTHON), at $(PYTHON)). Install one, or name it: make report PYTHON=/path/to/python3" >&2; \
  exit 1; \
fi
endef

# Debian keeps venv in a package of its own.
define ENSURE_VENV
if ! "$$py" -c 'import ensurepip, venv' 2>/dev/null; then \
  pkg=$$("$$py" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
  echo "needs: $$py has no venv module; trying to install $$pkg" >&2; \
  { command -v apt-get && $(AS_ROOT) apt-get -qq update && \
    DEBIAN_FRONTEND=noninteractive $(AS_ROOT) apt-get -qq install -y "$$pkg"; } >/dev/null 2>&1; \
  "$$py" -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "needs: $$py cannot make an environment. Run: sudo apt-get install $$pkg" >&2; exit 1; }; \
fi
endef

.PHONY: help
help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  STUDY=analysis/NAME chooses the study, PYTHON=/path/to/python3 the Python"

.PHONY: report
report: $(STAMP) $(BROWSER)  ## set up what is missing and run the study to its report
	@$(BIN)/needs synthesise "$(STUDY)" --if-missing
	@$(BIN)/needs run "$(STUDY)"

.PHONY: test
test: $(STAMP) $(BROWSER)  ## lint, types and every test but the benchmarks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types suite

# Types take one core: before the suite they would leave the others idle.
.PHONY: types suite
types: $(STAMP)
	$(BIN)/mypy

suite: $(STAMP) $(BROWSER)
	$(BIN)/pytest $(ON_ALL_CORES)

.PHONY: setup
setup: $(STAMP) $(BROWSER)  ## only set up the environment

$(LOCK_STAMP):
	@$(FIND_PYTHON); $(ENSURE_VENV); \
	echo "Setting up $(VENV) with $$("$$py" --version) from requirements.lock: some minutes, once"; \
	"$$py" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --no-input --no-compile --require-hashes \
	  -r requirements.lock > $(VENV)/setup.log 2>&1 || { \
	  grep -v '^WARNING' $(VENV)/setup.log | tail -n 20 >&2; \
	  echo "needs: the packages of requirements.lock could not be installed (see above)" >&2; exit 1; }
	@# Without byte code every kernel spends seconds more on its imports. Some packages ship
	@# files for other Pythons, which do not compile; that is no fault.
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null 2>&1 || true
	@touch $@

$(STAMP): $(LOCK_STAMP)
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --no-build-isolation -e . \
	  > $(VENV)/setup.log 2>&1 || { cat $(VENV)/setup.log >&2; exit 1; }
	@$(BIN)/python -m compileall -q src/needs
	@rm -f $(VENV)/.stamp-*
	@touch $@

# Tried once for each environment; `make browser` tries again.
$(BROWSER): | $(STAMP)
	@$(BIN)/python -m needs.cli.environment browser
	@touch $@

.PHONY: browser
browser: $(STAMP)  ## look for a browser for the PDF again, and install one where allowed
	@$(BIN)/python -m needs.cli.environment browser

.PHONY: doctor
doctor: $(STAMP)  ## say what is present, what is missing and how to get it
	@$(BIN)/needs doctor

.PHONY: lab
lab: $(STAMP)  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

.PHONY: format
format: $(STAMP)  ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: validate
validate: $(STAMP) $(BROWSER)  ## compare with other programs and published tables, every test in its long form
	@$(BIN)/needs synthesise analysis/oxfordshire-2022-23 --if-missing
	$(BIN)/pytest --long -rs --no-header

.PHONY: bench
bench: $(STAMP)  ## measure speed and memory
	$(BIN)/pytest --benchmarks --benchmark-quiet -rs --no-header tests/benchmarks

.PHONY: lock
lock: $(STAMP)  ## rewrite requirements.lock and environment.yml (UPGRADE=1 takes newer versions)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(BIN)/python -m venv "$$tmp" && "$$tmp/bin/pip" install --quiet "uv>=0.9" && \
	"$$tmp/bin/uv" pip compile --quiet $(if $(UPGRADE),--upgrade) --universal --generate-hashes \
	  --no-header --no-annotate --python-version 3.11 --extra dev pyproject.toml \
	  -o requirements.lock > /dev/null
	@$(BIN)/python -m needs.cli.environment conda > environment.yml

.PHONY: clean
clean:  ## remove the environment and caches; studies and reports stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
