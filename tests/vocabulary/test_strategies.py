"""Strategies that cannot be: what is refused, all of it at once, and where the message points."""

from __future__ import annotations

import pytest

from needs.vocabulary.errors import StudyError
from needs.vocabulary.scenarios import LeverSettings
from needs.vocabulary.strategies import contradictions
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
SCENARIO = """\
[[scenarios]]
key = "fewer"
label = "Fewer come into care"
[[scenarios.levers]]
lever = "entries"
change_pct = -5.0
"""
STRATEGY = """\
[[strategies]]
key = "plan"
label = "The plan"
scenarios = ["fewer"]
homes = ["north"]
prices_pct = { external_home = -3.0 }
"""
WHOLE = STUDY + HOME + SCENARIO + STRATEGY


def load(tmp_path, text):
    (tmp_path / "study.toml").write_text(text, "utf-8")
    return load_study(tmp_path)


def faults(tmp_path, text):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    return [str(f) for f in caught.value.faults]


def lever(kind, **keys):
    return LeverSettings.model_validate({"lever": kind, **keys})


def share(to_type, pct):
    return lever("share", to_type=to_type, share_pct=pct)


def test_a_strategy_holds_what_it_names(tmp_path):
    (made,) = load(tmp_path, WHOLE).strategies
    assert made.scenarios == ("fewer",) and made.homes == ("north",)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('scenarios = ["fewer"]', 'scenarios = ["lower"]', "strategies.0.scenarios", "no scenario"),
        ('homes = ["north"]', 'homes = ["south"]', "strategies.0.homes", "no home of that key"),
        ('homes = ["north"]', "fostering = true", "strategies.0.fostering", "investment.fostering"),
        ("{ external_home =", "{ castle =", "strategies.0.prices_pct", "no placement type"),
        ("external_home = -3.0", "external_home = -300.0", "strategies.0", "a price changes by"),
        ("[[strategies]]\n", '[[strategies]]\nkey = "as_it_is"\nx', "strategies.0", "unknown key"),
    ],
)
def test_what_a_strategy_names_must_be_there(tmp_path, old, new, key, says):
    text = WHOLE.replace(old, new, 1).replace('\nxkey = "plan"', '\nx = "plan"')
    told = faults(tmp_path, text)
    assert any(key in f and says in f and "Mend:" in f for f in told), told


def test_everything_wrong_with_a_strategy_is_told_at_once(tmp_path):
    text = WHOLE.replace('["fewer"]', '["lower"]').replace('["north"]', '["south"]')
    text += """\
[[strategies.levers]]
lever = "share"
to_type = "ifa"
share_pct = 70
[[strategies.levers]]
lever = "share"
to_type = "castle"
share_pct = 60
"""
    told = " ".join(faults(tmp_path, text))
    for says in ("no scenario", "no home", "no placement type", "more than 100% together"):
        assert says in told


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ([share("ifa", 60), share("in_house_foster", 41)], "more than 100%"),
        ([share("ifa", 20), share("ifa", 30)], "a goal each"),
        (
            [lever("entries", change_pct=5), lever("entries", change_pct=-5)],
            "brings more into care, and another fewer",
        ),
        ([lever("exits", factor=1.2), lever("exits", factor=0.8)], "leave sooner"),
        (
            [
                lever("step_down", a_year=8, from_types=["external_home"], to_type="ifa"),
                lever("step_down", a_year=8, from_types=["ifa"], to_type="external_home"),
            ],
            "the same children back",
        ),
        (
            [
                share("ifa", 30),
                lever("opening", to_type="in_house_home", places_n=4, from_types=["ifa"]),
            ],
            "whose share another sets",
        ),
    ],
)
def test_levers_that_contradict_each_other_are_refused(levers, says):
    (rule,) = contradictions(levers)
    assert says in rule


def test_levers_that_go_together_are_let_be():
    assert not contradictions(
        [
            share("ifa", 60),
            share("in_house_foster", 40),
            lever("entries", change_pct=-5, who="others"),
            lever("entries", change_pct=5, who="uasc"),
            lever("exits", factor=1.2),
        ]
    )


def test_levers_of_a_scenario_are_held_to_the_same(tmp_path):
    text = STUDY + SCENARIO.replace(
        "change_pct = -5.0", "change_pct = -5.0\n[[scenarios.levers]]\n"
    )
    text = text + 'lever = "share"\nto_type = "castle"\nshare_pct = 20.0\n'
    (told,) = faults(tmp_path, text)
    assert "scenarios.0.levers" in told and "no placement type" in told


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("in_house_pct = 50", "must not rise"),
        ("likely_pct = 50", "likely_pct must not be below"),
        ("in_house_most = { residential = -1 }", "cannot be below nought"),
        ("in_house_most = { castle = 1 }", "in_house_most"),
    ],
)
def test_a_rule_of_the_plan_that_cannot_be_is_refused(tmp_path, line, says):
    (told,) = faults(tmp_path, f"{STUDY}[commissioning]\n{line}\n")
    assert says in told and "commissioning" in told


def test_a_home_that_closes_before_it_opens_is_refused(tmp_path):
    text = WHOLE.replace("opens = 2024-04-01", "opens = 2024-04-01\ncloses = 2024-03-31")
    assert any("closes before it opens" in f and "homes.0" in f for f in faults(tmp_path, text))
