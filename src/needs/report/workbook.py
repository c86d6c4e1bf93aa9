"""The workbook: cover, contents, notes, and one table a sheet, laid out by gptables.

It follows the Government Analysis Function's guidance on spreadsheets: one marked-up
table a sheet, starting under its title in column A, with units in the headings, nothing
merged, and letters explained where a number is missing.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from gptables import Cover, GPTable, produce_workbook

from needs.report.blocks import Chapter
from needs.report.headlines import scopes
from needs.report.shell import citation, description, long_date
from needs.vocabulary.released import ReleasedResult, ReleasedRow, ReleasedTable
from needs.vocabulary.study import Study
from needs.vocabulary.units import MARKERS, UNITS

__all__ = ["number_format", "sheet_names", "write_workbook"]

SHEET_NAME_MAX = 31
INDEX_LEVELS = 3
"""Leading text columns that gptables can set as row headings."""


def write_workbook(
    path: Path, study: Study, chapters: Sequence[Chapter], *, status: str = ""
) -> None:
    """Write ``tables.xlsx``: the same bytes for the same chapters.

    Parameters
    ----------
    path : Path
        File to write.
    study : Study
        Whose report it is; its as-at date stands as the date of the file.
    chapters : sequence of Chapter
        Executed chapters.
    status : str
        What the cover says of the state of the work; nothing by default.
    """
    shown = [(c.spec.number, r) for c in chapters for r in c.results if r.table is not None]
    notes = list(dict.fromkeys(_text(n) for _, r in shown for n in r.notes))
    names = sheet_names([(number, r.name) for number, r in shown])
    sheets = {
        sheet: _sheet(number, result, notes)
        for sheet, (number, result) in zip(names, shown, strict=True)
    }
    with warnings.catch_warnings():
        # gptables warns of notes that no table names; ours explain the letters.
        warnings.simplefilter("ignore", UserWarning)
        book = produce_workbook(
            str(path),
            sheets,
            cover=_cover(
                study,
                scopes(chapters, study.authority.scope.words(study.authority.label)),
                bool(sheets),
                status,
            ),
            contentsheet_label="Contents" if sheets else None,
            notes_table=_notes(notes),
            workbook_options={
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
    as_at = dt.datetime.combine(study.period.as_at, dt.time())
    book.set_properties(
        {
            "title": f"{study.report.title}: tables",
            "author": study.authority.name,
            "comments": citation(study),
            "created": as_at,
        }
    )
    book.close()


def sheet_names(results: Sequence[tuple[str, str]]) -> list[str]:
    """Return a sheet name for each (chapter, result), unique and at most 31 characters.

    Examples
    --------
    >>> sheet_names([("20", "stock"), ("50", "stock")])
    ['20 stock', '50 stock']
    """
    taken: set[str] = {"cover", "contents", "notes"}
    names = []
    for chapter, result in results:
        base = re.sub(r"[\[\]:*?/\\']", " ", f"{chapter} {result}").strip()
        name, n = base[:SHEET_NAME_MAX].strip(), 1
        while name.casefold() in taken:
            n += 1
            end = f" {n}"
            name = base[: SHEET_NAME_MAX - len(end)].strip() + end
        taken.add(name.casefold())
        names.append(name)
    return names


def number_format(unit: str, marker: str = "") -> str:
    """Return the spreadsheet format that prints a number as the report does.

    Examples
    --------
    >>> number_format("gbp_m"), number_format("percent"), number_format("children", "r")
    ('"£"#,##0.0"m"', '#,##0"%"', '#,##0" r"')
    """
    u = UNITS[unit]
    digits = "#,##0" + ("." + "0" * u.decimals if u.decimals > 0 else "")
    prefix = f'"{u.prefix}"' if u.prefix else ""
    end = u.suffix + (f" {marker}" if marker else "")
    return f"{prefix}{digits}" + (f'"{end}"' if end else "")


def _cover(study: Study, scope: Sequence[str], any_tables: bool, status: str) -> Any:
    """Return the first sheet."""
    intro = [_text(description(study)), f"As at {long_date(study.period.as_at)}."]
    if status:
        intro.insert(0, _text(f"{status}."))
    if study.report.synthetic:
        intro.insert(0, "Synthetic records: made from invented records. No real child.")
    about = [
        *(_text(line) for line in scope),
        "Numbers are rounded as the report prints them. Each stands in figures.csv with its "
        "unit, period and source.",
        "A letter stands where there is no number: "
        + "; ".join(f"{m} = {words}" for m, words in MARKERS.items())
        + ".",
        _text(f"How to cite: {citation(study)}"),
    ]
    if not any_tables:
        about.insert(0, "The chapters of this report show no table.")
    return Cover(title=_text(f"{study.report.title}: tables"), intro=intro, about=about, width=85)


def _notes(notes: Sequence[str]) -> pd.DataFrame:
    """Return the notes sheet: notes of tables in order, then what the letters mean."""
    rows = [(f"n{k}", note) for k, note in enumerate(notes)]
    rows += [(f"m-{m}", f"The letter {m} means: {words}.") for m, words in MARKERS.items()]
    return pd.DataFrame(rows, columns=["reference", "Note text"])


def _sheet(number: str, result: ReleasedResult, notes: Sequence[str]) -> Any:
    """Return a result's table as a sheet."""
    table = result.table
    assert table is not None  # noqa: S101  # the caller picks results that have one
    grid = _Grid(table, {row.id: row for row in result.rows})
    references = "".join(f"$$n{notes.index(_text(n))}$$" for n in result.notes)
    title = _text(result.title) + references
    if result.synthetic:
        title = f"Synthetic records. {title}"
    stubs = min(len(table.stubs), INDEX_LEVELS)
    return GPTable(
        table=grid.frame,
        table_name=f"t_{number}_{re.sub(r'[^A-Za-z0-9_]', '_', result.name)}",
        title=title,
        subtitles=[_text(result.subtitle)] if result.subtitle else [],
        instructions="This worksheet contains one table.",
        scope=_text(result.scope) or None,
        source=_text(f"Source: {result.source}") if result.source else None,
        units=grid.units or None,
        legend=grid.legend,
        index_columns={INDEX_LEVELS - stubs + 1 + k: k for k in range(stubs)},
        additional_formatting=grid.formats,
    )


