"""Set-up rests on three files that must agree, and on a Makefile that survives being stopped."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from needs.cli.environment import CONDA_NAMES, locked_versions

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINS = dict(re.findall(r"^([a-z0-9][a-z0-9.\-]*)==(\S+)", LOCK, re.MULTILINE))

STUB = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in
  "-c import sys; sys.exit"*) exit ${VERSION_CODE:-0} ;;
  "-c import ensurepip, venv") exit ${VENV_CODE:-0} ;;
  "-c print"*) echo alive ;;
  "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  "-m pip install"*requirements.lock*) exit ${PIP_CODE:-0} ;;
esac
"""


def requirements(lines: list[str]) -> dict[str, SpecifierSet]:
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


# --- the lock ---


def test_lock_satisfies_every_dependency_and_the_build_backend():
    extras = PROJECT["project"]["optional-dependencies"]["dev"]
    wanted = requirements(
        [*PROJECT["project"]["dependencies"], *extras, *PROJECT["build-system"]["requires"]]
    )
    unmet = {n: str(s) for n, s in wanted.items() if n not in PINS or PINS[n] not in s}
    assert not unmet, "run make lock"


def test_whatever_the_package_imports_is_installed_with_it():
    """What only a developer has would fail a user's run when it is reached."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    asked: set[str] = set()
    waiting = [Requirement(r) for r in named]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in asked and (one.marker is None or one.marker.evaluate({"extra": ""})):
            asked.add(name)
            with suppress(PackageNotFoundError):
                waiting += [Requirement(r) for r in requires(name) or ()]
    homes = packages_distributions()
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                used |= {a.name.partition(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                used.add(node.module.partition(".")[0])
    theirs = used - sys.stdlib_module_names - {"needs"}
    lacking = {m for m in theirs if not {canonicalize_name(d) for d in homes.get(m, ())} & asked}
    assert lacking == set()


def test_lock_holds_only_pins_and_their_hashes():
    entries = re.split(r"\n(?! )", LOCK.strip())
    form = re.compile(
        r"[a-z0-9][a-z0-9.\-]*==[^\s\\]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+"
    )
    assert [e.split("\n")[0] for e in entries if not form.fullmatch(e)] == []
    assert len(entries) == LOCK.count("==") - LOCK.count(" == ") >= len(PINS) > 100


def test_lock_is_read_for_this_python_only():
    lock = (
        "a-b==1.2 \\\n    --hash=sha256:00\n"
        "Odd.Name==3.0.post1 ; python_full_version < '3' \\\n    --hash=sha256:00\n"
        "here==4 ; python_full_version >= '3.11' and os_name != 'none' \\\n    --hash=sha256:00\n"
    )
    assert locked_versions(lock) == {"a-b": "1.2", "here": "4"}


# --- conda ---


def test_conda_environment_names_the_same_packages_with_the_same_bounds():
    found = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert found["channels"] == ["conda-forge"]
    *plain, with_pip = found["dependencies"]
    words = dict((*line.split(maxsplit=1), "")[:2] for line in plain)
    assert SpecifierSet(words.pop("python")) == SpecifierSet(PROJECT["project"]["requires-python"])
    assert words.pop("pip") == ""
    spelt = {conda: name for name, conda in CONDA_NAMES.items()}
    conda = {spelt.get(name, name): SpecifierSet(bounds) for name, bounds in words.items()}
    assert with_pip["pip"].pop() == "-e ."
    both = conda | requirements(with_pip["pip"])
    assert both == requirements(PROJECT["project"]["dependencies"]), "run make lock"
    assert len(both) == len(conda) + len(with_pip["pip"])


# --- the Makefile ---


class Checkout:
    """A copy of the files that set-up reads, with a Python that only writes down its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.bin = folder / "repo", folder / "calls", folder / "bin"
        self.folder.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.folder)
        for program in ("git", "sh", "make"):
            (self.bin / program).symlink_to(str(shutil.which(program)))
        self.python("python3.11")

    def python(self, name: str, text: str = STUB) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def make(self, *words: str, **env: str) -> tuple[int, str, list[str]]:
        """Return the exit code, stderr, and the calls that the stub wrote down."""
        self.log.unlink(missing_ok=True)
        path = f"{self.bin}:/usr/bin:/bin" if "PATH" not in env else env.pop("PATH")
        done = subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env={"PATH": path, "CALLS": str(self.log), "HOME": str(self.folder), **env},
            capture_output=True,
            text=True,
            check=False,
        )
        calls = self.log.read_text().splitlines() if self.log.exists() else []
        work = [
            c for c in calls if "-c print" not in c and "sys.exit" not in c and "ensurepip" not in c
        ]
        return done.returncode, done.stderr, work


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if not (shutil.which("make") and shutil.which("git")):
        pytest.skip("make or git is not on this machine")
    return Checkout(tmp_path)


