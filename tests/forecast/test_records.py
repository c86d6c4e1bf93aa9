"""Chapter 50 from records: what is held, its range, its disclosure, and when it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.assurance.release import release
from needs.care.chapter20 import placement_mix
from needs.forecast import records
from needs.report.chapter import publish
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData

pytestmark = pytest.mark.unit

TEN = (460, 510, 590, 660, 680, 780, 770, 780, 850, 880)
ANALYSES = (
    records.total,
    records.demand,
    records.past_forecasts,
    records.skill,
    records.errors,
)
AHEAD = [f"{y}-03-31" for y in range(2024, 2029)]


def said(result) -> str:
    """Return the sentences, their words put in."""
    return " ".join(
        s.template.format_map({**dict.fromkeys(s.refs, "#"), **s.words}) for s in result.text
    )


def column(result, name: str, measure: str, group: str = "all") -> pd.Series:
    t = result.table
    rows = t[(t["measure"] == measure) & (t["group"] == group)]
    return rows.set_index("period")[name]


@pytest.fixture(scope="module")
def ten(made):
    return made.data(made.march(*TEN))


@pytest.fixture(scope="module")
def mixed(made):
    """Ten years of a mixed authority; in-house homes always two, schools three."""
    kinds = {made.foster: 150, made.ifa: 200, made.kin: 100, made.home: 90, made.own_home: 2}
    rest = {made.school: 3, made.supported: 40, made.parents: 60, made.adoption: 12}
    grown = {
        f"{2014 + i}-03-31": {
            k: n if n < 30 else round(n * (1 + 0.05 * i + 0.04 * (-1) ** i))
            for k, n in {**kinds, **rest}.items()
        }
        for i in range(10)
    }
    return made.data(grown)


def test_the_last_count_stands_for_each_of_the_next_five_years(ten):
    n = column(records.total(ten), "value", "children_n")
    assert n.tolist() == [*TEN, 880, 880, 880, 880, 880]
    assert n.index.tolist()[-5:] == AHEAD


def test_the_range_of_one_year_by_hand(ten):
    """Nine changes: root mean square about nought, times Student's t (9, upper tenth: 1.383)."""
    result = records.total(ten)
    size = np.sqrt(np.mean(np.diff(np.log(TEN)) ** 2))
    low, high = (column(result, b, "children_n")["2024-03-31"] for b in ("lower_80", "upper_80"))
    assert high == pytest.approx(880 * np.exp(1.383 * size), rel=1e-3)
    assert low * high == pytest.approx(880**2)
    assert column(result, "value", "changes_n").tolist() == [9, 8, 7, 6, 5]


def test_ranges_widen_and_days_counted_have_none(ten):
    result = records.total(ten)
    low, high = (column(result, b, "children_n") for b in ("lower_80", "upper_80"))
    assert low[:-5].isna().all() and high[:-5].isna().all()
    assert (low[-5:].diff().dropna() <= 0).all() and (high[-5:].diff().dropna() >= 0).all()


def test_words_say_what_the_range_rests_on_and_that_it_is_not_tested(ten):
    result = records.total(ten)
    assert "past changes, each over as long" in said(result)
    assert result.checks[0].status == "review" and "not tested" in result.checks[0].detail
    assert any("has not been tested" in n for n in result.notes)


@pytest.mark.parametrize(
    ("years", "ranged"), [(1, 0), (2, 0), (4, 0), (5, 1), (7, 3), (8, 4), (9, 5)]
)
def test_a_range_needs_four_changes_and_its_lack_is_said(made, years, ranged):
    data = made.data(made.march(*TEN[-years:], first=2024 - years))
    result = records.total(data)
    known = column(result, "lower_80", "children_n")[AHEAD].notna() if ranged else pd.Series()
    assert known.sum() == ranged
    assert ("too few years are known" in said(result)) == (ranged < 5)
    assert len(result.charts) == (ranged > 0)
    assert publish(result, data, "50").table is not None


def test_the_picture_stops_where_the_range_does(made):
    data = made.data(made.march(*TEN[:5], first=2019))
    (chart,) = records.total(data).charts
    assert chart.include["period"][-1] == "2024-03-31"
    (drawn,) = publish(records.total(data), data, "50").charts
    assert "80% range in 31 Mar 2024" in drawn.alt


