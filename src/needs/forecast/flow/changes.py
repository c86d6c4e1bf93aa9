"""What levers change while futures are lived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import MONTH
from needs.forecast.flow.chance import mixed, parted
from needs.forecast.flow.lives import Lives, coming
from needs.forecast.levers import (
    Entries,
    Exits,
    Lever,
    Opening,
    Share,
    StepDown,
    UascThreshold,
    check_levers,
)

if TYPE_CHECKING:
    from needs.forecast.flow.entries import Stream
    from needs.forecast.flow.model import FlowModel
    from needs.forecast.flow.run import Block

__all__ = ["Changes", "changes"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KEEP = np.uint64(0x5851F42D4C957F2D)
"""Sets the chance of staying away apart from a child's other chances."""
Act = Callable[["Block", int], None]


@dataclass(frozen=True, eq=False)
class Changes:
    """Levers made into numbers by month ahead.

    Parameters
    ----------
    entries : ndarray, shape (2, months)
        What entries are multiplied by: others, unaccompanied.
    exits : ndarray, shape (months, places)
        What rates of leaving are multiplied by.
    pull, level : ndarray, shape (months,)
        How far the log level of exits is pulled to a level of the past.
    opened : tuple of int
        Types of which homes open; each home is a type of its own while lives are lived.
    plans : tuple
        Levers that move children, with how far each is in force in each month.
    reserve : ndarray of int, shape (months,)
        Unaccompanied children who may be transferred in, a draw.
    """

    entries: Floats
    exits: Floats
    pull: Floats
    level: Floats
    opened: tuple[int, ...]
    plans: tuple[tuple[Lever, Floats], ...]
    reserve: Ints

    def begins(self, months: int) -> list[int]:
        """Return the months in which a new stretch of constant rates begins."""
        if self.plans:
            return list(range(months))
        rates = np.column_stack([self.exits, self.pull, self.level])
        new = np.append(True, (np.diff(rates, axis=0) != 0).any(axis=1))
        return [m for m in range(months) if new[m] or m % 12 == 0]

    def same(self, one: int, other: int) -> bool:
        """Return whether two months have the same changes of rates."""
        rates = (self.exits, self.pull, self.level)
        return all(np.array_equal(x[one], x[other]) for x in rates)

    def entrants(
        self,
        usual: Lives,
        numbers: Ints,
        stream: Stream,
        examples: tuple[Floats, Ints],
        rng: np.random.Generator,
    ) -> list[Lives]:
        """Return who may come into care: the usual thinned, more, and those held in reserve.

        The usual are told to stay away by chance that is theirs; more are thinned from an
        envelope, so that a slightly larger change brings the same children and a few beside.
        """
        factor = self.entries[int(stream.uasc)]
        more_rng, reserve_rng = rng.spawn(2)
        most = np.ceil(np.maximum(factor - 1, 0))
        more = coming(more_rng.poisson(numbers * most), stream, examples, more_rng)
        for lives, keep in ((usual, np.minimum(factor, 1)), (more, (factor - 1) / most.clip(1))):
            luck = parted(mixed(lives.state ^ KEEP))[0]
            lives.admitted = luck < keep[lives.start.astype(np.int64)]
        if not (stream.uasc and self.reserve.any()):
            return [usual, more]
        held = np.broadcast_to(self.reserve, numbers.shape)
        reserve = coming(held, stream, examples, reserve_rng)
        reserve.admitted[:] = False
        reserve.held[:] = True
        return [usual, more, reserve]

    def acts(self, places: Sequence[str]) -> list[Act]:
        """Return what to do at the end of every month, made anew for each block."""
        acts: list[Act] = []
        home = len(places)
        for lever, force in self.plans:
            if isinstance(lever, StepDown):
                acts.append(_step_down(lever, force, places))
            elif isinstance(lever, Share):
                acts.append(_share(lever, force, places))
            elif isinstance(lever, Opening):
                acts.append(_opening(lever, force, places, home))
                home += 1
            elif isinstance(lever, UascThreshold):
                acts.append(_threshold(lever, force))
        return acts


def changes(model: FlowModel, levers: Sequence[Lever], months: int) -> Changes:
    """Return levers as numbers; refuse those that cannot be.

    Raises
    ------
    ModelError
        See :func:`needs.forecast.levers.check_levers`.
    """
    check_levers(model, levers)
    entries = np.ones((2, months))
    exits = np.ones((months, len(model.places)))
    pull, level = np.zeros(months), np.zeros(months)
    reserve = np.zeros(months, np.int64)
    plans = []
    # The order in which levers are given means nothing.
    for lever in sorted(levers, key=repr):
        force = _force(lever, model.origin, months)
        if isinstance(lever, Entries):
            who = {"all": [0, 1], "others": [0], "uasc": [1]}[lever.who]
            entries[who] *= _compound(lever, model.origin, months, force)
        elif isinstance(lever, Exits):
            past = None if lever.level_of is None else model.past_level(lever.level_of)
            meant = [p for p, k in enumerate(model.places) if not lever.places or k in lever.places]
            if past is None:
                exits[:, meant] *= 1 + ((lever.factor or 0.0) - 1) * force[:, None]
            else:
                pull, level = np.maximum(pull, force), np.where(force >= pull, past, level)
        elif not _idle(lever):
            plans.append((lever, force))
            if isinstance(lever, UascThreshold):
                reserve += np.where(force > 0, int(np.ceil(_most(lever))), 0)
    opened = tuple(model.places.index(x.place) for x, _ in plans if isinstance(x, Opening))
    return Changes(entries, exits, pull, level, opened, tuple(plans), reserve)


def _since(day: dt.date | None, origin: dt.date) -> float:
    return 0.0 if day is None else (day - origin).days / MONTH


