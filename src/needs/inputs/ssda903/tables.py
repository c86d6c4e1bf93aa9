"""The tables of the return: columns, what must be there, what names a row."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

__all__ = ["ALIASES", "Column", "Kind", "Table", "tables"]

Kind = Literal["child", "date", "part_date", "code", "flag", "number", "text"]

ALIASES = MappingProxyType({"CHILDID": "CHILD", "PL": "PLACE"})
"""Names that the XML return uses for the same columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in lower case, kind of value, and code list."""

    name: str
    kind: Kind
    codes: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the return.

    Parameters
    ----------
    key, label : str
        Our name and DfE's.
    columns : mapping of str to Column
        By name in lower case, in the order of the return.
    required : tuple of str
        Columns that a file must have to be this table.
    row_key : tuple of str
        Columns that name a row within one return.
    events : tuple of str
        Columns whose dates fall inside the return's year.
    ends : tuple of str
        Columns that are blank while something is open.
    yearly : bool
        One row a child and return, kept for every year.
    """

    key: str
    label: str
    columns: Mapping[str, Column]
    required: tuple[str, ...]
    row_key: tuple[str, ...]
    events: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    yearly: bool = False


def _lower(names: list[str]) -> tuple[str, ...]:
    return tuple(n.lower() for n in names)


@cache
def tables() -> Mapping[str, Table]:
    """Return every table by our name: header, episodes, reviews, and so on."""
    text = files("needs.vocabulary.data").joinpath("ssda903_tables.toml").read_text("utf-8")
    made = {}
    for key, spec in tomllib.loads(text).items():
        columns = {
            name.lower(): Column(name.lower(), c["kind"], c.get("set", ""))
            for name, c in spec["columns"].items()
        }
        made[key] = Table(
            key,
            spec["label"],
            MappingProxyType(columns),
            _lower(spec["required"]),
            _lower(spec["key"]),
            _lower(spec.get("events", [])),
            _lower(spec.get("ends", [])),
            spec.get("yearly", False),
        )
    return MappingProxyType(made)