class _Grid:
    """A released table as cells of a sheet: numbers as numbers, and how each is shown.

    Attributes
    ----------
    frame : pandas.DataFrame
        One column for each heading; numbers where the figure has a value, else text.
    units : dict
        Position of a column -> its unit in words, where all its numbers share one.
    formats : list of dict
        Formats of number cells, as gptables takes them (row 0 is the heading).
    legend : list of str
        What the letters of this table mean.
    """

    def __init__(self, table: ReleasedTable, figures: dict[str, ReleasedRow]) -> None:
        stubs, width = len(table.stubs), len(table.headers)
        found = [[figures.get(i) for i in ids] for ids in table.ids]
        by_column = [_words_of(col) for col in zip(*found, strict=True)]
        by_row = [_words_of(row) for row in found]
        self.units: dict[int, str] = {}
        # Where units differ down a column but not along a row, the row says its unit.
        across = any(len(u) > 1 for u in by_column) and all(len(u) <= 1 for u in by_row)
        first = stubs + across
        if not across:
            self.units = {first + k: min(u) for k, u in enumerate(by_column) if len(u) == 1}
        rows, self.formats = [], []
        markers: set[str] = set()
        for r, (row, line) in enumerate(zip(table.rows, found, strict=True)):
            cells: list[object] = [_cell(c) for c in row[:stubs]]
            if across:
                cells.append(min(by_row[r]) if by_row[r] else "z")
            for k in range(width):
                figure, text = line[k], row[stubs + k]
                cells.append(_number(figure) if figure and figure.value else _cell(text))
                if figure:
                    self.formats.append(_format(r + 1, first + k, figure))
                    markers.add(figure.marker or ("" if figure.value else "x"))
                elif not text.strip():
                    markers.add("z")
            rows.append(cells)
        headings = [*table.stubs, *(["Unit"] if across else []), *table.headers]
        self.frame = pd.DataFrame(rows, columns=_headings(headings), dtype=object)
        self.legend = [f"{m} = {words}" for m, words in MARKERS.items() if m in markers]


def _words_of(figures: Sequence[ReleasedRow | None]) -> set[str]:
    """Return the units of numbers in words: how many places are printed makes no difference."""
    return {UNITS[f.unit].label for f in figures if f}


def _format(row: int, column: int, figure: ReleasedRow) -> dict[str, Any]:
    """Return one cell's format as gptables takes it."""
    shown: dict[str, Any] = {"align": "right"}
    if figure.value:
        shown["num_format"] = number_format(figure.unit, figure.marker)
    return {"cell": {"cells": (row, column), "format": shown}}


def _number(figure: ReleasedRow) -> float | int:
    """Return the number that a figure's plain text holds."""
    return float(figure.value) if "." in figure.value else int(figure.value)


def _cell(text: str) -> str:
    """Return a text cell; gptables refuses empty cells and cells of signs alone."""
    text = _text(text).strip()
    if not text:
        return "z"
    return text if re.search(r"[A-Za-z0-9]", text) else f"sign {text}"


def _text(text: str) -> str:
    """Return text that gptables takes as text, not as a note (``$$a$$``) or link (``[a](b)``)."""
    return text.replace("$$", "$ $").replace("](", "] (")


def _headings(headings: Sequence[str]) -> list[str]:
    """Return headings that a spreadsheet table accepts: not empty, each unlike the others."""
    made: list[str] = []
    for heading in headings:
        base = name = _text(heading).replace("\n", " ").strip() or "Column"
        n = 1
        while name.casefold() in {m.casefold() for m in made}:
            n += 1
            name = f"{base} {n}"
        made.append(name)
    return made
