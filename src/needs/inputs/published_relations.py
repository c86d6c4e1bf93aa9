"""Relations typed beside published figures: how one number follows from others.

They say how a number follows, as its document says it, and never whether it is right.
"""

from __future__ import annotations

import re

import pandas as pd

from needs.vocabulary.errors import Fault
from needs.vocabulary.operations import CONSTANT, OPERATIONS, PLUS, SPAN, TIMES

__all__ = ["RELATION_COLUMNS", "faults"]

RELATION_COLUMNS = ("figure", "operation", "operands", "either", "note")

_CONSTANT = re.compile(rf"^{re.escape(CONSTANT)}-?\d+(\.\d+)?$")
_BETWEEN = re.compile("|".join(re.escape(sign) for sign in (SPAN, TIMES, PLUS)))
_TWO = {"share", "growth", "fall", "quotient", "rate"}
_ONE = {"equal", "at_most"}


def _unknown(operands: str, ids: set[str]) -> bool:
    """Whether an operand is neither a figure, nor a number, nor made from such."""
    parts = [p for o in operands.split() for p in _BETWEEN.split(o)]
    return any(p not in ids and not _CONSTANT.match(p) for p in parts)


def _wrong_number(operation: str, operands: str) -> bool:
    n = len(operands.split())
    if operation in _TWO:
        return n != 2
    return n != 1 if operation in _ONE else n < 2


def faults(file: str, frame: pd.DataFrame, ids: set[str]) -> list[Fault]:
    """Return every fault of one file of relations.

    Parameters
    ----------
    file : str
        Its name.
    frame : DataFrame
        Columns :data:`RELATION_COLUMNS`, as text.
    ids : set of str
        Ids of all figures of the study.
    """
    pairs = list(zip(frame["operation"], frame["operands"], strict=True))
    known = frame["operation"].isin(list(OPERATIONS))
    tests = (
        (
            "figure",
            pd.Series([_unknown(f, ids) for f in frame["figure"]], index=frame.index, dtype=bool),
            "no such figure",
            "write the id of a figure",
        ),
        ("operation", ~known, "not a known operation", f"use one of: {', '.join(OPERATIONS)}"),
        (
            "operands",
            pd.Series([_unknown(o, ids) for _, o in pairs], index=frame.index, dtype=bool),
            "an operand is no figure",
            f"write ids with spaces between; {CONSTANT}52 is a number, one{SPAN}other a span, "
            f"one{PLUS}other a sum",
        ),
        (
            "operands",
            known & pd.Series([_wrong_number(*p) for p in pairs], index=frame.index, dtype=bool),
            "too few or too many operands for the operation",
            "see the list of operations",
        ),
    )
    out = []
    for column, wrong, rule, mend in tests:
        rows = tuple(int(i) + 2 for i in frame.index[wrong])
        if rows:
            out.append(Fault(file, rule, mend, column=column, rows=rows[:8], row_count=len(rows)))
    return out
