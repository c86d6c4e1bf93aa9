"""How good methods were in past years, and whether that is more than luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from needs.forecast.shape import LEVELS

__all__ = ["SAME", "VERDICTS", "YARDSTICK", "last_beside", "summary", "verdicts"]

YARDSTICK = "last_value"
SAME = ["origin", "horizon", "group"]
"""What two scores must share to be set against each other."""

POOLED = 0
"""Horizon of the rows over all horizons."""

VERDICTS = {
    "better": "better than the last value, and by more than luck",
    "better_luck": "better than the last value, but it may be luck",
    "equal": "no different from the last value",
    "worse_luck": "worse than the last value, but it may be luck",
    "worse": "worse than the last value, and by more than luck",
}
LEVEL = 0.05
"""Chance of calling luck a difference."""


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means by method, horizon and group, and over all horizons (horizon 0).

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`.

    Returns
    -------
    DataFrame
        ``method``, ``horizon``, ``group``, ``origins_n``, ``mae``, ``mase`` (MAE as a multiple of
        the last value's at the same origins), ``crps``, ``skill_pct`` (of CRPS over the last
        value's), ``bias``, ``cover_50`` to ``cover_95`` (per cent).

    Notes
    -----
    MASE after Hyndman and Koehler (2006), *International Journal of Forecasting* 22, 679-688,
    with the last value's error out of sample as the scale, since few years are known.
    """
    beside = rows.join(last_beside(rows), on=SAME)
    both = pd.concat([beside, beside.assign(horizon=POOLED)], ignore_index=True)
    grouped = both.groupby(["method", "horizon", "group"], sort=True)
    means = grouped[["absolute", "crps", "error"]].mean()
    last = grouped[["absolute_last", "crps_last"]].mean()
    out = means.rename(columns={"absolute": "mae", "error": "bias"})
    for level in LEVELS:
        out[f"cover_{level}"] = 100 * grouped[f"inside_{level}"].mean()
    out["origins_n"] = grouped["origin"].nunique()
    with np.errstate(divide="ignore", invalid="ignore"):
        out["mase"] = out["mae"] / last["absolute_last"]
        out["skill_pct"] = 100 * (1 - out["crps"] / last["crps_last"])
    return out.reset_index()


def last_beside(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the last value's scores at each origin, horizon and group, to join on :data:`SAME`.

    A method may not have been usable at an origin: it is set against the last value's errors
    where it was.
    """
    last = rows[rows["method"] == YARDSTICK].set_index(SAME)
    return last[["absolute", "crps"]].add_suffix("_last")


def verdicts(rows: pd.DataFrame, score: str = "crps") -> pd.DataFrame:
    """Return each method's difference to the last value, over all horizons, and what it proves.

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`.
    score : str
        ``crps`` or ``absolute``.

    Returns
    -------
    DataFrame
        ``method``, ``group``, ``difference`` (children; below nought is better), ``error``
        (standard error), ``origins_n``, ``better_n`` (origins at which the method was better),
        ``chance`` (of so one-sided a tally if both were alike: two-sided sign test),
        ``verdict`` (key of :data:`VERDICTS`).

    Notes
    -----
    Horizons of an origin share its luck: differences are averaged in each origin first, and
    the standard error is clustered by origin. Origins a year apart overlap as well, so the
    verdict asks both tests: Student's t over the origins, and the sign test (Diebold and
    Mariano 1995, *Journal of Business and Economic Statistics* 13, 253-263).
    """
    index = ["method", "group", "origin"]
    means = rows.groupby(index)[score].mean()
    last = means.xs(YARDSTICK, level="method").rename("last")
    both = means.reset_index().join(last, on=["group", "origin"]).dropna(subset="last")
    both["apart"] = both[score] - both["last"]
    found = [
        {"method": m, "group": g, **_judged(d["apart"].to_numpy())}
        for (m, g), d in both.groupby(["method", "group"])
        if m != YARDSTICK
    ]
    names = ["method", "group", "difference", "error", "origins_n", "better_n", "chance", "verdict"]
    return pd.DataFrame(found, columns=names)


def _judged(apart: np.ndarray) -> dict[str, float | int | str]:
    n, mean = len(apart), float(apart.mean())
    error = float(apart.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    better, worse = int((apart < 0).sum()), int((apart > 0).sum())
    sign = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0
    far = n > 1 and abs(mean) > error * float(stats.t.ppf(1 - LEVEL / 2, n - 1))
    sure = bool(far and sign <= LEVEL)
    side = "equal" if mean == 0 else "better" if mean < 0 else "worse"
    return {
        "difference": mean,
        "error": error,
        "origins_n": n,
        "better_n": better,
        "chance": float(sign),
        "verdict": side if sure or side == "equal" else f"{side}_luck",
    }
