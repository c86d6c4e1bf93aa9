"""Chapter 50 from records: what other methods say beside the flow model, and of whom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.chapter20 import stock
from needs.forecast.ahead import Ahead
from needs.forecast.series.monthly import MonthlyModel, fit_monthly
from needs.forecast.series.months import months_of
from needs.forecast.series.offered import METHODS, offered
from needs.forecast.series.people import People
from needs.forecast.series.regression import LEVEL, CountFit, design
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.units import round_half_up

__all__ = ["FORECAST", "monthly_pattern", "others_ahead", "series_forecasts"]

FORECAST = Measure("projected_n", "Children", "children_forecast", derived_from=("children_n",))
LABELS = {"flow": "Flow model"} | {k: o.label for k, o in METHODS.items()}
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


def series_forecasts(data: StudyData) -> dict[str, Forecast]:
    """Return the forecasts of this room's methods for a study, made once; those that can be."""
    return data.once("series forecasts", lambda: _made(data))


def _made(data: StudyData) -> dict[str, Forecast]:
    ahead = Ahead.of(data)
    made = {}
    for i, (key, method) in enumerate(offered(People.of(data)).items()):
        rng = np.random.default_rng([data.study.seed, 5, i])
        try:
            made[key] = method(ahead.history, ahead.outlook.days, data.study.forecast.draws, rng)
        except ModelError:
            continue
    return made


def others_ahead(data: StudyData) -> tuple[Result, ...]:
    """Return what each method says of the total, the flow model first (``ahead_others``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; with ``population`` the rates of it are among them.

    Returns
    -------
    tuple of Result
        ``projected_n`` by method and day, with ``lower_80`` and ``upper_80``. None where
        fewer children are in care than a forecast is told of.
    """
    ahead = Ahead.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    forecasts = {k: f for k, f in ahead.each.items() if k == "flow"} | series_forecasts(data)
    if outlook.base < outlook.least or not forecasts:
        return ()
    mirrored = stock(data)
    counts = mirrored.table[mirrored.table["measure"] == "children_n"]
    counts = counts[(counts["period"] == outlook.as_at) & (counts["group"] == ALL)]
    frames = [_ranges(f, outlook.ahead).assign(by=key) for key, f in forecasts.items()]
    table = pd.concat([*(f.assign(measure="projected_n") for f in frames), counts])
    missing = [k for k in METHODS if k not in forecasts]
    return (
        Result(
            name="ahead_others",
            title="What each method says of the total",
            subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
            table=long_table(table),
            measures=(FORECAST, mirrored.measure("children_n")),
            labels={ALL: f"All {basis.label}", **LABELS, **outlook.labels, "by": "Method"},
            source=basis.source,
            layout=Layout(
                ("by", "measure"),
                ("period",),
                ("projected_n", "projected_n_lower_80", "projected_n_upper_80"),
            ),
            text=_apart(forecasts, outlook.ahead[-1], outlook.labels),
            notes=(
                "Each method alone, as wide as it claims itself; the forecast above puts those "
                "together that have proved themselves in past years.",
                *_why_missing(missing),
                *_population_notes(data, forecasts),
            ),
            settings={
                **basis.settings(),
                **{k: dict(f.settings) for k, f in forecasts.items() if k != "flow"},
            },
            rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
            mirrors=mirrored,
        ),
    )


def _ranges(forecast: Forecast, periods: list[str]) -> pd.DataFrame:
    total = forecast.total()
    low, high = np.percentile(total, [10, 90], axis=0)
    mean = [float(round_half_up(m)) for m in total.mean(axis=0, dtype=float)]
    return pd.DataFrame(
        {"period": periods, "group": ALL, "value": mean, "lower_80": low, "upper_80": high}
    )


def _apart(
    forecasts: Mapping[str, Forecast], last: str, labels: Mapping[str, str]
) -> tuple[Sentence, ...]:
    """Return the lowest and highest of the methods, and the population's beside the flow's."""
    means = {k: float(f.total()[:, -1].mean()) for k, f in forecasts.items()}
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)

    def ref(key: str) -> str:
        return figure_id("ahead_others", "projected_n", ALL, last, key)

    said = [
        Sentence(
            "For {day} the methods say between {low} ({least}) and {high} ({most}).",
            {"low": ref(low), "high": ref(high)},
            {"day": labels[last], "least": LABELS[low], "most": LABELS[high]},
        )
    ]
    if {"population", "flow"} <= set(means):
        said.append(
            Sentence(
                "If only the population changed and rates stayed as they are, there would be "
                "{population}; the flow model, which follows the children who are in care now, "
                "says {flow}.",
                {"population": ref("population"), "flow": ref("flow")},
            )
        )
    return tuple(said)


def _why_missing(missing: list[str]) -> tuple[str, ...]:
    if "population" in missing:
        return ("Rates over a population need its estimates by single year of age.",)
    return ("Some methods know too few months.",) if missing else ()


def _population_notes(data: StudyData, forecasts: Mapping[str, Forecast]) -> tuple[str, ...]:
    if "population" not in forecasts:
        return ()
    how = (
        "a projection, carried cohort by cohort to the level of the estimates that rates stand on"
        if forecasts["population"].settings["projection"]
        else "cohorts aged by the ratios of past years, since no projection is given"
    )
    return (
        f"The population to come is {how}. Rates leave unaccompanied children out; those are "
        "forecast apart.",
    )


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
