"""Statistical neighbours of every authority, both vintages.

The groupings of April 2021 (NFER) and the model of 2025 are read as downloaded; which vintage
a file is shows in its columns. They rank ten neighbours and say how close each is.
"""

from __future__ import annotations

import pandas as pd

from needs.inputs.official.files import Source, at_rows, facts, finish, read_sources
from needs.vocabulary.errors import Fault
from needs.vocabulary.records import Table
from needs.vocabulary.study import Study

__all__ = ["CLOSENESS", "COLUMNS", "read"]

COLUMNS = (
    "dfe_code",
    "area_name",
    "rank",
    "neighbour_code",
    "neighbour_name",
    "closeness",
    "vintage",
    "file",
)
"""Columns of the frame; see :func:`read`."""

CLOSENESS = ("extremely close", "very close", "close", "somewhat close", "not close")
"""How close a neighbour may be, the closest first."""

_RANKS = tuple(str(r) for r in range(1, 11))
_CODE = r"\d{3}"
_AGAIN = "download the file again"


def read(study: Study) -> Table:
    """Read the files of statistical neighbours that a study names.

    Parameters
    ----------
    study : Study
        ``inputs.neighbours`` names the files.

    Returns
    -------
    Table
        ``frame``, one row an authority, vintage and rank: ``dfe_code`` (three digits),
        ``area_name``, ``rank`` (int, 1 the closest, to 10), ``neighbour_code``,
        ``neighbour_name``, ``closeness`` (category, ordered as :data:`CLOSENESS`),
        ``vintage`` (2021 or 2025), ``file``. In ``facts``, rows without an authority's code
        (the file of 2021 has a note among its rows) are left out.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, codes, ranks without a neighbour,
        a neighbour twice, unknown closeness, an authority given twice in one vintage.
    """
    sources, faults = read_sources(study, "neighbours")
    left_out: dict[str, int] = {}
    made = []
    for source in sources:
        rows = source.frame.astype(str)
        filled = rows[rows["dfe_code"] != ""]
        left_out[source.file] = len(rows) - len(filled)
        long = _long(source, filled)
        faults += _faults(source, filled, long)
        made.append(long)
    frame = pd.concat(made, ignore_index=True) if made else pd.DataFrame()
    finish("neighbours", [*faults, *(_twice(frame) if made else [])])
    frame, repeats = _once(frame)
    frame["closeness"] = pd.Categorical(frame["closeness"], CLOSENESS, ordered=True)
    frame = frame.sort_values(["vintage", "dfe_code", "rank"], ignore_index=True)
    return Table(frame[list(COLUMNS)], facts(sources, left_out_n=left_out, duplicates_n=repeats))


def _long(source: Source, filled: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each authority and rank, whatever is wrong with it."""
    names = filled.set_index("dfe_code")["area_name"]
    names = names[~names.index.duplicated()]
    parts = [
        pd.DataFrame(
            {
                "dfe_code": filled["dfe_code"],
                "area_name": filled["area_name"],
                "rank": int(rank),
                "neighbour_code": filled[rank],
                "closeness": filled[f"beside {rank}"].str.lower(),
                "row": filled.index,
            }
        )
        for rank in _RANKS
        if _given(source, rank)
    ]
    long = pd.concat(parts, ignore_index=True)
    known = long["neighbour_code"].map(names).fillna("")
    return long.assign(neighbour_name=known, vintage=source.layout.kind, file=source.file)


def _given(source: Source, rank: str) -> bool:
    return {rank, f"beside {rank}"} <= set(source.frame.columns)


def _faults(source: Source, filled: pd.DataFrame, long: pd.DataFrame) -> list[Fault]:
    faults = []
    missing = [r for r in _RANKS if not _given(source, r)]
    if missing:
        rule = "columns of neighbours of these ranks, or of their closeness, are missing"
        faults.append(Fault(source.file, rule, _AGAIN, column=", ".join(missing), rows=(1,)))
    code = filled.index[~filled["dfe_code"].str.fullmatch(_CODE)]
    mend = "keep codes as text of three digits; " + _AGAIN
    if len(code):
        rule = "not a DfE code of three digits"
        faults.append(at_rows(source.file, "dfe_code", rule, mend, code))
    checks = (
        (~long["neighbour_code"].str.fullmatch(_CODE), "a neighbour is no DfE code", mend),
        (long["neighbour_code"] == long["dfe_code"], "an authority is its own neighbour", _AGAIN),
        (
            long.duplicated(["row", "neighbour_code"])
            & long["neighbour_code"].str.fullmatch(_CODE),
            "an authority has the same neighbour twice",
            _AGAIN,
        ),
        (
            ~long["closeness"].isin(CLOSENESS),
            f"closeness is none of: {', '.join(CLOSENESS)}",
            _AGAIN,
        ),
    )
    for wrong, rule, way in checks:
        rows = long.loc[wrong, "row"].unique()
        if len(rows):
            faults.append(at_rows(source.file, "", rule, way, rows))
    return faults


def _twice(frame: pd.DataFrame) -> list[Fault]:
    """Return a fault for each file that gives an authority other neighbours than before."""
    key = ["vintage", "dfe_code", "rank"]
    kept = frame.drop_duplicates([*key, "neighbour_code", "closeness"])
    differ = kept[kept.duplicated(key)]
    rule = "an authority is given twice, with different neighbours"
    return [
        at_rows(str(file), "dfe_code", rule, "keep one of the rows", rows["row"].unique())
        for file, rows in differ.groupby("file")
    ]


def _once(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the frame without repeated rows, and how many each file has."""
    again = frame.duplicated(["vintage", "dfe_code", "rank"])
    count = frame[again].groupby("file")["dfe_code"].nunique()
    return frame[~again].copy(), {str(f): int(n) for f, n in count.items()}
