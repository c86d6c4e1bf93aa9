"""Children forecast, times what a week may cost: the outturn of the years ahead, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.breakdown import NOT_RECORDED
from needs.care.mix import Node
from needs.costs.budget_past import past_prices
from needs.costs.budget_prices import Drift, Known, weekly_ahead
from needs.costs.spending import Spending, placed_id
from needs.forecast.ahead import Ahead
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import figure_id
from needs.vocabulary.study import Rise

__all__ = ["Outturns", "ranged"]

Floats = npt.NDArray[np.float64]

CUTS = {"lower_80": 10.0, "upper_80": 90.0, "lower_95": 2.5, "upper_95": 97.5}
ENDS = ("", *(f"_{k}" for k in CUTS))


def ranged(draws: Floats, periods: Sequence[str]) -> pd.DataFrame:
    """Return mean and ranges of draws, shape (draws, periods), one row a period."""
    cuts = np.percentile(draws, list(CUTS.values()), axis=0)
    bounds = dict(zip(CUTS, cuts, strict=True))
    return pd.DataFrame({"period": list(periods), "value": draws.mean(axis=0), **bounds})


@dataclass(frozen=True, eq=False)
class Outturns:
    """Possible outturns of the years ahead.

    Attributes
    ----------
    spending : Spending
        What was paid in the years known.
    ahead : Ahead
        The forecast of chapter 50; the same draws.
    types : tuple of str
        Placement types of the draws.
    years : tuple of ReportingYear
        Years ahead; the first is the rest of this one where the study looks from within it.
    fte : ndarray of float, shape (draws, years, types)
        Places taken on every night of the year, on average.
    weekly : ndarray of float, shape (draws, years, types)
        Gross pounds a week.
    gross : ndarray of float, shape (draws, years, types)
        Pounds in the year.
    """

    spending: Spending
    ahead: Ahead
    types: tuple[str, ...]
    years: tuple[ReportingYear, ...]
    fte: Floats
    weekly: Floats
    gross: Floats

    @classmethod
    def of(cls, data: StudyData) -> Outturns:
        """Return the outturns of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no cost lines or no SSDA903 returns.
        ModelError
            If no cost line falls into a year that is shown.
        """
        return data.once("outturns ahead", lambda: _made(data))

    @property
    def year_keys(self) -> list[str]:
        """Keys of the years ahead."""
        return [str(y) for y in self.years]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Types and groups of placements that anything was paid for."""
        keys = (*self.spending.paid(leaves=False), *self.spending.paid(leaves=True))
        return tuple(n for n in self.spending.nodes if n.key in keys)

    @property
    def labels(self) -> dict[str, str]:
        """Words for placements and for the years ahead."""
        return self.spending.labels | {k: k for k in self.year_keys}

    @property
    def settings(self) -> dict[str, object]:
        """Settings that the numbers rest on."""
        study = self.spending.basis.study
        return {
            **self.spending.settings,
            "budget": study.budget.model_dump(),
            "draws": len(self.gross),
            "seed": study.seed,
        }

    def leans(self, name: str, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
        """Return that money of a type leans on its children, now and in the years paid for.

        Every number of a row is hidden where one of these is: its ends too.
        """
        basis = self.spending.basis
        found = {}
        for measure, group, period, by in table[["measure", "group", "period", "by"]].itertuples(
            index=False
        ):
            of = (
                figure_id("cla_placement_mix", "children_n", group, basis.date_keys[-1]),
                *(placed_id(group, w) for w in basis.window_keys),
            )
            for end in ENDS:
                found[figure_id(name, measure + end, group, period, by)] = of
        return found

    def of_node(self, draws: Floats, node: Node | None) -> Floats:
        """Return draws, shape (draws, years, types), added up over a node's types, or over all."""
        if node is None:
            return np.asarray(draws.sum(axis=2), dtype=float)
        mine = [i for i, t in enumerate(self.types) if t in node.types]
        return np.asarray(draws[:, :, mine].sum(axis=2), dtype=float)


def _made(data: StudyData) -> Outturns:
    spending, ahead = Spending.of(data), Ahead.of(data)
    study = data.study
    types = ahead.forecast.groups
    years = tuple(ReportingYear.of(d) for d in ahead.outlook.days)
    fte = places_taken(ahead)
    past = past_prices(spending, types, fte.mean(axis=0))
    rng = np.random.default_rng([study.seed, 70, 1])
    weekly = weekly_ahead(
        past, drift_of(study.budget.rise), _aprils(ahead), len(fte), rng, _known(data, types)
    )
    weeks = np.array([((y.end - y.start).days + 1) / 7 for y in years])
    return Outturns(spending, ahead, types, years, fte, weekly, fte * weekly * weeks[:, None])


def drift_of(rise: Rise) -> Drift:
    """Return what the study expects of prices."""
    return Drift.between(rise.low, rise.central, rise.high)


def places_taken(ahead: Ahead) -> Floats:
    """Return places taken on average in each year ahead, shape (draws, years, types).

    The forecast knows the children of each 31 March; between two of them the number goes evenly.
    """
    draws = ahead.forecast.draws.astype(float)
    now = ahead.history.counts(np.array([ahead.history.until])).astype(float)
    before = np.concatenate([np.broadcast_to(now, draws[:, :1].shape), draws[:, :-1]], axis=1)
    out: Floats = (before + draws) / 2
    return out


def _aprils(ahead: Ahead) -> list[float]:
    first = 0 if ahead.outlook.part_year else 1
    return [float(first + k) for k in range(len(ahead.outlook.days))]


def _known(data: StudyData, types: tuple[str, ...]) -> list[Known]:
    found = []
    for key, rise in data.study.budget.next_april.items():
        if key in types and key != NOT_RECORDED:
            d = drift_of(rise)
            found.append(Known(types.index(key), d.rise, d.rise_sd))
    return found
