"""Signatures hold for one content, in order; the pack says what changed since."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from dataclasses import replace

import nbformat
import pikepdf
import pytest
import tiny

from needs.cli import main
from needs.cli.review import _check
from needs.inputs.files import hash_file
from needs.report.blocks import read_chapters
from needs.report.chapters import CHAPTERS
from needs.report.csvs import write_figures
from needs.report.manifest import ChapterEntry, Manifest, file_hashes
from needs.report.review import pack
from needs.report.review.pack import write_pack
from needs.report.review.report import keep_signed, reviewed
from needs.report.review.sealed import DRAFT, ROLES, SIGNED, sealed
from needs.report.review.sign_off import (
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


def by(role, day=DAY, content=CONTENT):
    return Signature(role, day, content, independent=role == "assurer")


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
    made = {k: v for k, v in CONTENT.items() if k != "figures.csv"}
    assert differences(by("analyst"), made, published=False) == ()
    assert differences(by("analyst"), made) == ("figures.csv is gone",)


def test_the_approver_signs_last_and_every_reason_is_said():
    with pytest.raises(SignOffError) as e:
        signed([by("commissioner", content={"manifest": "old"})], by("approver"), CONTENT)
    assert len(e.value.faults) == 3
    late = [by("commissioner"), by("analyst", DAY + dt.timedelta(1)), by("assurer")]
    with pytest.raises(SignOffError, match="the analyst signed on a later day"):
        signed(late, by("approver"), CONTENT)


def test_nobody_assures_without_declaring_that_somebody_else_analysed():
    bare = Signature("assurer", DAY, CONTENT)
    with pytest.raises(SignOffError, match="somebody else made the analysis"):
        signed([by("analyst")], bare, CONTENT)
    # Nor does a line taken out of the file by hand pass.
    made = [replace(s, independent=False) for s in all_signed()]
    assert statement(made, CONTENT) == DRAFT


@pytest.mark.parametrize("role", [r for r in ROLES if r != "approver"])
@pytest.mark.parametrize("days", [1, 0, -1])
def test_an_approval_lapses_when_another_role_signs_again(role, days):
    made = all_signed()
    again = by(role, DAY + dt.timedelta(days))
    after = signed(made, again, CONTENT)
    assert (statement(after, CONTENT) == DRAFT) == (days != 0)  # the very same is no new one
    assert statement([s for s in made if s.role != role], CONTENT) == DRAFT
    if days == 1:
        with pytest.raises(SignOffError, match="signed on a later day"):
            signed(after, by("approver"), CONTENT)
        later = signed(after, by("approver", DAY + dt.timedelta(1)), CONTENT)
        assert statement(later, CONTENT).startswith("Signed off")


def test_a_role_that_signs_again_replaces_its_signature(tmp_path):
    again = by("analyst", DAY + dt.timedelta(9), {"manifest": "newer"})
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
        "[[signed]]\nrole='assurer'\ndate=2024-05-01\nindependent='yes'\n[signed.hashes]\na='b'",
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
        (staging / "page.html").write_text(f"<p>{sign_off}</p><p>12 children</p>{made.words}")
        shutil.rmtree(staging / "tables", ignore_errors=True)
        return real(staging, study, notebooks, **more)

    made = Project(made)
    monkeypatch.setattr(tiny, "publish", publish)
    return made


class Project:
    """The miniature, and words that its pages have whatever its notebooks say."""

    def __init__(self, made):
        self.made, self.words = made, ""

    def __getattr__(self, name):
        return getattr(self.made, name)


def run(project):
    with tiny.copying():
        return tiny.run_tiny(project)


def cover(project):
    return (project.report / "page.html").read_text()[3:].partition("</p>")[0]


def sign(project, *roles):
    """Sign the report as it lies there, without the command line's start for each."""
    for role in roles or ROLES:
        found = reviewed(project.study)
        new = by(role, content=found.content)
        after = signed(found.signatures, new, found.content)
        keep_signed(found, after)
        write_signatures(project.folder, after)


def forge(project, name, old, new):
    """Change a file of the report together with what the manifest says of it."""
    path = project.report / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    manifest = json.loads((project.report / "manifest.json").read_text())
    manifest["files"][name] = hash_file(path)
    (project.report / "manifest.json").write_text(json.dumps(manifest))


def test_signed_off_until_the_content_changes(project, capsys):
    run(project)
    assert cover(project) == DRAFT
    assert leaves("review", project.study, "--check") == 0
    assert leaves("review", project.study, "--sign", "approver", "--date", "2024-05-01") == 23
    on = ("--date", "2024-05-01")
    assert leaves("review", project.study, "--sign", "assurer", *on) == 23
    for role in ROLES:
        more = ("--independent",) if role == "assurer" else ()
        assert leaves("review", project.study, "--sign", role, *on, *more) == 0
    assert leaves("review", project.study, "--check") == 0
    assert "covers do not say so yet" in capsys.readouterr().out
    outcome = run(project)
    assert (outcome.ran, outcome.unchanged) == ((), False)  # covers alone are made again
    assert cover(project).startswith("Signed off by commissioner, analyst, assurer and approver")
    assert run(project).unchanged
    assert leaves("review", project.study, "--check") == 0

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
    analyst = ("review", project.study, "--sign", "analyst", "--date", "2024-05-01")
    (project.report / "letter.html").write_text("put there by somebody")
    assert leaves(*analyst) == 14
    (project.report / "letter.html").unlink()
    assert leaves(*analyst) == 0
    (project.report / "figures.csv").write_text("id\nother\n")
    assert leaves("review", project.study, "--check") == 23
    assert leaves(*analyst) == 14


