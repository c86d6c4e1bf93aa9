"""Chapter 30: scores now, at entry and their change; both bases and complete cases; differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.missing import Filled, combined
from needs.profiles.needs_basis import GROUPS, Needs
from needs.profiles.results_placement import BASES, SCORES, filled_scores, score_notes
from needs.profiles.scores import change, group_scores, thresholds
from needs.profiles.withheld import SPECIALIST, on_coverage, together, withheld
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id

__all__ = ["bases_and_gaps", "differences", "over_time"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
METHODS = {"filled": "Gaps filled in", "complete": "Complete cases"}
WEIGHTED = Measure("weighted_mean", "Average weighted score", "score2")
LEVEL = Measure("level_mean", "Average score of a domain", "score2")


def bases_and_gaps(data: StudyData) -> Result:
    """Return specialist needs on both bases, gaps filled in and complete cases side by side.

    Returns
    -------
    Result
        ``needs_bases``: placement group by method (``by``: filled, complete).
    """
    needs = Needs.of(data)
    frame = filled_scores(data, needs, needs.of_assessed("group"))
    frame = frame.rename(columns={"method": "by"}).assign(period=needs.period)
    shown = [f"{m}{end}" for m in ("specialist_children_pct", "specialist_needs_pct", "needs_mean")
             for end in ("", "_lower_95", "_upper_95")]  # fmt: skip
    made = Result(
        name="needs_bases",
        title="Share of children and share of needs, with and without gaps",
        subtitle=needs.subtitle("Children looked after, latest assessment"),
        table=together(withheld(frame, ["period", "group", "by"], needs), SPECIALIST),
        measures=tuple(SCORES.values()),
        labels={
            **GROUPS, ALL: "All", **METHODS, **needs.labels,
            "group": "Accommodation", "by": "Domains not scored",
        },
        source=needs.source,
        layout=Layout(("group", "by"), ("measure",), tuple(shown)),
        notes=(
            BASES,
            "Complete cases leave out every child with a domain that was not scored. They are "
            "right only where such children are like all others.",
            *score_notes(needs),
        ),
        settings=needs.settings,
    )  # fmt: skip
    return on_coverage(made, needs)


OCCASIONS = {
    "latest": "Latest, all children assessed",
    "entry": "At entry, children assessed again",
    "later": "Latest, the same children",
    "changed": "Change since entry",
}


def over_time(data: StudyData) -> Result:
    """Return average scores now and at entry, and how far they changed.

    Returns
    -------
    Result
        ``needs_over_time``: by occasion (:data:`OCCASIONS`): number of needs, total score and
        the mean level of a domain scored on both days, with intervals.
    """
    needs = Needs.of(data)
    frame = _occasions(data, needs).assign(period=needs.period)
    shown = {m.key: m for m in (SCORES["needs_mean"], SCORES["total_mean"], WEIGHTED, LEVEL)}
    if not needs.tool.weights:
        del shown[WEIGHTED.key]
    made = Result(
        name="needs_over_time",
        title="Scores now, at entry, and their change",
        subtitle=needs.subtitle("Children looked after with an assessment"),
        table=withheld(frame, ["period", "group"], needs, ()),
        measures=tuple(m for m in shown.values()),
        labels={**OCCASIONS, **needs.labels, "group": "Assessment"},
        source=needs.source,
        layout=Layout(
            ("group",),
            ("measure",),
            tuple(f"{m}{e}" for m in shown
                  for e in ("", "_lower_95", "_upper_95")),
        ),
        text=_said_of_change(needs, frame),
        notes=(
            "Change is that of single children, first assessment to latest, of those assessed on "
            "more than one day. It is not the difference between all children now and those who "
            "entered: who stays long is not who entered.",
            "The average score of a domain rests on domains scored on both days alone; the other "
            "two have gaps filled in.",
            *score_notes(needs),
        ),
        settings=needs.settings,
    )  # fmt: skip
    return on_coverage(made, needs)


def _occasions(data: StudyData, needs: Needs) -> pd.DataFrame:
    now, then = needs.many(data), needs.many(data, "entry")
    index = needs.levels.index
    again = index.isin(needs.again)
    rows = [_scored(needs, "latest", now, np.ones(len(index), dtype=bool))]
    rows += [_scored(needs, "entry", then, again), _scored(needs, "later", now, again)]
    need, _ = thresholds(needs.tool)
    numbers: dict[str, object] = {"group": "changed", "assessed_n": int(again.sum())}
    for name, value in (
        ("needs_mean", (now >= need).sum(axis=2) - (then >= need).sum(axis=2)),
        ("total_mean", now.sum(axis=2) - then.sum(axis=2)),
    ):
        numbers |= _with_ends(name, _paired(value[:, again].astype(float)))
    if needs.tool.weights:
        moved = _weighted(needs, now) - _weighted(needs, then)
        numbers |= _with_ends(WEIGHTED.key, _paired(moved[:, again]))
    found = change(needs.entry.loc[needs.again], needs.levels.loc[needs.again])
    numbers |= _with_ends("level_mean", found[1:])
    return pd.DataFrame([*rows, numbers])


def _scored(needs: Needs, key: str, many: Filled, mine: Bools) -> dict[str, object]:
    """Return the scores of some of the children."""
    index = needs.levels.index[mine]
    if mine.sum() < 2:
        return {"group": key, "assessed_n": int(mine.sum())}
    none = pd.Series(None, index=index, dtype=object)
    levels = pd.DataFrame(many[0, mine], index=index, columns=needs.levels.columns)
    long = group_scores(levels, many[:, mine], needs.tool, none)
    long = long[long["method"] == "filled"].set_index("measure")
    out: dict[str, object] = {"group": key, "assessed_n": int(mine.sum())}
    for name in ("needs_mean", "total_mean"):
        row = long.loc[name]
        out |= _with_ends(name, tuple(float(row[c]) for c in ("value", "lower", "upper")))
    if needs.tool.weights:
        out |= _with_ends(WEIGHTED.key, _paired(_weighted(needs, many)[:, mine]))
    return out


def _weighted(needs: Needs, many: Filled) -> Floats:
    """Return the weighted score of each child in each way that gaps are filled."""
    words = needs.tool.labels
    weights = [needs.tool.weights.get(words[d], 1.0) for d in needs.levels.columns]
    out: Floats = (many * np.array(weights)).sum(axis=2)
    return out


def _paired(value: Floats) -> tuple[float, float, float]:
    if value.shape[1] < 2:
        return (np.nan, np.nan, np.nan)
    return combined(value.mean(axis=1), value.var(axis=1, ddof=1) / value.shape[1])


def _with_ends(name: str, found: tuple[float, ...]) -> dict[str, object]:
    return dict(zip((name, f"{name}_lower", f"{name}_upper"), found, strict=True))


def _said_of_change(needs: Needs, frame: pd.DataFrame) -> tuple[Sentence, ...]:
    row = frame[frame["group"] == "changed"].iloc[0]
    if not np.isfinite(row["needs_mean"]):
        return ()
    name, key = "needs_over_time", "needs_mean"
    sure = row["needs_mean_lower"] > 0 or row["needs_mean_upper"] < 0
    way = "risen" if row["needs_mean"] > 0 else "fallen"
    found = f"have {way}, by more than chance explains" if sure else "have not changed clearly"
    return (
        Sentence(
            "Since entry, the needs of children assessed again {found}: {change} needs a child, "
            "with a range from {low} to {high}.",
            {
                "change": figure_id(name, key, "changed", needs.period),
                "low": figure_id(name, f"{key}_lower_95", "changed", needs.period),
                "high": figure_id(name, f"{key}_upper_95", "changed", needs.period),
            },
            {"found": found},
        ),
    )


PAIRS: Mapping[str, tuple[str, str, str, str]] = {
    "residential_fostering": (
        "Residential less foster care", "group", "residential", "fostering"),
    "parents_fostering": ("With parents less foster care", "group", "parents", "fostering"),
    "supported_fostering": (
        "Independent living less foster care", "group", "supported", "fostering"),
    "male_female": ("Male less female", "sex", "male", "female"),
    "teens_young": ("Aged 10 to 15 less aged 5 to 9", "age_band", "age_10_to_15", "age_5_to_9"),
    "older_teens": (
        "Aged 16 and over less aged 10 to 15", "age_band", "age_16_plus", "age_10_to_15"),
}  # fmt: skip
"""What the text of document 002 compares: label, division, and the two categories."""


def differences(data: StudyData) -> Result:
    """Return differences between groups with their intervals.

    Returns
    -------
    Result
        ``needs_differences``: by pair of groups: average number of needs, and share of children
        with a specialist need in percentage points, the first less the second.
    """
    needs = Needs.of(data)
    rows = [
        r
        for key, (_, division, a, b) in PAIRS.items()
        if (r := _apart(data, needs, key, division, a, b)) is not None
    ]
    columns = ["group", "assessed_n", "needs_mean", "specialist_points"]
    frame = pd.DataFrame(rows or None, columns=None if rows else columns)
    more = Measure("specialist_points", "Children with a specialist need", "points")
    made = Result(
        name="needs_differences",
        title="How far groups differ",
        subtitle=needs.subtitle("Children looked after, latest assessment"),
        table=withheld(frame.assign(period=needs.period), ["period", "group"], needs, ()),
        measures=(SCORES["needs_mean"], more),
        labels={**{k: p[0] for k, p in PAIRS.items()}, **needs.labels, "group": "Groups"},
        source=needs.source,
        layout=Layout(
            ("group",),
            ("measure",),
            tuple(f"{m}{e}" for m in ("needs_mean", "specialist_points")
                  for e in ("", "_lower_95", "_upper_95")),
        ),
        notes=(
            "The first group less the second. A range that holds nought means that the groups may "
            "differ by chance alone.",
            *score_notes(needs),
        ),
        settings=needs.settings,
    )  # fmt: skip
    return on_coverage(made, needs)


def _apart(
    data: StudyData, needs: Needs, key: str, division: str, a: str, b: str
) -> dict[str, object] | None:
    """Return the differences of two groups; None where one of them is too small to be shown."""
    least = needs.care.study.disclosure.threshold
    by, many = needs.of_assessed(division), needs.many(data)
    first, second = ((by == k).to_numpy() for k in (a, b))
    n = int(min(first.sum(), second.sum()))
    if n < max(2, least):
        return None
    need, special = thresholds(needs.tool)
    out: dict[str, object] = {"group": key, "assessed_n": n}
    has = np.asarray((many >= special).any(axis=2), dtype=np.float64)
    scored = {"needs_mean": (many >= need).sum(axis=2).astype(np.float64)}
    scored["specialist_points"] = np.multiply(has, 100.0)
    for name, value in scored.items():
        x, y = value[:, first], value[:, second]
        spread = x.var(axis=1, ddof=1) / x.shape[1] + y.var(axis=1, ddof=1) / y.shape[1]
        out |= _with_ends(name, combined(x.mean(axis=1) - y.mean(axis=1), spread))
        if name == "specialist_points" and _few(x, least) | _few(y, least):
            out |= _with_ends(name, (np.nan, np.nan, np.nan))
    return out


def _few(value: Floats, least: int) -> bool:
    """Return whether few children have a specialist need, or all but few have."""
    have = round(float(value.sum(axis=1).mean()) / 100)
    few = min(have, value.shape[1] - have)
    return bool(1 <= few < least)
