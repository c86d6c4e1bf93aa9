"""Declarations are sound, and the page, the forms and the study file keep in step with them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.errors
import pytest

from needs.cli import main
from needs.inputs.names import OFFICIAL
from needs.inputs.registry import JOINS, READERS
from needs.inputs.tables import NAMES, code_lists, docs, table_spec
from needs.inputs.tables.rules import broken_rules
from needs.inputs.tables.schema import schema_of
from needs.report.chapters import CHAPTERS
from needs.vocabulary.errors import StudyError
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Inputs, Study, load_study
from needs.vocabulary.units import UNITS

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "analysis" / "INPUTS.md"
BUNDLED = ROOT / "analysis" / "oxfordshire-published"

COLUMNS = [(n, c) for n in NAMES for c in table_spec(n).columns.values()]


def test_the_page_is_what_the_declarations_say():
    assert PAGE.read_text("utf-8") == docs.page(), (
        "make it again: needs inputs > analysis/INPUTS.md"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_input_has_a_field_a_reader_a_join_and_a_property(name: str):
    assert name in Inputs.model_fields and name in READERS and name in JOINS
    assert isinstance(getattr(StudyData, name), property)
    assert name in CHAPTERS["10"].inputs


def test_every_input_of_the_study_file_can_be_read_and_is_in_chapter_10():
    fields = set(Inputs.model_fields) - {"return_years", "extract_ends"}
    assert fields == set(READERS) == {"ssda903", "published", *NAMES, *OFFICIAL}
    assert fields == set(CHAPTERS["10"].inputs)


@pytest.mark.parametrize(("name", "column"), COLUMNS, ids=[f"{n}.{c.name}" for n, c in COLUMNS])
def test_a_column_says_what_it_is_and_in_what_unit(name: str, column):
    assert column.about.endswith(".")
    assert column.unit in {"", "metres", *UNITS}
    assert bool(column.codes) == (column.kind == "code")
    if column.codes and ":" not in column.codes and column.codes != "units":
        assert column.codes in code_lists()
    if column.kind in {"money", "integer"} and name != "postcodes":
        assert column.unit
    if column.filled:
        assert column.example


@pytest.mark.parametrize("name", NAMES)
def test_keys_and_rules_speak_of_columns_that_there_are(name: str):
    spec = table_spec(name)
    named = {*spec.key, *spec.blank_is_no_row, *(c for r in spec.rules for c in r.columns)}
    named |= {c for c in (spec.provider, spec.weekly, spec.amount) if c}
    assert named <= set(spec.columns)
    assert len(broken_rules(spec)) == len(spec.rules) + 1


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_pandera_s_named_lazy_and_closed(name: str):
    spec, study = table_spec(name), load_study(BUNDLED)
    schema = schema_of(spec, study)
    assert schema.name == name and list(schema.columns) == list(spec.columns)
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        schema.validate(pd.DataFrame({"colour": ["red"]}), lazy=True)
    missing = caught.value.failure_cases["failure_case"]
    assert set(spec.columns) | {"colour"} <= set(missing)


def test_the_command_prints_a_table_and_its_form(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["inputs", "costs"])
    assert capsys.readouterr().out == docs.section("costs")
    with pytest.raises(SystemExit):
        main(["inputs", "costs", "--template"])
    assert capsys.readouterr().out == docs.template("costs")


def test_a_table_that_is_not_there_is_named_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
):
    with pytest.raises(SystemExit) as left:
        main(["inputs", "weather"])
    assert left.value.code == 10
    assert "assessments, attributes, costs" in capsys.readouterr().err


# --- the tool ---


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('domains = ["Safe", "safe"]', "same name"),
        ('domains = ["Safe", "!"]', "has none"),
        ("scale_min = 4", "below scale_max"),
        ("need_from = 9", "on the scale"),
        ("specialist_from = 0", "in that order"),
        ('higher_is = "less_need"', "in that order"),
        ('higher_is = "worse"', "less_need"),
    ],
)
def test_a_tool_that_cannot_be_is_refused(study, keys: str, words: str):
    with pytest.raises(StudyError, match=words):
        study(more=f"[assessment]\n{keys}")


def test_another_tool_and_a_reversed_scale_are_taken(study):
    more = '[assessment]\ntool = "Ours"\ndomains = ["Health & diet"]\nscale_max = 10\n'
    more += 'higher_is = "less_need"\nneed_from = 6\nspecialist_from = 2'
    made: Study = study(more=more)
    assert made.assessment.labels == {"health_diet": "Health & diet"}


def test_valuing_care_has_the_thirteen_domains_of_the_strategy():
    assert len(load_study(BUNDLED).assessment.domains) == 13


def test_inputs_lie_inside_the_study(study):
    with pytest.raises(StudyError, match="inside the study's folder"):
        study(more='costs = ["../costs.csv"]')
