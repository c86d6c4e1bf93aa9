"""Pages in a real browser: axe-core finds nothing, the keyboard goes everywhere, nothing leaves."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from two_reports import write_report
from what_if_model import learnt, plain

from needs.cli import EXIT_CODES
from needs.report.batch.summary import write_summary
from needs.report.batch.tasks import Done
from needs.report.browser import find_browser
from needs.report.compare.compare import compare
from needs.report.compare.write import write_comparison
from needs.report.publish import publish

pytestmark = pytest.mark.e2e

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("axe_playwright_python")
    found = find_browser()
    if found is None:
        pytest.skip("no browser is installed")
    root = ["--no-sandbox"] if sys.platform != "win32" and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as p:
        made = p.chromium.launch(
            executable_path=str(found.path),
            args=["--disable-gpu", "--disable-background-networking", *root],
        )
        yield made
        made.close()


@pytest.fixture
def pages(report, study, make_result, tmp_path):
    """Every kind of page: report with dials, cover, batch; and those of a whole run, if asked."""
    block = make_result("what_if", "75", {"kinship": [1.0, 2, 3, 4, 5]}, title="What if")
    (chart,) = block.charts
    layout = {**chart.plotly["layout"], "meta": {"dials": plain(learnt())}}
    dials = replace(chart, plotly={**chart.plotly, "layout": layout})
    report.add("75", "# What if", replace(block, charts=(dials,)))
    publish(report.folder, study, report.notebooks, pdf=False, progress=lambda _: None)
    done = [
        Done("ours", "Ours County Council", "2022-23", 0, "3 chapters ran", 1.0, "x", "y"),
        Done("theirs", "", "", 10, "the study file is wrong"),
    ]
    batch = write_summary(tmp_path / "batch", done, EXIT_CODES)
    return [*sorted(report.folder.glob("*.html")), batch, compared(tmp_path)]


def compared(folder):
    """Write a comparison of two reports; return its page."""
    figures = ("stock.children_n.all.2021-22", "stock.children_n.all.2022-23")
    before = write_report(folder / "then", "2021-22", [(figures[0], "100", "100", "")])
    later = [(f, n, n, "") for f, n in zip(figures, ("103", "240"), strict=True)]
    now = write_report(folder / "now", "2022-23", later)
    return write_comparison(folder / "compared", compare(before, now))


@contextmanager
def opened(browser, path, width):
    """Open a page; afterwards it has asked for nothing and its console is empty."""
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda r: asked.append(r.url))
    tab.on("console", lambda m: said.append(m.text))
    tab.on("pageerror", lambda e: said.append(str(e)))
    tab.goto(path.as_uri())
    if tab.locator(".chart").count():
        tab.wait_for_selector("html[data-charts=done]", state="attached")
    yield tab
    context.close()
    assert said == []
    assert {u for u in asked if not u.startswith(("data:", "blob:"))} == {path.as_uri()}


def found_by_axe(tab):
    """Return rule and places of each violation."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(tab, options=options).response["violations"]
    return [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found]


def test_axe_finds_nothing_on_any_page(browser, pages, pytestconfig):
    whole = Path(os.environ.get("NEEDS_REPORT", ""))
    if pytestconfig.getoption("--long") and (whole / "manifest.json").is_file():
        pages = [*pages, *sorted(whole.glob("*.html"))]
    assert len(pages) >= 3
    for path in pages:
        for width in WIDTHS:
            with opened(browser, path, width) as tab:
                assert found_by_axe(tab) == [], (path.name, width)
                assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_would_find_a_picture_without_words(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en-GB"><title>t</title><main><img src="data:,"></main></html>'
    )
    with opened(browser, page, 1280) as tab:
        assert [rule for rule, _ in found_by_axe(tab)] == ["image-alt"]


STOPS = """() => Array.from(document.querySelectorAll(
  'a[href], button, input, select, textarea, summary, [tabindex]')).filter(function (e) {
    return e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true });
  }).length"""
HERE = """() => {
  var e = document.activeElement, s = getComputedStyle(e);
  return [e === document.body, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0];
}"""


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, pages):
    for path in pages:
        with opened(browser, path, 1280) as tab:
            stops = tab.evaluate(STOPS)
            reached = 0
            for _ in range(stops + 5):
                tab.keyboard.press("Tab")
                left, outlined = tab.evaluate(HERE)
                if left:
                    break
                reached += 1
                assert outlined, tab.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert reached == stops, path.name


def test_dials_move_by_keyboard_and_say_so(browser, pages):
    path = next(p for p in pages if p.name == "needs-analysis.html")
    with opened(browser, path, 390) as tab:
        dial = tab.locator(".dial input").first
        dial.focus()
        before = tab.locator(".dial-answer").inner_text()
        tab.keyboard.press("ArrowLeft")
        assert dial.get_attribute("aria-valuetext") == "-1 per cent"
        assert tab.locator(".dial-answer").inner_text() != before
        tab.wait_for_function("document.querySelector('.dial-told').textContent.length > 0")
        tab.locator(".dial-scenario summary").click()
        assert found_by_axe(tab) == []
        tab.get_by_role("button", name="Put all back").press("Enter")
        assert tab.locator(".dial-answer").inner_text() == before


def test_a_link_brings_the_settings_back(browser, pages):
    path = next(p for p in pages if p.name == "needs-analysis.html")
    with opened(browser, path, 1280) as tab:
        tab.evaluate("location.hash = '#what-if:entries=-7,price=12'")
        tab.reload()
        tab.wait_for_selector("html[data-charts=done]", state="attached")
        assert [d.input_value() for d in tab.locator(".dial input").all()] == ["-7", "0", "0", "12"]


def test_a_number_tells_what_it_is_and_leads_to_its_row(browser, pages):
    path = next(p for p in pages if p.name == "needs-analysis.html")
    with opened(browser, path, 390) as tab:
        number, note = tab.locator(".says .figure").first, tab.locator("#figure-note")
        figure = number.get_attribute("data-figure")
        assert note.is_hidden()
        number.focus()
        assert note.is_visible()
        for words in (figure, "2018-19", "SSDA903 returns of the authority"):
            assert words in note.inner_text()
        assert number.get_attribute("aria-describedby") == "figure-note"
        assert found_by_axe(tab) == []
        tab.keyboard.press("Escape")
        assert note.is_hidden()
        assert number.evaluate("e => e === document.activeElement")
        number.hover()
        assert note.is_visible()
        note.hover()  # the pointer may go onto it (1.4.13)
        tab.wait_for_timeout(400)
        assert note.is_visible()
        box = note.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        number.press("Enter")
        cell = tab.evaluate("""() => { const e = document.activeElement;
          const of = e.closest('table').dataset.of;
          return [e.tagName, of + '.' + e.dataset.figure, e.innerText]; }""")
        assert cell == ["TD", figure, number.inner_text()]
        assert found_by_axe(tab) == []
        tab.keyboard.press("Escape")
        assert number.evaluate("e => e === document.activeElement")


def test_prose_reads_the_same_where_scripts_are_off(browser, pages):
    path = next(p for p in pages if p.name == "needs-analysis.html")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(path.as_uri())
    assert tab.locator(".says p").first.inner_text() == "There were 120 children."
    assert tab.locator("[role=link], #figure-note:not([type])").count() == 0
    context.close()
