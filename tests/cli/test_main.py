"""The command line itself: help, versions, exit codes, and what an error may say."""

import json
import subprocess
import sys
from unittest import mock

import pytest
import tiny
import typer

from needs import __version__, cli
from needs.cli import COMMANDS, EXIT_CODES, main
from needs.vocabulary import errors

pytestmark = pytest.mark.unit


def leave(capsys, *words):
    """Return exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as e:
        main(list(words))
    return (e.value.code or 0, *capsys.readouterr())


def test_help_lists_commands_and_every_exit_code(capsys):
    code, out, _ = leave(capsys, "--help")
    assert code == 0
    assert [c for c in COMMANDS if f"  {c} " not in out] == []
    assert [n for n, text in EXIT_CODES.items() if f"{n}  {text}" not in out] == []


def test_every_error_of_ours_has_a_documented_exit_code():
    kinds = [
        k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.NeedsError)
    ]
    assert {k.exit_code for k in kinds} <= set(EXIT_CODES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(capsys, command):
    code, out, _ = leave(capsys, command, "--help")
    assert code == 0
    assert f"\n    needs {command}" in out  # an example, on a line of its own
    assert "\\b" not in out and "\b" not in out


def test_help_imports_nothing_heavy():
    heavy = ["pandas", "numpy", "pydantic", "papermill", "plotly", "nbformat", "rich", "IPython"]
    code = (
        "import sys\nfrom needs.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"sys.exit(','.join(m for m in {heavy} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_version(capsys):
    assert leave(capsys, "--version")[:2] == (0, f"needs {__version__}\n")


@pytest.mark.parametrize("words", [["nope"], ["run"], ["run", "x", "--jobs", "0"], ["run", "--x"]])
def test_a_wrong_command_line_is_2(capsys, words):
    assert leave(capsys, *words)[0] == 2


def test_schema_is_sorted_json_of_the_study(capsys):
    code, out, _ = leave(capsys, "schema")
    schema = json.loads(out)
    assert code == 0
    assert out == json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert schema["additionalProperties"] is False
    assert {"authority", "period", "inputs"} <= set(schema["required"])


@pytest.fixture
def raising(monkeypatch):
    """Let `needs schema` raise what a test wants."""

    def install(error):
        def schema():
            """Raise."""
            raise error

        monkeypatch.setitem(sys.modules, "raising", typer)
        monkeypatch.setattr(typer, "schema", schema, raising=False)
        monkeypatch.setitem(cli.COMMANDS, "schema", "raising:schema")

    return install


@pytest.mark.parametrize("kind", [errors.BusyError, errors.DisclosureError, errors.ModelError])
def test_an_error_of_ours_is_one_message_and_its_exit_code(capsys, raising, kind):
    raising(kind("put it right"))
    assert leave(capsys, "schema") == (kind.exit_code, "", "error: put it right\n")


def test_an_unforeseen_error_says_its_kind_and_never_its_words(capsys, raising):
    raising(KeyError("child A123"))
    code, _, err = leave(capsys, "schema")
    assert code == 1
    assert "KeyError" in err and "--debug" in err
    assert "A123" not in err and "Traceback" not in err


def test_a_package_that_is_not_installed_is_named_and_17(capsys, raising):
    raising(ModuleNotFoundError("No module named 'tomlkit'", name="tomlkit"))
    code, _, err = leave(capsys, "schema")
    assert code == 17
    assert "'tomlkit'" in err and "needs doctor" in err


def test_a_module_of_ours_that_is_missing_is_our_fault(capsys, raising):
    raising(ModuleNotFoundError("No module named 'needs.gone'", name="needs.gone"))
    assert leave(capsys, "schema")[0] == 1


def test_debug_warns_that_a_traceback_may_quote_data(capsys, raising):
    raising(KeyError("A123"))
    assert "may quote data" in leave(capsys, "--debug", "schema")[2]


@pytest.mark.parametrize("words", [["--debug", "schema"], ["schema", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(capsys, raising, words):
    raising(errors.BusyError("busy"))
    code, _, err = leave(capsys, *words)
    assert code == 18
    assert "Traceback" in err and "error: busy" in err


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = tiny.make(tmp_path)
    monkeypatch.chdir(tmp_path)
    with tiny.installed(made), tiny.copying():
        yield made


def test_run_says_where_the_report_lies_and_what_it_took(project, capsys):
    code, out, err = leave(capsys, "run", "analysis/tiny")
    assert code == 0
    assert "report: reports/tiny/index.html" in out
    assert " s, peak memory " in out
    assert "chapter 10 runs: new" in err
    code, out, _ = leave(capsys, "run", "analysis/tiny")
    assert "nothing has changed since the last run" in out


def test_run_takes_its_options(project, capsys, tmp_path):
    words = ["--out", str(tmp_path / "draft"), "--only", "20", "--jobs", "2", "--no-pdf"]
    assert leave(capsys, "run", "analysis/tiny", *words)[0] == 0
    assert [p.name for p in (tmp_path / "draft" / "notebooks").iterdir()] == ["20-second.ipynb"]
    assert leave(capsys, "run", "analysis/tiny", *words, "--force")[0] == 0


def test_a_pdf_not_made_is_15_and_the_report_stands(project, capsys, monkeypatch):
    made = tiny.publish

    def without_pdf(*args, **options):
        done = made(*args, **options)
        done.pdf_problem = "no browser: install one" if options["pdf"] else ""
        return done

    monkeypatch.setattr(sys.modules["needs.report.publish"], "publish", without_pdf)
    code, out, err = leave(capsys, "run", "analysis/tiny", "--pdf")
    assert code == 15
    assert "no browser: install one" in err
    assert "report: " in out
    assert (project.report / "index.html").is_file()
    code, out, err = leave(capsys, "run", "analysis/tiny", "--pdf")
    assert (code, "nothing has changed" in out) == (15, True)
    assert leave(capsys, "run", "analysis/tiny", "--no-pdf")[0] == 0


def test_check_reads_everything_and_writes_nothing(project, capsys):
    import pandas as pd

    from needs.inputs import registry
    from needs.vocabulary.records import Published

    figures = Published(pd.DataFrame({"document": ["a", "a", "b"]}))
    before = project.everything()
    with mock.patch.dict(registry.READERS, {"published": lambda _: figures}):
        code, out, _ = leave(capsys, "check", "analysis/tiny")
    assert code == 0
    assert "published: 1 file read\n  3 figures from 2 documents" in out
    assert project.everything() == before


def test_check_prints_what_each_rule_found(project, capsys):
    import pandas as pd

    from needs.inputs import registry
    from needs.vocabulary.records import Records

    rule = {"check": "x", "return_year": 2023, "children_n": 1, "how": "", "stock_n": 0}
    found = [
        {**rule, "rule": "08", "label": "DEC before DECOM", "action": "left_out", "rows_n": 3},
        {**rule, "rule": "08", "label": "DEC before DECOM", "action": "left_out", "rows_n": 4},
        {**rule, "rule": "09", "label": "Overlap", "action": "kept", "rows_n": 0},
        {
            **rule,
            "rule": "01",
            "check": "missing",
            "label": "No Header row",
            "action": "kept",
            "rows_n": 3400,
        },
    ]
    returns = {"label": ["2022-23"], "children_n": [1200], "episodes_n": [3400]}
    returns |= {"year_told": ["their dates"], "return_year": [2023], "copies": [""]}
    records = Records(
        children=pd.DataFrame(index=range(1100)),
        episodes=pd.DataFrame(index=range(3300)),
        tables={},
        returns=pd.DataFrame(returns),
        findings=pd.DataFrame(found),
        conflicts=pd.DataFrame({"rows_n": [5, 6]}),
        data_end=pd.Timestamp("2023-03-31"),
    )
    (project.folder / "inputs" / "episodes.csv").write_text("x\n")
    project.edit('published = ["inputs/figures.csv"]', 'ssda903 = ["inputs/episodes.csv"]')
    with mock.patch.dict(registry.READERS, {"ssda903": lambda _: records}):
        code, out, _ = leave(capsys, "check", "analysis/tiny")
    assert code == 0
    assert "1,100 children, 3,300 episodes" in out
    assert "year of its files told by their dates\n    it has no Header" in out
    assert "08 DEC before DECOM: 7 left out" in out
    assert "Overlap" not in out
    assert "differences between returns: 11" in out


def test_check_names_the_faults_of_all_inputs(project, capsys):
    project.edit("inputs/figures.csv", "inputs/*.csv")
    (project.folder / "inputs" / "figures.csv").write_text("bad")
    code, _, err = leave(capsys, "check", "analysis/tiny")
    assert code == 11
    assert "figures.csv: is bad" in err
