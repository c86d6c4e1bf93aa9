"""Chapter 50 from records: which rate matters most, and what the study's scenarios would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.flow.attribution import attribute
from needs.forecast.flow.hazards import Rates
from needs.forecast.flow.model import FlowModel
from needs.forecast.levers import (
    Entries,
    Exits,
    Lever,
    Opening,
    Share,
    StepDown,
    UascThreshold,
)
from needs.forecast.records_mix import Mix
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.scenarios import LeverSettings
from needs.vocabulary.units import round_half_up

__all__ = ["LIVED", "lever_of", "scenarios", "sensitivity"]

LIVED = 40
"""Futures of each what-if: differences are taken draw by draw, so that few suffice."""

MOST = 5
TOGETHER = "together"
STEP = 0.1
RATES = {
    "entries_up": "A tenth more come into care",
    "entries_down": "A tenth fewer come into care",
    "exits_up": "Children leave a tenth faster",
    "exits_down": "Children leave a tenth slower",
    "moves_up": "Children move a tenth more often",
    "moves_down": "Children move a tenth less often",
}
Floats = npt.NDArray[np.floating]


def sensitivity(data: StudyData) -> tuple[Result, ...]:
    """Return what a tenth more or less of each rate does in five years (``ahead_sensitivity``).

    Nothing where the flow model could not be fitted.

    Returns
    -------
    tuple of Result
        ``change_n``: mean difference to the flow model's own forecast on the last day, draw by
        draw, by rate (group) and row of the demand table (by).
    """
    ahead = Ahead.of(data)
    if ahead.model is None:
        return ()
    rows, words = _rows(ahead, data)
    basis, last = ahead.outlook.basis, ahead.outlook.ahead[-1]
    base = _lived(ahead, ahead.model, ())
    found = []
    for key in RATES:
        changed = _changed(ahead, key)
        for row, members in rows.items():
            apart = changed.of(members)[:, -1] - base.of(members)[:, -1]
            found.append(
                {"group": key, "by": row, "value": float(round_half_up(apart.mean(dtype=float)))}
            )
    table = pd.DataFrame(found).assign(measure="change_n", period=last)
    totals = table[table["by"] == ALL].set_index("group")["value"]
    widest = str(totals.abs().idxmax())
    return (
        Result(
            name="ahead_sensitivity",
            title="What a tenth more or less of each rate would do",
            subtitle=f"Change in children on {ahead.outlook.labels[last]}, "
            f"{basis.study.authority.name}",
            table=long_table(table),
            measures=(Measure("change_n", "Change in children", "children_forecast"),),
            labels={**RATES, **words, **ahead.outlook.labels, "group": "If", "by": "Children"},
            source=basis.source,
            layout=Layout(("group",), ("by",)),
            text=(
                Sentence(
                    "“{rate}” matters most: it changes the total by {n} on {day}.",
                    {"n": figure_id("ahead_sensitivity", "change_n", widest, last, ALL)},
                    {"rate": RATES[widest], "day": ahead.outlook.labels[last]},
                ),
            ),
            notes=(
                "From the flow model. Each row changes one rate from the as-at date on and lives "
                "the same futures again; leaving at eighteen is not changed. Types with few "
                "children today are left out.",
            ),
            settings={**basis.settings(), "draws": LIVED, "step": STEP},
        ),
    )


def scenarios(data: StudyData) -> tuple[Result, ...]:
    """Return what each scenario of the study changes, draw by draw (``ahead_scenarios``).

    Nothing where the study has none, or the flow model could not be fitted.

    Returns
    -------
    tuple of Result
        ``change_n`` with ``lower_80`` and ``upper_80`` on the last day, by scenario (group) and
        row of the demand table (by); ``part_n``, each scenario's part of all together.
    """
    ahead = Ahead.of(data)
    wanted = data.study.scenarios
    if ahead.model is None or not wanted:
        return ()
    rows, words = _rows(ahead, data)
    basis, days = ahead.outlook.basis, ahead.outlook.days[-1:]
    last, seed = ahead.outlook.ahead[-1], data.study.seed
    levers = {s.key: [lever_of(x) for x in s.levers] for s in wanted}
    found = []
    base = _lived(ahead, ahead.model, ())
    for key, some in levers.items():
        made = _lived(ahead, ahead.model, some)
        found += _apart(key, made.draws[:, -1] - base.draws[:, -1], rows, base.groups)
    every = [x for some in levers.values() for x in some]
    labels = {s.key: s.label for s in wanted}
    if len(levers) > 1 and len(every) <= MOST:
        both = attribute(ahead.model, every, days, LIVED, seed)
        found += _apart(TOGETHER, both.whole[:, -1], rows, both.baseline.groups)
        owner = np.repeat(np.arange(len(levers)), [len(v) for v in levers.values()])
        for i, key in enumerate(levers):
            part = both.parts[owner == i].sum(axis=0)[:, -1]
            found += _apart(key, part, rows, both.baseline.groups, "part_n")
    labels[TOGETHER] = "All of them together"
    return (
        Result(
            name="ahead_scenarios",
            title="What each scenario would change",
            subtitle=f"Change in children on {ahead.outlook.labels[last]}, "
            f"{basis.study.authority.name}",
            table=long_table(pd.DataFrame(found).assign(period=last)),
            measures=(
                Measure("change_n", "Change by itself", "children_forecast"),
                Measure("part_n", "Its part of all together", "children_forecast"),
            ),
            labels={**labels, **words, **ahead.outlook.labels, "group": "If", "by": "Children"},
            source=f"{basis.source}; scenarios of the study's settings",
            layout=Layout(
                ("group", "measure"),
                ("by",),
                ("change_n", "change_n_lower_80", "change_n_upper_80", "part_n"),
            ),
            text=_said(labels, last, ahead.outlook.labels[last], found),
            notes=(
                "Each scenario lives the flow model's futures again with its changes alone, so "
                "that what differs is the scenario and not chance. Together, each scenario's part "
                "is the mean of what it adds over all orders in which they could come; parts add "
                "up.",
                "What a plan costs, and whether it can be done, is not in it. Types with few "
                "children today are left out.",
            ),
            settings={**basis.settings(), "draws": LIVED, "seed": seed},
        ),
    )


def _said(
    labels: Mapping[str, str], last: str, day: str, found: Sequence[Mapping[str, object]]
) -> tuple[Sentence, ...]:
    """Return what each scenario does to the total on the last day."""
    return tuple(
        Sentence(
            "“{scenario}”: {n} in the total on {day}, between {low} and {high} four times in five.",
            {
                "n": figure_id("ahead_scenarios", "change_n", key, last, ALL),
                "low": figure_id("ahead_scenarios", "change_n_lower_80", key, last, ALL),
                "high": figure_id("ahead_scenarios", "change_n_upper_80", key, last, ALL),
            },
            {"scenario": labels[key], "day": day},
        )
        for key in labels
        if any(f["group"] == key for f in found)
    )


def lever_of(s: LeverSettings) -> Lever:
    """Return a lever from a study's settings."""
    a, b = s.start, s.end
    made: Mapping[str, Callable[[], Lever]] = {
        "entries": lambda: Entries(s.change_pct or 0.0, s.who, s.each_year, start=a, end=b),
        "exits": lambda: Exits(s.factor, s.level_of, start=a, end=b),
        "step_down": lambda: StepDown(
            s.a_year or 0.0, s.from_types, s.to_type or "", start=a, end=b
        ),
        "share": lambda: Share(s.to_type or "", s.share_pct or 0.0, start=a, end=b),
        "opening": lambda: Opening(s.to_type or "", s.places_n or 0, s.from_types, start=a, end=b),
        "uasc_threshold": lambda: UascThreshold(s.under_18_n or 0, s.threshold_pct, start=a, end=b),
    }
    return made[s.lever]()


