"""Figures of two reports in pairs: the same number again, or the same measure a period later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from needs.report.compare.read import Figure, Printed
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.units import UNITS

__all__ = ["KINDS", "Pair", "Pairs", "pairs_of", "shifted"]

KINDS = {
    "same": "the same",
    "restated": "restated: the same figure of the same period, with another number",
    "in_time": "change in time: the same measure at the later period",
    "hidden": "withheld in one of the two or in both, so not compared",
    "other_unit": "printed in another unit, so not compared",
    "no_number": "no number in one of the two or in both",
}
"""Kind of a pair -> its meaning."""

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
    again. One that it does not have is held against the same measure and group as many years
    earlier as the reports are apart.
    """
    years = now.year.end_year - before.year.end_year
    by_time = {(f.key, f.period): f for f in before.figures.values()}
    pairs: list[Pair] = []
    for figure in now.figures.values():
        if (same := before.figures.get(figure.id)) and (
            same.period == figure.period if figure.period else not years
        ):
            pairs.append(Pair(same, figure, _kind(same, figure, "restated")))
        elif years and (earlier := _earlier(by_time, figure, -years)):
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
