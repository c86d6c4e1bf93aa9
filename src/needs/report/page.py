"""Chapters as HTML: nbconvert renders the words, our template the released results.

Headings are put in order here, whatever a notebook used: the page has one ``h1``, a
chapter is an ``h2``, and no level is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from needs.report.blocks import Chapter
from needs.report.chapters import ChapterSpec
from needs.report.check_figures import check_spans
from needs.report.display import SYNTHETIC
from needs.report.fold import fold
from needs.report.quarto import same_words
from needs.report.shell import ASSETS, environment, script_json
from needs.report.tables import LEFT, RIGHT, table_html
from needs.vocabulary.released import MIME, ReleasedResult, ReleasedTable

__all__ = ["ChapterPage", "Entry", "chapter_page"]

Convert = Callable[[Sequence[str]], Sequence[str]]

_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>\n?", re.S)
CHAPTER_LEVEL = 2
"""Heading level of a chapter; the page's own title is level 1."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading that the contents list; ``deeper`` where it stands under another."""

    id: str
    title: str
    deeper: bool = False


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A chapter as a piece of HTML.

    Parameters
    ----------
    number, title, id : str
        Number and heading of the chapter, and the id of its section.
    html : Markup
        What stands under the chapter's heading; already escaped.
    entries : tuple of Entry
        Headings one level below the chapter, for the contents.
    detail : Markup
        What stands at the end of the report instead of in the chapter; may be empty.
    detail_entries : tuple of Entry
        Its headings.
    places : mapping of str to str
        Name of a result -> id of where it stands.
    results : tuple of ReleasedResult
        What it shows, for what is told of a number that is pointed at.
    """

    number: str
    title: str
    id: str
    html: Markup
    entries: tuple[Entry, ...]
    detail: Markup = field(default_factory=Markup)
    detail_entries: tuple[Entry, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    results: tuple[ReleasedResult, ...] = ()

    @property
    def detail_id(self) -> str:
        """The id of the section that holds the detail."""
        return f"{self.id}-in-full"


def chapter_page(chapter: Chapter, convert: Convert | None = None) -> ChapterPage:
    """Render an executed chapter.

    Parameters
    ----------
    chapter : Chapter
        Checked by :func:`needs.report.blocks.read_chapters`.
    convert : callable, optional
        Takes the markdown of all cells and returns each as HTML; nbconvert's by default.

    Returns
    -------
    ChapterPage
        Its HTML without code, with headings in order and ids unique in the report.
    """
    outline = _Outline(chapter.spec)
    exporter = _Exporter(outline, convert)
    folded = fold(chapter.notebook)
    html = exporter.fragment(folded.main)
    entries, outline.entries = tuple(outline.entries), []
    outline.words_level = CHAPTER_LEVEL
    return ChapterPage(
        chapter.spec.number,
        chapter.spec.title,
        outline.id,
        html,
        entries,
        exporter.fragment(folded.detail),
        tuple(outline.entries),
        outline.places,
        chapter.results,
    )


@dataclass
class _Outline:
    """Where rendering stands within a chapter: the last heading, the last table number."""

    spec: ChapterSpec
    words_level: int = CHAPTER_LEVEL
    headings: int = 0
    tables: int = 0
    figures: int = 0
    entries: list[Entry] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"chapter-{self.spec.number}"

    def name(self, words: str) -> str:
        """Return an id made of words, unique in the report."""
        slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
        base = made = f"{self.id}-{slug}" if slug else self.id + "-part"
        n = 1
        while made in self.taken:
            n += 1
            made = f"{base}-{n}"
        self.taken.add(made)
        return made

    def heading(self, text: str, level: int) -> str:
        """Return a heading of the notebook's words at the level where it belongs.

        The notebook's first heading, if it is its title, gives way to the chapter's own.
        """
        self.headings += 1
        if self.headings == 1 and level == 1:
            return ""
        self.words_level = min(max(level + 1, CHAPTER_LEVEL + 1), self.words_level + 1, 6)
        plain = unescape(re.sub(r"<[^>]*>", "", text)).strip()
        made = self.name(plain)
        self._list(self.words_level, made, plain)
        if self.words_level == CHAPTER_LEVEL + 2:
            self.entries.append(Entry(made, plain, deeper=True))
        return f'<h{self.words_level} id="{escape(made)}">{text}</h{self.words_level}>\n'

    def result(self, result: ReleasedResult) -> tuple[int, str]:
        """Return heading level and id of a result."""
        level = min(self.words_level + 1, 6)
        made = self.name(f"result-{result.name}")
        self.places[result.name] = made
        if result.kind != "missing":
            self._list(level, made, result.title)
        return level, made

    def _list(self, level: int, made: str, title: str) -> None:
        if level == CHAPTER_LEVEL + 1:
            self.entries.append(Entry(made, title))

    def figure_number(self) -> str:
        self.figures += 1
        return f"Figure {self.spec.number}.{self.figures}"

    def table_number(self) -> str:
        self.tables += 1
        return f"Table {self.spec.number}.{self.tables}"


class _Words(IPythonRenderer):
    """nbconvert's markdown, with headings put in order."""

    def __init__(self, outline: _Outline, **options: Any) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self.outline = outline

    def heading(self, text: str, level: int, **_attrs: Any) -> str:
        return self.outline.heading(text, level)


