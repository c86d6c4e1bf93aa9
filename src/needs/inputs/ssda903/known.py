"""The records as they were known when a return was made: without what later returns said.

Nothing is written anywhere. What is needed for it stays in memory beside the records, and is
worked on only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from needs.inputs.ssda903.histories import histories, moved_starts
from needs.inputs.ssda903.quality import mended
from needs.inputs.ssda903.raw import RawReturns
from needs.inputs.ssda903.records import children_of, episodes_of
from needs.vocabulary.records import Records

__all__ = ["keeper"]

_HEADER = ["child", "return_year", "sex", "dob", "ethnic"]
_UASC = ["child", "return_year", "duc"]


def keeper(raw: RawReturns, checked: RawReturns) -> Callable[..., Records]:
    """Return what rebuilds earlier records: :attr:`needs.vocabulary.records.Records.as_known`.

    Parameters
    ----------
    raw : RawReturns
        Episodes as read: a repair between returns must not see later ones.
    checked : RawReturns
        Its Header has been mended return by return, so that it serves as it is.
    """
    uasc = checked.others.get("uasc")
    others = {} if uasc is None else {"uasc": uasc[_UASC]}
    kept = replace(
        raw, header=checked.header[_HEADER], others=others, set_aside=raw.set_aside.iloc[:0]
    )
    return partial(_as_known, kept)


def _as_known(kept: RawReturns, until: int, since: int = 0) -> Records:
    """Return the records made of the returns of ``since`` to ``until`` (end years).

    Children stand as every return up to ``until`` says, whatever ``since`` is.
    """
    episodes, returns = (_between(f, since, until) for f in (kept.episodes, kept.returns))
    told = replace(
        kept,
        episodes=episodes,
        header=_between(kept.header, 0, until),
        returns=returns,
        others={k: _between(f, 0, until) for k, f in kept.others.items()},
    )
    moved = moved_starts(episodes, returns)
    of_returns = replace(told, header=_between(kept.header, since, until))
    history = histories(mended(of_returns), moved)
    nothing = pd.DataFrame()
    return Records(
        children_of(told),
        episodes_of(history.frame),
        {},
        returns,
        nothing,
        nothing,
        returns["end"].max(),
        ids=kept.ids,
    )


def _between(frame: pd.DataFrame, since: int, until: int) -> pd.DataFrame:
    year = frame["return_year"].to_numpy(np.int64)
    return frame[(year >= since) & (year <= until)].reset_index(drop=True)
