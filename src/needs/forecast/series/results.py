"""Chapter 50 from records: the season and the trend of those who come and leave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.series.monthly import MonthlyModel, fit_monthly
from needs.forecast.series.months import months_of
from needs.forecast.series.people import People
from needs.forecast.series.regression import LEVEL, CountFit, design
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["monthly_pattern"]

FLOWS = {"entries": "Come into care", "exits": "Leave care"}
MONTHS = {
    f"{m:02d}": w
    for m, w in enumerate(
        "January February March April May June July August September October November "
        "December".split(),
        1,
    )
}
LEAST_MONTHS = 24
Floats = npt.NDArray[np.float64]


def monthly_pattern(data: StudyData) -> tuple[Result, ...]:
    """Return the season of entries and exits that the monthly regressions find (``ahead_season``).

    Returns
    -------
    tuple of Result
        ``season_pct`` by calendar month: per cent of the average month, days taken out.
        ``trend_pct``, a year, where one was found. None where fewer than two years of months
        are known, or fewer come or leave in a year than a count needs to be told of.
    """
    ahead = Ahead.of(data)
    months = months_of(ahead.history)
    years = max(len(months.entries) / 12, 1e-9)
    few = min(months.entries.sum(), months.exits.sum()) / years < ahead.outlook.least
    if len(months.entries) < LEAST_MONTHS or few:
        return ()
    try:
        model = fit_monthly(ahead.history, People.of(data))
    except ModelError:
        return ()
    fits = {"entries": model.entries, "exits": model.exits}
    rows = [_season(fit).assign(group=key, measure="season_pct") for key, fit in fits.items()]
    trends = [
        {"group": key, "measure": "trend_pct", "value": 100 * float(np.expm1(fit.beta[-1]))}
        for key, fit in fits.items()
        if fit.trend
    ]
    basis = ahead.outlook.basis
    return (
        Result(
            name="ahead_season",
            title="Months in which children come and leave",
            subtitle=f"Children a day, of the average month, {basis.study.authority.name}",
            table=long_table(pd.concat([*rows, pd.DataFrame(trends)], ignore_index=True)),
            measures=(
                Measure("season_pct", "Of the average month", "percent", "the average month"),
                Measure("trend_pct", "Change a year", "percent1"),
            ),
            labels={**FLOWS, **MONTHS, "period": "Month", "group": "Children who"},
            source=basis.source,
            layout=Layout(("period",), ("group",), ("season_pct",)),
            text=(*(_trend_said(key, fit) for key, fit in fits.items()), _season_said(fits)),
            charts=(
                Chart(
                    "season",
                    "dot",
                    "season_pct",
                    "Months in which children come and leave",
                    "Per cent of the average month, as smoothed by the model",
                    "Dots by month for those who come and those who leave.",
                ),
            ),
            notes=_season_notes(model),
            settings={
                **basis.settings(),
                **{k: {"family": f.family, "alpha": round(f.alpha, 4)} for k, f in fits.items()},
            },
        ),
    )


def _season(fit: CountFit) -> pd.DataFrame:
    month = np.arange(1, 13)
    x = design(np.zeros(12), month, fit.seasonal, fit.trend)
    level = np.exp(x @ fit.beta)
    return pd.DataFrame({"period": list(MONTHS), "value": 100 * level / level.mean()})


def _trend_said(key: str, fit: CountFit) -> Sentence:
    what = {"entries": "coming into care", "exits": "leaving, for each child in care,"}[key]
    if not fit.trend:
        return Sentence(
            "No trend in the number {what} can be told from chance.",
            words={"what": what.rstrip(",")},
        )
    return Sentence(
        "The number {what} has changed by {pct} a year, more than chance allows; ahead, half of "
        "such a trend is taken to be gone after a year.",
        {"pct": figure_id("ahead_season", "trend_pct", key)},
        {"what": what},
    )


def _season_said(fits: Mapping[str, CountFit]) -> Sentence:
    at = _season(fits["entries"]).set_index("period")["value"]
    top = str(at.idxmax())
    known = fits["entries"].season_p < LEVEL
    return Sentence(
        "Most children a day come in {month}: {pct} of the average month. {known}",
        {"pct": figure_id("ahead_season", "season_pct", "entries", top)},
        {
            "month": MONTHS[top],
            "known": "That some months see more than others is more than chance allows."
            if known
            else "Chance alone may make such differences between months.",
        },
    )


def _season_notes(model: MonthlyModel) -> tuple[str, ...]:
    families = {
        "poisson": "a Poisson regression, since they scatter no more than chance",
        "negative_binomial": "a negative binomial regression, since they scatter more than chance",
    }
    return (
        f"Those who come: {families[model.entries.family]}"
        + (", for each of the people under 18." if model.people is not None else "."),
        f"Those who leave: {families[model.exits.family]}, for each child in care.",
        "Season and trend are tested (Wald, five per cent); the season is smoothed and kept "
        "either way. Counts of single months are not told. Which regression is used follows the "
        "test of Cameron and Trivedi.",
    )
