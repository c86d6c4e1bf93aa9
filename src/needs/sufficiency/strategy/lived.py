"""The futures of a strategy: the forecast's own draws, with what the strategy changes in each.

Levers are lived by the flow model, with and without them, child by child; what differs is added to
the draws of the combined forecast. Homes and carers move children from the type that they replace,
no more than there are in that draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.ahead_levers import lever_of
from needs.forecast.history import day_number
from needs.forecast.shape import Forecast, Part
from needs.sufficiency.capacity.gap import Gaps, gaps_of
from needs.sufficiency.capacity.stock import INSIDE
from needs.sufficiency.strategy.schemes import Moved, by_carers, by_homes
from needs.vocabulary.records import StudyData
from needs.vocabulary.strategies import Strategy, levers_of

__all__ = ["AS_IT_IS", "Strategies", "StrategyLived"]

Floats = npt.NDArray[np.float64]

AS_IT_IS = "as_it_is"
"""Key of the forecast without any strategy."""
_EVER = 1 << 20


@dataclass(frozen=True, eq=False)
class StrategyLived:
    """One strategy.

    Attributes
    ----------
    key, label : str
    ahead : Ahead
        The study's, with the strategy's forecast.
    levers : ndarray of float, shape (scenario draws, days, types)
        What levers alone change, in children.
    moved : tuple of Moved
        What homes and carers move and save.
    rows : DataFrame or None
        Places beside those of the study, as :attr:`Stock.rows`.
    prices_pct : mapping of str to float
    """

    key: str
    label: str
    ahead: Ahead
    levers: Floats = field(repr=False)
    moved: tuple[Moved, ...] = ()
    rows: pd.DataFrame | None = None
    prices_pct: Mapping[str, float] = field(default_factory=dict)

    @property
    def forecast(self) -> Forecast:
        """Its draws."""
        return self.ahead.forecast

    def of(self, types: Sequence[str]) -> Floats:
        """Return children of some types, shape (draws, days)."""
        return self.forecast.of([t for t in types if t in self.forecast.groups]).astype(float)


@dataclass(frozen=True, eq=False)
class Strategies:
    """Every strategy of a study, the forecast as it is first.

    Attributes
    ----------
    data : StudyData
    lived : tuple of StrategyLived
    """

    data: StudyData
    lived: tuple[StrategyLived, ...]

    @classmethod
    def of(cls, data: StudyData) -> Strategies:
        """Return the strategies of a study, lived once.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        ModelError
            If a lever cannot be lived, or a price of a home is not known.
        """
        return data.once("strategies", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Strategies:
        ahead = Ahead.of(data)
        nothing = np.zeros((1, len(ahead.forecast.days), len(ahead.forecast.groups)))
        base = StrategyLived(AS_IT_IS, "The forecast as it is", ahead, nothing)
        known = [s for s in data.study.strategies if ahead.model is not None or not _pulls(data, s)]
        return cls(data, (base, *(_live(data, s, ahead) for s in known)))

    @property
    def base(self) -> StrategyLived:
        """The forecast as it is."""
        return self.lived[0]

    @property
    def labels(self) -> dict[str, str]:
        """Words for each."""
        return {s.key: s.label for s in self.lived}

    def gaps(self, some: StrategyLived) -> Gaps:
        """Return places against demand under a strategy.

        Raises
        ------
        InputMissing
            If the study has no table of provision.
        """
        if some.key == AS_IT_IS:
            return Gaps.of(self.data)
        key = f"gaps of strategy {some.key}"
        return self.data.once(key, lambda: gaps_of(self.data, some.ahead, some.rows))


def _pulls(data: StudyData, s: Strategy) -> bool:
    return bool(levers_of(s, data.study.scenarios))


def _live(data: StudyData, s: Strategy, ahead: Ahead) -> StrategyLived:
    forecast = ahead.forecast
    change, others, entries = _levers(data, s, ahead)
    picked = np.arange(len(forecast.draws)) % len(change)
    draws = np.maximum(forecast.draws.astype(float) + change[picked], 0)
    moved: list[Moved] = []
    if s.homes:
        moved += by_homes(data, s.homes, forecast, draws)
    if s.fostering:
        moved += by_carers(data, forecast, draws)
    for m in moved:
        gone = np.minimum(m.children, draws[:, :, m.source])
        draws[:, :, m.source] -= gone
        draws[:, :, m.to] += gone
    made = Forecast(
        s.key,
        s.label,
        forecast.origin,
        forecast.days,
        forecast.groups,
        draws.astype(np.float32),
        _parts(ahead, draws, others[picked], entries),
        forecast.settings,
    )
    rows = _places(data, [m for m in moved if m.places])
    return StrategyLived(
        s.key, s.label, replace(ahead, forecast=made), change, tuple(moved), rows, s.prices_pct
    )


def _levers(data: StudyData, s: Strategy, ahead: Ahead) -> tuple[Floats, Floats, Floats]:
    """Return what levers change: children by type, unaccompanied children, and entries."""
    levers, days = levers_of(s, data.study.scenarios), ahead.forecast.days
    if not levers or ahead.model is None:
        shape = (1, len(days))
        return np.zeros((*shape, len(ahead.forecast.groups))), np.zeros(shape), np.zeros(shape)
    model, n, seed = ahead.model, data.study.forecast.scenario_draws, data.study.seed
    base = data.once(
        "strategies' flow model", lambda: model.simulate(days, n, np.random.default_rng(seed))
    )
    other = model.simulate(days, n, np.random.default_rng(seed), [lever_of(x) for x in levers])
    uasc, came = (
        other.parts[k].draws.astype(np.float64) - base.parts[k].draws.astype(np.float64)
        for k in ("status", "entries")
    )
    order = [model.places.index(g) for g in ahead.forecast.groups]
    change = other.draws.astype(np.float64) - base.draws.astype(np.float64)
    return change[:, :, order], uasc[:, :, 1], came.sum(axis=2)


def _parts(ahead: Ahead, draws: Floats, uasc: Floats, entries: Floats) -> dict[str, Part]:
    """Return who is unaccompanied, and how many come, where the forecast knows of them."""
    found, flow = {}, ahead.each.get("flow")
    if flow is not None and "entries" in flow.parts:
        came = flow.parts["entries"].draws.sum(axis=2, dtype=float)
        came = np.maximum(came + entries[np.arange(len(came)) % len(entries)], 0)
        found["entries"] = Part(("all",), came[:, :, None].astype(np.float32), flow=True)
        if len(came) != len(draws):
            del found["entries"]
    status = ahead.forecast.parts.get("status")
    if status is None or "uasc" not in status.groups:
        return found
    total = draws.astype(np.float32).sum(axis=2)
    mine = status.draws[:, :, status.groups.index("uasc")] + uasc
    mine = np.clip(mine, 0, total)
    both = np.stack([total - mine, mine], axis=2).astype(np.float32)
    return found | {"status": Part(("others", "uasc"), both)}


def _places(data: StudyData, moved: Sequence[Moved]) -> pd.DataFrame | None:
    """Return rows of places that homes and carers bring, as the stock of places has them."""
    groups = Ahead.of(data).forecast.groups
    rows = [
        {
            "holder": f"{m.key}_{k}",
            "kind": "planned",
            "type": groups[m.to],
            "route": "in_house",
            "zone": INSIDE,
            "places": float(n),
            "first": day_number(opens),
            "last": day_number(closes) - 1 if closes else _EVER,
            "usable": True,
            "suspended": False,
            "listed": True,
            "age_min": 0.0,
            "age_max": 25.0,
            "gender": "any",
            "solo": False,
            "weekly": np.nan,
        }
        for m in moved
        for k, (opens, closes, n) in enumerate(m.places)
    ]
    return pd.DataFrame(rows) if rows else None
