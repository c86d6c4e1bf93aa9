"""What a notebook shows of a released result: one output, then one for each chart.

The block in the first output holds everything that is published. The HTML and the live
charts are for whoever has the notebook open.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from needs.report.tables import table_html, table_text
from needs.report.theme import FONT_SIZE, wrapped
from needs.vocabulary.released import MIME, ReleasedChart, ReleasedResult

__all__ = ["PLOTLY_MIME", "SYNTHETIC", "block_bundle", "chart_bundle", "show"]

PLOTLY_MIME = "application/vnd.plotly.v1+json"
HEADLINE = 64
"""Pixels for a chart's headline in a notebook."""
SYNTHETIC = "Synthetic records: these are not real children."


def _tail(block: ReleasedResult) -> list[str]:
    """Return the lines that stand under every table and chart."""
    lines = [SYNTHETIC] if block.synthetic else []
    lines += [block.scope] if block.scope else []
    lines += [f"Source: {block.source}"] if block.source else []
    return lines


def _caption(title: str, subtitle: str) -> str:
    return f"{title}. {subtitle}" if subtitle else title


def _disclosure(block: ReleasedResult) -> list[str]:
    found = block.disclosure
    hidden = int(found.get("withheld", 0))
    return [str(found["rule"])] if hidden else []


def block_html(block: ReleasedResult) -> str:
    """Return the result as a piece of HTML: heading, sentences, table, notes."""
    sentences = "".join(
        f"<p>{escape(''.join(s.text for s in line))}</p>" for line in block.sentences
    )
    notes = [*block.notes, *_disclosure(block), *_tail(block)]
    if block.table is not None:
        body = table_html(block.table, _caption(block.title, block.subtitle), notes)
    else:
        body = "".join(f'<p class="note">{escape(n)}</p>' for n in notes)
    checks = "".join(
        f"<li><strong>{escape(status)}</strong> {escape(name)}: {escape(detail)}</li>"
        for name, status, detail in block.checks
        if status != "pass"
    )
    checks = f"<ul>{checks}</ul>" if checks else ""
    return (
        f'<section class="needs-{escape(block.kind)}"><h3>{escape(block.title)}</h3>'
        f"{sentences}{body}{checks}</section>"
    )


def block_text(block: ReleasedResult) -> str:
    """Return the result as plain text."""
    parts = [_caption(block.title, block.subtitle)]
    parts += ["".join(s.text for s in line) for line in block.sentences]
    parts += [table_text(block.table)] if block.table is not None else []
    parts += [*block.notes, *_disclosure(block), *_tail(block)]
    return "\n".join(p for p in parts if p)


def block_bundle(block: ReleasedResult) -> dict[str, Any]:
    """Return the MIME bundle of a result."""
    return {
        MIME: block.to_json(),
        "text/html": block_html(block),
        "text/plain": block_text(block),
    }


def _titled(chart: ReleasedChart) -> dict[str, Any]:
    """Return the layout with headline and subtitle above: a live chart has no page around it."""
    layout = dict(chart.plotly["layout"])
    margin = dict(layout["margin"])
    margin["t"] += HEADLINE
    words = f"<b>{wrapped(escape(chart.title), 70)}</b><br>{wrapped(escape(chart.subtitle), 80)}"
    font = {"size": FONT_SIZE}
    place = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top"}
    title = {"text": words, "font": font, "pad": {"t": 22, "l": 8}, **place}
    return {**layout, "height": layout["height"] + HEADLINE, "margin": margin, "title": title}


def chart_bundle(block: ReleasedResult, chart: ReleasedChart) -> dict[str, Any]:
    """Return the MIME bundle of one chart: live in JupyterLab, words and data elsewhere."""
    caption = _caption(chart.title, chart.subtitle)
    html = (
        f'<figure role="group" aria-label="{escape(chart.title)}">'
        f"<p><strong>{escape(chart.title)}</strong></p><p>{escape(chart.alt)}</p>"
        f"{table_html(chart.table, caption, _tail(block))}</figure>"
    )
    words = [caption, chart.alt, table_text(chart.table), *_tail(block)]
    config = {"responsive": True, "displayModeBar": False}
    return {
        PLOTLY_MIME: {**chart.plotly, "layout": _titled(chart), "config": config},
        "text/html": html,
        "text/plain": "\n".join(words),
    }


def show(block: ReleasedResult) -> None:
    """Send a result and its charts to the notebook."""
    from IPython.display import publish_display_data  # noqa: PLC0415 - slow, notebooks only

    send: Callable[..., None] = publish_display_data
    send(block_bundle(block), metadata={"needs": {"result": block.name}})
    for chart in block.charts:
        send(chart_bundle(block, chart), metadata={"needs": {"chart": chart.key}})
