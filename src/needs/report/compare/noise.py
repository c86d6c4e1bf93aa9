"""Which changes between two reports are more than chance, from what both print alone.

A count of people is tested as a count; a share where the same table prints the count and the
total whose quotient it is, and of a share and its complement one alone: they are one change.
Whatever else is printed (money, rates, forecasts, scores, ends of intervals and the estimates
between them) cannot be tested from two printed numbers, and is said not to be, with the reason.
Neither can a restated figure: the same children are counted twice, and chance has no part in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from needs.care.scorecard_noise import RULE, Tally, beyond_noise, chance_of
from needs.report.compare.pairs import Pair
from needs.report.compare.read import Figure, Printed
from needs.vocabulary.results import ALL
from needs.vocabulary.units import UNITS, Unit, round_half_up

__all__ = ["NOT_TESTED", "REASONS", "RULE", "Verdict", "verdicts"]

COUNTED = frozenset({"children", "people", "requests", "families", "cases"})
"""Units whose numbers are counts of events or people, exact where they are printed."""

NOT_TESTED = "not testable"
REASONS = {
    "complement": "The rest of a share that is tested: one change, counted once",
    "share": "Shares whose count and total the same table does not print, or not as one pair",
    "rate": "Rates: the number of children they are counted on is not printed beside them",
    "money": "Money: how much it varies from child to child is not printed",
    "interval": "Ends of intervals, and estimates between them: nobody was counted",
    "other": "Forecasts, means, durations, scores and whatever else is no count of people",
}
"""Why a change in time is not tested."""
_BOUND = re.compile(r"_(lower|upper)(_\d+)?$")
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
    why : str
        A key of :data:`REASONS` for a change in time that is not tested.
    """

    chance: float | None = None
    beyond: bool = False
    why: str = ""

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
    bounds = _bounds(before) | _bounds(now)
    found = [_tested(p, at[0], at[1], bounds) for p in pairs]
    _one_of_each(pairs, found)
    chances = [None if isinstance(f, str) else f.chance for f in found]
    flags = beyond_noise(chances)
    whys = [f if isinstance(f, str) else "" for f in found]
    return [Verdict(c, bool(b), w) for c, b, w in zip(chances, flags, whys, strict=True)]


Siblings = Mapping[tuple[str, ...], Mapping[str, Figure]]
"""Result and what follows the group in ids -> figure by ``measure.group``."""


@dataclass(frozen=True, slots=True)
class _Test:
    """Two tallies held against each other."""

    now: Tally
    before: Tally
    chance: float


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


def _bounds(report: Printed) -> frozenset[str]:
    """Return the ids of ends of intervals and of the estimates that they are of."""
    found = set()
    for name in report.figures:
        parts = name.split(".")
        if len(parts) > _MEASURE and _BOUND.search(parts[_MEASURE]):
            of = [*parts[:_MEASURE], _BOUND.sub("", parts[_MEASURE]), *parts[_MEASURE + 1 :]]
            found |= {name, ".".join(of)}
    return frozenset(found)


def _tested(pair: Pair, then: Siblings, later: Siblings, bounds: frozenset[str]) -> _Test | str:
    """Return the test of a change, or why there is none; empty where it is no change in time."""
    if pair.kind != "in_time" or pair.change is None:
        return ""
    unit = UNITS[pair.now.unit]
    estimated = bool({pair.now.id, pair.before.id} & bounds)
    if unit.suffix == "%":
        now, before = _shares(pair.now, later), _shares(pair.before, then)
        shared = [m for m in now if m in before]
        # Which count is the one is only known where a single one gives both printed shares.
        if len(shared) == 1:
            return _test(now[shared[0]], before[shared[0]])
        return "interval" if estimated else "share"
    if unit.key in COUNTED and not estimated:
        a, b = _count(pair.now), _count(pair.before)
        return _test(a, b) if a and b else "other"
    return "interval" if estimated else _untested(unit)


def _untested(unit: Unit) -> str:
    """Return why numbers of a unit, neither counts nor shares, are not tested."""
    if unit.prefix:
        return "money"
    return "rate" if unit.key.endswith("_per_10k") else "other"


def _test(now: Tally, before: Tally) -> _Test | str:
    chance = chance_of(now, before)
    return "other" if chance is None else _Test(now, before, chance)


def _one_of_each(pairs: Sequence[Pair], found: list[_Test | str]) -> None:
    """Leave of a share and its complement the first: the other is the same change again."""
    seen: set[tuple[object, ...]] = set()
    for n, (pair, test) in enumerate(zip(pairs, found, strict=True)):
        if isinstance(test, str) or test.now.kind != "share":
            continue
        cell = _cell(pair.now.id.split("."))
        tallies = (test.now, test.before)
        if (*cell, *((_rest(t), t.of) for t in tallies)) in seen:
            found[n] = "complement"
        else:
            seen.add((*cell, *((t.n, t.of) for t in tallies)))


def _rest(tally: Tally) -> int:
    return round(tally.of or 0) - tally.n


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
