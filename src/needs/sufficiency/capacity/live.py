"""Children who come, look for a home that fits, live there or elsewhere, and leave.

Whether and when a child comes and leaves does not depend on where it lives, so that the same
seed gives the same children whatever homes there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["Comers", "Homes", "Lived", "live"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

Stay = Callable[[Ints, np.random.Generator], Floats]
"""Kinds of groups -> months that each stays."""

FOREVER = np.iinfo(np.int64).max
ELSEWHERE, COMING = -1, -2
_BITS = 64


@dataclass(frozen=True, eq=False)
class Homes:
    """Homes and households, in the order in which they are asked.

    Parameters
    ----------
    places : ndarray of int, shape (homes,)
        Children that each takes; one where it takes one at a time.
    accepts : ndarray of bool, shape (kinds, homes)
        Which kinds of groups fit: ages, sex, siblings, needs.
    opens, closes : ndarray of int, shape (homes,), optional
        First month in which it takes children, and first in which it takes none any more: those
        who live there stay to the end of their time.
    """

    places: Ints
    accepts: Bools
    opens: Ints | None = None
    closes: Ints | None = None

    def __post_init__(self) -> None:
        n = len(self.places)
        if self.accepts.ndim != 2 or self.accepts.shape[1] != n or (self.places < 0).any():
            raise ValueError("homes: one row a kind, one column a home, no places below nought")

    def open_in(self, month: int) -> Bools:
        """Return which homes take children in a month."""
        found = np.ones(len(self.places), dtype=bool)
        if self.opens is not None:
            found &= self.opens <= month
        if self.closes is not None:
            found &= month < self.closes
        return found


@dataclass(frozen=True, eq=False)
class Comers:
    """Groups of siblings, or single children, who come and stay.

    Parameters
    ----------
    rate : ndarray of float, shape (months, kinds) or (draws, months, kinds)
        Groups expected in each month; they come in Poisson processes.
    stay : callable
        Kinds and generator -> months that each group stays, of any distribution.
    size : ndarray of int, shape (kinds,)
        Children of a group, who live together; one where not given.
    there : ndarray of int
        Kind of each group that is there at the start; nobody where not given. Where they live
        is found as for those who come.
    left : callable, optional
        As ``stay``, for those who are there: months from the start.
    """

    rate: Floats
    stay: Stay
    size: Ints | None = None
    there: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    left: Stay | None = None

    @property
    def kinds(self) -> int:
        """How many kinds of groups there are."""
        return int(self.rate.shape[-1])

    @property
    def sizes(self) -> Ints:
        """Children of a group, by kind."""
        return np.ones(self.kinds, np.int64) if self.size is None else self.size


@dataclass(frozen=True, eq=False)
class Lived:
    """What came of it: children, by draw, month and kind; ``occupied`` by draw and month.

    Attributes
    ----------
    present, elsewhere : ndarray of int32, shape (draws, months, kinds)
        In care at the end of the month, and of these in no home of the list.
    asked, lost : ndarray of int32, shape (draws, months, kinds)
        Who came in the month, and of these who found no home that fits.
    occupied : ndarray of int32, shape (draws, months)
        Places taken at the end of the month.
    """

    present: npt.NDArray[np.int32]
    elsewhere: npt.NDArray[np.int32]
    asked: npt.NDArray[np.int32]
    lost: npt.NDArray[np.int32]
    occupied: npt.NDArray[np.int32]


def live(homes: Homes, comers: Comers, months: int, draws: int, rng: np.random.Generator) -> Lived:
    """Let children come, be placed and leave, in continuous time.

    Parameters
    ----------
    homes : Homes
    comers : Comers
    months : int
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Lived

    Notes
    -----
    A group takes the first home in the order of the list that accepts its kind and has as many
    free places as the group has children; where there is none it lives elsewhere, for all its
    time. With identical homes and single children that is the loss system of Erlang, whose share
    of losses depends on the mean of the stays alone (Sevastyanov 1957, *Theory of Probability and
    its Applications* 2, 104-112).

    A further home of that kind never makes a loss that there was not: it is as if those who
    found none tried it last. With sizes, ages and needs that is no longer true, nor that more
    children lose more: a child more may keep out another who would have stayed long (Ross and
    Yao 1990, *IEEE Transactions on Information Theory* 36, 1173-1179). Chances of a shortage are
    therefore told by :func:`needs.sufficiency.capacity.fit.shortfall`, of whoever is
    ``present``, for which both hold.
    """
    if comers.kinds != len(homes.accepts):
        raise ValueError("homes and comers know different kinds of groups")
    state = _State(homes, comers, draws)
    told = np.zeros((4, draws, months, comers.kinds), np.int32)
    occupied = np.zeros((draws, months), np.int32)
    for month in range(months):
        came = state.come(month, rng)
        state.pass_month(month, came)
        told[:, :, month] = state.counts(month, came)
        occupied[:, month] = state.taken.sum(axis=1)
        state.forget(month)
    return Lived(told[0], told[1], told[2], told[3], occupied)


class _State:
    """Who is there, and which places are taken, in every draw."""

    def __init__(self, homes: Homes, comers: Comers, draws: int):
        self.homes, self.comers, self.draws = homes, comers, draws
        self.sizes = comers.sizes
        words = max(1, -(-len(homes.places) // _BITS))
        self.taken = np.zeros((draws, len(homes.places)), np.int64)
        # Bit h of word h // 64, at s: home h has more than s places free.
        room = np.arange(int(self.sizes.max()))[:, None] < homes.places
        self.room = np.repeat(_packed(room, words)[:, None], draws, axis=1)
        self.words = words
        self.draw = np.empty(0, np.int64)
        self.kind = np.empty(0, np.int64)
        self.stop = np.empty(0, np.float64)
        self.home = np.empty(0, np.int64)

    def come(self, month: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Let the groups of a month come: where they stand in the list, and when."""
        rate = self.comers.rate[..., month, :]
        n = rng.poisson(rate, (self.draws, self.comers.kinds))
        pair = np.repeat(np.arange(n.size), n.ravel())
        kind, draw = pair % self.comers.kinds, pair // self.comers.kinds
        start = month + rng.random(len(pair))
        stop = start + self.comers.stay(kind, rng)
        if not month and len(self.comers.there):
            here = np.tile(self.comers.there, self.draws)
            left = (self.comers.left or self.comers.stay)(here, rng)
            kind, stop = np.append(here, kind), np.append(left, stop)
            draw = np.append(np.repeat(np.arange(self.draws), len(self.comers.there)), draw)
            start = np.append(np.zeros(len(here)), start)
        first = len(self.draw)
        self.draw, self.kind = np.append(self.draw, draw), np.append(self.kind, kind)
        self.stop = np.append(self.stop, stop)
        self.home = np.append(self.home, np.full(len(draw), COMING))
        return np.arange(first, len(self.draw)), start

    def pass_month(self, month: int, came: tuple[Ints, Floats]) -> None:
        """Let everything happen that happens in a month, in the order of its time."""
        accepts = _packed(self.homes.accepts & self.homes.open_in(month), self.words)
        leave = np.flatnonzero(self.stop < month + 1)
        who = np.concatenate([came[0], leave])
        time = np.concatenate([came[1], self.stop[leave]])
        leaves = np.append(np.zeros(len(came[0]), bool), np.ones(len(leave), bool))
        # One number orders by draw and time, more quickly than two.
        order = np.argsort(self.draw[who] + np.minimum(time - month, 1 - 1e-9))
        who, leaves = who[order], leaves[order]
        draw = self.draw[who]
        rank = np.arange(len(who)) - np.searchsorted(draw, draw)
        # The first event of every draw, then the second of every draw that has one, and so on.
        order = np.argsort(rank, kind="stable")
        who, leaves = who[order], leaves[order]
        each = np.bincount(rank)
        ends = np.cumsum(each)
        for begin, end in zip(ends - each, ends, strict=True):
            some, going = who[begin:end], leaves[begin:end]
            self._leave(some[going])
            self._place(some[~going], accepts)

    def _leave(self, who: Ints) -> None:
        who = who[self.home[who] >= 0]
        self._change(self.draw[who], self.home[who], -self.sizes[self.kind[who]])

    def _place(self, who: Ints, accepts: Words) -> None:
        draw, kind = self.draw[who], self.kind[who]
        size = self.sizes[kind]
        fits = self.room[size - 1, draw] & accepts[kind]
        word = (fits != 0).argmax(axis=1)
        bits = fits[np.arange(len(who)), word]
        # The lowest bit alone; a power of two is a float without loss.
        low = (bits & (~bits + np.uint64(1))).astype(np.float64)
        home = word * _BITS + np.frexp(low)[1] - 1
        found = bits != 0
        self.home[who] = np.where(found, home, ELSEWHERE)
        self._change(draw[found], home[found], size[found])

    def _change(self, draw: Ints, home: Ints, more: Ints) -> None:
        """Take places, or give them back; no draw comes twice."""
        taken = self.taken[draw, home] + more
        self.taken[draw, home] = taken
        free = self.homes.places[home] - taken
        word, bit = home // _BITS, np.uint64(1) << (home % _BITS).astype(np.uint64)
        for s, room in enumerate(self.room):
            held = room[draw, word]
            room[draw, word] = np.where(free > s, held | bit, held & ~bit)

    def counts(self, month: int, came: tuple[Ints, Floats]) -> tuple[Ints, Ints, Ints, Ints]:
        """Return children present, elsewhere, asked and lost."""
        stays = np.flatnonzero(self.stop >= month + 1)
        out = stays[self.home[stays] == ELSEWHERE]
        asked = came[0][came[1] > 0]  # those there from the start did not ask
        lost = asked[self.home[asked] == ELSEWHERE]
        return self._sum(stays), self._sum(out), self._sum(asked), self._sum(lost)

    def _sum(self, who: Ints) -> Ints:
        kinds = self.comers.kinds
        n = np.bincount(self.draw[who] * kinds + self.kind[who], minlength=self.draws * kinds)
        children: Ints = n.reshape(self.draws, kinds) * self.sizes
        return children

    def forget(self, month: int) -> None:
        """Let go of those who have left."""
        stays = self.stop >= month + 1
        self.draw, self.kind = self.draw[stays], self.kind[stays]
        self.stop, self.home = self.stop[stays], self.home[stays]


def _packed(flags: Bools, words: int) -> Words:
    """Return rows of flags as bits of whole words."""
    wide = np.zeros((len(flags), words * _BITS), np.uint8)
    wide[:, : flags.shape[1]] = flags
    packed: Words = np.packbits(wide, axis=1, bitorder="little").view("<u8").astype(np.uint64)
    return packed
