"""Chapter 70: what the budget's forecast would have said in past years, and what was spent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.windows import day_words
from needs.costs.budget import outturn, places_between, ranged
from needs.costs.budget_past import past_prices
from needs.costs.budget_prices import weekly_ahead
from needs.costs.spending import Spending
from needs.forecast.ahead import Ahead
from needs.forecast.flow.model import fit_flow
from needs.forecast.history import History, day_number
from needs.sufficiency.budget import MILLION, Outturns, drift_of
from needs.vocabulary.errors import ModelError
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["HELD", "PAST", "TESTED", "budget_past", "held_before"]

NAME = "budget_past"
TESTED = "tested"
HELD = (
    Measure("held_n", "Outturns inside the range of 80%", "count"),
    Measure("too_low_n", "Forecasts that were too low", "count"),
    Measure("too_high_n", "Forecasts that were too high", "count"),
    Measure("outcomes_n", "Outturns", "count"),
)
"""What past years showed, counted."""
PAST = {"held": "held_n", "low": "too_low_n", "high": "too_high_n", "n": "outcomes_n"}
"""Words of a sentence -> measures of these."""
_MEASURES = (
    Measure("came_gbp", "Spent", "gbp_m"),
    Measure("said_gbp", "Would have been said", "gbp_m"),
    Measure("simple_gbp", "The year before, plus inflation", "gbp_m"),
    Measure("miss_pct", "Error, of what was spent, on average", "percent1"),
    Measure("simple_miss_pct", "The same of the year before, plus inflation", "percent1"),
    *HELD,
)


@STUDY.followed_by
def budget_past(data: StudyData) -> tuple[Result, ...]:
    """Return what would have been said of past years, and what was spent (``budget_past``).

    Nothing where cost lines fall into one year only, or no model can be fitted to what was known.

    Returns
    -------
    tuple of Result
        By day forecast from (``group``) and year: ``came_gbp``, ``said_gbp`` with its 80% range,
        and ``simple_gbp``, the outturn of the year before with the rise that the settings expect.
        Of all of them: mean errors, and how many outturns the ranges held.

    Notes
    -----
    Rolling origin, as in :func:`needs.forecast.backtest.rolling`. Demand is the flow model's
    alone: weights of a combination would take years before those that have cost lines.
    """
    out = Outturns.of(data)
    frame = _told(data)
    if frame.empty:
        return ()
    basis = out.spending.basis
    table = long_table(pd.concat([_long(frame), _summed(frame)], ignore_index=True))
    days = {
        str(g): f"From {day_words(dt.date.fromisoformat(g), short=True)}" for g in frame["group"]
    }
    return (
        Result(
            name=NAME,
            title="What would have been said in past years",
            subtitle=f"Million pounds on placements, gross, {basis.study.authority.name}",
            table=table,
            measures=_MEASURES,
            labels={**out.labels, **days, TESTED: "All of them", "group": "Forecast"},
            source=f"{out.spending.source}; the flow model",
            layout=Layout(
                ("group", "period"),
                ("measure",),
                ("came_gbp", "said_gbp", "said_gbp_lower_80", "said_gbp_upper_80", "simple_gbp"),
            ),
            text=(
                Sentence(
                    "Made again in past years, ranges that leave a tenth on each side held {held} "
                    "of {n} outturns; {low} of the forecasts were too low and {high} too high. "
                    "They were out by {ours} on average, and the year before plus inflation by "
                    "{simple}. So few outturns, whose years overlap, prove little.",
                    {
                        **{k: figure_id(NAME, m, ALL, TESTED) for k, m in PAST.items()},
                        "ours": figure_id(NAME, "miss_pct", ALL, TESTED),
                        "simple": figure_id(NAME, "simple_miss_pct", ALL, TESTED),
                    },
                ),
            ),
            notes=(
                "From each March only what was known then is used: returns and cost lines up to "
                "it. The rise that prices were expected to have is that of today's settings.",
                "Demand is forecast by the flow model alone here.",
                "Later corrections of earlier records and bills are in all years.",
            ),
            settings=out.settings,
            leans_on=out.leans(NAME, table, of_all=True),
        ),
    )


def _told(data: StudyData) -> pd.DataFrame:
    """Return what would have been said, worked out once; empty where there is nothing to hold."""
    return data.once(
        "budget backtest", lambda: pd.DataFrame(list(_tested(data, Outturns.of(data))))
    )


def held_before(data: StudyData) -> pd.DataFrame:
    """Return rows of :data:`HELD`, of all forecasts made again; empty where there are none."""
    frame = _told(data)
    if frame.empty:
        return frame
    rows = _summed(frame)
    return rows[rows["measure"].isin([m.key for m in HELD])]


def _tested(data: StudyData, out: Outturns) -> Iterator[dict[str, object]]:
    """Yield a row for each day forecast from and year after it that is known in whole."""
    windows = out.spending.basis.shown.windows
    spent = out.spending.of_node(out.spending.by_type("gross"), None) / MILLION
    whole = [k for k, w in enumerate(windows) if not w.part]
    rise = np.exp(drift_of(data.study.budget.rise).rise)
    for k in whole[:-1]:
        later = [j for j in whole if j > k]
        days = [windows[j].end for j in later]
        try:
            draws = _said(out.spending, out.ahead, k, days) / MILLION
        except ModelError:
            continue  # too little was known then
        made = ranged(draws, [windows[j].key for j in later])
        for j, row in zip(later, made.to_dict("records"), strict=True):
            years = windows[j].year.end_year - windows[k].year.end_year
            yield {
                "group": windows[k].end.isoformat(),
                "period": row["period"],
                "came": spent[j],
                "said": row["value"],
                "lower_80": row["lower_80"],
                "upper_80": row["upper_80"],
                "simple": spent[k] * rise**years,
            }


def _said(spending: Spending, ahead: Ahead, at: int, days: list[dt.date]) -> np.ndarray:
    """Return draws of the outturns of later years from what was known at the end of one."""
    study = spending.basis.study
    history: History = ahead.history
    origin = spending.basis.shown.windows[at].end
    known = history.cut(day_number(origin))
    rng = np.random.default_rng([study.seed, 71, origin.year])
    model = fit_flow(known)
    ends = model.simulate(days, study.forecast.tested_draws, rng).draws.astype(float)
    now = known.counts(np.array([known.until]))[0].astype(float)
    places = places_between(now, ends, rng)
    past = past_prices(_upto(spending, at), known.places, places.mean(axis=0))
    years = [(d - e).days / 365.25 for d, e in zip(days, [origin, *days], strict=False)]
    aprils = np.cumsum(np.rint(years)).tolist()
    weekly = weekly_ahead(past, drift_of(study.budget.rise), aprils, len(ends), rng)
    lengths = np.diff([day_number(d) for d in (origin, *days)])
    total: np.ndarray = outturn(places, weekly, lengths.tolist()).sum(axis=2)
    return total


def _upto(spending: Spending, at: int) -> Spending:
    """Return the spending of the first years alone."""
    basis = spending.basis
    shown = replace(basis.shown, windows=basis.shown.windows[: at + 1])
    return replace(
        spending,
        basis=replace(basis, shown=shown),
        parts=spending.parts[spending.parts["window"] <= at],
        nights=spending.nights[spending.nights["window"] <= at],
    )


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    keys = frame[["group", "period"]]
    ends = frame[["lower_80", "upper_80"]]
    said = keys.assign(measure="said_gbp", value=frame["said"]).join(ends)
    plain = [keys.assign(measure=f"{name}_gbp", value=frame[name]) for name in ("came", "simple")]
    return pd.concat([said, *plain], ignore_index=True)


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    inside = (frame["lower_80"] <= frame["came"]) & (frame["came"] <= frame["upper_80"])
    miss, simple = (
        100 * float(((frame[c] - frame["came"]).abs() / frame["came"]).mean())
        for c in ("said", "simple")
    )
    values = {
        "miss_pct": miss,
        "simple_miss_pct": simple,
        "held_n": float(inside.sum()),
        "too_low_n": float((frame["said"] < frame["came"]).sum()),
        "too_high_n": float((frame["said"] > frame["came"]).sum()),
        "outcomes_n": float(len(frame)),
    }
    rows = {"measure": list(values), "value": list(values.values())}
    return pd.DataFrame(rows).assign(group=ALL, period=TESTED)
