"""Why spending changed: a change between two years parted exactly among its causes.

Spending is a product of factors, summed over cells: children, nights of each, shares of nights
by type and what lies within a type, price of a night at constant prices, and the price level.
The change is shared out by Shapley's value (Shapley, Contributions to the Theory of Games II,
1953, pages 307-317): a factor's part is its mean effect over all orders in which the factors may
change, so that no order is preferred and nothing is left over (Albrecht, François and Schoors,
Energy Policy 2002, vol. 30, pages 727-736).

What a share within something is, depends on what is taken first: routes within a type and needs
within a route, or needs first. The widest level comes first; the others are taken in every order
and the parts averaged, but for a level that lies inside another (a provider inside a route), which
never comes before it (Faigle and Kern, International Journal of Game Theory 1992, vol. 21, pages
249-266).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
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
_DUST = 6
"""Places of a penny, behind which a number is floating-point dust."""


@dataclass(frozen=True)
class Year:
    """What one year, or a budget, is made of.

    Attributes
    ----------
    cells : pandas.DataFrame
        One row a cell: columns that name it, ``nights`` and ``gbp``.
    children : float
        Children placed on any night; in a budget, where nobody is placed, full-time equivalents.
    price_level : float
        General prices, one in the year whose prices are meant.
    """

    cells: pd.DataFrame
    children: float
    price_level: float = 1.0


def decompose(
    before: Year, after: Year, levels: Sequence[str], inside: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the change in spending by cause.

    Parameters
    ----------
    before, after : Year
        The two years, or budget and outturn.
    levels : sequence of str
        Columns of the cells (type, route, needs): each becomes a cause. The first is the widest,
        and what rows of the answer are named by; in which order the others stand changes nothing.
    inside : mapping of str to str, optional
        Level -> level that it lies inside and never comes before.

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
    effects = _mixes(before, after, keys, tied, nights, names, inside or {})
    effects = np.column_stack([effects, (spent - tied)[:, 1] - (spent - tied)[:, 0]])
    columns = [CHILDREN, STAY, *names, PRICE, INFLATION, WITHOUT_NIGHTS]
    rows = keys[names[0]]
    by_row = pd.DataFrame(effects, columns=columns).groupby(rows.to_numpy(), sort=True).sum()
    sums = pd.DataFrame(spent).groupby(rows.to_numpy(), sort=True).sum().to_numpy()
    change = np.rint(sums[:, 1] * _PENCE) - np.rint(sums[:, 0] * _PENCE)
    pence = _whole(by_row.to_numpy() * _PENCE, change.astype(np.int64))
    return pd.DataFrame(pence, columns=columns, index=pd.Index(by_row.index, name=names[0]))


def _mixes(
    before: Year,
    after: Year,
    keys: pd.DataFrame,
    spent: Floats,
    nights: Floats,
    names: Sequence[str],
    inside: Mapping[str, str],
) -> Floats:
    """Return effects by cell and cause, the mean over every order of the levels within the first.

    Causes stand as ``names`` do, whatever the order that their shares were taken in.
    """
    first, *rest = names
    orders = [
        (first, *order)
        for order in permutations(sorted(rest))
        if all(order.index(inside[n]) < order.index(n) for n in rest if inside.get(n) in rest)
    ]
    total = np.zeros((len(keys), len(names) + 4))
    for order in orders:
        found = _shapley(_factors(before, after, keys, spent, nights, order))
        at = [0, 1, *(2 + order.index(n) for n in names), -2, -1]
        total += found[:, at]
    return total / len(orders)


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
    # The product for every set of factors that have changed; bit k of a row's number is factor k.
    product = np.ones((1, len(factors)))
    for f in range(n):
        product = np.concatenate([product * factors[:, f, 0], product * factors[:, f, 1]])
    changed: Floats = _weights(n) @ product
    return changed.T


@cache
def _weights(n: int) -> Floats:
    """Return the weight of each set of changed factors in each factor's part: (n, 2 ** n)."""
    sets = np.arange(2**n)
    has = (sets >> np.arange(n)[:, None]) & 1 == 1
    others = has.sum(axis=0) - has
    share = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    signed: Floats = np.where(has, 1.0, -1.0) * share[others]
    return signed


def _whole(values: Floats, sums: Ints) -> Ints:
    """Return values as whole numbers whose rows add up to ``sums``: largest remainders first.

    The negative of values and sums gives the negative of the answer.
    """
    values = values.round(_DUST)
    low = np.trunc(values)
    short = sums - low.sum(axis=1)
    sign = np.sign(short)[:, None]
    order = np.argsort((low - values) * sign, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    # A remainder is less than one each, so a row lacks fewer than it has columns, but for
    # floating-point dust in a sum that lies on a half.
    each, more = np.divmod(np.abs(short), values.shape[1])
    whole: Ints = (low + sign * (each[:, None] + (rank < more[:, None]))).astype(np.int64)
    return whole
