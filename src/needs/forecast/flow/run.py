"""Live the futures: each child from event to event, a block of draws at once.

Rates are constant in a cell and year, so a child spends a store of exponential chance at the
rate of its cell; when it is spent, the child leaves or moves (Cox and Oakes, Analysis of
Survival Data, 1984, section 2.3). Birthdays come on the day, and who turns 18 leaves. Chance
belongs to the child, so that two runs that differ in a rate compare child by child (common
random numbers; Glasserman and Yao, Management Science 1992, vol. 38, pages 884-908). Blocks of
draws have generators of their own: the number of workers changes nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import AGE_EDGES, AGE_GROUPS, DURATION_EDGES, D
from needs.forecast.flow.chance import alias, following, parted
from needs.forecast.flow.exposure import mover
from needs.forecast.flow.lives import CELLS, OLDEST, Lives, coming, deck, routes, there

if TYPE_CHECKING:
    from needs.forecast.flow.changes import Changes
    from needs.forecast.flow.hazards import Rates
    from needs.forecast.flow.model import FlowModel

__all__ = ["Block", "Lived", "Run", "run"]

SLOTS = 400_000
"""Children of all draws that a block aims to hold: more, and they outgrow the cache."""
AFTER = np.float32(1e-3)
"""Months past an edge at which the next cell begins for sure."""
SLOWEST, FASTEST = 1e-7, 2.0
"""Events a month that a drawn rate may mean: a past of next to nothing allows any."""
LAST = 0.999
"""The end of a month, in months from its start."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Run:
    """What to live: months ahead, draws, the calendar month of each, and what is changed."""

    months: int
    draws: int
    calendar: Ints
    changes: Changes | None = None
    beyond: bool = False


