"""Chapter 80: the targets as their documents set them, and what became of those that are past."""

from __future__ import annotations

import pandas as pd

from needs.care.windows import day_words
from needs.sufficiency.targets.chance import meets
from needs.sufficiency.targets.register import Reading, readings
from needs.sufficiency.targets.seen import Seen
from needs.sufficiency.targets.series import Series
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import printed
from needs.vocabulary.wording import inside

__all__ = ["targets_past", "targets_set"]

NAME, PAST = "targets_set", "targets_past"
_WAY = {"at_least": "at least", "at_most": "at most"}
_UNIT = {"share_pct": "", "rate_per_10k": " for each 10,000", "change_pct": " a year"}
SET_NOTES = (
    "Where a document leaves open what a share is of, or who is counted, each reading has a row. "
    "They are told apart by their words, and every later table has them side by side.",
    "A target without a day takes the end of its document's time, as its source says.",
)


def aim_words(r: Reading, unit: str = "") -> str:
    """Return a target in words: ``at most 49 for each 10,000 by 31 Mar 2025``."""
    what = printed(r.aim, unit or r.unit) + _UNIT.get(r.kind.key, "")
    return f"{_WAY[r.direction]} {what} by {day_words(r.day, short=True)}"


def aim_told(r: Reading) -> tuple[str, dict[str, str]]:
    """Return a target as part of a template whose number is the figure ``aim``, and its words."""
    words = {"way": _WAY[r.direction], "per": _UNIT.get(r.kind.key, "")}
    return "{way} {aim}{per} by {day}", words | {"day": day_words(r.day, short=True)}


def _base_words(r: Reading) -> str:
    if r.baseline is None:
        return f"counted from {day_words(r.baseline_day, short=True)}" if r.baseline_day else ""
    said = printed(r.baseline, r.unit)
    return f"{said} on {day_words(r.baseline_day, short=True)}" if r.baseline_day else said


def targets_set(data: StudyData) -> Result:
    """Return the targets of a study as their documents set them (``targets_set``).

    Parameters
    ----------
    data : StudyData
        A study with the input ``targets``.

    Returns
    -------
    Result
        ``number_n`` for each reading; beside it the target, its baseline, what it is of, which
        target it reads otherwise, and document and place. ``targets_n`` and ``readings_n``.

    Raises
    ------
    InputMissing
        If the study has no targets.
    """
    found = readings(data)
    words = {r.key: r.label for r in found}
    rows = [
        {"group": r.key, "measure": "number_n", "value": float(i)}
        for i, r in enumerate(found, start=1)
    ]
    own = sum(r.key == r.reading_of for r in found)
    rows += [
        {"group": "all", "measure": "targets_n", "value": float(own)},
        {"group": "all", "measure": "readings_n", "value": float(len(found) - own)},
    ]
    columns = {
        "Aim": {r.key: aim_words(r) for r in found},
        "Started from": {r.key: _base_words(r) for r in found},
        "Of": {r.key: r.base for r in found},
        "Reads otherwise": {
            r.key: words.get(r.reading_of, "") if r.key != r.reading_of else "" for r in found
        },
        "Document and place": {r.key: r.source for r in found},
    }
    return Result(
        name=NAME,
        title="Targets, as their documents set them",
        subtitle=f"Targets, {data.study.authority.name}",
        table=long_table(pd.DataFrame(rows)),
        measures=(
            Measure("number_n", "Number", "count"),
            Measure("targets_n", "Targets", "count"),
            Measure("readings_n", "Other readings of them", "count"),
        ),
        labels={**words, "all": "All", "group": "Target, or other reading"},
        source="The study's table of targets, typed from its documents",
        layout=Layout(("group",), ("measure",), ("number_n",)),
        text=(
            Sentence(
                "The study's documents set {n} targets that can be held against numbers; where "
                "their words leave something open, {more} more readings stand beside them.",
                {
                    "n": figure_id(NAME, "targets_n"),
                    "more": figure_id(NAME, "readings_n"),
                },
            ),
        ),
        notes=SET_NOTES,
        row_notes=columns,
        typed=True,
    )


@STUDY.followed_by
def targets_past(data: StudyData) -> tuple[Result, ...]:
    """Return whether targets whose day is past were met (``targets_past_<kind>``).

    Parameters
    ----------
    data : StudyData
        A study with targets and SSDA903 returns.

    Returns
    -------
    tuple of Result
        By target: ``aim_v``, ``then_v`` (counted on its day), ``away_v`` (counted less aimed at),
        and in words whether it was met. None where no day is past.
    """
    seen = Seen.of(data)
    return tuple(
        _past(seen, kind.name, kind.unit, some) for kind, some in seen.by_kind(seen.closed)
    )


def _past(seen: Seen, stem: str, unit: str, some: list[Series]) -> Result:
    name = f"{PAST}_{stem}"
    rows, met = [], {}
    for s in some:
        r = s.reading
        then = float(s.past.get(r.day.isoformat(), float("nan")))
        told = {"aim_v": r.aim, "then_v": then, "away_v": then - r.aim}
        rows += [{"group": r.key, "measure": m, "value": v} for m, v in told.items()]
        reached = bool(meets([then], r.aim, r.direction)[0])
        met[r.key] = "not known" if then != then else "met" if reached else "not met"  # noqa: PLR0124
    frame = pd.DataFrame(rows)
    frame["marker"] = ["x" if v != v else "" for v in frame["value"]]  # noqa: PLR0124
    table = long_table(frame)
    return Result(
        name=name,
        title="Targets whose day is past",
        subtitle=f"Aimed at, and counted on the day, {seen.authority}",
        table=table,
        measures=(
            Measure("aim_v", "Aimed at", unit),
            Measure("then_v", "Counted", unit),
            Measure(
                "away_v",
                "Counted less aimed at",
                "points" if unit.startswith("percent") else unit,
            ),
        ),
        labels=seen.labels(some) | {"group": "Target"},
        source=f"{seen.basis.source}; targets of the study",
        layout=Layout(("group",), ("measure",)),
        text=tuple(
            _past_said(name, s.reading, inside(met[s.reading.key]))
            for s in some
            if met[s.reading.key] != "not known"
        ),
        row_notes={"Was it met": met, "By": seen.days(some)},
        guarded=("Was it met",),
        notes=("A target is met by the number before it is rounded.",),
        settings=seen.settings,
        leans_on=seen.leans(
            name,
            table,
            lambda s, m, _: () if m == "aim_v" else s.leans.get(s.reading.day.isoformat(), ()),
        ),
    )


def _past_said(name: str, r: Reading, met: str) -> Sentence:
    aim, words = aim_told(r)
    return Sentence(
        f"{{target}}, {aim}: {{met}}; it was {{then}}.",
        {m: figure_id(name, f"{m}_v", r.key) for m in ("aim", "then")},
        {"target": f"“{r.label}”", "met": met, **words},
    )
