"""The backtest where only annual totals are known: one authority's, or a panel of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import scoringrules as sr
from scipy import stats

from needs.care.published_figures import own, select
from needs.forecast.backtest import HORIZONS
from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.baselines import PRIOR
from needs.forecast.series.annual import POINTS, benchmark, gaussian, trend
from needs.forecast.series.changes import LEVELS_OF, changes_known
from needs.forecast.series.panel import score
from needs.forecast.series.smoothing import arima_011, damped_trend
from needs.forecast.shape import LEVELS, TOTAL
from needs.vocabulary.errors import Fault, InputMissing, ModelError
from needs.vocabulary.records import StudyData

__all__ = [
    "ANNUAL_METHODS",
    "ANNUAL_WORDS",
    "annual_rows",
    "annual_totals_of",
    "annual_totals_printed",
    "panel_rows",
    "quantiles_ahead",
]

Floats = npt.NDArray[np.float64]
Method = Callable[[pd.Series, int], Floats | None]

LEAST_KNOWN = 3
"""Counts that must be known at the first origin."""

ANNUAL_WORDS = {
    YARDSTICK: "Last value, with changes of its own past",
    "drift": "Drift carried on",
    "england": "Last value, with changes of all authorities",
    "arima_011": "ARIMA(0,1,1)",
    "damped_trend": "Damped trend",
}


def annual_totals_printed(data: StudyData) -> pd.DataFrame:
    """Return the printed counts of all children at the end of March, one row a year.

    Raises
    ------
    InputMissing
        If no table prints a total for the end of March.
    """
    rows = select(data, "children_n", area=own(data), by="")
    rows = rows[(rows["table"] != "") & rows["month"].str.endswith("-03")]
    rows = rows[rows["group"] == TOTAL]
    if rows.empty:
        raise InputMissing("published")
    rows = rows.assign(year=rows["month"].str[:4].astype(int)).sort_values("document")
    return rows.drop_duplicates("year", keep="last").sort_values("year")


def annual_totals_of(data: StudyData) -> pd.Series[float]:
    """Return the years that follow each other up to the last, of :func:`annual_totals_printed`.

    Returns
    -------
    Series of float
        Children at 31 March by end year (int).
    """
    rows = annual_totals_printed(data)
    series = rows.set_index("year")["value"].astype(float)
    years = series.index.to_numpy()
    broken = np.flatnonzero(np.diff(years) > 1)
    return series.iloc[int(broken[-1]) + 1 if len(broken) else 0 :]


def _spread(known: Floats, ahead: int) -> tuple[float, float]:
    """Return how far a total may move, on the log scale, and degrees of freedom.

    As :func:`needs.forecast.baselines.spread`, from one count a year.
    """
    lag = min(ahead, max((len(known) - 1) // 2, 1))
    change = np.log(known[lag:] / known[:-lag])
    worth = max(min((len(known) - 1 - lag) / lag + 1, len(change)), 0)
    square = float((change**2).mean()) * ahead / lag if len(change) else 0.0
    pooled = (worth * square + PRIOR.worth * ahead * PRIOR.total**2) / (worth + PRIOR.worth)
    return float(np.sqrt(pooled)), worth + PRIOR.worth


def _last(known: pd.Series, ahead: int) -> Floats | None:
    values = known.to_numpy(dtype=float)
    size, freedom = _spread(values, ahead)
    return np.asarray(values[-1] * np.exp(size * stats.t.ppf(POINTS, freedom)))


def _drift(known: pd.Series, ahead: int) -> Floats | None:
    values = known.to_numpy(dtype=float)
    line = max(values[-1] + ahead * (values[-1] - values[0]) / (len(values) - 1), 1.0)
    size, freedom = _spread(values, ahead)
    return np.asarray(line * np.exp(size * stats.t.ppf(POINTS, freedom)))


def _england(known: pd.Series, ahead: int) -> Floats | None:
    """Return the last value moved by what was then known of all authorities' changes."""
    found = changes_known(int(known.index[-1]), ahead)
    if found is None:
        return None
    at: Floats = np.asarray(stats.norm.ppf(np.array(LEVELS_OF)))
    # Between the quantiles known, and beyond them, as straight lines on the normal scale.
    z = stats.norm.ppf(POINTS)
    between = np.interp(z, at, found)
    low = found[0] + (z - at[0]) * (found[1] - found[0]) / (at[1] - at[0])
    high = found[-1] + (z - at[-1]) * (found[-1] - found[-2]) / (at[-1] - at[-2])
    moved = np.where(z < at[0], low, np.where(z > at[-1], high, between))
    return np.asarray(np.maximum(float(known.iloc[-1]) * (1 + moved), 0.0))


