"""Finding a browser, and the PDF that it prints."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from needs.report.browser import Browser, browser_fix, browser_version, find_browser
from needs.report.pdf import _print_numbered, finish_pdf, page_numbers, print_pdf
from needs.report.publish import PAGE, PDF, publish
from needs.vocabulary.errors import PdfNotMade

AS_AT = dt.date(2023, 3, 31)
needs_browser = pytest.mark.skipif(find_browser() is None, reason="no browser is installed")
posix = pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the browser")


def program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _titles(items: Any) -> Iterator[str]:
    for item in items:
        yield str(item.title)
        yield from _titles(item.children)


def _tags(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _tags(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node and node.get("/Type") != "/MCR":
            yield from _tags(node["/K"])


@pytest.mark.unit
@posix
def test_a_browser_on_the_path_is_found(tmp_path) -> None:
    path = program(tmp_path / "bin" / "google-chrome")
    found = find_browser({"PATH": str(path.parent)}, "Linux")
    assert found == Browser(path, "Chrome")


@pytest.mark.unit
@posix
def test_the_environment_decides_alone(tmp_path) -> None:
    program(tmp_path / "bin" / "chromium")
    own = program(tmp_path / "own")
    env = {"PATH": str(tmp_path / "bin"), "NEEDS_BROWSER": str(own)}
    assert find_browser(env, "Linux") == Browser(own, "chosen")
    gone = env | {"NEEDS_BROWSER": str(tmp_path / "gone")}
    assert find_browser(gone, "Linux") is None
    assert "NEEDS_BROWSER names no program" in browser_fix(gone, "Linux")


@pytest.mark.unit
def test_usual_places_of_macos_and_windows(tmp_path) -> None:
    mac = program(tmp_path / "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge")
    home = {"PATH": "", "HOME": str(tmp_path)}
    assert find_browser(home, "Darwin") in {
        Browser(mac, "Edge"),
        find_browser({"PATH": ""}, "Darwin"),
    }
    win = program(tmp_path / "Microsoft/Edge/Application/msedge.exe")
    found = find_browser({"PATH": "", "PROGRAMFILES(X86)": str(tmp_path)}, "Windows")
    assert found == Browser(win, "Edge")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("system", "words"),
    [("Darwin", "brew install"), ("Windows", "Microsoft Edge"), ("Linux", "install Chromium")],
)
def test_the_mend_is_for_this_platform(system, words) -> None:
    assert find_browser({"PATH": ""}, "Linux") is None
    assert words in browser_fix({"PATH": ""}, system)


@pytest.mark.unit
@posix
def test_debian_is_told_the_command(tmp_path) -> None:
    program(tmp_path / "apt-get")
    assert "apt-get install chromium" in browser_fix({"PATH": str(tmp_path)}, "Linux")


@pytest.mark.unit
@posix
def test_a_browser_that_does_not_answer_has_no_version(tmp_path) -> None:
    slow = Browser(program(tmp_path / "slow", "sleep 60"), "chosen")
    assert browser_version(slow, timeout=0.2) == ""
    fast = Browser(program(tmp_path / "fast", "echo Chromium 150.0"), "chosen")
    assert browser_version(fast) == "Chromium 150.0"


@pytest.mark.unit
def test_a_printed_file_gets_language_title_and_fixed_date(tmp_path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/CreationDate"] = "D:20991231000000Z"
        pdf.save(tmp_path / "raw.pdf")
    for name in ("a.pdf", "b.pdf"):
        finish_pdf(tmp_path / "raw.pdf", tmp_path / name, title="Needs", as_at=AS_AT)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "Needs"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20230331")
        assert str(pdf.docinfo["/ModDate"]).startswith("D:20230331")


def tagged(path: Path, first: str, second: str) -> None:
    """Write a PDF whose structure holds two headings and a cell that names them both."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()

        def element(kind: str, **more: Any) -> Any:
            return pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name(kind), **more))

        heads = [element("/TH", ID=pikepdf.String(name)) for name in (first, second)]
        named = pikepdf.Array([pikepdf.String(second), pikepdf.String(first)])
        attributes = pikepdf.Dictionary(O=pikepdf.Name.Table, Headers=named)
        cell = element("/TD", A=pikepdf.Array([attributes]))
        pairs = sorted(zip((first, second), heads, strict=True), key=lambda p: p[0])
        flat = [x for name, head in pairs for x in (pikepdf.String(name), head)]
        pdf.Root.StructTreeRoot = pdf.make_indirect(
            pikepdf.Dictionary(
                K=pikepdf.Array([*heads, cell]),
                IDTree=pdf.make_indirect(pikepdf.Dictionary(Names=pikepdf.Array(flat))),
            )
        )
        pdf.save(path)


