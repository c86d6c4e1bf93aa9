"""Chapter 25 from documents: what they print of other areas, beside the authority's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from needs.care.published_figures import figures, own, source_of, title_of, words_for
from needs.care.published_words import WORDS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["MEASURES", "printed", "rows_of"]

NAME = "comparison_printed"
MEASURES: Mapping[str, str] = {
    "children_rate_per_10k": "Rate of children looked after",
    "growth_pct": "Growth in the number of children",
    "share_of_children_pct": "Share of children",
    "over_20_miles_pct": "Placed over 20 miles from home",
    "out_of_county_pct": "Placed outside the authority",
    "started_abuse_neglect_pct": "Started with abuse or neglect as main need",
    "three_or_more_moves_pct": "Three or more moves",
    "long_term_stability_pct": "Long-term stability",
    "reviews_on_time_pct": "Reviews on time",
    "health_assessed_pct": "Health assessed",
    "adoption_within_year_pct": "Adopted within a year",
    "unit_cost_gbp_week": "Unit cost a week",
    "rank_n": "Place among authorities, as the document counts it",
    "authorities_n": "Authorities ranked",
}
"""Measures of printed figures that compare areas, in printed order."""

_RANKS = ("rank_n", "authorities_n")
_UNITS = {
    "percent": ("percent", "percent1", "percent2"),
    "rate_per_10k": ("rate_per_10k", "rate1_per_10k"),
}
"""Unit -> the same unit with more and more decimals."""
DOWNLOAD = (
    "The Department for Education's statistics hold these and many more for every authority and "
    "year. Which files they are, and where a study names them, is in analysis/OFFICIAL.md."
)


def rows_of(data: StudyData) -> pd.DataFrame:
    """Return the printed figures that compare the authority with other areas.

    Every figure of another area is kept, and with it the authority's own of the same document,
    measure and group: of the same period, or of all periods where none is the same. A rank is
    kept with the number of authorities ranked.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    rows = figures(data)
    rows = rows[rows["measure"].isin(list(MEASURES))]
    key, mine = ["document", "measure", "group"], rows["area"] == own(data)
    same = _among(rows, rows[~mine], [*key, "period"])
    alone = _among(rows, rows[~mine], key) & ~_among(rows, rows[mine & same], key)
    rank = rows["measure"].isin(_RANKS)
    ranked = rows[rows["measure"] == "rank_n"]
    keep = (~rank & (~mine | same | alone)) | (rank & _among(rows, ranked, ["document", "group"]))
    said = ["area", "period", "measure", "group", "by", "value"]
    # Of two documents that print the same, the earlier id stands for both.
    out = rows[keep].sort_values([*said, "document"]).drop_duplicates(said)
    if out.empty:
        raise InputMissing("published")
    return out.sort_index().reset_index(drop=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame, key: list[str]) -> pd.Series[bool]:
    """Return which rows have a key that one of the others has too."""
    there = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(others[key]))
    return pd.Series(there, index=rows.index)


def printed(data: StudyData) -> Result:
    """Return what documents print of neighbours, region and England beside the own figure.

    Parameters
    ----------
    data : StudyData
        A study with published figures.

    Returns
    -------
    Result
        ``comparison_printed``: rows by measure, period and document (``group``), columns by
        area. A measure of one group of children has a key of its own.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    rows = rows_of(data)
    rows["key"] = [_key(*k) for k in zip(rows["measure"], rows["group"], rows["by"], strict=True)]
    table = long_table(
        pd.DataFrame(
            {
                "area": rows["area"],
                "period": rows["period"],
                "measure": rows["key"],
                "group": "d" + rows["document"],
                "value": rows["value"],
            }
        )
    )
    documents = {f"d{d}": title_of(data, d) for d in sorted(set(rows["document"]))}
    areas = sorted(set(rows["area"]) - {own(data)}, key=_area_order)
    return Result(
        name=NAME,
        title="What documents print of other areas",
        subtitle=f"{data.study.authority.short_name} and the areas that documents compare it with",
        table=table,
        measures=_measures(rows),
        labels={
            own(data): data.study.authority.short_name,
            **words_for(data, areas),
            **documents,
            "group": "Document",
        },
        source=source_of(data, rows),
        layout=Layout(("measure", "period", "group"), ("area",)),
        text=_rank_said(table, own(data)),
        notes=(
            "As printed, each year and area that the documents give; an x means that they print "
            "none. Who the neighbours are, documents do not always say.",
            DOWNLOAD,
        ),
        published=True,
    )


def _key(measure: str, group: str, by: str) -> str:
    return "_".join((measure, *(part for part in (group, by) if part and part != ALL)))


def _area_order(area: str) -> tuple[int, str]:
    """Return a sort key: groups of authorities, then regions, then England."""
    return (2 if area == "E92000001" else 1 if area.startswith("E12") else 0), area


def _measures(rows: pd.DataFrame) -> tuple[Measure, ...]:
    """Return a measure for each key, in the unit with the most decimals that is printed."""
    order = {m: i for i, m in enumerate(MEASURES)}
    ranked = rows.assign(order=rows["measure"].map(order)).sort_values("order", kind="stable")
    out = []
    for key, g in ranked.groupby("key", sort=False):
        row = g.iloc[0]
        parts = [_words(str(row[c])) for c in ("group", "by") if row[c] not in {"", ALL}]
        label = ": ".join((MEASURES[str(row["measure"])], ", ".join(parts).lower()))
        out.append(Measure(str(key), label.removesuffix(": "), _finest(list(g["unit"]))))
    return tuple(out)


def _words(key: str) -> str:
    return WORDS.get(key) or re.sub("_", " ", key)


def _finest(units: list[str]) -> str:
    for steps in _UNITS.values():
        if units[0] in steps:
            return max(units, key=steps.index)
    return units[0]


def _rank_said(table: pd.DataFrame, area: str) -> tuple[Sentence, ...]:
    """Return the printed place among all authorities, in words."""
    ranks = table[(table["measure"] == "rank_n") & (table["area"] == area)]
    out = []
    for period, group in zip(ranks["period"], ranks["group"], strict=True):
        of = table[
            (table["measure"] == "authorities_n")
            & (table["period"] == period)
            & (table["group"] == group)
        ]
        if len(of):
            refs = {
                "place": figure_id(NAME, "rank_n", group, period, "", area),
                "of": figure_id(NAME, "authorities_n", group, period, "", str(of["area"].iloc[0])),
            }
            said = "By rate of children looked after a document puts it at place {place} of {of}"
            out.append(Sentence(said + " in {year}.", refs, {"year": period}))
    return tuple(out)
