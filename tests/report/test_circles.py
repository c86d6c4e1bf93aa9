"""The map of areas: circles as large as their numbers, apart, and hidden ones all alike."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from needs.report.circles import LARGEST, WIDTH, WITHHELD, apart, circles
from needs.report.picture import Picture
from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import Chart, Measure, Result, long_table

pytestmark = pytest.mark.unit

DAY = "2023-03-31"
AT = {"n": (450.0, 230.0), "s": (450.0, 200.0), "w": (430.0, 215.0), "far": (450.0, 900.0)}


def drawn(counts: dict[str, float | None], at: dict = AT, core: tuple[str, ...] = ("n", "s", "w")):
    chart = Chart(
        "map", "circles", "children_n", "Where", "Children", "A map", x="group", series="period",
        at={k: v for k, v in at.items() if k in counts}, core=core,
    )  # fmt: skip
    of = {"period": DAY, "measure": "children_n", "by": "", "marker": ""}
    rows = [of | {"group": k, "value": v} for k, v in counts.items()]
    result = Result(
        name="cla_districts",
        title="Where",
        subtitle="Children",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("children_n", "Children", "children"),),
        labels={k: f"District {k}" for k in counts} | {DAY: "31 Mar 2023"},
        source="made up",
    )
    released = {
        ("children_n", DAY, k): ReleasedRow(
            id=k, area="", period=DAY, measure="children_n", group=k, by="",
            value="" if v is None else f"{v:.0f}", printed="c" if v is None else f"{v:.0f}",
            marker="c" if v is None else "", unit="children", source="made up",
        )
        for k, v in counts.items()
    }  # fmt: skip
    (trace,), layout = circles(Picture(chart, result, tuple(counts), (DAY,), released), [])
    at_key = {
        words.removeprefix("District "): dict(x=x, y=y, size=s, symbol=m, fill=f)
        for words, x, y, s, m, f in zip(
            trace["text"], trace["x"], trace["y"], trace["marker"]["size"],
            trace["marker"]["symbol"], trace["marker"]["color"], strict=True,
        )
    }  # fmt: skip
    return at_key, layout


def test_the_area_of_a_circle_follows_its_number():
    made, _ = drawn({"n": 100, "s": 25, "w": 0, "far": 50})
    assert made["n"]["size"] == LARGEST
    assert made["s"]["size"] == LARGEST / 2, "a quarter of the children, a quarter of the area"
    assert made["far"]["size"] == pytest.approx(LARGEST * math.sqrt(0.5), abs=0.01)
    assert made["w"]["size"] == 0


def test_a_withheld_number_has_one_size_and_sign_and_scales_nothing():
    made, _ = drawn({"n": 100, "s": None, "w": 25, "far": 50})
    assert (made["s"]["size"], made["s"]["symbol"]) == (WITHHELD, "circle-open-dot")
    without, _ = drawn({"n": 100, "w": 25, "far": 50}, core=("n", "w"))
    assert all(made[k]["size"] == circle["size"] for k, circle in without.items())


def test_directions_are_kept_and_far_areas_come_nearer():
    made, layout = drawn({"n": 9, "s": 9, "w": 9, "far": 9})
    assert made["n"]["y"] > made["w"]["y"] > made["s"]["y"] and made["w"]["x"] < made["n"]["x"]
    assert made["far"]["y"] > made["n"]["y"]
    assert made["far"]["y"] < layout["yaxis"]["range"][1], "on the map, though 700 km off"
    assert made["n"]["fill"] != made["far"]["fill"], "districts of the authority are filled"


def test_what_has_no_place_stands_below_a_line():
    made, layout = drawn({"n": 9, "s": 9, "w": 9, "elsewhere": 40})
    (line,) = layout["shapes"]
    assert made["elsewhere"]["y"] < line["y0"] < min(made[k]["y"] for k in "nsw")


@pytest.mark.parametrize("n", [1, 2, 5, 13, 18])
def test_no_two_boxes_overlap_and_none_leaves_the_frame(n):
    rng = np.random.default_rng(n)
    sizes = rng.uniform([50, 40], [80, 100], (n, 2))
    at, height = apart(rng.normal(0, 30, (n, 2)), sizes, WIDTH)
    assert height <= sizes[:, 1].sum() + 6, "never higher than all in one column"
    for i in range(n):
        assert (np.abs(at[i]) + sizes[i] / 2 <= np.array([WIDTH, height]) / 2 + 0.1).all()
        for j in range(i):
            gap = np.abs(at[i] - at[j]) - (sizes[i] + sizes[j]) / 2
            assert gap.max() > -0.1


def test_who_comes_first_is_moved_least():
    wanted, sizes = np.zeros((3, 2)), np.full((3, 2), 60.0)
    at, _ = apart(wanted, sizes, WIDTH)
    assert np.hypot(*(at[0] - at.mean(axis=0))) < 60
    far = apart(np.array([[0.0, 100.0], [0.0, -100.0]]), sizes[:2], WIDTH)[0]
    assert far[0, 1] > far[1, 1]
