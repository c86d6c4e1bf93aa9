"""Chapter 50 from records: what holding and drift would have said in past years."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs.care.windows import day_words
from needs.forecast.no_change import HORIZONS, MIN_ORIGINS, backtest
from needs.forecast.outlook import AHEAD, Outlook, listed
from needs.vocabulary.periods import ReportingYear
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

__all__ = ["errors", "past_forecasts", "skill"]

METHODS = {"no_change": "Last count held", "drift": "Drift carried on"}
COUNTED, ON_DAY = "counted", "on_day"
PICTURED = 3
"""Most years ahead that the picture of past forecasts looks."""
_NOTES = (
    "Each forecast uses only the counts up to the day it is made from. An error below nought "
    "means that the forecast was too low.",
    "Drift carries on the line from the first count known to the last (Hyndman and "
    "Athanasopoulos, Forecasting: Principles and Practice, third edition). It needs two counts.",
)


_REFUSED = "it takes two ends of March at most five years apart, with enough children on each"


def _key(horizon: int) -> str:
    return f"h{horizon}"


_AHEAD = {_key(h): f"{words} ahead".capitalize() for h, words in AHEAD.items()}


def _day(year: int) -> str:
    return ReportingYear(year).end.isoformat()


def _day_labels(years: Sequence[int]) -> dict[str, str]:
    return {_day(y): day_words(ReportingYear(y).end, short=True) for y in sorted(years)}


def _tested(outlook: Outlook) -> pd.DataFrame:
    """Return the backtest of the total; no rows where children or years are too few."""
    return backtest(outlook.usable(outlook.counted))


def _result(
    outlook: Outlook,
    name: str,
    title: str,
    table: pd.DataFrame,
    measures: tuple[Measure, ...],
    layout: Layout,
    text: tuple[Sentence, ...],
    charts: tuple[Chart, ...] = (),
) -> Result:
    """Return a result of the backtest; where nothing can be tested, one that says so."""
    if table.empty:
        text, charts = (Sentence(f"Nothing is shown: {_REFUSED}."),), ()
        table = pd.DataFrame({"measure": [], "value": []})
    basis = outlook.basis
    heads = {"group": "Forecast", "by": "Made", "period": "Made from"}
    labels = {COUNTED: "Counted", **METHODS, ON_DAY: "On the day", **heads}
    return Result(
        name=name,
        title=title,
        subtitle=f"{basis.heading} at the end of March, {basis.study.authority.name}",
        table=long_table(table),
        measures=measures,
        labels={**labels, **_AHEAD, **_day_labels(list(outlook.totals.index))},
        source=basis.source,
        layout=layout,
        text=text,
        charts=charts,
        notes=_NOTES,
        settings=basis.settings(),
    )


def errors(data: StudyData) -> Result:
    """Return the error of each forecast that could have been made, by origin and horizon.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``forecast_errors``: ``error_n`` (forecast less count) by method, day it is made from
        (period) and years ahead (by); ``z`` where the day has not come, or drift has no two
        counts.
    """
    outlook = Outlook.of(data)
    tested = _tested(outlook)
    made = tested.assign(origin=tested["origin"].map(_day), by=tested["horizon"].map(_key))
    axes = ["method", "origin", "by"]
    series = made.set_index(axes)["error"]
    grid = pd.MultiIndex.from_product([series.index.unique(a) for a in axes], names=axes)
    full = series.reindex(grid).reset_index(name="value")
    none = full["value"].isna()
    table = full.rename(columns={"method": "group", "origin": "period"}).assign(
        measure="error_n", marker=none.map({True: "z", False: ""})
    )
    return _result(
        outlook,
        "forecast_errors",
        "How far simple forecasts would have been out",
        table,
        (Measure("error_n", "Error, children", "children_forecast"),),
        Layout(("group", "period"), ("by",)),
        (
            Sentence(
                "Each row is a day on which a forecast could have been made; each number is the "
                "forecast less what was counted so many years later."
            ),
        ),
    )


def skill(data: StudyData) -> Result:
    """Return the mean errors of holding and of drift by years ahead, over the same origins.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``forecast_skill``: ``mae_n`` (mean absolute error), ``mape_pct`` (in per cent of the
        count), ``bias_n`` (mean error) by method and years ahead, and ``origins_n``.
    """
    outlook = Outlook.of(data)
    tested = _tested(outlook)
    fair = tested[tested["origin"].isin(tested.loc[tested["method"] == "drift", "origin"])]
    scored = fair.assign(
        mae_n=fair["error"].abs(),
        mape_pct=100 * fair["error"].abs() / fair["outcome"],
        bias_n=fair["error"],
        origins_n=1.0,
    )
    keys = ["mae_n", "mape_pct", "bias_n"]
    means = scored.groupby(["method", "horizon"])[keys].mean()
    means["origins_n"] = scored.groupby(["method", "horizon"])["origins_n"].sum()
    wide = means.reset_index()
    table = wide.assign(group=wide["method"], by=wide["horizon"].map(_key)).melt(
        ["group", "by"], [*keys, "origins_n"], var_name="measure"
    )
    return _result(
        outlook,
        "forecast_skill",
        "Holding the last count beside carrying the drift on",
        table,
        (
            Measure("mae_n", "Mean absolute error, children", "children_forecast"),
            Measure("mape_pct", "Mean absolute error", "percent1", "children counted"),
            Measure("bias_n", "Mean error, children", "children_forecast"),
            Measure("origins_n", "Days that forecasts are made from", "count"),
        ),
        Layout(("group", "measure"), ("by",)),
        _skill_said(means) if len(means) else (),
    )


def _skill_said(means: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return the errors one year ahead and furthest ahead, and where holding did better."""
    by_method = {k: g.droplevel("method") for k, g in means.groupby("method")}
    mae = pd.DataFrame({k: g["mae_n"] for k, g in by_method.items()}).dropna()
    origins = by_method["drift"]["origins_n"]
    said = [
        Sentence(
            "Over {ahead}, holding the last count was out by {held} children on average and "
            "drift by {drift}, from the same {n} days.",
            {
                "held": figure_id("forecast_skill", "mae_n", "no_change", by=_key(h)),
                "drift": figure_id("forecast_skill", "mae_n", "drift", by=_key(h)),
                "n": figure_id("forecast_skill", "origins_n", "drift", by=_key(h)),
            },
            {"ahead": AHEAD[h]},
        )
        for h in dict.fromkeys([int(mae.index[0]), int(mae.index[-1])])
    ]
    judged = mae[origins.reindex(mae.index) >= MIN_ORIGINS]
    better = [AHEAD[int(str(h))] for h in judged.index[judged["no_change"] <= judged["drift"]]]
    if judged.empty:
        text = "There are too few days to say which of the two does better."
        return (*said, Sentence(text))
    verdict = (
        f"Holding did at least as well over {listed(better)}"
        if better
        else ("Drift did better over every number of years that can be judged")
    )
    return (
        *said,
        Sentence(
            "{verdict}. The days overlap and are few, so that this may be luck.",
            words={"verdict": verdict},
        ),
    )


