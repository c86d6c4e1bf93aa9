"""The forecast of a study's records: made, tested on past years, combined and calibrated once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.forecast.backtest import Method
from needs.forecast.backtest_kept import Backtested, rules_of, tested_once
from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.baselines import drift, last_value, share_method
from needs.forecast.combine import mixed, with_parts
from needs.forecast.flow.model import FlowModel, fit_flow, flow
from needs.forecast.history import History, day_number
from needs.forecast.method_words import METHOD_WORDS
from needs.forecast.mix import Mix
from needs.forecast.outlook import Outlook
from needs.forecast.series.offered import offered
from needs.forecast.series.people import People
from needs.forecast.shape import TOTAL, Forecast
from needs.forecast.widths import calibrate
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.threads import one_thread

__all__ = ["METHODS", "Ahead", "methods_of", "tested_of"]

METHODS: Mapping[str, Method] = {
    "last_value": last_value,
    "drift": drift,
    "share_method": share_method,
    "flow": flow,
}
"""Those that need nothing but a history; :func:`methods_of` has those of time series too."""


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
    tested : Backtested
        What methods would have said in past years, and the weights and widths it teaches.
    mix : Mix
        Placement mix of the past, and rows of the demand table.
    why : tuple of str
        What could not be done, in words.
    """

    outlook: Outlook
    history: History
    forecast: Forecast
    each: Mapping[str, Forecast]
    model: FlowModel | None
    tested: Backtested
    mix: Mix
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

    @property
    def table_rows(self) -> list[str]:
        """Rows of the demand table."""
        return _table_rows(self.mix, self.outlook)

    def members(self, row: str) -> tuple[str, ...]:
        """Return the placement types of a row of the demand table, of those known."""
        return self.mix.members([row], self.history.places)[row]

    def rows(self, groups: tuple[str, ...] = (TOTAL,)) -> pd.DataFrame:
        """Return scores of the backtest by group; see :func:`needs.forecast.backtest.scored`."""
        return self.tested.of_groups(groups)


def _table_rows(mix: Mix, outlook: Outlook) -> list[str]:
    types = outlook.basis.study.categories.types
    return mix.rows(frozenset(t.key for t in types if t.sector == "external"))


def tested_of(data: StudyData, step: Callable[[str], None] = lambda _: None) -> Backtested:
    """Return the backtest of a study, from what was kept of it or made now.

    Parameters
    ----------
    data : StudyData
    step : callable
        Told what is about to be done.

    Raises
    ------
    InputMissing
        If the study has no SSDA903 returns.
    ModelError
        If the returns hold nobody who counts.
    """
    return tested_once(data, lambda: _tested(data, step))


def methods_of(data: StudyData) -> dict[str, Method]:
    """Return every method that a study has the inputs for."""
    return {**METHODS, **offered(People.of(data))}


def _tested(data: StudyData, step: Callable[[str], None]) -> Backtested:
    study = data.study
    step("reading the returns")
    outlook, history = Outlook.of(data), _history(data)
    mix = Mix.of(data, outlook.basis.date_keys)
    places = history.places
    rows = {r: m for r, m in mix.members(_table_rows(mix, outlook), places).items() if m}
    each, _ = _each(data)
    groups = {**rows, **{p: (p,) for p in places}, TOTAL: places}
    draws = study.forecast.tested_draws
    methods = methods_of(data)
    return Backtested.of(
        history, methods, list(each), groups, outlook.least, draws, study.seed, step
    )


def _history(data: StudyData) -> History:
    def cut() -> History:
        until = day_number(data.study.period.as_at)
        return History.of(data.records, data.study).cut(until)

    return data.once("forecast history", cut)


def _made(data: StudyData) -> Ahead:
    outlook, study = Outlook.of(data), data.study
    history = _history(data)
    each, refused = _each(data)
    tested = tested_of(data)
    weight = {k: w for k, w in tested.weights.items() if k in each}
    parts = each.get("flow")
    rng = np.random.default_rng([study.seed, 1])
    pool = mixed({k: with_parts(f, parts) for k, f in each.items()}, weight, rng)
    return Ahead(
        outlook,
        history,
        calibrate(pool, tested.widths),
        each,
        _flow(data) if "flow" in each else None,
        tested,
        Mix.of(data, outlook.basis.date_keys),
        (*tested.why, *refused),
    )


def _flow(data: StudyData) -> FlowModel:
    """Return the flow model, fitted once."""
    return data.once("flow model", lambda: fit_flow(_history(data)))


def _each(data: StudyData) -> tuple[dict[str, Forecast], tuple[str, ...]]:
    """Return the forecast of each method that makes one, and why the others make none."""
    return data.once("forecasts of each method", lambda: _each_made(data))


def _each_made(data: StudyData) -> tuple[dict[str, Forecast], tuple[str, ...]]:
    study, days, history = data.study, Outlook.of(data).days, _history(data)
    made, refused = {}, []
    for key, method in methods_of(data).items():
        rng = np.random.default_rng([study.seed, 2, zlib.crc32(key.encode())])
        try:
            if key == "flow":
                model = _flow(data)
                made[key] = replace(model.simulate(days, study.forecast.draws, rng), method=key)
            else:
                with one_thread():
                    made[key] = method(history, days, study.forecast.draws, rng)
        except ModelError as error:
            if key == YARDSTICK:
                raise
            words = METHOD_WORDS[key]
            refused.append(f"“{words}” takes no part: {rules_of(error)}.")
    return made, tuple(refused)
