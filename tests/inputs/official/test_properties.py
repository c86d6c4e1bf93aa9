"""What holds for any numbers, markers and order of rows."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from needs.inputs.official.figures import MARKERS, number_faults, numbers
from needs.inputs.official.words import breakdown_key
from needs.inputs.registry import open_data

from . import small

pytestmark = pytest.mark.property

NUMBERS = st.one_of(st.integers(-(10**7), 10**7), st.decimals(-999, 999, places=3))


@given(
    st.lists(
        st.one_of(
            NUMBERS.map(lambda n: (str(n), float(n), "")),
            NUMBERS.map(lambda n: (f"{n:,}", float(n), "")),
            st.sampled_from(sorted(MARKERS)).map(lambda m: (m, math.nan, m)),
        ),
        min_size=1,
    )
)
def test_a_cell_is_its_number_or_its_marker(cells):
    text = pd.Series([c[0] for c in cells], dtype="category")
    value, marker = numbers(text)
    assert value.tolist() == pytest.approx([c[1] for c in cells], nan_ok=True)
    assert marker.tolist() == [c[2] for c in cells]
    assert number_faults("f.csv", text.to_frame("n"), ["n"]) == []


@given(st.text(min_size=1, max_size=6))
def test_anything_else_is_a_fault_that_does_not_say_it(text):
    column = pd.Series([text, "1"], dtype="category", index=pd.RangeIndex(2, 4))
    value, marker = numbers(column)
    is_known = not math.isnan(value.iloc[0]) or marker.iloc[0] != ""
    faults = number_faults("f.csv", column.to_frame("n"), ["n"])
    assert [f.rows for f in faults] == ([] if is_known else [(2,)])


@given(st.text(max_size=40), st.sampled_from(["age", "sex", "placements_in_year"]))
def test_a_key_is_a_slug_and_says_the_same_of_the_same_words(label, group):
    key = breakdown_key(label, group)
    assert (
        key == breakdown_key(f"  {label.upper()} ".replace("ß", "ss"), group) or not label.isascii()
    )
    assert key[:1].isalpha()
    assert all(c.isalnum() or c == "_" for c in key)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(small.RATES_2022.splitlines()[1:]), st.integers(1, 3))
def test_rows_may_stand_in_any_order_and_over_any_files(study_of, rows, cut):
    head = small.RATES_2022.splitlines()[0]
    whole = open_data(
        study_of(
            {"comparators/2022/a.csv": small.RATES_2022, "comparators/2022/b.csv": small.RATES_2022}
        )
    ).comparators.frame
    split = open_data(
        study_of(
            {
                "comparators/2022/a.csv": small.table(head, *rows[:cut]),
                "comparators/2022/b.csv": small.table(head, *rows[cut:]),
            }
        )
    ).comparators.frame
    columns = [c for c in whole if c != "file"]
    pd.testing.assert_frame_equal(whole[columns], split[columns])
