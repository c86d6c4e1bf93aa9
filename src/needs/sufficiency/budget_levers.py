"""Chapter 70: what each scenario, and each lever of it, is worth a year in pounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from needs.costs.budget import Floats
from needs.forecast.ahead_levers import lever_of
from needs.forecast.ahead_scenarios import LEVER_WORDS
from needs.forecast.flow.attribution import attribute
from needs.forecast.flow.model import FlowModel
from needs.forecast.shape import Forecast
from needs.sufficiency.budget import Outturns
from needs.vocabulary.kin import STUDY
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
from needs.vocabulary.scenarios import Scenario

__all__ = ["as_it_is", "budget_levers"]

NAME = "budget_levers"
THOUSAND = 1e3
_WORTH = Measure("worth_gbp", "More or less spent, gross", "gbp_k")
_MEAN = Measure("mean_gbp", "More or less spent a year, on average", "gbp_k")
_ERROR = Measure("error_gbp", "Standard error of that, from chance", "gbp_k")


def as_it_is(data: StudyData, model: FlowModel) -> Forecast:
    """Return the flow model's futures without any lever, those that scenarios differ from."""
    study = data.study

    def lived() -> Forecast:
        days = Outturns.of(data).ahead.outlook.days
        rng = np.random.default_rng(study.seed)
        return model.simulate(days, study.forecast.scenario_draws, rng)

    return data.once("flow model as it is", lived)


@STUDY.followed_by
def budget_levers(data: StudyData) -> tuple[Result, ...]:
    """Return what each scenario of the study is worth a year in pounds (``budget_levers``).

    Nothing where the study has none, or the flow model could not be fitted.

    Returns
    -------
    tuple of Result
        By scenario (``group``) and year: ``worth_gbp``, what is spent more or less, with its 80%
        range; by lever (``by``) where a scenario has several. ``mean_gbp`` over the years with
        its standard error ``error_gbp``.
    """
    out = Outturns.of(data)
    model, wanted = out.ahead.model, data.study.scenarios
    if model is None or not wanted:
        return ()
    base = as_it_is(data, model)
    found = [row for s in wanted for row in _of_scenario(out, model, base, s)]
    levers = {
        _key(i, x.lever): LEVER_WORDS[x.lever]
        for s in wanted
        for i, x in enumerate(s.levers, start=1)
    }
    basis = out.spending.basis
    table = long_table(pd.DataFrame(found))
    return (
        Result(
            name=NAME,
            title="What each scenario is worth in pounds",
            subtitle="Change in gross spending on placements, "
            f"{basis.study.authority.name}, {out.year_keys[0]} to {out.year_keys[-1]}",
            table=table,
            measures=(_WORTH, _MEAN, _ERROR),
            labels={
                **{s.key: s.label for s in wanted},
                **out.labels,
                **levers,
                "": "All its levers",
                "group": "If",
                "by": "Through",
                WHOLE: "Each year, on average",
            },
            source=f"{out.spending.source}; scenarios of the study's settings",
            layout=Layout(("group", "by"), ("period",), ("worth_gbp",)),
            text=_said(wanted, out.year_keys[-1]),
            charts=(_picture(out, wanted),),
            notes=(
                "Each scenario lives the futures of the flow model again with its changes alone, "
                "child by child, so that what differs is the scenario and not chance; then what "
                "differs is paid for at the price of its placement type in that year.",
                "What a plan costs to carry out is not in it, nor that it may change prices. Low "
                "and high, in the table's file, leave one future in ten on each side.",
                "A lever's part is the mean of what it adds over all orders in which the levers "
                "of its scenario could come.",
            ),
            settings={**out.settings, "draws": data.study.forecast.scenario_draws},
            leans_on=out.leans(NAME, table, of_all=True),
        ),
    )


WHOLE = "each_year"


def _key(at: int, lever: str) -> str:
    return f"lever_{at}_{lever}"


def _of_scenario(
    out: Outturns, model: FlowModel, base: Forecast, scenario: Scenario
) -> Iterator[dict[str, object]]:
    """Yield rows of a scenario, and of its levers where there are several."""
    levers = [lever_of(x) for x in scenario.levers]
    study, days = out.spending.basis.study, base.days
    draws = study.forecast.scenario_draws
    if len(levers) == 1:
        rng = np.random.default_rng(study.seed)
        lived = model.simulate(days, draws, rng, levers).draws
        yield from _rows(out, days, lived.astype(float) - base.draws, scenario.key)
        return
    apart = attribute(model, levers, days, draws, study.seed)
    yield from _rows(out, days, apart.whole, scenario.key)
    for i, (x, part) in enumerate(zip(scenario.levers, apart.parts, strict=True), start=1):
        yield from _rows(out, days, part, scenario.key, _key(i, x.lever))


def _rows(
    out: Outturns, days: Sequence[dt.date], change: Floats, key: str, by: str = ""
) -> Iterator[dict[str, object]]:
    """Yield pounds of a change in children, shape (draws, days, types), year by year."""
    gbp = out.worth(change).sum(axis=2) / THOUSAND
    at = {"group": key, "by": by}
    for year, low, high, mean in zip(
        out.year_keys, *np.percentile(gbp, [10, 90], axis=0), gbp.mean(axis=0), strict=True
    ):
        ends = {"lower_80": min(low, mean), "upper_80": max(high, mean)}
        yield {**at, "period": year, "measure": "worth_gbp", "value": mean, **ends}
    each = gbp.mean(axis=1)
    error = float(each.std(ddof=1) / np.sqrt(len(each)))
    for measure, value in (("mean_gbp", float(each.mean())), ("error_gbp", error)):
        yield {**at, "period": WHOLE, "measure": measure, "value": value}


def _said(wanted: Sequence[Scenario], last: str) -> tuple[Sentence, ...]:
    """Return what each scenario is worth on average and in the last year."""
    return tuple(
        Sentence(
            "“{scenario}”: {mean} a year on average (standard error {error}), and {n} in {year}, "
            "between {low} and {high} as chance falls.",
            {
                "mean": figure_id(NAME, "mean_gbp", s.key, WHOLE),
                "error": figure_id(NAME, "error_gbp", s.key, WHOLE),
                "n": figure_id(NAME, "worth_gbp", s.key, last),
                "low": figure_id(NAME, "worth_gbp_lower_80", s.key, last),
                "high": figure_id(NAME, "worth_gbp_upper_80", s.key, last),
            },
            {"scenario": s.label, "year": last},
        )
        for s in wanted
    )


def _picture(out: Outturns, wanted: Sequence[Scenario]) -> Chart:
    return Chart(
        key="worth",
        kind="line",
        measure="worth_gbp",
        title="What each scenario would spend more or less",
        subtitle="Change in gross spending on placements, thousand pounds, "
        f"{out.spending.basis.study.authority.name}",
        alt="Lines, one for each scenario, of the change in spending by year.",
        include={"group": tuple(s.key for s in wanted), "by": ("",)},
    )
