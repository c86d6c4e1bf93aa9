"""The same number in two documents, or twice for one time: where what is printed does not meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import EPS, Figure, Span, meet
from needs.assurance.audit.words import partitions

__all__ = ["Meeting", "elsewhere", "meetings"]

DRIFT = 0.10
"""How far a number of a year may lie from those of days in it, and still be one of them."""
STOCK = ("children_n", "share_of_", "carers_n", "people_n", "beds_n", "homes_n", "over_20_miles")
"""Measures of a day: a reporting year means its last day. Others are of the whole period."""
SECOND_SERIES = {"monthly"}
"""Breakdowns that are a second count of the same thing, which no document tells apart."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two figures that should say the same.

    Parameters
    ----------
    a, b : str
        Their ids.
    agrees : bool
        Whether what they stand for has something in common.
    why : str
        What they share, or how they may still both be right.
    explained : bool
        Whether another scope explains the difference.
    both : bool
        Whether it is said of both; else of the first alone.
    """

    a: str
    b: str
    agrees: bool
    why: str
    explained: bool = False
    both: bool = True


def _stands(index: Index, f: Figure) -> Span:
    """Return everything a figure may stand for: rounded, as its words allow, or cut off.

    Cut off only where its document was not seen to round.
    """
    may_cut = not f.counted and f.document not in index.rounding
    cut = f.value + (f.step if may_cut else 0)
    return min(f.wide[0], f.tight[0]), max(f.wide[1], f.tight[1], cut)


def _meet(a: Span, b: Span) -> bool:
    """Whether two numbers may be one: more is shared than the edge that both round from."""
    shared = meet(a, b)
    if shared is None:
        return False
    return shared[1] - shared[0] > EPS or a[0] == a[1] or b[0] == b[1]


def _when(f: Figure) -> str:
    return f.month if f.measure.startswith(STOCK) else f.period


def _kept(figures: Sequence[Figure], fault: set[str]) -> Iterator[list[Figure]]:
    """Yield the figures of one thing and time that stand in more than one document."""
    held: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for f in figures:
        if f.id not in fault:
            held[f.area, _when(f), f.measure, f.group, f.by].append(f)
    yield from (v for v in held.values() if len({f.document for f in v}) > 1)


def elsewhere(index: Index) -> dict[str, list[float]]:
    """Return what documents of another day print of each figure's thing and time."""
    return {
        f.id: [
            g.value
            for g in same
            if g.document != f.document
            and (not index.dates or index.dates.get(g.document) != index.dates.get(f.document))
        ]
        for same in _kept(index.typed, set())
        for f in same
    }


def _other_scope(index: Index, small: Figure, large: Figure) -> str:
    """Return the part that the smaller number leaves out, where the larger prints its parts."""
    name = large.group
    parts = [
        f
        for f in index.typed
        if (f.document, f.area, f.measure, f.period) == (
            large.document, large.area, large.measure, large.period
        )
        and f.group.startswith(f"{name}_")
    ]  # fmt: skip
    parts += [
        p
        for whole, names in partitions()
        if whole == name
        for p in (index.near(large, large.measure, n) for n in names)
        if p is not None
    ]
    nested = [p for p in parts if any(q.id != p.id and p.group.startswith(q.group) for q in parts)]
    parts = [p for p in dict.fromkeys(parts) if p not in nested]
    total = sum(p.value for p in parts)
    for p in parts:
        if len(parts) > 2 and abs(total - p.value - small.value) < 1e-6:
            return p.group
    return ""


def _pair(index: Index, a: Figure, b: Figure) -> Meeting:
    if _meet(_stands(index, a), _stands(index, b)):
        day = index.dates.get(a.document)
        if day and day == index.dates.get(b.document):  # a copy proves nothing
            why = "printed the same in another document of that day"
            return Meeting(a.id, b.id, agrees=True, why=why, explained=True)
        return Meeting(a.id, b.id, agrees=True, why="printed the same in another document")
    if a.future != b.future:
        why = "one is a forecast or an estimate"
        return Meeting(a.id, b.id, agrees=False, why=why, explained=True)
    small, large = (a, b) if a.value < b.value else (b, a)
    left_out = _other_scope(index, small, large)
    if left_out:
        why = f"another scope: without {left_out}"
        return Meeting(a.id, b.id, agrees=False, why=why, explained=True)
    return Meeting(a.id, b.id, agrees=False, why="another document prints another number")


