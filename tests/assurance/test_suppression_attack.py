"""No reader can work out a hidden count: the attack is written here from scratch."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from needs.assurance.disclosure import protect
from needs.assurance.intervals import feasible_intervals
from needs.vocabulary.results import Additive, Layout, Measure, Result, long_table
from needs.vocabulary.study import Disclosure

pytestmark = pytest.mark.property

CHILDREN = Measure("children_n", "Children", "children")
SHARE = Measure("share_pct", "Share", "percent", "all children", ("children_n",))
counts = st.one_of(st.integers(0, 7), st.integers(0, 60))


def result(rows, measures=(CHILDREN,), **more):
    return Result(
        name="stock",
        title="Children",
        subtitle="At the end of the year",
        table=long_table(pd.DataFrame(rows)),
        measures=measures,
        labels={},
        source="made up",
        layout=Layout(("group",), ("by",)),
        **more,
    )


def two_way(grid):
    """A table with both margins; row and column keys are r0, r1 … and c0, c1 …, and all."""
    grid = np.asarray(grid)
    full = np.pad(grid, ((0, 1), (0, 1)))
    full[-1, :-1], full[:-1, -1], full[-1, -1] = grid.sum(0), grid.sum(1), grid.sum()
    down = [*(f"r{i}" for i in range(grid.shape[0])), "all"]
    across = [*(f"c{i}" for i in range(grid.shape[1])), "all"]
    rows = [
        {"measure": "children_n", "group": g, "by": b, "value": full[i, j]}
        for (i, g), (j, b) in itertools.product(enumerate(down), enumerate(across))
    ]
    rules = (
        Additive("group", "all", tuple(down[:-1])),
        Additive("by", "all", tuple(across[:-1])),
    )
    return rows, rules, full


def equations(shape):
    """Row and column sums of a table with margins, as a matrix over its cells."""
    m, n = shape
    at = np.arange(m * n).reshape(m, n)
    lines = [*at, *at.T]
    out = np.zeros((len(lines), m * n))
    for k, line in enumerate(lines):
        out[k, line[:-1]], out[k, line[-1]] = 1, -1
    return out


def possible(values, hidden, small, threshold, cell):
    """Whole numbers that a hidden cell may hold, to a reader who knows which are small."""
    matrix = equations(values.shape)
    true = values.ravel().astype(float)
    low = np.where(hidden, 1.0, true)
    high = np.where(hidden, np.where(small, threshold - 1.0, true.sum() + 50), true)
    out = set()
    for value in range(1, threshold):
        lo, hi = low.copy(), high.copy()
        lo[cell] = hi[cell] = value
        answer = milp(
            np.zeros(len(true)),
            constraints=LinearConstraint(matrix, 0, 0),
            bounds=(lo, hi),
            integrality=np.ones(len(true)),
        )
        if answer.status == 0:
            out.add(value)
    return out


grids = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(counts, min_size=n, max_size=n), min_size=2, max_size=4)
)


@settings(max_examples=25, deadline=None)
@given(grids, st.sampled_from([3, 4, 6]))
def test_no_small_count_of_a_two_way_table_can_be_narrowed_down(grid, threshold):
    rows, rules, full = two_way(grid)
    safe = protect(result(rows, additive=rules), Disclosure(threshold=threshold)).table
    hidden = (safe["marker"] == "c").to_numpy()
    small = ((full > 0) & (full < threshold)).ravel()
    everything = full.ravel() != 0
    assert hidden[small].all()
    for cell in np.flatnonzero(small):
        found = possible(full, hidden, small, threshold, cell)
        if found != set(range(1, threshold)):  # then nothing more could have been hidden
            assert found == possible(full, everything, small, threshold, cell)


@settings(max_examples=30, deadline=None)
@given(st.lists(counts, min_size=2, max_size=7))
def test_the_attacker_learns_no_more_than_the_rule(parts):
    keys = tuple(f"g{i}" for i in range(len(parts)))
    rows = [
        {"measure": "children_n", "group": g, "value": v} for g, v in zip(keys, parts, strict=True)
    ]
    rows.append({"measure": "children_n", "group": "all", "value": sum(parts)})
    rules = (Additive("group", "all", keys),)
    made = protect(result(rows, additive=rules), Disclosure())
    small = made.table.index[made.table["why"] == "primary"]
    if 0 < sum(parts) < 6:
        return  # the total is small too: the reader knows no more than that
    weak = feasible_intervals(made.table, rules, 6)
    assert (weak.loc[small, "low"] <= 1).all()
    strong = feasible_intervals(made.table, rules, 6, small)
    assert (strong.loc[small, "low"] <= 1).all()
    assert (strong.loc[small, "high"] >= 5).all()


@settings(max_examples=12, deadline=None)
@given(grids)
def test_zeros_and_large_tables_are_left_alone(grid):
    grid = np.asarray(grid)
    rows, rules, full = two_way(grid)
    made = protect(result(rows, additive=rules), Disclosure()).table
    assert (made.loc[full.ravel() == 0, "value"] == 0).all()
    rows, rules, _ = two_way(np.where(grid > 0, grid + 6, 0))
    made = protect(result(rows, additive=rules), Disclosure()).table
    assert (made["why"] == "").all()


@settings(max_examples=8, deadline=None)
@given(grids)
def test_published_numbers_come_back_unchanged(grid):
    rows, rules, full = two_way(grid)
    made = protect(result(rows, additive=rules, published=True), Disclosure()).table
    assert made["value"].tolist() == full.ravel().astype(float).tolist()


@settings(max_examples=10, deadline=None)
@given(grids, st.randoms(use_true_random=False))
def test_the_order_of_rows_hides_as_many_cells(grid, random):
    rows, rules, _ = two_way(grid)
    key = ["group", "by"]
    first = protect(result(rows, additive=rules), Disclosure()).table.set_index(key)["why"]
    random.shuffle(rows)
    second = protect(result(rows, additive=rules), Disclosure()).table.set_index(key)["why"]
    assert (first == "primary").sum() == (second == "primary").sum()
    assert set(first[first == "primary"].index) == set(second[second == "primary"].index)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(counts, counts), min_size=2, max_size=5))
def test_net_change_and_its_parts_protect_one_another(flows):
    started = Measure("started_n", "Started", "children")
    ceased = Measure("ceased_n", "Ceased", "children")
    net = Measure("net_n", "Net change", "count")
    rows = [
        {"measure": m, "group": f"g{i}", "value": v}
        for i, (s, c) in enumerate(flows)
        for m, v in (("started_n", s), ("ceased_n", c), ("net_n", s - c))
    ]
    rule = Additive("measure", "net_n", ("started_n", "ceased_n"), (1, -1))
    made = protect(result(rows, (started, ceased, net), additive=(rule,)), Disclosure()).table
    shown = (made["marker"] != "c").groupby(made["group"]).sum()
    has_small = (made["why"] == "primary").groupby(made["group"]).any()
    assert (shown[has_small] <= 1).all()


def test_shares_go_with_their_counts_and_a_share_with_its_hidden_base():
    rows = []
    for g, n in {"a": 3, "b": 40, "c": 60, "all": 103}.items():
        rows.append({"measure": "children_n", "group": g, "value": n})
        rows.append({"measure": "share_pct", "group": g, "value": 100 * n / 103})
    rule = Additive("group", "all", ("a", "b", "c"))
    why = protect(result(rows, (CHILDREN, SHARE), additive=(rule,)), Disclosure()).table
    why = why.set_index(["measure", "group"])["why"]
    assert dict(why["children_n"]) == {"a": "primary", "b": "secondary", "c": "", "all": ""}
    assert dict(why["share_pct"]) == {"a": "linked", "b": "linked", "c": "", "all": ""}


def test_a_share_that_does_not_say_what_it_rests_on_is_hidden_with_the_count_beside_it():
    vague = Measure("share_pct", "Share", "percent", "all children")
    rows = [
        {"measure": "children_n", "group": "a", "value": 3},
        {"measure": "share_pct", "group": "a", "value": 10},
    ]
    assert protect(result(rows, (CHILDREN, vague)), Disclosure()).table["marker"].eq("c").all()


@pytest.mark.parametrize(("part", "hidden"), [(98, True), (90, False), (100, False)])
def test_a_group_whose_complement_is_small_is_hidden(part, hidden):
    rows = [
        {"measure": "children_n", "group": "all", "value": 100},
        {"measure": "children_n", "group": "uasc", "value": part},
    ]
    made = protect(result(rows), Disclosure()).table.set_index("group")["marker"]
    assert (made["uasc"] == "c") is hidden
    assert made["all"] == ""


def test_parts_that_make_up_the_whole_are_related_even_if_nobody_says_so():
    rows = [
        {"measure": "children_n", "group": g, "period": p, "value": v}
        for p, values in {"2021-22": (4, 50, 54), "2022-23": (9, 50, 59)}.items()
        for g, v in zip(("f", "m", "all"), values, strict=True)
    ]
    made = protect(result(rows), Disclosure()).table.set_index(["period", "group"])["why"]
    assert dict(made["2021-22"]) == {"f": "primary", "m": "secondary", "all": ""}
    assert not made["2022-23"].any()


def test_a_change_between_years_does_not_give_a_hidden_year_away():
    rows = [
        {"measure": "children_n", "group": "a", "period": p, "value": v}
        for p, v in {"2021-22": 3, "2022-23": 20, "change": 17}.items()
    ]
    rule = Additive("period", "2022-23", ("2021-22", "change"))
    made = protect(result(rows, additive=(rule,)), Disclosure()).table
    assert (made["marker"] == "c").sum() == 2


def test_bounds_of_a_hidden_forecast_go_with_it():
    rows = [{"measure": "children_n", "group": "a", "value": 3.2, "lower_80": 1, "upper_80": 9}]
    made = protect(result(rows), Disclosure()).table
    assert made[["value", "lower_80", "upper_80"]].isna().all(axis=None)


def test_secondary_suppression_can_be_switched_off_and_the_summary_says_so():
    rows, rules, _ = two_way([[3, 20], [20, 20]])
    on = protect(result(rows, additive=rules), Disclosure()).summary
    off = protect(result(rows, additive=rules), Disclosure(secondary=False)).summary
    assert on["primary"] == off["primary"] == 1
    assert on["secondary"] == 3
    assert off["secondary"] == 0
    assert "worked out" in on["rule"]
    assert "worked out" not in off["rule"]


def test_a_sum_that_does_not_add_up_is_counted():
    rows = [
        {"measure": "children_n", "group": g, "value": v}
        for g, v in zip("abz", (10, 20, 31), strict=True)
    ]
    rule = Additive("group", "z", ("a", "b"))
    assert protect(result(rows, additive=(rule,)), Disclosure()).summary["inexact"] == 1
