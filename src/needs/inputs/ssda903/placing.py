"""Which return each file belongs to: stated, by its dates, by what it holds, by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from needs.inputs.ssda903.dating import date_episodes, date_events, episode_keys, year_of
from needs.inputs.ssda903.evidence import CLEAR
from needs.inputs.ssda903.fitting import by_name, fit_rest
from needs.inputs.ssda903.parts import Hashes, Part
from needs.inputs.ssda903.stating import (
    Placed,
    against_dates,
    how_to_state,
    stated,
    wrongly_stated,
)
from needs.vocabulary.errors import Fault
from needs.vocabulary.study import Inputs

__all__ = ["Placed", "place_files"]

Parts = Sequence[Part]
Files = Mapping[str, Parts]
_AGAIN, _AFTER, _LOST = -6.0, -4.5, -3.0
"""Logs of chances: an episode twice in a return, after it, or not where it should be again."""


def place_files(files: Files, inputs: Inputs) -> tuple[dict[str, Placed], list[Fault]]:
    """Tie every file to the return that it is part of.

    In this order: what the study states; the dates of its episodes; episodes that go on in
    the next return; the only return there is; its children and other dates, all files
    weighed together (:func:`needs.inputs.ssda903.fitting.fit_rest`); and where these leave
    several returns, files that its name puts it together with. What none of these settles
    is a fault: nothing is guessed.

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
    if faults := wrongly_stated(files, inputs):
        return {}, faults
    if not any(_has_episodes(parts) for parts in files.values()):
        return {}, [_no_episodes(files)]
    placed: dict[str, Placed] = {}
    open_only: dict[str, int] = {}
    for file, parts in files.items():
        dated = date_episodes(parts)
        if said := stated(file, inputs):
            placed[file] = said
            faults += against_dates(file, parts, said)
        elif dated and dated.several:
            rule = "the episodes speak of several years: one file holds one return"
            mend = f"split it by return, or {how_to_state(file, files)}"
            faults.append(Fault(file, rule, mend))
            placed[file] = Placed(dated.year)
        elif dated and dated.sure:
            placed[file] = Placed(dated.year)
        elif dated:
            open_only[file] = dated.year
    if faults:
        return placed, faults  # what else could be said of other files follows from these
    faults += _place_open(files, open_only, placed)
    faults += fit_rest(files, placed)
    return placed, faults


def _has_episodes(parts: Parts) -> bool:
    return any(p.table == "episodes" for p in parts)


def _no_episodes(files: Files) -> Fault:
    first = min(files)
    label = "a Header" if any(p.table == "header" for p in files[first]) else "a table"
    rule = f"there is {label}, but no file of inputs.ssda903 is an Episodes table"
    mend = "name the Episodes file of each return under inputs.ssda903 too"
    return Fault(first, rule, mend)


# --- Episodes files in which nothing ends ---


def _place_open(
    files: Files, open_only: Mapping[str, int], placed: dict[str, Placed]
) -> list[Fault]:
    """Place Episodes files in which nothing ends: part of a return, or a year's first weeks.

    Without an ending the year is known only from below. What is open at the end of a return
    stands in the next one again; what started before a return stood in the one before; no
    return has an episode twice. Where no other Episodes file speaks of the least year or a
    later one, it is the least year.
    """
    sure = {f: p for f, p in placed.items() if _has_episodes(files[f])}
    waiting = dict(open_only)
    faults = []
    while waiting:
        found = {f: _open_fits(files, f, waiting, sure) for f in waiting}
        file = max(found, key=lambda f: (_margin(found[f]), len(files[f][0].frame)))
        fits = found[file]
        told = "contents" if len(fits) > 1 else "dates"
        if _margin(fits) < CLEAR:
            near = sorted(y for y in fits if max(fits.values()) - fits[y] < CLEAR)
            named = {f: y for f in waiting if (y := by_name(f, sure)) in found[f]}
            file = next(iter(sorted(named)), file)
            told = "names"
            if not named:
                rule = "no episode ends in it, and it could be part of several returns"
                faults.append(Fault(file, rule, how_to_state(file, files, near)))
            fits = {named[file]: 0.0} if named else fits
        waiting.pop(file)
        placed[file] = sure[file] = Placed(max(fits, key=lambda y: fits[y]), None, told)
    return faults


def _margin(fits: Mapping[int, float]) -> float:
    ordered = sorted(fits.values(), reverse=True)
    return ordered[0] - ordered[1] if len(ordered) > 1 else float("inf")


def _open_fits(
    files: Files, file: str, waiting: Mapping[str, int], sure: Mapping[str, Placed]
) -> dict[int, float]:
    """Return, for each return an open file could be of, the log of how likely that is."""
    least = waiting[file]
    years = sorted({p.year for p in sure.values()})
    possible = [y for y in years if y >= least]
    dated = date_events(files[file])
    if dated and dated.sure and dated.year in possible:
        possible = [dated.year]
    if len(possible) < 2:
        return {y: 0.0 for y in possible or [least]}
    keys: dict[int, list[Hashes]] = defaultdict(list)
    for f, p in sure.items():
        keys[p.year].append(episode_keys(files[f]))
    whole = {y: np.unique(np.concatenate(k)) for y, k in keys.items()}
    # What other waiting files hold may still come to stand anywhere.
    unsure = [episode_keys(files[f]) for f in waiting if f != file]
    mine, started = _mine(files[file])
    elsewhere = np.isin(mine, np.concatenate([np.empty(0, np.uint64), *unsure]))

    def lost(year: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        if year not in whole:
            return np.zeros(len(mine), bool)
        return ~np.isin(mine, whole[year]) & ~elsewhere

    return {
        y: _AGAIN * float(np.isin(mine, whole[y]).sum())
        + _AFTER * float((started > y).sum())
        + _LOST * float(lost(y + 1).sum() + (lost(y - 1) & (started < y)).sum())
        for y in possible
    }


def _mine(parts: Parts) -> tuple[Hashes, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return a key for each episode of a file, and the year it started in."""
    episodes = [p for p in parts if p.table == "episodes"]
    years = np.concatenate([year_of(p.frame["decom"]) for p in episodes])
    keys = np.concatenate([episode_keys([p], once=False) for p in episodes])
    return keys, years
