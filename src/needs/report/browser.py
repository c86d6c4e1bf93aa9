"""Finding an installed browser that can print the report: Chromium, Chrome or Edge."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OLDEST", "Browser", "browser_fix", "browser_version", "find_browser"]

VARIABLE = "NEEDS_BROWSER"
"""Environment variable that names the browser to use: a path, or a command on PATH."""

OLDEST = 131
"""First major version that prints footers written in CSS, which carry the page numbers."""

_COMMANDS = (
    ("chromium", "Chromium"),
    ("chromium-browser", "Chromium"),
    ("google-chrome", "Chrome"),
    ("google-chrome-stable", "Chrome"),
    ("chrome", "Chrome"),
    ("microsoft-edge", "Edge"),
    ("microsoft-edge-stable", "Edge"),
    ("msedge", "Edge"),
)
_MAC = (
    ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chrome"),
    ("Chromium.app/Contents/MacOS/Chromium", "Chromium"),
    ("Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "Edge"),
)
_WINDOWS = (
    ("Google/Chrome/Application/chrome.exe", "Chrome"),
    ("Chromium/Application/chrome.exe", "Chromium"),
    ("Microsoft/Edge/Application/msedge.exe", "Edge"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """An installed browser.

    Parameters
    ----------
    path : Path
        Its program.
    name : str
        ``Chromium``, ``Chrome``, ``Edge``, or ``chosen`` where the environment named it.
    """

    path: Path
    name: str


def find_browser(
    environ: Mapping[str, str] | None = None, system: str | None = None
) -> Browser | None:
    """Return the browser that prints the PDF, or None.

    Parameters
    ----------
    environ : mapping, optional
        Environment to look in; the process's own by default. ``NEEDS_BROWSER`` decides
        alone where it is set, so that a wrong path is not passed over in silence.
    system : str, optional
        ``Linux``, ``Darwin`` or ``Windows``; this machine's by default.

    Returns
    -------
    Browser or None
        The first of: the one named, those on PATH, those in the usual places.
    """
    env = os.environ if environ is None else environ
    chosen = env.get(VARIABLE, "")
    if chosen:
        found = shutil.which(chosen, path=env.get("PATH"))
        return Browser(Path(found), "chosen") if found else None
    for command, name in _COMMANDS:
        found = shutil.which(command, path=env.get("PATH"))
        if found:
            return Browser(Path(found), name)
    for path, name in _usual_places(env, system or platform.system()):
        if path.is_file():
            return Browser(path, name)
    return None


def browser_fix(environ: Mapping[str, str] | None = None, system: str | None = None) -> str:
    """Return what to do on this machine so that the PDF can be made.

    Parameters
    ----------
    environ, system
        As for :func:`find_browser`.
    """
    env = os.environ if environ is None else environ
    if env.get(VARIABLE) and find_browser(env, system) is None:
        return f"{VARIABLE} names no program: give it a browser's path, or unset it"
    own = f"or set {VARIABLE} to the path of one, then run again"
    system = system or platform.system()
    if system == "Darwin":
        return f"install Google Chrome (brew install --cask google-chrome), {own}"
    if system == "Windows":
        return f"install Microsoft Edge or Google Chrome {OLDEST} or later, {own}"
    if shutil.which("apt-get", path=env.get("PATH")):
        return f"install Chromium (sudo apt-get install chromium), {own}"
    if shutil.which("dnf", path=env.get("PATH")):
        return f"install Chromium (sudo dnf install chromium), {own}"
    return f"install Chromium, Google Chrome or Microsoft Edge {OLDEST} or later, {own}"


def browser_version(browser: Browser, timeout: float = 10.0) -> str:
    """Return what the browser says of its version, or ``""`` where it says nothing.

    Windows browsers open a window instead of answering, so they are not asked.
    """
    if platform.system() == "Windows":
        return ""
    try:
        done = subprocess.run(  # noqa: S603  # the path was found by find_browser
            [str(browser.path), "--version"],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().split("\n")[0]


def _usual_places(env: Mapping[str, str], system: str) -> Iterator[tuple[Path, str]]:
    """Yield where a browser usually lies on macOS and Windows."""
    if system == "Darwin":
        roots = [Path("/Applications")]
        if env.get("HOME"):
            roots.append(Path(env["HOME"]) / "Applications")
        yield from ((root / place, name) for place, name in _MAC for root in roots)
    elif system == "Windows":
        variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        roots = [Path(env[v]) for v in variables if env.get(v)]
        yield from ((root / place, name) for place, name in _WINDOWS for root in roots)
