"""From executed notebooks to published files: pages, PDF, workbook and CSV."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from needs.report.blocks import Chapter, read_chapters
from needs.report.chapters import ChapterSpec
from needs.report.csvs import write_figures, write_tables
from needs.report.documents import ALONE, document_page, documents_of, write_document
from needs.report.headlines import headlines, scopes
from needs.report.page import ChapterPage, chapter_page
from needs.report.pdf import print_pdf
from needs.report.quarto import convert
from needs.report.shell import index_page, report_page
from needs.report.traced import refuse_untraced
from needs.report.workbook import write_workbook
from needs.vocabulary.errors import PdfNotMade
from needs.vocabulary.study import Study

__all__ = ["PublishOutcome", "publish"]

PAGE = "needs-analysis.html"
PDF = "needs-analysis.pdf"
WORKBOOK = "tables.xlsx"
AT_A_TIME = min(2, os.cpu_count() or 1)
"""Browsers that print beside each other: each holds a whole report."""


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """What was written.

    Parameters
    ----------
    files : tuple of str
        Files written, relative to the folder, in the order written.
    pdf_problem : str
        Why the PDF was not made although it was wanted, with the mend; else empty.
    """

    files: tuple[str, ...]
    pdf_problem: str = ""

    @property
    def pdf_made(self) -> bool:
        """Whether the PDF was made."""
        return PDF in self.files

    def raise_if_no_pdf(self) -> None:
        """Raise what the command line ends with when a wanted PDF was not made.

        Raises
        ------
        PdfNotMade
            With the reason and the mend.
        """
        if self.pdf_problem:
            raise PdfNotMade(self.pdf_problem)


def publish(
    staging: Path,
    study: Study,
    notebooks: Sequence[tuple[ChapterSpec, Path]],
    *,
    pdf: bool,
    progress: Callable[[str], None],
    sign_off: str = "",
    meanwhile: Callable[[], None] | None = None,
) -> PublishOutcome:
    """Write every published file of a report but its notebooks and manifest.

    Parameters
    ----------
    staging : Path
        Folder to write into; ``notebooks/`` in it holds the executed notebooks.
    study : Study
        Whose report it is.
    notebooks : sequence of (ChapterSpec, Path)
        Executed notebooks in the order of the report.
    pdf : bool
        Whether a PDF is wanted.
    progress : callable
        Told of each step, one line at a time.
    sign_off : str
        What covers say of who signed the report off.
    meanwhile : callable, optional
        Called once all but the PDFs and the front are written, while browsers print.

    Returns
    -------
    PublishOutcome
        Files written. Without a browser all but the PDF are there, and the outcome says why.

    Raises
    ------
    RenderError
        If a notebook shows what may not be published, a chart is missing, a figure id stands
        for two numbers, or prose prints a number that is no figure. Nothing is written then.
    EnvironmentFault
        If the study asks for quarto and it is not there.

    Notes
    -----
    The same notebooks and study give the same bytes; nothing reads the clock.
    """
    chapters = read_chapters(notebooks)
    engine = convert if study.report.engine == "quarto" else None
    pages = [chapter_page(c, engine) for c in chapters]
    refuse_untraced(chapters, pages, study, _around(study, chapters, pages, sign_off))
    staging.mkdir(parents=True, exist_ok=True)

    progress("figures and tables as CSV")
    files = _csvs(staging, chapters)
    progress("report page")
    whole = [(c, p) for c, p in zip(chapters, pages, strict=True) if c.spec.number not in ALONE]
    _write(staging / PAGE, _page(study, *_apart(whole), sign_off))
    files += [WORKBOOK, PAGE]
    documents = documents_of(study, chapters, pages)
    if documents:
        progress("documents")
    for document in documents:
        files += write_document(staging, study, document, sign_off)
    titles = {Path(PAGE).stem: study.report.title}
    titles |= {d.settings.name: d.settings.title for d in documents}
    with _printing(staging, study, titles if pdf else {}) as printed:
        progress("workbook")
        write_workbook(staging / WORKBOOK, study, chapters)
        if meanwhile:
            meanwhile()
        if pdf:
            progress("PDF" if len(titles) == 1 else f"PDFs of {len(titles)} documents")
        problem = next(filter(None, (p.result() for p in printed)), "")
    made = [f"{name}.pdf" for name in titles if pdf and not problem]
    for name in titles:
        if f"{name}.pdf" not in made:
            (staging / f"{name}.pdf").unlink(missing_ok=True)
    files += made
    listed = [d.settings for d in documents]
    _write(
        staging / "index.html", index_page(study, chapters, bool(made), problem, listed, sign_off)
    )
    files.append("index.html")
    return PublishOutcome(tuple(files), problem)


def _around(
    study: Study, chapters: Sequence[Chapter], pages: Sequence[ChapterPage], sign_off: str
) -> dict[str, str]:
    """Return what stands around the chapters on each page, by the page's name."""
    bare = [replace(p, html=Markup(), detail=Markup()) for p in pages]
    whole = [(c, p) for c, p in zip(chapters, bare, strict=True) if c.spec.number not in ALONE]
    made = {PAGE: _page(study, *_apart(whole), sign_off)}
    documents = documents_of(study, chapters, bare)
    made |= {f"{d.settings.name}.html": document_page(study, d, sign_off) for d in documents}
    listed = [d.settings for d in documents]
    return made | {"index.html": index_page(study, chapters, False, "", listed, sign_off)}


def _csvs(staging: Path, chapters: Sequence[Chapter]) -> list[str]:
    """Write figures and tables as CSV, without tables of an earlier run; return the files."""
    write_figures(staging / "figures.csv", chapters)
    for stale in (staging / "tables").glob("*.csv"):
        stale.unlink()
    return ["figures.csv", *(f"tables/{n}" for n in write_tables(staging / "tables", chapters))]


def _page(
    study: Study, chapters: Sequence[Chapter], pages: Sequence[ChapterPage], sign_off: str
) -> str:
    """Return the report page, with its front."""
    label = study.authority.label
    places = {name: place for page in pages for name, place in page.places.items()}
    scope = scopes(chapters, study.authority.scope.words(label))
    front = headlines(chapters, label, places)
    return report_page(study, pages, _sources(chapters), front, scope, sign_off=sign_off)


def _apart(
    pairs: Sequence[tuple[Chapter, ChapterPage]],
) -> tuple[list[Chapter], list[ChapterPage]]:
    return [c for c, _ in pairs], [p for _, p in pairs]


@contextmanager
def _printing(
    staging: Path, study: Study, titles: Mapping[str, str]
) -> Iterator[list[Future[str]]]:
    """Print pages in browsers of their own; yield what went wrong with each, or ``""``, to come.

    Printing waits for other processes: this one writes the rest meanwhile.
    """
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield [pool.submit(_pdf, staging, study, name, title) for name, title in titles.items()]
    finally:
        pool.shutdown(cancel_futures=True)


def _pdf(staging: Path, study: Study, name: str, title: str) -> str:
    """Print a page; return what went wrong, or ``""``."""
    words = f"{title}: {study.authority.name}, {study.period.reporting_year}"
    out = staging / f"{name}.pdf"
    out.unlink(missing_ok=True)
    try:
        print_pdf(staging / f"{name}.html", out, title=words, as_at=study.period.as_at)
    except PdfNotMade as e:
        return e.message
    return ""


def _sources(chapters: Sequence[Chapter]) -> list[str]:
    """Return where the numbers come from, without repeats, in the order of the report."""
    results = (r for c in chapters for r in c.results)
    return list(dict.fromkeys(r.source for r in results if r.source))


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
