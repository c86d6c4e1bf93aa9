"""Long lookups, such as a postcode directory of millions of rows, read block by block.

The rules are those of every table (:mod:`needs.inputs.tables.reader`); only what is kept of a
block outlives it, in arrays and not in Python's objects.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as pa_csv

from needs.inputs.files import resolve
from needs.inputs.ssda903.text import decode
from needs.inputs.tables import reader
from needs.inputs.tables.declare import TableSpec, table_spec
from needs.inputs.tables.recognise import columns_of
from needs.inputs.tabular import Choose, Sheet, read_file, sheet_of
from needs.vocabulary.errors import ROWS_SHOWN, Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["read"]

LONG = 32 << 20
"""Bytes from which a CSV file is read block by block."""
_BLOCK = 4 << 20
_HEAD = 1 << 16
_TEXT = "string[pyarrow]"


def read(study: Study, name: str) -> reader.RawTable:
    """Read and check every file of a lookup.

    Parameters
    ----------
    study : Study
    name : str
        A table without children whose key is one column of text.

    Returns
    -------
    RawTable
        As :func:`needs.inputs.tables.reader.read`, the key as strings of Arrow.

    Raises
    ------
    InputError
        As there.
    """
    spec = table_spec(name)
    blocks: list[pd.DataFrame] = []
    facts: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    root = study.folder.resolve()
    for path in resolve(study, name):
        file = path.relative_to(root).as_posix()
        choose = partial(_choose, spec, file, study)
        try:
            for sheet in _sheets(path, file, choose):
                frame, fact, wrong = _checked(sheet, spec, study, list(facts), blocks)
                faults += wrong
                blocks.append(frame)
                facts[sheet.file] = _added(facts.get(sheet.file), fact)
        except InputError as e:
            faults += e.faults
    if faults:
        raise InputError(f"{spec.title.lower()} cannot be used as they are", _merged(faults))
    return _joined(spec, blocks, facts)


def _choose(spec: TableSpec, file: str, study: Study, names: list[str]) -> dict[int, str]:
    return dict(columns_of(spec, names, file, study))


def _checked(
    sheet: Sheet, spec: TableSpec, study: Study, files: list[str], blocks: list[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    """Return the kept rows of a block, with where they come from; its facts and faults."""
    block = reader.checked([sheet], spec, study)
    frame = block.frame[block.kept].copy(deep=False)
    key = spec.key[0]
    frame[key] = frame[key].astype(_TEXT)
    number = files.index(sheet.file) if sheet.file in files else len(files)
    place = {"file": np.int16(number), "row": block.rows.row[block.kept]}
    return frame.assign(**place), block.facts, block.faults


def _added(before: pd.DataFrame | None, fact: pd.DataFrame) -> pd.DataFrame:
    if before is None:
        return fact
    counts = ["rows_n", "kept_n", "duplicates_n", "left_out_n"]
    return before.assign(**{c: before[c] + fact[c] for c in counts})


def _merged(faults: list[Fault]) -> list[Fault]:
    """Return one fault for the same rule broken in several blocks of a file."""
    alike: dict[tuple[str, str, str, str], list[Fault]] = defaultdict(list)
    for f in faults:
        alike[f.file, f.column, f.rule, f.mend].append(f)
    return [
        replace(
            same[0],
            rows=tuple(sorted(r for f in same for r in f.rows)[:ROWS_SHOWN]),
            row_count=sum(f.row_count for f in same),
        )
        for same in alike.values()
    ]


def _joined(
    spec: TableSpec, blocks: list[pd.DataFrame], facts: dict[str, pd.DataFrame]
) -> reader.RawTable:
    """Return all blocks as one table in the order of its key, each key once."""
    key = spec.key[0]
    columns = [n for n in spec.columns if n != key]
    made: dict[str, object] = {}
    for name in (key, "file", "row", *columns):
        parts = [b.pop(name) for b in blocks]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            met = sorted({c for p in parts for c in p.cat.categories})
            parts = [p.cat.set_categories(met) for p in parts]
        made[name] = pd.concat(parts, ignore_index=True)
    blocks.clear()
    whole = pd.DataFrame(made, copy=False)
    whole = whole.sort_values([key, "file", "row"], kind="stable", ignore_index=True)
    same = (whole[key] == whole[key].shift()).fillna(False).to_numpy(bool)
    fact = pd.concat(facts.values(), ignore_index=True)
    if same.any():
        _refuse_different(whole, same, columns, spec, list(facts))
        again = np.bincount(whole["file"].to_numpy()[same], minlength=len(fact))
        fact = fact.assign(kept_n=fact["kept_n"] - again, duplicates_n=fact["duplicates_n"] + again)
        whole = whole[~same].reset_index(drop=True)
    kept = [c.name for c in spec.columns.values() if c.keep]
    return reader.RawTable(spec.name, whole[kept], fact)


def _refuse_different(
    whole: pd.DataFrame, same: np.ndarray, columns: list[str], spec: TableSpec, files: list[str]
) -> None:
    """Raise where two rows of different blocks have one key and differ otherwise."""
    at = np.flatnonzero(same)
    one, other = (whole[columns].iloc[i].reset_index(drop=True) for i in (at - 1, at))
    differ = ~((one == other) | (one.isna() & other.isna())).all(axis=1).to_numpy(bool)
    if not differ.any():
        return
    rule = f"two rows have the same {', '.join(spec.key)} and differ otherwise"
    mend = "take one of them out, or correct it"
    found = whole.iloc[at[differ]]
    faults = []
    for number, rows in found.groupby("file"):
        shown = tuple(sorted(int(r) for r in rows["row"])[:ROWS_SHOWN])
        file = files[int(str(number))]
        faults.append(Fault(file, rule, mend, spec.key[0], shown, row_count=len(rows)))
    raise InputError(f"{spec.title.lower()} cannot be used as they are", faults)


# --- blocks of a file ---


def _sheets(path: Path, file: str, choose: Choose) -> Iterator[Sheet]:
    """Yield a file's sheets; a long CSV file as sheets of some rows each."""
    try:
        size = path.stat().st_size
        with path.open("rb") as f:
            head = f.read(_HEAD)
    except OSError:
        size, head = 0, b""
    plain = size >= LONG and not head.startswith((b"PAR1", b"PK\x03\x04"))
    if plain and head.isascii() and not isinstance(decode(head, file), Fault):
        names = next(csv.reader([head.splitlines()[0].decode("ascii")]), [])
        wanted = choose(names)
        # Rows that a stream cannot take are for the reader of whole files to name.
        if _streams(path, names, wanted):
            yield from _streamed(path, file, names, wanted)
            return
    yield from read_file(path, file, choose)


def _stream(path: Path, names: list[str], wanted: dict[int, str]) -> pa_csv.CSVStreamingReader:
    columns = [wanted.get(i, f"extra {i}") for i in range(len(names))]
    return pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=columns, skip_rows=1
        ),
        parse_options=pa_csv.ParseOptions(ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted.values(), pa.string()),
            include_columns=list(wanted.values()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _streams(path: Path, names: list[str], wanted: dict[int, str]) -> bool:
    try:
        with _stream(path, names, wanted) as stream:
            for _ in stream:
                pass
    except pa.ArrowInvalid:
        return False
    return True


def _streamed(path: Path, file: str, names: list[str], wanted: dict[int, str]) -> Iterator[Sheet]:
    first = 2
    with _stream(path, names, wanted) as stream:
        for batch in stream:
            yield sheet_of(file, pa.Table.from_batches([batch]), len(names), first)
            first += batch.num_rows
