"""From assessments as read to one row a child: levels of need counted from nought.

Whatever the tool's direction, a greater level means more need here. A domain that was not scored
is missing, never nought.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import pandas as pd

from needs.vocabulary.errors import ModelError
from needs.vocabulary.study_sections import Assessment

__all__ = ["dated_table", "levels_n", "score_table"]


def levels_n(tool: Assessment) -> int:
    """Return how many levels the tool's scale has.

    Raises
    ------
    ModelError
        When the ends of the scale are no whole number of steps apart.
    """
    steps = tool.scale_max - tool.scale_min
    if steps != round(steps):
        raise ModelError(
            "the scale of [assessment] has no whole steps: give scale_min and scale_max as the "
            "tool's least and greatest level"
        )
    return round(steps) + 1


def score_table(
    frame: pd.DataFrame,
    tool: Assessment,
    which: Literal["latest", "entry"] = "latest",
    until: dt.date | None = None,
) -> pd.DataFrame:
    """Return each child's levels of need on one day.

    Parameters
    ----------
    frame : pandas.DataFrame
        Assessments as read: ``child`` (-1 not in the returns), ``date``, ``domain``, ``score``.
    tool : Assessment
        Domains, scale and direction.
    which : {"latest", "entry"}
        The child's last day of assessment, or its first.
    until : datetime.date, optional
        Last day that counts.

    Returns
    -------
    pandas.DataFrame
        Index ``child``, one column a domain in the tool's order; levels from 0 as float, NaN
        where the domain was not scored on that day.

    Raises
    ------
    ModelError
        When a domain is not one of the tool's, a score is outside its scale or between two
        levels, or a child has two different scores of a domain on a day.
    """
    rows = frame.loc[frame["child"] >= 0, ["child", "date", "domain", "score"]]
    rows = rows[rows["score"].notna()].assign(domain=lambda r: r["domain"].astype(str))
    if until is not None:
        rows = rows[rows["date"] <= pd.Timestamp(until)]
    _checked(rows, tool)
    days = rows.groupby("child")["date"]
    day = days.transform("max" if which == "latest" else "min")
    rows = rows[rows["date"] == day].drop_duplicates()
    twice = rows.duplicated(["child", "domain"])
    if twice.any():
        raise ModelError(
            f"{int(twice.sum())} scores stand beside a different one of the same child, domain "
            "and day: keep the one that holds"
        )
    wide = rows.pivot_table(index="child", columns="domain", values="score", aggfunc="first")
    wide = wide.reindex(columns=list(tool.labels)).astype(float)
    more = tool.higher_is == "more_need"
    return wide - tool.scale_min if more else tool.scale_max - wide


def dated_table(frame: pd.DataFrame, tool: Assessment) -> pd.DataFrame:
    """Return levels of need on every day of assessment.

    Parameters
    ----------
    frame, tool
        As in :func:`score_table`, and as that refuses them.

    Returns
    -------
    pandas.DataFrame
        One row a child and day, sorted by day and child: ``child``, ``date``, and a column a domain
        as in :func:`score_table`. Of two scores of a domain on a day the greater need holds.
    """
    rows = frame.loc[frame["child"] >= 0, ["child", "date", "domain", "score"]]
    rows = rows[rows["score"].notna()].assign(domain=lambda r: r["domain"].astype(str))
    _checked(rows, tool)
    more = tool.higher_is == "more_need"
    level = rows["score"] - tool.scale_min if more else tool.scale_max - rows["score"]
    wide = rows.assign(level=level.astype(float)).pivot_table(
        index=["date", "child"], columns="domain", values="level", aggfunc="max"
    )
    found: pd.DataFrame = wide.reindex(columns=list(tool.labels)).reset_index()
    return found[["child", "date", *tool.labels]].rename_axis(columns=None)


def _checked(rows: pd.DataFrame, tool: Assessment) -> None:
    levels_n(tool)
    unknown = ~rows["domain"].isin(list(tool.labels))
    if unknown.any():
        raise ModelError(
            f"{int(unknown.sum())} scores are of a domain that [assessment] does not name: add "
            "it to domains, or take the rows out"
        )
    outside = ~rows["score"].between(tool.scale_min, tool.scale_max)
    if outside.any():
        raise ModelError(
            f"{int(outside.sum())} scores lie outside the scale of [assessment]: mend them, or "
            "scale_min and scale_max"
        )
    steps = rows["score"] - tool.scale_min
    between = steps != np.round(steps)
    if between.any():
        raise ModelError(
            f"{int(between.sum())} scores lie between two levels of the scale of [assessment]"
        )
