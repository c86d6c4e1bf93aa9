"""Frames that many measures start from, made once for each set of records.

Chapter 20 asks some thirty times which episodes count. What was made is let go with the records.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable

import pandas as pd

from needs.vocabulary.records import Records

__all__ = ["once"]

_Frames = dict[Hashable, pd.DataFrame]
_KEPT: dict[int, tuple[weakref.ref[Records], _Frames]] = {}


def once(records: Records, key: Hashable, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Return what ``make`` returns, made once for these records under that key.

    Parameters
    ----------
    records : Records
        Whose frame it is; they are never changed in place.
    key : hashable
        What is made, and every setting that it rests on.
    make : callable
        Returns the frame.

    Returns
    -------
    pandas.DataFrame
        A copy that may be given columns, but whose values must not be changed in place.
    """
    number = id(records)
    owner, frames = _KEPT.get(number, (None, {}))
    if owner is None or owner() is not records:
        frames = {}
        _KEPT[number] = weakref.ref(records, lambda _: _KEPT.pop(number, None)), frames
    if key not in frames:
        frames[key] = make()
    return frames[key].copy(deep=False)
