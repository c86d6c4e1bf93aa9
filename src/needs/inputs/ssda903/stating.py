"""What the study states about files, and whether the files' own dates bear it out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from needs.inputs.ssda903.dating import Flags, date_events, date_started_or_ended
from needs.inputs.ssda903.parts import Part
from needs.vocabulary.errors import ROWS_SHOWN, Fault
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Inputs

__all__ = ["Placed", "against_dates", "how_to_state", "stated", "wrongly_stated", "year_told"]

_LATE_SHARE, _FEW_INSIDE = 0.1, 0.05
_MANY = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """The end year of a file's return, the end stated for an extract, and what told the year.

    ``told`` is one of ``stated``, ``dates`` (its own), ``contents`` (its children and what
    other files hold), ``names``.
    """

    year: int
    end: dt.date | None = None
    told: str = "dates"


_TOLD = {
    "stated": "the study",
    "dates": "their dates",
    "contents": "what they hold",
    "names": "their names",
}


def year_told(told: Iterable[str]) -> str:
    """Return in words what told the year of a return's files.

    Examples
    --------
    >>> year_told(["names", "dates", "contents"])
    'their dates, what they hold and their names'
    """
    *first, last = [words for key, words in _TOLD.items() if key in set(told)] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def how_to_state(file: str, files: Iterable[str], years: Sequence[int] = ()) -> str:
    """Return the line of the study that settles a file's year."""
    base = PurePosixPath(file).name
    alone = Counter(PurePosixPath(f).name for f in files)[base] <= 1
    labels = [str(ReportingYear(y)) for y in years] or ["2022-23"]
    line = f'"{base if alone else file}" = "{labels[0]}"'
    fits = f" (its contents fit {' or '.join(labels)})" if len(labels) > 1 else ""
    return f"state it under inputs.return_years in the study, such as {line}{fits}"


def stated(file: str, inputs: Inputs) -> Placed | None:
    """Return what the study states about a file, by its path or its name alone."""
    names = (file, PurePosixPath(file).name)
    for name in names:
        if name in inputs.extract_ends:
            end = inputs.extract_ends[name]
            return Placed(ReportingYear.of(end).end_year, end, "stated")
    for name in names:
        if name in inputs.return_years:
            year = ReportingYear.parse(inputs.return_years[name]).end_year
            return Placed(year, None, "stated")
    return None


def wrongly_stated(files: Iterable[str], inputs: Inputs) -> list[Fault]:
    """Return a fault for each stated file that is not there, and each year not so written."""
    known = {n for f in files for n in (f, PurePosixPath(f).name)}
    faults = []
    for key in ("return_years", "extract_ends"):
        said: Mapping[str, object] = getattr(inputs, key)
        for name in sorted(set(said) - known):
            mend = "correct the name, or take the line out"
            faults.append(Fault(name, f"inputs.{key} names a file that is not read", mend))
    for name, text in inputs.return_years.items():
        try:
            ReportingYear.parse(text)
        except ValueError as e:
            faults.append(Fault(name, "inputs.return_years names no reporting year", str(e)))
    return faults


def against_dates(file: str, parts: Sequence[Part], placed: Placed) -> list[Fault]:
    """Return a fault where a stated year or end cannot be: the file's own dates forbid it.

    More than a tenth of its episodes start or end after the return, or (but for some few)
    none of those that ended touched its year; or nearly all its events are of another year.
    """
    reporting = ReportingYear(placed.year)
    key = "extract_ends" if placed.end else "return_years"
    mend = f"correct the line of inputs.{key}, or take it out: dates settle the year"
    faults = []
    end = placed.end or reporting.end
    for part in parts:
        if part.table != "episodes" or not len(part.frame):
            continue
        late, inside, elsewhere = date_started_or_ended(part, reporting.start, end)
        allowed = max(_LATE_SHARE * len(late), min(_MANY, len(late) // 2))
        if late.sum() > allowed:
            rule = f"stated as of {reporting}, but episodes start or end after it"
            if placed.end:
                rule = "episodes start or end after the end stated for the extract"
            faults.append(_of_rows(part, late, rule, mend))
        elif elsewhere.any() and inside.sum() <= _FEW_INSIDE * elsewhere.sum():
            rule = f"stated as of {reporting}, but its episodes ended before that year"
            faults.append(_of_rows(part, elsewhere, rule, mend))
    dated = date_events(parts)
    if not faults and dated and dated.sure and dated.year != placed.year and dated.rows > _MANY:
        rule = f"stated as of {reporting}, but its dates are of {ReportingYear(dated.year)}"
        faults.append(Fault(file, rule, mend))
    return faults


def _of_rows(part: Part, marks: Flags, rule: str, mend: str) -> Fault:
    rows = part.frame["row"].to_numpy()[marks]
    shown = tuple(sorted(int(r) for r in rows)[:ROWS_SHOWN])
    return Fault(part.file, rule, mend, "DECOM, DEC", shown, row_count=len(rows))
