"""Chapter 60: whether the regression fits, in pictures that give no child and no provider away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.costs.drivers import AGAINST, SOURCES, leaning
from needs.costs.priced_models import Model, models_of, no_market
from needs.costs.regression.clusters import Ints
from needs.costs.spending import Spending
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.wording import inside

__all__ = ["groups_by_price", "price_fit"]

NAME, TITLE = "cost_fit", "Whether the regression fits: foretold against paid"
_GROUPS = (10, 5, 4, 3)
_MOST = 0.5
"""Share of a group's pounds above which one child or provider could be told from its mean."""
_MEASURES = (
    Measure("foretold_gbp", "Foretold", "gbp_week"),
    Measure("paid_gbp", "Paid", "gbp_week"),
    Measure("residual_pct", "Paid above foretold", "percent1", "the price foretold"),
    Measure("spread_pct", "Mean distance from it, either way", "percent1", "the price foretold"),
    Measure("price_gbp", "Price of a week", "gbp_week"),
)
_DRAWN = {"foretold_gbp": f"{AGAINST}foretold", "paid_gbp": f"{AGAINST}paid"}
"""What is drawn as two lines, and how the groups of the lines end."""


@STUDY.followed_by
def price_fit(data: StudyData) -> Result:
    """Return foretold and paid prices by group of rows of like foretold price (``cost_fit``).

    Returns
    -------
    Result
        By type (``group``) and group of rows, cheapest first (``by``): mean price foretold and
        paid, mean residual and mean distance, per cent of the price foretold.

    Notes
    -----
    Rows are parted into ten groups, or into as few as leave in each the threshold of children and
    three providers, none of them with half of its pounds. Where three groups do not, the type is
    left out.
    """
    spending = Spending.of(data)
    least = spending.basis.study.disclosure.threshold
    parted = [(m, groups_by_price(m, least)) for m in models_of(data)]
    some = [(m, found) for m, found in parted if found is not None]
    if not some:
        return no_market(spending, NAME, TITLE, _MEASURES[0])
    basis = spending.basis
    key = basis.window_keys[-1]
    table = long_table(pd.concat([_rows(m, g, key) for m, g in some], ignore_index=True))
    most = max(int(g.max()) for _, g in some) + 1
    lines = {m.type + end: k for m, _ in some for k, end in _DRAWN.items()}
    words = {m.key: m.label for m in _MEASURES}
    labels = {
        **spending.labels,
        **{group: words[k] for group, k in lines.items()},
        **{f"part_{k + 1:02d}": _place(k) for k in range(most)},
    }
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Mean gross price of a week, by price foretold"),
        table=table,
        measures=_MEASURES,
        labels=labels,
        source=spending.source,
        layout=Layout(("group", "by"), ("measure",), tuple(m.key for m in _MEASURES[:-1])),
        text=tuple(_words(table, labels, key)),
        charts=tuple(_charts([m for m, _ in some], labels, spending)),
        notes=(
            "Rows are parted into equal groups by the price that the regression foretells them, "
            "the cheapest first: ten, or as few as keep every child and provider unknown.",
            "Where residuals rise or fall along the groups, the link bends; where their distance "
            "changes along them, the variance grows otherwise than the family says.",
        ),
        settings=spending.settings,
        leans_on=leaning(spending, NAME, table),
    )


def _place(k: int) -> str:
    return "Cheapest foretold" if k == 0 else f"Group {k + 1}"


def groups_by_price(m: Model, least: int) -> Ints | None:
    """Return the group of each row by fitted price; None where no parting keeps all unknown.

    Parameters
    ----------
    least : int
        Children that each group needs.
    """
    order = pd.Series(m.fit.mean).rank(method="first").to_numpy() - 1
    rows = m.rows[["child", "provider", "weekly"]]
    for n in _GROUPS:
        part: Ints = (order * n // len(order)).astype(np.int64)
        by = rows.groupby(part)
        whole = by["weekly"].sum()
        enough = by["child"].nunique().min() >= least and by["provider"].nunique().min() >= SOURCES
        shares = [
            (rows.groupby([part, k])["weekly"].sum().groupby(level=0).max() / whole).max()
            for k in ("child", "provider")
        ]
        if enough and max(shares) <= _MOST:
            return part
    return None


def _rows(m: Model, part: Ints, period: str) -> pd.DataFrame:
    residual = 100 * (m.price - m.fit.mean) / m.fit.mean
    wide = pd.DataFrame(
        {
            "foretold_gbp": m.fit.mean,
            "paid_gbp": m.price,
            "residual_pct": residual,
            "spread_pct": np.abs(residual),
        }
    )
    means = wide.groupby(part).mean().rename(lambda k: f"part_{k + 1:02d}").rename_axis("by")
    rows = means.reset_index().melt("by", var_name="measure").assign(group=m.type)
    drawn = rows[rows["measure"].isin(list(_DRAWN))]
    ends = drawn["measure"].map(_DRAWN)
    drawn = drawn.assign(group=drawn["group"] + ends, measure="price_gbp")
    return pd.concat([rows, drawn], ignore_index=True).assign(period=period)


def _words(table: pd.DataFrame, labels: dict[str, str], period: str) -> Iterator[Sentence]:
    """Yield where the regression is furthest off."""
    off = table[table["measure"] == "residual_pct"]
    for group, mine in off.groupby("group", sort=False):
        by = str(mine.loc[mine["value"].abs().idxmax(), "by"])
        yield Sentence(
            "{group}: the regression is furthest off in “{part}”, where {paid} a week was paid and "
            "{told} foretold.",
            {
                "paid": figure_id(NAME, "paid_gbp", str(group), period, by),
                "told": figure_id(NAME, "foretold_gbp", str(group), period, by),
            },
            {"group": labels[str(group)], "part": inside(labels[by])},
        )


def _charts(models: list[Model], labels: dict[str, str], spending: Spending) -> Iterator[Chart]:
    for m in models:
        title = inside(labels[m.type])
        yield Chart(
            key=f"price_{m.type}",
            kind="line",
            measure="price_gbp",
            x="by",
            title=f"Foretold against paid: {title}",
            subtitle=spending.basis.flow_subtitle("Mean price of a week, by price foretold"),
            alt="Two lines over groups of rows from the cheapest on, foretold and paid.",
            include={"group": tuple(m.type + end for end in _DRAWN.values())},
        )
        for measure, said, what in (
            ("residual_pct", "Paid above foretold, by price", "the mean residual"),
            ("spread_pct", "Distance from the price foretold", "the mean distance"),
        ):
            yield Chart(
                key=f"{measure[:-4]}_{m.type}",
                kind="bar",
                measure=measure,
                x="by",
                title=f"{said}: {title}",
                subtitle=spending.basis.flow_subtitle("Per cent of the price foretold"),
                alt=f"Bars, one for each group of rows from the cheapest on, of {what}.",
                include={"group": (m.type,)},
            )
