"""Live the children's lives: a continuous-time simulation, vectorised over children.

Each child's hazards are constant until the next birthday band, duration step or 1 April;
within that stretch the time to the next event is exponential. All children are advanced
together, one jump or step at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from needs.synthetic.truth import AGE_EDGES, CARE_EDGES, MOVE_EDGES, PLACES, Truth

__all__ = [
    "EXIT",
    "YEAR_DAYS",
    "History",
    "Population",
    "birthday",
    "day_of",
    "simulate",
    "year_bounds",
]

EXIT = -1
"""Destination of a child who leaves care."""
YEAR_DAYS = 365.25

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_EPOCH = np.datetime64("1970-01-01")


def day_of(year: int, month: int, day: int) -> int:
    """Return the number of the day since 1 January 1970."""
    return int((np.datetime64(f"{year:04d}-{month:02d}-{day:02d}") - _EPOCH).astype(int))


def year_bounds(year: int) -> tuple[int, int]:
    """Return the first day of a reporting year and of the next, as day numbers."""
    return day_of(year - 1, 4, 1), day_of(year, 4, 1)


def birthday(dob: Floats, age: int) -> Floats:
    """Return the day number of a birthday; who is born on 29 February has it on 1 March."""
    born = _EPOCH + dob.astype("timedelta64[D]")
    month = born.astype("datetime64[M]")
    later = (month + np.timedelta64(12 * age, "M")).astype("datetime64[D]")
    days: Floats = ((later + (born - month.astype("datetime64[D]"))) - _EPOCH).astype(float)
    return days


@dataclass
class Population:
    """Periods of care as parallel arrays; a child who returns has two.

    Attributes
    ----------
    child, family : int arrays
        Who, and which children entered together.
    male, uasc : bool arrays
    dob, start : float arrays
        Day numbers (continuous) of birth and of the period's start.
    eighteen : float array
        Day number of the eighteenth birthday.
    place : int array
        Present placement, an index of ``PLACES``; ``EXIT`` once left.
    placed, clock : float arrays
        Day the present placement began, and up to which the child has been simulated.
    """

    child: Ints
    family: Ints
    male: NDArray[np.bool_]
    uasc: NDArray[np.bool_]
    dob: Floats
    start: Floats
    eighteen: Floats
    place: Ints
    placed: Floats
    clock: Floats

    @classmethod
    def empty(cls) -> Population:
        """Return nobody."""
        i, f, b = np.empty(0, np.int64), np.empty(0), np.empty(0, bool)
        return cls(i, i, b, b, f, f, f, i, f, f)

    def append(self, other: Population) -> None:
        """Add other periods of care at the end."""
        for name in self.__dataclass_fields__:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)]))

    def __len__(self) -> int:
        """Return the number of periods of care."""
        return len(self.child)


@dataclass
class History:
    """Everything that happened: periods of care and their placement changes.

    ``spell`` (index into :attr:`population`), ``day``, ``place`` (index, ``EXIT`` on
    leaving) are parallel arrays in time order within a spell; the first of each spell is its
    start.
    """

    population: Population
    spell: Ints
    day: Floats
    place: Ints
    next_child: int
    returns: list[tuple[Ints, Floats]] = field(default_factory=list)
    """Children who will come back: their last spell, and the day."""

    @classmethod
    def nobody(cls) -> History:
        """Return the history of an authority that has looked after nobody yet."""
        i = np.empty(0, np.int64)
        return cls(Population.empty(), i, np.empty(0), i, 0)

    def open_on(self, day: float) -> Ints:
        """Return the spells in care at the end of the simulation up to ``day``."""
        p = self.population
        return np.flatnonzero((p.place != EXIT) & (p.start < day))


def _ages(truth: Truth, family_z: Floats, family: Ints, rng: np.random.Generator) -> Floats:
    """Return entry ages in years: siblings alike, each child's own distribution exact."""
    rho = truth.sibling_age_correlation
    z = np.sqrt(rho) * family_z[family] + np.sqrt(1 - rho) * rng.standard_normal(len(family))
    u = ndtr(z)
    edges = np.concatenate([[0], np.cumsum(truth.entry_age)])
    edges[-1] = 1.0
    ages: Floats = np.interp(u, edges, AGE_EDGES)
    return ages


