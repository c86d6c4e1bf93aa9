"""For each table bad files with one clear error each, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from table_files import Row, another, as_csv, example

from needs.inputs.tables import NAMES, Column, TableSpec, table_spec
from needs.inputs.tables.reader import read
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study

pytestmark = pytest.mark.unit

Whole = tuple[str, bytes, str, str, tuple[int, ...]]
"""What is wrong, the file, and the column, words and rows of its one fault."""

Cells = tuple[str, dict[str, str], str, str]
"""What is wrong, the cells of a row, and the column and words of its one fault."""

HIDDEN = "ZQ7hidden"
UNREADABLE = {
    "date": "not a date",
    "code": "not one of the allowed values",
    "boolean": "neither yes nor no",
    "integer": "not a whole number",
    "number": "not a number",
    "money": "not an amount of money",
    "slug": "not lower-case letters",
    "postcode": "not a full postcode",
    "period": "neither a reporting year",
}


def whole_files(name: str, spec: TableSpec) -> Iterator[Whole]:
    good = as_csv(example(name), another(name))
    yield "empty", b"", "", "the file is empty", ()
    yield "pdf", b"%PDF-1.7 " + good, "", "this is a PDF", ()
    yield "broken workbook", b"PK\x03\x04" + good, "", "no workbook that can be read", ()
    yield "broken parquet", b"PAR1" + good, "", "Parquet file cannot be read", ()
    yield "cut short", good[:-1].rstrip(b",") + b",,,,\n", "", "more or fewer cells", (3,)
    yield "other columns", b"colour,size\n1,2\n", "", "has none of the columns", (1,)
    first = spec.required[0]
    short = {k: v for k, v in example(name).items() if k != first}
    # One whole other table may be left, which is then named.
    if name not in {"targets", "cited"}:
        yield f"no {first}", as_csv(short), first, "required column is missing", (1,)
    twice = good.replace(b"\n", f",{first}\n".encode(), 1).replace(b"\n", b",x\n")
    twice = twice.replace(b",x\n", b"\n", 1)
    yield f"{first} twice", twice, first, "two columns have this name", (1,)


def key_case(name: str, spec: TableSpec) -> Cells:
    plain = [c for c in spec.columns.values() if c.name not in spec.key and c.kind != "code"]
    changed = {
        "text": "something else",
        "date": "2030-01-01",
        "boolean": "yes",
        "integer": "3",
        "number": "1",
        "money": "7",
    }[plain[-1].kind]
    cells = example(name) | {plain[-1].name: changed}
    return "same key, other values", cells, spec.key[0], "two rows have the same"


def cell_cases(column: Column) -> Iterator[Cells]:
    c = column.name
    if column.kind in UNREADABLE:
        yield f"{c} unreadable", {c: HIDDEN + "!"}, c, UNREADABLE[column.kind]
    if column.kind != "child":
        yield f"{c} formula", {c: "=1+1"}, c, "a formula"
    if column.filled:
        yield f"{c} empty", {c: " "}, c, "the cell is empty"
    if column.maximum is not None:
        yield f"{c} too high", {c: f"{column.maximum + 1:.0f}"}, c, "outside"
    if column.minimum is not None:
        words = "below" if column.maximum is None else "outside"
        yield f"{c} too low", {c: f"{column.minimum - 1:.0f}"}, c, words
    if column.kind == "date":
        yield f"{c} no such day", {c: "2023-02-30"}, c, UNREADABLE["date"]


def rule_cases(name: str, spec: TableSpec) -> Iterator[Cells]:
    for rule in spec.rules:
        first, *rest = rule.columns
        if rule.kind == "order":
            wrong = ("9", "8") if first.startswith("age") else ("2031-01-02", "2031-01-01")
            cells = dict(zip(rule.columns, wrong, strict=True))
            yield f"{first} after {rest[0]}", cells, first, f"{first} lies after {rest[0]}"
        if rule.kind == "exactly_one":
            yield "both given", dict.fromkeys(rule.columns, "5"), first, "not exactly one"
            yield "neither given", dict.fromkeys(rule.columns, ""), first, "not exactly one"
        if rule.kind == "at_least_one":
            yield "none given", dict.fromkeys(rule.columns, ""), first, "none of"
        if rule.kind == "unit_fits":
            cells = dict(zip(rule.columns, ("homeless_seen", "nights"), strict=True))
            yield "people in nights", cells, first, "not counted in this unit"
        if rule.kind == "measure_fits":
            cells = {first: "rate_per_10k", rest[0]: "percent"}
            yield "a rate in per cent", cells, first, "none that this measure is given in"
        if rule.kind == "part_of":
            cells = {first: "fostering", rest[0]: "ifa"}
            yield "a whole of its part", cells, first, "of whom those counted are no part"
        if rule.kind == "share":
            yield "above 100", {first: "140", "unit": "percent"}, first, "outside 0 to 100"


def row_cases(name: str) -> list[Cells]:
    spec = table_spec(name)
    made = [key_case(name, spec), *rule_cases(name, spec)]
    for column in spec.columns.values():
        made += cell_cases(column)
    return made


def bad_row(name: str, case: Cells, number: int) -> Row:
    """Return a row with these cells, and nothing that they would disagree with."""
    spec = table_spec(name)
    ordered = {c for rule in spec.rules if rule.kind == "order" for c in rule.columns}
    alone = {c: "" for c in ordered if not spec.columns[c].filled}
    if name == "carers":
        alone["enquiry"] = "2021-02-03"  # one of the dates must be there
    return another(name, number) | alone | case[1]


def faults(made: Study, name: str) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        read(made, name)
    assert HIDDEN not in str(caught.value)
    return caught.value.faults


WHOLE = [(name, case) for name in NAMES for case in whole_files(name, table_spec(name))]


@pytest.mark.parametrize(("name", "case"), WHOLE, ids=[f"{n}: {c[0]}" for n, c in WHOLE])
def test_a_bad_file_is_one_clear_fault(study: Callable[..., Study], name: str, case: Whole):
    _, content, column, words, rows = case
    (fault,) = faults(study(**{name: {"bad.csv": content}}), name)
    assert (fault.file, fault.column) == (f"inputs/{name}/bad.csv", column)
    assert words in fault.rule and fault.mend
    assert fault.rows == rows


@pytest.mark.parametrize("name", NAMES)
def test_every_bad_row_of_a_file_is_said_at_once(study: Callable[..., Study], name: str):
    made = row_cases(name)
    assert len(made) >= 5
    rows = [bad_row(name, case, number) for number, case in enumerate(made, 1)]
    found = faults(study(**{name: {"bad.csv": as_csv(example(name), *rows)}}), name)
    for number, (what, _, column, words) in enumerate(made, 3):
        told = [f for f in found if f.column == column and words in f.rule and number in f.rows]
        assert len(told) == 1, what
    assert sum(f.row_count for f in found) == len(made)


@pytest.mark.parametrize("name", NAMES)
def test_each_bad_row_alone_is_one_fault(study: Callable[..., Study], name: str, long_form: bool):
    for case in row_cases(name) if long_form else row_cases(name)[:1]:
        content = as_csv(example(name), bad_row(name, case, 1))
        (fault,) = faults(study(**{name: {"bad.csv": content}}), name)
        assert (fault.column, fault.rows) == (case[2], (3,)), case[0]
        assert case[3] in fault.rule and fault.mend


def test_faults_of_all_files_come_at_once_and_hold_no_value(study: Callable[..., Study]):
    bad: Row = example("costs") | {"from": HIDDEN, "route": HIDDEN, "weekly_cost_gbp": "999999"}
    other = another("costs") | {"child_id": HIDDEN, "to": "2001-01-01"}
    files = {"a.csv": as_csv(bad), "b.csv": as_csv(other)}
    found = {(f.file[-5:], f.column) for f in faults(study(costs=files), "costs")}
    assert found == {
        ("a.csv", "from"),
        ("a.csv", "route"),
        ("a.csv", "weekly_cost_gbp"),
        ("b.csv", "from"),
    }


def test_a_file_of_another_table_is_named_as_such(study: Callable[..., Study]):
    (fault,) = faults(study(costs={"x.csv": as_csv(example("provision"))}), "costs")
    assert "looks like a file of provision" in fault.rule and "inputs.provision" in fault.mend


def test_a_key_twice_in_two_files_is_found_in_the_second(study: Callable[..., Study]):
    files = {
        "a.csv": as_csv(example("costs")),
        "b.csv": as_csv(another("costs"), example("costs") | {"weekly_cost_gbp": "1"}),
    }
    (fault,) = faults(study(costs=files), "costs")
    assert (fault.file, fault.rows) == ("inputs/costs/b.csv", (3,))


def test_a_yearly_amount_is_taken_for_one(study: Callable[..., Study]):
    row = example("costs") | {"weekly_cost_gbp": "218,400.00"}
    (fault,) = faults(study(costs={"a.csv": as_csv(row)}), "costs")
    assert "amount_gbp" in fault.mend


def test_a_name_that_stands_for_two_providers_is_found(study: Callable[..., Study]):
    other = another("providers") | {"alias": example("providers")["alias"]}
    content = as_csv(example("providers"), other)
    (fault,) = faults(study(providers={"a.csv": content}), "providers")
    assert (fault.column, fault.rows) == ("alias", (2, 3))
