"""CSV, Excel and Parquet files as columns of text, so that one set of rules reads them all.

Which columns are wanted is the caller's to say, from the names in the first row; only those
are read. Text is trimmed and otherwise as written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from needs.inputs.ssda903.columns import Flags, Ints
from needs.inputs.ssda903.text import decode
from needs.inputs.tabular_cells import text_of
from needs.inputs.workbooks import read_grids
from needs.vocabulary.errors import ROWS_SHOWN, Fault, InputError

__all__ = ["Choose", "Sheet", "Texts", "read_file", "sheet_of"]

Choose = Callable[[Sequence[str]], Mapping[int, str]]
"""Names of the first row -> position -> our name; raises InputError where they are no table."""

_HEAD = 1 << 16
_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_AGAIN = "export the table again"


@dataclass(frozen=True)
class Texts:
    """A column of text: position among distinct texts for each row, -1 blank.

    The texts stay outside Python, which matters where each of a million rows has its own.

    Parameters
    ----------
    codes : ndarray of int32, shape (rows,)
    texts : pyarrow.StringArray, shape (distinct,)
        Trimmed, unique.
    """

    codes: Ints
    texts: pa.StringArray

    @classmethod
    def blank(cls, rows: int) -> Texts:
        """Return a column with nothing in it."""
        return cls(np.full(rows, -1, np.int32), pa.array([], pa.string()))

    @classmethod
    def of(cls, codes: Ints, texts: pa.Array) -> Texts:
        """Return a column whose texts may be alike, or null; both are mended."""
        encoded = texts.dictionary_encode()
        spot = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        lookup = np.append(spot, -1).astype(np.int32)
        return cls(lookup[codes], encoded.dictionary)

    @property
    def filled(self) -> Flags:
        """Rows that are not blank."""
        return self.codes >= 0

    def take(self, rows: Flags) -> Texts:
        """Return some of its rows."""
        return Texts(self.codes[rows], self.texts)

    def spread(self, of_texts: Flags) -> Flags:
        """Return a mark of distinct texts as a mark of rows; blank rows are not marked."""
        if not of_texts.any():
            return np.zeros(len(self.codes), bool)
        return np.append(of_texts, False)[self.codes]


@dataclass(frozen=True)
class Sheet:
    """One table of a file: a CSV or Parquet file, or a sheet of a workbook.

    Parameters
    ----------
    file : str
        File name relative to the study's folder; for a further sheet with its number.
    columns : mapping of str to Texts
        The wanted columns that it has, by our name.
    rows : ndarray of int32
        Row number of each row as a spreadsheet shows it; rows of nothing are no rows.
    extra_n : int
        Columns that were kept out.
    """

    file: str
    columns: Mapping[str, Texts]
    rows: Ints
    extra_n: int


def read_file(path: Path, file: str, choose: Choose) -> list[Sheet]:
    """Return the tables of a file.

    Parameters
    ----------
    path : Path
        Recognised by its content, not by its name.
    file : str
        Name for faults.
    choose : callable
        Says which columns are wanted.

    Raises
    ------
    InputError
        With what is wrong with its structure, or what ``choose`` found wrong.
    """
    data = path.read_bytes()
    if data.startswith(_PARQUET):
        return [_parquet(data, file, choose)]
    if data.startswith(_ZIP):
        return _workbook(data, file, choose)
    return [_csv(data, file, choose)]


def _stop(file: str, rule: str, mend: str, rows: Sequence[int] = ()) -> InputError:
    shown = tuple(sorted(rows)[:ROWS_SHOWN])
    fault = Fault(file, rule, mend, rows=shown, row_count=len(rows))
    return InputError("a file cannot be read", [fault])


# --- CSV ---


def _csv(data: bytes, file: str, choose: Choose) -> Sheet:
    text = _utf8(data, file)
    names = _first_row(text)
    try:
        wanted = choose(names)
    except InputError:
        _other_separator(names, file, choose)
        raise
    if text.count(b'"') % 2:
        rule = "a quotation mark is not closed: the file may be cut short"
        last = sum(1 for _ in csv.reader(io.StringIO(text.decode("utf-8"), newline="")))
        raise _stop(file, rule, _AGAIN, [last])
    table = _arrow(text if text.endswith((b"\n", b"\r")) else text + b"\n", file, names, wanted)
    return sheet_of(file, table, len(names))


def _utf8(data: bytes, file: str) -> bytes:
    # Large files are mostly plain ASCII, which needs no copy to be known as UTF-8.
    text = decode(data[:_HEAD] if data.isascii() else data, file)
    if isinstance(text, Fault):
        raise InputError("a file cannot be read", [text])
    return data if data.isascii() else text


def _first_row(text: bytes) -> list[str]:
    end = min((i for i in (text.find(b"\n"), text.find(b"\r")) if i >= 0), default=len(text))
    return next(csv.reader([text[:end].decode("utf-8")]), [])


def _other_separator(names: Sequence[str], file: str, choose: Choose) -> None:
    """Raise if the first row makes sense with another separator."""
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        other = ",".join(names).split(mark)
        if len(other) > 1:
            try:
                choose(other)
            except InputError:
                continue
            rule, mend = f"the cells are separated by {word}", "save it as CSV with commas"
            raise _stop(file, rule, mend, [1])


def _arrow(data: bytes, file: str, names: Sequence[str], wanted: Mapping[int, str]) -> pa.Table:
    """Read the wanted columns as text."""
    ragged: list[int] = []

    def note(row: pa_csv.InvalidRow) -> str:
        ragged.append(row.number or 0)
        return "skip"

    def read(*, threads: bool) -> pa.Table:
        columns = [wanted.get(i, f"extra {i}") for i in range(len(names))]
        return pa_csv.read_csv(
            pa.BufferReader(data),
            read_options=pa_csv.ReadOptions(use_threads=threads, column_names=columns, skip_rows=1),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=b'"' in data,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted.values(), pa.string()),
                include_columns=list(wanted.values()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    try:
        table = read(threads=True)
        if ragged:  # read by one thread, the numbers of the rows are known
            ragged.clear()
            read(threads=False)
    except pa.ArrowInvalid:
        # Its message may quote the file.
        raise _stop(file, "the file is not CSV that can be read", _AGAIN) from None
    if ragged:
        rule = "rows have more or fewer cells than the first row: the file may be cut short"
        raise _stop(file, rule, _AGAIN, ragged)
    return table


# --- Parquet and Excel ---


def _parquet(data: bytes, file: str, choose: Choose) -> Sheet:
    from pyarrow import parquet  # noqa: PLC0415

    try:
        source = parquet.ParquetFile(pa.BufferReader(data))
        names = source.schema_arrow.names
        wanted = choose(names)
        table = source.read(columns=[names[i] for i in wanted])
    except (pa.ArrowInvalid, OSError):
        raise _stop(file, "the Parquet file cannot be read", _AGAIN) from None
    table = table.rename_columns(list(wanted.values()))
    columns = {}
    for name in table.column_names:
        text = text_of(table[name])
        if text is None:
            fault = Fault(
                file, "the column holds lists or other nested values", _AGAIN, column=name
            )
            raise InputError("a file cannot be read", [fault])
        columns[name] = text
    return sheet_of(file, pa.table(columns), len(names))


def _workbook(data: bytes, file: str, choose: Choose) -> list[Sheet]:
    """Return every sheet that is the table; the rest of a workbook may be anything."""
    sheets: list[Sheet] = []
    refused: list[InputError] = []
    for number, (names, cells) in enumerate(read_grids(data, file), 1):
        if not names:
            continue
        name = file if number == 1 else f"{file}, sheet {number}"
        try:
            wanted = choose(names)
        except InputError as e:
            refused.append(e)
            continue
        table = pa.table({ours: pa.array(cells[i], pa.string()) for i, ours in wanted.items()})
        sheets.append(sheet_of(name, table, len(names)))
    if not sheets and refused:
        # The sheet that came nearest has the fewest columns to mend.
        raise min(refused, key=lambda e: len(e.faults))
    if not sheets:
        raise _stop(file, "the workbook is empty", "put the table there again, or take it out")
    return sheets


# --- what all have in common ---


def _column(column: pa.ChunkedArray) -> Texts:
    """Return text as codes over its distinct values, trimmed; blank text as no text."""
    joined = column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = pa.concat_arrays(joined.chunks)
    whole = joined.dictionary_encode()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    clean = pc.utf8_trim_whitespace(whole.dictionary)
    if clean.equals(whole.dictionary) and not pc.any(pc.equal(clean, "")).as_py():
        return Texts(codes, clean)
    return Texts.of(codes, pc.if_else(pc.equal(clean, ""), None, clean))


def sheet_of(file: str, table: pa.Table, columns_n: int, first_row: int = 2) -> Sheet:
    """Return columns of text as a sheet; rows of nothing are left out.

    Parameters
    ----------
    file : str
    table : pyarrow.Table
        Wanted columns, by our names.
    columns_n : int
        Columns that the file has.
    first_row : int
        Number of the table's first row in the file.
    """
    columns = {name: _column(table[name]) for name in table.column_names}
    rows = np.arange(first_row, table.num_rows + first_row, dtype=np.int32)
    filled = np.zeros(len(rows), bool)
    for column in columns.values():
        filled |= column.filled
    if not filled.all():
        columns = {n: c.take(filled) for n, c in columns.items()}
        rows = rows[filled]
    return Sheet(file, columns, rows, columns_n - len(columns))
