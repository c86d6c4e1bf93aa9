"""Chapter 25: trends against the range of the neighbours, and how far targets are away."""

from __future__ import annotations

from typing import Any

import pandas as pd

from needs.care.comparison import SOURCE, measure_of
from needs.care.comparison_areas import Peers, peers
from needs.care.comparison_indicators import INDICATORS, Indicator
from needs.care.comparison_profile import RANGE, figures_of, newest, spread
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["gaps", "targets_for", "trends"]

_LOW, _MIDDLE, _HIGH = RANGE
_MIXED = (
    "Each year is shown as the newest release that gives it prints it. {old} stand in an "
    "earlier release, whose rates and counts may rest on other population estimates."
)


def trends(data: StudyData) -> tuple[Result, ...]:
    """Return each indicator over the years, beside the range of the neighbours.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    tuple of Result
        ``comparison_trend_<indicator>`` for each that the files give for two years or more:
        rows by area, with the lowest, median and highest neighbour of each year, and a chart
        whose shading reaches from the lowest to the highest.

    Raises
    ------
    InputMissing
        If no indicator has two years.
    """
    who = peers(data)
    made = []
    for i in INDICATORS:
        rows = figures_of(data, i)
        own = rows.loc[(rows["area_code"] == who.own) & rows["value"].notna(), "period"]
        if len(set(own)) > 1:
            made.append(_trend(who, i, rows))
    if not made:
        raise InputMissing("comparators")
    return tuple(made)


def _trend(who: Peers, i: Indicator, rows: pd.DataFrame) -> Result:
    lone = rows[rows["area_code"].isin([who.own, who.region, who.england])]
    lone = lone.rename(columns={"area_code": "area"})
    table = long_table(
        pd.concat([lone, spread(rows, who)]).assign(measure=i.key)[
            ["area", "period", "measure", "value", "marker"]
        ]
    ).sort_values(["area", "period"], ignore_index=True)
    name = f"comparison_trend_{i.key}"
    return Result(
        name=name,
        title=f"{i.label}: the trend",
        subtitle=f"{who.names[who.own]} and its statistical neighbours",
        table=table,
        measures=(measure_of(i.key, i.label, i.unit, i.base, lone["value"]),),
        labels={who.own: who.names[who.own], **RANGE, **who.names},
        source=SOURCE,
        layout=Layout(("area",), ("period",)),
        text=_trend_said(name, who, i, table),
        charts=(_chart(who, i, table),),
        notes=(*_mixed(lone), *who.notes),
        published=True,
    )


