"""Chapter 50 from records: the total as each method has it, the last count held among them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs.forecast.ahead import Ahead, methods_of
from needs.forecast.ahead_words import ranges, settings
from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.combine import COMBINED
from needs.forecast.method_words import METHOD_WORDS
from needs.forecast.shape import Forecast
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import round_half_up

__all__ = ["each_ahead"]

NAME = "ahead_each"


def each_ahead(data: StudyData) -> Result:
    """Return the total as each method has it, the last count held among them.

    Returns
    -------
    Result
        ``ahead_each``: ``total_n`` on the next five 31 Marches with ``lower_80`` and
        ``upper_80`` by method; ``weight_pct`` in the combined forecast.
    """
    ahead = Ahead.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    made = {COMBINED: ahead.forecast, **ahead.each}
    shown = [m for m in METHOD_WORDS if m in made and made[m].total().mean() >= outlook.least]
    frames = [_rows(ahead, method, made[method]) for method in shown]
    empty = pd.DataFrame({"measure": [], "value": []})
    return Result(
        name=NAME,
        title="The total as each method has it",
        subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
        table=long_table(pd.concat(frames, ignore_index=True) if frames else empty),
        measures=(
            Measure("total_n", "Children", "children_forecast"),
            Measure("weight_pct", "Weight in the combined forecast", "percent"),
        ),
        labels={**METHOD_WORDS, **outlook.labels, "group": "Method"},
        source=basis.source,
        layout=Layout(
            ("group", "measure"),
            ("period",),
            ("total_n", "total_n_lower_80", "total_n_upper_80"),
        ),
        text=_said(ahead, shown),
        notes=(
            "Each method stands alone, as wide as it claims itself; the combined forecast puts "
            "those together that have proved themselves in past years.",
            "The last value holds the last count for every year ahead, and is the measure of "
            "every other. Fixed shares grow with the total's own past, less the policy reduction "
            "of the commissioning strategy of 2020 to 2025; it states no range.",
            *_of_people(ahead, "population" in methods_of(data)),
        ),
        settings={
            **settings(ahead),
            **{k: dict(f.settings) for k, f in ahead.each.items() if f.settings},
        },
    )


def _rows(ahead: Ahead, method: str, forecast: Forecast) -> pd.DataFrame:
    of = ranges(forecast.total(), ahead.outlook.ahead)
    of["value"] = [float(round_half_up(v)) for v in of["value"]]
    if method == YARDSTICK:
        # The count itself, and not the mean of what it may become.
        of["value"] = float(ahead.outlook.counted.iloc[-1])
    if method == "share_method":
        of = of.drop(columns=["lower_80", "upper_80"])
    rows = of.assign(measure="total_n", group=method)
    if method == COMBINED:
        return rows
    weight = 100 * ahead.tested.weights.get(method, 0.0)
    weighed = pd.DataFrame([{"measure": "weight_pct", "group": method, "value": weight}])
    return pd.concat([rows, weighed], ignore_index=True)


def _said(ahead: Ahead, shown: Sequence[str]) -> tuple[Sentence, ...]:
    """Return what holding the last count says, how far methods differ, and the population's."""
    if YARDSTICK not in shown:
        return ()
    last = ahead.outlook.ahead[-1]
    day = ahead.outlook.labels[last]

    def ref(method: str, end: str = "") -> str:
        return figure_id(NAME, "total_n" + end, method, last)

    said = [
        Sentence(
            "If nothing changes, {n} stand on {day} as today; the last value's own past says "
            "between {low} and {high}. It weighs {weight} in the combined forecast.",
            {
                "n": ref(YARDSTICK),
                "low": ref(YARDSTICK, "_lower_80"),
                "high": ref(YARDSTICK, "_upper_80"),
                "weight": figure_id(NAME, "weight_pct", YARDSTICK),
            },
            {"day": day},
        ),
    ]
    means = {m: float(ahead.each[m].total()[:, -1].mean()) for m in shown if m != COMBINED}
    means[YARDSTICK] = float(ahead.outlook.counted.iloc[-1])
    least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    said.append(
        Sentence(
            "For {day} the methods say between {low} (“{least}”) and {high} (“{most}”).",
            {"low": ref(least), "high": ref(most)},
            {"day": day, "least": METHOD_WORDS[least], "most": METHOD_WORDS[most]},
        )
    )
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


def _of_people(ahead: Ahead, offered: bool) -> tuple[str, ...]:
    """Return what the population to come is, or what it takes."""
    if "population" not in ahead.each:
        needs = "Rates over a population need its estimates by single year of age."
        return () if offered else (needs,)
    how = (
        "a projection, carried cohort by cohort to the level of the estimates that rates stand on"
        if ahead.each["population"].settings["projection"]
        else "cohorts aged by the ratios of past years, since no projection is given"
    )
    return (
        f"The population to come is {how}. Rates leave unaccompanied children out; those are "
        "forecast apart.",
    )