def _arrival_days(truth: Truth, year: int, n: int, rng: np.random.Generator) -> Floats:
    """Return n arrival times in a reporting year, by the month's share of the season."""
    months = [(year - 1, m) for m in range(4, 13)] + [(year, m) for m in range(1, 4)]
    begins = np.array([day_of(y, m, 1) for y, m in months] + [day_of(year, 4, 1)], float)
    share = np.diff(begins) * np.array([truth.season[m - 1] for _, m in months])
    cdf = np.concatenate([[0], np.cumsum(share / share.sum())])
    days: Floats = np.interp(rng.random(n), cdf, begins)
    return days


def _draw(table: Floats, row: Ints, rng: np.random.Generator) -> Ints:
    """Return a column drawn from each row's probabilities."""
    cdf = np.cumsum(table, axis=1)
    above: Ints = (rng.random(len(row))[:, None] > cdf[row]).sum(1)
    return np.asarray(np.minimum(above, table.shape[1] - 1), np.int64)


def arrivals(truth: Truth, year: int, first_child: int, rng: np.random.Generator) -> Population:
    """Return the children who enter in a reporting year, families together."""
    sizes = np.array(truth.sibling_sizes)
    mean_size = float(sizes @ np.arange(1, len(sizes) + 1))
    n_family = rng.poisson(truth.entries(year) / mean_size)
    n_uasc = rng.poisson(truth.entries(year, uasc=True))
    size = rng.choice(np.arange(1, len(sizes) + 1), n_family, p=sizes)
    family = np.repeat(np.arange(n_family), size)
    age = _ages(truth, rng.standard_normal(n_family), family, rng)
    band = np.searchsorted(AGE_EDGES, age, side="right") - 1
    first_place = _draw(np.array(truth.entry_place), np.minimum(band, 4), rng)
    start = _arrival_days(truth, year, n_family, rng)[family]
    uasc_age = rng.choice(np.arange(14, 18), n_uasc, p=np.array(truth.uasc_age))
    uasc_place = _draw(np.array(truth.entry_place_uasc), (uasc_age >= 16).astype(np.int64), rng)

    age = np.concatenate([np.minimum(age, 17.99), uasc_age + rng.random(n_uasc) * 0.99])
    start = np.concatenate([start, _arrival_days(truth, year, n_uasc, rng)])
    uasc = np.concatenate([np.zeros(len(family), bool), np.ones(n_uasc, bool)])
    male = rng.random(len(age)) < np.where(uasc, truth.male_uasc, truth.male)
    dob = np.floor(start - age * YEAR_DAYS)
    child = first_child + np.arange(len(age))
    families = np.concatenate([child[np.searchsorted(family, family)], child[len(family) :]])
    place = np.concatenate([first_place, uasc_place]).astype(np.int64)
    eighteen = birthday(dob, 18)
    return Population(
        child, families, male, uasc, dob, start, eighteen, place, start.copy(), start.copy()
    )


def _next_step(p: Population, who: Ints, end: float) -> tuple[Floats, Ints, Ints, Ints]:
    """Return when each child's hazards next change, and the bands that hold until then."""
    clock = p.clock[who]
    age = (clock - p.dob[who]) / YEAR_DAYS
    care, spell = clock - p.start[who], clock - p.placed[who]
    # A clock that stands on an edge belongs to the band that begins there.
    eps = 1e-9
    a = np.minimum(np.searchsorted(AGE_EDGES, age + eps, side="right") - 1, 4)
    c = np.searchsorted(CARE_EDGES, care + eps, side="right") - 1
    s = np.searchsorted(MOVE_EDGES, spell + eps, side="right") - 1
    edges = np.array(AGE_EDGES[1:], float)
    step = np.where(a == len(AGE_EDGES) - 2, p.eighteen[who], p.dob[who] + edges[a] * YEAR_DAYS)
    step = np.minimum(step, end)
    step = np.minimum(step, p.start[who] + np.append(CARE_EDGES[1:], np.inf)[c])
    step = np.minimum(step, p.placed[who] + np.append(MOVE_EDGES[1:], np.inf)[s])
    return step, a, c, s


