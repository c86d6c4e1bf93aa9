"""The same rows are the same table: in any form, split over files, shuffled, wide or long."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import openpyxl
import pandas as pd
import pytest
from table_files import another, as_csv, as_parquet, as_xlsx, example, saved

from needs.inputs.tables import NAMES, docs, table_spec
from needs.inputs.tables.reader import RawTable, read
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import Assessment, Study

pytestmark = pytest.mark.unit

Make = Callable[..., Study]


def same(one: RawTable, other: RawTable) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert one.ids.tolist() == other.ids.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_csv_excel_and_parquet_give_the_same_table(study: Make, name: str):
    rows = [example(name), another(name), another(name, 2)]
    csv = read(study(**{name: {"a.csv": as_csv(*rows)}}), name)
    assert len(csv.frame) == 3
    same(csv, read(study(**{name: {"a.xlsx": as_xlsx(name, *rows)}}), name))
    same(csv, read(study(**{name: {"a.parquet": as_parquet(name, *rows)}}), name))


@pytest.mark.parametrize("name", ["costs", "provision", "action_plan"])
def test_split_and_shuffled_files_give_the_same_table(study: Make, name: str):
    rows = [another(name, i) for i in range(1, 20)]
    whole = read(study(**{name: {"a.csv": as_csv(*rows)}}), name)
    Random(4).shuffle(rows)  # noqa: S311
    mixed = {
        "z.csv": as_csv(*rows[:7]),
        "b.xlsx": as_xlsx(name, *rows[7:12]),
        "c.parquet": as_parquet(name, *rows[12:]),
    }
    parts = read(study(**{name: mixed}), name)
    same(whole, parts)
    assert parts.facts["rows_n"].tolist() == [5, 7, 7]


@pytest.mark.parametrize("name", NAMES)
def test_the_template_is_a_right_file_and_its_columns_the_declaration(study: Make, name: str):
    made = read(study(**{name: {"t.csv": docs.template(name).encode()}}), name)
    spec = table_spec(name)
    kept = ["child" if c.kind == "child" else c.name for c in spec.columns.values() if c.keep]
    assert made.frame.columns.tolist() == kept and len(made.frame) == 1


def test_rows_are_kept_said_before_or_left_out_and_columns_counted(study: Make):
    one = example("assessments") | {"note": "extra"}
    blank = one | {"date": "2022-06-01", "score": ""}
    files = {"a.csv": as_csv(one, one, blank), "b.csv": as_csv(one)}
    made = read(study(assessments=files), "assessments")
    facts = made.facts.set_index("file")
    assert facts.loc["inputs/assessments/a.csv"].tolist() == [3, 1, 1, 1, 1]
    assert facts.loc["inputs/assessments/b.csv"].tolist() == [1, 0, 1, 0, 1]
    assert len(made.frame) == 1


def test_a_wide_file_of_assessments_is_the_long_one(study: Make):
    domains = Assessment().labels
    scores = {key: str(i % 5) for i, key in enumerate(domains)} | {"physical_health": ""}
    days = {"C1": "2022-05-01", "C2": "2022-07-01"}
    wide = [
        {"CHILD": c, "date": d, "occasion": "review"} | {domains[k]: v for k, v in scores.items()}
        for c, d in days.items()
    ]
    long = [
        {"child_id": c, "date": d, "domain": k, "score": v, "occasion": "review"}
        for c, d in days.items()
        for k, v in scores.items()
    ]
    of_wide = read(study(assessments={"w.csv": as_csv(*wide)}), "assessments")
    same(of_wide, read(study(assessments={"l.csv": as_csv(*long)}), "assessments"))
    assert of_wide.facts.loc[0, ["rows_n", "kept_n", "left_out_n"]].tolist() == [26, 24, 2]


def test_scores_follow_the_scale_of_the_study(study: Make):
    row = example("assessments") | {"score": "9"}
    ten = "[assessment]\nscale_max = 10\nspecialist_from = 8"
    made = read(study(more=ten, assessments={"a.csv": as_csv(row)}), "assessments")
    assert made.frame["score"].tolist() == [9.0]
    with pytest.raises(InputError, match="outside 0 to 4"):
        read(study(assessments={"a.csv": as_csv(row)}), "assessments")


# --- workbooks ---


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    return saved(made)


UPLIFTS = ["provider", "asked_pct", "agreed_pct", "from"]


def test_sheets_that_are_the_table_are_read_and_others_left_alone(study: Make):
    first = [UPLIFTS, ["A", 19, 8.9, "2023-04-01"]]
    notes = [["What this workbook is for"], ["x"]]
    second = [UPLIFTS, ["B", 5, None, "2023-04-01"]]
    made = read(study(uplifts={"u.xlsx": book(notes, first, second)}), "uplifts")
    assert made.frame["provider"].tolist() == ["A", "B"]
    assert made.facts["file"].tolist() == [
        "inputs/uplifts/u.xlsx, sheet 2",
        "inputs/uplifts/u.xlsx, sheet 3",
    ]


def test_a_formula_in_a_workbook_is_said_and_not_taken_for_its_last_value(study: Make):
    content = book([UPLIFTS, ["A", "=10+9", 8.9, "2023-04-01"]])
    with pytest.raises(InputError) as caught:
        read(study(uplifts={"u.xlsx": content}), "uplifts")
    (fault,) = caught.value.faults
    assert (fault.column, fault.rows) == ("asked_pct", (2,)) and "formula" in fault.rule


def test_a_per_cent_cell_is_what_a_person_sees(study: Make):
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append(UPLIFTS)
    sheet.append(["A", 0.19, 0.089, "2023-04-01"])
    sheet["B2"].number_format = sheet["C2"].number_format = "0.0%"
    frame = read(study(uplifts={"u.xlsx": saved(made)}), "uplifts").frame
    assert frame.loc[0, ["asked_pct", "agreed_pct"]].tolist() == [19.0, 8.9]


# --- cells ---


@pytest.mark.parametrize(
    ("name", "column", "text", "value"),
    [
        ("costs", "weekly_cost_gbp", "£4,200.50", 4200.5),
        ("costs", "weekly_cost_gbp", "-120", -120.0),
        ("costs", "weekly_cost_gbp", "(120.00)", -120.0),
        ("costs", "weekly_cost_gbp", "-£12", -12.0),
        ("costs", "weekly_cost_gbp", "0", 0.0),
        ("costs", "from", "11/04/2022", pd.Timestamp(2022, 4, 11)),
        ("costs", "from", "2022-04-11T00:00:00", pd.Timestamp(2022, 4, 11)),
        ("costs", "from", "11/04/2022 00:00", pd.Timestamp(2022, 4, 11)),
        ("costs", "route", "IN-HOUSE", "in_house"),
        ("costs", "route", "Cross-regional contract", "cross_regional"),
        ("costs", "provider", "  Example \t Care ", "Example Care"),
        ("provision", "solo", "Y", True),
        ("provision", "postcode", "ox1 1nd", "OX11ND"),
        ("uplifts", "asked_pct", "19%", 19.0),
        ("finance", "period", "2022/23", "2022-23"),
        ("care_leavers", "accommodation", "u1", "U1"),
        ("action_plan", "rag", "Not rated", "not_rated"),
    ],
)
def test_cells_are_taken_as_people_write_them(
    study: Make, name: str, column: str, text: str, value: object
):
    row = example(name) | {column: text}
    assert read(study(**{name: {"a.csv": as_csv(row)}}), name).frame.loc[0, column] == value


@pytest.mark.parametrize(
    ("name", "column", "text"),
    [
        ("costs", "weekly_cost_gbp", "1,5"),
        ("costs", "weekly_cost_gbp", "4200 a week"),
        ("costs", "weekly_cost_gbp", "€4200"),
        ("costs", "from", "04/31/2022"),
        ("costs", "from", "44662"),
        ("costs", "child_id", "1.23E+09"),
        ("finance", "period", "2022-24"),
        ("provision", "places", "4.5"),
        ("costs", "service", "#REF!"),
    ],
)
def test_cells_that_could_be_misread_are_refused(study: Make, name: str, column: str, text: str):
    row = example(name) | {column: text}
    with pytest.raises(InputError) as caught:
        read(study(**{name: {"a.csv": as_csv(row)}}), name)
    assert [f.column for f in caught.value.faults] == [column]
    assert text not in str(caught.value)


def test_american_dates_are_named_as_such(study: Make):
    row = example("costs") | {"from": "04/28/2022"}
    with pytest.raises(InputError, match="month/day/year"):
        read(study(costs={"a.csv": as_csv(row)}), "costs")


def test_identifiers_that_programs_took_for_numbers_are_the_same(study: Make):
    rows = [
        example("costs") | {"child_id": "1234567.0"},
        another("costs") | {"child_id": "1234567"},
    ]
    made = read(study(costs={"a.csv": as_csv(*rows)}), "costs")
    assert made.ids.tolist() == ["1234567"] and made.frame["child"].tolist() == [0, 0]


def test_identifiers_of_children_and_lines_are_not_in_the_frame(study: Make):
    made = read(study(costs={"a.csv": as_csv(example("costs"))}), "costs")
    assert "CHILD0001" not in made.frame.to_csv() and "L000123" not in made.frame.to_csv()
    assert "CHILD0001" not in repr(made)


def test_a_file_of_names_alone_is_a_table_of_no_rows(study: Make):
    for content in (
        docs.template("voids").splitlines()[0],
        docs.template("voids").split("\n")[0] + "\n",
    ):
        made = read(study(voids={"v.csv": content.encode()}), "voids")
        assert len(made.frame) == 0 and made.facts["rows_n"].tolist() == [0]


def test_the_directory_is_read_by_its_own_names_and_points_without_a_grid_left_out(study: Make):
    text = "pcd,pcds,dointr,oseast1m,osnrth1m,oscty,oslaua\n"
    text += "OX1 1ND,OX1 1ND,198001,451160,206010,E10000025,E07000178\n"
    text += "JE2 3AB,JE2 3AB,198001,,,L99999999,L99999999\n"
    made = read(study(postcodes={"ONSPD.csv": text.encode()}), "postcodes")
    assert made.frame["pcds"].tolist() == ["OX11ND"]
    assert made.facts.loc[0, ["left_out_n", "extra_columns_n"]].tolist() == [1, 2]
    later = text.replace("oseast1m", "east1m").replace("osnrth1m", "north1m")
    later = later.replace("oslaua", "lad25cd").replace("oscty", "cty25cd")
    same(made, read(study(postcodes={"ONSPD.csv": later.encode()}), "postcodes"))


def test_a_fault_of_a_wide_file_names_the_row_of_the_file(study: Make):
    labels = list(Assessment().labels.values())
    rows = [{"child_id": f"C{i}", "date": "2022-05-01"} | dict.fromkeys(labels, "1") for i in "123"]
    rows[1] |= {labels[0]: "9"}
    with pytest.raises(InputError) as caught:
        read(study(assessments={"w.csv": as_csv(*rows)}), "assessments")
    (fault,) = caught.value.faults
    assert (fault.column, fault.rows, fault.row_count) == ("score", (3,), 1)
