"""Numbers that checks found, as figures: each is a line of ``figures.csv`` like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from needs.report.traced_rules import NUMBER, masked
from needs.vocabulary.released import ReleasedResult, ReleasedRow, Span

__all__ = ["LONGEST", "MEASURE", "check_rows", "check_spans"]

MEASURE = "check_n"
LONGEST = 4
"""Plain digits of a number that a check may tell: a longer one may be somebody's identifier."""


def check_spans(result: ReleasedResult) -> list[tuple[Span, ...]]:
    """Return what each check of a result found, its numbers tied to their figures."""
    return [
        tuple(_spans(detail, f"{result.name}.{MEASURE}.{_slug(name)}"))
        for name, _, detail in result.checks
    ]


def check_rows(result: ReleasedResult) -> tuple[ReleasedRow, ...]:
    """Return the figures of a result's checks, in the order told."""
    rows: dict[str, ReleasedRow] = {}
    for (name, *_), line in zip(result.checks, check_spans(result), strict=True):
        for s in line:
            if s.figure:
                rows[s.figure] = _row(result, name, s)
    return tuple(rows.values())


def _spans(detail: str, stem: str) -> Iterator[Span]:
    at = n = 0
    for found in NUMBER.finditer(masked(detail)):
        if found[0].isdecimal() and len(found[0]) > LONGEST:
            continue
        n += 1
        if found.start() > at:
            yield Span(detail[at : found.start()])
        yield Span(found[0], f"{stem}.{n}")
        at = found.end()
    if at < len(detail):
        yield Span(detail[at:])


def _row(result: ReleasedResult, name: str, s: Span) -> ReleasedRow:
    value = re.sub(r"[£,%km]", "", s.text)
    unit = {"£": "gbp", "%": "percent1"}.get(s.text.strip("-0123456789.,km"), "count")
    return ReleasedRow(
        id=s.figure,
        area="",
        period="",
        measure=MEASURE,
        group=_slug(name),
        by=s.figure.rpartition(".")[2],
        value=value,
        printed=s.text,
        unit=unit,
        marker="",
        source=f"{result.source}; check: {name}" if result.source else f"check: {name}",
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
