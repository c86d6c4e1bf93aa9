"""Every result that a study's chapters show, found by itself, and a sparse study to show it."""

from __future__ import annotations

import random
from contextlib import suppress

from peer_sample import ROOT
from reader import truth_of
from reader_across import Whole, learn_all

from needs.assurance.release import release
from needs.report.plan import chapter_sources
from needs.report.rehearsal import analyses_of
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study
from needs.vocabulary.units import UNITS

LIKE_COUNTS = ("level_n", "total_n.counted", "projected_n", "error_n", "net_change_n", "residual_n")
"""Measures that count nobody, of which some are counts, or differences of two."""
TYPED = {"finance", "targets", "action_plan", "scorecard", "narrative", "cited", "published"}


def sparse_study(folder, seed=1, entries=10, first="2019-20"):
    """Write a study of an authority so small that nearly every count is small."""
    text = (ROOT / "analysis" / "oxfordshire-2022-23" / "study.toml").read_text()
    lines = text.split("[synthesis]")[0].split("\n")
    kept = [line for line in lines if line.split(" = ")[0] not in TYPED]
    sizes = (
        f"entries_per_year = {entries}\nuasc_per_year = {entries / 8}\nresidents_under_18 = 4000"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(
        "\n".join(kept).replace("seed = 20230331", f"seed = {seed}")
        + f'[synthesis]\nauthority = "stationary"\nfit = false\nfirst_year = "{first}"\n{sizes}\n'
        + "[report]\nsynthetic = true\n"
    )
    study = load_study(folder / "study.toml")
    last = ReportingYear.parse("2022-23")
    synthesise(folder / "inputs", preset(study), asked(study), last, study.seed)
    return folder / "study.toml"


def shown_by(data, *chapters):
    """Return every result that the chapters' notebooks show, with its chapter, by name."""
    made = {}
    for spec, source in chapter_sources(data.study):
        if chapters and spec.number not in chapters:
            continue
        for analysis in analyses_of(source):
            with suppress(InputMissing):
                found = analysis(data)
                for r in found if isinstance(found, tuple) else (found,):
                    made[r.name] = (r, spec.number)
    return made


def counts_people(result):
    return any(UNITS[m.unit].people for m in result.measures)


def attack(data, shown, most=0, seed=1):
    """Return what a reader of all results learns: figure -> what is left of 1 to threshold - 1.

    Counts printed to the nearest ten are read as exact. With ``most``, so many hidden counts
    are looked at, drawn by the seed; and how many were looked at.
    """
    results = [r for r, _ in shown.values()]
    units = {(r.name, m.key): UNITS[m.unit] for r in results for m in r.measures}
    true = truth_of(results)
    released = [release(r, data.study, chapter) for r, chapter in shown.values()]
    cells = {r.id: r for b in released for r in b.rows if r.id in true}
    people = {i for i, r in cells.items() if units[i.split(".")[0], r.measure].people}
    printed = {
        i: None
        if r.marker == "c"
        else (true[i] if r.unit == "children_tens" else float(r.value or 0))
        for i, r in cells.items()
        if i in people or any(f".{m}." in i for m in LIKE_COUNTS)
    }
    threshold = data.study.disclosure.threshold
    reader = Whole(printed, true, threshold, people)
    blind = Whole({i: None if true[i] else v for i, v in printed.items()}, true, threshold, people)
    for one in (reader, blind):
        learn_all(one)
    small = sorted(reader.small())
    if most:
        small = random.Random(seed).sample(small, min(most, len(small)))  # noqa: S311
    told = {}
    for i in small:
        low, high = reader.reach(i)
        if (low > 1 or high < threshold - 1) and blind.reach(i) != (low, high):
            told[i] = (true[i], low, high)
    return told, len(small), printed
