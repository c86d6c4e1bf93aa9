"""Chapter 30: what stands on the page, worked by hand; what is withheld; what is held beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_needs import DAY, authority, printed

from needs.assurance.disclosure import protect
from needs.assurance.release import release
from needs.care import chapter20
from needs.profiles import chapter30
from needs.profiles.results_printed import end_of
from needs.vocabulary.errors import InputMissing

pytestmark = pytest.mark.unit


def alone(made, data):
    """Return what is released of a result that has no relations to others: quick."""
    return release(replace(made, kin=None, leans_on={}), data.study, "30")


def said(made, data, released=alone):
    """Return every released row of a result by id, without the result's name."""
    rows = released(made, data).rows
    return {r.id.removeprefix(f"{made.name}."): r.printed for r in rows}


def people(kind, n, scores, sex="female", age=12):
    return [(kind, sex, age, [scores] if scores else None)] * n


def test_both_bases_are_worked_out_and_named():
    """Ten in homes: half have one need of three specialist; their needs are two and three."""
    data = authority(
        people("home", 6, (4, 1, 0))
        + people("home", 8, (2, 1, 1))
        + people("foster", 20, (0, 1, 0))
    )
    found = said(chapter30.bases_and_gaps(data), data)
    at = f"residential.complete.{DAY}"
    assert found[f"specialist_children_pct.{at}"] == "43%"  # six of fourteen children
    assert found[f"specialist_needs_pct.{at}"] == "17%"  # six of thirty-six needs
    assert found[f"needs_mean.{at}"] == "2.6"  # thirty-six needs of fourteen children
    printed_layout = said(chapter30.by_placement(data), data)
    assert printed_layout[f"specialist_children_pct.residential.{DAY}"] == "43%"
    assert printed_layout[f"specialist_children_pct.fostering.{DAY}"] == "0%"
    assert printed_layout[f"specialist_children_pct.all.{DAY}"] == "18%"


def test_a_domain_not_scored_is_no_absence_of_need():
    gap = people("foster", 10, (3, None, 2)) + people("foster", 30, (3, 4, 2))
    data = authority(gap)
    found = said(chapter30.bases_and_gaps(data), data)
    assert found[f"needs_mean.fostering.filled.{DAY}"] == "3.0"
    assert found[f"needs_mean.fostering.complete.{DAY}"] == "3.0"


def test_numbers_of_few_children_are_withheld_and_no_count_stands_beside_a_mean():
    data = authority(
        people("adoption", 5, (1, 1, 1))
        + people("home", 20, (4, 1, 1))
        + people("foster", 38, (1, 1, 1))
        + people("foster", 3, (4, 1, 1))
    )
    made = chapter30.by_placement(data)
    found = said(made, data)
    assert found[f"needs_mean.adoption.{DAY}"] == "c"
    assert f"needs_mean_lower_95.adoption.{DAY}" not in found
    assert found[f"specialist_children_pct.fostering.{DAY}"] == "c"  # three of forty-one
    assert found[f"specialist_children_pct.residential.{DAY}"] == "100%"
    assert found[f"needs_mean.fostering.{DAY}"] == "3.0"
    assert not any(m.unit in {"children", "people"} for m in made.measures)


def test_a_sex_that_is_few_takes_the_other_of_its_age_group_along():
    data = authority(
        people("foster", 30, (1, 2, 0), "female", 12)
        + people("foster", 4, (1, 2, 1), "male", 12)
        + people("foster", 20, (1, 0, 0), "male", 7)
        + people("foster", 20, (1, 0, 0), "female", 7)
    )
    found = said(chapter30.by_age_and_sex(data), data)
    for sex in ("female", "male"):
        assert found[f"needs_mean.age_10_to_15.{sex}.{DAY}"] == "c"
        assert found[f"needs_mean.age_5_to_9.{sex}.{DAY}"] == "1.0"
    assert found[f"needs_mean.age_10_to_15.all.{DAY}"] == "2.1"


def test_groups_in_which_few_lack_an_assessment_share_a_row_and_chapter_20_hides_no_more():
    data = authority(
        people("foster", 60, (1, 1, 1))
        + people("foster", 20, None)
        + people("home", 30, (4, 1, 1))
        + people("home", 9, None)
        + people("adoption", 14, (1, 0, 0))
        + people("adoption", 2, None)
    )
    made = chapter30.coverage_of_needs(data)
    found = said(made, data, lambda r, d: release(r, d.study, "30"))  # with all of chapter 20
    assert f"assessed_n.adoption.{DAY}" not in found
    assert found[f"assessed_n.rest_group.{DAY}"] == "44"
    assert found[f"unassessed_n.rest_group.{DAY}"] == "11"
    assert made.labels["rest_group"] == "Residential; Placed for adoption"
    assert found[f"assessed_n.fostering.{DAY}"] == "60"
    assert found[f"assessed_pct.fostering.{DAY}"] == "75%"
    mix = protect(chapter20.placement_mix(data), data.study.disclosure).table
    now = mix[(mix["period"] == DAY) & (mix["measure"] == "children_n")]
    assert (now["marker"] == "").all()
    assert set(now["value"]) >= {80.0, 39.0, 16.0}


