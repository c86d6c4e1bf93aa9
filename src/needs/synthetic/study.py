"""Write a whole study's inputs from a seed, with the truth beside them."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from needs.synthetic.calibrate import Target, calibrated
from needs.synthetic.costs import CostTruth
from needs.synthetic.engine import History, day_of, simulate
from needs.synthetic.episodes import Lives, lives
from needs.synthetic.needs import NeedsTruth
from needs.synthetic.places import Map, located, synthetic_map
from needs.synthetic.registered import heading
from needs.synthetic.residents import residents
from needs.synthetic.returns import identifiers, upns, write_returns
from needs.synthetic.tables import other_tables
from needs.synthetic.text import write_csv
from needs.synthetic.truth import Truth, authority, growing, shifting, stationary
from needs.vocabulary.errors import Fault, StudyError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Study, Synthesis

__all__ = [
    "RATES",
    "Preset",
    "Synthetic",
    "asked",
    "compose",
    "oxfordshire",
    "preset",
    "synthesise",
]


@dataclass(frozen=True)
class Preset:
    """A synthetic authority: its rates, and the published counts it is fitted to, if any.

    Parameters
    ----------
    ons_code : str
    truth : Truth
    targets : mapping of int to Target
        Reporting year -> published counts at its 31 March; empty where nothing is fitted.
    name : str
        Short name, as providers' and homes' tables write the authority's own.
    residents_under_18 : int
        Children who live in the area.
    price_level : float
        Factor on every base cost.
    """

    ons_code: str
    truth: Truth
    targets: Mapping[int, Target]
    name: str = "Oxfordshire"
    residents_under_18: int = 148_000
    price_level: float = 1.0

    @property
    def size(self) -> float:
        """Size against the bundled authority, for what goes with it."""
        return self.residents_under_18 / 148_000


@dataclass(frozen=True)
class Synthetic:
    """A synthetic authority in memory: lives in DfE's words, and the map they live on."""

    lives: Lives
    where: Map
    truth: Truth
    history: History


def oxfordshire() -> Preset:
    """Return the bundled authority: synthetic children, Oxfordshire's published totals."""
    text = files("needs.synthetic.data").joinpath("oxfordshire.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    truth = authority(*({int(y): float(n) for y, n in raw[k].items()} for k in ("entries", "uasc")))
    targets = {
        int(y): Target(n, raw["places"].get(y, {}), raw["uasc_totals"].get(y))
        for y, n in raw["totals"].items()
    }
    return Preset(raw["authority"]["ons_code"], truth, targets)


RATES: Mapping[str, Callable[..., Truth]] = {
    "stationary": stationary,
    "growing": growing,
    "shifting": shifting,
}
"""Authorities that live by their written rates exactly, by name."""


def asked(study: Study) -> Synthesis:
    """Return a study's section [synthesis]; a study without one is not synthetic.

    Raises
    ------
    StudyError
    """
    if study.synthesis is None:
        mend = "add it, or leave this command to synthetic studies"
        raise StudyError(
            "this study is not synthetic",
            [Fault("study.toml", "there is no section [synthesis]", mend, column="synthesis")],
        )
    return study.synthesis


def preset(study: Study) -> Preset:
    """Return the synthetic authority that a study's section [synthesis] asks for."""
    wanted = asked(study)
    made = oxfordshire()
    if wanted.authority != "oxfordshire":
        sizes = {"entries": wanted.entries_per_year, "uasc": wanted.uasc_per_year}
        rates = RATES[wanted.authority](**{k: v for k, v in sizes.items() if v is not None})
        made = Preset(study.authority.ons_code, rates, {})
    return replace(
        made,
        name=study.authority.short_name,
        residents_under_18=wanted.residents_under_18,
        price_level=wanted.price_level,
    )


def compose(
    preset: Preset, first: ReportingYear, last: ReportingYear, seed: int, *, fit: bool = True
) -> Synthetic:
    """Return a synthetic authority in memory.

    Parameters
    ----------
    preset : Preset
    first, last : ReportingYear
        Years that returns will be written for.
    seed : int
        Every draw follows from it.
    fit : bool
        Whether to fit the published counts; without, rates are exactly the written ones.
    """
    life, words, spots = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    wanted = {y: t for y, t in preset.targets.items() if y <= last.end_year}
    if fit and wanted:
        history = calibrated(preset.truth, wanted, life)
    else:
        history = simulate(preset.truth, first.end_year, last.end_year, life)
    told = lives(history, day_of(last.end_year, 4, 1), words)
    where = synthetic_map(preset.ons_code, spots)
    children = told.children.assign(
        id=identifiers(len(told.children), spots), upn=upns(told.children, spots)
    )
    episodes = located(told.episodes, children, where, spots)
    return Synthetic(
        replace(told, children=children, episodes=episodes), where, preset.truth, history
    )


def synthesise(
    folder: Path, preset: Preset, settings: Synthesis, last: ReportingYear, seed: int
) -> Synthetic:
    """Write a study's inputs into ``folder``: returns, every other table, and the truth.

    The same seed gives the same bytes. Everything is written aside and put in place at the end.

    Parameters
    ----------
    folder : Path
        The study's ``inputs``; files of the same names in it are replaced.
    preset : Preset
    settings : Synthesis
        First year, whether to fit published totals, whether to plant faults.
    last : ReportingYear
        Year of the last return.
    seed : int
    """
    first = ReportingYear.parse(settings.first_year)
    made = compose(preset, first, last, seed, fit=settings.fit)
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(4)[3])
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / ".synthetic"
    shutil.rmtree(aside, ignore_errors=True)
    years = [first + n for n in range(last.end_year - first.end_year + 1)]
    late = np.random.default_rng(np.random.SeedSequence(seed).spawn(5)[4])
    planted = write_returns(
        made.lives,
        years,
        aside / "ssda903",
        rng,
        dirt=settings.dirt,
        late=late if settings.late else None,
    )
    needs, costs = NeedsTruth(), CostTruth().at_level(preset.price_level)
    others = other_tables(made.lives, made.where, last, needs, costs, preset.name, preset.size, rng)
    people = residents(preset.ons_code, preset.name, preset.residents_under_18, years)
    tables = {"postcodes": made.where.table, "population": people, **others.tables}
    for name, table in tables.items():
        write_csv(table, aside / f"{name}.csv")
    listed = aside / "ofsted.csv"
    listed.write_text(f"{heading(last)}\n{listed.read_text('utf-8')}", "utf-8", newline="\n")
    (aside / "truth").mkdir()
    write_csv(others.profile, aside / "truth" / "profiles.csv")
    told = {"rates": made.truth.to_json(), "needs": needs.to_json(), "costs": costs.to_json()}
    for name, text in told.items():
        (aside / "truth" / f"{name}.json").write_text(text, "utf-8", newline="\n")
    write_csv(planted.faults, aside / "truth" / "faults.csv")
    if settings.late:
        write_csv(planted.changes, aside / "truth" / "late.csv")
    # The truth goes last: where it lies, everything else does.
    for made_here in sorted(aside.iterdir(), key=lambda p: p.name == "truth"):
        old = folder / made_here.name
        if old.is_dir():
            shutil.rmtree(old)
        made_here.replace(old)
    aside.rmdir()
    return made
