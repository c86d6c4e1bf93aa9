"""Chapter 50 from records: unaccompanied children in the years ahead, and the threshold."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from needs.care.chapter20 import unaccompanied
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import FORECAST
from needs.forecast.series.people import People
from needs.forecast.series.unaccompanied import THRESHOLDS, USUAL, limit_on, simulate
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import round_half_up

__all__ = ["unaccompanied_ahead"]

NAME = "ahead_unaccompanied"
LIMIT = "limit"
ABOVE = Measure(
    "above_pct",
    "Futures at or above the threshold",
    "percent",
    "all futures drawn",
    ("children_n",),
)


def unaccompanied_ahead(data: StudyData) -> tuple[Result, ...]:
    """Return unaccompanied children in the years ahead beside the threshold of the scheme.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and ``population`` by single year of age.

    Returns
    -------
    tuple of Result
        ``ahead_unaccompanied``: ``projected_n`` of group ``uasc`` with ``lower_80`` and
        ``upper_80``, of group ``limit`` the threshold in children; ``above_pct``, the share
        of futures at or above it. None without a population, where the scope leaves
        unaccompanied children out, or where too few are in care to be told of.
    """
    ahead, people = Ahead.of(data), People.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    mirrored = unaccompanied(data)[0]
    counts = mirrored.table[
        (mirrored.table["measure"] == "children_n") & (mirrored.table["period"] == outlook.as_at)
    ]
    now = counts.loc[counts["group"] == "uasc", "value"].sum()
    if people is None or not basis.scope.unaccompanied or now < outlook.least:
        return ()
    origin = basis.study.period.as_at
    rng = np.random.default_rng([data.study.seed, 6])
    draws = simulate(ahead.history, outlook.days, data.study.forecast.draws, rng, people)
    at = [1970 + (d - dt.date(1970, 1, 1)).days / 365.2425 + 0.75 for d in outlook.days]
    under_18 = people.on(origin, at).sum(axis=1)
    limit = np.array([limit_on(d, origin, n) for d, n in zip(outlook.days, under_18, strict=True)])
    table = pd.concat([*_rows(draws, limit, outlook.ahead), counts], ignore_index=True)
    first, last = outlook.ahead[0], outlook.ahead[-1]
    return (
        Result(
            name=NAME,
            title="Unaccompanied children in the years ahead",
            subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
            table=long_table(table),
            measures=(FORECAST, ABOVE, mirrored.measure("children_n")),
            labels={
                **mirrored.labels,
                LIMIT: "Threshold of the transfer scheme",
                **outlook.labels,
            },
            source=f"{basis.source}; population: estimates given to the study",
            layout=Layout(
                ("group", "measure"),
                ("period",),
                ("projected_n", "projected_n_lower_80", "projected_n_upper_80", "above_pct"),
            ),
            text=_said(outlook.labels, outlook.as_at, first, last),
            charts=(_picture(basis.study.authority.name, tuple(outlook.ahead)),),
            notes=_notes(origin),
            settings={**basis.settings(), **vars(USUAL)},
            rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
            mirrors=mirrored,
        ),
    )


def _picture(where: str, periods: tuple[str, ...]) -> Chart:
    return Chart(
        "threshold",
        "fan",
        "projected_n",
        "Unaccompanied children, and the threshold",
        f"Children on the day, {where}",
        "A line with a band for unaccompanied children, and a line for the threshold.",
        include={"group": ("uasc", LIMIT), "period": periods},
    )


def _rows(draws: np.ndarray, limit: np.ndarray, periods: list[str]) -> list[pd.DataFrame]:
    low, high = np.percentile(draws, [10, 90], axis=0)
    mean = [float(round_half_up(m)) for m in draws.mean(axis=0)]
    rows = [
        pd.DataFrame({"period": periods, "value": mean, "lower_80": low, "upper_80": high}).assign(
            group="uasc", measure="projected_n"
        )
    ]
    if np.isfinite(limit).all():
        whole = np.floor(limit)
        above = 100 * (draws >= whole[None, :]).mean(axis=0)
        rows.append(
            pd.DataFrame({"period": periods, "value": whole}).assign(
                group=LIMIT, measure="projected_n"
            )
        )
        rows.append(
            pd.DataFrame({"period": periods, "value": above}).assign(
                group="uasc", measure="above_pct"
            )
        )
    return rows


def _said(labels: dict[str, str], as_at: str, first: str, last: str) -> tuple[Sentence, ...]:
    return (
        Sentence(
            "{now} unaccompanied children were looked after on {day}. In a year there may be about "
            "{n}, between {low} and {high} four times in five; the threshold is then {limit}.",
            {
                "now": figure_id(NAME, "children_n", "uasc", as_at),
                "n": figure_id(NAME, "projected_n", "uasc", first),
                "low": figure_id(NAME, "projected_n_lower_80", "uasc", first),
                "high": figure_id(NAME, "projected_n_upper_80", "uasc", first),
                "limit": figure_id(NAME, "projected_n", LIMIT, first),
            },
            {"day": labels[as_at]},
        ),
        Sentence(
            "On {last} the number is at or above the threshold in {above} of the futures drawn. "
            "The threshold is no cap on children and no target: above it transfers stop, and "
            "children who arrive by themselves are looked after all the same.",
            {"above": figure_id(NAME, "above_pct", "uasc", last)},
            {"last": labels[last]},
        ),
    )


def _notes(origin: dt.date) -> tuple[str, ...]:
    known = [t for t in THRESHOLDS if t.since <= origin]
    told = "; ".join(
        f"{100 * t.share:g}% of the people under 18 from {t.since.day} {t.since:%B %Y}"
        + (", mandatory" if t.mandatory else ", voluntary")
        + f" ({t.source})"
        for t in known
    )
    return (
        f"Thresholds known on the day: {told or 'none'}. The last is taken to stay.",
        "Returns do not say whether a child was transferred or arrived in the area. Of the last "
        "two years' arrivals half are taken for each while the number was below the threshold, "
        "and all for local ones while it was not: an assumption.",
        "Nobody is taken to be transferred out, which the scheme allows above the threshold. "
        "Everybody leaves at eighteen. Arrivals may grow or fall by about a third in a year.",
    )
