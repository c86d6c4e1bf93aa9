"""The scorecard's lines on cost take their numbers, and their units, from chapter 60."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs.scorecard import cost_scorecard

pytestmark = pytest.mark.unit


def test_the_cost_of_a_week_is_that_of_chapter_60_in_pounds_a_week(draw):
    made = cost_scorecard(study_of(draw, lines(rise=1.1)))
    week = (7 * 7000 + 9 * 700) / 16
    for by, price in (("value", 1.1 * week), ("previous", week)):
        assert value(made, "value_gbp_week", "unit_cost", by=by) == pytest.approx(price)
    assert made.measure("value_gbp_week").label == "Pounds a week"
    change = made.row_notes["Change"]["unit_cost"]
    assert change == "Up, worse; not tested: a cost has no count to test"


def test_a_cost_a_head_without_a_population_is_not_worked_out_and_says_why(draw):
    made = cost_scorecard(study_of(draw, lines()))
    assert np.isnan(value(made, "value_gbp", "cost_per_head", by="value"))
    assert "population" in made.row_notes["Change"]["cost_per_head"]


def test_the_cost_of_a_week_of_few_children_is_withheld_with_the_change(draw):
    """Four of sixteen are paid for."""
    frame = lines()
    data = study_of(draw, frame[frame["child"] < 4])
    made = release(cost_scorecard(data), data.study, "90")
    (row,) = [r for r in made.table.rows if r[0] == "Weekly unit cost"]
    assert row[3:5] == ("c", "c") and not any("worse" in c for c in row)
