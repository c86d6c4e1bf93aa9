"""Count what was found: rows, children and children of the stock, by return."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality.arrays import Bools, Ints
from needs.inputs.ssda903.quality.catalogue import CHECKS, RULES, Check
from needs.inputs.ssda903.quality.view import Years

__all__ = ["ANY", "READ", "Collector"]

ANY = "any"
"""Check that counts each row, child and stock member of a whole rule group once."""

READ = "00"
"""Rule under which rows read, left out and repaired are counted, without any fault."""

_BASE = {
    ("read", "episodes"): Check(READ, "read", "Episodes read", "kept", ""),
    ("left_out", "episodes"): Check(READ, "left_out", "Episodes left out", "left_out", ""),
    ("repaired", "episodes"): Check(READ, "repaired", "Episodes repaired", "repaired", ""),
    ("header_read", "header"): Check(READ, "header_read", "Header rows read", "kept", "", "header"),
    ("header_left_out", "header"): Check(
        READ, "header_left_out", "Header rows left out", "left_out", "", "header"
    ),
}


class Collector:
    """Gathers the rows behind each check and counts them.

    Parameters
    ----------
    years : Years
        The returns.
    stock : array of bool, one a cell
        Children in the stock at the end of each return.
    """

    def __init__(self, years: Years, stock: Bools) -> None:
        self._years = years
        self._stock = stock
        self.rows: dict[tuple[str, str], tuple[str, Ints, Ints]] = {}
        """Rule and check -> table, rows of its frame, and the cell each counts in."""

    def add(self, rule: str, slug: str, rows: Ints, cells: Ints, table: str = "episodes") -> None:
        """Note the rows of a check, and the cell each counts in."""
        self.rows[rule, slug] = (table, rows, cells)

    def add_all(
        self, rule: str, found: Mapping[str, Bools], cells: Ints, table: str = "episodes"
    ) -> None:
        """Note the rows of several checks given as one flag a row."""
        for slug, flags in found.items():
            rows = np.flatnonzero(flags)
            self.add(rule, slug, rows, cells[rows], table)

    def _count(self, cells: Ints) -> np.ndarray:
        """Return rows, children and stock members by return, as three lines."""
        n, k = self._years.children, len(self._years.year)
        hit = self._years.any(cells)
        rows = np.bincount(cells // n, minlength=k)
        children, stock = (x.reshape(k, n).sum(axis=1) for x in (hit, hit & self._stock))
        return np.vstack([rows, children, stock])

    def _found(self, rule: str, slug: str) -> np.ndarray:
        """Return the counts of one check; nought where its table is not there."""
        nothing = np.zeros(0, dtype=np.int64)
        return self._count(self.rows.get((rule, slug), ("", nothing, nothing))[2])

    def _whole_group(self, rule: str) -> np.ndarray:
        """Return the counts of a rule group, each row once in a return."""
        n, k = self._years.children, len(self._years.year)
        tables: dict[str, list[tuple[Ints, Ints]]] = {}
        for (of, _), (table, rows, cells) in self.rows.items():
            if of == rule and len(rows):
                tables.setdefault(table, []).append((rows, cells))
        once = [np.zeros(0, dtype=np.int64)]
        for parts in tables.values():
            rows, cells = (np.concatenate(x) for x in zip(*parts, strict=True))
            cell_of = np.full((int(rows.max()) + 1) * k, -1, dtype=np.int64)
            cell_of[rows * k + cells // n] = cells
            once.append(cell_of[cell_of >= 0])
        return self._count(np.concatenate(once))

    def frame(self) -> pd.DataFrame:
        """Return the findings, every check of every return, with zeros where nothing is."""
        lines = []
        for check in _BASE.values():
            lines.append((check, self._found(READ, check.slug)))
        for rule, label in RULES.items():
            whole = Check(rule, ANY, label, "kept", "")
            lines.append((whole, self._whole_group(rule)))
            for check in (c for c in CHECKS if c.rule == rule):
                lines.append((check, self._found(rule, check.slug)))
        return _laid_out(lines, self._years.year)


def _laid_out(lines: list[tuple[Check, np.ndarray]], years: Ints) -> pd.DataFrame:
    """Return one row a check and return, in the order of the catalogue."""
    k = len(years)
    counts = np.concatenate([c for _, c in lines], axis=1)
    out = {
        name: np.repeat([getattr(check, name) for check, _ in lines], k)
        for name in ("rule", "slug", "label")
    }
    frame = pd.DataFrame(out).rename(columns={"slug": "check"})
    frame["return_year"] = np.tile(years, len(lines))
    frame["rows_n"], frame["children_n"] = counts[0], counts[1]
    for name in ("action", "how"):
        frame[name] = np.repeat([getattr(check, name) for check, _ in lines], k)
    frame["stock_n"] = counts[2]
    return frame
