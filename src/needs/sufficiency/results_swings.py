"""A tornado: the present value with each input at its low and its high end, others central."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.invest_outcome import Swing
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["tornado"]

AT = {"at_low": "At its low end", "at_high": "At its high end"}
VALUE, CHANGE = "npv_gbp_k", "change_gbp_k"
LEAST = 1.0
"""Pounds below which an input moves nothing: what is left of adding up in another order."""


def tornado(
    name: str,
    subject: str,
    swung: Sequence[Swing],
    central: Mapping[str, float],
    words: Mapping[str, str],
    place: str,
    common: Mapping[str, Any],
) -> Result:
    """Return present values by scheme (``group``), input (``by``) and end (``period``).

    Parameters
    ----------
    name : str
        Of the result.
    subject : str
        Whose value, in words.
    swung : sequence of Swing
        The widest first.
    central : mapping of str to float
        Scheme -> present value with every input central, in pounds.
    words : mapping of str to str
        Input -> words.
    place : str
        Subtitle, with a pair of braces where it says what is measured.
    common : mapping
        ``labels`` of the schemes, and what else the result shares with its neighbours.
    """
    found = [s for s in swung if abs(s.high - s.low) >= LEAST]
    rows = [
        (s.key, s.input, at, v / 1000, (v - central[s.key]) / 1000)
        for s in found
        for at, v in zip(AT, (s.low, s.high), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["group", "by", "period", VALUE, CHANGE])
    inputs = {s.input: words[s.input] for s in found}
    top = [s for s in found if s.key == ALL][:1]
    return Result(
        name=name,
        title=f"What the value of {subject} hangs on",
        subtitle=place.format("Net present value, one input moved and others central"),
        table=wide_rows(frame, ["group", "by", "period"]),
        measures=(
            Measure(VALUE, "Net present value", "gbp_k"),
            Measure(CHANGE, "Change of the net present value", "gbp_k"),
        ),
        layout=Layout(("group", "by"), ("period",), (VALUE,)),
        text=tuple(
            Sentence(
                "The value hangs most on “{input}”: {low} at its low end, {high} at its high.",
                {
                    "low": figure_id(name, VALUE, ALL, "at_low", s.input),
                    "high": figure_id(name, VALUE, ALL, "at_high", s.input),
                },
                {"input": words[s.input]},
            )
            for s in top
        ),
        charts=tuple(_picture(subject, place) for _ in top),
        notes=("Where several are told together, an input moves in all of them at once.",),
        **{**common, "labels": {**common["labels"], **inputs, **AT, "by": "Input"}},
    )


def _picture(subject: str, place: str) -> Chart:
    return Chart(
        key="swings",
        kind="bar",
        measure=CHANGE,
        x="by",
        series="period",
        title=f"What moves the value of {subject}",
        subtitle=place.format("Change when one input goes to either end"),
        alt="Two bars for each input: the change at its low end, and at its high end.",
        include={"group": (ALL,)},
    )
