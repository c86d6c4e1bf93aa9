"""Relations that the numbers of a table show by themselves, without knowledge of the field.

A sum is taken for a rule of its table where it holds in most columns; the columns where it
fails are then worth a look. Shares of one column have one base, printed or not: the base that
most of them agree on shows up the others. Ranks of one column use each place once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure, Span
from needs.assurance.audit.relation import Relation, judge
from needs.assurance.audit.words import base_of

__all__ = ["Implied", "latent_bases", "ranks", "sums"]

MOST = 0.6
"""Share of the columns in which a sum has to hold to be a rule of its table."""
NEAR = 0.05
"""How far a sum may be from the total in the other columns, to be the same rule still."""
FEW = 3
"""Shares that must agree on a base before it counts against another."""


def _blocks(groups: Sequence[str], total: int) -> Iterator[tuple[str, ...]]:
    """Yield runs of neighbouring rows just above and just below a row."""
    for n in range(2, len(groups)):
        if total - n >= 0:
            yield tuple(groups[total - n : total])
        if total + n < len(groups):
            yield tuple(groups[total + 1 : total + 1 + n])


def _holds(index: Index, columns: Sequence[Relation]) -> bool:
    """Whether a sum is a rule of its table."""
    kept = [r for r in columns if index.all[r.result].value]
    if len(kept) < 2:
        return False
    good = _good(index, kept)
    near = all(
        abs(sum(index.all[o].value for o in r.operands) / index.all[r.result].value - 1) <= NEAR
        for r in kept
    )
    return good >= max(1, MOST * len(kept)) or (near and 2 * good >= len(kept))


def sums(index: Index) -> list[Relation]:
    """Return sums of neighbouring rows that hold in most columns of their table."""
    found: list[Relation] = []
    for cells, groups, months in index.tables():
        if cells[0].unit.startswith(("percent", "score", "rate")) or "rank" in cells[0].measure:
            continue
        at = {(f.group, f.month): f for f in cells}
        for i, total in enumerate(groups):
            rules = [
                columns
                for parts in _blocks(groups, i)
                if _holds(index, columns := _columns(at, months, total, parts))
            ]
            # Of several the one that holds most often is the rule; of equals, the longest.
            best = sorted(rules, key=lambda c: (-_good(index, c), -len(c[0].operands)))
            found.extend(best[0] if best else ())
    return found


def _columns(
    at: Mapping[tuple[str, str], Figure], months: Sequence[str], total: str, parts: Sequence[str]
) -> list[Relation]:
    """Return one sum in every column that has all its cells."""
    ones = (1.0,) * len(parts)
    return [
        Relation("sum", at[total, m].id, tuple(at[p, m].id for p in parts), ones)
        for m in months
        if all((g, m) in at for g in (total, *parts))
    ]


def _good(index: Index, columns: Sequence[Relation]) -> int:
    return sum(judge(r, index.all) in {"agrees", "rounding"} for r in columns)


@dataclass(frozen=True, slots=True)
class Implied:
    """A share whose base is not printed, against the base that other shares imply."""

    figure: str
    part: str
    base: Span
    fits: bool
    others: int


def _best(spans: Sequence[Span]) -> tuple[Span, int]:
    """Return the range that most of the intervals share, and how many do."""
    best, most = (0.0, math.inf), 0
    for low in sorted({s[0] for s in spans}):
        inside = [s for s in spans if s[0] <= low <= s[1]]
        if len(inside) > most:
            best, most = (low, min(s[1] for s in inside)), len(inside)
    return best, most


def latent_bases(index: Index, known: set[str]) -> list[Implied]:
    """Return shares of which no base is printed, each against what the others imply.

    Parameters
    ----------
    index : Index
        The figures.
    known : set of str
        Shares that a printed base was found for.
    """
    columns: dict[tuple[str, ...], list[tuple[Figure, Figure]]] = {}
    for f in index.typed:
        base = base_of(f.measure)
        if base is None or f.id in known or not f.table:
            continue
        part = index.near(f, base.measure, f.group)
        if part is not None and f.value > 0:
            columns.setdefault((f.document, f.area, f.month, f.measure), []).append((f, part))
    out = []
    for pairs in columns.values():
        spans = [
            (100 * p.tight[0] / f.tight[1], 100 * p.tight[1] / max(f.tight[0], 1e-3))
            for f, p in pairs
        ]
        base_span, most = _best(spans)
        if most < FEW or 3 * most < 2 * len(pairs):
            continue
        for (f, p), s in zip(pairs, spans, strict=True):
            fits = s[0] <= base_span[0] <= s[1]
            out.append(Implied(f.id, p.id, base_span, fits, most - fits))
    return out


def ranks(index: Index) -> Iterator[tuple[list[Figure], set[str]]]:
    """Yield each column of ranks with the figures that repeat or leave out a place."""
    columns: dict[tuple[str, ...], list[Figure]] = {}
    for f in index.typed:
        if f.table and f.measure.endswith("_rank"):
            columns.setdefault((f.document, f.table, f.area, f.month, f.by), []).append(f)
    for cells in columns.values():
        if len(cells) < FEW:
            continue
        values = [f.value for f in cells]
        yield (
            cells,
            {f.id for f in cells if values.count(f.value) > 1 or not 1 <= f.value <= len(cells)},
        )
