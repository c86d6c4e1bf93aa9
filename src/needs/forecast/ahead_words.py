"""What every table of the forecast says of itself: settings, notes, ranges, and what they held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.combine import COMBINED
from needs.vocabulary.results import Chart, Measure, Sentence, figure_id

__all__ = [
    "FEW",
    "FORECAST",
    "HELD",
    "LEVEL",
    "SHOWN",
    "fan",
    "held",
    "held_rows",
    "held_said",
    "notes",
    "ranges",
    "settings",
    "uncertainty",
]

FORECAST = Measure("projected_n", "Children", "children_forecast", derived_from=("children_n",))
LEVEL = Measure("level_n", "Children", "children_forecast", derived_from=("children_n",))
"""Counted and forecast in one line, for the picture."""

HELD = (
    Measure("held_pct", "Past outcomes that such ranges held", "percent"),
    Measure("tested_n", "Past outcomes", "count"),
    Measure("origins_n", "Days forecast from", "count"),
)
"""What ranges that leave a tenth on each side have held in the backtest."""

SHOWN = ("projected_n", "projected_n_lower_80", "projected_n_upper_80")
PAST = "past"
FEW = 10
"""With fewer days forecast from, a share that was held may well be another: it is said."""

Floats = npt.NDArray[np.float32]


def settings(ahead: Ahead) -> dict[str, object]:
    """Return what the forecast was made with."""
    study, tested = ahead.outlook.basis.study, ahead.tested
    return {
        **ahead.outlook.basis.settings(),
        "method": "combined",
        "draws": study.forecast.draws,
        "weights": {k: round(w, 3) for k, w in tested.weights.items()},
        "width": round(tested.widths.total, 3),
        "width_of_types": round(tested.widths.others, 3),
        "seed": study.seed,
    }


def notes(ahead: Ahead) -> tuple[str, ...]:
    """Return how the forecast is made, in words."""
    return (
        "Each number is the mean of many futures drawn from several methods, each in proportion "
        "to its skill in past years. Low and high leave one future in ten below and one in ten "
        "above. They are made as wide as past errors ask, draw by draw, so that types and ages "
        "still add up. What they held in past years is said beside them; it is no promise.",
        "Plans, new homes and changes in law are not in it, unless a scenario says so.",
        *ahead.why,
        *ahead.forecast.notes,
    )


def uncertainty(ahead: Ahead) -> str:
    """Return what the range rests on, in words."""
    if not len(ahead.rows()):
        return (
            "Too few years are known to test this on past years: weights and ranges rest on what "
            "holds for authorities of known truth, and the ranges may be too narrow."
        )
    if list(ahead.tested.weights) == [YARDSTICK]:
        return "No method has beaten the last count in past years, so that the last count is held."
    return (
        "The range comes from chance, from rates that few years tell, and from rates that drift "
        "from year to year, and is as wide as past errors were."
    )


def held(ahead: Ahead, group: str) -> pd.DataFrame:
    """Return the scores of the combined forecast for a row; none where it is not tested."""
    rows = ahead.rows((group,))
    return rows[rows["method"] == COMBINED] if len(rows) else rows


def held_rows(ahead: Ahead, groups: Sequence[str]) -> list[pd.DataFrame]:
    """Return :data:`HELD` of each group that could be tested, over all years ahead."""
    found = []
    for group in groups:
        rows = held(ahead, group)
        if len(rows):
            values = (100 * rows["inside_80"].mean(), len(rows), rows["origin"].nunique())
            made = {"measure": [m.key for m in HELD], "value": [float(v) for v in values]}
            found.append(pd.DataFrame({"group": group, "period": PAST, **made}))
    return found


def held_said(ahead: Ahead, result: str, group: str, who: str) -> Sentence:
    """Return what ranges of a row have held in past years, in words.

    Parameters
    ----------
    ahead : Ahead
    result : str
        Name of the result that has :func:`held_rows`.
    group : str
    who : str
        Words before "ranges", such as ``Such``.
    """
    rows = held(ahead, group)
    if not len(rows):
        return Sentence(
            "{who} ranges leave one future in ten on each side. What they would have held in past "
            "years cannot be told: there are too few years, or too few children in them.",
            words={"who": who},
        )
    few = rows["origin"].nunique() < FEW
    return Sentence(
        "{who} ranges, made again in past years to leave one future in ten on each side, held "
        "{share} of {n} outcomes, from {days} days.{doubt}",
        {
            "share": figure_id(result, "held_pct", group, PAST),
            "n": figure_id(result, "tested_n", group, PAST),
            "days": figure_id(result, "origins_n", group, PAST),
        },
        {
            "who": who,
            "doubt": " So few days, whose years overlap, cannot show what share they will hold."
            if few
            else "",
        },
    )


def ranges(draws: Floats, periods: Sequence[str], *, wide: bool = False) -> pd.DataFrame:
    """Return mean and equal-tailed bounds of draws, shape (draws, days), by period."""
    levels = {"lower_80": 10.0, "upper_80": 90.0}
    levels |= {"lower_95": 2.5, "upper_95": 97.5} if wide else {}
    cuts = np.percentile(draws, list(levels.values()), axis=0)
    bounds = dict(zip(levels, cuts, strict=True))
    return pd.DataFrame({"period": periods, "value": draws.mean(axis=0, dtype=float), **bounds})


def fan(ahead: Ahead, groups: tuple[str, ...], key: str, title: str) -> Chart:
    """Return the picture of some rows: counted, and forecast inside bands."""
    outlook = ahead.outlook
    return Chart(
        key=key,
        kind="fan",
        measure="level_n",
        title=title,
        subtitle=outlook.basis.stock_subtitle("Children counted on the day") + ", then forecast",
        alt="A line counted and then forecast, inside a band that widens with the years.",
        include={"group": groups, "period": (*outlook.basis.date_keys, *outlook.ahead)},
    )
