"""The last day that a return speaks of, and extracts that a later one of the year replaces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needs.inputs.ssda903.dating import episode_keys, latest_event
from needs.inputs.ssda903.hints import bundles
from needs.inputs.ssda903.parts import Hashes, Part
from needs.inputs.ssda903.placing import Placed
from needs.vocabulary.errors import Fault
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Study

__all__ = ["Vintage", "vintages_of"]

_QUIET_DAYS, _CHANCE = 31, 1e-6
_SAME_SHARE = 0.5


@dataclass(frozen=True)
class Vintage:
    """One return: the files of a year that were written together.

    Parameters
    ----------
    year : int
        End year.
    end : date
        Last day it speaks of.
    extract : bool
        Whether that is before 31 March.
    files : tuple of str
    told : tuple of str
        How the years of its files were told, each way once; see ``stating.Placed``.
    """

    year: int
    end: dt.date
    extract: bool
    files: tuple[str, ...]
    told: tuple[str, ...] = ()


Files = Mapping[str, Sequence[Part]]


def vintages_of(
    files: Files, placed: Mapping[str, Placed], study: Study
) -> tuple[list[Vintage], list[Fault]]:
    """Return the returns that the files make up, by year and end, and what is wrong.

    Parameters
    ----------
    files : mapping of str to sequence of Part
    placed : mapping of str to Placed
        Every file's year.
    study : Study
        ``period.as_at`` ends an extract of the study's own year.
    """
    found: list[Vintage] = []
    faults: list[Fault] = []
    for year in sorted({p.year for p in placed.values()}):
        mine = sorted(f for f in files if placed[f].year == year)
        groups, wrong = _groups(files, mine, placed)
        faults += wrong
        made = [_vintage(files, g, year, placed, study) for g in groups]
        for v in made:
            if not any(p.table == "episodes" for f in v.files for p in files[f]):
                rule = f"the return {ReportingYear(year)} has no Episodes table"
                mend = "add the Episodes file of that return, or take this file out"
                faults.append(Fault(v.files[0], rule, mend))
        ends = [v.end for v in made]
        if len(set(ends)) < len(ends):
            rule = f"two returns for {ReportingYear(year)} that end on the same day"
            mend = "take one of them out, or state the extract's end under inputs.extract_ends"
            faults.append(Fault(made[-1].files[0], rule, mend))
        found += sorted(made, key=lambda v: v.end)
    return found, faults + _after_the_study(found, study)


def _after_the_study(found: Sequence[Vintage], study: Study) -> list[Fault]:
    """Return a fault for each return that lies after the study's period.

    A later return corrects and closes episodes of the years before, so that a study of last
    year would give other figures for its own day: whoever wants that moves the period on.
    """
    year = study.period.year
    faults = []
    for v in (v for v in found if v.year > year.end_year):
        rule = f"the return {ReportingYear(v.year)} lies after the study's period, {year}"
        mend = f"take {', '.join(v.files)} out of inputs.ssda903, or move the period on"
        faults.append(Fault(v.files[0], rule, mend))
    return faults


def _groups(
    files: Files, mine: Sequence[str], placed: Mapping[str, Placed]
) -> tuple[list[list[str]], list[Fault]]:
    """Split a year's files into returns.

    Episodes files that share most of their episodes are two returns; those that share few
    are parts of one. Other files go where their names or the stated end put them.
    """
    groups: list[list[str]] = []
    with_episodes = [f for f in mine if any(p.table == "episodes" for p in files[f])]
    keys = {f: episode_keys(files[f]) for f in with_episodes}
    for file in with_episodes:
        for group in groups:
            same_end = placed[file].end == placed[group[0]].end
            if same_end and not any(_overlap(keys[file], keys[g]) for g in group):
                group.append(file)
                break
        else:
            groups.append([file])
    rest = [f for f in mine if f not in keys]
    if len(groups) <= 1:
        return [[*(groups[0] if groups else []), *rest]], []
    faults = []
    for file in rest:
        home = [g for g in groups if placed[g[0]].end == placed[file].end]
        if len(home) != 1 or placed[file].end is None:
            home = _named(file, groups)
        if len(home) != 1:
            rule = "it could belong to either of two returns of the same year"
            mend = "state the end of each of the extract's files under inputs.extract_ends"
            faults.append(Fault(file, rule, mend))
        (home or groups)[0].append(file)
    return groups, faults


def _named(file: str, groups: Sequence[list[str]]) -> list[list[str]]:
    for key in bundles(file):
        home = [g for g in groups if key in bundles(g[0])]
        if len(home) == 1:
            return home
    return []


def _overlap(a: Hashes, b: Hashes) -> bool:
    fewer = min(len(a), len(b))
    return fewer > 0 and len(np.intersect1d(a, b, assume_unique=True)) > _SAME_SHARE * fewer


def _vintage(
    files: Files, group: Sequence[str], year: int, placed: Mapping[str, Placed], study: Study
) -> Vintage:
    full = ReportingYear(year).end
    stated = {end for f in group if (end := placed[f].end)}
    end = (
        max(stated) if stated else _inferred_end([p for f in group for p in files[f]], year, study)
    )
    told = tuple(sorted({placed[f].told for f in group}))
    return Vintage(year, end, end < full, tuple(sorted(group)), told)


def _inferred_end(parts: Sequence[Part], year: int, study: Study) -> dt.date:
    """Return the last day a return speaks of where nobody states it.

    A return that falls silent long before 31 March is an in-year extract: where, were events
    even over the year, there is less than one chance in a million that all came before. It
    then ends with its last event, or with the study's as-at date if it is of that year.
    """
    reporting = ReportingYear(year)
    last, events = latest_event(parts, year)
    as_at = study.period.as_at
    if study.period.year == reporting and as_at < reporting.end and last.date() <= as_at:
        return as_at
    silence = (reporting.end - last.date()).days
    spoken = (last.date() - reporting.start).days + 1
    by_chance = (spoken / (spoken + silence)) ** events
    return last.date() if silence > _QUIET_DAYS and by_chance < _CHANCE else reporting.end
