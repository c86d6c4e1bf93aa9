"""Which return each file belongs to: stated, by its dates, by its children, by its name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from needs.inputs.ssda903.dating import date_episodes, date_events, episode_keys
from needs.inputs.ssda903.hints import bundles
from needs.inputs.ssda903.parts import Hashes, Part
from needs.vocabulary.errors import Fault
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Inputs

__all__ = ["Placed", "place_files"]

Parts = Sequence[Part]
_STATE = 'state it under inputs.return_years in the study, such as "{name}" = "2022-23"'
_NO_YEAR = 2000
_MOST = 0.5
_CLEAR_RATIO, _CLEAR_GAP, _MANY = 1.25, 0.1, 20


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
    than with any other; files that its name puts it together with (before dates and children
    where the file has few rows). What none of these settles is a fault: nothing is guessed.

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
        told = _told(files[file], pools)
        named = None if told and told.strong else _by_name(file, settled)
        year = named or (told.year if told else None)
        if year is None and any(len(p.frame) for p in files[file]):
            rule = "the reporting year cannot be told from its dates, children or name"
            faults.append(Fault(file, rule, _STATE.format(name=_base(file))))
        # A table without rows may lie anywhere.
        placed[file] = Placed(year or min(pools, default=_NO_YEAR))
    return faults


@dataclass(frozen=True, slots=True)
class _Told:
    """The year that a file's rows tell, and whether they outweigh its name."""

    year: int
    strong: bool


def _told(parts: Parts, pools: Mapping[int, Hashes]) -> _Told | None:
    """Return the year that a file's dates or children tell; many rows outweigh a name."""
    if len(pools) == 1:
        return _Told(next(iter(pools)), strong=True)
    dated = date_events(parts)
    if dated and dated.sure and (dated.year in pools or not pools):
        return _Told(dated.year, strong=sum(len(p.frame) for p in parts) >= _MANY)
    children = _children(parts)
    year = _of_children(children, pools)
    return _Told(year, strong=len(children) >= _MANY) if year else None


def _children(parts: Parts) -> Hashes:
    if len(parts) == 1:
        return parts[0].hashes
    return np.unique(np.concatenate([np.empty(0, np.uint64), *(p.hashes for p in parts)]))


def _of_children(children: Hashes, pools: Mapping[int, Hashes]) -> int | None:
    """Return the return that a file's children settle, if they do.

    They do where the file holds most of a return's children, and that return is clearly
    nearer than any other; or where they are all, or clearly more than elsewhere, in one.
    """
    if len(pools) < 2 or not len(children):
        return None
    shared = {y: len(np.intersect1d(children, p, assume_unique=True)) for y, p in pools.items()}
    near = {y: n / (len(children) + len(pools[y]) - n) for y, n in shared.items()}
    within = {y: n / len(children) for y, n in shared.items()}
    by_near = sorted(near, key=lambda y: near[y], reverse=True)
    best, second = by_near[:2]
    if near[best] == 1 or (near[best] >= _MOST and near[best] >= _CLEAR_RATIO * near[second]):
        return best if near[second] < near[best] else None
    by_within = sorted(within, key=lambda y: within[y], reverse=True)
    best, second = by_within[:2]
    clear = within[best] >= 1 - _CLEAR_GAP / 2 and within[best] - within[second] >= _CLEAR_GAP
    return best if clear else None


def _by_name(file: str, settled: Mapping[str, Placed]) -> int | None:
    """Return the year of the settled files that share a name with the file, if it is one."""
    for key in bundles(file):
        years = {p.year for f, p in settled.items() if key in bundles(f)}
        if len(years) == 1:
            return years.pop()
    return None
