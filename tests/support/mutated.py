"""Numbers that the prose of a page prints as figures, and the page with one digit changed."""

from __future__ import annotations

import re

import numpy as np

from needs.report.traced_rules import NUMBER, masked

_SPAN = re.compile(r'<span class="figure" data-figure="[^"]+">([^<]+)</span>')
_WORDS = re.compile(r'aria-label="([^"]+)"|<(?:li|strong|caption)>([^<]+)</')


def places_of(html: str) -> list[int]:
    """Return where digits of numbers stand that no rule allows: sentences, notes, charts' words."""
    spans = [m.span(1) for m in _SPAN.finditer(html)]
    spans += [
        (start + n.start(), start + n.end())
        for m in _WORDS.finditer(html)
        for start in [m.start(m.lastindex or 1)]
        for n in NUMBER.finditer(masked(m[m.lastindex or 1]))
    ]
    return [k for a, b in spans for k in range(a, b) if html[k].isdecimal()]


def changed_digit(html: str, places: list[int], rng: np.random.Generator) -> str:
    """Return a page with one digit of one number changed."""
    at = places[rng.integers(len(places))]
    digit = str((int(html[at]) + rng.integers(1, 10)) % 10)
    return html[:at] + digit + html[at + 1 :]
