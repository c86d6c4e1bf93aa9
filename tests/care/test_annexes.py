"""Chapter 90 from records: each episode's codes and type, and the rules in force."""

from __future__ import annotations

import pytest

from needs.assurance.release import release
from needs.care import annexes
from needs.care.chapter20 import placement_mix
from needs.vocabulary.errors import InputMissing, StudyError

pytestmark = pytest.mark.unit

CHILDREN = """
child | sex    | dob        | uasc
A     | female | 2012-06-15 | -
B     | male   | 2006-05-01 | -
C     | male   | 2010-05-01 | -
"""

EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2021-05-01 | 2021-08-01 | S   | C2 | N1  | U4    | PR4      | X1
A     | 2021-08-01 | 2022-01-01 | P   | C2 | N1  | U4    | PR4      | X1
A     | 2022-01-01 | -          | P   | C2 | N1  | U4    | PR1      | -
B     | 2021-05-01 | 2022-06-01 | S   | C2 | N1  | K2    | PR1      | X1
B     | 2022-06-01 | 2022-06-10 | T   | C2 | N1  | T1    | -        | X1
B     | 2022-06-10 | -          | T   | C2 | N1  | K2    | PR4      | -
C     | 2022-06-01 | -          | S   | C2 | N1  | -     | -        | -
"""


def data_of(draw, episodes: str = EPISODES, **sections):
    records = draw.records(draw.table(CHILDREN), draw.table(episodes), [2022, 2023])
    return draw.data(records, draw.study(**sections))


def counts(result) -> dict[tuple[str, str], float]:
    t = result.table
    return {(g, b): n for g, b, n in zip(t["group"], t["by"], t["value"], strict=True)}


def test_every_episode_stands_under_its_codes_and_its_type(draw):
    assert counts(annexes.category_map(data_of(draw))) == {
        ("all", ""): 7,
        ("in_house_foster", ""): 1,
        ("in_house_foster", "u4_pr1"): 1,
        ("ifa", ""): 2,
        ("ifa", "u4_pr4"): 2,
        ("in_house_home", ""): 1,
        ("in_house_home", "k2_pr1"): 1,
        ("external_home", ""): 1,
        ("external_home", "k2_pr4"): 1,
        ("other", ""): 1,
        ("other", "t1_blank"): 1,
        ("not_recorded", ""): 1,
        ("not_recorded", "blank_blank"): 1,
    }


def test_codes_have_words_that_say_what_they_are(draw):
    labels = annexes.category_map(data_of(draw)).labels
    assert labels["k2_pr1"] == "K2 registered children's home; PR1 own authority"
    assert labels["t1_blank"].endswith("; no provider")
    assert labels["blank_blank"] == "no placement code; no provider"


def own_map(*rules: dict[str, object]) -> dict[str, object]:
    types = [
        {"key": "young", "label": "Young", "group": "fostering"},
        {"key": "old", "label": "Old", "group": "residential"},
    ]
    return {"types": types, "rules": list(rules)}


def test_rules_by_age_see_the_age_at_the_start(draw):
    """A is 8 on 1 May 2021, 9 from 15 June; all her episodes after it start at 9."""
    study_map = own_map({"type": "young", "age_max": 8}, {"type": "old"})
    found = counts(annexes.category_map(data_of(draw, categories=study_map)))
    assert found["young", "u4_pr4"] == found["old", "u4_pr4"] == 1


def test_an_episode_outside_every_day_counted_may_meet_no_rule(draw):
    """The map has no place for T1: chapter 20 never asks for it, and this table says so."""
    study_map = own_map({"type": "young", "place": ["U4"]}, {"type": "old", "place": ["K2"]})
    data = data_of(draw, categories=study_map)
    placement_mix(data)
    result = annexes.category_map(data)
    assert counts(result)["no_rule", "t1_blank"] == 1
    assert result.checks[0].status == "review"
    assert annexes.category_map(data_of(draw)).checks[0].status == "pass"


def test_the_map_of_the_study_still_has_to_cover_the_days_counted(draw):
    with pytest.raises(StudyError):
        placement_mix(data_of(draw, categories=own_map({"type": "young", "place": ["U4"]})))


def test_few_episodes_are_hidden_like_few_children(draw):
    """Each child may be known by an episode of a rare kind."""
    data, open_to_all = data_of(draw), data_of(draw, disclosure={"threshold": 0})
    shown = release(annexes.category_map(data), data.study, "90")
    assert {(r.marker, r.value) for r in shown.rows if r.by} == {("c", "")}
    plain = release(annexes.category_map(open_to_all), open_to_all.study, "90")
    assert {r.value for r in plain.rows if r.by} == {"1", "2"}


def test_types_over_all_codes_add_up(draw):
    found = counts(annexes.category_map(data_of(draw)))
    types = {g: n for (g, b), n in found.items() if g != "all" and not b}
    assert sum(types.values()) == found["all", ""]
    for group, n in types.items():
        assert sum(v for (g, b), v in found.items() if g == group and b) == n


def test_rules_are_those_of_the_study(draw):
    data = data_of(draw, disclosure={"threshold": 11}, quality={"max_invalid_share": 0.05})
    result = annexes.rules_used(data)
    rows = result.table.set_index("group")["value"]
    assert rows["least_shown"] == 11
    assert rows["unreadable"] == pytest.approx(5)
    assert rows["returns"] == rows["days"] == 2
    notes = " ".join(result.notes)
    assert "2021-22, to 31 March 2022; 2022-23, to 31 March 2023" in notes
    assert "V3 and V4" in notes and "excluding short breaks" in notes


def test_an_in_year_extract_is_named_as_one(draw):
    import datetime as dt

    records = draw.records(
        draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023], last_day="2022-12-31"
    )
    study = draw.study(period={"reporting_year": "2022-23", "as_at": dt.date(2022, 12, 31)})
    notes = " ".join(annexes.rules_used(draw.data(records, study)).notes)
    assert "2022-23, to 31 December 2022 (in-year extract)" in notes


@pytest.mark.parametrize("analysis", [annexes.category_map, annexes.rules_used])
def test_without_records_the_input_is_missing(draw, analysis):
    study = draw.study(inputs={})
    with pytest.raises(InputMissing):
        analysis(type(data_of(draw))(study, {}))
