"""A mean engine whose truth is a formula, and the page's form of it."""

from __future__ import annotations

import numpy as np

from needs.sufficiency.what_if.engine import Dial, Line, MeanEngine, Pair, nodes_asked, plain_dials

DIALS = (
    Dial("entries", "Entries", "per cent", -30, 30, 1, (-30, 30)),
    Dial("exits", "Exits", "per cent", -30, 30, 1, (-30, -15, 15, 30)),
    Dial("home", "A home", "places", 0, 12, 1, (12,), places_of="residential"),
    Dial("price", "Price", "per cent", -10, 25, price_of="foster"),
)
PAIRS = (
    Pair("entries", "exits", (-30, 30), (-30, 30)),
    Pair("home", "exits", (12,), (-30, 30)),
)
YEARS = np.arange(1.0, 6.0)


def truth(at):
    """Return a mean that the engine can follow: of degree two, four and one, and products."""
    e, x, h = (at.get(k, 0) / 30 for k in ("entries", "exits", "home"))
    alone = 40 * e + 6 * e**2 - 50 * x + 9 * x**2 - 3 * x**4 + 10 * h
    return 500 + YEARS * (alone + e * x * (8 + 2 * x - e) + h * x * (5 - x))


def learnt():
    """Return the engine that its nodes teach."""
    effects = {}
    alone = {}
    for key, at in nodes_asked(DIALS, PAIRS):
        change = truth(at) - truth({})
        if len(at) == 1:
            alone[next(iter(at.items()))] = change
        else:
            change = change - sum(alone[p] for p in at.items())
        effects[key] = change
    line = Line(truth({}), effects)
    foster = Line(truth({}) / 2, {k: v / 2 for k, v in effects.items()})
    places = {"residential": np.full(5, 480.0)}
    return MeanEngine(
        DIALS, PAIRS, {"all": line}, {"all": line, "foster": foster}, {"residential": line}, places
    )


def plain(engine):
    """Return an engine as a page holds it."""

    def lines(of):
        return {
            k: {"base": x.base.tolist(), "effects": {n: v.tolist() for n, v in x.effects.items()}}
            for k, x in of.items()
        }

    return {
        **plain_dials(engine.dials, engine.pairs),
        "children": lines(engine.children),
        "money": lines(engine.money),
        "demand": lines(engine.demand),
        "places": {k: v.tolist() for k, v in engine.places.items()},
        "labels": {"all": "All", "foster": "Foster placements", "residential": "Homes"},
        "days": [f"31 Mar {y}" for y in range(2024, 2029)],
        "years": [f"{y}-{y - 1999}" for y in range(2023, 2028)],
        "levers": {},
        "key": "a test",
    }
