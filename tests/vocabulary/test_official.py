"""The newest vintage of a figure, and a projection at the level of the estimates."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.vocabulary.errors import ModelError
from needs.vocabulary.official import FIGURE, latest, rebased

NAN = float("nan")


def figures(*rows):
    """Return figures: period, vintage, value, marker."""
    made = pd.DataFrame(rows, columns=["period", "vintage", "value", "marker"])
    return made.assign(area_code="E10000099", measure="children_n", group="all", by="")


@pytest.mark.unit
def test_latest_takes_the_newest_and_keeps_what_it_dropped_out_of():
    taken = latest(
        figures(
            ("2020-21", "2022", 10.0, ""),
            ("2021-22", "2022", 20.0, ""),
            ("2021-22", "2023", 21.0, ""),
            ("2022-23", "2023", NAN, "c"),
        )
    )
    assert taken.frame[["period", "vintage"]].to_numpy().tolist() == [
        ["2020-21", "2022"],
        ["2021-22", "2023"],
        ["2022-23", "2023"],
    ]
    row = taken.revised.iloc[0]
    assert len(taken.revised) == 1
    assert (row["vintage_before"], row["value_before"], row["vintage"], row["value"]) == (
        "2022",
        20.0,
        "2023",
        21.0,
    )
    assert row["change"] == 1.0


@pytest.mark.unit
@pytest.mark.parametrize(
    ("before", "after", "revised"),
    [
        ((5.0, ""), (5.0, ""), 0),
        ((NAN, "c"), (NAN, "c"), 0),
        ((NAN, "c"), (NAN, "z"), 1),
        ((NAN, "c"), (6.0, ""), 1),
        ((6.0, ""), (NAN, "c"), 1),
    ],
)
def test_a_marker_that_changes_is_a_revision(before, after, revised):
    taken = latest(figures(("2021-22", "2022", *before), ("2021-22", "2023", *after)))
    assert len(taken.revised) == revised
    if revised:
        assert taken.revised["change"].isna().all()


@pytest.mark.unit
def test_a_figure_of_three_vintages_is_compared_step_by_step():
    taken = latest(figures(*[("2021-22", str(2022 + i), v, "") for i, v in enumerate((1, 2, 2))]))
    assert taken.revised[["vintage_before", "vintage"]].to_numpy().tolist() == [["2022", "2023"]]


@pytest.mark.property
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2020-21", "2021-22"]),
            st.sampled_from(["2021", "2022", "2023"]),
            st.integers(0, 3).map(float),
        ),
        min_size=1,
        unique_by=lambda r: r[:2],
    )
)
def test_every_figure_stays_once_in_its_last_vintage_whatever_the_order(rows):
    frame = figures(*[(*r, "") for r in rows])
    taken = latest(frame)
    assert not taken.frame.duplicated(list(FIGURE)).any()
    last = {p: max(v for q, v, _ in rows if q == p) for p in {r[0] for r in rows}}
    assert dict(zip(taken.frame["period"], taken.frame["vintage"], strict=True)) == last
    again = latest(frame.iloc[::-1])
    pd.testing.assert_frame_equal(taken.frame, again.frame)
    pd.testing.assert_frame_equal(taken.revised, again.revised)


def projection(years=(2022, 2023), each=10.0, area="E10000099"):
    rows = [(area, y, a, each) for y in years for a in range(20)]
    return pd.DataFrame(rows, columns=["area_code", "mid_year", "age", "population_n"])


def estimate(year, n, age_from=0, age_to=17, area="E10000099"):
    row = (area, year, age_from, age_to, n)
    names = ["area_code", "mid_year", "age_from", "age_to", "population_n"]
    return pd.DataFrame([row], columns=names)


@pytest.mark.unit
def test_a_projection_is_multiplied_by_the_estimate_over_the_projection():
    made = rebased(projection(), pd.concat([estimate(2022, 189.0), estimate(2023, 198.0)]))
    assert made.factors["factor"].tolist() == pytest.approx([1.05, 1.1])
    assert made.factors["used"].tolist() == [False, True]
    assert made.frame["population_n"].tolist() == pytest.approx([11.0] * 40)
    assert set(made.frame["projected_n"]) == {10.0}
    assert set(made.frame["base_year"]) == {2023}
    assert "mid-year" in made.text


@pytest.mark.unit
def test_the_base_year_may_be_chosen():
    both = pd.concat([estimate(2022, 189.0), estimate(2023, 198.0)])
    assert set(rebased(projection(), both, 2022).frame["factor"]) == {189.0 / 180}
    with pytest.raises(ModelError):
        rebased(projection(), both, 2030)


@pytest.mark.unit
def test_single_years_serve_where_there_is_no_total_and_only_if_all_are_there():
    ages = pd.concat([estimate(2022, 9.0, a, a) for a in range(18)])
    assert rebased(projection(), ages).factors["factor"].tolist() == pytest.approx([0.9])
    with pytest.raises(ModelError):
        rebased(projection(), ages[ages["age_from"] != 7])


@pytest.mark.unit
def test_an_area_without_an_estimate_is_left_out():
    two = pd.concat([projection(), projection(area="E10000098")])
    made = rebased(two, estimate(2022, 189.0))
    assert set(made.frame["area_code"]) == {"E10000099"}
