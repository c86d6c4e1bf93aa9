"""Backtest of annual totals over many authorities, and what it says of each method."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import scoringrules

from needs.forecast.series.annual import METHODS, POINTS

__all__ = ["gains", "half", "score", "summary"]

Floats = npt.NDArray[np.float64]
Method = Callable[[Floats, int, int], Floats]

HORIZONS = (1, 2, 3, 4, 5)
LEAST = 5
"""Years before the first origin that is scored."""


def half(codes: Sequence[object]) -> npt.NDArray[np.bool_]:
    """Return which authorities are of the half that methods are developed on.

    By a hash of the code, so that nobody chooses: even ones.
    """
    digests = [hashlib.sha256(str(c).encode()).digest()[-1] for c in codes]
    return np.array([d % 2 == 0 for d in digests])


def score(
    totals: pd.DataFrame,
    methods: Mapping[str, Method] = METHODS,
    pool: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score methods from every origin, with only what was known at it.

    Parameters
    ----------
    totals : DataFrame of float
        Children looked after on 31 March, one row an authority, one column a year without
        gaps; NaN where not published. An authority that ends or begins is scored where both
        its origin and its outcome are known.
    methods : mapping of str to callable
        ``(levels, at, ahead) -> quantiles``.
    pool : DataFrame, optional
        Authorities whose errors are pooled; those scored where not given. Rows scored must be
        among them.

    Returns
    -------
    DataFrame
        One row a method, origin, horizon and authority: ``method, origin, ahead, authority,
        value, last, median, crps, inside_50, inside_80, inside_95``.
    """
    wide = totals if pool is None else pool
    levels, rows = wide.to_numpy(float), wide.index.get_indexer(totals.index)
    frames = []
    for name, method in methods.items():
        for at in range(LEAST, levels.shape[1] - 1):
            for ahead in (h for h in HORIZONS if at + h < levels.shape[1]):
                q = method(levels, at, ahead)[rows]
                y, last = levels[rows, at + ahead], levels[rows, at]
                ok = np.isfinite(y) & np.isfinite(q).all(axis=1)
                frames.append(
                    pd.DataFrame(
                        {
                            "method": name,
                            "origin": wide.columns[at],
                            "ahead": ahead,
                            "authority": totals.index[ok],
                            "value": y[ok],
                            "last": last[ok],
                            "median": np.median(q[ok], axis=1),
                            "crps": scoringrules.crps_ensemble(y[ok], q[ok], estimator="qd"),
                            **_inside(y[ok], q[ok]),
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)


def _inside(y: Floats, q: Floats) -> dict[str, npt.NDArray[np.bool_]]:
    found = {}
    for level in (50, 80, 95):
        low, high = (np.interp(p, POINTS, np.arange(len(POINTS))) for p in _tails(level))
        ends = [_at(q, place) for place in (low, high)]
        found[f"inside_{level}"] = (ends[0] <= y) & (y <= ends[1])
    return found


def _tails(level: int) -> tuple[float, float]:
    return (0.5 - level / 200, 0.5 + level / 200)


def _at(q: Floats, place: float) -> Floats:
    below = int(place)
    above = min(below + 1, q.shape[1] - 1)
    value: Floats = q[:, below] + (place - below) * (q[:, above] - q[:, below])
    return value


def summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Return errors and coverage by method and horizon, and pooled (horizon 0).

    Returns
    -------
    DataFrame
        ``method, ahead, forecasts_n, mae, mae_last, mase, bias, crps, inside_50_pct,
        inside_80_pct, inside_95_pct``; errors in children.
    """
    s = scores.assign(
        mae=(scores["value"] - scores["median"]).abs(),
        mae_last=(scores["value"] - scores["last"]).abs(),
        bias=scores["median"] - scores["value"],
        **{f"inside_{p}_pct": scores[f"inside_{p}"] * 100.0 for p in (50, 80, 95)},
    )
    columns = ["mae", "mae_last", "bias", "crps", *(f"inside_{p}_pct" for p in (50, 80, 95))]
    by = s.groupby(["method", "ahead"], sort=False)[columns].mean()
    by["forecasts_n"] = s.groupby(["method", "ahead"], sort=False).size()
    every = s.groupby("method", sort=False)[columns].mean()
    every["forecasts_n"] = s.groupby("method", sort=False).size()
    every = every.assign(ahead=0).set_index("ahead", append=True)
    table = pd.concat([by, every]).reset_index()
    table["mase"] = table["mae"] / table["mae_last"]
    return table


def gains(scores: pd.DataFrame, method: str, against: str) -> pd.DataFrame:
    """Return how much lower a method's CRPS is than another's, with its standard error.

    Returns
    -------
    DataFrame
        ``ahead`` (0: all), ``gain_pct`` (of the other's mean CRPS), ``error_pct`` (standard
        error, clustered by origin: authorities share a year's news).
    """
    keys = ["origin", "ahead", "authority"]
    pair = scores[scores["method"].isin([method, against])]
    wide = pair.pivot_table("crps", keys, "method").dropna().reset_index()
    wide["gain"] = wide[against] - wide[method]
    rows = []
    for ahead in (0, *HORIZONS):
        part = wide if ahead == 0 else wide[wide["ahead"] == ahead]
        mean, base = part["gain"].mean(), part[against].mean()
        sums = (part["gain"] - mean).groupby(part["origin"]).sum()
        g = len(sums)
        error = np.sqrt((sums**2).sum() * g / max(g - 1, 1)) / len(part)
        rows.append(
            {"ahead": ahead, "gain_pct": mean / base * 100, "error_pct": error / base * 100}
        )
    return pd.DataFrame(rows)