@pytest.mark.unit
def test_names_that_a_browser_gives_in_haste_do_not_reach_the_file(tmp_path) -> None:
    for name, ids in {
        "a": ("node00000100", "node00000084"),
        "b": ("node00000007", "node9"),
    }.items():
        tagged(tmp_path / f"raw-{name}.pdf", *ids)
        finish_pdf(tmp_path / f"raw-{name}.pdf", tmp_path / f"{name}.pdf", title="t", as_at=AS_AT)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        first, second, cell = pdf.Root.StructTreeRoot.K
        assert [str(h) for h in cell.A[0].Headers] == [str(second.ID), str(first.ID)]
        found = pikepdf.NameTree(pdf.Root.StructTreeRoot.IDTree)
        assert found[str(first.ID)].objgen == first.objgen
        assert found[str(second.ID)].objgen == second.objgen


def linked(path: Path, pages: int, targets: dict[str, int]) -> None:
    """Write a PDF with named places, each on the page that is given for it."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        places = {
            f"/{name}": pikepdf.Array([pdf.pages[n - 1].obj, pikepdf.Name.XYZ, 0, 0, 0])
            for name, n in targets.items()
        }
        pdf.Root.Dests = pikepdf.Dictionary(places)
        pdf.save(path)


class Tab:
    """Stands in for a browser's tab: each print puts the chapter on the next page given."""

    def __init__(self, *pages: int) -> None:
        self.pages = list(pages)
        self.tagged: list[bool] = []
        self.filled: list[Any] = []

    def evaluate(self, script: str, *values: Any) -> None:
        self.filled.extend(values)

    def pdf(self, path: str, tagged: bool, **_: Any) -> None:
        self.tagged.append(tagged)
        linked(Path(path), 9, {"chapter-20": self.pages.pop(0), "chapter-50": 9})


@pytest.mark.unit
def test_the_page_of_each_target_is_read_from_the_print(tmp_path) -> None:
    linked(tmp_path / "a.pdf", 4, {"chapter-20": 2, "chapter-50": 4})
    assert page_numbers(tmp_path / "a.pdf") == {"chapter-20": "2", "chapter-50": "4"}


@pytest.mark.unit
@pytest.mark.parametrize(("pages", "prints"), [((3, 3), 2), ((3, 4, 4), 3)])
def test_numbers_are_filled_in_and_printed_again_until_they_hold(tmp_path, pages, prints) -> None:
    tab = Tab(*pages)
    _print_numbered(tab, tmp_path / "a.pdf")
    assert tab.tagged == [False] + [True] * (prints - 1)
    assert tab.filled[0] == {"chapter-20": "3", "chapter-50": "9"}
    assert tab.filled[-1]["chapter-20"] == str(pages[-1])


@pytest.mark.e2e
@needs_browser
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_contents_and_footers_of_the_pdf_have_page_numbers(report, study) -> None:
    publish(report.folder, study, report.notebooks, pdf=True, progress=lambda _: None)
    path = report.folder / PDF
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    pages = done.stdout.decode().split("\f")[:-1]
    contents = next(k for k, text in enumerate(pages) if "Contents" in text)
    for title in ("Children looked after", "Demand", "Annexes"):
        found = re.search(rf"^\s*\d\d\s+{title}\b.*?(\d+)\s*$", pages[contents], re.M)
        assert found, title
        assert re.search(rf"^\s*\d\d\s+{title}\s*$", pages[int(found[1]) - 1], re.M), title
    for n, text in enumerate(pages, 1):
        assert f"Page {n} of {len(pages)}" in text


