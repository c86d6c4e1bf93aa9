"""Relations that follow from what figures measure: sums, shares, changes, products, ranks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure
from needs.assurance.audit.relation import Relation, judge
from needs.assurance.audit.words import base_of, contains, formulas, partitions

__all__ = ["relations"]

_CHANGE = re.compile(r"^(?:(?P<stem>\w+?)_)?(?P<way>growth|fall)_(?P<unit>pct|n|gbp)$")
_PART = re.compile(r"^(?P<stem>\w+)_pct$")
_SINCE = re.compile(
    r"\b(?:from|since) (?P<month>January|February|March|April|May|June|July|August|September|"
    r"October|November|December) (?P<year>\d{4})"
)
_MONTHS = dict(
    zip(
        "January February March April May June July August September October November "
        "December".split(),
        range(1, 13),
        strict=True,
    )
)
ADDED = re.compile(r"(_n|_days|_gbp|_gbp_k|_gbp_m|_fte|_nights|_n_\w+)$")


def share(part: Figure, whole: Figure, result: Figure, kind: str = "share") -> Relation:
    """Return ``result = 100 * part / whole``."""
    return Relation(kind, result.id, (part.id, whole.id), (1.0, -1.0), "product", 100.0)


def _sums(index: Index) -> Iterator[Relation]:
    """Yield sums: groups that make up a group, whole and parts printed for one month.

    The parts stand in one table, or in the text; the whole may stand elsewhere in the document.
    """
    for f in index.typed:
        if not ADDED.search(f.measure):
            continue
        for name, parts in partitions():
            if parts[0] != f.group:
                continue
            found = [f, *(index.near(f, f.measure, p) for p in parts[1:])]
            held = [p for p in found if p is not None and p.table == f.table]
            whole = index.near(f, f.measure, name)
            if whole is not None and len(held) == len(parts):
                yield Relation("sum", whole.id, tuple(p.id for p in held), (1.0,) * len(held))


def _share_sums(index: Index) -> Iterator[Relation]:
    """Yield shares that make up a share, or the whole of their base."""
    for f in index.typed:
        base = base_of(f.measure)
        if base is None:
            continue
        for whole, parts in partitions():
            if f.group == parts[0] and whole == base.group:
                total: Figure | None = index.constant(100.0)
            elif f.group == whole:
                total = f
            else:
                continue
            found = [f if p == f.group else index.near(f, f.measure, p) for p in parts]
            held = [p for p in found if p is not None and p.table == f.table]
            if total is not None and len(held) == len(parts):
                ids = tuple(p.id for p in held)
                yield Relation("sum of shares", total.id, ids, (1.0,) * len(ids))


def _bands(index: Index) -> Iterator[Relation]:
    """Bands in per cent that make up the whole: their measure prints no other base."""
    for f in index.typed:
        if not f.measure.endswith("_pct") or base_of(f.measure):
            continue
        for whole, parts in partitions():
            if whole == "all" and f.group == parts[0] and len(parts) > 1:
                held = [f, *(index.near(f, f.measure, p) for p in parts[1:])]
                ids = tuple(h.id for h in held if h is not None)
                if len(ids) == len(parts):
                    hundred = index.constant(100.0).id
                    yield Relation("sum of shares", hundred, ids, (1.0,) * len(ids))


def _shares(index: Index) -> Iterator[Relation]:
    """Shares of a count in its base, both printed in the same document for the same month."""
    for f in index.typed:
        base = base_of(f.measure)
        found = _PART.match(f.measure)
        if base is not None:
            part = index.count(f, base.measure, f.group, "")
            whole = index.count(f, base.measure, base.group, "")
        elif found and f.group != "all" and not _CHANGE.match(f.measure):
            part = index.near(f, f"{found['stem']}_n", f.group)
            whole = index.near(f, f"{found['stem']}_n", "all")
        else:
            continue
        if part is not None and whole is not None and part.id != whole.id and whole.value > 0:
            yield share(part, whole, f)


def _level_measures(stem: str, unit: str) -> tuple[str, ...]:
    if unit == "n" or not stem:
        return (f"{stem or 'children'}_n",)
    return (f"{stem}_n", f"{stem}_gbp", f"{stem}_gbp_k", f"{stem}_gbp_m", f"{stem}_gbp_k_year")


def _before(f: Figure) -> str | None:
    """Return the month from which a change is counted, where the document says so."""
    said = _SINCE.search(f.note)
    if said:
        return f"{said['year']}-{_MONTHS[said['month']]:02d}"
    if re.fullmatch(r"\d{4}-\d{2}", f.period) and f.month != f.period:  # a reporting year
        return f"{int(f.month[:4]) - 1}-03"
    return None


def change(f: Figure, before: Figure, after: Figure, way: str, *, pct: bool) -> Relation:
    """Return the change between two levels, in per cent or in number."""
    if pct:
        turn: Literal["growth", "fall"] = "growth" if way == "growth" else "fall"
        return Relation(way, f.id, (after.id, before.id), (1.0, -1.0), "product", 1.0, turn)
    signs = (1.0, -1.0) if way == "growth" else (-1.0, 1.0)
    return Relation("difference", f.id, (after.id, before.id), signs)


def levels(index: Index, f: Figure) -> tuple[list[Figure], list[Figure]] | None:
    """Return the levels that a change may run from, and those that it runs to."""
    found = _CHANGE.match(f.measure)
    if found is None:
        return None
    measures = _level_measures(found["stem"] or "", found["unit"])
    same = [
        g
        for g in index.typed
        if g.measure in measures
        and (g.document, g.area, g.group, g.by) == (f.document, f.area, f.group, f.by)
        and not g.future
    ]
    after = [g for g in same if g.month == f.month]
    return [g for g in same if g.month < f.month and len(g.month) == len(f.month)], after


def _changes(index: Index) -> Iterator[Relation]:
    for f in index.typed:
        held, found = levels(index, f), _CHANGE.match(f.measure)
        if held is None or found is None or not held[1]:
            continue
        before, after = held
        said = _before(f)
        if said is not None:
            before = [g for g in before if g.month == said]
        elif len({g.month for g in before}) > 1:
            # The document does not say from when: only a change that does fit tells anything.
            pct = found["unit"] == "pct"
            tried = [change(f, b, after[0], found["way"], pct=pct) for b in before]
            yield from (r for r in tried if judge(r, index.all) in {"agrees", "rounding"})
            continue
        if before:
            yield change(f, before[0], after[0], found["way"], pct=found["unit"] == "pct")


def _formulas(index: Index) -> Iterator[Relation]:
    """Measures that follow from others of the same group."""
    for f in index.typed:
        for formula in formulas():
            if formula.measure != f.measure:
                continue
            held = [
                index.constant(float(m[1:])) if m[0] == "=" else index.near(f, m, f.group)
                for m in formula.operands
            ]
            ids = tuple(h.id for h in held if h is not None)
            if len(ids) < len(held):
                continue
            if formula.operation == "at_most":
                yield Relation("bound", f.id, ids, (1.0,), "at_most")
            elif formula.operation == "product":
                yield Relation("product", f.id, ids, (1.0,) * len(ids), "product")
            else:
                signs = (1.0, *(-1.0,) * (len(ids) - 1))
                yield Relation("difference", f.id, ids, signs)


def _fixed_shares(index: Index) -> Iterator[Relation]:
    """Projected totals, each with its fixed share."""
    held = {(f.document, f.area, f.group): f for f in index.typed if f.measure == "fixed_share_pct"}
    for f in index.typed:
        fixed = held.get((f.document, f.area, f.group))
        total = index.near(f, f.measure, "all") if f.measure == "projected_n" else None
        if fixed is not None and total is not None:
            yield Relation("product", f.id, (total.id, fixed.id), (1.0, 1.0), "product", 0.01)


def _bounds(index: Index) -> Iterator[Relation]:
    """No part is more than its whole, no share of a whole more than all of it."""
    for f in index.typed:
        base = base_of(f.measure)
        if base is not None or f.measure in {"occupancy_pct", "immunised_pct"}:
            yield Relation("bound", f.id, (index.constant(100.0).id,), (1.0,), "at_most")
        if f.measure == "children_n" and f.table and contains("all", f.group):
            whole = index.near(f, f.measure, "all")
            if whole is not None:
                yield Relation("bound", f.id, (whole.id,), (1.0,), "at_most")


def _twice(index: Index) -> Iterator[Relation]:
    """Yield the same number twice in one document: text or table against table."""
    held: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for f in index.typed:
        held[f.document, f.area, f.month, f.measure, f.group, f.by, f.unit[:3]].append(f)
    for same in held.values():
        first = next((f for f in same if f.table), same[0])
        for f in same:
            if f.id != first.id and f.future == first.future:
                yield Relation("same number", f.id, (first.id,), (1.0,))


def relations(index: Index) -> list[Relation]:
    """Return every relation that the measures, groups and periods of the figures imply."""
    makers = (
        _sums, _share_sums, _bands, _shares, _changes, _formulas, _fixed_shares, _bounds, _twice
    )  # fmt: skip
    found = [r for maker in makers for r in maker(index)]
    return list(dict.fromkeys(found))
