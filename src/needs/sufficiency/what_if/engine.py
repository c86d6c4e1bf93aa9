"""The mean engine: what levers do to mean children, money and gaps, without living futures again.

The simulation is asked at a few settings of its levers, the nodes; between them a number is the
polynomial through its nodes. Of two levers together the engine adds what their corners hold beyond
either alone, and of three nothing more: a high-dimensional model representation cut at the
baseline, to its second order (Rabitz and Alis, Journal of Mathematical Chemistry 1999, vol. 25,
pages 197-233). Every number of it is linear in what the nodes hold, so that a page can do the same
sums from the same printed numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Answer",
    "Dial",
    "Line",
    "MeanEngine",
    "Pair",
    "Settings",
    "nodes_asked",
    "plain_dials",
    "weights",
]

Floats = npt.NDArray[np.float64]
Settings = Mapping[str, float]
"""Key of a dial -> where it stands; nought where it is not named."""


@dataclass(frozen=True)
class Dial:
    """A lever that a reader moves.

    Parameters
    ----------
    key, label, unit : str
        Unit in words, such as ``per cent``.
    low, high, step : int
        Where it can stand; nought, the baseline, lies between.
    nodes : tuple of int
        Settings that the simulation is asked at, nought left out; empty for a dial that moves
        prices or places alone.
    price_of : str
        Line of money that it makes dearer by so many per cent.
    places_of : str
        Line of demand whose places grow by its setting.
    """

    key: str
    label: str
    unit: str
    low: int
    high: int
    step: int = 1
    nodes: tuple[int, ...] = ()
    price_of: str = ""
    places_of: str = ""


@dataclass(frozen=True)
class Pair:
    """Two dials whose effects do not simply add up, with the nodes of each."""

    one: str
    other: str
    nodes_one: tuple[int, ...]
    nodes_other: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Line:
    """A mean by year and what the nodes add to it.

    Parameters
    ----------
    base : ndarray of float, shape (years,)
        Without any lever.
    effects : mapping of str to ndarray of float, shape (years,)
        Node -> change. Of a pair it is what the corner holds beyond each dial alone.
    """

    base: Floats
    effects: Mapping[str, Floats] = field(default_factory=dict)

    def at(self, weight: Mapping[str, float]) -> Floats:
        """Return the line where nodes weigh so much."""
        parts = [w * self.effects[k] for k, w in weight.items() if k in self.effects]
        return self.base + np.sum(parts, axis=0) if parts else self.base


@dataclass(frozen=True, eq=False)
class Answer:
    """What the engine says of one setting of the dials; each array has shape (years,).

    Attributes
    ----------
    children, money, gap : mapping of str to ndarray
        Children on the last day of each year; pounds in the unit of the lines; places beyond
        children on average over the year, below nought where there are too few.
    """

    children: Mapping[str, Floats]
    money: Mapping[str, Floats]
    gap: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class MeanEngine:
    """A mean engine, ready to be asked.

    Parameters
    ----------
    dials : tuple of Dial
    pairs : tuple of Pair
    children, money, demand : mapping of str to Line
        Children on year ends; gross spending, in which ``all`` is the whole; children on average
        over each year by service.
    places : mapping of str to ndarray of float, shape (years,)
        Places to count on by service.
    """

    dials: tuple[Dial, ...]
    pairs: tuple[Pair, ...]
    children: Mapping[str, Line]
    money: Mapping[str, Line]
    demand: Mapping[str, Line]
    places: Mapping[str, Floats]

    def ask(self, settings: Settings) -> Answer:
        """Return the means where dials stand as told.

        Raises
        ------
        ValueError
            If no dial has a name, or a setting lies beyond its dial.
        """
        told = _checked(self.dials, settings)
        weight = weights(self.dials, self.pairs, told)
        gap = {}
        for key, line in self.demand.items():
            more = sum(told[d.key] for d in self.dials if d.places_of == key)
            gap[key] = self.places[key] + more - line.at(weight)
        return Answer(
            {k: np.maximum(line.at(weight), 0.0) for k, line in self.children.items()},
            self._paid(weight, told),
            gap,
        )

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> MeanEngine:
        """Return the engine whose numbers a page holds (:mod:`needs.report.dials`).

        It answers as the page does, since both work with what was released and rounded.
        """

        def lines(of: Mapping[str, Any]) -> dict[str, Line]:
            return {
                k: Line(np.array(x["base"]), {n: np.array(v) for n, v in x["effects"].items()})
                for k, x in of.items()
            }

        dials = tuple(Dial(**{**d, "nodes": tuple(d["nodes"])}) for d in told["dials"])
        pairs = tuple(
            Pair(p["one"], p["other"], tuple(p["nodes_one"]), tuple(p["nodes_other"]))
            for p in told["pairs"]
        )
        return cls(
            dials,
            pairs,
            lines(told["children"]),
            lines(told["money"]),
            lines(told["demand"]),
            {k: np.array(v) for k, v in told["places"].items()},
        )

    def _paid(self, weight: Mapping[str, float], told: Settings) -> dict[str, Floats]:
        before = {k: line.at(weight) for k, line in self.money.items()}
        paid = dict(before)
        for dial in self.dials:
            if dial.price_of in before:
                dearer = before[dial.price_of] * told[dial.key] / 100
                paid[dial.price_of] = paid[dial.price_of] + dearer
                if "all" in paid:
                    paid["all"] = paid["all"] + dearer
        return paid


def plain_dials(dials: Sequence[Dial], pairs: Sequence[Pair]) -> dict[str, list[dict[str, Any]]]:
    """Return dials and pairs as plain lists, as a page holds them."""
    return {"dials": [asdict(d) for d in dials], "pairs": [asdict(p) for p in pairs]}


def _checked(dials: Sequence[Dial], settings: Settings) -> dict[str, float]:
    unknown = sorted(set(settings) - {d.key for d in dials})
    if unknown:
        raise ValueError(f"no dial is called {unknown[0]}")
    told = {d.key: float(settings.get(d.key, 0)) for d in dials}
    for d in dials:
        if not d.low <= told[d.key] <= d.high:
            raise ValueError(f"dial {d.key} goes from {d.low} to {d.high}")
    return told


def node(*at: tuple[str, int]) -> str:
    """Return the name of a node: its dials and where they stand."""
    words = [f"{key}_{'down' if n < 0 else 'up'}_{abs(n)}" for key, n in at]
    return "__".join(words)


def nodes_asked(
    dials: Sequence[Dial], pairs: Sequence[Pair]
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield every node's name and settings, those of single dials first."""
    for d in dials:
        yield from ((node((d.key, n)), {d.key: n}) for n in d.nodes)
    for p in pairs:
        for n, m in product(p.nodes_one, p.nodes_other):
            yield node((p.one, n), (p.other, m)), {p.one: n, p.other: m}


def weights(dials: Sequence[Dial], pairs: Sequence[Pair], settings: Settings) -> dict[str, float]:
    """Return how much each node weighs at a setting; nodes of no weight are left out."""
    found: dict[str, float] = {}
    for d in dials:
        for n, w in _through(d.nodes, settings[d.key]).items():
            found[node((d.key, n))] = w
    for p in pairs:
        one = _through(p.nodes_one, settings[p.one])
        other = _through(p.nodes_other, settings[p.other])
        for (n, w), (m, v) in product(one.items(), other.items()):
            found[node((p.one, n), (p.other, m))] = w * v
    return {k: w for k, w in found.items() if w}


def _through(nodes: Sequence[int], x: float) -> dict[int, float]:
    """Return Lagrange's weights of nodes at a point; the node at nought holds nothing."""
    every = (0, *nodes)
    found = {}
    for n in nodes:
        weight = 1.0
        for m in every:
            if m != n:
                weight *= (x - m) / (n - m)
        found[n] = weight
    return found
