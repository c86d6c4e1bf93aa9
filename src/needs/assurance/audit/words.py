"""What the auditor knows of the field: which groups make up which, and how measures relate.

The knowledge is data (``audit/data/*.csv``), so that it can be read and added to. It says how
numbers follow from each other, never which number of a document is wrong.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Base", "Formula", "base_of", "contains", "formulas", "partitions"]

_SHARE = re.compile(r"^(?:target_)?share_of_(?P<base>\w+)_pct$")


@dataclass(frozen=True, slots=True)
class Base:
    """What a share is a share of: a measure and a group of it."""

    measure: str
    group: str


@dataclass(frozen=True, slots=True)
class Formula:
    """How one measure follows from others of the same group and period."""

    measure: str
    operation: str
    operands: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def partitions() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return groups and the groups that make each of them up."""
    return tuple((r["whole"], tuple(r["parts"].split())) for r in _rows("partitions"))


@cache
def formulas() -> tuple[Formula, ...]:
    """Return the formulas between measures."""
    return tuple(
        Formula(r["measure"], r["operation"], tuple(r["operands"].split()))
        for r in _rows("formulas")
    )


@cache
def _bases() -> dict[str, Base]:
    return {r["name"]: Base(r["measure"], r["group"]) for r in _rows("bases")}


def base_of(measure: str) -> Base | None:
    """Return what a measure is a share of, as its name says; None where it is no such share.

    Examples
    --------
    >>> base_of("share_of_homes_pct")
    Base(measure='children_n', group='homes')
    """
    found = _SHARE.match(measure)
    if found is None:
        return None
    name = found["base"]
    return _bases().get(name, Base("children_n", name))


@cache
def contains(whole: str, part: str) -> bool:
    """Say whether a group is known to hold another, directly or through groups between."""
    if whole == "all":
        return part != "all"
    inside = {p for w, parts in partitions() if w == whole for p in parts}
    return part in inside or any(contains(i, part) for i in inside if i != whole)
