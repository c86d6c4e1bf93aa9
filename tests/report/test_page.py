"""The report page and the cover: structure, safety, sameness."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from needs.report.blocks import read_chapters
from needs.report.page import chapter_page
from needs.report.shell import index_page, report_page

pytestmark = pytest.mark.unit

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&"


def rendered(staging: Any, study: Any) -> str:
    chapters = read_chapters(staging.notebooks)
    return report_page(study, [chapter_page(c) for c in chapters], ["SSDA903 returns"])


@pytest.fixture
def html(report, study) -> str:
    return rendered(report, study)


@pytest.fixture
def soup(html) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def levels(soup: BeautifulSoup) -> list[int]:
    return [int(h.name[1]) for h in soup.find("main").find_all(re.compile(r"^h[1-6]$"))]


def test_one_title_and_no_heading_level_skipped(soup) -> None:
    assert len(soup.find_all("h1")) == 1
    found = [1, *levels(soup)]
    assert all(b <= a + 1 for a, b in itertools.pairwise(found))
    assert min(found[1:]) == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("# Title\n\n### Deep\n\n## Less deep",), [2, 3, 3]),
        (("## No title\n\n##### Deeper",), [2, 3, 4]),
        (("Plain words",), [2]),
        (("# Title", "# A second title"), [2, 3]),
    ],
)
def test_headings_of_a_notebook_are_put_in_order(staging, study, words, expected) -> None:
    soup = BeautifulSoup(rendered(staging.add("20", *words), study), "html.parser")
    assert levels(soup) == expected
    assert soup.find("main").find("h2").get_text() == "20Children looked after"


def test_ids_are_unique_and_every_reference_leads_somewhere(soup) -> None:
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for a in soup.find_all("a", href=re.compile("^#"))]
    targets += [tag["aria-labelledby"] for tag in soup.find_all(attrs={"aria-labelledby": True})]
    assert set(targets) <= set(ids)


def test_language_landmarks_and_names(soup) -> None:
    assert soup.html["lang"] == "en-GB"
    assert len(soup.find_all("main")) == 1
    assert soup.find("a", class_="skip")["href"] == "#main"
    assert soup.find("nav")["aria-label"] == "Contents"
    for role in soup.find_all(role=["img", "group", "region", "note"]):
        assert role.get("aria-label") or role.get("aria-labelledby"), role.name
    assert not soup.find_all("img", alt=False)


def test_every_header_cell_has_a_scope_and_every_table_a_caption(soup) -> None:
    tables = soup.find_all("table")
    assert len(tables) == 4  # two results, two charts
    assert all(th.get("scope") in {"row", "col"} for th in soup.find_all("th"))
    assert all(t.caption and t.caption.get_text(strip=True) for t in tables)


def test_a_chart_has_title_words_data_source_and_scope(soup) -> None:
    figure = soup.find("figure")
    assert figure["role"] == "group"
    assert "More children live with kinship carers" in figure.figcaption.get_text()
    assert "kinship rises" in figure.find(role="img")["aria-label"]
    assert figure.details.find("table")
    assert figure.details.has_attr("open")  # stays open where scripts are off
    assert "switched off" in figure.noscript.get_text()
    assert "SSDA903 returns of the authority" in figure.find(class_="source").get_text()
    assert "including unaccompanied children" in figure.find(class_="source").get_text()
    spec = json.loads(figure.find("script").string)
    assert spec["data"][0]["y"] == [120, 131, 140, 155, 171]


def figure_of(tag) -> str:
    """Return the id of a number: a table says once what all of its own begin with."""
    table = tag.find_parent("table") if tag.name == "td" else None
    of = table.get("data-of") if table else None
    return f"{of}.{tag['data-figure']}" if of else tag["data-figure"]


def test_numbers_of_sentences_and_tables_carry_their_figure(soup, report) -> None:
    known = {r.id for c in read_chapters(report.notebooks) for b in c.results for r in b.rows}
    marked = {figure_of(tag) for tag in soup.find_all(attrs={"data-figure": True})}
    assert marked == known
    span = soup.find(class_="says").find("span")
    assert (span["data-figure"], span.get_text()) == ("stock.children_n.kinship.2018-19", "120")


def test_checks_are_told_in_words(soup) -> None:
    assert [s.get_text() for s in soup.find_all(class_="status")] == ["Pass", "Review", "Fail"]


def test_a_missing_input_is_said_and_no_code_is_shown(soup, html) -> None:
    assert "No costs here." in soup.find(class_="missing").get_text()
    assert "secret_source" not in html
    assert "study.toml" not in html


def test_synthetic_records_are_said_at_the_top_only_where_they_are(report, study) -> None:
    real = study.model_copy(update={"report": study.report.model_copy(update={"synthetic": False})})
    assert 'class="synthetic"' in rendered(report, study)
    assert 'class="synthetic"' not in rendered(report, real)


def test_the_page_asks_for_nothing_and_has_one_plotly(html, soup) -> None:
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline' " not in policy.split("script-src")[1]
    assert not soup.find_all(["script", "iframe", "object"], src=True)
    assert [x["href"] for x in soup.find_all("link")] == ["data:,"]
    running = [s.string for s in soup.find_all("script") if not s.get("type")]
    assert sum("plotly.js v" in s for s in running) == 1
    assert len(running) == 3  # plotly, charts, and what is told of numbers
    assert not re.findall(r"url\((?!data:)", "".join(s.string for s in soup.find_all("style")))
    assert len(html.encode("utf-8")) < 8_000_000


def test_hostile_words_are_inert(staging, make_result, study) -> None:
    block = make_result(
        "stock",
        "20",
        {"a": [1, 2, 3, 4, 5]},
        labels={"a": HOSTILE},
        title=HOSTILE,
        source=HOSTILE,
        subtitle=HOSTILE,
        notes=(HOSTILE,),
        checks=((HOSTILE, "pass", HOSTILE),),
    )
    name = study.authority.model_copy(update={"name": HOSTILE})
    html = rendered(staging.add("20", block), study.model_copy(update={"authority": name}))
    soup = BeautifulSoup(html, "html.parser")
    assert not soup.find_all("img")
    assert not soup.find_all(attrs={"onerror": True})
    assert not any((s.string or "").startswith("alert") for s in soup.find_all("script"))
    spec = next(s.string for s in soup.find_all("script", type="application/json"))
    assert "<" not in spec
    assert json.loads(spec)["data"][0]["name"] == HOSTILE


def test_a_page_without_charts_carries_no_plotly(staging, make_result, study) -> None:
    block = make_result("stock", "20", {"kinship": [1, 2, 3, 4, 5]}, chart=False)
    assert len(rendered(staging.add("20", block), study)) < 200_000


def test_the_cover_links_to_each_file_that_is_there(report, study) -> None:
    chapters = read_chapters(report.notebooks)
    soup = BeautifulSoup(index_page(study, chapters, True, ""), "html.parser")
    links = {a["href"] for a in soup.find("main").find_all("a")}
    assert links == {
        "needs-analysis.html",
        "needs-analysis.pdf",
        "tables.xlsx",
        "figures.csv",
        "manifest.json",
        "tables/20-stock.csv",
        "tables/50-spend.csv",
        "notebooks/20-children-looked-after.ipynb",
        "notebooks/50-demand.ipynb",
        "notebooks/90-annexes.ipynb",
    }
    assert "Children by placement type" in soup.get_text()
    assert len(soup.find_all("h1")) == 1


def test_the_cover_says_why_there_is_no_pdf(report, study) -> None:
    html = index_page(study, read_chapters(report.notebooks), False, "install a browser")
    assert "needs-analysis.pdf" not in html
    assert "install a browser" in html


def test_bundled_fonts_come_with_their_licence() -> None:
    fonts = Path(__file__).parents[2] / "src/needs/report/assets/fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text("utf-8")
    assert all(f.read_bytes()[:4] == b"wOF2" for f in fonts.glob("*.woff2"))
