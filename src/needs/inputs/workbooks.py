"""Sheets of an Excel workbook as columns of text."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from needs.inputs.tabular_cells import cell_text
from needs.vocabulary.errors import Fault, InputError

__all__ = ["read_grids"]

Grid = tuple[list[str], list[list[str | None]]]
"""Names of the first row, and the cells of each column below it."""


def read_grids(data: bytes, file: str) -> Iterator[Grid]:
    """Yield the sheets of a workbook, hidden ones too; empty ones without names.

    Formulas are read as formulas: what a cell showed when it was saved may be out of date,
    and programs that never opened it leave nothing.

    Raises
    ------
    InputError
        If it is not a workbook that can be read.
    """
    import openpyxl  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            # Of styles and extensions that are of no matter here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # the size that a file claims is not to be trusted
                yield _grid(sheet.iter_rows())
    except (zipfile.BadZipFile, KeyError, ValueError, ParseError, EOFError, OSError, TypeError):
        rule = "this is no workbook that can be read"
        fault = Fault(file, rule, "open it in Excel and save it as .xlsx, or as CSV UTF-8")
        raise InputError("a file cannot be read", [fault]) from None


def _grid(rows: Iterator[Sequence[Any]]) -> Grid:
    lines = [[cell_text(c.value, _format(c)) for c in row] for row in rows]
    if not lines:
        return [], []
    width = max(map(len, lines))
    while width and not any(len(line) >= width and line[width - 1] for line in lines):
        width -= 1
    padded = [(line + [None] * width)[:width] for line in lines]
    names = [(n or "").strip() for n in padded[0]]
    if not any(names):
        return [], []
    return names, [list(c) for c in zip(*padded[1:], strict=True)] or [[] for _ in names]


def _format(cell: Any) -> str:
    return str(cell.number_format) if isinstance(cell.value, int | float) else ""
