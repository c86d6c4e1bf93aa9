"""Targets that cannot be: what is refused, and where the message points."""

from __future__ import annotations

import pytest
from table_files import another, as_csv, example

from needs.inputs.tables.reader import read
from needs.vocabulary.errors import InputError

pytestmark = pytest.mark.unit


def refused(study, *rows):
    with pytest.raises(InputError) as caught:
        read(study(targets={"t.csv": as_csv(example("targets"), *rows)}), "targets")
    (fault,) = caught.value.faults
    assert fault.file == "inputs/targets/t.csv" and fault.rows == (3,) and fault.mend
    return fault


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"value": "140"}, "value", "outside 0 to 100"),
        ({"value": "-3"}, "value", "outside 0 to 100"),
        ({"date": "2019-01-01"}, "baseline_date", "baseline_date lies after date"),
        ({"measure": "beds_wished_for"}, "measure", "not one of"),
        ({"group": "castles"}, "group", "not one of"),
        ({"of": "castles"}, "of", "not one of"),
        ({"measure": "children_n"}, "measure", "none that this measure is given in"),
        ({"group": "ifa", "of": "residential"}, "group", "those counted are no part"),
        ({"group": "ifa", "of": "ifa"}, "group", "those counted are no part"),
        ({"group": "all", "of": "outside"}, "group", "those counted are no part"),
    ],
    ids=lambda x: str(x) if isinstance(x, dict) else "",
)
def test_a_target_that_cannot_be_is_one_clear_fault(study, cells, column, words):
    fault = refused(study, another("targets") | cells)
    assert fault.column == column
    assert words in fault.rule
    assert not any(value in str(fault) for value in cells.values() if value in {"castles", "140"})


def test_a_change_may_be_one_downwards_and_a_share_may_not(study):
    fewer = {"measure": "change_pct", "group": "entries", "of": "", "value": "-5", "baseline": ""}
    made = read(
        study(targets={"t.csv": as_csv(example("targets"), another("targets") | fewer)}), "targets"
    )
    assert sorted(made.frame["value"]) == [-5, 33]


def test_other_readings_of_one_target_stand_side_by_side(study):
    rows = [
        example("targets"),
        another("targets") | {"of": "", "reading_of": "ifa_share_2025"},
        another("targets", 2) | {"of": "fostering_unrelated", "reading_of": "ifa_share_2025"},
    ]
    made = read(study(targets={"t.csv": as_csv(*rows)}), "targets").frame
    assert made["reading_of"].notna().sum() == 2


@pytest.mark.parametrize(
    ("name", "cells", "column", "words"),
    [
        ("action_plan", {"closes": "castle"}, "closes", "not one of"),
        ("provision", {"opened": "2020-02-02", "closed": "2020-02-01"}, "opened", "lies after"),
        ("provision", {"placement_type": "castle"}, "placement_type", "not one of"),
    ],
)
def test_a_plan_or_home_that_cannot_be_is_one_clear_fault(study, name, cells, column, words):
    content = as_csv(example(name), another(name) | cells)
    with pytest.raises(InputError) as caught:
        read(study(**{name: {"p.csv": content}}), name)
    found = [f for f in caught.value.faults if f.column == column]
    assert len(found) == 1 and words in found[0].rule and found[0].rows == (3,) and found[0].mend
