"""Tables and figures as CSV: UTF-8, plain numbers, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from needs.report.blocks import Chapter
from needs.report.check_figures import check_rows
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.released import ReleasedResult, ReleasedRow

__all__ = [
    "FIGURE_COLUMNS",
    "figure_rows",
    "safe_cell",
    "table_name",
    "write_figures",
    "write_tables",
]

FIGURE_COLUMNS = (
    "id",
    "value",
    "printed",
    "unit",
    "period",
    "area",
    "source",
    "chapter",
    "marker",
)

# A printed number cannot be run, so it keeps its minus sign (see vocabulary.units.printed).
_NUMBER = re.compile(r"^[+-]?£?\d[\d,]*(\.\d+)?([eE][+-]?\d+)?[%km]?( r)?$")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-12.5"), safe_cell("-£0.3m"), safe_cell("Kinship")
    ("'=1+1", '-12.5', '-£0.3m', 'Kinship')
    """
    if text.startswith(_RUN_BY_SPREADSHEETS) and not _NUMBER.match(text):
        return f"'{text}"
    return text


def table_name(chapter: str, result: str) -> str:
    """Return the file name of a result's table, ``20-stock.csv``."""
    return f"{chapter}-{result}.csv"


def plain_cells(result: ReleasedResult) -> list[list[str]]:
    """Return the result's table in its printed layout with plain numbers.

    Returns
    -------
    list of list of str
        A heading row, then one list a row; a number is its rounded value without commas or
        units, or its marker where there is none.
    """
    table = result.table
    if table is None:
        return []
    figures = {row.id: row for row in result.rows}

    def plain(figure: str, text: str) -> str:
        return (figures[figure].value or figures[figure].marker or text) if figure else text

    width = len(table.stubs)
    lines = [[*table.stubs, *table.headers]]
    for row, ids in zip(table.rows, table.ids, strict=True):
        cells = (plain(i, text) for i, text in zip(ids, row[width:], strict=True))
        lines.append([*row[:width], *cells])
    return lines


def figure_rows(chapters: Sequence[Chapter]) -> list[tuple[str, ReleasedRow]]:
    """Return every released number once, with the chapter that first shows it.

    Raises
    ------
    RenderError
        If an id stands for two different numbers.
    """
    first: dict[str, tuple[str, ReleasedRow]] = {}
    clashes: dict[str, str] = {}
    for chapter in chapters:
        for row in (r for b in chapter.results for r in (*b.rows, *check_rows(b))):
            number, known = first.setdefault(row.id, (chapter.spec.number, row))
            if _number(known) != _number(row):
                clashes[row.id] = f"chapters {number} and {chapter.spec.number}"
    if clashes:
        raise RenderError(
            "a figure has one id and two values",
            [
                Fault("figures.csv", f"{where} give it different values", "name them apart", figure)
                for figure, where in sorted(clashes.items())
            ],
        )
    return list(first.values())


def _number(row: ReleasedRow) -> tuple[str, str, str, str]:
    """Return what must agree wherever an id is used."""
    return row.value, row.printed, row.unit, row.marker


def write_figures(path: Path, chapters: Sequence[Chapter]) -> None:
    """Write ``figures.csv``: every number printed, in the order of the report.

    Parameters
    ----------
    path : Path
        File to write; columns :data:`FIGURE_COLUMNS`.
    chapters : sequence of Chapter
        Executed chapters.

    Raises
    ------
    RenderError
        If an id stands for two different numbers.
    """
    lines: list[Sequence[str]] = [FIGURE_COLUMNS]
    for chapter, r in figure_rows(chapters):
        lines.append(
            (r.id, r.value, r.printed, r.unit, r.period, r.area, r.source, chapter, r.marker)
        )
    _write(path, lines)


def write_tables(folder: Path, chapters: Sequence[Chapter]) -> list[str]:
    """Write one CSV a table, as printed but with plain numbers.

    Returns
    -------
    list of str
        File names within ``folder``, in the order of the report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for chapter in chapters:
        for result in chapter.results:
            if result.table is not None:
                names.append(table_name(chapter.spec.number, result.name))
                _write(folder / names[-1], plain_cells(result))
    return names


def _write(path: Path, lines: Sequence[Sequence[str]]) -> None:
    """Write lines as UTF-8 with line feeds, every cell made safe."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([safe_cell(c) for c in line] for line in lines)
    path.write_bytes(text.getvalue().encode("utf-8"))