def test_an_in_year_extract_starts_from_its_own_day(made):
    """The nearest year end is half a year off and takes the range of a full year."""
    counts = made.march(*TEN) | {"2023-09-30": {made.ifa: 900}}
    result = records.total(made.data(counts))
    n = column(result, "value", "children_n")
    assert n.index.tolist()[-6:] == ["2023-09-30", *AHEAD]
    assert n.iloc[-6:].tolist() == [900] * 6
    full = records.total(made.data(made.march(*TEN)))
    ratio = column(result, "upper_80", "children_n")[AHEAD] / 900
    assert ratio.tolist() == pytest.approx(
        (column(full, "upper_80", "children_n")[AHEAD] / 880).tolist()
    )
    assert any("not a year end" in n for n in result.notes)
    assert "2023-09-30" not in set(records.errors(made.data(counts)).table["period"])


def test_a_gap_in_the_returns_leaves_out_the_changes_across_it_and_fills_nothing(made):
    counts = {d: k for d, k in made.march(*TEN).items() if d != "2019-03-31"}
    data = made.data(counts)
    result = records.total(data)
    assert column(result, "value", "changes_n").tolist() == [7, 6, 5, 4, 4]
    assert any("Left out for want of a return: 2018-19" in n for n in result.notes)
    made_from = records.errors(data).table
    assert "2019-03-31" not in set(made_from["period"])
    one = made_from[(made_from["period"] == "2018-03-31") & (made_from["by"] == "h1")]
    assert one["value"].isna().all() and set(one["marker"]) == {"z"}


def test_returns_every_other_year_have_ranges_for_the_years_they_know(made):
    counts = {d: k for d, k in made.march(*TEN).items() if int(d[:4]) % 2}
    result = records.total(made.data(counts))
    known = column(result, "lower_80", "children_n")[AHEAD].notna()
    assert known.tolist() == [False, True, False, False, False]
    assert publish(result, made.data(counts), "50").charts


def test_one_child_is_neither_shown_nor_forecast_with_a_range(made):
    data = made.data(made.march(1, first=2023))
    for analysis in ANALYSES:
        shown = publish(analysis(data), data, "50")
        counted = [r for r in shown.rows if r.unit in {"children", "children_forecast"}]
        assert {r.marker for r in counted} <= {"c"}
        assert {r.value for r in counted} <= {""}
    assert "no range" in said(records.total(data)).lower()


def test_years_with_few_children_are_not_used(made):
    few = made.data(made.march(5, 8, 12, 40, 44, 42, 48, 46, 50, 47))
    result = records.total(few)
    assert column(result, "value", "changes_n").tolist() == [6, 5, 4, 3, 2]
    first = records.errors(few).table["period"].min()
    assert first == "2017-03-31"
    assert "too few years with enough children" in said(result)


def test_a_count_hidden_by_a_high_threshold_is_not_used_either(made):
    counts = made.march(25, 40, 44, 42, 48, 46, 50, 47)
    plain = records.total(made.data(counts))
    strict = records.total(made.data(counts, disclosure={"threshold": 30}))
    assert column(plain, "value", "changes_n").tolist()[0] == 7
    assert column(strict, "value", "changes_n").tolist()[0] == 6


def test_an_authority_without_children_today_is_held_at_nought(made):
    counts = made.march(30, 31, first=2021) | {"2023-03-31": {made.ifa: 0}}
    data = made.data({**counts, "2023-03-31": {made.ifa: 0}})
    # The last day has no child, so the frame of episodes knows nothing of it.
    result = records.demand(data)
    assert column(result, "value", "projected_n")["2024-03-31"] == 0
    assert publish(result, data, "50").table is not None


def test_the_rows_are_those_of_the_printed_table_in_the_study_s_own_groups(mixed):
    result = records.demand(mixed)
    shown = result.table[result.table["measure"] == "projected_n"]["group"].unique().tolist()
    assert shown[0] == "all"
    assert {"all_fostering", "ifa", "all_homes", "external_home", "supported"} <= set(shown)
    assert not {"in_house_home", "in_house_foster", "residential_school"} & set(shown)


def test_types_stay_as_they_are_and_groups_add_up_to_the_total(mixed):
    held = records.demand(mixed).table
    held = held[(held["measure"] == "projected_n") & (held["period"] == "2026-03-31")]
    n = held.set_index("group")["value"]
    mix = placement_mix(mixed).table
    now = mix[(mix["measure"] == "children_n") & (mix["period"] == "2023-03-31")]
    assert n.to_dict() == now.set_index("group")["value"].reindex(n.index).to_dict()
    top = ["all_fostering", "all_residential", "supported", "parents", "adoption"]
    assert n[top].sum() == n["all"]


