"""Chapter 80: every strategy in a few numbers, beside the forecast as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.costs.kin import spent_on
from needs.sufficiency.budget import MILLION, Outturns
from needs.sufficiency.capacity.gap import counts_today
from needs.sufficiency.strategy.costed import cost_of
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies, StrategyLived
from needs.sufficiency.strategy.plan import ANYWHERE
from needs.sufficiency.strategy.shown import leaning, shown
from needs.sufficiency.targets.chance import chance_of
from needs.sufficiency.targets.seen import Seen, first_readings, on_future, ranged
from needs.sufficiency.targets.series import Series, series_of
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, figure_id, long_table

__all__ = ["strategies_beside"]

NAME = "strategies_beside"
YEAR = 12
"""Months of the last year."""
_MEASURES = (
    Measure("children_n", "Children on the last day of the forecast", "children_forecast"),
    Measure("short_n", "Children beyond places to count on, last year", "children_forecast"),
    Measure("outturn_gbp", "Outturn of the last year", "gbp_m"),
    Measure("saved_gbp", "Saved over all years, capital taken off", "gbp_m"),
    Measure("met_n", "Targets met, on average", "score2"),
)


@STUDY.followed_by
def strategies_beside(data: StudyData) -> tuple[Result, ...]:
    """Return every strategy in a few numbers (``strategies_beside``).

    Returns
    -------
    tuple of Result
        By strategy: ``children_n``, ``short_n`` of all services with places to count on, in the
        mean of the last year's months, ``outturn_gbp``, ``saved_gbp`` with its 80% range, and
        ``met_n``, the sum of the chances of the forecast targets, other readings left out. What
        the study has no input for is left out. None where it has no strategy.

    Raises
    ------
    InputMissing
        If the study has no SSDA903 returns.
    """
    if not data.study.strategies:
        return ()
    s = Strategies.of(data)
    rows: list[dict[str, object]] = []
    of: dict[tuple[str, str], tuple[str, ...]] = {}
    for part, leans in _PARTS:
        try:
            found = [{"group": one.key, **row} for one in s.lived for row in part(data, s, one)]
        except InputMissing:
            continue
        rows += found
        on = leans(data, s)
        of |= {(str(r["measure"]), ""): on for r in found}
    table = long_table(pd.DataFrame(rows))
    known = set(table["measure"])
    return (
        shown(
            data,
            NAME,
            "Strategies at a glance",
            table,
            subtitle=f"Beside the forecast as it is, {data.study.authority.name}",
            measures=tuple(m for m in _MEASURES if m.key in known),
            source="Returns, provision and cost lines; strategies of the study's settings",
            layout=Layout(
                ("measure",), ("group",), tuple(m.key for m in _MEASURES if m.key in known)
            ),
            notes=(
                "Each number is the mean of the draws; ranges stand in the tables below. Targets "
                "met are the sum of their chances, other readings of a target left out.",
            ),
            leans_on=leaning(NAME, table, of, ()),
        ),
    )


def _children(_: StudyData, __: Strategies, one: StrategyLived) -> Iterator[dict[str, object]]:
    yield {"measure": "children_n", **ranged(one.forecast.total()[:, -1].astype(float))}


def _short(_: StudyData, s: Strategies, one: StrategyLived) -> Iterator[dict[str, object]]:
    gaps = s.gaps(one)
    if gaps.services:
        short = sum(gaps.found[x.key, ANYWHERE].short[:, -YEAR:].mean() for x in gaps.services)
        yield {"measure": "short_n", "value": float(short)}


def _money(data: StudyData, s: Strategies, one: StrategyLived) -> Iterator[dict[str, object]]:
    cost = cost_of(data, s, one)
    yield {"measure": "outturn_gbp", **ranged(cost.outturn[:, -1] / MILLION)}
    if one.key != AS_IT_IS:
        yield {"measure": "saved_gbp", **ranged(cost.saved / MILLION)}
    else:
        yield {"measure": "saved_gbp", "value": float("nan")}


def _met(data: StudyData, _: Strategies, one: StrategyLived) -> Iterator[dict[str, object]]:
    chances = []
    for x in _targets(data):
        found = x if one.key == AS_IT_IS else series_of(data, x.reading, one.forecast)
        due = found.due
        if due is not None:
            chances.append(chance_of(due, x.reading.aim, x.reading.direction).pct / 100)
    if chances:
        yield {"measure": "met_n", "value": float(sum(chances))}


def _targets(data: StudyData) -> list[Series]:
    seen = Seen.of(data)
    return [x for x in first_readings(seen.open) if x.how in {"forecast", "flow"}]


def _on_total(_: StudyData, s: Strategies) -> tuple[str, ...]:
    return (figure_id("cla_stock", "children_n", ALL, s.base.ahead.outlook.as_at),)


def _on_services(data: StudyData, s: Strategies) -> tuple[str, ...]:
    found = [i for x in s.gaps(s.base).services for i in counts_today(data, x)]
    return tuple(dict.fromkeys(found))


def _on_money(data: StudyData, s: Strategies) -> tuple[str, ...]:
    basis = Outturns.of(data).spending.basis
    moved = [i for one in s.lived for m in one.moved for i in m.leans]
    return (
        figure_id("cla_placement_mix", "children_n", ALL, basis.date_keys[-1]),
        *spent_on(ALL, *basis.window_keys),
        *dict.fromkeys(moved),
    )


def _on_targets(data: StudyData, _: Strategies) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for x in _targets(data) for i in on_future(x)))


_PARTS = (
    (_children, _on_total),
    (_short, _on_services),
    (_money, _on_money),
    (_met, _on_targets),
)
"""What is told of each strategy, and the counts that it leans on."""
