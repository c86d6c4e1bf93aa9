"""Areas, years and repeated rows of the Department for Education's open data files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.inputs.official.distinct import looked_up, per_distinct
from needs.inputs.official.files import Source, at_rows
from needs.vocabulary.errors import Fault
from needs.vocabulary.periods import ReportingYear

__all__ = ["AREA_COLUMNS", "area_faults", "areas", "contradictions", "period_faults", "periods"]

AREA_COLUMNS = ("area_code", "dfe_code", "area_name", "area_type")
_AGAIN = "download the file again"

_LEVELS = {"National": "England", "Regional": "region", "Local authority": "authority"}
_CODES = {"National": "country_code", "Regional": "region_code", "Local authority": "new_la_code"}
_NAMES = {"National": "country_name", "Regional": "region_name", "Local authority": "la_name"}
_CODE = r"[EW]\d{8}"
_SUB_REGION = "E13"  # Inner and Outer London, which are also counted in London


def areas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the area of each row: :data:`AREA_COLUMNS`, as categories.

    ``area_code`` is the ONS code; ``dfe_code`` three digits for an authority, else empty;
    ``area_type`` is ``authority``, ``region``, ``sub_region`` (Inner and Outer London) or
    ``England``.
    """
    columns = ["geographic_level", "old_la_code", *_CODES.values(), *_NAMES.values()]
    return per_distinct(frame, columns, _areas)


def _areas(rows: pd.DataFrame) -> pd.DataFrame:
    level = rows["geographic_level"]
    here = [level == key for key in _LEVELS]
    code = np.select(here, [rows[c] for c in _CODES.values()], "")
    name = np.select(here, [rows[c] for c in _NAMES.values()], "")
    kind = level.map(_LEVELS).fillna("")
    kind = kind.mask(np.char.startswith(code.astype(str), _SUB_REGION), "sub_region")
    dfe = rows["old_la_code"].where(level == "Local authority", "")
    made = {"area_code": code, "dfe_code": dfe, "area_name": name, "area_type": kind}
    return pd.DataFrame(made).astype(object)


def area_faults(source: Source) -> list[Fault]:
    """Return what is wrong with the areas of a file."""
    frame = source.frame
    faults = []
    unknown = frame.index[~frame["geographic_level"].isin(list(_LEVELS))]
    if len(unknown):
        rule = f"not one of {', '.join(_LEVELS)}"
        faults.append(at_rows(source.file, "geographic_level", rule, _AGAIN, unknown))
    made = areas(frame).drop(unknown)
    code = made.index[~made["area_code"].str.fullmatch(_CODE)]
    if len(code):
        rule = "the area has no ONS code of a letter and eight digits"
        faults.append(at_rows(source.file, "new_la_code", rule, _AGAIN, code))
    authority = made["area_type"] == "authority"
    # Former authorities may have lost their DfE code; then the cell holds a marker.
    dfe = made.index[authority & ~made["dfe_code"].str.fullmatch(r"\d{3}|[xz]|")]
    if len(dfe):
        mend = "keep the code as text of three digits; " + _AGAIN
        faults.append(at_rows(source.file, "old_la_code", "not a DfE code", mend, dfe))
    return faults


def periods(frame: pd.DataFrame) -> pd.Series[str]:
    """Return the reporting year of each row as text, empty where it is none.

    Four digits are the year in which the reporting year ends; six digits name both years.
    """
    return looked_up(frame["time_period"], _period)


def _period(text: str) -> str:
    if len(text) == 4 and text.isdigit():
        return str(ReportingYear(int(text)))
    if len(text) == 6 and text.isdigit() and (int(text[2:4]) + 1) % 100 == int(text[4:]):
        return str(ReportingYear(int(text[:4]) + 1))
    return ""


def period_faults(source: Source) -> list[Fault]:
    """Return what is wrong with the years of a file."""
    wrong = source.frame.index[
        (periods(source.frame) == "")
        | ~source.frame["time_identifier"].isin(["Reporting year", "Financial year"])
    ]
    if not len(wrong):
        return []
    rule = "not a reporting year of four or six digits"
    return [at_rows(source.file, "time_period", rule, _AGAIN, wrong)]


def contradictions(
    frame: pd.DataFrame, key: Sequence[str], said: Sequence[str], column: str, mend: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    """Take out repeated rows, and find rows that repeat a key and say something else.

    Parameters
    ----------
    frame : DataFrame
        With ``file`` and ``row``.
    key, said : sequence of str
        Columns that name a row, and columns that it says.
    column : str
        Column that the fault names.
    mend : str
        What the user does about it.

    Returns
    -------
    kept : DataFrame
        Without the repeats.
    repeats : DataFrame
        The rows taken out.
    faults : list of Fault
        One a file that contradicts itself or an earlier one.
    """
    again = frame.duplicated([*key, *said])
    kept = frame[~again]
    differ = kept[kept.duplicated(list(key))]
    rule = "the same figure is given twice, and differently"
    faults = [
        at_rows(str(file), column, rule, mend, rows["row"].unique())
        for file, rows in differ.groupby("file", observed=True)
    ]
    return kept, frame[again], faults