def advance(
    truth: Truth, p: Population, end: float, year: int, rng: np.random.Generator
) -> tuple[Ints, Floats, Ints]:
    """Simulate everybody in care up to ``end``, changing ``p``; return what happened."""
    spells, days, places = [], [], []
    tables = np.array(truth.destination)
    who = np.flatnonzero((p.place != EXIT) & (p.clock < end))
    while len(who):
        step, a, c, s = _next_step(p, who, end)
        place = p.place[who]
        leave = truth.exit_hazard(place, a, c, p.uasc[who], year)
        total = leave + truth.move_hazard(place, a, s, year)
        at = p.clock[who] + rng.exponential(1.0, len(who)) / total * YEAR_DAYS
        jumps = at < step
        # A birthday on the next 1 April belongs to the next year: still 17 on 31 March.
        of_age = ~jumps & (step >= p.eighteen[who]) & (step < end)
        p.clock[who] = np.where(jumps, at, step)
        out = of_age | (jumps & (rng.random(len(who)) * total < leave))
        moved = jumps & ~out
        group = np.clip(a[moved] - 2, 0, 2)
        target = _draw(tables.reshape(-1, len(PLACES)), group * len(PLACES) + place[moved], rng)
        p.place[who[out]] = EXIT
        p.place[who[moved]] = target
        p.placed[who[moved]] = p.clock[who[moved]]
        happened = out | moved
        spells.append(who[happened])
        days.append(p.clock[who[happened]])
        places.append(p.place[who[happened]].copy())
        who = who[(p.place[who] != EXIT) & (p.clock[who] < end)]
    if not spells:
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
    return np.concatenate(spells), np.concatenate(days), np.concatenate(places)


def returners(
    truth: Truth, p: Population, left: Ints, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Return which of those who left come back, and when; never once they are 18."""
    back = left[(rng.random(len(left)) < truth.return_share) & ~p.uasc[left]]
    when = p.clock[back] + 1 + rng.exponential(truth.return_years * YEAR_DAYS, len(back))
    keep = when < p.eighteen[back] - 30
    return back[keep], when[keep]


def re_entry(
    truth: Truth, p: Population, spell: Ints, when: Floats, rng: np.random.Generator
) -> Population:
    """Return new periods of care for children who come back."""
    age = (when - p.dob[spell]) / YEAR_DAYS
    band = np.minimum(np.searchsorted(AGE_EDGES, age, side="right") - 1, 4)
    place = _draw(np.array(truth.entry_place), band, rng).astype(np.int64)
    return Population(
        p.child[spell],
        p.family[spell],
        p.male[spell],
        p.uasc[spell],
        p.dob[spell],
        when,
        p.eighteen[spell],
        place,
        when.copy(),
        when.copy(),
    )


def simulate(
    truth: Truth, first_year: int, last_year: int, rng: np.random.Generator, burn_in: int = 18
) -> History:
    """Live ``last_year - first_year + 1`` reporting years after a burn-in.

    Parameters
    ----------
    truth : Truth
    first_year, last_year : int
        Reporting years by the calendar year in which they end.
    rng : numpy.random.Generator
    burn_in : int
        Years lived before, so that the first year starts with children of every duration.

    Returns
    -------
    History
    """
    h = History.nobody()
    for year in range(first_year - burn_in, last_year + 1):
        live_year(truth, h, year, rng)
    return h


def live_year(truth: Truth, h: History, year: int, rng: np.random.Generator) -> None:
    """Add one reporting year to a history: arrivals, returns, moves, exits."""
    _, end = year_bounds(year)
    p = h.population
    new = arrivals(truth, year, h.next_child, rng)
    h.next_child += len(new)
    # Who leaves and comes back within the year is taken in by a further round.
    while True:
        due = [(s[d < end], d[d < end]) for s, d in h.returns]
        h.returns = [(s[d >= end], d[d >= end]) for s, d in h.returns]
        for spell, when in due:
            new.append(re_entry(truth, p, spell, when, rng))
        first = len(p)
        p.append(new)
        started = np.arange(first, len(p))
        spell, day, place = advance(truth, p, float(end), year, rng)
        h.spell = np.concatenate([h.spell, started, spell])
        h.day = np.concatenate([h.day, p.start[started], day])
        h.place = np.concatenate([h.place, new.place, place])
        early = (place == EXIT) & (day < p.eighteen[spell])
        h.returns.append(returners(truth, p, spell[early], rng))
        new = Population.empty()
        if not any((d < end).any() for _, d in h.returns):
            return
