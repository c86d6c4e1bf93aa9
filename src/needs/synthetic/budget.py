"""What a synthetic authority planned to spend on placements."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs.vocabulary.periods import ReportingYear

__all__ = ["placement_budget"]

_RISE = 1.03


def placement_budget(lines: pd.DataFrame, years: Sequence[ReportingYear]) -> pd.DataFrame:
    """Return a budget for each year but the first, in the columns of ``placement_budget``.

    As many councils do, it plans for as many placements as there were the year before, a little
    dearer.

    Parameters
    ----------
    lines : pandas.DataFrame
        Cost lines, each within one year.
    years : sequence of ReportingYear
        Years of the lines, in order.
    """
    first, last = pd.to_datetime(lines["from"]), pd.to_datetime(lines["to"])
    paid = pd.DataFrame(
        {
            "year": first.dt.year + (first.dt.month >= 4),  # a reporting year begins in April
            "placement_type": lines["placement_type"],
            "days": (last - first).dt.days + 1,
        }
    )
    paid["gbp"] = lines["weekly_cost_gbp"] / 7 * paid["days"]
    sums = paid.groupby(["year", "placement_type"])[["days", "gbp"]].sum().reset_index()
    planned = sums[sums["year"] < years[-1].end_year]
    names = {y.end_year - 1: str(y) for y in years}
    return pd.DataFrame(
        {
            "period": planned["year"].map(names),
            "placement_type": planned["placement_type"],
            "fte": (planned["days"] / 365).round(1),
            "weekly_cost_gbp": (planned["gbp"] / planned["days"] * 7 * _RISE).round(),
            "budget_gbp": "",
        }
    ).reset_index(drop=True)
