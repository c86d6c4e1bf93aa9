"""The environment: what the lock asks for, its conda form, and a browser for the PDF.

``make`` calls this module: ``python -m needs.cli.environment conda`` prints
``environment.yml``, ``… browser`` sees to a browser. It reads ``pyproject.toml`` and
``requirements.lock`` of the checkout it lies in.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["checkout", "conda_environment", "install_browser", "locked_versions", "main"]

CONDA_NAMES = {
    "great-tables": "great_tables",
    "jupyter-client": "jupyter_client",
    "playwright": "playwright-python",
}
"""Names that conda-forge spells otherwise."""

NOT_ON_CONDA = frozenset({"afcharts", "gptables"})
"""Packages that pip fetches in a conda environment."""

_PIN = re.compile(r"^([A-Za-z0-9][\w.\-]*)==(\S+?)\s*(?:;\s*([^\\]+?))?\s*(?:\\|$)", re.MULTILINE)

CONDA_HEAD = """\
# Written by `make lock` from pyproject.toml; change it there.
# conda env create -f environment.yml && conda activate needs
name: needs
channels:
  - conda-forge
dependencies:
"""


def checkout() -> Path | None:
    """Return the folder of the checkout this package runs from, or None when installed alone."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "requirements.lock").is_file() else None


def locked_versions(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock asks of this Python and platform.

    Parameters
    ----------
    lock : str
        Text of ``requirements.lock``: pins with hashes and environment markers.

    Returns
    -------
    dict of str to str
        Normalised name -> version, sorted by name.
    """
    pins = (Requirement(f"{n}=={v};{m}" if m else f"{n}=={v}") for n, v, m in _PIN.findall(lock))
    wanted = (r for r in pins if r.marker is None or r.marker.evaluate())
    found = {canonicalize_name(r.name): next(iter(r.specifier)).version for r in wanted}
    return dict(sorted(found.items()))


def conda_environment(project: Mapping[str, Any]) -> str:
    """Return ``environment.yml`` for the run-time dependencies of a ``pyproject.toml``.

    Parameters
    ----------
    project : mapping
        The file's ``project`` table.
    """
    requirements = [Requirement(r) for r in project["dependencies"]]
    conda = [r for r in requirements if r.name not in NOT_ON_CONDA]
    lines = [f"  - python {project['requires-python']}", "  - pip"]
    lines += [f"  - {CONDA_NAMES.get(r.name, r.name)} {r.specifier}" for r in conda]
    lines += ["  - pip:"]
    lines += [f'      - "{r.name}{r.specifier}"' for r in requirements if r.name in NOT_ON_CONDA]
    lines += ["      - -e ."]
    return CONDA_HEAD + "\n".join(lines) + "\n"


def _is_debian() -> bool:
    """Whether ``chromium`` is a package here: on Ubuntu the name leads to a snap instead."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return "debian" in family and "ubuntu" not in family


def _root_prefix() -> list[str] | None:
    """Return the words that make a command run as root without a password, or None."""
    if getattr(os, "geteuid", lambda: 1)() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and _quietly([sudo, "-n", "true"]) == 0:
        return [sudo, "-n"]
    return None


def install_browser(run: Callable[[Sequence[str]], int] | None = None) -> bool:
    """Install Debian's chromium, where the system and the user's rights allow it.

    Parameters
    ----------
    run : callable, optional
        Runs a command and returns its exit code; for tests.

    Returns
    -------
    bool
        Whether both steps of the installation succeeded; False where it was not tried.
    """
    prefix = _root_prefix()
    if not (_is_debian() and shutil.which("apt-get") and prefix is not None):
        return False
    step = run or _quietly
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    steps: Iterable[list[str]] = (
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", "chromium"],
    )
    return all(step(command) == 0 for command in steps)


def _quietly(command: Sequence[str]) -> int:
    done = subprocess.run(  # noqa: S603 - fixed words of our own
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False
    )
    return done.returncode


def _see_to_browser() -> None:
    """Find a browser or install one; where neither works, say how to get one."""
    from needs.report.browser import browser_fix, find_browser  # noqa: PLC0415

    if find_browser() is not None:
        return
    if not os.environ.get("NEEDS_BROWSER"):  # set, it decides alone
        print("No browser for the PDF was found; trying to install Debian's chromium")
        try:
            install_browser()
        except (OSError, subprocess.SubprocessError):
            pass
    if find_browser() is None:
        print(f"No PDF will be made. {browser_fix()}")


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument names, ``conda`` or ``browser``, and return an exit code."""
    root = checkout()
    if list(arguments) == ["browser"]:
        _see_to_browser()
        return 0
    if list(arguments) == ["conda"] and root:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
        print(conda_environment(project), end="")
        return 0
    print("python -m needs.cli.environment conda|browser, in a checkout", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
