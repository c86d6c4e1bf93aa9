"""Chapter 25: where the authority stands among its neighbours, and among all authorities."""

from __future__ import annotations

import pandas as pd

from needs.care.comparison import SOURCE, measure_of
from needs.care.comparison_areas import COUNTED_OUT, Peers, in_text, peers
from needs.care.comparison_indicators import INDICATORS, Indicator
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import latest
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["GOOD", "RANGE", "figures_of", "newest", "profile", "rank", "spread"]

RANGE = {
    "neighbours_min": "Lowest neighbour",
    "neighbours_median": "Median of neighbours",
    "neighbours_max": "Highest neighbour",
}
GOOD = {"higher": "Higher", "lower": "Lower", "neither": "Neither"}
SUPPRESSED = ("c", "k")
_FIRST = {
    "higher": "Highest, the better",
    "lower": "Lowest, the better",
    "neither": "Highest; no end is better",
}


def figures_of(data: StudyData, indicator: Indicator) -> pd.DataFrame:
    """Return an indicator in every area and year: the newest release of each figure.

    Returns
    -------
    DataFrame
        ``area_code, period, value, marker, vintage``; empty where the files do not have it.
    """
    frame = data.comparators.frame
    at = (
        (frame["measure"] == indicator.measure)
        & (frame["group"] == indicator.group)
        & (frame["by"] == indicator.by)
    )
    rows = latest(in_text(frame[at])).frame
    return rows[["area_code", "period", "value", "marker", "vintage"]]


def newest(rows: pd.DataFrame, own: str) -> str:
    """Return the last year for which the authority has a number, or empty."""
    years = rows.loc[(rows["area_code"] == own) & rows["value"].notna(), "period"]
    return str(years.max()) if len(years) else ""


def spread(rows: pd.DataFrame, who: Peers) -> pd.DataFrame:
    """Return the lowest, median and highest neighbour of each year, as areas of their own.

    Neighbours without a number are left out; a year in which no neighbour has one is too.
    """
    near = rows[rows["area_code"].isin(who.neighbours)]
    by_year = near.groupby("period")["value"]
    made = by_year.agg(neighbours_min="min", neighbours_median="median", neighbours_max="max")
    out = made.reset_index().melt("period", var_name="area").dropna(subset="value")
    return out.assign(marker="")


def profile(data: StudyData) -> Result:
    """Return every indicator of the newest year, beside neighbours, region and England.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    Result
        ``comparison_profile``: rows by indicator (``measure``) and year, columns by area;
        ``neighbours_min``, ``neighbours_median`` and ``neighbours_max`` are areas too.

    Raises
    ------
    InputMissing
        If the files have none of the indicators for the authority.
    """
    who = peers(data)
    parts, measures, short = [], [], 0
    for i in INDICATORS:
        rows = figures_of(data, i)
        year = newest(rows, who.own)
        rows = rows[rows["period"] == year]
        if rows.empty:
            continue
        lone = rows[rows["area_code"].isin([who.own, who.region, who.england])]
        part = pd.concat([lone.rename(columns={"area_code": "area"}), spread(rows, who)])
        parts.append(part.assign(measure=i.key))
        measures.append(measure_of(i.key, i.label, i.unit, i.base, lone["value"]))
        short += int(rows.loc[rows["area_code"].isin(who.neighbours), "value"].isna().any())
    if not parts:
        raise InputMissing("comparators")
    table = long_table(pd.concat(parts)[["area", "period", "measure", "value", "marker"]])
    return Result(
        name="comparison_profile",
        title=f"{who.names[who.own]} beside its neighbours, its region and England",
        subtitle="Every indicator in the newest year that the files have",
        table=table,
        measures=tuple(measures),
        labels={who.own: who.names[who.own], **RANGE, **who.names},
        source=SOURCE,
        layout=Layout(("measure", "period"), ("area",)),
        text=_outside_range(table, who, measures),
        checks=(_complete(short),) if who.neighbours else (),
        notes=(
            "Lowest, median and highest are taken from the neighbours' printed figures, without "
            "those that are suppressed.",
            *who.notes,
        ),
        published=True,
    )


def _complete(short: int) -> Check:
    return Check(
        "Every neighbour has a number",
        "review" if short else "pass",
        f"indicators for which a neighbour's number is suppressed or missing: {short}",
    )


