"""Charts show released numbers only, in words too, and the same way twice."""

import itertools
import json

import pandas as pd
import plotly.graph_objects as go
import pytest

from needs.assurance.release import release
from needs.report.figures import draw
from needs.report.theme import COLOURS, PATTERNS
from needs.vocabulary.results import Chart, Layout, Measure, Result, long_table
from needs.vocabulary.study import Authority, Inputs, Period, ReportSettings, Study

pytestmark = pytest.mark.unit

CHILDREN = Measure("children_n", "Children", "children")
LABELS = {"fos": "Foster care", "res": "Children's homes", "oth": "Other", "all": "All children"}
YEARS = ("2020-21", "2021-22", "2022-23")
VALUES = {"fos": (500, 510, 530), "res": (90, 80, 120), "oth": (4, 40, 30), "all": (594, 630, 680)}


def drawn(kind, *, rows=None, measure=CHILDREN, synthetic=False, **chart):
    rows = rows or [
        {"group": g, "period": p, "measure": measure.key, "value": v}
        for g, values in VALUES.items()
        for p, v in zip(YEARS, values, strict=True)
    ]
    spec = Chart("c", kind, measure.key, "Headline", "Where and when", "One line each", **chart)
    study = Study(
        schema_version=1,
        authority=Authority(
            name="Anyshire", short_name="Anyshire", dfe_code="931", ons_code="E10000025"
        ),
        period=Period(reporting_year="2022-23", as_at="2023-03-31"),
        inputs=Inputs(),
        report=ReportSettings(synthetic=synthetic),
    )
    result = Result(
        name="stock",
        title="T",
        subtitle="S",
        table=long_table(pd.DataFrame(rows)),
        measures=(measure,),
        labels=LABELS,
        source="made up",
        charts=(spec,),
        layout=Layout(("group", "by"), ("period",)),
    )
    return draw(spec, result, release(result, study, "20"))


def by_name(chart):
    return {t["name"]: t for t in chart.plotly["data"]}


def leaves(value):
    if isinstance(value, dict):
        for v in value.values():
            yield from leaves(v)
    elif isinstance(value, list | tuple):
        for v in value:
            yield from leaves(v)
    else:
        yield value


@pytest.mark.parametrize("kind", ["line", "bar", "stacked_bar", "dot", "fan"])
@pytest.mark.parametrize("axes", [("period", "group"), ("group", "period")])
def test_plotly_accepts_every_kind_and_nothing_in_it_is_random(kind, axes):
    first, second = (drawn(kind, x=axes[0], series=axes[1]) for _ in range(2))
    go.Figure(json.loads(json.dumps(first.plotly)))
    assert json.dumps(first.plotly) == json.dumps(second.plotly)
    assert "bdata" not in json.dumps(first.plotly)
    uids = [t["uid"] for t in first.plotly["data"]]
    assert len(set(uids)) == len(uids)
    assert first.div_id == "chart-stock-c"
    assert "title" not in first.plotly["layout"]


@pytest.mark.parametrize("kind", ["line", "bar", "stacked_bar", "dot"])
def test_a_withheld_number_is_a_gap_and_said(kind):
    chart = drawn(kind)
    other = by_name(chart)["Other"]
    assert other["y"][0] is None
    assert other["customdata"][0] == "c"
    assert 4 not in list(leaves(chart.plotly["data"]))
    assert "withheld" in chart.alt.split("Other:")[1]


def test_bars_start_at_zero_and_a_stack_leaves_the_total_out():
    stack = drawn("stacked_bar")
    assert "All children" not in by_name(stack)
    assert stack.plotly["layout"]["barmode"] == "stack"
    assert stack.plotly["layout"]["yaxis"]["rangemode"] == "tozero"
    assert "All children" in by_name(drawn("bar"))


def test_a_bar_below_nought_leaves_room_for_its_number_beside_the_words_of_its_place():
    pounds = Measure("gbp", "Pounds", "gbp")

    def axis(lowest):
        rows = [
            {"group": g, "period": "2022-23", "measure": "gbp", "value": v}
            for g, v in (("fos", 1000.0), ("res", 400.0), ("oth", lowest))
        ]
        chart = drawn("bar", rows=rows, measure=pounds, x="group", series="period")
        return chart.plotly["layout"]["xaxis"]

    left, right = axis(-200.0)["range"]
    assert left < -200 - 0.6 * 1200 and right == 1000
    assert "range" not in axis(200.0)


def test_the_words_hold_first_last_highest_and_lowest_as_printed():
    alt = drawn("line", include={"group": ("fos",)}).alt
    assert alt.startswith("One line each. ")
    for fact in ("from 500 in 2020-21", "to 530 in 2022-23", "lowest 500 in 2020-21"):
        assert fact.casefold() in alt.casefold()


