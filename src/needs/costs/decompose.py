"""Why spending changed: a change between two years parted exactly among its causes.

Spending is a product of factors, summed over cells: children, nights of each, shares of nights
by type and what lies within a type, price of a night at constant prices, and the price level.
The change is shared out by Shapley's value (Shapley, Contributions to the Theory of Games II,
1953, pages 307-317): a factor's part is its mean effect over all orders in which the factors may
change, so that no order is preferred and nothing is left over (Albrecht, François and Schoors,
Energy Policy 2002, vol. 30, pages 727-736).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.errors import ModelError

__all__ = ["CHILDREN", "INFLATION", "PRICE", "STAY", "WITHOUT_NIGHTS", "Year", "decompose"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CHILDREN, STAY, PRICE, INFLATION = "children", "stay", "price", "inflation"
WITHOUT_NIGHTS = "without_nights"
"""Effect that holds money of no night, such as a retainer: it has no price and no mix."""

_PENCE = 100


@dataclass(frozen=True)
class Year:
    """What one year, or a budget, is made of.

    Attributes
    ----------
    cells : pandas.DataFrame
        One row a cell: columns that name it, ``nights`` and ``gbp``.
    children : int
        Children placed on any night.
    price_level : float
        General prices, one in the year whose prices are meant.
    """

    cells: pd.DataFrame
    children: int
    price_level: float = 1.0


def decompose(before: Year, after: Year, levels: Sequence[str]) -> pd.DataFrame:
    """Return the change in spending by cause.

    Parameters
    ----------
    before, after : Year
        The two years, or budget and outturn.
    levels : sequence of str
        Columns of the cells, the widest first (type, route, profile): each becomes a cause, its
        shares of nights within the one before. The first is what rows of the answer are named by.

    Returns
    -------
    pandas.DataFrame
        One row a key of the first level, one column a cause: ``children``, ``stay``, the levels,
        ``price``, ``inflation``, ``without_nights``; whole pence as integers. A row adds up to
        the change of its pounds, rounded to the penny.

    Raises
    ------
    ModelError
        When a price level is not above nought, nights are negative, or a year has nights and no
        child, or children and no night.

    Notes
    -----
    A share within something that had no night, and the price of a cell that had none, cannot
    have changed: the other year's stand in, so that the change lies with the mix.
    """
    _refuse(before)
    _refuse(after)
    names = [*levels]
    both = pd.concat(
        [y.cells.groupby(names, sort=True)[["nights", "gbp"]].sum() for y in (before, after)],
        axis=1,
        keys=[0, 1],
    ).fillna(0.0)
    both = both.sort_index()
    spent = both.xs("gbp", axis=1, level=1).to_numpy(float)
    nights = both.xs("nights", axis=1, level=1).to_numpy(float)
    keys = both.index.to_frame(index=False)
    tied = np.where(nights > 0, spent, 0.0)
    factors = _factors(before, after, keys, tied, nights, names)
    effects = _shapley(factors)
    effects = np.column_stack([effects, (spent - tied)[:, 1] - (spent - tied)[:, 0]])
    columns = [CHILDREN, STAY, *names, PRICE, INFLATION, WITHOUT_NIGHTS]
    rows = keys[names[0]]
    by_row = pd.DataFrame(effects, columns=columns).groupby(rows.to_numpy(), sort=True).sum()
    sums = pd.DataFrame(spent).groupby(rows.to_numpy(), sort=True).sum().to_numpy()
    change = np.rint(sums[:, 1] * _PENCE) - np.rint(sums[:, 0] * _PENCE)
    pence = _whole(by_row.to_numpy() * _PENCE, change.astype(np.int64))
    return pd.DataFrame(pence, columns=columns, index=pd.Index(by_row.index, name=names[0]))


def _refuse(year: Year) -> None:
    nights = year.cells["nights"].to_numpy(float)
    if not year.price_level > 0:
        raise ModelError("the price level of a year is not above nought")
    if (nights < 0).any():
        raise ModelError("a cell has fewer nights than none")
    if (nights.sum() > 0) != (year.children > 0):
        raise ModelError("a year has nights without children, or children without a night")


def _factors(
    before: Year,
    after: Year,
    keys: pd.DataFrame,
    spent: Floats,
    nights: Floats,
    names: Sequence[str],
) -> Floats:
    """Return the factors of each cell, shape (cells, factors, 2)."""
    years = (before, after)
    level = np.array([y.price_level for y in years])
    children = np.array([float(y.children) for y in years])
    out = [np.broadcast_to(children, nights.shape)]
    whole = np.broadcast_to(nights.sum(axis=0), nights.shape)
    out.append(_ratio(whole, np.broadcast_to(children, nights.shape)))
    for k in range(len(names)):
        code = keys.groupby(list(names[: k + 1]), sort=True).ngroup().to_numpy()
        summed = np.column_stack([np.bincount(code, nights[:, y])[code] for y in (0, 1)]).astype(
            float
        )
        out.append(_ratio(summed, whole))
        whole = summed
    out.append(_ratio(spent / level, nights))
    out.append(np.broadcast_to(level, nights.shape))
    return np.stack(out, axis=1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part over whole; where the whole is nought, the other year's."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(whole > 0, part / whole, np.nan)
    other = np.where(np.isnan(found), found[:, ::-1], found)
    return np.nan_to_num(other)


def _shapley(factors: Floats) -> Floats:
    """Return each factor's part of the change of their product, shape (cells, factors)."""
    n = factors.shape[1]
    before, after = factors[:, :, 0], factors[:, :, 1]
    out = np.zeros((len(factors), n))
    for f in range(n):
        others = [k for k in range(n) if k != f]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for moved in combinations(others, size):
                rest = [k for k in others if k not in moved]
                product = after[:, list(moved)].prod(axis=1) * before[:, rest].prod(axis=1)
                out[:, f] += weight * product * (after[:, f] - before[:, f])
    return out


def _whole(values: Floats, sums: Ints) -> Ints:
    """Return values as whole numbers whose rows add up to ``sums``: largest remainders first."""
    low = np.floor(values).astype(np.int64)
    short = sums - low.sum(axis=1)
    order = np.argsort(low - values, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    # A remainder is less than one each, so a row lacks fewer than it has columns, but for
    # floating-point dust in a sum that lies on a half.
    width = values.shape[1]
    more: Ints = (rank < (short % width)[:, None]).astype(np.int64)
    whole: Ints = low + short[:, None] // width + more
    return whole
