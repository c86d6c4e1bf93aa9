"""The printed demand table, and the outcomes printed since, as series ready to compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.published_figures import own, select
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Measure

__all__ = [
    "PROJECTED",
    "DemandTable",
    "by_period",
    "demand_table_of",
    "outcome_rows",
    "outcomes_of",
]

PROJECTED = Measure("projected_n", "Children", "children")


def by_period(frame: pd.DataFrame, area: str, **fixed: str) -> pd.DataFrame:
    """Return a frame of periods by groups as rows of a long table."""
    tidy = frame.rename_axis("period", axis=0).rename_axis("group", axis=1).reset_index()
    return tidy.melt("period").assign(area=area, **fixed)


@dataclass(frozen=True)
class DemandTable:
    """A printed forecast by the published method.

    Attributes
    ----------
    rows : pandas.DataFrame
        The figures that the table is made of.
    printed : pandas.DataFrame
        Index ``period`` (calendar years as printed), one column a group; ``all`` is the total.
    shares : dict of str to float
        Group -> fixed share, in per cent, in printed order.
    reduction_pct : float
        Policy reduction, in per cent.
    """

    rows: pd.DataFrame
    printed: pd.DataFrame
    shares: dict[str, float]
    reduction_pct: float

    @property
    def totals(self) -> pd.Series[float]:
        """The row of totals."""
        return self.printed[ALL]

    @property
    def first_reduced(self) -> int:
        """Position of the first total below the one before: where a reduction shows."""
        falls = np.flatnonzero(np.diff(self.totals.to_numpy()) < 0)
        return int(falls[0]) + 1 if len(falls) else len(self.totals)


def demand_table_of(data: StudyData) -> DemandTable:
    """Return the latest printed demand table.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``projected_n`` (total and groups),
        ``fixed_share_pct`` and, where printed, ``policy_reduction_pct``.

    Raises
    ------
    InputMissing
        If there is no total or no share.
    """
    area = own(data)
    rows = select(data, "projected_n", area=area)
    rows = rows[rows["document"] == rows["document"].max()]
    document = str(rows["document"].iloc[0])
    shares = select(data, "fixed_share_pct", area=area, document=document)
    printed = rows.pivot_table(index="period", columns="group", values="value")
    if ALL not in printed:
        raise InputMissing("published")
    try:
        cut = select(data, "policy_reduction_pct", area=area, document=document)
        reduction = float(cut["value"].iloc[0])
    except InputMissing:
        cut, reduction = rows.iloc[:0], 0.0
    return DemandTable(
        pd.concat([rows, shares, cut.head(1)], ignore_index=True),
        printed,
        dict(zip(shares["group"], shares["value"], strict=True)),
        reduction,
    )


def outcome_rows(data: StudyData) -> pd.DataFrame:
    """Return the counts of March that the tables of the latest document with a total print.

    Raises
    ------
    InputMissing
        If no table prints a total for the end of March.
    """
    rows = select(data, "children_n", area=own(data), by="")
    rows = rows[(rows["table"] != "") & rows["month"].str.endswith("-03")]
    with_total = rows[rows["group"] == ALL]
    if with_total.empty:
        raise InputMissing("published")
    rows = rows[rows["document"] == with_total["document"].max()]
    out: pd.DataFrame = rows.assign(year=rows["month"].str[:4])
    return out


def outcomes_of(data: StudyData) -> pd.DataFrame:
    """Return :func:`outcome_rows` as a frame: index calendar year, one column a group."""
    rows = outcome_rows(data)
    return pd.DataFrame(rows.pivot_table(index="year", columns="group", values="value"))
