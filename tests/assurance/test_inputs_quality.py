"""Chapter 10 on the other inputs: counts, joins, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from table_files import another, as_csv, example

from needs.assurance.inputs_quality import other_inputs, other_joins
from needs.inputs.registry import open_data
from needs.report.chapter import Chapter, publish
from needs.report.chapters import CHAPTERS
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.results import figure_id
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

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
voids = ["voids.csv"]
provision = ["provision.csv"]
targets = ["targets.csv"]
"""


@pytest.fixture
def data(tmp_path: Path) -> StudyData:
    void = example("voids") | {"from": "2023-03-25", "to": "", "weekly_gbp": "70"}
    rows = [void, void, void | {"provision_id": "H99", "reason": "quality"}]
    (tmp_path / "voids.csv").write_bytes(as_csv(*rows))
    (tmp_path / "provision.csv").write_bytes(as_csv(example("provision"), another("provision")))
    (tmp_path / "targets.csv").write_bytes(as_csv(example("targets")))
    (tmp_path / "study.toml").write_text(STUDY)
    return open_data(load_study(tmp_path))


def value(table: pd.DataFrame, measure: str, group: str) -> float:
    found = table[(table["measure"] == measure) & (table["group"] == group)]
    return float(found["value"].iloc[0])


def test_rows_read_said_twice_and_not_found_are_counted(data: StudyData):
    table = other_inputs(data).table
    assert sorted(table["group"].unique()) == ["provision", "targets", "voids"]
    assert value(table, "rows_n", "voids") == 3
    assert value(table, "duplicates_n", "voids") == 1
    assert value(table, "unmatched_n", "voids") == 1
    assert value(table, "rows_n", "provision") == 2


def test_an_input_that_is_joined_to_nothing_is_not_applicable(data: StudyData):
    table = other_inputs(data).table
    cell = table[(table["measure"] == "unmatched_n") & (table["group"] == "targets")]
    assert cell["marker"].tolist() == ["z"]


def test_joins_are_shown_in_rows_and_pounds_and_checked(data: StudyData):
    (result,) = other_joins(data)
    assert value(result.table, "gbp", "voids_provision_matched") == 70
    assert value(result.table, "gbp", "voids_provision_unknown") == 70
    (check,) = result.checks
    assert check.status == "fail" and "pounds" in check.detail


def test_inputs_that_the_study_lacks_are_named(data: StudyData):
    words = other_inputs(data).text[0].words["inputs"]
    assert "Placement costs" in words and "Ofsted" in words
    assert "Places that stood empty" not in words


def test_both_can_be_published(data: StudyData):
    for result in (other_inputs(data), *other_joins(data)):
        released = publish(result, data, "10")
        assert released.title == result.title
    assert figure_id("other_inputs", "rows_n", "voids") == "other_inputs.rows_n.voids"


def test_nothing_joined_is_nothing_shown(tmp_path: Path):
    (tmp_path / "targets.csv").write_bytes(as_csv(example("targets")))
    text = STUDY.replace('voids = ["voids.csv"]\n', "").replace('provision = ["provision.csv"]', "")
    (tmp_path / "study.toml").write_text(text)
    assert other_joins(open_data(load_study(tmp_path))) == ()


def test_a_study_that_lacks_two_inputs_shows_the_rest_and_says_which(
    data: StudyData, monkeypatch: pytest.MonkeyPatch
):
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr("needs.report.chapter.show", lambda r: shown.append((r.kind, r.name)))
    chapter = Chapter(CHAPTERS["10"], data)

    def of_costs(opened: StudyData) -> Table:
        return opened.costs

    def of_referrals(opened: StudyData) -> Table:
        return opened.referrals

    chapter.show(of_costs, other_inputs, of_referrals, other_joins)  # type: ignore[arg-type]
    assert [name for kind, name in shown if kind == "missing"] == [
        "missing_costs",
        "missing_referrals",
    ]
    assert [name for kind, name in shown if kind != "missing"] == ["other_inputs", "other_joins"]
