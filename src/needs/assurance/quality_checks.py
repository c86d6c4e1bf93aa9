"""Pass, review or fail: whether the records can carry the analyses that rest on them.

Details are in words and bands: a share printed exactly would give a small count away. Even a
band does, and so does a status, where a return has few children. So a count that would be
hidden is weighed as the largest that would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import pandas as pd

from needs.vocabulary.records import Records, without_header
from needs.vocabulary.results import Check

__all__ = ["conflict_checks", "finding_checks", "return_checks"]

Status = Literal["pass", "review", "fail"]

HARMLESS = {("09", "duplicate"), ("16", "starts_after")}
"""Rows left out that no count misses: exact copies, and starts that belong to a later return."""


def _band(share: float) -> str:
    """Return a share in words, none of them exact."""
    steps = (
        (0.0, "none"),
        (0.005, "under half a per cent"),
        (0.02, "half to two per cent"),
        (0.1, "two to ten per cent"),
        (0.5, "ten to fifty per cent"),
    )
    return next((words for top, words in steps if share <= top), "more than half")


def _status(share: float, review: float, fail: float) -> Status:
    if share > fail:
        return "fail"
    return "review" if share > review else "pass"


def _weighed(count: pd.Series, threshold: int) -> pd.Series:
    """Return counts with the small ones raised to the largest small one."""
    small = (count > 0) & (count < threshold)
    return count.mask(small, threshold - 1)


def _worst(records: Records, found: pd.DataFrame, threshold: int) -> tuple[float, str]:
    """Return the largest share of a return's stock in ``found``, and that return's label."""
    f = records.findings
    base = f[(f["rule"] == "00") & (f["check"] == "read")].set_index("return_year")["stock_n"]
    touched = found.groupby("return_year")["stock_n"].sum().reindex(base.index, fill_value=0)
    shares = (_weighed(touched, threshold) / base.where(base > 0)).fillna(0).clip(upper=1)
    labels = records.returns.set_index("return_year")["label"]
    if shares.empty:
        return 0.0, ""
    year = shares.index[int(shares.to_numpy().argmax())]
    return float(shares.max()), str(labels[year])


def _of_stock(
    records: Records,
    name: str,
    wanted: Sequence[tuple[str, str]],
    review: float,
    fail: float,
    threshold: int,
) -> Check:
    f = records.findings
    pairs = pd.MultiIndex.from_arrays([f["rule"], f["check"]])
    share, worst = _worst(records, f[pairs.isin(list(wanted))], threshold)
    detail = f"{_band(share).capitalize()} of the stock"
    return Check(name, _status(share, review, fail), f"{detail}, in {worst}" if share else detail)


def finding_checks(records: Records, threshold: int) -> tuple[Check, ...]:
    """Return checks of how much of the stock rests on rows left out, repaired or in doubt."""
    f = records.findings
    out = f[(f["action"] == "left_out") & (f["rule"] != "00")]
    left = sorted(set(zip(out["rule"], out["check"], strict=True)) - HARMLESS)
    return (
        _of_stock(records, "Stock affected by rows left out", left, 0.005, 0.02, threshold),
        _of_stock(records, "Stock affected by repairs", [("00", "repaired")], 0.02, 1.0, threshold),
        _of_stock(
            records,
            "Stock lost or found late between returns",
            [("13", "lost"), ("13", "late")],
            0.01,
            0.05,
            threshold,
        ),
        _of_stock(
            records,
            "Stock affected by dates of birth not known",
            [("01", "missing"), ("14", "blank"), ("14", "unreadable"), ("14", "after_start")],
            0.005,
            0.05,
            threshold,
        ),
        _of_stock(
            records,
            "Stock affected by placement types not known",
            [("06", "blank"), ("06", "unknown")],
            0.005,
            0.05,
            threshold,
        ),
    )


def return_checks(records: Records) -> tuple[Check, ...]:
    """Return checks of the returns themselves: no year missing, none an extract but the last."""
    r = records.returns.sort_values("return_year")
    years = r["return_year"].astype(int).tolist()
    gap = any(b - a > 1 for a, b in pairwise(years))
    early = bool(r["extract"].iloc[:-1].any())
    bare = without_header(records)
    return (
        *_came_twice(r),
        Check(
            "Years between the first and the last return",
            "review" if gap else "pass",
            "A year between two returns is missing" if gap else "No year is missing",
        ),
        Check(
            "In-year extracts before the latest return",
            "review" if early else "pass",
            "An earlier return ends before the last of March" if early else "Earlier ones are full",
        ),
        Check(
            "Header of each return",
            "fail" if bare else "pass",
            f"There is none for {', '.join(bare)}" if bare else "Every return has one",
        ),
    )


def _came_twice(returns: pd.DataFrame) -> tuple[Check, ...]:
    """Return a check of tables that came twice, where any did."""
    n = int(returns["copies_n"].sum()) if "copies_n" in returns else 0
    detail = f"Tables that came twice, with the same rows, and were read once: {n}"
    return (Check("Each table of a return came once", "review", detail),) if n else ()


def conflict_checks(records: Records, threshold: int) -> tuple[Check, ...]:
    """Return a check of how many rows later returns change."""
    changed = int(records.conflicts["rows_n"].sum()) if len(records.conflicts) else 0
    few = 0 < changed < threshold
    share = (threshold - 1 if few else changed) / max(int(records.returns["episodes_n"].sum()), 1)
    return (
        Check(
            "Share of rows that later returns change",
            _status(share, 0.02, 0.2),
            f"{_band(share).capitalize()}, against all episodes read",
        ),
    )
