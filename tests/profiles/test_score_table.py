"""From assessments to levels of need: direction, gaps, days, and what is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from needs.profiles.score_table import levels_n, score_table
from needs.vocabulary.errors import ModelError
from needs.vocabulary.study_sections import Assessment

pytestmark = pytest.mark.unit

TOOL = Assessment(domains=("Safety", "Health"), scale_min=1, scale_max=5, specialist_from=5)
TURNED = Assessment(
    domains=("Safety", "Health"), scale_min=1, scale_max=5, higher_is="less_need", need_from=4,
    specialist_from=1,
)  # fmt: skip


def frame(*rows):
    out = pd.DataFrame(rows, columns=["child", "date", "domain", "score"])
    return out.assign(date=pd.to_datetime(out["date"]))


ROWS = frame(
    (0, "2021-05-01", "safety", 5), (0, "2021-05-01", "health", 2),
    (0, "2022-05-01", "safety", 3), (1, "2022-01-01", "health", 1),
    (-1, "2022-01-01", "health", 9),
)  # fmt: skip


def test_latest_and_entry_are_days_and_a_gap_stays_a_gap():
    latest, entry = score_table(ROWS, TOOL), score_table(ROWS, TOOL, "entry")
    assert latest.loc[0].tolist() == pytest.approx([2, np.nan], nan_ok=True)
    assert entry.loc[0].tolist() == [4, 1]
    assert latest.loc[1].tolist() == pytest.approx([np.nan, 0], nan_ok=True)
    assert list(latest.columns) == ["safety", "health"]
    assert levels_n(TOOL) == 5


def test_a_reversed_scale_is_turned_and_nothing_else_changes():
    turned = ROWS.assign(score=6 - ROWS["score"])
    pd.testing.assert_frame_equal(score_table(turned[:4], TURNED), score_table(ROWS[:4], TOOL))


def test_only_days_up_to_the_last_count():
    assert score_table(ROWS, TOOL, until=dt.date(2021, 12, 31)).loc[0].tolist() == [4, 1]


def test_the_order_of_rows_does_not_matter():
    pd.testing.assert_frame_equal(score_table(ROWS[::-1], TOOL), score_table(ROWS, TOOL))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0, "2022-05-01", "courage", 3), "domain that"),
        ((0, "2022-05-01", "health", 6), "outside the scale"),
        ((0, "2022-05-01", "health", 2.5), "between two levels"),
        ((0, "2022-05-01", "safety", 4), "child, domain and day"),
    ],
)
def test_what_cannot_be_right_is_refused_without_a_value(row, words):
    with pytest.raises(ModelError, match=words) as raised:
        score_table(pd.concat([ROWS, frame(row)], ignore_index=True), TOOL)
    assert "courage" not in str(raised.value)


def test_the_same_score_twice_on_a_day_is_one():
    twice = pd.concat([ROWS, ROWS], ignore_index=True)
    pd.testing.assert_frame_equal(score_table(twice, TOOL), score_table(ROWS, TOOL))


def test_a_scale_without_whole_steps_is_refused():
    with pytest.raises(ModelError, match="no whole steps"):
        levels_n(Assessment(scale_min=0, scale_max=4.5))
