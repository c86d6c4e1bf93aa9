"""Live the futures: each child from event to event, a block of draws at once.

Rates are constant in a cell and year, so a child spends a store of exponential chance at the
rate of its cell; when it is spent, the child leaves or moves (Cox and Oakes, Analysis of
Survival Data, 1984, section 2.3). Birthdays come on the day, and who turns 18 leaves. Chance
belongs to the child, so that two runs that differ in a rate compare child by child (common
random numbers; Glasserman and Yao, Management Science 1992, vol. 38, pages 884-908). Blocks of
draws have generators of their own: the number of workers changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import AGE_EDGES, DURATION_EDGES, D
from needs.forecast.flow.chance import alias, following, parted
from needs.forecast.flow.exposure import MOVERS, mover
from needs.forecast.flow.lives import CELLS, OLDEST, SETS, Lives, coming, deck, routes, there
from needs.forecast.flow.told import Lived, told

if TYPE_CHECKING:
    from needs.forecast.flow.changes import Changes
    from needs.forecast.flow.hazards import Rates
    from needs.forecast.flow.model import FlowModel

__all__ = ["Block", "Run", "run"]

SLOTS = 400_000
"""Children of all draws that a block aims to hold: more, and they outgrow the cache."""
AFTER = np.float32(1e-3)
"""Months past an edge at which the next cell begins for sure."""
SLOWEST, FASTEST = 1e-7, 2.0
"""Events a month that a drawn rate may mean: a past of next to nothing allows any."""
STILL = 1e-4
"""Log level by which exits may differ from year to year and count as steady."""
LAST = 0.999
"""The end of a month, in months from its start."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Run:
    """What to live: months ahead, draws, the calendar month of each, and what is changed."""

    months: int
    draws: int
    calendar: Ints
    changes: Changes | None = None
    beyond: bool = False