ANNUAL_METHODS: Mapping[str, Method] = {YARDSTICK: _last, "drift": _drift, "england": _england}
"""``(counts known, years ahead) -> quantiles`` at the points of the series' methods."""


def quantiles_ahead(totals: pd.Series[float], ahead: int) -> dict[str, Floats]:
    """Return each method's quantiles so many years after the last; a method may have none."""
    found = {k: m(totals, ahead) for k, m in ANNUAL_METHODS.items()}
    return {k: q for k, q in found.items() if q is not None}


def annual_rows(totals: pd.Series[float]) -> pd.DataFrame:
    """Return scores of every method from every past year, with only what was known then.

    Parameters
    ----------
    totals : Series of float
        By end year, without gaps.

    Returns
    -------
    DataFrame
        As :func:`needs.forecast.backtest.scored`; a forecast that a method could not make is
        left out for every method.

    Raises
    ------
    ModelError
        If fewer than four years follow each other.
    """
    made = []
    for at in range(LEAST_KNOWN - 1, len(totals) - 1):
        known = totals.iloc[: at + 1]
        for ahead in (h for h in HORIZONS if at + h < len(totals)):
            said = quantiles_ahead(known, ahead)
            if len(said) < len(ANNUAL_METHODS):
                continue
            year, outcome = int(known.index[-1]), float(totals.iloc[at + ahead])
            base = float(known.iloc[-1])
            made += [_row(k, year, ahead, base, outcome, q) for k, q in said.items()]
    if not made:
        rule = "fewer than four printed totals follow each other"
        raise ModelError("nothing can be tested", [Fault("published", rule, "add earlier totals")])
    return pd.DataFrame(made)


def _row(
    method: str, year: int, ahead: int, base: float, outcome: float, q: Floats
) -> dict[str, object]:
    inside = {}
    for level in LEVELS:
        low, high = np.interp([0.5 - level / 200, 0.5 + level / 200], POINTS, q)
        inside[f"inside_{level}"] = bool(np.floor(low + 0.5) <= outcome <= np.floor(high + 0.5))
    middle = float(np.median(q))
    return {
        "method": method,
        "origin": year,
        "horizon": ahead,
        "group": TOTAL,
        "base": base,
        "outcome": outcome,
        "forecast": middle,
        "error": float(q.mean()) - outcome,
        "absolute": abs(middle - outcome),
        "crps": float(sr.crps_ensemble(outcome, q, estimator="qd")),
        **inside,
    }


def panel_rows(totals: pd.DataFrame) -> pd.DataFrame:
    """Return scores of every authority of a panel, in the columns of :func:`annual_rows`.

    Parameters
    ----------
    totals : DataFrame of float
        Children at 31 March, one row an authority, one column a year without gaps.

    Notes
    -----
    The errors of the last value are pooled over all authorities as relative changes that were
    known at the origin (split conformal prediction); see
    :func:`needs.forecast.series.annual.benchmark`. The last value itself has normal errors.
    """
    methods = {
        YARDSTICK: gaussian,
        "drift": trend,
        "england": benchmark,
        "arima_011": arima_011,
        "damped_trend": damped_trend,
    }
    found = score(totals, methods)
    return pd.DataFrame(
        {
            "method": found["method"],
            "origin": found["origin"],
            "horizon": found["ahead"],
            "group": TOTAL,
            "base": found["last"],
            "outcome": found["value"],
            "forecast": found["median"],
            "error": found["median"] - found["value"],
            "absolute": (found["median"] - found["value"]).abs(),
            **{c: found[c] for c in ("crps", "inside_50", "inside_80", "inside_95")},
        }
    )
