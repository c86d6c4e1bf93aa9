"""Synthetic children, real totals: bend a simulated year until its end matches print.

Only arrivals, exits and moves near the end of a year are added; nobody is taken back.
The bent rates are no longer the written ones, so calibrated studies prove arithmetic,
never accuracy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from needs.synthetic.engine import EXIT, YEAR_DAYS, History, Ints, arrivals, live_year, year_bounds
from needs.synthetic.truth import PLACES, Truth

__all__ = ["Target", "calibrated"]

_INDEX = {p: i for i, p in enumerate(PLACES)}
_SETTLED = 14.0
"""Days since the last event before another is added."""


@dataclass(frozen=True, slots=True)
class Target:
    """Published counts at one 31 March.

    Parameters
    ----------
    total : int
        Children looked after.
    places : mapping of str to int
        Counts by placement; placements left out share what remains.
    uasc : int or None
        Unaccompanied children among them, where published.
    """

    total: int
    places: Mapping[str, int]
    uasc: int | None = None


def _add_event(h: History, spell: Ints, day: np.ndarray, place: Ints) -> None:
    """Append events and bring the children's present state in line."""
    h.spell = np.concatenate([h.spell, spell])
    h.day = np.concatenate([h.day, day])
    h.place = np.concatenate([h.place, place])
    p = h.population
    p.place[spell] = place
    p.placed[spell] = day


def _last_event(h: History) -> np.ndarray:
    last = np.zeros(len(h.population))
    np.maximum.at(last, h.spell, h.day)
    return last


def _late_day(h: History, spell: Ints, end: float, rng: np.random.Generator) -> np.ndarray:
    """Return a day for each spell between its last event and the end of the year."""
    begin = np.maximum(_last_event(h)[spell] + _SETTLED, end - 150)
    return begin + rng.random(len(spell)) * np.maximum(end - 2 - begin, 0.0)


def _settled(h: History, spells: Ints, end: float) -> Ints:
    return spells[_last_event(h)[spells] + _SETTLED < end - 2]


def _fit_total(
    truth: Truth, h: History, year: int, wanted: int, uasc: bool, rng: np.random.Generator
) -> None:
    """End or begin periods of care until so many children are in care at the year's end."""
    _, end = year_bounds(year)
    p = h.population
    here = h.open_on(end)
    here = here[p.uasc[here] == uasc]
    surplus = len(here) - wanted
    if surplus > 0:
        able = _settled(h, here, end)
        weight = np.take(truth.exit_base, p.place[able])
        gone = rng.choice(able, surplus, replace=False, p=weight / weight.sum())
        day = np.minimum(_late_day(h, gone, end, rng), p.eighteen[gone] - 1)
        _add_event(h, gone, day, np.full(surplus, EXIT))
        p.clock[gone] = day
    while surplus < 0:
        new = arrivals(truth, year, h.next_child, rng)
        keep = np.flatnonzero((new.uasc == uasc) & (new.eighteen > end + 30))[:-surplus]
        keep = keep[new.start[keep] < end - 2]
        for name in new.__dataclass_fields__:
            setattr(new, name, getattr(new, name)[keep])
        new.child = h.next_child + np.arange(len(keep))
        new.family = new.child.copy()
        h.next_child += len(keep)
        first = len(p)
        p.append(new)
        p.clock[first:] = end
        _add_event(h, np.arange(first, len(p)), new.start, new.place)
        surplus += len(keep)


def _suits(h: History, spells: Ints, place: str, end: float) -> np.ndarray:
    """Return a weight for moving each child to a placement: zero where it makes no sense."""
    p = h.population
    age = (end - p.dob[spells]) / YEAR_DAYS
    old = age >= 16
    if place in {"in_house_home", "external_home"}:
        return np.where(age >= 9, np.where(p.uasc[spells], 0.1, 1.0), 0.0)
    if place == "supported":
        return np.where(old, 1.0, 0.0)
    if place == "kinship":
        return np.where(p.uasc[spells], 0.0, np.where(old, 0.3, 1.0))
    return np.where(old, 0.4, 1.0)


def _fit_places(h: History, year: int, wanted: Mapping[str, int], rng: np.random.Generator) -> None:
    """Move children between placements until the published ones have their counts."""
    _, end = year_bounds(year)
    p = h.population
    named = {_INDEX[k]: n for k, n in wanted.items()}

    def excess(place: int) -> int:
        return int((p.place[h.open_on(end)] == place).sum()) - named[place]

    # First out of what is too full, into whatever is short or into the unnamed rest.
    for place in named:
        while (n := excess(place)) > 0:
            able = _settled(h, h.open_on(end), end)
            able = able[p.place[able] == place]
            short = [q for q in named if excess(q) < 0]
            target = PLACES[short[0]] if short else ""
            if target:
                n = min(n, -excess(short[0]))
            _move(h, able, n, target, end, rng)
    for place in named:
        while (n := -excess(place)) > 0:
            able = _settled(h, h.open_on(end), end)
            able = able[~np.isin(p.place[able], list(named))]
            able = able[~np.isin(p.place[able], [_INDEX["adoption"]])]
            _move(h, able, n, PLACES[place], end, rng)


def _move(
    h: History, able: Ints, n: int, target: str, end: float, rng: np.random.Generator
) -> None:
    p = h.population
    if target:
        weight = _suits(h, able, target, end)
        if (weight > 0).sum() < n:
            weight = weight + 1e-6
    else:
        weight = np.ones(len(able))
    who = rng.choice(able, min(n, len(able)), replace=False, p=weight / weight.sum())
    old = (end - p.dob[who]) / YEAR_DAYS >= 16
    rest = np.where(old, _INDEX["supported"], _INDEX["parents"])
    place = np.full(len(who), _INDEX[target]) if target else rest
    _add_event(h, who, _late_day(h, who, end, rng), place)


def calibrated(
    truth: Truth, years: Mapping[int, Target], rng: np.random.Generator, burn_in: int = 18
) -> History:
    """Live the years, matching each published 31 March exactly.

    Parameters
    ----------
    truth : Truth
    years : mapping of int to Target
        Reporting year -> counts at its 31 March; consecutive years.
    rng : numpy.random.Generator
    burn_in : int
        Years lived before the first.
    """
    h = History.nobody()
    first = min(years)
    for year in range(first - burn_in, max(years) + 1):
        live_year(truth, h, year, rng)
        if year not in years:
            continue
        target = years[year]
        _, end = year_bounds(year)
        here = h.open_on(end)
        asylum = int(h.population.uasc[here].sum()) if target.uasc is None else target.uasc
        _fit_total(truth, h, year, asylum, True, rng)
        _fit_total(truth, h, year, target.total - asylum, False, rng)
        _fit_places(h, year, target.places, rng)
    return h
