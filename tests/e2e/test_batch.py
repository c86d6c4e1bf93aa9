"""Many studies in one go: failures stay by themselves, and a worker that dies changes no byte."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import tiny
from batch_work import dies_always, dies_once, run_here

from needs.cli import EXIT_CODES, main
from needs.report.batch import tasks, work
from needs.report.batch.summary import write_summary
from needs.vocabulary.errors import EnvironmentFault, StudyError

pytestmark = pytest.mark.e2e


def lay(root, *names):
    """Write miniature projects side by side; return their studies."""
    return [tiny.make(root / name).study for name in names]


NAMES = ("first", "second", "third")


def asked(root, out):
    """Return the tasks of three studies, each with a folder of its own."""
    made = []
    for study in lay(root, *NAMES):
        found, _ = tasks.tasks_of([study], out=out / study.parents[2].name)
        made += found
    return made


def contents(done):
    return [(d.code, d.content) for d in done]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the three reports are when nothing goes wrong."""
    root = tmp_path_factory.mktemp("expected")
    found = contents([run_here(t) for t in asked(root, root / "out")])
    assert [code for code, _ in found] == [0, 0, 0]
    return found


def test_a_study_that_fails_stops_no_other(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good, bad = lay(tmp_path, "good", "bad")
    bad.parent.joinpath("inputs", "figures.csv").write_text("bad")
    bad.parent.rename(bad.parent.with_name("broken"))
    wrong = tmp_path / "wrong" / "study.toml"
    wrong.parent.mkdir()
    wrong.write_text("[authority]\n")
    monkeypatch.setattr(work, "run_one", run_here)
    monkeypatch.setattr(work.run_tasks, "__defaults__", (None, lambda _: None, run_here))
    with pytest.raises(SystemExit) as left:
        main(["run-all", "*/analysis/*", "wrong", "--out", "out", "--summary", "told"])
    assert left.value.code == 21
    rows = list(csv.DictReader((tmp_path / "told" / "summary.csv").open()))
    assert {r["study"]: r["code"] for r in rows} == {"tiny": "0", "broken": "11", "wrong": "10"}
    page = (tmp_path / "told" / "index.html").read_text()
    assert 'href="../out/tiny/index.html"' in page
    assert "is bad" in page
    assert "1 of 3 studies done, 2 not" in capsys.readouterr().out
    assert good.exists()


def test_what_names_no_study_is_refused_all_at_once(tmp_path):
    lay(tmp_path, "good")
    with pytest.raises(StudyError) as e:
        tasks.found_studies([str(tmp_path / "nowhere"), str(tmp_path / "good"), str(tmp_path)])
    assert len(e.value.faults) == 3


def test_two_studies_of_one_name_are_refused(tmp_path):
    with pytest.raises(StudyError, match="another study writes the same report"):
        tasks.tasks_of(lay(tmp_path, "one", "other"), out=tmp_path / "out")


def test_a_worker_that_dies_changes_no_byte(tmp_path, expected):
    done = work.run_tasks(asked(tmp_path, tmp_path / "out"), 2, one=dies_once)
    assert contents(done) == expected


def test_a_study_that_kills_every_worker_is_told_and_the_others_are_made(tmp_path, expected):
    told = []
    done = work.run_tasks(asked(tmp_path, tmp_path / "out"), 2, told=told.append, one=dies_always)
    assert [d.code for d in done] == [0, 1, 0]
    assert [contents(done)[i] for i in (0, 2)] == [expected[0], expected[2]]
    assert len(told) == 3
    assert "process" in done[1].words


def test_the_page_escapes_what_a_study_is_called(tmp_path):
    done = [tasks.Done("<script>", "=1+1", "2022-23", 13, "chapter <b>", 1.0)]
    page = write_summary(tmp_path / "told", done, EXIT_CODES).read_text()
    assert "<script>" not in page
    assert "chapter &lt;b&gt;" in page
    assert "'=1+1" in (tmp_path / "told" / "summary.csv").read_text()


@contextmanager
def cluster(folder, workers):
    """Start a scheduler and workers, each a process of its own."""
    file = folder / "scheduler.json"
    shared = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}

    def start(*words):
        return subprocess.Popen(
            [sys.executable, "-m", *words, "--scheduler-file", str(file)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=shared, cwd=folder,
        )  # fmt: skip

    begun = [start("distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard")]
    try:
        begun += [
            start(
                "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard",
                "--local-directory", str(folder / f"w{n}"),
            )
            for n in range(workers)
        ]  # fmt: skip
        yield file
    finally:
        for process in begun:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait()


def address_of(file):
    import json

    for _ in range(200):
        if file.exists() and file.read_text():
            return json.loads(file.read_text())["address"]
        time.sleep(0.1)
    raise AssertionError("no scheduler came up")


def test_a_cluster_that_loses_a_worker_makes_the_same_bytes(tmp_path, expected):
    pytest.importorskip("distributed")
    with cluster(tmp_path, 2) as file:
        done = work.run_tasks(asked(tmp_path, tmp_path / "out"), 2, address_of(file), one=dies_once)
    assert contents(done) == expected


def test_a_scheduler_that_does_not_answer_is_said(tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(EnvironmentFault, match="no Dask scheduler answers"):
        work.run_tasks(asked(tmp_path, tmp_path / "out"), 2, "tcp://127.0.0.1:9")
