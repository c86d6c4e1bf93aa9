"""Children forecast, times what a week may cost: the outturn of the years ahead, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.mix import Node
from needs.costs.budget import CUTS, outturn, places_between
from needs.costs.budget_agreed import agreed_rises, known_of
from needs.costs.budget_past import past_prices
from needs.costs.budget_prices import Drift, Known, weekly_ahead
from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.forecast.ahead import Ahead
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, figure_id
from needs.vocabulary.study import Rise

__all__ = ["MILLION", "Outturns", "drift_of"]

Floats = npt.NDArray[np.float64]

MILLION = 1e6
PATHS = 4
"""Paths of prices that each possible future of demand is paid for at. With one, chance ties the
two together a little, and ranges of both may come out narrower than of either."""
ENDS = ("", *(f"_{k}" for k in CUTS))


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
    now : ndarray of float, shape (types,)
        Children today.
    fte : ndarray of float, shape (draws, years, types)
        Places taken on every night, on average; of this year over what is left of it.
    weekly : ndarray of float, shape (draws, years, types)
        Gross pounds a week.
    days : tuple of float
        Days of each year; of this year those that are left.
    so_far : ndarray of float, shape (types,)
        Gross pounds of this year up to the day the study looks from; nought at a year end.
    net_share : ndarray of float, shape (types,)
        What is left of a gross pound when others have paid their part.
    agreed : DataFrame or None
        From :func:`needs.costs.budget_agreed.agreed_rises`; None where nothing is agreed.
    """

    spending: Spending
    ahead: Ahead
    types: tuple[str, ...]
    years: tuple[ReportingYear, ...]
    now: Floats
    fte: Floats
    weekly: Floats
    days: tuple[float, ...]
    so_far: Floats
    net_share: Floats
    agreed: pd.DataFrame | None

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

    @cached_property
    def gross(self) -> Floats:
        """Pounds in each year, shape (draws, years, types); what was paid so far is in it."""
        return self._paid(self.fte, self.weekly)

    @cached_property
    def net(self) -> Floats:
        """The same, less what others pay."""
        left: Floats = self.gross * self.net_share
        return left

    @property
    def net_told(self) -> bool:
        """Whether others pay for enough children that what they pay can be told."""
        return self.spending.many_shared

    def with_mean(self, which: Literal["fte", "weekly"]) -> Floats:
        """Return gross pounds with places, or prices, at their mean in every draw."""
        mean = np.broadcast_to(getattr(self, which).mean(axis=0), self.fte.shape)
        fte, weekly = (mean, self.weekly) if which == "fte" else (self.fte, mean)
        return self._paid(fte, weekly)

    def _paid(self, fte: Floats, weekly: Floats) -> Floats:
        gbp = outturn(fte, weekly, self.days)
        gbp[:, 0] += self.so_far
        return gbp

    @property
    def part_keys(self) -> set[str]:
        """Keys of past years of which only a part is known."""
        return {w.key for w in self.spending.basis.shown.windows if w.part}

    @property
    def unpriced(self) -> tuple[str, ...]:
        """A note that names types in which children are, and that nothing was paid for."""
        free = ~(self.weekly > 0).any(axis=(0, 1)) & (self.fte.mean(axis=(0, 1)) > 0)
        labels = self.spending.labels
        words = [
            f"“{labels[t]}”" for t, no in zip(self.types, free, strict=True) if no and t in labels
        ]
        return (f"No line pays for {' or '.join(words)}: they cost nothing here.",) if words else ()

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

    def leans(
        self, name: str, table: pd.DataFrame, of_all: bool = False
    ) -> dict[str, tuple[str, ...]]:
        """Return that money of a type leans on its children, now and in the years paid for.

        Every number of a row is hidden where one of these is: its ends too. With ``of_all`` rows
        are of all placements together, whatever their group is.
        """
        basis = self.spending.basis
        found = {}
        for measure, group, period, by in table[["measure", "group", "period", "by"]].itertuples(
            index=False
        ):
            whom = ALL if of_all else group
            of = (
                figure_id("cla_placement_mix", "children_n", whom, basis.date_keys[-1]),
                *spent_on(whom, *basis.window_keys),
            )
            for end in ENDS:
                found[figure_id(name, measure + end, group, period, by)] = of
        return found

    def between(self, ends: Floats) -> Floats:
        """Return places taken on average in each year, from children on the year ends ahead."""
        now = np.broadcast_to(self.now, ends[:, :1].shape)
        taken: Floats = (np.concatenate([now, ends[:, :-1]], axis=1) + ends) / 2
        return taken

    def paid(self, fte: Floats) -> Floats:
        """Return gross pounds of places ahead, each draw at prices of one of the budget's."""
        return outturn(fte, self.weekly[: len(fte)], self.days)

    def worth(self, change: Floats) -> Floats:
        """Return gross pounds of a change in children on the year ends, none of it today."""
        zero = np.zeros_like(change[:, :1])
        fte = (np.concatenate([zero, change[:, :-1]], axis=1) + change) / 2
        # At the mean price: a mean over few futures is then no other price's.
        return outturn(fte, self.weekly.mean(axis=0), self.days)

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
    rng = np.random.default_rng([study.seed, 70])
    days = _days(ahead)
    now = ahead.history.counts(np.array([ahead.history.until]))[0].astype(float)
    part = days[0] / ((years[0].end - years[0].start).days + 1)
    ends = np.tile(ahead.forecast.draws.astype(float), (PATHS, 1, 1))
    fte = places_between(now, ends, rng, part)
    agreed = _agreed(data, spending, types)
    past = past_prices(spending, types, fte.mean(axis=0))
    weekly = weekly_ahead(
        past,
        drift_of(study.budget.rise),
        _aprils(spending, years),
        len(fte),
        rng,
        _known(data, agreed, types),
    )
    gross, net = (
        spending.by_type(c).reindex(list(types), fill_value=0.0).to_numpy(dtype=float)[:, -1]
        for c in ("gross", "net")
    )
    share = np.divide(net, gross, out=np.ones_like(net), where=gross > 0)
    begun = spending.basis.shown.windows[-1].year == years[0]
    so_far = gross if begun else np.zeros_like(gross)
    return Outturns(
        spending, ahead, types, years, now, fte, weekly, tuple(days), so_far, share, agreed
    )


