"""Homes that are to open: what they cost and what they save, year by year, all at once.

A home costs what it costs whether or not its beds are taken, but for a part that goes with each
child. It saves the price of the placements that the children would have been in. It can take no
more children than there are to move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from needs.costs.appraisal import discount_factors, pert, ramped
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study_invest import ENDS, Home, Investment, Range

__all__ = [
    "CHILDREN",
    "INPUTS",
    "Flows",
    "Input",
    "Plan",
    "Pool",
    "Scheme",
    "Terms",
    "flows",
]

Floats = npt.NDArray[np.float64]
Values = Mapping[str, Floats]
Pools = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Input:
    """Something about a home that is not known for certain.

    Parameters
    ----------
    key : str
        Field of :class:`needs.vocabulary.study_invest.Home`.
    words : str
    unit : str
        Key of :data:`needs.vocabulary.units.UNITS`.
    common : {"", "type", "all"}
        Whose draws are one: each home's its own, those of homes that replace the same
        placement type, or all homes'.
    """

    key: str
    words: str
    unit: str
    common: str = ""


INPUTS = (
    Input("occupancy_pct", "Beds taken once settled", "percent"),
    Input("price_gbp_week", "Price of a week of what is replaced", "gbp_week", "type"),
    Input("price_growth_pct", "Rise of that price over general prices", "percent1", "type"),
    Input("child_gbp_week", "Own cost of a week of a child", "gbp_week", "all"),
    Input("fixed_pct", "Part of that cost that empty beds cost too", "percent", "all"),
    Input("staff_n", "Posts beside that cost", "posts"),
    Input("post_gbp_year", "Cost of a post a year", "gbp", "all"),
    Input("capital_gbp", "Capital", "gbp"),
    Input("residual_pct", "Capital that the house is worth at last", "percent"),
    Input("delay_months", "Months that it opens late", "months"),
)
CHILDREN = Input("children_n", "Children there are to move", "children_forecast", "type")


@dataclass(frozen=True)
class Terms:
    """How all schemes are appraised.

    Parameters
    ----------
    first : ReportingYear
        Year nought.
    weeks : float
        Weeks of a year.
    factors : numpy.ndarray
        What a pound of each year is worth in year nought.
    inflation : float
        General rise of prices a year, as a share.
    """

    first: ReportingYear
    weeks: float
    factors: Floats = field(repr=False)
    inflation: float = 0.0

    @classmethod
    def of(cls, investment: Investment, year: ReportingYear, weeks: float) -> Terms:
        """Return the terms of a study whose reporting year is ``year``."""
        text = investment.first_year
        factors = discount_factors(
            investment.life_years, investment.discount_pct, falls=investment.discount_falls
        )
        first = ReportingYear.parse(text) if text else year + 1
        return cls(first, weeks, factors, investment.inflation_pct / 100)

    @property
    def years(self) -> tuple[str, ...]:
        """Reporting years looked at."""
        return tuple(str(self.first + k) for k in range(len(self.factors)))

    @property
    def index(self) -> Floats:
        """Years from year nought."""
        return np.arange(len(self.factors), dtype=float)

    def at(self, day: dt.date | None) -> float:
        """Return years from the start of year nought to a day; no day is never."""
        if day is None:
            return float("inf")
        year = ReportingYear.of(day)
        length = (year.end - year.start).days + 1
        return year.end_year - self.first.end_year + (day - year.start).days / length


@dataclass(frozen=True)
class Scheme:
    """A home with the ranges of its inputs.

    Parameters
    ----------
    home : Home
        As in the study file.
    price : Range
        Price a week of what it replaces: as given, or from the study's cost lines.
    """

    home: Home
    price: Range

    def range(self, key: str) -> Range:
        """Return the range of an input."""
        found: Range = self.price if key == "price_gbp_week" else getattr(self.home, key)
        return found


@dataclass(frozen=True)
class Pool:
    """Children who live in a placement type and could move.

    Parameters
    ----------
    low, central, high : numpy.ndarray, shape (years,)
        A tenth of futures lie below low, and a tenth above high, where they are a forecast's.
    draws : numpy.ndarray or None, shape (draws, years)
        Futures of the forecast; None where the study states the numbers.
    """

    low: Floats
    central: Floats
    high: Floats
    draws: Floats | None = field(default=None, repr=False)

    @classmethod
    def stated(cls, said: Range, years: int) -> Pool:
        """Return the same number in every year."""
        return cls(*(np.full(years, getattr(said, end)) for end in ENDS))

    @classmethod
    def forecast(cls, draws: Floats) -> Pool:
        """Return what futures hold."""
        low, high = np.quantile(draws, [0.1, 0.9], axis=0)
        return cls(low, draws.mean(axis=0), high, draws)

    def drawn(self, rng: np.random.Generator, n: int) -> Floats:
        """Return ``n`` futures, shape (n, years)."""
        if self.draws is not None:
            picked: Floats = self.draws[rng.integers(0, len(self.draws), n)]
            return picked
        share = rng.random(n)
        ends = zip(self.low[:1], self.central[:1], self.high[:1], strict=True)
        (one,) = (pert(*e, share) for e in ends)
        return np.broadcast_to(one[:, None], (n, len(self.low))).astype(float)


@dataclass(frozen=True)
class Plan:
    """Every home that is to open, with what limits them.

    Parameters
    ----------
    terms : Terms
    schemes : tuple of Scheme
    pools : mapping of str to Pool
        Placement type -> children there are to move; a type that is not there limits nothing.
    notes : tuple of str
        What a reader must know of how they were made.
    """

    terms: Terms
    schemes: tuple[Scheme, ...]
    pools: Mapping[str, Pool]
    notes: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the homes, in order."""
        return tuple(s.home.key for s in self.schemes)

    def values(self, end: str) -> dict[str, Floats]:
        """Return every input at one end, shape (homes, 1)."""
        return {
            i.key: np.array([[getattr(s.range(i.key), end)] for s in self.schemes]) for i in INPUTS
        }

    def limits(self, end: str) -> dict[str, Floats]:
        """Return the children to move at one end, shape (1, years) for each type."""
        return {kind: getattr(pool, end)[None, :] for kind, pool in self.pools.items()}

    def drawn(
        self, rng: np.random.Generator, n: int
    ) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Return ``n`` futures of every input, shape (homes, n), and of the children to move.

        What is common to several homes (pay, or the price of a placement type) is drawn once.
        """
        found = {}
        for i in INPUTS:
            shares: dict[str, Floats] = {}
            rows = []
            for s in self.schemes:
                whose = {"": s.home.key, "type": s.home.replaces_type, "all": "all"}[i.common]
                if whose not in shares:
                    shares[whose] = rng.random(n)
                r = s.range(i.key)
                rows.append(pert(r.low, r.central, r.high, shares[whose]))
            found[i.key] = np.array(rows)
        return found, {kind: pool.drawn(rng, n) for kind, pool in sorted(self.pools.items())}

    def settled(self) -> npt.NDArray[np.intp]:
        """Return the first year, by its place, in which each home is settled all year long."""
        last, out = len(self.terms.factors) - 1, []
        for s in self.schemes:
            h = s.home
            starts = self.terms.at(h.opens) + (h.delay_months.high + h.ramp_months) / 12
            ends = min(float(last), max(np.floor(self.terms.at(h.closes)) - 1, 0.0))
            out.append(int(min(np.ceil(starts - 1e-9), ends)))
        return np.array(out, dtype=np.intp)


@dataclass(frozen=True)
class Flows:
    """What homes do to money, shape (homes, futures, years), in pounds of year nought's prices.

    Parameters
    ----------
    children : numpy.ndarray
        Children in the home, over the year.
    capital : numpy.ndarray
        Paid by the authority, below nought; what the house is worth at last, above.
    own : numpy.ndarray
        What the home costs to run, above nought.
    avoided : numpy.ndarray
        What the placements that it takes the place of would have cost.
    """

    children: Floats
    capital: Floats
    own: Floats
    avoided: Floats

    @property
    def running(self) -> Floats:
        """What is saved a year, capital aside."""
        return self.avoided - self.own

    @property
    def net(self) -> Floats:
        """What is saved a year, capital taken off."""
        return self.running + self.capital


def flows(plan: Plan, values: Values, pools: Pools) -> Flows:
    """Return what the homes of a plan cost and save.

    Parameters
    ----------
    plan : Plan
    values : mapping of str to numpy.ndarray, shape (homes, futures)
        Every input of :data:`INPUTS`.
    pools : mapping of str to numpy.ndarray, shape (futures or 1, years)
        Children there are to move, by placement type.

    Notes
    -----
    Where fewer children are to be had than homes of one type would take, each takes its share.
    """
    homes, t = [s.home for s in plan.schemes], plan.terms
    v = {key: given[:, :, None] for key, given in values.items()}

    def each(numbers: list[float]) -> Floats:
        return np.array(numbers, dtype=float)[:, None, None]

    beds = each([h.beds for h in homes])
    starts = each([t.at(h.opens) for h in homes]) + v["delay_months"] / 12
    first = np.maximum(t.index, starts)
    last = np.maximum(np.minimum(t.index + 1, each([t.at(h.closes) for h in homes])), first)
    ramp = each([h.ramp_months / 12 for h in homes]), each([h.ramp_from_pct / 100 for h in homes])
    settled = ramped(last - starts, *ramp) - ramped(first - starts, *ramp)
    children = beds * v["occupancy_pct"] / 100 * settled
    children = _limited(children, last - first, [h.replaces_type for h in homes], pools)
    fixed = v["child_gbp_week"] * v["fixed_pct"] / 100
    empty = beds * each([h.costed_at_pct / 100 for h in homes]) * fixed * t.weeks
    posts = v["staff_n"] * v["post_gbp_year"]
    own = (empty + posts) * (last - first)
    own = own + children * (v["child_gbp_week"] - fixed) * t.weeks
    price = v["price_gbp_week"] * (1 + v["price_growth_pct"] / 100) ** t.index
    return Flows(children, _capital(plan, v), own, children * price * t.weeks)


def _limited(wanted: Floats, opened: Floats, types: list[str], pools: Pools) -> Floats:
    """Return children in each home, no more of a placement type than there are to move."""
    out = wanted.copy()
    of = np.array(types)
    for kind, there in pools.items():
        mine = of == kind
        if mine.any():
            asked = wanted[mine].sum(axis=0)
            had = there * opened[mine].max(axis=0)
            share = np.divide(
                np.minimum(asked, had), asked, out=np.ones_like(asked), where=asked > 0
            )
            out[mine] = wanted[mine] * share
    return out


def _capital(plan: Plan, v: Values) -> Floats:
    """Return what is paid for houses, net of match funding, and what they are worth at last."""
    t, years = plan.terms, len(plan.terms.factors)
    shape = (*v["capital_gbp"].shape[:2], years)
    out = np.zeros(shape)
    for k, s in enumerate(plan.schemes):
        h = s.home
        paid = int(np.floor(t.at(h.capital_on or h.opens)))
        if 0 <= paid < years:
            out[k, :, paid] -= v["capital_gbp"][k, :, 0] - h.match_gbp
            ends = t.at(h.closes)
            sold = years - 1 if ends >= years else int(np.floor(ends))
            out[k, :, sold] += (v["capital_gbp"] * v["residual_pct"])[k, :, 0] / 100
    return out
