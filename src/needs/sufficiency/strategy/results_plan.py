"""Chapter 80: the recommended commissioning plan, service by service and route by route."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.costs.kin import BESPOKE, spent_on
from needs.costs.spending import Spending
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import settings
from needs.sufficiency.budget import drift_of
from needs.sufficiency.capacity.gap import counts_today
from needs.sufficiency.invest_plan import DAYS_OF_YEAR, week_of
from needs.sufficiency.strategy.plan import BY_ROUTE, Planned, planned
from needs.sufficiency.targets.seen import ENDS, ranged
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.strategies import Commissioning
from needs.vocabulary.units import printed

__all__ = ["commissioning_needed", "commissioning_plan"]

NAME, NEEDED = "commissioning_plan", "commissioning_needed"
THOUSAND = 1e3
_DRAWS = 2000
"""Paths of prices."""
_MEASURES = (
    Measure("now_n", "Places now", "places"),
    Measure("needed_n", "Needed", "places"),
    Measure("gap_n", "More, or fewer", "places"),
    Measure("taken_pct", "Months that one more is taken", "percent"),
    Measure("cost_gbp", "Cost of them a year", "gbp_k"),
)


@STUDY.followed_by
def commissioning_plan(data: StudyData) -> tuple[Result, ...]:
    """Return what to commission by service and route (``commissioning_plan``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and a table of provision; costs stand in it where there are
        cost lines.

    Returns
    -------
    tuple of Result
        By service and route (group): ``now_n``, ``needed_n`` in the year planned for, ``gap_n``,
        ``taken_pct`` (months in which one place more would be taken), ``cost_gbp`` of the places
        more in that year with its 80% range; beside it when they are needed, and how sure that
        is. None where no service has places to count on.

    Raises
    ------
    InputMissing
        If the study has no table of provision or no returns.
    """
    plans, rule = planned(data), data.study.commissioning
    if not plans:
        return ()
    prices = _prices(data, plans)
    rows: list[dict[str, object]] = []
    notes: dict[str, dict[str, str]] = {"When": {}, "Confidence": {}}
    labels: dict[str, str] = {}
    leans: dict[str, tuple[str, ...]] = {}
    for p in plans:
        for route, (words, _) in BY_ROUTE.items():
            key = f"{p.service.key}_{route}"
            labels[key] = f"{p.service.label}: {words}"
            told = list(_row(p, route, prices))
            rows += [{"group": key, **r} for r in told]
            ready = route in p.now and np.isfinite(p.now[route])
            notes["When"][key] = _when(p, route, ready=ready)
            more = not ready or p.gap(route) > 0
            notes["Confidence"][key] = _sure(p.next_taken(route), rule) if more else "none more"
            leans |= _leans(data, p, key, prices, route)
    frame = pd.DataFrame(rows)
    frame["marker"] = np.where(frame["value"].isna(), "z", "")
    year = plans[0].years[plans[0].at]
    return (
        Result(
            name=NAME,
            title="Recommended commissioning plan",
            subtitle=f"Places by service and route in {year}, {data.study.authority.name}",
            table=long_table(frame),
            measures=_MEASURES,
            labels=labels | {"group": "Service and route"},
            source="The table of provision; the combined forecast; cost lines of the study",
            layout=Layout(
                ("group",),
                ("measure",),
                (*(m.key for m in _MEASURES), "cost_gbp_lower_80", "cost_gbp_upper_80"),
            ),
            text=tuple(_said(plans, year)),
            row_notes=notes,
            guarded=("When", "Confidence"),
            notes=_rule_words(rule, year),
            settings={
                **settings(Ahead.of(data)),
                "commissioning": rule.model_dump(),
            },
            leans_on=leans,
        ),
    )


Prices = dict[tuple[str, str], tuple[str, np.ndarray]]
"""Service and route -> type that its price is of, and draws of pounds a place, by year."""


def _prices(data: StudyData, plans: list[Planned]) -> Prices:
    """Return what a place costs a year; nothing where the study has no cost lines.

    The last year's week, risen as the study's settings expect of prices and as far out as types
    and years differ: from the last year alone, so that one small count of long ago hides no price.
    """
    try:
        spending = Spending.of(data)
    except InputMissing:
        return {}
    kinds, nights = {t.key: t for t in data.study.categories.types}, spending.nights_by_type()
    last, drift = nights.iloc[:, -1], drift_of(data.study.budget.rise)
    found: Prices = {}
    rng = np.random.default_rng([data.study.seed, 83])
    n = len(plans[0].years)
    k = np.arange(1, n + 1)
    same = np.hypot(drift.rise_sd, drift.own_sd) * rng.standard_normal((_DRAWS, 1)) * k
    each = np.hypot(drift.year_sd, drift.own_year_sd) * rng.standard_normal((_DRAWS, n))
    risen = np.exp(drift.rise * k + same + each.cumsum(axis=1)) * DAYS_OF_YEAR / 7
    for p in plans:
        weeks = {t: week_of(spending, t) for t in sorted(p.service.types) if t != BESPOKE}
        there = [t for t, week in weeks.items() if week]
        for route in BY_ROUTE:
            sector = "in_house" if route == "in_house" else "external"
            mine = [t for t in there if kinds[t].sector == sector]
            mine = mine or [t for t in there if kinds[t].sector not in {"in_house", "external"}]
            if mine:
                best = max(mine, key=lambda t: float(last.get(t, 0.0)))
                found[p.service.key, route] = (best, float(weeks[best] or 0.0) * risen)
    return found


def _row(p: Planned, route: str, prices: Prices) -> Iterator[dict[str, object]]:
    needed = float(p.needed.loc[route].iloc[p.at])
    now = p.now.get(route, np.nan)
    gap = p.gap(route)
    told = {"now_n": now, "needed_n": needed, "gap_n": gap, "taken_pct": p.next_taken(route)}
    for measure, value in told.items():
        yield {"measure": measure, "value": value}
    priced = prices.get((p.service.key, route))
    more = max(gap if np.isfinite(gap) else needed, 0.0)
    if priced is None:
        yield {"measure": "cost_gbp", "value": np.nan}
    else:
        yield {"measure": "cost_gbp", **ranged(more * priced[1][:, p.at] / THOUSAND)}


def _leans(
    data: StudyData, p: Planned, key: str, prices: Prices, route: str
) -> dict[str, tuple[str, ...]]:
    """Return what a row leans on: today's count of the service, and whom its price is of."""
    on = counts_today(data, p.service)
    priced, found = prices.get((p.service.key, route)), {}
    years = Spending.of(data).basis.window_keys[-1:] if priced else ()
    for m in _MEASURES:
        if m.key == "now_n":
            continue
        of = (*on, *(spent_on(priced[0], *years) if priced and m.key == "cost_gbp" else ()))
        for end in ENDS:
            found[figure_id(NAME, m.key + end, key)] = of
    return found


def _when(p: Planned, route: str, *, ready: bool) -> str:
    if not ready:
        return "as needed"
    return p.since(route) or "not in these years"


def _sure(taken: float, rule: Commissioning) -> str:
    if taken >= rule.likely_pct:
        return "high"
    return "some" if taken >= rule.possible_pct else "low"


def _rule_words(rule: Commissioning, year: str) -> tuple[str, ...]:
    def pct(value: float) -> str:
        return printed(value, "percent")

    return (
        "The places of a service stand in a row and are filled from the first. A place that would "
        f"be taken in {pct(rule.in_house_pct)} of months or more is planned in-house, in "
        f"{pct(rule.block_pct)} or more under a block contract, in {pct(rule.framework_pct)} or "
        "more on a framework; the rest is bought spot. Where the study says how many in-house "
        "places there can be by then, what is over goes to block contracts. All of this is "
        "[commissioning] of the study file.",
        f"Needed are the places that cover {pct(rule.covered_pct)} of the months of {year}, in the "
        "draws and with the matching of the chapter on provision, wherever they are. Places now "
        "are those ready today; what is bought when it is needed has none.",
        "When: the first year in which more are needed than will be held, contracts that end taken "
        "off. Confidence goes with how often one more place would be taken: high from "
        f"{pct(rule.likely_pct)}, some from {pct(rule.possible_pct)}.",
        "Cost is a year of the places more, or of all places where none is ready, at last year's "
        "price of the commonest type of that service and side, risen as the settings expect of "
        "prices; low and high leave one path of prices in ten on each side. Houses are not in it, "
        "nor whether the market has such places.",
        "The plan knows of no strategy: the tables of strategies say what each would change.",
    )


def _said(plans: list[Planned], year: str) -> Iterator[Sentence]:
    for p in plans:
        yield Sentence(
            "{service}: {own} in-house places are needed in {year}, and {now} are there; {block} "
            "under block contract, of which {held} are.",
            {
                "own": figure_id(NAME, "needed_n", f"{p.service.key}_in_house"),
                "now": figure_id(NAME, "now_n", f"{p.service.key}_in_house"),
                "block": figure_id(NAME, "needed_n", f"{p.service.key}_block"),
                "held": figure_id(NAME, "now_n", f"{p.service.key}_block"),
            },
            {"service": p.service.label, "year": year},
        )


@STUDY.followed_by
def commissioning_needed(data: StudyData) -> tuple[Result, ...]:
    """Return places needed by service and year (``commissioning_needed``).

    Returns
    -------
    tuple of Result
        By service (group) and year: ``held_n``, ready without any new plan; ``needed_90_n`` and
        ``needed_95_n``, places that cover so many of a hundred months. None where no service has
        places to count on.

    Raises
    ------
    InputMissing
        If the study has no table of provision or no returns.
    """
    plans = planned(data)
    if not plans:
        return ()
    rows, leans = [], {}
    for p in plans:
        held = p.held.sum()
        for k, year in enumerate(p.years):
            told = {"held_n": float(held.iloc[k])}
            told |= {f"needed_{q}_n": n[k] for q, n in p.covers.items()}
            rows += [
                {"group": p.service.key, "period": year, "measure": m, "value": v}
                for m, v in told.items()
            ]
            for m in told:
                if m != "held_n":
                    own = figure_id(NEEDED, m, p.service.key, year)
                    leans[own] = counts_today(data, p.service)
    subtitle = f"Places by year, wherever they are, {data.study.authority.name}"
    return (
        Result(
            name=NEEDED,
            title="Places held and needed, year by year",
            subtitle=subtitle,
            table=long_table(pd.DataFrame(rows)),
            measures=(
                Measure("held_n", "Held, nothing new planned", "places"),
                Measure("needed_90_n", "Needed to cover 90% of months", "places"),
                Measure("needed_95_n", "Needed to cover 95% of months", "places"),
            ),
            labels={p.service.key: p.service.label for p in plans} | {"group": "Service"},
            source="The table of provision; the combined forecast",
            layout=Layout(("group", "measure"), ("period",)),
            settings=settings(Ahead.of(data)),
            leans_on=leans,
        ),
    )
