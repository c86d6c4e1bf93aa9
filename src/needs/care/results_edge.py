"""Chapter 20: work on the edge of care as its services count it, each stage in its own unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.vocabulary.edge import FUNNELS, STAGE_UNITS, STAGE_WORDS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["COUNTS", "edge_of_care"]

NAME = "edge_of_care"
_OF_PEOPLE = ("children_n", "families_n", "cases_n")
COUNTS: tuple[Measure, ...] = (
    Measure("requests_n", "Requests", "requests"),
    Measure("children_n", "Children", "children"),
    Measure("families_n", "Families", "families"),
    Measure("conferences_n", "Conferences", "cases"),
    Measure("cases_n", "Cases", "cases"),
    # Days and nights of few people tell of them: they are hidden with the count of those.
    Measure("days_n", "Days", "days", "", _OF_PEOPLE),
    Measure("nights_n", "Nights", "nights", "", _OF_PEOPLE),
)
_HOMELESS = ("homeless_seen", "homeless_assessed", "homeless_home", "homeless_accommodated")
_MONTHS = 12


def _years(period: pd.Series) -> pd.Series:
    """Return the reporting year of each period, a year or a month, as text."""
    text = period.astype(str)
    made = {}
    for p in text.unique():
        year, part = int(p[:4]), int(p[5:7])
        is_year = len(p) == len("2022-23") and part == (year + 1) % 100
        made[p] = p if is_year else str(ReportingYear(year + (part > 3)))
    return text.map(made)


def _counted(data: StudyData) -> tuple[pd.DataFrame, int]:
    """Return the number of each stage and unit in each year, and how many years lack months.

    A row for a year counts; months are added up where there is none.
    """
    rows = data.edge_of_care.frame
    rows = rows.assign(year=_years(rows["period"]), whole=lambda r: r["period"] == r["year"])
    last, first = data.study.period.year, data.study.period.first_year or ""
    rows = rows[(rows["year"] <= str(last)) & (rows["year"] >= first)]
    if rows.empty:
        raise InputMissing("edge_of_care")
    keys = ["year", "stage", "unit"]
    rows = rows.astype(dict.fromkeys(keys, object))
    for_year = rows.groupby(keys)["whole"].transform("any")
    rows = rows[rows["whole"] | ~for_year]
    made = rows.groupby(keys, as_index=False).agg(
        number=("number", "sum"), whole=("whole", "any"), months=("number", "size")
    )
    short = ~made["whole"] & (made["months"] < _MONTHS)
    return made, int(short.sum())


def edge_of_care(data: StudyData) -> Result:
    """Return the stages of work on the edge of care by year (``edge_of_care``).

    Parameters
    ----------
    data : StudyData
        A study with ``edge_of_care``; it needs no returns.

    Returns
    -------
    Result
        Each stage in each of its units; and of a stage that is part of another, its share of
        that one in the same unit.

    Raises
    ------
    InputMissing
        If the study has no such table, or none of a year up to its own.
    """
    counts, short = _counted(data)
    table = _table(counts)
    years = sorted(counts["year"].unique())
    there = set(table["measure"])
    known = tuple(m for m in COUNTS if m.key in there)
    shares = tuple(_shares(there))
    shown = tuple(m.key for m in (*known, *shares) if not m.key.endswith("_first_n"))
    authority = data.study.authority
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return Result(
        name=NAME,
        title="On the edge of care",
        subtitle=f"Work that keeps children out of care, by stage, {authority.name}, {span}",
        table=table,
        measures=(*known, *shares),
        labels={**STAGE_WORDS, **{y: y for y in years}, "group": "Stage", "measure": "Counted in"},
        source=f"{authority.short_name}: counts of the services on the edge of care",
        layout=Layout(("group", "measure"), ("period",), shown),
        text=tuple(_said(table, years)),
        charts=tuple(_charts(table, years, authority.name)),
        checks=(_parts(counts), _months(short)),
        notes=(
            "Each row says what it counts: requests, children, families, conferences, cases, days "
            "and nights are different things, and are nowhere added up or divided by one another.",
            "A share is of the first stage of the same work in the same year and unit. Stages may "
            "overlap, and a child seen in one year may be accommodated in the next.",
            "Where a service gives months, they are added up: a child counted in two months "
            "counts twice in the year.",
        ),
    )


def _table(counts: pd.DataFrame) -> pd.DataFrame:
    """Return numbers and shares as a long table."""
    base = counts.set_index(["year", "stage", "unit"])["number"]
    rows = counts.assign(
        group=counts["stage"],
        period=counts["year"],
        measure=counts["unit"] + "_n",
        value=counts["number"],
    )
    keep = ["group", "period", "measure", "value"]
    first = {part: stage for stage, parts in FUNNELS.items() for part in parts}
    parts = rows[rows["stage"].isin(list(first))]
    keys = zip(parts["year"], parts["stage"].map(first), parts["unit"], strict=True)
    whole = np.array([base.get(k, np.nan) for k in keys], dtype=float)
    share = np.divide(
        100.0 * parts["value"].to_numpy(), whole, out=np.full(len(parts), np.nan), where=whole > 0
    )
    # The base stands in each row too, so that a share goes where its base is hidden.
    bases = parts.assign(measure=parts["unit"] + "_first_n", value=whole)[np.isfinite(share)]
    shares = parts.assign(measure=parts["unit"] + "_pct", value=share)[np.isfinite(share)]
    order = list(STAGE_UNITS)
    out = pd.concat([rows[keep], bases[keep], shares[keep]], ignore_index=True)
    out = out.sort_values(
        ["group", "period"], key=lambda c: c.map(order.index) if c.name == "group" else c,
        kind="stable",
    )  # fmt: skip
    return long_table(out)


def _shares(there: set[str]) -> Iterator[Measure]:
    """Yield the share of each unit that has one, and its base."""
    for m in COUNTS:
        unit = m.key.removesuffix("_n")
        if f"{unit}_pct" in there:
            base = f"{m.label.lower()} at the first stage"
            yield Measure(f"{unit}_first_n", f"{m.label} at the first stage", m.unit)
            yield Measure(f"{unit}_pct", "Share", "percent", base, (m.key, f"{unit}_first_n"))


def _has(table: pd.DataFrame, stage: str, measure: str, year: str) -> bool:
    mine = (table["group"] == stage) & (table["measure"] == measure) & (table["period"] == year)
    return bool(mine.any())


def _said(table: pd.DataFrame, years: list[str]) -> Iterator[Sentence]:
    last = years[-1]
    wanted = ("homeless_seen", "homeless_home", "homeless_accommodated")
    if all(_has(table, s, "children_n", last) for s in wanted):
        seen, home, taken = (figure_id(NAME, "children_n", s, last) for s in wanted)
        yield Sentence(
            "{year}: {seen} homeless young people of sixteen or seventeen were seen; {home} went "
            "home and {taken} were accommodated.",
            {"seen": seen, "home": home, "taken": taken},
            {"year": last},
        )
    nights = [y for y in years if _has(table, "bed_and_breakfast", "nights_n", y)]
    if len(nights) > 1 and nights[-1] == last:
        at = (nights[0], last)
        before, now = (figure_id(NAME, "nights_n", "bed_and_breakfast", y) for y in at)
        yield Sentence(
            "Nights in bed and breakfast: {before} in {first}, {now} in {year}.",
            {"before": before, "now": now},
            {"first": nights[0], "year": last},
        )


def _charts(table: pd.DataFrame, years: list[str], place: str) -> Iterator[Chart]:
    if len(years) < 2:
        return
    span = f"{place}, {years[0]} to {years[-1]}"
    children = set(table.loc[table["measure"] == "children_n", "group"])
    shown = tuple(s for s in _HOMELESS if s in children)
    if len(shown) > 1:
        yield Chart(
            key="homeless",
            kind="line",
            measure="children_n",
            title="Homeless at sixteen or seventeen: seen, assessed, home, accommodated",
            subtitle=f"Children at each stage, {span}",
            alt="Line chart with a line for each stage and a point for each year.",
            include={"group": shown},
        )
    if (table["measure"] == "nights_n").any():
        yield Chart(
            key="nights",
            kind="line",
            measure="nights_n",
            title="Nights in bed and breakfast",
            subtitle=f"Nights, {span}",
            alt="Line chart of nights in bed and breakfast, one point a year.",
            include={"group": ("bed_and_breakfast",)},
        )


def _parts(counts: pd.DataFrame) -> Check:
    number = counts.set_index(["year", "stage", "unit"])["number"]
    first = {part: stage for stage, parts in FUNNELS.items() for part in parts}
    keys = zip(counts["year"], counts["stage"].map(first), counts["unit"], strict=True)
    whole = np.array([number.get(k, np.inf) for k in keys], dtype=float)
    more = int((counts["number"].to_numpy(float) > whole).sum())
    return Check(
        "No stage is more than the first stage of its work",
        "review" if more else "pass",
        f"stages that are more: {more}",
    )


def _months(short: int) -> Check:
    return Check(
        "Years made of months have twelve",
        "review" if short else "pass",
        f"stages and units of which months are missing: {short}",
    )
