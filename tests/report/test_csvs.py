"""Tables and figures as CSV."""

from __future__ import annotations

import csv
import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.report.blocks import read_chapters
from needs.report.csvs import FIGURE_COLUMNS, safe_cell, write_figures, write_tables
from needs.vocabulary.errors import RenderError
from needs.vocabulary.units import UNITS, printed

pytestmark = pytest.mark.unit

HOSTILE = ("=1+1", "+1+cmd", "-1+2", "@SUM(A1)", "\t=1", "-2+3+cmd|' /C calc'!A0", "=", "-")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text) -> None:
    assert safe_cell(text) == "'" + text


@given(st.floats(-1e9, 1e9), st.sampled_from(sorted(UNITS)), st.sampled_from(["", "r"]))
def test_a_printed_number_keeps_its_minus_sign(value, unit, marker) -> None:
    text = printed(value, unit, marker)
    assert safe_cell(text) == text


@given(st.text())
def test_no_cell_begins_as_a_formula_unless_it_is_a_number(text) -> None:
    safe = safe_cell(text)
    assert not re.match(r"[=@\t\r\n]", safe)
    if safe[:1] in {"+", "-"}:
        assert not re.search(r"[A-Za-z(!|]", re.sub(r"(e[+-]?\d+|[km]| r)+$", "", safe.lower()))


def test_figures_stand_once_in_the_order_of_the_report(report, tmp_path) -> None:
    chapters = read_chapters(report.notebooks)
    write_figures(tmp_path / "figures.csv", chapters)
    raw = (tmp_path / "figures.csv").read_bytes()
    assert b"\r" not in raw
    lines = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    assert tuple(lines[0]) == FIGURE_COLUMNS
    shown = [(c.spec.number, r.id) for c in chapters for b in c.results for r in b.rows]
    assert [(x["chapter"], x["id"]) for x in lines] == shown
    negative = next(x for x in lines if x["printed"] == "-£0.3m")
    assert (negative["value"], negative["unit"], negative["marker"]) == ("-0.3", "gbp_m", "")
    hidden = next(x for x in lines if x["marker"] == "c")
    assert (hidden["value"], hidden["printed"]) == ("", "c")


def test_one_id_with_two_values_is_an_error_that_names_it(staging, make_result, tmp_path) -> None:
    first = make_result("stock", "20", {"kinship": [1, 2, 3, 4, 5]})
    second = dataclasses.replace(make_result("stock", "50", {"kinship": [1, 2, 3, 4, 6]}))
    chapters = read_chapters(staging.add("20", first).add("50", second).notebooks)
    with pytest.raises(RenderError, match=r"stock\.children_n\.kinship\.2022-23.*20 and 50"):
        write_figures(tmp_path / "figures.csv", chapters)
    assert not (tmp_path / "figures.csv").exists()


def test_one_id_with_one_value_in_two_chapters_stands_once(staging, make_result, tmp_path) -> None:
    values = {"kinship": [1, 2, 3, 4, 5]}
    staging.add("20", make_result("stock", "20", values))
    chapters = read_chapters(staging.add("50", make_result("stock", "50", values)).notebooks)
    write_figures(tmp_path / "figures.csv", chapters)
    assert len((tmp_path / "figures.csv").read_text("utf-8").splitlines()) == 1 + 5


def test_a_table_has_plain_numbers_and_its_markers(report, tmp_path) -> None:
    names = write_tables(tmp_path, read_chapters(report.notebooks))
    assert names == ["20-stock.csv", "50-spend.csv"]
    stock = list(csv.reader((tmp_path / names[0]).read_text("utf-8").splitlines()))
    assert stock[0] == ["Placement type", "2018-19", "2019-20", "2020-21", "2021-22", "2022-23"]
    assert stock[4] == ["Children's home", "60", "c", "71", "75", "82"]
    assert stock[3][-1] == "190"  # restated: the number stays, figures.csv has the letter
    spend = list(csv.reader((tmp_path / names[1]).read_text("utf-8").splitlines()))
    assert spend[2][1:3] == ["-0.3", "9.8"]
