"""The high-cost tail: nights at a weekly price from which a placement is a high-cost one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.kin import BESPOKE
from needs.costs.spending import PLACED, Spending
from needs.vocabulary.results import ALL
from needs.vocabulary.units import printed

__all__ = [
    "APART",
    "BANDS_NAME",
    "band_labels",
    "high_cost_bands",
    "high_cost_rows",
    "high_stretches",
    "priced_stretches",
]

BANDS_NAME = "cost_high"
APART = (
    "Bespoke and unregistered arrangements are in none of these rows: they have their own table."
)
_WIDE = 1 << 20
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


def band_labels(spending: Spending) -> dict[str, str]:
    """Return the words of all high prices together and of each band, the lowest first."""
    edges = spending.basis.study.costs.high_from
    labels = {ALL: f"{printed(edges[0], 'gbp')} a week or more"}
    for k, edge in enumerate(edges):
        if len(edges) > 1:
            more = k + 1 < len(edges)
            words = (
                f"£{edge:,.0f} to under £{edges[k + 1]:,.0f}" if more else f"£{edge:,.0f} or more"
            )
            labels[f"from_{edge:.0f}"] = words
    return labels


def high_cost_bands(spending: Spending, weekly: npt.NDArray[np.float64]) -> list[str]:
    """Return the key of the band of each weekly price; that of all where there is one band."""
    keys = [k for k in band_labels(spending) if k != ALL] or [ALL]
    edges = np.array(spending.basis.study.costs.high_from)
    at = np.searchsorted(edges - _PENNY, weekly, side="right") - 1
    return [keys[k] for k in at]


def high_stretches(spending: Spending, window: int) -> pd.DataFrame:
    """Return stretches of nights at one high price in a year, with their placement type.

    Bespoke arrangements have a table of their own. Nearly all of them are dear: in this one too,
    what it has over theirs would tell the few others.
    """
    parts = _weekly(spending)
    mine = parts[parts["window"] == window].sort_values(["child", "first"], kind="stable")
    found = priced_stretches(mine)
    high = found[found["weekly"] >= spending.basis.study.costs.high_from[0] - _PENNY]
    # Parts are cut where a placement ends, so that the one begun last lies in the same.
    key = mine["child"].to_numpy(np.int64) * _WIDE + mine["first"].to_numpy()
    day = high["child"].to_numpy(np.int64) * _WIDE + high["first"].to_numpy()
    at = np.searchsorted(key, day, side="right") - 1
    found = high.assign(type=mine["type"].to_numpy()[at])
    return found[(found["type"] != BESPOKE).to_numpy()].reset_index(drop=True)


def high_cost_rows(spending: Spending) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return children, weeks and pounds by band and year, and the words of the bands."""
    labels = band_labels(spending)
    rows = []
    for at, period in enumerate(spending.basis.window_keys):
        found = high_stretches(spending, at)
        top = found.groupby("child")["weekly"].transform("max").to_numpy(dtype=float)
        band = np.array(high_cost_bands(spending, top), dtype=object)
        of = {ALL: found} | {key: found[band == key] for key in labels if key != ALL}
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
