"""Chapter 60: who is behind high prices, and bespoke arrangements as a series of their own."""

from __future__ import annotations

import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.high_cost import APART, band_labels
from needs.costs.kin import BESPOKE, FAMILY, TOGETHER
from needs.costs.profile import (
    POOLED,
    PROFILE,
    child_years,
    clear_years,
    dearest,
    in_type,
    profile_rows,
    sums,
)
from needs.costs.spending import Spending, cannot
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)
from needs.vocabulary.wording import inside

__all__ = ["bespoke", "high_cost_profile"]

TAIL, BESPOKE_NAME = "cost_high_profile", "cost_bespoke"

_OF = ("children_n",)
_MEASURES = (
    Measure("children_n", "Children, once in each year", "children"),
    Measure("weeks_n", "Weeks", "weeks", "", _OF),
    Measure("mean_weeks", "Weeks a child and year", "weeks", "", _OF),
    Measure("gross_gbp", "Spent, gross", "gbp", "", _OF),
)
_NOTES = (
    "Years that do not have few such children are taken together; a child counts once in each. "
    "Age is that at the end of the year; needs are those of the latest assessment.",
    "The children of one group need not be dear for what the group is named by.",
)


@FAMILY
def high_cost_profile(data: StudyData) -> Result:
    """Return who the children at high prices are, over all years shown (``cost_high_profile``).

    Returns
    -------
    Result
        By weeks at such a price, age, needs and placement type (``group``), and band of the
        highest price (``by``): children, once in each year, weeks and pounds.
    """
    spending = Spending.of(data)
    rows = child_years(data, spending, dearest(spending))
    years = clear_years(rows, data.study.disclosure.threshold, "band")
    title = "Who the children at high prices are"
    if not years:
        return cannot(spending, TAIL, title, _MEASURES[0], "Every year has few such children.")
    rows = rows[rows["window"].isin(years)].reset_index(drop=True)
    types = tuple(k for k in spending.leaves if k in set(rows["type"]))
    rows["type"] = "type_" + rows["type"].astype(str)
    dimensions = _dimensions(rows) | {"type": tuple(f"type_{k}" for k in types)}
    bands = band_labels(spending)
    parts = {b: rows if b == ALL else rows[rows["band"] == b] for b in bands}
    wide = pd.concat(
        [profile_rows(mine, dimensions).assign(by=b, period=POOLED) for b, mine in parts.items()]
    )
    keys = tuple(k for k in bands if k != ALL)
    words = {f"type_{k}": f"Mostly in: {inside(spending.labels[k])}" for k in types}
    return Result(
        name=TAIL,
        title=title,
        subtitle=spending.basis.flow_subtitle("Children, weeks and pounds at high weekly prices"),
        table=wide_rows(wide, ["group", "by", "period"]),
        measures=_MEASURES,
        labels={**bands, **_words(), **words, **_pooled(spending, years), "group": "Children"},
        source=spending.source,
        layout=Layout(
            rows=("group",), columns=("by", "measure"), measures=("children_n", "mean_weeks")
        ),
        text=_long(rows, bands),
        additive=(*sums(dimensions), *((Additive("by", ALL, keys),) if len(keys) > 1 else ())),
        notes=(*_NOTES, APART),
        settings={**spending.settings, TOGETHER: _keys(spending, years)},
    )


def _keys(spending: Spending, years: list[int]) -> list[str]:
    return [spending.basis.window_keys[k] for k in years]


def _dimensions(rows: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    return {d: tuple(groups) for d, groups in PROFILE.items() if d in rows}


def _words() -> dict[str, str]:
    return {key: words for groups in PROFILE.values() for key, words in groups.items()}


def _pooled(spending: Spending, years: list[int]) -> dict[str, str]:
    labels = spending.basis.window_labels
    return {POOLED: " and ".join(labels[y] for y in _keys(spending, years))}


def _long(rows: pd.DataFrame, bands: dict[str, str]) -> tuple[Sentence, ...]:
    """Return how many of each band stayed over half a year, where there are any."""
    said = []
    for band, words in bands.items():
        mine = rows if band == ALL else rows[rows["band"] == band]
        if mine.empty:
            continue
        refs = {
            "n": figure_id(TAIL, "children_n", ALL, POOLED, band),
            "long": figure_id(TAIL, "children_n", "weeks_over_26", POOLED, band),
            "weeks": figure_id(TAIL, "mean_weeks", ALL, POOLED, band),
        }
        text = "{band}: {weeks} weeks a child and year; {long} of {n} for over half the year."
        said.append(Sentence(text, refs, {"band": words}))
    return tuple(said)


@FAMILY
def bespoke(data: StudyData) -> Result:
    """Return bespoke and unregistered arrangements, year by year and by need (``cost_bespoke``).

    Returns
    -------
    Result
        Children, weeks and pounds in each year; and over all years by weeks, age and needs.
    """
    spending = Spending.of(data)
    title = "Bespoke and unregistered arrangements"
    rows = in_type(spending, BESPOKE)
    if rows.empty:
        why = "No child spent a night in such an arrangement in these years."
        return cannot(spending, BESPOKE_NAME, title, _MEASURES[0], why)
    rows = child_years(data, spending, rows)
    dimensions = _dimensions(rows)
    clear = clear_years(rows, data.study.disclosure.threshold)
    each = enumerate(spending.basis.window_keys)
    parts = [profile_rows(rows[rows["window"] == k], {}).assign(period=p) for k, p in each]
    if clear:
        some = rows[rows["window"].isin(clear)]
        parts.append(profile_rows(some, dimensions).assign(period=POOLED))
    wide = pd.concat(parts)
    wide["unit_gbp_week"] = wide["gross_gbp"] / wide["weeks_n"].where(wide["weeks_n"] > 0)
    labels = {ALL: "All", **_words(), **spending.basis.window_labels, **_pooled(spending, clear)}
    return Result(
        name=BESPOKE_NAME,
        title=title,
        subtitle=spending.basis.flow_subtitle("Children, weeks and pounds"),
        table=wide_rows(wide, ["group", "period"]),
        measures=(*_MEASURES, Measure("unit_gbp_week", "Cost a week, gross", "gbp_week", "", _OF)),
        labels=labels,
        source=spending.source,
        layout=Layout(rows=("period", "group"), columns=("measure",)),
        text=_bespoke_words(spending, clear),
        additive=(*sums(dimensions), Additive("period", POOLED, tuple(_keys(spending, clear)))),
        notes=_NOTES,
        settings={**spending.settings, TOGETHER: _keys(spending, clear)},
    )


def _bespoke_words(spending: Spending, clear: list[int]) -> tuple[Sentence, ...]:
    if not clear:
        return ()
    refs = {
        k: figure_id(BESPOKE_NAME, m, ALL, POOLED)
        for k, m in (("n", "children_n"), ("weeks", "mean_weeks"), ("unit", "unit_gbp_week"))
    }
    text = "{years}: {n} children, once in each year, for {weeks} weeks each at {unit} a week."
    return (Sentence(text, refs, {"years": _pooled(spending, clear)[POOLED]}),)
