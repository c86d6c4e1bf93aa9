"""Workers: jobs are shared out, a failure stops what has not begun, a death is told."""

import os
import subprocess
import sys

import pytest

from needs.report import worker
from needs.report.execute import Failure, Job

pytestmark = pytest.mark.unit

JOBS = [Job(f"{n}.ipynb", f"{n}.out", "study", "x") for n in range(4)]
FAILURE = Failure(1, "x", "KeyError", "KeyError")

ECHO = """
import json, sys
for line in sys.stdin:
    n = int(json.loads(line)["notebook"][0])
    if n == {dies}:
        sys.exit(1)
    failure = {{"cell": 1, "source": "x", "kind": "KeyError", "message": "KeyError"}}
    failure = {{**failure, "exit_code": 0}} if n == {fails} else None
    print(json.dumps({{"failure": failure, "seconds": n, "peak_mib": 1.0}}), flush=True)
"""


@pytest.fixture
def echoing(monkeypatch):
    """Workers that answer without executing anything."""

    def install(fails=-1, dies=-1):
        real = worker.subprocess.Popen

        def popen(command, **options):
            return real([sys.executable, "-c", ECHO.format(fails=fails, dies=dies)], **options)

        monkeypatch.setattr(worker.subprocess, "Popen", popen)

    return install


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_answers_stand_in_the_order_of_the_jobs(echoing, processes):
    echoing()
    told = []
    answers = worker.execute_all(JOBS, processes, lambda i, a: told.append(i))
    assert [a.seconds for a in answers] == [0, 1, 2, 3]
    assert sorted(told) == [0, 1, 2, 3]


def test_after_a_failure_nothing_more_begins(echoing):
    echoing(fails=1)
    answers = worker.execute_all(JOBS, 1, lambda i, a: None)
    assert [a and a.failure for a in answers] == [None, FAILURE, None, None]
    assert answers[2:] == [None, None]


def test_a_worker_that_dies_is_a_failure_of_its_job(echoing):
    echoing(dies=0)
    answers = worker.execute_all(JOBS[:1], 1, lambda i, a: None)
    assert answers[0].failure.kind == "WorkerDied"
    assert "memory" in answers[0].failure.message


@pytest.mark.skipif(sys.platform == "win32", reason="not swept on Windows")
def test_folders_of_dead_processes_are_swept_and_others_stay(tmp_path, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = tmp_path / f"needs-kernels-{ended.pid}-abc"
    others = [tmp_path / f"needs-kernels-{os.getpid()}-abc", tmp_path / "needs-kernels-mine-1"]
    for folder in (dead, *others):
        (folder / "ipython").mkdir(parents=True)
    monkeypatch.setattr(worker.tempfile, "tempdir", str(tmp_path))
    made = worker._scratch()
    assert sorted(tmp_path.iterdir()) == sorted([made, *others])