@dataclass(frozen=True, eq=False)
class Lived:
    """What came: children by place, age group, status; entries and exits in the month.

    Where asked for, ``leavers`` (by status, age left and place) and ``eligible`` (by status)
    as :mod:`needs.forecast.flow.leavers` needs them.
    """

    children: Single
    ages: Single
    status: Single
    entries: Single
    exits: Single
    leavers: Single
    eligible: Single


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
"""Months since entry that :data:`CELL` tells apart; more count as the last."""
_AGE = np.searchsorted(np.array(AGE_EDGES) * 12, np.arange(OLDEST + 2), side="right") - 1
_SINCE = np.searchsorted(DURATION_EDGES, np.arange(SIDE), side="right") - 1
CELL = (_AGE[:, None] * D + _SINCE).ravel()
NEXT_AGE = np.array([*(12 * a for a in AGE_EDGES[1:]), OLDEST], np.float32)[_AGE]
NEXT_SINCE = np.array([*DURATION_EDGES[1:], np.inf], np.float32)[_SINCE]
GROUP = mover(np.arange(OLDEST + 2) / 12, np.zeros(OLDEST + 2, dtype=bool))
_BANDS = tuple(12 * low for low, _ in AGE_GROUPS.values())


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
        self.keep, self.other = alias(self._routes(rng))
        self.lives = self._everybody(years, rng)
        self.names = self.lives.state.copy() if changes else self.lives.state[:0]
        self.row = (
            (self.lives.draw * 2 + self.lives.uasc) * self.places + self.lives.place
        ) * CELLS
        self.stop = np.full(len(self.lives), np.inf, np.float32)
        nobody = np.empty(0, np.int64)
        self.moved: list[tuple[Ints, Ints]] = [(nobody, nobody)]

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
        drawn = routes(self.model.routes, rng).reshape(-1, known, known)
        return drawn[:, self.types].reshape(-1, known)

    def _everybody(self, years: int, rng: np.random.Generator) -> Lives:
        """Return all children of the block, in the order of the months they start in."""
        streams, calendar = self.model.streams, self.asked.calendar
        lives = there(self.model.present, self.draws, rng)
        new = []
        for s in streams:
            numbers = s.numbers(s.drift.draw(self.draws, years, rng), calendar, rng)
            examples = deck(s, rng)
            usual = coming(numbers, s, examples, rng)
            if self.asked.changes:
                new += self.asked.changes.entrants(usual, numbers, s, examples, rng)
            else:
                new.append(usual)
        n = len(lives)
        lives = lives.joined(*new)
        month = lives.start[n:].astype(np.int64)
        order = np.append(np.arange(n), n + np.argsort(month, kind="stable"))
        self.begins = n + np.append(0, np.cumsum(np.bincount(month, minlength=self.asked.months)))
        self.alive = np.arange(n)
        return lives.at(order)

    def live(self) -> Lived:
        """Return what came in every month."""
        months, changes = self.asked.months, self.asked.changes
        begins = changes.begins(months) if changes else list(range(0, months, 12))
        acts = changes.acts(self.model.places) if changes else []
        tabulated = -1
        for begin, end in zip(begins, [*begins[1:], months], strict=True):
            if tabulated < 0 or self._differs(tabulated, begin):
                self._tabulate(begin)
                tabulated = begin
            self._pass(begin, end)
            for act in acts:
                act(self, begin)
        return self._told()

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
        both = leave + self.move_rate
        self.rate = both.ravel()
        self.share = (leave / both).ravel()

    def _pass(self, begin: int, end: int) -> None:
        """Let everybody live from one month to another."""
        lives, until = self.lives, np.float32(end)
        new = np.arange(self.begins[begin], self.begins[end])
        everybody = np.append(self.alive, new[lives.admitted[new]])
        who, t = everybody, np.maximum(lives.start[everybody], np.float32(begin))
        row, born, since = self.row[who], lives.born[who], lives.since[who]
        budget = lives.budget[who]
        while len(who):
            age = (born + t).astype(np.int64)
            months = np.minimum(since + t, np.float32(SIDE - 1)).astype(np.int64)
            edge = np.minimum(NEXT_AGE.take(age) - born, NEXT_SINCE.take(months) - since)
            np.minimum(edge, until, out=edge)
            cell = CELL.take(age * SIDE + months)
            cell += row
            rate = self.rate.take(cell)
            budget -= rate * (edge - t)
            lives.budget[who] = budget
            on = np.flatnonzero((budget < 0) | (edge < until))
            who, row, born, since = who[on], row[on], born[on], since[on]
            budget, t = budget[on], edge[on]
            hit = np.flatnonzero(budget < 0)
            t[hit] += budget[hit] / rate[on[hit]]
            adult = (t >= OLDEST - born) & (budget >= 0)
            self.stop[who[adult]] = t[adult]
            t += AFTER
            t[hit] -= AFTER
            self._happens(who, row, budget, t, hit, cell[on[hit]])
            goes_on = np.flatnonzero(np.isinf(self.stop[who]))
            who, row, born, since = who[goes_on], row[goes_on], born[goes_on], since[goes_on]
            budget, t = budget[goes_on], t[goes_on]
        self.alive = everybody[np.isinf(self.stop[everybody])]

    def _happens(
        self, who: Ints, row: Ints, budget: Single, t: Single, hit: Ints, cell: Ints
    ) -> None:
        """Let those whose chance is spent leave or move, and store chance anew."""
        child, when = who[hit], t[hit]
        self.lives.state[child], word = following(self.lives.state[child])
        store, luck = parted(word)
        budget[hit] = -np.log(store)
        share = self.share.take(cell).astype(np.float64)
        leaves = luck < share
        self.stop[child[leaves]] = when[leaves]
        moves = np.flatnonzero(~leaves)
        luck = (luck[moves] - share[moves]) / (1 - share[moves])
        at, child = hit[moves], child[moves]
        age = (self.lives.born[child] + when[moves]).astype(np.int64)
        block, place = np.divmod(row[at] // CELLS, self.places)
        group = np.where(block & 1, 3, GROUP.take(age))
        known = len(self.model.places)
        luck *= known
        column = np.minimum(luck.astype(np.int64), known - 1)
        first = (group * self.places + place) * known + column
        target = np.where(luck - column < self.keep.take(first), column, self.other.take(first))
        row[at] += (target - place) * CELLS
        self.row[child] = row[at]
        self._note(block >> 1, when[moves], place, target)

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
        new = np.arange(self.begins[month], self.begins[month + 1])
        held = new[self.lives.held[new]]
        draw = self.lives.draw[held]
        order = np.argsort(draw, kind="stable")
        held, draw = held[order], draw[order]
        first = np.searchsorted(draw, np.arange(self.draws))
        self.lives.admitted[held[np.arange(len(held)) - first[draw] < number[draw]]] = True

    def _note(self, draw: Ints, when: Single, place: Ints, target: Ints) -> None:
        """Keep a move for the count."""
        key = self._month(draw, when) * len(self.model.places)
        self.moved.append((key + self.types[place], key + self.types[target]))

    def _month(self, draw: Ints, when: Single) -> Ints:
        month = np.minimum(when.astype(np.int64), self.asked.months - 1)
        key: Ints = draw * self.asked.months + month
        return key

    def _count(self, keys: Ints, width: int) -> Ints:
        shape = (self.draws, self.asked.months, width)
        return np.bincount(keys, minlength=int(np.prod(shape))).reshape(shape)

    def _told(self) -> Lived:
        """Count what came, from each child's start, moves and stop."""
        lives, p = self.lives, len(self.model.places)
        seated = lives.admitted
        came = np.flatnonzero(seated & (lives.start > 0))
        left = np.flatnonzero(seated & np.isfinite(self.stop))
        entered = self._month(lives.draw[came], lives.start[came])
        ended = self._month(lives.draw[left], self.stop[left])
        place = self.types[self.place(left)]
        moved = [np.concatenate([m[i] for m in self.moved]) for i in (0, 1)]
        change = self._count(np.append(entered * p + lives.place[came], moved[1]), p)
        change -= self._count(np.append(ended * p + place, moved[0]), p)
        children = np.bincount(self.model.present.place, minlength=p) + change.cumsum(axis=1)
        adult = self.stop[left] >= OLDEST - lives.born[left]
        return Lived(
            children.astype(np.float32),
            self._ages(children.sum(axis=2)),
            self._status(came, left, entered, ended),
            self._count(entered * 2 + lives.uasc[came], 2).astype(np.float32),
            self._count(ended * 2 + adult, 2).astype(np.float32),
            *self._beyond(left, ended, place),
        )

    def _beyond(self, left: Ints, ended: Ints, place: Ints) -> tuple[Single, Single]:
        """Return who left at 16 or over after 13 weeks, and who might yet."""
        if not self.asked.beyond:
            nothing = np.zeros((self.draws, 0), np.float32)
            return nothing, nothing
        lives, p = self.lives, len(self.model.places)
        # From when on a child is 16 and has been in care for three months.
        begins = np.maximum(np.maximum(192 - lives.born, 3 - lives.since), lives.start)
        entitled = lives.admitted & (begins < np.minimum(self.stop, self.asked.months))
        age = ((lives.born[left] + self.stop[left]) / 12 + 1e-4).astype(np.int64) - 16
        key = ((ended * 2 + lives.uasc[left]) * 3 + np.clip(age, 0, 2)) * p + place
        leavers = self._count(key[entitled[left]], 6 * p)
        uasc, now = lives.uasc, np.flatnonzero(entitled & (begins <= 0))
        first = np.bincount(lives.draw[now] * 2 + uasc[now], minlength=2 * self.draws)
        plus = np.flatnonzero(entitled & (begins > 0))
        minus = np.flatnonzero(entitled & np.isfinite(self.stop))
        change = self._count(self._month(lives.draw[plus], begins[plus]) * 2 + uasc[plus], 2)
        change -= self._count(self._month(lives.draw[minus], self.stop[minus]) * 2 + uasc[minus], 2)
        eligible = first.reshape(-1, 1, 2) + change.cumsum(axis=1)
        shape = (self.draws, self.asked.months, 2, 3, p)
        return leavers.reshape(shape).astype(np.float32), eligible.astype(np.float32)

    def _status(self, came: Ints, left: Ints, entered: Ints, ended: Ints) -> Single:
        """Return children by status: others, unaccompanied."""
        uasc = self.lives.uasc
        change = self._count(entered * 2 + uasc[came], 2) - self._count(ended * 2 + uasc[left], 2)
        first = np.bincount(self.model.present.uasc, minlength=2)
        status: Single = (first + change.cumsum(axis=1)).astype(np.float32)
        return status

    def _ages(self, total: Ints) -> Single:
        """Return children by age group: those over each edge, taken from each other."""
        lives = self.lives
        over = [total]
        for edge in _BANDS[1:]:
            turned = np.maximum(np.float32(edge) - lives.born, lives.start)
            n = np.bincount(lives.draw[(turned <= 0)], minlength=self.draws)[:, None]
            counted = lives.admitted & (turned < np.minimum(self.stop, self.asked.months))
            plus = np.flatnonzero(counted & (turned > 0))
            minus = np.flatnonzero(counted & np.isfinite(self.stop))
            change = self._count(self._month(lives.draw[plus], turned[plus]), 1)[:, :, 0]
            change -= self._count(self._month(lives.draw[minus], self.stop[minus]), 1)[:, :, 0]
            over.append(n + change.cumsum(axis=1))
        over.append(np.zeros_like(total))
        return -np.diff(np.stack(over, axis=2), axis=2).astype(np.float32)
