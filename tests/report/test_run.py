"""The runner's decisions, with notebooks that are copied instead of executed."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import tiny

from needs.report import run as runner
from needs.report.execute import Failure
from needs.report.manifest import MANIFEST, Manifest, file_hashes
from needs.report.target import default_target
from needs.report.worker import Answer
from needs.vocabulary.errors import (
    BusyError,
    ChapterError,
    DisclosureError,
    EnvironmentFault,
    InputError,
    InputMissing,
    RenderError,
    StudyError,
)
from needs.vocabulary.study import load_study
from needs.vocabulary.study_sections import Counting

pytestmark = pytest.mark.unit


class Executor:
    """Stands in for the workers: copies each notebook and stamps it with a count."""

    def __init__(self):
        self.ran = []
        self.fails = {}

    def __call__(self, jobs, processes, on_answer):
        answers = []
        for i, job in enumerate(jobs):
            name = Path(job.notebook).name
            self.ran.append(name[:2])
            shutil.copy(job.notebook, job.output)
            with Path(job.output).open("a") as f:
                f.write(f"\n{len(self.ran)}\n")
            answer = Answer(self.fails.get(name[:2]), 0.5, 10.0)
            on_answer(i, answer)
            answers.append(answer)
            if answer.failure:
                break
        return answers + [None] * (len(jobs) - len(answers))


class Listener:
    """Keeps what it is told."""

    def __init__(self):
        self.said = []

    def step(self, text):
        self.said.append(text)
        return runner.Silent().step(text)

    def note(self, text):
        self.said.append(text)


@pytest.fixture
def executor(monkeypatch):
    fake = Executor()
    monkeypatch.setattr(runner, "execute_all", fake)
    return fake


@pytest.fixture
def project(tmp_path, executor):
    return tiny.make(tmp_path)


def said(project, **options):
    listener = Listener()
    tiny.run_tiny(project, progress=listener, **options)
    return listener.said


def reports(project):
    return {k: v for k, v in project.everything().items() if k.startswith("reports/tiny/")}


def test_a_report_holds_notebooks_pages_and_a_manifest_of_all_of_them(project):
    outcome = tiny.run_tiny(project)
    assert outcome.folder == project.report
    assert outcome.ran == ("10", "20")
    files = {p.relative_to(project.report).as_posix() for p in project.report.rglob("*.*")}
    assert files == {
        "index.html",
        MANIFEST,
        "notebooks/10-first.ipynb",
        "notebooks/20-second.ipynb",
        "tables/one.csv",
    }
    assert Manifest.read(project.report).files == file_hashes(project.report)


def test_time_and_memory_are_kept_outside_the_report(project):
    tiny.run_tiny(project)
    log = json.loads((project.root / "reports" / ".runs" / "tiny.json").read_text())
    assert log["chapter_seconds"] == {"10": 0.5, "20": 0.5}
    assert "finished" not in (project.report / MANIFEST).read_text()


def test_nothing_is_left_beside_the_report_but_log_and_lock(project):
    tiny.run_tiny(project)
    beside = {p.name for p in (project.root / "reports").iterdir()}
    assert beside == {"tiny", ".runs", ".lock-tiny"}


def test_a_second_run_does_nothing(project, executor):
    tiny.run_tiny(project)
    before = project.everything()
    outcome = tiny.run_tiny(project)
    assert outcome.unchanged
    assert executor.ran == ["10", "20"]
    assert project.everything().keys() == before.keys()
    assert reports(project) == {k: v for k, v in before.items() if k.startswith("reports/tiny/")}


@pytest.mark.parametrize(
    ("old", "new", "ran", "reason"),
    [
        ("seed = 7", "seed = 8", ["20"], "chapter 20 runs: setting [seed] changed"),
        ("0.01", "0.02", ["10"], "chapter 10 runs: setting [quality] changed"),
        ("Anyshire County", "Other", ["10", "20"], "chapter 10 runs: setting [authority] changed"),
    ],
)
def test_a_changed_setting_reruns_what_declares_it_and_says_so(
    project, executor, old, new, ran, reason
):
    tiny.run_tiny(project)
    executor.ran.clear()
    project.edit(old, new)
    assert reason in said(project)
    assert executor.ran == ran


def test_a_changed_input_reruns_what_reads_it(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    (project.folder / "inputs" / "figures.csv").write_text("figure,value\nstock,13\n")
    notes = said(project)
    assert "chapter 10 runs: input published/inputs/figures.csv changed" in notes
    assert "chapter 20 is up to date" in notes
    assert executor.ran == ["10"]


def test_a_changed_notebook_reruns_its_chapter(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    project.chapter("20", "1 + 1")
    assert "chapter 20 runs: notebook changed" in said(project)
    assert executor.ran == ["20"]


def test_changed_code_reruns_everything(project, executor, monkeypatch):
    tiny.run_tiny(project)
    executor.ran.clear()
    monkeypatch.setattr("needs.report.content_key.code_hash", lambda: "other")
    assert "chapter 10 runs: code of needs changed" in said(project)
    assert executor.ran == ["10", "20"]


def test_a_change_that_no_chapter_sees_only_makes_the_pages_again(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    project.edit("pdf = false", 'pdf = false\ntitle = "Another title"')
    notes = said(project)
    assert "pages and tables are made again: setting [report] changed" in notes
    assert executor.ran == []
    assert (project.report / "index.html").read_text().startswith("Another title")


def test_force_runs_all(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    tiny.run_tiny(project, force=True)
    assert executor.ran == ["10", "20"]


def test_a_report_that_somebody_changed_is_made_whole(project, executor):
    tiny.run_tiny(project)
    before = reports(project)
    executor.ran.clear()
    (project.report / "tables" / "one.csv").write_text("999\n")
    assert not tiny.run_tiny(project).unchanged
    assert executor.ran == []
    assert reports(project) == before


def test_a_notebook_that_somebody_changed_is_not_reused(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    (project.report / "notebooks" / "10-first.ipynb").write_text("{}")
    tiny.run_tiny(project)
    assert executor.ran == ["10"]


def test_only_runs_one_chapter_and_leaves_the_other_though_stale(project, executor):
    tiny.run_tiny(project)
    kept = (project.report / "notebooks" / "10-first.ipynb").read_bytes()
    executor.ran.clear()
    project.edit("0.01", "0.02")
    notes = said(project, only="20")
    assert executor.ran == ["20"]
    assert "chapter 10 is left as it was, although: setting [quality] changed" in notes
    assert (project.report / "notebooks" / "10-first.ipynb").read_bytes() == kept


def test_a_chapter_left_stale_by_only_runs_in_the_next_full_run(project, executor):
    tiny.run_tiny(project)
    project.edit("0.01", "0.02")
    tiny.run_tiny(project, only="20")
    executor.ran.clear()
    tiny.run_tiny(project)
    assert executor.ran == ["10"]


def test_only_without_a_report_leaves_the_other_out_and_says_so(project, executor):
    listener = Listener()
    outcome = tiny.run_tiny(project, only="20", progress=listener)
    assert outcome.left_out == ("10",)
    assert "chapter 10 is left out: it has not run yet" in listener.said
    assert not (project.report / "notebooks" / "10-first.ipynb").exists()
    tiny.run_tiny(project)
    assert executor.ran == ["20", "10"]


def test_only_of_a_chapter_the_study_lacks_is_refused(project):
    before = project.everything()
    with pytest.raises(StudyError, match="10, 20"):
        tiny.run_tiny(project, only="90")
    assert project.everything() == before


def test_a_chapter_taken_out_of_the_study_leaves_the_report(project, executor):
    tiny.run_tiny(project)
    executor.ran.clear()
    project.edit('chapters = ["10", "20"]', 'chapters = ["20"]')
    tiny.run_tiny(project)
    assert executor.ran == []
    assert not (project.report / "notebooks" / "10-first.ipynb").exists()


def test_unknown_chapters_are_named_together(project):
    project.edit('chapters = ["10", "20"]', 'chapters = ["10", "77", "88"]')
    with pytest.raises(StudyError) as e:
        tiny.run_tiny(project)
    assert len(e.value.faults) == 2


def test_a_missing_notebook_is_a_fault_of_the_installation(project):
    (project.notebooks / "20-second.ipynb").unlink()
    with pytest.raises(EnvironmentFault, match=r"20-second\.ipynb"):
        tiny.run_tiny(project)


@pytest.mark.parametrize("first", [True, False], ids=["first run", "with a report"])
def test_bad_input_stops_before_anything_is_written_or_run(project, executor, first):
    if not first:
        tiny.run_tiny(project)
    executor.ran.clear()
    (project.folder / "inputs" / "figures.csv").write_text("bad\n")
    before = project.everything()
    with pytest.raises(InputError):
        tiny.run_tiny(project)
    assert project.everything() == before
    assert executor.ran == []


def test_checked_inputs_are_not_read_again_by_the_runner(project, monkeypatch):
    tiny.run_tiny(project)
    read = []
    monkeypatch.setattr("needs.report.guard.check_inputs", read.append)
    project.edit("seed = 7", "seed = 8")
    tiny.run_tiny(project)
    assert read == []
    project.edit("0.01", "0.02")  # decides how bad an input may be
    tiny.run_tiny(project)
    assert len(read) == 1


class TestFailingChapter:
    FAILURE = Failure(3, "x = 1", "ValueError", "ValueError in needs/care/stock.py:5")

    @pytest.fixture
    def failing(self, project, executor):
        tiny.run_tiny(project)
        project.edit("seed = 7", "seed = 8")
        executor.fails["20"] = self.FAILURE
        return project

    def test_it_is_named_with_cell_and_cause(self, failing):
        with pytest.raises(ChapterError) as e:
            tiny.run_tiny(failing)
        message = str(e.value)
        assert "chapter 20 (Second), cell 3 (x = 1)" in message
        assert "ValueError in needs/care/stock.py:5" in message
        assert "JupyterLab" in message

    def test_the_present_report_is_untouched(self, failing):
        before = reports(failing)
        with pytest.raises(ChapterError):
            tiny.run_tiny(failing)
        assert reports(failing) == before

    def test_its_partial_notebook_is_kept_and_nothing_else_is(self, failing):
        before = set(failing.everything())
        with pytest.raises(ChapterError):
            tiny.run_tiny(failing)
        assert set(failing.everything()) - before == {"reports/.failed/tiny/20-second.ipynb"}

    def test_the_partial_notebook_goes_when_a_run_succeeds(self, failing, executor):
        with pytest.raises(ChapterError):
            tiny.run_tiny(failing)
        executor.fails.clear()
        tiny.run_tiny(failing)
        assert not list((failing.root / "reports" / ".failed").rglob("*.ipynb"))

    @pytest.mark.parametrize("kind", [InputError, StudyError, InputMissing, RenderError])
    def test_an_error_of_ours_keeps_its_kind_and_words(self, failing, executor, kind):
        executor.fails["20"] = Failure(2, "", kind.__name__, "put it right", kind.exit_code)
        with pytest.raises(kind, match="put it right") as e:
            tiny.run_tiny(failing)
        assert e.value.exit_code == kind.exit_code


@pytest.mark.parametrize("error", [RenderError("no"), DisclosureError("no"), OSError(28, "full")])
def test_publishing_that_fails_leaves_the_present_report(project, monkeypatch, error):
    tiny.run_tiny(project)
    before = reports(project)
    project.edit("seed = 7", "seed = 8")

    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(tiny, "publish", refuse)
    with pytest.raises((RenderError, DisclosureError, EnvironmentFault)):
        tiny.run_tiny(project)
    assert reports(project) == before
    assert not list((project.root / "reports").glob(".staging*"))


def test_stale_staging_of_a_killed_run_is_removed(project):
    stale = project.root / "reports" / ".staging-tiny-999999"
    stale.mkdir(parents=True)
    (stale / "half.html").write_text("half")
    tiny.run_tiny(project)
    assert not stale.exists()


def test_a_run_during_another_is_refused(project):
    from needs.report.lock import locked

    with locked(project.report), pytest.raises(BusyError):
        tiny.run_tiny(project)


class TestTarget:
    def test_reports_lie_beside_analysis(self, project):
        assert default_target(load_study(project.study)) == project.report

    def test_elsewhere_they_lie_where_the_command_is_given(self, tmp_path, monkeypatch, project):
        alone = tmp_path / "alone"
        shutil.copytree(project.folder, alone)
        monkeypatch.chdir(tmp_path / "notebooks")
        assert default_target(load_study(alone)) == tmp_path / "notebooks" / "reports" / "alone"

    def test_another_folder_may_be_given(self, project, tmp_path):
        tiny.run_tiny(project, out=tmp_path / "draft" / "one")
        assert (tmp_path / "draft" / "one" / MANIFEST).is_file()
        assert not project.report.exists()

    def test_an_empty_folder_is_taken(self, project, tmp_path):
        (tmp_path / "draft").mkdir()
        assert tiny.run_tiny(project, out=tmp_path / "draft").ran == ("10", "20")

    @pytest.mark.parametrize("where", ["notebooks", "analysis", "analysis/tiny", "analysis/tiny/r"])
    def test_a_folder_of_other_things_is_never_replaced(self, project, where):
        before = project.everything()
        with pytest.raises(RenderError, match="--out"):
            tiny.run_tiny(project, out=project.root / where)
        assert project.everything() == before


def stub_records(child: str) -> SimpleNamespace:
    """Records of one child, as far as a run looks at them."""
    ids, none = pd.Index([child]), pd.DataFrame()
    return SimpleNamespace(ids=ids, episodes=none, counting=Counting())


class TestIdentifiers:
    @pytest.fixture
    def with_records(self, project, monkeypatch):
        records = stub_records("AB123X")
        (project.folder / "inputs" / "episodes.csv").write_text("x\n")
        project.edit('published = ["inputs/figures.csv"]', 'ssda903 = ["inputs/episodes.csv"]')
        monkeypatch.setattr(tiny, "READERS", {"ssda903": lambda _: records})
        return project

    def test_one_in_a_notebook_stops_the_report(self, with_records):
        tiny.run_tiny(with_records)
        before = reports(with_records)
        with_records.chapter("20", "# AB123X")
        with pytest.raises(DisclosureError) as e:
            tiny.run_tiny(with_records)
        assert "notebooks/20-second.ipynb" in str(e.value)
        assert "AB123X" not in str(e.value)
        assert reports(with_records) == before

    def test_a_partial_notebook_that_holds_one_is_not_kept(self, with_records, executor):
        with_records.chapter("20", "# AB123X")
        executor.fails["20"] = Failure(2, "", "ValueError", "ValueError")
        with pytest.raises(ChapterError, match="not kept"):
            tiny.run_tiny(with_records)
        assert not list((with_records.root / "reports").rglob("*.ipynb"))

    def test_a_number_that_the_run_releases_is_no_identifier(self, with_records, monkeypatch):
        def publish(staging, study, notebooks, **options):
            (staging / "figures.csv").write_text(f"id,value\nstock,{number}\n")
            return made(staging, study, notebooks, **options)

        records = stub_records("123456")
        monkeypatch.setattr(tiny, "READERS", {"ssda903": lambda _: records})
        made = tiny.publish
        monkeypatch.setattr(tiny, "publish", publish)
        with_records.chapter("20", "# 123456")
        number = "1"
        with pytest.raises(DisclosureError):
            tiny.run_tiny(with_records)
        number = "123456"
        assert tiny.run_tiny(with_records).ran == ("10", "20")
