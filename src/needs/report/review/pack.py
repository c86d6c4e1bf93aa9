"""The pack for a peer reviewer: one folder, with everything that is to be looked at.

A page says who signed, what changed since the last signed-off run, what was checked, what is open
and what is assumed. Beside it lie the notebooks as text with what changed in them, the same tables
as CSV, and the comparison of results. It passes the same scan for identifiers as a report.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from needs.inputs.registry import open_data
from needs.report.blocks import Chapter
from needs.report.compare.compare import Comparison, compare_printed
from needs.report.compare.pairs import CHANGED
from needs.report.compare.read import read_report
from needs.report.compare.results import LISTED, changes_result, largest
from needs.report.compare.write import chapter_of, write_csv
from needs.report.csvs import write_tables
from needs.report.documents import titled
from needs.report.guard import refuse_identifiers
from needs.report.manifest import MANIFEST
from needs.report.page import chapter_page
from needs.report.review.report import Reviewed
from needs.report.review.results import (
    assumptions_result,
    checks_result,
    made_from_result,
    roles_result,
    warnings_result,
)
from needs.report.review.sign_off import NOTEBOOKS, write_signatures
from needs.report.shell import report_page
from needs.report.swap import replacing
from needs.vocabulary.errors import RenderError

__all__ = ["MARK", "pack_folder", "write_pack"]

MARK = "review-pack.json"
"""File that says that a folder is a pack, and may be replaced by a new one."""
ABOUT = (
    "This page is for whoever reviews the report, and is not part of it. Its tables lie in the "
    "folder tables, the notebooks as text in the folder notebooks, and what changed in them in the "
    "folder changes."
)


def pack_folder(r: Reviewed) -> Path:
    """Return where a study's pack lies: ``review/<study>`` beside its report."""
    return r.folder.parent / "review" / r.folder.name


def write_pack(r: Reviewed, out: Path | None = None, since: Path | None = None) -> Path:
    """Write a review pack; return its page.

    Parameters
    ----------
    r : Reviewed
    out : Path, optional
        Folder of the pack, replaced where it is one already.
    since : Path, optional
        Folder of a report to hold this one against; what the approver signed by default.

    Raises
    ------
    RenderError
        If the folder holds something else, or the earlier report cannot be read.
    DisclosureError
        If the pack would hold an identifier. The earlier pack is left as it was.
    """
    folder = (out or pack_folder(r)).resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise RenderError(f"'{folder.name}' holds something else; give another folder with --out")
    try:
        with replacing(folder, MARK) as aside:
            _write(r, aside, since or r.signed_folder)
            refuse_identifiers(aside, open_data(r.study))
    except OSError as e:
        raise RenderError(f"the pack could not be written: {e.strerror or e}") from e
    return folder / "index.html"


def _write(r: Reviewed, folder: Path, since: Path | None) -> None:
    then, compared = None, None
    if since is not None:
        compared = compare_printed(read_report(since), read_report(r.folder))
        then = json.loads((since / MANIFEST).read_text("utf-8"))
    _notebooks(r, folder, since)
    made = r.chapters()
    parts = _parts(r, made, then, compared)
    write_tables(folder / "tables", parts)
    if compared is not None:
        write_csv(folder / "comparison.csv", compared)
    study = titled(r.study, f"Review pack: {r.study.report.title}")
    page = report_page(
        study,
        [chapter_page(c) for c in parts],
        (),
        about=ABOUT,
        sign_off=r.state,
    )
    (folder / "index.html").write_text(page, "utf-8", newline="\n")
    if r.signatures:
        write_signatures(folder, r.signatures)  # without what somebody may have added by hand
    mark = json.dumps({"study": r.study.name, "content": r.content}, indent=2, sort_keys=True)
    (folder / MARK).write_text(f"{mark}\n", "utf-8")


def _parts(
    r: Reviewed, made: Sequence[Chapter], then: Any, compared: Comparison | None
) -> list[Chapter]:
    """Return the chapters of the page."""
    changed = [made_from_result(r, then)]
    if compared is not None and (lines := [x for x in compared.lines if _moved(x.pair.kind)]):
        title = "Results that changed since"
        changed.append(changes_result("results", title, largest(lines), compared, LISTED))
    return [
        chapter_of("1", "Sign-off", [roles_result(r)]),
        chapter_of("2", "What changed", changed),
        chapter_of("3", "Checks and warnings", [warnings_result(r, made), checks_result(r, made)]),
        chapter_of("4", "Assumptions", [assumptions_result(r)]),
    ]


def _moved(kind: str) -> bool:
    return kind in CHANGED


def _notebooks(r: Reviewed, folder: Path, since: Path | None) -> None:
    """Write each notebook as text, and what changed in it since."""
    (folder / "notebooks").mkdir()
    (folder / "changes").mkdir()
    for entry in r.manifest.chapters.values():
        source = r.folder / entry.notebook
        name = f"{source.stem}.py"
        text = _as_text(source)
        (folder / "notebooks" / name).write_text(text, "utf-8", newline="\n")
        before = since / NOTEBOOKS / source.name if since is not None else None
        if before is not None:
            old = _as_text(before) if before.is_file() else ""
            lines = difflib.unified_diff(
                old.splitlines(True), text.splitlines(True), f"signed/{name}", f"now/{name}"
            )
            if diff := "".join(lines):
                (folder / "changes" / f"{source.stem}.diff").write_text(diff, "utf-8", newline="\n")


def _as_text(path: Path) -> str:
    """Return a notebook in jupytext's percent format: code and words, no outputs."""
    import jupytext  # noqa: PLC0415 - slow

    notebook = jupytext.read(path)
    notebook.metadata = {}
    for cell in notebook.cells:
        kept = {k: v for k, v in cell.metadata.items() if k == "tags"}
        cell.metadata = type(cell.metadata)(kept)
    return str(jupytext.writes(notebook, fmt="py:percent"))
