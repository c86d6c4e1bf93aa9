"""Everything that one publish writes, and that it writes the same twice."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nbformat
import pytest

from needs.report import pdf as pdf_module
from needs.report import publish as publish_module
from needs.report.publish import PublishOutcome, publish
from needs.vocabulary.errors import PdfNotMade, RenderError

pytestmark = pytest.mark.unit


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def quiet(_: str) -> None:
    pass


def test_every_file_is_written_and_named(report, study) -> None:
    told: list[str] = []
    made = publish(report.folder, study, report.notebooks, pdf=False, progress=told.append)
    assert set(made.files) == {
        "figures.csv",
        "index.html",
        "needs-analysis.html",
        "sufficiency-annexes.docx",
        "sufficiency-annexes.html",
        "tables.xlsx",
        "tables/20-stock.csv",
        "tables/50-spend.csv",
    }
    there = {f for f in hashes(report.folder) if not f.startswith("notebooks")}
    assert there == set(made.files)
    assert not made.pdf_problem
    assert not made.pdf_made
    assert told


def test_the_same_notebooks_give_the_same_bytes(report, study, tmp_path) -> None:
    publish(report.folder, study, report.notebooks, pdf=False, progress=quiet)
    first = hashes(report.folder)
    again = tmp_path / "elsewhere"
    publish(again, study, report.notebooks, pdf=False, progress=quiet)
    assert hashes(again) == {k: v for k, v in first.items() if not k.startswith("notebooks")}


def test_tables_of_an_earlier_publish_do_not_stay(report, study) -> None:
    stale = report.folder / "tables" / "20-gone.csv"
    stale.parent.mkdir()
    stale.write_text("old")
    publish(report.folder, study, report.notebooks, pdf=False, progress=quiet)
    assert not stale.exists()


def test_nothing_is_written_when_a_chapter_may_not_be_published(report, study) -> None:
    naked = nbformat.v4.new_output("display_data", {"text/html": "<table>"})
    report.add("10", [naked])
    before = hashes(report.folder)
    with pytest.raises(RenderError):
        publish(report.folder, study, report.notebooks, pdf=False, progress=quiet)
    assert hashes(report.folder) == before


def test_figures_that_clash_stop_it_before_anything_is_written(staging, make_result, study) -> None:
    staging.add("20", make_result("stock", "20", {"kinship": [1, 2, 3, 4, 5]}))
    staging.add("50", make_result("stock", "50", {"kinship": [1, 2, 3, 4, 6]}))
    before = hashes(staging.folder)
    with pytest.raises(RenderError):
        publish(staging.folder, study, staging.notebooks, pdf=False, progress=quiet)
    assert hashes(staging.folder) == before


def test_without_a_browser_all_but_the_pdf_is_made_and_the_mend_is_told(
    report, study, monkeypatch
) -> None:
    monkeypatch.setattr(pdf_module, "find_browser", lambda: None)
    monkeypatch.setattr(pdf_module, "browser_fix", lambda: "install one")
    (report.folder / publish_module.PDF).write_bytes(b"an old one")
    made = publish(report.folder, study, report.notebooks, pdf=True, progress=quiet)
    assert "install one" in made.pdf_problem
    assert not (report.folder / publish_module.PDF).exists()
    assert "install one" in (report.folder / "index.html").read_text("utf-8")
    assert (report.folder / "tables.xlsx").is_file()
    with pytest.raises(PdfNotMade, match="install one") as e:
        made.raise_if_no_pdf()
    assert e.value.exit_code == 15


def test_a_made_pdf_raises_nothing() -> None:
    made = PublishOutcome((publish_module.PDF,))
    made.raise_if_no_pdf()
    assert made.pdf_made


def test_notebooks_are_read_and_left_as_they_are(report, study) -> None:
    before = {p: p.read_bytes() for _, p in report.notebooks}
    publish(report.folder, study, report.notebooks, pdf=False, progress=quiet)
    assert {p: p.read_bytes() for _, p in report.notebooks} == before
    shutil.rmtree(report.folder)
