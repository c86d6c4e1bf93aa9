"""Children of a block of draws: who is there, who comes, and what is drawn for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from needs.forecast.flow.bands import ADULT, A, D
from needs.forecast.flow.chance import Words

if TYPE_CHECKING:
    from needs.forecast.flow.entries import Stream
    from needs.forecast.flow.model import Present

__all__ = [
    "CELLS",
    "DECK",
    "OLDEST",
    "SETS",
    "Lead",
    "Lives",
    "coming",
    "deck",
    "leads",
    "routes",
    "there",
]

OLDEST = ADULT * 12
CELLS = A * D
"""Cells of one placement type."""
DECK = 1024
"""Examples of entrants in a set."""
SETS = 32
"""Sets of routes and of examples in a block at most: what is not known of them differs from set
to set, so that it widens the forecast and does not shift a whole block."""
PULLS = 2.0 ** np.arange(-2, 7)
"""Moves that the pattern of who moves may count for on a route."""
ROUNDS = 30

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
    age, place = drawn
    draws, months = numbers.shape
    often, every = numbers.T.ravel(), np.arange(draws)
    month = np.repeat(np.arange(months), numbers.sum(axis=0))
    draw = np.repeat(np.tile(every, months), often)
    which = np.repeat(np.tile(every % (len(age) // DECK) * DECK, months), often)
    which += rng.integers(DECK, size=len(draw))
    start = (month + np.minimum(rng.random(len(draw)), 0.999)).astype(np.float32)
    return Lives(
        draw,
        np.full(len(draw), int(stream.uasc)),
        place[which],
        age[which].astype(np.float32) - start,
        -start,
        start,
        *_chance(len(draw), rng),
    )


@dataclass(frozen=True, eq=False)
class Lead:
    """Where moves lead: of each mover (:data:`needs.forecast.flow.exposure.MOVERS`), from and to.

    Parameters
    ----------
    seen : ndarray, shape (movers, places, places)
        Moves.
    share : ndarray, shape (movers, places, places)
        Shares of the pattern; each row adds up to one.
    upto : ndarray, shape (pulls, movers, places, places)
        Chance that the pattern counts for so many moves (:data:`PULLS`) or fewer.
    raised : ndarray, shape (movers, 1, places)
        What makes as many moves lead to each type as did.
    """

    seen: Floats
    share: Floats
    upto: Floats
    raised: Floats

    @property
    def mean(self) -> Floats:
        """Moves that the pattern lets expect."""
        mean: Floats = self.seen.sum(axis=2, keepdims=True) * self.share
        return mean

    def carried(self, pairs: Sequence[tuple[int, int]]) -> Lead:
        """Return the same, where those still in a closed type move as from what replaced it."""
        seen, share, upto = self.seen.copy(), self.share.copy(), self.upto.copy()
        for old, new in pairs:
            for x in (seen, share, upto):
                x[..., old, :] = x[..., new, :]
        return Lead(seen, share, upto, self.raised)


def leads(seen: Floats) -> Lead:
    """Return where moves lead, and how much the pattern of who moves tells of each route.

    Who moves decides what is open to a child: the pattern of the same group, whichever
    placement it left, lends strength; that of all groups only where a group hardly moved. Most
    routes are much like the pattern, and some are nothing like it: foster care alone leads to
    adoption, and homes to homes. A route that is seen to be one of these is lent hardly anything.

    Parameters
    ----------
    seen : ndarray, shape (movers, places, places)
        Moves by who moved, from and to.

    Notes
    -----
    Counts of the mean that quasi-independence gives (Goodman, Journal of the American
    Statistical Association 1968, vol. 63, pages 1091-1131: nobody moves to where they are),
    times a gamma number, as rates have it (:mod:`needs.forecast.flow.hazards`). How strongly it
    is held to one differs from route to route; how often which strength, by the marginal
    likelihood (Laird, Journal of the American Statistical Association 1978, vol. 73, pages
    805-811). What is lent to some routes is taken from others: in all, as many moves lead to each
    type as were seen to (raking; Deming and Stephan, Annals of Mathematical Statistics 1940,
    vol. 11, pages 427-444).
    """
    ones = np.ones((len(PULLS), *seen.shape))
    lead = Lead(seen, _apart(seen), ones, ones[0][:, :1])
    likely = np.array([_likely(seen, lead.mean, k) for k in PULLS])
    likely = np.exp(likely - likely.max(axis=0))
    weight = np.full((len(PULLS), 1, 1, 1), 1 / len(PULLS))
    told = lead.share > 0
    for _ in range(ROUNDS):
        each = weight * likely
        each /= np.maximum(each.sum(axis=0), 1e-300)
        weight = each[:, told].mean(axis=1)[:, None, None, None] if told.any() else weight
    pull = PULLS[:, None, None, None]
    rate = (each * (pull + seen) / (pull + lead.mean)).sum(axis=0) * lead.share
    return replace(lead, upto=each.cumsum(axis=0), raised=_raised(seen, rate))


def _raised(seen: Floats, rate: Floats) -> Floats:
    """Return by what to raise rates of going to each type, so that as many go as were seen to."""
    into, out = _margins(seen)
    to = np.ones_like(into)
    for _ in range(ROUNDS):
        leaves = out / np.maximum((rate @ to[:, :, None])[:, :, 0], 1e-12)
        to = into / np.maximum((leaves[:, None] @ rate)[:, 0], 1e-12)
    raised: Floats = to[:, None]
    return raised


def _margins(seen: Floats) -> tuple[Floats, Floats]:
    """Return moves into and out of each type by who moved, and one more as all of them went."""
    everywhere = seen.sum(axis=(0, 1)) + 0.01
    hardly = everywhere / everywhere.sum()
    return seen.sum(axis=1) + hardly, seen.sum(axis=2) + hardly


def _apart(seen: Floats) -> Floats:
    """Return where moves lead if it does not depend on where from, but for staying."""
    places = seen.shape[1]
    other = 1 - np.eye(places)
    into, out = _margins(seen)
    to = into.copy()
    for _ in range(ROUNDS):
        leaves = out / np.maximum(to @ other, 1e-12)
        to = into / np.maximum(leaves @ other, 1e-12)
    apart = to[:, None, :] * other
    share: Floats = apart / np.maximum(apart.sum(axis=2, keepdims=True), 1e-300)
    return share


def _likely(seen: Floats, mean: Floats, k: float) -> Floats:
    """Return the log likelihood of a strength on each route, but for a constant."""
    each: Floats = gammaln(k + seen) - gammaln(k) - (k + seen) * np.log(k + mean) + k * np.log(k)
    return each


def routes(lead: Lead, sets: int, rng: np.random.Generator) -> Floats:
    """Draw where moves lead, as shares, shape (sets x movers x places, places)."""
    places = lead.seen.shape[1]
    which = (rng.random((sets, *lead.seen.shape)) > lead.upto[:-1, None]).sum(axis=0)
    pull = PULLS[which]
    gamma = rng.standard_gamma(pull + lead.seen) * lead.share / (pull + lead.mean)
    gamma *= lead.raised
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
