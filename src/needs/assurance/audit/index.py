"""Printed figures by what they measure, and the numbers that are made from them on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from needs.assurance.audit.printed import Figure
from needs.assurance.audit.words import partitions

__all__ = ["Index", "Key"]

Key: TypeAlias = tuple[str, str, str, str, str, str]
"""Document, area, month, measure, group, by."""


def key_of(f: Figure) -> Key:
    """Return what a figure measures, and where it is printed."""
    return f.document, f.area, f.month, f.measure, f.group, f.by


class Index:
    """All figures of a study, and those made on the way.

    Parameters
    ----------
    figures : iterable of Figure
        In the order of the files.
    dates : mapping of str to str
        Day of each document that is listed; two of one day may be copies.
    """

    def __init__(self, figures: Iterable[Figure], dates: Mapping[str, str] | None = None) -> None:
        self.dates = dict(dates or {})
        self.rounding: set[str] = set()
        """Documents that were seen to round their numbers, and so do not cut them off."""
        self.typed = list(figures)
        self.all: dict[str, Figure] = {f.id: f for f in self.typed}
        self._by_key: dict[Key, list[Figure]] = defaultdict(list)
        for f in self.typed:
            self._by_key[key_of(f)].append(f)

    def at(self, key: Key) -> list[Figure]:
        """Return every figure of a key, in the order of the files."""
        return self._by_key.get(key, [])

    def near(self, f: Figure, measure: str, group: str, by: str | None = None) -> Figure | None:
        """Return the figure of the same document, area and month; of its own table if there."""
        found = self.at((f.document, f.area, f.month, measure, group, f.by if by is None else by))
        found = [g for g in found if g.id != f.id]
        same = [g for g in found if g.table == f.table]
        tables = [g for g in found if g.table]
        return next(iter([*same, *tables, *found]), None)

    def count(self, f: Figure, measure: str, group: str, by: str | None = None) -> Figure | None:
        """Return a printed figure as :meth:`near`, or the sum of its printed parts."""
        found = self.near(f, measure, group, by)
        if found is not None:
            return found
        for whole, parts in partitions():
            if whole == group:
                held = [self.near(f, measure, p, by) for p in parts]
                if all(held):
                    return self.made_sum([h for h in held if h is not None], group)
        return None

    def made_sum(self, parts: list[Figure], group: str) -> Figure:
        """Return a number that no document prints: the sum of some that it does."""
        name = " + ".join(p.id for p in parts)
        if name not in self.all:
            low, high = (sum(p.tight[i] for p in parts) for i in (0, 1))
            wide = sum(p.wide[0] for p in parts), sum(p.wide[1] for p in parts)
            self.all[name] = replace(
                parts[0], id=name, value=sum(p.value for p in parts), group=group, typed=False,
                printed=" + ".join(p.printed for p in parts), note="", counted=low == high,
                step=high - low, wide=wide,
            )  # fmt: skip
        return self.all[name]

    def constant(self, value: float) -> Figure:
        """Return a plain number as a figure."""
        name = f"={value:g}"
        self.all.setdefault(
            name, Figure(name, value=value, wide=(value, value), printed=f"{value:g}", typed=False)
        )
        return self.all[name]

    def made_product(self, a: Figure, b: Figure) -> Figure:
        """Return a number that no document prints: a number times another, or a share of it."""
        part = 0.01 if b.unit.startswith("percent") else 1.0
        ends = [x * y * part for x in a.tight for y in b.tight]
        name = f"{a.id}*{b.id}"
        self.all.setdefault(
            name,
            replace(
                a,
                id=name,
                value=a.value * b.value * part,
                step=max(ends) - min(ends),
                counted=False,
                wide=(min(ends), max(ends)),
                typed=False,
                note="",
                printed=f"{a.printed} x {b.printed}",
            ),
        )
        return self.all[name]

    def between(self, a: Figure, b: Figure) -> Figure:
        """Return the number that lies anywhere from one figure to another."""
        name = f"{a.id}..{b.id}"
        low, high = min(a.value, b.value), max(a.value, b.value)
        ends = min(a.wide[0], b.wide[0]), max(a.wide[1], b.wide[1])
        self.all.setdefault(
            name,
            replace(
                a,
                id=name,
                value=(low + high) / 2,
                step=high - low,
                counted=low == high,
                wide=ends,
                typed=False,
                note="",
                printed=f"{a.printed} to {b.printed}",
            ),
        )
        return self.all[name]

    def tables(self) -> Iterator[tuple[list[Figure], list[str], list[str]]]:
        """Yield the figures of each table, measure and ``by``, with groups and months in order."""
        found: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
        for f in self.typed:
            if f.table:
                found[f.document, f.table, f.area, f.measure, f.by].append(f)
        for cells in found.values():
            groups = list(dict.fromkeys(f.group for f in cells))
            yield cells, groups, list(dict.fromkeys(f.month for f in cells))
