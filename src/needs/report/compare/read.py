"""A report as it was printed: its figures, their words, and what it was made from.

Nothing is read but what the report itself shows: ``figures.csv``, the released results in its
notebooks (for words alone) and ``manifest.json``. A number that the report hides is not there to
be read. Reports of other versions are read as far as they go.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from needs.inputs.files import hash_file
from needs.report.manifest import MANIFEST
from needs.report.target import default_target
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.released import MIME
from needs.vocabulary.study import load_study
from needs.vocabulary.units import IN_PLACE

__all__ = ["FIGURES", "Figure", "Printed", "figures_of", "read_report"]

FIGURES = "figures.csv"
_NEEDED = ("id", "value", "printed", "unit", "period", "area", "chapter", "marker")
_RUN = ("'=", "'+", "'-", "'@")
"""How a cell begins that was made safe for spreadsheets."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a report's ``figures.csv``.

    Parameters
    ----------
    id, printed, unit, period, area, chapter, marker : str
        As it stands there.
    value : Decimal or None
        The rounded number as printed; None where a letter stands in its place.
    """

    id: str
    value: Decimal | None
    printed: str
    unit: str
    period: str
    area: str
    chapter: str
    marker: str

    @property
    def result(self) -> str:
        """Name of the result that it belongs to."""
        return self.id.partition(".")[0]

    @property
    def key(self) -> str:
        """The id without its period: the same measure of the same group, whenever."""
        parts = self.id.split(".")
        for i in range(len(parts) - 1, 1, -1):
            if self.period and parts[i] == self.period:
                return ".".join([*parts[:i], *parts[i + 1 :]])
        return self.id


@dataclass(frozen=True)
class Printed:
    """A report as printed.

    Parameters
    ----------
    name : str
        The study's name.
    year : ReportingYear
    figures : mapping of str to Figure
        By id, in the order of the report.
    titles, words : mapping of str to str
        Headline of each result, and what rows and columns call each figure.
    settings : mapping
        The study's settings as the manifest has them.
    chapters : mapping of str to mapping
        Chapter number -> parts of its key (see :mod:`needs.report.content_key`).
    files : mapping of str to str
        File of the report -> SHA-256.
    """

    name: str
    year: ReportingYear
    figures: Mapping[str, Figure]
    titles: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    chapters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_at(self) -> dt.date:
        """The day that the report looks from; the end of its year where it names none."""
        named = self.settings.get("period", {}).get("as_at")
        return dt.date.fromisoformat(named) if named else self.year.end

    def called(self, figure: Figure) -> str:
        """Return what the report calls a figure: headline of its result, then row and column."""
        title = self.titles.get(figure.result, figure.result.replace("_", " "))
        rest = figure.id.split(".")[1:]
        slug = " ".join(p for p in rest if p not in {figure.period, figure.area, "all"})
        return f"{title}: {self.words.get(figure.id) or slug.replace('_', ' ')}"


def read_report(named: str | Path) -> Printed:
    """Return a report as printed.

    Parameters
    ----------
    named : str or Path
        Folder of a report, or a study (its file or folder), whose installed report is taken.

    Raises
    ------
    RenderError
        With every fault: no report there, a file that is missing or cannot be read.
    """
    folder = _folder(Path(named))
    manifest, faults = _manifest(folder)
    try:
        figures = figures_of(folder / FIGURES)
    except RenderError as e:
        faults += e.faults
    if not faults and hash_file(folder / FIGURES) != manifest["files"].get(FIGURES):
        mend = "make the report again: needs run"
        faults.append(Fault(FIGURES, "somebody changed it after the report was made", mend))
    if faults:
        raise RenderError(f"'{folder.name}' cannot be compared", faults)
    study = manifest["study"]
    titles, words = _words(folder)
    return Printed(
        str(study["name"]),
        ReportingYear.parse(study["settings"]["period"]["reporting_year"]),
        figures,
        titles,
        words,
        study["settings"],
        {n: c["components"] for n, c in manifest["chapters"].items()},
        manifest["files"],
    )


def _folder(named: Path) -> Path:
    """Return the folder of a report that was named as that or by its study."""
    if (named / MANIFEST).is_file():
        return named
    if named.suffix == ".toml" or (named / "study.toml").is_file():
        study = load_study(named)
        folder = default_target(study)
        if (folder / MANIFEST).is_file():
            return folder
        mend = f"make it: needs run {study.name}, or name the folder of a report"
        raise RenderError("no report", [Fault(study.name, "the study has no report yet", mend)])
    mend = "name the folder of a report, which holds manifest.json, or a study"
    raise RenderError("no report", [Fault(named.name or str(named), "holds no report", mend)])


def _manifest(folder: Path) -> tuple[Any, list[Fault]]:
    """Return the manifest as far as comparing needs it, and what is wrong with it."""
    try:
        raw = json.loads((folder / MANIFEST).read_text("utf-8"))
        ReportingYear.parse(raw["study"]["settings"]["period"]["reporting_year"])
        dt.date.fromisoformat(raw["study"]["settings"]["period"]["as_at"])
        _ = raw["study"]["name"], raw["files"], [c["components"] for c in raw["chapters"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        mend = "make the report again: needs run"
        return {}, [Fault(MANIFEST, "it cannot be read as a manifest of needs", mend)]
    return raw, []


def figures_of(path: Path) -> dict[str, Figure]:
    """Read a ``figures.csv``.

    Raises
    ------
    RenderError
        If it is missing, lacks a column, names a figure twice, or holds no number where one
        should stand.
    """
    mend = "make the report again: needs run"
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            rows = list(csv.DictReader(f))
    except (OSError, UnicodeDecodeError, csv.Error):
        fault = Fault(path.name, "it is missing or cannot be read", mend)
        raise RenderError("the figures of a report cannot be read", [fault]) from None
    lacking = [c for c in _NEEDED if rows and c not in rows[0]]
    faults = [Fault(path.name, "the column is missing", mend, column=c) for c in lacking]
    found: dict[str, Figure] = {}
    for n, row in enumerate(rows if not faults else (), start=2):
        figure = _figure(row)
        if figure is None or figure.id in found:
            rule = "no number" if figure is None else "an id that stands above already"
            faults.append(Fault(path.name, rule, mend, rows=(n,)))
        else:
            found[figure.id] = figure
    if faults:
        raise RenderError("the figures of a report cannot be read", faults)
    return found


def _figure(row: Mapping[str, str | None]) -> Figure | None:
    """Return a line as a figure; None where its value is no number."""
    cells = {c: row.get(c) or "" for c in _NEEDED}
    cells = {c: t[1:] if t.startswith(_RUN) else t for c, t in cells.items()}
    value = None
    # A letter stands in the place of a number: whatever lies beside it is not read.
    if cells["value"] and cells["marker"] not in IN_PLACE:
        try:
            value = Decimal(cells["value"])
        except InvalidOperation:
            return None
        if not value.is_finite():
            return None
    return Figure(**{**cells, "value": value})  # type: ignore[arg-type]


def _words(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return headlines of results and words of figures, from the notebooks of a report."""
    titles: dict[str, str] = {}
    words: dict[str, str] = {}
    for block in _blocks(folder):
        titles.setdefault(str(block.get("name", "")), str(block.get("title", "")))
        tables = [block.get("table"), *(c.get("table") for c in block.get("charts", ()))]
        for table in tables:
            for figure, called in _cells(table or {}):
                words.setdefault(figure, called)
    return titles, words


def _blocks(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text("utf-8"))["cells"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # figures go by their ids then
        for cell in cells:
            for output in cell.get("outputs", ()):
                block = output.get("data", {}).get(MIME)
                if isinstance(block, dict):
                    yield block


def _cells(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each figure of a table with the words of its row and column."""
    width = len(table.get("stubs", ()))
    for row, ids in zip(table.get("rows", ()), table.get("ids", ()), strict=False):
        for header, figure in zip(table.get("headers", ()), ids, strict=False):
            if figure:
                yield figure, ", ".join(w for w in (*row[:width], header) if w)
