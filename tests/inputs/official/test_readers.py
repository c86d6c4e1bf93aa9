"""What each layout comes to, shown on files of a few rows."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from needs.inputs.registry import open_data
from needs.vocabulary.errors import InputMissing

from . import small

pytestmark = pytest.mark.unit

FIGURE = ["area_code", "period", "measure", "group", "by", "vintage"]


def said(table, *columns):
    """Return rows of a frame as tuples of text, NaN as None."""
    frame = table.frame[list(columns)].astype(object)
    return {tuple(r) for r in frame.where(frame.notna(), None).itertuples(index=False)}


def test_rates_of_both_releases_come_to_one_form(study_of):
    data = open_data(
        study_of({"comparators/a.csv": small.RATES_2022, "comparators/b.csv": small.RATES_2023})
    )
    rows = said(data.comparators, *FIGURE, "value", "marker")
    any_, all_ = "E10000099", ("all", "")
    assert rows == {
        ("E92000001", "2021-22", "children_n", *all_, "2022", 7010.0, ""),
        ("E92000001", "2021-22", "children_rate_per_10k", *all_, "2022", 70.0, ""),
        ("E92000001", "2021-22", "population_0_17_n", *all_, "2022", 1e6, ""),
        (any_, "2021-22", "children_n", *all_, "2022", 100.0, ""),
        (any_, "2021-22", "children_rate_per_10k", *all_, "2022", 50.0, ""),
        (any_, "2021-22", "population_0_17_n", *all_, "2022", 20000.0, ""),
        (any_, "2021-22", "started_n", *all_, "2022", None, "c"),
        (any_, "2021-22", "started_rate_per_10k", *all_, "2022", None, "c"),
        (any_, "2020-21", "children_n", *all_, "2022", None, "z"),
        (any_, "2020-21", "children_rate_per_10k", *all_, "2022", None, "z"),
        (any_, "2020-21", "population_0_17_n", *all_, "2022", 19000.0, ""),
        (any_, "2022-23", "children_n", *all_, "2023", 110.0, ""),
        (any_, "2022-23", "children_rate_per_10k", *all_, "2023", 52.0, ""),
        (any_, "2022-23", "population_0_17_n", *all_, "2023", 21000.0, ""),
        (any_, "2021-22", "children_n", *all_, "2023", 101.0, ""),
        (any_, "2021-22", "children_rate_per_10k", *all_, "2023", 49.0, ""),
        (any_, "2021-22", "population_0_17_n", *all_, "2023", 20500.0, ""),
    }


def test_areas_have_a_code_a_name_and_a_type(study_of):
    rates = small.table(
        small.RATES_2022.splitlines()[0],
        *(
            f"2022,{area},Children looked after at 31 March each year,1000,10,100"
            for area in (small.ENGLAND, small.REGION, small.LONDON, small.ANYSHIRE)
        ),
    )
    data = open_data(study_of({"comparators/a.csv": rates}))
    assert said(data.comparators, "area_code", "dfe_code", "area_name", "area_type") == {
        ("E92000001", "", "England", "England"),
        ("E12000099", "", "South Anywhere", "region"),
        ("E13000001", "", "Inner London", "sub_region"),
        ("E10000099", "999", "Anyshire", "authority"),
    }


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (
            small.STARTED,
            {
                ("started_n", "age", "age_1_to_4_years", 12.0, ""),
                ("started_pct", "age", "age_1_to_4_years", None, "k"),
                ("started_n", "age", "all", 40.0, ""),
                ("started_pct", "age", "all", 100.0, ""),
                ("started_n", "sex", "female", None, "c"),
                ("started_pct", "sex", "female", None, "c"),
                ("started_n", "taken_into_care", "not_taken_into_care", 20.0, ""),
                ("started_pct", "taken_into_care", "not_taken_into_care", 50.0, ""),
            },
        ),
        (
            small.PLACEMENTS_2025,
            {
                ("new_placements_n", "location", "all", 80.0, ""),
                ("new_placements_pct", "location", "all", 100.0, ""),
                ("placement_changes_n", "reason_changed", "allegation_s47", None, "c"),
                ("placement_changes_pct", "reason_changed", "allegation_s47", None, "c"),
            },
        ),
        (
            small.NET_GAIN,
            {
                ("placed_here_n", "all", "", 30.0, ""),
                ("placed_elsewhere_n", "all", "", 50.0, ""),
                ("net_gain_n", "all", "", -20.0, ""),
            },
        ),
        (small.SHORT_BREAKS, {("short_breaks_only_n", "all", "", None, "c")}),
    ],
    ids=["started", "new placements of 2025", "net gain", "short breaks"],
)
def test_measure_group_and_category_are_keys(study_of, content, rows):
    data = open_data(study_of({"comparators/any_name.csv": content}))
    assert said(data.comparators, "measure", "group", "by", "value", "marker") == rows


def test_stability_keeps_its_keys_when_a_release_rewords_it(study_of):
    files = {
        "comparators/release-2022/s.csv": small.STABILITY_2022,
        "comparators/release-2023/s.csv": small.STABILITY_2023,
    }
    frame = open_data(study_of(files)).comparators.frame
    counts = frame[frame["measure"] == "stability_n"]
    assert {
        (v, g, b): n
        for v, g, b, n in counts[["vintage", "group", "by", "value"]].itertuples(index=False)
    } == {
        ("2022", "under_16_for_2_5_years", "same_placement_2_years"): 40,
        ("2023", "under_16_for_2_5_years", "same_placement_2_years"): 41,
        ("2022", "placements_in_year", "three_or_more"): 9,
        ("2023", "placements_in_year", "three_or_more"): 9,
        ("2023", "placements_in_2_years", "all"): 60,
    }
    words = set(counts.loc[counts["by"] == "same_placement_2_years", "label"])
    assert len(words) == 2, "each release's own words stay beside the key"


def test_the_same_group_is_told_apart_by_the_rest_of_its_file(study_of):
    ceased = small.table(
        f"{small.AREA},cla_group,characteristic,number,percentage",
        f"2022,{small.ANYSHIRE},Gender,Female,17,40",
        f"2022,{small.ANYSHIRE},Age on ceasing,Total,42,100",
    )
    frame = open_data(study_of({"comparators/x.csv": ceased})).comparators.frame
    assert set(frame.loc[frame["group"] == "sex", "measure"]) == {"ceased_n", "ceased_pct"}


@pytest.mark.parametrize(
    ("folder", "vintage"),
    [("", "2023"), ("release-2025/", "2025"), ("2024-25/", "2025"), ("2024/part-1/", "2024")],
)
def test_the_folder_names_the_release_else_the_last_year(study_of, folder, vintage):
    data = open_data(study_of({f"comparators/{folder}a.csv": small.RATES_2023}))
    assert set(data.comparators.frame["vintage"]) == {vintage}
    assert data.comparators.facts["vintage"].tolist() == [vintage]


def test_a_file_given_twice_counts_once_and_is_counted(study_of):
    once = open_data(study_of({"comparators/a.csv": small.STARTED})).comparators
    twice = open_data(
        study_of({"comparators/a.csv": small.STARTED, "comparators/b.csv": small.STARTED})
    ).comparators
    columns = [c for c in once.frame if c != "file"]
    assert said(once, *columns) == said(twice, *columns)
    assert len(once.frame) == len(twice.frame)
    assert twice.facts["rows_n"].tolist() == [4, 4]
    assert twice.facts["duplicates_n"].tolist() == [0, 4]


def with_text_of(sheet):
    return pd.read_csv(io.StringIO(sheet), dtype=str, keep_default_na=False)


def as_excel(sheet):
    """Return a workbook with a cover sheet, numbers as numbers."""
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl") as book:
        pd.DataFrame({"Cover": ["A title"]}).to_excel(book, sheet_name="Cover", index=False)
        frame = pd.read_csv(io.StringIO(sheet), keep_default_na=False)
        frame.to_excel(book, sheet_name="Data", index=False)
    return made.getvalue()


def as_parquet(sheet):
    made = io.BytesIO()
    with_text_of(sheet).to_parquet(made)
    return made.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "\ufeff" + s,
        lambda s: s.replace("\n", "\r\n"),
        lambda s: s.replace("\n", "\n\n"),
        lambda s: with_text_of(s).iloc[:, ::-1].to_csv(index=False),
        lambda s: with_text_of(s).assign(note="Any, thing").to_csv(index=False),
        lambda s: s.replace("Children looked", "  Children looked").replace(",100,", ", 100 ,"),
        as_excel,
        as_parquet,
    ],
    ids=["mark", "crlf", "blank lines", "columns", "extra", "blanks", "excel", "parquet"],
)
def test_how_a_file_was_saved_does_not_matter(study_of, change):
    plain = open_data(study_of({"comparators/a": small.RATES_2022})).comparators.frame
    saved = open_data(study_of({"comparators/a": change(small.RATES_2022)})).comparators.frame
    figures = [*FIGURE, "value", "marker"]
    pd.testing.assert_frame_equal(plain[figures], saved[figures], check_categorical=False)


def test_neighbours_of_both_vintages(study_of):
    files = {
        "neighbours/one.csv": small.neighbours_2021().encode("latin-1"),
        "neighbours/two.csv": "\ufeff" + small.neighbours(),
    }
    table = open_data(study_of(files)).neighbours
    rows = said(table, "vintage", "dfe_code", "rank", "neighbour_code", "closeness")
    assert {
        ("2021", "999", 1, "101", "extremely close"),
        ("2021", "999", 2, "102", "very close"),
        ("2021", "101", 10, "210", "extremely close"),
        ("2025", "999", 10, "110", "close"),
    } <= rows
    assert len(rows) == 30
    names = said(table, "vintage", "neighbour_code", "neighbour_name")
    assert ("2021", "101", "Öldshire (Pre LG)") in names
    assert table.facts["left_out_n"].tolist() == [1, 0], "the note among the rows is counted"
    ordered = table.frame["closeness"].cat
    assert ordered.ordered
    assert ordered.categories[0] == "extremely close"


def test_population_of_children_keeps_its_marker(study_of):
    table = open_data(study_of({"population/p.csv": small.POPULATION})).population
    columns = ("area_code", "dfe_code", "mid_year", "age_from", "age_to", "population_n", "marker")
    assert said(table, *columns) == {
        ("E10000099", "999", 2021, 0, 17, 20500.0, ""),
        ("E10000099", "999", 2022, 0, 17, 21000.0, ""),
        ("E92000001", "", 2022, 0, 17, None, "x"),
    }


def test_population_by_single_year_of_age_adds_the_sexes(study_of):
    table = open_data(study_of({"population/p.csv": small.SINGLE_YEARS})).population
    columns = ("area_code", "area_type", "mid_year", "age_from", "age_to", "population_n", "marker")
    assert said(table, *columns) == {
        ("E07000001", "district", 2021, 0, 0, 30.0, ""),
        ("E07000001", "district", 2022, 0, 0, 33.0, ""),
        # Persons are not known where one sex is not.
        ("E07000001", "district", 2021, 1, 1, None, "x"),
        ("E07000001", "district", 2022, 1, 1, 17.0, ""),
    }
    assert table.facts["left_out_n"].tolist() == [2], "those over 25 are counted as left out"


def test_a_projection_keeps_persons_up_to_25(study_of):
    table = open_data(study_of({"projections/p.csv": small.PROJECTION})).projections
    columns = ("area_code", "area_type", "mid_year", "age", "population_n", "vintage")
    assert said(table, *columns) == {
        ("E07000001", "district", 2022, 0, 10.25, "2022"),
        ("E07000001", "district", 2023, 0, 11.0, "2022"),
        ("E07000002", "district", 2022, 0, 20.0, "2022"),
        ("E07000002", "district", 2023, 0, 21.5, "2022"),
    }
    assert table.facts["left_out_n"].tolist() == [3]


def test_districts_are_summed_to_their_authority_if_all_are_there(study_of):
    files = {"projections/p.csv": small.PROJECTION, "projections/d.csv": small.DISTRICTS}
    frame = open_data(study_of(files)).projections.frame
    county = frame[frame["area_code"].str.startswith("E10")]
    assert county[["area_name", "area_type", "mid_year", "population_n"]].to_numpy().tolist() == [
        ["Anyshire", "authority", 2022, 30.25],
        ["Anyshire", "authority", 2023, 32.5],
    ]


def test_an_authority_of_which_a_district_is_missing_gets_no_sum(study_of):
    lookup = small.DISTRICTS.replace("E07000003,Westtown,E10000098", "E07000003,Westtown,E10000099")
    files = {"projections/p.csv": small.PROJECTION, "projections/d.csv": lookup}
    frame = open_data(study_of(files)).projections.frame
    assert set(frame["area_code"]) == {"E07000001", "E07000002"}


def test_ofsteds_list_is_read_below_its_title(study_of):
    table = open_data(study_of({"ofsted/list.csv": small.OFSTED})).ofsted
    frame = table.frame.set_index("urn")
    assert frame["as_at"].unique().tolist() == [pd.Timestamp("2023-03-31")]
    assert frame["name"].to_dict() == {"SC000001": "", "2600002": "Any Fostering", "2600003": ""}
    assert frame["places"].to_dict() == pytest.approx(
        {"SC000001": 5.0, "2600002": float("nan"), "2600003": 4.0}, nan_ok=True
    )
    assert frame.loc["2600003", "short_breaks_only"]
    assert not frame.loc["SC000001", "short_breaks_only"]
    assert frame["region"].to_dict() == {
        "SC000001": "South East",
        "2600002": "London",
        "2600003": "East of England",
    }
    assert frame["rating"].to_dict() == {
        "SC000001": "Good",
        "2600002": "",
        "2600003": "Requires improvement to be good",
    }
    assert frame.loc["2600002", "registration_date"] == pd.Timestamp("2022-06-13")
    assert frame.loc["SC000001", "inspection_date"] == pd.Timestamp("2023-02-07")
    assert pd.isna(frame.loc["2600002", "inspection_date"])
    assert not any("address" in c or "post" in c for c in table.frame)
    assert table.facts["extra_columns_n"].tolist() == [4]


def test_ofsteds_list_may_be_a_workbook_with_typed_dates(study_of):
    plain = open_data(study_of({"ofsted/list": small.OFSTED})).ofsted.frame
    head = small.OFSTED_TITLE[0].split(",")[0]
    table = pd.read_csv(io.StringIO(small.OFSTED), skiprows=2, keep_default_na=False)
    for name in [c for c in table if "date" in c.lower()]:
        table[name] = pd.to_datetime(table[name], format="%d/%m/%Y", errors="coerce")
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl") as book:
        table.to_excel(book, sheet_name="Data", index=False, startrow=1)
        book.sheets["Data"].cell(1, 1, head)
    typed = open_data(study_of({"ofsted/list": made.getvalue()})).ofsted.frame
    pd.testing.assert_frame_equal(plain, typed)


def test_an_input_that_the_study_lacks_says_so(study_of):
    study = study_of({})
    bare = study.model_copy(update={"inputs": type(study.inputs)()})
    with pytest.raises(InputMissing, match="ofsted"):
        _ = open_data(bare).ofsted


def test_unit_costs_of_three_services_and_other_measures_are_left_out(study_of):
    table = open_data(study_of({"unit_costs/a.csv": small.UNIT_COSTS})).unit_costs
    rows = said(table, "dfe_code", "area_type", "period", "service")
    assert rows == {
        ("999", "authority", "2022-23", "all"),
        ("999", "authority", "2022-23", "fostering"),
        ("970", "England", "2021-22", "residential"),
    }
    costs = table.frame.set_index("service")["gbp_week"]
    assert (costs["all"], costs["residential"]) == (2000, 5980)
    assert np.isnan(costs["fostering"])
    assert table.facts["left_out_n"].tolist() == [1]
