"""Long lookups, such as a postcode directory of millions of rows, read block by block.

The rules are those of every table (:mod:`needs.inputs.tables.reader`); only what is kept of a
block outlives it, in arrays and not in Python's objects.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from needs.inputs.files import resolve
from needs.inputs.ssda903.text import decode
from needs.inputs.tables import reader
from needs.inputs.tables.declare import TableSpec, table_spec
from needs.inputs.tables.recognise import columns_of
from needs.inputs.tabular import Choose, read_file, sheet_of
from needs.vocabulary.errors import ROWS_SHOWN, Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["read"]

Flags = npt.NDArray[np.bool_]

LONG = 32 << 20
"""Bytes from which a CSV file is read block by block."""
_BLOCK = 1 << 20
_ROWS = 50_000
_HEAD = 1 << 16
Block = dict[str, pd.Series]
_TEXT = pd.StringDtype("pyarrow")


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
    blocks: list[Block] = []
    facts: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    root = study.folder.resolve()
    for path in resolve(study, name):
        file = path.relative_to(root).as_posix()
        choose = partial(_choose, spec, file, study)
        try:
            for sheet, block in _blocks(path, file, choose, spec, study):
                number = len(facts) - (sheet in facts)
                blocks.append(_kept(block, spec, number))
                facts[sheet] = _added(facts.get(sheet), block.facts)
                faults += block.faults
        except InputError as e:
            faults += e.faults
    if faults:
        raise InputError(f"{spec.title.lower()} cannot be used as they are", _merged(faults))
    return _joined(spec, blocks, facts)


def _blocks(
    path: Path, file: str, choose: Choose, spec: TableSpec, study: Study
) -> Iterator[tuple[str, reader.Block]]:
    """Yield the name of each sheet and its rows, a long file in several blocks."""
    if streamed := _stream(path, file, choose):
        first = 2
        names_n, batches = streamed
        for table in batches:
            sheet = sheet_of(file, table, names_n, first)
            first += table.num_rows
            yield file, reader.checked([sheet], spec, study)
        return
    for sheet in read_file(path, file, choose):
        yield sheet.file, reader.checked([sheet], spec, study)


def _choose(spec: TableSpec, file: str, study: Study, names: list[str]) -> dict[int, str]:
    return dict(columns_of(spec, names, file, study))


def _kept(block: reader.Block, spec: TableSpec, number: int) -> Block:
    """Return the kept rows of a block as columns, with where they come from."""
    frame = block.frame[block.kept]
    made = {n: frame[n].reset_index(drop=True).copy() for n in spec.columns}
    # Whole numbers of metres stand exactly in half the room.
    made |= {n: c.astype(np.float32) for n, c in made.items() if c.dtype == np.float64}
    made[spec.key[0]] = made[spec.key[0]].astype(_TEXT)
    made["file"] = pd.Series(np.full(len(frame), number, np.int16))
    made["row"] = pd.Series(block.rows.row[block.kept])
    return made


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
    spec: TableSpec, blocks: list[Block], facts: dict[str, pd.DataFrame]
) -> reader.RawTable:
    """Return all blocks as one table in the order of its key, each key once."""
    key = spec.key[0]
    columns = [n for n in spec.columns if n != key]
    made: dict[str, pd.Series] = {}
    order = np.empty(0, np.int64)
    for name in (key, "file", "row", *columns):
        parts = [b.pop(name) for b in blocks]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            met = sorted({c for p in parts for c in p.cat.categories})
            parts = [p.cat.set_categories(met) for p in parts]
        joined = pd.concat(parts, ignore_index=True)
        if name == key:
            # Stable: rows of one key keep the order of files and rows.
            order = pc.sort_indices(pa.array(joined)).to_numpy()
        del parts
        made[name] = joined.take(order).reset_index(drop=True)
    whole = pd.DataFrame(made, copy=False)
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
    whole: pd.DataFrame, same: Flags, columns: list[str], spec: TableSpec, files: list[str]
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


def _stream(path: Path, file: str, choose: Choose) -> tuple[int, Iterator[pa.Table]] | None:
    """Return how many columns a long CSV file has, and its rows; None where it is another file."""
    try:
        with path.open("rb") as f:
            head = f.read(_HEAD)
            long = f.seek(0, 2) >= LONG
    except OSError:
        return None
    if not long or head.startswith((b"PAR1", b"PK\x03\x04")) or not head.isascii():
        return None
    if isinstance(decode(head, file), Fault):
        return None
    names = next(csv.reader([head.splitlines()[0].decode("ascii")]), [])
    wanted = choose(names)
    # Looked through before the first row is used: what a stream cannot take, such as rows
    # cut short, is for the reader of whole files to name.
    try:
        for _ in _batches(path, names, wanted):
            pass
    except pa.ArrowInvalid:
        return None
    return len(names), _batches(path, names, wanted)


def _batches(path: Path, names: Sequence[str], wanted: Mapping[int, str]) -> Iterator[pa.Table]:
    columns = [wanted.get(i, f"extra {i}") for i in range(len(names))]
    stream = pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=_BLOCK, column_names=columns, skip_rows=1),
        parse_options=pa_csv.ParseOptions(ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted.values(), pa.string()),
            include_columns=list(wanted.values()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    held: list[pa.RecordBatch] = []
    with stream:
        for batch in stream:
            held.append(batch)
            if sum(b.num_rows for b in held) >= _ROWS:
                yield pa.Table.from_batches(held)
                held = []
    if held:
        yield pa.Table.from_batches(held)
