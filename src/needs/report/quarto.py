"""The words of chapters converted by quarto, for those who publish with it.

Everything else of a page stays as it is: results are put in by the report itself, so that
tables, charts, ids and what a page may load are the same with either engine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from html import unescape
from itertools import zip_longest
from pathlib import Path

from needs.vocabulary.errors import EnvironmentFault, Fault, RenderError

__all__ = ["convert", "find_quarto", "same_words", "state_of"]

SECONDS = 120
"""For the words of one chapter; a second is usual."""
BOUNDARY = "needs-cell-boundary"
_ARGUMENTS = ("pandoc", "--from", "gfm", "--to", "html5", "--wrap", "preserve")
_BETWEEN = re.compile(rf"\s*<p>{BOUNDARY}</p>\s*")
_MEND = "install quarto from quarto.org, name its program in NEEDS_QUARTO, or leave --engine out"


def find_quarto(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return quarto's program: the one that ``NEEDS_QUARTO`` names, else the one installed.

    Parameters
    ----------
    environ : mapping, optional
        The environment; that of this process by default.
    """
    env = os.environ if environ is None else environ
    if named := env.get("NEEDS_QUARTO"):
        return Path(named) if Path(named).is_file() else None
    found = shutil.which("quarto", path=env.get("PATH"))
    return Path(found) if found else None


def state_of(quarto: Path | None) -> str:
    """Return what would convert, so that another version converts again."""
    if quarto is None:
        return "none"
    state = quarto.resolve().stat()
    return f"{quarto} {state.st_size} {state.st_mtime_ns}"


def convert(sources: Sequence[str], quarto: Path | None = None) -> list[str]:
    """Return the markdown of cells as HTML, each by itself.

    Parameters
    ----------
    sources : sequence of str
        Of one chapter, in its order: they are converted in one go.
    quarto : Path, optional
        Its program; :func:`find_quarto` by default.

    Raises
    ------
    EnvironmentFault
        If quarto is not there, fails, or does not end in time.
    RenderError
        If a cell runs into the next one (a block of code that is not closed).
    """
    program = quarto or find_quarto()
    if program is None:
        raise EnvironmentFault("quarto was not found", [Fault("quarto", "not there", _MEND)])
    if not sources:
        return []
    text = f"\n\n{BOUNDARY}\n\n".join(sources)
    html = _run([str(program), *_ARGUMENTS], text)
    pieces = _BETWEEN.split(html)
    if len(pieces) != len(sources):
        mend = "close what a markdown cell opens: a block of code, a comment"
        raise RenderError(
            "words of a chapter run into each other", [Fault("notebook", "open block", mend)]
        )
    return pieces


def _run(command: list[str], text: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the program that the user has installed
            command, input=text, capture_output=True, text=True, encoding="utf-8",
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        why = f"did not end within {SECONDS} seconds"
        raise EnvironmentFault("quarto failed", [Fault("quarto", why, _MEND)]) from None
    except OSError as e:
        why = f"could not be started: {e.strerror}"
        raise EnvironmentFault("quarto failed", [Fault("quarto", why, _MEND)]) from None
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2][:200]
        why = f"ended with {done.returncode}: {last}"
        raise EnvironmentFault("quarto failed", [Fault("quarto", why, _MEND)])
    return done.stdout


def _plain(html: str) -> list[str]:
    return unescape(re.sub(r"<[^>]*>", " ", html)).split()


def same_words(chapter: str, ours: str, theirs: str) -> None:
    """Refuse a page on which quarto's words are other than nbconvert's.

    Parameters
    ----------
    chapter : str
        Its number.
    ours, theirs : str
        HTML of the same words by either engine.

    Raises
    ------
    RenderError
        With the first words that differ.
    """
    pairs = zip_longest(_plain(ours), _plain(theirs), fillvalue="")
    for mine, other in pairs:
        if mine != other:
            rule = f"words differ by engine: “{mine}” became “{other}”"
            mend = "write the markdown so that both read it alike, or leave --engine out"
            raise RenderError(
                f"chapter {chapter} reads otherwise with quarto",
                [Fault("notebook", rule, mend)],
            )
