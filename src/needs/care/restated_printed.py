"""What documents print of the counts that later returns may have changed."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import months, own
from needs.care.published_leavers import CEASED, STOCK
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL

__all__ = ["COUNTED", "printed_beside"]

COUNTED = {"stock": "children_n", "started": "started_n", "ceased": "ceased_n"}
"""Kinds of count, and the measures that print them."""


def printed_beside(data: StudyData, counts: pd.DataFrame) -> pd.DataFrame:
    """Return published and cited figures of restated counts.

    Parameters
    ----------
    data : StudyData
    counts : pandas.DataFrame
        ``kind`` (key of :data:`COUNTED`), ``year`` (2021-22) and ``group`` of each count.

    Returns
    -------
    pandas.DataFrame
        ``group, rank, value``: each number once, ranked by document; those that a study holds
        against its records are among them.
    """
    some = [f for f in (_typed(data), _cited(data)) if len(f)]
    if not some:
        return pd.DataFrame({"group": [], "rank": [], "value": []})
    frame = pd.concat(some, ignore_index=True)
    frame["month"] = months(frame["period"])
    whole_year = frame["period"].str.fullmatch(r"\d{4}-\d{2}") & (frame["month"] != frame["period"])
    frame = frame[(frame["kind"] == "stock") | whole_year]
    counted = zip(counts["kind"], counts["year"], counts["group"], strict=True)
    known = {(k, f"{int(y[:4]) + 1}-03"): g for k, y, g in counted}
    frame["group"] = [known.get(k, "") for k in zip(frame["kind"], frame["month"], strict=True)]
    frame = frame[frame["group"] != ""].drop_duplicates(["group", "value"])
    return frame.assign(rank=frame.groupby("group").cumcount())[["group", "rank", "value"]]


def _typed(data: StudyData) -> pd.DataFrame:
    """Return published figures of the authority's own counts: ``kind, period, value``."""
    if not data.has("published"):
        return pd.DataFrame({"kind": [], "period": [], "value": []}, dtype=object)
    frame = data.published.figures.sort_values("document", kind="stable")
    kinds = {measure: kind for kind, measure in COUNTED.items()}
    at = frame["measure"].isin(kinds) & (frame["group"] == ALL) & (frame["by"] == "")
    frame = frame[at & (frame["area"] == own(data))]
    return frame.assign(kind=frame["measure"].map(kinds))[["kind", "period", "value"]]


def _cited(data: StudyData) -> pd.DataFrame:
    """Return the same of cited figures, which their ids tell."""
    if not data.has("cited"):
        return pd.DataFrame({"kind": [], "period": [], "value": []}, dtype=object)
    frame = data.cited.frame
    frame = frame[frame["area"] == own(data)]
    begins = {STOCK: "stock", CEASED: "ceased"}
    kind = frame["id"].astype(str).str.replace(r"_\d{4}$", "", regex=True).map(begins)
    out = frame.assign(kind=kind)[["kind", "period", "value"]].dropna()
    return out.astype({"period": str, "value": float})
