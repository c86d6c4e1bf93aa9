"""What a study lacks is said once a chapter, and detail stands apart."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from needs.report.blocks import read_chapters
from needs.report.fold import absent_inputs, fold
from needs.report.page import chapter_page
from needs.report.shell import report_page
from needs.vocabulary.released import MIME, ReleasedResult

pytestmark = pytest.mark.unit


def gap(name: str, key: str = "ssda903", words: str = "the SSDA903 returns") -> ReleasedResult:
    return ReleasedResult(
        "missing",
        "20",
        name,
        "Not shown: an input is missing",
        "",
        "",
        "",
        False,
        notes=(f"What stands here rests on {words}.",),
        absent_key=key,
        absent=words,
    )


def page(staging: Any, study: Any) -> BeautifulSoup:
    chapters = read_chapters(staging.notebooks)
    html = report_page(study, [chapter_page(c) for c in chapters], [])
    return BeautifulSoup(html, "html.parser")


@pytest.fixture
def lacking(staging: Any, make_result: Any) -> Any:
    """Return a chapter of which one part has all it needs, one nothing, one some."""
    return staging.add(
        "20",
        "# Children looked after\n\nWho is looked after.",
        "## Counted from the returns\n\nEvery number is counted.",
        "### How many\n\nA count on one day.",
        gap("missing_ssda903"),
        "### Who they are",
        gap("missing_ssda903_2"),
        "## As documents print it\n\nTyped from documents.",
        "### Shares",
        make_result("stock", "20", {"kinship": [1, 2, 3, 4, 5]}, chart=False),
        gap("missing_costs", "costs", "the input “Placement costs”"),
    )


def test_a_part_with_nothing_in_it_goes_with_its_words(lacking, study):
    words = page(lacking, study).find("main").get_text()
    for gone in ("A count on one day", "Every number is counted", "Not shown: an input"):
        assert gone not in words
    for kept in ("Who is looked after.", "Typed from documents.", "Shares"):
        assert kept in words


def test_one_statement_names_what_is_missing_and_how_to_add_it(lacking, study):
    soup = page(lacking, study)
    (said,) = soup.find_all(class_="missing")
    words = said.get_text()
    assert "the SSDA903 returns" in words and "“Placement costs”" in words
    assert "“Counted from the returns”" in words
    assert "“How many”" not in words  # its part is named by the outermost heading
    assert words.count("study.toml") == 1
    assert "keys ssda903, costs" in words
    assert said.find_previous("p").get_text() == "Who is looked after."


def test_contents_list_no_heading_that_is_left_out(lacking, study):
    listed = page(lacking, study).find("nav").get_text()
    assert "Counted from the returns" not in listed
    assert "As documents print it" in listed


def test_a_chapter_that_lacks_nothing_is_left_as_it_is(staging, make_result):
    staging.add("20", "# Title", make_result("stock", "20", {"kinship": [1, 2, 3, 4, 5]}))
    (chapter,) = read_chapters(staging.notebooks)
    folded = fold(chapter.notebook)
    assert folded.main.cells == chapter.notebook.cells
    assert folded.detail.cells == []


def test_the_notebook_itself_keeps_every_gap(lacking):
    (chapter,) = read_chapters(lacking.notebooks)
    before = nbformat.writes(chapter.notebook)
    fold(chapter.notebook)
    assert nbformat.writes(chapter.notebook) == before
    assert [r.kind for r in chapter.results].count("missing") == 3
    assert list(absent_inputs(chapter.results)) == ["ssda903", "costs"]


def test_detail_stands_at_the_end_and_is_numbered_on(staging, study, make_result):
    staging.add(
        "10",
        "# Data quality",
        make_result("first", "10", {"kinship": [1, 2, 3, 4, 5]}, chart=False),
        "## Every check",
        make_result("second", "10", {"kinship": [1, 2, 3, 4, 5]}, chart=False),
    ).add("20", "# Children looked after", "Last words of a chapter.")
    path = staging.notebooks[0][1]
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells[-2:]:
        cell["metadata"]["tags"] = ["detail"]
    nbformat.write(notebook, path)
    soup = page(staging, study)
    text = soup.find("main").get_text()
    places = [text.index(w) for w in ("Table 10.1", "Last words of a chapter.", "Table 10.2")]
    assert places == sorted(places)
    full = soup.find(id="chapter-10-in-full")
    assert full.h2.get_text() == "10Data quality, in full"
    assert full.h3.get_text() == "Every check"
    listed = soup.find("nav").get_text()
    assert listed.index("Children looked after") < listed.index("Every check")
    assert soup.find(id="chapter-10").find("a", href="#chapter-10-in-full")


def test_a_statement_is_a_block_like_any_other(lacking):
    (chapter,) = read_chapters(lacking.notebooks)
    cells = fold(chapter.notebook).main.cells
    blocks = [
        ReleasedResult.from_json(o["data"][MIME]) for c in cells for o in c.get("outputs", [])
    ]
    assert [b.kind for b in blocks] == ["missing", "result"]