@pytest.mark.e2e
@posix
@pytest.mark.parametrize("script", ["sleep 600", "exit 3", "echo no; exec cat >/dev/null"])
def test_a_browser_that_hangs_or_dies_ends_in_a_plain_error(tmp_path, script) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>words</p>")
    bad = Browser(program(tmp_path / "browser", script), "chosen")
    began = time.monotonic()
    with pytest.raises(PdfNotMade, match="Mend: "):
        print_pdf(page, tmp_path / "a.pdf", title="t", as_at=AS_AT, browser=bad, timeout=4)
    assert time.monotonic() - began < 60
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.e2e
@needs_browser
def test_a_page_whose_charts_never_come_is_given_up(tmp_path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>no script here</p>")
    with pytest.raises(PdfNotMade, match="in time"):
        print_pdf(page, tmp_path / "a.pdf", title="t", as_at=AS_AT, timeout=6)


@pytest.mark.e2e
@needs_browser
def test_the_pdf_is_tagged_titled_outlined_and_the_same_twice(report, study, tmp_path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        made = publish(folder, study, report.notebooks, pdf=True, progress=lambda _: None)
        assert made.pdf_problem == ""
    first, second = ((f / PDF).read_bytes() for f in folders)
    assert first == second
    with pikepdf.open(folders[0] / PDF) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert "Placement needs analysis" in str(pdf.docinfo["/Title"])
        assert bool(pdf.Root.MarkInfo.Marked)
        with pdf.open_outline() as outline:
            titles = " ".join(_titles(outline.root))
        for words in ("Children looked after", "Demand", "Annexes"):
            assert words in titles
        tags = list(_tags(pdf.Root.StructTreeRoot))
        kinds = [str(t.get("/S", "")) for t in tags]
        assert {"/Table", "/TH", "/TD", "/H1", "/H2"} <= set(kinds)
        pictures = [t for t in tags if str(t.get("/S", "")) == "/Figure"]
        assert pictures
        assert all("/Alt" in t for t in pictures)
        heads = [t for t in tags if str(t.get("/S", "")) == "/TH"]
        assert heads and all("/Scope" in _attributes(t) for t in heads)
        cells = [t for t in tags if str(t.get("/S", "")) == "/TD"]
        assert all(len(_attributes(t)["/Headers"]) for t in cells)
        levels = [int(k[2:]) for k in kinds if re.fullmatch(r"/H\d", k)]
        assert all(b <= a + 1 for a, b in pairwise(levels))
        assert {str(page.get("/Tabs")) for page in pdf.pages} == {"/S"}
        found = [a for page in pdf.pages for a in page.get("/Annots", [])]
        assert found and all(re.fullmatch(r"To page \d+", str(a.Contents)) for a in found)
        with pdf.open_metadata() as told:
            assert "Placement needs analysis" in told["dc:title"]
        raw = b"".join(s.read_bytes() for s in pdf.objects if isinstance(s, pikepdf.Stream))
        links = [str(o.get("/URI", "")) for o in pdf.objects if isinstance(o, pikepdf.Dictionary)]
        assert not any(link for link in links)
    assert str(tmp_path).encode() not in raw + first


def _attributes(element):
    held = element.get("/A", [])
    some = held if isinstance(held, pikepdf.Array) else [held]
    return {str(k): v for one in some for k, v in one.items()}


COUNT_CHARTS = """
window.seen = [];
window.ping = new MessageChannel();
window.ping.port1.onmessage = () => {
  window.seen.push(document.querySelectorAll(".chart:has(svg.main-svg)").length);
  if (document.documentElement?.dataset.charts !== "done") { window.ping.port2.postMessage(0); }
};
window.ping.port2.postMessage(0);
"""


@pytest.mark.e2e
@needs_browser
def test_the_page_draws_all_charts_and_asks_for_nothing(report, study) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    publish(report.folder, study, report.notebooks, pdf=False, progress=lambda _: None)
    asked: list[str] = []
    said: list[str] = []
    root = ["--no-sandbox"] if sys.platform != "win32" and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path=str(find_browser().path),
            args=["--disable-gpu", "--disable-background-networking", *root],
        )
        for width in (1280, 320):
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.on("request", lambda r: asked.append(r.url))
            tab.on("console", lambda m: said.append(m.text))
            tab.on("pageerror", lambda e: said.append(str(e)))
            tab.add_init_script(COUNT_CHARTS)
            tab.goto((report.folder / PAGE).as_uri())
            tab.wait_for_selector("html[data-charts=done]", state="attached")
            drawn = tab.locator(".chart:has(svg.main-svg)").count()
            assert drawn >= 2
            # A click or a scroll is answered before all charts are there.
            assert {k for k in tab.evaluate("window.seen") if 0 < k < drawn}
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.locator("details.chart-data[open]").count() == 0
            tab.close()
        off = browser.new_context(java_script_enabled=False).new_page()
        off.goto((report.folder / PAGE).as_uri())
        assert off.locator("details.chart-data table").first.is_visible()
        assert off.locator("p.no-script").first.is_visible()
        browser.close()
    assert said == []
    assert {u for u in asked if not u.startswith("data:")} == {(report.folder / PAGE).as_uri()}
