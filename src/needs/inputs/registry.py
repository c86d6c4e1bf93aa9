"""Every input by name, and its reader; readers are imported only when used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from needs.inputs.names import OFFICIAL, TABLES
from needs.vocabulary.records import Published, Records, StudyData, Table
from needs.vocabulary.study import Study

__all__ = ["JOINS", "OFFICIAL", "READERS", "open_data"]


def _ssda903(study: Study) -> Records:
    from needs.inputs.ssda903.reader import read  # noqa: PLC0415

    return read(study)


def _published(study: Study) -> Published:
    from needs.inputs.published import read  # noqa: PLC0415

    return read(study)


def _official(name: str) -> Callable[[Study], Table]:
    """Return the reader of an official input: the module of its name."""

    def read(study: Study) -> Table:
        module = import_module(f"needs.inputs.official.{name}")
        return cast("Table", module.read(study))

    return read


def _table(name: str) -> Callable[[Study], object]:
    """Return the reader of one of the authority's tables."""

    def read(study: Study) -> object:
        from needs.inputs.tables import lookup, reader  # noqa: PLC0415

        return (lookup if name == "postcodes" else reader).read(study, name)

    return read


def _located(data: StudyData, read: object) -> Records:
    from needs.inputs.places import located  # noqa: PLC0415

    return located(data, read)


def _tie(name: str) -> Callable[[StudyData, object], object]:
    """Return what ties a table to the other inputs of its study."""

    def tie(data: StudyData, read: object) -> Table:
        from needs.inputs import joins  # noqa: PLC0415

        return joins.tie(data, read, name)

    return tie


READERS: Mapping[str, Callable[[Study], object]] = {
    "ssda903": _ssda903,
    "published": _published,
    **{name: _table(name) for name in TABLES},
    **{name: _official(name) for name in OFFICIAL},
}

JOINS: Mapping[str, Callable[[StudyData, object], object]] = {
    "ssda903": _located,
    **{name: _tie(name) for name in TABLES},
}
"""Input name -> what is found of it in the other inputs of its study."""


def open_data(study: Study) -> StudyData:
    """Return the study with its inputs, each read when first asked for."""
    return StudyData(study, READERS, JOINS)
