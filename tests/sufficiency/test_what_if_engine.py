"""The mean engine by itself: exact where it must be, and plain about what it cannot be asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.sufficiency.what_if.engine import Dial, Line, MeanEngine, Pair, nodes_asked, plain_dials

pytestmark = pytest.mark.property

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
    """A mean that the engine can follow: of degree two, four and one, and products of them."""
    e, x, h = (at.get(k, 0) / 30 for k in ("entries", "exits", "home"))
    alone = 40 * e + 6 * e**2 - 50 * x + 9 * x**2 - 3 * x**4 + 10 * h
    return 500 + YEARS * (alone + e * x * (8 + 2 * x - e) + h * x * (5 - x))


def learnt():
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


ENGINE = learnt()
settings = st.fixed_dictionaries(
    {d.key: st.integers(d.low, d.high) for d in DIALS},
)


@given(settings)
def test_between_its_nodes_it_follows_what_its_order_can(at):
    found = ENGINE.ask(at)
    assert found.children["all"] == pytest.approx(truth(at), rel=1e-9)
    assert found.gap["residential"] == pytest.approx(480 + at["home"] - truth(at), abs=1e-6)


@given(settings)
def test_a_dearer_part_makes_the_whole_dearer_by_as_much(at):
    without, with_it = ENGINE.ask({**at, "price": 0}), ENGINE.ask(at)
    grown = with_it.money["foster"] - without.money["foster"]
    assert grown == pytest.approx(truth(at) / 2 * at["price"] / 100, rel=1e-9, abs=1e-9)
    assert with_it.money["all"] - without.money["all"] == pytest.approx(grown)


def test_at_rest_it_says_the_baseline_to_the_last_bit():
    assert (ENGINE.ask({}).children["all"] == truth({})).all()


def test_what_a_page_holds_answers_alike():
    def lines(of):
        return {
            k: {"base": x.base.tolist(), "effects": {n: v.tolist() for n, v in x.effects.items()}}
            for k, x in of.items()
        }

    plain = {
        **plain_dials(DIALS, PAIRS),
        "children": lines(ENGINE.children),
        "money": lines(ENGINE.money),
        "demand": lines(ENGINE.demand),
        "places": {"residential": [480.0] * 5},
    }
    at = {"entries": -7, "exits": 11, "home": 5, "price": 9}
    one, other = ENGINE.ask(at), MeanEngine.from_plain(plain).ask(at)
    assert (one.money["all"] == other.money["all"]).all()
    assert (one.gap["residential"] == other.gap["residential"]).all()


@pytest.mark.parametrize("at", [{"entries": 31}, {"home": -1}, {"entires": 1}])
def test_a_setting_beyond_a_dial_is_refused(at):
    with pytest.raises(ValueError, match="dial"):
        ENGINE.ask(at)
