"""Figures typed from published documents: read, recognise, check, report every fault at once.

Three kinds of CSV file are recognised by their columns, not by their names: figures
(:data:`COLUMNS`) and, optionally, the list of documents (:data:`DOCUMENT_COLUMNS`) and how
numbers follow from others (:data:`needs.inputs.published_relations.RELATION_COLUMNS`).
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from needs.inputs import published_relations
from needs.inputs.files import resolve
from needs.inputs.published_relations import RELATION_COLUMNS
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.records import Published
from needs.vocabulary.study import Study
from needs.vocabulary.units import UNITS

__all__ = ["COLUMNS", "DOCUMENT_COLUMNS", "SCHEMA", "parse_printed", "read"]

COLUMNS = (
    "figure",
    "document",
    "place",
    "table",
    "area",
    "period",
    "measure",
    "group",
    "by",
    "value",
    "printed",
    "unit",
    "note",
)
DOCUMENT_COLUMNS = ("id", "title", "date", "publisher")
KINDS = {"figures": COLUMNS, "documents": DOCUMENT_COLUMNS, "relations": RELATION_COLUMNS}

_SLUG = r"^[a-z][a-z0-9_]*$"
_SLUG_OR_EMPTY = r"^([a-z][a-z0-9_]*)?$"
_PERIOD = r"^\d{4}(-\d{2}(-\d{2})?|-\d{4})?$"
_PRINTED = re.compile(
    r"^(?P<sign>-)?£?\s*(?P<inner>-)?(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)\s*"
    r"(?P<scale>k|m)?\s*(?:%|per cent|st|nd|rd|th)?$",
    re.IGNORECASE,
)
_WORDS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve".split(),
        range(13),
        strict=True,
    )
)
_SCALE = {"k": 1e3, "m": 1e6}
_UNIT_SCALE = {"gbp_k": 1e3, "gbp_m": 1e6}


def _matches(pattern: str, rule: str) -> pa.Check:
    return pa.Check.str_matches(pattern, error=rule)


def _filled(rule: str) -> pa.Check:
    return pa.Check(lambda s: s.str.strip() != "", error=rule)


def _number(s: pd.Series[str]) -> pd.Series[bool]:
    return pd.to_numeric(s, errors="coerce").notna()


SCHEMA = pa.DataFrameSchema(
    {
        "figure": pa.Column(
            str, _matches(_SLUG, "not a slug of lower-case letters, digits and underscores")
        ),
        "document": pa.Column(str, _filled("empty")),
        "place": pa.Column(str, _filled("empty")),
        "table": pa.Column(str, _matches(_SLUG_OR_EMPTY, "not a slug, nor empty")),
        "area": pa.Column(str, _filled("empty")),
        "period": pa.Column(
            str, _matches(_PERIOD, "not a period such as 2023, 2022-23, 2023-03 or 2023-03-31")
        ),
        "measure": pa.Column(str, _matches(_SLUG, "not a slug")),
        "group": pa.Column(str, _matches(_SLUG, "not a slug")),
        "by": pa.Column(str, _matches(_SLUG_OR_EMPTY, "not a slug, nor empty")),
        "value": pa.Column(str, pa.Check(_number, error="not a number")),
        "printed": pa.Column(str, _filled("empty")),
        "unit": pa.Column(str, pa.Check.isin(list(UNITS), error="not a known unit")),
        "note": pa.Column(str),
    }
)
"""Schema of the figures, while they are still text."""

_MENDS = {
    "figure": "give each figure its own slug, such as d004_table_1_children_n_2022_23",
    "document": "write the short id of the document",
    "place": "write the section, table, page or paragraph",
    "area": "write the ONS code of the area, or a slug for a group of areas",
    "period": "write the year, reporting year, month or day",
    "value": "write digits and a decimal point only",
    "printed": "copy the number exactly as the document prints it",
    "unit": f"use one of: {', '.join(UNITS)}",
}
_MEND_SLUG = "use lower-case letters, digits and underscores, a letter first"


def parse_printed(printed: pd.Series[str], unit: pd.Series[str]) -> pd.Series[float]:
    """Return the numbers that printed texts stand for, in their units.

    Parameters
    ----------
    printed : Series of str
        Such as ``14%``, ``£4,200``, ``£36k``, ``51st``, ``seven`` or ``-0.3``.
    unit : Series of str
        Keys of :data:`needs.vocabulary.units.UNITS`. ``k`` and ``m`` are multiplied out,
        then counted in the unit: ``£36k`` is 36 in ``gbp_k`` and 36,000 in ``gbp``.

    Returns
    -------
    Series of float
        NaN where the text is not a number.

    Examples
    --------
    >>> parse_printed(pd.Series(["£36k", "£4,200"]), pd.Series(["gbp_k", "gbp_week"])).tolist()
    [36.0, 4200.0]
    """
    text = printed.str.strip().str.lower()
    part = text.str.extract(_PRINTED)
    digits = pd.to_numeric(part["digits"].str.replace(",", "", regex=False), errors="coerce")
    sign = part[["sign", "inner"]].notna().any(axis=1).map({True: -1.0, False: 1.0})
    scale = part["scale"].map(_SCALE).fillna(1.0)
    base = unit.map(_UNIT_SCALE).fillna(1.0).where(part["scale"].notna(), 1.0)
    return (sign * digits * scale / base).fillna(text.map(_WORDS)).astype(float)


def _rows_of(index: pd.Index) -> tuple[int, ...]:
    """Return row numbers as a spreadsheet shows them."""
    return tuple(sorted(int(i) + 2 for i in index))


def _fault(file: str, column: str, rule: str, mend: str, index: pd.Index) -> Fault:
    rows = _rows_of(index)
    return Fault(file, rule, mend, column=column, rows=rows[:8], row_count=len(rows))


def _text_of(path: Path) -> str:
    """Return the file's text, or raise the one fault that stops it from being read."""
    raw = path.read_bytes()
    if not raw.strip():
        rule, mend = "the file is empty", "put the file's contents back, or take it out"
    elif b"\0" in raw:
        rule, mend = "not a text file", "save it as CSV (UTF-8)"
    else:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            rule, mend = "not UTF-8 text", "save it as CSV (UTF-8)"
    raise InputError("a published file cannot be read", [Fault(path.name, rule, mend)])


