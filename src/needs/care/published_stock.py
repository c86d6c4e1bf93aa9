"""Counts of children that documents print, every series side by side."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import (
    cell,
    combined,
    own,
    repeated,
    select,
    series_table,
    source_of,
    title_of,
    words_for,
)
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
)

__all__ = ["stock_by_year"]

MEASURES = (
    Measure("children_n", "Children", "children"),
    Measure("difference_n", "Highest less lowest count", "children"),
    Measure("growth_pct", "Change over the longest run", "percent1"),
    Measure("uasc_n", "Unaccompanied children", "children"),
)


def _stock_series(data: StudyData) -> pd.DataFrame:
    """Return printed counts: one row a series and month, documents that repeat another left out.

    A series is a document and, where one document counts in two ways, its ``by``.
    """
    rows = select(data, "children_n", group=ALL, area=own(data))
    rows["series"] = "d" + rows["document"] + ("_" + rows["by"]).where(rows["by"] != "", "")
    rows = rows.drop_duplicates(["series", "month", "value"])
    twice = rows.duplicated(["series", "month"])
    rows.loc[twice, "series"] += "_" + rows.groupby(["series", "month"]).cumcount().astype(str)
    kept = rows[~rows["document"].isin(repeated(rows, ["by", "month", "value"]))]
    return kept.sort_values(["month", "series"], ignore_index=True)


def _stock_words(data: StudyData, rows: pd.DataFrame) -> dict[str, str]:
    out = {}
    first = rows.drop_duplicates("series").sort_values("series")
    for series, document, by in zip(first["series"], first["document"], first["by"], strict=True):
        words = words_for(data, [by]).get(by, "") if by else ""
        out[series] = title_of(data, document) + (f", {words}" if words else "")
    return out


def _disagreements(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each month with two or more counts, how far they lie apart."""
    spread = table.groupby("period")["value"].agg(["min", "max"])
    apart = (spread["max"] - spread["min"]).loc[lambda s: s > 0]
    return apart.rename("value").reset_index().assign(measure="difference_n", group=ALL)


def _run_said(name: str, line: pd.DataFrame, area: str) -> Sentence:
    first, last = line.iloc[0], line.iloc[-1]
    return Sentence(
        "At year ends, the longest run of counts goes from {a} ({from_}) to {b} ({to}), a "
        "change of {growth}.",
        {
            "a": cell(name, first),
            "b": cell(name, last),
            "growth": cell(name, measure="growth_pct", period=last["period"], area=area),
        },
        {"from_": first["period"], "to": last["period"]},
    )


def _stock_sentences(
    name: str, data: StudyData, table: pd.DataFrame, apart: pd.DataFrame, line: pd.DataFrame
) -> tuple[Sentence, ...]:
    area = own(data)
    out = [] if len(line) < 2 else [_run_said(name, line, area)]
    counts = table[table["measure"] == "children_n"]
    for period in apart["period"]:
        same = counts[counts["period"] == period].sort_values("value")
        out.append(
            Sentence(
                "For {month} the documents print {low} and {high}: they lie {apart} apart.",
                {
                    "low": cell(name, same.iloc[0]),
                    "high": cell(name, same.iloc[-1]),
                    "apart": cell(name, measure="difference_n", period=period, area=area),
                },
                {"month": period},
            )
        )
    uasc = table[table["measure"] == "uasc_n"]
    if len(uasc) and len(apart):
        out.append(
            Sentence(
                "The latest count of unaccompanied children in the same documents is {n} "
                "({period}). A gap of about that size would follow if one count leaves them out; "
                "the documents do not say.",
                {"n": cell(name, uasc.iloc[-1])},
                {"period": uasc.iloc[-1]["period"]},
            )
        )
    return tuple(out)


def _longest_line(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the year ends of the series that prints the most of them."""
    ends = counts[counts["period"].str.endswith("-03")]
    if ends.empty:
        return ends
    longest = ends["group"].value_counts().sort_index(kind="stable").idxmax()
    return ends[ends["group"] == longest]


def _growth(line: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the change over the longest line as one row, or none."""
    if len(line) < 2:
        return pd.DataFrame()
    change = 100 * (line["value"].iloc[-1] / line["value"].iloc[0] - 1)
    row = {"measure": "growth_pct", "period": line["period"].iloc[-1], "value": change}
    return pd.DataFrame([row]).assign(area=area, group=ALL)


def _unaccompanied(data: StudyData, document: str) -> pd.DataFrame:
    """Return the latest count of unaccompanied children in the document, or nothing."""
    try:
        rows = select(data, "children_n", group="uasc", area=own(data), document=document)
    except InputMissing:
        return pd.DataFrame()
    last = rows[rows["month"] == rows["month"].max()].head(1)
    return series_table(last, measure="uasc_n", period=last["month"], by="")


def _chart(data: StudyData, line: pd.DataFrame) -> tuple[Chart, ...]:
    if len(line) < 2:
        return ()
    return (
        Chart(
            "line",
            "line",
            "children_n",
            f"How the number of {data.study.authority.label} has changed",
            f"Children at the end of March, {data.study.authority.short_name}",
            "A line with one point for each year end that the document prints.",
            include={"group": (str(line["group"].iloc[0]),), "period": tuple(line["period"])},
        ),
    )


def _agreement(apart: pd.DataFrame) -> Check:
    return Check(
        "Counts of one month agree across documents",
        "review" if len(apart) else "pass",
        f"months with differing counts: {len(apart)}",
    )


def stock_by_year(data: StudyData) -> Result:
    """Return the printed counts of children looked after, every printed series side by side.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``children_n`` and group ``all``.

    Returns
    -------
    Result
        Rows by month and document; a document that only repeats another is left out.

    Raises
    ------
    InputMissing
        If the study has no such figures.
    """
    name, area = "published_stock", own(data)
    rows = _stock_series(data)
    counts = series_table(rows, group=rows["series"], period=rows["month"], by="")
    line = _longest_line(counts)
    apart = _disagreements(counts).assign(area=area)
    document = str(rows["document"].max())
    table = combined(counts, apart, _growth(line, area), _unaccompanied(data, document))
    label = data.study.authority.label
    return Result(
        name=name,
        title=f"Counts of {label} that the documents print",
        subtitle=f"Children, {data.study.authority.short_name}, by month and document",
        table=table,
        measures=MEASURES,
        labels={
            **words_for(data, [ALL]),
            **_stock_words(data, rows),
            "group": "Document",
            "period": "Month",
        },
        source=source_of(data, rows),
        layout=Layout(("period", "group"), (), ("children_n",)),
        text=_stock_sentences(name, data, table, apart, line),
        charts=_chart(data, line),
        checks=(_agreement(apart),),
        notes=(
            "A reporting year is shown as its last month. Who is counted is as each document "
            "has it; look there before comparing two counts.",
        ),
        published=True,
    )
