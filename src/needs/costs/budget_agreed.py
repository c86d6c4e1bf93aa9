"""Rises of prices that providers and the authority have agreed from next April, by type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.costs.budget_prices import Drift, Known
from needs.costs.spending import PLACED, Spending

__all__ = ["MOST_OF_IT", "agreed_rises", "known_of"]

MOST_OF_IT = 0.5
"""Share of a type's spending from which what is agreed tells of the type."""
CERTAIN = 0.005
"""Standard deviation of a rise that is agreed for all: bills differ from agreements a little."""


def agreed_rises(
    spending: Spending, uplifts: pd.DataFrame, types: Sequence[str], after: pd.Timestamp
) -> pd.DataFrame:
    """Return what is agreed of rises in the year after a day.

    Parameters
    ----------
    spending : Spending
    uplifts : DataFrame
        As ``needs inputs uplifts`` describes them: ``provider``, ``agreed_pct``, ``from``.
    types : sequence of str
    after : Timestamp

    Returns
    -------
    DataFrame
        One row a type, in order: ``gross`` pounds in the last year known, ``covered`` (share of
        them that went to providers with whom a rise is agreed), ``rise`` (of these, logarithm,
        weighed by pounds; nought where none is covered).
    """
    windows = len(spending.basis.shown.windows)
    parts = spending.parts
    mine = parts[(parts["outcome"] == PLACED) & (parts["window"] == windows - 1)]
    paid = mine.groupby(["type", "provider"], as_index=False)["gross"].sum()
    soon = uplifts["from"].between(after, after + pd.DateOffset(years=1), inclusive="right")
    agreed = uplifts[soon & uplifts["agreed_pct"].notna()]
    of = np.log1p(agreed.groupby("provider", observed=True)["agreed_pct"].mean() / 100)
    paid["rise"] = paid["provider"].map(of).astype(float)
    paid["known"] = paid["gross"].where(paid["rise"].notna(), 0.0)
    paid["weighed"] = (paid["gross"] * paid["rise"]).fillna(0.0)
    sums = (
        paid.groupby("type")[["gross", "known", "weighed"]]
        .sum()
        .reindex(list(types), fill_value=0.0)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = (sums["known"] / sums["gross"]).where(sums["gross"] > 0, 0.0)
        rise = (sums["weighed"] / sums["known"]).where(sums["known"] > 0, 0.0)
    return pd.DataFrame({"gross": sums["gross"], "covered": covered, "rise": rise})


def known_of(agreed: pd.DataFrame, drift: Drift) -> list[Known]:
    """Return what agreements tell of the rise of whole types, as far as they cover them.

    What is not covered rises as expected; the doubt is that of the part not covered.
    """
    sd = float(
        np.sqrt(drift.rise_sd**2 + drift.own_sd**2 + drift.year_sd**2 + drift.own_year_sd**2)
    )
    return [
        Known(at, share * rise + (1 - share) * drift.rise, max((1 - share) * sd, CERTAIN))
        for at, (share, rise) in enumerate(zip(agreed["covered"], agreed["rise"], strict=True))
        if share >= MOST_OF_IT
    ]
