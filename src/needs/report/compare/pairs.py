"""Figures of two reports in pairs: the same number again, or the same measure a period later."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from needs.report.compare.read import Figure, Printed
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.units import UNITS

__all__ = ["CHANGED", "KINDS", "Pair", "Pairs", "ends", "pairs_of", "shifted"]

KINDS = {
    "same": "the same",
    "restated": "restated: the same figure of the same past period, with another number",
    "in_time": "change in time: the same measure at the later period",
    "ahead": "looked ahead again: the same period, still to come for the earlier report",
    "hidden": "withheld in one of the two or in both, so not compared",
    "other_unit": "printed in another unit, so not compared",
    "no_number": "no number in one of the two or in both",
}
"""Kind of a pair -> its meaning."""

CHANGED = frozenset({"restated", "in_time", "ahead"})
"""Kinds of pairs whose two numbers may differ."""

_LEVELS = frozenset({"score", "score2", "ratio", "deviations", "points"})
"""Units of which a change in per cent says nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of the later report beside one of the earlier.

    Parameters
    ----------
    before, now : Figure
    kind : str
        A key of :data:`KINDS`.
    """

    before: Figure
    now: Figure
    kind: str

    @property
    def change(self) -> Decimal | None:
        """Printed number now less printed number before; None where one is not printed."""
        if self.kind in {"hidden", "other_unit"}:
            return None
        if self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value

    @property
    def change_pct(self) -> Decimal | None:
        """Change in per cent of what was before; None for shares, for scores, and from nought."""
        unit = UNITS.get(self.now.unit)
        level = unit is None or unit.suffix == "%" or unit.key in _LEVELS
        if self.change is None or level or not self.before.value:
            return None
        return 100 * self.change / abs(self.before.value)


@dataclass(frozen=True)
class Pairs:
    """All that two reports share, and how much only one of them has.

    Parameters
    ----------
    pairs : tuple of Pair
        In the order of the later report.
    only_before, only_now : mapping of str to int
        Chapter -> figures that the other report does not have.
    """

    pairs: tuple[Pair, ...]
    only_before: Mapping[str, int]
    only_now: Mapping[str, int]

    def of(self, kind: str) -> list[Pair]:
        """Return the pairs of a kind."""
        return [p for p in self.pairs if p.kind == kind]


def pairs_of(before: Printed, now: Printed) -> Pairs:
    """Pair the figures of two reports.

    Parameters
    ----------
    before, now : Printed
        Of one authority; the later is ``now``.

    Notes
    -----
    A figure of the later report that the earlier has for the very same period is that figure
    again: restated, where the period was over when the earlier report looked, and looked ahead to
    again, where it was not. One that it does not have is held against the same measure and group
    as many years earlier as the reports are apart. A period that names no year is of the report
    that it stands in.
    """
    years = now.year.end_year - before.year.end_year
    moved = before.as_at != now.as_at or years != 0
    by_time = {(f.key, f.period): f for f in before.figures.values()}
    pairs: list[Pair] = []
    for figure in now.figures.values():
        if (same := before.figures.get(figure.id)) and (
            same.period == figure.period if (end := ends(figure.period)) else not moved
        ):
            ahead = moved and end is not None and end > before.as_at
            pairs.append(Pair(same, figure, _kind(same, figure, "ahead" if ahead else "restated")))
        elif moved and (earlier := _earlier(by_time, figure, -years)):
            pairs.append(Pair(earlier, figure, _kind(earlier, figure, "in_time")))
    used = {p.before.id for p in pairs}
    met = {p.now.id for p in pairs}
    return Pairs(
        tuple(pairs),
        Counter(f.chapter for f in before.figures.values() if f.id not in used),
        Counter(f.chapter for f in now.figures.values() if f.id not in met),
    )


def _earlier(
    by_time: Mapping[tuple[str, str], Figure], figure: Figure, years: int
) -> Figure | None:
    period = shifted(figure.period, years) if figure.period else ""
    return by_time.get((figure.key, period))


def _kind(before: Figure, now: Figure, changed: str) -> str:
    if "c" in {before.marker, now.marker}:
        return "hidden"
    if before.unit != now.unit:
        return "other_unit"
    if before.value is None or now.value is None:
        return "no_number"
    if changed == "in_time":
        return changed
    return "same" if before.value == now.value else changed


_PIECE = re.compile(r"\d{4}(?:-\d{2}){0,2}(?!\d)")


_YEAR_ENDS = 3
"""Month in which a reporting year ends."""


def ends(period: str) -> dt.date | None:
    """Return the last day of a period, in whichever form it is written; None if it names no year.

    A bare year is taken to end with the reporting year that ends in it.

    Examples
    --------
    >>> [str(ends(p)) for p in ("2022-23", "2022-02", "2023-06-30", "2017-18 to 2021-22", "d003")]
    ['2023-03-31', '2022-02-28', '2023-06-30', '2022-03-31', 'None']
    """
    found = [day for piece in _PIECE.findall(period) if (day := _end(piece))]
    return max(found, default=None)


def _end(piece: str) -> dt.date | None:
    """Return the last day of a year, month or day; None where there is none such."""
    with suppress(ValueError):
        return ReportingYear.parse(piece).end
    year, month, day = (int(n) if n else 0 for n in (*piece.split("-"), "", "")[:3])
    month = month or _YEAR_ENDS
    with suppress(ValueError):
        return dt.date(year, month, day or monthrange(year, month)[1])
    return None


def shifted(period: str, years: int) -> str:
    """Return a period so many years later, in whichever form it is written.

    Parameters
    ----------
    period : str
        A reporting year, a calendar year, a month, a day, or words with any of them.
    years : int
        May be negative.

    Examples
    --------
    >>> shifted("2022-23", 1), shifted("2022-03-31", 1), shifted("2019", -1)
    ('2023-24', '2023-03-31', '2018')
    >>> shifted("2017-18/2021-22", 1), shifted("2024-02-29", 1), shifted("d003", 1)
    ('2018-19/2022-23', '2025-02-28', 'd003')
    """

    def later(found: re.Match[str]) -> str:
        text = found[0]
        try:
            return str(ReportingYear.parse(text) + years)
        except ValueError:
            moved = f"{int(text[:4]) + years:04d}{text[4:]}"
        return moved[:-2] + "28" if moved.endswith("-02-29") else moved

    return _PIECE.sub(later, period)
