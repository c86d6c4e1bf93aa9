"""A region: many synthetic authorities of different size, level and course, each a study.

Everything about an authority follows from the region's seed and its place in the list, so
that the number of processes changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

from needs.synthetic.study import asked, preset, synthesise
from needs.synthetic.text import write_csv
from needs.vocabulary.errors import Fault, StudyError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

__all__ = ["LIST", "MOST", "Member", "Written", "draw", "write_region"]

LIST = "authorities.csv"
"""The region's list of authorities, written last."""
MOST = 99
"""Authorities that three-digit codes beginning with 6, which no authority has, allow."""
_FIRST = (
    "Ash", "Brack", "Cold", "Dun", "Elver", "Fen", "Garth", "Hazel", "Ing", "Jessel", "Kest",
    "Lang", "Mere", "North", "Ouse", "Pend", "Quarr", "Rush", "Sel", "Thorn",
)  # fmt: skip
_SECOND = ("wick", "marsh", "bourne", "hallow", "stead")
_RATES = {"stationary": 0.5, "growing": 0.25, "shifting": 0.25}
# Residents under 18 and entries per 10,000 of them (medians, spread of the logarithm).
_SIZE, _SIZE_SPREAD, _SIZE_RANGE = 75_000, 0.6, (22_000, 320_000)
_LEVEL, _LEVEL_SPREAD, _LEVEL_RANGE = 26.0, 0.28, (14.0, 48.0)
_PRICE_SPREAD = 0.08


@dataclass(frozen=True, slots=True)
class Member:
    """One authority of a region.

    Parameters
    ----------
    study, name, dfe_code, ons_code : str
        Folder, short name, and codes that no authority has.
    authority : str
        Course of its rates: ``stationary``, ``growing`` or ``shifting``.
    residents_under_18 : int
    entries_per_10k, entries_per_year, uasc_per_year : float
        Children entering a year at the start, for 10,000 residents and in number.
    price_level : float
        Prices against the usual ones.
    seed : int
    """

    study: str
    name: str
    dfe_code: str
    ons_code: str
    authority: str
    residents_under_18: int
    entries_per_10k: float
    entries_per_year: float
    uasc_per_year: float
    price_level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of an authority: its place in the list, and how much."""

    place: int
    name: str
    children_31_march: int
    episodes: int


def _name(place: int) -> str:
    step, word = divmod(place, len(_FIRST))
    return _FIRST[word] + _SECOND[(word + step) % len(_SECOND)]


def _member(place: int, seed: np.random.SeedSequence) -> Member:
    rng = np.random.default_rng(seed)
    people = np.clip(_SIZE * np.exp(rng.normal(0, _SIZE_SPREAD)), *_SIZE_RANGE)
    level = np.clip(_LEVEL * np.exp(rng.normal(0, _LEVEL_SPREAD)), *_LEVEL_RANGE)
    people, level = int(round(people, -2)), round(float(level), 1)
    return Member(
        study=_name(place).lower(),
        name=_name(place),
        dfe_code=str(600 + place),
        ons_code=f"E10999{place:03d}",
        authority=str(rng.choice(list(_RATES), p=list(_RATES.values()))),
        residents_under_18=people,
        entries_per_10k=level,
        entries_per_year=round(people * level / 10_000, 1),
        uasc_per_year=round(float(people / 10_000 * rng.gamma(4, 0.6)), 1),
        price_level=round(float(np.exp(rng.normal(0, _PRICE_SPREAD))), 3),
        seed=int(rng.integers(1, 2**31)),
    )


def draw(authorities: int, seed: int) -> list[Member]:
    """Return the authorities of a region; the first of a longer list are those of a shorter.

    Parameters
    ----------
    authorities : int
        From 1 to :data:`MOST`.
    seed : int
    """
    seeds = np.random.SeedSequence(seed).spawn(authorities)
    return [_member(place, s) for place, s in enumerate(seeds)]


def _text(name: str, words: dict[str, object]) -> str:
    return Template(files("needs.synthetic.data").joinpath(name).read_text("utf-8")).substitute(
        words
    )


def _write(
    folder: Path, place: int, member: Member, first: str, last: str, settings: tuple[str, ...]
) -> Written:
    """Write one authority's study; runs in a process of its own."""
    home = folder / member.study
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    year = ReportingYear.parse(last)
    words = asdict(member) | {"first_year": first, "reporting_year": last}
    words |= {"as_at": str(year.end), "dirt": settings[0]}
    (home / "study.toml").write_text(_text("region_study.toml", words), "utf-8", newline="\n")
    study = load_study(home)
    made = synthesise(home / "inputs", preset(study), asked(study), year, study.seed)
    e, end = made.lives.episodes, pd.Timestamp(year.end)
    there = (e["decom"] <= end) & (e["dec"].isna() | (e["dec"] > end))
    return Written(place, member.name, int(there.sum()), len(e))


def _make_room(folder: Path) -> None:
    """Take an older region of this folder away; refuse a folder that holds anything else."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / LIST).is_file():
        rule = "it is not empty, and no region was written there"
        raise StudyError(
            "the folder cannot be used", [Fault(folder.name, rule, "name another folder")]
        )
    old = pd.read_csv(folder / LIST, dtype=str)["study"]
    (folder / LIST).unlink()
    known = {_name(place).lower() for place in range(MOST)}
    for study in sorted(set(old) & known):
        shutil.rmtree(folder / study, ignore_errors=True)


def write_region(
    folder: Path,
    members: list[Member],
    first: ReportingYear,
    last: ReportingYear,
    *,
    dirt: bool = True,
    jobs: int = 1,
) -> Iterator[Written]:
    """Write a region's studies, one folder each, and yield each when it is done.

    Parameters
    ----------
    folder : Path
        Empty, absent, or an older region, which is replaced.
    members : list of Member
    first, last : ReportingYear
        First and last return of each authority.
    dirt : bool
        Whether to plant the faults that real returns have.
    jobs : int
        Processes at once; the bytes do not depend on it.

    Raises
    ------
    StudyError
        If the folder holds anything else.
    """
    _make_room(folder)
    folder.mkdir(parents=True, exist_ok=True)
    told = (str(first), str(last), (str(dirt).lower(),))
    written: list[Written] = []
    if jobs == 1:
        for place, member in enumerate(members):
            written.append(_write(folder, place, member, *told))
            yield written[-1]
    else:
        # The largest first, so that no process is left with a large one at the end.
        order = sorted(range(len(members)), key=lambda i: -members[i].entries_per_year)
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            tasks = [pool.submit(_write, folder, i, members[i], *told) for i in order]
            for task in as_completed(tasks):
                written.append(task.result())
                yield written[-1]
    listed = pd.DataFrame([asdict(m) for m in members])
    by_place = sorted(written, key=lambda w: w.place)
    listed["children_31_march"] = [w.children_31_march for w in by_place]
    listed["episodes"] = [w.episodes for w in by_place]
    text = _text("region_readme.md", {"n": len(members), "first": first, "last": last})
    (folder / "README.md").write_text(text, "utf-8", newline="\n")
    write_csv(listed, folder / LIST)
