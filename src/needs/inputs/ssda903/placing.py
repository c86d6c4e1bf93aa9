"""Which return each file belongs to: stated, by its dates, by its children, by its name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from needs.inputs.ssda903.dating import Dated, date_episodes, date_events, episode_keys
from needs.inputs.ssda903.hints import bundles
from needs.inputs.ssda903.parts import Hashes, Part
from needs.vocabulary.errors import Fault
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Inputs

__all__ = ["Placed", "place_files"]

Parts = Sequence[Part]
_STATE = 'state it under inputs.return_years in the study, such as "{name}" = "2022-23"'
_MOST = 0.5
_CLEAR_RATIO, _CLEAR_GAP, _ENOUGH = 1.25, 0.1, 10


@dataclass(frozen=True, slots=True)
class Placed:
    """The end year of a file's return, and the end stated for an extract."""

    year: int
    end: dt.date | None = None


def place_files(
    files: Mapping[str, Parts], inputs: Inputs
) -> tuple[dict[str, Placed], list[Fault]]:
    """Tie every file to the return that it is part of.

    In this order: what the study states; the dates of its episodes; the dates of its other
    events; the only return there is; the children it shares with one return clearly more
    than with any other; files that its name puts it together with. What none of these
    settles is a fault: nothing is guessed.

    Parameters
    ----------
    files : mapping of str to sequence of Part
        File name -> its tables.
    inputs : Inputs
        ``return_years`` and ``extract_ends`` of the study.

    Returns
    -------
    dict of str to Placed, list of Fault
    """
    if faults := _wrongly_stated(files, inputs):
        return {}, faults
    placed: dict[str, Placed] = {}
    open_only: dict[str, int] = {}
    for file, parts in files.items():
        if stated := _stated(file, inputs):
            placed[file] = stated
            continue
        dated = date_episodes(parts)
        if dated and dated.several:
            rule = "the episodes speak of several years: one file holds one return"
            mend = f"split it by return, or {_STATE.format(name=_base(file))}"
            faults.append(Fault(file, rule, mend))
            placed[file] = Placed(dated.year)
        elif dated and dated.sure:
            placed[file] = Placed(dated.year)
        elif dated:
            open_only[file] = dated.year
    faults += _place_open(files, open_only, placed)
    for tables in (("header",), None):
        rest = [f for f in files if f not in placed and _holds(files[f], tables)]
        faults += _place_rest(files, rest, placed)
    return placed, faults


def _base(file: str) -> str:
    return PurePosixPath(file).name


def _holds(parts: Parts, tables: tuple[str, ...] | None) -> bool:
    return tables is None or any(p.table in tables for p in parts)


def _stated(file: str, inputs: Inputs) -> Placed | None:
    for name in (file, _base(file)):
        if name in inputs.extract_ends:
            end = inputs.extract_ends[name]
            return Placed(ReportingYear.of(end).end_year, end)
    for name in (file, _base(file)):
        if name in inputs.return_years:
            return Placed(ReportingYear.parse(inputs.return_years[name]).end_year)
    return None


def _wrongly_stated(files: Mapping[str, Parts], inputs: Inputs) -> list[Fault]:
    """Return a fault for each stated file that is not there, and each year not so written."""
    known = {*files, *map(_base, files)}
    faults = []
    for key in ("return_years", "extract_ends"):
        stated: Mapping[str, object] = getattr(inputs, key)
        for name in sorted(set(stated) - known):
            mend = "correct the name, or take the line out"
            faults.append(Fault(name, f"inputs.{key} names a file that is not read", mend))
    for name, text in inputs.return_years.items():
        try:
            ReportingYear.parse(text)
        except ValueError as e:
            faults.append(Fault(name, "inputs.return_years names no reporting year", str(e)))
    return faults


