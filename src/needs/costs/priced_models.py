"""The regression of each market's prices, fitted once for every result that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.costs.drivers import LEAST, PROVIDERS, design_of, markets, priced_rows
from needs.costs.regression.clusters import Floats, Ints, clusters_of
from needs.costs.regression.fits import PriceFit, fit_prices
from needs.costs.regression.specification import Spread, chosen, compared
from needs.costs.spending import Spending, cannot
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Measure, Result
from needs.vocabulary.wording import inside

__all__ = ["Model", "driver_charts", "effect_rows", "models_of", "no_market"]


@dataclass(frozen=True)
class Model:
    """One placement type's regression.

    Attributes
    ----------
    type : str
        Key of the placement type.
    rows : pandas.DataFrame
        From :func:`needs.costs.drivers.priced_rows`.
    design : pandas.DataFrame
        What the regression was fitted to.
    fit : PriceFit
        In the family that the tests leave standing.
    spread : Spread
        The modified Park test.
    families : pandas.DataFrame
        From :func:`needs.costs.regression.specification.compared`.
    """

    type: str
    rows: pd.DataFrame
    design: pd.DataFrame
    fit: PriceFit
    spread: Spread
    families: pd.DataFrame

    @property
    def price(self) -> Floats:
        """Price of each row, pounds a week."""
        return self.rows["weekly"].to_numpy(dtype=float)

    @property
    def child(self) -> Ints:
        """Child of each row, numbered anew."""
        return clusters_of(self.rows["child"].to_numpy())


def models_of(data: StudyData) -> tuple[Model, ...]:
    """Return the regression of each placement type with enough providers and children."""
    return data.once("price models", lambda: tuple(_models(data)))


def _models(data: StudyData) -> list[Model]:
    found: list[Model] = []
    for kind, rows in markets(priced_rows(data, Spending.of(data))):
        price = rows["weekly"].to_numpy(dtype=float)
        design, code = design_of(rows), clusters_of(rows["provider"])
        rng = np.random.default_rng([data.study.seed, 60, len(found)])
        try:
            spread, families = compared(price, design, code, rng)
            fit = fit_prices(price, design, code, chosen(spread))
        except ModelError:
            continue
        found.append(Model(kind, rows, design, fit, spread, families))
    return found


def no_market(spending: Spending, name: str, title: str, measure: Measure) -> Result:
    """Return a result that says that no placement type has enough providers and children."""
    why = (
        f"No placement type has {PROVIDERS} providers and {5 * LEAST} children with a weekly "
        "price: fewer tell too little of what goes with one."
    )
    return cannot(spending, name, title, measure, why)


def effect_rows(measure: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return effects by driver (index; ``effect``, ``lower``, ``upper``) as rows of a table."""
    return pd.DataFrame(
        {
            "measure": measure,
            "by": found.index,
            "value": found["effect"].to_numpy(),
            "lower_95": found["lower"].to_numpy(),
            "upper_95": found["upper"].to_numpy(),
        }
    )


def driver_charts(
    models: tuple[Model, ...], labels: dict[str, str], spending: Spending, drawn: Chart
) -> tuple[Chart, ...]:
    """Return a chart as each type has it: a dot for each driver, with its range."""
    subtitle = spending.basis.flow_subtitle("Pounds a week")
    return tuple(
        replace(
            drawn,
            key=f"{drawn.key}_{m.type}",
            title=f"{drawn.title}: {inside(labels[m.type])}",
            subtitle=subtitle,
            x="by",
            include={"group": (m.type,)},
        )
        for m in models
    )
