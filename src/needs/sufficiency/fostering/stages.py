"""Chances and times from stage to stage, with those who are still on their way.

Someone may go on, or end without approval, or still be waiting on the last day: the chance is the
cumulative incidence of Aalen and Johansen (1978), the time served the product-limit estimate of
Kaplan and Meier (1958) with households entering when they came into view.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.sufficiency.fostering.pipeline import YEAR, Pipeline

__all__ = ["approved_within", "going_on", "incidence", "staying"]

Floats = npt.NDArray[np.float64]
MONTH = YEAR / 12
"""Days of a month."""


def incidence(days: Floats, event: npt.NDArray[np.int64], at: Sequence[float]) -> Floats:
    """Return the chance that the first kind of event has come by some days.

    Parameters
    ----------
    days : numpy.ndarray, shape (people,)
        Days to the event, or to the last day seen.
    event : numpy.ndarray of int, shape (people,)
        1 for the event asked for, 2 for what rules it out, 0 for still waiting.
    at : sequence of float
        Days.

    Returns
    -------
    numpy.ndarray
        Chance, NaN after the longest time that anybody was seen, if that one still waits.
    """
    from lifelines import AalenJohansenFitter  # noqa: PLC0415 - slow

    by = np.asarray(at, dtype=float)
    if not len(days):
        return np.full(len(by), np.nan)
    told = (by <= days.max()) | bool((event[days == days.max()] != 0).all())
    if not (event == 1).any():
        return np.where(told, 0.0, np.nan)
    # The fitter breaks ties by chance: whole days are moved apart by order, events first.
    order = np.lexsort((np.arange(len(days)), event == 0, days))
    moved = np.empty(len(days))
    moved[order] = days[order] + np.arange(1, len(days) + 1) / (2.0 * len(days) + 2)
    fit = AalenJohansenFitter(calculate_variance=False).fit(moved, event, event_of_interest=1)
    curve = fit.cumulative_density_.iloc[:, 0]
    step = np.searchsorted(curve.index.to_numpy(dtype=float), by + 0.5, side="right") - 1
    return np.where(told, curve.to_numpy()[np.maximum(step, 0)], np.nan)


def going_on(pipeline: Pipeline, begin: str, end: str, since: int) -> pd.DataFrame:
    """Return who began a stage after a day: ``days`` to the next, and ``event``.

    Parameters
    ----------
    pipeline : Pipeline
    begin, end : str
        Stages.
    since : int
        Days since 1970.
    """
    rows = pipeline.rows[pipeline.rows[begin] > since]
    gone = rows["withdrawn"].where(rows[end].isna())
    stop = rows[end].fillna(gone).fillna(pipeline.day)
    event = np.where(rows[end].notna(), 1, np.where(gone.notna(), 2, 0))
    return pd.DataFrame({"days": (stop - rows[begin]).clip(lower=0), "event": event})


def approved_within(pipeline: Pipeline, since: int, months: int = 24) -> float:
    """Return the chance that an enquiry leads to approval within some months."""
    frame = going_on(pipeline, "enquiry", "approval", since)
    days = frame["days"].to_numpy(dtype=float)
    return float(incidence(days, frame["event"].to_numpy(), [months * MONTH])[0])


def staying(pipeline: Pipeline, since: int, years: Sequence[float]) -> tuple[Floats, float]:
    """Return the chance that a household serves some years, and the median of years served.

    Parameters
    ----------
    pipeline : Pipeline
    since : int
        Day from which deregistrations were seen: who left before is not in view.
    years : sequence of float

    Returns
    -------
    (numpy.ndarray, float)
        Chances; the median is NaN where fewer than half have left. NaN throughout where, at
        some length of service, all who were in view had left while others came in later: of what
        lies beyond, the product-limit estimate knows nothing.
    """
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - slow
    from lifelines.exceptions import StatError  # noqa: PLC0415 - slow

    rows = pipeline.rows[pipeline.rows["approval"].notna()]
    stop = rows["deregistration"].fillna(pipeline.day)
    seen = stop > np.maximum(rows["approval"], since)
    rows, stop = rows[seen], stop[seen]
    if rows.empty:
        return np.full(len(years), np.nan), np.nan
    entry = (since - rows["approval"]).clip(lower=0)
    served = stop - rows["approval"]
    left = rows["deregistration"].notna()
    try:
        fit = KaplanMeierFitter().fit(served / YEAR, left, entry=entry / YEAR)
    except StatError:
        return np.full(len(years), np.nan), np.nan
    chances = fit.survival_function_at_times(list(years)).to_numpy(dtype=float)
    chances = np.where(np.array(years) <= served.max() / YEAR, chances, np.nan)
    middle = float(fit.median_survival_time_)
    return chances, middle if np.isfinite(middle) else np.nan
