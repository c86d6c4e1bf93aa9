"""Another base that a share or a change agrees with, where it does not agree with its own."""

from __future__ import annotations

from collections.abc import Iterator

from needs.assurance.audit.generate import change, levels, share
from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure
from needs.assurance.audit.relation import Relation, judge
from needs.assurance.audit.words import contains

__all__ = ["another"]

MONTHS_APART = 12
"""A base of the same group may be that of another day, as long ago or as far ahead at most."""


def _apart(a: str, b: str) -> int | None:
    if len(a) != 7 or len(b) != 7:
        return None
    return abs(12 * (int(a[:4]) - int(b[:4])) + int(a[5:]) - int(b[5:]))


def _bases(index: Index, part: Figure, whole: Figure, result: Figure) -> Iterator[Figure]:
    """Yield the counts that may have been taken for the base: groups first, then other days."""
    same = [
        f
        for f in index.typed
        if (f.document, f.area, f.measure) == (part.document, whole.area, part.measure)
        and f.by == whole.by
        and f.value != whole.value
        and f.value >= part.value
        and f.id != part.id
    ]
    yield from (f for f in same if f.month == part.month and contains(f.group, part.group))
    for f in same:
        months = _apart(f.month, whole.month)
        near = f.group == whole.group and months is not None and 0 < months <= MONTHS_APART
        if near and _suits_the_column(index, part, result, f):
            yield f


def _suits_the_column(index: Index, part: Figure, result: Figure, base: Figure) -> bool:
    """Whether every share beside it would agree with the other base as well.

    A table takes the shares of one column of one base; one share alone may agree by chance.
    """
    column = [
        (g, index.near(g, part.measure, g.group))
        for g in index.typed
        if (g.document, g.table, g.area, g.month, g.measure)
        == (result.document, part.table, result.area, result.month, result.measure)
    ]
    return all(
        judge(share(p, base, g), index.all) in {"agrees", "rounding"}
        for g, p in column
        if p is not None and p.id != base.id
    )


def _starts(index: Index, r: Relation) -> Iterator[Relation]:
    """Yield the change from other levels that the document prints of the same thing."""
    f = index.all[r.result]
    held = levels(index, f)
    if held is None:
        return
    for after in held[1]:
        for before in held[0]:
            if before.id != r.operands[1]:
                yield change(f, before, after, r.kind, pct=True)


def another(index: Index, r: Relation) -> Relation | None:
    """Return the same relation with another printed base that it agrees with, if there is one.

    Parameters
    ----------
    index : Index
        The figures.
    r : Relation
        A share or a change that is broken.
    """
    if r.kind == "share" and len(r.operands) == 2:
        part, whole = (index.all[o] for o in r.operands)
        result = index.all[r.result]
        tried = (share(part, b, result) for b in _bases(index, part, whole, result))
        return next((t for t in tried if judge(t, index.all) == "agrees"), None)
    if r.turn:
        return next((t for t in _starts(index, r) if judge(t, index.all) == "agrees"), None)
    return None