def _place_open(
    files: Mapping[str, Parts], open_only: Mapping[str, int], placed: dict[str, Placed]
) -> list[Fault]:
    """Place Episodes files in which nothing ends: part of a later return, or a year's first weeks.

    Without an ending the year is known only from below. Where no other Episodes file speaks
    of that year or a later one, it is that year.
    """
    sure = {f: p for f, p in placed.items() if _holds(files[f], ("episodes",))}
    faults = []
    for file, least in open_only.items():
        years = sorted({p.year for p in sure.values() if p.year >= least})
        if len(years) > 1:
            named = _by_name(file, sure)
            fresh = [y for y in years if not _shares_rows(files, file, sure, y)]
            years = [named] if named in years else fresh if len(fresh) == 1 else years
        if len(years) > 1:
            rule = "no episode ends in it, and it could be part of several returns"
            faults.append(Fault(file, rule, _STATE.format(name=_base(file))))
        placed[file] = Placed(years[0] if years else least)
    return faults


def _shares_rows(
    files: Mapping[str, Parts], file: str, sure: Mapping[str, Placed], year: int
) -> bool:
    """Whether another Episodes file of the year has some of its episodes already."""
    mine = episode_keys(files[file])
    others = (episode_keys(files[f]) for f, p in sure.items() if p.year == year and f != file)
    return any(len(np.intersect1d(mine, keys)) > 0 for keys in others)


def _place_rest(
    files: Mapping[str, Parts], rest: Sequence[str], placed: dict[str, Placed]
) -> list[Fault]:
    """Place files without episodes."""
    settled = dict(placed)
    members: dict[int, list[Part]] = defaultdict(list)
    for file, p in settled.items():
        members[p.year].extend(files[file])
    pools = {year: _children(parts) for year, parts in members.items()}
    faults = []
    for file in rest:
        dated = date_events(files[file])
        year = _one_year(_children(files[file]), dated, pools)
        if year is None:
            year = _by_name(file, settled)
        if year is None:
            rule = "the reporting year cannot be told from its dates, children or name"
            faults.append(Fault(file, rule, _STATE.format(name=_base(file))))
            year = min(pools, default=ReportingYear.of(dt.date(2000, 1, 1)).end_year)
        placed[file] = Placed(year)
    return faults


def _children(parts: Parts) -> Hashes:
    return np.unique(np.concatenate([np.empty(0, np.uint64), *(p.hashes for p in parts)]))


def _one_year(children: Hashes, dated: Dated | None, pools: Mapping[int, Hashes]) -> int | None:
    """Return the year that dates or children settle, if they do.

    Children settle it where the file holds most of a return's children and that return is
    clearly nearer than any other, or where they are clearly within one return alone.
    """
    if dated and dated.sure and (dated.year in pools or not pools):
        return dated.year
    if len(pools) == 1:
        return next(iter(pools))
    near: list[tuple[float, float, int]] = []
    for year, pool in pools.items():
        both = len(np.intersect1d(children, pool, assume_unique=True))
        either = max(len(children) + len(pool) - both, 1)
        near.append((both / either, both / max(len(children), 1), year))
    near.sort(reverse=True)
    if len(near) < 2 or not len(children):
        return None
    (jaccard, within, year), (next_jaccard, _, _) = near[:2]
    if jaccard >= _MOST and jaccard >= _CLEAR_RATIO * next_jaccard:
        return year
    by_within = sorted(near, key=lambda n: n[1], reverse=True)
    (_, within, year), (_, next_within, _) = by_within[:2]
    clear = within >= 1 - _CLEAR_GAP / 2 and within - next_within >= _CLEAR_GAP
    return year if clear and len(children) >= _ENOUGH else None


def _by_name(file: str, settled: Mapping[str, Placed]) -> int | None:
    """Return the year of the settled files that share a name with the file, if it is one."""
    for key in bundles(file):
        years = {p.year for f, p in settled.items() if key in bundles(f)}
        if len(years) == 1:
            return years.pop()
    return None