def drift_of(rise: Rise) -> Drift:
    """Return what the study expects of prices."""
    return Drift.between(rise.low, rise.central, rise.high)


def _days(ahead: Ahead) -> list[float]:
    """Return the days of each year ahead, of this one those that are left."""
    ends = [ahead.outlook.basis.study.period.as_at, *ahead.outlook.days]
    return [float((b - a).days) for a, b in pairwise(ends)]


def _aprils(spending: Spending, years: Sequence[ReportingYear]) -> list[float]:
    """Return how many Aprils lie between the last year paid for and each year ahead."""
    last = spending.basis.shown.windows[-1].year
    return [float(y.end_year - last.end_year) for y in years]


def _known(data: StudyData, agreed: pd.DataFrame | None, types: tuple[str, ...]) -> list[Known]:
    """Return rises from next April that settings name, and of other types those agreed."""
    budget = data.study.budget
    found = []
    for key, rise in budget.next_april.items():
        if key in types:
            d = drift_of(rise)
            found.append(Known(types.index(key), d.rise, d.rise_sd))
    told = {k.at for k in found}
    of = [] if agreed is None else known_of(agreed, drift_of(budget.rise))
    return found + [k for k in of if k.at not in told]


def _agreed(data: StudyData, spending: Spending, types: tuple[str, ...]) -> pd.DataFrame | None:
    if not data.study.inputs.patterns("uplifts"):
        return None
    after = pd.Timestamp(data.study.period.as_at)
    found = agreed_rises(spending, data.uplifts.frame, types, after)
    return found if (found["covered"] > 0).any() else None
