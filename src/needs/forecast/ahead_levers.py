"""Chapter 50 from records: which rate matters most, and the levers of the study's scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
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

__all__ = ["large_rows", "lever_of", "lived", "monte_carlo", "sensitivity"]

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

CHANGE = Measure("change_n", "Change in children", "children_forecast")
ERROR = Measure("error_n", "Standard error of the mean change, from chance", "score")
"""A mean over so many futures would change by about this if they were drawn afresh."""


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
    rows, words = large_rows(ahead)
    basis, last = ahead.outlook.basis, ahead.outlook.ahead[-1]
    base = lived(ahead, ahead.model, ())
    found = []
    for key in RATES:
        changed = _changed(ahead, key)
        for row, members in rows.items():
            apart = changed.of(members)[:, -1] - base.of(members)[:, -1]
            mean = float(round_half_up(apart.mean(dtype=float)))
            found.append({"group": key, "by": row, "measure": "change_n", "value": mean})
            if row == ALL:
                found.append(
                    {"group": key, "by": row, "measure": "error_n", "value": monte_carlo(apart)}
                )
    table = pd.DataFrame(found).assign(period=last)
    changes = table[(table["by"] == ALL) & (table["measure"] == "change_n")]
    totals = changes.set_index("group")["value"]
    widest = str(totals.abs().idxmax())
    return (
        Result(
            name="ahead_sensitivity",
            title="What a tenth more or less of each rate would do",
            subtitle=f"Change in children on {ahead.outlook.labels[last]}, "
            f"{basis.study.authority.name}",
            table=long_table(table),
            measures=(CHANGE, ERROR),
            labels={**RATES, **words, **ahead.outlook.labels, "group": "If", "by": "Children"},
            source=basis.source,
            layout=Layout(("by",), ("group",), ("change_n",)),
            text=(
                Sentence(
                    "“{rate}” matters most: it changes the total by {n} on {day}. Drawn afresh, "
                    "so many futures would change that by about {error}, its standard error.",
                    {
                        "n": figure_id("ahead_sensitivity", "change_n", widest, last, ALL),
                        "error": figure_id("ahead_sensitivity", "error_n", widest, last, ALL),
                    },
                    {"rate": RATES[widest], "day": ahead.outlook.labels[last]},
                ),
            ),
            notes=(
                "From the flow model. Each row changes one rate from the as-at date on and lives "
                "the same futures again; leaving at eighteen is not changed. Types with few "
                "children today are left out.",
            ),
            settings={
                **basis.settings(),
                "draws": data.study.forecast.scenario_draws,
                "step": STEP,
            },
        ),
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


def large_rows(ahead: Ahead) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return rows of the demand table with enough children today, and their words."""
    mix, least = ahead.mix, ahead.outlook.least
    rows = {
        key: ahead.members(key)
        for key in ahead.table_rows
        if key == ALL or mix.by_day(key).iloc[-1] >= least
    }
    return rows, {ALL: "All", **{n.key: n.label for n in mix.nodes}}


def lived(ahead: Ahead, model: FlowModel, levers: Sequence[Lever]) -> Forecast:
    """Return the flow model's forecast of the last day, with the same chance each time."""
    study = ahead.outlook.basis.study
    rng = np.random.default_rng(study.seed)
    return model.simulate(ahead.outlook.days[-1:], study.forecast.scenario_draws, rng, levers)


def monte_carlo(draws: Floats) -> float:
    """Return the standard error of a mean over draws."""
    return float(draws.std(ddof=1, dtype=float) / np.sqrt(len(draws)))


def _changed(ahead: Ahead, key: str) -> Forecast:
    """Return the flow model's forecast with one rate a tenth up or down."""
    model = ahead.model
    if model is None:
        raise InputMissing("ssda903")
    rate, _, way = key.partition("_")
    factor = 1 + STEP if way == "up" else 1 - STEP
    if rate == "entries":
        return lived(ahead, model, [Entries(100 * (factor - 1), each_year=False)])
    if rate == "exits":
        return lived(ahead, model, [Exits(factor)])
    return lived(ahead, replace(model, moves=_faster(model.moves, factor)), ())


def _faster(rates: Rates, factor: float) -> Rates:
    """Return rates that are all so many times as high."""
    effects = rates.effects.copy()
    effects[0] += np.log(factor)
    return replace(rates, effects=effects, at_risk=rates.at_risk / factor)
