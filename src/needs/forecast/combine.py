"""One forecast out of several: weights from past skill, and ranges as wide as the past was wrong.

Both leave whole draws together: a draw is taken from one method with all its placement types,
days, ages and flows, and widened as a whole, so that parts still add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.backtest import Past, rolling_known, scored
from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.shape import Forecast, Part

__all__ = [
    "COMBINED",
    "calibrate",
    "combined_past",
    "mixed",
    "pool_weights",
    "stretch",
    "weights",
    "with_parts",
]

COMBINED = "combined"
LABEL = "Combined forecast"

POWER = 2.0
"""Weights go with the inverse CRPS to this power."""

HALF = 3.0
"""Origins at which skill and equal weights count alike."""

WIDEST = 4.0
NARROWEST = 0.8
"""No range is made more than so many times as wide; none narrower than this share: few past
errors prove little about a range that seems too wide."""

TARGET = 0.8

Floats = npt.NDArray[np.float64]


def weights(rows: pd.DataFrame, total: str = "all") -> dict[str, float]:
    """Return what each method weighs, from its skill in past years.

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`; may be empty.
    total : str
        Group whose scores count.

    Returns
    -------
    dict of str to float
        Method -> weight; they add up to one. A method with a CRPS that is no better than the
        last value's weighs nothing; where none is better, the last value weighs all.

    Notes
    -----
    Inverse scores, drawn to equal weights where few origins are known: simple averages are
    hard to beat with weights from few errors (Stock and Watson 2004, *Journal of
    Forecasting* 23, 405-430; Claeskens and others 2016, *International Journal of
    Forecasting* 32, 754-762).
    """
    of = rows[rows["group"] == total] if len(rows) else rows
    if not len(of):
        return {YARDSTICK: 1.0}
    # Horizons differ in size: each is set against the last value's before they are averaged.
    mean = of.pivot_table(index="horizon", columns="method", values="crps")
    last = mean[YARDSTICK]
    ratio = (mean[last > 0].div(last[last > 0], axis=0)).mean()
    good = ratio[(ratio < 1) | (ratio.index == YARDSTICK)]
    if len(good) < 2:
        return {YARDSTICK: 1.0}
    inverse = np.maximum(good, 1e-6) ** -POWER
    origins = int(of["origin"].nunique())
    trust = origins / (origins + HALF)
    found = trust * inverse / inverse.sum() + (1 - trust) / len(good)
    return {str(k): float(v) for k, v in found.items()}


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


def stretch(past: Sequence[Past], target: float = TARGET) -> float:
    """Return how many times as wide ranges of the total must be to cover what they claim.

    Parameters
    ----------
    past : sequence of Past
        Of one method.
    target : float
        Share that the central range is to cover.

    Returns
    -------
    float
        Between :data:`NARROWEST` and :data:`WIDEST`; one where nothing is known.

    Notes
    -----
    Conformal: the errors of past forecasts in widths of their own ranges; their quantile is
    the width that would have covered (Romano, Patterson and Candes 2019, *Advances in Neural
    Information Processing Systems* 32). Forecasts of one origin are not exchangeable with each
    other, and they are few: the width is drawn towards one, the more the fewer the origins.
    """
    if not past:
        return 1.0
    ratios = [_error_in_widths(p, target) for p in past]
    scores = np.concatenate(ratios)
    origins = len({p.forecast.origin for p in past})
    rank = min(int(np.ceil((len(scores) + 1) * target)), len(scores))
    needed = float(np.sort(scores)[rank - 1])
    trust = origins / (origins + HALF)
    return float(np.clip(np.exp(trust * np.log(max(needed, 1e-3))), NARROWEST, WIDEST))


def _error_in_widths(past: Past, target: float) -> Floats:
    total = past.forecast.total().astype(float)
    middle = np.median(total, axis=0)
    low, high = np.quantile(total, [(1 - target) / 2, (1 + target) / 2], axis=0)
    outcome = past.outcome.sum(axis=1)
    half = np.where(outcome < middle, middle - low, high - middle)
    return np.asarray(np.abs(outcome - middle) / np.maximum(half, 0.5))


def calibrate(forecast: Forecast, factor: float) -> Forecast:
    """Return a forecast whose total is so many times as wide, parts rescaled with it.

    Parameters
    ----------
    forecast : Forecast
    factor : float
        From :func:`stretch`, above nought.

    Returns
    -------
    Forecast
        Each draw's total is moved from or to the median of its day by one rule that keeps
        their order and stays above nought; its placement types and its other stocks are
        multiplied by the same number, so that they add up. Flows are left as they are.
    """
    total = forecast.total().astype(float)
    middle = np.median(total, axis=0, keepdims=True)
    # On the log scale a stretch cannot pass nought.
    safe = np.maximum(total, 1e-9) / np.maximum(middle, 1e-9)
    scale = np.where(total > 0, safe ** (factor - 1), 1.0)[:, :, None].astype(np.float32)
    parts = {
        name: p if p.flow else Part(p.groups, p.draws * scale) for name, p in forecast.parts.items()
    }
    return replace(
        forecast,
        draws=forecast.draws * scale,
        parts=parts,
        settings={**forecast.settings, "width": factor},
    )


def combined_past(past: Sequence[Past], seed: int) -> list[Past]:
    """Return what the combined forecast would have said, with weights and widths known then.

    Parameters
    ----------
    past : sequence of Past
        Every method at every origin, the last value among them.
    seed : int
        Of the study.

    Returns
    -------
    list of Past
        One an origin. An outcome teaches only origins on or after its day.
    """
    done: list[Past] = []
    for origin in sorted({p.forecast.origin for p in past}):
        rng = np.random.default_rng([seed, origin.year])
        here = {p.forecast.method: p for p in past if p.forecast.origin == origin}
        weight = pool_weights(rolling_known(past, origin))
        pool = mixed({k: p.forecast for k, p in here.items()}, weight, rng)
        width = stretch(rolling_known(done, origin))
        done.append(replace(next(iter(here.values())), forecast=calibrate(pool, width)))
    return done


def pool_weights(past: Sequence[Past]) -> dict[str, float]:
    """Return :func:`weights` from past forecasts; a method that states no range takes no part."""
    ranged = [p for p in past if np.ptp(p.forecast.total(), axis=0).any()]
    if not any(p.forecast.method == YARDSTICK for p in ranged):
        return {YARDSTICK: 1.0}
    return weights(scored(ranged, {"all": ranged[0].forecast.groups}))
