"""Columns of text as codes over their distinct values, and their parsing by kind.

Everything is decided on distinct values (some thousands) and spread to rows by index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs.inputs.ssda903.tables import Column, Kind
from needs.vocabulary.codes import CODE_SETS, code_set

__all__ = ["Parsed", "TextColumn", "TextTable", "parse"]

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_PART = re.compile(r"(?:\d{2}|ZZ)/(?:\d{2}|ZZ)/(?:\d{4}|ZZZZ)")
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")
_FORMULA = "^[=+@]"
_PUPIL = r"^[A-Z]\d{11}[A-Z0-9]$"
_ROUNDED = r"^\d(?:\.\d+)?E\+\d+$"
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_BLANK_WORDS = {"urn": {"NONE"}}
# Text that exporters write where a URN is blank.


@dataclass(frozen=True)
class TextColumn:
    """A column of text: position among distinct values for each row, -1 blank.

    Parameters
    ----------
    codes : ndarray of int32, shape (rows,)
    texts : ndarray of object, shape (distinct,)
        Trimmed, upper-cased, unique.
    """

    codes: Ints
    texts: Texts

    @classmethod
    def of(cls, codes: npt.NDArray[np.integer], texts: pa.Array) -> TextColumn:
        """Trim, upper-case and make blank texts blank; merge texts that become equal."""
        clean = pc.utf8_upper(pc.utf8_trim_whitespace(texts))
        clean = pc.if_else(pc.equal(clean, ""), None, clean).dictionary_encode()
        lookup = np.append(clean.indices.fill_null(-1).to_numpy(zero_copy_only=False), -1)
        unique = clean.dictionary.to_numpy(zero_copy_only=False)
        return cls(lookup.astype(np.int32)[codes], np.asarray(unique, dtype=object))

    @classmethod
    def from_texts(cls, texts: list[str]) -> TextColumn:
        """Return a column of plain texts."""
        encoded = pa.array(texts, pa.string()).dictionary_encode()
        return cls.of(encoded.indices.to_numpy(), encoded.dictionary)

    @classmethod
    def blank(cls, rows: int) -> TextColumn:
        """Return a column with nothing in it."""
        return cls(np.full(rows, -1, np.int32), np.empty(0, object))

    def take(self, rows: Flags | npt.NDArray[np.integer]) -> TextColumn:
        """Return some of its rows."""
        return TextColumn(self.codes[rows], self.texts)

    def spread(self, of_values: npt.NDArray[np.bool_]) -> Flags:
        """Return a mark of distinct values as a mark of rows; blank rows are not marked."""
        return np.append(of_values, False)[self.codes]

    @property
    def filled(self) -> Flags:
        """Rows that are not blank."""
        return self.codes >= 0

    def matching(self, pattern: str) -> Flags:
        """Return the rows whose text a regular expression finds."""
        found = pc.match_substring_regex(pa.array(self.texts, pa.string()), pattern)
        of_texts = np.asarray(found.to_numpy(zero_copy_only=False), bool)
        return self.spread(of_texts) if of_texts.any() else np.zeros(len(self.codes), bool)

    @cached_property
    def formula_rows(self) -> Flags:
        """Rows whose text a spreadsheet would run as a formula."""
        return self.matching(_FORMULA)

    @cached_property
    def pupil_rows(self) -> Flags:
        """Rows whose text has the form of a unique pupil number."""
        return self.matching(_PUPIL)

    @cached_property
    def rounded_rows(self) -> Flags:
        """Rows whose number a spreadsheet has rounded (``1.23E+09``)."""
        return self.matching(_ROUNDED)


@dataclass(frozen=True)
class TextTable:
    """A table of a file, still text.

    Parameters
    ----------
    table : str
        Our name of the table.
    file : str
        File name relative to the study's folder.
    columns : mapping of str to TextColumn
        By name in lower case; those that the file has.
    rows : ndarray of int32
        Row number of each row as a spreadsheet shows it.
    extra_n : int
        Columns of the file that the table does not know, kept out.
    counts : str
        What the row numbers count, where it is not the rows of a spreadsheet.
    """

    table: str
    file: str
    columns: dict[str, TextColumn]
    rows: Ints
    extra_n: int = 0
    counts: str = ""


@dataclass(frozen=True)
class Parsed:
    """A column with its values, the rows that could not be read, and a hint why.

    ``hint`` is empty, ``us_dates``, ``dates`` (a column of something else holds dates) or
    the name of the code list that the values belong to.
    """

    cells: pd.Series
    bad: Flags
    hint: str = ""


def _calendar(year: Ints, month: Ints, day: Ints, shape: Flags) -> npt.NDArray[np.datetime64]:
    """Return days, NaT where there is no such day between 1900 and 2099."""
    ok = shape & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    ok &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    ok &= days.astype("datetime64[M]") == months
    return np.where(ok, days, np.datetime64("NaT")).astype("datetime64[ns]")


def _dates(texts: Texts) -> tuple[npt.NDArray[np.datetime64], Flags, Flags]:
    """Return days (NaT where unreadable), which texts look like dates, which like US dates."""
    chars = np.asarray(texts, dtype="U11").reshape(-1, 1).view(np.uint32).astype(np.int32)
    digit = (chars >= 48) & (chars <= 57)

    def number(*places: int) -> Ints:
        total = np.zeros(len(chars), np.int32)
        for place in places:
            total = total * 10 + (chars[:, place] - 48)
        return total

    def shape(mark: str, *places: int) -> Flags:
        rest = [i for i in range(10) if i not in places]
        marks: Flags = (chars[:, places] == ord(mark)).all(axis=1)
        marks &= digit[:, rest].all(axis=1) & (chars[:, 10] == 0)
        return marks

    slashed, dashed = shape("/", 2, 5), shape("-", 4, 7)
    year, first, second = number(6, 7, 8, 9), number(0, 1), number(3, 4)
    days = _calendar(year, second, first, slashed)
    iso = _calendar(number(0, 1, 2, 3), number(5, 6), number(8, 9), dashed)
    american = ~np.isnat(_calendar(year, first, second, slashed)) & np.isnat(days)
    return np.where(dashed, iso, days), slashed | dashed, american


def _parse_date(column: TextColumn, *, parts: bool) -> Parsed:
    days, _, american = _dates(column.texts)
    unread = np.isnat(days)
    if parts:
        unread &= ~np.array([bool(_PART.fullmatch(v)) and "Z" in v for v in column.texts], bool)
    lookup = np.append(days, np.datetime64("NaT", "ns"))
    bad = column.spread(unread)
    us = int(column.spread(american).sum()) if bad.any() else 0
    hint = "us_dates" if us and us >= bad.sum() / 2 else ""
    return Parsed(pd.Series(lookup[column.codes]), bad, hint)


def _parse_number(column: TextColumn, *, flag: bool) -> Parsed:
    ok = np.array([bool(_NUMBER.fullmatch(v)) for v in column.texts], bool)
    number = np.array([float(v) if k else np.nan for v, k in zip(column.texts, ok, strict=True)])
    if flag:
        number = np.where(np.isin(number, (0, 1)), number, np.nan)
    lookup = np.append(number, np.nan).astype(float)
    bad = column.spread(np.isnan(number))
    mostly = bad.sum() > column.filled.sum() / 2
    return Parsed(pd.Series(lookup[column.codes]), bad, _looks_like(column) if mostly else "")


def _looks_like(column: TextColumn, own: str = "") -> str:
    """Return what most of the cells are instead: ``dates``, a code list, or nothing."""
    n = max(int(column.filled.sum()), 1)
    if column.spread(_dates(column.texts)[1]).sum() > n / 2:
        return "dates"
    for name in CODE_SETS:
        known = np.array([v in code_set(name) for v in column.texts], bool)
        if name != own and column.spread(known).sum() > 0.9 * n:
            return name
    return ""


def _categorical(codes: npt.NDArray[np.integer], categories: pd.Index) -> pd.Categorical:
    dtype = pd.CategoricalDtype(categories)
    return pd.Categorical.from_codes(cast("Sequence[int]", codes), dtype=dtype)


def _parse_code(column: TextColumn, codes: str) -> Parsed:
    known = list(code_set(codes).codes)
    spot = pd.Index(known).get_indexer(pd.Index(column.texts))
    unknown = np.flatnonzero(spot < 0)
    spot[unknown] = len(known) + np.arange(len(unknown))
    categories = pd.Index([*known, *column.texts[unknown]], dtype=object)
    lookup = np.append(spot, -1)
    bad = column.spread(np.isin(np.arange(len(column.texts)), unknown))
    made = _categorical(lookup[column.codes], categories)
    mostly = bad.sum() > column.filled.sum() / 2
    return Parsed(pd.Series(made), bad, _looks_like(column, codes) if mostly else "")


def _parse_text(column: TextColumn, name: str) -> Parsed:
    blank = np.array([v in _BLANK_WORDS.get(name, ()) for v in column.texts], bool)
    codes = np.where(column.spread(blank), -1, column.codes)
    made = _categorical(codes, pd.Index(column.texts, dtype=object))
    return Parsed(pd.Series(made), np.zeros(len(codes), bool))


def parse(column: TextColumn, spec: Column) -> Parsed:
    """Return the column's values by its kind.

    Parameters
    ----------
    column : TextColumn
    spec : Column
        Its kind (not ``child``) and code list.
    """
    kind: Kind = spec.kind
    if kind in ("date", "part_date"):
        return _parse_date(column, parts=kind == "part_date")
    if kind in ("flag", "number"):
        return _parse_number(column, flag=kind == "flag")
    if kind == "code":
        return _parse_code(column, spec.codes)
    return _parse_text(column, spec.name)
