"""``needs doctor``: what is present, what is missing, and how to get it."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer

from needs.vocabulary.errors import EnvironmentFault, Fault

__all__ = ["Finding", "diagnose", "doctor"]

MIN_FREE_GIB = 2.0
"""Below this the largest studies may not fit (reading 41,000 children takes up to 1 GiB)."""

KERNEL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `needs` stands on.

    Parameters
    ----------
    name : str
        What was looked for.
    status : {"ok", "note", "missing"}
        ``note`` asks for a look but stops nothing.
    found : str
        What there is.
    mend : str
        How to get what is missing; empty where all is well.
    needed : bool
        Whether `needs run` cannot do without it.
    """

    name: str
    status: Literal["ok", "note", "missing"]
    found: str
    mend: str = ""
    needed: bool = True


def _install_words() -> str:
    if sys.platform == "win32":
        return r".venv\Scripts\pip install --require-hashes -r requirements.lock"
    return "make setup, in the checkout"


def _python() -> Finding:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415

    wanted = distribution("needs").metadata["Requires-Python"]
    found = f"{platform.python_version()} at {sys.executable} (needs {wanted})"
    if SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        return Finding("Python", "ok", found)
    return Finding("Python", "missing", found, f"install a Python that is {wanted}, run make clean")


def _unmet(installed: Mapping[str, str | None]) -> list[str]:
    """Return the requirements of the package itself that what is installed does not meet."""
    from packaging.requirements import Requirement  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    wanted = (Requirement(r) for r in distribution("needs").requires or [])
    core = [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]
    return sorted(
        f"{r.name} {r.specifier}"
        for r in core
        if (have := installed.get(canonicalize_name(r.name))) is None
        or not r.specifier.contains(have, prereleases=True)
    )


def _installed(names: list[str]) -> dict[str, str | None]:
    def one(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    return {name: one(name) for name in names}


def _packages() -> Finding:
    from packaging.requirements import Requirement  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    from needs.cli.environment import checkout, locked_versions  # noqa: PLC0415

    own = [canonicalize_name(Requirement(r).name) for r in distribution("needs").requires or []]
    root = checkout()
    lock = locked_versions((root / "requirements.lock").read_text("utf-8")) if root else {}
    installed = _installed(sorted({*own, *lock}))
    unmet = _unmet(installed)
    if unmet:
        return Finding("Packages", "missing", f"not met: {', '.join(unmet)}", _install_words())
    other = sorted(name for name, pin in lock.items() if installed[name] not in {None, pin})
    absent = sum(installed[name] is None for name in lock)
    if other or absent:
        found = f"{len(other)} of {len(lock)} differ from the lock, {absent} absent"
        listed = f" ({', '.join(other[:5])}{' …' if len(other) > 5 else ''})" if other else ""
        return Finding("Packages", "note", found + listed, _install_words(), needed=False)
    return Finding("Packages", "ok", f"{len(lock)} as locked" if lock else "as required")


def _kernel() -> Finding:
    """Start a kernel the way a run does: this interpreter's, on private sockets."""
    from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415
    from jupyter_client.manager import KernelManager  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="needs-", ignore_cleanup_errors=True) as scratch:
        manager = KernelManager(
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(Path(scratch) / "k.json"),
            transport="tcp" if sys.platform == "win32" else "ipc",
        )
        client = None
        try:
            manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            client = manager.blocking_client()
            client.start_channels()
            client.wait_for_ready(timeout=KERNEL_SECONDS)
        except Exception as error:  # whatever a kernel dies of, the finding is the same
            found = f"does not start ({type(error).__name__})"
            return Finding("Notebook kernel", "missing", found, _install_words())
        finally:
            if client is not None:
                client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
    return Finding("Notebook kernel", "ok", "starts")


def _browser() -> Finding:
    from needs.report.browser import (  # noqa: PLC0415
        OLDEST,
        browser_fix,
        browser_version,
        find_browser,
    )

    name = "Browser for the PDF"
    browser = find_browser()
    if browser is None:
        words = "none found: HTML and workbook are made, the PDF is not"
        return Finding(name, "missing", words, browser_fix(), needed=False)
    said = browser_version(browser)
    found = f"{said or f'{browser.name}, version unknown'} at {browser.path}"
    major = re.search(r"(\d+)\.", said)
    if major and int(major[1]) < OLDEST:
        mend = f"install version {OLDEST} or later, or the PDF lacks page numbers"
        return Finding(name, "note", found, mend, needed=False)
    return Finding(name, "ok", found, needed=False)


