"""The house keeps its shape: who imports whom, and how long a module or function may be."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

SOURCE = Path(__file__).resolve().parents[1] / "src" / "needs"
MODULE_LINES, FUNCTION_LINES = 400, 60

ANALYSIS = {"care", "profiles", "forecast", "costs", "sufficiency"}
MAY_IMPORT = {
    "vocabulary": set(),
    "templates": set(),  # files that a new study starts from
    "inputs": {"vocabulary"},
    "synthetic": {"vocabulary", "inputs"},
    "care": {"vocabulary"},
    "profiles": {"vocabulary", "care"},
    "forecast": {"vocabulary", "care"},
    "costs": {"vocabulary", "care", "profiles"},
    "sufficiency": {"vocabulary", *ANALYSIS},
    "assurance": {"vocabulary", *ANALYSIS},
    "report": {"vocabulary", "inputs", "synthetic", "assurance", *ANALYSIS},
    # The command line reads, checks and scaffolds studies; it computes nothing itself.
    "cli": {"vocabulary", "inputs", "synthetic", "report", "templates"},
}

MODULES = sorted(p for p in SOURCE.rglob("*.py"))


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def room(path):
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def imported_rooms(path):
    """Yield line and room of every import of ours, those inside functions too."""
    for node in ast.walk(tree(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, "a relative import"
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module else []
        for name in names:
            parts = name.split(".")
            if parts[0] == "needs" and len(parts) > 1 and parts[1] != "__version__":
                yield node.lineno, parts[1]


def name(path):
    return path.relative_to(SOURCE).as_posix()


def test_every_room_is_known():
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert rooms <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_room_imports_only_what_lies_below_it(path):
    here = room(path)
    allowed = {here, *MAY_IMPORT.get(here, set())}
    wrong = [
        f"line {line}: {other}" for line, other in imported_rooms(path) if other not in allowed
    ]
    assert wrong == []


def test_the_reader_of_imports_sees_them_inside_functions(tmp_path, monkeypatch):
    (tmp_path / "care").mkdir()
    module = tmp_path / "care" / "x.py"
    module.write_text(
        "def f():\n    from needs.inputs.files import resolve\n    import needs.cli\n"
    )
    assert list(imported_rooms(module)) == [(2, "inputs"), (3, "cli")]


def length(function):
    """Return the lines of a function, its docstring left out: a full one is asked for."""
    first, last = function.body[0], function.end_lineno
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    words = first.end_lineno - first.lineno + 1 if is_docstring else 0
    return last - function.lineno + 1 - words


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_are_short(path):
    lines = len(path.read_text("utf-8").splitlines())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [n for n in ast.walk(tree(path)) if isinstance(n, kinds)]
    lengths = {f"{f.name}, line {f.lineno}": length(f) for f in functions}
    assert lines <= MODULE_LINES
    assert {f: n for f, n in lengths.items() if n > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_report_and_the_command_line_print(path):
    """An analysis that prints would show numbers that disclosure control has not seen."""
    if room(path) in {"report", "cli"}:
        return
    calls = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Call)]
    assert [c.lineno for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"] == []