def run(model: FlowModel, asked: Run, rng: np.random.Generator, threads: int) -> Lived:
    """Live all draws, block by block, on some threads."""
    a_year = sum(float(s.drift.mean(1)[0]) for s in model.streams)
    all_years = len(model.present.place) + a_year * asked.months / 12
    size = int(np.clip(SLOTS // max(all_years, 1), 1, 1000))
    parts = [min(size, asked.draws - at) for at in range(0, asked.draws, size)]
    jobs = list(zip(parts, rng.spawn(len(parts)), strict=True))
    with ThreadPoolExecutor(max(1, min(threads, len(jobs)))) as pool:
        lived = list(pool.map(lambda job: Block(model, asked, *job).live(), jobs))
    return Lived(*(np.concatenate([getattr(x, n) for x in lived]) for n in Lived.__annotations__))


SIDE = 64
"""Months since entry that :data:`BAND` tells apart; more count as the last."""
_AGE = np.searchsorted(np.array(AGE_EDGES) * 12, np.arange(OLDEST + 2), side="right") - 1
AGE_CELL = (_AGE * D).astype(np.int64)
NEXT_AGE = np.array([*(12 * a for a in AGE_EDGES[1:]), OLDEST], np.float32)[_AGE]
BAND = np.searchsorted(DURATION_EDGES, np.arange(SIDE), side="right") - 1
LOW = np.array(DURATION_EDGES, np.float32)
WIDTH = np.diff(LOW)
GROUP = np.concatenate(
    [mover(np.arange(OLDEST + 2) / 12, np.full(OLDEST + 2, u)) for u in (False, True)]
)


def _some(rows: Ints, *arrays: Any) -> Iterator[Any]:
    """Return some rows of each array."""
    return (x.take(rows) for x in arrays)


class Block:
    """Some draws, lived together."""

    def __init__(self, model: FlowModel, asked: Run, draws: int, rng: np.random.Generator):
        self.model, self.asked, self.draws = model, asked, draws
        changes = asked.changes
        opened = changes.opened if changes else ()
        # A home that opens is a type of its own, with the rates of its type.
        self.types = np.append(np.arange(len(model.places)), opened).astype(np.int64)
        self.places = len(self.types)
        years = -(-asked.months // 12)
        self.exit_rate = self._drawn(model.exits, rng)
        self.move_rate = self._drawn(model.moves, rng)
        self.level = model.drift.draw(draws, years, rng).astype(np.float32)
        self.sets = min(draws, SETS)
        self.keep, self.other = alias(self._routes(rng))
        self.lives = self._everybody(years, rng)
        self.names = self.lives.state.copy() if changes else self.lives.state[:0]
        self.row = self.lives.draw * 2
        self.row += self.lives.uasc
        self.row *= self.places
        self.row += self.lives.place
        self.row *= CELLS
        self.stop = np.full(len(self.lives), np.inf, np.float32)
        nobody = np.empty(0, np.int64)
        self.moved: list[tuple[Ints, Ints]] = [(nobody, nobody)]
        self.lived: Bools | None = None

    def _drawn(self, rates: Rates, rng: np.random.Generator) -> Single:
        """Draw rates a month, shape (draws, 2, places, cells of a place)."""
        with np.errstate(all="ignore"):
            drawn = rates.draw(self.draws, rng).reshape(self.draws, 2, -1, CELLS)
        drawn /= 12
        # Unlike clip, these let no rate be missing.
        np.fmax(drawn, SLOWEST, out=drawn)
        np.fmin(drawn, FASTEST, out=drawn)
        return drawn if self.places == drawn.shape[2] else drawn[:, :, self.types]

    def _routes(self, rng: np.random.Generator) -> Floats:
        """Draw where moves lead; nobody moves by chance into a home that opened."""
        known = len(self.model.places)
        drawn = routes(self.model.leads, self.sets, rng).reshape(-1, known, known)
        return drawn[:, self.types].reshape(-1, known)

    def _everybody(self, years: int, rng: np.random.Generator) -> Lives:
        """Return all children of the block: those who are there, then those to come."""
        streams, calendar, changed = self.model.streams, self.asked.calendar, self.asked.changes
        lives = there(self.model.present, self.draws, rng)
        new: list[Lives] = []
        for s in streams:
            numbers = s.numbers(s.drift.draw(self.draws, years, rng), calendar, rng)
            examples = deck(s, self.sets, rng)
            usual = coming(numbers, s, examples, rng)
            new += changed.entrants(usual, numbers, s, examples, rng) if changed else [usual]
        self.alive = np.arange(len(lives))
        # Each part is in the order of the months in which its children come.
        first, self.begins = len(lives), []
        for part in new:
            a_month = np.bincount(part.start.astype(np.int64), minlength=self.asked.months)
            self.begins.append(first + np.append(0, np.cumsum(a_month)))
            first += len(part)
        return lives.joined(*new)

    def _coming(self, begin: int, end: int) -> Ints:
        """Return those who may come from one month to another."""
        return np.concatenate([np.arange(x[begin], x[end]) for x in self.begins])

    def live(self) -> Lived:
        """Return what came in every month."""
        changes = self.asked.changes
        acts = changes.acts(self.model.places) if changes else []
        there, tabulated = self.alive, -1
        for who, stretches in self._stretches():
            self.lived = None if who.all() else who.take(self.lives.draw)
            self.alive = there if self.lived is None else there[self.lived.take(there)]
            for begin, end in stretches:
                if tabulated < 0 or self._differs(tabulated, begin):
                    self._tabulate(begin)
                    tabulated = begin
                self._pass(begin, end)
                for act in acts:
                    act(self, begin)
        return told(self)

    def _stretches(self) -> list[tuple[Bools, list[tuple[int, int]]]]:
        """Return from which month to which rates are constant, for some draws and the others.

        In most draws exits have no noise: their years are one stretch.
        """
        months, c = self.asked.months, self.asked.changes
        begins = c.begins(months) if c else list(range(0, months, 12))
        all_ = list(zip(begins, [*begins[1:], months], strict=True))
        if c and c.plans:
            return [(np.ones(self.draws, dtype=bool), all_)]
        new = [m for n, m in enumerate(begins) if not n or (c and not c.same(begins[n - 1], m))]
        few = list(zip(new, [*new[1:], months], strict=True))
        steady = np.ptp(self.level, axis=1) < STILL
        return [(who, x) for who, x in ((steady, few), (~steady, all_)) if who.any()]

    def _differs(self, before: int, now: int) -> bool:
        c = self.asked.changes
        same = before // 12 == now // 12 and (c is None or c.same(before, now))
        return not same

    def _tabulate(self, begin: int) -> None:
        """Work out the rates of a stretch: of any event a month, and the share of exits."""
        level, c = self.level[:, begin // 12], self.asked.changes
        if c is not None:
            level = level + (np.float32(c.level[begin]) - level) * np.float32(c.pull[begin])
        leave = self.exit_rate * np.exp(level)[:, None, None, None]
        if c is not None:
            leave *= c.exits[begin, self.types].astype(np.float32)[:, None]
        rate = leave + self.move_rate
        self.share = (leave / rate).ravel()
        # What a whole stay would have spent by the beginning of each band of duration, less
        # what the band's own rate would have: what is spent is then linear in the band.
        bands = rate.reshape(-1, D)
        spent = np.zeros_like(bands)
        np.cumsum(bands[:, :-1] * WIDTH, axis=1, out=spent[:, 1:])
        self.spent = np.empty(bands.size, np.complex64)
        self.spent.real = (spent - bands * LOW).ravel()
        self.spent.imag = rate.ravel()

    def _pass(self, begin: int, end: int) -> None:
        """Let everybody live from one month to another."""
        lives, until = self.lives, np.float32(end)
        new = self._coming(begin, end)
        new = new[lives.admitted.take(new)]
        if self.lived is not None:
            new = new[self.lived.take(new)]
        who = everybody = np.append(self.alive, new)
        t = np.append(np.full(len(self.alive), begin, np.float32), lives.start.take(new))
        row, born, since, budget = _some(who, self.row, lives.born, lives.since, lives.budget)
        while len(who):
            age = (born + t).astype(np.int64)
            edge = np.minimum(NEXT_AGE.take(age) - born, until)
            cell = AGE_CELL.take(age)
            cell += row
            upto, at = self._upto(cell, since + edge)
            budget += self._upto(cell, since + t)[0]
            budget -= upto
            lives.budget[who] = budget
            on = np.flatnonzero((budget < 0) | (edge < until))
            # Of those whose chance is spent alone is it asked when.
            hits = on.take(np.flatnonzero(budget.take(on) < 0))
            cell, band, upto, begun = _some(hits, cell, at, upto, t)
            who, row, born, since, budget, edge = _some(on, who, row, born, since, budget, edge)
            spent = budget < 0
            hit = np.flatnonzero(spent)
            of_age = np.flatnonzero(edge >= OLDEST - born)
            of_age = of_age[~spent.take(of_age)]
            self.stop[who.take(of_age)] = edge.take(of_age)
            gone = np.zeros(len(who), dtype=bool)
            gone[of_age] = True
            cell += band
            upto += budget.take(hit)
            when = self._when(cell, band, upto) - since.take(hit)
            edge += AFTER
            edge[hit] = np.clip(when, begun, edge.take(hit) - AFTER)
            gone[self._happens(who, row, budget, edge, hit, cell)] = True
            on = np.flatnonzero(~gone)
            who, row, born, since, budget, t = _some(on, who, row, born, since, budget, edge)
        self.alive = everybody[np.isinf(self.stop.take(everybody))]

    def _upto(self, cell: Ints, since: Single) -> tuple[Single, Ints]:
        """Return what a stay in one place and age band has spent, and in which band it is."""
        band = BAND.take(np.minimum(since, np.float32(SIDE - 1)).astype(np.int64))
        line = self.spent.take(cell + band)
        return line.real + line.imag * since, band

    def _when(self, cell: Ints, band: Ints, spent: Single) -> Single:
        """Return after how many months in care so much is spent; move cells back to there."""
        line = self.spent.take(cell)
        since = (spent - line.real) / line.imag
        back = np.flatnonzero(since < LOW.take(band))
        while len(back):
            cell[back] -= 1
            band[back] -= 1
            line = self.spent.take(cell.take(back))
            since[back] = (spent.take(back) - line.real) / line.imag
            back = back[(since.take(back) < LOW.take(band.take(back))) & (band.take(back) > 0)]
        return since

    def _happens(
        self, who: Ints, row: Ints, budget: Single, t: Single, hit: Ints, cell: Ints
    ) -> Ints:
        """Let those whose chance is spent leave or move, and store chance anew; who left."""
        child, when = who.take(hit), t.take(hit)
        self.lives.state[child], word = following(self.lives.state.take(child))
        store, luck = parted(word)
        budget[hit] = -np.log(store)
        share = self.share.take(cell)
        stays = luck >= share
        leaves, moves = np.flatnonzero(~stays), np.flatnonzero(stays)
        self.stop[child.take(leaves)] = when.take(leaves)
        at, child, when, luck, share = _some(moves, hit, child, when, luck, share)
        luck = (luck - share) / (1 - share)
        age = (self.lives.born.take(child) + when).astype(np.int64)
        known, here = len(self.model.places), row.take(at) // CELLS
        block = here // self.places
        place, draw = here - block * self.places, block >> 1
        age += (block & 1) * (OLDEST + 2)
        # A remainder by division, which is quicker than by the operator.
        group = GROUP.take(age) + (draw - draw // self.sets * self.sets) * MOVERS
        luck *= known
        column = np.minimum(luck.astype(np.int64), known - 1)
        first = (group * self.places + place) * known + column
        target = np.where(luck - column < self.keep.take(first), column, self.other.take(first))
        here = (here + target - place) * CELLS
        row[at], self.row[child] = here, here
        self._note(draw, when, place, target)
        gone: Ints = hit.take(leaves)
        return gone

    def inside(self, places: list[int]) -> Ints:
        """Return the children in care in some types."""
        meant = np.zeros(self.places, dtype=bool)
        meant[places] = True
        here: Ints = self.alive[meant.take(self.place(self.alive))]
        return here

    def place(self, who: Ints) -> Ints:
        """Return where children are; homes that opened are types of their own."""
        where: Ints = self.row[who] // CELLS % self.places
        return where

    def shift(self, who: Ints, target: Ints, month: int) -> None:
        """Move children at the end of a month."""
        place = self.place(who)
        self.row[who] += (target - place) * CELLS
        when = np.full(len(who), month + LAST, np.float32)
        self._note(self.lives.draw[who], when, place, target)

    def leave(self, who: Ints, month: int) -> None:
        """Let children leave at the end of a month."""
        self.stop[who] = month + LAST
        self.alive = self.alive[np.isinf(self.stop[self.alive])]

    def admit(self, month: int, number: Ints) -> None:
        """Let so many of those held in reserve come in a month, by draw."""
        if month >= self.asked.months:
            return
        new = self._coming(month, month + 1)
        held = new[self.lives.held[new]]
        draw = self.lives.draw[held]
        order = np.argsort(draw, kind="stable")
        held, draw = held[order], draw[order]
        first = np.searchsorted(draw, np.arange(self.draws))
        self.lives.admitted[held[np.arange(len(held)) - first[draw] < number[draw]]] = True

    def _note(self, draw: Ints, when: Single, place: Ints, target: Ints) -> None:
        """Keep a move for the count."""
        key = self.month_of(draw, when) * len(self.model.places)
        self.moved.append((key + self.types[place], key + self.types[target]))

    def month_of(self, draw: Ints, when: Single) -> Ints:
        """Return one number for each draw and month."""
        month = np.minimum(when.astype(np.int64), self.asked.months - 1)
        key: Ints = draw * self.asked.months + month
        return key
