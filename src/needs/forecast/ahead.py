"""The forecast of a study's records: made, tested on past years, combined and calibrated once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.forecast.backtest import Method, Past, rolling, scored
from needs.forecast.baselines import drift, last_value, share_method
from needs.forecast.combine import (
    calibrate,
    combined_past,
    mixed,
    pool_weights,
    stretch,
    with_parts,
)
from needs.forecast.flow.model import FlowModel, fit_flow, flow
from needs.forecast.history import History, day_number
from needs.forecast.outlook import Outlook
from needs.forecast.shape import TOTAL, Forecast
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData

__all__ = ["DRAWS", "METHODS", "TESTED_DRAWS", "Ahead", "backtested"]

DRAWS = 500
TESTED_DRAWS = 200
METHODS: Mapping[str, Method] = {
    "last_value": last_value,
    "drift": drift,
    "share_method": share_method,
    "flow": flow,
}


@dataclass(frozen=True, eq=False)
class Ahead:
    """A study's forecast with what it rests on.

    Parameters
    ----------
    outlook : Outlook
        Counts of past years, and the days ahead.
    history : History
        What models learn from, up to the as-at date.
    forecast : Forecast
        Combined and calibrated.
    each : mapping of str to Forecast
        Each method's own.
    model : FlowModel or None
        None where too little is known to fit it; ``why`` says it then.
    weights : mapping of str to float
    width : float
        Times as wide as the methods themselves claim.
    past : tuple of Past
        Every method, and the combined forecast, at every origin; empty where none can be.
    why : tuple of str
        What could not be done, in words.
    """

    outlook: Outlook
    history: History
    forecast: Forecast
    each: Mapping[str, Forecast]
    model: FlowModel | None
    weights: Mapping[str, float]
    width: float
    past: tuple[Past, ...]
    why: tuple[str, ...]

    @classmethod
    def of(cls, data: StudyData) -> Ahead:
        """Return the forecast of a study, made once for its data.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        ModelError
            If the returns hold nobody who counts.
        """
        return data.once("forecast ahead", lambda: _made(data))

    def rows(self, groups: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
        """Return scores of the backtest by group; see :func:`needs.forecast.backtest.scored`."""
        return scored(self.past, groups)

    @property
    def whole(self) -> dict[str, tuple[str, ...]]:
        """The total alone, as groups."""
        return {TOTAL: self.history.places}


def backtested(
    history: History, seed: int, draws: int, step: Callable[[str], None] = lambda _: None
) -> tuple[list[Past], list[str]]:
    """Return every method's past forecasts and the combined one's, and what could not be tested.

    Parameters
    ----------
    history : History
    seed : int
    draws : int
    step : callable
        Told what is about to be done.
    """
    try:
        past = rolling(history, METHODS, draws, seed, step=step)
    except ModelError:
        return [], ["Too few years are known to test any method on past years."]
    return [*past, *combined_past(past, seed)], []


def _made(data: StudyData) -> Ahead:
    outlook = Outlook.of(data)
    study = data.study
    history = History.of(data.records, study).cut(day_number(study.period.as_at))
    past, why = backtested(history, study.seed, TESTED_DRAWS)
    model, refused = _fitted(history, outlook.days)
    each = _each(history, outlook.days, model, study.seed)
    tested = [p for p in past if p.forecast.method in each]
    weight = pool_weights(tested)
    rng = np.random.default_rng([study.seed, 1])
    parts = each.get("flow")
    pool = mixed({k: with_parts(f, parts) for k, f in each.items()}, weight, rng)
    width = stretch([p for p in past if p.forecast.method == "combined"])
    return Ahead(
        outlook,
        history,
        calibrate(pool, width),
        each,
        model,
        weight,
        width,
        tuple(past),
        (*why, *refused),
    )


def _fitted(
    history: History, days: tuple[dt.date, ...]
) -> tuple[FlowModel | None, tuple[str, ...]]:
    """Return the flow model, or why there is none."""
    try:
        model = fit_flow(history)
        # A day that it cannot reach is found out before much is simulated.
        model.simulate(days[:1], 1, np.random.default_rng(0))
    except ModelError as refused:
        rules = " and ".join(f.rule for f in refused.faults)
        return None, (f"The flow model takes no part: {rules}.",)
    return model, ()


def _each(
    history: History, days: tuple[dt.date, ...], model: FlowModel | None, seed: int
) -> dict[str, Forecast]:
    made = {}
    for i, (key, method) in enumerate(METHODS.items()):
        rng = np.random.default_rng([seed, 2, i])
        if key != "flow":
            made[key] = method(history, days, DRAWS, rng)
        elif model is not None:
            made[key] = replace(model.simulate(days, DRAWS, rng), method=key)
    return made
