"""What is taken out of an executed notebook, and what is told of a failure."""

import sys

import nbformat
import pytest

from needs.report import execute as ex
from needs.report.normalise import normalise, places

pytestmark = pytest.mark.unit

v4 = nbformat.v4
OURS = ("InputError",)


def executed(*outputs, source="1", count=5):
    """Return a notebook as papermill leaves it, with its times, ids and parameter."""
    injected = v4.new_code_cell('# Parameters\nstudy = "/home/somebody/analysis/x/study.toml"\n')
    injected.metadata = {"tags": ["injected-parameters"], "papermill": {"duration": 0.1}}
    injected.execution_count = 3
    cell = v4.new_code_cell(source, outputs=list(outputs), execution_count=count)
    cell.metadata = {"papermill": {"start_time": "2026-01-01"}, "execution": {"x": "1"}}
    nb = v4.new_notebook(cells=[injected, cell])
    nb.metadata = {"papermill": {"input_path": "/home/somebody/n.ipynb"}, "kernelspec": {"name": 1}}
    return nb


def error(ename, evalue, traceback=()):
    return v4.new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))


def test_two_runs_in_two_places_leave_the_same_notebook():
    first, second = executed(), executed(count=9)
    second.cells[0].source = second.cells[0].source.replace("somebody", "other")
    texts = {nbformat.writes(normalise(nb, "analysis/x", OURS)) for nb in (first, second)}
    assert len(texts) == 1
    (text,) = texts
    assert "somebody" not in text and "papermill" not in text
    nbformat.validate(nbformat.reads(text, 4))


def test_the_parameter_names_the_study_and_not_its_place():
    nb = normalise(executed(), "analysis/x", OURS)
    assert nb.cells[0].source == '# Parameters\nstudy = "analysis/x"\n'


def test_counts_are_in_order_and_cells_that_did_not_run_have_none():
    nb = executed(v4.new_output("execute_result", {"text/plain": "1"}, execution_count=5))
    nb.cells.append(v4.new_code_cell("never"))
    nb = normalise(nb, "x", OURS)
    assert [c.execution_count for c in nb.cells] == [1, 2, None]
    assert nb.cells[1].outputs[0].execution_count == 2


def test_pieces_of_a_stream_are_joined_wherever_they_were_cut():
    def out(*texts):
        return [v4.new_output("stream", name="stdout", text=t) for t in texts]

    cut, whole = (normalise(executed(*o), "x", OURS) for o in (out("a\n", "b\n"), out("a\nb\n")))
    assert cut == whole
    other = v4.new_output("stream", name="stderr", text="c\n")
    assert len(normalise(executed(*out("a\n"), other), "x", OURS).cells[1].outputs) == 2


def test_tags_stay_and_papermills_banner_goes():
    nb = executed()
    nb.cells.insert(0, v4.new_markdown_cell("x", metadata={"tags": ["papermill-error-cell-tag"]}))
    nb.cells[2].metadata["tags"] = ["hide-input"]
    nb = normalise(nb, "x", OURS)
    assert len(nb.cells) == 2
    assert nb.cells[1].metadata == {"tags": ["hide-input"]}


def test_the_words_of_a_foreign_error_are_hidden_and_its_places_kept():
    traceback = [
        "\x1b[31mKeyError\x1b[39m Traceback (most recent call last)",
        "Cell In[3], line 1\n----> 1 child('A123')",
        "File /home/somebody/src/needs/care/stock.py:55, in stock(data)\n 55 data['A123']",
        "KeyError: 'A123'",
    ]
    nb = normalise(executed(error("KeyError", "'A123'", traceback)), "x", OURS)
    (output,) = nb.cells[1].outputs
    assert "A123" not in str(output) and "somebody" not in str(output)
    assert "needs/care/stock.py:55" in output.traceback
    assert output.ename == "KeyError"


def test_the_words_of_our_error_stay():
    nb = normalise(executed(error("InputError", "mend it", ["long", "story"])), "x", OURS)
    assert nb.cells[1].outputs[0].traceback == ["InputError: mend it"]


def test_places_know_installed_packages_and_the_library():
    lines = [
        "File /opt/env/lib/python3.11/site-packages/pandas/core/x.py:10, in f",
        "File /opt/python/lib/python3.11/json/decoder.py:3, in g",
        r"File C:\Users\somebody\src\needs\a.py:4, in h",
        "File /home/somebody/own.py:1, in i",
    ]
    assert list(places(lines)) == [
        "pandas/core/x.py:10",
        "json/decoder.py:3",
        "needs/a.py:4",
        "own.py:1",
    ]


