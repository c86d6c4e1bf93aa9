"""Charts: released rows to a Plotly figure, with words and data for who cannot see it.

A figure is a plain dictionary of lists and text. It holds no array, no random id and no
title: headline and subtitle are text of the page. A number that is withheld is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from needs.assurance.release import BOUNDS, all_measures, key_order, lay_out, measure_words
from needs.report.axis import money_axis
from needs.report.chart_words import alternative
from needs.report.circles import circles
from needs.report.dials import with_rows
from needs.report.heat import heat
from needs.report.picture import Picture, chosen, places_of
from needs.report.ranges import band, shade, whiskers
from needs.report.rings import rings
from needs.report.theme import (
    COLOURS,
    DASHES,
    FONT_SIZE,
    GLYPHS,
    NAMED,
    PATTERNS,
    SYMBOLS,
    template,
    text_width,
    wrapped,
)
from needs.report.waterfall import waterfall
from needs.vocabulary.released import ReleasedChart, ReleasedResult, ReleasedRow
from needs.vocabulary.results import Chart, Result
from needs.vocabulary.units import UNITS

__all__ = ["draw"]

HEIGHT = 420
TOP = 40
LINE = 22
"""Pixels that a line of words above the axis takes."""
MEASURED_WIDTH = 42
"""Characters of the words above the axis that fit a telephone."""

_MAPS = {"rings": rings, "circles": circles, "heat": heat, "waterfall": waterfall}


def draw(chart: Chart, result: Result, released: ReleasedResult) -> ReleasedChart:
    """Return a chart of released rows.

    Parameters
    ----------
    chart : Chart
        What to draw.
    result : Result
        For labels and measures only: numbers come from ``released``.
    released : ReleasedResult
        The rows that may be shown.

    Raises
    ------
    ValueError
        If the chart draws no row, or two numbers fall on one point.
    """
    rows = chosen(chart, released)
    if not rows:
        raise ValueError(f"result {result.name}: chart {chart.key} draws no number")
    keys = key_order(
        [getattr(r, chart.series) for r in rows], result.labels, chart.series == "period"
    )
    picture = Picture(
        chart,
        result,
        places_of(chart, result, rows),
        tuple(k for k in keys if k not in chart.band),
        {(r.measure, getattr(r, chart.series), getattr(r, chart.x)): r for r in rows},
    )
    measures = list(dict.fromkeys(r.measure for r in rows))
    across = (chart.series,) if len(keys) > 1 else ()
    shaded = [shade(picture)] if chart.band else []
    if chart.kind in _MAPS:
        traces, layout = _MAPS[chart.kind](picture, _headings(picture, released.synthetic))
    else:
        drawn = (t for i, key in enumerate(picture.series) for t in _traces(picture, i, key))
        traces = [*shaded, *drawn]
        layout = _layout(picture, traces, released.synthetic)
    if chart.dials:
        layout["meta"] = {**layout["meta"], "dials": with_rows(chart.dials, released)}
    for n, trace in enumerate(traces):
        trace["uid"] = f"{released.name}-{chart.key}-{n}"
    return ReleasedChart(
        key=chart.key,
        title=chart.title,
        subtitle=_subtitle(chart, rows),
        alt=alternative(chart, result, keys, picture.xs, picture.row),
        div_id=f"chart-{released.name}-{chart.key}",
        plotly={"data": traces, "layout": layout},
        table=lay_out(rows, result, (chart.x,), across, measures),
    )


def _subtitle(chart: Chart, rows: Sequence[ReleasedRow]) -> str:
    """Return the subtitle, what lines through dots are, and that a bar or line is not all there."""
    words = chart.subtitle
    ranges = [w for b, w in BOUNDS.items() if any(r.measure.endswith(f"_{b}") for r in rows)]
    if chart.kind == "dot" and ranges:
        words += f". The line through a dot is its {ranges[-1].split(',')[0]}"
    if not any(r.marker == "c" for r in rows) or chart.kind == "circles":  # which has a sign for it
        return words
    more = ": some bars are lower than their total" if chart.kind == "stacked_bar" else ""
    return f"{words}. Withheld numbers are not drawn{more}."


def _traces(p: Picture, i: int, key: str) -> list[dict[str, Any]]:
    if p.chart.kind == "fan":
        return _fan(p, i, key)
    if p.chart.kind in {"bar", "stacked_bar"}:
        return [_bar(p, i, key)]
    if p.chart.kind == "dot":
        return [_line(p, i, key, p.values(key), "markers") | whiskers(p, i, key)]
    return [_line(p, i, key, p.values(key), "lines+markers")]


def _common(p: Picture, key: str, values: Sequence[float | None]) -> dict[str, Any]:
    places = [p.place(x) for x in p.xs]
    rows = [p.row(key, x) for x in p.xs]
    return {
        "name": p.label(key),
        "x": list(values) if p.sideways else places,
        "y": places if p.sideways else list(values),
        "customdata": [r.printed if r is not None else "x" for r in rows],
        "hovertemplate": "%{customdata}",
    }


def _bar(p: Picture, i: int, key: str) -> dict[str, Any]:
    values = p.values(key)
    marker: dict[str, Any] = {"color": NAMED.get(key, COLOURS[i % len(COLOURS)])}
    if len(p.series) > 1:
        marker["line"] = {"color": "#FFFFFF", "width": 1}
        shape = PATTERNS[i % len(PATTERNS)]
        marker["pattern"] = {"shape": shape, "size": 7, "solidity": 0.2, "fillmode": "overlay"}
        marker["pattern"]["fgcolor"] = "#FFFFFF"
    common = _common(p, key, values)
    # Numbers stand at the bars where there is room for them.
    named = p.sideways and len(p.xs) * len(p.series) <= 16
    words = {"text": common["customdata"], "textposition": "outside"} if named else {}
    return {
        **common,
        **words,
        "type": "bar",
        "marker": marker,
        "orientation": "h" if p.sideways else "v",
        "cliponaxis": False,
    }


def _line(
    p: Picture, i: int, key: str, values: Sequence[float | None], mode: str
) -> dict[str, Any]:
    colour = COLOURS[i % len(COLOURS)]
    return {
        **_common(p, key, values),
        "type": "scatter",
        "mode": mode,
        "line": {"color": colour, "dash": DASHES[i % len(DASHES)], "width": 2.5},
        "marker": {"color": colour, "symbol": SYMBOLS[i % len(SYMBOLS)], "size": 8},
        "connectgaps": False,
        "cliponaxis": False,
        "showlegend": not p.direct and len(p.series) > 1,
    }


def _fan(p: Picture, i: int, key: str) -> list[dict[str, Any]]:
    """Return the ranges, the wide one first, what was counted, and the forecast."""
    colour = COLOURS[i % len(COLOURS)]
    central = p.values(key)
    bounds = [b for b in BOUNDS if any(v is not None for v in p.values(key, b))]
    ahead = [any(p.row(key, x, b) for b in bounds) for x in p.xs]
    traces = [
        band(p, key, level, colour)
        for level in ("95", "80")
        if f"lower_{level}" in bounds and f"upper_{level}" in bounds
    ]
    past = [None if a else v for v, a in zip(central, ahead, strict=True)]
    traces.append(_line(p, i, key, past, "lines+markers"))
    if any(ahead):
        start = max(ahead.index(True) - 1, 0)  # joins the last number counted
        later = [v if n >= start else None for n, v in enumerate(central)]
        line = _line(p, i, key, later, "lines")
        line |= {"name": f"{p.label(key)}, forecast", "showlegend": bool(p.chart.dials)}
        line["line"] = {**line["line"], "dash": "dash"}
        traces.append(line)
    return traces


BELOW = 0.7
"""Room for a number beside a bar below nought, as a share of the bars: a telephone needs it."""


def _room_below_nought(p: Picture) -> dict[str, Any]:
    """Return a range that keeps the number at a bar below nought off the words of its place."""
    known = [v for s in p.series for v in p.values(s) if v is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    return {"range": [low - BELOW * (high - low), high]} if low < 0 else {}


def _layout(p: Picture, traces: Sequence[dict[str, Any]], synthetic: bool) -> dict[str, Any]:
    key = all_measures(p.result)[p.chart.measure].unit
    unit, side, most = UNITS[key], *(("x", 4) if p.sideways else ("y", 6))
    value_axis = {
        "rangemode": "tozero",
        "tickprefix": unit.prefix,
        "ticksuffix": unit.suffix,
        "separatethousands": True,
        "exponentformat": "none",
        "showgrid": True,
        "nticks": 6,
        "ticks": "",
        "zerolinecolor": "#0B0C0C",
    }
    stacked = p.chart.kind == "stacked_bar"
    value_axis |= money_axis(traces, key, side, stacked=stacked, most=most)
    place_axis: dict[str, Any] = {
        **_scale(p),
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
    }
    labels = _end_labels(p) if p.direct and len(p.series) > 1 else []
    right = max((text_width(a["text"]) for a in labels), default=0) + 24
    legend = _has_legend(p)
    height, rows = HEIGHT, {}
    if p.sideways:
        place_axis["autorange"] = "reversed"
        if p.chart.kind != "dot":
            value_axis |= {"showgrid": False, "showticklabels": False} | _room_below_nought(p)
        # A label of three lines needs more room than one bar.
        lines = max((p.place(x).count("<br>") + 1 for x in p.xs), default=1)
        # Bars stand below one another, dots of one place on one line.
        each = 30 if p.chart.kind == "dot" else max(44, 24 * len(p.series) + 12)
        deep = len(p.xs) * max(each, 18 * lines + 12)
        height = max(220, TOP + 60 + deep)
        rows = {"rows": deep, "least": each}  # the script breaks words anew for its width
        right = 64
    else:
        place_axis |= _ticks(p)
    if legend:
        height += 26 * -(-len(p.series) // 2)
    return {
        "template": template(),
        "autosize": True,
        "height": height,
        "meta": rows,
        "margin": {"l": 8, "r": right, "t": TOP + LINE * (_lines(p) - 1 + synthetic), "b": 8},
        "barmode": "stack" if stacked else "group",
        "hovermode": "y unified" if p.sideways else "x unified",
        "xaxis": value_axis if p.sideways else place_axis,
        "yaxis": place_axis if p.sideways else value_axis,
        "legend": {"orientation": "h", "x": 0, "xref": "container", "y": 0, "yref": "container"},
        "showlegend": legend,
        "annotations": [*_headings(p, synthetic), *labels, *_withheld(p)],
    }


def _scale(p: Picture) -> dict[str, Any]:
    if p.dated:
        return {"type": "date"}
    places = [p.place(x) for x in p.xs]
    return {"type": "category", "categoryorder": "array", "categoryarray": places}


def _has_legend(p: Picture) -> bool:
    return p.chart.kind == "fan" or bool(p.chart.band) or (len(p.series) > 1 and not p.direct)


def _headings(p: Picture, synthetic: bool) -> list[dict[str, Any]]:
    """Return what is measured, above the axis and level, and that records are synthetic."""
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1}
    found = [(0, _measured(p))]
    if synthetic:
        found.append((_lines(p), "<b>Synthetic records</b>"))
    return [
        {**place, "name": "heading", "yanchor": "bottom", "align": "left"}
        | {"yshift": 10 + LINE * k, "text": text}
        for k, text in found
    ]


def _measured(p: Picture) -> str:
    """Return what is measured, in lines that fit a telephone."""
    return wrapped(measure_words(all_measures(p.result)[p.chart.measure]), MEASURED_WIDTH)


def _lines(p: Picture) -> int:
    return _measured(p).count("<br>") + 1


def _ticks(p: Picture) -> dict[str, Any]:
    """Return a tick for each place, and words at so few that they stand level on a telephone."""
    labels = [p.label(x) for x in p.xs]
    most = 3 if p.direct and len(p.series) > 1 else 5
    step = 1 if len(labels) <= most else -(-(len(labels) - 1) // (most - 1))
    named = {len(labels) - 1 - k for k in range(0, len(labels), step)}
    text = [words if n in named else "" for n, words in enumerate(labels)]
    return {"tickmode": "array", "tickvals": [p.place(x) for x in p.xs], "ticktext": text}


def _withheld(p: Picture) -> list[dict[str, Any]]:
    """Return the letter that stands where a lying bar is withheld."""
    if not (p.sideways and p.chart.kind == "bar" and len(p.series) == 1):
        return []
    found = [(x, p.row(p.series[0], x)) for x in p.xs]
    place = {"xref": "x", "x": 0, "xanchor": "left", "xshift": 4, "yref": "y"}
    return [
        {**place, "y": p.place(x), "text": r.printed}
        for x, r in found
        if r is not None and not r.value
    ]


def _end_labels(p: Picture) -> list[dict[str, Any]]:
    """Return a label for each line, at the height where it ends, moved apart if need be."""
    shown = [v for key in p.series for v in p.values(key) if v is not None]
    top = max([*shown, 1.0])
    low = min([*shown, 0.0])
    pixels = HEIGHT - TOP - 60
    ends: list[tuple[float, str]] = []
    for i, key in enumerate(p.series):
        values = [v for v in p.values(key) if v is not None]
        if values:
            glyph = (
                f'<span style="color:{COLOURS[i % len(COLOURS)]}">{GLYPHS[i % len(GLYPHS)]}</span>'
            )
            ends.append((values[-1], f"{glyph} {wrapped(p.label(key), 14)}"))
    ends.sort(key=lambda e: (-e[0], e[1]))
    floor = -1e9
    out = []
    for value, text in ends:
        at = (top - value) / (top - low) * pixels  # pixels down from the top
        need = (text.count("<br>") + 1) * (FONT_SIZE + 4)
        middle = max(at, floor + need / 2)
        floor = middle + need / 2
        out.append(
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "xshift": 8,
                "yref": "y",
                "y": value,
                "yanchor": "middle",
                "yshift": round(at - middle),
                "text": text,
                "align": "left",
            }
        )
    return out
