"""Documents of some of the chapters: each a page, a PDF and a Word file, beside the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from needs.report.blocks import Chapter
from needs.report.headlines import scopes
from needs.report.page import ChapterPage
from needs.report.shell import report_page
from needs.report.word import write_word
from needs.vocabulary.study import Study
from needs.vocabulary.study_documents import DocumentSettings

__all__ = ["ALONE", "Document", "document_page", "documents_of", "write_document"]

ALONE = frozenset({"85", "99"})
"""Chapters that stand in documents of their own, and not in the report: they repeat others."""


@dataclass(frozen=True)
class Document:
    """A document and the chapters that it has.

    Parameters
    ----------
    settings : DocumentSettings
    chapters : tuple of Chapter
    pages : tuple of ChapterPage
    """

    settings: DocumentSettings
    chapters: tuple[Chapter, ...]
    pages: tuple[ChapterPage, ...]


def documents_of(
    study: Study, chapters: Sequence[Chapter], pages: Sequence[ChapterPage]
) -> tuple[Document, ...]:
    """Return the documents of a study that any of its chapters stands in."""
    by_number = {c.spec.number: (c, p) for c, p in zip(chapters, pages, strict=True)}
    made = []
    for settings in study.documents:
        mine = [by_number[n] for n in settings.chapters if n in by_number]
        if mine:
            some, theirs = zip(*mine, strict=True)
            made.append(Document(settings, some, theirs))
    return tuple(made)


def write_document(folder: Path, study: Study, document: Document, sign_off: str = "") -> list[str]:
    """Write the page and the Word file of a document; return their names.

    Parameters
    ----------
    folder : Path
    study : Study
        Whose it is.
    document : Document
    sign_off : str
        What the cover says of who signed the report off.
    """
    settings = document.settings
    mine = titled(study, settings.title)
    html = document_page(study, document, sign_off)
    page, word = f"{settings.name}.html", f"{settings.name}.docx"
    (folder / page).write_bytes(html.encode("utf-8"))
    write_word(
        folder / word, mine, document.chapters, numbered=settings.numbered, sign_off=sign_off
    )
    return [page, word]


def document_page(study: Study, document: Document, sign_off: str = "") -> str:
    """Return the page of a document."""
    label = study.authority.scope.words(study.authority.label)
    sources = dict.fromkeys(r.source for c in document.chapters for r in c.results if r.source)
    return report_page(
        titled(study, document.settings.title),
        document.pages,
        list(sources),
        None,
        scopes(document.chapters, label),
        numbered=document.settings.numbered,
        sign_off=sign_off,
    )


def titled(study: Study, title: str) -> Study:
    """Return a study whose report has another title."""
    report = study.report.model_copy(update={"title": title})
    return study.model_copy(update={"report": report})
