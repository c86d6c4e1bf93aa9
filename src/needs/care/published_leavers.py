"""The printed share of children who left in a year: of which base it is."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import own, select, source_of, words_for
from needs.vocabulary.periods import ReportingYear
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
from needs.vocabulary.units import printed

__all__ = ["ceased_over_stock"]

NAME = "published_ceased_over_stock"
CEASED, STOCK = "dfe_ceased", "dfe_looked_after"
"""What the ids of cited counts begin with: children who ceased, and those at the start."""

_NOTES = (
    "Two shares go by these words. One takes all who ceased in the year, over the number in care "
    "at the start. The other takes only those who were in care at the start, and is lower, since "
    "children who come and leave within the year are not in it. Published counts give the first "
    "alone; records of children give both, see who left, over who was there.",
    "The words of the document are of the second: children in care at the start of the year who "
    "left in it.",
)
_SAME = "the share printed is of all who ceased, not only of those who were there"
_BELOW = (
    "the share printed is not of all who ceased; it may be of those alone who were there, which "
    "published counts cannot show"
)
_ABOVE = "the share printed is neither: of those who were there it would be lower still"


def ceased_over_stock(data: StudyData) -> Result:
    """Return printed shares of children who left, beside all who ceased over opening stock.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``ceased_in_year_pct``; counts from the input
        ``cited``, by the beginning of their ids (:data:`CEASED`, :data:`STOCK`) and their
        period: the reporting year, and the day before it began.

    Returns
    -------
    Result
        ``published_ceased_over_stock``: by reporting year.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    rows = select(data, "ceased_in_year_pct", area=own(data), group=ALL)
    rows = rows.drop_duplicates("period", keep="last").sort_values("period", ignore_index=True)
    cells, verdicts = [], {}
    for period, share in zip(rows["period"], rows["value"], strict=True):
        cells.append({"period": period, "measure": "printed_pct", "value": share, "marker": ""})
        ceased, stock = _cited(data, str(period))
        found = 100 * ceased / stock if stock else float("nan")
        numbers = {"ceased_n": ceased, "stock_start_n": stock, "all_pct": found}
        for key, value in numbers.items():
            mark = "x" if pd.isna(value) else ""
            cells.append({"period": period, "measure": key, "value": value, "marker": mark})
        if not pd.isna(found):
            verdicts[str(period)] = _verdict(float(share), found)
    return Result(
        name=NAME,
        title="Share of children who left in the year, and what it is a share of",
        subtitle=f"As printed, and worked out, {data.study.authority.name}",
        table=long_table(pd.DataFrame(cells)),
        measures=(
            Measure("printed_pct", "Printed", "percent", "children in care at the start"),
            Measure("ceased_n", "All who ceased in the year", "children"),
            Measure("stock_start_n", "In care at the start", "children"),
            Measure("all_pct", "All who ceased", "percent1", "children in care at the start"),
        ),
        labels=words_for(data, [ALL]),
        source="; ".join([source_of(data, rows), *_sources(data)]),
        layout=Layout(("measure",), ("period",)),
        text=tuple(_sentence(*pair) for pair in verdicts.items()),
        checks=(_alike(set(verdicts.values())),),
        notes=_NOTES,
        published=True,
    )


def _alike(verdicts: set[str]) -> Check:
    unlike = bool(verdicts - {_SAME})
    return Check(
        "Printed shares are of all who ceased",
        "review" if unlike or not verdicts else "pass",
        "the years are not measured alike, or cannot be told apart"
        if unlike
        else "all of them are"
        if verdicts
        else "counts to work them out from are not in the study: add them to cited",
    )


def _sources(data: StudyData) -> list[str]:
    """Return where the cited counts come from."""
    if not data.has("cited"):
        return []
    of = data.cited.frame
    mine = of[of["id"].astype(str).str.startswith((CEASED, STOCK))]
    return [f"cited: {s}" for s in sorted(set(mine["source"].astype(str)))]


def _cited(data: StudyData, period: str) -> tuple[float, float]:
    """Return all who ceased in a year, and children in care on the day before it, as cited."""
    nothing = float("nan")
    if not data.has("cited"):
        return nothing, nothing
    year = ReportingYear.parse(period)
    f = data.cited.frame
    f = f[f["area"].astype(str) == own(data)]
    ids, when = f["id"].astype(str), f["period"].astype(str)
    ceased = f.loc[ids.str.startswith(CEASED) & (when == period), "value"]
    stock = f.loc[ids.str.startswith(STOCK) & (when == f"{year.start.year}-03"), "value"]
    return (
        float(ceased.iloc[0]) if len(ceased) else nothing,
        float(stock.iloc[0]) if len(stock) else nothing,
    )


def _verdict(share: float, found: float) -> str:
    if printed(share, "percent") == printed(found, "percent"):
        return _SAME
    return _BELOW if share < found else _ABOVE


def _sentence(period: str, verdict: str) -> Sentence:
    refs = {
        k: figure_id(NAME, m, ALL, period)
        for k, m in (
            ("share", "printed_pct"),
            ("found", "all_pct"),
            ("n", "ceased_n"),
            ("of", "stock_start_n"),
        )
    }
    return Sentence(
        "{year}: the document prints {share}. All who ceased were {n}, over {of} in care at the "
        "start: {found}. So {verdict}.",
        refs,
        {"year": period, "verdict": verdict},
    )
