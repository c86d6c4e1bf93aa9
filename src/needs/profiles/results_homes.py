"""Chapter 30: from needs to homes: children whose needs are rather those of the other setting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.rows import unavailable, wide_rows
from needs.care.windows import day_words
from needs.profiles.homes import LEAST, Alike, judged, ranges, unlike
from needs.profiles.needs_basis import Needs
from needs.profiles.placed import FOSTER, HOME, alike_today
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id

__all__ = ["BELIEF", "UNLIKE", "belief", "unlike_placements"]

UNLIKE, BELIEF = "homes_unlike", "homes_belief"
DRAWS = 100
_CHILDREN = Measure("children_n", "Children assessed", "children")
_SIDES = {HOME: ("step_down", "foster care"), FOSTER: ("at_risk", "a home")}
_MODEL = (
    "The chance of a home, and not of foster care, is learned from needs, age and sex by a "
    "logistic regression with a ridge; each child is left out of what judges it. Children who live "
    "elsewhere, or have no assessment, are not in it."
)
_SAYS = (
    "It says where children alike live today, not where a child should live: what keeps a child in "
    "a home may be something that no domain scores. It is a list to look at again, and names "
    "nobody."
)
TOO_FEW = (
    "Too few assessed children live in homes or in foster care to learn where children with like "
    "needs live."
)


def _two(data: StudyData) -> tuple[Basis, Alike]:
    return Needs.of(data).care, alike_today(data)


def unlike_placements(data: StudyData) -> Result:
    """Return how many children have needs rather like those of the other setting.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and assessments.

    Returns
    -------
    Result
        ``homes_unlike``. Children in homes (``residential``), and in foster care (``fostering``),
        on the as-at date: assessed; those of them for whom the other setting is the likelier
        (``unlike_n``); and as many as of children like them live in the other (``expected_n``),
        with 95% intervals.
    """
    basis, alike = _two(data)
    title = "Children whose needs are rather those of the other setting"
    day = basis.date_keys[-1]
    words = day_words(basis.shown.dates[-1])
    what = f"Assessed children in homes and in foster care on {words}"
    subtitle = f"{what}, {basis.study.authority.name}"
    if not alike.enough:
        return unavailable(basis, UNLIKE, title, subtitle, _CHILDREN, TOO_FEW)
    rng = np.random.default_rng([basis.study.seed, 30])
    found, ends = unlike(alike.chance, alike.home), ranges(alike, DRAWS, rng)
    rows = []
    for setting, (key, _) in _SIDES.items():
        n = int((alike.home if setting == HOME else ~alike.home).sum())
        row: dict[str, object] = {"group": setting, "period": day, "children_n": n}
        for measure, name in (("unlike_n", key), ("expected_n", f"{key}_mean")):
            row[measure] = found[name]
            row[f"{measure}_lower"], row[f"{measure}_upper"] = ends[name]
        row["expected_pct"] = 100 * found[f"{key}_mean"] / n
        rows.append(row)
    return Result(
        name=UNLIKE,
        title=title,
        subtitle=subtitle,
        table=wide_rows(pd.DataFrame(rows), ["group", "period"]),
        measures=_measures(),
        labels={HOME: "In homes", FOSTER: "In foster care", **basis.date_labels},
        source=f"{basis.source}; needs assessments",
        layout=Layout(rows=("group",), columns=("measure",), measures=_SHOWN),
        text=_said(day, words),
        notes=(
            _MODEL,
            "Rather like the other setting: the chance of the child's own is below a half. "
            "Expected: the chances of the other setting, summed.",
            "Intervals are 95%, of what would be learned from other children (Bayesian bootstrap). "
            "Where the truth was known they held it in about nine cases of ten.",
            "A home is any residential placement here. Both expected numbers are about as large by "
            "the way the model is made: what tells is how many are unlike, not that the two agree.",
            _SAYS,
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "ridge": alike.penalty, "draws": DRAWS},
    )


def _measures() -> tuple[Measure, ...]:
    both = ("unlike_n", "children_n")
    return (
        _CHILDREN,
        Measure("unlike_n", "Other setting likelier", "children"),
        Measure("expected_n", "Expected in the other", "children_forecast", "", both),
        Measure("expected_pct", "Expected in the other", "percent", "children assessed", both),
    )


_SHOWN = (
    "children_n", "unlike_n", "unlike_n_lower_95", "unlike_n_upper_95",
    "expected_n", "expected_n_lower_95", "expected_n_upper_95", "expected_pct",
)  # fmt: skip


def _said(day: str, words: str) -> tuple[Sentence, ...]:
    def refs(setting: str) -> dict[str, str]:
        names = {
            "n": "unlike_n", "whole": "children_n", "mean": "expected_n",
            "low": "expected_n_lower_95", "high": "expected_n_upper_95",
        }  # fmt: skip
        return {k: figure_id(UNLIKE, m, setting, day) for k, m in names.items()}

    return (
        Sentence(
            "{day}: of {whole} assessed children in homes, {n} have needs for which foster care is "
            "the likelier place; of children alike, {mean} ({low} to {high}) would be in foster "
            "care. They are those to look at first for a step down.",
            refs(HOME),
            {"day": words},
        ),
        Sentence(
            "Of {whole} assessed children in foster care, {n} have needs for which a home is the "
            "likelier place; of children alike, {mean} ({low} to {high}) would be in a home. Their "
            "placements are those to support first.",
            refs(FOSTER),
        ),
    )


def belief(data: StudyData) -> Result:
    """Return how far the chances of a home can be believed (``homes_belief``).

    Returns
    -------
    Result
        On children left out: area under the curve, share of the base rate's squared error taken
        away, slope of recalibration with its 95% interval, and the widest distance of chance and
        share among fifths of the children.
    """
    basis, alike = _two(data)
    title = "How far the chance of a home can be believed"
    subtitle = f"Children left out of what judges them, {basis.study.authority.name}"
    auc = Measure("auc", "Area under the curve", "ratio")
    if not alike.enough:
        return unavailable(basis, BELIEF, title, subtitle, auc, TOO_FEW)
    day, j = basis.date_keys[-1], judged(alike.chance, alike.home)
    row = {
        "period": day, "auc": j.auc, "gain_pct": 100 * j.gain, "slope": j.slope,
        "slope_lower": j.slope_low, "slope_upper": j.slope_high, "widest_points": 100 * j.widest,
    }  # fmt: skip
    fair = j.slope_low <= 1 <= j.slope_high
    made = Result(
        name=BELIEF,
        title=title,
        subtitle=subtitle,
        table=wide_rows(pd.DataFrame([row]), ["period"]),
        measures=(
            auc,
            Measure("gain_pct", "Squared error of the base rate taken away", "percent"),
            Measure("slope", "Slope of recalibration", "ratio"),
            Measure("widest_points", "Widest distance of chance and share, by fifths", "points"),
        ),
        labels={ALL: "Needs, age and sex", **basis.date_labels},
        source=f"{basis.source}; needs assessments",
        layout=Layout(
            rows=("measure",),
            columns=("period",),
            measures=("auc", "gain_pct", "slope", "slope_lower_95", "slope_upper_95",
                      "widest_points"),
        ),
        notes=(
            _MODEL,
            "A curve of one half knows nothing, one of one everything. A slope of one means that "
            "chances are what they say; below it they are too sure, above it not sure enough.",
        ),
        settings={**basis.settings(), "ridge": alike.penalty, "least": LEAST},
    )  # fmt: skip
    return replace(made, text=_believed(day, fair))


def _believed(day: str, fair: bool) -> tuple[Sentence, ...]:
    verdict = (
        "its chances are what they say, as far as can be told"
        if fair
        else "its chances are not what they say: read the numbers as an order, not as sizes"
    )
    return (
        Sentence(
            "Of two children, one in each setting, needs, age and sex tell which is in a home as "
            "often as {auc} of the time; {verdict}.",
            {"auc": figure_id(BELIEF, "auc", ALL, day)},
            {"verdict": verdict},
        ),
    )
