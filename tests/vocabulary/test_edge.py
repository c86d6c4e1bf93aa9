"""Stages of the edge of care and their units agree with the input's lists of values."""

import pytest

from needs.inputs.tables import code_lists
from needs.vocabulary.edge import FUNNELS, STAGE_UNITS, STAGE_WORDS

pytestmark = pytest.mark.unit


def test_every_stage_of_the_input_has_units_and_the_units_are_the_input_s():
    assert dict(STAGE_WORDS) == dict(code_lists()["edge_stage"])
    assert list(STAGE_UNITS) == list(STAGE_WORDS)
    assert {u for units in STAGE_UNITS.values() for u in units} == set(code_lists()["edge_unit"])


def test_a_part_of_a_funnel_can_be_counted_in_a_unit_of_its_first_stage():
    for first, parts in FUNNELS.items():
        for part in parts:
            assert set(STAGE_UNITS[first]) & set(STAGE_UNITS[part]), part


def test_only_nights_and_assessments_are_counted_in_time():
    timed = {s for s, units in STAGE_UNITS.items() if {"days", "nights"} & set(units)}
    assert timed == {"bed_and_breakfast", "parenting_assessment"}