def test_an_average_by_age_stands_at_its_age():
    data = authority(
        people("foster", 8, (1, 0, 0), age=0)
        + people("foster", 8, (1, 1, 0), age=9)
        + people("foster", 8, (1, 1, 1), age=17)
    )
    found = said(chapter30.by_age(data), data)
    assert [found[f"needs_mean.years_{a}.{DAY}"] for a in ("00", "09", "17")] == [
        "1.0", "2.0", "3.0",
    ]  # fmt: skip


def test_change_is_that_of_the_same_children():
    """Those assessed again lost one need each; those assessed once have three."""
    again = [("foster", "female", 12, [(2, 2, 0), (2, 0, 0)])] * 10
    data = authority(again + people("foster", 30, (1, 1, 1)))
    found = said(chapter30.over_time(data), data)
    assert found[f"needs_mean.entry.{DAY}"] == "2.0"
    assert found[f"needs_mean.later.{DAY}"] == "1.0"
    assert found[f"needs_mean.changed.{DAY}"] == "-1.0"
    assert found[f"total_mean.changed.{DAY}"] == "-2.0"
    assert found[f"level_mean.changed.{DAY}"] == "-0.67"
    assert found[f"needs_mean.latest.{DAY}"] == "2.5"


def test_a_weighted_score_is_shown_where_the_study_weighs_domains():
    """Domain B weighs three times as much: (2, 2, 0) is 2 + 6, and (2, 0, 0) is 2."""
    again = [("foster", "female", 12, [(2, 2, 0), (2, 0, 0)])] * 10
    children = again + people("foster", 10, (0, 1, 1))
    assert "weighted_mean" not in set(chapter30.over_time(authority(children)).table["measure"])
    data = authority(children, weights={"B": 3.0})
    found = said(chapter30.over_time(data), data)
    assert found[f"weighted_mean.entry.{DAY}"] == "8.00"
    assert found[f"weighted_mean.changed.{DAY}"] == "-6.00"
    assert found[f"weighted_mean.latest.{DAY}"] == "3.00"  # ten of 2, ten of 3 + 1
    with pytest.raises(ValueError, match="weights name a domain"):
        authority(children, weights={"Z": 2.0})


def test_domains_rank_by_how_many_children_have_a_need():
    data = authority(
        people("home", 12, (0, 1, 1))
        + people("home", 8, (0, 1, 0))
        + people("foster", 30, (1, 0, 0))
    )
    found = said(chapter30.domains_ranked(data), data)
    rank = {(d, by): found[f"rank.{d}.{by}.{DAY}"] for d in "abc" for by in ("residential", "all")}
    assert [rank[d, "residential"] for d in "abc"] == ["3", "1", "2"]
    assert [rank[d, "all"] for d in "abc"] == ["1", "2", "3"]
    assert found[f"need_pct.b.all.{DAY}"] == "40%"


def test_boys_less_girls_has_an_interval_around_the_difference():
    rng = np.random.default_rng(3)
    drawn = [
        ("foster", sex, 12, [tuple(rng.integers(0, 3, 3))])
        for sex in ("male", "female")
        for _ in range(60)
    ]
    data = authority(drawn)
    table = chapter30.differences(data).table.set_index(["measure", "group"])
    row = table.loc[("needs_mean", "male_female")]
    needs = np.array([[sum(s > 0 for s in scores) for *_, (scores,) in drawn]]).reshape(2, 60)
    off = needs[0].mean() - needs[1].mean()
    half = 1.96 * np.sqrt(needs.var(axis=1, ddof=1).sum() / 60)
    assert row["value"] == pytest.approx(off)
    assert row[["lower_95", "upper_95"]].tolist() == pytest.approx(
        [off - half, off + half], abs=0.01
    )


TYPED = [
    printed("held_specialist_needs", "specialist_need_pct", "fostering", 50),
    printed("held_specialist_needs", "needs_mean", "fostering", 2.0),
    printed("held_specialist_needs", "needs_mean", "residential", 0.5),
    printed("held_needs_ranks", "need_rank", "a", 1, "all"),
    printed("held_needs_ranks", "need_rank", "b", 3, "all"),
    printed("held_needs_ranks", "need_rank", "c", 2, "all"),
]


def test_a_printed_number_inside_our_range_and_one_outside_are_told_apart():
    data = authority(
        people("foster", 30, (4, 1, 0))
        + people("foster", 30, (1, 1, 0))
        + people("home", 20, (1, 1, 1)),
        figures=TYPED,
    )
    made = alone(chapter30.printed_needs(data), data)
    by_group = {row[0]: row[-1] for row in made.table.rows}
    assert by_group["Foster care"] == "share inside; average inside"
    assert by_group["Residential"] == "average outside"
    assert made.checks[0][1:] == ("review", "inside: 2 of 3")
    ranks = alone(chapter30.printed_ranks(data), data)
    assert ranks.checks[0][1:] == ("review", "inside: 1 of 3")
    assert {row[0]: row[-1] for row in ranks.table.rows} == {"A": "", "B": "All", "C": "All"}


