"""The map without places: four parts, each with its number, and black words that can be read."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from needs.report.picture import Picture
from needs.report.rings import rings
from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import Chart, Measure, Result, long_table

pytestmark = pytest.mark.unit

KEYS = ("inside_near", "inside_far", "outside_near", "outside_far")


def picture(counts: dict[str, float | None], keys: tuple[str, ...] = KEYS) -> Picture:
    chart = Chart(
        "map", "rings", "children_n", "Where", "Children", "A map", x="group", series="period"
    )
    rows = [
        {"area": "E10000099", "period": "2023-03-31", "measure": "children_n", "group": k}
        | {"by": "all", "value": v, "marker": ""}
        for k, v in counts.items()
    ]
    result = Result(
        name="cla_distance",
        title="Where",
        subtitle="Children",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("children_n", "Children", "children"),),
        labels={k: k.replace("_", " ") for k in counts} | {"2023-03-31": "31 Mar 2023"},
        source="made up",
    )
    released = {
        ("children_n", "2023-03-31", k): ReleasedRow(
            id=f"f-{k}",
            area="E10000099",
            period="2023-03-31",
            measure="children_n",
            group=k,
            by="all",
            value="" if v is None else f"{v:.0f}",
            printed="c" if v is None else f"{v:.0f}",
            marker="c" if v is None else "",
            unit="children",
            source="made up",
        )
        for k, v in counts.items()
    }
    return Picture(chart, result, keys, ("2023-03-31",), released)


def test_each_part_has_its_own_number_and_more_children_are_darker():
    _, layout = rings(picture(dict(zip(KEYS, (354.0, 54.0, None, 313.0), strict=True))), [])
    words = [a["text"] for a in layout["annotations"]]
    assert [re.match(r"<b>(.*?)</b>", w)[1] for w in words] == ["354", "54", "c", "313"]
    depth = [float(s["fillcolor"].rsplit(",", 1)[1][:-1]) for s in layout["shapes"]]
    assert depth[0] > depth[3] > depth[1] > depth[2], "a hidden count is as light as none"
    # Left of the boundary and right of it, near and far, never mixed up.
    sides = [
        {float(x) >= 0 for x in re.findall(r"[ML] (-?[\d.]+),", s["path"])}
        for s in layout["shapes"]
    ]
    assert all((True in s) == (i >= 2) or s == {True, False} for i, s in enumerate(sides))
    for word, shape in zip(layout["annotations"], layout["shapes"], strict=True):
        across = [float(x) for x in re.findall(r"[ML] (-?[\d.]+),", shape["path"])]
        assert min(across) <= word["x"] <= max(across)


def test_words_stand_apart():
    _, layout = rings(picture(dict.fromkeys(KEYS, 9.0)), [])
    places = {(a["x"], a["y"]) for a in layout["annotations"]}
    assert len(places) == len(KEYS)


def test_three_parts_are_no_map():
    with pytest.raises(ValueError, match="four parts"):
        rings(picture(dict.fromkeys(KEYS[:3], 5.0), KEYS[:3]), [])
