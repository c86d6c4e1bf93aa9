"""The reader of every table: recognise, check, count, and report every fault at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandera.errors import SchemaErrors

from needs.inputs.files import resolve
from needs.inputs.tables.declare import Column, TableSpec, table_spec
from needs.inputs.tables.gather import Gathered, gather
from needs.inputs.tables.parse import parse
from needs.inputs.tables.recognise import columns_of
from needs.inputs.tables.rules import broken_rules
from needs.inputs.tables.schema import NO_ROW, schema_of
from needs.inputs.tabular import Sheet, read_file
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["FACTS", "Block", "RawTable", "checked", "read"]

Flags = npt.NDArray[np.bool_]

FACTS = ("file", "rows_n", "kept_n", "duplicates_n", "left_out_n", "extra_columns_n")
"""Columns of the facts: rows read are kept, said before, or left out."""


@dataclass(frozen=True)
class RawTable:
    """A table as read, before it is joined to the records.

    Parameters
    ----------
    name : str
        Name of the input.
    frame : pandas.DataFrame
        Every column of the declaration that is kept, in its order; a column of kind
        ``child`` is named ``child`` and numbers ``ids``, -1 blank. Rows stand in the order
        of the key, whatever the order of files and rows.
    facts : pandas.DataFrame
        One row a file or sheet, columns :data:`FACTS`.
    ids : pandas.Index
        Private: number of a child -> the authority's identifier.
    """

    name: str
    frame: pd.DataFrame
    facts: pd.DataFrame
    ids: pd.Index = field(repr=False, compare=False, default_factory=lambda: pd.Index([]))


def read(study: Study, name: str) -> RawTable:
    """Read and check every file of one of the authority's tables.

    Parameters
    ----------
    study : Study
        ``inputs`` names the files; CSV, Excel or Parquet, known by their content.
    name : str
        One of :data:`needs.inputs.tables.NAMES`.

    Returns
    -------
    RawTable
        The same for the same rows in one file or several, in any form and order.

    Raises
    ------
    InputError
        Every fault of every file at once: file, column, rule, row numbers and mend, never
        a value. Faults of structure come first: a file that cannot be opened or lacks a
        column is named before any cell is judged.
    """
    spec = table_spec(name)
    block = checked(_sheets(study, spec), spec, study)
    if block.faults:
        raise InputError(f"{spec.title.lower()} cannot be used as they are", block.faults)
    return RawTable(name, _finished(block.frame[block.kept], spec), block.facts, block.ids)


@dataclass(frozen=True)
class Block:
    """Rows of a table with their values, which of them are kept, and what is wrong."""

    rows: Gathered
    frame: pd.DataFrame
    kept: Flags
    facts: pd.DataFrame
    faults: list[Fault]
    ids: pd.Index


def checked(sheets: list[Sheet], spec: TableSpec, study: Study) -> Block:
    """Return sheets parsed, judged and counted."""
    rows = gather(spec, sheets)
    frame, ids, faults, unread = _parsed(rows, spec, study)
    twice = _twice(frame, spec)
    blank = frame[list(spec.blank_is_no_row)].isna().any(axis=1).to_numpy(bool)
    for column in spec.blank_is_no_row:
        blank &= ~unread[column]
    kept = ~twice & ~blank
    faults += _schema_faults(rows, frame, kept, unread, spec, study)
    return Block(rows, frame, kept, _facts(rows, kept, twice), faults, ids)


def _sheets(study: Study, spec: TableSpec) -> list[Sheet]:
    root = study.folder.resolve()
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    for path in resolve(study, spec.name):
        file = path.relative_to(root).as_posix()
        choose = partial(_choose, spec, file=file, study=study)
        try:
            sheets += read_file(path, file, choose)
        except InputError as e:
            faults += e.faults
    if faults:
        raise InputError(f"{spec.title.lower()} cannot be read", faults)
    return sheets


def _choose(spec: TableSpec, names: list[str], file: str, study: Study) -> dict[int, str]:
    return dict(columns_of(spec, names, file, study))


def _parsed(
    rows: Gathered, spec: TableSpec, study: Study
) -> tuple[pd.DataFrame, pd.Index, list[Fault], dict[str, Flags]]:
    """Return typed columns, the children's ids, faults, and which cells could not be read."""
    values: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    unread: dict[str, Flags] = {}
    ids = pd.Index([], dtype=object)
    for name, column in spec.columns.items():
        cells = parse(rows.columns[name], column, study)
        values[name] = cells.column
        unread[name] = np.zeros(len(rows.row), bool)
        for wrong, rule, mend in cells.wrong:
            faults += rows.faults(wrong, name, rule, mend)
            unread[name] |= wrong
        if column.kind == "child" and cells.ids is not None:
            ids = cells.ids
    return pd.DataFrame(values), ids, faults, unread


def _twice(frame: pd.DataFrame, spec: TableSpec) -> Flags:
    """Return rows that say again, word for word, what another has said."""
    key = list(spec.key)
    again = frame.duplicated(key, keep=False).to_numpy(bool)
    marks = np.zeros(len(frame), bool)
    if again.any():
        marks[again] = frame[again].duplicated().to_numpy(bool)
    return marks


def _schema_faults(
    rows: Gathered,
    frame: pd.DataFrame,
    kept: Flags,
    unread: dict[str, Flags],
    spec: TableSpec,
    study: Study,
) -> list[Fault]:
    """Return what the schema finds, but for cells already found unreadable."""
    judged = frame[kept]
    try:
        schema_of(spec, study).validate(judged, lazy=True)
    except SchemaErrors as e:
        cases = e.failure_cases
    else:
        return []
    rules = broken_rules(spec, study)
    faults = []
    for (column, check), found in cases.groupby(["column", "check"], dropna=False):
        marks = np.zeros(len(frame), bool)
        if check in rules:
            broken, columns, mend = rules[check]
            marks[kept] = broken(judged)
            rule = check
        else:
            marks[found["index"].to_numpy(np.intp)] = True
            columns = (column,)
            rule, mend = _words(str(check), spec.columns[column])
        for c in columns:
            marks &= ~unread[c]
        faults += rows.faults(marks, columns[0], rule, mend)
    return faults


def _words(check: str, column: Column) -> tuple[str, str]:
    if check in ("not_nullable", NO_ROW):
        return "the cell is empty", "fill it in"
    return check, f"correct it: {column.hint}" if column.hint else "correct it"


def _facts(rows: Gathered, kept: Flags, twice: Flags) -> pd.DataFrame:
    n = len(rows.files)

    def count(marks: Flags) -> npt.NDArray[np.int64]:
        return np.bincount(rows.file[marks], minlength=n).astype(np.int64)

    everything = np.ones(len(rows.row), bool)
    counts = (count(everything), count(kept), count(twice), count(~kept & ~twice))
    values = (list(rows.files), *counts, np.array(rows.extra_n, np.int64))
    return pd.DataFrame(dict(zip(FACTS, values, strict=True)))


def _finished(frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return rows in the order of the key, without the columns that only name rows."""
    ordered = frame.sort_values(list(spec.key), kind="stable", ignore_index=True)
    kept = [c.name for c in spec.columns.values() if c.keep]
    return ordered[kept].rename(columns={spec.child: "child"} if spec.child else {})
