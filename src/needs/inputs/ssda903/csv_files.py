"""One CSV file of a return, as a table of text."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from needs.inputs.ssda903.columns import TextColumn, TextTable
from needs.inputs.ssda903.recognise import Recognised, recognise
from needs.vocabulary.errors import ROWS_SHOWN, Fault

__all__ = ["read_csv"]

_MUST_HAVE_ROWS = {"header", "episodes"}


def read_csv(data: bytes, file: str) -> TextTable | Fault:
    """Return the file's table, or what is wrong with its structure.

    Parameters
    ----------
    data : bytes
        UTF-8 without a byte-order mark.
    file : str
        Name for faults.
    """
    names = _first_row(data)
    found = recognise(names, file)
    if isinstance(found, Fault):
        return _separator(data, file) or found
    if data.count(b'"') % 2:
        rule = "a quotation mark is not closed: the file may be cut short"
        mend = "export the table again"
        return Fault(file, rule, mend, rows=(_last_row(data),))
    ragged: list[int] = []
    # A last line end, for a file that stops after its first row.
    whole = data if data.endswith((b"\n", b"\r")) else data + b"\n"
    try:
        table = _arrow(whole, found, ragged)
    except pa.ArrowInvalid:
        # Its message may quote the file.
        return Fault(file, "the file is not CSV that can be read", "export the table again")
    if ragged:
        rule = "rows have more or fewer cells than the first row: the file may be cut short"
        mend = "export the table again"
        return Fault(
            file, rule, mend, rows=tuple(sorted(ragged)[:ROWS_SHOWN]), row_count=len(ragged)
        )
    made = _text_table(table, found, file)
    if not len(made.rows) and found.table.key in _MUST_HAVE_ROWS:
        rule = f"the {found.table.label} table has column names and no rows"
        return Fault(file, rule, "export the table again, or take the file out", rows=(1,))
    return made


def _first_row(data: bytes) -> list[str]:
    end = min((i for i in (data.find(b"\n"), data.find(b"\r")) if i >= 0), default=len(data))
    try:
        return next(csv.reader([data[:end].decode("utf-8")]), [])
    except csv.Error:
        # A cell longer than any name; its message may quote the file.
        return []


def _last_row(data: bytes) -> int:
    """Return the row in which a quotation mark is opened and never closed."""
    outside = b"".join(data.split(b'"')[0::2])
    return len(outside.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


def _separator(data: bytes, file: str) -> Fault | None:
    """Return a fault if the first row makes sense with another separator."""
    head = _first_row(data)
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        names = mark.join(head).split(mark)
        if len(names) > 1 and isinstance(recognise(names, file), Recognised):
            mend = "save it as CSV with commas"
            return Fault(file, f"the cells are separated by {word}", mend, rows=(1,))
    return None


def _arrow(data: bytes, found: Recognised, ragged: list[int]) -> pa.Table:
    """Read the known columns as dictionaries of text; collect rows of a wrong length."""

    def keep_number(row: pa_csv.InvalidRow) -> str:
        ragged.append(row.number or 0)
        return "skip"

    unique = [n or f"extra {i}" for i, n in enumerate(found.names)]
    wanted = [n for n in found.names if n]
    return pa_csv.read_csv(
        pa.BufferReader(data),
        # One thread: only then are the numbers of wrong rows known.
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=unique, skip_rows=1),
        parse_options=pa_csv.ParseOptions(
            newlines_in_values=b'"' in data,
            ignore_empty_lines=False,
            invalid_row_handler=keep_number,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={n: pa.dictionary(pa.int32(), pa.string()) for n in wanted},
            include_columns=wanted,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _text_table(table: pa.Table, found: Recognised, file: str) -> TextTable:
    columns = {}
    for name in table.column_names:
        whole = table[name].unify_dictionaries().combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = pa.concat_arrays(whole.chunks)
        codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        columns[name] = TextColumn.of(codes, whole.dictionary)
    rows = np.arange(2, table.num_rows + 2, dtype=np.int32)
    # Rows of nothing but separators, which spreadsheets leave at the end, are no rows.
    filled = np.zeros(len(rows), bool)
    for column in columns.values():
        filled |= column.filled
    if not filled.all():
        columns = {n: c.take(filled) for n, c in columns.items()}
        rows = rows[filled]
    extra = sum(1 for n in found.names if not n)
    return TextTable(found.table.key, file, columns, rows, extra)
