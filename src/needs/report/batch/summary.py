"""What a batch leaves behind: a table and a page of how each study went."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from needs.report.batch.tasks import Done
from needs.report.csvs import safe_cell
from needs.report.shell import environment, page_style

__all__ = ["COLUMNS", "outcome_words", "write_summary"]

COLUMNS = ("study", "authority", "year", "code", "outcome", "seconds", "peak_mib", "content")


def write_summary(folder: Path, done: Sequence[Done], meanings: dict[int, str]) -> Path:
    """Write ``summary.csv`` and ``index.html``, each in one step.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    done : sequence of Done
        In the order of the batch.
    meanings : dict of int to str
        Exit code -> meaning.

    Returns
    -------
    Path
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "summary.csv", _csv(done))
    page = folder / "index.html"
    _write(page, _html(page.parent, done, meanings))
    return page


def outcome_words(done: Sequence[Done]) -> str:
    """Return how many were done and how many failed, in words."""
    bad = sum(d.code != 0 for d in done)
    words = f"{len(done) - bad} of {len(done)} studies done"
    return f"{words}, {bad} not" if bad else words


def _csv(done: Sequence[Done]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for d in done:
        took = (f"{d.seconds:.1f}", f"{d.peak_mib:.0f}")
        cells = (d.name, d.authority, d.year, str(d.code), d.words, *took, d.content)
        writer.writerow([safe_cell(c) for c in cells])
    return out.getvalue()


def _html(folder: Path, done: Sequence[Done], meanings: dict[int, str]) -> str:
    rows = [
        {
            "d": d,
            "meaning": meanings.get(d.code, ""),
            "href": Path(os.path.relpath(Path(d.folder) / "index.html", folder)).as_posix()
            if d.content
            else "",
        }
        for d in done
    ]
    return (
        environment()
        .get_template("batch.html.j2")
        .render(rows=rows, words=outcome_words(done), css=Markup(page_style()))  # noqa: S704
        + "\n"
    )


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, "utf-8", newline="\n")
    aside.replace(path)
