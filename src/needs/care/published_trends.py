"""Length of stay, distance from home and targets, as documents print them."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import (
    cell,
    combined,
    own,
    select,
    series_table,
    source_of,
    title_of,
    words_for,
)
from needs.care.results_stay import MEAN_OF
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence

__all__ = ["distance", "length_of_stay", "targets"]

LATEST = {
    "fostering": ("share_of_children_pct", "fostering"),
    "homes": ("share_of_children_pct", "homes"),
    "ifa": ("share_of_fostering_pct", "ifa"),
    "out_of_county_over_20_miles": ("over_20_miles_pct", ALL),
}
"""Where the latest printed value of each target's subject is found: measure and group."""


def _extremes(table: pd.DataFrame) -> tuple[dict[str, pd.Series[str]], dict[str, str]]:
    """Return the first, last, lowest and highest rows, and their periods as words."""
    ordered = table.sort_values("value", kind="stable")
    rows = {
        "first": table.iloc[0],
        "last": table.iloc[-1],
        "low": ordered.iloc[0],
        "high": ordered.iloc[-1],
    }
    return rows, {f"{k}_at": str(r["period"]) for k, r in rows.items()}


def _stay_said(name: str, table: pd.DataFrame) -> Sentence:
    rows, when = _extremes(table)
    return Sentence(
        "The mean length of stay was {first} in {first_at} and {last} in {last_at}; it was "
        "shortest in {low_at} ({low}) and longest in {high_at} ({high}).",
        {k: cell(name, r) for k, r in rows.items()},
        when,
    )


def _distance_said(name: str, mine: pd.DataFrame) -> Sentence:
    rows, when = _extremes(mine)
    if len(mine) == 1:
        refs, words = {"only": cell(name, rows["first"])}, {"at": when["first_at"]}
        return Sentence("The only share printed is {only}, for {at}.", refs, words)
    return Sentence(
        "The share printed for {first_at} is {first} and for {last_at} {last}; the lowest "
        "printed is {low} ({low_at}) and the highest {high} ({high_at}).",
        {k: cell(name, r) for k, r in rows.items()},
        when,
    )


def length_of_stay(data: StudyData) -> Result:
    """Return the printed mean length of stay, in days, by reporting year.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``length_of_stay_days``.

    Raises
    ------
    InputMissing
        If the study has no such figures.
    """
    name, area = "published_length_of_stay", own(data)
    rows = select(data, "length_of_stay_days", area=area, group=ALL)
    rows = rows.drop_duplicates("period", keep="last").sort_values("period", ignore_index=True)
    table = series_table(rows)
    where = data.study.authority.short_name
    return Result(
        name=name,
        title="How long children stayed",
        subtitle=f"Mean length of stay in care, days, {where}",
        table=table,
        measures=(Measure("length_of_stay_days", "Mean length of stay", "days"),),
        labels=words_for(data, [ALL]),
        source=source_of(data, rows),
        layout=Layout(("period",), ()),
        text=(_stay_said(name, table),),
        charts=(
            Chart(
                "line",
                "line",
                "length_of_stay_days",
                "The mean length of stay has moved up and down",
                f"Days, by reporting year, {where}",
                "A line with one point for each reporting year printed; years may be missing.",
            ),
        ),
        notes=(
            "The document does not say what it counts. It is taken to be "
            f"{MEAN_OF[data.study.counting.published_mean_stay]}: the table of means from the "
            "records gives that and the other readings (setting published_mean_stay).",
        ),
        published=True,
    )


def distance(data: StudyData) -> Result:
    """Return the printed shares of children placed over twenty miles from home.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``over_20_miles_pct``, of any area.

    Raises
    ------
    InputMissing
        If the study has no such figures.
    """
    name, area = "published_distance", own(data)
    rows = select(data, "over_20_miles_pct", group=ALL)
    rows = rows.drop_duplicates(["area", "period", "value"], keep="last")
    rows = rows.sort_values(["month", "area"], ignore_index=True)
    table = series_table(rows, by="d" + rows["document"])
    mine = table[table["area"] == area]
    if mine.empty:
        raise InputMissing("published")
    documents = sorted(set(rows["document"]))
    return Result(
        name=name,
        title="Children placed far from home",
        subtitle="Share of children placed over twenty miles from home",
        table=table,
        measures=(Measure("over_20_miles_pct", "Share", "percent1", "children placed"),),
        labels={
            **words_for(data),
            **{f"d{d}": title_of(data, d) for d in documents},
            "by": "Document",
        },
        source=source_of(data, rows),
        layout=Layout(("period", "area", "by"), ()),
        text=(_distance_said(name, mine),),
        notes=(
            "Some documents count children over twenty miles away, others those out of the "
            "county and over twenty miles away; a fall or rise across documents may be that.",
            "Most of these shares are printed without a decimal.",
        ),
        published=True,
    )


