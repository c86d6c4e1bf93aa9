"""Cells of a table as values of their kind, decided on distinct texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs.inputs.ssda903.columns import Flags, TextColumn
from needs.inputs.ssda903.columns import parse as parse_903
from needs.inputs.ssda903.tables import Column as Column903
from needs.inputs.tables.declare import Column
from needs.inputs.tables.recognise import as_key
from needs.inputs.tabular import Texts
from needs.vocabulary.study import Study

__all__ = ["Cells", "parse"]

_FORMULA = "^[=@]|^#(N/A|REF!|VALUE!|DIV/0!|NAME\\?|NUM!|NULL!)"
_ROUNDED = r"^\d(\.\d+)?[eE]\+\d+$"
_TIME = r"[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?$"
_POSTCODE = r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$"
_SLUG = r"^[a-z][a-z0-9_]*$"
_NUMBER = r"^-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_TRUE, _FALSE = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")
_WRONG = {
    "date": "not a date that exists, as 2023-03-31 or 31/03/2023",
    "code": "not one of the allowed values",
    "boolean": "neither yes nor no",
    "integer": "not a whole number",
    "number": "not a number",
    "money": "not an amount of money",
    "slug": "not lower-case letters, digits and underscores, a letter first",
    "postcode": "not a full postcode",
    "period": "neither a reporting year, as 2022-23, nor a month, as 2023-05",
}
_MENDS = {
    "date": "write the day as 2023-03-31",
    "boolean": "write yes or no, or leave it blank where it is not known",
    "integer": "write digits alone",
    "number": "write digits and a decimal point",
    "money": "write pounds as digits and a decimal point",
    "slug": "write it as in ifa_share_2025",
    "postcode": "write the whole postcode, or leave it blank",
    "period": "write it as 2022-23 or 2023-05",
}


@dataclass(frozen=True)
class Cells:
    """A column with its values, and the rows that break a rule of their kind.

    Parameters
    ----------
    column : pandas.Series
    wrong : tuple of (ndarray of bool, str, str)
        Rows, rule and mend.
    ids : pandas.Index
        Private: for a column of kind ``child``, number -> identifier.
    """

    column: pd.Series
    wrong: tuple[tuple[Flags, str, str], ...] = ()
    ids: pd.Index | None = None


def parse(column: Texts, spec: Column, study: Study) -> Cells:
    """Return a column's values by its kind.

    Parameters
    ----------
    column : Texts
    spec : Column
        Its declaration.
    study : Study
        Settings that some allowed values come from.

    Returns
    -------
    Cells
        Dates as datetime64[ns]; numbers as float64; codes as a category of all allowed
        values; booleans as ``boolean``; a child and an id that is not kept as int32 numbers
        in the order of the ids, -1 blank; the rest as a category in alphabetical order.
    """
    formula = column.spread(_matches(column.texts, _FORMULA))
    rule, mend = "a formula, or the error of one, stands in the cell", "put its value there"
    wrong = [(formula, rule, mend)] if formula.any() else []
    made = _BY_KIND[spec.kind](column, spec, study)
    for rows, words, how in made.wrong:
        rest = rows & ~formula
        wrong += [(rest, words, how)] if rest.any() else []
    return Cells(made.column, tuple(wrong), made.ids)


def _wrong(
    column: Texts, of_texts: Flags, kind: str, mend: str = ""
) -> tuple[tuple[Flags, str, str], ...]:
    return ((column.spread(of_texts), _WRONG[kind], mend or _MENDS[kind]),)


def _matches(texts: Any, pattern: str) -> Flags:
    found = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return np.asarray(found, bool)


def _lookup(column: Texts, of_texts: npt.NDArray[np.float64]) -> pd.Series[float]:
    return pd.Series(np.append(of_texts, np.nan)[column.codes])


def _category(codes: npt.NDArray[np.integer], categories: list[str] | pa.Array) -> pd.Series:
    held = categories if isinstance(categories, list) else categories.to_pylist()
    dtype = pd.CategoricalDtype(pd.Index(held, dtype=object))
    return pd.Series(pd.Categorical.from_codes(cast("list[int]", codes), dtype=dtype))


def _merged(column: Texts, texts: pa.Array) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Return rows as numbers among the changed texts, which are put in order."""
    encoded = texts.dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary)
    rank = np.empty(len(order), np.int32)
    rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    spot = np.append(rank[encoded.indices.to_numpy(zero_copy_only=False)], np.int32(-1))
    return spot[column.codes], encoded.dictionary.take(order)


def _text(column: Texts, spec: Column, study: Study) -> Cells:
    # Runs of blanks become one; the lines of a longer text stay lines.
    codes, texts = _merged(column, pc.replace_substring_regex(column.texts, r"[^\S\n]+", " "))
    return Cells(_category(codes, texts))


