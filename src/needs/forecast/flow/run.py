"""Live the futures: month by month, all children of a block of draws at once.

In a month a child has at most one move and then one exit or move more; the chance of an event
is one minus the exponential of minus its rates over the month. Who turns 18 leaves on the day,
so is not there at the month's end. Blocks of draws have generators of their own, so that the
number of workers changes nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import ADULT, AGE_EDGES, AGE_GROUPS, DURATION_EDGES, A, D
from needs.forecast.flow.exposure import mover

if TYPE_CHECKING:
    from needs.forecast.flow.entries import Stream
    from needs.forecast.flow.model import FlowModel

__all__ = ["Lived", "Run", "run"]

SLOTS = 500_000
"""Children of all draws that a block aims to hold: fewer, and numpy calls outweigh the work."""
OLDEST = ADULT * 12
TIDY = 4
"""Months after which those who left are cleared away."""
SIDE = OLDEST + TIDY + 1
CELL_BITS, PLACE_BITS, SINCE_BITS = 6, 5, 8
"""A child's row is ``draw, unaccompanied, place, cell`` packed into one number, its clock
``age, since`` in months: shifts are quicker than divisions."""
WIDTH, ROWS, LONGEST = 1 << CELL_BITS, 1 << PLACE_BITS, 1 << SINCE_BITS
OF_AGE = A * D
"""Cell of those who turned 18."""
PULL = 8.0
"""Moves that the pattern of all ages counts for among the moves from one place."""
MARGIN = 4096
DECK = 8192
"""Examples of entrants in a block."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Run:
    """What to live: months ahead, draws, and the calendar month of each month ahead."""

    months: int
    draws: int
    calendar: Ints


@dataclass(frozen=True, eq=False)
class Lived:
    """What came: children by place, by age group; entries and exits in the month."""

    children: Single
    ages: Single
    entries: Single
    exits: Single


