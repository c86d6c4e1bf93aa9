"""Files, or tables of them, that hold the same rows as another: read once, and told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from needs.inputs.ssda903.dating import date_episodes
from needs.inputs.ssda903.fitting import by_name
from needs.inputs.ssda903.parts import Part
from needs.inputs.ssda903.placing import Placed, place_files
from needs.inputs.ssda903.stating import stated, wrongly_stated
from needs.inputs.ssda903.tables import tables
from needs.vocabulary.errors import Fault
from needs.vocabulary.file_names import shown_name
from needs.vocabulary.study import Inputs

__all__ = ["Copy", "place_once", "told_of"]

Files = Mapping[str, Sequence[Part]]
Copy = tuple[Part, str]
"""A table that is not read, and the file that holds the same rows."""
_SEXES = {"M": "1", "F": "2"}


def place_once(
    files: Files, inputs: Inputs
) -> tuple[dict[str, list[Part]], dict[str, Placed], list[Copy], list[Fault]]:
    """Read the same table once, and tie every file that is left to its return.

    An episode ends in one return alone: two tables in which the same episodes end are one
    table that came twice. Where nothing ends, two returns may rightly say the same. Such a
    table counts as a copy where each return has its like without it, or where both belong to
    the same return.

    Parameters
    ----------
    files : mapping of str to sequence of Part
    inputs : Inputs
        What the study states about files: two that it states otherwise are no copies.

    Returns
    -------
    dict of str to list of Part
        The files without what came twice; a file that was a copy whole is left out.
    dict of str to Placed
    list of (Part, str)
        What is not read, and the file that holds the same rows.
    list of Fault
    """
    if faults := wrongly_stated(files, inputs):
        return dict(_without(files, [])), {}, [], faults
    years = _known_years(files, inputs)
    sure, likely = _found(files, inputs, years)
    left = _without(files, [*sure, *likely])
    placed, faults = place_files(left, _about(inputs, left))
    if not likely or (not faults and all(_has_like(p, left, placed) for p, _ in likely)):
        return left, placed, [*sure, *likely], faults
    left = _without(files, sure)
    placed, faults = place_files(left, _about(inputs, left))
    if faults:
        return left, placed, sure, faults
    again = [(p, f) for p, f in likely if placed[p.file].year == placed[f].year]
    left = _without(left, again)
    return left, {f: p for f, p in placed.items() if f in left}, [*sure, *again], []


def _ends(part: Part) -> bool:
    return part.table == "episodes" and bool(part.frame["dec"].notna().any())


def _without(files: Files, copies: Sequence[Copy]) -> dict[str, list[Part]]:
    """Return the files without the tables given; a file that had no other is left out."""
    gone = {id(p) for p, _ in copies}
    left = {f: [p for p in parts if id(p) not in gone] for f, parts in files.items()}
    return {f: parts for f, parts in left.items() if parts or not files[f]}


def _about(inputs: Inputs, files: Files) -> Inputs:
    """Return the settings without lines about files that are not read."""
    known = {n for f in files for n in (f, PurePosixPath(f).name)}
    kept = {
        key: {n: v for n, v in getattr(inputs, key).items() if n in known}
        for key in ("return_years", "extract_ends")
    }
    return inputs.model_copy(update=kept)


def _known_years(files: Files, inputs: Inputs) -> dict[str, int]:
    """Return the year of each file that the study, an ended episode or its name tells."""
    sure = {}
    for file, parts in files.items():
        dated = date_episodes(parts)
        said = stated(file, inputs)
        if said or (dated and dated.sure):
            sure[file] = said or Placed(dated.year if dated else 0)
    named = {f: by_name(f, sure) for f in files if f not in sure}
    return {f: p.year for f, p in sure.items()} | {f: y for f, y in named.items() if y}


def _found(files: Files, inputs: Inputs, years: Mapping[str, int]) -> tuple[list[Copy], list[Copy]]:
    """Return each table with the same rows as one of another file: surely a copy, or likely.

    The one read is of the file that the study states, then of one whose year is known, then
    of the one with most tables, then of the first by name.
    """
    ranked = sorted(files, key=lambda f: (not stated(f, inputs), f not in years, -len(files[f]), f))
    alike: dict[tuple[str, int, int], list[Part]] = {}
    for part in (p for f in ranked for p in files[f] if len(p.frame)):
        alike.setdefault((part.table, len(part.frame), len(part.child.texts)), []).append(part)
    sure: list[Copy] = []
    likely: list[Copy] = []
    for parts in (p for p in alike.values() if len(p) > 1):
        same: dict[bytes, list[Part]] = {}
        for part in parts:
            kept = same.setdefault(_digest(part), [])
            year = years.get(part.file)
            like = [o for o in kept if not _told_apart(part, o, inputs)]
            at = [o for o in like if _ends(o) or years.get(o.file) == year or not year]
            if not at:
                kept.append(part)
            elif _ends(part) or years.get(at[0].file):
                sure.append((part, at[0].file))
            else:
                likely.append((part, at[0].file))
    return sorted(sure, key=_place), sorted(likely, key=_place)


def _place(copy: Copy) -> tuple[str, str]:
    return copy[0].file, copy[0].table


def _told_apart(part: Part, other: Part, inputs: Inputs) -> bool:
    """Return whether they stand in one file, or the study states the two otherwise."""
    mine, its = stated(part.file, inputs), stated(other.file, inputs)
    return part.file == other.file or (mine is not None and mine != its)


def _digest(part: Part) -> bytes:
    """Return a number for the rows of a table, whatever their order."""
    rows = part.child_hashes.copy()
    for name in tables()[part.table].columns:
        if name in part.frame:
            values = part.frame[name]
            if name == "sex":
                values = values.astype(object).replace(_SEXES)
            of_cells = pd.util.hash_array(np.asarray(values.astype("string").fillna(""), object))
            rows = rows * np.uint64(0x100000001B3) ^ of_cells
    return hashlib.sha256(np.sort(rows).tobytes()).digest()


def _has_like(part: Part, files: Files, placed: Mapping[str, Placed]) -> bool:
    """Return whether every return has such a table without this one."""
    years = {p.year for p in placed.values()}
    return years == {placed[f].year for f, ps in files.items() for p in ps if p.table == part.table}


def told_of(
    copies: Sequence[Copy], placed: Mapping[str, Placed], returns: pd.DataFrame
) -> pd.DataFrame:
    """Return the returns with ``copies`` (words: what came twice) and ``copies_n`` (tables).

    Parameters
    ----------
    copies : sequence of (Part, str)
    placed : mapping of str to Placed
        Where the files that were read belong.
    returns : pandas.DataFrame
        One row a return.
    """
    said = [
        (
            placed[file].year,
            f"{shown_name(part.file)} ({tables()[part.table].label}, the same rows as "
            f"{shown_name(file)})",
        )
        for part, file in copies
    ]
    years = [int(y) for y in returns["return_year"]]
    words = ["; ".join(w for at, w in said if at == y) for y in years]
    return returns.assign(copies=words, copies_n=[sum(at == y for at, _ in said) for y in years])
