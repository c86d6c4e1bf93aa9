"""Chapter 50 from printed totals alone: what simple methods say, and how they would have done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.published_figures import source_of
from needs.care.windows import day_words
from needs.forecast.backtest import HORIZONS
from needs.forecast.backtest_annual import (
    ANNUAL_METHODS,
    ANNUAL_WORDS,
    annual_rows,
    annual_totals_of,
    annual_totals_printed,
    quantiles_ahead,
)
from needs.forecast.backtest_scores import VERDICTS, YARDSTICK, summary, verdicts
from needs.forecast.outlook import AHEAD
from needs.forecast.series.annual import POINTS
from needs.vocabulary.errors import ModelError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import round_half_up

__all__ = ["annual_totals"]

NAME = "annual_totals"
BEST = "england"
"""Method whose words come first: it has won on authorities that it was not developed on."""


def annual_totals(data: StudyData) -> Result:
    """Return what methods say from printed totals alone, and their scores in past years.

    Parameters
    ----------
    data : StudyData
        A study whose published tables print totals at the end of March.

    Returns
    -------
    Result
        ``annual_totals``: ``total_n`` of five years by method (group) and day, with
        ``lower_80`` and ``upper_80``; ``crps_n``, ``mae_n``, ``held_pct`` and ``origins_n`` of the
        backtest by method, where years are enough.
    """
    totals = annual_totals_of(data)
    last = int(totals.index[-1])
    table = [_ahead(totals, h, ReportingYear(last + h).end.isoformat()) for h in HORIZONS]
    rows, why = _tested(totals)
    if len(rows):
        table.append(_scores(rows))
    days = {ReportingYear(last + h).end.isoformat(): h for h in HORIZONS}
    labels = {d: day_words(ReportingYear(last + h).end, short=True) for d, h in days.items()}
    held = {f"h{h}": f"{words} ahead".capitalize() for h, words in AHEAD.items()}
    return Result(
        name=NAME,
        title="From printed totals alone",
        subtitle=f"Children at the end of March, forecast, {data.study.authority.short_name}",
        table=long_table(pd.concat(table, ignore_index=True)),
        measures=(
            Measure("total_n", "Children", "children_forecast"),
            Measure("mae_n", "Mean absolute error in past years, children", "children_forecast"),
            Measure("crps_n", "CRPS in past years, children", "children_forecast"),
            Measure("held_pct", "Past outcomes inside the range of 80%", "percent"),
            Measure("outcomes_n", "Past outcomes", "count"),
            Measure("origins_n", "Days forecast from", "count"),
        ),
        labels={**ANNUAL_WORDS, **labels, **held, "group": "Method", "past": "In past years"},
        source=source_of(data, annual_totals_printed(data)),
        layout=Layout(("group", "measure"), ("period",), SHOWN),
        text=(*_said(max(days), labels[max(days)]), *_verdict(rows)),
        notes=(
            "Only the totals that follow each other up to the last are used. Changes of all "
            "authorities are those of the Department's counts of children looked after known at "
            "the day forecast from.",
            *why,
        ),
        published=True,
    )


SHOWN = ("total_n", "total_n_lower_80", "total_n_upper_80")


def _ahead(totals: pd.Series[float], ahead: int, day: str) -> pd.DataFrame:
    said = quantiles_ahead(totals, ahead)
    cuts = {k: np.interp([0.1, 0.5, 0.9], POINTS, q) for k, q in said.items()}
    return pd.DataFrame(
        [
            {
                "group": k,
                "period": day,
                "measure": "total_n",
                "value": float(round_half_up(middle)),
                "lower_80": low,
                "upper_80": high,
            }
            for k, (low, middle, high) in cuts.items()
        ]
    )


def _tested(totals: pd.Series[float]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    try:
        return annual_rows(totals), ()
    except ModelError:
        return pd.DataFrame(), ("Too few years are printed to test any method on past ones.",)


def _scores(rows: pd.DataFrame) -> pd.DataFrame:
    scores = summary(rows)
    pooled = scores[scores["horizon"] == 0].set_index("method").to_dict("index")
    named = {"mae_n": "mae", "crps_n": "crps", "held_pct": "cover_80", "origins_n": "origins_n"}
    found = [
        {"group": m, "period": "past", "measure": k, "value": float(pooled[m][column])}
        for m in ANNUAL_METHODS
        for k, column in named.items()
    ]
    n = float((rows["method"] == YARDSTICK).sum())
    found += [
        {"group": m, "period": "past", "measure": "outcomes_n", "value": n} for m in ANNUAL_METHODS
    ]
    return pd.DataFrame(found)


def _said(day: str, words: str) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return figure_id(NAME, measure, BEST, day)

    return (
        Sentence(
            "“{method}” says {n} for {day}, between {low} and {high}.",
            {"n": ref("total_n"), "low": ref("total_n_lower_80"), "high": ref("total_n_upper_80")},
            {"method": ANNUAL_WORDS[BEST], "day": words},
        ),
    )


def _verdict(rows: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return how each method would have done, and whether that is more than luck."""
    if not len(rows):
        return ()
    judged = verdicts(rows).set_index("method")

    def ref(measure: str, method: str) -> str:
        return figure_id(NAME, measure, method, "past")

    return tuple(
        Sentence(
            "“{method}” would have had a CRPS of {crps} children against {last} for the last "
            "value, and its ranges held {held} of {n} outcomes, from {days} days. It is {verdict}.",
            {
                "crps": ref("crps_n", m),
                "last": ref("crps_n", YARDSTICK),
                "held": ref("held_pct", m),
                "n": ref("outcomes_n", m),
                "days": ref("origins_n", m),
            },
            {"method": ANNUAL_WORDS[m], "verdict": VERDICTS[str(judged.loc[m, "verdict"])]},
        )
        for m in ANNUAL_METHODS
        if m != YARDSTICK
    )
