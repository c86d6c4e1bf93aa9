"""A printed demand forecast beside the outcomes printed since."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, combined, own, source_of, words_for
from needs.forecast.published_inputs import (
    PROJECTED,
    DemandTable,
    by_period,
    demand_table_of,
    outcome_rows,
    outcomes_of,
)
from needs.forecast.published_method import percentage_error, reduction_factor
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence

__all__ = ["demand_outcomes", "demand_types"]

ERROR = Measure("error_pct", "Percentage error", "percent1")


def _shifted(series: pd.Series[float], years: int) -> pd.Series[float]:
    """Return a series by year with every label moved on by so many years."""
    return series.set_axis([str(int(y) + years) for y in series.index])


LINES = {
    "march_same_year": "Forecast, its year read as the March of that year",
    "march_next_year": "Forecast, its year read as the March after it",
    "without_reduction": "Forecast without the reduction, read as the March of that year",
    "last_value": "Last count before the forecast, held",
    "outcome": "Outcome printed",
}


def _lines(demand: DemandTable, outcome: pd.Series[float], years: list[str]) -> pd.DataFrame:
    """Return the forecast under each reading, the last count held, and the outcome, by year."""
    kept = reduction_factor(len(demand.totals), demand.reduction_pct, demand.first_reduced, "once")
    return pd.DataFrame(
        {
            "march_same_year": demand.totals.reindex(years),
            "march_next_year": _shifted(demand.totals, 1).reindex(years),
            "without_reduction": (demand.totals / kept).reindex(years),
            "last_value": outcome[str(demand.totals.index[0])],
            "outcome": outcome.reindex(years),
        },
        index=pd.Index(years),
    )


def _errors(lines: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return children, percentage errors and their mean absolute value as one long table."""
    outcome = lines["outcome"].to_numpy()
    said = lines.drop(columns="outcome")
    errors = said.apply(lambda s: pd.Series(percentage_error(s.to_numpy(), outcome), s.index))
    mean = errors.abs().mean().rename("value").rename_axis("group").reset_index()
    return combined(
        by_period(lines, area, measure="projected_n"),
        by_period(errors, area, measure="error_pct"),
        mean.assign(measure="mean_error_pct", area=area),
    )


def _outcomes_said(name: str, last: str, area: str) -> tuple[Sentence, ...]:
    """Return the errors of the last year, and the mean of all years, in words."""

    def ref(measure: str, group: str, period: str = "") -> str:
        return cell(name, measure=measure, group=group, period=period, area=area)

    return (
        Sentence(
            "In March {year} the count was {outcome}; the forecast said {said}, an error of "
            "{error}. Holding the last count gave an error of {held}.",
            {
                "outcome": ref("projected_n", "outcome", last),
                "said": ref("projected_n", "march_same_year", last),
                "error": ref("error_pct", "march_same_year", last),
                "held": ref("error_pct", "last_value", last),
            },
            {"year": last},
        ),
        Sentence(
            "Over all years the mean absolute error was {a} with the year read as that March, "
            "{b} read as the March after, {c} without the reduction, and {d} for the last "
            "count held.",
            {
                "a": ref("mean_error_pct", "march_same_year"),
                "b": ref("mean_error_pct", "march_next_year"),
                "c": ref("mean_error_pct", "without_reduction"),
                "d": ref("mean_error_pct", "last_value"),
            },
        ),
    )


def demand_outcomes(data: StudyData) -> Result:
    """Return the forecast totals beside the outcomes printed since, with a last value held.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``projected_n``, ``fixed_share_pct`` and
        ``children_n`` (year-end totals in a table).

    Returns
    -------
    Result
        Children and percentage error by year: the forecast read in two ways and without its
        reduction, and the count of the March of its first year held.

    Raises
    ------
    InputMissing
        If there is no table, or no outcome after the forecast's first year.
    """
    name, area = "published_demand_outcomes", own(data)
    demand, outcome = demand_table_of(data), outcomes_of(data)[ALL].dropna()
    start = str(demand.totals.index[0])
    years = [y for y in outcome.index if y > start]
    if not years or start not in outcome:
        raise InputMissing("published")
    lines = _lines(demand, outcome, years)
    where = data.study.authority.short_name
    return Result(
        name=name,
        title="The printed forecast against what happened",
        subtitle=f"Children at the end of March, {where}",
        table=_errors(lines, area),
        measures=(PROJECTED, ERROR, Measure("mean_error_pct", "Mean absolute error", "percent1")),
        labels=words_for(data, [ALL]) | LINES,
        source=source_of(data, pd.concat([demand.rows, outcome_rows(data)])),
        layout=Layout(("group",), ("period",), ("projected_n", "error_pct")),
        text=_outcomes_said(name, years[-1], area),
        charts=(
            Chart(
                "line",
                "line",
                "projected_n",
                "The printed forecast and what happened",
                f"Children at the end of March, {where}",
                "Lines for the outcome, for the forecast and for the last count held.",
                include={"group": ("outcome", "march_same_year", "last_value")},
            ),
        ),
        notes=(
            "A percentage error below nought means that the forecast was too low.",
            "The forecast was refreshed after its first years had passed; it is not a forecast "
            "of those in the strict sense.",
        ),
        published=True,
    )


def demand_types(data: StudyData) -> Result:
    """Return the forecast by placement type beside the outcomes printed since.

    Parameters
    ----------
    data : StudyData
        As for :func:`demand_outcomes`; placement types printed in both are compared.

    Raises
    ------
    InputMissing
        If no placement type is printed in both.
    """
    name, area = "published_demand_types", own(data)
    demand, outcome = demand_table_of(data), outcomes_of(data)
    groups = [g for g in demand.shares if g in outcome]
    years = [y for y in demand.totals.index if y in outcome.index]
    if not groups or not years:
        raise InputMissing("published")
    said, was = demand.printed.loc[years, groups], outcome.loc[years, groups]
    error = 100 * (said / was - 1)
    table = combined(
        by_period(said, area, measure="projected_n", by="printed"),
        by_period(was, area, measure="projected_n", by="outcome"),
        by_period(error, area, measure="error_pct", by="error"),
    )
    last = years[-1]
    worst = str(error.loc[last].abs().idxmax())
    return Result(
        name=name,
        title="The printed forecast by placement type against what happened",
        subtitle=f"Children at the end of March, {data.study.authority.short_name}",
        table=table,
        measures=(PROJECTED, ERROR),
        labels=words_for(data, groups)
        | {"printed": "Forecast printed", "outcome": "Outcome printed", "error": "Error"},
        source=source_of(data, pd.concat([demand.rows, outcome_rows(data)])),
        layout=Layout(("group", "by"), ("period",), ("projected_n",)),
        text=(
            Sentence(
                "In {year} the forecast was furthest out for: {what}, with an error of {error}.",
                {
                    "error": cell(
                        name, measure="error_pct", group=worst, period=last, by="error", area=area
                    )
                },
                {"year": last, "what": words_for(data, [worst])[worst]},
            ),
        ),
        notes=("Years are read as the March of that year.",),
        published=True,
    )
