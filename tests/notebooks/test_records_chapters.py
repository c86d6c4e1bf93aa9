"""Chapters 50 and 90 run on a study of records, and what they show is published whole."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nbformat
import papermill
import pytest

from needs.vocabulary.released import MIME, ReleasedResult

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).resolve().parents[2]


def _authority():
    """Return the maker of small authorities that the forecast tests use."""
    path = ROOT / "tests" / "forecast" / "conftest.py"
    spec = importlib.util.spec_from_file_location("forecast_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    maker = _authority()
    kinds = {maker.IFA: 60, maker.HOME: 30, maker.SUPPORTED: 25, maker.PARENTS: 3}
    counts = {
        f"{2017 + i}-03-31": {k: n + (i if n > 20 else 0) for k, n in kinds.items()}
        for i in range(7)
    }
    return maker._write(tmp_path_factory.mktemp("records"), counts)


def shown(notebook: str, study: Path, tmp_path: Path) -> dict[str, ReleasedResult]:
    out = tmp_path / notebook
    papermill.execute_notebook(
        ROOT / "notebooks" / notebook,
        out,
        parameters={"study": str(study)},
        progress_bar=False,
        cwd=tmp_path,
    )
    outputs = [o for c in nbformat.read(out, 4).cells for o in c.get("outputs", [])]
    blocks = [ReleasedResult.from_json(o["data"][MIME]) for o in outputs if MIME in o["data"]]
    return {b.name: b for b in blocks}


def test_chapter_50_forecasts_from_records(study, tmp_path, long_form):
    if not long_form:
        pytest.skip("long form: make validate; the chapter is run on other records as well")
    found = shown("50-demand.ipynb", study, tmp_path)
    assert all(b.sentences for n, b in found.items() if n in {"ahead_total", "ahead_each"})
    assert found["ahead_total"].charts and found["ahead_demand"].charts
    held = {r.id: r for r in found["ahead_each"].rows}
    assert held["ahead_each.total_n.last_value.2028-03-31"].value == str(118 + 3 * 6)

    ahead = [n for n in found if n.startswith("ahead_")]
    assert {"ahead_total", "ahead_demand", "ahead_methods", "ahead_past"} <= set(ahead)
    assert {"ahead_leavers", "ahead_places", "ahead_assumptions"} <= set(ahead)
    told = {r.id: r for r in found["ahead_demand"].rows}
    # Three children today are hidden, and what is forecast from them with them.
    hidden = [r for i, r in told.items() if ".parents." in i and "2023" not in i]
    assert hidden and all(
        r.marker == "c" for r in hidden if r.id.split(".")[-1] >= "2024" and "_n" in r.id
    )
    parts = [told[f"ahead_demand.projected_n.{g}.2028-03-31"].value for g in ("ifa", "all")]
    assert all(parts) and int(parts[0]) < int(parts[1])


def test_chapter_90_says_what_counts_rest_on(study, tmp_path):
    found = shown("90-annexes.ipynb", study, tmp_path)
    assert {"annex_category_map", "annex_rules"} <= set(found)
    rows = {r.id: r.value for r in found["annex_rules"].rows}
    assert rows["annex_rules.number_n.returns"] == "7"
