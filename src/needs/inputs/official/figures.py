"""Cells that hold a number or a marker in its place."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs.inputs.official.files import at_rows
from needs.vocabulary.errors import Fault

__all__ = ["MARKERS", "number_faults", "numbers"]

MARKERS = {
    "c": "suppressed to protect small numbers",
    "k": "more than nothing, but rounds to nought",
    "low": "more than nothing, but rounds to nought",
    "u": "of low reliability",
    "x": "not available",
    "z": "not applicable",
    "..": "not available",
    ":": "not available",
    "~": "not available",
}
"""What official statistics put in the place of a number (Government Statistical Service
symbols; ``..``, ``:`` and ``low`` stand in older files)."""

_NUMBER = r"^-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$"


def numbers(text: pd.Series[str]) -> tuple[pd.Series[float], pd.Series[str]]:
    """Return the values (NaN for a marker) and the markers (empty for a number) of a column.

    What is neither is NaN with no marker; :func:`number_faults` finds it.
    """
    text = text.cat.remove_unused_categories()
    seen = text.cat.categories
    words = pa.array(seen, pa.string())
    plain = pc.replace_substring(words, ",", "")
    known = pc.if_else(pc.match_substring_regex(words, _NUMBER), plain, None)
    value = known.cast(pa.float64()).to_numpy(zero_copy_only=False)
    marker = pd.Series(seen.where(seen.isin(list(MARKERS)), ""), dtype="category")
    code = text.cat.codes.to_numpy()
    return (
        pd.Series(value[code], index=text.index),
        pd.Series(marker.array.take(code), index=text.index),
    )


def number_faults(
    file: str, frame: pd.DataFrame, columns: Iterable[str], names: dict[str, str] | None = None
) -> list[Fault]:
    """Return one fault for each column with cells that are neither number nor marker.

    Parameters
    ----------
    file : str
        For the fault.
    frame : DataFrame
        Text, indexed by row number.
    columns : iterable of str
        Which columns to look at.
    names : dict of str to str, optional
        Column -> its name in the file, where that differs.
    """
    faults = []
    for column in columns:
        value, marker = numbers(frame[column])
        wrong = frame.index[value.isna() & (marker == "")]
        if len(wrong):
            allowed = ", ".join(MARKERS)
            faults.append(
                at_rows(
                    file,
                    (names or {}).get(column, column),
                    "neither a number nor a marker that is known",
                    f"write the number, or one of the markers {allowed}; download the file again",
                    wrong,
                )
            )
    return faults
