"""Children of a block of draws: who is there, who comes, and what is drawn for them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import ADULT, A, D
from needs.forecast.flow.chance import Words

if TYPE_CHECKING:
    from needs.forecast.flow.entries import Stream
    from needs.forecast.flow.model import Present

__all__ = ["CELLS", "DECK", "OLDEST", "SETS", "Lives", "coming", "deck", "routes", "there"]

OLDEST = ADULT * 12
CELLS = A * D
"""Cells of one placement type."""
DECK = 1024
"""Examples of entrants in a set."""
SETS = 32
"""Sets of routes and of examples in a block at most: what is not known of them differs from set
to set, so that it widens the forecast and does not shift a whole block."""
PULL = 8.0
"""Moves that the pattern of who moves counts for among the moves from one place."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Lives:
    """Children as parallel arrays; months count from the origin.

    Attributes
    ----------
    draw, uasc, place : int arrays
        Draw of the block, unaccompanied (0, 1), placement type at the start.
    born, since, start : float32 arrays
        Age at the origin, time since entry at the origin (below nought for those to come),
        and month of entry (nought for those who are there).
    state : uint64 array
        Each child's own sequence of chance (:func:`needs.forecast.flow.chance.following`).
    budget : float32 array
        Cumulative rate left until the next event.
    admitted : bool array
        Whether the child comes at all.
    held : bool array
        Whether the child comes only if a plan asks for it.
    """

    draw: Ints
    uasc: Ints
    place: Ints
    born: Single
    since: Single
    start: Single
    state: Words
    budget: Single
    admitted: Bools
    held: Bools

    def __len__(self) -> int:
        """Return the number of children, of all draws together."""
        return len(self.draw)

    def joined(self, *others: Lives) -> Lives:
        """Return these and others."""
        every = (self, *others)
        return Lives(*(np.concatenate([getattr(x, f.name) for x in every]) for f in fields(self)))


def _chance(n: int, rng: np.random.Generator) -> tuple[Words, Single, Bools, Bools]:
    state, held = rng.integers(0, 2**64, n, dtype=np.uint64), np.zeros(n, dtype=bool)
    return state, rng.standard_exponential(n, dtype=np.float32), ~held, held


def there(present: Present, draws: int, rng: np.random.Generator) -> Lives:
    """Return the children of the origin, once a draw."""
    n = len(present.place)
    return Lives(
        np.repeat(np.arange(draws), n),
        np.tile(present.uasc, draws),
        np.tile(present.place, draws),
        np.tile(present.age.astype(np.float32), draws),
        np.tile(present.since.astype(np.float32), draws),
        np.zeros(n * draws, np.float32),
        *_chance(n * draws, rng),
    )


def coming(
    numbers: Ints, stream: Stream, drawn: tuple[Floats, Ints], rng: np.random.Generator
) -> Lives:
    """Return those who come, month by month.

    Parameters
    ----------
    numbers : ndarray of int, shape (draws, months)
        How many come.
    stream : Stream
    drawn : tuple of ndarray
        Ages in months and placement types of examples (:func:`deck`).
    rng : numpy.random.Generator
    """
    at = np.repeat(np.arange(numbers.size), numbers.T.ravel())
    month, draw = np.divmod(at, len(numbers))
    age, place = drawn
    which = rng.integers(DECK, size=len(at)) + draw % (len(age) // DECK) * DECK
    start = (month + np.minimum(rng.random(len(at)), 0.999)).astype(np.float32)
    return Lives(
        draw,
        np.full(len(at), int(stream.uasc)),
        place[which],
        age[which].astype(np.float32) - start,
        -start,
        start,
        *_chance(len(at), rng),
    )


def routes(seen: Floats, sets: int, rng: np.random.Generator) -> Floats:
    """Draw where moves lead, as shares, shape (sets x movers x places, places).

    Who moves decides what is open to a child: the pattern of the same group, whichever
    placement it left, lends strength; that of all groups only where a group hardly moved.
    """
    places = seen.shape[1]
    everywhere = seen.sum(axis=(0, 1)) + 0.01
    group = seen.sum(axis=1) + everywhere / everywhere.sum()
    apart = group[:, None, :] * (1 - np.eye(places))
    alpha = seen + PULL * apart / np.maximum(apart.sum(axis=2, keepdims=True), 1e-12)
    gamma = rng.standard_gamma(np.broadcast_to(alpha, (sets, *alpha.shape)))
    total = gamma.sum(axis=3, keepdims=True)
    # A lone placement type leads nowhere else.
    stays = np.broadcast_to(np.eye(places), gamma.shape)
    drawn: Floats = np.where(total > 0, gamma / np.maximum(total, 1e-300), stays)
    return drawn.reshape(-1, places)


def deck(stream: Stream, sets: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw examples for those to come: past entries, weighed anew for each set.

    Notes
    -----
    The Bayesian bootstrap (Rubin, Annals of Statistics 1981, vol. 9, pages 130-134).
    """
    weight = rng.standard_exponential((sets, len(stream.weight))) * stream.weight
    upto = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    number = np.arange(sets)[:, None]
    even = (np.arange(DECK) + rng.random((sets, 1))) / DECK + number
    which = np.searchsorted((upto + number).ravel(), even) - number * len(stream.weight)
    which = np.clip(which, 0, len(stream.weight) - 1).ravel()
    return stream.age[which], stream.place[which]
