"""The page around the chapters: cover, contents, footer; one file that asks for nothing.

Style, fonts and scripts stand in the page itself. A content security policy in its head
lets only those very scripts run and lets no request leave, whatever a cell may hold.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from needs.report.blocks import Chapter
from needs.report.csvs import table_name
from needs.report.figure_notes import figure_notes, figures_in
from needs.report.headlines import period_words, scopes
from needs.vocabulary.study import Study
from needs.vocabulary.units import MARKERS

if TYPE_CHECKING:
    from needs.report.headlines import Headlines
    from needs.report.page import ChapterPage
    from needs.vocabulary.study_documents import DocumentSettings

__all__ = [
    "ASSETS",
    "citation",
    "description",
    "environment",
    "index_page",
    "long_date",
    "page_style",
    "report_page",
    "script_json",
]

with as_file(files("needs.report") / "assets") as _path:
    ASSETS = _path
"""Folder of templates, style, script and fonts."""

FONTS = ((400, "source-sans-3-regular.woff2"), (600, "source-sans-3-semibold.woff2"))


@cache
def environment() -> Environment:
    """Return the templates of the report; every value is escaped."""
    made = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made.filters["period_words"] = period_words
    return made


def long_date(day: Any) -> str:
    """Return a date as ``31 March 2023``."""
    return f"{day.day} {day:%B %Y}"


def citation(study: Study) -> str:
    """Return how this report is cited."""
    year, as_at = study.period.reporting_year, long_date(study.period.as_at)
    kind = " Synthetic records." if study.report.synthetic else ""
    return f"{study.authority.name}. {study.report.title}, {year}. As at {as_at}.{kind}"


def description(study: Study) -> str:
    """Return in one sentence what this report is."""
    return (
        f"{study.report.title} of {study.authority.name} for {study.authority.label}, "
        f"reporting year {study.period.reporting_year}."
    )


def report_page(
    study: Study,
    chapters: Sequence[ChapterPage],
    sources: Sequence[str],
    front: Headlines | None = None,
    scope: Sequence[str] = (),
    *,
    numbered: bool = False,
    about: str = "",
    sign_off: str = "",
) -> str:
    """Return ``needs-analysis.html``.

    Parameters
    ----------
    study : Study
        Whose report it is.
    chapters : sequence of ChapterPage
        Rendered chapters, in order.
    sources : sequence of str
        Where the numbers come from, one line each, without repeats.
    front : Headlines, optional
        What stands before the chapters.
    scope : sequence of str
        Who is counted, one line each; the study's own scope by default.
    numbered : bool
        Whether paragraphs are numbered through.
    about : str
        What is said of where numbers are to be found; of a report's own files by default.
    sign_off : str
        What the cover says of who signed the report off; nothing by default.

    Returns
    -------
    str
        The whole page. It names no other file but ``index.html`` beside it.
    """
    charts = any('class="chart"' in c.html for c in chapters)
    scripts = [_asset("charts.js")]
    if charts:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415 - slow

        scripts.insert(0, get_plotlyjs())
    if any('"dials":' in c.html for c in chapters):
        scripts.append(_asset("dials.js"))
    more = {"chapters": chapters, "sources": sources, "front": front, "about": about}
    more["sign_off"] = sign_off
    more["notes"] = _notes(chapters, front)
    if more["notes"]:
        scripts.append(_asset("figures.js"))
    kind = "report numbered" if numbered else "report"
    return _render("report.html.j2", study, kind, scripts, more, scope)


def _notes(pages: Sequence[ChapterPage], front: Headlines | None) -> Markup:
    """Return the map of what is told of numbers, as JSON, or nothing."""
    parts = [str(h) for p in pages for h in (p.html, p.detail)]
    if front:
        parts.append(environment().get_template("front.html.j2").render(front=front, scope=()))
    figures = figures_in(parts)
    if not figures:
        return Markup()
    places = {name: place for p in pages for name, place in p.places.items()}
    return script_json(figure_notes([r for p in pages for r in p.results], figures, places))


def script_json(data: Any) -> Markup:
    """Return JSON that no text within can end early, for a script block."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def index_page(
    study: Study,
    chapters: Sequence[Chapter],
    pdf: bool,
    pdf_problem: str,
    documents: Sequence[DocumentSettings] = (),
    sign_off: str = "",
) -> str:
    """Return ``index.html``: what the report is, and a link to each of its files.

    Parameters
    ----------
    study : Study
        Whose report it is.
    chapters : sequence of Chapter
        Executed chapters; their tables and notebooks are listed.
    pdf : bool
        Whether the PDF lies beside the page.
    pdf_problem : str
        Why it does not although it was wanted, and what to do; else empty.
    documents : sequence of DocumentSettings
        Documents of some of the chapters, beside the report.
    sign_off : str
        What the cover says of who signed the report off.
    """
    listed = [
        {
            "number": c.spec.number,
            "title": c.spec.title,
            "notebook": f"notebooks/{c.spec.notebook}",
            "tables": [
                {
                    "href": f"tables/{table_name(c.spec.number, r.name)}",
                    "title": r.title,
                    "subtitle": r.subtitle,
                }
                for r in c.results
                if r.table is not None
            ],
        }
        for c in chapters
    ]
    more = {"chapters": listed, "pdf": pdf, "pdf_problem": pdf_problem, "documents": documents}
    more["sign_off"] = sign_off
    return _render("index.html.j2", study, "index", [], more, scopes(chapters, _own_scope(study)))


