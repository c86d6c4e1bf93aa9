"""Foster carers to be recruited, and a rise of what all carers are paid: what both cost and save.

Carers are counted against those there are at the start: who is approved less who is deregistered.
A child in a place that is gained would have been with an agency's carers; each place lost sends one
there. A rise is paid for every child with the authority's carers, those who would have stayed
without it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from needs.costs.appraisal import pert
from needs.sufficiency.invest import Input, Pool, Terms
from needs.vocabulary.study_invest import FosteringPlan, Range

__all__ = ["FOSTERING", "Carers", "Fostering", "carers", "households_needed"]

Floats = npt.NDArray[np.float64]

FOSTERING = (
    Input("recruited_a_year", "Households approved a year", "households_mean"),
    Input("left_a_year", "Households deregistered a year", "households_mean"),
    Input("places_per_carer", "Places of a household", "places_mean"),
    Input("filled_pct", "Places with a child in them", "percent"),
    Input("fee_gbp_week", "What carers are paid for a week of a child now", "gbp_week"),
    Input("price_gbp_week", "Price of a week with an agency's carers", "gbp_week"),
    Input("price_growth_pct", "Rise of that price over general prices", "percent1"),
    Input("uplift_pct", "Rise of what carers are paid", "percent"),
    Input("support_gbp_year", "Support of a household a year", "gbp"),
    Input("recruit_gbp", "Cost of an approval", "gbp"),
)


@dataclass(frozen=True)
class Fostering:
    """The plan for carers, with the price of what it replaces and the children there are.

    Parameters
    ----------
    plan : FosteringPlan
    terms : Terms
    price : Range
        Price a week of what is replaced.
    pool : Pool or None
        Children in it; None limits nothing.
    """

    plan: FosteringPlan
    terms: Terms
    price: Range
    pool: Pool | None = None

    def range(self, key: str) -> Range:
        """Return the range of an input."""
        found: Range = self.price if key == "price_gbp_week" else getattr(self.plan, key)
        return found

    def values(self, end: str) -> dict[str, Floats]:
        """Return every input at one end, shape (1,)."""
        return {i.key: np.array([getattr(self.range(i.key), end)]) for i in FOSTERING}

    def drawn(self, rng: np.random.Generator, n: int) -> tuple[dict[str, Floats], Floats | None]:
        """Return ``n`` futures of every input, and of the children there are."""
        found = {}
        for i in FOSTERING:
            r = self.range(i.key)
            found[i.key] = pert(r.low, r.central, r.high, rng.random(n))
        return found, None if self.pool is None else self.pool.drawn(rng, n)


@dataclass(frozen=True)
class Carers:
    """What carers cost and save, shape (futures, years), in pounds of year nought's prices.

    Parameters
    ----------
    households : numpy.ndarray
        More than at the start, over the year; fewer below nought.
    children : numpy.ndarray
        More of them with the authority's carers.
    avoided : numpy.ndarray
        What agencies would have been paid for them, less what our carers are.
    support, approvals : numpy.ndarray
        Support of the households gained, and approving those recruited.
    uplift : numpy.ndarray
        The rise, for children who were with our carers at the start.
    """

    households: Floats = field(repr=False)
    children: Floats = field(repr=False)
    avoided: Floats = field(repr=False)
    support: Floats = field(repr=False)
    approvals: Floats = field(repr=False)
    uplift: Floats = field(repr=False)

    @property
    def net(self) -> Floats:
        """What is saved a year."""
        return self.avoided - self.support - self.approvals - self.uplift


def _gained(terms: Terms, begins: float, years: int) -> tuple[Floats, Floats]:
    """Return for one household more a year: households over each year, and those of that year."""
    since = np.clip(np.array([terms.index, terms.index + 1]) - begins, 0.0, None)
    within = np.minimum(since, years)
    # Households come evenly: years of them that had come together by then.
    stands = within**2 / 2 + years * (since - within)
    return stands[1] - stands[0], within[1] - within[0]


def carers(fostering: Fostering, values: Mapping[str, Floats], there: Floats | None) -> Carers:
    """Return what carers cost and save in each future.

    Parameters
    ----------
    fostering : Fostering
    values : mapping of str to numpy.ndarray, shape (futures,)
        Every input of :data:`FOSTERING`.
    there : numpy.ndarray or None, shape (futures or 1, years)
        Children with agencies' carers: no more can come from there.
    """
    plan, t = fostering.plan, fostering.terms
    v = {key: given[:, None] for key, given in values.items()}
    begins = t.at(plan.starts)
    standing, coming = _gained(t, begins, plan.years)
    more = v["recruited_a_year"] - v["left_a_year"]
    households = np.maximum(more * standing, -plan.carers_n)
    children = households * v["places_per_carer"] * v["filled_pct"] / 100
    children = np.maximum(children, -plan.children_n)
    if there is not None:
        children = np.minimum(children, there)
    on = np.clip(t.index + 1 - begins, 0.0, 1.0)
    price = v["price_gbp_week"] * (1 + v["price_growth_pct"] / 100) ** t.index
    rise = v["fee_gbp_week"] * v["uplift_pct"] / 100
    return Carers(
        households,
        children,
        children * (price - v["fee_gbp_week"] - rise) * t.weeks,
        households * v["support_gbp_year"],
        v["recruited_a_year"] * coming * v["recruit_gbp"],
        plan.children_n * rise * t.weeks * on,
    )


def households_needed(fostering: Fostering, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return how many households more the rise must bring, or keep, to pay for itself in a year.

    Returns
    -------
    dict of str to numpy.ndarray
        ``cost``: pounds a year of the rise for all children now with our carers; ``saved``: pounds
        a year that one more household saves, its support taken off; ``households``: the one over
        the other, NaN where a household saves nothing; ``children``: in their places.
    """
    plan, weeks = fostering.plan, fostering.terms.weeks
    rise = values["fee_gbp_week"] * values["uplift_pct"] / 100
    lives = values["places_per_carer"] * values["filled_pct"] / 100
    each = values["price_gbp_week"] - values["fee_gbp_week"] - rise
    saved = lives * each * weeks - values["support_gbp_year"]
    cost = plan.children_n * rise * weeks
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(saved > 0, cost / saved, np.nan)
    return {"cost": cost, "saved": saved, "households": needed, "children": needed * lives}
