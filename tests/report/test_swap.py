"""A report takes another's place whole, or not at all."""

import errno
import os

import pytest

from needs.report import swap
from needs.report.manifest import MANIFEST

pytestmark = pytest.mark.unit


def report(folder, text):
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(text)
    return folder


def names(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture(params=["exchange", "two renames"])
def way(request, monkeypatch):
    """Both ways of swapping: the system's exchange, and what stands in for it."""
    if request.param == "two renames":
        monkeypatch.setattr(swap, "_exchange_call", lambda: None)
    return request.param


def test_first_report_takes_its_place(tmp_path, way):
    target = tmp_path / "study"
    swap.install(report(tmp_path / ".staging-study-1", "new"), target)
    assert (target / MANIFEST).read_text() == "new"
    assert names(tmp_path) == ["study"]


def test_new_report_replaces_the_old_and_leaves_nothing_of_it(tmp_path, way):
    target = report(tmp_path / "study", "old")
    (target / "only-old.csv").write_text("")
    swap.install(report(tmp_path / ".staging-study-1", "new"), target)
    assert (target / MANIFEST).read_text() == "new"
    assert names(target) == [MANIFEST]
    assert names(tmp_path) == ["study"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no exchange of names")
def test_where_the_system_exchanges_names_the_target_never_disappears(tmp_path, monkeypatch):
    assert swap._exchange_call() is not None
    target = report(tmp_path / "study", "old")
    staging = report(tmp_path / ".staging-study-1", "new")
    monkeypatch.setattr(swap.shutil, "rmtree", lambda *a, **k: None)
    seen = []
    rename = type(target).rename
    monkeypatch.setattr(type(target), "rename", lambda *a: seen.append(a) or rename(*a))
    swap.install(staging, target)
    assert seen == []
    assert (target / MANIFEST).read_text() == "new"
    assert (staging / MANIFEST).read_text() == "old"


def test_a_file_system_that_cannot_exchange_falls_back(tmp_path, monkeypatch):
    monkeypatch.setattr(swap, "_exchange_call", lambda: lambda a, b: -1)
    monkeypatch.setattr(swap.ctypes, "get_errno", lambda: errno.EINVAL)
    target = report(tmp_path / "study", "old")
    swap.install(report(tmp_path / ".staging-study-1", "new"), target)
    assert (target / MANIFEST).read_text() == "new"


def test_an_exchange_that_fails_for_another_reason_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(swap, "_exchange_call", lambda: lambda a, b: -1)
    monkeypatch.setattr(swap.ctypes, "get_errno", lambda: errno.EACCES)
    target = report(tmp_path / "study", "old")
    with pytest.raises(OSError, match=os.strerror(errno.EACCES)):
        swap.install(report(tmp_path / ".staging-study-1", "new"), target)
    assert (target / MANIFEST).read_text() == "old"


def test_recover_puts_back_the_old_report_of_a_run_killed_between_two_renames(tmp_path):
    target = tmp_path / "study"
    report(tmp_path / ".previous-study", "old")
    report(tmp_path / ".staging-study-99", "new")
    swap.recover(target)
    assert (target / MANIFEST).read_text() == "old"
    assert names(tmp_path) == ["study"]


def test_recover_drops_an_old_report_whose_successor_is_in_place(tmp_path):
    target = report(tmp_path / "study", "new")
    (tmp_path / ".previous-study").mkdir()  # half removed: its manifest is gone already
    swap.recover(target)
    assert names(tmp_path) == ["study"]
    assert (target / MANIFEST).read_text() == "new"


def test_recover_leaves_other_studies_alone(tmp_path):
    others = [".staging-study-b-7", ".staging-other-7", ".previous-other", "study-b"]
    for name in others:
        report(tmp_path / name, "theirs")
    swap.recover(tmp_path / "study")
    assert names(tmp_path) == sorted(others)


def test_staging_is_empty_and_beside_its_target(tmp_path):
    first = swap.staging_folder(tmp_path / "study")
    (first / "left").write_text("")
    again = swap.staging_folder(tmp_path / "study")
    assert again.parent == tmp_path
    assert names(again) == []


def test_what_a_kill_left_is_mended_before_a_folder_is_replaced(tmp_path):
    target = tmp_path / "pack"
    (tmp_path / ".staging-pack-1").mkdir()
    old = tmp_path / ".previous-pack"
    old.mkdir()
    (old / "mark").write_text("old")
    with pytest.raises(ZeroDivisionError), swap.replacing(target, "mark"):
        assert (target / "mark").read_text() == "old"
        1 / 0  # noqa: B018 - anything that stops the writer
    assert (target / "mark").read_text() == "old"
    with swap.replacing(target, "mark") as aside:
        (aside / "mark").write_text("new")
    assert (target / "mark").read_text() == "new"
    assert {p.name for p in tmp_path.iterdir()} == {"pack", ".lock-pack"}
