"""The record of what a finished report shows and withholds, and an attack on what it withholds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from needs.assurance import members  # noqa: F401 - completes the study's household
from needs.assurance.recover import Found, recover
from needs.inputs.registry import open_data
from needs.report.content_key import masked_study
from needs.report.csvs import safe_cell
from needs.report.kept import HOUSEHOLD
from needs.report.target import default_target
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.kin import STUDY
from needs.vocabulary.study import load_study
from needs.vocabulary.units import UNITS

__all__ = ["COLUMNS", "Found", "Line", "Record", "attack", "record", "write_record"]

COLUMNS = ("figure", "chapter", "status", "rule")
FIGURES = "figures.csv"


@dataclass(frozen=True, slots=True)
class Line:
    """What was decided of one figure.

    Parameters
    ----------
    figure, chapter : str
    status : {"pass", "withheld", "review", "fail"}
    rule : str
        Why; it never tells which of two withheld numbers is the small one.
    """

    figure: str
    chapter: str
    status: str
    rule: str


@dataclass(frozen=True, slots=True)
class Record:
    """A line for each released figure, and what the report prints.

    Parameters
    ----------
    lines : tuple of Line
    printed : dict of str to float or None
        Figure id -> number, None where it is withheld.
    """

    lines: tuple[Line, ...]
    printed: dict[str, float | None]

    def of(self, status: str) -> tuple[Line, ...]:
        """Return the lines of one status."""
        return tuple(line for line in self.lines if line.status == status)


def _rows(folder: Path) -> list[dict[str, str]]:
    path = folder / FIGURES
    if not path.is_file():
        mend = "make the report first: needs run STUDY"
        raise RenderError("there is no report to look at", [Fault(FIGURES, "not there", mend)])
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def record(study_path: Path, out: Path | None = None) -> Record:
    """Return what was decided of each figure of a finished report.

    Parameters
    ----------
    study_path : Path
        A study.toml, or the folder that holds it.
    out : Path, optional
        Folder of the report; the study's own by default.

    Raises
    ------
    RenderError
        If there is no report.

    Notes
    -----
    Only the report's own file of figures is read. A count of people that is small and printed is
    for review: it may be typed from a published document, or be of no child.
    """
    study = load_study(study_path)
    least = study.disclosure.threshold
    rows = _rows(out or default_target(study))
    lines = tuple(Line(r["id"], r["chapter"], *_status(r, least)) for r in rows)
    withheld = {r["id"] for r in rows if r["marker"] == "c"}
    printed = {r["id"]: _number(r["value"]) for r in rows if r["value"] or r["id"] in withheld}
    return Record(lines, printed)


def _number(text: str) -> float | None:
    return float(text) if text else None


def _status(row: dict[str, str], least: int) -> tuple[str, str]:
    unit = UNITS.get(row["unit"])
    if row["marker"] == "c":
        return "withheld", "a small number, or one that would tell a small number"
    if unit is None or not unit.people:
        return "pass", "no count of people"
    if not row["value"]:
        return "pass", "no number stands here"
    size = abs(float(row["value"]))
    if size == 0 or size >= least:
        return "pass", f"nought, or {least} or more"
    return "review", f"a printed count below {least}: is it published, or of no child?"


def attack(study_path: Path, made: Record, earlier: Iterable[Record] = ()) -> Found:
    """Try to work out what a report withholds from all that it prints.

    Parameters
    ----------
    study_path : Path
    made : Record
        Of the report.
    earlier : iterable of Record, optional
        Of other reports that a reader has: what one of them prints, the reader knows.

    Raises
    ------
    InputMissing
        If the study has no SSDA903 returns.
    """
    study = masked_study(load_study(study_path), HOUSEHOLD)
    printed = dict(made.printed)
    for other in earlier:
        for figure, value in other.printed.items():
            if value is not None and printed.get(figure) is None:
                printed[figure] = value
    results, ties, _ = STUDY.kin(open_data(study)).make()
    return recover(list(results.values()), ties, study.disclosure.threshold, printed)


def write_record(path: Path, lines: Iterable[Line]) -> None:
    """Write a record as CSV: beside the file first, then in its place in one step."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for line in lines:
        out.writerow([safe_cell(v) for v in (line.figure, line.chapter, line.status, line.rule)])
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.part")
    aside.write_text(text.getvalue(), "utf-8")
    aside.replace(path)
