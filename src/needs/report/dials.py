"""What a page needs to let a reader move levers: released rows as lines of a mean engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from needs.vocabulary.released import ReleasedResult

__all__ = ["with_rows"]

LINES = {
    "children": ("base_n", "node_n"),
    "money": ("gross_gbp", "node_gbp"),
    "demand": ("demand_n", "node_year_n"),
}
"""Kind of line -> measures of its baseline and of what nodes add to it."""


def with_rows(dials: Mapping[str, object], released: ReleasedResult) -> dict[str, Any]:
    """Return dials with the numbers they work with, each from a released row.

    Parameters
    ----------
    dials : mapping
        Of a chart; see :class:`needs.vocabulary.results.Chart`.
    released : ReleasedResult
        A line of which any number is withheld is left out, and so is a dial of its prices or
        places.
    """
    values: dict[tuple[str, str, str], list[float | None]] = defaultdict(list)
    for r in released.rows:
        values[r.measure, r.group, r.by].append(float(r.value) if r.value else None)
    made = {kind: _lines(values, *measures) for kind, measures in LINES.items()}
    places = {g: v for (m, g, _), v in values.items() if m == "places_n" and g in made["demand"]}
    kept = [d for d in _list(dials["dials"]) if _works(d, made)]
    years = [r.period for r in released.rows if r.measure in {"gross_gbp", "demand_n"}]
    return {
        **dials,
        "dials": kept,
        **made,
        "places": places,
        "years": list(dict.fromkeys(years)),
    }


def _list(found: object) -> list[dict[str, Any]]:
    return found if isinstance(found, list) else []


def _works(dial: Mapping[str, Any], made: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether a dial moves anything that is shown."""
    if dial["nodes"]:
        return True
    return dial["price_of"] in made["money"] or dial["places_of"] in made["demand"]


def _lines(
    values: Mapping[tuple[str, str, str], list[float | None]], base: str, node: str
) -> dict[str, Any]:
    groups = [g for m, g, _ in values if m == base]
    found = {}
    for group in groups:
        effects = {by: v for (m, g, by), v in values.items() if m == node and g == group}
        line = [values[base, group, ""], *effects.values()]
        if all(x is not None for numbers in line for x in numbers):
            found[group] = {"base": line[0], "effects": effects}
    return found
