"""Chapter 60: what the middle price and the dear end of prices answer to, in pounds a week."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.costs.drivers import LABELS, leaning
from needs.costs.priced_models import (
    Model,
    driver_charts,
    effect_rows,
    models_of,
    no_market,
)
from needs.costs.regression.quantiles import fit_quantile
from needs.costs.spending import Spending
from needs.vocabulary.errors import ModelError
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.wording import inside

__all__ = ["price_quantiles"]

NAME, TITLE = "cost_quantiles", "What goes with the middle price, and with the dear end"
_QUANTILES = {"median_gbp": 0.5, "ninetieth_gbp": 0.9}
_MEASURES = (
    Measure("median_gbp", "Middle price (median)", "gbp_week"),
    Measure("ninetieth_gbp", "Dear end (ninetieth centile)", "gbp_week"),
)


@STUDY.followed_by
def price_quantiles(data: StudyData) -> Result:
    """Return what goes with the median and the ninetieth centile of prices (``cost_quantiles``).

    Returns
    -------
    Result
        By type (``group``) and driver (``by``): pounds a week that the quantile is higher, with
        95% intervals of a cluster bootstrap by provider.
    """
    spending = Spending.of(data)
    models = models_of(data)
    rows = [r for k, m in enumerate(models) for r in _rows(m, data, k)]
    if not rows:
        return no_market(spending, NAME, TITLE, _MEASURES[0])
    basis = spending.basis
    key = basis.window_keys[-1]
    labels = {**spending.labels, **LABELS}
    table = long_table(pd.concat(rows, ignore_index=True).assign(period=key))
    bounds = ("", "_lower_95", "_upper_95")
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Difference in the gross price of a week, all else alike"),
        table=table,
        measures=_MEASURES,
        labels=labels,
        source=spending.source,
        layout=Layout(
            ("group", "by"), ("measure",), tuple(k + end for k in _QUANTILES for end in bounds)
        ),
        text=tuple(_words(table, labels, key)),
        charts=driver_charts(
            models,
            labels,
            spending,
            Chart(
                key="dear",
                kind="dot",
                measure="ninetieth_gbp",
                title="What goes with the dearest tenth",
                subtitle="",
                alt="Dots, one for each driver, of the difference at the ninetieth centile.",
            ),
        ),
        notes=(
            "A mean can be moved by a few dear weeks; the middle price cannot, and the dear end "
            "says what goes with the dearest tenth. Differences are of pounds, not of shares.",
            "Ranges are a bootstrap of providers: the pull of each on the answer is drawn with a "
            "random sign and taken back to pounds in one step, corrected for how few providers "
            "there are.",
        ),
        settings=spending.settings,
        leans_on=leaning(spending, NAME, table),
    )


def _rows(m: Model, data: StudyData, at: int) -> Iterator[pd.DataFrame]:
    for k, (measure, quantile) in enumerate(_QUANTILES.items()):
        rng = np.random.default_rng([data.study.seed, 60, 100 + at, k])
        try:
            fit = fit_quantile(m.price, m.design, m.fit.code, quantile, rng=rng)
        except ModelError:
            continue
        yield effect_rows(measure, fit.interval().drop("const")).assign(group=m.type)


def _words(table: pd.DataFrame, labels: dict[str, str], period: str) -> Iterator[Sentence]:
    """Yield a sentence for each driver whose differences are told from nought at both."""
    sure = table[(table["lower_95"] > 0) | (table["upper_95"] < 0)]
    both = sure.groupby(["group", "by"], sort=False)["measure"].nunique() == len(_QUANTILES)
    side = sure.set_index(["group", "by", "measure"])["value"].map(
        lambda v: "higher" if v > 0 else "lower"
    )
    for group, by in both.index[both]:
        yield Sentence(
            "{group}: {what}: the middle price of a week is {one}, a difference of {middle}; the "
            "dear end is {two}, a difference of {dear}.",
            {
                "middle": figure_id(NAME, "median_gbp", group, period, by),
                "dear": figure_id(NAME, "ninetieth_gbp", group, period, by),
            },
            {
                "group": labels[group],
                "what": inside(labels[by]),
                "one": side[group, by, "median_gbp"],
                "two": side[group, by, "ninetieth_gbp"],
            },
        )
