"""The PDF: the report's own page, printed by an installed browser.

The browser runs in a process of its own, which is ended when its time is up, and it gets
the page from us alone: every request that it makes is answered with the page or refused.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from needs.report.browser import OLDEST, Browser, browser_fix, find_browser
from needs.vocabulary.errors import PdfNotMade

__all__ = ["finish_pdf", "page_numbers", "print_pdf"]

TIMEOUT = 180.0
"""Seconds for the whole print; a report of thirty charts takes a tenth of it."""

PRINT_WIDTH = 672
"""Width of the printed area in CSS pixels: A4 less the margins that report.css sets."""

PAGE_URL = "http://report.invalid/needs-analysis.html"
"""Address under which the browser sees the page. It exists nowhere (RFC 2606), and keeps
the path of this machine out of the PDF."""

_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def print_pdf(
    page: Path,
    out: Path,
    *,
    title: str,
    as_at: dt.date,
    browser: Browser | None = None,
    timeout: float = TIMEOUT,
) -> None:
    """Print a page of ours as a tagged A4 PDF: the same bytes for the same page and browser.

    Parameters
    ----------
    page : Path
        The self-contained HTML page.
    out : Path
        PDF to write; it is there only if all went well.
    title : str
        Title of the document.
    as_at : datetime.date
        Date that the file carries as its own.
    browser : Browser, optional
        Browser to use; the one installed by default.
    timeout : float
        Seconds after which the print is given up.

    Raises
    ------
    PdfNotMade
        If there is no browser, it does not answer in time, or it fails; with the mend.
    """
    browser = browser or find_browser()
    if browser is None:
        raise PdfNotMade(f"the PDF was not made: no browser was found. Mend: {browser_fix()}")
    with tempfile.TemporaryDirectory(prefix="needs-pdf-") as folder:
        raw = Path(folder) / "printed.pdf"
        job = {"page": str(page), "out": str(raw), "browser": str(browser.path), "timeout": timeout}
        problem = _run(job, timeout)
        if problem or not raw.is_file():
            raise PdfNotMade(f"the PDF was not made: {problem or 'the browser wrote nothing'}")
        try:
            finish_pdf(raw, out, title=title, as_at=as_at)
        except pikepdf.PdfError:
            raise PdfNotMade("the PDF was not made: the browser wrote a broken file") from None


def finish_pdf(raw: Path, out: Path, *, title: str, as_at: dt.date) -> None:
    """Give a printed PDF its language, title, words for links and a fixed date.

    It is written in a fixed way: the same bytes for the same print.

    Parameters
    ----------
    raw, out : Path
        PDF as the browser wrote it, and the file to write.
    title : str
        Title of the document.
    as_at : datetime.date
        Date of making and of last change.
    """
    stamp = pikepdf.String(f"D:{as_at:%Y%m%d}000000+00'00'")
    with pikepdf.open(raw) as pdf:
        pdf.Root.Lang = pikepdf.String("en-GB")
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.docinfo["/Title"] = pikepdf.String(title)
        pdf.docinfo["/CreationDate"] = stamp
        pdf.docinfo["/ModDate"] = stamp
        _one_picture_a_chart(pdf)
        _steady_names(pdf)
        _say_where_links_lead(pdf)
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
            told["dc:title"] = title
            told["dc:language"] = {"en-GB"}
        pdf.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )


def _one_picture_a_chart(pdf: pikepdf.Pdf) -> None:
    """Make the layers of a chart parts of its one picture, which has the words.

    Browsers tag each layer as a picture of its own without words.
    """
    waiting: list[tuple[Any, bool]] = [(pdf.Root.get("/StructTreeRoot"), False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend((child, inside) for child in node)
        elif isinstance(node, pikepdf.Dictionary):
            if node.get("/S") == "/Figure":
                if inside and "/Alt" not in node:
                    node.S = pikepdf.Name.NonStruct
                inside = inside or "/Alt" in node
            if "/K" in node:
                waiting.append((node.K, inside))


def _say_where_links_lead(pdf: pikepdf.Pdf) -> None:
    """Give each link within the report words of its own, for readers that meet it by itself.

    ISO 14289-1 (PDF/UA-1), 7.18.5: a link has an alternate description in its contents.
    """
    numbers = {p.obj.objgen: n for n, p in enumerate(pdf.pages, 1)}
    targets: Any = pdf.Root.get("/Dests", {})
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            place: Any = targets.get(link.get("/Dest")) if "/Dest" in link else None
            if place is not None and place[0].objgen in numbers:
                link.Contents = pikepdf.String(f"To page {numbers[place[0].objgen]}")


def _elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Yield the elements of a PDF's structure in the order of reading."""
    waiting: list[Any] = [pdf.Root.get("/StructTreeRoot")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(reversed(list(node)))
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                waiting.append(node.K)


def _steady_names(pdf: pikepdf.Pdf) -> None:
    """Name the elements of the structure in the order of reading.

    Browsers name them by a count that goes on while they work, so that a slow machine gives
    other names than a fast one. Cells name their headings by them.
    """
    named = [e for e in _elements(pdf) if "/ID" in e]
    names = {bytes(e.ID): f"node{n:08d}" for n, e in enumerate(named, 1)}
    for element in _elements(pdf):
        held: Any = element.get("/A", [])
        for attributes in held if isinstance(held, pikepdf.Array) else [held]:
            if isinstance(attributes, pikepdf.Dictionary) and "/Headers" in attributes:
                heads = [names.get(bytes(h)) for h in attributes.Headers]
                attributes.Headers = pikepdf.Array([pikepdf.String(h) for h in heads if h])
    pairs: list[Any] = []
    for element in named:
        name = pikepdf.String(names[bytes(element.ID)])
        element.ID = name
        pairs += [name, element]
    if pairs:
        pdf.Root.StructTreeRoot.IDTree = pikepdf.Dictionary(
            Limits=pikepdf.Array([pairs[0], pairs[-2]]), Names=pikepdf.Array(pairs)
        )


def _run(job: dict[str, Any], timeout: float) -> str:
    """Print in a child process; return what went wrong and its mend, or ``""``."""
    child = subprocess.Popen(  # our own interpreter and module
        [sys.executable, "-m", "needs.report.pdf"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        _, said = child.communicate(json.dumps(job), timeout=timeout + 15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return _slow()
    if child.returncode == 0:
        return ""
    last = said.strip().split("\n")[-1]
    if last.startswith("needs: "):
        return last.removeprefix("needs: ")
    return f"the browser failed. Mend: try another one. {browser_fix()}"


def _slow() -> str:
    return (
        "the browser did not finish in time. Mend: close other programs and run again, "
        "or name another browser in NEEDS_BROWSER"
    )


def _print(job: dict[str, Any]) -> str:
    """Drive the browser; runs in the child process. Return what went wrong, or ``""``."""
    from playwright.sync_api import (  # noqa: PLC0415 - slow, child only
        Error,
        TimeoutError,
        sync_playwright,
    )

    html = Path(job["page"]).read_bytes()
    limit = float(job["timeout"]) * 1000
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(
                executable_path=job["browser"],
                args=[*_ARGUMENTS, *(["--no-sandbox"] if root else [])],
                timeout=limit,
            )
            found = re.match(r"\d+", browser.version)
            if found and int(found[0]) < OLDEST:
                return f"the browser is older than version {OLDEST}. Mend: update it"
            tab = browser.new_page(viewport={"width": PRINT_WIDTH, "height": 1000})
            tab.set_default_timeout(limit)
            tab.route("**/*", lambda route: _answer(route, html))
            tab.emulate_media(media="print", reduced_motion="reduce", color_scheme="light")
            tab.goto(PAGE_URL, wait_until="load")
            tab.wait_for_selector("html[data-charts=done]", state="attached")
            if tab.evaluate("document.documentElement.dataset.chartsFailed"):
                return "a chart could not be drawn. Mend: run the chapters again"
            _print_numbered(tab, Path(job["out"]))
            browser.close()
    except TimeoutError:
        return _slow()
    except Error:
        return f"the browser could not be started or closed early. Mend: {browser_fix()}"
    return ""


FILL = """numbers => {
  document.documentElement.classList.remove("measuring");
  document.querySelectorAll("[data-page-of]").forEach(place => {
    place.textContent = numbers[place.dataset.pageOf] || "";
  });
}"""
"""Writes page numbers into the contents."""

PASSES = 3
"""How often a page is printed at most; contents that keep their length settle in two."""


def _print_numbered(tab: Any, out: Path) -> None:
    """Print the page with page numbers in its contents: once to find them, again to show them.

    The first print leaves the charts' ink out, not their room, which saves most of its time.
    """
    tab.evaluate("document.documentElement.classList.add('measuring')")
    shown: dict[str, str] = {}
    for turn in range(PASSES):
        tab.pdf(
            path=str(out),
            tagged=turn > 0,
            outline=turn > 0,
            prefer_css_page_size=True,
            print_background=True,
        )
        found = page_numbers(out)
        if turn and found == shown:
            return
        shown = found
        tab.evaluate(FILL, shown)


def page_numbers(printed: Path) -> dict[str, str]:
    """Return the page on which each target of a link stands, counted from 1.

    Parameters
    ----------
    printed : Path
        PDF as the browser wrote it.

    Returns
    -------
    dict of str to str
        Id of the element on the page -> number of the printed page.
    """
    with pikepdf.open(printed) as pdf:
        numbers = {p.obj.objgen: n for n, p in enumerate(pdf.pages, 1)}
        targets: Any = pdf.Root.get("/Dests", {})
        return {
            str(name).removeprefix("/"): str(numbers[place[0].objgen])
            for name, place in sorted(targets.items())
            if isinstance(place, pikepdf.Array) and place[0].objgen in numbers
        }


def _answer(route: Any, html: bytes) -> None:
    """Answer the one request for the page, and refuse every other."""
    if route.request.url == PAGE_URL:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    else:
        route.abort()


def _child() -> int:
    problem = _print(json.load(sys.stdin))
    if problem:
        print(f"needs: {problem}", file=sys.stderr)
    return bool(problem)


if __name__ == "__main__":
    sys.exit(_child())
