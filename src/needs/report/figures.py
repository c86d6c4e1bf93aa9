"""Charts: released rows to a Plotly figure, with words and data for who cannot see it."""

from __future__ import annotations

from typing import Any

from needs.assurance.release import all_measures, key_order, lay_out, measure_words
from needs.report.theme import COLOURS, DASHES, SYMBOLS, template
from needs.vocabulary.released import ReleasedChart, ReleasedResult, ReleasedRow
from needs.vocabulary.results import Chart, Result

__all__ = ["draw"]

HEIGHT = 420


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
    """
    rows = _chosen(chart, released)
    xs = key_order([getattr(r, chart.x) for r in rows], result.labels, chart.x == "period")
    series = key_order(
        [getattr(r, chart.series) for r in rows], result.labels, chart.series == "period"
    )
    at = {(getattr(r, chart.series), getattr(r, chart.x)): r for r in rows}
    traces = [
        _trace(chart, result, i, s, [(x, at.get((s, x))) for x in xs]) for i, s in enumerate(series)
    ]
    unit = measure_words(all_measures(result)[chart.measure])
    layout = {
        "template": template(),
        "autosize": True,
        "height": HEIGHT,
        "barmode": "stack" if chart.kind == "stacked_bar" else "group",
        "xaxis": {"type": "category", "tickangle": 0, "showgrid": False},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero"},
        "legend": {"orientation": "h", "x": 0, "y": -0.2},
        "showlegend": len(series) > 1,
    }
    table = lay_out(rows, result, (chart.x,), (chart.series,), (chart.measure,))
    return ReleasedChart(
        key=chart.key,
        title=chart.title,
        subtitle=chart.subtitle,
        alt=chart.alt,
        div_id=f"chart-{released.name}-{chart.key}",
        plotly={"data": traces, "layout": layout},
        table=table,
    )


def _chosen(chart: Chart, released: ReleasedResult) -> list[ReleasedRow]:
    return [
        r
        for r in released.rows
        if r.measure == chart.measure
        and all(getattr(r, dim) in keys for dim, keys in chart.include.items())
    ]


def _trace(
    chart: Chart,
    result: Result,
    i: int,
    key: str,
    points: list[tuple[str, ReleasedRow | None]],
) -> dict[str, Any]:
    colour = COLOURS[i % len(COLOURS)]
    base: dict[str, Any] = {
        "uid": f"{result.name}-{chart.key}-{i}",
        "name": result.labels.get(key, key),
        "x": [result.labels.get(x, x) for x, _ in points],
        "y": [float(r.value) if r is not None and r.value else None for _, r in points],
        "text": [r.printed if r is not None else "x" for _, r in points],
    }
    if chart.kind in {"bar", "stacked_bar"}:
        return {**base, "type": "bar", "marker": {"color": colour}, "textposition": "none"}
    return {
        **base,
        "type": "scatter",
        "mode": "markers" if chart.kind == "dot" else "lines+markers",
        "line": {"color": colour, "dash": DASHES[i % len(DASHES)]},
        "marker": {"color": colour, "symbol": SYMBOLS[i % len(SYMBOLS)]},
        "connectgaps": False,
    }
