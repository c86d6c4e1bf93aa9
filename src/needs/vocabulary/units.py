"""Units of measure and the one place where a number becomes printed text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

__all__ = [
    "IN_PLACE",
    "MARKERS",
    "UNITS",
    "Unit",
    "coarsest",
    "on_axis",
    "printed",
    "round_half_up",
]

# What may stand in the place of a number (DfE statistical releases use the same letters).
MARKERS = {
    "c": "suppressed to protect small numbers",
    "x": "not available",
    "z": "not applicable",
    "k": "more than nothing, but rounds to nought",
    "u": "of low reliability",
    "r": "restated",
}
IN_PLACE = frozenset(MARKERS) - {"r"}
"""Markers that stand where a number would; ``r`` stands behind one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How a number of this unit is rounded and printed.

    Parameters
    ----------
    key : str
        Name used in tables and ``figures.csv``.
    label : str
        Words for a reader.
    decimals : int
        Decimal places printed; below nought, places before the point that are rounded away.
    prefix, suffix : str
        Printed before and after the digits.
    people : bool
        Whether the number counts people, so that disclosure control looks at it.
    """

    key: str
    label: str
    decimals: int = 0
    prefix: str = ""
    suffix: str = ""
    people: bool = False


MILLION = 1e6

UNITS: dict[str, Unit] = {
    u.key: u
    for u in (
        Unit("children", "children", people=True),
        Unit("people", "people", people=True),
        # Hidden as the exact counts would be, and then printed coarser: what estimates rest on.
        Unit("children_tens", "children, to the nearest ten", -1, people=True),
        Unit("children_forecast", "children"),  # nobody counted: a forecast, or its error
        Unit("people_forecast", "young people"),
        Unit("episodes", "episodes", people=True),  # one may be the only one of a child
        Unit("requests", "requests", people=True),  # each is of one child
        Unit("families", "families", people=True),
        Unit("cases", "cases", people=True),
        Unit("providers", "providers", people=True),  # a price of few would tell one's
        Unit("rows", "rows of data"),
        Unit("child_rows", "rows of data", people=True),  # rows that stand for children
        Unit("places", "places"),
        Unit("a_year", "a year", 1),
        Unit("count", "number"),
        Unit("number1", "number", 1),
        Unit("households", "households"),
        Unit("carers", "households", people=True),  # a household of few could be known
        Unit("fte", "full-time equivalent placements", 1),
        Unit("children_mean", "children", 1),  # nobody counted: what a plan or a model has
        Unit("children_node", "children", 2),  # the same, to be added up and multiplied
        Unit("households_mean", "households", 1),
        Unit("places_mean", "places", 1),
        Unit("posts", "posts", 1),
        Unit("percent", "per cent", 0, suffix="%"),
        Unit("percent1", "per cent", 1, suffix="%"),
        Unit("percent2", "per cent", 2, suffix="%"),
        Unit("points", "percentage points", 1),
        Unit("rate_per_10k", "per 10,000 children aged 0 to 17", 0),
        Unit("rate1_per_10k", "per 10,000 children aged 0 to 17", 1),
        Unit("days", "days"),
        Unit("nights", "nights"),
        Unit("days_served", "days", people=True),  # few of them are of few people
        Unit("nights_served", "nights", people=True),
        Unit("weeks", "weeks", 1),
        Unit("months", "months", 1),
        Unit("years", "years", 1),
        Unit("miles", "miles", 1),
        Unit("score", "score", 1),
        Unit("score2", "score", 2),
        Unit("needs", "needs", 1),  # a mean number of needs a child
        Unit("ratio", "ratio", 2),
        Unit("deviations", "standard deviations", 2),
        Unit("gbp", "pounds", 0, "£"),
        Unit("gbp_week", "pounds a week", 0, "£"),
        Unit("gbp_k", "thousand pounds", 0, "£", "k"),
        Unit("gbp_m", "million pounds", 1, "£", "m"),
    )
}


def round_half_up(value: float, decimals: int = 0) -> Decimal:
    """Round half away from zero, as the published documents do.

    The value is first cut to twelve significant digits, so that the last bits, which
    differ between processor kernels, cannot decide a rounding.
    """
    exact = Decimal(f"{value:.12g}")
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


PRECISIONS = (("percent", "percent1", "percent2"), ("rate_per_10k", "rate1_per_10k"))
"""Units that differ in how many places they print, coarsest first."""


def coarsest(unit: str, values: Iterable[float]) -> str:
    """Return the coarsest unit of the same meaning that prints every value in full.

    A document that prints whole shares is shown with whole shares: a place after the point
    would claim a precision that it does not have.

    Parameters
    ----------
    unit : str
        A key of :data:`UNITS`; the finest that may come back.
    values : iterable of float
        Numbers as a document prints them; NaN is passed over.

    Returns
    -------
    str
        ``unit`` itself where there are no values, or none of its kin will do.

    Examples
    --------
    >>> coarsest("percent1", [37.0, 12.0]), coarsest("percent1", [37.0, 12.5])
    ('percent', 'percent1')
    """
    there = [v for v in values if not math.isnan(v)]
    family = next((f for f in PRECISIONS if unit in f), (unit,))
    for kin in family[: family.index(unit)] if there else ():
        places = UNITS[kin].decimals
        # Twelve digits, as in printing: a product of floats may miss a whole by its last bit.
        if all(round_half_up(v, places) == Decimal(f"{v:.12g}") for v in there):
            return kin
    return unit


def printed(value: float | None, unit: str, marker: str = "") -> str:
    """Return a number as every report, sheet and ``figures.csv`` prints it.

    Parameters
    ----------
    value : float or None
        The number; ``None`` or NaN prints as its marker, or ``x`` without one.
    unit : str
        A key of :data:`UNITS`.
    marker : str
        ``r`` stands after the number, every other marker in its place.

    Examples
    --------
    >>> printed(1234.5, "children"), printed(-0.25, "gbp_m"), printed(4.0, "children", "c")
    ('1,235', '-£0.3m', 'c')
    """
    if marker in IN_PLACE:
        return marker
    if value is None or math.isnan(value):
        return "x"
    u = UNITS[unit]
    rounded = round_half_up(value, u.decimals)
    sign = "-" if rounded < 0 else ""
    suffix = f" {marker}" if marker else ""
    return f"{sign}{u.prefix}{abs(rounded):,f}{u.suffix}{suffix}"


def on_axis(values: Iterable[float], unit: str) -> tuple[str, ...]:
    """Return numbers as an axis writes them: short, plain pounds in millions from a million.

    Parameters
    ----------
    values : iterable of float
        Where ticks stand.
    unit : str
        A key of :data:`UNITS`.

    Examples
    --------
    >>> on_axis([-200, 0, 200], "gbp"), on_axis([0, 2.5e6, 5e6], "gbp")
    (('-£200', '£0', '£200'), ('£0', '£2.5m', '£5m'))
    """
    u, listed = UNITS[unit], tuple(values)
    millions = u.prefix and not u.suffix and max(map(abs, listed), default=0.0) >= MILLION
    each, suffix = (MILLION, UNITS["gbp_m"].suffix) if millions else (1.0, u.suffix)
    return tuple(
        f"{'-' if v < 0 else ''}{u.prefix}{_plain(abs(v) / each)}{suffix if v else u.suffix}"
        for v in listed
    )


def _plain(value: float) -> str:
    """Return a number with as many places after the point as it has, at most two."""
    text = f"{round_half_up(value, 2):,f}"
    return text.rstrip("0").rstrip(".")
