"""A result shown again under another name, in part: what the first hides is hidden in it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from needs.vocabulary.results import Result, Sentence

__all__ = ["again", "last_two"]


def again(result: Result, name: str, keep: pd.Series | None = None, **changes: Any) -> Result:
    """Return some rows of a result under another name.

    Parameters
    ----------
    result : Result
        As its own analysis returns it.
    name : str
        Of the new result; its figure ids begin with it.
    keep : Series of bool, optional
        Rows of the table that are shown; all where not given.
    **changes
        Other fields of the new result.
    """
    rows = result.table if keep is None else result.table[keep.to_numpy()].reset_index(drop=True)
    told = {
        "title": result.title,
        "text": tuple(_renamed(s, result.name, name) for s in result.text),
        "charts": result.charts,
        **changes,
    }
    return replace(
        result,
        name=name,
        table=rows,
        leans_on=_ids(result.leans_on, result.name, name),
        mirrors=result,
        kin=None,
        additive=result.additive if keep is None else (),
        checks=(),
        **told,
    )


def _other(own: str, old: str, new: str) -> str:
    return f"{new}{own[len(old) :]}" if own.startswith(f"{old}.") else own


def _ids(leans: Mapping[str, tuple[str, ...]], old: str, new: str) -> dict[str, tuple[str, ...]]:
    return {_other(own, old, new): on for own, on in leans.items()}


def _renamed(sentence: Sentence, old: str, new: str) -> Sentence:
    return replace(sentence, refs={k: _other(i, old, new) for k, i in sentence.refs.items()})


def last_two(result: Result, periods: Sequence[str] = ()) -> pd.Series:
    """Return which rows are of the last two periods of a result: now and a year before."""
    keys = list(periods) or list(dict.fromkeys(sorted(result.table["period"])))
    return result.table["period"].isin(keys[-2:])
