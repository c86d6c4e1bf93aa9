"""What a plan of homes comes to: savings, break-even, payback, present value, chances, tornado."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.appraisal import payback, root
from needs.sufficiency.invest import CHILDREN, INPUTS, Flows, Plan, flows
from needs.vocabulary.results import ALL

__all__ = ["LEVEL", "Outcome", "Swing", "chosen_ends", "outcome", "summary", "swings"]

Floats = npt.NDArray[np.float64]
LEVEL = 0.8
"""Share of futures between lower and upper."""


@dataclass(frozen=True)
class Outcome:
    """A plan lived once with every input central, and in many futures.

    Parameters
    ----------
    plan : Plan
    central : Flows
        One future.
    drawn : Flows
        Many.
    worst, best : Flows
        One future each, with every input at the end that saves less, or more, a year.
    """

    plan: Plan
    central: Flows = field(repr=False)
    drawn: Flows = field(repr=False)
    worst: Flows = field(repr=False)
    best: Flows = field(repr=False)

    def of(self, array: Floats, key: str) -> Floats:
        """Return the rows of one home, or the sum of all, shape (futures, years)."""
        found: Floats = array.sum(axis=0) if key == ALL else array[self.plan.keys.index(key)]
        return found

    def year(self, key: str) -> int:
        """Return the place of the first year in which the home, or every one, is settled."""
        settled = self.plan.settled()
        return int(settled.max() if key == ALL else settled[self.plan.keys.index(key)])


@dataclass(frozen=True, slots=True)
class Swing:
    """Present value with one input at its low end, and at its high end.

    Parameters
    ----------
    key : str
        Of the home, or ``all``: then the input moves in every home together.
    input : str
    low, high : float
        Pounds, net present value.
    """

    key: str
    input: str
    low: float
    high: float


def _ends(plan: Plan) -> tuple[dict[str, Floats], dict[str, Floats], list[tuple[str, str]]]:
    """Return values and limits with one input moved in each future, and which; the first none."""
    moved = [
        (i.key, end)
        for i in INPUTS
        if not all(s.range(i.key).certain for s in plan.schemes)
        for end in ("low", "high")
    ]
    if any((p.low != p.high).any() for p in plan.pools.values()):
        moved += [(CHILDREN.key, end) for end in ("low", "high")]
    n = 1 + len(moved)
    values = {key: np.repeat(v, n, axis=1) for key, v in plan.values("central").items()}
    limits = {key: np.repeat(v, n, axis=0) for key, v in plan.limits("central").items()}
    for at, (key, end) in enumerate(moved, 1):
        if key == CHILDREN.key:
            for kind, there in plan.limits(end).items():
                limits[kind][at] = there[0]
        else:
            values[key][:, at] = plan.values(end)[key][:, 0]
    return values, limits, moved


def swings(plan: Plan) -> list[Swing]:
    """Return how far each input moves the present value, others central, the widest first."""
    values, limits, moved = _ends(plan)
    value = flows(plan, values, limits).net @ plan.terms.factors
    found = []
    for key in (ALL, *plan.keys):
        mine = value.sum(axis=0) if key == ALL else value[plan.keys.index(key)]
        ends = dict(zip(moved, mine[1:], strict=True))
        names = dict.fromkeys(name for name, _ in moved)
        found += [Swing(key, m, float(ends[m, "low"]), float(ends[m, "high"])) for m in names]
    return sorted(found, key=lambda s: -abs(s.high - s.low))


def _extreme(plan: Plan) -> tuple[Flows, Flows]:
    """Return the plan with every input at its worse end, and at its better.

    Which end saves less a year in all homes together is found for each input by itself.
    """
    values, limits, moved = _ends(plan)
    year = int(plan.settled().max())
    saved = flows(plan, values, limits).running[:, :, year].sum(axis=0)
    by = dict(zip(moved, saved[1:], strict=True))
    out = []
    for better in (False, True):
        chosen, there = dict(plan.values("central")), dict(plan.limits("central"))
        for name, end in chosen_ends(by, better=better).items():
            if name == CHILDREN.key:
                there = dict(plan.limits(end))
            else:
                chosen[name] = plan.values(end)[name]
        out.append(flows(plan, chosen, there))
    return out[0], out[1]


def chosen_ends(saved: Mapping[tuple[str, str], float], *, better: bool) -> dict[str, str]:
    """Return for each input the end that saves more, or less.

    Parameters
    ----------
    saved : mapping of (str, str) to float
        Input and end (``low`` or ``high``) -> what is saved with it there, others central.
    better : bool
        Whether the one that saves more is meant.
    """
    found = {}
    for name in dict.fromkeys(n for n, _ in saved):
        up = saved[name, "high"] >= saved[name, "low"]
        found[name] = "high" if up == better else "low"
    return found


def outcome(plan: Plan, rng: np.random.Generator, draws: int) -> Outcome:
    """Return what a plan comes to.

    Parameters
    ----------
    plan : Plan
    rng : numpy.random.Generator
    draws : int
        Futures.
    """
    central = flows(plan, plan.values("central"), plan.limits("central"))
    drawn = flows(plan, *plan.drawn(rng, draws))
    return Outcome(plan, central, drawn, *_extreme(plan))


def _break_even(plan: Plan, key: str, year: int | None) -> float:
    """Return the occupancy, in per cent, at which the homes save nothing; NaN if none does.

    Parameters
    ----------
    plan : Plan
    key : str
        Of a home, or ``all``: then every home has it.
    year : int or None
        Place of the year whose running is to be paid for; None for all there is to pay, capital
        too, at present value.
    """
    base, limits = plan.values("central"), plan.limits("central")
    mine = slice(None) if key == ALL else [plan.keys.index(key)]

    def saved(pct: float) -> float:
        tried: Mapping[str, Floats] = base | {
            "occupancy_pct": np.full_like(base["occupancy_pct"], pct)
        }
        found = flows(plan, tried, limits)
        if year is None:
            return float((found.net[mine] @ plan.terms.factors).sum())
        return float(found.running[mine, :, year].sum())

    return root(saved, 100.0)


def summary(found: Outcome, key: str) -> pd.Series[float]:
    """Return the numbers of a home, or of all together.

    Parameters
    ----------
    found : Outcome
    key : str
        Of the home, or ``all``.

    Returns
    -------
    pandas.Series
        ``beds_n``, ``children_n``, ``capital_gbp`` (net of match funding), yearly savings
        ``saving_low``, ``saving_central``, ``saving_high``, ``saving_lower``, ``saving_upper``,
        ``break_even_pct``, ``pays_back_pct``, ``payback_years``, ``discounted_years``,
        ``npv_gbp``, ``npv_lower``, ``npv_upper``, ``saves_pct``, ``pays_pct``.
    """
    plan, year, factors = found.plan, found.year(key), found.plan.terms.factors
    saved = found.of(found.drawn.running, key)[:, year]
    worth = found.of(found.drawn.net, key) @ factors
    net = found.of(found.central.net, key)[0]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    beds = [s.home.beds for s in plan.schemes if key in {ALL, s.home.key}]
    paid = found.of(np.minimum(found.central.capital, 0.0), key)
    return pd.Series(
        {
            "beds_n": float(sum(beds)),
            "children_n": float(found.of(found.central.children, key)[0, year]),
            "capital_gbp": -float(paid.sum()),
            "saving_central": float(found.of(found.central.running, key)[0, year]),
            "saving_low": float(found.of(found.worst.running, key)[0, year]),
            "saving_high": float(found.of(found.best.running, key)[0, year]),
            **dict(zip(["saving_lower", "saving_upper"], np.quantile(saved, tails), strict=True)),
            "break_even_pct": _break_even(plan, key, year),
            "pays_back_pct": _break_even(plan, key, None),
            "payback_years": payback(net),
            "discounted_years": payback(net * factors),
            "npv_gbp": float(net @ factors),
            **dict(zip(["npv_lower", "npv_upper"], np.quantile(worth, tails), strict=True)),
            "saves_pct": 100 * float((saved > 0).mean()),
            "pays_pct": 100 * float((worth > 0).mean()),
        }
    )
