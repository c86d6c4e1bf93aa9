"""Which changes between two reports are more than chance, from what both print alone.

A count of people is tested as a count; a share where the same table prints the count and the
total whose quotient it is. Whatever else is printed (money, rates, forecasts, scores) cannot be
tested from two printed numbers, and is said not to be. Neither can a restated figure: the same
children are counted twice, and chance has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from needs.care.scorecard_noise import RULE, Tally, beyond_noise, chance_of
from needs.report.compare.pairs import Pair
from needs.report.compare.read import Figure, Printed
from needs.vocabulary.results import ALL
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["NOT_TESTED", "RULE", "Verdict", "verdicts"]

COUNTED = frozenset({"children", "people", "requests", "families", "cases"})
"""Units whose numbers are counts of events or people, exact where they are printed."""

NOT_TESTED = "not testable"
_MEASURE, _GROUP = 1, 2
"""Where measure and group stand in a figure id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a change is beyond noise.

    Parameters
    ----------
    chance : float or None
        p-value; None where it cannot be tested.
    beyond : bool
        Beyond noise, with the share of false flags under control over all changes tested.
    """

    chance: float | None = None
    beyond: bool = False

    @property
    def words(self) -> str:
        """The verdict in words."""
        if self.chance is None:
            return NOT_TESTED
        return "more than chance" if self.beyond else "within chance"


def verdicts(pairs: Sequence[Pair], before: Printed, now: Printed) -> list[Verdict]:
    """Return a verdict for each pair.

    Parameters
    ----------
    pairs : sequence of Pair
    before, now : Printed
        The reports they are of: the bases of shares are looked up there.

    Notes
    -----
    Tests and their control over many changes: :mod:`needs.care.scorecard_noise` (exact binomial
    test, Fisher's exact test, Benjamini and Hochberg 1995).
    """
    at = [_siblings(r) for r in (before, now)]
    chances = [_chance(p, *at) for p in pairs]
    flags = beyond_noise(chances)
    return [Verdict(c, bool(b)) for c, b in zip(chances, flags, strict=True)]


Siblings = Mapping[tuple[str, ...], Mapping[str, Figure]]
"""Result and what follows the group in ids -> figure by ``measure.group``."""


def _siblings(report: Printed) -> Siblings:
    """Return the counts of a report, to be looked up beside a share of the same table."""
    found: dict[tuple[str, ...], dict[str, Figure]] = {}
    for figure in report.figures.values():
        parts = figure.id.split(".")
        if figure.unit in COUNTED and figure.value is not None and len(parts) > _GROUP:
            found.setdefault(_cell(parts), {})[f"{parts[_MEASURE]}.{parts[_GROUP]}"] = figure
    return found


def _cell(parts: Sequence[str]) -> tuple[str, ...]:
    return (parts[0], *parts[_GROUP + 1 :])


def _chance(pair: Pair, then: Siblings, later: Siblings) -> float | None:
    if pair.kind != "in_time" or pair.change is None:
        return None
    if pair.now.unit in COUNTED:
        a, b = _count(pair.now), _count(pair.before)
        return chance_of(a, b) if a and b else None
    if UNITS[pair.now.unit].suffix != "%":
        return None
    now, before = _shares(pair.now, later), _shares(pair.before, then)
    shared = [m for m in now if m in before]
    # Which count is the one is only known where a single one gives both printed shares.
    return chance_of(now[shared[0]], before[shared[0]]) if len(shared) == 1 else None


def _count(figure: Figure) -> Tally | None:
    value = figure.value
    if value is None or value < 0 or value != value.to_integral_value():
        return None
    return Tally(int(value))


def _shares(figure: Figure, siblings: Siblings) -> dict[str, Tally]:
    """Return, by measure, the counts and totals of the table that give the printed share."""
    parts = figure.id.split(".")
    if len(parts) <= _GROUP or parts[_GROUP] == ALL:
        return {}
    found = {}
    counts = siblings.get(_cell(parts), {})
    for name, total in counts.items():
        measure, _, group = name.partition(".")
        part = counts.get(f"{measure}.{parts[_GROUP]}")
        if group == ALL and part and _gives(part, total, figure):
            found[measure] = Tally(int(part.value or 0), float(total.value or 0), "share")
    return found


def _gives(part: Figure, total: Figure, share: Figure) -> bool:
    """Return whether two printed counts give a printed share."""
    if part.value is None or not total.value or part.value > total.value:
        return False
    exact = 100 * part.value / total.value
    return round_half_up(float(exact), UNITS[share.unit].decimals) == Decimal(share.value or 0)
