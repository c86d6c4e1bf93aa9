"""What a person needs to fill in a table: a template and a page of documentation."""

from __future__ import annotations

import csv
import io

from needs.inputs.tables.declare import NAMES, Column, TableSpec, code_lists, table_spec
from needs.inputs.tables.rules import broken_rules
from needs.vocabulary.units import UNITS

__all__ = ["page", "section", "template"]

_KINDS = {
    "child": "identifier of a child",
    "id": "identifier",
    "slug": "slug",
    "text": "text",
    "postcode": "postcode",
    "period": "period",
    "date": "date",
    "boolean": "yes or no",
    "integer": "whole number",
    "number": "number",
    "money": "pounds",
}
_SETTINGS = {
    "setting:assessment.domains": "the domains of `[assessment]` in study.toml",
    "setting:categories.types": "the placement types of the study, such as `ifa`",
    "setting:targets.whom": "`all`, `entries`, `without_uasc`, a group or type of placements of "
    "the study, such as `fostering`, `fostering_in_house` or `ifa`, `fostering_unrelated`, "
    "`homes`, or where children live: `outside`, `over_20_miles`, "
    "`outside_over_20_miles`, `outside_or_over_20_miles`",
    "dfe:ACCOM": "the DfE accommodation codes of the return (OC3)",
    "dfe:ACTIV": "the DfE activity codes of the return (OC3)",
    "dfe:IN_TOUCH": "the DfE codes for contact of the return (OC3)",
    "units": "the units of `needs`, such as `percent`, `children`, `gbp_week`",
}

_TOP = """\
# The authority's own tables

This page is made from the declarations in `src/needs/inputs/tables`: `needs inputs` prints it.

- Every table is optional. A chapter that lacks one says so, and the rest runs.
- Put the files into the study's folder and name them in `study.toml`, section `[inputs]`, such as
  `costs = ["inputs/costs/*"]`. Files may be CSV, Excel (`.xlsx`) or Parquet, one or several.
- The first row holds the names of the columns, in any order; capitals and spaces do not matter.
  `needs new-study` writes an empty form of each table into `input-templates/`.
- Columns that are not listed here are kept out, and counted. Rows that say word for word what
  another row says are kept once, and counted. Two rows of one key that differ are a fault.
- Write dates as `2023-03-31` or `31/03/2023`; yes or no as `yes` or `no`; money as digits, with or
  without `£` and commas; periods as `2022-23` (reporting year) or `2023-05` (month).
- A blank cell means not known. It never becomes nought or no.
- Faults are named with file, column, row and mend, all at once, and never with what the cell holds.
"""


def template(name: str) -> str:
    """Return the template of a table: CSV, the names of its columns and one example."""
    columns = table_spec(name).columns.values()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in columns])
    writer.writerow([c.example for c in columns])
    return out.getvalue()


def _holds(column: Column) -> str:
    if column.codes:
        return _allowed(column)
    words = [_KINDS[column.kind]]
    unit = UNITS.get(column.unit)
    if unit and column.kind != "money":
        words = [f"{words[0]}, {unit.label}"]
    elif column.unit == "gbp_week":
        words = ["pounds a week"]
    elif column.unit:
        words = [f"{words[0]}, {unit.label if unit else column.unit}"]
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        words.append(f"{low:,g} to {high:,g}")
    elif low is not None:
        words.append(f"from {low:,g}")
    if column.range_setting:
        words.append(f"on the scale of `[{column.range_setting}]` in study.toml")
    return "; ".join(words)


def _allowed(column: Column) -> str:
    if column.codes in _SETTINGS:
        return f"one of {_SETTINGS[column.codes]}"
    return f"one of {', '.join(f'`{key}`' for key in code_lists()[column.codes])}"


def _needed(column: Column) -> str:
    if not column.required:
        return "optional"
    return "required" if column.filled else "required, may be blank"


def section(name: str) -> str:
    """Return the documentation of one table, as Markdown."""
    spec = table_spec(name)
    lines = [
        f"## {spec.title} (`{name}`)",
        "",
        spec.about,
        "",
        f"A row is named by {_named(spec.key)}.",
        "",
        "| column | needed | holds | meaning | example |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{c.name}` | {_needed(c)} | {_holds(c)} | {c.about} | {_example(c)} |"
        for c in spec.columns.values()
    ]
    return "\n".join([*lines, *_rules(spec)]) + "\n"


def _example(column: Column) -> str:
    return f"`{column.example}`" if column.example else ""


def _named(columns: tuple[str, ...]) -> str:
    words = [f"`{c}`" for c in columns]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _rules(spec: TableSpec) -> list[str]:
    said = [f"- {words}" for words in broken_rules(spec)]
    if spec.blank_is_no_row:
        said.append(f"- (no fault: left out and counted) {_named(spec.blank_is_no_row)} is blank")
    other = [f"`{a}` for `{c.name}`" for c in spec.columns.values() for a in c.aliases]
    names = ["", f"Other names taken: {', '.join(other)}."] if other else []
    return ["", "A row is at fault where:", "", *said, *names]


def page() -> str:
    """Return the documentation of every table, as Markdown."""
    return "\n".join([_TOP, *(section(name) for name in NAMES)])