def past_forecasts(data: StudyData) -> Result:
    """Return what holding and drift would have said of each past year, beside the count.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``forecast_past``: ``total_n`` on each 31 March (period) as counted, and as each method
        would have said it one to five years before (by).
    """
    outlook = Outlook.of(data)
    tested = _tested(outlook)
    told = pd.DataFrame(
        {
            "group": tested["method"],
            "by": tested["horizon"].map(_key),
            "period": (tested["origin"] + tested["horizon"]).map(_day),
            "value": tested["forecast"],
        }
    )
    seen = [y for y in outlook.totals.index if _day(y) in set(told["period"])]
    counted = pd.DataFrame(
        {
            "group": COUNTED,
            "by": ON_DAY,
            "period": [_day(y) for y in seen],
            "value": outlook.totals[seen],
        }
    )
    table = pd.concat([counted, told], ignore_index=True).assign(measure="total_n")
    return _result(
        outlook,
        "forecast_past",
        "What simple forecasts would have said in past years",
        table,
        (Measure("total_n", "Children", "children_forecast"),),
        Layout(("group", "by"), ("period",)),
        _past_said(told, outlook),
        _past_chart(told, outlook),
    )


def _past_said(told: pd.DataFrame, outlook: Outlook) -> tuple[Sentence, ...]:
    """Return what was said of the last year counted, one and most years before."""
    if told.empty:
        return ()
    last = str(told["period"].max())
    name, day = "forecast_past", _day_labels([int(last[:4])])[last]
    counted = Sentence(
        "On {day} {n} {label} were counted.",
        {"n": figure_id(name, "total_n", COUNTED, last, ON_DAY)},
        {"day": day, "label": outlook.basis.label},
    )
    drifted = told[(told["period"] == last) & (told["group"] == "drift")]["by"]
    return (
        counted,
        *(
            Sentence(
                "{ahead} before, holding would have said {held} and drift {drift}.",
                {k: figure_id(name, "total_n", g, last, by) for k, g in _SAID.items()},
                {"ahead": _AHEAD[by].removesuffix(" ahead")},
            )
            for by in dict.fromkeys([*drifted.head(1), *drifted.tail(1)])
        ),
    )


_SAID = {"held": "no_change", "drift": "drift"}


def _past_chart(told: pd.DataFrame, outlook: Outlook) -> tuple[Chart, ...]:
    """Return a picture of the forecasts of most years ahead that enough days allow."""
    held = told[told["group"] == "no_change"]["by"].value_counts()
    enough = [by for by in map(_key, HORIZONS[:PICTURED]) if held.get(by, 0) >= MIN_ORIGINS]
    if not enough:
        return ()
    ahead = _AHEAD[enough[-1]]
    basis = outlook.basis
    return (
        Chart(
            key="past",
            kind="line",
            measure="total_n",
            title=f"What was counted, and what would have been said {ahead.lower()}",
            subtitle=f"{basis.heading} at the end of March, {basis.study.authority.name}",
            alt="Lines for the count, for the last count held and for drift carried on.",
            include={"by": (ON_DAY, enough[-1])},
        ),
    )
