"""What the homes and carers of a strategy move and save, in every draw of its forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from needs.forecast.shape import Forecast
from needs.sufficiency.capacity.demand import RELATIVES
from needs.sufficiency.invest import Terms, flows
from needs.sufficiency.invest_fostering import Fostering, carers
from needs.sufficiency.invest_plan import Planned, price_of, terms_of
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Categories

__all__ = ["Moved", "by_carers", "by_homes", "own_type"]

Floats = npt.NDArray[np.float64]

_MONTH = 365.25 / 12


@dataclass(frozen=True, eq=False)
class Moved:
    """Children whom homes or carers take from one type, and what that saves.

    Attributes
    ----------
    key : str
        ``homes`` or ``carers``.
    source, to : int
        Places of the types in the forecast's groups.
    children : ndarray of float, shape (draws, days)
        Over the year that ends on the day.
    saved, capital : ndarray of float, shape (draws, years)
        Pounds of the day: saved in running, and paid for houses net of match funding (above
        nought).
    places : tuple of (date, date or None, float)
        Places they bring: first day, first day without, and how many.
    leans : tuple of str
        Figure ids of the counts of children that it is made from.
    """

    key: str
    source: int
    to: int
    children: Floats = field(repr=False)
    saved: Floats = field(repr=False)
    capital: Floats = field(repr=False)
    places: tuple[tuple[dt.date, dt.date | None, float], ...] = ()
    leans: tuple[str, ...] = ()


def own_type(categories: Categories, group: str, forecast: Forecast) -> int:
    """Return the place of the authority's own type of a group in a forecast.

    Raises
    ------
    ModelError
        If the category map has none, or the forecast does not know it.
    """
    for t in categories.types:
        codes = {p for r in categories.rules if r.type == t.key for p in r.place}
        own = t.group == group and t.sector == "in_house"
        if own and codes and not codes <= RELATIVES and t.key in forecast.groups:
            return forecast.groups.index(t.key)
    rule = f"no in-house placement type of the group {group} can take the children of a strategy"
    mend = "add one to [categories], or leave homes and carers out of [[strategies]]"
    raise ModelError("a strategy has nowhere to go", [Fault("study.toml", rule, mend)])


def _years(terms: Terms, days: Sequence[dt.date]) -> list[int]:
    """Return for each day of a forecast the place of its reporting year, -1 where before all."""
    keys = list(terms.years)
    named = [str(ReportingYear.of(d)) for d in days]
    return [keys.index(k) if k in keys else -1 for k in named]


def _by_day(values: Floats, at: Sequence[int]) -> Floats:
    """Return the years of a forecast from all years of an appraisal, nought before the first."""
    picked = values[:, [max(k, 0) for k in at]]
    found: Floats = np.where(np.array(at) >= 0, picked, 0.0)
    return found


def _pool(terms: Terms, forecast: Forecast, draws: Floats, kind: int) -> Floats:
    """Return children of a type in each draw and year of an appraisal."""
    ends = [(terms.first + k).end for k in range(len(terms.factors))]
    at = [max(sum(d <= e for d in forecast.days) - 1, 0) for e in ends]
    found: Floats = draws[:, at, kind]
    return found


def _money(terms: Terms) -> Floats:
    """Return what turns pounds of year nought into pounds of each year."""
    found: Floats = (1 + terms.inflation) ** terms.index
    return found


def by_homes(
    data: StudyData, keys: Sequence[str], forecast: Forecast, draws: Floats
) -> list[Moved]:
    """Return what homes of ``[investment]`` move and save, one for each type that they replace.

    Parameters
    ----------
    data : StudyData
    keys : sequence of str
        Of homes.
    forecast : Forecast
        For days and types.
    draws : ndarray of float, shape (draws, days, types)
        Children there are, levers pulled.

    Raises
    ------
    InputMissing, ModelError
        If a price is not stated and not known, or there is no in-house type to move to.
    """
    planned = Planned.of(data)
    if planned is None:
        return []
    schemes = tuple(s for s in planned.plan.schemes if s.home.key in keys)
    plan = replace(planned.plan, schemes=schemes)
    terms, n = plan.terms, len(draws)
    rng = np.random.default_rng([data.study.seed, 81])
    values, pools = plan.drawn(rng, n)
    for kind, pool in plan.pools.items():
        if pool.draws is not None:  # the children of this very draw
            pools[kind] = _pool(terms, forecast, draws, forecast.groups.index(kind))
    out, at = flows(plan, values, pools), _years(terms, forecast.days)
    to, money = own_type(data.study.categories, "residential", forecast), _money(terms)
    found = []
    for kind in dict.fromkeys(s.home.replaces_type for s in schemes):
        mine = np.array([s.home.replaces_type == kind for s in schemes])
        homes = [s.home for s in schemes if s.home.replaces_type == kind]
        if kind not in forecast.groups:
            continue
        found.append(
            Moved(
                "homes",
                forecast.groups.index(kind),
                to,
                _by_day(out.children[mine].sum(axis=0), at),
                _by_day(out.running[mine].sum(axis=0) * money, at),
                _by_day(-out.capital[mine].sum(axis=0) * money, at),
                tuple(
                    (
                        h.opens + dt.timedelta(days=round(h.delay_months.central * _MONTH)),
                        h.closes,
                        float(h.beds),
                    )
                    for h in homes
                ),
                (*planned.paid, *planned.counted),
            )
        )
    return found


def by_carers(data: StudyData, forecast: Forecast, draws: Floats) -> list[Moved]:
    """Return what the carers of ``[investment.fostering]`` move and save.

    Raises
    ------
    InputMissing, ModelError
        If a price is not stated and not known, or there is no in-house type to move to.
    """
    given = data.study.investment.fostering
    if given is None or given.replaces_type not in forecast.groups:
        return []
    terms = terms_of(data)
    price, paid = price_of(data, given)
    source = forecast.groups.index(given.replaces_type)
    fostering = Fostering(given, terms, price)
    values, _ = fostering.drawn(np.random.default_rng([data.study.seed, 82]), len(draws))
    out = carers(fostering, values, _pool(terms, forecast, draws, source))
    at, money = _years(terms, forecast.days), _money(terms)
    households = _by_day(out.households, at)
    places = households * values["places_per_carer"][:, None]
    return [
        Moved(
            "carers",
            source,
            own_type(data.study.categories, "fostering", forecast),
            np.maximum(_by_day(out.children, at), 0),
            _by_day(out.net * money, at),
            np.zeros_like(households),
            _steps(forecast, places.mean(axis=0)),
            paid,
        )
    ]


def _steps(forecast: Forecast, places: Floats) -> tuple[tuple[dt.date, dt.date | None, float], ...]:
    """Return places that come or go year by year, as whole places from the start of each."""
    firsts = [ReportingYear.of(d).start for d in forecast.days]
    nexts = [*firsts[1:], None]
    return tuple(
        (first, after, float(np.floor(max(n, 0))))
        for first, after, n in zip(firsts, nexts, places, strict=True)
        if n >= 1
    )
