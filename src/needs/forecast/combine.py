"""One forecast out of several: weights from past skill, drawn to what known truth teaches.

Draws stay whole: each is taken from one method with all its placement types, days, ages and
flows, so that parts still add up. How wide ranges must be is told by :mod:`.widths`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.forecast.backtest import Past, rolling_known, scored
from needs.forecast.backtest_scores import SAME, YARDSTICK, last_beside
from needs.forecast.shape import TOTAL, Forecast
from needs.forecast.widths import calibrate, stretches

__all__ = [
    "COMBINED",
    "PRIOR_SKILL",
    "calibrated_past",
    "combined_past",
    "mixed",
    "pool_weights",
    "pooled_past",
    "skill",
    "weights",
    "with_parts",
]

COMBINED = "combined"
LABEL = "Combined forecast"

PRIOR_SKILL: Mapping[str, float] = {
    "flow": 0.81,
    "count_regression": 0.94,
    "drift": 0.97,
    "ets": 0.98,
}
"""CRPS as a multiple of the last value's, before any past year is tested: the geometric mean
over synthetic authorities of known truth, stationary, growing and shifting
(``tests/support/truth_histories.py``); one for a method that is not named."""

PRIOR_WORTH = 6.0
"""Origins that the prior counts for."""

POWER = 16.0
"""Weights go with the inverse CRPS to this power; chosen on the same authorities."""

BOUND = 2.0
"""One lucky past does not decide: own skill counts as at most so many times as good or bad."""

HELD_TO_IT = 3
"""From so many origins on, a method must have beaten the last value there itself."""

ENOUGH = 20.0
"""Fewest children, on every day looked at, for a placement type whose scores count."""


def skill(rows: pd.DataFrame) -> dict[str, float]:
    """Return each method's CRPS as a multiple of the last value's.

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`, of the total and of placement types.

    Returns
    -------
    dict of str to float
        The geometric mean of that of the total and that of all placement types with
        :data:`ENOUGH` children, over the origins. Each origin counts alike: a year that
        nobody foresaw makes every error large, and would decide alone if errors were added up.
    """
    total, types = rows[rows["group"] == TOTAL], rows[rows["group"] != TOTAL]
    if len(types):
        least = types.groupby("group")[["base", "outcome"]].min().min(axis=1)
        types = types[types["group"].isin(least.index[least >= ENOUGH])]
    parts = [_log_ratio(part) for part in (total, types) if len(part)]
    logs = pd.concat(parts, axis=1).mean(axis=1)
    return {str(k): float(v) for k, v in np.exp(logs).items()}


def _log_ratio(rows: pd.DataFrame) -> pd.Series:
    beside = rows.join(last_beside(rows), on=SAME)
    sums = beside.groupby(["origin", "method"])[["crps", "crps_last"]].sum()
    sums = sums[sums["crps_last"] > 0]
    ratio = (sums["crps"] / sums["crps_last"]).clip(lower=1e-6)
    logs = pd.Series(np.log(ratio), index=ratio.index).groupby("method").mean()
    return logs.reindex(rows["method"].unique()).fillna(0.0)


def weights(rows: pd.DataFrame, methods: Sequence[str]) -> dict[str, float]:
    """Return what each method weighs, from its skill in past years.

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`; may be empty.
    methods : sequence of str
        Those that can take part.

    Returns
    -------
    dict of str to float
        Method -> weight; they add up to one. A method that is expected to do no better than
        the last value weighs nothing, nor does one that has not beaten it at the origins
        known, where these are :data:`HELD_TO_IT` or more; where none is left, the last value
        weighs all.

    Notes
    -----
    Inverse scores to a power; own skill is drawn to :data:`PRIOR_SKILL` on the log scale where
    few origins are known, since weights from few errors are worse than simple ones (Stock and
    Watson 2004, *Journal of Forecasting* 23, 405-430; Claeskens and others 2016,
    *International Journal of Forecasting* 32, 754-762).
    """
    tested = rows.groupby("method")["origin"].nunique().to_dict() if len(rows) else {}
    own = skill(rows) if tested else {}
    expected = {YARDSTICK: 1.0}
    for method in methods:
        seen, origins = own.get(method, 1.0), int(tested.get(method, 0))
        if method == YARDSTICK or (origins >= HELD_TO_IT and seen >= 1):
            continue
        logs = origins * np.log(np.clip(seen, 1 / BOUND, BOUND))
        logs += PRIOR_WORTH * np.log(PRIOR_SKILL.get(method, 1.0))
        ratio = float(np.exp(logs / (origins + PRIOR_WORTH)))
        if ratio < 1:
            expected[method] = ratio
    inverse = {k: v**-POWER for k, v in expected.items()}
    whole = sum(inverse.values())
    return {k: v / whole for k, v in inverse.items()}


def mixed(
    forecasts: Mapping[str, Forecast], weight: Mapping[str, float], rng: np.random.Generator
) -> Forecast:
    """Return draws taken whole from several methods, in proportion to their weights.

    Parameters
    ----------
    forecasts : mapping of str to Forecast
        Of the same origin, days, groups and number of draws.
    weight : mapping of str to float
        From :func:`weights`.
    rng : numpy.random.Generator

    Notes
    -----
    A linear pool (Stone 1961, *Annals of Mathematical Statistics* 32, 1339-1342). Parts such as
    ages and flows are kept where every method with a weight has them.
    """
    used = {k: w for k, w in weight.items() if w > 0}
    first = forecasts[next(iter(used))]
    n = len(first.draws)
    exact = np.cumsum([w * n for w in used.values()])
    counts = np.diff(np.floor(exact / exact[-1] * n + 0.5).astype(int), prepend=0)
    taken = {k: np.sort(rng.permutation(n)[:c]) for k, c in zip(used, counts.tolist(), strict=True)}
    shared = set.intersection(*(set(forecasts[k].parts) for k in used))
    parts = {
        name: replace(
            first.parts[name],
            draws=np.concatenate([forecasts[k].parts[name].draws[at] for k, at in taken.items()]),
        )
        for name in sorted(shared)
    }
    return replace(
        first,
        method=COMBINED,
        label=LABEL,
        draws=np.concatenate([forecasts[k].draws[at] for k, at in taken.items()]),
        parts=parts,
        settings={"weights": dict(weight)},
        notes=tuple(dict.fromkeys(note for k in used for note in forecasts[k].notes)),
    )


def with_parts(forecast: Forecast, donor: Forecast | None) -> Forecast:
    """Return a forecast with the stocks of another, such as ages, scaled draw by draw to its total.

    Parameters
    ----------
    forecast : Forecast
    donor : Forecast or None
        Of the same days and number of draws; its flows are not taken.
    """
    if donor is None or forecast is donor:
        return forecast
    whole, own = forecast.total()[:, :, None], donor.total()[:, :, None]
    stocks = {name: p for name, p in donor.parts.items() if not p.flow}
    parts = {
        name: replace(
            p, draws=np.divide(p.draws * whole, own, out=np.zeros_like(p.draws), where=own > 0)
        )
        for name, p in stocks.items()
    }
    fits = (own > 0).all() or not whole[own <= 0].any()
    return replace(forecast, parts={**parts, **forecast.parts}) if fits else forecast


def pooled_past(past: Sequence[Past], seed: int) -> list[Past]:
    """Return what the pool of methods would have said, with weights known then.

    Parameters
    ----------
    past : sequence of Past
        Every method at every origin, the last value among them.
    seed : int
        Of the study.

    Returns
    -------
    list of Past
        One an origin, as wide as the methods claim. An outcome teaches only origins on or
        after its day.
    """
    done: list[Past] = []
    for origin in sorted({p.forecast.origin for p in past}):
        rng = np.random.default_rng([seed, origin.year])
        here = {p.forecast.method: p for p in past if p.forecast.origin == origin}
        able = [p.forecast.method for p in here.values() if _ranged(p)]
        weight = pool_weights(rolling_known(past, origin), able)
        pool = mixed({k: p.forecast for k, p in here.items()}, weight, rng)
        done.append(replace(next(iter(here.values())), forecast=pool))
    return done


def calibrated_past(pools: Sequence[Past]) -> list[Past]:
    """Return the pool of each origin, as wide as its errors known then ask."""
    return [
        replace(p, forecast=calibrate(p.forecast, stretches(rolling_known(pools, origin))))
        for p in pools
        for origin in [p.forecast.origin]
    ]


def combined_past(past: Sequence[Past], seed: int) -> list[Past]:
    """Return what the combined forecast would have said, with weights and widths known then."""
    return calibrated_past(pooled_past(past, seed))


def pool_weights(past: Sequence[Past], methods: Sequence[str]) -> dict[str, float]:
    """Return :func:`weights` from past forecasts.

    A method that states no range takes no part in what is scored.
    """
    ranged = [p for p in past if p.forecast.method in methods and _ranged(p)]
    return weights(scored(ranged) if ranged else pd.DataFrame(), methods)


def _ranged(past: Past) -> bool:
    """Return whether a method states a range."""
    return bool(np.ptp(past.forecast.total(), axis=0).any())
