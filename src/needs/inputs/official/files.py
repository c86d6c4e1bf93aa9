"""Read the files of one input: each recognised by its columns, its rows as a frame of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from needs.inputs.files import resolve
from needs.inputs.official.cells import Ragged, Sheet, read_sheets
from needs.inputs.official.layouts import LAYOUTS, Layout, Match, match, nearest
from needs.vocabulary.errors import ROWS_SHOWN, Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["Source", "at_rows", "facts", "finish", "read_sources"]

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:[-_](\d\d))?(?!\d)")


@dataclass(frozen=True)
class Source:
    """One file of an input.

    Parameters
    ----------
    file : str
        Path relative to the study's folder.
    layout : Layout
        What it was recognised as.
    frame : pandas.DataFrame
        Columns of the layout as categories of text without outer blanks, series columns by
        what their pattern caught; index ``row`` is the row number as a spreadsheet shows it.
        Columns that the layout names but the file lacks are absent.
    series : tuple of str
        The series columns, in the order of the file.
    extra_n : int
        Named columns kept out.
    heading : str
        Text above the column names, empty where there is none.
    folder_year : int or None
        Release that the file's folder names, such as ``release-2023`` or ``2022-23``.
    """

    file: str
    layout: Layout
    frame: pd.DataFrame
    series: tuple[str, ...]
    extra_n: int
    heading: str
    folder_year: int | None


def at_rows(file: str, column: str, rule: str, mend: str, rows: Iterable[int]) -> Fault:
    """Return a fault of some rows of a file."""
    numbers = sorted(int(r) for r in rows)
    return Fault(
        file, rule, mend, column=column, rows=tuple(numbers[:ROWS_SHOWN]), row_count=len(numbers)
    )


def read_sources(study: Study, input_name: str) -> tuple[list[Source], list[Fault]]:
    """Return the files of an input that could be read and recognised, and what was wrong.

    Raises
    ------
    InputError
        When a pattern of the study matches no file.
    """
    root = study.folder.resolve()
    sources: list[Source] = []
    faults: list[Fault] = []
    for path in resolve(study, input_name):
        file = path.relative_to(root).as_posix()
        source = _source(path, file, input_name)
        if isinstance(source, Source):
            sources.append(source)
        else:
            faults += source
    return sources, faults


def finish(input_name: str, faults: Sequence[Fault]) -> None:
    """Raise every fault of an input together, if there is any.

    Raises
    ------
    InputError
        With the faults.
    """
    if faults:
        raise InputError(f"input '{input_name}' is not as it should be", faults)


def facts(sources: Sequence[Source], **columns: Mapping[str, int | str]) -> pd.DataFrame:
    """Return the facts of :class:`needs.vocabulary.records.Table`, one row a file.

    Parameters
    ----------
    sources : sequence of Source
        The files read.
    **columns : mapping of str to int or str
        Further columns, by file; a file not named counts 0.
    """
    made = pd.DataFrame(
        {
            "file": [s.file for s in sources],
            "kind": [s.layout.kind for s in sources],
            "rows_n": [len(s.frame) for s in sources],
            "duplicates_n": 0,
            "left_out_n": 0,
            "extra_columns_n": [s.extra_n for s in sources],
        }
    )
    for name, values in columns.items():
        made[name] = [values.get(f, 0) for f in made["file"]]
    return made.sort_values("file", ignore_index=True)


def _source(path: Path, file: str, input_name: str) -> Source | list[Fault]:
    sheets = read_sheets(path, file)
    if isinstance(sheets, Fault):
        return [sheets]
    for sheet in sheets:
        for head, names in enumerate(sheet.head):
            found = match(names, input_name)
            if found:
                return _body(sheet, head, found, file)
    return [_unknown(sheets, file, input_name)]


def _body(sheet: Sheet, head: int, found: Match, file: str) -> Source | list[Fault]:
    names = sheet.head[head]
    twice = _twice(names, found)
    if twice:
        mend = "download the file again, or take one of the columns out"
        return [Fault(file, "two columns have the same name", mend, column=", ".join(twice))]
    try:
        frame = sheet.body(head, {**found.at, **found.series})
    except Ragged as e:
        rule = "rows have more or fewer cells than the column names: the file may be cut short"
        return [at_rows(file, "", rule, "download the file again", e.rows)]
    if frame.empty:
        rule = "the file has column names and no rows"
        return [Fault(file, rule, "download the file again, or take it out")]
    heading = " ".join(c.strip() for r in sheet.head[:head] for c in r if c.strip())
    series = tuple(k for k in found.series if not k.startswith("beside "))
    return Source(file, found.layout, frame, series, found.extra_n, heading, _year_of(file))


def _twice(names: Sequence[str], found: Match) -> list[str]:
    plain = [n.strip().lower() for n in names]
    beside = {i for k, i in found.series.items() if k.startswith("beside ")}
    used = [plain[i] for i in (*found.at.values(), *found.series.values()) if i not in beside]
    return sorted({n for n in used if plain.count(n) > 1})


def _year_of(file: str) -> int | None:
    """Return the year that the nearest folder with a year in its name names."""
    for part in reversed(PurePosixPath(file).parts[:-1]):
        years = _YEAR.findall(part)
        if years:
            start, end = years[-1]
            follows = end and (int(start) + 1) % 100 == int(end)
            return int(start) + bool(follows)
    return None


def _unknown(sheets: Sequence[Sheet], file: str, input_name: str) -> Fault:
    """Return what is nearest to the file, in this input or in another."""
    heads = [names for s in sheets for names in s.head]
    for other in sorted({layout.input for layout in LAYOUTS} - {input_name}):
        if any(match(names, other) for names in heads):
            rule = f"the columns are those of the input '{other}', not of '{input_name}'"
            return Fault(file, rule, f"list the file under inputs.{other}", rows=(1,))
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if any(match(mark.join(names).split(mark), input_name) for names in heads):
            return Fault(
                file, f"the cells are separated by {word}", "save it as CSV with commas", rows=(1,)
            )
    near = [(i, n) for i, names in enumerate(heads, 1) if (n := nearest(names, input_name))]
    if not near:
        rule = f"the columns are those of no file that '{input_name}' reads"
        mend = f"take the file out of inputs.{input_name}, or download the right one"
        return Fault(file, rule, mend, rows=(1,))
    row, (layout, lacks) = min(near, key=lambda n: len(n[1][1]))
    rule = f"looks like {layout.label}, but required columns are missing"
    mend = "download the file again with all its columns"
    return Fault(file, rule, mend, column=", ".join(lacks), rows=(row,))
