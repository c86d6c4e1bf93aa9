"""Chapter 60: which family the prices of a market are told by, and what the tests say."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.costs.drivers import leaning
from needs.costs.priced_models import Model, models_of, no_market
from needs.costs.regression.fits import FAMILIES, GAMMA, LOG_OLS
from needs.costs.regression.specification import LEVEL
from needs.costs.spending import Spending
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Check, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.wording import inside

__all__ = ["price_family"]

NAME, TITLE = "cost_family", "Which regression fits the prices"
_BY = {
    "gaussian": "Gaussian",
    "poisson": "Poisson",
    GAMMA: "Gamma",
    "inverse_gaussian": "Inverse Gaussian",
    LOG_OLS: "Logarithm of the price, smeared back",
}
_GROWS = {
    "gaussian": "does not grow",
    "poisson": "grows with the price",
    GAMMA: "grows with the square of the price",
    "inverse_gaussian": "grows with the cube of the price",
}
PARK = "park"
_TESTS = {
    "spread": "the modified Park test",
    "link": "the link test",
    "deciles": "the test by tenths",
}
_CHANCE = "what chance alone would show"
_MEAN = "the mean price of a week"
_MEASURES = (
    Measure("spread_pct", "Spread: as much by chance", "percent1", _CHANCE),
    Measure("link_pct", "Link: as much by chance", "percent1", _CHANCE),
    Measure("deciles_pct", "Tenths: as much by chance", "percent1", _CHANCE),
    Measure("error_pct", "Mean error, other providers", "percent1", _MEAN),
    Measure("bias_pct", "Mean error, signed", "percent1", _MEAN),
    Measure("slope", "Paid for each pound foretold", "ratio"),
    Measure("slope_pct", "Slope of one: as much by chance", "percent1", _CHANCE),
    Measure("power", "Power of the price that the variance grows with", "ratio"),
)


@STUDY.followed_by
def price_family(data: StudyData) -> Result:
    """Return which family fits the prices of each type, by test (``cost_family``).

    Returns
    -------
    Result
        By type (``group``) and family (``by``): how often chance alone would show as much against
        the family in the modified Park test, Pregibon's link test and Hosmer and Lemeshow's by
        tenth; errors on providers not learnt from, and Copas's slope. Under ``park``: the power
        of the price that the variance grows with, and its 95% interval.
    """
    spending = Spending.of(data)
    models = models_of(data)
    if not models:
        return no_market(spending, NAME, TITLE, _MEASURES[0])
    basis = spending.basis
    key = basis.window_keys[-1]
    labels = {**spending.labels, **_BY, PARK: "Modified Park test"}
    table = long_table(pd.concat([_rows(m, key) for m in models], ignore_index=True))
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Tests, and errors on providers not learnt from"),
        table=table,
        measures=_MEASURES,
        labels=labels,
        source=spending.source,
        layout=Layout(("group", "by"), ("measure",), tuple(m.key for m in _MEASURES[:-1])),
        text=tuple(s for m in models for s in _words(m, labels, key)),
        checks=tuple(_checks(models, labels, key)),
        notes=_notes(),
        settings=spending.settings,
        leans_on=leaning(spending, NAME, table),
    )


def _rows(m: Model, period: str) -> pd.DataFrame:
    f = m.families
    wide = pd.DataFrame(
        {
            "spread_pct": 100 * f["spread_p"],
            "link_pct": 100 * f["link_p"],
            "deciles_pct": 100 * f["deciles_p"],
            "error_pct": f["error_pct"],
            "bias_pct": f["bias_pct"],
            "slope": f["slope"],
            "slope_pct": 100 * f["slope_p"],
        }
    )
    rows = wide.rename_axis("by").reset_index().melt("by", var_name="measure")
    rows["marker"] = rows["value"].isna().map({True: "x", False: ""})
    s = m.spread
    park = pd.DataFrame(
        [
            {
                "by": PARK,
                "measure": "power",
                "value": s.power,
                "marker": "",
                "lower_95": s.lower,
                "upper_95": s.upper,
            }
        ]
    )
    return pd.concat([rows, park], ignore_index=True).assign(group=m.type, period=period)


def _words(m: Model, labels: dict[str, str], period: str) -> Iterator[Sentence]:
    """Yield how the spread grows, and which family that leaves."""
    yield Sentence(
        "{group}: the variance of prices grows with the price to the power {power}, between {low} "
        "and {high}.",
        {
            "power": figure_id(NAME, "power", m.type, period, PARK),
            "low": figure_id(NAME, "power_lower_95", m.type, period, PARK),
            "high": figure_id(NAME, "power_upper_95", m.type, period, PARK),
        },
        {"group": labels[m.type]},
    )
    family = m.fit.family
    own = dict(m.families.loc[family])
    # A test that could not be made has no number to print.
    made = {k: words for k, words in _TESTS.items() if not pd.isna(own[f"{k}_p"])}
    said = [f"{words} {_verdict(float(own[f'{k}_p']))} ({{{k}}})" for k, words in made.items()]
    found = f": {', '.join(said)}" if said else ""
    least = "" if family == GAMMA else "; the Park test refuses gamma more"
    yield Sentence(
        f"{{group}}: the {{family}} family, in which the variance {{grows}}, is used{found}{least}."
        + (" In brackets: how often chance alone would show as much." if said else ""),
        {k: figure_id(NAME, f"{k}_pct", m.type, period, family) for k in made},
        {"group": labels[m.type], "family": inside(labels[family]), "grows": _GROWS[family]},
    )


def _verdict(p: float) -> str:
    return "refuses it" if p < LEVEL else "does not refuse it"


def _checks(models: tuple[Model, ...], labels: dict[str, str], period: str) -> Iterator[Check]:
    """Yield whether the tests leave the family that is used standing."""
    for m in models:
        own = m.families.loc[m.fit.family]
        against = [words for k, words in _TESTS.items() if own[f"{k}_p"] < LEVEL]
        yield Check(
            f"Family of prices: {labels[m.type]}",
            "review" if against else "pass",
            f"refused by: {', '.join(against)}" if against else "no test refuses it",
            tuple(figure_id(NAME, f"{k}_pct", m.type, period, m.fit.family) for k in _TESTS),
        )


def _notes() -> tuple[str, ...]:
    return (
        "Families differ in how the variance grows with the price: not at all "
        f"({', '.join(_BY[k] for k in FAMILIES)}, in this order), with it, with its square, with "
        "its cube. Gamma is used unless the modified Park test refuses it at one in twenty; then "
        "the family that it refuses least.",
        "Small numbers speak against a family: chance alone would seldom show as much. For the "
        "logarithm of the price, the spread is asked to be even on that scale; its prices are "
        "smeared back (Duan) by a factor that may change along the price. It is shown beside the "
        "others and not used: its effects are of logarithms, and only the factor makes pounds.",
        "Errors are those on providers that the regression was not fitted to, in five parts. A "
        "slope below one says that what is foretold is more spread than what is paid (Copas).",
    )
