"""The workbook: one table a sheet, numbers as numbers, nothing that runs."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.report.blocks import read_chapters
from needs.report.workbook import number_format, sheet_names, write_workbook
from needs.vocabulary.units import MARKERS, UNITS

pytestmark = pytest.mark.unit

HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "http://example.org",
    "[a](http://example.org)",
    "[a](b) [c](d)",
    "$$n0$$",
    "--",
    "",
    "mailto:a@b",
)


def written(staging: Any, study: Any, path: Path) -> Any:
    write_workbook(path, study, read_chapters(staging.notebooks))
    return openpyxl.load_workbook(path)


def cells(sheet: Any) -> list[list[Any]]:
    return [[c.value for c in row] for row in sheet.iter_rows()]


@pytest.fixture
def book(report, study, tmp_path) -> Any:
    return written(report, study, tmp_path / "tables.xlsx")


def test_cover_contents_notes_and_one_table_a_sheet(book) -> None:
    assert book.sheetnames == ["Cover", "Contents", "Notes", "20 stock", "50 spend"]
    for sheet in book.worksheets[1:]:
        assert len(sheet.tables) == 1
        assert not sheet.merged_cells.ranges
        assert sheet["A1"].value


def test_numbers_are_numbers_in_their_unit_and_markers_are_text(book) -> None:
    sheet = book["20 stock"]
    head, *rows = cells(sheet)[-5:]
    assert head == [
        "Placement type",
        *(f"{y}\n(children)" for y in ("2018-19", "2019-20", "2020-21", "2021-22", "2022-23")),
    ]
    assert rows[3] == ["Children's home", 60, "c", 71, 75, 82]
    last = sheet.max_row
    assert sheet.cell(last, 2).number_format == "#,##0"
    assert sheet.cell(last - 1, 6).value == 190
    assert sheet.cell(last - 1, 6).number_format == '#,##0" r"'
    spend = book["50 spend"]
    assert spend.cell(spend.max_row, 2).value == pytest.approx(-0.3)
    assert spend.cell(spend.max_row, 2).number_format == '"£"#,##0.0"m"'


def test_each_sheet_says_scope_source_letters_and_synthetic(book) -> None:
    said = "\n".join(str(v) for row in cells(book["20 stock"]) for v in row if v)
    assert "Source: SSDA903 returns of the authority" in said
    assert "including unaccompanied children" in said
    assert f"c = {MARKERS['c']}" in said
    assert "Synthetic records" in said
    assert "Synthetic" not in str(cells(book["50 spend"]))
    assert "Synthetic records" in str(cells(book["Cover"]))
    assert "Children on 31 March of each year." in str(cells(book["Notes"]))


def test_units_that_differ_by_row_get_a_column(staging, make_result, study, tmp_path) -> None:
    block = make_result("mix", "20", {"kinship": [1, 2, 3, 4, 5]}, chart=False)
    other = make_result("mix", "20", {"ifa": [1, 2, 3, 4, 5]}, unit="gbp_m", chart=False)
    table = block.table
    both = type(block)(
        **{k: getattr(block, k) for k in block.__dataclass_fields__}
        | {
            "rows": block.rows + other.rows,
            "table": type(table)(
                table.stubs,
                table.headers,
                table.rows + other.table.rows,
                table.ids + other.table.ids,
            ),
        }
    )
    head, first, second = cells(
        written(staging.add("20", both), study, tmp_path / "t.xlsx")["20 mix"]
    )[-3:]
    assert head[:3] == ["Placement type", "Unit", "2018-19"]
    assert (first[1], second[1]) == (UNITS["children"].label, UNITS["gbp_m"].label)


def test_hostile_cells_are_inert_text(staging, make_result, study, tmp_path) -> None:
    labels = {f"g{k}": text for k, text in enumerate(HOSTILE)}
    block = make_result(
        "stock",
        "20",
        {g: [1, 2, 3, 4, 5] for g in labels},
        labels=labels,
        title="=1+1",
        subtitle="=2+2",
        notes=("=3+3", "$$n1$$"),
        source="[a](http://example.org)",
    )
    path = tmp_path / "t.xlsx"
    sheet = written(staging.add("20", block), study, path)["20 stock"]
    stubs = [row[0] for row in cells(sheet)[-len(HOSTILE) :]]
    assert stubs[:3] == ["=1+1", "@SUM(A1)", "http://example.org"]
    with zipfile.ZipFile(path) as z:
        sheets = [n for n in z.namelist() if re.match(r"xl/worksheets/sheet\d+\.xml", n)]
        assert not any(b"<f>" in z.read(n) for n in sheets)
        assert not any(b"example.org" in z.read(n) for n in z.namelist() if n.endswith(".rels"))


def test_the_same_report_gives_the_same_bytes(report, study, tmp_path) -> None:
    written(report, study, tmp_path / "a.xlsx")
    written(report, study, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as z:
        assert b"2023-03-31T00:00:00Z" in z.read("docProps/core.xml")


def test_a_report_without_tables_has_a_cover_that_says_so(staging, study, tmp_path) -> None:
    book = written(staging.add("20", "Only words."), study, tmp_path / "t.xlsx")
    assert book.sheetnames == ["Cover", "Notes"]
    assert "no table" in str(cells(book["Cover"]))


@given(st.lists(st.tuples(st.sampled_from(["20", "50"]), st.from_regex(r"[a-z][a-z_]{0,50}"))))
def test_sheet_names_are_unique_and_short_enough(results) -> None:
    names = sheet_names(results)
    assert len(names) == len(results)
    assert len({n.casefold() for n in names}) == len(names)
    assert all(0 < len(n) <= 31 and not re.search(r"[\[\]:*?/\\']", n) for n in names)


def test_every_unit_has_a_format() -> None:
    assert number_format("gbp_week") == '"£"#,##0'
    assert number_format("percent1", "r") == '#,##0.0"% r"'
    assert all(number_format(u).count('"') % 2 == 0 for u in UNITS)
