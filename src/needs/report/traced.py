"""Every number in prose is a figure, or stands there by rule: else there is no report.

Prose is read from the pages as rendered, headings, notes, captions and the descriptions of
charts included. Cells of tables are checked where results are read (:mod:`needs.report.blocks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import commonprefix

from needs.report.blocks import Chapter
from needs.report.chart_said import unsaid
from needs.report.check_figures import check_rows
from needs.report.page import ChapterPage
from needs.report.prose import PICTURE, Piece, prose_of
from needs.report.traced_rules import GONE, NUMBER, masked, settings_said
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.released import ReleasedChart, ReleasedResult, ReleasedRow, ReleasedTable
from needs.vocabulary.study import Study

__all__ = ["Known", "Untraced", "known_of", "refuse_untraced", "untraced"]

MEND = (
    "let a result print it by its figure; what others print is cited in the study's register "
    "(needs inputs cited), what law or method sets stands in vocabulary/data/stated_numbers.csv"
)
DIFFERS = "let the sentence print the figure that it names"
NAMED = 12
"""Letters of a row's label that is a name wherever it stands in the report."""
AROUND = 36
"""Letters shown on either side of a number."""
SHOWN = 4
"""Plain digits shown of a number: a longer one may be somebody's identifier."""


@dataclass(frozen=True)
class Known:
    """What prose may print.

    Parameters
    ----------
    printed : mapping of str to str
        Figure id -> its printed form, of the whole report.
    results : mapping of str to ReleasedResult
        Id of a result's section -> the result.
    said : tuple of str
        Whole texts that say settings of the study, such as who is counted.
    """

    printed: Mapping[str, str]
    results: Mapping[str, ReleasedResult]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untraced:
    """A number in prose that no figure stands behind.

    Parameters
    ----------
    piece : Piece
        Where it stands.
    number : str
        As it stands there.
    words : str
        What stands around it, without anything else that holds a digit.
    differs : bool
        Whether it names a figure, and prints it otherwise than ``figures.csv`` does.
    """

    piece: Piece
    number: str
    words: str
    differs: bool = False


def rows_of(result: ReleasedResult) -> tuple[ReleasedRow, ...]:
    """Return every figure of a result, those of its checks among them."""
    return (*result.rows, *check_rows(result))


def known_of(
    chapters: Sequence[Chapter], pages: Sequence[ChapterPage], said: Sequence[str] = ()
) -> Known:
    """Return what the prose of some chapters may print."""
    printed = {r.id: r.printed for c in chapters for b in c.results for r in rows_of(b)}
    results = {
        page.places[b.name]: b
        for c, page in zip(chapters, pages, strict=True)
        for b in c.results
        if b.name in page.places
    }
    named = {
        label
        for b in results.values()
        for table in _tables(b)
        for row in table.rows
        for label in row[: len(table.stubs)]
        if len(label) >= NAMED and re.search(r"\d", label)
    }
    return Known(printed, results, (*said, *sorted(named)))


def untraced(html: str, known: Known) -> Iterator[Untraced]:
    """Yield the numbers in a page's prose that no figure stands behind, in the order read.

    Parameters
    ----------
    html : str
        A page, or a part of one.
    known : Known
        What it may print.
    """
    for piece in prose_of(html):
        if not re.search(r"\d", piece.text):
            continue
        for s in piece.spans:
            if s.figure and known.printed.get(s.figure) != s.text.strip():
                yield Untraced(piece, _safe(s.text), _around(s.text, 0, len(s.text)), differs=True)
        yield from _bare(piece, known)


def _bare(piece: Piece, known: Known) -> Iterator[Untraced]:
    text = "".join(GONE * len(s.text) if s.figure else s.text for s in piece.spans)
    result = known.results.get(piece.place)
    spoken = _chart(piece, result)
    if spoken is not None:
        text = unsaid(spoken, text)
    for whole in _said(result):
        text = text.replace(whole, GONE * len(whole))
    printed = frozenset() if spoken is not None else _printed(piece, result)
    if all(n in printed for n in NUMBER.findall(masked(text))):
        return  # as most are: names are many, and looked for only where something is left
    text = masked(text, (*known.said, *_names(piece, result)))
    for found in NUMBER.finditer(text):
        if found[0] not in printed:
            yield Untraced(piece, _safe(found[0]), _around(text, *found.span()))


def _said(result: ReleasedResult | None) -> tuple[str, ...]:
    """Return what is said of a result by rule: who is counted, where from, and what is hidden."""
    if result is None:
        return ()
    told = (result.scope, result.source, str(result.disclosure.get("rule", "")))
    return tuple(t for t in told if t)


