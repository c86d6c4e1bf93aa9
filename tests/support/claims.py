"""Figures that a run is held to, and tables that it tells, gathered for the end of the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

CLAIM, TOLD = "claim", "told"
QUIET = 1.5
"""Load under which nothing else can be at work."""
HEADS = ("figure", "found", "target", "held")


@dataclass(frozen=True)
class Claims:
    """Where a test says what it found; each method returns whether a target is held."""

    record: Callable[[str, Any], None]

    def held(self, what: str, found: str, target: str, is_held: bool) -> bool:
        """Put a figure beside its target."""
        self.record(CLAIM, (what, found, target, "yes" if is_held else "NO"))
        return bool(is_held)

    def most(self, what: str, found: float, limit: float, unit: str, digits: int = 1) -> bool:
        """Put a figure beside the most that it may be."""
        words = f"{found:,.{digits}f} {unit}", f"at most {limit:,g} {unit}"
        return self.held(what, *words, found <= limit)

    def seconds(self, what: str, clock: float, used: float, limit: float, digits: int = 1) -> bool:
        """Put a time beside the most that it may be.

        Where other work goes on, the clock tells little: processor time is held to the target.
        """
        if os.getloadavg()[0] < QUIET:
            return self.most(f"{what}, by the clock", clock, limit, "s", digits)
        busy = f"{what}, processor time: the machine is busy"
        return self.most(busy, used, limit, "s", digits)

    def stated(self, what: str, found: str) -> None:
        """Put down a figure that has no target."""
        self.record(CLAIM, (what, found, "", ""))

    def told(self, title: str, text: str) -> None:
        """Put down a table of its own."""
        self.record(TOLD, (title, text))


def laid_out(properties: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield titles and lines: tables as they are told, then every figure in one."""
    rows: list[tuple[str, ...]] = []
    for name, value in properties:
        if name == CLAIM:
            rows.append(tuple(value))
        elif name == TOLD:
            yield value[0], str(value[1]).splitlines()
    if rows:
        yield "figures and targets", aligned([HEADS, *rows])
        off = sum(r[3] == "NO" for r in rows)
        held = sum(r[3] == "yes" for r in rows)
        yield f"{held} targets held, {off} not held", []


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows of text in columns."""
    wide = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(r, wide, strict=True)).rstrip() for r in rows]
