"""What an analysis gives back: one long table, words, checks, and where it comes from.

A result's table is long: each row is one number. That single shape feeds disclosure
control, the printed table, the chart, the workbook, and ``figures.csv``. Words never
hold digits of their own: they refer to rows of the table by figure id, so that a
suppressed cell cannot survive in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from needs.vocabulary.kin import Kin
from needs.vocabulary.units import UNITS

__all__ = [
    "ALL",
    "KEYS",
    "Additive",
    "Chart",
    "Check",
    "Layout",
    "Measure",
    "Result",
    "Sentence",
    "figure_id",
    "long_table",
]

ALL = "all"
"""Key of the group that is the total of the others."""

KEYS = ("area", "period", "measure", "group", "by")
"""Columns that name a number; with ``value`` and ``marker`` they are the long table."""

_SLUG = re.compile(r"^[a-z][a-z0-9_]*$")
_REF = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Dimension = Literal["area", "period", "measure", "group", "by"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row's value measures.

    Parameters
    ----------
    key : str
        Name with unit and base, such as ``children_n`` or ``share_pct``.
    label : str
        Words for a reader.
    unit : str
        A key of :data:`needs.vocabulary.units.UNITS`.
    base : str
        What a share or rate is a share of, in words; empty for counts.
    derived_from : tuple of str
        Measures of the same cell that this one would reveal (a share reveals its count).
    """

    key: str
    label: str
    unit: str
    base: str = ""
    derived_from: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"measure {self.key}: unknown unit {self.unit}")


@dataclass(frozen=True, slots=True)
class Additive:
    """A relation of a table: the total is the sum of the parts, in every other cell key.

    Parameters
    ----------
    dimension : {"group", "by", "area", "period", "measure"}
        Column along which the parts add up.
    total : str
        Key of the total.
    parts : tuple of str
        Keys of the parts.
    signs : tuple of int
        +1 or -1 for each part; empty means all +1 (net change = started - ceased).
    """

    dimension: Dimension
    total: str
    parts: tuple[str, ...]
    signs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the long table is laid out for a reader.

    Parameters
    ----------
    rows, columns : tuple of str
        Columns of the long table that go down and across.
    measures : tuple of str
        Measures shown, in order; empty shows all. Others serve sentences only.
    """

    rows: tuple[Dimension, ...] = ("group",)
    columns: tuple[Dimension, ...] = ("period",)
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of some rows of the result's table.

    Parameters
    ----------
    key : str
        Slug, unique in its result.
    kind : {"line", "bar", "stacked_bar", "fan", "dot", "rings", "circles", "heat", "waterfall"}
        ``fan`` and ``dot`` also draw ``lower_80`` … ``upper_95`` where the table has them.
        ``rings`` is a map without places: four keys on ``x``, left inner and outer, right
        inner and outer.
        ``circles`` is a map of areas: a circle for each key on ``x``, where ``at`` says.
        ``heat`` is a grid, keys on ``x`` down and series across, shaded around nought.
        ``waterfall`` leads in steps, keys on ``x``, from the first of ``ends`` to the last.
    measure : str
        The measure drawn.
    x, series : str
        Columns of the long table on the axis and as lines or bars.
    title : str
        Headline: what the picture says, without digits.
    subtitle : str
        Measure, place and period.
    alt : str
        What a reader who cannot see it should know about form and message, without
        digits; the renderer adds first, last, highest and lowest values by rule.
    include : mapping
        Column -> keys drawn; empty draws all.
    band : tuple of str
        Two series, the lower first, that are not drawn as lines: the picture is shaded
        between them. Empty shades nothing.
    at : mapping of str to (float, float)
        Key on ``x`` -> kilometres east and north of any one point, for ``circles``: where the
        area lies, never where anybody in it does. A key without a place stands below the map.
    core : tuple of str
        Keys on ``x`` that the map is drawn to the scale of, and that are filled.
    ends : tuple of str
        Keys on ``x`` of a ``waterfall`` whose bars stand on nought: where it begins and ends.
    dials : mapping
        What a page needs, beside released rows, to let a reader move levers; plain values.
    """

    key: str
    kind: Literal[
        "line", "bar", "stacked_bar", "fan", "dot", "rings", "circles", "heat", "waterfall"
    ]
    measure: str
    title: str
    subtitle: str
    alt: str
    x: Dimension = "period"
    series: Dimension = "group"
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    band: tuple[str, ...] = ()
    at: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    core: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    dials: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.kind == "circles") != bool(self.at) or not set(self.core) <= set(self.at):
            raise ValueError(f"chart {self.key}: a map of circles, and no other, says where")
        if (self.kind == "waterfall") != (len(self.ends) == 2):
            raise ValueError(f"chart {self.key}: a waterfall, and no other, has two ends")
        if len(self.band) not in {0, 2} or (self.band and self.kind != "line"):
            raise ValueError(f"chart {self.key}: a line chart is shaded between two series")
        if not (self.title and self.alt):
            raise ValueError(f"chart {self.key}: title and alternative text are required")