def test_the_range_of_a_type_is_its_own_and_widened_to_fives(mixed):
    result = records.demand(mixed)
    low, high = (column(result, b, "projected_n", "supported") for b in ("lower_80", "upper_80"))
    assert (low[AHEAD] % 5 == 0).all() and (high[AHEAD] % 5 == 0).all()
    now = column(result, "value", "projected_n", "supported")["2023-03-31"]
    past = column(placement_mix(mixed), "value", "children_n", "supported")
    size = np.sqrt(np.mean(np.diff(np.log(past.to_numpy())) ** 2))
    exact = now * np.exp(1.383 * size)
    assert exact <= high["2024-03-31"] < exact + 5
    assert low["2024-03-31"] <= now / np.exp(1.383 * size) < low["2024-03-31"] + 5


def test_a_type_of_few_children_is_held_without_a_range(mixed):
    result = records.demand(mixed)
    held = column(result, "value", "projected_n", "adoption")
    assert held.tolist() == [12] * 6
    assert column(result, "lower_80", "projected_n", "adoption").isna().all()


def test_a_type_that_is_empty_today_is_held_at_nought(made):
    kinds = {made.ifa: 50, made.supported: 30}
    data = made.data({"2022-03-31": kinds, "2023-03-31": {made.ifa: 50, made.supported: 0}})
    result = records.demand(data)
    assert column(result, "value", "projected_n", "supported").tolist() == [0] * 6
    assert "parents" not in set(result.table["group"])


def test_children_without_a_placement_code_keep_a_row_of_their_own(made):
    data = made.data({"2023-03-31": {made.ifa: 50, made.blank: 10}})
    assert column(records.demand(data), "value", "projected_n", "not_recorded").tolist() == [10] * 6


def test_shares_are_held_with_the_range_of_their_own_past(mixed):
    result = records.demand(mixed)
    share = column(result, "value", "share_pct", "parents")
    assert share[AHEAD].tolist() == [share["2023-03-31"]] * 5
    past = share[[d for d in share.index if d <= "2023-03-31"]].to_numpy()
    exact = share["2023-03-31"] + 1.383 * np.sqrt(np.mean(np.diff(past) ** 2))
    assert column(result, "upper_80", "share_pct", "parents")["2024-03-31"] == np.ceil(exact)


def test_a_held_number_is_hidden_with_the_count_it_is_held_from(made):
    """Three with parents are hidden, and adoption with them: so is what is held from both."""
    kinds = {made.ifa: 80, made.parents: 3, made.adoption: 9}
    data = made.data({"2022-03-31": kinds, "2023-03-31": kinds})
    shown = release(records.demand(data), data.study, "50")
    marks = {(r.measure, r.group, r.period): r.marker for r in shown.rows}
    for group in ("parents", "adoption"):
        for measure in ("projected_n", "share_pct"):
            assert [marks[measure, group, d] for d in AHEAD] == ["c"] * 5
    assert [marks["projected_n", "ifa", d] for d in AHEAD] == [""] * 5
    assert all(r.value not in {"3", "9"} for r in shown.rows)


KINDS = ("foster", "ifa", "kin", "home", "own_home", "school", "supported", "parents")


@settings(deadline=None, max_examples=4)
@given(st.lists(st.lists(st.integers(0, 12), min_size=8, max_size=8), min_size=2, max_size=2))
def test_chapters_hide_the_same_cells_and_nothing_hidden_is_held_openly(made, drawn):
    days = ("2022-03-31", "2023-03-31")
    counts = {
        d: {getattr(made, k): n for k, n in zip(KINDS, row, strict=True)} | {made.adoption: 30}
        for d, row in zip(days, drawn, strict=True)
    }
    data = made.data(counts)
    mix = release(placement_mix(data), data.study, "20")
    ours = release(records.demand(data), data.study, "50")

    def hidden(block, measure: str) -> set[tuple[str, str]]:
        rows = [r for r in block.rows if r.measure == measure and r.marker == "c"]
        return {(r.group, r.period) for r in rows}

    assert hidden(ours, "children_n") == hidden(mix, "children_n")
    now = {g for g, d in hidden(mix, "children_n") if d == days[-1]}
    rows = {r.group for r in ours.rows if r.measure == "projected_n"}
    for day in AHEAD:
        assert {g for g, d in hidden(ours, "projected_n") if d == day} == now & rows


def test_the_picture_draws_the_largest_groups_only(mixed):
    result = records.demand(mixed)
    (chart,) = result.charts
    assert set(chart.include["group"]) <= {
        "all_fostering",
        "all_residential",
        "parents",
        "supported",
    }
    assert publish(result, mixed, "50").charts


def test_without_records_the_input_is_missing(made):
    study = made.data(made.march(30)).study
    data = StudyData(study.model_copy(update={"inputs": type(study.inputs)()}), {})
    for analysis in ANALYSES:
        with pytest.raises(InputMissing):
            analysis(data)
