"""Days in placements: how many nights of each type a year holds, as full-time equivalents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import completed_years
from needs.care.counted import one_at_a_time
from needs.care.placements import held_before_temporary, placement_type
from needs.care.stability import nights
from needs.care.windows import Window
from needs.vocabulary.records import Records
from needs.vocabulary.study import Categories, Counting, Scope

__all__ = ["days_in_care", "days_of", "placed_stretches", "placement_days"]

Floats = npt.NDArray[np.float64]


def days_of(window: Window, counting: Counting | None = None) -> int:
    """Return how many days a window has; a whole year 365 where the study counts so."""
    if counting and counting.days_of_year == "365" and not window.part:
        return 365
    return (window.end - window.start).days + 1


def days_in_care(records: Records, windows: Sequence[Window], scope: Scope) -> Floats:
    """Return the days that all children together spent in care in each window."""
    stretches = one_at_a_time(records, scope)
    return np.array([nights(stretches, w).sum() for w in windows], dtype=float)


def placement_days(
    records: Records, windows: Sequence[Window], scope: Scope, categories: Categories
) -> pd.DataFrame:
    """Return days in each placement type, one row a window, type and child.

    Parameters
    ----------
    records : Records
    windows : sequence of Window
    scope : Scope
        Who counts.
    categories : Categories
        The study's category map.

    Returns
    -------
    pandas.DataFrame
        ``window`` (position), ``type`` (category, missing where not recorded), ``child``,
        ``days`` (nights: the day of leaving is not counted).

    Notes
    -----
    A child's day belongs to one placement: that of the episode that started last, unless the
    study counts by the first, and the one held before a temporary move. Where a rule of the map
    asks for an age, it is that on the first day of the stretch within the window.
    """
    every = placed_stretches(records, windows, scope, categories)
    types = every["type"].array
    code = types.codes.astype(np.int64)
    wide, size = len(types.categories) + 1, len(records.children)
    key = (every["window"].to_numpy() * wide + code + 1) * size + every["child"].to_numpy()
    found, at = np.unique(key, return_inverse=True)
    return pd.DataFrame(
        {
            "window": found // size // wide,
            "type": pd.Categorical.from_codes(
                (found // size % wide - 1).tolist(), categories=types.categories
            ),
            "child": found % size,
            "days": np.bincount(at, every["days"].to_numpy(), minlength=len(found)),
        }
    )


def placed_stretches(
    records: Records, windows: Sequence[Window], scope: Scope, categories: Categories
) -> pd.DataFrame:
    """Return stretches of nights in one placement, cut at the edges of windows.

    Returns
    -------
    pandas.DataFrame
        ``window`` (position), ``episode`` (position), ``child``, ``start``, ``first`` (first
        night within the window), ``days`` (nights within it), ``type`` as in
        :func:`placement_days`. No two of a child share a night.
    """
    every = _stretches(records, windows, scope)
    held = held_before_temporary(records.episodes, records.counting)[every["episode"].to_numpy()]
    born = records.children["dob"].to_numpy()[every["child"].to_numpy()]
    placed = pd.DataFrame(
        {c: records.episodes[c].array[held] for c in ("place", "provider", "urn")}
    ).assign(age=completed_years(born, every["first"].to_numpy(), records.counting))
    return every.assign(type=placement_type(placed, categories))


def _stretches(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return counted stretches cut at the edges of windows: first day and days of each."""
    stretches = one_at_a_time(records, scope)
    parts = []
    for k, window in enumerate(windows):
        days = nights(stretches, window)
        some = stretches[["episode", "child", "start"]][days > 0]
        first = np.maximum(some["start"].to_numpy(), np.datetime64(window.start, "ns"))
        parts.append(some.assign(window=k, first=first, days=days[days > 0]))
    return pd.concat(parts, ignore_index=True)
