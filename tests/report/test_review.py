"""Signatures hold for one content, in order; the pack says what changed since."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import nbformat
import pytest
import tiny

from needs.cli import main
from needs.report.blocks import read_chapters
from needs.report.chapters import CHAPTERS
from needs.report.csvs import write_figures
from needs.report.manifest import ChapterEntry, Manifest, file_hashes
from needs.report.review.pack import write_pack
from needs.report.review.report import reviewed
from needs.report.review.sign_off import (
    DRAFT,
    ROLES,
    Signature,
    differences,
    read_signatures,
    signed,
    statement,
    write_signatures,
)
from needs.vocabulary.errors import RenderError, SignOffError, StudyError

pytestmark = pytest.mark.unit

CONTENT = {"manifest": "m", "figures.csv": "f", "notebooks/20.ipynb": "n"}
DAY = dt.date(2024, 5, 1)


def by(role, day=DAY, content=CONTENT, name=""):
    return Signature(role, day, content, name)


def all_signed(content=CONTENT):
    made = []
    for role in ROLES:
        made = signed(made, by(role, content=content), content)
    return made


def test_only_all_four_roles_sign_a_report_off():
    made = all_signed()
    words = "Signed off by commissioner, analyst, assurer and approver on 1 May 2024"
    assert statement(made, CONTENT) == f"{words} for this content"
    assert statement([], CONTENT) == DRAFT
    for k in range(len(ROLES)):
        assert statement(made[:k] + made[k + 1 :], CONTENT) == DRAFT


@pytest.mark.parametrize("part", CONTENT)
def test_a_signature_holds_for_that_content_alone(part):
    for other in ({**CONTENT, part: "other"}, {**CONTENT, f"notebooks/{part}": "new"}):
        assert statement(all_signed(), other) == DRAFT
        assert len(differences(by("analyst"), other)) == 1


def test_a_report_in_the_making_has_no_figures_yet():
    assert (
        differences(by("analyst"), {k: v for k, v in CONTENT.items() if k != "figures.csv"}) == ()
    )


def test_the_approver_signs_last_and_every_reason_is_said():
    with pytest.raises(SignOffError) as e:
        signed([by("commissioner", content={"manifest": "old"})], by("approver"), CONTENT)
    assert len(e.value.faults) == 3
    late = [by("commissioner"), by("analyst", DAY + dt.timedelta(1)), by("assurer")]
    with pytest.raises(SignOffError, match="the analyst signed on a later day"):
        signed(late, by("approver"), CONTENT)


@pytest.mark.parametrize(("first", "second"), [("analyst", "assurer"), ("assurer", "analyst")])
def test_nobody_assures_their_own_analysis(first, second):
    with pytest.raises(SignOffError, match="same person"):
        signed([by(first, name="Ann  Example")], by(second, name="ann example "), CONTENT)
    assert len(signed([by(first, name="Ann Example")], by(second, name="Bo"), CONTENT)) == 2
    assert len(signed([by(first)], by(second), CONTENT)) == 2


def test_a_role_that_signs_again_replaces_its_signature(tmp_path):
    again = by("analyst", DAY + dt.timedelta(9), {"manifest": "newer"}, 'Quote "d"')
    made = signed(all_signed(), again, again.hashes)
    write_signatures(tmp_path, made)
    assert read_signatures(tmp_path) == made
    assert [s.role for s in made] == list(ROLES)
    assert made[1] == again


@pytest.mark.parametrize(
    "text",
    [
        "signed = 3", "[[signed]]\nrole = 'king'\ndate = 2024-05-01\n[signed.hashes]\na = 'b'",
        "[[signed]]\nrole = 'analyst'\ndate = 'May'\n[signed.hashes]\na = 'b'",
        "[[signed]]\nrole = 'analyst'\ndate = 2024-05-01T00:00:00\n[signed.hashes]\na = 'b'",
        "[[signed]]\nrole = 'analyst'\ndate = 2024-05-01", "x",
        "[[signed]]\nrole='analyst'\ndate=2024-05-01\n[signed.hashes]\na='b'\n" * 2,
    ],
)  # fmt: skip
def test_a_sign_off_file_that_was_spoilt_is_refused(tmp_path, text):
    (tmp_path / "sign_off.toml").write_text(text)
    with pytest.raises(StudyError, match="sign-off file is wrong"):
        read_signatures(tmp_path)


# ---- a report signed, run again, changed


def leaves(*words):
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return left.value.code or 0


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a miniature whose publishing writes down what its covers would say."""
    made = tiny.make(tmp_path)
    real = tiny.publish

    def publish(staging, study, notebooks, *, sign_off, **more):
        (staging / "figures.csv").write_text("id\n")
        (staging / "cover.txt").write_text(sign_off)
        return real(staging, study, notebooks, **more)

    monkeypatch.setattr(tiny, "publish", publish)
    return made


def run(project):
    with tiny.copying():
        return tiny.run_tiny(project)


def cover(project):
    return (project.report / "cover.txt").read_text()


