"""The runner with real kernels, on a project in miniature."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import tiny

from needs.vocabulary.errors import ChapterError, InputMissing

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A project with its report, run once for all tests that only look."""
    project = tiny.make(tmp_path_factory.mktemp("done"))
    tiny.run_tiny(project)
    return project


def files(folder):
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def test_a_chapter_is_executed_with_the_study_as_its_parameter(done):
    nb = json.loads((done.report / "notebooks" / "10-first.ipynb").read_text())
    (output,) = nb["cells"][-1]["outputs"]
    assert output["data"]["text/plain"] == ["(7, 0.01)"]
    assert "".join(nb["cells"][1]["source"]) == '# Parameters\nstudy = "analysis/tiny"\n'


def test_two_folders_are_byte_identical_in_parallel_too(done, tmp_path):
    outcome = tiny.run_tiny(done, out=tmp_path / "second", jobs=2)
    assert outcome.ran == ("10", "20")
    assert files(tmp_path / "second") == files(done.report)


def test_no_file_of_the_report_names_a_place_on_the_machine(done):
    places = [str(done.root), os.path.expanduser("~"), sys.prefix]
    text = b"\n".join(files(done.report).values()).decode()
    assert [p for p in places if p in text] == []


def test_a_failing_chapter_keeps_what_it_showed_and_hides_what_it_read(tmp_path):
    project = tiny.make(tmp_path)
    project.chapter("20", "'shown'", "record = 'SECRET1'\nint(record)", "'never'")
    with pytest.raises(ChapterError) as e:
        tiny.run_tiny(project)
    assert "chapter 20 (Second), cell 4 (record = 'SECRET1')" in str(e.value)
    kept = tmp_path / "reports" / ".failed" / "tiny" / "20-second.ipynb"
    nb = json.loads(kept.read_text())
    assert nb["cells"][2]["outputs"][0]["data"]["text/plain"] == ["'shown'"]
    assert "SECRET1" not in json.dumps(nb["cells"][3]["outputs"])
    assert nb["cells"][4]["execution_count"] is None
    assert not project.report.exists()


def test_an_error_of_ours_crosses_from_the_kernel(tmp_path):
    project = tiny.make(tmp_path)
    raises = "from needs.vocabulary.errors import InputMissing\nraise InputMissing('costs')"
    project.chapter("10", raises)
    with pytest.raises(InputMissing, match="no input 'costs'"):
        tiny.run_tiny(project)


def test_a_kernel_that_dies_is_told_with_its_cell(tmp_path):
    project = tiny.make(tmp_path)
    project.chapter("20", "import os", "os._exit(9)")
    with pytest.raises(ChapterError, match=r"cell 4 \(os\._exit\(9\)\): .* process died"):
        tiny.run_tiny(project, jobs=2)


def test_the_machine_hands_a_chapter_nothing_but_its_parameter(tmp_path, monkeypatch):
    """Hash seed, start-up files and profiles of whoever runs it stay outside."""
    startup = tmp_path / "startup.py"
    startup.write_text("settings = 'mine'\n")
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    monkeypatch.setenv("PYTHONHASHSEED", "123")
    project = tiny.make(tmp_path / "project")
    project.chapter("10", "'settings' in globals(), hash('a') == hash('a')")
    project.chapter("20", "import os", "os.environ['PYTHONHASHSEED']")
    tiny.run_tiny(project)
    first, second = (
        json.loads((project.report / "notebooks" / s.notebook).read_text())["cells"][-1]["outputs"]
        for s in tiny.SPECS.values()
    )
    assert first[0]["data"]["text/plain"] == ["(False, True)"]
    assert second[0]["data"]["text/plain"] == ["'0'"]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(true, seconds):
    """Wait until something holds; fail when it does not in time."""
    for _ in range(seconds * 10):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("waited in vain")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_run_that_is_stopped_leaves_no_process_and_no_report(tmp_path, name, monkeypatch):
    scratch = Path(tempfile.mkdtemp(prefix="n"))  # paths of sockets must be short
    monkeypatch.setenv("TMPDIR", str(scratch))
    project = tiny.make(tmp_path)
    tell = "pathlib.Path(study).with_name('pid').write_text(str(os.getpid()))"
    project.chapter("10", "import os, pathlib, time", tell, "time.sleep(60)")
    run = subprocess.Popen([sys.executable, tiny.__file__, str(tmp_path)], stderr=subprocess.PIPE)
    pid = project.folder / "pid"
    wait_until(lambda: pid.exists() and pid.read_text(), 60)
    run.send_signal(getattr(signal, name))
    run.communicate(timeout=30)
    assert run.returncode != 0
    wait_until(lambda: not alive(int(pid.read_text())), 10)
    wait_until(lambda: not any(scratch.iterdir()), 10)
    scratch.rmdir()
    assert not project.report.exists()
    if name == "SIGINT":
        assert not list((tmp_path / "reports").glob(".staging*"))