def _id(column: Texts, spec: Column, study: Study) -> Cells:
    # Programs that take numbers for measurements write 1234.0.
    whole = pc.replace_substring_regex(column.texts, r"^(\d+)\.0$", r"\1")
    codes, texts = _merged(column, pc.utf8_upper(whole))
    rounded = column.spread(_matches(whole, _ROUNDED))
    mend = "format the column as text in the spreadsheet, and export it again"
    wrong = ((rounded, "a spreadsheet has rounded the identifier", mend),)
    if spec.numbered:
        ids = pd.Index(texts.to_pylist(), dtype=object) if spec.kind == "child" else None
        return Cells(pd.Series(codes, dtype="int32"), wrong, ids)
    return Cells(_category(codes, texts), wrong)


def _slug(column: Texts, spec: Column, study: Study) -> Cells:
    codes, texts = _merged(column, column.texts)
    wrong = _wrong(column, ~_matches(column.texts, _SLUG), "slug")
    return Cells(_category(codes, texts), wrong)


def _postcode(column: Texts, spec: Column, study: Study) -> Cells:
    clean = pc.utf8_upper(pc.replace_substring_regex(column.texts, r"\s+", ""))
    codes, texts = _merged(column, clean)
    return Cells(_category(codes, texts), _wrong(column, ~_matches(clean, _POSTCODE), "postcode"))


def _period(column: Texts, spec: Column, study: Study) -> Cells:
    clean = pc.replace_substring_regex(column.texts, r"^(\d{4})/(\d{2})$", r"\1-\2")
    part = pd.Series(clean.to_numpy(zero_copy_only=False), dtype=object).str.extract(
        r"^(\d{4})-(\d{2})$"
    )
    year, last = (pd.to_numeric(part[i], errors="coerce") for i in (0, 1))
    good = ((year + 1) % 100 == last) | last.between(1, 12)
    codes, texts = _merged(column, clean)
    return Cells(_category(codes, texts), _wrong(column, ~good.to_numpy(bool), "period"))


def _date(column: Texts, spec: Column, study: Study) -> Cells:
    days = pc.replace_substring_regex(column.texts, _TIME, "")
    plain = TextColumn(column.codes, np.asarray(days.to_numpy(zero_copy_only=False), object))
    found = parse_903(plain, Column903(spec.name, "date"))
    american = found.hint == "us_dates"
    mend = "these look like month/day/year: export them as 2023-03-31" if american else ""
    return Cells(found.cells, ((found.bad, _WRONG["date"], mend or _MENDS["date"]),))


def _code(column: Texts, spec: Column, study: Study) -> Cells:
    allowed = spec.allowed(study)
    keys = list(allowed)
    spot = {as_key(label): i for i, label in enumerate(allowed.values())}
    spot |= {as_key(key): i for i, key in enumerate(keys)}
    of_texts = np.array([spot.get(as_key(t), -1) for t in column.texts.to_pylist()], np.int32)
    mend = f"use one of: {', '.join(keys)}"
    wrong = _wrong(column, of_texts < 0, "code", mend)
    return Cells(_category(np.append(of_texts, -1)[column.codes], keys), wrong)


def _boolean(column: Texts, spec: Column, study: Study) -> Cells:
    lower = pc.utf8_lower(column.texts)
    true, false = (
        np.asarray(pc.is_in(lower, pa.array(w)).to_numpy(zero_copy_only=False), bool)
        for w in (_TRUE, _FALSE)
    )
    known = column.spread(true | false)
    values = pd.Series(pd.arrays.BooleanArray(column.spread(true), ~known))
    return Cells(values, _wrong(column, ~(true | false), "boolean"))


def _number(column: Texts, spec: Column, study: Study) -> Cells:
    texts = column.texts
    if spec.kind == "money":
        texts = pc.replace_substring_regex(texts, r"^\((.*)\)$", r"-\1")
        texts = pc.replace_substring_regex(texts, r"^(-?)\s*£\s*(-?)\s*", r"\1\2")
    if spec.unit.startswith("percent"):
        texts = pc.replace_substring_regex(texts, r"\s*%$", "")
    good = _matches(texts, _NUMBER)
    plain = pc.replace_substring(texts, ",", "")
    values = pc.cast(pc.if_else(pa.array(good), plain, None), pa.float64())
    numbers = values.fill_null(np.nan).to_numpy(zero_copy_only=False)
    if spec.kind == "integer":
        good = good & ~(numbers % 1 > 0)
        numbers = np.where(good, numbers, np.nan)
    return Cells(_lookup(column, numbers), _wrong(column, ~good, spec.kind))


_BY_KIND: Mapping[str, Callable[[Texts, Column, Study], Cells]] = {
    "child": _id,
    "id": _id,
    "slug": _slug,
    "text": _text,
    "postcode": _postcode,
    "period": _period,
    "date": _date,
    "code": _code,
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "money": _number,
}
