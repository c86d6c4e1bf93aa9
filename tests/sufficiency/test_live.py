"""The simulation of homes and children: Erlang's losses, and what more places or children do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs.sufficiency.capacity.fit import MOST_KINDS, merged, shortfall
from needs.sufficiency.capacity.live import Comers, Homes, live

STAYS = {
    "exponential": lambda kind, rng: rng.exponential(2.0, len(kind)),
    "all alike": lambda kind, rng: np.full(len(kind), 2.0),
    "short or long": lambda kind, rng: rng.choice([0.5, 8.0], len(kind), p=[0.8, 0.2]),
}
"""Distributions of one mean, two months, with a spread from none to twice the mean."""


def erlang(places, load):
    """Return the share lost (Erlang 1917), by the recursion that starts with no places."""
    lost = 1.0
    for n in range(1, places + 1):
        lost = load * lost / (n + load * lost)
    return lost


def alike(places):
    return Homes(np.ones(places, dtype=int), np.ones((1, places), dtype=bool))


def lost_share(homes, rate, stay, seed=5, draws=60, months=160, warm=60):
    """Return the share of those who came after a while and found no home, and its error."""
    found = live(
        homes, Comers(np.full((months, 1), rate), stay), months, draws, np.random.default_rng(seed)
    )
    lost, asked = (x[:, warm:].sum(axis=(1, 2)) for x in (found.lost, found.asked))
    share = lost.sum() / asked.sum()
    return share, (lost - share * asked).std(ddof=1) / np.sqrt(draws) / asked.mean()


@pytest.mark.reference
def test_the_formula_is_the_one_that_others_print():
    """15 lines at one call in a hundred blocked: 8.108 erlangs.

    Westbay Engineers, Erlang B calculator manual, "How much traffic?" (erlang.com).
    """
    assert erlang(15, 8.108) == pytest.approx(0.01, abs=5e-6)


@pytest.mark.reference
@pytest.mark.parametrize("stay", STAYS.values(), ids=STAYS)
@pytest.mark.parametrize(("places", "load"), [(15, 8.108), (3, 2.0), (40, 36.0)])
def test_losses_are_erlangs_whatever_the_stays(places, load, stay, long_form, claims):
    """Identical homes, Poisson arrivals: only the mean of the stays matters."""
    draws = 1500 if long_form else 60
    share, error = lost_share(alike(places), load / 2, stay, draws=draws)
    expected = erlang(places, load)
    off = (share - expected) / error
    claims.held(
        f"share lost, {places} homes, {load} erlangs",
        f"{share:.4f} ({off:+.1f} errors off)",
        f"{expected:.4f}",
        abs(off) < 4,
    )
    assert abs(off) < 4


@pytest.mark.unit
def test_one_household_of_three_places_is_three_homes_of_one():
    one = live(
        Homes(np.array([3]), np.ones((1, 1), bool)),
        Comers(np.full((40, 1), 2.0), STAYS["exponential"]),
        40,
        30,
        np.random.default_rng(1),
    )
    three = live(
        alike(3),
        Comers(np.full((40, 1), 2.0), STAYS["exponential"]),
        40,
        30,
        np.random.default_rng(1),
    )
    assert (one.lost == three.lost).all() and (one.occupied == three.occupied).all()


@pytest.mark.unit
def test_siblings_need_one_home_and_nobody_lives_where_it_does_not_fit():
    """Two homes of one place take no pair; one home of girls takes no boys."""
    accepts = np.array([[True, True, False], [False, False, True]])
    homes = Homes(np.array([1, 1, 2]), accepts)
    comers = Comers(np.full((30, 2), 1.5), STAYS["exponential"], np.array([2, 1]))
    found = live(homes, comers, 30, 20, np.random.default_rng(2))
    assert (found.lost[:, :, 0] == found.asked[:, :, 0]).all()
    assert 0 < found.lost[:, :, 1].sum() < found.asked[:, :, 1].sum()
    inside = (found.present - found.elsewhere).sum(axis=2)
    assert (inside == found.occupied).all() and found.occupied.max() == 2


@pytest.mark.unit
def test_a_month_in_which_nothing_happens_passes():
    comers = Comers(np.zeros((3, 1)), STAYS["exponential"])
    found = live(alike(2), comers, 3, 2, np.random.default_rng(1))
    assert not found.present.any() and not found.occupied.any()


@pytest.mark.unit
def test_homes_take_children_only_while_they_are_open():
    homes = Homes(np.array([50]), np.ones((1, 1), bool), np.array([5]), np.array([10]))
    comers = Comers(np.full((20, 1), 1.0), STAYS["all alike"], there=np.zeros(4, np.int64))
    found = live(homes, comers, 20, 50, np.random.default_rng(3))
    assert (found.lost == found.asked)[:, [*range(5), *range(10, 20)]].all()
    assert not found.lost[:, 5:10].any()
    assert (found.elsewhere[:, 0].min() >= 4) and not found.occupied[:, 12:].any()


@pytest.mark.property
@settings(max_examples=12, deadline=None)
@given(
    places=st.integers(0, 8),
    rate=st.floats(0.1, 6),
    stay=st.sampled_from(list(STAYS)),
    seed=st.integers(0, 99),
)
def test_a_further_home_of_the_kind_loses_nobody_more_in_any_draw(places, rate, stay, seed):
    """The same children, by the same seed; everybody who was placed still is."""
    comers = Comers(np.full((24, 1), rate), STAYS[stay])
    fewer, more = (
        live(alike(n), comers, 24, 20, np.random.default_rng(seed)) for n in (places, places + 1)
    )
    assert (more.present == fewer.present).all()
    assert (more.lost <= fewer.lost).all()


KINDS, SITES = 4, 5
COUNTS = arrays(np.int64, (7, KINDS), elements=st.integers(0, 9))
STOCK = arrays(np.int64, SITES, elements=st.integers(0, 9))
FITS = arrays(np.bool_, (KINDS, SITES))


@pytest.mark.property
@settings(deadline=None)
@given(children=COUNTS, places=STOCK, accepts=FITS, at=st.integers(0, 3), n=st.integers(1, 5))
def test_more_places_never_raise_a_shortfall_and_more_children_never_lower_it(
    children, places, accepts, at, n
):
    now = shortfall(children, places, accepts)
    built, came = places.copy(), children.copy()
    built[at] += n
    came[:, at] += n
    fewer, more = shortfall(children, built, accepts), shortfall(came, places, accepts)
    assert ((fewer <= now) & (fewer >= now - n)).all()
    assert ((more >= now) & (more <= now + n)).all()


@pytest.mark.property
@settings(deadline=None, max_examples=25)
@given(children=COUNTS, places=STOCK, accepts=FITS)
def test_a_shortfall_is_what_the_best_matching_leaves_over(children, places, accepts):
    """The maximum matching of scipy (Hopcroft and Karp 1973), child by child and place by place."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    for row, found in zip(children, shortfall(children, places, accepts), strict=True):
        who, where = np.repeat(np.arange(KINDS), row), np.repeat(np.arange(SITES), places)
        edges = accepts[np.ix_(who, where)].astype(np.int8)
        matched = 0
        if edges.size:
            matched = int((maximum_bipartite_matching(csr_array(edges)) >= 0).sum())
        assert found == len(who) - matched


@pytest.mark.unit
def test_kinds_that_fit_alike_are_one_and_the_rarest_are_taken_to_fit_everywhere():
    accepts = np.array([[1, 0], [0, 1], [1, 0]], bool)
    assert merged(accepts, np.array([1.0, 5.0, 1.0])).tolist() == [1, 0, 1]
    many = np.arange(1, 13)[:, None] >> np.arange(4) & 1
    codes = merged(many.astype(bool), np.arange(12.0))
    assert codes.max() == MOST_KINDS - 2 and (codes[:3] == -1).all()
    with pytest.raises(ValueError, match="told apart"):
        shortfall(np.zeros(MOST_KINDS + 1), np.zeros(1), np.ones((MOST_KINDS + 1, 1), bool))
