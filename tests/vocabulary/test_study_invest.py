"""The section on investment: what is refused, all of it at once, and where the message points."""

from __future__ import annotations

import pytest

from needs.vocabulary.errors import StudyError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

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
[investment]
first_year = "2023-24"
"""
HOME = """\
[[investment.homes]]
key = "north"
label = "Home in the north"
beds = 4
opens = 2024-04-01
capital_gbp = { low = 900000, central = 1000000, high = 1200000 }
match_gbp = 500000
occupancy_pct = 75
child_gbp_week = 4200
replaces_type = "external_home"
price_gbp_week = 5500
price_source = "Report, paragraph 56"
"""


def load(tmp_path, text):
    (tmp_path / "study.toml").write_text(text, "utf-8")
    return load_study(tmp_path)


def faults(tmp_path, text):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    return [str(f) for f in caught.value.faults]


def test_a_number_stands_for_all_three_and_a_study_needs_none_of_it(tmp_path):
    home = load(tmp_path, STUDY + HOME).investment.homes[0]
    assert (home.occupancy_pct.low, home.occupancy_pct.high) == (75, 75)
    assert home.occupancy_pct.certain and not home.capital_gbp.certain
    assert load(tmp_path, STUDY.partition("[investment]")[0]).investment.homes == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("occupancy_pct = 75", "occupancy_pct = 175", "occupancy_pct", "less than or equal to 100"),
        ("occupancy_pct = 75", "occupancy_pct = -5", "occupancy_pct", "greater than or equal to 0"),
        ("beds = 4", "beds = 0", "beds", "greater than or equal to 1"),
        ("child_gbp_week = 4200", "child_gbp_week = -1", "child_gbp_week", "or equal to 0"),
        ("match_gbp = 500000", "match_gbp = 950000", "match_gbp", "more than the lowest capital"),
        ("central = 1000000", "central = 800000", "capital_gbp", "low must not be above central"),
        ("high = 1200000", "high = inf", "capital_gbp", "finite"),
        ("opens = 2024-04-01", "opens = 2024-04-01\ncloses = 2024-04-01", "closes", "before it"),
        ("opens = 2024-04-01", "opens = 2023-03-31", "opens", "before the first year"),
        ('"external_home"', '"zoo"', "replaces_type", "no placement type of that key"),
        ('price_source = "Report, paragraph 56"', "", "price_source", "needs its source"),
        ("beds = 4", "beds = 4\nbed = 4", "bed", "unknown key"),
        ('key = "north"', 'key = "all"', "homes", "cannot have the key all"),
    ],
)
def test_a_bad_home_is_refused_with_its_key(tmp_path, old, new, key, says):
    assert old in HOME
    found = [m for m in faults(tmp_path, STUDY + HOME.replace(old, new, 1)) if says in m]
    assert found and all(f"{key}" in m and "line " in m for m in found)


def test_two_homes_of_one_key_are_refused(tmp_path):
    assert any("same key" in m for m in faults(tmp_path, STUDY + HOME + HOME))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("life_years = 0", "greater than or equal to 1"),
        ("discount_pct = -1", "greater than or equal to 0"),
        ('first_year = "2023-25"', "two consecutive years"),
        ("draws = 10", "greater than or equal to 200"),
        ("children_n = { zoo = 5 }", "no placement type of that key"),
        ("children_n = { ifa = -5 }", "greater than or equal to 0"),
    ],
)
def test_bad_terms_are_refused(tmp_path, line, says):
    text = STUDY.replace('first_year = "2023-24"\n', line + "\n")
    assert any(says in m for m in faults(tmp_path, text))


def test_everything_wrong_is_told_at_once(tmp_path):
    """Of several homes and of the plan for carers, types that are not there among it."""
    first = (
        HOME.replace("occupancy_pct = 75", "occupancy_pct = 175")
        .replace('"external_home"', '"zoo"')
        .replace("match_gbp", "capital_on = 2023-03-01\nmatch_gbp")
    )
    second = HOME.replace('"north"', '"south"').replace(
        "opens = 2024-04-01", "opens = 2024-04-01\ncloses = 2023-04-01"
    )
    plan = '[investment.fostering]\nreplaces_type = "circus"\nyears = 0\n'
    found = "\n".join(faults(tmp_path, STUDY + first + second + plan))
    assert found.count("less than or equal to 100") == 1  # a number is refused once, not thrice
    for key in (
        "homes.0.occupancy_pct", "homes.0.replaces_type", "homes.0.capital_on", "homes.1.closes",
        "fostering.replaces_type", "fostering.years", "fostering.fee_gbp_week",
    ):  # fmt: skip
        assert f"investment.{key}:" in found


def test_the_first_year_follows_the_studys_where_none_is_given(tmp_path):
    text = (STUDY + HOME).replace('first_year = "2023-24"\n', "")
    assert load(tmp_path, text.replace("2024-04-01", "2023-04-01")).investment.homes
    assert any(
        "first year" in m for m in faults(tmp_path, text.replace("2024-04-01", "2023-03-31"))
    )


def test_a_type_of_the_studys_own_map_is_known(tmp_path):
    own = (
        '[categories]\ntypes = [{ key = "zoo", label = "Zoo", group = "other" }]\n'
        'rules = [{ type = "zoo" }]\n'
    )
    text = STUDY + HOME.replace('"external_home"', '"zoo"') + own
    assert load(tmp_path, text).investment.homes[0].replaces_type == "zoo"
    assert any("external_home" not in m and "no placement type" in m
               for m in faults(tmp_path, STUDY + HOME + own))  # fmt: skip
