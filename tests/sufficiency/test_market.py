"""The market: shares of routes, how few providers, and who is registered."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_report import sparse_study

from needs.assurance.disclosure import protect
from needs.inputs.registry import open_data
from needs.sufficiency.market import chapter40, results_bought
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

SHARED = Path(os.environ.get("NEEDS_SHARED", Path(__file__).parents[3] / "shared")) / "data"

LIST = """\
URN,Provision type,Registration status,Sector,Places,Short-break-only children's home,\
Local authority,Registration date,Overall experiences and progress of children and young people
1000001,Children's home,Active,Private,4,,Anyshire,01/01/2020,Good
1000002,Children's home,Active,Local Authority,6,,Anyshire,01/01/2020,Outstanding
1000003,Children's home,Active,Private,3,Yes,Anyshire,01/01/2020,Good
1000004,Children's home,Resigned,Private,9,,Anyshire,01/01/2020,Good
1000005,Children's home,Active,Voluntary,5,,Elsewhere,01/01/2020,
1000006,Independent fostering agency,Active,Private,,,Anyshire,01/01/2020,Good
1000007,Residential special school (registered as a children's home),Active,Private,12,,Anyshire,\
01/01/2020,Good
1000008,Boarding School,Active,Private,120,,Anyshire,01/01/2020,
"""
STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ofsted = ["list.csv"]
"""


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "study.toml").write_text(STUDY)
    return open_data(load_study(tmp_path))


def cells(result, measure):
    t = result.table[result.table["measure"] == measure]
    return dict(zip(zip(t["group"], t["by"], strict=True), t["value"], strict=True))


def test_homes_that_are_open_for_more_than_short_breaks_are_counted_where_they_lie(listed):
    found = chapter40.registered(listed)
    assert cells(found, "homes_n") == {
        ("all", "here"): 2, ("all", "around"): 1, ("local_authority", "here"): 1,
        ("private", "here"): 1, ("voluntary", "around"): 1,
    }  # fmt: skip
    assert cells(found, "places_n")["all", "here"] == 10
    rated = chapter40.registered_ratings(listed)
    words = {rated.labels[g]: n for (g, b), n in cells(rated, "homes_n").items() if b == "here"}
    assert words == {"Outstanding": 1, "Good": 1}


def test_schools_registered_as_homes_are_told_apart_and_boarding_schools_left_out(listed):
    found = cells(chapter40.registered_kinds(listed), "places_n")
    assert found == {
        ("home", "here"): 10, ("home", "around"): 5, ("school", "here"): 12,
        ("all", "here"): 22, ("all", "around"): 5,
    }  # fmt: skip
    assert "Elsewhere" in chapter40.registered(listed).notes[-1]


def test_a_list_without_a_date_counts_no_home_twice(tmp_path):
    dated = "Providers and places as at 31 March 2023\n" + LIST
    (tmp_path / "list.csv").write_text(dated)
    (tmp_path / "old.csv").write_text(LIST.replace(",Private,4,", ",Private,3,"))
    (tmp_path / "study.toml").write_text(STUDY.replace('"list.csv"', '"list.csv", "old.csv"'))
    found = chapter40.registered(open_data(load_study(tmp_path)))
    assert cells(found, "places_n")["all", "here"] == 10
    assert [c.status for c in found.checks] == ["review"]


def test_the_county_has_the_external_homes_that_its_own_research_counted(tmp_path):
    """Document 004, paragraph 46: 16 external homes with 96 beds; paragraph 45: 3 own with 18.

    Ofsted's list has the same homes and own places, and five places fewer outside.
    """
    path = SHARED / "tidy" / "ofsted_providers_31mar2023.csv"
    if not path.exists():
        pytest.skip("official files are not there: ../shared/data")
    (tmp_path / "list.csv").write_bytes(path.read_bytes())
    (tmp_path / "study.toml").write_text(STUDY.replace("Anyshire", "Oxfordshire"))
    found = chapter40.registered(open_data(load_study(tmp_path)))
    homes, places = cells(found, "homes_n"), cells(found, "places_n")
    own = ("local_authority", "here")
    assert (homes[own], places[own]) == (3, 18)
    assert homes["all", "here"] - homes[own] == 16
    assert places["all", "here"] - places[own] == 96 - 5


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return open_data(
        load_study(
            sparse_study(tmp_path_factory.mktemp("market") / "m", entries=150, first="2021-22")
        )
    )


def test_shares_of_what_is_bought_outside_add_up_to_all_of_it(data):
    t = chapter40.routes_shared(data).table
    for measure in ("outside_pct", "money_pct"):
        some = t[(t["measure"] == measure) & (t["marker"] == "")]
        assert len(some)
        assert some.groupby(["group", "period"])["value"].sum().to_numpy() == pytest.approx(100)


