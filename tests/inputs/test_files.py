"""Which files a study's patterns name, and what is said where they cannot be read."""

import os
import sys
from pathlib import Path

import pytest

from needs.inputs.files import resolve
from needs.report.content_key import input_hashes
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
"""


def study(folder: Path, *lines: str):
    (folder / "study.toml").write_text(STUDY + "\n".join(lines))
    return load_study(folder)


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("CHILD\n")


def fault(folder: Path, pattern: str, *lines: str):
    with pytest.raises(InputError) as caught:
        resolve(study(folder, f'ssda903 = ["{pattern}"]', *lines), "ssda903")
    (only,) = caught.value.faults
    return only


@pytest.mark.parametrize("pattern", ["", "in/**x/*.csv"])
def test_a_pattern_that_is_none_is_a_fault_of_the_study(tmp_path, pattern):
    put(tmp_path, "in/a.csv")
    found = fault(tmp_path, pattern)
    assert found.column == "inputs.ssda903"
    assert "pattern" in found.rule
    assert found.mend


def test_a_folder_whose_files_no_pattern_names_is_said(tmp_path):
    put(tmp_path, "in/a.csv", "in/2022-23/b.csv")
    found = fault(tmp_path, "in/*")
    assert (found.file, found.column) == ("in/2022-23", "inputs.ssda903")
    assert "in/2022-23/*" in found.mend


def test_folders_alone_are_not_also_called_missing_files(tmp_path):
    put(tmp_path, "in/2022-23/b.csv")
    with pytest.raises(InputError) as caught:
        resolve(study(tmp_path, 'ssda903 = ["in/*"]'), "ssda903")
    assert [f.file for f in caught.value.faults] == ["in/2022-23"]


def test_a_folder_that_holds_nothing_or_another_inputs_files_is_no_fault(tmp_path):
    put(tmp_path, "in/a.csv", "in/published/b.csv", "in/.hidden/c.csv")
    (tmp_path / "in" / "empty").mkdir()
    made = study(tmp_path, 'ssda903 = ["in/*"]', 'published = ["in/published/*.csv"]')
    assert [p.name for p in resolve(made, "ssda903")] == ["a.csv"]


def test_a_folder_whose_files_a_second_pattern_names_is_no_fault(tmp_path):
    put(tmp_path, "in/a.csv", "in/2022-23/b.csv")
    made = study(tmp_path, 'ssda903 = ["in/*", "in/*/*"]')
    assert [p.name for p in resolve(made, "ssda903")] == ["b.csv", "a.csv"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_that_leads_nowhere_is_said(tmp_path):
    put(tmp_path, "in/a.csv")
    (tmp_path / "in" / "b.csv").symlink_to("gone.csv")
    found = fault(tmp_path, "in/*")
    assert found.file == "in/b.csv"
    assert "nowhere" in found.rule


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_linked_folder_outside_is_said_and_not_looked_into(tmp_path):
    put(tmp_path, "outside/a.csv", "study/in/a.csv")
    (tmp_path / "study" / "in" / "more").symlink_to(tmp_path / "outside")
    found = fault(tmp_path / "study", "in/*")
    assert (found.file, found.rule) == ("in/more", "a link leads out of the study's folder")


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    put(tmp_path, "in/a.csv", "in/b.csv")
    real = Path.open

    def held(self, *args, **kwargs):
        if self.name == "b.csv":
            # What Windows says of a file that a spreadsheet has open.
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **kwargs)

    made = study(tmp_path, 'ssda903 = ["in/*"]')
    monkeypatch.setattr(Path, "open", held)
    with pytest.raises(InputError) as caught:
        input_hashes(made, ["ssda903"])
    (found,) = caught.value.faults
    assert found.file == "in/b.csv"
    assert "opened" in found.rule


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_read_permission_is_named(tmp_path):
    put(tmp_path, "in/a.csv")
    (tmp_path / "in" / "a.csv").chmod(0)
    with pytest.raises(InputError, match="cannot be opened"):
        input_hashes(study(tmp_path, 'ssda903 = ["in/*"]'), ["ssda903"])
