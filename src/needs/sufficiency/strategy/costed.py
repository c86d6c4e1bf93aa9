"""What a strategy costs, draw by draw, at the prices of the budget ahead."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from needs.sufficiency.budget import Outturns
from needs.sufficiency.strategy.lived import Strategies, StrategyLived
from needs.vocabulary.records import StudyData

__all__ = ["PARTS", "Costed", "cost_of"]

Floats = npt.NDArray[np.float64]

PARTS = {
    "levers": "Levers: other children, elsewhere",
    "prices": "Prices",
    "homes": "Homes, capital aside",
    "carers": "Foster carers",
}
"""Where the money of a strategy comes from."""


@dataclass(frozen=True, eq=False)
class Costed:
    """A strategy in pounds of the day, shape (draws, years).

    Attributes
    ----------
    base : ndarray of float
        Gross outturn of placements without it.
    parts : mapping of str to ndarray of float
        Key of :data:`PARTS` -> spent more (above nought) or less.
    capital : ndarray of float
        Paid for houses, net of match funding.
    """

    base: Floats = field(repr=False)
    parts: dict[str, Floats] = field(repr=False)
    capital: Floats = field(repr=False)

    @property
    def change(self) -> Floats:
        """Spent more or less, capital aside."""
        found = np.zeros_like(self.base)
        for part in self.parts.values():
            found = found + part
        return found

    @property
    def outturn(self) -> Floats:
        """Gross outturn with it, capital aside."""
        return self.base + self.change

    @property
    def saved(self) -> Floats:
        """Saved over all years of the forecast, capital taken off, shape (draws,)."""
        found: Floats = -(self.change + self.capital).sum(axis=1)
        return found


def cost_of(data: StudyData, strategies: Strategies, some: StrategyLived) -> Costed:
    """Return what a strategy costs beside the forecast as it is.

    Parameters
    ----------
    data : StudyData
    strategies : Strategies
    some : StrategyLived

    Notes
    -----
    Levers are paid for as in :mod:`needs.sufficiency.budget_levers`, homes and carers as in the
    appraisals of chapter seventy, of the children of the very draw. Draws of the budget repeat
    those of the forecast, each with other prices: what a strategy changes goes with its draw.

    Raises
    ------
    InputMissing
        If the study has no cost lines.
    """
    out = Outturns.of(data)
    base = out.of_node(out.gross, None)
    picked = np.arange(len(strategies.base.forecast.draws)) % len(some.levers)
    times = len(base) // len(picked)
    worth = out.worth(some.levers)

    def tiled(values: Floats) -> Floats:
        return np.tile(values, (times, *([1] * (values.ndim - 1))))

    parts = {"levers": tiled(worth.sum(axis=2)[picked])}
    if some.prices_pct:
        share = np.array([some.prices_pct.get(t, 0.0) / 100 for t in out.types])
        parts["prices"] = (out.gross * share).sum(axis=2) + tiled(
            (worth * share).sum(axis=2)[picked]
        )
    for m in some.moved:
        parts[m.key] = parts.get(m.key, np.zeros_like(base)) - tiled(m.saved)
    capital = np.zeros_like(base)
    for m in some.moved:
        capital = capital + tiled(m.capital)
    return Costed(base, parts, capital)
