"""A grid of numbers: every cell holds its number, and a withheld one its letter and no shade."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from needs.report.heat import heat
from needs.report.picture import Picture
from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import Chart

pytestmark = pytest.mark.unit


WORDS = {"a": "A long name of some domain", "b": "B", "p": "Profile A", "q": "Profile B"}


def row(group, by, value, marker=""):
    shown = marker or value
    return ReleasedRow(
        "id", "", "", "apart", group, by, "" if marker else value, shown, "ratio", marker, ""
    )


def test_cells_stand_where_they_belong_and_a_withheld_one_is_not_shaded():
    cells = [row("a", "p", "-1.50"), row("a", "q", "0.50"), row("b", "p", "", "c")]
    chart = Chart("grid", "heat", "apart", "t", "s", "alt", x="group", series="by")
    rows = {("apart", r.by, r.group): r for r in cells}
    picture = Picture(chart, SimpleNamespace(labels=WORDS), ("a", "b"), ("p", "q"), rows)
    heading = {"text": "Standard deviations from<br>all children"}
    (trace,), layout = heat(picture, [heading, {"text": "<b>Synthetic records</b>"}])
    assert trace["z"] == [[-1.5, 0.5], [None, None]]
    assert trace["text"] == [["-1.50", "0.50"], ["c", "x"]]
    assert trace["y"] == ["A long name of some<br>domain", "B"]
    assert layout["yaxis"]["categoryarray"] == trace["y"][::-1]  # the first row is on top
    assert trace["zmin"] == -trace["zmax"] == -1.5  # no colour stands for nought
    assert 0 < layout["meta"]["rows"] < layout["height"]  # kept in print
    shifts = [a["yshift"] for a in layout["annotations"]]
    assert shifts == sorted(set(shifts))
    assert all(
        len(line) <= 24 for a in layout["annotations"][:1] for line in a["text"].split("<br>")
    )
