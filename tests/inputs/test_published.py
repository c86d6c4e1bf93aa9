"""Reading typed figures: what is accepted, and how each fault is said."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from needs.inputs.published import COLUMNS, parse_printed, read
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study, load_study
from needs.vocabulary.units import UNITS

pytestmark = pytest.mark.unit

BUNDLED = Path(__file__).resolve().parents[2] / "analysis" / "oxfordshire-published"

STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
published = ["inputs/*.csv"]
"""

GOOD = {
    "figure": "d1_stock_2023",
    "document": "d1",
    "place": "Table 9",
    "table": "",
    "area": "E10000099",
    "period": "2022-23",
    "measure": "children_n",
    "group": "all",
    "by": "",
    "value": "4321",
    "printed": "4,321",
    "unit": "children",
    "note": "",
}


def as_csv(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(**changed: str) -> dict[str, str]:
    return {**GOOD, **changed}


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    def make(**files: bytes) -> Study:
        (tmp_path / "inputs").mkdir()
        (tmp_path / "study.toml").write_text(STUDY, "utf-8")
        for name, content in files.items():
            (tmp_path / "inputs" / f"{name}.csv").write_bytes(content)
        return load_study(tmp_path)

    return make


def faults(study: Study) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        read(study)
    return caught.value.faults


def test_a_figure_is_read_with_its_value_as_a_number(study):
    figures = read(study(a=as_csv(GOOD))).figures
    assert list(figures.columns) == list(COLUMNS)
    assert figures["value"].tolist() == [4321.0]
    assert figures["printed"].tolist() == ["4,321"]


def test_a_byte_order_mark_other_orders_and_further_columns_do_no_harm(study):
    turned = dict(reversed(list(row(checked_by="clerk").items())))
    figures = read(study(a=b"\xef\xbb\xbf" + as_csv(turned))).figures
    assert list(figures.columns) == list(COLUMNS)


def test_files_are_known_by_their_columns_not_their_names(study):
    listed = as_csv({"id": "d1", "title": "Report", "date": "2023", "publisher": "council"})
    published = read(study(zz=as_csv(GOOD), aa=listed))
    assert published.documents["title"].tolist() == ["Report"]
    assert published.figures["figure"].tolist() == ["d1_stock_2023"]


ONE_ROW = [
    ("unknown unit", row(unit="furlongs"), "unit", "not a known unit"),
    ("value is words", row(value="about"), "value", "not a number"),
    ("value differs", row(value="4322"), "value", "not what the printed text says"),
    ("thousands misread", row(value="4.321"), "value", "not what the printed text says"),
    ("printed is words", row(printed="many"), "printed", "not a number"),
    ("printed is empty", row(printed=""), "printed", "empty"),
    ("id is no slug", row(figure="Table 9!"), "figure", "not a slug"),
    ("id is empty", row(figure=""), "figure", "not a slug"),
    ("US date", row(period="03/31/2023"), "period", "not a period"),
    ("no place", row(place=" "), "place", "empty"),
    ("formula", row(group="=1+1"), "group", "not a slug"),
]


@pytest.mark.parametrize(
    ("bad", "column", "rule"), [c[1:] for c in ONE_ROW], ids=[c[0] for c in ONE_ROW]
)
def test_a_bad_row_is_named_by_column_and_row(study, bad, column, rule):
    (fault,) = faults(study(a=as_csv(row(figure="d1_other"), bad)))
    assert (fault.file, fault.column, fault.rows) == ("a.csv", column, (3,))
    assert rule in fault.rule
    assert fault.mend


WHOLE_FILE = [
    ("empty", b"", "empty"),
    ("white space", b"  \n", "empty"),
    ("binary", b"PK\x03\x04\0\0\0", "not a text file"),
    ("latin 1", as_csv(row(note="caf\xe9")).decode().encode("cp1252"), "not UTF-8"),
    ("other columns", b"CHILD,SEX\n1,2\n", "not recognised"),
    ("cut short", as_csv(GOOD)[:-9], "fewer cells"),
    ("comma unquoted", as_csv(GOOD).replace(b'"4,321"', b"4,321"), "more or fewer cells"),
    ("quote left open", as_csv(GOOD).replace(b'"4,321"', b'"4,321'), "quotes do not close"),
    ("column twice", as_csv(GOOD).replace(b",note", b",by"), "same name"),
]


@pytest.mark.parametrize(
    ("content", "rule"), [c[1:] for c in WHOLE_FILE], ids=[c[0] for c in WHOLE_FILE]
)
def test_a_bad_file_is_one_clear_fault(study, content, rule):
    (fault,) = faults(study(a=content))
    assert fault.file == "a.csv"
    assert rule in fault.rule


def test_each_missing_column_is_named(study):
    short = {k: v for k, v in GOOD.items() if k not in {"unit", "printed"}}
    assert sorted(f.column for f in faults(study(a=as_csv(short)))) == ["printed", "unit"]


def test_an_id_used_twice_is_found_within_and_across_files(study):
    again = as_csv(GOOD, row(figure="d1_new"), GOOD)
    found = faults(study(a=as_csv(GOOD), b=again))
    assert [(f.file, f.column, f.rows) for f in found] == [("b.csv", "figure", (2, 4))]


def test_a_document_that_is_not_listed_is_found(study):
    listed = as_csv({"id": "d2", "title": "Report", "date": "2023", "publisher": "council"})
    (fault,) = faults(study(a=as_csv(GOOD), documents=listed))
    assert (fault.column, fault.rows) == ("document", (2,))


def test_every_fault_of_every_file_comes_at_once_and_holds_no_value(study):
    a = as_csv(row(value="9999999", unit="zlotys"), row(figure="d1_b", period="soonish"))
    b = as_csv(row(figure="d1_c", printed="hidden-words"))
    with pytest.raises(InputError) as caught:
        read(study(a=a, b=b))
    assert {(f.file, f.column) for f in caught.value.faults} == {
        ("a.csv", "unit"),
        ("a.csv", "period"),
        ("b.csv", "printed"),
    }
    said = str(caught.value)
    assert not [v for v in ("9999999", "zlotys", "soonish", "hidden-words") if v in said]


def test_a_list_of_documents_alone_is_not_enough(study):
    listed = as_csv({"id": "d1", "title": "Report", "date": "2023", "publisher": "council"})
    (fault,) = faults(study(documents=listed))
    assert fault.rule == "no file of figures"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("14%", "percent", 14),
        ("18 %", "percent", 18),
        ("20 per cent", "percent", 20),
        ("£4,200", "gbp_week", 4200),
        ("£ 749", "gbp_week", 749),
        ("£36k", "gbp_k", 36),
        ("£36k", "gbp", 36000),
        ("64k", "gbp_k", 64),
        ("£5.25m", "gbp_m", 5.25),
        ("-0.3", "gbp_m", -0.3),
        ("£-3", "gbp", -3),
        ("27,482.00", "days", 27482),
        ("51st", "count", 51),
        ("Seven", "places", 7),
        ("537%", "percent", 537),
    ],
)
def test_printed_text_stands_for_a_number_of_its_unit(text, unit, value):
    assert parse_printed(pd.Series([text]), pd.Series([unit])).tolist() == [value]


@pytest.mark.parametrize("text", ["", "about 9", "9-10", "9%%", "1.2.3", "k", "£", "nine hundred"])
def test_text_that_is_no_single_number_is_not_read_as_one(text):
    assert parse_printed(pd.Series([text]), pd.Series(["count"])).isna().all()


def test_the_bundled_study_reads_and_every_document_is_typed():
    published = read(load_study(BUNDLED))
    figures = published.figures
    assert set(figures["document"]) == set(published.documents["id"])
    assert len(published.documents) == 5
    assert figures["figure"].is_unique
    assert set(figures["unit"]) <= set(UNITS)


def test_the_bundled_study_marks_the_misprint_it_records():
    figures = read(load_study(BUNDLED)).figures
    misprints = figures[figures["printed"] == "537%"]
    assert len(misprints) == 2
    assert misprints["note"].str.startswith("misprint").all()
