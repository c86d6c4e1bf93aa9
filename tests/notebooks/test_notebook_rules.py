"""Notebooks call, show and say: what they may hold, read from the files themselves."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from needs.report.chapters import CHAPTERS

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

COMPUTING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
READERS = re.compile(r"read_(csv|excel|parquet|json|xml|table|text|bytes)|loadtxt|genfromtxt")
YEAR_ENDS = re.compile(r"\b(31 March|1 April)\b")  # what a reporting year is, not a finding
READABLE = re.compile(r"^[a-z]+(-[a-z0-9]+)*$")


def cells(notebook: Path, kind: str = "") -> list[dict[str, Any]]:
    held = json.loads(notebook.read_text("utf-8"))["cells"]
    return [c for c in held if kind in {"", c["cell_type"]}]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def is_parameters(cell: dict[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def broken(code: str) -> Iterator[str]:
    """Yield each thing that a code cell may not hold."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, COMPUTING):
            yield type(node).__name__
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "open" or READERS.fullmatch(called.rpartition(".")[2]):
                yield called
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and "/" in node.value:
                yield "a path"
            if isinstance(node.value, int | float) and not isinstance(node.value, bool):
                yield "a number"


def digits(markdown: str) -> list[str]:
    """Return the numbers of a text outside code and the targets of links."""
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", "", markdown, flags=re.DOTALL)
    return re.findall(r"\S*\d\S*", YEAR_ENDS.sub("", prose))


each = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)


def test_every_chapter_has_its_notebook_and_every_notebook_its_chapter():
    assert [n.name for n in NOTEBOOKS] == sorted(c.notebook for c in CHAPTERS.values())


@each
def test_one_parameter_that_is_the_study(notebook: Path):
    (cell,) = [c for c in cells(notebook, "code") if is_parameters(c)]
    (statement,) = ast.parse(source(cell)).body
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    names = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    assert [ast.unparse(n) for n in names] == ["study"]
    assert isinstance(ast.literal_eval(statement.value), str)


@each
def test_cells_neither_compute_nor_read_nor_hold_numbers_or_paths(notebook: Path):
    code = [source(c) for c in cells(notebook, "code") if not is_parameters(c)]
    assert {c: list(broken(c)) for c in code if list(broken(c))} == {}


@each
def test_no_number_is_typed_into_prose(notebook: Path):
    found = {c["id"]: digits(source(c)) for c in cells(notebook, "markdown")}
    assert {k: v for k, v in found.items() if v} == {}


@each
def test_nothing_of_a_run_is_kept(notebook: Path):
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in cells(notebook, "code"))
    kept = {key for c in cells(notebook) for key in c["metadata"]}
    assert kept <= {"tags"}
    assert "papermill" not in json.loads(notebook.read_text("utf-8"))["metadata"]


@each
def test_cell_ids_are_words_and_differ(notebook: Path):
    ids = [c["id"] for c in cells(notebook)]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not READABLE.match(i) or re.fullmatch(r"[0-9a-f]{8}", i)] == []


@each
def test_one_heading_of_the_first_order_opens_it(notebook: Path):
    first = cells(notebook)[0]
    assert first["cell_type"] == "markdown" and source(first).startswith("# ")
    heads = [h for c in cells(notebook, "markdown") for h in re.findall(r"^# ", source(c), re.M)]
    assert len(heads) == 1


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def f(): pass", "FunctionDef"),
        ("for x in y: pass", "For"),
        ("[a for a in b]", "ListComp"),
        ("pd.read_csv(study)", "pd.read_csv"),
        ("open(study)", "open"),
        ("show('inputs/x.csv')", "a path"),
        ("show(n=3)", "a number"),
    ],
)
def test_the_rules_see_what_they_forbid(code: str, what: str):
    assert what in list(broken(code))


def test_the_rules_let_calls_and_shows_pass():
    assert list(broken("chapter = open_chapter(study)\nchapter.show(trends, wide=True)")) == []
    assert digits(
        "see `figures.csv` and [the guide](https://x.example/2023) of 820 children on 31 March"
    ) == ["820"]
