"""Counts of children that documents print, every series side by side."""

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

CHILDREN = Measure("children_n", "Children", "children")


def _stock_series(data: StudyData) -> pd.DataFrame:
    """Return printed counts: one row a series and month, documents that repeat another left out.

    A series is a document and, where one document counts in two ways, its ``by``.
    """
    rows = select(data, "children_n", group=ALL, area=own(data))
    rows["series"] = "d" + rows["document"] + ("_" + rows["by"]).where(rows["by"] != "", "")
    rows = rows.drop_duplicates(["series", "month", "value"])
    twice = rows.duplicated(["series", "month"])
    rows.loc[twice, "series"] += "_" + rows.groupby(["series", "month"]).cumcount().astype(str)
    content = {
        document: frozenset(zip(g["by"], g["month"], g["value"], strict=True))
        for document, g in rows.groupby("document")
    }
    repeated = [
        a
        for a, said in content.items()
        if any(said < other or (said == other and a < b) for b, other in content.items() if a != b)
    ]
    kept = rows[~rows["document"].isin(repeated)]
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


def _stock_sentences(
    name: str, data: StudyData, table: pd.DataFrame, apart: pd.DataFrame, line: pd.DataFrame
) -> tuple[Sentence, ...]:
    first, last = line.iloc[0], line.iloc[-1]
    area = own(data)
    growth = cell(name, measure="growth_pct", period=last["period"], area=area)
    out = [
        Sentence(
            "At year ends, the longest run of counts goes from {a} ({from_}) to {b} ({to}), "
            "a change of {growth}.",
            {"a": cell(name, first), "b": cell(name, last), "growth": growth},
            {"from_": first["period"], "to": last["period"]},
        )
    ]
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
    longest = str(counts["group"].value_counts().sort_index(kind="stable").idxmax())
    ends = counts["period"].str.endswith("-03")
    line = counts[(counts["group"] == longest) & ends]
    apart = _disagreements(counts).assign(area=area)
    growth = 100 * (line["value"].iloc[-1] / line["value"].iloc[0] - 1)
    extra = pd.DataFrame(
        [{"measure": "growth_pct", "period": line["period"].iloc[-1], "value": growth}]
    ).assign(area=area, group=ALL)
    try:
        uasc = select(data, "children_n", group="uasc", area=area, document=rows["document"].max())
        uasc = uasc[uasc["month"] == uasc["month"].max()].head(1)
        unaccompanied = series_table(uasc, measure="uasc_n", period=uasc["month"], by="")
    except InputMissing:
        unaccompanied = counts.iloc[:0]
    table = combined(counts, apart, extra, unaccompanied)
    status = "review" if len(apart) else "pass"
    label = data.study.authority.label
    return Result(
        name=name,
        title=f"Counts of {label} that the documents print",
        subtitle=f"Children, {data.study.authority.short_name}, by month and document",
        table=table,
        measures=(
            CHILDREN,
            Measure("difference_n", "Highest less lowest count", "children"),
            Measure("growth_pct", "Change over the longest run", "percent1"),
            Measure("uasc_n", "Unaccompanied children", "children"),
        ),
        labels={
            **words_for(data, [ALL]),
            **_stock_words(data, rows),
            "group": "Document",
            "period": "Month",
        },
        source=source_of(data, rows),
        layout=Layout(("period", "group"), (), ("children_n",)),
        text=_stock_sentences(name, data, table, apart, line),
        charts=(
            Chart(
                "line",
                "line",
                "children_n",
                f"How the number of {label} has changed",
                f"Children at the end of March, {data.study.authority.short_name}",
                "A line with one point for each year end that the document prints.",
                include={"group": (longest,), "period": tuple(line["period"])},
            ),
        ),
        checks=(
            Check(
                "Counts of one month agree across documents",
                status,
                f"months with differing counts: {len(apart)}",
            ),
        ),
        notes=(
            "A reporting year is shown as its last month. Who is counted is as each document "
            "has it; none of them says it in full.",
        ),
        published=True,
    )