def stopped(*cells):
    return ex._stopped_at(v4.new_notebook(cells=list(cells)), RuntimeError("Kernel died"))


def began(source, *outputs):
    cell = v4.new_code_cell(source, outputs=list(outputs))
    cell.metadata = {"papermill": {"start_time": "2026-01-01"}}
    return cell


def test_a_failure_names_cell_source_kind_and_place_but_no_value():
    told = stopped(
        began("ok()"),
        began("bad()\nmore()", error("ValueError", "A123", ["File /src/needs/a.py:7, in f"])),
    )
    assert (told.cell, told.source, told.exit_code) == (2, "bad()", 0)
    assert told.message == "ValueError in needs/a.py:7"


def test_our_own_error_keeps_words_and_exit_code():
    told = stopped(began("x", error("InputError", "mend it")))
    assert (told.kind, told.message, told.exit_code) == ("InputError", "mend it", 11)


def test_a_dead_kernel_is_told_with_the_cell_that_was_running():
    told = stopped(began("first()"), began("second()"), v4.new_code_cell("third()"))
    assert (told.cell, told.source) == (2, "second()")
    assert "memory" in told.message


def test_a_kernel_that_never_started_is_told():
    assert "did not start" in stopped(v4.new_code_cell("first()")).message
    assert "did not start" in ex._stopped_at(None, RuntimeError()).message


def test_environment_is_fixed_but_threads_that_were_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "12")
    monkeypatch.setenv("PYTHONSTARTUP", "mine.py")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    made = ex.environment(tmp_path)
    assert made["PYTHONHASHSEED"] == "0"
    assert "PYTHONSTARTUP" not in made
    assert (made["OPENBLAS_NUM_THREADS"], made["OMP_NUM_THREADS"]) == ("2", "1")
    assert made["IPYTHONDIR"].startswith(str(tmp_path))


def test_the_kernel_is_this_interpreters_whatever_specs_are_installed(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/other/python"], "display_name": "x"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernel = ex._kernel_manager(tmp_path, 1)(kernel_name="python3")
    assert kernel.kernel_spec.argv[0] == sys.executable


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_kernels_listen_in_a_private_folder_and_on_no_port(tmp_path):
    kernel = ex._kernel_manager(tmp_path, 1)(kernel_name="python3")
    assert kernel.transport == "ipc"
    assert kernel.connection_file.startswith(str(tmp_path))
    assert kernel.ip.startswith(str(tmp_path))


def test_quick_imports_leave_no_trace():
    name = "rfc3987_syntax"
    was = sys.modules.get(name)
    with ex.quick_imports():
        pass
    assert sys.modules.get(name) is was


def test_notebooks_come_from_the_checkout_or_from_inside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "src" / "needs"
    (package / "_notebooks").mkdir(parents=True)
    monkeypatch.setattr(ex, "PACKAGE", package)
    assert ex.notebooks_folder() == package / "_notebooks"
    (tmp_path / "notebooks").mkdir()
    assert ex.notebooks_folder() == tmp_path / "notebooks"


class TestStart:
    """A kernel that does not come up gets one more chance; a cell that fails gets none."""

    @pytest.fixture
    def job(self, tmp_path):
        return ex.Job("n.ipynb", str(tmp_path / "out.ipynb"), "/study.toml", "x")

    def run(self, job, monkeypatch, tmp_path, *attempts):
        tried = []

        def papermill(job, scratch, attempt):
            tried.append(attempt)
            nb = attempts[attempt - 1]
            if nb is not None:
                nbformat.write(nb, job.output)
            if nb is None or any(o.output_type == "error" for o in nb.cells[-1].outputs):
                raise RuntimeError("Kernel died before replying to kernel_info")

        monkeypatch.setattr(ex, "_papermill", papermill)
        return ex.execute(job, tmp_path), tried

    def test_second_chance(self, job, monkeypatch, tmp_path):
        assert self.run(job, monkeypatch, tmp_path, None, executed()) == (None, [1, 2])

    def test_no_third_chance(self, job, monkeypatch, tmp_path):
        failure, tried = self.run(job, monkeypatch, tmp_path, None, None)
        assert (failure.cell, tried) == (0, [1, 2])

    def test_a_failing_cell_is_not_run_twice(self, job, monkeypatch, tmp_path):
        failure, tried = self.run(job, monkeypatch, tmp_path, executed(error("KeyError", "A1")))
        assert (failure.cell, failure.kind, tried) == (2, "KeyError", [1])
