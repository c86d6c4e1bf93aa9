"""Find printed figures, and say where they stand: the common part of all published results.

Figures are found by what they measure, not by the document they come from, so that any
authority's own figures take the same way. The measures and groups looked for are listed in
``analysis/README.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from needs.care.published_words import WORDS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, KEYS, figure_id, long_table

__all__ = [
    "HELD",
    "cell",
    "combined",
    "figures",
    "months",
    "own",
    "repeated",
    "select",
    "series_table",
    "source_of",
    "table_rows",
    "title_of",
    "words_for",
]

PLACES_SHOWN = 3
HELD = "held_"
"""How the key of a table begins that is only held against records (``printed_tables``)."""


def own(data: StudyData) -> str:
    """Return the study's own area code."""
    return data.study.authority.ons_code


def months(period: pd.Series[str]) -> pd.Series[str]:
    """Return the month in which each period ends: ``2017-18`` is ``2018-03``.

    A period of a year alone stays as it is: the document does not say more.

    Examples
    --------
    >>> months(pd.Series(["2017-18", "2021-08", "2023-03-31", "2015"])).tolist()
    ['2018-03', '2021-08', '2023-03', '2015']
    """
    year = pd.to_numeric(period.str[:4])
    tail = period.str.extract(r"^\d{4}-(\d{2})$")[0].fillna("")
    follows = tail == ((year + 1) % 100).astype(str).str.zfill(2)
    return period.str[:7].mask(follows, (year + 1).astype(str) + "-03")


def figures(data: StudyData) -> pd.DataFrame:
    """Return all printed figures with the month each period ends in.

    Those of tables that are only held against records are left out.
    """
    frame = data.published.figures
    frame = frame[~frame["table"].str.startswith(HELD)]
    return frame.assign(month=months(frame["period"]))


def select(data: StudyData, measure: str | Iterable[str], **equal: str) -> pd.DataFrame:
    """Return the figures of the given measures whose columns equal the given values.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    wanted = [measure] if isinstance(measure, str) else list(measure)
    frame = figures(data)
    keep = frame["measure"].isin(wanted)
    for column, value in equal.items():
        keep &= frame[column] == value
    if not keep.any():
        raise InputMissing("published")
    return frame[keep].reset_index(drop=True)


def table_rows(data: StudyData, table: str) -> pd.DataFrame:
    """Return the figures of the latest printed table of that slug.

    Raises
    ------
    InputMissing
        If the study has typed no such table.
    """
    rows = figures(data)
    rows = rows[(rows["table"] == table) & (rows["area"] == own(data))]
    if rows.empty:
        raise InputMissing("published")
    latest: pd.DataFrame = rows[rows["document"] == rows["document"].max()]
    return latest.reset_index(drop=True)


def title_of(data: StudyData, document: str) -> str:
    """Return a document's title and date; its id where the study lists no documents."""
    listed = data.published.documents
    found = listed[listed["id"] == document] if len(listed) else listed
    if found.empty:
        return f"Document {document}"
    return f"{found['title'].iloc[0]} ({found['date'].iloc[0]})"


def repeated(rows: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Return the documents that say nothing another does not say: of two alike, the earlier id.

    Parameters
    ----------
    rows : DataFrame
        Figures, with a column ``document``.
    keys : sequence of str
        Columns that make two figures the same.
    """
    said = {
        str(document): frozenset(g[list(keys)].astype(str).agg("|".join, axis=1))
        for document, g in rows.groupby("document")
    }
    return sorted(
        a
        for a, mine in said.items()
        if any(mine < theirs or (mine == theirs and a < b) for b, theirs in said.items() if a != b)
    )


def source_of(data: StudyData, frame: pd.DataFrame) -> str:
    """Return the documents of some figures, with their places where these are few."""
    parts = []
    for document, places in frame.groupby("document", sort=True)["place"]:
        shown = list(dict.fromkeys(places))
        where = f", {', '.join(shown)}" if len(shown) <= PLACES_SHOWN else ""
        parts.append(title_of(data, str(document)) + where)
    return "Published figures: " + "; ".join(parts)


def words_for(data: StudyData, keys: Iterable[str] = (), **extra: str) -> dict[str, str]:
    """Return words for keys, in the order given, then the areas, then ``extra``.

    A key that :data:`needs.care.published_words.WORDS` does not know is made readable.
    """
    authority = data.study.authority
    out = {k: WORDS.get(k) or re.sub("_", " ", k).capitalize() for k in dict.fromkeys(keys) if k}
    out |= {authority.ons_code: authority.short_name}
    out |= {k: WORDS[k] for k in ("E92000001", "E12000008", "statistical_neighbours")}
    return out | extra


def series_table(frame: pd.DataFrame, **changed: pd.Series[str] | str) -> pd.DataFrame:
    """Return figures as a long table, with some key columns changed."""
    columns = ["area", "period", "measure", "group", "by", "value"]
    return long_table(frame.assign(**changed)[columns])


def combined(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return several frames as one long table; a key column that one lacks is left empty there.

    Raises
    ------
    InputMissing
        If no frame has a row.
    """
    filled = [f.dropna(subset="value") for f in frames if len(f)]
    if not filled:
        raise InputMissing("published")
    table = pd.concat(filled, ignore_index=True)
    for key in KEYS:
        if key in table:
            table[key] = table[key].fillna(ALL if key == "group" else "")
    if "marker" in table:
        table["marker"] = table["marker"].fillna("")
    return long_table(table)


def cell(name: str, row: pd.Series[str] | None = None, *, measure: str = "", **keys: str) -> str:
    """Return the figure id of a row of a result's long table, or of the keys given."""
    if row is not None:
        return figure_id(name, row["measure"], row["group"], row["period"], row["by"], row["area"])
    return figure_id(
        name,
        measure,
        keys.get("group", ALL),
        keys.get("period", ""),
        keys.get("by", ""),
        keys.get("area", ""),
    )
