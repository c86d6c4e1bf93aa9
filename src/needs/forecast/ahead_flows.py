"""Chapter 50 from records: who may come into care and leave it in the years ahead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import round_half_up

__all__ = ["flows_ahead"]

WORDS = {
    "entries": "Come into care",
    "uasc": "of these, unaccompanied",
    "exits": "Leave care",
    "at_18": "of these, at eighteen",
}


def flows_ahead(data: StudyData) -> tuple[Result, ...]:
    """Return entries and exits of the flow model by year ahead (``ahead_flows``).

    A row with fewer children than a count needs to be shown is left out. Nothing where the
    flow model could not be fitted.
    """
    ahead = Ahead.of(data)
    if "flow" not in ahead.each:
        return ()
    outlook, basis = ahead.outlook, ahead.outlook.basis
    parts = ahead.each["flow"].parts
    entries, exits = parts["entries"], parts["exits"]
    draws = {
        "entries": entries.draws.sum(axis=2),
        "uasc": entries.draws[:, :, entries.groups.index("uasc")],
        "exits": exits.draws.sum(axis=2),
        "at_18": exits.draws[:, :, exits.groups.index("at_18")],
    }
    frames, left = [], []
    for key, d in draws.items():
        mean = d.mean(axis=0, dtype=float)
        if mean.min() < outlook.least:
            left.append(WORDS[key])
            continue
        low, high = np.percentile(d, [10, 90], axis=0)
        whole = [float(round_half_up(m)) for m in mean]
        bounds = {"value": whole, "lower_80": low, "upper_80": high}
        frames.append(pd.DataFrame({"group": key, "period": outlook.ahead, **bounds}))
    said = _first_year(left, outlook.ahead[0]) if frames else ()
    table = (
        pd.concat(frames, ignore_index=True).assign(measure="events_n")
        if frames
        else pd.DataFrame({"measure": [], "value": []})
    )
    return (
        Result(
            name="ahead_flows",
            title="Coming into care and leaving it in the years ahead",
            subtitle=f"Children in the year up to the day, {basis.study.authority.name}",
            table=long_table(table),
            measures=(Measure("events_n", "Children", "children_forecast"),),
            labels={**WORDS, **outlook.labels, "group": "Children who"},
            source=basis.source,
            layout=Layout(("group", "measure"), ("period",)),
            text=said,
            notes=(
                "From the flow model alone: methods without flows cannot tell them. Today's count, "
                "with who comes and without who leaves, is the flow model's total, which “The "
                "total as each method has it” shows; it is not the combined forecast's. Periods "
                "of care are counted, so that a child who comes twice counts twice.",
                *(("Rows with few children are left out.",) if left else ()),
                *(("The first row of days covers less than a year.",) if outlook.part_year else ()),
            ),
            settings={**basis.settings(), "method": "flow"},
        ),
    )


def _first_year(left: Sequence[str], day: str) -> tuple[Sentence, ...]:
    """Return who comes and leaves in the first year, and of which total that is a part."""
    if {WORDS["entries"], WORDS["exits"]} & set(left):
        return ()
    return (
        Sentence(
            "In the first year about {entries} children come into care and {exits} leave it. "
            "They are the flow model's own, and make its total, not the combined one, which "
            "other methods share in.",
            {k: figure_id("ahead_flows", "events_n", k, day) for k in ("entries", "exits")},
        ),
    )