def test_four_lines_are_named_at_their_ends_and_more_in_a_legend():
    few = drawn("line")
    named = " ".join(a["text"] for a in few.plotly["layout"]["annotations"])
    assert not few.plotly["layout"]["showlegend"]
    assert all(word in named for word in ("Foster", "homes", "Other"))
    rows = [
        {"group": f"g{g}", "period": p, "measure": "children_n", "value": 100 + g}
        for g in range(5)
        for p in YEARS
    ]
    assert drawn("line", rows=rows).plotly["layout"]["showlegend"]


def test_lines_and_bars_differ_by_more_than_colour():
    lines = drawn("line").plotly["data"]
    assert len({t["line"]["dash"] for t in lines}) == len(lines)
    assert len({t["marker"]["symbol"] for t in lines}) == len(lines)
    stack = drawn("stacked_bar").plotly["data"]
    looks = [(t["marker"]["color"], t["marker"]["pattern"]["shape"]) for t in stack]
    assert len(looks) > 2
    for (colour, shape), (next_colour, next_shape) in itertools.pairwise(looks):
        assert shape != next_shape or contrast(colour, next_colour) >= 3


def test_neighbours_in_the_palette_differ_by_lightness_or_pattern():
    looks = list(zip(COLOURS, PATTERNS, strict=True))
    for (colour, shape), (next_colour, next_shape) in itertools.pairwise(looks):
        assert shape != next_shape or contrast(colour, next_colour) >= 3


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours as WCAG 2.2 defines it."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_end_labels_do_not_cover_one_another():
    rows = [
        {"group": g, "period": p, "measure": "children_n", "value": 100}
        for g in ("fos", "res", "oth", "all")
        for p in YEARS
    ]
    labels = drawn("line", rows=rows).plotly["layout"]["annotations"][1:]
    places = sorted(a["yshift"] for a in labels)
    assert len(places) == 4
    assert min(b - a for a, b in itertools.pairwise(places)) >= 15


def test_a_fan_draws_ranges_from_released_bounds_and_says_them():
    rows = [{"period": p, "measure": "children_n", "value": 700} for p in YEARS[:2]]
    bounds = {"lower_80": 650, "upper_80": 760, "lower_95": 600, "upper_95": 800}
    rows.append({"period": YEARS[2], "measure": "children_n", "value": 705, **bounds})
    chart = drawn("fan", rows=rows)
    traces = by_name(chart)
    assert traces["80% range"]["y"] == [650.0, 760.0]
    assert traces["95% range"]["y"] == [600.0, 800.0]
    assert traces["All children"]["y"] == [700.0, 700.0, None]
    assert traces["All children, forecast"]["y"] == [None, 700.0, 705.0]
    assert "from 650 to 760" in chart.alt


@pytest.mark.parametrize(("x", "axis"), [("group", "error_x"), ("period", "error_y")])
def test_a_dot_has_its_range_and_says_which(x, axis):
    wide = {"lower_80": 660, "upper_80": 750, "lower_95": 600, "upper_95": 800}
    rows = [
        {"group": g, "period": YEARS[0], "measure": "children_n", "value": v, **more}
        for g, v, more in (("fos", 705, wide), ("res", 90, {}), ("oth", 4, {}))
    ]
    kept = {"include": {"group": ("fos",)}} if x == "period" else {}
    chart = drawn("dot", rows=rows, x=x, series="period" if x == "group" else "group", **kept)
    (trace,) = chart.plotly["data"]
    arms = zip(trace[axis]["arrayminus"], trace[axis]["array"], strict=True)
    assert set(arms) - {(None, None)} == {(105, 95)}
    assert "The line through a dot is its 95% range" in chart.subtitle
    assert {"600", "800"} <= {c for row in chart.table.rows for c in row}


def test_a_dot_without_a_range_says_nothing_of_one():
    chart = drawn("dot", x="group", series="period")
    assert not any("error_x" in t for t in chart.plotly["data"])
    assert "range" not in chart.subtitle


def test_the_table_behind_a_chart_holds_every_number_drawn():
    chart = drawn("bar", x="group", series="period")
    width = len(chart.table.stubs)
    cells = {c for row in chart.table.rows for c in row[width:]}
    assert cells == {text for t in chart.plotly["data"] for text in t["customdata"]}
    assert all(i.startswith("stock.") for ids in chart.table.ids for i in ids)


def test_group_names_stand_beside_lying_bars_and_a_letter_where_one_is_withheld():
    rows = [
        {"group": g, "period": YEARS[0], "measure": "children_n", "value": VALUES[g][0]}
        for g in ("fos", "res", "oth")
    ]
    chart = drawn("bar", rows=rows, x="group", series="period")
    assert chart.plotly["data"][0]["orientation"] == "h"
    assert "c" in [a["text"] for a in chart.plotly["layout"]["annotations"]]


