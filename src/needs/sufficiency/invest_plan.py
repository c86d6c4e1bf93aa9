"""The homes of a study with their prices and the children who could move.

Both come from the study's own records where the study file does not state them; then they lean on
counts of children.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.forecast.ahead import Ahead
from needs.sufficiency.invest import Plan, Pool, Scheme, Terms
from needs.vocabulary.errors import Fault, InputMissing, ModelError
from needs.vocabulary.results import Result, figure_id
from needs.vocabulary.study_invest import Investment, Pounds, Range, Replaces

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["Planned", "following", "pool_of", "price_of", "terms_of", "week_of"]

BOUNDS = ("", "_lower_80", "_upper_80")
DAYS_OF_YEAR = 365
FORECAST = "“{label}”: no more children than the forecast has in it can move."
STATED = "“{label}”: as many children as the study file states can move."
NO_LIMIT = "“{label}”: how many children could move is not known, and limits nothing here."


def terms_of(data: StudyData) -> Terms:
    """Return how the schemes of a study are appraised."""
    study = data.study
    weeks = 52.0 if study.costs.weeks_of_year == "52" else DAYS_OF_YEAR / 7
    return Terms.of(study.investment, study.period.year, weeks)


def week_of(spending: Spending, kind: str) -> float | None:
    """Return what a week in a placement type cost in the last year; None where none was paid."""
    gross, nights = spending.by_type("gross"), spending.nights_by_type()
    if kind not in gross.index or kind not in nights.index or not nights.loc[kind].iloc[-1] > 0:
        return None
    return float(gross.loc[kind].iloc[-1] / nights.loc[kind].iloc[-1] * 7)


def price_of(data: StudyData, plan: Replaces) -> tuple[Range, tuple[str, ...]]:
    """Return the price of what is replaced, and the counts of children that it is money of.

    Raises
    ------
    InputMissing
        If it is not stated, and the study has no cost lines or returns.
    ModelError
        If no cost line of the last year pays for a night in that placement type.
    """
    if plan.price_gbp_week is not None:
        return plan.price_gbp_week, ()
    spending = Spending.of(data)
    kind = plan.replaces_type
    week = week_of(spending, kind)
    if week is None:
        rule = f"no cost line of the last year pays for a night in the type {kind}"
        mend = "state price_gbp_week and price_source in [investment]"
        raise ModelError("a price is not known", [Fault("costs", rule, mend)])
    out = plan.price_spread_pct / 100
    found = Pounds(low=week * (1 - out), central=week, high=week * (1 + out))
    return found, spent_on(kind, spending.basis.window_keys[-1])


def pool_of(
    data: StudyData, kind: str, terms: Terms, most: float
) -> tuple[Pool | None, str, tuple[str, ...]]:
    """Return the children of a placement type who could move, words for them, what they lean on.

    Parameters
    ----------
    data : StudyData
    kind : str
        Placement type.
    terms : Terms
        For the years.
    most : float
        Children whom all schemes could take from there at most.

    Notes
    -----
    A forecast says how many there are on each 31 March: the year takes its last day's, and years
    past the last March forecast take that one's. Where no future has fewer than could be taken, all
    that they tell is that there are enough today. Where one has, numbers are made from the
    forecast, and so from the counts of all past years.
    """
    stated = data.study.investment.children_n.get(kind)
    if stated is not None:
        return Pool.stated(stated, len(terms.factors)), STATED, ()
    try:
        ahead = Ahead.of(data)
    except (InputMissing, ModelError):
        return None, NO_LIMIT, ()
    if kind not in ahead.forecast.groups:
        return None, NO_LIMIT, ()
    ends = [(terms.first + k).end for k in range(len(terms.factors))]
    draws = ahead.forecast.of([kind])[:, _days(ahead.forecast.days, ends)].astype(np.float64)
    known = ahead.outlook.basis.date_keys if draws.min() < most else [ahead.outlook.as_at]
    on = tuple(figure_id("cla_placement_mix", "children_n", kind, day) for day in known)
    return Pool.forecast(draws), FORECAST, on


def _days(days: Iterable[dt.date], ends: Iterable[dt.date]) -> list[int]:
    """Return for each year's end the place of the last forecast day that is not after it."""
    known = list(days)
    return [max(sum(d <= end for d in known) - 1, 0) for end in ends]


@dataclass(frozen=True)
class Planned:
    """The homes of a study, ready to be appraised.

    Parameters
    ----------
    plan : Plan
    paid : tuple of str
        Figure ids of the counts of children that prices are money of.
    counted : tuple of str
        Figure ids of the counts that the children who could move are forecast from.
    """

    plan: Plan
    paid: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: StudyData) -> Planned | None:
        """Return the homes of a study, worked out once; None where it has none.

        Raises
        ------
        InputMissing, ModelError
            As :func:`price_of`.
        """
        return data.once("homes to open", lambda: _planned(data))


def _planned(data: StudyData) -> Planned | None:
    investment: Investment = data.study.investment
    if not investment.homes:
        return None
    terms = terms_of(data)
    labels = {t.key: t.label for t in data.study.categories.types}
    pools: dict[str, Pool] = {}
    notes, schemes = [], []
    paid: list[str] = []
    counted: list[str] = []
    for kind in dict.fromkeys(h.replaces_type for h in investment.homes):
        most = sum(h.beds for h in investment.homes if h.replaces_type == kind)
        pool, words, on = pool_of(data, kind, terms, most)
        notes.append(words.format(label=labels[kind]))
        counted += on
        if pool is not None:
            pools[kind] = pool
    for home in investment.homes:
        price, of = price_of(data, home)
        schemes.append(Scheme(home, price))
        paid += [i for i in of if i not in paid]
    return Planned(Plan(terms, tuple(schemes), pools, tuple(notes)), tuple(paid), tuple(counted))


def following(result: Result, ids: tuple[str, ...]) -> Result:
    """Return a result of which every row, and every bound, leans on some counts.

    One home's number may be worked out from the rest where all others are told, so no row is told
    where one of the counts is hidden.
    """
    if not ids:
        return result
    keys = result.table[["measure", "group", "period", "by", "area"]].itertuples(index=False)
    own = {
        figure_id(result.name, measure + end, group, period, by, area): ids
        for measure, group, period, by, area in keys
        for end in BOUNDS
    }
    return replace(result, leans_on=own)