def _frame_of(path: Path) -> pd.DataFrame:
    """Return the file as a frame of text; every row has as many cells as the header."""
    try:
        lines = list(csv.reader(io.StringIO(_text_of(path), newline=""), strict=True))
    except csv.Error:
        fault = Fault(path.name, "quotes do not close", "check the quotes, or save it again as CSV")
        raise InputError("a published file cannot be read", [fault]) from None
    header, body = [c.strip() for c in lines[0]], [r for r in lines[1:] if r]
    if len(set(header)) < len(header):
        fault = Fault(path.name, "two columns have the same name", "take one of them out")
        raise InputError("a published file cannot be read", [fault])
    ragged = [i for i, r in enumerate(body) if len(r) != len(header)]
    if ragged:
        mend = "put quotes round a cell that holds a comma, or complete a row that was cut short"
        fault = _fault(path.name, "", "more or fewer cells than the header", mend, pd.Index(ragged))
        raise InputError("a published file cannot be read", [fault])
    return pd.DataFrame(body, columns=header, dtype=str)


def _recognise(file: str, columns: set[str]) -> str:
    """Return the kind of file, or raise what is missing from the nearest one."""
    kinds = {k: set(v) for k, v in KINDS.items()}
    for kind, needed in kinds.items():
        if needed <= columns:
            return kind
    near = max(kinds, key=lambda k: len(kinds[k] & columns) / len(kinds[k]))
    mend = "use the columns of the bundled study's files, in any order"
    if not kinds[near] & columns:
        rule = "columns not recognised as figures, documents or relations"
        faults = [Fault(file, rule, mend)]
    else:
        missing = sorted(kinds[near] - columns)
        faults = [Fault(file, "required column is missing", mend, column=c) for c in missing]
    raise InputError("a published file is not recognised", faults)


def _schema_faults(file: str, frame: pd.DataFrame) -> list[Fault]:
    """Return one fault for each column and rule of the schema that is broken."""
    try:
        SCHEMA.validate(frame, lazy=True)
    except SchemaErrors as e:
        cases = e.failure_cases
        return [
            _fault(
                file, str(column), str(rule), _MENDS.get(str(column), _MEND_SLUG), pd.Index(g.index)
            )
            for (column, rule), g in cases.set_index("index").groupby(["column", "check"])
        ]
    return []


