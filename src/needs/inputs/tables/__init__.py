"""The authority's own tables: one declaration a table, from which all else follows.

A table is declared once, in a TOML file of this folder: its columns, kinds, units, allowed
values and rules. From that come the schema that checks a file, the columns by which it is
recognised, the template that ``needs new-study`` writes, and the page of documentation.
"""

from __future__ import annotations

from needs.inputs.tables.declare import (
    NAMES,
    Column,
    Rule,
    TableSpec,
    Wide,
    code_lists,
    table_spec,
)

__all__ = ["NAMES", "Column", "Rule", "TableSpec", "Wide", "code_lists", "table_spec"]
