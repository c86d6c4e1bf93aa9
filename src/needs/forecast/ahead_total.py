"""Chapter 50 from records: the total in the years ahead, combined and as each method has it."""

from __future__ import annotations

import pandas as pd

from needs.care.chapter20 import stock
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import (
    FORECAST,
    HELD,
    LEVEL,
    SHOWN,
    fan,
    held_rows,
    held_said,
    notes,
    ranges,
    settings,
    uncertainty,
)
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Layout,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.units import round_half_up

__all__ = ["total_ahead"]


def total_ahead(data: StudyData) -> Result:
    """Return the total of the combined forecast, with ranges as wide as past errors ask.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``ahead_total``: ``projected_n`` on the next five 31 Marches with ``lower_80`` to
        ``upper_95``; ``level_n``, counted and forecast; what such ranges have held.
    """
    ahead = Ahead.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    mirrored = stock(data)
    counts = mirrored.table[mirrored.table["measure"] == "children_n"]
    counts = counts[counts["period"].isin(basis.date_keys)]
    of_total = ranges(ahead.forecast.total(), outlook.ahead, wide=True)
    of_total["value"] = [float(round_half_up(v)) for v in of_total["value"]]
    past = pd.DataFrame({"period": basis.date_keys, "value": outlook.counted.to_numpy()})
    frames = [
        of_total.assign(measure="projected_n", group=ALL),
        pd.concat([past, of_total]).assign(measure="level_n", group=ALL),
        counts[counts["group"] == ALL],
        *held_rows(ahead, (ALL,)),
    ]
    last = outlook.ahead[-1]
    return Result(
        name="ahead_total",
        title=f"{basis.heading} in the years ahead",
        subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
        table=long_table(pd.concat(frames, ignore_index=True)),
        measures=(FORECAST, LEVEL, *HELD, mirrored.measure("children_n")),
        labels={ALL: f"All {basis.label}", **outlook.labels, "past": "In past years"},
        source=basis.source,
        layout=Layout(
            ("period",), ("measure",), (*SHOWN, "projected_n_lower_95", "projected_n_upper_95")
        ),
        text=(
            Sentence(
                "{now} {label} were counted on {day}. On {last} there may be about {n}, between "
                "{low} and {high}.",
                {
                    "now": figure_id("ahead_total", "children_n", ALL, outlook.as_at),
                    "n": figure_id("ahead_total", "projected_n", ALL, last),
                    "low": figure_id("ahead_total", "projected_n_lower_80", ALL, last),
                    "high": figure_id("ahead_total", "projected_n_upper_80", ALL, last),
                },
                {
                    "label": basis.label,
                    "day": outlook.labels[outlook.as_at],
                    "last": outlook.labels[last],
                },
            ),
            held_said(ahead, "ahead_total", ALL, "Such"),
            Sentence("{how}", words={"how": uncertainty(ahead)}),
        ),
        charts=(fan(ahead, (ALL,), "total", f"{basis.heading}: counted, and forecast"),),
        notes=notes(ahead),
        settings=settings(ahead),
        rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
        mirrors=mirrored,
    )
