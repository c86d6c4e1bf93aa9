"""Each chapter runs with plain papermill, and runs again to exactly the same outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDY = ROOT / "analysis" / "oxfordshire-published"
QUICK = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "support" / "quick")}
"""What a process imports that checks notebooks, less what takes seconds and checks nothing here."""


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook's cells again and compare every output with the one it holds."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"),
            *("-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(notebook.parent)),
            str(notebook),
        ],
        cwd=notebook.parent,
        capture_output=True,
        text=True,
        check=False,
        env=QUICK,
    )


@dataclass(frozen=True)
class Replay:
    """How a chapter was executed by papermill's own command, and then run again."""

    executed: subprocess.CompletedProcess[str]
    shown: int
    again: subprocess.CompletedProcess[str] | None


def replay(notebook: Path, folder: Path) -> Replay:
    """Execute a chapter in a folder, and run what came out again."""
    folder.mkdir()
    out = folder / notebook.name
    words = ("-m", "papermill", str(notebook), str(out), "-p", "study", str(STUDY))
    done = subprocess.run(
        [sys.executable, *words, "--no-progress-bar"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=QUICK,
    )
    if done.returncode:
        return Replay(done, 0, None)
    shown = [c for c in nbformat.read(out, 4).cells if c.get("outputs")]
    return Replay(done, len(shown), nbval(out))


@pytest.fixture(scope="module")
def replays(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Replay]]]:
    """Every chapter asked for, two at a time: a kernel fills no more than one processor."""
    folder = tmp_path_factory.mktemp("replays")
    items = [i for i in request.session.items if isinstance(i, pytest.Function)]
    asked = {i.callspec.params.get("chapter") for i in items if hasattr(i, "callspec")}
    with ThreadPoolExecutor(2) as pool:
        chosen = [n for n in NOTEBOOKS if n.stem in asked]
        yield {n.stem: pool.submit(replay, n, folder / n.stem) for n in chosen}


@pytest.mark.parametrize("chapter", [n.stem for n in NOTEBOOKS])
def test_chapter_runs_and_repeats_its_outputs_exactly(
    chapter: str, replays: dict[str, Future[Replay]]
):
    found = replays[chapter].result()
    assert found.executed.returncode == 0, found.executed.stderr[-4000:]
    assert found.shown, "the chapter shows nothing"
    assert found.again is not None
    assert found.again.returncode == 0, found.again.stdout[-4000:]


@pytest.mark.parametrize(("kept", "code"), [("2\n", 0), ("3\n", 1)])
def test_comparison_sees_an_output_that_differs(tmp_path: Path, kept: str, code: int):
    output = new_output("stream", name="stdout", text=kept)
    cell = new_code_cell("print(1 + 1)", execution_count=1, outputs=[output])
    path = tmp_path / "sum.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    assert nbval(path).returncode == code
