"""The column layouts in which publishers release their files, and how a file is recognised.

A layout names its columns as ours and lists the spellings that releases have used. Sources:
the files of the Department for Education's "Children looked after in England" (releases 2022
to 2025), ONS's mid-year estimates (tables MYEB1) and subnational projections (2018- and
2022-based), Ofsted's "Children's social care in England: provider level", the statistical
neighbour groupings of April 2021 and of 2025, and the data behind the Local Authority Interactive
Tool, one row an area, measure and year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["LAYOUTS", "Layout", "Match", "match", "nearest"]


@dataclass(frozen=True)
class Layout:
    """One way in which a kind of file is laid out.

    Parameters
    ----------
    input : str
        Name of the input that it belongs to.
    kind : str
        Name within the input.
    label : str
        Words for an error message.
    required, optional : mapping of str to tuple of str
        Our column name -> spellings in the files, in lower case.
    series : str
        Pattern of columns that repeat (years, ranks), with one group; empty for none.
    series_words : str
        How an error message names these columns.
    beside : str
        Pattern of the column that stands to the right of each of these; empty for none.
    absent : tuple of str
        Columns that such a file does not have.
    """

    input: str
    kind: str
    label: str
    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    series: str = ""
    series_words: str = ""
    beside: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A layout and where its columns stand.

    Parameters
    ----------
    layout : Layout
        Which layout it is.
    at : mapping of str to int
        Our column name -> position in the file.
    series : mapping of str to int
        What the pattern's group caught -> position; ``beside`` and what it caught -> position
        of the column to the right.
    extra_n : int
        Named columns of the file that are kept out.
    """

    layout: Layout
    at: Mapping[str, int]
    series: Mapping[str, int]
    extra_n: int


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {n: (n,) for n in names}


_AREA = _same(
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
_NUMBER = {"number": ("number", "children_count")}
_PERCENT = {"percentage": ("percentage", "children_percent")}
_SPLIT = {"by": ("characteristic", "placement_stability")}

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "comparators",
        "rates",
        "numbers and rates of children looked after",
        _AREA
        | _NUMBER
        | {
            "population": ("population_count", "population_type"),
            "population_estimate": ("population_estimate",),
            "rate": ("rate_per_10000",),
        },
    ),
    Layout(
        "comparators",
        "split",
        "children by group and characteristic",
        _AREA | _NUMBER | _PERCENT | _SPLIT | _same("cla_group"),
    ),
    Layout(
        "comparators",
        "split",
        "children by characteristic and breakdown",
        _AREA | _NUMBER | _PERCENT | {"cla_group": ("characteristic",), "by": ("breakdown",)},
    ),
    Layout(
        "comparators",
        "net_gain",
        "net gain of children by area",
        _AREA | _NUMBER | {"population": ("characteristic",)},
        absent=("cla_group", "percentage", "children_percent", "breakdown"),
    ),
    Layout(
        "comparators",
        "short_breaks",
        "children in short-term placements only",
        _AREA | _NUMBER | {"population": ("cla_group",)},
        absent=("characteristic", "percentage", "children_percent", "placement_stability"),
    ),
    Layout(
        "neighbours",
        "2021",
        "statistical neighbours, April 2021",
        {"dfe_code": ("la num",), "area_name": ("la name",)},
        _same("la number", "goind", "goreg"),
        series=r"sn(\d+)",
        series_words="SN1 to SN10",
        beside=r"snp",
    ),
    Layout(
        "neighbours",
        "2025",
        "statistical neighbours, 2025",
        {"dfe_code": ("old_la_code",), "area_name": ("la_name",)},
        _same("region_ind", "region_name"),
        series=r"sn_(\d+)",
        series_words="SN_1 to SN_10",
        beside=r"sn_\d+p",
    ),
    Layout(
        "population",
        "children",
        "population aged 0 to 17 by authority",
        _AREA | _same("age_group", "population_estimate"),
    ),
    Layout(
        "population",
        "single_years",
        "mid-year estimates by single year of age",
        {
            "area_code": tuple(f"ladcode{y:02d}" for y in range(11, 40)),
            "area_name": tuple(f"laname{y:02d}" for y in range(11, 40)),
        }
        | _same("country", "sex", "age"),
        series=r"population_(\d{4})",
        series_words="population_ and the year, for each mid-year",
    ),
    Layout(
        "population",
        "long",
        "population by single year of age, long",
        {"area_code": ("gss", "area_code"), "area_name": ("area", "area_name")}
        | _same("age", "mid_year", "population"),
        absent=("source",),
    ),
    Layout(
        "projections",
        "wide",
        "subnational population projections",
        _same("area_code", "area_name", "component", "sex", "age_group"),
        series=r"(\d{4})",
        series_words="the year, for each mid-year",
    ),
    Layout(
        "projections",
        "long",
        "population projections, long",
        _same("area_code", "area_name", "age", "mid_year", "population", "source"),
    ),
    Layout(
        "projections",
        "districts",
        "districts and their upper-tier authorities",
        {
            "district": tuple(f"{k}{y:02d}cd" for k in ("ltla", "lad") for y in range(19, 40)),
            "area_code": tuple(f"{k}{y:02d}cd" for k in ("utla", "ctyua") for y in range(19, 40)),
            "area_name": tuple(f"{k}{y:02d}nm" for k in ("utla", "ctyua") for y in range(19, 40)),
        },
    ),
    Layout(
        "unit_costs",
        "lait",
        "weekly unit costs of the Local Authority Interactive Tool, long",
        {
            "code": ("lait_code",),
            "area_name": ("area", "la_name"),
            "dfe_code": ("old_la_code", "la_number"),
            "period": ("period", "years"),
            "value": ("value_raw", "value"),
        },
    ),
    Layout(
        "ofsted",
        "providers",
        "Ofsted's list of providers",
        {
            "urn": ("urn",),
            "provision_type": ("provision type",),
            "sector": ("sector",),
            "places": ("places",),
            "authority": ("local authority",),
            "registration_status": ("registration status",),
            "registration_date": ("registration date",),
        },
        {
            "name": ("name", "setting name"),
            "region": ("government office region", "region"),
            "ofsted_region": ("ofsted region",),
            "owner": ("organisation which owns the provider", "organisation name"),
            "rating": (
                "overall experiences and progress of children and young people",
                "overall experiences and progress",
                "overall effectiveness",
            ),
            "short_breaks": (
                "short-break-only children's home",
                "short break only children's home",
                "short breaks only",
            ),
            "inspection_date": ("latest full inspection date",),
        },
    ),
)
"""Every layout that is read."""


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _missing(layout: Layout, have: set[str]) -> list[str]:
    return [
        spellings[0] for spellings in layout.required.values() if not have.intersection(spellings)
    ]


