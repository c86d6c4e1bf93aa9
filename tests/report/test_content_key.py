"""What a chapter sees, and what makes it run again."""

import datetime as dt
import json
import shutil

import pytest
import tiny

from needs.report import content_key as ck
from needs.report.chapters import CHAPTERS, ChapterSpec
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import Inputs, ReportSettings, Study, load_study

pytestmark = pytest.mark.unit

SPEC = ChapterSpec("10", "First", "10-first.ipynb", ("published",), ("quality",))


@pytest.fixture
def project(tmp_path):
    return tiny.make(tmp_path)


@pytest.fixture
def study(project):
    return load_study(project.study)


def components(project, spec=SPEC):
    study = load_study(project.study)
    hashes = ck.input_hashes(study, ["published"])
    return ck.chapter_components(study, spec, project.notebooks / spec.notebook, hashes)


def test_masked_study_keeps_declared_sections_and_folder(study):
    seen = ck.masked_study(study, SPEC)
    assert seen.authority == study.authority
    assert seen.quality == study.quality
    assert seen.folder == study.folder


def test_masked_study_hides_undeclared_sections(study):
    default = Study.model_fields["seed"].default
    assert study.seed != default
    assert ck.masked_study(study, SPEC).seed == default


def test_masked_study_hides_undeclared_inputs(study):
    spec = ChapterSpec("10", "First", "x.ipynb", ("ssda903",))
    assert ck.masked_study(study, spec).inputs.patterns("published") == ()


def test_masked_study_keeps_what_dates_returns_only_with_returns(study):
    inputs = Inputs(ssda903=("a.csv",), extract_ends={"a.csv": dt.date(2023, 1, 1)})
    with_returns = study.model_copy(update={"inputs": inputs})
    spec = ChapterSpec("10", "First", "x.ipynb", ("ssda903",))
    assert ck.masked_study(with_returns, spec).inputs.extract_ends == inputs.extract_ends
    assert ck.masked_study(with_returns, SPEC).inputs.extract_ends == {}


def test_masked_study_always_says_synthetic_and_hides_the_rest_of_report(study):
    report = ReportSettings(title="Another", synthetic=True)
    seen = ck.masked_study(study.model_copy(update={"report": report}), SPEC)
    assert seen.report.synthetic
    assert seen.report.title == ReportSettings().title


@pytest.mark.parametrize("number", sorted(CHAPTERS))
def test_every_chapter_declares_settings_that_exist(study, number):
    assert ck.masked_study(study, CHAPTERS[number]).period == study.period


def test_key_is_of_content_not_of_order():
    assert ck.key_of({"a": "1", "b": "2"}) == ck.key_of({"b": "2", "a": "1"})
    assert ck.key_of({"a": "1", "b": "2"}) != ck.key_of({"a": "2", "b": "1"})


def test_same_project_in_another_place_has_the_same_components(project, tmp_path):
    other = tmp_path / "elsewhere"
    shutil.copytree(project.root / "analysis", other / "analysis")
    shutil.copytree(project.notebooks, other / "notebooks")
    assert components(tiny.Tiny(other)) == components(project)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_invalid_share = 0.01", "max_invalid_share = 0.5", "setting [quality] changed"),
        ("Anyshire County", "Otherton City", "setting [authority] changed"),
        ("as_at = 2023-03-31", "as_at = 2023-03-30", "setting [period] changed"),
    ],
)
def test_a_declared_setting_changes_the_key_and_is_named(project, old, new, said):
    before = components(project)
    project.edit(old, new)
    assert ck.changes(before, components(project)) == (said,)


@pytest.mark.parametrize(
    ("old", "new"), [("seed = 7", "seed = 8"), ("pdf = false", 'pdf = false\ntitle = "Other"')]
)
def test_an_undeclared_setting_leaves_the_key(project, old, new):
    before = components(project)
    project.edit(old, new)
    assert ck.key_of(components(project)) == ck.key_of(before)


def test_input_files_are_named_when_changed_new_or_gone(project):
    project.edit("inputs/figures.csv", "inputs/*.csv")
    before = components(project)
    (project.folder / "inputs" / "figures.csv").write_text("figure,value\nstock,13\n")
    (project.folder / "inputs" / "more.csv").write_text("figure,value\n")
    after = components(project)
    assert ck.changes(before, after) == (
        "input published/inputs/figures.csv changed",
        "input published/inputs/more.csv is new",
    )
    assert "input published/inputs/more.csv is gone" in ck.changes(after, before)


def test_an_undeclared_input_leaves_the_key(project):
    spec = ChapterSpec("20", "Second", "20-second.ipynb", ())
    before = components(project, spec)
    (project.folder / "inputs" / "figures.csv").write_text("other\n")
    assert components(project, spec) == before


def test_notebook_source_counts_and_its_outputs_and_ids_do_not(project):
    before = components(project)
    path = project.notebooks / SPEC.notebook
    nb = json.loads(path.read_text())
    nb["cells"][1] |= {"id": "other", "execution_count": 9, "outputs": []}
    path.write_text(json.dumps(nb))
    assert components(project) == before
    nb["cells"][1]["source"] = "1 + 1"
    path.write_text(json.dumps(nb))
    assert ck.changes(before, components(project)) == ("notebook changed",)


def test_all_missing_inputs_are_named_at_once(project):
    project.edit('published = ["inputs/figures.csv"]', 'published = ["a.csv"]\nssda903 = ["b.csv"]')
    with pytest.raises(InputError) as e:
        ck.input_hashes(load_study(project.study), ["ssda903", "published"])
    assert {f.file for f in e.value.faults} == {"a.csv", "b.csv"}


def test_code_hash_covers_data_files_and_leaves_out_the_command_line(tmp_path, monkeypatch):
    for name in ("report/a.py", "vocabulary/data/codes.toml", "cli/x.py", "report/__pycache__/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(ck, "PACKAGE", tmp_path)
    fresh = ck.code_hash.__wrapped__
    before = fresh()
    (tmp_path / "cli/x.py").write_text("2")
    (tmp_path / "report/__pycache__/a").write_text("2")
    assert fresh() == before
    (tmp_path / "vocabulary/data/codes.toml").write_text("2")
    assert fresh() != before


def test_package_versions_hold_what_needs_stands_on_and_not_its_tools():
    versions = ck.package_versions()
    assert {"pandas", "numpy", "papermill", "pyzmq"} <= set(versions)
    assert not {"pytest", "ruff", "needs"} & set(versions)
