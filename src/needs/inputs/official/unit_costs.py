"""Weekly unit costs of section 251 outturn, every authority.

They are read from the data of the Local Authority Interactive Tool, Department for Education.
"""

from __future__ import annotations

import re

import pandas as pd

from needs.inputs.official.distinct import looked_up
from needs.inputs.official.figures import MARKERS, numbers
from needs.inputs.official.files import Source, at_rows, facts, finish, read_sources
from needs.vocabulary.errors import Fault
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import Table
from needs.vocabulary.results import ALL
from needs.vocabulary.study import Study

__all__ = ["COLUMNS", "SERVICES", "read"]

COLUMNS = ("dfe_code", "area_name", "area_type", "period", "service", "gbp_week", "file")
"""Columns of the frame; see :func:`read`."""

SERVICES = {"lacfinance": ALL, "fosteringfinance": "fostering", "rescarefinance": "residential"}
"""Code of the tool, in small letters, to what is bought."""

_TYPES = {"97": "England", "98": "region"}
"""First digits of the tool's codes of what is no authority."""

_AGAIN = "save the tool's table again"
_PERIOD = re.compile(r"(\d{4}-\d{2})(?: ?\(ot\))?", re.IGNORECASE)
_CODE = re.compile(r"(\d{3})(?:\.0)?")
_NONE = frozenset({"", "-", *MARKERS})


def read(study: Study) -> Table:
    """Read the files of weekly unit costs that a study names.

    Parameters
    ----------
    study : Study
        ``inputs.unit_costs`` names the files.

    Returns
    -------
    Table
        ``frame``, one row an area, year and service: ``dfe_code`` (three digits),
        ``area_name``, ``area_type`` (authority, region, England), ``period`` (2022-23),
        ``service`` (``all``, ``fostering``, ``residential``), ``gbp_week`` (float, NaN where not
        available), ``file``.
        Rows of other measures are left out, as ``facts`` says.

    Raises
    ------
    InputError
        With every fault of every file: columns, codes, years, cells that are neither number nor
        known marker, a cost given twice and differently.
    """
    sources, faults = read_sources(study, "unit_costs")
    made, left_out = [], {}
    for source in sources:
        rows = source.frame
        service = looked_up(rows["code"], _service)
        mine = source.frame[(service != "").to_numpy()]
        left_out[source.file] = len(rows) - len(mine)
        found = _faults(source, mine)
        faults += found
        if not found and len(mine):
            made.append(_long(source, mine))
    frame = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=[*COLUMNS, "row"])
    key = ["dfe_code", "period", "service"]
    kept = frame.drop_duplicates([*key, "gbp_week"])
    finish("unit_costs", [*faults, *_twice(kept, key)])
    kept = kept.sort_values(key, ignore_index=True)
    return Table(kept[list(COLUMNS)], facts(sources, left_out_n=left_out))


def _faults(source: Source, rows: pd.DataFrame) -> list[Fault]:
    names = {k: v[0] for k, v in source.layout.required.items()}
    value, _ = numbers(rows["value"])
    checks = (
        ("dfe_code", looked_up(rows["dfe_code"], _code) == "", "not a code of three digits"),
        ("period", looked_up(rows["period"], _year) == "", "not a year of outturn, as 2022-23"),
        (
            "value",
            value.isna() & ~rows["value"].astype(str).str.lower().isin(_NONE),
            "neither a number nor a marker that is known",
        ),
    )
    return [
        at_rows(source.file, names[column], rule, _AGAIN, rows.index[wrong.to_numpy(bool)])
        for column, wrong, rule in checks
        if wrong.any()
    ]


def _twice(rows: pd.DataFrame, key: list[str]) -> list[Fault]:
    differ = rows[rows.duplicated(key)]
    rule = "the same cost is given twice, and differently"
    return [
        at_rows(str(file), "", rule, "keep one of the rows", mine["row"])
        for file, mine in differ.groupby("file")
    ]


def _long(source: Source, rows: pd.DataFrame) -> pd.DataFrame:
    value, _ = numbers(rows["value"])
    code = looked_up(rows["dfe_code"], _code).astype(str)
    return pd.DataFrame(
        {
            "dfe_code": code,
            "area_name": rows["area_name"].astype(str),
            "area_type": code.str[:2].map(_TYPES).fillna("authority"),
            "period": looked_up(rows["period"], _year).astype(str),
            "service": looked_up(rows["code"], _service).astype(str),
            "gbp_week": value,
            "file": source.file,
            "row": rows.index,
        }
    )


def _service(text: str) -> str:
    return SERVICES.get(text.lower(), "")


def _code(text: str) -> str:
    found = _CODE.fullmatch(text)
    return found[1] if found else ""


def _year(text: str) -> str:
    found = _PERIOD.fullmatch(text)
    try:
        return str(ReportingYear.parse(found[1])) if found else ""
    except ValueError:
        return ""
