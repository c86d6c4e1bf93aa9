"""From needs to homes, and early signals: counts that agree, and what cannot be told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from peer_sample import ROOT

from needs.assurance.disclosure import protect
from needs.assurance.release import release
from needs.care import chapter20_services
from needs.care.basis import Basis
from needs.inputs.registry import open_data
from needs.profiles import (
    chapter30,
    chapter30_homes,
    results_early,
    results_homes,
    results_places,
)
from needs.profiles.begun import Begun, needs_on, small_on, solo_on
from needs.profiles.choose import choose_classes
from needs.profiles.months import Months
from needs.profiles.needs_basis import Needs
from needs.profiles.placed import FOSTER, HOME, alike_today
from needs.profiles.search import Settings
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, figure_id
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

NAMES = tuple(chapter30_homes.__all__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study of some three hundred children, of the returns of four years."""
    folder = tmp_path_factory.mktemp("middling")
    text = (ROOT / "analysis" / "oxfordshire-2022-23" / "study.toml").read_text()
    kept = text.split("[synthesis]")[0].replace('"published/', '"absent/')
    lines = [x for x in kept.split("\n") if "absent/" not in x]
    sizes = "entries_per_year = 80\nuasc_per_year = 10\nresidents_under_18 = 60000"
    (folder / "study.toml").write_text(
        "\n".join(lines) + '[synthesis]\nauthority = "stationary"\nfit = false\n'
        f'first_year = "2019-20"\n{sizes}\n[report]\nsynthetic = true\n'
    )
    study = load_study(folder / "study.toml")
    last = ReportingYear.parse("2022-23")
    synthesise(folder / "inputs", preset(study), asked(study), last, study.seed)
    return folder


KIN = ("from needs to homes", "needs", "edge of care and care leavers")
"""Families held against one another here; the whole report is attacked elsewhere."""


@pytest.fixture(scope="module")
def data(folder):
    """The study, with a quick choice of groups, few draws and few families."""
    found = open_data(load_study(folder / "study.toml"))
    needs = Needs.of(found)
    quick = Settings(most=3, starts=2, resamples=1)
    found.once("needs groups", lambda: choose_classes(needs.levels, needs.levels_n, quick))
    with pytest.MonkeyPatch.context() as m:
        for module in (results_homes, results_places, results_early):
            m.setattr(module, "DRAWS", 20)
        m.setattr(STUDY, "families", [f for f in STUDY.families if f.name in KIN])
        yield found


def changed(data, **frames):
    """Return the study with the frames of inputs replaced."""
    other = dataclasses.replace(data, _read=dict(data._read))
    for name, frame in frames.items():
        held = data.read(name)
        other._read[name] = dataclasses.replace(held, frame=frame)
    return other


def value(result, measure, group=ALL, column="value", by=""):
    t = result.table
    return t[(t["measure"] == measure) & (t["group"] == group) & (t["by"] == by)][column].item()


def test_counts_are_those_of_the_children(data):
    r, alike = chapter30_homes.unlike_placements(data), alike_today(data)
    assert value(r, "children_n", HOME) == alike.home.sum()
    assert value(r, "children_n", FOSTER) == (~alike.home).sum()
    assert value(r, "unlike_n", HOME) == (alike.home & (alike.chance < 0.5)).sum()
    for setting in (HOME, FOSTER):
        low, high = (value(r, "expected_n", setting, column=c) for c in ("lower_95", "upper_95"))
        assert low <= value(r, "expected_n", setting) <= high
    # Chances that are what they say expect as many in homes as there are.
    both = [value(r, "expected_n", s) for s in (HOME, FOSTER)]
    assert both[0] == pytest.approx(both[1], rel=0.1)
    covered = chapter30.coverage_of_needs(data)
    if HOME in set(covered.table["group"]):
        assert value(covered, "assessed_n", HOME) == value(r, "children_n", HOME)


def test_requests_by_group_are_those_by_type_and_year(data):
    r = chapter30_homes.asked_and_found(data)
    counts = r.table[r.table["measure"] == "requests_n"]
    whole = counts[(counts["group"] == ALL) & (counts["by"] == ALL)]["value"].item()
    first, _, last = counts["period"].iloc[0].partition("_")
    of_year = chapter20_services.referrals(data).table
    placed = of_year[(of_year["measure"] == "placed_n") & of_year["period"].between(first, last)]
    assert placed["value"].sum() == whole
    inner = counts[(counts["group"] != ALL) & (counts["by"] != ALL)]["value"].sum()
    assert inner == whole


def test_placements_begun_are_counted_by_year(data):
    r, begun = chapter30_homes.places_a_year(data), Begun.of(data)
    n = value(r, "over_n", "begun")
    assert n == begun.frame["home"].sum()
    assert value(r, "a_year", "begun") == pytest.approx(n / len(begun.windows))
    parts = ("begun_assessed", "begun_solo", "begun_small", "begun_specialist", "begun_foster")
    assert all(value(r, "over_n", p) <= n for p in parts)


def test_an_assessment_speaks_from_its_day_on():
    dated = pd.DataFrame(
        {"child": [1, 2, 1], "date": pd.to_datetime(["2020-01-01", "2020-02-01", "2021-01-01"]),
         "a": [1.0, 9.0, 3.0]}
    )  # fmt: skip
    days = np.array(["2021-01-01", "2020-12-31", "2019-01-01", "2022-01-01"], "datetime64[ns]")
    found = needs_on(dated, np.array([1, 1, 1, 3]), days)
    assert found["a"].tolist() == pytest.approx([3, 1, np.nan, np.nan], nan_ok=True)


