"""The sheets of a table put together: one column of text for each column of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from needs.inputs.ssda903.columns import Ints
from needs.inputs.tables.declare import TableSpec, Wide
from needs.inputs.tabular import Sheet, Texts
from needs.vocabulary.errors import ROWS_SHOWN, Fault

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True)
class Gathered:
    """All rows of all sheets, still text.

    Parameters
    ----------
    files : tuple of str
        Name of each sheet; ``file`` points here.
    columns : mapping of str to Texts
        Every column of the table, blank where no file has it; distinct texts are unique.
    file, row : ndarray of int32
        Where each row comes from.
    extra_n : tuple of int
        Columns of each sheet that were kept out.
    """

    files: tuple[str, ...]
    columns: Mapping[str, Texts]
    file: Ints
    row: Ints
    extra_n: tuple[int, ...]

    def faults(self, rows: npt.NDArray[np.bool_], column: str, rule: str, mend: str) -> list[Fault]:
        """Return a fault for each file that has some of the rows."""
        made = []
        for number in np.unique(self.file[rows]):
            # Sorted, and each once: a wide row stands several times.
            found = np.unique(self.row[rows & (self.file == number)])
            shown = tuple(int(r) for r in found[:ROWS_SHOWN])
            file = self.files[number]
            made.append(Fault(file, rule, mend, column, shown, row_count=len(found)))
        return made


def gather(spec: TableSpec, sheets: Sequence[Sheet]) -> Gathered:
    """Return the sheets of a table as one, wide ones made long."""
    long = [
        _long(s, spec, spec.wide) if spec.wide and spec.wide.names not in s.columns else s
        for s in sheets
    ]
    columns = {}
    for name in spec.columns:
        parts = [s.columns.get(name) or Texts.blank(len(s.rows)) for s in long]
        columns[name] = _joined(parts)
    sizes = [len(s.rows) for s in long]
    return Gathered(
        tuple(s.file for s in long),
        columns,
        np.repeat(np.arange(len(long), dtype=np.int32), sizes),
        np.concatenate([np.empty(0, np.int32), *(s.rows for s in long)]),
        tuple(s.extra_n for s in long),
    )


def _joined(parts: Sequence[Texts]) -> Texts:
    """Return columns one below the other, with their distinct texts made one list."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(p.texts) for p in parts)])[:-1]
    codes = [np.where(p.filled, p.codes + s, -1) for p, s in zip(parts, starts, strict=True)]
    texts = [p.texts for p in parts]
    whole = pa.concat_arrays(texts) if texts else pa.array([], pa.string())
    return Texts.of(np.concatenate([np.empty(0, np.int32), *codes]).astype(np.int32), whole)


def _long(sheet: Sheet, spec: TableSpec, wide: Wide) -> Sheet:
    """Return a wide sheet as a long one: a row for each of its names, blank ones too."""
    across = [n for n in sheet.columns if n not in spec.columns]
    n, k = len(sheet.rows), len(across)
    columns = {
        name: Texts(np.tile(column.codes, k), column.texts)
        for name, column in sheet.columns.items()
        if name in spec.columns
    }
    domains = pa.array(across, pa.string())
    columns[wide.names] = Texts(np.repeat(np.arange(k, dtype=np.int32), n), domains)
    columns[wide.values] = _joined([sheet.columns[name] for name in across])
    return Sheet(sheet.file, columns, np.tile(sheet.rows, k), sheet.extra_n)
