"""Chapter 80: strategies side by side: children, places, money, and targets met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.kin import spent_on
from needs.forecast.ahead_levers import large_rows
from needs.forecast.ahead_words import settings
from needs.sufficiency.budget import MILLION, Outturns
from needs.sufficiency.capacity.gap import Gaps, counts_today
from needs.sufficiency.strategy.costed import PARTS, Costed, cost_of
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies, StrategyLived
from needs.sufficiency.targets.chance import chance_of
from needs.sufficiency.targets.results_set import aim_words
from needs.sufficiency.targets.seen import ENDS, Seen, on_future, ranged
from needs.sufficiency.targets.series import series_of
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = [
    "strategies_children",
    "strategies_cost",
    "strategies_places",
    "strategies_set",
    "strategies_targets",
]

CHILDREN, PLACES, COST, TARGETS, SET = (
    f"strategies_{k}" for k in ("children", "places", "cost", "targets", "set")
)
Floats = npt.NDArray[np.float64]
ANYWHERE = "anywhere"
_HOW = (
    "Levers are lived by the flow model with and without them, and what differs is added to the "
    "draws of the combined forecast: the forecast as it is stays that of the chapters on demand "
    "and provision. Homes and carers move children from the type that they replace, no more than "
    "there are in that draw, in the year in which they move. Whether a plan can be carried out is "
    "not in it.",
)


def strategies_set(data: StudyData) -> tuple[Result, ...]:
    """Return the strategies as the study file sets them (``strategies_set``).

    Nothing where it sets none.

    Returns
    -------
    tuple of Result
        By strategy: how many levers it pulls, homes it opens and beds they have; beside it
        whether carers are recruited, and where it stands.
    """
    given, study = data.study.strategies, data.study
    if not given:
        return ()
    known = {s.key: s for s in study.scenarios}
    beds = {h.key: h.beds for h in study.investment.homes}
    rows, holds = [], {}
    for s in given:
        pulled = sum(len(known[k].levers) for k in s.scenarios) + len(s.levers)
        told = {
            "levers_n": float(pulled),
            "homes_n": float(len(s.homes)),
            "beds_n": float(sum(beds[k] for k in s.homes)),
        }
        rows += [{"group": s.key, "measure": m, "value": v} for m, v in told.items()]
        homes = {h.key: h.label for h in study.investment.homes}
        words = [known[k].label for k in s.scenarios] + [homes[k] for k in s.homes]
        carers = study.investment.fostering
        words += [carers.label] if s.fostering and carers else []
        holds[s.key] = "; ".join(words)
    return (
        Result(
            name=SET,
            title="The strategies that are compared",
            subtitle=f"Levers, homes and carers together, {study.authority.name}",
            table=long_table(pd.DataFrame(rows)),
            measures=(
                Measure("levers_n", "Levers", "count"),
                Measure("homes_n", "Homes", "count"),
                Measure("beds_n", "Beds of these", "places"),
            ),
            labels={s.key: s.label for s in given} | {"group": "Strategy"},
            source="The study's settings: scenarios, investment and strategies",
            layout=Layout(("group",), ("measure",)),
            row_notes={"Holds": holds, "Stands in": {s.key: s.source for s in given}},
            typed=True,
        ),
    )


def _leans(
    name: str,
    table: pd.DataFrame,
    of: Mapping[tuple[str, str], Iterable[str]] | None,
    whole: Iterable[str],
) -> dict[str, tuple[str, ...]]:
    """Return what each row leans on: by measure and ``by`` where given, else on the whole."""
    found = {}
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    for measure, group, period, by in keys:
        on = tuple((of or {}).get((measure, by), whole))
        for end in ENDS if on else ():
            found[figure_id(name, measure + end, group, period, by)] = on
    return found


def _made(
    data: StudyData, name: str, title: str, rows: list[dict[str, object]], **more: Any
) -> Result:
    s = Strategies.of(data)
    frame = pd.DataFrame(rows)
    frame["marker"] = np.where(frame["value"].isna(), "x", "")
    table = more.pop("table", None)
    labels = {**s.labels, "group": "Strategy", **more.pop("labels", {})}
    return Result(
        name=name,
        title=title,
        table=long_table(frame) if table is None else table,
        labels=labels,
        settings={
            **settings(s.base.ahead),
            "strategies": [x.model_dump(mode="json") for x in data.study.strategies],
            "scenario_draws": data.study.forecast.scenario_draws,
        },
        **more,
    )


@STUDY.followed_by
def strategies_children(data: StudyData) -> tuple[Result, ...]:
    """Return children under each strategy, by placement (``strategies_children``).

    Returns
    -------
    tuple of Result
        ``children_n`` on the last day of the forecast with its 80% range, by strategy (group)
        and row of the demand table (by). None where the study has no strategy.
    """
    if not data.study.strategies:
        return ()
    s = Strategies.of(data)
    ahead, rows = s.base.ahead, []
    types, words = large_rows(ahead)
    day = ahead.outlook.ahead[-1]
    for one in s.lived:
        for key, members in types.items():
            found = ranged(one.of(members)[:, -1])
            rows.append({"group": one.key, "by": key, "measure": "children_n", **found})
    as_at = ahead.outlook.as_at
    of = {
        ("children_n", k): (
            figure_id("cla_stock" if k == ALL else "cla_placement_mix", "children_n", k, as_at),
        )
        for k in types
    }
    table = long_table(pd.DataFrame(rows).assign(period=day))
    return (
        _made(
            data,
            CHILDREN,
            "Children under each strategy",
            rows,
            table=table,
            subtitle=f"Children on {ahead.outlook.labels[day]}, mean of the draws, "
            f"{data.study.authority.name}",
            measures=(Measure("children_n", "Children", "children_forecast"),),
            labels={**words, **ahead.outlook.labels, "by": "Children"},
            source=f"{ahead.outlook.basis.source}; strategies of the study's settings",
            layout=Layout(("by",), ("group",), ("children_n",)),
            text=tuple(_children_said(s, day, ahead.outlook.labels[day])),
            notes=(
                *_HOW,
                "Types with few children today are left out. Low and high are in the table's file.",
            ),
            leans_on=_leans(CHILDREN, table, of, ()),
            drops=True,
        ),
    )


def _children_said(s: Strategies, day: str, words: str) -> Iterator[Sentence]:
    for one in s.lived[1:]:
        yield Sentence(
            "“{strategy}”: {n} children on {day}, against {base} as it is.",
            {
                "n": figure_id(CHILDREN, "children_n", one.key, day, ALL),
                "base": figure_id(CHILDREN, "children_n", AS_IT_IS, day, ALL),
            },
            {"strategy": one.label, "day": words},
        )


@STUDY.followed_by
def strategies_places(data: StudyData) -> tuple[Result, ...]:
    """Return places against demand under each strategy (``strategies_places``).

    Returns
    -------
    tuple of Result
        By strategy (group) and service (by), over the months of the last year: ``places_n``,
        ``short_n`` (children beyond the places), ``chance_pct`` (of a shortage in a month). None
        where the study has no strategy, or no service has places to count on.

    Raises
    ------
    InputMissing
        If the study has no table of provision.
    """
    if not data.study.strategies:
        return ()
    s = Strategies.of(data)
    gaps = {one.key: s.gaps(one) for one in s.lived}
    base = gaps[AS_IT_IS]
    if not base.services:
        return ()
    rows = [
        {"group": key, "by": service.key, "measure": m, "value": v}
        for key, g in gaps.items()
        for service in base.services
        for m, v in _short(g, service.key).items()
    ]
    year = base.months[-1]
    of = {
        (m, x.key): counts_today(data, x)
        for x in base.services
        for m in ("places_n", "short_n", "chance_pct")
    }
    table = long_table(pd.DataFrame(rows))
    return (
        _made(
            data,
            PLACES,
            "Places short under each strategy",
            rows,
            table=table,
            subtitle=f"Months of the year to {year:%B %Y}, places anywhere, "
            f"{data.study.authority.name}",
            measures=(
                Measure("places_n", "Places to count on", "places"),
                Measure("short_n", "Children beyond these places", "children_forecast"),
                Measure("chance_pct", "Chance of a shortage in a month", "percent"),
            ),
            labels={x.key: x.label for x in base.services} | {"by": "Service"},
            source="The table of provision; the combined forecast; strategies of the settings",
            layout=Layout(("by", "measure"), ("group",)),
            charts=(
                Chart(
                    key="short",
                    kind="bar",
                    measure="short_n",
                    title="Children beyond the places to count on, under each strategy",
                    subtitle=f"Mean of the months of the last year, {data.study.authority.name}",
                    alt="Bars, one for each strategy and service.",
                    x="by",
                    series="group",
                ),
            ),
            notes=(
                "Demand, places and a shortage are those of the chapter on provision. Homes that "
                "are to open, and carers to be recruited, bring places of whoever would need them.",
            ),
            leans_on=_leans(PLACES, table, of, ()),
        ),
    )


def _short(g: Gaps, service: str) -> dict[str, float]:
    gap = g.found[service, ANYWHERE]
    last = slice(-12, None)
    return {
        "places_n": float(gap.places[last].mean()),
        "short_n": float(gap.short[:, last].mean()),
        "chance_pct": 100 * float((gap.short[:, last] > 0).mean()),
    }


@STUDY.followed_by
def strategies_cost(data: StudyData) -> tuple[Result, ...]:
    """Return what each strategy costs and saves (``strategies_cost``).

    Returns
    -------
    tuple of Result
        By strategy: ``outturn_gbp`` of the last year with its 80% range; ``saved_gbp`` over all
        years, capital taken off, with its range and ``saves_pct``, draws in which it saves;
        ``capital_gbp``; ``part_gbp`` by where it comes from. None where there is no strategy.

    Raises
    ------
    InputMissing
        If the study has no cost lines.
    """
    if not data.study.strategies:
        return ()
    s, out = Strategies.of(data), Outturns.of(data)
    costs = {one.key: cost_of(data, s, one) for one in s.lived}
    rows = [row for key, c in costs.items() for row in _pounds(key, c)]
    table = long_table(pd.DataFrame(rows))
    basis = out.spending.basis
    whole = (
        figure_id("cla_placement_mix", "children_n", ALL, basis.date_keys[-1]),
        *spent_on(ALL, *basis.window_keys),
        *dict.fromkeys(i for one in s.lived for m in one.moved for i in m.leans),
    )
    parts = {k: w for k, w in PARTS.items() if any(k in c.parts for c in costs.values())}
    first, last = out.year_keys[0], out.year_keys[-1]
    return (
        _made(
            data,
            COST,
            "What each strategy costs and saves",
            rows,
            table=table,
            subtitle=f"Million pounds of the day, gross, {data.study.authority.name}, "
            f"{first} to {last}",
            measures=(
                Measure("outturn_gbp", "Outturn of the last year", "gbp_m"),
                Measure("saved_gbp", "Saved over all years, capital taken off", "gbp_m"),
                Measure("saves_pct", "Futures in which it saves", "percent"),
                Measure("capital_gbp", "Capital, net of match funding", "gbp_m"),
                Measure("part_gbp", "Spent more or less over all years", "gbp_m"),
            ),
            labels={**parts, "by": "Through", "": "All of it"},
            source=f"{out.spending.source}; the combined forecast; strategies of the settings",
            layout=Layout(
                ("group",),
                ("measure",),
                (
                    "outturn_gbp",
                    "saved_gbp",
                    "saved_gbp_lower_80",
                    "saved_gbp_upper_80",
                    "saves_pct",
                    "capital_gbp",
                ),
            ),
            text=tuple(_cost_said(s, last)),
            charts=_cost_drawn(data, s, parts),
            notes=(
                "Levers are paid for at the prices of the budget ahead; homes and carers as in "
                "their appraisals of the chapter on the budget, in pounds of the day, for the "
                "children of the very draw. Low and high leave one draw in ten on each side.",
                "What it costs to carry out a lever, such as help for families at the edge of "
                "care, is not in it: a saving is what there is to spend on it.",
                "Where a saving comes from is in the table's file and in the picture.",
            ),
            leans_on=_leans(COST, table, None, whole),
        ),
    )


def _pounds(key: str, c: Costed) -> Iterator[dict[str, object]]:
    yield {"group": key, "measure": "outturn_gbp", **ranged(c.outturn[:, -1] / MILLION)}
    if key == AS_IT_IS:
        return
    saved = c.saved / MILLION
    yield {"group": key, "measure": "saved_gbp", **ranged(saved)}
    told = {
        "saves_pct": 100 * float((saved > 0).mean()),
        "capital_gbp": float(c.capital.sum(axis=1).mean()) / MILLION,
    }
    for measure, value in told.items():
        yield {"group": key, "measure": measure, "value": value}
    for part, spent in c.parts.items():
        found = ranged(spent.sum(axis=1) / MILLION)
        yield {"group": key, "measure": "part_gbp", "by": part, **found}


def _cost_said(s: Strategies, last: str) -> Iterator[Sentence]:
    for one in s.lived[1:]:
        yield Sentence(
            "“{strategy}”: saves {n} over all years, capital taken off, between {low} and {high} "
            "in eight cases of ten; {year} costs {cost}, against {base} as it is.",
            {
                "n": figure_id(COST, "saved_gbp", one.key),
                "low": figure_id(COST, "saved_gbp_lower_80", one.key),
                "high": figure_id(COST, "saved_gbp_upper_80", one.key),
                "cost": figure_id(COST, "outturn_gbp", one.key),
                "base": figure_id(COST, "outturn_gbp", AS_IT_IS),
            },
            {"strategy": one.label, "year": last},
        )


def _cost_drawn(data: StudyData, s: Strategies, parts: Mapping[str, str]) -> tuple[Chart, ...]:
    return (
        Chart(
            key="parts",
            kind="bar",
            measure="part_gbp",
            title="Where the money of each strategy comes from",
            subtitle="Million pounds spent more, or less, over all years, "
            f"{data.study.authority.name}",
            alt="Bars, one for each strategy and part, of what is spent more or less.",
            x="group",
            series="by",
            include={"group": tuple(x.key for x in s.lived[1:]), "by": tuple(parts)},
        ),
    )


@STUDY.followed_by
def strategies_targets(data: StudyData) -> tuple[Result, ...]:
    """Return the chance of each open target under each strategy (``strategies_targets``).

    Returns
    -------
    tuple of Result
        ``chance_pct`` by target (by) and strategy (group). None where the study has no strategy,
        or none of its targets is forecast.

    Raises
    ------
    InputMissing
        If the study has no targets.
    """
    if not data.study.strategies:
        return ()
    s, seen = Strategies.of(data), Seen.of(data)
    some = [x for x in seen.open if x.how in {"forecast", "flow"} and x.due is not None]
    if not some:
        return ()
    rows = [row for one in s.lived for x in some for row in _chance(data, one, x)]
    of = {("chance_pct", x.reading.key): on_future(x) for x in some}
    table = long_table(pd.DataFrame(rows))
    return (
        _made(
            data,
            TARGETS,
            "The chance of each target, under each strategy",
            rows,
            table=table,
            subtitle=f"Futures that meet it on its day, {data.study.authority.name}",
            measures=(Measure("chance_pct", "Chance", "percent"),),
            labels={**seen.labels(some), "by": "Target"},
            source=seen.source,
            layout=Layout(("by",), ("group",)),
            row_notes={},
            notes=(
                "Targets and chances are those of the tables above: "
                + "; ".join(f"{x.reading.label}, {aim_words(x.reading)}" for x in some)
                + ". What is not forecast is left out, since no strategy here reaches it.",
            ),
            leans_on=_leans(TARGETS, table, of, ()),
        ),
    )


def _chance(data: StudyData, one: StrategyLived, x: Any) -> Iterator[dict[str, object]]:
    r = x.reading
    found = x if one.key == AS_IT_IS else series_of(data, r, one.forecast)
    due = found.due
    value = np.nan if due is None else chance_of(due, r.aim, r.direction).pct
    yield {"group": one.key, "by": r.key, "measure": "chance_pct", "value": value}