def _rows(ahead: Ahead, data: StudyData) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return rows of the demand table with enough children today, and their words."""
    mix = Mix.of(data, ahead.outlook.basis.date_keys)
    external = frozenset(t.key for t in data.study.categories.types if t.sector == "external")
    nodes = {n.key: n for n in mix.nodes}
    there = set(ahead.history.places)
    rows = {ALL: ahead.history.places}
    for key in mix.rows(external):
        if key != ALL and mix.by_day(key).iloc[-1] >= ahead.outlook.least:
            rows[key] = tuple(nodes[key].types & there)
    words = {ALL: "All", **{k: n.label for k, n in nodes.items()}}
    return rows, words


def _lived(ahead: Ahead, model: FlowModel, levers: Sequence[Lever]) -> Forecast:
    seed = ahead.outlook.basis.study.seed
    return model.simulate(ahead.outlook.days[-1:], LIVED, np.random.default_rng(seed), levers)


def _changed(ahead: Ahead, key: str) -> Forecast:
    """Return the flow model's forecast with one rate a tenth up or down."""
    model = ahead.model
    if model is None:
        raise InputMissing("ssda903")
    rate, _, way = key.partition("_")
    factor = 1 + STEP if way == "up" else 1 - STEP
    if rate == "entries":
        return _lived(ahead, model, [Entries(100 * (factor - 1), each_year=False)])
    if rate == "exits":
        return _lived(ahead, model, [Exits(factor)])
    return _lived(ahead, replace(model, moves=_faster(model.moves, factor)), ())


def _faster(rates: Rates, factor: float) -> Rates:
    """Return rates that are all so many times as high."""
    effects = rates.effects.copy()
    effects[0] += np.log(factor)
    return replace(rates, effects=effects, at_risk=rates.at_risk / factor)


def _apart(
    key: str,
    whole: Floats,
    rows: Mapping[str, tuple[str, ...]],
    places: Sequence[str],
    measure: str = "change_n",
) -> list[dict[str, object]]:
    """Return mean and range of a difference, shape (draws, places), for each row."""
    found = []
    for row, members in rows.items():
        draws = whole[:, [places.index(m) for m in members]].sum(axis=1)
        low, high = np.percentile(draws, [10, 90])
        ranged = {"lower_80": float(low), "upper_80": float(high)} if measure == "change_n" else {}
        mean = float(round_half_up(draws.mean(dtype=float)))
        found.append({"group": key, "by": row, "measure": measure, "value": mean, **ranged})
    return found
