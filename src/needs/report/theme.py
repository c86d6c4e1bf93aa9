"""How charts look: the Government Analysis Function's guidance, by way of afcharts.

Colours in the order of the guidance, few grid lines, horizontal text, no title inside the
picture. Lines also differ by dash and marker and bars by pattern, so that colour is never
the only difference.
"""

from __future__ import annotations

import copy
import re
import textwrap
from functools import cache
from typing import Any

__all__ = [
    "BAND_OPACITY",
    "COLOURS",
    "DASHES",
    "FONT_SIZE",
    "GLYPHS",
    "NAMED",
    "PATTERNS",
    "SYMBOLS",
    "template",
    "text_width",
    "wrapped",
]

# The four of the guidance's categorical palette, then its grey and purple, then two more
# that keep a contrast of 3:1 with white; dash, marker and pattern tell them apart as well.
COLOURS = (
    "#12436D",
    "#28A197",
    "#801650",
    "#F46A25",
    "#3D3D3D",
    "#A285D1",
    "#2073BC",
    "#7A5C00",
)
NAMED = {
    "red": "#A11B1B",
    "amber": "#E59A24",
    "green": "#1B7A4B",
    "complete": "#12436D",
    "not_rated": "#8A8D8F",
}
"""Keys that name a colour are drawn in it: red in another colour would be misread."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "triangle-down",
    "star",
)
GLYPHS = ("●", "■", "◆", "▲", "✚", "✖", "▼", "★")
"""The same shapes as text, for labels at line ends."""
BAND_OPACITY = {"80": 0.35, "95": 0.18}
# The first four tell themselves apart in lightness too; a pattern becomes a heavy picture in a
# PDF, so only further series have one.
PATTERNS = ("", "", "", "", "\\", "x", "-", "|")
FONT_SIZE = 15
FONT = '"Source Sans 3", Arial, Helvetica, sans-serif'


@cache
def _base() -> dict[str, Any]:
    import afcharts.pio_template  # noqa: F401, PLC0415 - registers the template when imported
    import plotly.io as pio  # noqa: PLC0415

    plain: dict[str, Any] = pio.templates["afcharts"].to_plotly_json()
    return plain


def template() -> dict[str, Any]:
    """Return the Plotly template of every chart, as a new plain dictionary."""
    made = copy.deepcopy(_base())
    layout = made["layout"]
    layout["font"] = {"color": "#0B0C0C", "family": FONT, "size": FONT_SIZE}
    layout["paper_bgcolor"] = layout["plot_bgcolor"] = "#FFFFFF"
    layout["annotationdefaults"] = {"font": {"size": FONT_SIZE}, "showarrow": False}
    layout["legend"]["font"] = {"size": FONT_SIZE}
    layout["hoverlabel"] = {"align": "left", "bgcolor": "#FFFFFF", "font": {"size": FONT_SIZE}}
    for axis in ("xaxis", "yaxis"):
        layout[axis]["tickfont"] = {"size": FONT_SIZE}
    layout["colorway"] = list(COLOURS)
    del layout["colorscale"], layout["coloraxis"], layout["uniformtext"]
    return made


def wrapped(text: str, width: int) -> str:
    """Return text broken into lines of at most ``width`` characters where words allow."""
    return "<br>".join(textwrap.wrap(text, width, break_long_words=False)) or text


def text_width(text: str) -> int:
    """Return about how many pixels wide a text with tags and line breaks is."""
    lines = re.sub(r"<(?!br>)[^>]*>", "", text).split("<br>")
    return round(max(len(line) for line in lines) * FONT_SIZE * 0.56)
