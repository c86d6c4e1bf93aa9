"""Chapter 80: the path that leads to each target, and whether the past knows one as steep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.windows import day_words
from needs.sufficiency.targets.chance import constant_rate, linear, meets
from needs.sufficiency.targets.register import Kind
from needs.sufficiency.targets.results_set import aim_words
from needs.sufficiency.targets.seen import Seen, first_readings, on_future, ranged
from needs.sufficiency.targets.series import Series, years_between
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["targets_path", "targets_steep"]

PATH, STEEP = "targets_path", "targets_steep"
KNOWN, NEEDED = "known", "needed"
PICTURES = 4
"""Targets that are drawn, the first ones."""


@dataclass(frozen=True, slots=True)
class Way:
    """From where a measure stands to where it is to be.

    Attributes
    ----------
    now, aim : float
    first : datetime.date
        Last day counted.
    days : tuple of datetime.date
        Days ahead, the last that of the target.
    """

    now: float
    aim: float
    first: dt.date
    days: tuple[dt.date, ...]

    @property
    def later(self) -> list[float]:
        """Years to each day."""
        return [years_between(self.first, d) for d in self.days]

    @property
    def a_year(self) -> float:
        """Change a year on the straight path."""
        return (self.aim - self.now) / self.later[-1]


def way_of(s: Series) -> Way | None:
    """Return the way to a target; None where it is met now, is no level, or nothing is counted."""
    r = s.reading
    if not r.kind.level or not len(s.past) or not np.isfinite(s.past.iloc[-1]):
        return None
    now, first = float(s.past.iloc[-1]), dt.date.fromisoformat(s.now)
    if meets([now], r.aim, r.direction)[0] or r.day <= first:
        return None
    march = [dt.date(y, 3, 31) for y in range(first.year, r.day.year + 1)]
    days = tuple(d for d in march if first < d < r.day)
    return Way(now, r.aim, first, (*days, r.day))


@STUDY.followed_by
def targets_path(data: StudyData) -> tuple[Result, ...]:
    """Return the path to each open target, year by year (``targets_path_<kind>``).

    Parameters
    ----------
    data : StudyData
        A study with targets and SSDA903 returns.

    Returns
    -------
    tuple of Result
        By reading and day: ``linear_v`` and ``constant_v``, where straight and constant-rate
        paths from today would be; ``expected_v`` with its 80% range; ``level_v`` by ``known``
        (counted, then expected) and ``needed``, for the picture. Targets that are met today,
        and changes, have no path.

    Raises
    ------
    InputMissing
        If the study has no targets or no returns.
    """
    seen = Seen.of(data)
    made = []
    for kind, some in seen.by_kind(seen.open):
        ways = [(s, w) for s in some if (w := way_of(s)) is not None]
        if ways:
            made.append(_paths(seen, kind, ways))
    return tuple(made)


def _paths(seen: Seen, kind: Kind, ways: list[tuple[Series, Way]]) -> Result:
    name = f"{PATH}_{kind.name}"
    table = long_table(_marked([row for s, w in ways for row in _rows(s, w)]))
    days = sorted(set(table["period"]))
    some = [s for s, _ in ways]
    shown = ("linear_v", "constant_v", "expected_v")
    return Result(
        name=name,
        title="The path to each target",
        subtitle=f"Where it would have to be, and where it is expected, {seen.authority}",
        table=table,
        measures=(
            Measure("linear_v", "Needed, on a straight path", kind.unit),
            Measure("constant_v", "Needed, by the same share each year", kind.unit),
            Measure("expected_v", "Expected", kind.unit),
            Measure("level_v", kind.label, kind.unit),
        ),
        labels=seen.labels(some)
        | {d: day_words(dt.date.fromisoformat(d), short=True) for d in days}
        | {KNOWN: "Counted, then expected", NEEDED: "Needed", "group": "Target", "period": "Day"},
        source=seen.source,
        layout=Layout(
            ("group", "measure"),
            ("period",),
            (*shown, "expected_v_lower_80", "expected_v_upper_80"),
        ),
        charts=tuple(_picture(seen, s, kind) for s in first_readings(some)[:PICTURES]),
        notes=("A target that is met today has no path here, and a change is none.",),
        settings=seen.settings,
        leans_on=seen.leans(name, table, _on),
    )


def _marked(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return frame.assign(marker=np.where(frame["value"].isna(), "z", ""))


def _rows(s: Series, w: Way) -> Iterator[dict[str, object]]:
    """Yield the rows of one target."""
    key = s.reading.key
    for period, value in s.past.items():
        at = {"group": key, "period": str(period), "measure": "level_v", "by": KNOWN}
        yield {**at, "value": float(value)}
    paths = (
        linear(w.now, w.aim, w.later, w.later[-1]),
        constant_rate(w.now, w.aim, w.later, w.later[-1]),
    )
    yield {"group": key, "period": s.now, "measure": "level_v", "by": NEEDED, "value": w.now}
    for k, day in enumerate(w.days):
        at = {"group": key, "period": day.isoformat()}
        yield {**at, "measure": "level_v", "by": NEEDED, "value": float(paths[0][k])}
        for measure, path in zip(("linear_v", "constant_v"), paths, strict=True):
            yield {**at, "measure": measure, "value": float(path[k])}
        if day in s.days:
            found = ranged(s.draws[:, s.days.index(day)])
            yield {**at, "measure": "expected_v", **found}
            yield {**at, "measure": "level_v", "by": KNOWN, "value": found["value"]}


def _on(s: Series, measure: str, period: str) -> tuple[str, ...]:
    if measure == "level_v" and period in s.leans:
        return s.leans[period]
    return on_future(s) if measure in {"expected_v", "level_v"} else s.leans.get(s.now, ())


def _picture(seen: Seen, s: Series, kind: Kind) -> Chart:
    return Chart(
        key=f"path_{s.reading.key}",
        kind="line",
        measure="level_v",
        title=f"{_letters(s.reading.label)}: counted, expected and needed",
        subtitle=f"{kind.label}, {seen.authority}; target {aim_words(s.reading, kind.unit)}",
        alt="Two lines: counted and then expected, and the straight path to the target.",
        series="by",
        include={"group": (s.reading.key,)},
    )


def _letters(label: str) -> str:
    """Return a label without digits: titles hold none."""
    return label.replace("20", "twenty")


@STUDY.followed_by
def targets_steep(data: StudyData) -> tuple[Result, ...]:
    """Return how steep the way to each target is beside the past (``targets_steep_<kind>``).

    Parameters
    ----------
    data : StudyData
        A study with targets and SSDA903 returns.

    Returns
    -------
    tuple of Result
        By reading: ``a_year_v``, the change a year on the straight path from today;
        ``steepest_v``, the largest change that way in one past year; ``ever_v``, the largest mean
        change that way over as many past years as are left; ``should_v``, where the straight path
        from the baseline to the target would be by now.
    """
    seen = Seen.of(data)
    made = []
    for kind, some in seen.by_kind(seen.open):
        ways = [(s, w) for s in some if (w := way_of(s)) is not None and len(s.changes)]
        if ways:
            made.append(_steepness(seen, kind, ways))
    return tuple(made)


def _steepness(seen: Seen, kind: Kind, ways: list[tuple[Series, Way]]) -> Result:
    name = f"{STEEP}_{kind.name}"
    found = {s.reading.key: steep(s, w) for s, w in ways}
    rows = [
        {"group": key, "measure": m, "value": v}
        for key, told in found.items()
        for m, v in told.items()
    ]
    table = long_table(_marked(rows))
    some = [s for s, _ in ways]
    words = {
        s.reading.key: "yes" if _steeper(found[s.reading.key], s.reading.direction) else "no"
        for s in some
    }
    unit = "points" if kind.unit.startswith("percent") else kind.unit
    return Result(
        name=name,
        title="Whether the past knows a path as steep",
        subtitle=f"Change a year, needed and seen, {seen.authority}",
        table=table,
        measures=(
            Measure("should_v", "Straight path from the baseline, now", kind.unit),
            Measure("now_v", "Now", kind.unit),
            Measure("a_year_v", "Change a year that is needed", unit),
            Measure("steepest_v", "Most in one past year", unit),
            Measure("ever_v", "Most a year over as long", unit),
        ),
        labels=seen.labels(some) | {"group": "Target"},
        source=seen.source,
        layout=Layout(("group",), ("measure",)),
        text=tuple(_steep_said(name, s, words[s.reading.key]) for s in first_readings(some)),
        row_notes={"Steeper than any year known": words},
        guarded=("Steeper than any year known",),
        notes=(
            "Past changes are those between year ends that follow each other, of all years "
            "counted. A path as steep as one past year must be kept up in every year that is left.",
        ),
        settings=seen.settings,
        leans_on=seen.leans(name, table, lambda s, _, __: s.everything),
    )


def steep(s: Series, w: Way) -> dict[str, float]:
    """Return how steep the way to a target is, and was in the past."""
    r, sign = s.reading, 1.0 if s.reading.direction == "at_least" else -1.0
    changes = s.changes.to_numpy(dtype=float) * sign
    span = max(1, min(round(w.later[-1]), len(changes)))
    means = np.convolve(changes, np.ones(span) / span, mode="valid")
    should = np.nan
    if r.baseline is not None and r.baseline_day is not None and r.baseline_day < w.first:
        whole = years_between(r.baseline_day, r.day)
        gone = years_between(r.baseline_day, w.first)
        should = float(linear(r.baseline, r.aim, gone, whole))
    return {
        "should_v": should,
        "now_v": w.now,
        "a_year_v": w.a_year,
        "steepest_v": sign * float(changes.max()),
        "ever_v": sign * float(means.max()),
    }


def _steeper(told: dict[str, float], direction: str) -> bool:
    """Return whether the needed change is more than any past year's, that way."""
    sign = 1.0 if direction == "at_least" else -1.0
    return sign * told["a_year_v"] > max(sign * told["steepest_v"], 0.0)


def _steep_said(name: str, s: Series, steeper: str) -> Sentence:
    than = "more than in any past year" if steeper == "yes" else "which one past year has had"
    return Sentence(
        "“{target}”: {n} a year would be needed, {than}; the most in one year was {most}.",
        {
            "n": figure_id(name, "a_year_v", s.reading.key),
            "most": figure_id(name, "steepest_v", s.reading.key),
        },
        {"target": s.reading.label, "than": than},
    )
