"""Chapter 60: what a week costs by purchase route."""

from __future__ import annotations

import pandas as pd

from needs.care.mix import tree_sums
from needs.care.rows import wide_rows
from needs.costs.cells import LEAST_DRAWN, ROUTES, in_cells, price_of_a_week
from needs.costs.kin import FAMILY, placed_id
from needs.costs.spending import Spending
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)
from needs.vocabulary.wording import inside

__all__ = ["purchase_routes"]

NAME = "cost_routes"
_OF = ("children_n",)


@FAMILY
def purchase_routes(data: StudyData) -> Result:
    """Return spending and the price of a week by type, purchase route and year (``cost_routes``).

    Returns
    -------
    Result
        By type (``group``), route (``by``) and year: children (once in each), pounds gross, and
        the gross cost of a week that the route pays for. Beside them by type and group the
        children whom any line pays for, which every table of pounds by type leans on.
    """
    spending = Spending.of(data)
    basis = spending.basis
    cells = in_cells(spending.placed, ["type", "route"], spending)
    wide = cells.rename(columns={"type": "group", "route": "by", "gross": "gross_gbp"})
    wide["by"] = wide["by"].replace("", "none")
    wide["unit_gbp_week"] = price_of_a_week(wide, "gross_gbp")
    measures = ["children_n", "gross_gbp", "unit_gbp_week"]
    table = pd.concat(
        [
            wide_rows(wide[["group", "by", "period", *measures]], ["group", "by", "period"]),
            wide_rows(_paid(spending), ["group", "period"]),
            wide_rows(_placed(spending), ["group", "period"]),
        ],
        ignore_index=True,
    )
    labels = {**spending.labels, **ROUTES, "none": ROUTES[""]}
    return Result(
        name=NAME,
        title="What a week costs, by how it was bought",
        subtitle=basis.flow_subtitle("Pounds gross and the cost of a week by purchase route"),
        table=table,
        measures=(
            Measure("children_n", "Children", "children"),
            Measure("gross_gbp", "Spent, gross", "gbp", "", _OF),
            Measure("unit_gbp_week", "Cost a week paid for, gross", "gbp_week", "", _OF),
            Measure("paid_n", "Children whom any line pays for", "children"),
            Measure("placed_n", "Children with any night in a placement", "children"),
        ),
        labels={k: w for k, w in labels.items() if k},
        source=spending.source,
        layout=Layout(
            rows=("group", "by"), columns=("measure", "period"), measures=("unit_gbp_week",)
        ),
        text=tuple(_dearer(spending, wide)),
        charts=_chart(spending, wide),
        additive=tree_sums(spending.nodes),
        notes=(
            "A week paid for is seven nights that a line of the route pays for; a night that lines "
            "of two routes pay for counts in each. Children count once in every type and route.",
            "No provider is named. A route or type that is bought of one provider alone has that "
            "provider's price; what contracts cost is public under the transparency code.",
            "Routes differ in whom they are used for: a dearer route need not be a worse buy.",
        ),
        settings=spending.settings,
        # Pounds by route add up to those of the type, which rest on whoever lives there.
        leans_on={
            figure_id(NAME, m, g, p, by): (placed_id(g, p),)
            for m, g, p, by in table[["measure", "group", "period", "by"]].itertuples(index=False)
            if m.endswith(("_gbp", "_week"))
        },
    )


def _paid(spending: Spending) -> pd.DataFrame:
    """Return children whom any line pays for by type and group, once in every type."""
    cells = in_cells(spending.placed, ["type"], spending)
    wide = cells.pivot_table("children_n", "type", "window", aggfunc="sum", fill_value=0.0)
    rows = [
        pd.DataFrame(
            {
                "group": node.key if node else ALL,
                "period": spending.basis.window_keys,
                "paid_n": spending.of_node(wide, node),
            }
        )
        for node in (None, *spending.nodes)
    ]
    return pd.concat(rows, ignore_index=True)


def _placed(spending: Spending) -> pd.DataFrame:
    """Return children with any night in a placement, each once a year."""
    n = spending.nights.groupby("window")["child"].nunique()
    n = n.reindex(range(len(spending.basis.window_keys)), fill_value=0)
    return pd.DataFrame(
        {"group": ALL, "period": spending.basis.window_keys, "placed_n": n.to_numpy()}
    )


def _dearer(spending: Spending, wide: pd.DataFrame) -> list[Sentence]:
    """Return, of each type that is bought by several routes, its price by each in the last year."""
    key = spending.basis.window_keys[-1]
    now = wide[(wide["period"] == key) & (wide["children_n"] > 0)]
    said = []
    for group, mine in now.groupby("group", sort=False):
        by = [r for r in (*ROUTES, "none") if r in set(mine["by"])]
        if len(by) < 2:
            continue
        parts = ", ".join(f"{{p{i}}} by {{r{i}}}" for i in range(len(by)))
        ids = {
            f"p{i}": figure_id(NAME, "unit_gbp_week", str(group), key, r) for i, r in enumerate(by)
        }
        names = {f"r{i}": (ROUTES.get(r) or ROUTES[""]).lower() for i, r in enumerate(by)}
        words = {"group": spending.labels[str(group)], "year": spending.labels[key], **names}
        said.append(Sentence(f"{{group}}, {{year}}: a week cost {parts}.", ids, words))
    return said


def _chart(spending: Spending, wide: pd.DataFrame) -> tuple[Chart, ...]:
    """Return a picture of prices by route, of each type that is bought by several."""
    several = wide.groupby("group", sort=False)["by"].nunique()
    drawn = _drawn(wide, spending.basis.study.disclosure.threshold)
    several = several[drawn.reindex(several.index) >= LEAST_DRAWN]
    return tuple(
        Chart(
            key=f"routes_{group}",
            kind="line",
            measure="unit_gbp_week",
            series="by",
            title=f"The price of a week by purchase route: {inside(spending.labels[group])}",
            subtitle=spending.basis.flow_subtitle("Pounds a week paid for, gross"),
            alt="Lines, one for each purchase route, of the gross cost of a week by year.",
            include={"group": (group,)},
        )
        for group in map(str, several.index[several > 1])
    )


def _drawn(wide: pd.DataFrame, threshold: int) -> pd.Series:
    """Return how many prices of each type can be drawn, at most.

    A route of few children is withheld, and where it is the only one of its year another with it.
    """
    n = wide["children_n"]
    marks = wide[["group", "period"]].assign(some=n > 0, few=(n > 0) & (n < threshold))
    year = marks.groupby(["group", "period"], sort=False)[["some", "few"]].sum()
    left = (year["some"] - year["few"].replace(1, 2)).clip(lower=0)
    return left.groupby("group").sum()
