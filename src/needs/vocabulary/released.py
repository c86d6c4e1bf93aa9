"""A result after disclosure control: all that may leave the analysis.

A notebook output carries one of these as JSON under :data:`MIME`. Everything that is
published (page, PDF, workbook, CSV, ``figures.csv``) is made from these blocks alone,
so that one boundary protects them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["MIME", "ReleasedChart", "ReleasedResult", "ReleasedRow", "ReleasedTable", "Span"]

MIME = "application/vnd.needs.block+json"


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """One released number: a line of ``figures.csv``.

    ``printed`` is the text as every output shows it (``c`` where hidden); ``value`` the same
    rounded number as plain text for machines (``""`` where there is none).
    """

    id: str
    area: str
    period: str
    measure: str
    group: str
    by: str
    value: str
    printed: str
    unit: str
    marker: str
    source: str


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table laid out for a reader: printed text only.

    Parameters
    ----------
    stubs : tuple of str
        Headings of the leading text columns (row headers).
    headers : tuple of str
        Headings of the value columns, unique.
    rows : tuple of tuple of str
        Each row: the stubs, then one printed cell for each header.
    ids : tuple of tuple of str
        For each row, the figure id of each value cell; ``""`` for a text cell.
    over : tuple of str
        For each header, the words that it begins with and shares with its neighbours, which
        may stand above them once; ``""`` where it shares none. Empty where no header does.
    """

    stubs: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ids: tuple[tuple[str, ...], ...]
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleasedChart:
    """A Plotly figure made from released rows, with words for who cannot see it."""

    key: str
    title: str
    subtitle: str
    alt: str
    div_id: str
    plotly: Mapping[str, Any]
    table: ReleasedTable


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; ``figure`` is the id of the number it prints, or ``""``."""

    text: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class ReleasedResult:
    """A result that may be shown. ``kind`` is ``result`` or ``missing`` (input not there).

    Of a missing one, ``absent_key`` and ``absent`` name the input, as the study file and as
    a reader calls it. ``measures`` and ``labels`` are words for the keys of ``rows``; ``made_by``
    is the function that made it and ``files`` the inputs that it read, as the study names them.
    """

    kind: str
    chapter: str
    name: str
    title: str
    subtitle: str
    source: str
    scope: str
    synthetic: bool
    rows: tuple[ReleasedRow, ...] = ()
    table: ReleasedTable | None = None
    sentences: tuple[tuple[Span, ...], ...] = ()
    charts: tuple[ReleasedChart, ...] = ()
    checks: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    disclosure: Mapping[str, Any] = field(default_factory=dict)
    absent_key: str = ""
    absent: str = ""
    measures: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    made_by: str = ""
    files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain lists and dictionaries, in a fixed order."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReleasedResult:
        """Return the block that :meth:`to_json` wrote."""

        def table(t: Mapping[str, Any] | None) -> ReleasedTable | None:
            if t is None:
                return None
            return ReleasedTable(
                tuple(t["stubs"]),
                tuple(t["headers"]),
                tuple(tuple(r) for r in t["rows"]),
                tuple(tuple(r) for r in t["ids"]),
                tuple(t.get("over", ())),
            )

        rest = dict(data)
        rest["rows"] = tuple(ReleasedRow(**r) for r in data["rows"])
        rest["table"] = table(data["table"])
        rest["sentences"] = tuple(tuple(Span(**s) for s in line) for line in data["sentences"])
        rest["charts"] = tuple(
            ReleasedChart(**{**c, "table": table(c["table"])}) for c in data["charts"]
        )
        rest["checks"] = tuple((c[0], c[1], c[2]) for c in data["checks"])
        rest["notes"] = tuple(data["notes"])
        rest["files"] = tuple(data.get("files", ()))
        return cls(**rest)
