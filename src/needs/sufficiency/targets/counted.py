"""Children that targets speak of: counted on past days, and in the draws of the forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.flows import flow_counts
from needs.care.placements import placement_type
from needs.care.where import placed_where
from needs.forecast.ahead import Ahead
from needs.forecast.history import day_number
from needs.forecast.mix import Mix
from needs.forecast.series.people import People
from needs.forecast.shape import Forecast
from needs.sufficiency.capacity.stock import Stock
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, figure_id
from needs.vocabulary.targets import ENTRIES, OTHERS, WHERE, Whom, whom

__all__ = ["Counted"]

Floats = npt.NDArray[np.float64]
_MARCH = 0.25
"""How much of a calendar year lies before 31 March."""


@dataclass(frozen=True, eq=False)
class Counted:
    """A study's children as its targets count them.

    Parameters
    ----------
    data : StudyData
    basis : Basis
    mix : Mix
    people : People or None
    whom : mapping of str to Whom
    """

    data: StudyData
    basis: Basis
    mix: Mix
    people: People | None
    whom: Mapping[str, Whom]

    @classmethod
    def of(cls, data: StudyData) -> Counted:
        """Return what targets are counted from, made once.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        """
        return data.once("targets counted", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Counted:
        basis = Basis.of(data)
        mix = Mix.of(data, basis.date_keys)
        return cls(data, basis, mix, People.of(data), whom(data.study.categories))

    def past(self, group: str) -> pd.Series[float]:
        """Return children of a group by day shown, or by the year end of those who came."""
        return self.data.once(f"target counts {group}", lambda: self._past(group))

    def _past(self, group: str) -> pd.Series[float]:
        if group == ENTRIES:
            windows = [w for w in self.basis.shown.windows if not w.part]
            counts = flow_counts(self.basis.records, windows, self.basis.scope)
            days = [w.end.isoformat() for w in windows]
            return pd.Series(counts["started_n"].to_numpy(dtype=float), index=days)
        stock, mine = self.basis.stock(), None
        if group == OTHERS:
            mine = ~stock["uasc"].to_numpy(dtype=bool)
        elif group in WHERE:
            at = placed_where(self.basis.records, stock, self.basis.study)
            cell = at["side"].astype(str) + "_" + at["band"].astype(str)
            mine = cell.isin(WHERE[group][1]).to_numpy()
        elif group != ALL:
            types = pd.Series(placement_type(stock, self.basis.study.categories)).astype(object)
            mine = types.isin(self.whom[group].types or frozenset()).to_numpy()
        period = stock["period"] if mine is None else stock["period"][mine]
        n = np.bincount(period.cat.codes, minlength=len(self.basis.date_keys))
        return pd.Series(n.astype(float), index=self.basis.date_keys)

    def places(self, group: str) -> pd.Series[float]:
        """Return places of a group's types more at each year end than at the one before.

        Raises
        ------
        InputMissing
            If the study has no table of provision.
        """
        stock = Stock.of(self.data)
        rows = stock.rows[stock.rows["usable"] & stock.rows["type"].isin(self.types(group))]
        keys = self.basis.date_keys
        held = stock.on([day_number(pd.Timestamp(k).date()) for k in keys], rows)
        n = pd.Series(held.T @ rows["places"].to_numpy(dtype=float), index=keys)
        return n.diff().iloc[1:]

    def types(self, group: str) -> frozenset[str]:
        """Return the placement types of a group; none where it is no matter of types."""
        return self.whom[group].types or frozenset()

    def population(self, days: Sequence[str]) -> Floats:
        """Return children who live in the authority, for rates on some days."""
        if self.people is None:
            raise InputMissing("population")
        at = [pd.Timestamp(d) for d in days]
        years = [d.year + (d.dayofyear - 1) / 365 for d in at]
        march = [
            d.year + _MARCH if (d.month, d.day) == (3, 31) else y
            for d, y in zip(at, years, strict=True)
        ]
        as_at = self.data.study.period.as_at
        whole: Floats = self.people.on(as_at, march).sum(axis=1)
        return whole

    def ahead(self, group: str, forecast: Forecast) -> Floats | None:
        """Return draws of a group on the days of a forecast; None where it is not forecast."""
        if group == ENTRIES:
            flow = Ahead.of(self.data).each.get("flow")
            part = forecast.parts.get("entries") or (flow.parts.get("entries") if flow else None)
            return None if part is None else part.draws.sum(axis=2, dtype=float)
        if group == OTHERS:
            status = forecast.parts.get("status")
            if status is None or "others" not in status.groups:
                return None
            return status.draws[:, :, status.groups.index("others")].astype(float)
        if group in WHERE:
            return None
        mine = [t for t in forecast.groups if group == ALL or t in self.types(group)]
        return forecast.of(mine).astype(float) if mine else None

    def ids(self, group: str, day: str) -> tuple[str, ...]:
        """Return the figure ids of the counts that a group's count on a day is made from."""
        if group == ENTRIES:
            years = {w.end.isoformat(): w.key for w in self.basis.shown.windows}
            return (figure_id("cla_flows", "started_n", ALL, years[day]),) if day in years else ()
        if group == OTHERS:
            return (figure_id("cla_uasc_stock", "children_n", "not_uasc", day),)
        if group in WHERE:
            rows = WHERE[group][2]
            return tuple(figure_id("cla_distance", "children_n", c, day) for c in rows)
        if group == ALL:
            return (figure_id("cla_stock", "children_n", ALL, day),)
        return tuple(
            figure_id("cla_placement_mix", "children_n", k, day) for k in self._cells(group)
        )

    def _cells(self, group: str) -> tuple[str, ...]:
        """Return the fewest rows of the placement mix that a group adds up from, or is left of."""
        types = self.types(group)
        there = {n.key: n.types for n in self.mix.nodes}
        shown = frozenset().union(*there.values()) if there else frozenset()
        mine = types & shown
        best = tuple(sorted(mine))
        for key, held in there.items():
            if mine <= held:
                rest = tuple(sorted(held - mine))
                if 1 + len(rest) < len(best):
                    best = (key, *rest)
        return best
