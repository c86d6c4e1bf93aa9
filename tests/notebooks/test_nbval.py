"""Each chapter runs with plain papermill, and runs again to exactly the same outputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDY = ROOT / "analysis" / "oxfordshire-published"


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
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_chapter_runs_and_repeats_its_outputs_exactly(notebook: Path, tmp_path: Path):
    executed = tmp_path / notebook.name
    papermill.execute_notebook(
        notebook, executed, parameters={"study": str(STUDY)}, progress_bar=False, cwd=tmp_path
    )
    shown = [c for c in nbformat.read(executed, 4).cells if c.get("outputs")]
    assert shown, "the chapter shows nothing"
    done = nbval(executed)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize(("kept", "code"), [("2\n", 0), ("3\n", 1)])
def test_comparison_sees_an_output_that_differs(tmp_path: Path, kept: str, code: int):
    output = new_output("stream", name="stdout", text=kept)
    cell = new_code_cell("print(1 + 1)", execution_count=1, outputs=[output])
    path = tmp_path / "sum.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    assert nbval(path).returncode == code