def test_synthetic_records_are_said_inside_the_picture():
    def said(synthetic):
        notes = drawn("line", synthetic=synthetic).plotly["layout"]["annotations"]
        return any("Synthetic" in a["text"] for a in notes)

    assert said(True)
    assert not said(False)


def test_a_chart_of_nothing_or_of_two_numbers_on_one_point_is_refused():
    with pytest.raises(ValueError, match="draws no number"):
        drawn("line", include={"group": ("nobody",)})
    rows = [
        {"group": "fos", "by": b, "period": YEARS[0], "measure": "children_n", "value": 50}
        for b in ("f", "m")
    ]
    with pytest.raises(ValueError, match="one cell"):
        drawn("line", rows=rows)


def test_money_has_its_sign_on_the_axis():
    cost = Measure("cost", "Mean cost", "gbp_week")
    rows = [{"group": "fos", "period": p, "measure": "cost", "value": 450} for p in YEARS]
    assert drawn("line", rows=rows, measure=cost).plotly["layout"]["yaxis"]["tickprefix"] == "£"


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ((45_000_000, 63_500_000), "line", {"£0", "£20m", "£60m"}),
        ((-300, 450), "line", {"-£200", "£0", "£400"}),
        ((600_000, 700_000), "stacked_bar", {"£0", "£1m", "£1.5m"}),  # a million together
    ],
)
def test_an_axis_of_money_is_written_as_the_report_writes_money(values, kind, words):
    cost = Measure("cost", "Spent", "gbp")
    rows = [
        {"group": g, "period": p, "measure": "cost", "value": v}
        for g, v in zip(("fos", "res"), values, strict=True)
        for p in YEARS
    ]
    axis = drawn(kind, rows=rows, measure=cost).plotly["layout"]["yaxis"]
    assert words <= set(axis["ticktext"])
    assert axis["tickprefix"] == ""  # else each has two signs
    assert min(axis["tickvals"]) <= min(0, *values) and max(axis["tickvals"]) >= max(values)


def test_rows_of_a_lying_chart_say_the_height_they_need_and_dots_need_less_than_bars():
    def meta(kind):
        return drawn(kind, x="group", series="period").plotly["layout"]["meta"]

    assert 0 < meta("dot")["least"] < meta("bar")["least"]
    assert meta("bar")["rows"] % meta("bar")["least"] == 0
    assert not drawn("line").plotly["layout"]["meta"]


def test_a_year_without_a_number_keeps_its_place_and_uneven_months_look_uneven():
    def axis(periods):
        rows = [{"period": p, "measure": "children_n", "value": 50} for p in periods]
        made = drawn("line", rows=rows)
        return made.plotly["layout"]["xaxis"], made.plotly["data"][0]["y"]

    years, values = axis(["2016-17", "2018-19"])
    assert years["categoryarray"] == ["2016-17", "2017-18", "2018-19"]
    assert values == [50.0, None, 50.0]
    assert axis(["2020-03", "2021-03", "2021-08"])[0]["type"] == "date"
    assert axis(["2010-11", "2011-12"])[0]["type"] == "category"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("stacked_bar", "Withheld numbers are not drawn: some bars are lower than their total."),
        ("bar", "Withheld numbers are not drawn."),
        ("line", "Withheld numbers are not drawn."),
    ],
)
def test_whoever_sees_the_chart_is_told_that_numbers_are_withheld(kind, words):
    assert drawn(kind, x="period", series="group").subtitle == f"Where and when. {words}"
    full = [
        {"group": g, "period": p, "measure": "children_n", "value": 100 * (n + 1)}
        for n, (g, p) in enumerate(itertools.product(VALUES, YEARS))
    ]
    assert drawn(kind, rows=full, x="period", series="group").subtitle == "Where and when"


def test_what_is_measured_is_broken_into_lines_that_fit_a_telephone():
    base = "children looked after at the end of the return"
    share = Measure("share_pct", "Stock affected", "percent1", base)
    rows = [{"group": "all", "period": p, "measure": "share_pct", "value": 50.0} for p in YEARS]
    chart = drawn("line", rows=rows, measure=share, synthetic=True)
    heading, synthetic = chart.plotly["layout"]["annotations"]
    assert heading["name"] == synthetic["name"] == "heading"  # the script sets these anew
    lines = heading["text"].split("<br>")
    assert " ".join(lines) == f"Stock affected (% of {base})"
    assert len(lines) == 2 and max(map(len, lines)) <= 42
    one = drawn("line", synthetic=True).plotly["layout"]
    assert synthetic["yshift"] > one["annotations"][1]["yshift"]
    assert chart.plotly["layout"]["margin"]["t"] > one["margin"]["t"]