def _force(lever: Lever, origin: dt.date, months: int) -> Floats:
    """Return how far a lever is in force in the middle of each month, nought to one."""
    start = _since(lever.start, origin)
    end = start if lever.end is None else _since(lever.end, origin)
    at = np.arange(months) + 0.5
    if end - start < 0.5:
        return (at >= start).astype(float)
    force: Floats = np.clip((at - start) / (end - start), 0, 1)
    return force


def _compound(lever: Entries, origin: dt.date, months: int, force: Floats) -> Floats:
    if not lever.each_year:
        return 1 + lever.change / 100 * force
    start = _since(lever.start, origin)
    end = np.inf if lever.end is None else _since(lever.end, origin)
    at = np.arange(months) + 0.5
    years = np.where(at >= start, np.ceil((np.minimum(at, max(end, start)) - start) / 12), 0)
    factor: Floats = (1 + lever.change / 100) ** years
    return factor


def _idle(lever: Lever) -> bool:
    """Return whether a plan asks for nothing, so that nobody need be looked at each month."""
    return (isinstance(lever, StepDown) and not lever.a_year) or (
        isinstance(lever, Opening) and not lever.places_n
    )


def _most(lever: UascThreshold) -> float:
    most = lever.under_18 * lever.share / 100 / 6 if lever.a_month is None else lever.a_month
    return most


def _by_draw(block: Block, who: Ints) -> Ints:
    return np.bincount(block.lives.draw[who], minlength=block.draws)


def chosen(block: Block, who: Ints, month: int, number: Ints) -> Ints:
    """Return so many of some children in each draw, picked by chance that is theirs."""
    if not number.any():
        return who[:0]
    draw, there_n = block.lives.draw[who], _by_draw(block, who)
    luck = mixed(block.names[who] + np.uint64(month))
    # Sorting a few suffices: those of smallest chance, four times as many as are wanted.
    likely = np.minimum((4 * number + 12) / np.maximum(there_n, 1), 1.0)
    few = luck <= (likely * (2.0**64 - 2**12)).astype(np.uint64)[draw]
    if (np.bincount(draw[few], minlength=block.draws) >= np.minimum(number, there_n)).all():
        who, draw, luck = who[few], draw[few], luck[few]
    order = np.lexsort((luck, draw))
    who, draw = who[order], draw[order]
    first = np.searchsorted(draw, np.arange(block.draws))
    picked: Ints = who[np.arange(len(who)) - first[draw] < number[draw]]
    return picked


def _like(block: Block, who: Ints, pool: Ints, month: int) -> tuple[Ints, Ints]:
    """Return children of whom a pool has some in their draw, and the place of one of it each."""
    if not len(who):
        return who, who
    # Of short numbers numpy sorts by digits.
    pool = pool[np.argsort(block.lives.draw[pool].astype(np.int16), kind="stable")]
    size = _by_draw(block, pool)
    first = np.cumsum(size) - size
    who = who[size[block.lives.draw[who]] > 0]
    draw = block.lives.draw[who]
    luck = parted(mixed(block.names[who] ^ np.uint64(month + 1)))[0]
    return who, block.place(pool[first[draw] + (luck * size[draw]).astype(np.int64)])


def _step_down(lever: StepDown, force: Floats, places: Sequence[str]) -> Act:
    upto = np.floor(np.append(0.0, np.cumsum(force)) * lever.a_year / 12 + 1e-9)
    number = np.diff(upto).astype(np.int64)
    sources, to = [places.index(p) for p in lever.from_places], places.index(lever.to)

    def act(block: Block, month: int) -> None:
        if number[month]:
            n = np.full(block.draws, number[month])
            who = chosen(block, block.inside(sources), month, n)
            block.shift(who, np.full(len(who), to), month)

    return act


def _share(lever: Share, force: Floats, places: Sequence[str]) -> Act:
    place = places.index(lever.place)
    others = [places.index(p) for p in lever.others or places if p != lever.place]
    begun: dict[str, Floats] = {}

    def act(block: Block, month: int) -> None:
        here, pool = block.inside([place]), block.inside(others)
        n, total = _by_draw(block, here), _by_draw(block, block.alive)
        begun.setdefault("share", n / np.maximum(total, 1))
        if not force[month]:
            begun["share"] = n / np.maximum(total, 1)
            return
        goal = begun["share"] + (lever.goal / 100 - begun["share"]) * force[month]
        wanted = np.rint(goal * total).astype(np.int64) - n
        out = chosen(block, here, month, np.maximum(-wanted, 0))
        into = chosen(block, pool, month, np.maximum(wanted, 0))
        block.shift(*_like(block, out, pool, month), month)
        block.shift(into, np.full(len(into), place), month)

    return act


def _opening(lever: Opening, force: Floats, places: Sequence[str], home: int) -> Act:
    sources = [places.index(p) for p in lever.fills_from]
    number = np.floor(lever.places_n * force + 1e-9).astype(np.int64)

    def act(block: Block, month: int) -> None:
        free = np.maximum(number[month] - _by_draw(block, block.inside([home])), 0)
        who = chosen(block, block.inside(sources), month, free)
        block.shift(who, np.full(len(who), home), month)

    return act


def _threshold(lever: UascThreshold, force: Floats) -> Act:
    goal, most = lever.under_18 * lever.share / 100, np.floor(_most(lever))

    def act(block: Block, month: int) -> None:
        if not force[month]:
            return
        stock = block.alive[block.lives.uasc[block.alive] == 1]
        gap = np.rint(goal) - _by_draw(block, stock)
        gap = np.clip(gap, -most * force[month], most * force[month]).astype(np.int64)
        block.leave(chosen(block, stock, month, np.maximum(-gap, 0)), month)
        block.admit(month + 1, np.maximum(gap, 0))

    return act