def _latest(data: StudyData, group: str) -> pd.DataFrame:
    """Return the latest printed value of a target's subject as one row, or none."""
    measure, subject = LATEST.get(group, ("share_of_children_pct", group))
    try:
        rows = select(data, measure, group=subject, area=own(data), by="")
    except InputMissing:
        return pd.DataFrame()
    last = rows.sort_values(["month", "document"], kind="stable").tail(1)
    return last.assign(group=group, by="latest", period=last["month"])


def _target_said(name: str, what: str, group: str, month: str, area: str) -> Sentence:
    return Sentence(
        "{what}: {latest} in {month}, against a target of {target}.",
        {
            "latest": cell(
                name, measure="share_pct", group=group, by="latest", period=month, area=area
            ),
            "target": cell(name, measure="share_pct", group=group, by="target", area=area),
        },
        {"what": what, "month": month},
    )


def _rate(data: StudyData) -> pd.DataFrame:
    """Return the target rate with its baseline, or nothing unless both are typed."""
    try:
        rows = select(data, "target_rate_per_10k", area=own(data), group=ALL)
    except InputMissing:
        return pd.DataFrame()
    if not {"baseline", "target"} <= set(rows["by"]):
        return pd.DataFrame()
    return series_table(rows.drop_duplicates("by", keep="last"), period="")


def _rate_said(name: str, rate: pd.DataFrame, area: str) -> tuple[Sentence, ...]:
    if rate.empty:
        return ()
    refs = {
        by: cell(name, measure="target_rate_per_10k", by=by, area=area)
        for by in ("baseline", "target")
    }
    words = (
        "The rate of children looked after was to go from {baseline} to {target} for each ten "
        "thousand children."
    )
    return (Sentence(words, refs),)


def targets(data: StudyData) -> Result:
    """Return the printed targets, their baselines and the latest printed value.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``target_share_pct`` with ``by`` ``baseline`` and
        ``target``, and of ``target_rate_per_10k`` where there is one.

    Returns
    -------
    Result
        One row a target; ``gap`` is the latest printed value less the target, in points.

    Raises
    ------
    InputMissing
        If the study has no targets.
    """
    name, area = "published_targets", own(data)
    rows = select(data, "target_share_pct", area=area)
    rows = rows.drop_duplicates(["group", "by"], keep="last")
    groups = list(dict.fromkeys(rows["group"]))
    latest = [_latest(data, g) for g in groups]
    shares = series_table(
        pd.concat([rows.assign(period=""), *latest], ignore_index=True), measure="share_pct"
    )
    when = dict(zip(shares["group"], shares["period"], strict=True))
    wide = shares.pivot_table(index="group", columns="by", values="value")
    wide = wide.reindex(columns=["latest", "target"])
    gap = (wide["latest"] - wide["target"]).dropna().rename("value").reset_index()
    table = [shares, gap.assign(measure="gap_points", by="gap", area=area)]
    text = [_target_said(name, words_for(data, [g])[g], g, when[g], area) for g in gap["group"]]
    rate = _rate(data)
    return Result(
        name=name,
        title="Targets and where the count stands",
        subtitle=f"Shares as printed, {data.study.authority.short_name}",
        table=combined(*table, rate),
        measures=(
            Measure("share_pct", "Share", "percent1"),
            Measure("gap_points", "Points", "points"),
            Measure("target_rate_per_10k", "Rate of children looked after", "rate_per_10k"),
        ),
        labels=words_for(data, [*groups, "baseline", "target", "latest", "gap"]),
        source=source_of(data, pd.concat([rows, *latest])),
        layout=Layout(("group",), ("by",), ("share_pct", "gap_points")),
        text=(*text, *_rate_said(name, rate, area)),
        notes=(
            "A share is of those that the document takes it of, such as all children or all "
            "foster placements; the baseline and the latest value may differ in that.",
        ),
        published=True,
    )