FORGED = (
    ("page.html", "12 children", "21 children"),
    ("tables/one.csv", "2", "3"),
    ("index.html", "cells", "shells"),
    ("page.html", "on 1 May 2024", "on 2 May 2024"),  # what a cover says is checked too
)


def test_a_changed_file_is_found_though_the_manifest_was_changed_with_it(project):
    run(project)
    sign(project)
    run(project)
    _check(reviewed(project.study))
    for name, old, new in FORGED:
        forge(project, name, old, new)
        assert reviewed(project.study).damage == ()
        with pytest.raises(SignOffError, match="not what was signed"):
            _check(reviewed(project.study))
        forge(project, name, new, old)
    _check(reviewed(project.study))


def test_a_cover_that_claims_more_than_was_signed_is_found(project):
    run(project)
    sign(project, "analyst")
    forge(project, "page.html", DRAFT, SIGNED.format(day="1 May 2024"))
    with pytest.raises(SignOffError, match="all who signed"):
        _check(reviewed(project.study))


def test_pages_that_came_out_otherwise_than_signed_are_a_draft(project):
    run(project)
    sign(project)
    project.words = "<p>and what nobody signed</p>"
    run(project)
    assert cover(project) == DRAFT


def test_what_was_signed_is_kept_and_nothing_else_under_its_name(project):
    run(project)
    sign(project)
    kept = reviewed(project.study).signed_folder
    assert (kept / "figures.csv").read_text() == "id\n"
    # On another machine, where reports/ was not copied, and the report is another by now.
    shutil.rmtree(project.report.parent)
    project.edit("seed = 7", "seed = 8")
    run(project)
    sign(project, "analyst")
    assert reviewed(project.study).signed_folder is None
    assert not list((project.report.parent / ".signed").rglob("figures.csv"))
    # Nor is a copy that somebody changed taken for what was signed.
    project.edit("seed = 8", "seed = 7")
    run(project)
    sign(project)
    kept = reviewed(project.study).signed_folder
    (kept / "figures.csv").write_text("id\nother\n")
    assert reviewed(project.study).signed_folder is None


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


# ---- what is signed of a file with a cover


def as_word(path, *lines):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "".join(f"<w:t>{x}</w:t>" for x in lines))
        file.writestr("word/media/chart.png", b"\x89PNG")
    return path


def as_pdf(path, *lines):
    """Write a page whose letters are drawn by codes of a font of its own, as browsers do."""
    letters = sorted(set("".join(lines)))
    code = {c: n for n, c in enumerate(letters, 1)}
    chars = "".join(f"<{code[c]:04x}> <{ord(c):04x}>\n" for c in letters)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        mapped = pdf.make_stream(f"{len(letters)} beginbfchar\n{chars}endbfchar".encode())
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, ToUnicode=mapped)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        shown = "".join(f"<{''.join(f'{code[c]:04x}' for c in x)}> Tj\n" for x in lines)
        page.Contents = pdf.make_stream(f"BT /F1 12 Tf\n{shown}ET".encode())
        pdf.save(path)
    return path


@pytest.mark.parametrize(("write", "name"), [(as_word, "a.docx"), (as_pdf, "a.pdf")])
def test_all_of_a_file_is_signed_but_who_signed(tmp_path, write, name):
    signed_off = SIGNED.format(day="1 May 2024")
    draft = sealed(write(tmp_path / name, DRAFT, "12 children"))
    final = sealed(write(tmp_path / name, signed_off, "12 children"))
    other = sealed(write(tmp_path / name, signed_off, "21 children"))
    more = sealed(write(tmp_path / name, f"{signed_off} And well done.", "12 children"))
    assert draft.digest == final.digest
    assert len({draft.digest, other.digest, more.digest}) == 3
    assert (draft.claims, len(final.claims)) == ((), 1)
    (tmp_path / name).write_bytes(b"spoilt")
    assert sealed(tmp_path / name).digest == hash_file(tmp_path / name)


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
        found = reviewed(folder)
        after = signed(found.signatures, by(role, content=found.content), found.content)
        keep_signed(found, after)
        written = write_signatures(folder, after)
    # A name that somebody added by hand goes no further than the study's folder.
    named = written.read_text().replace('role = "analyst"', 'role = "analyst"\nname = "Somebody"')
    written.write_text(named)
    page = write_pack(reviewed(folder))
    assert not [p for p in page.parent.rglob("*") if p.is_file() and b"Somebody" in p.read_bytes()]
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


def test_a_pack_that_cannot_be_made_leaves_the_one_that_is_there(installed, monkeypatch):
    folder, *_ = installed
    monkeypatch.setattr(pack, "_write", lambda r, aside, since: (aside / pack.MARK).write_text("1"))
    first = write_pack(reviewed(folder)).parent

    def stopped(r, aside, since):
        (aside / "half.html").write_text("half")
        assert (first / pack.MARK).read_text() == "1"
        raise OSError("no space left")

    monkeypatch.setattr(pack, "_write", stopped)
    with pytest.raises(RenderError, match="could not be written"):
        write_pack(reviewed(folder))
    assert [p.name for p in first.iterdir()] == [pack.MARK]
    assert [p for p in first.parent.iterdir() if not p.name.startswith(".lock")] == [first]


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