def test_solo_plans_and_small_homes_count_from_their_day(data):
    said = data.attributes.frame.iloc[:1].assign(child=7, solo=True)
    said["from"] = pd.Timestamp("2021-06-01")
    listed = data.provision.frame
    home = listed[listed["kind"] == "childrens_home"].iloc[:1]
    home = home.assign(places=2.0, solo=False)
    home["from"] = pd.Timestamp("2021-06-01")
    study = changed(data, attributes=said, provision=home)
    days = np.array(["2021-05-31", "2021-06-01"], "datetime64[ns]")
    urn = [home["urn"].astype(str).item()] * 2
    assert solo_on(study, [7, 7], days).tolist() == [False, True]
    assert small_on(study, urn, days).tolist() == [False, True]
    assert small_on(study, ["", None], days).tolist() == [False, False]


def test_no_needs_of_later_days_enter_a_month(data):
    """Assessments after a month began change nothing of it."""
    scores = data.assessments.frame
    last = scores["date"].max() - pd.Timedelta(days=200)
    cut = changed(data, assessments=scores[scores["date"] <= last])
    whole, part = Months.of(data), Months.of(cut)
    both = [m.x.assign(who=m.who, moved=m.moved) for m in (whole, part)]
    # Children first assessed before: their months until then are the same in both.
    early_on = scores.groupby("child")["date"].min() <= last
    known = set(early_on.index[early_on])
    n = [len(b[b["who"].isin(known)]) for b in both]
    assert n[0] == n[1]
    assert part.moved.sum() <= whole.moved.sum()


@pytest.mark.parametrize("name", NAMES)
def test_without_assessments_or_requests_the_chapter_says_what_is_missing(data, name):
    inputs = data.study.inputs.model_copy(update={"assessments": (), "referrals": ()})
    bare = StudyData(data.study.model_copy(update={"inputs": inputs}), data.readers, data.joins)
    bare._read["ssda903"] = data.records
    with pytest.raises(InputMissing, match=r"assessments|referrals"):
        getattr(chapter30_homes, name)(bare)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "asked_and_found"])
def test_one_child_assessed_is_too_few_and_said_to_be(data, name):
    scores, on_day = data.assessments.frame, Basis.of(data).stock()
    one = scores["child"].isin(on_day["child"][on_day["child"].isin(scores["child"])].iloc[-1:])
    few = changed(data, assessments=scores[one])
    r = getattr(chapter30_homes, name)(few)
    assert r.leans_on or r.name in STUDY.kin(few).make()[0]
    if name == "places_a_year":
        assert "begun_foster" not in set(r.table["group"])
        return
    assert r.table["marker"].tolist() == ["x"]
    assert "few" in r.notes[0] or "no profile" in r.notes[0]


def test_a_list_of_requests_without_a_placement_says_so(data):
    asked_for = data.referrals.frame
    none = asked_for.assign(type_placed=asked_for["type_placed"].where(asked_for["date"].isna()))
    none["outcome"] = none["outcome"].where(none["date"].isna())
    r = chapter30_homes.asked_and_found(changed(data, referrals=none))
    assert r.table["marker"].tolist() == ["x"]
    assert "came to a placement" in r.notes[0]


def test_whatever_counts_is_in_the_household_and_the_rest_follows_it(data):
    household, *_ = STUDY.kin(data).make()
    for name in NAMES:
        r = getattr(chapter30_homes, name)(data)
        assert r.name in household or r.leans_on, r.name
        alone = dataclasses.replace(r, kin=None, leans_on={})
        assert release(alone, data.study, "30").table is not None


def test_a_hidden_count_hides_what_would_tell_it(data):
    """Few children in homes: their number, the share made from it and its ranges go together."""
    r = chapter30_homes.unlike_placements(data)
    few = r.table["measure"].eq("unlike_n") & r.table["group"].eq(HOME)
    table = r.table.assign(value=r.table["value"].mask(few, 3.0))
    shown = protect(dataclasses.replace(r, table=table, kin=None), data.study.disclosure).table
    mine = shown[shown["group"] == HOME].set_index("measure")["marker"]
    assert mine.loc[["unlike_n", "expected_n", "expected_pct"]].eq("c").all()


def test_ties_name_numbers_that_are_there(data):
    """Every whole that a count here is held against is a number of the household."""
    results, ties, _ = STUDY.kin(data).make()
    ids = {
        figure_id(n, *row)
        for n, r in results.items()
        for row in r.table[["measure", "group", "period", "by", "area"]].itertuples(index=False)
    }
    ours = [t for t in ties if any(i.startswith("homes_") for i, _ in t.terms)]
    used = [t for t in ours if sum(i in ids for i, _ in t.terms) > 1]
    assert {i.split(".")[0] for t in used for i, _ in t.terms} >= {
        "homes_unlike", "homes_asked_found", "homes_places_a_year", "edge_referrals",
    }  # fmt: skip
    value_of = {
        figure_id(n, *row[:-1]): row[-1]
        for n, r in results.items()
        for row in r.table[["measure", "group", "period", "by", "area", "value"]].itertuples(
            index=False
        )
    }
    for t in used:
        made = sum(s * value_of.get(i, 0.0) for i, s in t.terms)
        if t.kind == "equal":
            assert made == 0, t.terms
        if t.kind == "at_least":
            assert made >= 0, t.terms
