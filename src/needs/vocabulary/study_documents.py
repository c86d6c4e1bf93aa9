"""Documents made of a study's chapters, beside the report that holds them all."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from needs.vocabulary.study_sections import Section

__all__ = ["DocumentSettings", "usual_documents"]

FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


class DocumentSettings(Section):
    """One document: a web page, a PDF and a Word file of some chapters."""

    name: FileName = Field(description="Name of its files, without ending")
    title: str = Field(min_length=1, description="Title on its cover")
    chapters: tuple[str, ...] = Field(min_length=1, description="Chapter numbers, in order")
    numbered: bool = Field(
        False, description="Paragraphs are numbered through, as committees want them"
    )


def usual_documents() -> tuple[DocumentSettings, ...]:
    """Return the documents made where a study names none."""
    return (
        DocumentSettings(
            name="committee-report", title="Report to committee", chapters=("99",), numbered=True
        ),
        DocumentSettings(
            name="sufficiency-annexes",
            title="Sufficiency strategy: annexes",
            chapters=("80", "90"),
        ),
        DocumentSettings(name="board-pack", title="Placement board pack", chapters=("85",)),
    )
