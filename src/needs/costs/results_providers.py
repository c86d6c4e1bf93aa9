"""Chapter 60: how far providers' prices are apart, without telling any provider's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.cells import LEAST_DRAWN, in_cells, price_of_a_week, quarter
from needs.costs.kin import FAMILY, spent_on
from needs.costs.spending import Spending
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["provider_prices"]

NAME = "cost_providers"
HALF = {"largest": "The largest, who sell half the weeks", "others": "All others"}
EVERY = "every"
QUARTERS = {"lower_gbp_week": 0.25, "middle_gbp_week": 0.5, "upper_gbp_week": 0.75}
_OF = ("children_n", "providers_n")


@FAMILY
def provider_prices(data: StudyData) -> Result:
    """Return how far prices of providers are apart, by type and year (``cost_providers``).

    Returns
    -------
    Result
        By type bought from others (``group``), size of provider (``by``) and year: providers,
        children (once with each), the price of a week of all together, and the quarters of the
        providers' own mean prices. A row of few providers is withheld as one of few children is,
        with what would give it back; so no provider's price can be read.
    """
    spending = Spending.of(data)
    wide = _wide(spending)
    table = wide_rows(wide, ["group", "by", "period"])
    return Result(
        name=NAME,
        title="How far providers' prices are apart",
        subtitle=spending.basis.flow_subtitle("Gross price of a week, by size of provider"),
        table=table,
        measures=(
            Measure("providers_n", "Providers", "providers"),
            Measure("children_n", "Children, once with each", "children"),
            Measure("unit_gbp_week", "Cost a week paid for, gross", "gbp_week", "", _OF),
            Measure("lower_gbp_week", "A quarter of providers below", "gbp_week", "", _OF),
            Measure("middle_gbp_week", "The provider in the middle", "gbp_week", "", _OF),
            Measure("upper_gbp_week", "A quarter of providers above", "gbp_week", "", _OF),
        ),
        labels={**spending.labels, EVERY: "All providers", **HALF},
        source=spending.source,
        layout=Layout(
            rows=("group", "by", "period"),
            columns=("measure",),
            measures=("providers_n", "unit_gbp_week", *QUARTERS),
        ),
        text=tuple(_words(spending, wide)),
        charts=_charts(spending, wide),
        additive=(Additive("by", EVERY, tuple(HALF)),),
        notes=(
            "No provider is named. Fewer providers than the threshold for children are withheld "
            "here; where a type is bought of one provider alone, the cost of a week of the type "
            "is that provider's, as in the tables above.",
            "Sizes are told of the latest year. A provider's price is its mean over all weeks it "
            "was paid for. Quarters count every provider once, large or small, and are smoothed "
            "over those near them (Harrell and Davis), so that the middle one need not be near "
            "the cost of a week of all together. Prices differ with children's needs.",
        ),
        settings=spending.settings,
        # All providers of a type together have nearly all of its children and pounds.
        leans_on={
            figure_id(NAME, m, g, p, by): spent_on(g, p)
            for m, g, p, by in table[["measure", "group", "period", "by"]].itertuples(index=False)
            if m.endswith("_gbp_week")
        },
    )


def _wide(spending: Spending) -> pd.DataFrame:
    """Return one row a type, size of provider and year."""
    external = {t.key for t in spending.basis.study.categories.types if t.sector != "in_house"}
    placed = spending.placed
    bought = placed["type"].isin(external) & (placed["provider"] != "")
    mine = placed[bought & (placed["route"] != "in_house")]
    cells = in_cells(mine, ["type", "provider"], spending)
    cells = cells[cells["children_n"] > 0].assign(price=price_of_a_week)
    keys = ["type", "period"]
    # Largest first; a provider that begins within the first half of the weeks is of the largest.
    cells = cells.sort_values([*keys, "nights", "provider"], ascending=[True, True, False, True])
    before = cells.groupby(keys)["nights"].cumsum() - cells["nights"]
    half = before < cells.groupby(keys)["nights"].transform("sum") / 2
    cells["by"] = np.where(half, "largest", "others")
    latest = cells[cells["period"] == spending.basis.window_keys[-1]]
    # Which sizes there are would tell whether there is one provider alone, or two.
    n = latest.groupby("type")["provider"].transform("size")
    latest = latest[(n >= spending.basis.study.disclosure.threshold).to_numpy()]
    both = pd.concat([cells.assign(by=EVERY), latest], ignore_index=True)
    of = both.groupby(["type", "by", "period"], sort=False)
    out = of.agg(
        providers_n=("provider", "size"),
        children_n=("children_n", "sum"),
        gross=("gross", "sum"),
        nights=("nights", "sum"),
        **{k: ("price", quarter(q)) for k, q in QUARTERS.items()},
    ).reset_index()
    out["unit_gbp_week"] = price_of_a_week(out)
    columns = ["group", "by", "period", "providers_n", "children_n", "unit_gbp_week", *QUARTERS]
    return out.rename(columns={"type": "group"})[columns]


def _words(spending: Spending, wide: pd.DataFrame) -> Iterator[Sentence]:
    """Yield, for each type, between which prices the middle half of providers lies."""
    key = spending.basis.window_keys[-1]
    now = wide[(wide["period"] == key) & (wide["by"] == EVERY)]
    threshold = spending.basis.study.disclosure.threshold
    for group in (g for g in spending.leaves if g in set(now["group"])):
        if now.loc[now["group"] == group, "providers_n"].item() < threshold:
            continue
        names = {"n": "providers_n", "low": "lower_gbp_week", "high": "upper_gbp_week"}
        refs = {k: figure_id(NAME, m, group, key, EVERY) for k, m in names.items()}
        yield Sentence(
            "{group}, {year}: of {n} providers the middle half charged between {low} and {high} a "
            "week.",
            refs,
            {"group": spending.labels[group], "year": spending.labels[key]},
        )


def _charts(spending: Spending, wide: pd.DataFrame) -> tuple[Chart, ...]:
    least = spending.basis.study.disclosure.threshold
    told = wide[(wide["by"] == EVERY) & (wide[list(_OF)] >= least).all(axis=1)]
    if len(told) < LEAST_DRAWN:
        return ()
    groups = tuple(g for g in spending.leaves if g in set(told["group"]))
    return (
        Chart(
            key="middle",
            kind="line",
            measure="middle_gbp_week",
            title="The price of the provider in the middle",
            subtitle=spending.basis.flow_subtitle("Pounds a week, gross, by placement type"),
            alt="Lines, one for each placement type, of the middle provider's price by year.",
            include={"group": groups, "by": (EVERY,)},
        ),
    )