def test_what_the_prices_by_route_hide_is_hidden_with_its_shares(data):
    safe = protect(chapter40.routes_shared(data), data.study.disclosure).table
    wide = safe[safe["by"] != ""].set_index(["group", "by", "period", "measure"])["marker"]
    marks = wide.unstack("measure")  # noqa: PD010 - markers are no numbers to aggregate
    hidden = marks[marks["children_n"] == "c"]
    assert len(hidden)
    assert (hidden[["share_pct", "outside_pct"]] == "c").all(axis=None)
    # Of a type with a hidden route no share outside is told: the rest would give it back.
    types = hidden.reset_index()[["group", "period"]].apply(tuple, axis=1)
    same = marks.reset_index()[["group", "period"]].apply(tuple, axis=1).isin(set(types))
    assert (marks["outside_pct"][same.to_numpy()] == "c").all()


@settings(deadline=None, max_examples=40)
@given(st.integers(5, 40))
def test_as_many_providers_of_one_size_are_as_many_as_they_are(n):
    wide = of_providers([[10.0] * 5] * n)
    assert wide["effective_n"].iloc[0] == pytest.approx(n)
    assert wide["largest_pct"].iloc[0] == pytest.approx(100 / n)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(1, 1000), min_size=6, max_size=12))
def test_a_merger_never_makes_more_providers(nights):
    merged = [nights[0] + nights[1], *nights[2:], 1e-9]
    before, after = (
        of_providers([[n / 5] * 5 for n in x])["effective_n"].iloc[0] for x in (nights, merged)
    )
    assert after <= before + 1e-6
    assert before <= len(nights) + 1e-9


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.floats(1, 365), min_size=1, max_size=9), min_size=1, max_size=9),
    st.data(),
)
def test_no_share_is_told_of_few_children_whoever_they_share(sizes, data):
    """An attacker knows who the largest are: of whom do the printed shares then tell?"""
    shared = data.draw(st.lists(st.integers(0, 20), max_size=8))
    rows = nights_of(sizes)
    rows["child"] = [f"c{k % 7}" if i in shared else c for i, (k, c) in
                     enumerate(zip(range(len(rows)), rows["child"], strict=True))]  # fmt: skip
    rows = rows.groupby(["type", "period", "provider", "child"])["nights"].sum().reset_index()
    told = results_bought.concentrated(rows, 5)
    if told.empty:
        return
    told = told.iloc[0]
    size = rows.groupby("provider")["nights"].sum().reset_index()
    first = size.sort_values(["nights", "provider"], ascending=[False, True])["provider"].tolist()
    sets = {
        "largest": set(first[:1]) if told["largest_pct"] >= 0 else None,
        "three": set(first[:3]) if told["three_pct"] >= 0 else None,
    }
    if None not in sets.values():
        sets["between"] = sets["three"] - sets["largest"]
    for some in filter(None, sets.values()):
        mine = set(rows.loc[rows["provider"].isin(some), "child"])
        assert len(mine) >= 5
        assert len(set(rows["child"]) - mine) >= 5


def nights_of(sizes):
    """Return nights of providers whose children each have so many."""
    rows = [(f"p{i:02d}", f"c{i}-{j}", n) for i, p in enumerate(sizes) for j, n in enumerate(p)]
    frame = pd.DataFrame(rows, columns=["provider", "child", "nights"])
    return frame.assign(type="ifa", period="2022-23")


def of_providers(sizes):
    found = results_bought.concentrated(nights_of(sizes), 5)
    assert np.isfinite(found["effective_n"]).all()
    return found


def test_places_here_are_set_beside_every_child_who_lives_in_a_home(data):
    """And hidden where the children of chapter 20 are."""
    result = chapter40.beds_here(data)
    value = result.table.set_index("measure")["value"]
    listed = data.ofsted.frame
    assert value["places_n"] == listed.loc[listed["authority"] == "Oxfordshire", "places"].sum() > 0
    assert value["meets_pct"] == pytest.approx(100 * value["places_n"] / value["children_n"])
    (share,) = [i for i in result.leans_on if ".meets_pct." in i]
    assert any(i.startswith("cla_placement_mix.children_n.") for i in result.leans_on[share])


def test_cost_lines_under_contract_without_a_contract_are_said(data):
    (check,) = chapter40.routes_shared(data).checks
    assert check.status in {"pass", "review"}
    known = set(data.contracts.frame["provider"].astype(str))
    lines = data.costs.frame
    block = lines[lines["route"].astype(str).isin(["block", "cross_regional"])]
    lacking = set(block["provider"].astype(str)) - known - {"", "nan"}
    assert (check.status == "review") == bool(lacking)
