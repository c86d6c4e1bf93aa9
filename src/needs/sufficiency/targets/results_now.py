"""Chapter 80: where targets stand, where the forecast leads, and the chance of each."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

import numpy as np
import pandas as pd

from needs.sufficiency.targets.chance import chance_of
from needs.sufficiency.targets.register import Kind
from needs.sufficiency.targets.results_set import aim_told, aim_words
from needs.sufficiency.targets.seen import Seen, first_readings, on_future, ranged
from needs.sufficiency.targets.series import HOW, Series
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

__all__ = ["targets_chance", "targets_now"]

NOW, CHANCE = "targets_now", "targets_chance"
_NOTES = (
    "Expected is the mean of the draws on the day of the target; low and high leave one draw in "
    "ten on each side. Draws are those of the chapters on demand and on provision.",
    "A day between two year ends of the forecast lies on the straight line between them, draw by "
    "draw. Rates ahead stand on the population projected, or on cohorts aged where the study has "
    "no projection.",
    "What the returns count and no method forecasts goes on from its last value, and may be as "
    "far from it as past years were from theirs: that is wide, and knows of no plan.",
)


@STUDY.followed_by
def targets_now(data: StudyData) -> tuple[Result, ...]:
    """Return where each open target stands and where the forecast leads (``targets_now_<kind>``).

    Parameters
    ----------
    data : StudyData
        A study with targets and SSDA903 returns.

    Returns
    -------
    tuple of Result
        One for each kind of measure. By reading: ``printed_v`` and ``counted_v`` (the baseline,
        as printed and as the returns count it), ``now_v``, ``expected_v`` on the day of the
        target with its 80% range, and ``aim_v``.

    Raises
    ------
    InputMissing
        If the study has no targets or no returns.
    """
    seen = Seen.of(data)
    return tuple(_of_kind(seen, kind, some) for kind, some in seen.by_kind(seen.open))


def _of_kind(seen: Seen, kind: Kind, some: list[Series]) -> Result:
    name = f"{NOW}_{kind.name}"
    frame = pd.DataFrame([row for s in some for row in _levels(s)])
    frame["marker"] = np.where(frame["value"].isna(), "x", "")
    table = long_table(frame)
    labels = {
        "printed_v": "Baseline, as printed",
        "counted_v": "Baseline, counted here",
        "now_v": "Now",
        "expected_v": "Expected on its day",
        "aim_v": "Aimed at",
    }
    shown = ("printed_v", "counted_v", "now_v", "expected_v")
    return Result(
        name=name,
        title=f"Where targets stand: {_TITLES[kind.key]}",
        subtitle=f"Counted, expected and aimed at, {seen.authority}",
        table=table,
        measures=tuple(Measure(k, words, kind.unit) for k, words in labels.items()),
        labels=seen.labels(some) | {"group": "Target"},
        source=seen.source,
        layout=Layout(
            ("group",),
            ("measure",),
            (*shown, "expected_v_lower_80", "expected_v_upper_80", "aim_v"),
        ),
        text=tuple(_said(name, some)),
        row_notes={"By": seen.days(some)},
        notes=_NOTES,
        settings=seen.settings,
        leans_on=seen.leans(name, table, _on),
    )


_TITLES = {
    "share_pct": "shares",
    "rate_per_10k": "rates",
    "children_n": "children",
    "change_pct": "change a year",
    "places_added_n": "places more",
}


def _levels(s: Series) -> Iterator[dict[str, object]]:
    r = s.reading
    start = r.baseline_day.isoformat() if r.baseline_day else ""
    told = {"now_v": float(s.past.iloc[-1]) if len(s.past) else np.nan, "aim_v": r.aim}
    if r.baseline is not None:
        told["printed_v"] = r.baseline
        told["counted_v"] = float(s.past.get(start, np.nan))
    for measure, value in told.items():
        yield {"group": r.key, "measure": measure, "value": value}
    due = s.due
    ends = {"value": np.nan} if due is None else ranged(due)
    yield {"group": r.key, "measure": "expected_v", **ends}


def _on(s: Series, measure: str, _: str) -> tuple[str, ...]:
    r = s.reading
    if measure == "counted_v":
        return s.leans.get(r.baseline_day.isoformat(), ()) if r.baseline_day else ()
    if measure == "now_v":
        return s.leans.get(s.now, ())
    return on_future(s) if measure == "expected_v" else ()


def _said(name: str, some: list[Series]) -> Iterator[Sentence]:
    for s in first_readings(some):
        key = s.reading.key
        if s.due is None:
            continue
        aim, words = aim_told(s.reading)
        yield Sentence(
            f"“{{target}}”, {aim}: now {{now}}; expected {{n}}, between {{low}} and {{high}} in "
            "eight cases of ten.",
            {
                "aim": figure_id(name, "aim_v", key),
                "now": figure_id(name, "now_v", key),
                "n": figure_id(name, "expected_v", key),
                "low": figure_id(name, "expected_v_lower_80", key),
                "high": figure_id(name, "expected_v_upper_80", key),
            },
            {"target": s.reading.label, **words},
        )


@STUDY.followed_by
def targets_chance(data: StudyData) -> Result:
    """Return the probability of meeting each open target (``targets_chance``).

    Parameters
    ----------
    data : StudyData
        A study with targets and SSDA903 returns.

    Returns
    -------
    Result
        By reading: ``chance_pct``, draws of the forecast that meet it, and ``error_points``,
        its Monte Carlo standard error; beside it what the draws are. Marked as not available
        where no draws are known.

    Raises
    ------
    InputMissing
        If the study has no targets or no returns.
    """
    seen = Seen.of(data)
    some = seen.open
    rows = [row for s in some for row in _chances(s)] or [
        {"group": "all", "measure": "chance_pct", "value": np.nan}
    ]
    frame = pd.DataFrame(rows)
    frame["marker"] = np.where(frame["value"].isna(), "x", "")
    table = long_table(frame)
    return Result(
        name=CHANCE,
        title="The chance that each target is met",
        subtitle=f"Futures of the forecast that meet it on its day, {seen.authority}",
        table=table,
        measures=(
            Measure("chance_pct", "Chance", "percent"),
            Measure("error_points", "Monte Carlo error", "points"),
            *(
                Measure(f"aim_{u}", "Aimed at", u)
                for u in dict.fromkeys(s.reading.unit for s in some)
            ),
        ),
        labels=seen.labels(some) | {"group": "Target", "all": "None is open"},
        source=seen.source,
        layout=Layout(("group",), ("measure",), ("chance_pct", "error_points")),
        text=tuple(_chances_said(some)),
        charts=_drawn(seen, some),
        row_notes={
            "Aim": {s.reading.key: aim_words(s.reading) for s in some},
            "Told from": {s.reading.key: s.why or HOW[s.how] for s in some},
        },
        notes=(
            "A chance is the share of draws that meet the target before rounding. Its error is "
            "that of so many draws; what the forecast itself cannot know is not in it.",
            "Nothing that is planned and not yet seen in the returns is in these chances: the "
            "table of strategies has it.",
        ),
        settings=seen.settings,
        leans_on=seen.leans(CHANCE, table, _chance_on) if some else {},
    )


def _chances(s: Series) -> Iterator[dict[str, object]]:
    r, due = s.reading, s.due
    found = None if due is None else chance_of(due, r.aim, r.direction)
    told = {
        "chance_pct": found.pct if found else np.nan,
        "error_points": found.error if found else np.nan,
        f"aim_{r.unit}": r.aim,
    }
    for measure, value in told.items():
        yield {"group": r.key, "measure": measure, "value": value}


def _chance_on(s: Series, measure: str, _: str) -> tuple[str, ...]:
    return () if measure.startswith("aim_") else on_future(s)


def _chances_said(some: tuple[Series, ...]) -> Iterator[Sentence]:
    groups: dict[str, list[Series]] = {}
    for s in some:
        if s.due is not None:
            groups.setdefault(s.reading.reading_of, []).append(s)
    for mine in groups.values():
        refs, words, parts = {}, {}, []
        for s, letter in zip(mine, ascii_lowercase, strict=False):
            refs[f"chance_{letter}"] = figure_id(CHANCE, "chance_pct", s.reading.key)
            parts.append(f"{{chance_{letter}}}")
            if len(mine) > 1:
                words[f"as_{letter}"] = s.reading.label
                parts[-1] += f" as “{{as_{letter}}}”"
        first = mine[0].reading
        aim, told = aim_told(first)
        refs["aim"] = figure_id(CHANCE, f"aim_{first.unit}", first.key)
        yield Sentence(
            f"“{{target}}”, {aim}: met in " + ", ".join(parts) + " of futures.",
            refs,
            {"target": first.label, **told, **words},
        )


def _drawn(seen: Seen, some: tuple[Series, ...]) -> tuple[Chart, ...]:
    known = tuple(s.reading.key for s in some if s.due is not None)
    if not known:
        return ()
    return (
        Chart(
            key="chances",
            kind="dot",
            measure="chance_pct",
            title="How likely each target is to be met",
            subtitle=f"Per cent of the forecast's futures, {seen.authority}",
            alt="Dots, one for each target and reading, of the chance that it is met.",
            x="group",
            series="period",
            include={"group": known},
        ),
    )
