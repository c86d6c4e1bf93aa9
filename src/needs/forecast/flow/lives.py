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

__all__ = ["CELLS", "DECK", "OLDEST", "Lives", "coming", "deck", "routes", "there"]

OLDEST = ADULT * 12
CELLS = A * D
"""Cells of one placement type."""
DECK = 8192
"""Examples of entrants in a block."""
PULL = 8.0
"""Moves that the pattern of all ages counts for among the moves from one place."""

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

    def at(self, rows: Ints) -> Lives:
        """Return some of them."""
        return Lives(*(getattr(self, f.name)[rows] for f in fields(self)))


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
    which = rng.integers(DECK, size=len(at))
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


def routes(seen: Floats, rng: np.random.Generator) -> Floats:
    """Draw where moves lead: shares of each place to move to, shape (4 x places, places)."""
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
    # A lone placement type leads nowhere else.
    stays = np.broadcast_to(np.eye(places), gamma.shape)
    drawn: Floats = np.where(total > 0, gamma / np.maximum(total, 1e-300), stays)
    return drawn.reshape(-1, places)


def deck(stream: Stream, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw examples for those to come: past entries, weighed anew for each block.

    Notes
    -----
    The Bayesian bootstrap (Rubin, Annals of Statistics 1981, vol. 9, pages 130-134).
    """
    upto = np.cumsum(stream.weight * rng.standard_exponential(len(stream.weight)))
    which = np.searchsorted(upto, (np.arange(DECK) + rng.random()) / DECK * upto[-1])
    which = np.minimum(which, len(upto) - 1)
    return stream.age[which], stream.place[which]
