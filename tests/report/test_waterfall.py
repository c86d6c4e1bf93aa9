"""A waterfall: steps follow one another, across nought too, and are told without colour."""

from __future__ import annotations

import json
from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from needs.report.chart_words import alternative
from needs.report.picture import Picture
from needs.report.waterfall import waterfall
from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import Chart

pytestmark = pytest.mark.unit

WORDS = {
    "before": "Spent in the year before",
    "more": "Number of children",
    "less": "Price of a night",
    "same": "Nights of each child",
    "after": "Spent in the year",
}


def picture(**values):
    """Return a picture of steps; a value of None is withheld."""
    chart = Chart(
        "steps", "waterfall", "gbp", "t", "s", "Steps", x="by", ends=("before", "after")
    )  # fmt: skip
    rows = {}
    for by, v in values.items():
        text = "" if v is None else f"{v}.00"
        rows["gbp", "all", by] = ReleasedRow(
            "id", "", "", "gbp", "all", by, text, "c" if v is None else f"£{v}", "gbp",
            "c" if v is None else "", "",
        )  # fmt: skip
    return Picture(chart, SimpleNamespace(labels=WORDS), tuple(values), ("all",), rows)


def bars(traces):
    """Return where each bar begins and ends, by its words."""
    return {
        y.split("<br><b>")[0].replace("<br>", " "): (t["name"], b, b + x)
        for t in traces
        if t["type"] == "bar"
        for y, b, x in zip(t["y"], t["base"], t["x"], strict=True)
    }


def test_each_step_begins_where_the_one_before_ended_also_across_nought():
    p = picture(before=30, more=50, less=-120, same=0, after=-40)
    traces, layout = waterfall(p, [])
    assert 0 < layout["meta"]["rows"] < layout["height"]  # kept in print
    found = bars(traces)
    assert found[WORDS["more"]] == ("▲ adds", 30, 80)
    assert found[WORDS["less"]] == ("▼ takes away", 80, -40)
    assert found[WORDS["after"]][1:] == (0, -40)
    joins = next(t for t in traces if t["type"] == "scatter")
    assert joins["x"] == [30, 30, None, 80, 80, None, -40, -40, None, -40, -40, None]
    go.Figure(json.loads(json.dumps({"data": traces, "layout": layout})))


def test_a_rise_and_a_fall_differ_by_sign_and_arrow_and_number_beside_the_bar():
    traces, layout = waterfall(picture(before=30, more=50, less=-20, same=0, after=60), [])
    beside = [p.split("<b>")[1] for p in layout["yaxis"]["categoryarray"]]
    assert beside == ["£30</b>", "▲ £50</b>", "▼ £-20</b>", "£0</b>", "£60</b>"]
    colours = {t["name"]: t["marker"]["color"] for t in traces if t["type"] == "bar"}
    assert len(set(colours.values())) == 3
    # A telephone is about 44 letters wide.
    lines = [x for p in layout["yaxis"]["categoryarray"] for x in p.split("<br>")]
    assert all(len(x.replace("<b>", "").replace("</b>", "")) <= 20 for x in lines)


def test_what_follows_a_withheld_step_has_no_place_but_the_end_has():
    traces, layout = waterfall(picture(before=30, more=None, less=-20, same=0, after=60), [])
    assert set(bars(traces)) == {WORDS["before"], WORDS["after"]}
    assert "<b>c</b>" in layout["yaxis"]["categoryarray"][1]
    assert "<b>▼ £-20</b>" in layout["yaxis"]["categoryarray"][2]


def test_the_words_tell_both_ends_and_what_moved_it_most():
    p = picture(before=30, more=50, less=-20, same=0, after=60)
    said = alternative(p.chart, p.result, p.series, p.xs, p.row)
    assert said == (
        "Steps. Spent in the year before £30; Spent in the year £60; Number of children adds the "
        "most, £50; Price of a night takes away the most, £-20."
    )


@pytest.mark.parametrize(
    ("kind", "ends"), [("waterfall", ()), ("waterfall", ("before",)), ("bar", ("before", "after"))]
)
def test_a_waterfall_and_no_other_has_two_ends(kind, ends):
    with pytest.raises(ValueError, match="two ends"):
        Chart("steps", kind, "gbp", "t", "s", "alt", ends=ends)