def _mixed(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return which years rest on an earlier release than the last year does."""
    newest_release = rows.groupby("period")["vintage"].max()
    old = newest_release[newest_release < newest_release.iloc[-1]]
    if old.empty:
        return ()
    first, last = old.index[0], old.index[-1]
    return (_MIXED.format(old=first if first == last else f"The years {first} to {last}"),)


def _chart(who: Peers, i: Indicator, table: pd.DataFrame) -> Chart:
    there = set(table["area"])
    banded = {_LOW, _HIGH} <= there
    drawn = [who.own, *(RANGE if banded else ()), who.england]
    return Chart(
        key="trend",
        kind="line",
        measure=i.key,
        title=_headline(who, i, table),
        subtitle=f"{i.label}, by reporting year",
        alt=f"Lines for {who.names[who.own]}, the median of its neighbours and England over the "
        "years; the shading reaches from the lowest to the highest neighbour.",
        series="area",
        include={"area": tuple(a for a in drawn if a in there)},
        band=(_LOW, _HIGH) if banded else (),
    )


def _headline(who: Peers, i: Indicator, table: pd.DataFrame) -> str:
    """Return where the authority stands in its last year, in words."""
    year = newest(table.rename(columns={"area": "area_code"}), who.own)
    at = table[table["period"] == year].set_index("area")["value"]
    place = who.names[who.own]
    if not set(RANGE) <= set(at.index):
        return f"{i.label} in {place}"
    if at[who.own] > at[_HIGH]:
        return f"{place} stands above every neighbour"
    if at[who.own] < at[_LOW]:
        return f"{place} stands below every neighbour"
    if at[who.own] == at[_MIDDLE]:
        return f"{place} stands at the median of its neighbours"
    side = "above" if at[who.own] > at[_MIDDLE] else "below"
    return f"{place} stands {side} the median of its neighbours, within their range"


def _trend_said(name: str, who: Peers, i: Indicator, table: pd.DataFrame) -> tuple[Sentence, ...]:
    own = table[(table["area"] == who.own) & table["value"].notna()]
    first, last = str(own["period"].iloc[0]), str(own["period"].iloc[-1])
    here = set(table.loc[table["period"] == last, "area"])

    def ref(area: str, period: str) -> str:
        return figure_id(name, i.key, ALL, period, "", area)

    said = "{label}: from {a} in {first} to {b} in {last}"
    refs = {"a": ref(who.own, first), "b": ref(who.own, last)}
    if set(RANGE) <= here:
        said += "; neighbours in {last} from {low} to {high}, their median {middle}"
        refs |= {"low": ref(_LOW, last), "high": ref(_HIGH, last), "middle": ref(_MIDDLE, last)}
    words = {"label": i.label, "first": first, "last": last}
    return (Sentence(said + ".", refs, words),)


def _to_targets(
    data: StudyData, i: Indicator, targets: pd.DataFrame, met: dict[tuple[str, str], bool]
) -> list[pd.DataFrame]:
    """Return the newest figure beside each target of an indicator; note in ``met`` which are."""
    own = peers(data).own
    rows = figures_of(data, i)
    year = newest(rows, own)
    if not year:
        return []
    value = float(rows.loc[(rows["area_code"] == own) & (rows["period"] == year), "value"].iloc[0])
    parts = []
    for t in targets_for(targets, i):
        goal = float(t["value"])
        day = str(pd.Timestamp(t["date"]).date())
        part = {"by": ["latest", "target", "gap"], "value": [value, goal, value - goal]}
        parts.append(pd.DataFrame(part).assign(measure=i.key, period=day, group=f"year_{year}"))
        met[i.key, day] = value <= goal if t["direction"] == "at_most" else value >= goal
    return parts


def gaps(data: StudyData) -> Result:
    """Return how far the newest official figure is from each target that has one.

    Parameters
    ----------
    data : StudyData
        A study with comparators and targets.

    Returns
    -------
    Result
        ``comparison_gaps``: rows by indicator, day of the target and year of the figure
        (``group``); ``by`` latest, target, gap (latest less target). A target that no
        official figure answers is left out and counted in the notes.

    Raises
    ------
    InputMissing
        If the study has no targets, or no official figure answers one.
    """
    who, targets = peers(data), data.targets.frame
    parts: list[pd.DataFrame] = []
    measures: list[Measure] = []
    met: dict[tuple[str, str], bool] = {}
    for i in INDICATORS:
        if own := _to_targets(data, i, targets, met):
            parts += own
            values = pd.concat(own)["value"]
            measures.append(measure_of(i.key, i.label, i.unit, i.base, values))
    if not parts:
        raise InputMissing("comparators")
    table = long_table(pd.concat(parts).assign(area=who.own))
    years = {g: g.removeprefix("year_") for g in table["group"].unique()}
    return Result(
        name="comparison_gaps",
        title="How far targets are away",
        subtitle=f"{who.names[who.own]}: newest official figure and the authority's target",
        table=table,
        measures=tuple(measures),
        labels={
            **who.names,
            **years,
            "latest": "Newest figure",
            "target": "Target",
            "gap": "Figure less target",
            "group": "Year of the figure",
            "period": "Target for",
        },
        source=f"{SOURCE}; targets of the study",
        layout=Layout(("measure", "group", "period"), ("by",)),
        text=_gap_said(who, table, met, {m.key: m.label for m in measures}),
        notes=(
            f"Targets that no official figure of these files answers: {len(targets) - len(met)}.",
            "A target set in another document may count other children than the DfE does.",
        ),
        published=True,
    )


def targets_for(targets: pd.DataFrame, i: Indicator) -> list[dict[str, Any]]:
    """Return the rows of the study's targets that set one for an indicator."""
    group = targets["group"].astype(object)
    group = group.where(group.notna() & (group != ""), ALL).astype(str)
    at = [(m, g) in i.targets for m, g in zip(targets["measure"].astype(str), group, strict=True)]
    return [{str(k): v for k, v in row.items()} for row in targets[at].to_dict("records")]


def _gap_said(
    who: Peers, table: pd.DataFrame, met: dict[tuple[str, str], bool], labels: dict[str, str]
) -> tuple[Sentence, ...]:
    out = []
    rows = table[table["by"] == "gap"]
    for key, day, group in zip(rows["measure"], rows["period"], rows["group"], strict=True):
        refs = {
            by: figure_id("comparison_gaps", key, group, day, by, who.own)
            for by in ("latest", "target")
        }
        words = {
            "label": labels[key],
            "year": group.removeprefix("year_"),
            "day": day,
            "met": "The target is met" if met[key, day] else "The target is not met",
        }
        said = "{label}: {latest} in {year}, against a target of {target} for {day}. {met}."
        out.append(Sentence(said, refs, words))
    return tuple(out)
