"""Every number in prose is a figure or stands there by rule: planted and changed ones are found."""

from __future__ import annotations

import csv
import dataclasses
import re
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from mutated import changed_digit, places_of

from needs.assurance.identifiers import Identifiers, refuse
from needs.report.blocks import read_chapters
from needs.report.check_figures import check_rows
from needs.report.page import chapter_page
from needs.report.prose import prose_of
from needs.report.publish import publish
from needs.report.traced import known_of, untraced
from needs.report.traced_rules import NUMBER, bare, register, settings_said
from needs.vocabulary.errors import DisclosureError, RenderError
from needs.vocabulary.released import ReleasedTable, Span

pytestmark = pytest.mark.unit

YEAR = "2018-19"
VALUES = {"kinship": [120, 131, 140, 155, 1171], "home": [40, 42, 39, 45, 47]}


def quiet(_: str) -> None:
    pass


@pytest.fixture
def refused(staging, study):
    """Publish one chapter that shows a block; return what it is refused for."""

    def told(*parts: Any) -> str:
        staging.add("20", *parts)
        before = sorted(p.name for p in staging.folder.rglob("*"))
        with pytest.raises(RenderError) as e:
            publish(staging.folder, study, staging.notebooks, pdf=False, progress=quiet)
        assert e.value.exit_code == 14
        assert sorted(p.name for p in staging.folder.rglob("*")) == before
        return str(e.value)

    return told


def pages_of(staging):
    chapters = read_chapters(staging.notebooks)
    return chapters, [chapter_page(c) for c in chapters]