def match(names: Sequence[str], input_name: str) -> Match | None:
    """Return the layout of which these are the column names, the fullest if several.

    Parameters
    ----------
    names : sequence of str
        A row of the file. Case, line breaks and blanks do not matter.
    input_name : str
        Only layouts of this input are tried.
    """
    plain = [_plain(n) for n in names]
    have = {n for n in plain if n}
    fit = [
        layout
        for layout in LAYOUTS
        if layout.input == input_name
        and not _missing(layout, have)
        and not have.intersection(layout.absent)
        and (not layout.series or any(re.fullmatch(layout.series, n) for n in plain))
    ]
    if not fit:
        return None
    layout = max(fit, key=lambda x: len(x.required))
    at = {
        ours: next(i for i, n in enumerate(plain) if n in spellings)
        for ours, spellings in {**layout.required, **layout.optional}.items()
        if have.intersection(spellings)
    }
    found = [(re.fullmatch(layout.series, n), i) for i, n in enumerate(plain)]
    series = {m[1]: i for m, i in found if m and layout.series}
    if layout.beside:
        right = {f"beside {rank}": i + 1 for rank, i in series.items() if i + 1 < len(plain)}
        series |= {k: i for k, i in right.items() if re.fullmatch(layout.beside, plain[i])}
    used = {*at.values(), *series.values()}
    return Match(layout, at, series, sum(bool(n) and i not in used for i, n in enumerate(plain)))


def nearest(names: Sequence[str], input_name: str) -> tuple[Layout, list[str]] | None:
    """Return the layout of the input that the names come nearest to, and what it lacks.

    None where the names have nothing of their own in common with any layout.
    """
    have = {_plain(n) for n in names} - {""}
    shared = set(_AREA)
    best: tuple[float, Layout] | None = None
    for layout in LAYOUTS:
        own = [s for s in layout.required.values() if not shared.intersection(s)] or list(
            layout.required.values()
        )
        score = sum(bool(have.intersection(s)) for s in own) / len(own)
        fits = layout.input == input_name and not have.intersection(layout.absent)
        if fits and score and (best is None or score > best[0]):
            best = (score, layout)
    if best is None:
        return None
    layout = best[1]
    lacks = _missing(layout, have)
    if layout.series and not any(re.fullmatch(layout.series, n) for n in have):
        lacks.append(layout.series_words)
    return layout, lacks
