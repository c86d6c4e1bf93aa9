"""Find the line of a key in a TOML text, for error messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["line_of"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_\-.]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=""")


def _parts(dotted: str) -> list[str | int]:
    return [p.strip().strip("\"'") for p in dotted.split(".")]


def _index(text: str) -> list[tuple[tuple[str | int, ...], int]]:
    """Return each key path and its line, in order."""
    prefix: list[str | int] = []
    counts: dict[str, int] = {}
    found: list[tuple[tuple[str | int, ...], int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEADER.match(line):
            prefix = _parts(head[2])
            if head[1] == "[[":
                counts[head[2]] = counts.get(head[2], -1) + 1
                prefix = [*prefix, counts[head[2]]]
            found.append((tuple(prefix), number))
        elif key := _KEY.match(line):
            found.append(((*prefix, *_parts(key[1])), number))
    return found


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    r"""Return the line (from 1) of the key, or of the nearest section that holds it.

    Examples
    --------
    >>> line_of("[a]\\nb = 1\\n", ("a", "b"))
    2
    """
    index = _index(text)
    for cut in range(len(path), 0, -1):
        target = tuple(path[:cut])
        for key, number in index:
            if key == target:
                return number
    return None