def _version_of(program: str) -> str:
    """Return the first line that ``program --version`` prints."""
    try:
        done = subprocess.run(  # noqa: S603 - a program found on this machine
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return "version unknown"
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else "version unknown"


def _fonts() -> Finding:
    folder = files("needs.report").joinpath("assets", "fonts")
    fonts = sorted(f.name for f in folder.iterdir() if f.name.endswith((".woff2", ".ttf")))
    if fonts:
        return Finding("Bundled fonts", "ok", f"{len(fonts)} files")
    return Finding("Bundled fonts", "missing", "none", "install needs again: its files are gone")


def _chapters() -> Finding:
    from needs.report.chapters import CHAPTERS  # noqa: PLC0415
    from needs.report.execute import notebooks_folder  # noqa: PLC0415

    folder = notebooks_folder()
    lost = [c.notebook for c in CHAPTERS.values() if not (folder / c.notebook).is_file()]
    if lost:
        mend = "get notebooks/ from the project again"
        return Finding("Chapters", "missing", f"not there: {', '.join(lost)}", mend)
    return Finding("Chapters", "ok", f"{len(CHAPTERS)} notebooks")


def _program(name: str, why: str, fixes: Mapping[str, str]) -> Finding:
    path = shutil.which(name)
    if path:
        return Finding(name, "ok", _version_of(path), needed=False)
    return Finding(
        name, "note", f"not found: {why}", fixes.get(sys.platform, fixes["linux"]), False
    )


def _git() -> Finding:
    fixes = {
        "linux": "sudo apt-get install git",
        "darwin": "xcode-select --install",
        "win32": "winget install Git.Git",
    }
    return _program("git", "the manifest cannot name the commit", fixes)


def _quarto() -> Finding:
    fixes = {
        "linux": "optional; nothing needs it. Install the package of quarto.org if you want it",
        "darwin": "optional; nothing needs it. brew install --cask quarto",
        "win32": "optional; nothing needs it. winget install Posit.Quarto",
    }
    return _program("quarto", "only `--engine quarto` needs it", fixes)


def _writing() -> Finding:
    """Whether reports can be written where the command was called."""
    folder = Path.cwd() / "reports"
    place = folder if folder.is_dir() else Path.cwd()
    if os.access(place, os.W_OK | os.X_OK):
        return Finding("Writing", "ok", f"{place} can be written to")
    mend = "go to a folder of your own, or ask for the right to write"
    return Finding("Writing", "missing", f"{place} cannot be written to", mend)


def _machine() -> Finding:
    import psutil  # noqa: PLC0415

    free = psutil.virtual_memory().available / 2**30
    found = f"{os.cpu_count()} cores, {free:.1f} GiB of memory free"
    if free >= MIN_FREE_GIB:
        return Finding("Machine", "ok", found, needed=False)
    return Finding("Machine", "note", found, "close other programs before a large study", False)


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _packages,
    _kernel,
    _browser,
    _fonts,
    _chapters,
    _git,
    _quarto,
    _writing,
    _machine,
)


def diagnose() -> tuple[Finding, ...]:
    """Look at everything that `needs` stands on, in a fixed order."""
    return tuple(check() for check in CHECKS)


def _lines(findings: tuple[Finding, ...]) -> str:
    lines = []
    for f in findings:
        lines.append(f"{f.status:<8} {f.name}: {f.found}")
        if f.status != "ok" and f.mend:
            lines.append(f"{'':<8} Mend: {f.mend}")
    return "\n".join(lines)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    r"""Say what is present, what is missing and how to get it.

    \b
    Example:
      needs doctor --json
    """
    findings = diagnose()
    lost = [f for f in findings if f.status == "missing" and f.needed]
    if as_json:
        plain = {"ok": not lost, "findings": [asdict(f) for f in findings]}
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        typer.echo(_lines(findings))
    if lost:
        raise EnvironmentFault(
            "something that needs stands on is missing",
            [Fault(f.name, f.found, f.mend) for f in lost],
        )
