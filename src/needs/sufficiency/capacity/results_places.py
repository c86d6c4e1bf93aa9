"""Chapter 40: the places there are, by type and route, and homes that opened and closed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.forecast.history import day_number
from needs.sufficiency.capacity.stock import COUNTED_ON, ROUTES, Stock
from needs.sufficiency.fostering.results_stock import also_in
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["places_over_time"]

NAME = "capacity_places"
YEARS = 6
"""Days shown, the latest ones."""


@STUDY.followed_by
def places_over_time(data: StudyData) -> Result:
    """Return places by type and route on each 31 March (``capacity_places``).

    Parameters
    ----------
    data : StudyData
        A study with a table of provision and SSDA903 returns, which say what days are shown.

    Returns
    -------
    Result
        By type (``group``), route (``by``) and day: places that children may be placed in, homes,
        households or contracts that they are in, places suspended; homes or households that
        opened and that closed in the year up to the day.
    """
    stock = Stock.of(data)
    basis = stock.basis
    keys = basis.date_keys[-YEARS:]
    wide = _wide(stock, [day_number(d) for d in basis.shown.dates[-YEARS:]], keys)
    types = stock.types()
    table = _told(wide_rows(wide, ["group", "by", "period"]))
    return Result(
        name=NAME,
        title="Places there are",
        subtitle=_subtitle("Places by type and how they are bought", stock, keys),
        table=table,
        measures=(
            Measure("places_n", "Places", "places"),
            Measure("holders_n", "Homes, households or contracts", "count"),
            Measure("suspended_n", "Places suspended", "places"),
            Measure("opened_n", "Opened in the year", "count"),
            Measure("closed_n", "Closed in the year", "count"),
        ),
        labels={**{t: stock.labels[t] for t in types}, **ROUTES, **basis.date_labels},
        source=stock.source,
        layout=Layout(rows=("group", "by", "measure"), columns=("period",)),
        text=_said(stock, wide),
        charts=_drawn(stock, wide, keys),
        notes=(
            "A place counts on a day on which its row in the table of provision holds, the home is "
            "open, and children may be placed there: registered, exempt, or not said. A home that "
            "takes one child at a time is one place.",
            "Beds under a contract count as the contract says, unless homes of the table are tied "
            "to it; an option to extend a contract is taken to be used.",
            "Homes on a framework or bought spot are those that the table lists. They are not the "
            "authority's to count on: other authorities place there as well.",
            "Nothing was suspended, opened or closed where no line says so.",
            "A type that is bought from agencies alone, and of which nothing is listed, has no "
            "row.",
        ),
        settings=basis.settings(),
        leans_on=also_in(data, NAME, table),
        scope="Places, whoever lives in them or does not.",
    )


def _subtitle(what: str, stock: Stock, keys: list[str]) -> str:
    """Return measure, place and the days shown, which are fewer than those of chapter twenty."""
    days = " to ".join(stock.basis.date_labels[k] for k in dict.fromkeys((keys[0], keys[-1])))
    return f"{what}, {stock.basis.study.authority.name}, {days}"


def _wide(stock: Stock, days: list[int], keys: list[str]) -> pd.DataFrame:
    rows = stock.rows
    on = stock.on(days)
    places = rows["places"].to_numpy(dtype=float)[:, None]
    usable = rows["usable"].to_numpy(dtype=bool)[:, None]
    suspended = rows["suspended"].to_numpy(dtype=bool)[:, None]
    before = np.array(days) - 365
    # A change of places or ages is a further row of the same home: neither opened nor closed.
    whole = rows.groupby("holder").agg(begin=("first", "min"), end=("last", "max"))
    begin = whole["begin"].reindex(rows["holder"]).to_numpy()[:, None]
    end = whole["end"].reindex(rows["holder"]).to_numpy()[:, None]
    first, last = (rows[c].to_numpy()[:, None] for c in ("first", "last"))
    listed = rows["listed"].to_numpy(dtype=bool)[:, None]
    cells = {
        "places_n": on * places * usable,
        "holders_n": on * usable,
        "suspended_n": on * places * suspended,
        "opened_n": listed & (first == begin) & (before < first) & (first <= days),
        "closed_n": listed & (last == end) & (before <= last) & (last < days),
    }
    parts = [stock.summed(rows, v, keys, name) for name, v in cells.items()]
    wide = pd.concat(parts, axis=1).reset_index(names=["group", "by", "period"])
    order = {t: k for k, t in enumerate(stock.labels)} | {r: k for k, r in enumerate(ROUTES)}
    return wide.sort_values(
        ["group", "by", "period"], key=lambda c: c.map(order) if c.name != "period" else c
    ).reset_index(drop=True)


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without lines of noughts: nothing suspended, opened or closed, ever."""
    line = table["measure"] + "|" + table["group"] + "|" + table["by"]
    some = table.groupby(line)["value"].transform("max") > 0
    kept = some | ~table["measure"].isin(["suspended_n", "opened_n", "closed_n"])
    return table[kept].reset_index(drop=True)


def _said(stock: Stock, wide: pd.DataFrame) -> tuple[Sentence, ...]:
    """Say what there is now of places that can be counted on, the most numerous first."""
    last = stock.basis.date_keys[-1]
    now = wide[(wide["period"] == last) & wide["by"].isin(COUNTED_ON) & (wide["places_n"] > 0)]
    most = now.sort_values("places_n", ascending=False, kind="stable").head(4)
    return tuple(
        Sentence(
            "{type}, {route}: {places} places on {day}; homes, households or contracts: {n}.",
            {
                "places": figure_id(NAME, "places_n", group, last, by),
                "n": figure_id(NAME, "holders_n", group, last, by),
            },
            {
                "type": stock.labels[group],
                "route": ROUTES[by],
                "day": stock.basis.date_labels[last],
            },
        )
        for group, by in most[["group", "by"]].itertuples(index=False)
    )


def _drawn(stock: Stock, wide: pd.DataFrame, keys: list[str]) -> tuple[Chart, ...]:
    own = wide.loc[(wide["by"] == "in_house") & (wide["places_n"] > 0), "group"]
    if own.empty or wide["period"].nunique() < 2:
        return ()
    return (
        Chart(
            key="own",
            kind="line",
            measure="places_n",
            title="The authority's own places",
            subtitle=_subtitle("Places in its own homes and households", stock, keys),
            alt="Lines, one for each type, of in-house places on each day.",
            include={"group": tuple(dict.fromkeys(own)), "by": ("in_house",)},
        ),
    )