def _years(index: Index, fault: set[str]) -> Iterator[Meeting]:
    """Yield numbers of a year alone against those printed for days in it."""
    dated: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for f in index.typed:
        if len(f.month) > 4:
            dated[f.area, f.measure, f.group, f.by].append(f)
    for f in index.typed:
        if len(f.month) != 4 or not f.measure.startswith((*STOCK, "spot_")) or f.id in fault:
            continue
        inside = [
            g
            for g in dated[f.area, f.measure, f.group, f.by]
            if (g.month[:4] == f.month or g.period[:4] == f.month) and g.id not in fault
        ]
        if not inside or f.future:
            continue
        if any(_meet(_stands(index, f), _stands(index, g)) for g in inside):
            g = next(g for g in inside if _meet(_stands(index, f), _stands(index, g)))
            yield Meeting(f.id, g.id, agrees=True, why="printed for a day in that year", both=False)
            continue
        ends = [_stands(index, g) for g in inside]
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        drift = (low * (1 - DRIFT), high * (1 + DRIFT))
        near = meet(_stands(index, f), drift) is not None
        why = "no day is printed; near a number for a day in that year"
        left = "" if near else _other_scope(index, *sorted((f, inside[0]), key=lambda x: x.value))
        if left:
            why, near = f"another scope: without {left}", True
        elif not near:
            why = "far from every number printed for a day in that year"
        yield Meeting(f.id, inside[0].id, agrees=False, why=why, explained=near, both=False)


def _second_series(index: Index, fault: set[str]) -> Iterator[Meeting]:
    """Yield two counts of one thing and time that no document tells apart."""
    for f in index.typed:
        if f.by not in SECOND_SERIES or f.id in fault:
            continue
        for g in index.typed:
            same = (g.area, g.month, g.measure, g.group) == (f.area, f.month, f.measure, f.group)
            if same and g.by == "" and g.id not in fault:
                agrees = _meet(_stands(index, f), _stands(index, g))
                yield Meeting(f.id, g.id, agrees, "two counts of one time, not told apart")


def _first_projected(index: Index, fault: set[str]) -> Iterator[Meeting]:
    """Yield the first year of a projection against the counts printed for it: its base."""
    firsts: dict[tuple[str, ...], Figure] = {}
    for f in index.typed:
        if f.measure == "projected_n" and f.group == "all":
            firsts.setdefault((f.document, f.area, f.by), f)
    for f in firsts.values():
        counts = [
            g
            for g in index.typed
            if (g.document, g.area, g.measure, g.group, g.by)
            == (f.document, f.area, "children_n", "all", f.by)
            and g.month[:4] == f.period[:4]
        ]
        if counts and f.id not in fault:
            good = next((g for g in counts if _meet(_stands(index, f), _stands(index, g))), None)
            why = (
                "the projection starts from this count"
                if good
                else "the projection starts from no count that is printed for its first year"
            )
            last = max(counts, key=lambda g: g.month)
            yield Meeting(f.id, (good or last).id, good is not None, why, both=False)


def meetings(index: Index, fault: set[str]) -> list[Meeting]:
    """Return every pair of figures that should say the same, across documents and dates.

    Parameters
    ----------
    index : Index
        The figures.
    fault : set of str
        Figures already found to contradict their own document; they are left out.
    """
    out: list[Meeting] = []
    for same in _kept(index.typed, fault):
        pairs = combinations(same, 2)
        out.extend(_pair(index, f, g) for f, g in pairs if f.document != g.document)
    out.extend(_years(index, fault))
    out.extend(_second_series(index, fault))
    out.extend(_first_projected(index, fault))
    return out
