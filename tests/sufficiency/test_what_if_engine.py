"""The mean engine by itself: exact where it must be, and plain about what it cannot be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from what_if_model import DIALS, learnt, plain, truth

from needs.sufficiency.what_if.engine import MeanEngine

pytestmark = pytest.mark.property

ENGINE = learnt()
settings = st.fixed_dictionaries(
    {d.key: st.integers(d.low, d.high) for d in DIALS},
)


@hypothesis_settings(deadline=None)
@given(settings)
def test_between_its_nodes_it_follows_what_its_order_can(at):
    found = ENGINE.ask(at)
    assert found.children["all"] == pytest.approx(truth(at), rel=1e-9)
    assert found.gap["residential"] == pytest.approx(480 + at["home"] - truth(at), abs=1e-6)


@hypothesis_settings(deadline=None)
@given(settings)
def test_a_dearer_part_makes_the_whole_dearer_by_as_much(at):
    without, with_it = ENGINE.ask({**at, "price": 0}), ENGINE.ask(at)
    grown = with_it.money["foster"] - without.money["foster"]
    assert grown == pytest.approx(truth(at) / 2 * at["price"] / 100, rel=1e-9, abs=1e-9)
    assert with_it.money["all"] - without.money["all"] == pytest.approx(grown)


def test_at_rest_it_says_the_baseline_to_the_last_bit():
    assert (ENGINE.ask({}).children["all"] == truth({})).all()


def test_what_a_page_holds_answers_alike():
    at = {"entries": -7, "exits": 11, "home": 5, "price": 9}
    one, other = ENGINE.ask(at), MeanEngine.from_plain(plain(ENGINE)).ask(at)
    assert (one.money["all"] == other.money["all"]).all()
    assert (one.gap["residential"] == other.gap["residential"]).all()


@pytest.mark.parametrize("at", [{"entries": 31}, {"home": -1}, {"entires": 1}])
def test_a_setting_beyond_a_dial_is_refused(at):
    with pytest.raises(ValueError, match="dial"):
        ENGINE.ask(at)
