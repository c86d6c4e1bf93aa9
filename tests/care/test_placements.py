"""The category map and the temporary-move rule, one small table each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.care.mix import mix_tree
from needs.care.placements import dfe_group, held_before_temporary, placement_type
from needs.vocabulary.study import Categories

pytestmark = pytest.mark.unit

CHILDREN = "child | sex | dob | uasc\nA | male | 2010-01-01 | -\nB | female | 2011-01-01 | -"


def rows(draw, text):
    return draw.records(draw.table(CHILDREN), draw.table(text), [2023]).episodes


def test_a_temporary_move_counts_as_the_last_other_placement_of_its_period(draw):
    e = rows(
        draw,
        """
        child | decom      | dec        | rne | place
        A     | 2022-04-01 | 2022-05-01 | S   | K2
        A     | 2022-05-01 | 2022-05-09 | P   | T1
        A     | 2022-05-09 | 2022-05-12 | P   | T4
        A     | 2022-05-12 | 2022-06-01 | P   | U4
        A     | 2022-08-01 | 2022-08-03 | S   | T2
        B     | 2022-08-01 | 2022-08-02 | S   | T0
        """,
    )
    # A's second period and B's only one begin with a temporary move: nothing was held before.
    assert held_before_temporary(e).tolist() == [0, 0, 0, 3, 4, 5]
    assert list(dfe_group(e["place"].iloc[[4]])) == ["temporary"]


def frame(text: str) -> pd.DataFrame:
    lines = [line.split() for line in text.strip().splitlines()]
    out = pd.DataFrame(lines, columns=["place", "provider", "urn", "age"], dtype=object)
    out = out.mask(out == "-")
    out["age"] = out["age"].astype(np.int16)
    return out.astype({"place": "category", "provider": "category", "urn": "category"})


def categories(*rules: dict[str, object]) -> Categories:
    keys = dict.fromkeys(str(r["type"]) for r in rules)
    types = [{"key": k, "label": k, "group": "residential", "sector": "external"} for k in keys]
    return Categories.model_validate({"types": types, "rules": list(rules)})


def test_rules_are_tried_in_order_and_every_condition_must_hold():
    found = placement_type(
        frame(
            """
            K2 PR1 SC1 12
            K2 PR1 SC2 12
            K2 PR4 SC1 12
            K2 -   -   12
            K2 PR5 -   15
            K2 PR5 -   16
            K2 PR5 -   -1
            -  -   -   12
            """
        ),
        categories(
            {"type": "assessment", "place": ["K2"], "provider": ["PR1"], "urn": ["SC1"]},
            {"type": "own", "place": ["K2"], "provider": ["PR1"]},
            {"type": "unknown_owner", "place": ["K2"], "provider": [""]},
            {"type": "younger", "provider": ["PR5"], "age_max": 15},
            {"type": "older", "provider": ["PR5"], "age_min": 16},
            {"type": "rest", "place": ["K2"]},
        ),
    )
    assert list(found)[:-1] == [
        "assessment",
        "own",
        "rest",
        "unknown_owner",
        "younger",
        "older",
        "rest",  # an unknown age meets no age condition
    ]
    assert pd.isna(found[-1])  # not recorded is not an error


def test_a_rule_with_a_route_holds_only_where_the_route_is_known():
    rules = categories(
        {"type": "block", "place": ["K2"], "route": ["block"]}, {"type": "home", "place": ["K2"]}
    )
    placed = frame("K2 PR4 - 12\nK2 PR4 - 13")
    assert list(placement_type(placed, rules)) == ["home", "home"]
    placed["route"] = pd.Categorical(["block", "spot"])
    assert list(placement_type(placed, rules)) == ["block", "home"]


def test_the_tree_names_homes_apart_and_drops_rows_of_one_type(draw):
    study = draw.study()
    every = {t.key for t in study.categories.types}
    nodes = {n.key: n for n in mix_tree(study.categories, every)}
    assert nodes["all_homes"].types == {
        "in_house_home",
        "assessment_home",
        "external_home",
        "secure",
    }
    assert nodes["all_homes_in_house"].types == {"in_house_home", "assessment_home"}
    assert nodes["in_house_home"].base == "all_homes"
    assert nodes["unregistered"].parent == nodes["unregistered"].base == "all_residential"
    assert "all_supported" not in nodes and nodes["supported"].parent == "all"
    few = [n.key for n in mix_tree(study.categories, {"ifa", "external_home"})]
    assert few == ["ifa", "external_home"]
