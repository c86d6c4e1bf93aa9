"""Word files, because committees edit what they publish: headings, paragraphs and real tables.

A chart stands as its headline, its words and its numbers: the picture is on the page and in the
PDF. The same chapters give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from needs.report.blocks import Chapter
from needs.report.display import SYNTHETIC
from needs.report.fold import fold
from needs.report.shell import long_date
from needs.vocabulary.released import MIME, ReleasedResult, ReleasedTable
from needs.vocabulary.study import Study

__all__ = ["write_word"]

FIXED = (1980, 1, 1, 0, 0, 0)
"""Date of every part within the file; the document's own dates are the study's."""
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_SMALL = 9


def write_word(
    path: Path,
    study: Study,
    chapters: Sequence[Chapter],
    *,
    numbered: bool = False,
    sign_off: str = "",
) -> None:
    """Write chapters as a Word file.

    Parameters
    ----------
    path : Path
    study : Study
        Whose they are; its as-at date stands as the date of the file.
    chapters : sequence of Chapter
        Executed and checked.
    numbered : bool
        Whether paragraphs are numbered through.
    sign_off : str
        What the cover says of who signed the report off.
    """
    from docx import Document  # noqa: PLC0415 - slow

    document = Document()
    _about(document, study)
    _cover(document, study, sign_off)
    writer = _Writer(document, numbered)
    for chapter in chapters:
        document.add_heading(f"{chapter.spec.number} {chapter.spec.title}", 1)
        folded = fold(chapter.notebook)
        for cell in (*folded.main.cells, *folded.detail.cells):
            writer.cell(cell)
    raw = io.BytesIO()
    document.save(raw)
    path.write_bytes(_steady(raw.getvalue()))


def _about(document: Any, study: Study) -> None:
    """Set language, title and dates: none of the machine or of the day."""
    as_at = study.period.as_at
    told = document.core_properties
    told.title = f"{study.report.title}: {study.authority.name}, {study.period.reporting_year}"
    told.author = told.last_modified_by = study.authority.name
    told.language = "en-GB"
    told.comments = SYNTHETIC if study.report.synthetic else ""
    told.revision = 1
    told.created = told.modified = dt.datetime(as_at.year, as_at.month, as_at.day)
    from docx.oxml.ns import qn  # noqa: PLC0415

    style = document.styles["Normal"].element.get_or_add_rPr()
    language = style.makeelement(qn("w:lang"), {qn("w:val"): "en-GB"})
    style.append(language)


def _cover(document: Any, study: Study, sign_off: str) -> None:
    document.add_paragraph(study.authority.name)
    document.add_heading(study.report.title, 0)
    as_at = long_date(study.period.as_at)
    document.add_paragraph(f"Reporting year {study.period.reporting_year}, as at {as_at}")
    if sign_off:
        document.add_paragraph(sign_off)
    if study.report.synthetic:
        document.add_paragraph(SYNTHETIC).runs[0].bold = True


class _Writer:
    """Writes cells one after another, numbering paragraphs where that is asked for."""

    def __init__(self, document: Any, numbered: bool) -> None:
        self.document, self.numbered, self.n = document, numbered, 0

    def cell(self, cell: Any) -> None:
        """Write a cell: its words, or the results that it shows."""
        if cell.cell_type == "markdown":
            for part in re.split(r"\n\s*\n", cell.source.strip()):
                self._words(part)
            return
        for output in cell.get("outputs", ()):
            data = output.get("data", {}).get(MIME)
            if data:
                self._result(ReleasedResult.from_json(data))

    def _words(self, part: str) -> None:
        lines = part.split("\n")
        found = _HEADING.match(lines[0])
        if found and len(found[1]) > 1:
            self.document.add_heading(found[2], min(len(found[1]), 4))
        rest = " ".join(lines[1:] if found else lines).strip()
        if rest:
            self._paragraph(rest)

    def _paragraph(self, text: str, style: str | None = None) -> None:
        if self.numbered and style is None:
            self.n += 1
            text = f"{self.n}. {text}"
        self.document.add_paragraph(text, style)

    def _result(self, r: ReleasedResult) -> None:
        if r.kind == "missing":
            self.document.add_paragraph(f"{r.title}. {r.subtitle}", "Intense Quote")
            return
        if not self.numbered:
            self.document.add_heading(r.title, 3)
        for line in r.sentences:
            self._paragraph("".join(s.text for s in line))
        for chart in r.charts:
            words = ". ".join(w.rstrip(".") for w in (chart.title, chart.subtitle, chart.alt) if w)
            self._table(chart.table, f"{words}.")
        if r.table is not None and not self.numbered:
            self._table(r.table, r.subtitle or r.title)
        for words in _tail(r, notes=not self.numbered):
            self._small(words)

    def _small(self, text: str) -> None:
        from docx.shared import Pt  # noqa: PLC0415

        for run in self.document.add_paragraph(text).runs:
            run.font.size = Pt(_SMALL)

    def _table(self, table: ReleasedTable, caption: str) -> None:
        from docx.oxml import OxmlElement  # noqa: PLC0415
        from docx.oxml.ns import qn  # noqa: PLC0415

        self.document.add_paragraph(caption, "Caption")
        heads = (*table.stubs, *table.headers)
        made = self.document.add_table(rows=1, cols=len(heads), style="Light Grid Accent 1")
        for cell, words in zip(made.rows[0].cells, heads, strict=True):
            cell.text = words
        # Word repeats such a row on each page, and screen readers read it as headings.
        repeats = OxmlElement("w:tblHeader")
        repeats.set(qn("w:val"), "true")
        made.rows[0]._tr.get_or_add_trPr().append(repeats)
        for row in table.rows:
            for cell, words in zip(made.add_row().cells, row, strict=True):
                cell.text = words


def _tail(r: ReleasedResult, notes: bool) -> Iterator[str]:
    if int(r.disclosure.get("withheld", 0)):
        yield str(r.disclosure["rule"])
    yield from r.notes if notes else ()
    for name, status, detail in r.checks:
        yield f"{status.capitalize()}: {name}. {detail}"
    if r.synthetic:
        yield SYNTHETIC
    if r.source:
        yield f"Source: {r.source}"


def _steady(raw: bytes) -> bytes:
    """Return a Word file with the same parts, none of which carries the day it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, FIXED)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            new.writestr(info, old.read(name))
    return out.getvalue()
