"""The front of a report: a chapter's own figures and sentences, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from needs.assurance.release import WITHHELD
from needs.report.blocks import read_chapters
from needs.report.headlines import headlines, period_words, scopes
from needs.report.page import chapter_page
from needs.report.publish import PAGE, publish
from needs.report.shell import report_page
from needs.vocabulary.released import (
    ReleasedChart,
    ReleasedResult,
    ReleasedRow,
    ReleasedTable,
    Span,
)
from needs.vocabulary.results import figure_id

pytestmark = pytest.mark.unit

SCOPE = "Children we care for: including unaccompanied children."


def row(
    name: str, measure: str, group: str, period: str, value: str, *, unit: str = "children"
) -> ReleasedRow:
    fid = figure_id(name, measure, group, period)
    shown = value + "%" if unit == "percent" else value
    marker = "" if value else "c"
    return ReleasedRow(
        fid, "", period, measure, group, "", value, shown or "c", unit, marker, "SSDA903"
    )


def block(name: str, rows: list[ReleasedRow], **more: Any) -> ReleasedResult:
    told = {"scope": SCOPE, "rows": tuple(rows), "source": "SSDA903", "synthetic": False} | more
    chapter = "50" if name.startswith("ahead") else "20"
    return ReleasedResult("result", chapter, name, f"Title of {name}", "subtitle", **told)


def stock(last: str = "881") -> ReleasedResult:
    days = {"2022-03-31": "855", "2023-03-31": last, "2021-03-31": "782"}
    return block(
        "cla_stock", [row("cla_stock", "children_n", "all", d, v) for d, v in days.items()]
    )


def flows() -> ReleasedResult:
    name = "cla_flows"
    return block(
        name,
        [
            row(name, "started_n", "all", "2021-22", "421"),
            row(name, "started_n", "all", "2022-23", "379"),
            row(name, "ceased_n", "all", "2022-23", "351"),
        ],
    )


def mix() -> ReleasedResult:
    name, day = "cla_placement_mix", "2023-03-31"
    counts = [row(name, "children_n", g, day, v) for g, v in (("fos", "534"), ("res", ""))]
    shares = [row(name, "share_pct", "fos", day, "61", unit="percent")]
    table = ReleasedTable(
        ("Period",),
        ("Foster placements", "Homes"),
        (("31 Mar 2023", "534", "c"),),
        (tuple(r.id for r in counts),),
    )
    plot = {"data": [], "layout": {"margin": {"t": 0}, "height": 100}}
    chart = ReleasedChart("mix", "Where they live", "", "Bars.", "chart-mix", plot, table)
    return block(name, [*counts, *shares], charts=(chart,))


def forecast() -> ReleasedResult:
    held = row("ahead_total", "children_n", "all", "2024-03-31", "881")
    lines = ((Span(held.printed, held.id), Span(" are held.")), (Span(WITHHELD),))
    return block("ahead_total", [held], sentences=lines)


@pytest.fixture
def front(staging: Any, study: Any):
    staging.add("20", "# Children", stock(), flows(), mix()).add("50", "# Demand", forecast())
    chapters = read_chapters(staging.notebooks)
    pages = [chapter_page(c) for c in chapters]
    places = {k: v for p in pages for k, v in p.places.items()}
    made = headlines(chapters, "children we care for", places)
    return BeautifulSoup(report_page(study, pages, [], made, [SCOPE]), "html.parser")


def test_latest_figures_stand_large_beside_the_ones_before(front):
    tiles = [" ".join(li.get_text(" ").split()) for li in front.find(class_="tiles").find_all("li")]
    assert tiles == [
        "881 children we care for on 31 March 2023 855 on 31 March 2022",
        "379 started to be looked after in 2022-23 421 in 2021-22",
        "351 ceased to be looked after in 2022-23",
    ]


def test_every_number_is_tied_to_a_released_figure_and_printed_like_it(front, staging):
    rows = {r.id: r for c in read_chapters(staging.notebooks) for b in c.results for r in b.rows}
    told = front.find(class_="front").find_all(attrs={"data-figure": True})
    assert len(told) == 5 + 3 + 1
    assert all(rows[t["data-figure"]].printed == t.get_text() for t in told)
    bare = front.find(class_="front")
    for tag in bare.find_all(attrs={"data-figure": True}):
        tag.extract()
    left = bare.get_text().replace("31 March 2023", "").replace("31 March 2022", "")
    assert not any(ch.isdigit() for ch in left.replace("2022-23", "").replace("2021-22", ""))


def test_each_figure_leads_to_where_it_stands(front):
    links = [a["href"][1:] for a in front.find(class_="front").find_all("a", href=True)]
    assert len(links) == 3 + 1 + 1
    assert all(front.find(id=target) for target in links)


def test_the_mix_shows_the_last_day_and_draws_no_bar_for_a_hidden_share(front):
    lines = front.find(class_="mix").tbody.find_all("tr")
    assert [tr.th.get_text() for tr in lines] == ["Foster placements", "Homes"]
    assert [bool(tr.find(class_="bar").span) for tr in lines] == [True, False]
    assert lines[1].td.get_text() == "c"


def test_a_sentence_that_was_withheld_does_not_stand_on_the_front(front):
    words = front.find(class_="front").get_text()
    assert "are held." in words
    assert WITHHELD not in words


def test_a_hidden_figure_says_so_in_words(staging):
    chapters = read_chapters(staging.add("20", stock(last="")).notebooks)
    (tile,) = headlines(chapters, "children", {}).tiles
    assert tile.figure.printed == "c"
    assert "suppressed" in tile.withheld


def test_what_is_missing_is_named_on_the_front(staging):
    lacks = ReleasedResult(
        "missing", "50", "missing_published", "t", "", "", "", False,
        absent_key="published", absent="figures typed from published documents",
    )  # fmt: skip
    chapters = read_chapters(staging.add("20", stock()).add("50", lacks).notebooks)
    assert headlines(chapters, "children", {}).missing == (
        "figures typed from published documents",
    )


def test_a_report_without_such_figures_has_no_front(report, study):
    assert not headlines(read_chapters(report.notebooks), "children", {})
    publish(report.folder, study, report.notebooks, pdf=False, progress=lambda _: None)
    assert 'class="front' not in (report.folder / PAGE).read_text("utf-8")


def test_who_is_counted_is_said_as_the_results_say_it(staging):
    other = replace(flows(), scope="As each document has it.")
    chapters = read_chapters(staging.add("20", stock(), other, mix()).notebooks)
    assert scopes(chapters, "otherwise") == (SCOPE, "As each document has it.")
    assert scopes([], "otherwise") == ("otherwise",)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2023-03-31", "31 March 2023"),
        ("2023-03", "March 2023"),
        ("2022-23", "2022-23"),
        ("2011", "2011"),
    ],
)
def test_a_period_is_said_in_words(key, words):
    assert period_words(key) == words
