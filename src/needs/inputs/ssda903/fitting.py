"""Files without episodes: the return that each is part of, all of them weighed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from needs.inputs.ssda903.dating import date_events, episode_keys
from needs.inputs.ssda903.evidence import CLEAR, Evidence
from needs.inputs.ssda903.hints import bundles
from needs.inputs.ssda903.jointly import place_jointly
from needs.inputs.ssda903.parts import Part
from needs.inputs.ssda903.stating import Placed, how_to_state
from needs.vocabulary.errors import Fault

__all__ = ["by_name", "fit_rest"]

Parts = Sequence[Part]
Files = Mapping[str, Parts]
_NO_YEAR = 2000
_SOME, _MANY = 6, 20
_HALF = 0.5
_BEYOND_DOUBT = 50.0


def by_name(file: str, settled: Mapping[str, Placed]) -> int | None:
    """Return the year of the settled files that share a name with the file, if it is one.

    Years in names are believed only while no file of known year speaks against them: where
    two files of different returns have the same year in their names, names are of no use.
    """
    years_of: dict[str, set[int]] = defaultdict(set)
    by_contents: dict[str, set[int]] = defaultdict(set)
    for f, p in settled.items():
        for key in bundles(f) if p.told != "names" else ():
            (by_contents if p.told == "contents" else years_of)[key].add(p.year)
    lying = any(len(years) > 1 for key, years in years_of.items() if _is_of_years(key))
    for key in bundles(file):
        years = years_of.get(key) or by_contents[key]
        if len(years) == 1 and not (lying and _is_of_years(key)):
            return next(iter(years))
    return None


def _is_of_years(key: str) -> bool:
    return key.startswith("years ") or " years " in key


def fit_rest(files: Files, placed: dict[str, Placed]) -> list[Fault]:
    """Place the files that are not placed yet, and return a fault for each that cannot be.

    The file whose return is clearest comes first; what it holds no other file of the same
    table and return can hold again, which makes others clear. Names are asked when contents
    leave several returns.

    Parameters
    ----------
    files : mapping of str to sequence of Part
    placed : dict of str to Placed
        Every file with episodes, and every stated one; filled up.
    """
    waiting = [f for f in files if f not in placed]
    years = sorted({p.year for f, p in placed.items() if _episodes(files[f])})
    for file in [f for f in waiting if not any(len(p.frame) for p in files[f])]:
        waiting.remove(file)
        # A table without rows may lie anywhere.
        placed[file] = Placed(min(years, default=_NO_YEAR))
    for file in list(waiting):
        dated = date_events(files[file])
        sure = dated is not None and dated.sure
        if dated and sure and dated.rows >= (_MANY if dated.year in years else _SOME):
            waiting.remove(file)
            placed[file] = Placed(dated.year)
        elif len(years) == 1:
            waiting.remove(file)
            placed[file] = Placed(years[0])
    if not waiting:
        return []
    return _weigh(files, waiting, placed, _evidence(files, placed))


def _episodes(parts: Parts) -> list[Part]:
    return [p for p in parts if p.table == "episodes"]


def _evidence(files: Files, placed: Mapping[str, Placed]) -> Evidence:
    episodes: dict[int, list[Part]] = defaultdict(list)
    for file, p in placed.items():
        if own := _episodes(files[file]):
            episodes[p.year].extend(own)
    rest = {f: [p for p in parts if p.table != "episodes"] for f, parts in files.items()}
    made = Evidence(episodes, rest, {y: _copies(parts) for y, parts in episodes.items()})
    for file, p in placed.items():
        made.take(file, p.year)
    return made


def _copies(parts: Sequence[Part]) -> int:
    """Return how often the episodes of a year stand in it: more than once where an extract is."""
    keys = [episode_keys([p]) for p in parts]
    groups: list[list[int]] = []
    for i, mine in enumerate(keys):
        for group in groups:
            if not any(_most(mine, keys[j]) for j in group):
                group.append(i)
                break
        else:
            groups.append([i])
    return len(groups)


def _most(a: np.ndarray, b: np.ndarray) -> bool:
    fewer = min(len(a), len(b))
    return fewer > 0 and len(np.intersect1d(a, b, assume_unique=True)) > _HALF * fewer


def _weigh(
    files: Files, waiting: list[str], placed: dict[str, Placed], evidence: Evidence
) -> list[Fault]:
    faults: list[Fault] = []
    fits = {f: evidence.fit(f) for f in waiting}
    while fits:
        # Ties are broken by what files hold, so that their names make no difference.
        file = max(fits, key=lambda f: (_margin(fits[f]), _signature(files[f])))
        if _margin(fits[file]) >= CLEAR:
            sure = {f for f in fits if _margin(fits[f]) >= _BEYOND_DOUBT} | {file}
            done = {f: _placed(files[f], _best(fits[f])) for f in sorted(sure)}
        elif not (done := _together(files, fits, placed, evidence) or _named(fits, placed)):
            # Where a return lacks its Episodes, the years of its other files cannot be told
            # either: asking for them would hide the cause.
            return faults or [_ask(files, f, fits[f], placed) for f in fits]
        for f, p in done.items():
            if wrong := _strange_header(files, f, p, evidence):
                faults.append(wrong)
            placed[f] = p
            evidence.take(f, p.year)
            del fits[f]
        tables = {p.table for f in done for p in files[f]}
        fits |= {f: evidence.fit(f) for f in fits if tables & {p.table for p in files[f]}}
    return faults


def _best(fit: Mapping[int, float]) -> int:
    return max(fit, key=lambda y: fit[y])


def _margin(fit: Mapping[int, float]) -> float:
    first, second = sorted(fit.values(), reverse=True)[:2]
    return first - second


def _signature(parts: Parts) -> tuple[int, int]:
    return sum(len(p.frame) for p in parts), int(sum(int(p.hashes.sum()) for p in parts))


def _placed(parts: Parts, year: int) -> Placed:
    dated = date_events(parts)
    by_dates = dated is not None and dated.sure and dated.year == year
    return Placed(year, None, "dates" if by_dates else "contents")


def _together(
    files: Files,
    fits: Mapping[str, Mapping[int, float]],
    placed: Mapping[str, Placed],
    evidence: Evidence,
) -> dict[str, Placed]:
    named = {f: p.year for f, p in _named(fits, placed).items()}
    found = place_jointly(files, fits, evidence, named)
    return {f: Placed(y, None, "contents") for f, y in found.items()}


def _named(
    fits: Mapping[str, Mapping[int, float]], placed: Mapping[str, Placed]
) -> dict[str, Placed]:
    """Return the files whose names settle what their contents leave open."""
    named = {f: by_name(f, placed) for f in fits}
    near = {f: _near(fit) for f, fit in fits.items()}
    return {f: Placed(y, None, "names") for f, y in named.items() if y in near[f]}


def _near(fit: Mapping[int, float]) -> list[int]:
    """Return the returns that are not clearly worse than the best."""
    return sorted(y for y in fit if max(fit.values()) - fit[y] < CLEAR)


def _ask(files: Files, file: str, fit: Mapping[int, float], placed: dict[str, Placed]) -> Fault:
    near = _near(fit)
    placed[file] = Placed(near[0])
    rule = "the reporting year cannot be told from its dates, children or name"
    return Fault(file, rule, how_to_state(file, files, near))


def _strange_header(files: Files, file: str, p: Placed, evidence: Evidence) -> Fault | None:
    """Return a fault for a Header that no return of the study has room for."""
    headers = [part for part in files[file] if part.table == "header"]
    if p.told != "contents" or sum(len(h.hashes) for h in headers) < _MANY:
        return None
    known, twice = evidence.known(file, p.year), evidence.twice(file, p.year)
    if known >= _HALF and twice <= _HALF:
        return None
    rule = "its children are those of no Episodes file of the study"
    if known >= _HALF:
        rule = "another Header of the return that it fits best has its children already"
    mend = "add the Episodes file of its own return, or take this file out"
    return Fault(file, rule, mend)
