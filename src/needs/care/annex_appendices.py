"""Chapter 90: the first, second and fifth appendix of the commissioning strategy, from own data.

Their forms: the rate over the years beside other areas, children by age over the years, and
placement types over the years. They repeat counts of chapter 20 and hide what it hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from needs.care.chapter20 import ages, placement_mix, rates
from needs.care.comparison_areas import peers
from needs.care.comparison_indicators import INDICATORS
from needs.care.comparison_profile import RANGE, figures_of, spread
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
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
from needs.vocabulary.wording import inside

__all__ = ["age_trends", "placement_trends", "rate_in_comparison"]

RATE, AGES, TYPES = "annex_rate", "annex_ages", "annex_placements"
COUNTED = "counted"
_FORM = (
    "all_fostering",
    "all_fostering_in_house",
    "kinship",
    "in_house_foster",
    "ifa",
    "all_residential",
    "in_house_home",
    "external_home",
)
"""Rows of the printed tables on foster care and homes, where the study's map has them."""
_CHILDREN = Measure("children_n", "Children", "children")


def _leans(
    name: str, table: pd.DataFrame, of: str, also: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Return that each row leans on the same cell of another result, and of some first periods."""
    found = {}
    keys = table[["measure", "group", "period"]].itertuples(index=False)
    for measure, group, period in keys:
        whole = (figure_id(of, "children_n", ALL, period),)
        then = tuple(figure_id(of, "children_n", group, p) for p in also)
        found[figure_id(name, measure, group, period)] = (
            figure_id(of, "children_n", group, period),
            *(whole if measure == "share_pct" else ()),
            *(then if measure == "growth_pct" else ()),
        )
    return found


@STUDY.followed_by
def rate_in_comparison(data: StudyData) -> Result:
    """Return the rate of children looked after over the years, in comparison (``annex_rate``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and population; with comparators, other areas beside it.

    Returns
    -------
    Result
        By reporting year: the study's own rate (group ``counted``); where there are comparators
        the published own rate, the lowest, median and highest neighbour, region and England.

    Raises
    ------
    InputMissing
        If the study has no population or no returns.
    """
    own = rates(data)
    mine = own.table[own.table["measure"] == "stock_end_rate"]
    mine = mine.assign(group=COUNTED, measure="rate_per_10k")[_KEPT]
    others, labels, source = _others(data)
    both = [mine, others] if len(others) else [mine]
    table = long_table(pd.concat(both, ignore_index=True))
    years = list(dict.fromkeys(mine["period"]))
    first, last = years[0], years[-1]
    study = data.study
    return Result(
        name=RATE,
        title=f"Rate of {study.authority.label}, in comparison",
        subtitle=f"For each ten thousand children, {study.authority.name}, {first} to {last}",
        table=table,
        measures=(Measure("rate_per_10k", "Rate", "rate_per_10k"),),
        labels={COUNTED: f"{study.authority.short_name}, counted here", **labels, "group": "Area"},
        source="; ".join(s for s in (own.source, source) if s),
        layout=Layout(("group",), ("period",)),
        text=(
            Sentence(
                "The rate went from {first} in {a} to {last} in {b}.",
                {
                    "first": figure_id(RATE, "rate_per_10k", COUNTED, first),
                    "last": figure_id(RATE, "rate_per_10k", COUNTED, last),
                },
                {"a": first, "b": last},
            ),
        ),
        charts=(
            Chart(
                key="rate",
                kind="line",
                measure="rate_per_10k",
                title=f"Rate of {study.authority.label} over the years",
                subtitle=f"For each ten thousand children, {study.authority.name}",
                alt="Lines, one for each area, of the rate at the end of each year.",
            ),
        ),
        notes=(
            "The form is that of the first appendix of the commissioning strategy 2020 to 2025.",
            *(
                ()
                if len(others)
                else (
                    "The study has no file of the Department's statistics, so that no other area "
                    "stands beside it; what documents print of others is in the comparison.",
                )
            ),
        ),
        settings=own.settings,
        leans_on={
            figure_id(RATE, "rate_per_10k", COUNTED, p): (
                figure_id("cla_flows", "stock_end_n", ALL, p),
            )
            for p in mine["period"]
        },
    )


_KEPT = ["group", "period", "measure", "value", "marker"]


def _others(data: StudyData) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Return published rates of own authority, neighbours, region and England."""
    nothing = pd.DataFrame(columns=_KEPT)
    try:
        who = peers(data)
        rows = figures_of(data, next(i for i in INDICATORS if i.key.startswith("children")))
    except InputMissing:
        return nothing, {}, ""
    lone = rows[rows["area_code"].isin([who.own, who.region, who.england])]
    both = pd.concat(
        [
            lone.rename(columns={"area_code": "group"}),
            spread(rows, who).rename(columns={"area": "group"}),
        ]
    )
    both["group"] = both["group"].str.lower()
    labels = {k.lower(): v for k, v in {**who.names, **RANGE}.items()}
    labels = {k: v for k, v in labels.items() if k in set(both["group"])}
    labels[who.own.lower()] = f"{who.names[who.own]}, as published"
    return both.assign(measure="rate_per_10k")[_KEPT], labels, "Department for Education statistics"


@STUDY.followed_by
def age_trends(data: StudyData) -> Result:
    """Return children by age band over the years, and how fast each grew (``annex_ages``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By age band and day: ``children_n``, ``share_pct`` of all, and ``growth_pct`` since the
        first day shown.
    """
    made = ages(data)
    table, days = _trend(made, list(made.labels))
    bands = [g for g in dict.fromkeys(table["group"]) if g != ALL]
    return _shown(
        made,
        AGES,
        "Children by age over the years",
        table,
        text=_fastest(AGES, table, bands, days, made),
        bands=bands,
        note="The form is that of the second appendix of the commissioning strategy 2020 to 2025.",
        of="cla_age",
    )


@STUDY.followed_by
def placement_trends(data: StudyData) -> Result:
    """Return placement types over the years, as printed tables have them (``annex_placements``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By row of the printed tables and day: ``children_n``, ``share_pct`` of all, and
        ``growth_pct`` since the first day shown.
    """
    made = placement_mix(data)
    table, days = _trend(made, [ALL, *_FORM])
    rows = [g for g in dict.fromkeys(table["group"]) if g != ALL]
    return _shown(
        made,
        TYPES,
        "Placement types over the years",
        table,
        text=_fastest(TYPES, table, rows, days, made),
        bands=rows,
        note="The form is that of the fifth appendix of the commissioning strategy 2020 to 2025 "
        "and of its tables on foster care and homes. Rows hold one another: they do not add up.",
        of="cla_placement_mix",
    )


def _trend(made: Result, wanted: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return counts, shares of all, and growth since the first day, of some rows of a result."""
    t = made.table
    counts = t[t["measure"] == "children_n"]
    wide = counts.pivot_table(index="group", columns="period", values="value", sort=False)
    wide = wide.reindex([g for g in wanted if g in wide.index]).fillna(0.0)
    days = [str(d) for d in wide.columns]
    first = wide[wide.columns[0]].to_numpy()[:, None]
    whole = wide.loc[ALL].to_numpy()[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(first > 0, 100 * (wide / first - 1), np.nan)
        share = np.where(whole > 0, 100 * wide / whole, np.nan)
    frames = [
        pd.DataFrame(values, index=wide.index, columns=days)
        .rename_axis("group")
        .reset_index()
        .melt("group", var_name="period")
        .assign(measure=measure)
        for measure, values in (
            ("children_n", wide.to_numpy()),
            ("share_pct", share),
            ("growth_pct", grown),
        )
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame["marker"] = np.where(frame["value"].isna(), "z", "")
    order = {g: k for k, g in enumerate(wide.index)}
    frame = frame.sort_values("group", key=lambda s: s.map(order), kind="stable")
    return long_table(frame.reset_index(drop=True)), days


def _shown(
    made: Result,
    name: str,
    title: str,
    table: pd.DataFrame,
    *,
    text: tuple[Sentence, ...],
    bands: Sequence[str],
    note: str,
    of: str,
) -> Result:
    return Result(
        name=name,
        title=title,
        subtitle=made.subtitle,
        table=table,
        measures=(
            _CHILDREN,
            Measure("share_pct", "Share", "percent", "all children", ("children_n",)),
            Measure("growth_pct", "Growth since the first day", "percent", "", ("children_n",)),
        ),
        labels=made.labels,
        source=made.source,
        layout=Layout(("group", "measure"), ("period",), ("children_n", "share_pct")),
        text=text,
        charts=(
            Chart(
                key="trend",
                kind="line",
                measure="children_n",
                title=title,
                subtitle=made.subtitle,
                alt="Lines, one for each row of the table, of children on each day.",
                include={"group": tuple(bands[:6])},
            ),
        ),
        notes=(
            note,
            "Counts are those of the chapter on children looked after, and are hidden "
            "where they are there.",
        ),
        settings=made.settings,
        leans_on=_leans(name, table, of, table["period"].iloc[:1]),
    )


def _fastest(
    name: str, table: pd.DataFrame, groups: Sequence[str], days: Sequence[str], made: Result
) -> tuple[Sentence, ...]:
    """Return which row grew by most children, and by how much in per cent."""
    counts = table[table["measure"] == "children_n"].pivot_table(
        index="group", columns="period", values="value", sort=False
    )
    more = (counts[days[-1]] - counts[days[0]]).reindex(list(groups))
    if more.empty or not more.max() > 0:
        return ()
    top = str(more.idxmax())
    return (
        Sentence(
            "“{group}” grew by most children: from {a} on {first} to {b} on {last}.",
            {
                "a": figure_id(name, "children_n", top, days[0]),
                "b": figure_id(name, "children_n", top, days[-1]),
            },
            {
                "group": inside(made.labels[top]),
                "first": made.labels[days[0]],
                "last": made.labels[days[-1]],
            },
        ),
    )
