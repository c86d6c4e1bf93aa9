"""Chapter 60: what is bought outside against what the authority runs, for children alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.costs.cells import LEAST_DRAWN
from needs.costs.drivers import (
    AGAINST,
    LABELS,
    LEAST,
    PROVIDERS,
    design_of,
    leaning,
    priced_rows,
    profile_labels,
)
from needs.costs.regression.clusters import Floats, clusters_of
from needs.costs.regression.overlap import Alike, balance, compare, e_value, standardised
from needs.costs.spending import Spending, cannot
from needs.vocabulary.errors import ModelError
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.study_sections import Categories
from needs.vocabulary.wording import inside

__all__ = ["like_for_like"]

NAME, TITLE = "cost_alike", "Bought outside against our own, for children alike"
BALANCE = "cost_alike_balance"
_BOUGHT = (
    "spot",
    "block",
    "cross_regional",
    "in_house",
    "doubled",
    "same_day",
    "not_requested",
    "ten_miles",
)
"""Drivers that are the way a placement was bought, or follow from it: not made alike."""
_OWN = "own"
_MEASURES = (
    Measure("raw_gbp", "Plain difference of means", "gbp_week"),
    Measure("alike_gbp", "Difference for children alike", "gbp_week"),
    Measure("standard_gbp", "The same by standardisation", "gbp_week"),
    Measure("ratio", "Price outside for each pound of our own", "ratio"),
    Measure("e_value", "E-value", "ratio"),
    Measure("e_value_bound", "E-value of the bound nearest one", "ratio"),
    Measure("outside_n", "Rows outside weigh as", "count"),
    Measure("own_n", "Our own rows weigh as", "count"),
)


@dataclass(frozen=True)
class Pair:
    """Two placement types of the same kind of place, one bought outside and one our own."""

    outside: str
    own: str
    alike: Alike
    standard: tuple[float, float, float]
    balance: pd.DataFrame

    @property
    def key(self) -> str:
        """Key of the comparison."""
        return f"{self.outside}{AGAINST}{self.own}"


@STUDY.followed_by
def like_for_like(data: StudyData) -> tuple[Result, ...]:
    """Return what children alike cost outside and in-house (``cost_alike``, with its balance).

    Returns
    -------
    tuple of Result
        By pair of placement types that the DfE codes alike and the sector tells apart
        (``group``): the plain difference of mean weekly prices, that for children alike by
        overlap weights and by standardisation, their ratio, E-values, and effective rows. Then by
        pair and driver (``by``): standardised differences before and after weighing.
    """
    spending = Spending.of(data)
    pairs = tuple(_pairs(data, spending))
    if not pairs:
        why = (
            f"No kind of placement has {5 * LEAST} children with a weekly price on both sides and "
            f"{PROVIDERS} providers outside."
        )
        return (cannot(spending, NAME, TITLE, _MEASURES[1], why),)
    labels = _labels(spending, pairs, priced_rows(data, spending))
    return _compared(spending, pairs, labels), _balanced(spending, pairs, labels)


def _labels(spending: Spending, pairs: tuple[Pair, ...], rows: pd.DataFrame) -> dict[str, str]:
    words = spending.labels
    of = {p.key: f"{words[p.outside]}, against {inside(words[p.own])}" for p in pairs}
    return {**words, **of, **LABELS, **profile_labels(rows)}


def _kinds(categories: Categories) -> Iterator[tuple[str, str]]:
    """Yield types outside and in-house that rules give to the same DfE placement codes."""
    sector = {t.key: t.sector for t in categories.types}
    codes: dict[str, set[str]] = {k: set() for k in sector}
    for rule in categories.rules:
        codes[rule.type] |= set(rule.place)
    for outside in (k for k in sector if sector[k] == "external"):
        for own in (k for k in sector if sector[k] == "in_house"):
            if codes[outside] and codes[outside] == codes[own]:
                yield outside, own


def _pairs(data: StudyData, spending: Spending) -> Iterator[Pair]:
    rows = priced_rows(data, spending)
    for outside, own in _kinds(spending.basis.study.categories):
        mine = _in_common(rows[rows["type"].isin([outside, own])], outside)
        sides = mine.groupby("type")[["child", "provider"]].nunique()
        if len(sides) < 2 or int(sides["child"].min()) < 5 * LEAST:
            continue
        if int(sides["provider"][outside]) < PROVIDERS:
            continue
        try:
            yield _pair(mine.reset_index(drop=True), outside, own)
        except ModelError:
            continue


def _in_common(rows: pd.DataFrame, outside: str) -> pd.DataFrame:
    """Return rows without the children whose like is hardly ever on the other side."""
    for name in ("uasc", "aged_0_to_9", "aged_16_up"):
        side = rows["type"] == outside
        for value in (0.0, 1.0):
            like = rows[name] == value
            n = [rows.loc[like & s, "child"].nunique() for s in (side, ~side)]
            if min(n) < LEAST:
                rows = rows[~like]
                side = rows["type"] == outside
    return rows


def _design(rows: pd.DataFrame, treated: Floats) -> pd.DataFrame:
    """Return needs and circumstances of which either side has enough children with and without."""
    # Our own rows are of one provider: who is told apart by it here is told apart by child.
    both = design_of(rows.assign(provider=rows["child"]), profiles=True, without=_BOUGHT)
    if "needs" in rows and rows["needs"].max() > rows["needs"].min():
        both = both.assign(needs=rows["needs"].astype(float))
    for name in [c for c in both if c in ("female", "not_assessed")]:
        sides = rows.groupby([treated, rows[name] > 0])["child"].nunique()
        if len(sides) < 4 or sides.min() < LEAST:
            both = both.drop(columns=name)
    return both


def _pair(rows: pd.DataFrame, outside: str, own: str) -> Pair:
    treated = (rows["type"] == outside).to_numpy().astype(np.float64)
    price = rows["weekly"].to_numpy(dtype=float)
    design = _design(rows, treated)
    # Our own service is the one compared with, no sample of services: its rows cluster by child.
    who = np.where(treated == 1, rows["provider"], _OWN + rows["child"].astype(str))
    cluster = clusters_of(who)
    alike = compare(price, treated, design, cluster)
    tilt = alike.chance * (1 - alike.chance)
    return Pair(
        outside,
        own,
        alike,
        standardised(price, treated, design, cluster, tilt),
        balance(design, treated, alike.weight),
    )


def _compared(spending: Spending, pairs: tuple[Pair, ...], labels: dict[str, str]) -> Result:
    basis = spending.basis
    key = basis.window_keys[-1]
    table = long_table(pd.concat([_rows(p) for p in pairs], ignore_index=True).assign(period=key))
    bounds = ("", "_lower_95", "_upper_95")
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Gross price of a week outside, less that of our own"),
        table=table,
        measures=_MEASURES,
        labels=labels,
        source=spending.source,
        layout=Layout(
            ("measure",),
            ("group",),
            (
                "raw_gbp",
                *(k + end for k in ("alike_gbp", "standard_gbp", "ratio") for end in bounds),
                *("e_value", "e_value_bound", "outside_n", "own_n"),
            ),
        ),
        text=tuple(s for p in pairs for s in _words(p, labels, key)),
        charts=_chart(spending) if len(pairs) >= LEAST_DRAWN else (),
        notes=_NOTES,
        settings=spending.settings,
        leans_on=leaning(spending, NAME, table),
    )


_NOTES = (
    "Each row is weighed by the chance that such a child had been placed the other way (overlap "
    "weights), so that children who might have had either count most; those whose like is hardly "
    "ever on the other side are left out. The second reading foretells both prices for the same "
    "children by a regression of each side.",
    "Ranges allow for placements of one provider outside being alike, and of one child in our own. "
    "They say nothing of needs that nobody recorded: if children placed outside have greater ones, "
    "part of the difference is those needs. The E-value says how strong such a need would have to "
    "be: it would have to multiply both the chance of a placement outside and the price by so "
    "much, beyond what is recorded, to explain the ratio away.",
    "The price of our own placements is what the cost lines say. Where overheads, buildings or "
    "empty places are not in them, the difference is smaller than it seems.",
)


def _chart(spending: Spending) -> tuple[Chart, ...]:
    return (
        Chart(
            key="alike",
            kind="dot",
            measure="alike_gbp",
            x="group",
            series="period",
            title="What a week costs more outside, for children alike",
            subtitle=spending.basis.flow_subtitle("Pounds a week"),
            alt="Dots, one for each kind of placement, of the difference in pounds a week.",
        ),
    )


def crosses(alike: Alike) -> bool:
    """Return whether the range of the ratio holds one."""
    return alike.ratio[1] <= 1 <= alike.ratio[2]


def _rows(p: Pair) -> pd.DataFrame:
    a = p.alike
    near = a.ratio[1] if a.ratio[0] > 1 else a.ratio[2]
    nothing = (np.nan, np.nan)
    values = {
        "raw_gbp": (a.raw, *nothing),
        "alike_gbp": a.difference,
        "standard_gbp": p.standard,
        "ratio": a.ratio,
        "e_value": (e_value(a.ratio[0]), *nothing),
        "e_value_bound": (1.0 if crosses(a) else e_value(near), *nothing),
        "outside_n": (a.effective[0], *nothing),
        "own_n": (a.effective[1], *nothing),
    }
    frame = pd.DataFrame.from_dict(
        values, orient="index", columns=["value", "lower_95", "upper_95"]
    )
    return frame.rename_axis("measure").reset_index().assign(group=p.key)


def _words(p: Pair, labels: dict[str, str], period: str) -> Iterator[Sentence]:
    yield Sentence(
        "{pair}: for children alike the difference is {alike} a week, between {low} and {high}; "
        "the plain one is {raw}, and standardisation says {standard}.",
        {
            "alike": figure_id(NAME, "alike_gbp", p.key, period),
            "low": figure_id(NAME, "alike_gbp_lower_95", p.key, period),
            "high": figure_id(NAME, "alike_gbp_upper_95", p.key, period),
            "raw": figure_id(NAME, "raw_gbp", p.key, period),
            "standard": figure_id(NAME, "standard_gbp", p.key, period),
        },
        {"pair": labels[p.key]},
    )
    if crosses(p.alike):
        yield Sentence(
            "{pair}: the range of the ratio, from {low} to {high}, holds one, so that the "
            "difference may be chance.",
            {
                "low": figure_id(NAME, "ratio_lower_95", p.key, period),
                "high": figure_id(NAME, "ratio_upper_95", p.key, period),
            },
            {"pair": labels[p.key]},
        )
        return
    yield Sentence(
        "{pair}: a need that nobody recorded would have to go with {e} times the chance of a "
        "placement outside and {e} times the price to explain all of it, {bound} times to bring "
        "the range to nought.",
        {
            "e": figure_id(NAME, "e_value", p.key, period),
            "bound": figure_id(NAME, "e_value_bound", p.key, period),
        },
        {"pair": labels[p.key]},
    )


def _balanced(spending: Spending, pairs: tuple[Pair, ...], labels: dict[str, str]) -> Result:
    basis = spending.basis
    rows = [
        p.balance.rename_axis("by").reset_index().melt("by", var_name="measure").assign(group=p.key)
        for p in pairs
    ]
    table = long_table(pd.concat(rows, ignore_index=True).assign(period=basis.window_keys[-1]))
    return Result(
        name=BALANCE,
        title="How alike the children compared are",
        subtitle=basis.flow_subtitle("Outside less our own, in standard deviations"),
        table=table,
        measures=(
            Measure("before", "As placed", "deviations"),
            Measure("after", "As weighed", "deviations"),
        ),
        labels=labels,
        source=spending.source,
        layout=Layout(("group", "by"), ("measure",)),
        notes=(
            "Overlap weights make both sides alike in all that is listed, exactly and by "
            "construction: it says nothing of what is not listed.",
            f"A driver is listed where {LEAST} children of either side have it and have it not.",
        ),
        settings=spending.settings,
        leans_on=leaning(spending, BALANCE, table),
    )
