"""Chapter 20: how long adoption took, over three years as the DfE's scorecards have it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.adoption import INTERVALS, adopted
from needs.care.basis import Basis
from needs.care.results_flows import with_windows
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["NAME", "YEARS", "adoption_times"]

NAME = "cla_adoption_times"
YEARS = 3
"""Years taken together, the last of which is the period's own."""

_RULE = (
    "Children adopted in the three years that end with the one named, as in the adoption "
    "scorecards of the DfE. A child adopted by the foster carer is placed on the day on which "
    "the placement became one for adoption. The day of the match and that of the decision are "
    "told by the table AD1 alone; the day of placement by the table of placements for adoption, "
    "or by the first adoptive placement (A codes) where there is no such table."
)


def adoption_times(data: StudyData) -> Result:
    """Return mean and median days to adoption (``cla_adoption_times``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By interval (``group``) and reporting year: children adopted over three years, those
        whose dates are known and those whose are not; mean and median days of the former.
        Years that do not have two whole ones before them are left out.
    """
    basis = with_windows(data)
    windows = basis.shown.windows
    frame = adopted(basis.records, windows, basis.scope)
    rows: list[dict[str, object]] = []
    for k, w in enumerate(windows):
        years = [x.year.end_year for x in windows[max(k - YEARS + 1, 0) : k + 1]]
        if w.part or years != list(range(w.year.end_year - YEARS + 1, w.year.end_year + 1)):
            continue
        mine = frame[(frame["window"] > k - YEARS) & (frame["window"] <= k)]
        for group in INTERVALS:
            rows += _cells(w.key, group, mine[group].to_numpy(dtype=float))
    if not rows:
        rows = _none(basis.window_keys[-1])
    table = long_table(pd.DataFrame(rows))
    return Result(
        name=NAME,
        title="How long adoption took",
        subtitle=basis.flow_subtitle("Children adopted, three years together"),
        table=table,
        measures=(
            Measure("adopted_n", "Adopted in three years", "children"),
            Measure("timed_n", "of whom both dates are known", "children"),
            Measure("untimed_n", "of whom a date is not known", "children"),
            Measure("mean_days", "Mean", "days", "adopted, both dates known", ("timed_n",)),
            Measure("median_days", "Median", "days", "adopted, both dates known", ("timed_n",)),
        ),
        labels={ALL: "Children adopted", **INTERVALS, **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_said(basis, table),
        charts=_chart(basis, table),
        additive=(Additive("measure", "adopted_n", ("timed_n", "untimed_n")),),
        notes=(_RULE, *basis.shown.notes),
        settings={**basis.settings(), "years_together": YEARS},
    )


def _cells(period: str, group: str, days: np.ndarray) -> list[dict[str, object]]:
    known = days[~np.isnan(days)]
    at = {"period": period, "group": group}
    mark = "" if len(known) else "z"
    nothing = float("nan")
    mean, median = (float(known.mean()), float(np.median(known))) if len(known) else [nothing] * 2
    return [
        {**at, "measure": "adopted_n", "value": float(len(days)), "marker": ""},
        {**at, "measure": "timed_n", "value": float(len(known)), "marker": ""},
        {**at, "measure": "untimed_n", "value": float(len(days) - len(known)), "marker": ""},
        {**at, "measure": "mean_days", "value": mean, "marker": mark},
        {**at, "measure": "median_days", "value": median, "marker": mark},
    ]


def _none(period: str) -> list[dict[str, object]]:
    """Return cells that say that no three years stand together."""
    return [
        {"period": period, "group": g, "measure": "mean_days", "value": np.nan, "marker": "x"}
        for g in INTERVALS
    ]


def _said(basis: Basis, table: pd.DataFrame) -> tuple[Sentence, ...]:
    first = next(iter(INTERVALS))
    means = table[(table["measure"] == "mean_days") & (table["group"] == first)]
    key = str(means["period"].iloc[-1])
    if np.isnan(means["value"].iloc[-1]):
        return ()
    return (
        Sentence(
            "Three years to {year}: from entry to placement with the adopters {mean} days went "
            "by on average, {median} for the child in the middle; {n} children.",
            {
                "mean": figure_id(NAME, "mean_days", first, key),
                "median": figure_id(NAME, "median_days", first, key),
                "n": figure_id(NAME, "timed_n", first, key),
            },
            {"year": basis.window_labels[key]},
        ),
    )


def _chart(basis: Basis, table: pd.DataFrame) -> tuple[Chart, ...]:
    means = table[(table["measure"] == "mean_days") & table["value"].notna()]
    if means["period"].nunique() < 2:
        return ()
    title = "Mean days of each step to adoption"
    return (
        Chart(
            key="steps",
            kind="line",
            measure="mean_days",
            title=title,
            subtitle=basis.flow_subtitle(title),
            alt="One line for each step to adoption, mean days over three years.",
            include={"group": tuple(means["group"].unique())},
        ),
    )