def _outside_range(
    table: pd.DataFrame, who: Peers, measures: list[Measure]
) -> tuple[Sentence, ...]:
    """Return a sentence for each indicator that lies outside the neighbours' range."""
    out = []
    for m in measures:
        rows = table[table["measure"] == m.key].set_index("area")["value"]
        if not {who.own, *RANGE} <= set(rows.index):
            continue
        year = str(table.loc[table["measure"] == m.key, "period"].iloc[0])
        for end, beyond, words in (
            ("neighbours_min", rows[who.own] < rows["neighbours_min"], "below the lowest"),
            ("neighbours_max", rows[who.own] > rows["neighbours_max"], "above the highest"),
        ):
            if beyond:
                ids = {
                    k: figure_id("comparison_profile", m.key, ALL, year, "", a)
                    for k, a in (("own", who.own), ("end", end))
                }
                said = "{label}: {own}, {words} of the neighbours ({end})."
                out.append(Sentence(said, ids, {"label": m.label, "words": words}))
    return tuple(out)


_RANKS = (
    Measure("rank_n", "Place", "count"),
    Measure("ranked_n", "Of", "count"),
    Measure("tied_n", "Same figure", "count"),
    Measure("last_n", "Lowest place", "count"),
    Measure("suppressed_n", "Suppressed", "count"),
    Measure("absent_n", "No figure", "count"),
)


def rank(data: StudyData) -> Result:
    """Return the authority's place among all authorities, indicator by indicator.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    Result
        ``comparison_rank``, rows by indicator (``group``) and year. ``rank_n`` is one more than
        the authorities that stand before it; those with the same printed number share a place.
        ``last_n`` is the place if all of these and all suppressed authorities stood before it.
        Authorities that do not exist in a year (marker ``z``) are not counted.

    Notes
    -----
    Place one is the better end where one is better, else the highest: the direction stands in
    the table.
    """
    who = peers(data)
    parts, labels, first = [], {}, {}
    for i in INDICATORS:
        rows = figures_of(data, i)
        year = newest(rows, who.own)
        if year:
            here = rows[(rows["period"] == year) & rows["area_code"].isin(who.authorities)]
            counts = _place(here, who.own, i.good)
            part = pd.DataFrame({"measure": list(counts), "value": list(counts.values())})
            parts.append(part.assign(group=i.key, period=year))
            labels[i.key], first[i.key] = i.label, _FIRST[i.good]
    if not parts:
        raise InputMissing("comparators")
    table = long_table(pd.concat(parts))
    return Result(
        name="comparison_rank",
        title=f"{who.names[who.own]}'s place among all authorities",
        subtitle="Rank of the printed figure in the newest year that the files have",
        table=table,
        measures=_RANKS,
        labels={**labels, "group": "Indicator"},
        source=SOURCE,
        layout=Layout(("group", "period"), ("measure",)),
        text=_rank_said(table),
        notes=(
            "Of: authorities with a figure. Same figure: others that print the same, and share "
            "the place. Suppressed: authorities whose figure is hidden, which have no place. No "
            "figure: others without one. The lowest place supposes that all with the same "
            "figure, and all suppressed, stand before this one.",
        ),
        row_notes={"Place one is": first},
        published=True,
    )


def _place(here: pd.DataFrame, own: str, good: str) -> dict[str, int]:
    here = here[here["marker"] != COUNTED_OUT]
    mine = float(here.loc[here["area_code"] == own, "value"].iloc[0])
    others = here[here["area_code"] != own]
    before = others["value"] < mine if good == "lower" else others["value"] > mine
    tied = int((others["value"] == mine).sum())
    hidden = int(others["marker"].isin(SUPPRESSED).sum())
    place = 1 + int(before.sum())
    return {
        "rank_n": place,
        "ranked_n": int(here["value"].notna().sum()),
        "tied_n": tied,
        "last_n": place + tied + hidden,
        "suppressed_n": hidden,
        "absent_n": int(others["value"].isna().sum()) - hidden,
    }


def _rank_said(table: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return the place by rate of children looked after, in words."""
    rows = table[(table["group"] == "children_rate") & (table["measure"] == "rank_n")]
    if rows.empty:
        return ()
    year = str(rows["period"].iloc[0])
    refs = {
        k: figure_id("comparison_rank", m, "children_rate", year)
        for k, m in (("place", "rank_n"), ("of", "ranked_n"), ("last", "last_n"))
    }
    said = (
        "By rate of children looked after in {year}, the highest first, the place is {place} of "
        "{of}; counting ties and suppressed authorities it is {last} at the lowest."
    )
    return (Sentence(said, refs, {"year": year}),)