PY = ("PYTHON=python3.11",)


def did(calls: list[str]) -> list[str]:
    """Return what was done, in words."""
    kinds = {
        "-m venv": "made",
        "requirements.lock": "packages",
        "-e .": "needs",
        "environment browser": "browser",
    }
    return [kind for c in calls for part, kind in kinds.items() if part in c]


def test_setup_is_done_once(checkout: Checkout):
    assert did(checkout.make("setup", *PY)[2]) == ["made", "packages", "needs", "browser"]
    code, _, calls = checkout.make("setup", *PY)
    assert (code, calls) == (0, [])


def test_setup_that_failed_starts_afresh(checkout: Checkout):
    code, err, calls = checkout.make("setup", *PY, PIP_CODE="1")
    assert code != 0 and "could not be installed" in err and did(calls) == ["made", "packages"]
    assert did(checkout.make("setup", *PY)[2]) == ["made", "packages", "needs", "browser"]


def test_new_lock_builds_the_environment_afresh(checkout: Checkout):
    checkout.make("setup", *PY)
    with (checkout.folder / "requirements.lock").open("a") as f:
        f.write("# changed\n")
    assert did(checkout.make("setup", *PY)[2])[:3] == ["made", "packages", "needs"]


def test_change_of_the_project_file_alone_installs_only_the_package(checkout: Checkout):
    checkout.make("setup", *PY)
    with (checkout.folder / "pyproject.toml").open("a") as f:
        f.write("# changed\n")
    assert did(checkout.make("setup", *PY)[2]) == ["needs"]


def test_touched_but_unchanged_files_cost_nothing(checkout: Checkout):
    checkout.make("setup", *PY)
    for name in ("pyproject.toml", "requirements.lock"):
        os.utime(checkout.folder / name, (4e9, 4e9))
    assert checkout.make("setup", *PY)[2] == []


def test_environment_whose_python_has_gone_is_made_again(checkout: Checkout):
    checkout.make("setup", *PY)
    (checkout.folder / ".venv/bin/python").unlink()
    assert did(checkout.make("setup", *PY)[2])[:2] == ["made", "packages"]


def test_python_that_does_not_serve_is_named_and_nothing_is_made(checkout: Checkout):
    code, err, calls = checkout.make("setup", *PY, VERSION_CODE="1")
    assert code != 0 and calls == []
    assert "3.11 to 3.13" in err and "python3.11" in err and "make report PYTHON=" in err
    assert not (checkout.folder / ".venv").exists()


def test_newest_python_that_answers_is_taken(checkout: Checkout):
    checkout.python("python3.13", "#!/bin/sh\nexit 127\n")  # a shim that leads nowhere
    checkout.python("python3.12")
    assert checkout.make("setup")[2][1].startswith("python3.12 -m venv")


def test_python_without_venv_says_which_package_to_install(checkout: Checkout):
    checkout.python("apt-get", "#!/bin/sh\nexit 1\n")
    checkout.python("sudo", "#!/bin/sh\nexit 1\n")
    code, err, calls = checkout.make("setup", *PY, VENV_CODE="1")
    assert code != 0 and "apt-get install" in err and did(calls) == []


def test_makefile_takes_the_pythons_that_the_project_allows():
    text = (ROOT / "Makefile").read_text("utf-8")
    low, high = re.search(
        r"not \((3, \d+)\) <= sys\.version_info\[:2\] < \((3, \d+)\)", text
    ).groups()
    bounds = f">={low.replace(', ', '.')},<{high.replace(', ', '.')}"
    assert SpecifierSet(bounds) == SpecifierSet(PROJECT["project"]["requires-python"])
    last = int(high.split(", ")[1]) - 1
    assert f"from {low.replace(', ', '.')} to 3.{last}" in text


# --- the package ---


def test_wheel_holds_the_files_that_are_not_python(tmp_path: Path):
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    held = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "src/needs"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    wanted = {name.removeprefix("src/") for name in listed if (ROOT / name).exists()}
    assert len(wanted) > 10 and wanted <= held