PLANTED = {
    "a sentence": {"sentences": ((Span("There were 37 more."),),)},
    "a title": {"title": "Children fell by 37"},
    "a note": {"notes": ("It was 37 before.",)},
    "a subtitle": {"subtitle": "Of 37 children, Oxfordshire"},
    "pounds": {"notes": ("It costs £37.5m more.",)},
    "a share": {"notes": ("That is over 37% of it.",)},
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_number_typed_into_prose_stops_the_report_with_place_and_mend(
    refused, make_result, planted
) -> None:
    said = refused(make_result("stock", "20", VALUES, **planted))
    assert "20-children-looked-after.ipynb, result 'stock'" in said
    assert re.search(r"prints “£?37(%|\.5m)?”: “.*\[number\]", said)
    assert "let a result print it by its figure" in said


def test_one_typed_into_a_notebook_or_a_chart_stops_it_too(refused, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    (chart,) = block.charts
    spoken = dataclasses.replace(chart, alt="Lines; kinship rises by 999.")
    said = refused("# Title\n\nWe had 37 more.", dataclasses.replace(block, charts=(spoken,)))
    assert "words: prints “37”" in said
    assert "description of a chart: prints “999”" in said


def test_one_in_the_title_of_a_document_stops_it(staging, study, make_result) -> None:
    staging.add("90", make_result("stock", "90", VALUES))
    (one,) = (d for d in study.documents if "90" in d.chapters)
    titled = study.model_copy(update={"documents": (one.model_copy(update={"title": "All 37"}),)})
    with pytest.raises(RenderError, match="37"):
        publish(staging.folder, titled, staging.notebooks, pdf=False, progress=quiet)


def test_an_error_tells_no_number_that_may_be_an_identifier(refused, make_result) -> None:
    said = refused(make_result("stock", "20", VALUES, notes=("Of 1234567, AB123X and 12 more.",)))
    assert "a number of 7 digits" in said
    assert not re.search("1234567|AB123X", said)


ALLOWED = [
    "On 31 March 2023, in 2022-23 and in July 2023, since 2019.",
    "Children aged 16 and over, under 18, those of 21 and over.",
    "Section 22G and regulations 5 and 10; schedule 2; paragraphs 51 to 55, Table 1, page 3.",
    "Legal statuses V3 and V4 in the SSDA903 return; homes (K2).",
    "Ranges are 80%; a 95% range.",
    "Placed more than 20 miles from home; rates are for each 10,000.",
]
REFUSED = {
    "Costs rose over 45%.": ["45%"],
    "There are 412 children.": ["412"],
    "Over 12 homes closed in 2023.": ["12"],
    "It is £1.2m, -£300 and 3,417.": ["£1.2m", "-£300", "3,417"],
    "80% of children.": ["80%"],
    "In 2023, 16 to 20 left.": ["16", "20"],
    "20 of them live 5 miles away.": ["20", "5"],
}


@pytest.mark.parametrize("words", ALLOWED)
def test_dates_ages_law_codes_and_references_stand_by_rule(words) -> None:
    assert [m[0] for m in bare(words)] == []


@pytest.mark.parametrize(("words", "numbers"), REFUSED.items())
def test_no_rule_lets_a_count_price_or_share_through(words, numbers) -> None:
    assert [m[0] for m in bare(words)] == numbers


def test_what_the_register_says_of_code_is_what_code_has() -> None:
    constants = [s for s in register() if re.fullmatch(r"needs\.[\w.]+:[A-Z_]+", s.where)]
    assert len(constants) >= 8
    for s in constants:
        module, name = s.where.split(":")
        value = getattr(import_module(module), name)
        values = value if isinstance(value, tuple) else (value,)
        (stated,) = NUMBER.findall(s.words)
        assert float(stated.strip("%")) in {round(float(v), 1) for v in values}, s.words


def test_every_stated_number_says_what_sets_it() -> None:
    assert {s.kind for s in register()} == {"format", "law", "method", "outside", "setting"}
    for s in register():
        assert s.where
        assert re.search(r"\d|\{", s.words)


def test_settings_are_said_as_the_study_sets_them(study) -> None:
    at = study.assessment.model_copy(update={"need_from": 2.0})
    other = study.model_copy(update={"assessment": at})
    assert any(s.startswith("at or above 2, and") for s in settings_said(other))
    assert not any(s.startswith("at or above 2, and") for s in settings_said(study))


def test_a_changed_digit_is_found(staging, make_result, pytestconfig) -> None:
    """One digit of a number that prose prints is changed: at least 95 of 100 are found."""
    rng = np.random.default_rng(20230331)
    values = {k: rng.integers(6, 900, 5).tolist() for k in ("kinship", "in_house", "ifa", "home")}
    block = make_result("stock", "20", values)
    lines = tuple((Span(f"{r.group}: "), Span(r.printed, r.id), Span(".")) for r in block.rows)
    (chart,) = block.charts
    years, names = block.table.headers, [row[0] for row in block.table.rows]
    across = ReleasedTable(
        ("Year",),
        tuple(names),
        tuple((y, *(row[k] for row in block.table.rows)) for k, y in enumerate(years, start=1)),
        tuple(zip(*block.table.ids, strict=True)),
    )
    alt = "Lines."
    for name, *printed in block.table.rows:
        alt += f" {name}: from {printed[0]} in {years[0]} to {printed[-1]} in {years[-1]}; "
        alt += f"highest {printed[2]} in {years[2]}."
    checks = (("Adds up", "review", "counts that differ: 3 of 48"),)
    block = dataclasses.replace(
        block,
        sentences=lines,
        charts=(dataclasses.replace(chart, alt=alt, table=across),),
        checks=checks,
        notes=(f"It was {block.rows[0].printed} first.",),
    )
    staging.add("20", block)
    chapters, pages = pages_of(staging)
    known, html = known_of(chapters, pages), str(pages[0].html)
    assert list(untraced(html, known)) == []
    places = places_of(html)
    assert len(places) > 60
    tries = 1000 if pytestconfig.getoption("--long") else 150
    found = sum(any(untraced(changed_digit(html, places, rng), known)) for _ in range(tries))
    assert found >= 0.95 * tries


def test_a_chart_may_say_no_other_number_of_its_own(staging, make_result) -> None:
    block = make_result("stock", "20", VALUES)
    (chart,) = block.charts
    row, other = block.table.rows[0][1], block.table.rows[0][2]
    across = ReleasedTable(("Year",), ("Kinship",), ((YEAR, row), ("2019-20", other)), (("",),) * 2)
    for said, found in ((row, []), (other, [f"“{other}”"])):
        words = dataclasses.replace(chart, alt=f"A line. From {said} in {YEAR}.", table=across)
        staging.notebooks.clear()
        staging.add("20", dataclasses.replace(block, charts=(words,)))
        chapters, (page,) = pages_of(staging)
        known = known_of(chapters, (page,))
        assert [u.number for u in untraced(str(page.html), known)] == found


def test_what_a_check_found_is_a_line_of_the_figures(staging, study, make_result) -> None:
    checks = (("Adds up", "review", "counts that differ: 3 of 1,048, on 31 March 2023"),)
    staging.add("20", make_result("stock", "20", VALUES, checks=checks))
    publish(staging.folder, study, staging.notebooks, pdf=False, progress=quiet)
    with (staging.folder / "figures.csv").open(encoding="utf-8") as f:
        lines = {r["id"]: r["value"] for r in csv.DictReader(f)}
    found = {k: v for k, v in lines.items() if ".check_n." in k}
    assert found == {"stock.check_n.adds_up.1": "3", "stock.check_n.adds_up.2": "1048"}


def test_a_check_makes_no_figure_of_what_may_be_an_identifier(make_result) -> None:
    block = make_result("stock", "20", VALUES, checks=(("Adds up", "review", "see 1234567"),))
    assert check_rows(block) == ()


def test_prose_is_read_with_its_place_and_figures(staging, make_result) -> None:
    staging.add("20", "# T\n\nWords of ours.", make_result("stock", "20", VALUES))
    _, (page,) = pages_of(staging)
    pieces = list(prose_of(str(page.html)))
    said = next(p for p in pieces if p.text.startswith("There were"))
    assert said.place == page.places["stock"]
    assert [s.figure for s in said.spans] == ["", "stock.children_n.kinship.2018-19", ""]
    assert any(p.kind == "picture" and "kinship rises" in p.text for p in pieces)
    shown = BeautifulSoup(str(page.html), "html.parser").find(class_="notes").li.get_text()
    assert shown in {p.text for p in pieces}


@pytest.mark.parametrize("child", ["AB123X", "1234567"])
def test_a_child_s_identifier_in_free_text_of_an_input_stops_the_report(
    staging, study, make_result, child
) -> None:
    words = {"kinship": f"Home for {child}", "home": "Another"}
    staging.add("20", make_result("stock", "20", VALUES, labels=words))
    publish(staging.folder, study, staging.notebooks, pdf=False, progress=quiet)
    with pytest.raises(DisclosureError) as e:
        refuse(staging.folder, Identifiers.of([child]))
    assert "needs-analysis.html" in str(e.value)
    assert "tables/20-stock.csv" in str(e.value)
    assert "Mend: do not publish" in str(e.value)
    assert child not in str(e.value)
