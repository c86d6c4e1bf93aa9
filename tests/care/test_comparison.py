"""Chapter 25: official figures as printed, ranks with their ties, and what was restated."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.assurance.release import release
from needs.care import (
    comparison,
    comparison_changes,
    comparison_printed,
    comparison_profile,
    comparison_records,
    comparison_trend,
    published,
)
from needs.care.comparison_areas import peers
from needs.care.comparison_profile import _place
from needs.inputs.registry import open_data
from needs.report.chapter import publish
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.study import load_study
from needs.vocabulary.units import printed

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
OWN, NORTH, SOUTH, GONE, REGION, ENGLAND = (
    "E10000099 E10000001 E10000002 E10000003 E12000099 E92000001".split()
)
AREAS = {
    OWN: ("999", "Anyshire", "authority"),
    NORTH: ("101", "Northset", "authority"),
    SOUTH: ("102", "Southset", "authority"),
    GONE: ("103", "Goneset", "authority"),
    REGION: ("", "South Anywhere", "region"),
    ENGLAND: ("", "England", "England"),
}
SHORT = {"own": OWN, "north": NORTH, "south": SOUTH, "gone": GONE, "region": REGION}
SHORT["england"] = ENGLAND
NEIGHBOURS = "statistical_neighbours"
COLUMNS = ["area_code", "period", "measure", "group", "by", "value", "marker", "vintage"]


def official(text: str) -> Table:
    """Return comparators drawn as lines: area, year, measure, release, number or letter.

    A measure may be ``measure/group/by``.
    """
    rows = []
    for drawn in text.strip().splitlines():
        area, period, measure, vintage, cell = drawn.split()
        stem, group, by = measure.split("/") if "/" in measure else (measure, "all", "")
        number = cell.replace(".", "", 1).lstrip("-").isdigit()
        value, marker = (float(cell), "") if number else (float("nan"), cell)
        rows.append([SHORT[area], period, stem, group, by, value, marker, vintage])
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for i, column in enumerate(("dfe_code", "area_name", "area_type")):
        frame[column] = [AREAS[a][i] for a in frame["area_code"]]
    for column in frame.columns.difference(["value"]):
        frame[column] = frame[column].astype("category")
    return Table(frame, pd.DataFrame())


def of(text: str, draw, targets: pd.DataFrame | None = None, **comparators: object) -> StudyData:
    chosen = {"neighbours": ("101", "102"), "region": REGION, **comparators}
    inputs = {"comparators": ["c/*.csv"]} | ({"targets": ["t.csv"]} if targets is not None else {})
    study = draw.study(comparators=chosen, inputs=inputs)
    readers = {"comparators": lambda _: official(text)}
    readers["targets"] = lambda _: Table(targets, pd.DataFrame())
    return StudyData(study, readers)


TWO_RELEASES = """
own     2020-21 children_n           2022 100
own     2020-21 children_n           2023 100
own     2021-22 children_n           2022 110
own     2021-22 children_n           2023 111
own     2022-23 children_n           2023 120
england 2020-21 children_n           2022 7000
england 2020-21 children_n           2023 7000
england 2022-23 children_n           2023 7200
north   2021-22 children_n           2022 c
north   2021-22 children_n           2023 7
own     2020-21 population_0_17_n    2022 20000
own     2020-21 population_0_17_n    2023 19000
own     2020-21 children_rate_per_10k 2022 50
own     2020-21 children_rate_per_10k 2023 53
own     2021-22 population_0_17_n    2022 20000
own     2021-22 population_0_17_n    2023 20000
own     2021-22 children_rate_per_10k 2022 55
own     2021-22 children_rate_per_10k 2023 56
"""


def by_name(results):
    return {r.name: r for r in results}


def test_both_releases_stand_as_printed_and_only_a_changed_number_is_restated(draw):
    data = of(TWO_RELEASES, draw)
    made = by_name(comparison.releases(data))["comparison_children_n"]
    shown = release(made, data.study, "25")
    said = {
        r.id.removeprefix("comparison_children_n.children_n.all."): r.printed for r in shown.rows
    }
    assert said == {
        f"release_2022.2020-21.{OWN}": "100",
        f"release_2023.2020-21.{OWN}": "100",
        f"release_2022.2021-22.{OWN}": "110",
        f"release_2023.2021-22.{OWN}": "111 r",
        f"release_2023.2022-23.{OWN}": "120",
        f"release_2022.2020-21.{ENGLAND}": "7,000",
        f"release_2023.2020-21.{ENGLAND}": "7,000",
        f"release_2023.2022-23.{ENGLAND}": "7,200",
        f"release_2022.2021-22.{NORTH}": "c",
        f"release_2023.2021-22.{NORTH}": "7",
    }
    text = "".join(span.text for span in shown.sentences[0])
    assert text == "In 2022-23, 120 children were looked after in Anyshire, and 7,200 in England."


def test_why_a_number_changed_is_found_from_its_count_and_base(draw):
    made = comparison.revisions(of(TWO_RELEASES, draw)).table
    reasons = made[made["by"] == "release_2023"].set_index(["measure", "period"])["group"]
    assert reasons.to_dict() == {
        ("children_n", "2021-22"): "count",
        ("population_0_17_n", "2020-21"): "count",
        ("children_rate", "2020-21"): "population",
        ("children_rate", "2021-22"): "count",
    }


def test_nothing_revised_is_said(draw):
    data = of("own 2020-21 children_n 2022 100\nown 2020-21 children_n 2023 100", draw)
    shown = release(comparison.revisions(data), data.study, "25")
    assert [row[1:] for row in shown.table.rows] == [("0",), ("0",)]
    assert "".join(s.text for s in shown.sentences[0]).count("0") == 2


def test_letters_stand_in_the_place_of_numbers():
    assert [printed(float("nan"), "percent", m) for m in "ckuxz"] == list("ckuxz")
    assert printed(7.0, "percent", "r") == "7% r"


def test_who_is_compared(draw):
    data = of(TWO_RELEASES + "region 2020-21 children_n 2023 500", draw)
    assert list(peers(data).names.items()) == [
        (OWN, "Anyshire"),
        (NORTH, "Northset"),
        (REGION, "South Anywhere"),
        (ENGLAND, "England"),
    ]
    assert any("102" in note for note in peers(data).notes), "a lost neighbour is named"
    alone = peers(of(TWO_RELEASES, draw, neighbours=(), region=""))
    assert alone.neighbours == () and len(alone.notes) == 2
    with pytest.raises(InputMissing):
        peers(of("north 2020-21 children_n 2022 100", draw))


SHARES = "stability_pct/placements_in_year/three_or_more"


def test_rank_says_ties_and_the_suppressed_and_leaves_out_who_is_gone(draw):
    data = of(
        f"""
        own   2022-23 {SHARES} 2023 10
        north 2022-23 {SHARES} 2023 10
        south 2022-23 {SHARES} 2023 c
        gone  2022-23 {SHARES} 2023 z
        own   2022-23 children_rate_per_10k 2023 50
        north 2022-23 children_rate_per_10k 2023 60
        south 2022-23 children_rate_per_10k 2023 40
        """,
        draw,
    )
    made = comparison_profile.rank(data)
    wide = made.table.pivot_table(index="group", columns="measure", values="value")
    assert wide.loc["three_or_more"].to_dict() == {
        "rank_n": 1,
        "ranked_n": 2,
        "tied_n": 1,
        "last_n": 3,
        "suppressed_n": 1,
        "absent_n": 0,
    }
    assert wide.loc["children_rate", ["rank_n", "ranked_n", "last_n"]].tolist() == [2, 3, 2]
    assert made.row_notes["Place one is"]["three_or_more"].startswith("Lowest")
    assert made.row_notes["Place one is"]["children_rate"].startswith("Highest")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.sampled_from(["higher", "lower"]))
def test_a_place_is_where_the_figure_first_stands_in_order(values: list[int], good: str):
    here = pd.DataFrame({"value": [float(v) for v in values], "marker": ""})
    here["area_code"] = [str(i) for i in range(len(values))]
    ordered = sorted(values, reverse=good == "higher")
    found = _place(here, "0", good)
    assert found["rank_n"] == 1 + ordered.index(values[0])
    assert found["last_n"] == len(ordered) - ordered[::-1].index(values[0])


TREND = """
own     2021-22 children_rate_per_10k 2022 50
own     2022-23 children_rate_per_10k 2023 62
north   2021-22 children_rate_per_10k 2022 40
north   2022-23 children_rate_per_10k 2023 60
south   2021-22 children_rate_per_10k 2022 c
south   2022-23 children_rate_per_10k 2023 50
england 2022-23 children_rate_per_10k 2023 70
"""


def test_trend_is_shaded_between_the_neighbours_that_have_numbers(draw):
    data = of(TREND, draw)
    (made,) = comparison_trend.trends(data)
    rows = made.table.set_index(["area", "period"])["value"]
    assert rows["neighbours_median", "2022-23"] == 55
    assert rows["neighbours_min", "2021-22"] == rows["neighbours_max", "2021-22"] == 40
    (chart,) = publish(made, data, "25").charts
    assert chart.title == "Anyshire stands above every neighbour"
    band, *lines = chart.plotly["data"]
    assert band["y"] == [40, 50, 60, 40] and band["fill"] == "toself"
    assert [t["name"] for t in lines] == ["Anyshire", "Median of neighbours", "England"]
    assert "Highest neighbour" in chart.alt
    assert any("2021-22" in note for note in made.notes), "the older release is named"
    above = release(comparison_profile.profile(data), data.study, "25").sentences
    assert "above the highest" in "".join(s.text for s in above[0])


def test_gap_to_a_target_looks_at_its_direction(draw):
    base = {"measure": "rate_per_10k", "group": "all", "date": pd.Timestamp("2025-03-31")}
    for direction, value, words in (
        ("at_most", 49, "is not met"),
        ("at_most", 62, "is met"),
        ("at_least", 70, "is not met"),
    ):
        targets = pd.DataFrame([{**base, "direction": direction, "value": value}])
        data = of(TREND, draw, targets)
        made = comparison_trend.gaps(data)
        gap = made.table.loc[made.table["by"] == "gap", "value"].item()
        assert gap == 62 - value
        shown = "".join(s.text for s in release(made, data.study, "25").sentences[0])
        assert shown.endswith(f"The target {words}.") and "62" in shown
    other = pd.DataFrame([{**base, "measure": "share_pct", "group": "ifa", "direction": "at_most"}])
    with pytest.raises(InputMissing):
        comparison_trend.gaps(of(TREND, draw, other.assign(value=1)))


def test_own_records_stand_beside_releases_and_a_small_own_count_gives_nothing_away(draw):
    children = draw.table(
        "child | sex | dob | uasc\n"
        + "\n".join(f"c{i} | male | 2010-01-{i + 1:02d} | -" for i in range(9))
    )
    starts = ["2021-05-01"] * 3 + ["2022-05-01"] * 6
    episodes = draw.table(
        "child | decom | dec | rne | ls | cin | place | provider | rec | urn\n"
        + "\n".join(
            f"c{i} | {day} | - | S | C2 | N1 | U4 | PR1 | - | -" for i, day in enumerate(starts)
        )
    )
    records = draw.records(children, episodes, [2022, 2023])
    text = """
    own 2021-22 children_n 2022 40
    own 2022-23 children_n 2022 10
    own 2022-23 children_n 2023 11
    """
    study = draw.study(inputs={"comparators": ["c/*.csv"], "ssda903": ["s/*.csv"]})
    readers = {"comparators": lambda _: official(text), "ssda903": lambda _: records}
    shown = release(comparison_records.records(StudyData(study, readers)), study, "25")
    said = {r.id.removeprefix("comparison_records."): r.printed for r in shown.rows}
    assert said["first_n.children_n.2022-23"] == "10"
    assert said["newest_n.children_n.2022-23"] == "11 r"
    assert said["records_n.children_n.2022-23"] == "9 r"
    assert said["off_first_n.children_n.2022-23"] == "-1"
    for hidden in ("records_n", "off_first_n", "off_newest_n"):
        assert said[f"{hidden}.children_n.2021-22"] == "c"
    assert said["first_n.children_n.2021-22"] == "40"


def test_printed_comparators_keep_the_own_figure_of_the_same_period(draw):
    head = "document measure group area period by value unit".split()
    rows = [
        ("1", "reviews_on_time_pct", "all", OWN, "2010-11", "low", 90.0, "percent"),
        ("1", "reviews_on_time_pct", "all", NEIGHBOURS, "2009-10", "", 87.7, "percent1"),
        ("2", "share_of_children_pct", "fostering", OWN, "2019-20", "", 62.0, "percent"),
        ("2", "share_of_children_pct", "fostering", OWN, "2020-03", "", 64.0, "percent"),
        ("2", "share_of_children_pct", "fostering", ENGLAND, "2020-03", "", 72.0, "percent"),
        ("2", "authorities_n", "ifa", OWN, "2021", "", 14.0, "count"),
        ("2", "children_n", "all", ENGLAND, "2021", "", 5.0, "children"),
    ]
    frame = pd.DataFrame(rows, columns=head).assign(place="page", figure="f", table="")
    study = draw.study(inputs={"published": ["p/*.csv"]})
    typed = SimpleNamespace(figures=frame, documents=pd.DataFrame())
    data = StudyData(study, {"published": lambda _: typed})
    made = comparison_printed.printed(data)
    kept = set(zip(made.table["measure"], made.table["period"], made.table["area"], strict=True))
    assert kept == {
        ("reviews_on_time_pct_low", "2010-11", OWN),
        ("reviews_on_time_pct", "2009-10", NEIGHBOURS),
        ("share_of_children_pct_fostering", "2020-03", OWN),
        ("share_of_children_pct_fostering", "2020-03", ENGLAND),
    }
    shown = release(made, study, "25")
    assert "87.7%" in {r.printed for r in shown.rows}


def test_the_default_study_names_what_the_documents_print_of_other_areas():
    published = open_data(load_study(ROOT / "analysis" / "oxfordshire-published"))
    default = open_data(load_study(ROOT / "analysis" / "oxfordshire-2022-23"))
    typed = comparison_printed.rows_of(published).sort_values("figure", ignore_index=True)
    copied = comparison_printed.rows_of(default).sort_values("figure", ignore_index=True)
    folder = ROOT / "analysis/oxfordshire-2022-23/published"
    rows = pd.read_csv(folder / "comparators.csv", dtype=str)
    of_leavers = rows["measure"] == "ceased_in_year_pct"
    held = rows["table"].fillna("").str.startswith("held_")  # see test_printed_tables.py
    assert set(copied["figure"]) == set(rows.loc[~of_leavers & ~held, "figure"])
    pd.testing.assert_frame_equal(typed, copied)
    assert set(typed["area"]) >= {ENGLAND, "E12000008", NEIGHBOURS}
    assert not default.has("comparators"), "a fresh clone has none: the chapter says so"


def test_one_printed_share_is_not_called_lowest_and_highest_of_itself():
    default = open_data(load_study(ROOT / "analysis" / "oxfordshire-2022-23"))
    (said,) = published.distance(default).text
    assert "lowest" not in said.template and set(said.refs) == {"only"}


CHANGED = """
own     2021-22 children_n           2023 100
own     2022-23 children_n           2023 160
own     2021-22 population_0_17_n    2023 20000
own     2022-23 population_0_17_n    2023 20000
own     2021-22 children_rate_per_10k 2023 50
own     2022-23 children_rate_per_10k 2023 80
own     2021-22 started_n            2023 30
own     2022-23 started_n            2023 34
own     2021-22 started_rate_per_10k 2023 15
own     2022-23 started_rate_per_10k 2023 17
own     2022-23 ceased_rate_per_10k  2023 12
england 2022-23 population_0_17_n    2023 12000000
england 2022-23 children_n           2023 84000
england 2022-23 children_rate_per_10k 2023 70
england 2022-23 started_n            2023 33600
england 2022-23 started_rate_per_10k 2023 28
"""


def test_a_change_that_chance_would_make_is_told_from_one_that_it_would_not(draw):
    result = comparison_changes.changes(of(CHANGED, draw))
    change = result.row_notes["Change from the year before"]
    # 160 after 100: one in 5,000 by chance. 34 after 30: seven in ten.
    assert change["children_rate"] == "Up; beyond noise"
    assert change["started_rate"] == "Up; within noise"
    assert change["ceased_rate"] == "No figure"
    against = result.row_notes["Against England"]
    # 140 would be England's rate here, 160 are: one in ten. 56 would be, 34 are: one in 500.
    assert against["children_rate"] == "Above; within noise"
    assert against["started_rate"] == "Below; beyond noise"
    made = release(result, of(CHANGED, draw).study, "25")
    assert made.table is not None and len(made.table.rows) == 3