def _tables(result: ReleasedResult) -> Iterator[ReleasedTable]:
    yield from (t for t in (result.table, *(c.table for c in result.charts)) if t is not None)


def _names(piece: Piece, result: ReleasedResult | None) -> set[str]:
    """Return labels and texts of a result's rows and columns that hold digits."""
    if result is None:
        return set()
    names: set[str] = set()
    for table in _tables(result):
        width = len(table.stubs)
        names.update(table.headers, table.stubs, table.over)
        for row, ids in zip(table.rows, table.ids, strict=True):
            names.update(row[:width])
            names.update(t for t, i in zip(row[width:], ids, strict=True) if not i)
    names.update(part for name in tuple(names) for part in name.split(", "))
    plain = {n for n in names if n.isdecimal()}
    # A label that is nothing but a number names nothing outside its table and its picture.
    names = {n for n in names if re.search(r"\d.*[^\W\d]|[^\W\d].*\d", n)}
    picture = plain if piece.kind == PICTURE else set()
    return names | {f"{at} {n}" for n in picture for at in ("for", "in")}


def _chart(piece: Piece, result: ReleasedResult | None) -> ReleasedChart | None:
    """Return the chart that words stand for: of those of its result, the one most like them."""
    if result is None or piece.kind != PICTURE:
        return None
    alike = [(len(commonprefix((c.alt, piece.text))), c) for c in result.charts]
    return max(alike, key=lambda pair: pair[0], default=(0, None))[1]


def _printed(piece: Piece, result: ReleasedResult | None) -> frozenset[str]:
    """Return the figures that a piece may print without naming them.

    Headings and notes, which name none, may print those of their result. A sentence names its
    own, and may print no other.
    """
    if result is None or piece.kind == "p":
        return frozenset()
    return frozenset(r.printed for r in result.rows)


def _safe(number: str) -> str:
    """Return a number as an error may show it."""
    digits = re.sub(r"\D", "", number)
    plain = number.strip("-").isdecimal() and len(digits) > SHOWN
    return f"a number of {len(digits)} digits" if plain else f"“{number.strip()}”"


def _around(text: str, start: int, end: int) -> str:
    """Return the words around a number, without any other word that holds a digit."""
    before, after = (re.sub(f"{GONE}+", "…", t) for t in (text[:start], text[end:]))
    clean = [re.sub(r"\S*\d\S*", "…", " ".join(t.split())) for t in (before, after)]
    return f"{clean[0][-AROUND:]} [number] {clean[1][:AROUND]}".strip()


def refuse_untraced(
    chapters: Sequence[Chapter],
    pages: Sequence[ChapterPage],
    study: Study,
    around: Mapping[str, str] | None = None,
) -> None:
    """Stop a report whose prose prints a number that no figure stands behind.

    Parameters
    ----------
    chapters, pages : sequence of Chapter, of ChapterPage
        Executed chapters, and the same rendered.
    study : Study
        Whose report it is: prose may say its settings.
    around : mapping of str to str
        File name -> page without its chapters: cover, front, contents and foot.

    Raises
    ------
    RenderError
        With a fault for each such number, of every chapter and page.
    """
    known = known_of(chapters, pages, settings_said(study))
    read = [
        (c.spec.notebook, str(html))
        for c, page in zip(chapters, pages, strict=True)
        for html in (page.html, page.detail)
    ]
    faults = [fault(name, found, known) for name, html in read for found in untraced(html, known)]
    told = {t for b in known.results.values() for t in (*_said(b), *b.source.split("; ")) if t}
    for c in chapters:
        number, title = c.spec.number, c.spec.title
        told |= {f"{number}{title}", f"{number} {title}", f"Notebook {number}"}
    outside = replace(known, said=(*known.said, *told))
    for name, html in (around or {}).items():
        faults += [fault(name, found, outside) for found in untraced(html, outside)]
    if faults:
        raise RenderError(
            "prose prints numbers that no figure stands behind", dict.fromkeys(faults)
        )


def fault(file: str, found: Untraced, known: Known) -> Fault:
    """Return what a person needs to mend a number without a figure."""
    result = known.results.get(found.piece.place)
    kind = KINDS.get(found.piece.kind, "words")
    where = f"result '{result.name}', {kind}" if result else kind
    rule = "prints its figure otherwise" if found.differs else "prints"
    mend = DIFFERS if found.differs else MEND
    return Fault(file, f"{rule} {found.number}: “{found.words}”", mend, column=where)


KINDS = {
    "li": "note or check",
    "caption": "heading of a table",
    "figcaption": "heading of a chart",
    PICTURE: "description of a chart",
    "aria-label": "words for screen readers",
    **{f"h{n}": "heading" for n in range(1, 7)},
}
"""Element -> what an author calls it."""
