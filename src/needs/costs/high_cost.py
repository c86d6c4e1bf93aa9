"""The high-cost tail: nights at a weekly price from which a placement is a high-cost one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.spending import PLACED, Spending
from needs.vocabulary.results import ALL
from needs.vocabulary.units import printed

__all__ = ["BANDS_NAME", "high_cost_rows", "priced_stretches"]

BANDS_NAME = "cost_high"
_PENNY = 0.005
"""Sums of prices that part again may miss a whole penny by less than this."""


def priced_stretches(parts: pd.DataFrame) -> pd.DataFrame:
    """Return stretches of nights at one price, all lines that pay for them together.

    Parameters
    ----------
    parts : pandas.DataFrame
        ``child``, ``first``, ``last`` (days, both paid for) and ``weekly`` (pounds).

    Returns
    -------
    pandas.DataFrame
        ``child``, ``first``, ``nights``, ``weekly``, sorted; nights without a price left out.
    """
    child = np.tile(parts["child"].to_numpy(), 2)
    day = np.concatenate([parts["first"].to_numpy(), parts["last"].to_numpy() + 1])
    step = np.concatenate([parts["weekly"].to_numpy(), -parts["weekly"].to_numpy()])
    # Prices of a child end where they began, so that one running sum serves all children; whole
    # pence keep it exact.
    order = np.lexsort((day, child))
    child, day = child[order], day[order]
    price = np.cumsum(np.rint(step[order] * 100).astype(np.int64)) / 100
    nights = np.append(day[1:], 0) - day
    same = np.append(child[1:] == child[:-1], False)
    keep = same & (nights > 0) & (np.abs(price) > _PENNY)
    found = pd.DataFrame({"child": child, "first": day, "nights": nights, "weekly": price})
    priced: pd.DataFrame = found[keep].reset_index(drop=True)
    return priced


def high_cost_rows(spending: Spending) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return children, weeks and pounds by band and year, and the words of the bands."""
    edges = np.array(spending.basis.study.costs.high_from)
    labels = {ALL: f"{printed(edges[0], 'gbp')} a week or more"}
    for k, edge in enumerate(edges):
        if len(edges) > 1:
            more = k + 1 < len(edges)
            words = (
                f"£{edge:,.0f} to under £{edges[k + 1]:,.0f}" if more else f"£{edge:,.0f} or more"
            )
            labels[f"from_{edge:.0f}"] = words
    keys = [k for k in labels if k != ALL]
    parts = _weekly(spending)
    rows = []
    for at, period in enumerate(spending.basis.window_keys):
        found = priced_stretches(parts[parts["window"] == at])
        found = found[found["weekly"] >= edges[0] - _PENNY]
        top = found.groupby("child")["weekly"].transform("max").to_numpy()
        band: npt.NDArray[np.intp] = np.searchsorted(edges - _PENNY, top, side="right") - 1
        of = {ALL: found} | {key: found[band == k] for k, key in enumerate(keys)}
        for key, mine in of.items():
            weeks = mine["nights"].to_numpy() / 7
            rows.append(
                {
                    "group": key,
                    "period": period,
                    "children_n": mine["child"].nunique(),
                    "weeks_n": weeks.sum(),
                    "gross_gbp": (weeks * mine["weekly"].to_numpy()).sum(),
                }
            )
    return pd.DataFrame(rows), labels


def _weekly(spending: Spending) -> pd.DataFrame:
    """Return parts in care that have a weekly price."""
    parts = spending.parts
    mine = parts[(parts["outcome"] == PLACED) & ~parts["single"]]
    return mine.assign(weekly=mine["gross"] / mine["days"] * 7)
