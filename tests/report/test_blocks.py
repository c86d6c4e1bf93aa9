"""What an executed notebook may show, and what stops a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from needs.report.blocks import read_chapters
from needs.vocabulary.errors import RenderError
from needs.vocabulary.released import MIME, ReleasedResult, Span

pytestmark = pytest.mark.unit

VALUES = {"kinship": [1, 2, 3, 4, 5]}


def faults(staging: Any) -> str:
    with pytest.raises(RenderError) as e:
        read_chapters(staging.notebooks)
    return str(e.value)


def test_results_come_back_as_they_were_released(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    (chapter,) = read_chapters(staging.add("20", "# Words", block).notebooks)
    assert chapter.results == (block,)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (nbformat.v4.new_output("stream", name="stdout", text="child 17"), "prints text"),
        (nbformat.v4.new_output("stream", name="stderr", text="child 17"), "prints text"),
        (nbformat.v4.new_output("error", ename="E", evalue="child 17"), "ended in an error"),
        (nbformat.v4.new_output("execute_result", {"text/html": "child 17"}), "not a released"),
        (nbformat.v4.new_output("display_data", {"image/png": "aaaa"}), "not a released"),
        (nbformat.v4.new_output("display_data", {}), "not a released"),
    ],
)
def test_an_output_that_disclosure_control_has_not_seen_stops_the_report(
    staging, output, words
) -> None:
    said = faults(staging.add("20", [output]))
    assert words in said
    assert "20-children-looked-after.ipynb, cell 2" in said
    assert "child 17" not in said


def test_every_fault_of_every_chapter_is_told_at_once(staging, make_result) -> None:
    bare = nbformat.v4.new_output("display_data", {"text/plain": "x"})
    said = faults(staging.add("20", [bare]).add("50", [bare], [bare]))
    assert said.count("not a released result") == 3


def test_a_chart_that_the_notebook_does_not_show_is_missed(
    staging, make_result, make_outputs: Callable[[ReleasedResult], list[Any]]
) -> None:
    only_block = make_outputs(make_result("stock", "20", VALUES))[:1]
    after = make_outputs(make_result("flows", "20", VALUES))
    said = faults(staging.add("20", only_block, after))
    assert "cell 2" in said
    assert "1 of the result's charts not shown" in said


def test_a_chart_of_no_result_is_refused(staging, make_result, make_outputs) -> None:
    chart = make_outputs(make_result("stock", "20", VALUES))[1:]
    assert "no result before it has" in faults(staging.add("20", chart))


def test_a_chart_shown_twice_is_refused(staging, make_result, make_outputs) -> None:
    outputs = make_outputs(make_result("stock", "20", VALUES))
    assert "no result before it has" in faults(staging.add("20", [*outputs, outputs[1]]))


def test_a_number_that_figures_do_not_hold_is_refused(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    stray = dataclasses.replace(block, sentences=((Span("7", "stock.children_n.other"),),))
    assert "prints numbers that its figures do not hold" in faults(staging.add("20", stray))


def test_a_number_printed_otherwise_than_its_figure_is_refused(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    figure = block.rows[0].id
    stray = dataclasses.replace(block, sentences=((Span("about 1", figure),),))
    assert "otherwise than its figures do" in faults(staging.add("20", stray))


def test_a_chart_without_alternative_text_is_refused(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    (chart,) = block.charts
    silent = dataclasses.replace(block, charts=(dataclasses.replace(chart, alt=" "),))
    said = faults(staging.add("20", silent))
    assert "cell 2: chart 'trend' of result 'stock' has no alternative text" in said
    assert "say in words" in said


def test_an_uneven_table_is_refused(staging, make_result, make_outputs) -> None:
    outputs = make_outputs(make_result("stock", "20", VALUES, chart=False))
    outputs[0]["data"][MIME]["table"]["rows"][0].pop()
    assert "uneven" in faults(staging.add("20", outputs))


def test_words_above_columns_that_do_not_have_them_are_refused(
    staging, make_result, make_outputs
) -> None:
    outputs = make_outputs(make_result("stock", "20", VALUES, chart=False))
    table = outputs[0]["data"][MIME]["table"]
    table["over"] = ["Not theirs"] * len(table["headers"])
    assert "uneven" in faults(staging.add("20", outputs))


def test_a_result_of_another_chapter_is_refused(staging, make_result) -> None:
    assert "chapter 50 in chapter 20" in faults(
        staging.add("20", make_result("stock", "50", VALUES))
    )


def test_a_name_used_twice_in_a_chapter_is_refused(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    assert "more than once" in faults(staging.add("20", block, block))


def test_a_block_of_another_version_is_refused(staging, make_result, make_outputs) -> None:
    outputs = make_outputs(make_result("stock", "20", VALUES, chart=False))
    outputs[0]["data"][MIME].pop("rows")
    assert "another version" in faults(staging.add("20", outputs))


def test_a_broken_notebook_file_is_told(staging, make_result) -> None:
    staging.add("20", make_result("stock", "20", VALUES))
    staging.notebooks[0][1].write_text("{", "utf-8")
    assert "not a readable notebook" in faults(staging)
