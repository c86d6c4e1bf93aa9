"""A reader takes every table of a report together, and learns no hidden small count.

Which results there are is not written here: they are what the chapters' notebooks show. One
that counts children and is in no family fails, unless it is named below with a reason.
"""

from __future__ import annotations

import csv

import pytest
from peer_sample import ROOT, peer_study
from reader import second_starts
from whole_report import attack, counts_people, shown_by, sparse_study

from needs.assurance.disclosure import protect
from needs.assurance.release import release
from needs.inputs.registry import open_data
from needs.report.chapters import CHAPTERS
from needs.report.run import run
from needs.vocabulary.kin import STUDY
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.e2e

APART = {
    "capacity_places": "places, whoever lives in them or does not",
    "board_provision": "the same",
    "board_contracts": "beds of contracts, whoever lives in them or does not",
    "other_inputs": "rows of files that are about no child",
    "other_joins": "rows and pounds of the same",
    "ahead_flows": "means over many futures of a fitted model; rows of few are left out",
    "ahead_leavers": "the same, to the nearest five",
    "ahead_places": "the same, to the nearest five",
    "ahead_season": "smoothed by a regression over years of months; left out where few come",
    "annex_rules": "the study's settings",
    "annex_counting": "the study's settings",
    "invest_inputs": "the study's settings; its checks lean on the counts that they name",
    "invest_carer_inputs": "the same",
}
"""Results from records that are neither in the study's household nor follow it, and why."""


@pytest.fixture(scope="module")
def sparse(tmp_path_factory):
    """A study whose counts are nearly all small."""
    return open_data(
        load_study(
            sparse_study(tmp_path_factory.mktemp("sparse") / "sparse", entries=6, first="2020-21")
        )
    )


@pytest.fixture(scope="module")
def shown(sparse):
    return shown_by(sparse)


def test_whatever_counts_children_is_protected_with_the_rest(sparse, shown):
    household, *_ = STUDY.kin(sparse).make()
    alone = {
        name
        for name, (r, _) in shown.items()
        if not (r.published or r.typed or name in household or r.leans_on or r.mirrors)
        and len(r.table)
    }
    assert alone <= set(APART)
    assert not any(counts_people(shown[name][0]) for name in alone)


def test_all_chapters_that_show_counts_see_the_same_inputs(shown):
    """Or they would hide other cells of the same tables than each other."""
    numbers = {n for r, n in shown.values() if r.kin is not None or r.mirrors is not None}
    assert numbers >= {"10", "20", "50", "90"}
    first, *rest = (CHAPTERS[n] for n in sorted(numbers | {"25"}))
    common = set(first.inputs).intersection(*(set(s.inputs) for s in rest))
    needed = {name for name in sparse_inputs() if name not in {"projections", "ofsted"}}
    assert needed <= common
    assert {"quality", "assessment", "categories"} <= set(first.settings).intersection(
        *(set(s.settings) for s in rest)
    )


def sparse_inputs():
    study = load_study(ROOT / "analysis" / "oxfordshire-2022-23" / "study.toml")
    return {n for n, v in study.inputs if isinstance(v, tuple) and v}


def test_no_chapter_of_a_sparse_authority_tells_what_another_hides(sparse, shown, long_form):
    told, looked_at, printed = attack(sparse, shown, most=0 if long_form else 8)
    assert looked_at >= 8
    assert told == {}
    few = {i: n for i, n in second_starts(printed).items() if 1 <= abs(n) < 6}
    assert few == {}


def test_how_full_places_were_is_not_told_where_their_children_are_hidden(sparse, shown):
    """Bed-nights are no secret: with occupancy, voids or nights they give the children's back."""
    days = protect(shown["cla_placement_days"][0], sparse.study.disclosure).table
    few = days[(days["measure"] == "in_type_n") & (days["marker"] == "c")]
    hidden = set(few[["group", "period"]].itertuples(index=False, name=None))
    rows = release(*_of(sparse, shown, "capacity_occupancy")).rows
    told = [r for r in rows if (r.group, r.period) in hidden and r.measure != "open_nights"]
    assert told and all(r.marker == "c" for r in told)
    voids = release(*_of(sparse, shown, "capacity_voids")).rows
    own = {period for group, period in hidden if group == "in_house_home"}
    beside = [r for r in voids if r.period in own]
    assert beside and all(r.marker in {"c", "z"} for r in beside)
    stock = protect(shown["cla_placement_mix"][0], sparse.study.disclosure).table
    now = (stock["period"] == max(stock["period"])) & (stock["measure"] == "children_n")
    today = stock[now].set_index("group")["marker"]
    gaps = release(*_of(sparse, shown, "capacity_gap")).rows
    for group, node in (("residential", "all_residential"), ("supported", "supported")):
        if today.get(node) == "c":
            assert all(r.marker == "c" for r in gaps if r.group == group)


def _of(data, shown, name):
    result, chapter = shown[name]
    return result, data.study, chapter


def test_every_result_hides_the_same_in_every_chapter(sparse, shown):
    """What a follower repeats is hidden where its own count is."""
    stock = protect(shown["cla_stock"][0], sparse.study.disclosure).table
    total = protect(shown["ahead_total"][0], sparse.study.disclosure).table
    mine = stock[stock["measure"] == "children_n"].set_index("period")["marker"]
    theirs = total[total["measure"] == "children_n"].set_index("period")["marker"]
    assert theirs.to_dict() == mine[theirs.index].to_dict()


@pytest.mark.parametrize("seed", range(2, 6))
def test_no_sparse_authority_tells_what_it_hides(seed, long_form, tmp_path):
    if not long_form:
        pytest.skip("long form: make validate")
    path = sparse_study(tmp_path / "sparse", seed, entries=24, first="2018-19")
    data = open_data(load_study(path))
    told, looked_at, printed = attack(data, shown_by(data), most=300, seed=seed)
    print(f"seed {seed}: {looked_at} hidden small counts looked at, {len(told)} told")
    assert told == {}
    assert {i: n for i, n in second_starts(printed).items() if 1 <= abs(n) < 6} == {}


@pytest.mark.parametrize("name", ["peer", "oxfordshire-2022-23"])
def test_no_figure_of_a_finished_report_tells_what_another_hides(name, long_form, tmp_path):
    """The files of a report hold what was released, and no more: then it is attacked."""
    if not long_form:
        pytest.skip("long form: make validate")
    study = ROOT / "analysis" / name / "study.toml"
    if name == "peer":
        study = peer_study(tmp_path / "peer") / "study.toml"
    data = open_data(load_study(study))
    if not list(study.parent.glob("inputs/**/*.csv")):
        pytest.skip("the study's records are not written: needs synthesise")
    done = run(study.parent, out=tmp_path / "report", pdf=False)
    with (done.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as f:
        written = {r["id"]: r for r in csv.DictReader(f)}
    shown = shown_by(data)
    told, looked_at, printed = attack(data, shown, most=400)
    print(f"{name}: {looked_at} hidden small counts looked at, {len(told)} told")
    assert told == {}
    assert {i: n for i, n in second_starts(printed).items() if 1 <= abs(n) < 6} == {}
    hidden = {i for i, n in printed.items() if n is None}
    assert hidden and all(written[i]["marker"] == "c" and not written[i]["value"] for i in hidden)