def _figure_faults(file: str, frame: pd.DataFrame, documents: set[str]) -> list[Fault]:
    """Return every fault of one file of figures."""
    faults = _schema_faults(file, frame)
    known = frame["unit"].isin(list(UNITS)) & (frame["printed"].str.strip() != "")
    number = parse_printed(frame["printed"], frame["unit"])
    value = pd.to_numeric(frame["value"], errors="coerce")
    unread = frame.index[known & number.isna()]
    if len(unread):
        rule, mend = "the printed text is not a number", _MENDS["printed"]
        faults.append(_fault(file, "printed", rule, mend, unread))
    both = known & number.notna() & value.notna()
    differ = frame.index[both & ((number - value).abs() > 1e-9 * number.abs().clip(lower=1.0))]
    if len(differ):
        rule = "value is not what the printed text says"
        faults.append(_fault(file, "value", rule, "correct the value or the text", differ))
    strangers = frame.index[~frame["document"].isin(documents)] if documents else pd.Index([])
    if len(strangers):
        mend = "add the document to the list of documents"
        faults.append(
            _fault(file, "document", "not in the list of documents", mend, pd.Index(strangers))
        )
    return faults


def _repeats(named: list[tuple[str, pd.DataFrame]], column: str) -> list[Fault]:
    """Return a fault for each file that repeats an id, in itself or from another file."""
    ids = pd.concat([f[[column]].assign(file=name, row=f.index) for name, f in named])
    again = ids[ids.duplicated(column) & (ids[column] != "")]
    mend = "give each its own id, or take the repeat out"
    return [
        _fault(str(name), column, "id used before", mend, pd.Index(g["row"]))
        for name, g in again.groupby("file")
    ]


def _load(study: Study) -> dict[str, list[tuple[str, pd.DataFrame]]]:
    """Return the files by kind; what stops any of them is raised together."""
    found: dict[str, list[tuple[str, pd.DataFrame]]] = {kind: [] for kind in KINDS}
    faults: list[Fault] = []
    for path in resolve(study, "published"):
        try:
            frame = _frame_of(path)
            kind = _recognise(path.name, set(frame.columns))
        except InputError as e:
            faults.extend(e.faults)
            continue
        found[kind].append((path.name, frame[list(KINDS[kind])]))
    if not faults and not found["figures"]:
        mend = f"add a file with the columns {', '.join(COLUMNS)}"
        faults.append(Fault("inputs.published", "no file of figures", mend))
    if faults:
        raise InputError("published figures cannot be read", faults)
    return found


def read(study: Study) -> Published:
    """Read the figures that a study has typed from published documents.

    Parameters
    ----------
    study : Study
        ``inputs.published`` names the files.

    Returns
    -------
    Published
        ``figures`` in the order of the files, ``value`` as float; ``documents`` sorted by id;
        ``relations`` in the order of the files.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, slugs, unknown unit, a value that is
        no number or not what the printed text says, a repeated id, an unlisted document.
    """
    found = _load(study)
    empty = pd.DataFrame(columns=list(DOCUMENT_COLUMNS), dtype=str)
    documents = pd.concat([empty, *(f for _, f in found["documents"])], ignore_index=True)
    faults = _repeats(found["figures"], "figure")
    if found["documents"]:
        faults += _repeats(found["documents"], "id")
    listed = set(documents["id"])
    for name, frame in found["figures"]:
        faults += _figure_faults(name, frame, listed)
    ids = {i for _, f in found["figures"] for i in f["figure"]}
    for name, frame in found["relations"]:
        faults += published_relations.faults(name, frame, ids)
    if faults:
        raise InputError("published figures are not as they should be", faults)
    figures = pd.concat([f for _, f in found["figures"]], ignore_index=True)
    figures["value"] = figures["value"].astype(float)
    none = pd.DataFrame(columns=list(RELATION_COLUMNS), dtype=str)
    relations = pd.concat([none, *(f for _, f in found["relations"])], ignore_index=True)
    return Published(figures, documents.sort_values("id", ignore_index=True), relations)
