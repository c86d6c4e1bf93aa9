"""A chapter as its notebook sees it."""

import subprocess
import sys

import pandas as pd
import pytest

from needs.report import chapter as module
from needs.report.chapter import Chapter
from needs.report.display import PLOTLY_MIME
from needs.vocabulary.errors import ChapterError, ModelError, StudyError
from needs.vocabulary.released import MIME, ReleasedResult
from needs.vocabulary.results import Chart, Check, Measure, Result, Sentence, figure_id, long_table

pytestmark = pytest.mark.unit

STUDY = """
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "931"
ons_code = "E10000025"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
[comparators]
neighbours = ["850"]
[report]
synthetic = true
"""


@pytest.fixture
def outputs(monkeypatch):
    """What a notebook would hold: (data, metadata) of each output."""
    sent = []
    monkeypatch.setattr(
        "IPython.display.publish_display_data",
        lambda data, metadata=None: sent.append((data, metadata)),
    )
    return sent


@pytest.fixture
def chapter(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    return Chapter.open("20", str(tmp_path))


def result(_=None, name="stock", value=3):
    rows = [
        {"measure": "children_n", "group": g, "period": p, "value": v}
        for g, v in {"res": value, "fos": 500}.items()
        for p in ("2021-22", "2022-23")
    ]
    return Result(
        name=name,
        title="Where children live",
        subtitle="At 31 March",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("children_n", "Children", "children"),),
        labels={"res": "Children's homes", "fos": "Foster care"},
        source="SSDA903",
        text=(Sentence("Homes: {n}.", {"n": figure_id(name, "children_n", "res", "2022-23")}),),
        charts=(Chart("trend", "line", "children_n", "Homes and foster care", "S", "Two lines"),),
        checks=(Check("Rows", "review", "look at them"),),
    )


def test_a_result_is_one_block_then_one_output_for_each_chart(chapter, outputs):
    chapter.show(result)
    (block, of_block), (chart, of_chart) = outputs
    assert set(block) == {MIME, "text/html", "text/plain"}
    assert of_block == {"needs": {"result": "stock"}}
    assert set(chart) == {PLOTLY_MIME, "text/html", "text/plain"}
    assert of_chart == {"needs": {"chart": "trend"}}
    released = ReleasedResult.from_json(block[MIME])
    assert released.charts[0].plotly["data"] == chart[PLOTLY_MIME]["data"]


def test_no_form_of_an_output_holds_a_hidden_number(chapter, outputs):
    chapter.show(lambda d: result(value=5))
    for data, _ in outputs:
        for form in (data["text/html"], data["text/plain"]):
            assert "5." not in form.replace("500", "")
            assert ">5<" not in form
    block = ReleasedResult.from_json(outputs[0][0][MIME])
    assert "5" not in {r.value for r in block.rows}
    assert {r.value for r in block.rows} == {"", "500"}


def test_every_form_says_scope_source_and_that_records_are_synthetic(chapter, outputs):
    chapter.show(result)
    for data, _ in outputs:
        for form in (data["text/html"], data["text/plain"]):
            assert "Children looked after: including unaccompanied" in form
            assert "Source: SSDA903" in form
            assert "Synthetic records" in form


def test_html_says_what_a_reader_of_the_notebook_needs(chapter, outputs):
    chapter.show(result)
    html = outputs[0][0]["text/html"]
    assert "<caption>Where children live. At 31 March</caption>" in html
    assert "withheld" in html
    assert "look at them" in html
    assert "c = suppressed" in html
    assert "Two lines" in outputs[1][0]["text/html"]
    live = outputs[1][0][PLOTLY_MIME]
    assert "Homes and foster care" in live["layout"]["title"]["text"]
    block = outputs[0][0][MIME]
    assert "title" not in block["charts"][0]["plotly"]["layout"]


def test_several_results_are_shown_in_order(chapter, outputs):
    chapter.show(lambda d: (result(name="a"), result(name="b")), lambda d: result(name="c"))
    names = [m["needs"]["result"] for _, m in outputs if "result" in m["needs"]]
    assert names == ["a", "b", "c"]


def test_a_missing_input_is_said_once_a_call_with_how_to_add_it(chapter, outputs):
    chapter.show(lambda d: d.records, lambda d: d.records, lambda d: d.published, result)
    chapter.show(lambda d: d.records)
    blocks = [ReleasedResult.from_json(d[MIME]) for d, _ in outputs if MIME in d]
    assert [b.kind for b in blocks] == ["missing", "missing", "result", "missing"]
    assert len({b.name for b in blocks}) == 4
    words = " ".join(blocks[0].notes)
    assert "SSDA903" in words
    assert "study.toml" in words
    assert "ssda903" in words


def test_a_chapter_sees_only_what_it_declares(chapter):
    assert chapter.data.study.comparators.neighbours == ()
    assert chapter.data.study.report.synthetic


def test_a_failing_analysis_is_not_swallowed(chapter, outputs):
    def poor(_):
        raise ModelError("too few children")

    with pytest.raises(ModelError, match="too few children"):
        chapter.show(poor)
    assert outputs == []


def test_an_error_shows_its_message_and_no_traceback():
    assert ModelError("too few")._render_traceback_() == ["ModelError: too few"]


def test_an_unknown_chapter_and_a_missing_study_are_errors_a_user_can_mend(tmp_path):
    with pytest.raises(ChapterError) as caught:
        Chapter.open("77", str(tmp_path))
    assert "20" in str(caught.value)
    with pytest.raises(StudyError):
        Chapter.open("20", str(tmp_path / "nowhere"))


def test_a_study_is_found_from_the_notebooks_folder_and_from_the_projects(tmp_path, monkeypatch):
    (tmp_path / "analysis" / "any").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "analysis" / "any" / "study.toml").write_text(STUDY)
    for folder in (tmp_path, tmp_path / "notebooks"):
        monkeypatch.chdir(folder)
        assert Chapter.open("20", "analysis/any").data.study.name == "any"


def test_results_pass_disclosure_control_in_one_place_only(chapter, outputs, monkeypatch):
    seen = []
    real = module.release
    monkeypatch.setattr(module, "release", lambda *a: seen.append(a) or real(*a))
    chapter.show(result)
    assert len(seen) == 1


def test_opening_a_chapter_does_not_load_what_checks_addresses():
    """The format of notebooks brings a grammar that takes seconds to build; a kernel needs none."""
    code = (
        "import sys, needs.report.chapter, needs.report.backtest, needs.report.display, "
        "needs.sufficiency.board.chapter85; print('jsonschema' in sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "False"