class _Exporter(HTMLExporter):
    """nbconvert's HTML export with the template of the report."""

    def __init__(self, outline: _Outline, convert: Convert | None = None) -> None:
        self.outline = outline
        self.convert = convert
        self.words: dict[str, str] = {}
        self.kept: list[Any] = []
        self.results: list[str] = []
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="needs", extra_template_basedirs=[str(Path(ASSETS) / "nbconvert")]
        )

    def fragment(self, notebook: Any) -> Markup:
        """Return the cells of a notebook as a piece of HTML."""
        if not notebook.cells:
            return Markup()
        self.results, self.kept = [], []
        if self.convert:
            said = [c.source for c in notebook.cells if c.cell_type == "markdown"]
            self.words = dict(zip(said, self.convert(said), strict=True))
        html = self.from_notebook_node(_light(notebook, self.kept))[0]
        whole = _PLACE.sub(lambda m: self.results[int(m[1])], html)
        # The HTML is made from escaped values and markdown under the page's script ban.
        return Markup(whole)  # noqa: S704

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return markdown as HTML, with the chapter's outline."""
        attachments = context.get("cell", {}).get("attachments", {})
        if self.convert:
            html = self.words[source]
            plain = MarkdownWithMath(
                renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)
            ).render(source)
            same_words(self.outline.spec.number, str(plain), html)
            return _HEADING.sub(lambda m: self.outline.heading(m[2], int(m[1])), html)
        words = MarkdownWithMath(renderer=_Words(self.outline, attachments=attachments))
        return str(words.render(source))

    def default_filters(self) -> Any:
        """Give nbconvert's filters and ours."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield ("markdown2html", self.markdown2html)
        yield ("released_result", self.released_result)

    def released_result(self, output: Any) -> str:
        """Return the place of a notebook output; a picture of a result gives nothing.

        Its HTML comes in at the end: the exporter would parse all of it again.
        """
        data = output.get("data", {}).get(MIME)
        if not data:
            return ""
        result = ReleasedResult.from_json(self.kept[data["kept"]])
        self.results.append(_result(result, self.outline))
        return f'<div id="{_MARK}{len(self.results) - 1}"></div>'


_MARK = "needs-result-"
_PLACE = re.compile(rf'<div id="{_MARK}(\d+)"></div>')


def _light(notebook: Any, kept: list[Any]) -> Any:
    """Return a notebook whose results are put aside: the exporter copies it again and again."""

    def output(shown: Any) -> Any:
        made = NotebookNode(shown)  # type: ignore[no-untyped-call]
        if "data" in made:
            block = shown["data"].get(MIME)
            made.data = {MIME: {"kept": len(kept)}} if block else {}
            kept.extend([block] if block else [])
        return made

    light = NotebookNode(notebook)  # type: ignore[no-untyped-call]
    light.cells = [NotebookNode(c) for c in notebook.cells]  # type: ignore[no-untyped-call]
    for cell in light.cells:
        if "outputs" in cell:
            cell.outputs = [output(o) for o in cell.outputs]
    return light


def _result(r: ReleasedResult, outline: _Outline) -> str:
    """Return a released result as HTML."""
    level, made = outline.result(r)
    hidden = int(r.disclosure.get("withheld", 0))
    return (
        environment()
        .get_template("result.html.j2")
        .render(
            r=r,
            id=made,
            level=level,
            chart_ids=[outline.name(f"figure-{r.name}-{c.key}") for c in r.charts],
            chart_numbers=[outline.figure_number() for _ in r.charts],
            table_number=outline.table_number() if r.table else "",
            rule=str(r.disclosure.get("rule", "")) if hidden else "",
            synthetic_words=SYNTHETIC,
            check_spans=check_spans(r),
            table_html=_table,
            script_json=script_json,
        )
    )


_FIGURE = re.compile(r'<td class="number" data-figure="([a-z][a-z0-9_]*)\.')


def _table(table: ReleasedTable, caption: str) -> Markup:
    """Return a table as HTML; its writer escapes every cell.

    A report has tens of thousands of cells: what the page's style says of each, and the name of
    the result that all ids of a table begin with, is said once.
    """
    html = table_html(table, caption).replace(RIGHT, "").replace(LEFT, "")
    names = set(_FIGURE.findall(html))
    if len(names) == 1:
        (name,) = names
        html = html.replace("<table>", f'<table data-of="{name}">', 1)
        html = html.replace(f'<td class="number" data-figure="{name}.', '<td data-figure="')
    return Markup(html)  # noqa: S704
