"""Who the children of dear placements are: how long, how old, with which needs, placed where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from needs.care.ages import completed_years
from needs.care.breakdown import NOT_RECORDED
from needs.costs.high_cost import high_cost_bands, high_stretches
from needs.costs.spending import Spending
from needs.profiles.score_table import score_table
from needs.profiles.scores import child_scores
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Additive

__all__ = [
    "POOLED",
    "PROFILE",
    "child_years",
    "clear_years",
    "dearest",
    "in_type",
    "profile_rows",
    "sums",
]

POOLED = "all_years"
"""Period of the years taken together, a child once in each."""

PROFILE: Mapping[str, Mapping[str, str]] = {
    "stay": {
        "weeks_to_4": "Four weeks or less in the year",
        "weeks_to_13": "Over four weeks to thirteen",
        "weeks_to_26": "Over thirteen weeks to half a year",
        "weeks_over_26": "Over half a year",
    },
    "age": {
        "age_0_to_9": "Aged nine or under",
        "age_10_to_15": "Aged ten to fifteen",
        "age_16_up": "Aged sixteen or over",
    },
    "need": {
        "need_specialist": "With a specialist need",
        "need_other": "Assessed without a specialist need",
        "need_not_known": "Not assessed, or not in full",
    },
}
"""Dimension -> its groups, each of which divides all."""

_WEEKS, _AGES = (4.0, 13.0, 26.0), (10, 16)


def dearest(spending: Spending) -> pd.DataFrame:
    """Return one row a child and year with a high price: weeks and pounds at it, band, type.

    Returns
    -------
    pandas.DataFrame
        ``child``, ``window``, ``weeks``, ``gross``, ``band`` (key of the highest price) and
        ``type`` (key of the placement type in which most such nights were).
    """
    found = pd.concat(
        [high_stretches(spending, k).assign(window=k) for k in _windows(spending)],
        ignore_index=True,
    )
    keys = ["child", "window"]
    weeks = found["nights"] / 7
    found = found.assign(weeks=weeks, gross=weeks * found["weekly"])
    of = found.groupby(keys, sort=True)
    out = of.agg(weeks=("weeks", "sum"), gross=("gross", "sum"), top=("weekly", "max"))
    by_type = found.groupby([*keys, "type"], sort=True)["nights"].sum().reset_index()
    most = by_type.sort_values("nights", kind="stable").drop_duplicates(keys, keep="last")
    out["type"] = most.set_index(keys)["type"].reindex(out.index).to_numpy()
    out["band"] = high_cost_bands(spending, out["top"].to_numpy())
    return out.drop(columns="top").reset_index()


def in_type(spending: Spending, kind: str) -> pd.DataFrame:
    """Return one row a child and year in a placement type: its weeks, and pounds paid for it."""
    keys = ["child", "window"]
    nights = spending.nights
    mine = nights[nights["type"].astype(object).fillna(NOT_RECORDED) == kind]
    out = mine.groupby(keys, sort=True)["days"].sum().rename("weeks").to_frame() / 7
    paid = spending.placed
    gross = paid[paid["type"] == kind].groupby(keys)["gross"].sum()
    out["gross"] = gross.reindex(out.index, fill_value=0.0)
    return out.reset_index()


def child_years(data: StudyData, spending: Spending, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a child and year with the group of each dimension that they belong to."""
    records = spending.basis.records
    ends = np.array([np.datetime64(w.end, "ns") for w in spending.basis.shown.windows])
    child = rows["child"].to_numpy(dtype=np.int64)
    born = records.children["dob"].to_numpy()[child]
    age = completed_years(born, ends[rows["window"].to_numpy()], records.counting)
    at = {
        "stay": np.searchsorted(np.array(_WEEKS), rows["weeks"].to_numpy() - 1e-9),
        "age": np.searchsorted(np.array(_AGES), age, side="right"),
    }
    if data.has("assessments"):
        at["need"] = _need(data, child)
    groups = {d: np.array(list(PROFILE[d]), dtype=object)[k] for d, k in at.items()}
    return rows.assign(**groups)


def _need(data: StudyData, child: np.ndarray) -> np.ndarray:
    """Return nought for a specialist need, one for none, two for not known, at the latest."""
    tool, day = data.study.assessment, data.study.period.as_at
    levels = score_table(data.assessments.frame, tool, "latest", day)
    known = child_scores(levels, tool)["specialist"].reindex(child).to_numpy(dtype=float)
    of: np.ndarray = np.where(np.isnan(known), 2, np.where(known > 0, 0, 1))
    return of


def clear_years(rows: pd.DataFrame, threshold: int, by: str = "") -> list[int]:
    """Return the years (by position) in which no group of a column has few children.

    Only these are taken together: a sum over a year with few would bound them, and other rows
    would have to be withheld for it.
    """
    keys = ["window", *([by] if by else [])]
    n = rows.groupby(keys, observed=True)["child"].size().rename("n").reset_index()
    few = set(n.loc[n["n"] < threshold, "window"])
    return sorted(set(n["window"]) - few)


def profile_rows(rows: pd.DataFrame, dimensions: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return children, weeks and pounds of each group, and of all, a row each.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`child_years`.
    dimensions : mapping of str to tuple of str
        Column -> its groups; a group without anybody has a row of noughts.
    """
    columns = {"children_n": ("child", "size"), "weeks_n": ("weeks", "sum")}
    columns |= {"gross_gbp": ("gross", "sum")}
    parts = [rows.assign(all=ALL).groupby("all").agg(**columns).reindex([ALL], fill_value=0.0)]
    for name, groups in dimensions.items():
        parts.append(rows.groupby(name).agg(**columns).reindex(list(groups), fill_value=0.0))
    out: pd.DataFrame = pd.concat(parts).rename_axis("group").reset_index()
    n = out["children_n"].where(out["children_n"] > 0)
    return out.assign(mean_weeks=out["weeks_n"] / n)


def sums(dimensions: Mapping[str, tuple[str, ...]]) -> Iterator[Additive]:
    """Yield that the groups of each dimension make up all."""
    return (Additive("group", ALL, groups) for groups in dimensions.values() if len(groups) > 1)


def _windows(spending: Spending) -> range:
    return range(len(spending.basis.window_keys))