def run(model: FlowModel, asked: Run, rng: np.random.Generator, threads: int) -> Lived:
    """Live all draws, block by block, on some threads."""
    a_year = sum(float(s.drift.mean(1)[0]) for s in model.streams)
    size = int(np.clip(SLOTS // max(len(model.present.place) + a_year, 1), 1, 1000))
    parts = [min(size, asked.draws - at) for at in range(0, asked.draws, size)]
    jobs = list(zip(parts, rng.spawn(len(parts)), strict=True))
    with ThreadPoolExecutor(max(1, min(threads, len(jobs)))) as pool:
        lived = list(pool.map(lambda job: _Block(model, asked, *job).live(), jobs))
    return Lived(*(np.concatenate([getattr(x, n) for x in lived]) for n in Lived.__annotations__))


def _cell_table() -> Ints:
    """Return the cell within a row by age in months and duration index, flattened."""
    age = np.searchsorted(np.array(AGE_EDGES) * 12, np.arange(SIDE), side="right") - 1
    months = np.maximum(np.arange(LONGEST) - 1, 0)
    since = np.searchsorted(DURATION_EDGES, months, side="right") - 1
    table = age[:, None] * D + since
    table[OLDEST:] = OF_AGE
    return table.ravel().astype(np.int64)


CELL = _cell_table()
GROUP = mover(np.arange(SIDE) / 12, np.zeros(SIDE, dtype=bool))
STEP = LONGEST + 1
"""A month older and a month longer in care, in :data:`CELL`."""
_BANDS = np.array([12 * low for low, _ in AGE_GROUPS.values()])


class _Block:
    """Some draws, lived together."""

    def __init__(self, model: FlowModel, asked: Run, draws: int, rng: np.random.Generator):
        self.model, self.asked, self.draws, self.rng = model, asked, draws, rng
        self.places = len(model.places)
        self.rows = draws * 2 * ROWS
        self.gone = self.rows << CELL_BITS
        years = -(-asked.months // 12)
        self.exit_rate = model.exits.draw(draws, rng)
        self.move_rate = model.moves.draw(draws, rng)
        self.level = model.drift.draw(draws, years, rng).astype(np.float32)
        self.entering = [
            s.numbers(s.drift.draw(draws, years, rng), asked.calendar, rng) for s in model.streams
        ]
        self.keep, self.other = alias(_routes(model.routes, rng))
        self.decks = [_deck(s, rng) for s in model.streams]
        self._seat()

    def _seat(self) -> None:
        """Put the children of the origin into every draw."""
        p = self.model.present
        n, d = len(p.place), self.draws
        later = int(sum(e.sum() for e in self.entering)) // max(self.asked.months // 12, 1)
        room = n * d + later + MARGIN
        self.n = n * d
        self.row, self.at = np.empty(room, np.int64), np.empty(room, np.int64)
        draw = np.repeat(np.arange(d), n)
        self.row[: self.n] = self._row(draw, np.tile(p.uasc, d), np.tile(p.place, d))
        since = np.minimum((p.since + 0.5).astype(np.int64), OLDEST)
        self.at[: self.n] = np.tile((p.age << SINCE_BITS) + since, d)
        self.children = np.zeros((d, self.places), np.int64)
        self.children += np.bincount(p.place, minlength=self.places)
        self.by_age = np.zeros((d, SIDE), np.int64)
        self.by_age += np.bincount(p.age, minlength=SIDE)[:SIDE]

    def _row(self, draw: Ints, uasc: Ints, place: Ints) -> Ints:
        row: Ints = (((draw * 2 + uasc) << PLACE_BITS) + place) << CELL_BITS
        return row

    def live(self) -> Lived:
        """Return what came in every month."""
        months, d = self.asked.months, self.draws
        out = Lived(
            np.empty((d, months, self.places), np.float32),
            np.empty((d, months, len(AGE_GROUPS)), np.float32),
            np.zeros((d, months, 2), np.float32),
            np.zeros((d, months, 2), np.float32),
        )
        for month in range(months):
            if month % 12 == 0:
                self._tabulate(month // 12)
            if month % TIDY == 0:
                self._tidy()
            left, of_age = self._go_on()
            entered = self._enter(month, out.entries)
            out.exits[:, month, 0] = left + entered[0]
            out.exits[:, month, 1] = of_age + entered[1]
            out.children[:, month] = self.children
            out.ages[:, month] = np.add.reduceat(self.by_age[:, :OLDEST], _BANDS, axis=1)
        return out

    def _tabulate(self, year: int) -> None:
        """Work out the chances of a year: any event in a month, and that it is an exit."""
        leave = self.exit_rate * np.exp(self.level[:, year : year + 1])
        both = leave + self.move_rate
        shape = (self.draws, 2, self.places, OF_AGE)
        tables = []
        for values in (-np.expm1(both / np.float32(-12)), leave / both):
            table = np.ones(self.gone + WIDTH, np.float32)
            cells = table[: self.gone].reshape(self.draws, 2, ROWS, WIDTH)
            cells[:, :, : self.places, :OF_AGE] = values.reshape(shape)
            tables.append(table)
        self.chance, self.share = tables
        self.chance[self.gone :] = 0

    def _go_on(self) -> tuple[Ints, Ints]:
        """Let everybody live a month; return who left, under 18 and at 18, by draw."""
        n = self.n
        self.at[:n] += STEP
        self.by_age[:, 1:] = self.by_age[:, :-1]
        self.by_age[:, 0] = 0
        cell = CELL.take(self.at[:n])
        cell += self.row[:n]
        chance = self.chance.take(cell)
        luck = self.rng.random(n, dtype=np.float32)
        hit = np.flatnonzero(luck < chance)
        exits = luck[hit] < chance[hit] * self.share.take(cell[hit])
        gone = np.concatenate([hit[exits], self._move(hit[~exits])])
        return self._leave(gone)

    def _tidy(self) -> None:
        """Clear away those who left."""
        keep = np.flatnonzero(self.row[: self.n] < self.gone)
        self.n = len(keep)
        self.row[: self.n] = self.row.take(keep)
        self.at[: self.n] = self.at.take(keep)

    def _move(self, moved: Ints) -> Ints:
        """Give children who move a new place; return who left care after it."""
        self._rehouse(moved)
        cell = self.row[moved] + CELL.take(self.at[moved])
        # Half a month is left on average: the chance of nothing is the root.
        second = 1 - np.sqrt(1 - self.chance.take(cell))
        luck = self.rng.random(len(moved), dtype=np.float32)
        hit = np.flatnonzero(luck < second)
        exits = luck[hit] < second[hit] * self.share.take(cell[hit])
        self._rehouse(moved[hit[~exits]])
        gone: Ints = moved[hit[exits]]
        return gone

    def _rehouse(self, who: Ints) -> None:
        row = self.row[who] >> CELL_BITS
        place, uasc = row & (ROWS - 1), (row >> PLACE_BITS) & 1
        draw = row >> (PLACE_BITS + 1)
        group = np.where(uasc == 1, 3, GROUP.take(self.at[who] >> SINCE_BITS))
        luck = self.rng.random(len(who)) * self.places
        column = luck.astype(np.int64)
        at = (group * self.places + place) * self.places + column
        target = np.where(luck - column < self.keep.take(at), column, self.other.take(at))
        self.row[who] += (target - place) << CELL_BITS
        change = np.bincount(draw * self.places + target, minlength=self.children.size)
        change -= np.bincount(draw * self.places + place, minlength=self.children.size)
        self.children += change.reshape(self.children.shape)

    def _leave(self, gone: Ints) -> tuple[Ints, Ints]:
        row = self.row[gone] >> CELL_BITS
        draw, place = row >> (PLACE_BITS + 1), row & (ROWS - 1)
        age = np.minimum(self.at[gone] >> SINCE_BITS, OLDEST)
        self.row[gone] = self.gone
        left = np.bincount(draw * self.places + place, minlength=self.children.size)
        self.children -= left.reshape(self.children.shape)
        aged = np.bincount(draw * SIDE + age, minlength=self.by_age.size)
        self.by_age -= aged.reshape(self.by_age.shape)
        adult = np.bincount(draw[age >= OLDEST], minlength=self.draws)
        return np.bincount(draw, minlength=self.draws) - adult, adult

    def _enter(self, month: int, entries: Single) -> tuple[Ints, Ints]:
        """Bring in the entrants of a month, who may leave within it."""
        first, entered = self.n, []
        for stream, numbers, (age, place) in zip(
            self.model.streams, self.entering, self.decks, strict=True
        ):
            n = numbers[:, month]
            draw = np.repeat(np.arange(self.draws), n)
            entries[:, month, int(stream.uasc)] += n
            which = self.rng.integers(DECK, size=len(draw))
            since = self.rng.random(len(draw))
            self._add(draw, int(stream.uasc), age[which] + since, place[which])
            entered.append(since)
        new, since = np.arange(first, self.n), np.concatenate(entered)
        cell = self.row[new] + CELL.take(self.at[new])
        chance = 1 - (1 - self.chance.take(cell)) ** since
        luck = self.rng.random(len(new))
        hit = np.flatnonzero(luck < chance)
        exits = luck[hit] < chance[hit] * self.share.take(cell[hit])
        self._rehouse(new[hit[~exits]])
        self.at[new] += since >= 0.5
        return self._leave(new[hit[exits]])

    def _add(self, draw: Ints, uasc: int, age: Floats, place: Ints) -> None:
        """Seat entrants, of an age in months at the month's end."""
        end = self.n + len(draw)
        if end > len(self.row):
            more = np.empty(len(draw) + MARGIN, np.int64)
            self.row, self.at = (np.concatenate([x[: self.n], more]) for x in (self.row, self.at))
        months = np.minimum(age.astype(np.int64), OLDEST)
        self.row[self.n : end] = self._row(draw, np.full(len(draw), uasc), place)
        self.at[self.n : end] = months << SINCE_BITS
        self.n = end
        came = np.bincount(draw * self.places + place, minlength=self.children.size)
        self.children += came.reshape(self.children.shape)
        aged = np.bincount(draw * SIDE + months, minlength=self.by_age.size)
        self.by_age += aged.reshape(self.by_age.shape)


def _routes(seen: Floats, rng: np.random.Generator) -> Floats:
    """Draw where moves lead, as cumulative shares with the row's number added, flattened."""
    places = seen.shape[1]
    everywhere = seen.sum(axis=(0, 1)) + 0.1
    of_place = seen.sum(axis=0) + PULL * everywhere / everywhere.sum()
    np.fill_diagonal(of_place, 0)
    shares = of_place / np.maximum(of_place.sum(axis=1, keepdims=True), 1e-12)
    alpha = seen + PULL * shares
    diagonal = np.arange(places)
    alpha[:, diagonal, diagonal] = 0
    gamma = rng.standard_gamma(alpha)
    total = gamma.sum(axis=2, keepdims=True)
    drawn: Floats = np.where(total > 0, gamma / np.maximum(total, 1e-300), 1 / places)
    return drawn.reshape(-1, places)


def alias(shares: Floats) -> tuple[Floats, Ints]:
    """Return tables that draw a column of a row in one step, flattened.

    Parameters
    ----------
    shares : ndarray, shape (rows, columns)
        Probabilities; each row adds up to one.

    Returns
    -------
    keep : ndarray, shape (rows x columns,)
        Chance that the column first hit is taken.
    other : ndarray of int, shape (rows x columns,)
        Column taken otherwise.

    Notes
    -----
    Walker, ACM Transactions on Mathematical Software 1977, vol. 3, pages 253-256.
    """
    rows, columns = shares.shape
    left = shares * columns
    keep, other = np.ones_like(left), np.tile(np.arange(columns), (rows, 1))
    open_ = np.ones(left.shape, dtype=bool)
    row = np.arange(rows)
    for _ in range(columns - 1):
        low = np.where(open_, left, np.inf).argmin(axis=1)
        high = np.where(open_, left, -np.inf).argmax(axis=1)
        keep[row, low] = np.minimum(left[row, low], 1.0)
        other[row, low] = high
        open_[row, low] = False
        left[row, high] -= 1 - keep[row, low]
    return keep.ravel(), other.ravel()


def _deck(stream: Stream, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw examples for those to come: past entries, weighed anew for each block.

    Notes
    -----
    The Bayesian bootstrap (Rubin, Annals of Statistics 1981, vol. 9, pages 130-134).
    """
    upto = np.cumsum(stream.weight * rng.standard_exponential(len(stream.weight)))
    which = np.searchsorted(upto, (np.arange(DECK) + rng.random()) / DECK * upto[-1])
    which = np.minimum(which, len(upto) - 1)
    return stream.age[which], stream.place[which]
