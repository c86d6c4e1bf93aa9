"""Chapter 40: how full the authority's own places were, month by month."""

from __future__ import annotations

import pandas as pd

from needs.care.rows import wide_rows
from needs.care.windows import day_words
from needs.costs.spending import placed_id
from needs.forecast.history import day_number
from needs.sufficiency.capacity.stock import Stock
from needs.sufficiency.capacity.used import Used, by_month
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, figure_id

__all__ = ["month_words", "occupancy_by_month"]

MONTHS = "capacity_months_full"
SHOWN = 12
"""Months shown, the latest ones."""


def month_words(key: str) -> str:
    """Return a month in words, such as ``Apr 2022``."""
    return day_words(pd.Period(key, "M").start_time.date(), short=True).partition(" ")[2]


@STUDY.followed_by
def occupancy_by_month(data: StudyData) -> tuple[Result, ...]:
    """Return how full own places were in each of the latest months (``capacity_months_full``).

    Parameters
    ----------
    data : StudyData
        A study with a table of provision and SSDA903 returns.

    Returns
    -------
    tuple of Result
        Occupancy by in-house type and month, of types that enough children were in in every one
        of the months; none where there is no such type.
    """
    stock, used = Stock.of(data), Used.of(data)
    basis = stock.basis
    ends = pd.date_range(end=pd.Timestamp(used.windows[-1].end), periods=SHOWN, freq="ME")
    begin = day_number(used.windows[0].start)
    spans = [(day_number(e.replace(day=1).date()), day_number(e.date())) for e in ends]
    spans = [s for s in spans if s[0] >= begin]
    own = used.table.loc[used.table["route"].eq("in_house"), "type"].unique().tolist()
    if not spans or not own:
        return ()
    found = by_month(data, own, spans)
    fewest = found.groupby("type")["children"].agg(["min", "size"])
    least = basis.study.disclosure.threshold
    shown = fewest.index[(fewest["min"] >= least) & (fewest["size"] == len(spans))]
    types = [t for t in stock.types() if t in set(shown)]
    if not types:
        return ()
    rows = stock.rows[stock.rows["usable"] & stock.rows["route"].eq("in_house")]
    nights = pd.DataFrame(stock.between(spans, rows), index=rows["type"]).groupby(level=0).sum()
    keys = [e.strftime("%Y-%m") for e in ends[-len(spans) :]]
    lived = found.pivot_table("nights", "type", "span")
    full = (100 * lived / nights).loc[types].set_axis(keys, axis=1)
    wide = full.rename_axis("group").reset_index().melt("group", var_name="period")
    wide = wide.rename(columns={"value": "occupancy_pct"})
    table = wide_rows(wide, ["group", "period"])
    year = used.windows[-1].key
    labels = {k: month_words(k) for k in keys}
    subtitle = f"Occupancy of in-house places by month, {basis.study.authority.name}"
    return (_result(stock, table, labels, subtitle, year, types),)


def _result(
    stock: Stock,
    table: pd.DataFrame,
    labels: dict[str, str],
    subtitle: str,
    year: str,
    types: list[str],
) -> Result:
    return Result(
        name=MONTHS,
        title="How full own places were, month by month",
        subtitle=subtitle,
        table=table,
        measures=(Measure("occupancy_pct", "Occupancy", "percent", "bed-nights there were"),),
        labels={**{t: stock.labels[t] for t in types}, **labels},
        source=f"{stock.source}; {stock.basis.source}",
        layout=Layout(rows=("group",), columns=("period",)),
        charts=(
            Chart(
                key="months",
                kind="line",
                measure="occupancy_pct",
                title="How full own places were in each month",
                subtitle=subtitle,
                alt="Lines, one for each type, of occupancy in each of the latest months.",
            ),
        ),
        notes=("Types that few children were in, in any of the months, have no row.",),
        settings=stock.basis.settings(),
        leans_on={
            figure_id(MONTHS, "occupancy_pct", g, p): (placed_id(g, year),)
            for g, p in table[["group", "period"]].itertuples(index=False)
        },
        drops=True,
    )
