"""Chapter 60: what providers asked for, what was offered and agreed, and what it costs."""

from __future__ import annotations

import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.cells import ROUTES
from needs.costs.kin import FAMILY
from needs.costs.spending import Spending
from needs.costs.uplifts import PARTS, uplift_costs
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["price_uplifts"]

NAME = "cost_uplifts"
_OF = ("children_n", "providers_n")
_POUNDS = ("base", *PARTS, "open")
_PER_CENT = tuple(
    Measure(f"{p}_pct", p.capitalize(), "percent1", "the price before", _OF) for p in PARTS
)
_MEASURES = (
    Measure("providers_n", "Providers", "providers"),
    Measure("children_n", "Children, once in each", "children"),
    Measure("base_gbp", "Cost a year at the price before", "gbp", "", _OF),
    *_PER_CENT,
    *(Measure(f"{p}_gbp", f"{p.capitalize()}, a year", "gbp", "", _OF) for p in PARTS),
    Measure("open_gbp", "Asked for and still open, a year", "gbp", "", _OF),
)


@FAMILY
def price_uplifts(data: StudyData) -> Result:
    """Return uplifts asked for, offered and agreed, and what they cost a year (``cost_uplifts``).

    Returns
    -------
    Result
        By placement type, and by purchase route, and reporting year from which the price holds:
        providers, children (once with each provider, type and route), the cost of a year at the
        price before, and the uplifts in per cent of it and in pounds.
    """
    spending = Spending.of(data)
    rows, listed, missed = uplift_costs(data, spending)
    wide = _wide(rows)
    words = {f"type_{k}": spending.labels[k] for k in spending.leaves}
    words |= {f"route_{r or 'none'}": f"Bought by: {w.lower()}" for r, w in ROUTES.items()}
    rates = tuple(m.key for m in _PER_CENT)
    shown = ("providers_n", "base_gbp", *rates, "agreed_gbp", "open_gbp")
    return Result(
        name=NAME,
        title="Price uplifts, and what they cost",
        subtitle=f"Per cent, and pounds a year, {data.study.authority.name}",
        table=wide_rows(wide, ["group", "period"]),
        measures=_MEASURES,
        labels={ALL: "All uplifts", **words},
        source=f"{spending.source}; list of price uplifts",
        layout=Layout(rows=("period", "group"), columns=("measure",), measures=shown),
        text=_words(rows),
        checks=_checks(listed, missed),
        notes=(
            "An uplift is laid over the placements that run on the day before it, at their price "
            "of that day, for a whole year: what it costs if nothing else changes.",
            "Per cent are of all placements concerned, dear ones weighing more. Offers that are "
            "blank count as nought; open ones have no agreement yet.",
            "A child counts once with every provider, type and route. Rows of few providers or "
            "children are withheld, so that no provider's uplift is told.",
        ),
        settings=spending.settings,
    )


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a year and group: all, each type, each route."""
    by = {
        ALL: pd.Series(ALL, index=rows.index),
        "type": "type_" + rows["type"].astype(str),
        "route": "route_" + rows["route"].replace("", "none").astype(str),
    }
    sums = {f"{p}_gbp": (p, "sum") for p in _POUNDS}
    parts = [
        rows.assign(group=group)
        .groupby(["group", "year"])
        .agg(providers_n=("provider", "nunique"), children_n=("children_n", "sum"), **sums)
        .reset_index()
        for group in by.values()
    ]
    wide = pd.concat(parts, ignore_index=True).rename(columns={"year": "period"})
    base = wide["base_gbp"].where(wide["base_gbp"] > 0)
    for part in PARTS:
        wide[f"{part}_pct"] = 100 * wide[f"{part}_gbp"] / base
    return wide[["group", "period", *(m.key for m in _MEASURES)]]


def _words(rows: pd.DataFrame) -> tuple[Sentence, ...]:
    if rows.empty:
        return ()
    year = str(rows["year"].max())
    names = {"asked": "asked_gbp", "offered": "offered_gbp", "agreed": "agreed_gbp"}
    names |= {"open": "open_gbp", "pct": "asked_pct"}
    refs = {k: figure_id(NAME, m, ALL, year) for k, m in names.items()}
    return (
        Sentence(
            "Prices from {year}: providers asked for {pct} more, or {asked} a year; {offered} was "
            "offered and {agreed} agreed; {open} of what was asked for is still open.",
            refs,
            {"year": year},
        ),
    )


def _checks(listed: int, missed: int) -> tuple[Check, ...]:
    """Say how many uplifts meet no placement; providers are counted, no children."""
    return (
        Check(
            "Uplifts that meet a placement on the day before",
            "pass" if not missed else "review",
            f"{listed - missed} of {listed} do",
        ),
    )
