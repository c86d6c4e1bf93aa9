"""The range of our own forecast from a printed forecast's first March, beside what came."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, combined, own, source_of, words_for
from needs.forecast.published_origin import OURS, Origin
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence

__all__ = ["demand_ranges"]


def demand_ranges(data: StudyData) -> Result:
    """Return the range of our own method at that March, and whether the outcome lay in it.

    Returns
    -------
    Result
        ``published_origin_ranges``: by year the outcome, the middle, and low and high of 50,
        80 and 95 per cent ranges; how many outcomes lay inside.

    Raises
    ------
    InputMissing
        As for :func:`demand_origin`; or if no changes of other authorities were known.
    """
    name, area, o = "published_origin_ranges", own(data), Origin(data)
    if OURS not in o.said:
        raise InputMissing("published")
    inside = {
        level: o.outcome.between(o.ranges[low], o.ranges[high]).to_numpy()
        for level, (low, high) in {50: (0.25, 0.75), 80: (0.1, 0.9), 95: (0.025, 0.975)}.items()
    }
    ends = {"low_95": 0.025, "low_80": 0.1, "middle": 0.5, "high_80": 0.9, "high_95": 0.975}
    frames = [
        pd.DataFrame({"group": o.years, "measure": f"{key}_n", "value": o.ranges[at].to_numpy()})
        for key, at in ends.items()
    ]
    frames.append(
        pd.DataFrame({"group": o.years, "measure": "outcome_n", "value": o.outcome.to_numpy()})
    )
    counts = pd.DataFrame(
        {
            "measure": [f"inside_{level}_n" for level in inside],
            "value": [float(v.sum()) for v in inside.values()],
        }
    )
    return Result(
        name=name,
        title="The range of our own method, and whether the outcome lay in it",
        subtitle=f"Children at the end of March, {data.study.authority.short_name}, "
        f"forecast from {o.year}",
        table=combined(*(f.assign(area=area) for f in (*frames, counts))),
        measures=(*_ENDS, *_INSIDE),
        labels=words_for(data, [ALL]) | {y: f"March {y}" for y in o.years} | {"group": "Day"},
        source=source_of(data, o.rows),
        layout=Layout(("group",), ("measure",), tuple(m.key for m in _ENDS)),
        text=(
            Sentence(
                "Of the three outcomes, {n80} lay within the range for four times in five, and "
                "{n50} within the range for every second time. The other methods state no range.",
                {
                    "n80": cell(name, measure="inside_80_n", area=area),
                    "n50": cell(name, measure="inside_50_n", area=area),
                },
            ),
        ),
        notes=(
            "Low and high come from how far the counts of all authorities in England had moved "
            "by that March, over as many years; nothing later is used.",
            "Three outcomes of one path say little about whether a range is honest. The backtest "
            "over all authorities does.",
        ),
        row_notes={
            "Four times in five": {
                y: "inside" if found else "outside"
                for y, found in zip(o.years, inside[80], strict=True)
            }
        },
        published=True,
    )


_ENDS = (
    Measure("outcome_n", "Outcome", "children_forecast"),
    Measure("middle_n", "Middle", "children_forecast"),
    Measure("low_80_n", "Low, four times in five", "children_forecast"),
    Measure("high_80_n", "High, four times in five", "children_forecast"),
    Measure("low_95_n", "Low, nineteen times in twenty", "children_forecast"),
    Measure("high_95_n", "High, nineteen times in twenty", "children_forecast"),
)
_INSIDE = tuple(
    Measure(f"inside_{level}_n", f"Outcomes inside the {level}% range", "count")
    for level in (50, 80, 95)
)
