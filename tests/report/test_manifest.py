"""The manifest says what a report was made from, and notices when the report was changed."""

import hashlib
import json

import pytest
import tiny

from needs.report import manifest as m
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path):
    report = tmp_path / "report"
    (report / "tables").mkdir(parents=True)
    (report / "tables" / "a.csv").write_text("a\n1\n")
    (report / "index.html").write_text("<html></html>")
    return report


@pytest.fixture
def written(folder, tmp_path):
    study = load_study(tiny.make(tmp_path / "project").study)
    made = m.Manifest.describe(
        study,
        folder,
        inputs={"published": {"inputs/figures.csv": "0" * 64}},
        checked="c",
        chapters={"10": m.ChapterEntry("notebooks/10-first.ipynb", "k", {"code": "h"})},
        publish={"pdf": "wanted"},
        pdf={"made": False, "reason": "no browser"},
    )
    made.write(folder)
    return made


def test_it_is_read_as_it_was_written(folder, written):
    assert m.Manifest.read(folder) == written


def test_it_holds_the_hash_of_every_other_file(folder, written):
    assert set(written.files) == {"tables/a.csv", "index.html"}
    assert written.files["tables/a.csv"] == hashlib.sha256(b"a\n1\n").hexdigest()


def test_it_holds_settings_seed_and_versions(folder, written):
    raw = json.loads((folder / m.MANIFEST).read_text())
    assert raw["seed"] == 7
    assert raw["study"]["settings"]["period"]["reporting_year"] == "2022-23"
    assert raw["packages"]["papermill"]
    assert raw["python"].startswith("cpython") or raw["python"].startswith("pypy")


def test_it_holds_no_path_of_the_machine(folder, written, tmp_path):
    assert str(tmp_path) not in (folder / m.MANIFEST).read_text()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format": 1}', '{"format": 99}'],
    ids=["empty", "cut", "list", "null", "bare", "later"],
)
def test_one_that_cannot_be_read_counts_as_none(folder, text):
    (folder / m.MANIFEST).write_text(text)
    assert m.Manifest.read(folder) is None


def test_damage_names_files_changed_or_missing_and_no_others(folder, written):
    assert written.damage(folder) == ()
    (folder / "mine.txt").write_text("a note")
    (folder / "index.html").write_text("changed")
    (folder / "tables" / "a.csv").unlink()
    assert written.damage(folder) == ("index.html", "tables/a.csv")


def test_other_versions_are_named(written, monkeypatch):
    assert written.other_versions() == ()
    now = {**m.package_versions(), "pandas": "99.0"}
    del now["papermill"]
    monkeypatch.setattr(m, "package_versions", lambda: now)
    said = written.other_versions()
    assert f"pandas {written.packages['pandas']} → 99.0" in said
    assert f"papermill {written.packages['papermill']} → absent" in said
    assert len(said) == 2


def test_git_state_is_empty_outside_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(m, "PACKAGE", tmp_path / "site-packages" / "needs")
    assert m.git_state() == {}