def test_signed_off_until_the_content_changes(project, capsys):
    run(project)
    assert cover(project) == DRAFT
    assert leaves("review", project.study, "--check") == 0
    assert leaves("review", project.study, "--sign", "approver", "--date", "2024-05-01") == 23
    for role in ROLES:
        name = f"Somebody{role}"
        assert (
            leaves("review", project.study, "--sign", role, "--date", "2024-05-01", "--name", name)
            == 0
        )
    assert leaves("review", project.study, "--check") == 0
    outcome = run(project)
    assert (outcome.ran, outcome.unchanged) == ((), False)  # covers alone are made again
    assert cover(project).startswith("Signed off by commissioner, analyst, assurer and approver")
    assert run(project).unchanged
    assert leaves("review", project.study, "--check") == 0
    report = b"".join(p.read_bytes() for p in project.report.rglob("*") if p.is_file())
    assert b"Somebody" not in report

    project.edit("seed = 7", "seed = 8")
    run(project)
    assert cover(project) == DRAFT
    capsys.readouterr()
    assert leaves("review", project.study, "--check") == 23
    said = capsys.readouterr()
    assert "notebooks/20-second.ipynb changed" in said.out
    assert "not what was signed by: commissioner, analyst, assurer, approver" in said.err


def test_what_was_changed_by_hand_is_neither_signed_nor_taken_as_signed(project):
    run(project)
    sign = ("review", project.study, "--sign", "analyst", "--date", "2024-05-01")
    assert leaves(*sign) == 0
    (project.report / "figures.csv").write_text("id\nother\n")
    assert leaves("review", project.study, "--check") == 23
    assert leaves(*sign) == 14


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--sign", "king", "--date", "2024-05-01"), 2),
        (("--sign", "analyst"), 2),
        (("--date", "2024-05-01"), 2),
        (("--sign", "analyst", "--date", "May"), 2),
        (("--sign", "analyst", "--date", "2023-03-30"), 23),  # before the day looked from
    ],
)
def test_a_signature_names_a_role_and_a_day(project, words, code):
    run(project)
    assert leaves("review", project.study, *words) == code
    assert read_signatures(project.folder) == []


def test_a_spoilt_sign_off_file_stops_a_run_before_anything_is_written(project):
    (project.folder / "sign_off.toml").write_text("spoilt")
    with pytest.raises(StudyError):
        run(project)
    assert not project.report.exists()


# ---- the pack


@pytest.fixture
def installed(tmp_path, report, study):
    """Return a study's folder with a report of hand-made chapters installed."""
    folder = tmp_path / "analysis" / "ours"
    (folder / "inputs").mkdir(parents=True)
    (folder / "study.toml").write_text(
        tiny.STUDY.replace('published = ["inputs/figures.csv"]', "").replace("999", "931")
    )
    (folder / "assumptions.csv").write_text(
        "id,text,reliability,owner_role,to_review\nA1,Seen,high,Analyst,\nA2,Unseen,low,Head,yes\n"
    )
    target = tmp_path / "reports" / "ours"
    install(folder, target, report)
    return folder, target, report


def install(folder, target, report, seed=7, key="k"):
    from needs.vocabulary.study import load_study

    target.mkdir(parents=True, exist_ok=True)
    entries = {}
    (target / "notebooks").mkdir(exist_ok=True)
    for spec, path in report.notebooks:
        (target / "notebooks" / spec.notebook).write_bytes(path.read_bytes())
        parts = {"code": key, "settings.seed": str(seed)}
        entries[spec.number] = ChapterEntry(f"notebooks/{spec.notebook}", key, parts)
    write_figures(target / "figures.csv", read_chapters(report.notebooks))
    manifest = Manifest.describe(
        load_study(folder), target, inputs={}, checked="", chapters=entries, publish={}, pdf={}
    )
    settings = {**manifest.study["settings"], "seed": seed}
    study = {**manifest.study, "settings": settings}
    replace(manifest, study=study, files=file_hashes(target)).write(target)


def test_the_pack_says_what_is_open_assumed_and_changed(installed):
    folder, target, report = installed
    for role in ROLES:
        assert leaves("review", folder, "--sign", role, "--date", "2024-05-01") == 0
    page = write_pack(reviewed(folder))
    pack = page.parent
    text = (pack / "notebooks" / "20-children-looked-after.py").read_text()
    assert "# %%" in text
    assert "chapter.show(secret_source)" in text
    assert "outputs" not in text
    assert not list((pack / "changes").iterdir())
    warnings = (pack / "tables" / "3-warnings.csv").read_text()
    assert "review: Rounding" in warnings
    assert "fail: Sum" in warnings
    assert "Adds up" not in warnings
    assumed = (pack / "tables" / "4-assumptions.csv").read_text().splitlines()
    assert assumed[1].startswith("A2")
    assert assumed[1].endswith("to review")

    _, path = report.notebooks[0]
    nb = nbformat.read(path, 4)
    nb.cells[1].source += "\nMore was said."
    raw = json.dumps(nb).replace('"171"', '"175"')
    path.write_text(raw)
    install(folder, target, report, seed=9, key="other")
    page = write_pack(reviewed(folder))
    diff = (pack / "changes" / f"{CHAPTERS['20'].notebook[:-6]}.diff").read_text()
    assert "+# More was said." in diff
    made_from = (pack / "tables" / "2-made_from.csv").read_text()
    assert "setting seed,7,9" in made_from
    html = page.read_text()
    assert "Changed since: the code of needs." in html
    assert DRAFT in html
    assert "175 r" in html


def test_a_pack_takes_nobodys_folder(installed, tmp_path):
    folder, *_ = installed
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("kept")
    with pytest.raises(RenderError, match="holds something else"):
        write_pack(reviewed(folder), tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "kept"


def test_a_study_without_a_report_is_told_how_to_make_one(installed):
    folder, target, _ = installed
    target.rename(target.with_name("elsewhere"))
    with pytest.raises(RenderError, match="needs run ours"):
        reviewed(folder)
