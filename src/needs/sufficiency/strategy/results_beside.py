"""Chapter 80: strategies side by side: children, places, and targets met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead_levers import large_rows
from needs.sufficiency.capacity.gap import Gaps, counts_today
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies, StrategyLived
from needs.sufficiency.strategy.shown import leaning, shown
from needs.sufficiency.targets.chance import chance_of
from needs.sufficiency.targets.seen import Seen, on_future, ranged
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
    "strategies_places",
    "strategies_targets",
]

CHILDREN, PLACES, TARGETS = (f"strategies_{k}" for k in ("children", "places", "targets"))
Floats = npt.NDArray[np.float64]
ANYWHERE = "anywhere"
_HOW = (
    "Levers are lived by the flow model with and without them, and what differs is added to the "
    "draws of the combined forecast: the forecast as it is stays that of the chapters on demand "
    "and provision. Homes and carers move children from the type that they replace, no more than "
    "there are in that draw, in the year in which they move. Whether a plan can be carried out is "
    "not in it.",
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
        shown(
            data,
            CHILDREN,
            "Children under each strategy",
            table,
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
            leans_on=leaning(CHILDREN, table, of, ()),
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
        shown(
            data,
            PLACES,
            "Places short under each strategy",
            table,
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
            leans_on=leaning(PLACES, table, of, ()),
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
        shown(
            data,
            TARGETS,
            "The chance of each target, under each strategy",
            table,
            subtitle=f"Futures that meet it on its day, {data.study.authority.name}",
            measures=(Measure("chance_pct", "Chance", "percent"),),
            labels={**seen.labels(some), "by": "Target"},
            source=seen.source,
            layout=Layout(("by",), ("group",)),
            notes=(
                "Targets, their days and chances are those of the tables above. What is not "
                "forecast is left out, since no strategy here reaches it.",
            ),
            leans_on=leaning(TARGETS, table, of, ()),
        ),
    )


def _chance(data: StudyData, one: StrategyLived, x: Any) -> Iterator[dict[str, object]]:
    r = x.reading
    found = x if one.key == AS_IT_IS else series_of(data, r, one.forecast)
    due = found.due
    value = np.nan if due is None else chance_of(due, r.aim, r.direction).pct
    yield {"group": one.key, "by": r.key, "measure": "chance_pct", "value": value}
