"""Chapter 80: the strategies of a study, and what each costs and saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from needs.costs.kin import spent_on
from needs.sufficiency.budget import MILLION, Outturns
from needs.sufficiency.strategy.costed import PARTS, Costed, cost_of
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies
from needs.sufficiency.strategy.shown import leaning, shown
from needs.sufficiency.targets.seen import ranged
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

__all__ = ["strategies_cost", "strategies_set"]

COST, SET = "strategies_cost", "strategies_set"


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
            notes=(
                "A strategy that pulls levers is left out of the tables below where too few years "
                "are known to live futures without and with them.",
            ),
            typed=True,
        ),
    )


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
        shown(
            data,
            COST,
            "What each strategy costs and saves",
            table,
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
            leans_on=leaning(COST, table, None, whole),
        ),
    )


def _pounds(key: str, c: Costed) -> Iterator[dict[str, object]]:
    yield {"group": key, "measure": "outturn_gbp", **ranged(c.outturn[:, -1] / MILLION)}
    if key == AS_IT_IS:
        for measure in ("saved_gbp", "saves_pct", "capital_gbp"):
            yield {"group": key, "measure": measure, "value": float("nan")}
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