def test_printed_figures_are_held_against_the_children_of_their_time():
    early = [printed("held_specialist_needs", "needs_mean", "all", 1.0, period="2021-22")]
    grown = [("foster", "female", 12, [(1, 0, 0), (1, 1, 1)])] * 12
    data = authority(grown, figures=early)
    made = chapter30.printed_needs(data)
    assert set(made.table["period"]) == {"2022-03-31"}
    assert said(made, data)["needs_mean.all.2022-03-31"] == "1.0"
    with pytest.raises(InputMissing):
        chapter30.printed_needs(authority(grown, figures=TYPED[3:]))


@pytest.mark.parametrize(
    ("period", "day"),
    [("2020", "2020-12-31"), ("2020-02", "2020-02-29"), ("2020-21", "2021-03-31"),
     ("2021-09-30", "2021-09-30")],
)  # fmt: skip
def test_a_printed_period_ends_on_its_last_day(period, day):
    assert end_of(period).isoformat() == day


def test_without_groups_the_page_says_so_and_shows_none():
    data = authority(people("foster", 20, (1, 0, 2)))
    for page in (chapter30.profiles_found, chapter30.profile_domains, chapter30.profile_models):
        shown = alone(page(data), data)
        assert [r.printed for r in shown.rows] == ["x"]
    lines = alone(chapter30.profiles_found(data), data).sentences
    words = ["".join(s.text for s in line) for line in lines]
    assert words == [
        "This data does not support clusters. Too few children have a score to look for groups "
        "among them."
    ]


def test_groups_are_shown_by_expected_size_never_by_child():
    rng = np.random.default_rng(5)
    low, high = ((0, 0, 0, 1, 0, 0), (3, 4, 3, 3, 4, 3))
    drawn = [
        ("foster", "female", 12, [tuple(np.clip(np.array(base) + rng.integers(-1, 2, 6), 0, 4))])
        for base in (low, high)
        for _ in range(80)
    ]
    data = authority(drawn, domains=tuple("ABCDEF"))
    made = chapter30.profiles_found(data)
    shares = made.table[made.table["measure"] == "share_pct"]["value"]
    assert shares.sum() == pytest.approx(100)
    assert len(shares) == 2
    found = said(made, data)
    assert found[f"expected_n.profile_a.{DAY}"] == found[f"expected_n.profile_b.{DAY}"] == "80"
    grid = chapter30.profile_domains(data)
    apart = grid.table[grid.table["measure"] == "apart"].set_index(["by", "group"])["value"]
    assert (apart["profile_a"] < 0).all() and (apart["profile_b"] > 0).all()


def oc2(scores):
    """Return an outcomes table: (child, score, reason)."""
    child, score, reason = zip(*scores, strict=True)
    return pd.DataFrame(
        {"child": child, "sdq_score": score, "sdq_reason": reason, "return_year": 2023}
    )


def test_bands_of_the_questionnaire_begin_where_they_should_and_reasons_are_told():
    children = [("foster", "female", age, None) for age in (3, 17)]  # not asked
    children += [("foster", "female", 4 + i % 13, None) for i in range(60)]
    scores = [(0, 20.0, None), (1, None, "SDQ1")]
    scores += [(2 + i, s, None) for i, s in enumerate([13.0] * 10 + [14.0] * 7 + [16.0] * 7)]
    scores += [(26 + i, s, None) for i, s in enumerate([17.0] * 9 + [40.0] * 3)]
    scores += [(38 + i, np.nan, r) for i, r in enumerate(["SDQ2"] * 14 + [None] * 10)]
    data = authority(children, oc2=oc2(scores))
    found = said(chapter30.strengths_and_difficulties(data), data)
    at = "all.2022-23"
    counted = [
        found[f"{k}_n.{at}"] for k in ("cohort", "scored", "normal", "borderline", "concern")
    ]
    assert counted == ["60", "36", "10", "14", "12"]
    assert found[f"response_pct.{at}"] == "60%"
    assert [found[f"{k}_pct.{at}"] for k in ("normal", "concern")] == ["28%", "33%"]
    assert [found[f"{k}_n.{at}"] for k in ("sdq2", "not_stated", "sdq5")] == ["14", "10", "0"]


def test_few_children_of_a_band_are_hidden_with_what_would_tell_them():
    children = [("foster", "female", 4 + i % 13, None) for i in range(60)]
    bands = [5.0] * 40 + [15.0] * 3 + [30.0] * 17
    data = authority(children, oc2=oc2([(i, s, None) for i, s in enumerate(bands)]))
    found = said(chapter30.strengths_and_difficulties(data), data)
    assert found["borderline_n.all.2022-23"] == "c"
    assert found["borderline_pct.all.2022-23"] == "c"
    assert "c" in {found["normal_n.all.2022-23"], found["concern_n.all.2022-23"]}
    with pytest.raises(InputMissing):
        chapter30.strengths_and_difficulties(authority(children))
