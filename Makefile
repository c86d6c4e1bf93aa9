# Two commands: `make report` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
STUDY ?= analysis/oxfordshire-published
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
