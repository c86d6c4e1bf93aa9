"""The cells of a downloaded file as text, whatever kind of file it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as pa_csv
from pyarrow import parquet as pq

from needs.inputs.tabular_cells import text_of
from needs.inputs.workbooks import read_grids
from needs.vocabulary.errors import Fault, InputError

__all__ = ["HEAD", "Ragged", "Sheet", "read_sheets"]

HEAD = 12
"""Rows looked through for the column names: some publishers write a title above them."""

_AGAIN = "download the file again and keep it as it comes, or save it as CSV UTF-8"
_MAGIC = {
    b"\xd0\xcf\x11\xe0": "this is an old Excel workbook",
    b"%PDF": "this is a PDF",
    b"<!DO": "this is a web page",
    b"<htm": "this is a web page",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


class Ragged(Exception):
    """Rows of a CSV file have more or fewer cells than the column names."""

    def __init__(self, rows: Iterable[int]) -> None:
        self.rows = tuple(sorted(rows))
        super().__init__("ragged rows")


@dataclass(frozen=True)
class Sheet:
    """A CSV file, one sheet of a workbook, or a Parquet file.

    Parameters
    ----------
    head : list of list of str
        The first rows.
    after : tuple of int
        For a CSV file: where the text goes on after each row of the head.
    data : bytes
        For a CSV file: UTF-8 without byte-order mark.
    rows : list of list of str
        For the others: every row.
    """

    head: list[list[str]]
    after: tuple[int, ...] = ()
    data: bytes = b""
    rows: list[list[str]] | None = None

    def body(self, header: int, at: Mapping[str, int]) -> pd.DataFrame:
        """Return the rows below the column names that hold anything.

        Parameters
        ----------
        header : int
            Position of the row of column names in ``head``.
        at : mapping of str to int
            Column to give -> position in the file.

        Returns
        -------
        DataFrame
            Categories of text without outer blanks, empty text for an empty cell; index
            ``row``, as a spreadsheet shows it.

        Raises
        ------
        Ragged
            If rows of a CSV file have too many or too few cells. A workbook's may be short.
        """
        width = len(self.head[header])
        if self.rows is None:
            frame = _arrow(self.data[self.after[header] :], width, at, header + 2)
        else:
            frame = _listed(self.rows[header + 1 :], at)
        frame.index = pd.RangeIndex(header + 2, header + 2 + len(frame), name="row")
        filled = np.logical_or.reduce([frame[name].cat.codes != _blank(frame[name]) for name in at])
        return frame.take(np.flatnonzero(filled))


def read_sheets(path: Path, file: str) -> list[Sheet] | Fault:
    """Return the sheets of a file, or what stops it from being read.

    Parameters
    ----------
    path : Path
        CSV (UTF-8 with or without byte-order mark, or cp1252, which also reads latin-1
        letters), Excel (``.xlsx``) or Parquet; the content decides, not the name.
    file : str
        Name for the fault.
    """
    data = path.read_bytes()
    if not data.strip(b" \t\r\n," + _BOM):
        return Fault(file, "the file is empty", _AGAIN)
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data, file)
    if data.startswith(b"PAR1"):
        return _parquet(data, file)
    return _csv(data, file)


def _csv(data: bytes, file: str) -> list[Sheet] | Fault:
    found = _utf8(data, file)
    if isinstance(found, Fault):
        return found
    if found.count(b'"') % 2:
        return Fault(file, "quotes do not close: the file may be cut short", _AGAIN)
    lines = io.StringIO(found.decode("utf-8"), newline="")
    reader = csv.reader(lines)
    head, after = [], []
    for row in islice(reader, HEAD):
        head.append(row)
        after.append(_offset(found, reader.line_num))
    return [Sheet(head, tuple(after), found)]


def _offset(data: bytes, lines: int) -> int:
    """Return where the text goes on after so many lines, whatever ends them."""
    return sum(len(line) for line in islice(io.BytesIO(data), lines))


def _utf8(data: bytes, file: str) -> bytes | Fault:
    for magic, rule in _MAGIC.items():
        if data.lstrip().startswith(magic):
            return Fault(file, rule, _AGAIN)
    if data.startswith(_UTF16):
        return Fault(file, "the encoding is UTF-16, which is not read", "save it as CSV UTF-8")
    if b"\0" in data:
        return Fault(file, "this is a binary file", _AGAIN)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # One kind of line end, so that lines are counted alike by every reader.
        return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
    return Fault(file, "the encoding is neither UTF-8 nor cp1252", "save it as CSV UTF-8")


def _arrow(data: bytes, width: int, at: Mapping[str, int], first_row: int) -> pd.DataFrame:
    if b"\n\n" in data or not data.strip():
        # Empty lines would put the row numbers out: read such a file line by line.
        return _lines(data, width, at, first_row)
    ragged: list[int] = []

    def keep_number(row: pa_csv.InvalidRow) -> str:
        ragged.append((row.number or 1) + first_row - 1)
        return "skip"

    names = [f"column {i}" for i in range(width)]
    for name, i in at.items():
        names[i] = name
    table = pa_csv.read_csv(
        pa.BufferReader(data if data.endswith(b"\n") else data + b"\n"),
        # One thread: only then are the numbers of wrong rows known.
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=names),
        parse_options=pa_csv.ParseOptions(
            newlines_in_values=b'"' in data, invalid_row_handler=keep_number
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={n: pa.dictionary(pa.int32(), pa.string()) for n in at},
            include_columns=list(at),
            strings_can_be_null=False,
        ),
    )
    if ragged:
        raise Ragged(ragged)
    return pd.DataFrame({name: _column(table[name]) for name in at})


def _column(column: pa.ChunkedArray) -> pd.Series[str]:
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    texts = pd.Index([t.strip() for t in whole.dictionary.to_pylist()], dtype=object)
    return _categories(whole.indices.to_numpy(zero_copy_only=False), texts)


def _categories(codes: npt.NDArray[np.integer], texts: pd.Index[str]) -> pd.Series[str]:
    """Return a column of categories; texts that are alike become one."""
    number, unique = pd.factorize(texts)
    return pd.Series(pd.Categorical.from_codes(number[codes], pd.Index(unique, dtype=object)))


def _lines(data: bytes, width: int, at: Mapping[str, int], first_row: int) -> pd.DataFrame:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    ragged = [i for i, r in enumerate(rows, first_row) if r and len(r) != width]
    if ragged:
        raise Ragged(ragged)
    return _listed(rows, at)


def _listed(rows: Sequence[Sequence[str]], at: Mapping[str, int]) -> pd.DataFrame:
    columns = {
        name: pd.Index([r[i].strip() if i < len(r) else "" for r in rows], dtype=object)
        for name, i in at.items()
    }
    return pd.DataFrame({n: _categories(np.arange(len(t)), t) for n, t in columns.items()})


def _blank(column: pd.Series[str]) -> int:
    """Return the code of the empty text, or one that no cell has."""
    known = column.cat.categories
    return known.get_loc("") if "" in known else -1  # type: ignore[return-value]


def _workbook(data: bytes, file: str) -> list[Sheet] | Fault:
    try:
        grids = list(read_grids(data, file))
    except InputError as e:
        return e.faults[0]
    return [_sheet(names, columns) for names, columns in grids]


def _parquet(data: bytes, file: str) -> list[Sheet] | Fault:
    try:
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError):
        return Fault(file, "this Parquet file cannot be read", _AGAIN)
    texts = [text_of(column) for column in table.columns]
    # A column of lists or the like is none that a publisher's table has: left blank.
    columns = [[None] * len(table) if t is None else t.to_pylist() for t in texts]
    return [_sheet(table.column_names, columns)]


def _sheet(names: list[str], columns: Sequence[Sequence[str | None]]) -> Sheet:
    rows = [names, *([cell or "" for cell in row] for row in zip(*columns, strict=True))]
    return Sheet(rows[:HEAD], rows=rows)