def _own_scope(study: Study) -> str:
    """Return who the study's own counts hold."""
    return study.authority.scope.words(study.authority.label)


def _render(
    template: str,
    study: Study,
    kind: str,
    scripts: Sequence[str],
    more: Mapping[str, Any],
    scope: Sequence[str],
) -> str:
    """Return a page from its template, with what every page of the report has."""
    # Style and scripts are our own files and go in unescaped; a policy names each script.
    return (
        environment()
        .get_template(template)
        .render(
            kind=kind,
            title=study.report.title,
            authority=study.authority.name,
            year=study.period.reporting_year,
            as_at=long_date(study.period.as_at),
            synthetic=study.report.synthetic,
            scope=tuple(scope) or (_own_scope(study),),
            description=description(study),
            citation=citation(study),
            marker_words=MARKERS,
            css=Markup(_css(study)),  # noqa: S704
            notes=more.get("notes", Markup()),
            scripts=[Markup(s) for s in scripts],  # noqa: S704
            script_hashes=Markup(" ".join(_hash(s) for s in scripts) or "'none'"),  # noqa: S704
            **{k: v for k, v in more.items() if k != "notes"},
        )
        + "\n"
    )


def _hash(script: str) -> str:
    """Return the name of a script in a content security policy."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


@cache
def _faces() -> str:
    """Return the bundled fonts as style."""
    faces = []
    for weight, name in FONTS:
        data = base64.b64encode((ASSETS / "fonts" / name).read_bytes()).decode("ascii")
        faces.append(
            '@font-face{font-family:"Source Sans 3";font-style:normal;font-display:block;'
            f'font-weight:{weight};src:url(data:font/woff2;base64,{data}) format("woff2")}}\n'
        )
    return "".join(faces)


def page_style() -> str:
    """Return the style of a page that belongs to no study."""
    return f"{_faces()}{_asset('report.css')}"


def _css(study: Study) -> str:
    """Return the style of a page, with the words of the printed footer."""
    words = f"{study.report.title}, {study.authority.name}, {study.period.reporting_year}"
    if study.report.synthetic:
        words += " (synthetic records)"
    running = re.sub(r"[^A-Za-z0-9 ]", lambda m: f"\\{ord(m[0]):x} ", words)
    return f'{_faces()}:root{{--running-title:"{running}"}}\n{_asset("report.css")}'
