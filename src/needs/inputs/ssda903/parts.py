"""A file's table with its values parsed, and every fault of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.ssda903.columns import Parsed, TextColumn, TextTable, parse
from needs.inputs.ssda903.raw import BAD
from needs.inputs.ssda903.tables import Column, tables
from needs.vocabulary.errors import ROWS_SHOWN, Fault

__all__ = ["Hashes", "Part", "parse_table"]

Hashes = npt.NDArray[np.uint64]

_NO_BAD = {"text", "child"}


@dataclass(frozen=True)
class Part:
    """A table of one file, parsed.

    Parameters
    ----------
    table, file : str
        Our name of the table; the file's name relative to the study's folder.
    child : TextColumn
        The authority's identifiers.
    frame : pandas.DataFrame
        The columns of the return (all of them), ``bad_`` columns and ``row``.
    extra_n : int
        Columns kept out.
    """

    table: str
    file: str
    child: TextColumn
    frame: pd.DataFrame
    extra_n: int = 0

    @cached_property
    def child_hashes(self) -> Hashes:
        """A number for the identifier of each row."""
        of_texts = pd.util.hash_array(self.child.texts, categorize=False)
        return np.asarray(of_texts[self.child.codes], np.uint64)

    @cached_property
    def hashes(self) -> Hashes:
        """The children met, each once, as numbers."""
        return np.asarray(pd.util.hash_array(self.child.texts, categorize=False), np.uint64)


def _fault(table: TextTable, rows: npt.NDArray[np.bool_], rule: str, mend: str, col: str) -> Fault:
    found = table.rows[rows]
    shown = tuple(int(r) for r in found[:ROWS_SHOWN])
    rule += f" (row numbers count the {table.counts})" if table.counts else ""
    return Fault(table.file, rule, mend, column=col.upper(), rows=shown, row_count=len(found))


def parse_table(table: TextTable, max_invalid_share: float) -> tuple[Part | None, list[Fault]]:
    """Parse every column of a table.

    Parameters
    ----------
    table : TextTable
    max_invalid_share : float
        Share of a column's filled cells that may be unreadable; more is a fault.

    Returns
    -------
    Part or None, list of Fault
        ``None`` where there is a fault.
    """
    faults = _row_faults(table)
    spec = tables()[table.table]
    made: dict[str, pd.Series | npt.NDArray[np.bool_]] = {}
    for column in spec.columns.values():
        if column.kind == "child":
            continue
        text = table.columns.get(column.name) or TextColumn.blank(len(table.rows))
        parsed = parse(text, column)
        share = parsed.bad.sum() / max(text.filled.sum(), 1)
        if share > max_invalid_share and not text.formula_rows.any():
            faults.append(_fault(table, parsed.bad, *_words(column, parsed), column.name))
        made[column.name] = parsed.cells
        if column.kind not in _NO_BAD:
            made[BAD + column.name] = parsed.bad
    if faults:
        return None, faults
    frame = pd.DataFrame({**made, "row": table.rows}, copy=False)
    return Part(table.table, table.file, table.columns["child"], frame, table.extra_n), []


def _row_faults(table: TextTable) -> list[Fault]:
    """Return the faults of identifiers, and cells that a spreadsheet would run or has spoilt."""
    faults = []
    child = table.columns["child"]
    if not child.filled.all():
        mend = "give each row its child's identifier, or take the row out"
        faults.append(_fault(table, ~child.filled, "rows have no CHILD", mend, "child"))
    upn = table.columns.get("upn")
    if upn is not None and child.pupil_rows.sum() > max(len(table.rows) / 2, upn.pupil_rows.sum()):
        mend = "check whether CHILD was swapped with UPN"
        rule = "the column holds unique pupil numbers"
        faults.append(_fault(table, child.pupil_rows, rule, mend, "child"))
    for name, column in table.columns.items():
        if column.formula_rows.any():
            rule = "cells begin like a formula (=, + or @)"
            mend = "export the table again without opening it in a spreadsheet"
            faults.append(_fault(table, column.formula_rows, rule, mend, name))
    for name in {"child", "upn", "urn"} & set(table.columns):
        rounded = table.columns[name].rounded_rows
        if rounded.any():
            rule = "a spreadsheet has rounded identifiers to scientific notation"
            mend = "export the table again without opening it in a spreadsheet"
            faults.append(_fault(table, rounded, rule, mend, name))
    return faults


def _words(column: Column, parsed: Parsed) -> tuple[str, str]:
    """Return rule and mend of a column with too many unreadable cells."""
    name = column.name.upper()
    if parsed.hint == "us_dates":
        rule = "the dates look like US dates, month first"
        return rule, "export the table with dates as dd/mm/yyyy or yyyy-mm-dd"
    if parsed.hint == "dates":
        return "the column holds dates", f"check whether {name} was swapped with another column"
    if parsed.hint:
        rule = f"the column holds codes of {parsed.hint}"
        return rule, f"check whether {name} was swapped with another column"
    if column.kind in ("date", "part_date"):
        rule = "cells are not dates written dd/mm/yyyy or yyyy-mm-dd"
        return rule, "mend the cells, or export the table again"
    if column.kind == "code":
        rule = f"cells are no code of the {column.codes} list of any year"
        return rule, "mend the cells, or raise quality.max_invalid_share"
    allowed = "0 or 1" if column.kind == "flag" else "numbers"
    return f"cells are not {allowed}", "mend the cells, or raise quality.max_invalid_share"
