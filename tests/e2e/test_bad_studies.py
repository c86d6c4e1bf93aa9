"""Bad study files: one clear error, the documented exit code, and nothing written."""

import os

import pytest
import tiny

from needs.cli import EXIT_CODES, main

pytestmark = pytest.mark.e2e

NOT_A_STUDY = "child A123 born 2009"
INPUTS = 'published = ["inputs/figures.csv"]'

# name: old text, new text, exit code, what the message must hold
EDITS = {
    "unknown key": ("seed = 7", "sead = 7", 10, ["study.toml, sead", "line 2", "unknown key"]),
    "unknown key in a section": (
        "max_invalid_share = 0.01",
        "max_invalid = 0.01",
        10,
        ["quality.max_invalid", "line 14", "needs schema"],
    ),
    "later schema version": (
        "schema_version = 1",
        "schema_version = 99",
        10,
        ["line 1", "schema 99", "later version of needs"],
    ),
    "path outside the study": (
        INPUTS,
        'published = ["../../secret.csv"]',
        10,
        ["inputs.published", "line 12", "inside the study's folder"],
    ),
    "absolute path": (INPUTS, 'published = ["/etc/passwd"]', 10, ["inside the study's folder"]),
    "missing file": (INPUTS, 'published = ["inputs/gone.csv"]', 11, ["inputs/gone.csv", "Mend:"]),
    "bad period": ('"2022-23"', '"2022-24"', 10, ["period.reporting_year", "two consecutive"]),
    "date outside the period": ("2023-03-31", "2024-03-31", 10, ["as_at must lie within 2022-23"]),
    "two faults at once": ('"2022-23"', '"2022"\nextra = 1', 10, ["period.extra", "period.rep"]),
    "not TOML": ("[authority]", "[authority", 10, ["not TOML", "line 3"]),
    "missing section": ('[authority]\nname = "Any', '[authoriti]\nname = "Any', 10, ["authority"]),
    "wrong type": ("seed = 7", 'seed = "seven"', 10, ["seed", "line 2"]),
    "unknown chapter": ('["10", "20"]', '["10", "77"]', 10, ["'77'", "report.chapters", "10, 20"]),
}


@pytest.fixture
def project(tmp_path):
    made = tiny.make(tmp_path)
    with tiny.installed(made):
        yield made


def fails(project, capsys, *words):
    """Run and check; return exit code and stderr, which are the same, and nothing is written."""
    before = project.everything()
    said = {}
    for command in ("check", "run"):
        with pytest.raises(SystemExit) as e:
            main([command, *map(str, words)])
        assert project.everything() == before
        assert not (project.root / "reports").exists()
        assert e.value.code in EXIT_CODES
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert out == "" or command == "check"
        said[command] = (e.value.code, err)
    assert said["check"] == said["run"]
    return said["run"]


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_study(project, capsys, name):
    old, new, code, holds = EDITS[name]
    project.edit(old, new)
    found, err = fails(project, capsys, project.study)
    assert found == code
    assert err.startswith("error: ")
    assert [h for h in holds if h not in err] == []
    assert "Mend: " in err


def test_no_study_file(project, capsys):
    project.study.unlink()
    code, err = fails(project, capsys, project.folder)
    assert (code, "study.toml" in err) == (10, True)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00child A123", bytes(range(256)), b"\x00" * 64],
    ids=["UTF-16", "binary", "zeros"],
)
def test_a_study_that_is_no_text(project, capsys, content):
    project.study.write_bytes(content)
    code, err = fails(project, capsys, project.study)
    assert code == 10
    assert "A123" not in err


def test_an_empty_study_names_every_section_it_lacks(project, capsys):
    project.study.write_text("")
    code, err = fails(project, capsys, project.study)
    assert code == 10
    assert [s for s in ("schema_version", "authority", "period", "inputs") if s not in err] == []


def test_a_data_file_given_as_the_study_is_not_quoted(project, capsys):
    project.study.write_text(NOT_A_STUDY)
    code, err = fails(project, capsys, project.study)
    assert code == 10
    assert "A123" not in err and "2009" not in err


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_that_leads_out_of_the_study(project, capsys, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("figure,value\n")
    link = project.folder / "inputs" / "figures.csv"
    link.unlink()
    link.symlink_to(outside)
    code, err = fails(project, capsys, project.study)
    assert code == 11
    assert "figures.csv: a link leads out of the study's folder" in err


def test_an_input_that_breaks_its_schema(project, capsys):
    (project.folder / "inputs" / "figures.csv").write_text("bad\n")
    before = project.everything()
    with pytest.raises(SystemExit) as e:
        main(["run", str(project.study)])
    assert e.value.code == 11
    assert project.everything() == before
    assert "figures.csv: is bad. Mend: mend it" in capsys.readouterr().err
