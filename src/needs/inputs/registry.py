"""Every input by name, and its reader; readers are imported only when used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from needs.vocabulary.records import Published, Records, StudyData
from needs.vocabulary.study import Study

__all__ = ["READERS", "open_data"]


def _ssda903(study: Study) -> Records:
    from needs.inputs.ssda903.reader import read  # noqa: PLC0415

    return read(study)


def _published(study: Study) -> Published:
    from needs.inputs.published import read  # noqa: PLC0415

    return read(study)


READERS: Mapping[str, Callable[[Study], object]] = {
    "ssda903": _ssda903,
    "published": _published,
}


def open_data(study: Study) -> StudyData:
    """Return the study with its inputs, each read when first asked for."""
    return StudyData(study, READERS)
