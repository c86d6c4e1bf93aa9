"""What to commission: places by service and route, by a rule of the study's settings.

The places of a service stand in a row and are filled from the first. The share of months in which
one is taken falls along the row: what is nearly always taken is worth owning, what is mostly taken
is worth a block contract, what is now and then taken a framework, and the rest is bought spot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.sufficiency.capacity.demand import Service
from needs.sufficiency.capacity.gap import Gap, Gaps
from needs.sufficiency.capacity.stock import Stock
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.strategies import Commissioning

__all__ = ["BY_ROUTE", "Planned", "held_by_route", "planned", "share_taken", "split"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ANYWHERE = "anywhere"
BY_ROUTE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "in_house": ("in-house", ("in_house",)),
    "block": ("block contract, also with others", ("block", "cross_regional")),
    "framework": ("framework", ()),
    "spot": ("spot purchase", ()),
}
"""Route of a plan -> words, and routes of the stock that are there whether used or not."""


def share_taken(children: npt.ArrayLike, place: float) -> float:
    """Return the share of draws and months, per cent, in which a place of the row is taken.

    Parameters
    ----------
    children : array-like of int
    place : float
        Its number in the row, from one.
    """
    return 100 * float((np.asarray(children) >= place).mean())


def split(
    children: npt.ArrayLike, total: float, rule: Commissioning, most: float = np.inf
) -> dict[str, float]:
    """Return how many places are bought by each route.

    Parameters
    ----------
    children : array-like of int
        Children of a service in draws and months.
    total : float
        Places in all; what no other route has of them is bought spot.
    rule : Commissioning
    most : float
        In-house places that there can be; what is over goes to the next route.

    Returns
    -------
    dict of str to float
        Key of :data:`BY_ROUTE` -> places; together ``total``.
    """
    known = np.sort(np.asarray(children).ravel())[::-1]
    limits = (rule.in_house_pct, rule.block_pct, rule.framework_pct)
    # Place k is taken in at least p% of cases where the case of that rank from above has k.
    ranks = [max(int(np.ceil(p / 100 * len(known) - 1e-9)), 1) for p in limits]
    upto = [min(float(known[r - 1]), total) for r in ranks]
    first, block, frame = min(upto[0], most), upto[1], upto[2]
    parts = (first, block - first, frame - block, total - frame)
    return dict(zip(BY_ROUTE, parts, strict=True))


@dataclass(frozen=True, eq=False)
class Planned:
    """One service of the plan.

    Attributes
    ----------
    service : Service
    years : tuple of str
        Reporting years ahead.
    at : int
        Place of the year that is planned for.
    needed : DataFrame
        Places by route (index) and year (columns).
    held : DataFrame
        The same, held: mean over the months; NaN where a route holds none ready.
    now : mapping of str to float
        Held on the day that the study looks from.
    covers : mapping of int to tuple of float
        Per cent of months -> places that cover them, by year.
    children : ndarray of int, shape (draws, months)
        In the year that is planned for.
    """

    service: Service
    years: tuple[str, ...]
    at: int
    needed: pd.DataFrame
    held: pd.DataFrame
    now: Mapping[str, float]
    covers: Mapping[int, tuple[float, ...]]
    children: Ints = field(repr=False)

    def gap(self, route: str) -> float:
        """Return places more, or fewer below nought, of a route in the year planned for."""
        return float(self.needed.loc[route].iloc[self.at] - self.now.get(route, np.nan))

    def since(self, route: str) -> str:
        """Return the first year in which more are needed than held; empty where none is."""
        short = (self.needed.loc[route] - self.held.loc[route]).to_numpy(dtype=float) > 0.5
        return self.years[int(short.argmax())] if short.any() else ""

    def next_taken(self, route: str) -> float:
        """Return the share of months in which one more place of a route would be taken."""
        names = list(BY_ROUTE)
        below = float(self.needed.iloc[: names.index(route), self.at].sum())
        return share_taken(self.children, below + np.nan_to_num(self.now.get(route, 0.0)) + 1)


def held_by_route(stock: Stock, service: Service, days: Sequence[int]) -> dict[str, Floats]:
    """Return places ready on some days, by route of a plan; none for what is bought when needed."""
    rows = stock.rows[stock.rows["usable"] & stock.rows["type"].isin(service.types)]
    found = {}
    for route, (_, of) in BY_ROUTE.items():
        mine = rows[rows["route"].isin(of)]
        places = mine["places"].to_numpy(dtype=float)
        found[route] = stock.on(days, mine).T @ places if of else np.full(len(days), np.nan)
    return found


def planned(data: StudyData) -> list[Planned]:
    """Return the plan of every service that has places to count on.

    Raises
    ------
    InputMissing
        If the study has no table of provision, or no SSDA903 returns.
    """
    gaps, stock, rule = Gaps.of(data), Stock.of(data), data.study.commissioning
    return [
        _of(data, stock, s, gaps.found[s.key, ANYWHERE], gaps.months, rule) for s in gaps.services
    ]


def _of(
    data: StudyData,
    stock: Stock,
    service: Service,
    gap: Gap,
    months: pd.DatetimeIndex,
    rule: Commissioning,
) -> Planned:
    named = np.array([str(ReportingYear.of(d.date())) for d in months])
    years = tuple(dict.fromkeys(named.tolist()))
    at = min(rule.year_ahead, len(years)) - 1
    days = months.to_numpy().astype("datetime64[D]").astype(np.int64)
    held = held_by_route(stock, service, days.tolist())
    today = int(np.datetime64(data.study.period.as_at, "D").astype(np.int64))
    now = {k: float(v[0]) for k, v in held_by_route(stock, service, [today]).items()}
    needed, ready = {}, {}
    most = float(rule.in_house_most.get(service.key, np.inf))  # type: ignore[call-overload]
    for year in years:
        mine = named == year
        cover = np.quantile(gap.needed[:, mine], rule.covered_pct / 100, method="higher")
        needed[year] = split(gap.children[:, mine], float(cover), rule, most)
        ready[year] = {k: float(v[mine].mean()) for k, v in held.items()}
    covers = {
        q: tuple(
            float(np.quantile(gap.needed[:, named == y], q / 100, method="higher")) for y in years
        )
        for q in (90, 95)
    }
    return Planned(
        service,
        years,
        at,
        pd.DataFrame(needed).loc[list(BY_ROUTE)],
        pd.DataFrame(ready).loc[list(BY_ROUTE)].fillna(0.0),
        now,
        covers,
        gap.children[:, named == years[at]],
    )
