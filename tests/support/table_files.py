"""Rows of the authority's tables, made from their declarations, and files of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence

import openpyxl
import pyarrow as pa
from pyarrow import parquet

from needs.inputs.tables import Column, TableSpec, table_spec

Row = Mapping[str, str]


def example(name: str) -> dict[str, str]:
    """Return the row of the template."""
    return {c.name: c.example for c in table_spec(name).columns.values()}


def another(name: str, number: int = 1) -> dict[str, str]:
    """Return a further row that is as right as the template's, and has a key of its own."""
    row = example(name)
    for column in table_spec(name).columns.values():
        value = row[column.name]
        if value and column.kind in {"child", "id", "slug", "text"}:
            row[column.name] = f"{value}b{number}"
        if value and column.kind == "postcode":
            row[column.name] = f"OX2 2{chr(65 + number // 26)}{chr(65 + number % 26)}"
    if name == "edge_of_care":
        row["period"] = f"{2029 + number}-{(30 + number) % 100:02d}"
    if name in {"allowances", "placement_budget"}:
        row["period"] = f"{1999 + number}-{number % 100:02d}"
    return row


def as_csv(*rows: Row) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _typed(column: Column | None, text: str) -> object:
    """Return a cell as a program that knows types would keep it."""
    if not text or column is None:
        return text or None
    if column.kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.date.fromisoformat(text)
    if column.kind in {"number", "money"} and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if column.kind == "integer" and text.isdigit():
        return int(text)
    if column.kind == "boolean" and text in {"yes", "no"}:
        return text == "yes"
    return text


def cells(spec: TableSpec, rows: Sequence[Row]) -> list[list[object]]:
    return [[_typed(spec.columns.get(k), v) for k, v in row.items()] for row in rows]


def as_xlsx(name: str, *rows: Row) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for line in cells(table_spec(name), rows):
        sheet.append(line)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(name: str, *rows: Row) -> bytes:
    columns = zip(*cells(table_spec(name), rows), strict=True)
    table = pa.table({k: pa.array(list(c)) for k, c in zip(rows[0], columns, strict=True)})
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()
