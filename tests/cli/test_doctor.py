"""`needs doctor` names what is missing and how to get it, and leaves with 17 when it matters."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from needs.cli import doctor, main
from needs.cli.doctor import Finding
from needs.report import execute

pytestmark = pytest.mark.unit


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def only(monkeypatch: pytest.MonkeyPatch, *checks: str) -> None:
    monkeypatch.setattr(doctor, "CHECKS", tuple(getattr(doctor, c) for c in checks))


def test_kernel_of_this_python_starts():
    assert doctor._kernel() == Finding("Notebook kernel", "ok", "starts")


def test_kernel_that_cannot_start_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = doctor._kernel()
    assert (found.status, found.needed) == ("missing", True) and found.mend


def test_absent_package_ends_with_17_and_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    real = doctor._installed
    monkeypatch.setattr(doctor, "_installed", lambda names: real(names) | {"plotly": None})
    only(monkeypatch, "_packages")
    assert run("doctor") == 17
    out, err = capsys.readouterr()
    assert "plotly >=7" in out and "plotly >=7" in err and "pandas" not in out


def test_package_below_its_bound_is_missing(monkeypatch: pytest.MonkeyPatch):
    real = doctor._installed
    monkeypatch.setattr(doctor, "_installed", lambda names: real(names) | {"pandas": "3.0.0"})
    assert "pandas" in doctor._packages().found and doctor._packages().status == "missing"


def test_package_that_only_differs_from_the_lock_is_a_note(monkeypatch: pytest.MonkeyPatch):
    real = doctor._installed
    monkeypatch.setattr(doctor, "_installed", lambda names: real(names) | {"plotly": "7.999"})
    found = doctor._packages()
    assert (found.status, found.needed) == ("note", False) and "plotly" in found.found


def test_missing_browser_is_told_with_its_mend_but_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("NEEDS_BROWSER", "none")
    only(monkeypatch, "_browser")
    assert run("doctor") == 0
    out = capsys.readouterr().out
    assert out.startswith("missing ") and "NEEDS_BROWSER" in out and "Mend:" in out


@pytest.mark.parametrize(("major", "status"), [("99", "note"), ("999", "ok")])
def test_browser_too_old_for_page_numbers_is_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, major: str, status: str
):
    program = tmp_path / "old-browser"
    program.write_text(f"#!/bin/sh\necho Chromium {major}.0.1\n")
    program.chmod(0o755)
    monkeypatch.setenv("NEEDS_BROWSER", str(program))
    found = doctor._browser()
    assert found.status == status and f"Chromium {major}.0.1" in found.found


def test_chapter_without_its_notebook_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert doctor._chapters().status == "ok"
    monkeypatch.setattr(execute, "notebooks_folder", lambda: tmp_path)
    found = doctor._chapters()
    assert (found.status, found.needed) == ("missing", True) and "10-data-quality" in found.found


def test_folder_that_cannot_be_written_to_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    assert doctor._writing().status == "ok"
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert (doctor._writing().status, doctor._writing().needed) == ("missing", True)


def test_each_platform_gets_a_mend_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    mends = set()
    for name in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", name)
        mends |= {doctor._git().mend, doctor._quarto().mend}
    assert len(mends) == 6 and "" not in mends


def test_json_holds_every_finding_and_whether_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    ill = Finding("Thing", "missing", "gone", "get it")
    well = Finding("Other", "ok", "here")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: ill, lambda: well))
    assert run("doctor", "--json") == 17
    plain = json.loads(capsys.readouterr().out)
    assert plain["ok"] is False
    assert [(f["name"], f["status"], f["mend"]) for f in plain["findings"]] == [
        ("Thing", "missing", "get it"),
        ("Other", "ok", ""),
    ]
