"""Typed cells as the text a person would have typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["FORMULA", "cell_text", "number_text", "text_of"]

FORMULA = "="
"""First character of a formula; stands in the place of one that is more than its text."""


def number_text(value: float) -> str:
    """Return a number without exponent, and without decimals where it has none.

    Examples
    --------
    >>> number_text(1234567.0), number_text(1e12), number_text(0.1)
    ('1234567', '1000000000000', '0.1')
    """
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def cell_text(value: object, number_format: str = "") -> str | None:
    """Return the text of a cell of a workbook, None where it is blank.

    Parameters
    ----------
    value : object
        As openpyxl reads it, formulas as formulas.
    number_format : str
        A number shown as a per cent is a hundredth of what a person sees.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{Decimal(repr(value)) * 100:f}"
        return number_text(value) if isinstance(value, float) else str(value)
    if isinstance(value, dt.date | dt.time):
        return str(value)
    return FORMULA


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column of a Parquet file as text; None where its values are not plain."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_floating(kind):
        return _floats(column)
    plain = (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    )
    return column.cast(pa.string()) if plain else None


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    encoded = pc.if_else(pc.is_nan(column), None, column).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    finite = [
        number_text(v) if abs(v) != float("inf") else str(v) for v in encoded.dictionary.to_pylist()
    ]
    texts = pa.array(finite, pa.string())
    return pa.chunked_array([texts.take(encoded.indices)])
