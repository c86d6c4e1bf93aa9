"""A change in spending is parted to the penny, and the parts are worked by hand once."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest

from needs.costs.decompose import Year, decompose
from needs.vocabulary.errors import ModelError

LEVELS = ("type", "route")


def cells(rows):
    return pd.DataFrame(rows, columns=["type", "route", "nights", "gbp"])


@pytest.mark.unit
def test_price_alone_and_numbers_alone():
    before = Year(cells([("ifa", "spot", 100, 1000.0)]), 10)
    dearer = Year(cells([("ifa", "spot", 100, 1200.0)]), 10)
    more = Year(cells([("ifa", "spot", 200, 2000.0)]), 20)
    longer = Year(cells([("ifa", "spot", 200, 2000.0)]), 10)
    for after, cause, pence in (
        (dearer, "price", 20_000),
        (more, "children", 100_000),
        (longer, "stay", 100_000),
    ):
        found = decompose(before, after, LEVELS).loc["ifa"]
        assert found[cause] == pence and found.drop(cause).eq(0).all()


@pytest.mark.unit
def test_two_causes_at_once_share_what_they_do_together():
    # 10 children become 20 and the price goes from £10 to £12: 1,000 + 200 + 200 together,
    # of which each has half.
    before = Year(cells([("ifa", "spot", 100, 1000.0)]), 10)
    after = Year(cells([("ifa", "spot", 200, 2400.0)]), 20)
    found = decompose(before, after, LEVELS).loc["ifa"]
    assert found["children"] == 110_000 and found["price"] == 30_000


@pytest.mark.unit
def test_inflation_and_price_are_told_apart():
    # General prices rise by a tenth, and so does the price of a night: nothing is dearer.
    before = Year(cells([("ifa", "spot", 100, 1000.0)]), 10, 1.0)
    after = Year(cells([("ifa", "spot", 100, 1100.0)]), 10, 1.1)
    found = decompose(before, after, LEVELS).loc["ifa"]
    assert found["inflation"] == 10_000 and found.drop("inflation").eq(0).all()


@pytest.mark.unit
def test_a_type_that_is_new_changes_the_mix_and_no_price():
    before = Year(cells([("ifa", "spot", 100, 1000.0)]), 10)
    after = Year(cells([("ifa", "spot", 50, 500.0), ("home", "block", 50, 5000.0)]), 10)
    found = decompose(before, after, LEVELS)
    assert found["type"].sum() == 450_000
    assert found.drop(columns="type").to_numpy().any() == 0


@pytest.mark.unit
def test_money_of_no_night_is_a_cause_of_its_own():
    before = Year(cells([("ifa", "spot", 100, 1000.0)]), 10)
    after = Year(cells([("ifa", "spot", 100, 1000.0), ("ifa", "retainer", 0, 75.5)]), 10)
    found = decompose(before, after, LEVELS).loc["ifa"]
    assert found["without_nights"] == 7_550 and found.drop("without_nights").eq(0).all()


@pytest.mark.unit
@pytest.mark.parametrize(
    "year",
    [
        Year(cells([("ifa", "spot", 100, 1000.0)]), 0),
        Year(cells([("ifa", "spot", 0, 1000.0)]), 3),
        Year(cells([("ifa", "spot", -1, 1000.0)]), 3),
        Year(cells([("ifa", "spot", 1, 1000.0)]), 3, 0.0),
    ],
)
def test_a_year_that_cannot_be_is_refused(year):
    with pytest.raises(ModelError):
        decompose(year, year, LEVELS)


WITH_NEEDS = ("type", "route", "provider", "needs")
INSIDE = {"provider": "route"}


def random_year(rng, types="abcd", routes="xy", providers="pq", needs="mn"):
    """Return a year of random cells: some have no night, some are of one year only."""
    rows = [
        (*key, int(rng.integers(0, 4000)), round(float(rng.gamma(1, 3e5)), 2))
        for key in product(types, routes, providers, needs)
        if rng.random() < 0.5
    ]
    rows = [(*k, n * (rng.random() > 0.15), g) for *k, n, g in rows]
    found = pd.DataFrame(
        rows or [("a", "x", "p", "m", 9, 9.0)], columns=[*WITH_NEEDS, "nights", "gbp"]
    )
    children = int(rng.integers(1, 500)) if found["nights"].sum() else 0
    return Year(found, children, float(rng.uniform(0.8, 1.3)))


def by_orders(before, after):
    """Return the causes of the whole change as means over every order, for plain numbers."""
    total = np.zeros(len(before))
    orders = list(permutations(range(len(before))))
    for order in orders:
        now = list(before)
        for f in order:
            old = np.prod(now)
            now[f] = after[f]
            total[f] += np.prod(now) - old
    return total / len(orders)


@pytest.mark.reference
def test_parts_are_means_over_every_order_of_change():
    # One cell, so that shares are one: children, nights of each, price, price level.
    before = Year(cells([("ifa", "spot", 900, 9000.0)]), 30, 1.0)
    after = Year(cells([("ifa", "spot", 1600, 19200.0)]), 40, 1.2)
    found = decompose(before, after, LEVELS).loc["ifa"]
    wanted = by_orders([30, 30, 10, 1.0], [40, 40, 10, 1.2])
    got = found[["children", "stay", "price", "inflation"]].to_numpy() / 100
    assert np.allclose(got, wanted, atol=0.01)


@pytest.mark.reference
def test_two_mixes_within_a_type_share_what_their_order_would_decide():
    """Routes first or needs first, worked by hand, and the mean of both.

    Ten children for 100 nights each at the same prices: spot with needs costs 30 a night,
    spot without 20, block 10. Block with needs goes from 500 nights to none, for spot with needs.
    """
    names = ["type", "route", "needs", "nights", "gbp"]
    rows = [("ifa", "block", "none", 500, 5000.0), ("ifa", "block", "many", 500, 5000.0)]
    spot = [("ifa", "block", "none", 500, 5000.0), ("ifa", "spot", "many", 500, 15000.0)]
    before, after = (Year(pd.DataFrame(r, columns=names), 10) for r in (rows, spot))
    # Routes first: half goes from block to spot; needs within block go to "none", which costs the
    # same. Needs first: half has needs as before, so that the route alone has changed.
    for levels in (("type", "route", "needs"), ("type", "needs", "route")):
        found = decompose(before, after, levels).loc["ifa"]
        assert found["route"] + found["needs"] == 1_000_000
        assert found["route"] > found["needs"]
    one, other = (
        decompose(before, after, levels, {levels[2]: levels[1]})
        for levels in (("type", "route", "needs"), ("type", "needs", "route"))
    )
    mean = (one + other[one.columns]) / 2
    assert (decompose(before, after, ("type", "route", "needs")) - mean).abs().to_numpy().max() <= 1
    assert other.loc["ifa", "needs"] == 0


def spent_on(year, index):
    pence = (year.cells.groupby("type")["gbp"].sum() * 100).round()
    return pence.reindex(index, fill_value=0)


@pytest.mark.property
def test_a_thousand_changes_add_up_to_the_penny_at_total_and_by_type(long_form, claims):
    rng = np.random.default_rng(11)
    pairs, off = 1000 if long_form else 60, 0
    for _ in range(pairs):
        before, after = random_year(rng), random_year(rng)
        found = decompose(before, after, WITH_NEEDS, INSIDE)
        change = spent_on(after, found.index) - spent_on(before, found.index)
        off += int((found.sum(axis=1) != change).sum())
        assert found.to_numpy().sum() == change.sum()
    words = "Random changes that add up to the penny at total and by type"
    assert claims.held(words, f"{pairs - off} of {pairs}", "all", off == 0)


@pytest.mark.property
def test_nothing_changed_is_nought_and_names_do_not_matter():
    rng = np.random.default_rng(12)
    for _ in range(20):
        before, after = random_year(rng), random_year(rng)
        assert not decompose(before, before, WITH_NEEDS, INSIDE).to_numpy().any()
        found = decompose(before, after, WITH_NEEDS, INSIDE)
        names = dict(zip("abcdxypqmn", "zyxwvutsrk", strict=True))
        renamed = [
            Year(
                y.cells.assign(**{n: y.cells[n].map(names) for n in WITH_NEEDS}).sample(
                    frac=1, random_state=1
                ),
                y.children,
                y.price_level,
            )
            for y in (before, after)
        ]
        again = decompose(*renamed, WITH_NEEDS, INSIDE)
        assert (again.loc[[names[i] for i in found.index]].to_numpy() == found.to_numpy()).all()


@pytest.mark.property
def test_years_the_other_way_round_are_the_negative_and_levels_may_stand_in_any_order():
    rng = np.random.default_rng(13)
    for _ in range(20):
        before, after = random_year(rng), random_year(rng)
        found = decompose(before, after, WITH_NEEDS, INSIDE)
        assert (decompose(after, before, WITH_NEEDS, INSIDE) == -found).all(axis=None)
        turned = decompose(before, after, ("type", "needs", "provider", "route"), INSIDE)
        assert (turned[found.columns] == found).all(axis=None)


@pytest.mark.property
def test_a_level_that_tells_nothing_apart_changes_no_other_cause():
    rng = np.random.default_rng(14)
    for _ in range(20):
        before, after = (
            replace(y, cells=y.cells.assign(one="same"))
            for y in (random_year(rng), random_year(rng))
        )
        found = decompose(before, after, ("type", "route", "one"))
        assert not found["one"].any()
        plain = decompose(before, after, ("type", "route"))
        assert (found[plain.columns] - plain).abs().to_numpy().max() <= 1