@dataclass(frozen=True, slots=True)
class Check:
    """A test of a result, with what was found.

    Parameters
    ----------
    name : str
        What was tested.
    status : {"pass", "review", "fail"}
        ``review`` asks a person to look.
    detail : str
        What was found, in words; counts of records only, never a value of one.
    leans_on : tuple of str
        Figure ids of the counts that it compares with what others print: it is not told where
        one of them is hidden.
    """

    name: str
    status: Literal["pass", "review", "fail"]
    detail: str
    leans_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with numbers by reference.

    Parameters
    ----------
    template : str
        Text with ``{name}`` where a number goes. It holds no digits of its own, but for
        dates, law sections and reporting years passed in ``words``.
    refs : mapping of str to str
        Name -> figure id of a row of the result's table (see :func:`figure_id`).
    words : mapping of str to str
        Name -> text that is not a number of the analysis: a label, a date, a period.
    """

    template: str
    refs: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = set(_REF.findall(self.template))
        if names != set(self.refs) | set(self.words):
            raise ValueError(f"sentence names {sorted(names)} do not match its references")
        if re.search(r"\d", _REF.sub("", self.template)):
            raise ValueError("a sentence holds a digit of its own: pass it as a reference")


@dataclass(frozen=True, slots=True)
class Result:
    """A finished piece of analysis, before disclosure control.

    Parameters
    ----------
    name : str
        Slug, unique in the study: the first part of every figure id.
    title : str
        Headline of the table; no digits.
    subtitle : str
        Measure, place and period.
    table : pandas.DataFrame
        Long table from :func:`long_table`: columns ``area, period, measure, group, by,
        value, marker`` and, for forecasts, ``lower_80, upper_80, lower_95, upper_95``.
    measures : tuple of Measure
        Every measure of the table, in order.
    labels : mapping of str to str
        Words for the keys of ``group``, ``by`` and ``area``; its order is the printed order.
    source : str
        Where the numbers come from, for the line under the table.
    """

    name: str
    title: str
    subtitle: str
    table: pd.DataFrame
    measures: tuple[Measure, ...]
    labels: Mapping[str, str]
    source: str
    layout: Layout = field(default_factory=Layout)
    text: tuple[Sentence, ...] = ()
    charts: tuple[Chart, ...] = ()
    checks: tuple[Check, ...] = ()
    additive: tuple[Additive, ...] = ()
    notes: tuple[str, ...] = ()
    row_notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Extra text columns: heading -> group key -> text."""
    settings: Mapping[str, object] = field(default_factory=dict)
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Period -> other periods that its derived numbers are made from: a count held for years to
    come is hidden wherever the count itself is."""
    kin: Kin | None = field(default=None, compare=False, repr=False)
    """The results that this one is protected with, itself included; none stands alone."""
    mirrors: Result | None = field(default=None, repr=False)
    """A result of another chapter that prints the same cells: what it hides is hidden here."""
    leans_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Figure id of a row, or of a bound of it -> ids of counts of the study that it is made from,
    or compares: it is hidden where one of them is, whichever result prints that."""
    drops: bool = False
    """Whether rows that lean on a hidden count are left out instead of marked, since a row that is
    there would tell that the count is large enough."""
    guarded: tuple[str, ...] = ()
    """Headings of ``row_notes`` that speak of a row's numbers: not told where one is hidden."""
    scope: str = ""
    """Who is counted, where they are not those of the study's label; empty: they are."""
    typed: bool = False
    """Whether the numbers were typed or sent in, and none is counted from records: where those are
    synthetic, these are not."""
    published: bool = False
    """Whether every number is already in the public domain, so that nothing is hidden."""

    def __post_init__(self) -> None:
        if not _SLUG.match(self.name):
            raise ValueError(f"result name {self.name!r} is not a slug")
        missing = {*KEYS, "value", "marker"} - set(self.table.columns)
        if missing:
            raise ValueError(f"result {self.name}: table lacks {sorted(missing)}")
        if self.table.duplicated(list(KEYS)).any():
            raise ValueError(f"result {self.name}: two rows name the same number")
        unknown = set(self.table["measure"]) - {m.key for m in self.measures}
        if unknown:
            raise ValueError(f"result {self.name}: measures {sorted(unknown)} not described")

    def measure(self, key: str) -> Measure:
        """Return the measure of that key."""
        return next(m for m in self.measures if m.key == key)


def figure_id(
    result: str, measure: str, group: str = ALL, period: str = "", by: str = "", area: str = ""
) -> str:
    """Return the id of one number: result, measure, group, by, period, area, empty ones left out.

    Examples
    --------
    >>> figure_id("stock", "children_n", "all", "2022-23")
    'stock.children_n.all.2022-23'
    """
    return ".".join(p for p in (result, measure, group, by, period, area) if p)


def long_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` as a long table: key columns as text, ``value`` as float, sorted order kept.

    Parameters
    ----------
    frame : pandas.DataFrame
        At least ``measure`` and ``value``; missing key columns are filled with ``""``
        (``group`` with ``all``), a missing ``marker`` with ``""``.
    """
    out = frame.copy()
    for key in KEYS:
        if key not in out:
            out[key] = ""
        blank = ALL if key == "group" else ""
        out[key] = out[key].astype(object).where(out[key].notna(), blank).astype(str)
        out[key] = out[key].replace("", blank)
    marker = out["marker"] if "marker" in out else pd.Series("", index=out.index)
    out["marker"] = marker.astype(object).where(marker.notna(), "").astype(str)
    out["value"] = out["value"].astype(float)
    rest = [c for c in out.columns if c not in {*KEYS, "value", "marker"}]
    return out[[*KEYS, "value", "marker", *rest]].reset_index(drop=True)
