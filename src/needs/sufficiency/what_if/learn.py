"""Ask the simulation at the nodes, and the study for its baseline: a mean engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.costs.budget import outturn
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_demand import demand_ahead
from needs.forecast.ahead_levers import large_rows
from needs.forecast.flow.model import FlowModel
from needs.sufficiency.budget import Outturns
from needs.sufficiency.capacity.gap import Gaps
from needs.sufficiency.what_if.dials import (
    SERVICE,
    Plans,
    levers_of,
    pairs_of,
    price_dials,
    rate_dials,
)
from needs.sufficiency.what_if.engine import Dial, Line, MeanEngine, Pair, Settings, nodes_asked
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL

__all__ = ["DRAWS", "Learnt", "changes_at"]

DRAWS = 200
"""Futures lived at each node. What differs between two nodes is the levers and not chance, so that
few do: beside means of the same futures the engine is within a per cent."""
THOUSAND = 1e3
REACH = "anywhere"

Floats = npt.NDArray[np.float64]
Rows = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Learnt:
    """A mean engine with what its numbers stand for.

    Parameters
    ----------
    engine : MeanEngine
        Children by row of the demand table, thousands of pounds by group, demand by service.
    plans : Plans
    rows, services, groups : mapping of str to tuple of str
        Line -> the placement types it holds.
    days, years : tuple of str
        Keys of the year ends, and of the reporting years that they end.
    """

    engine: MeanEngine
    plans: Plans
    rows: Rows
    services: Rows
    groups: Rows
    days: tuple[str, ...]
    years: tuple[str, ...]

    @classmethod
    def of(cls, data: StudyData) -> Learnt | None:
        """Return the engine of a study, learnt once; None where no flow model could be fitted.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        """
        return data.once("mean engine", lambda: _learnt(data))


def _learnt(data: StudyData) -> Learnt | None:
    ahead = Ahead.of(data)
    if ahead.model is None:
        return None
    places = ahead.model.places
    now = ahead.history.counts(np.array([ahead.history.until]))[0]
    today = dict(zip(ahead.history.places, map(float, now), strict=True))
    plans = Plans.of(data.study.categories, today)
    out = Outturns.of(data) if data.has("costs") else None
    gaps = Gaps.of(data) if data.has("provision") else None
    services = {SERVICE + s.key: s.types for s in gaps.services} if gaps else {}
    rows, _ = large_rows(ahead)
    groups = _groups(out)
    labels = {t.key: t.label for t in data.study.categories.types}
    dials = rate_dials(plans, labels, today, tuple(services))
    dials += price_dials(_priced(data, groups))
    pairs = pairs_of(dials)
    lived = _Lived(ahead, ahead.model, plans)
    effects = _effects(lived, dials, pairs)
    columns = _Columns(places, rows, services, groups, out)
    base = _Bases.of(data, ahead, rows, out, gaps)
    engine = MeanEngine(
        tuple(dials),
        pairs,
        {k: Line(base.children[k], columns.children(effects, k)) for k in rows},
        {k: Line(base.money[k], columns.money(effects, k)) for k in groups},
        {k: Line(base.demand[k], columns.demand(effects, k)) for k in services},
        base.places,
    )
    years = tuple(str(ReportingYear.of(d)) for d in ahead.outlook.days)
    return Learnt(engine, plans, rows, services, groups, tuple(ahead.outlook.ahead), years)


def _priced(data: StudyData, groups: Rows) -> dict[str, str]:
    """Return the group of the category map that each line of money is of, but the whole."""
    known: dict[str, str] = {t.key: t.group for t in data.study.categories.types}
    of = {k: {known[t] for t in types if t in known} for k, types in groups.items() if k != ALL}
    return {k: next(iter(g)) for k, g in of.items() if len(g) == 1}


def _groups(out: Outturns | None) -> dict[str, tuple[str, ...]]:
    """Return lines of money: the whole, and groups of placements that anything is paid for."""
    if out is None:
        return {}
    tops = out.spending.paid(leaves=False)
    nodes = {n.key: tuple(t for t in out.types if t in n.types) for n in out.nodes}
    return {ALL: out.types, **{k: nodes[k] for k in tops if k in nodes}}


@dataclass(frozen=True, eq=False)
class _Lived:
    """The simulation, asked for means with the same chance each time."""

    ahead: Ahead
    model: FlowModel
    plans: Plans

    def mean(self, settings: Settings) -> Floats:
        """Return mean children, shape (years, types of the model)."""
        rng = np.random.default_rng(self.ahead.outlook.basis.study.seed)
        levers = levers_of(settings, self.plans)
        lived = self.model.simulate(self.ahead.outlook.days, DRAWS, rng, levers)
        return np.asarray(lived.draws.mean(axis=0, dtype=float))


def changes_at(data: StudyData, learnt: Learnt, settings: Settings) -> dict[str, Floats]:
    """Return what the simulation itself says of a setting: change in mean children by row.

    Parameters
    ----------
    data : StudyData
    learnt : Learnt
    settings : mapping of str to float

    Returns
    -------
    dict of str to ndarray, shape (years,)
        Row -> change from the baseline: what the engine stands in for.
    """
    ahead = Ahead.of(data)
    if ahead.model is None:
        return {}
    lived = _Lived(ahead, ahead.model, learnt.plans)
    change = lived.mean(settings) - lived.mean({})
    return {k: _of(change, ahead.model.places, types) for k, types in learnt.rows.items()}


def _effects(lived: _Lived, dials: list[Dial], pairs: tuple[Pair, ...]) -> dict[str, Floats]:
    """Return what each node adds, shape (years, types): of a pair, beyond each dial alone."""
    base = lived.mean({})
    found: dict[str, Floats] = {}
    alone: dict[tuple[str, int], Floats] = {}
    for key, at in nodes_asked(dials, pairs):
        change = lived.mean(at) - base
        if len(at) == 1:
            alone[next(iter(at.items()))] = change
        else:
            change = change - sum(alone[pair] for pair in at.items())
        found[key] = change
    return found


def _of(change: Floats, places: tuple[str, ...], types: tuple[str, ...]) -> Floats:
    at = [places.index(t) for t in types if t in places]
    summed: Floats = change[:, at].sum(axis=1)
    return summed


@dataclass(frozen=True, eq=False)
class _Columns:
    """From changes by type to changes of each line."""

    places: tuple[str, ...]
    rows: Rows
    services: Rows
    groups: Rows
    out: Outturns | None

    def children(self, effects: Mapping[str, Floats], key: str) -> dict[str, Floats]:
        return {n: _of(e, self.places, self.rows[key]) for n, e in effects.items()}

    def demand(self, effects: Mapping[str, Floats], key: str) -> dict[str, Floats]:
        """Return changes of the mean over each year, none of it on the first day."""
        return {
            n: _between(_of(e, self.places, self.services[key])[:, None])[:, 0]
            for n, e in effects.items()
        }

    def money(self, effects: Mapping[str, Floats], key: str) -> dict[str, Floats]:
        """Return thousands of pounds a year, at mean prices."""
        out = self.out
        if out is None:
            return {}
        at = [self.places.index(t) for t in out.types]
        mine = [i for i, t in enumerate(out.types) if t in self.groups[key]]
        return {
            n: outturn(_between(e[:, at]), out.weekly.mean(axis=0), out.days)[:, mine].sum(axis=1)
            / THOUSAND
            for n, e in effects.items()
        }


def _between(ends: Floats) -> Floats:
    """Return means over years of changes on year ends, shape (years, lines)."""
    begun = np.concatenate([np.zeros_like(ends[:1]), ends[:-1]])
    mean: Floats = (begun + ends) / 2
    return mean


@dataclass(frozen=True, eq=False)
class _Bases:
    """The baseline: the numbers that chapters 50, 70 and 40 print."""

    children: Mapping[str, Floats]
    money: Mapping[str, Floats]
    demand: Mapping[str, Floats]
    places: Mapping[str, Floats]

    @classmethod
    def of(
        cls, data: StudyData, ahead: Ahead, rows: Rows, out: Outturns | None, gaps: Gaps | None
    ) -> _Bases:
        table = demand_ahead(data).table
        told = table[table["measure"] == "projected_n"].set_index(["group", "period"])["value"]
        children = {
            k: np.array([told[k, day] for day in ahead.outlook.ahead], dtype=float) for k in rows
        }
        money = {}
        if out is not None:
            nodes = {ALL: None, **{n.key: n for n in out.nodes}}
            money = {
                k: out.of_node(out.gross, nodes[k]).mean(axis=0) / THOUSAND for k in _groups(out)
            }
        if gaps is None:
            return cls(children, money, {}, {})
        years = np.array([str(ReportingYear.of(d.date())) for d in gaps.months])
        asked = [str(ReportingYear.of(d)) for d in ahead.outlook.days]
        demand, places = {}, {}
        for s in gaps.services:
            gap = gaps.found[s.key, REACH]
            demand[SERVICE + s.key] = np.array([gap.children[:, years == y].mean() for y in asked])
            places[SERVICE + s.key] = np.array([gap.places[years == y].mean() for y in asked])
        return cls(children, money, demand, places)
