"""The indicators that a scorecard names: what each is, and where chapter 20 counts it.

They are those of the progress report to cabinet of May 2011 (document 001), in its order, and
with them the shares that later documents set targets for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL

__all__ = ["COST_LINES", "NAMED", "Named", "counted_as", "typed_for"]

Terms = tuple[tuple[str, str], ...]
_NOWHERE = ("", "")


@dataclass(frozen=True)
class Named:
    """One indicator.

    Parameters
    ----------
    key, label : str
        Slug, and words for a reader.
    good : {"higher", "lower", "neither"}
        Which way is better.
    pattern : str
        What an authority's own table calls it: a regular expression over lower-case words.
    analysis, result, group, share : str
        The analysis of :mod:`needs.care.chapter20` that counts it, its result, and group and
        measure of the share; empty where nothing does.
    count, whole : tuple of (str, str)
        Groups and measures whose sums are the count and the base of the share.
    base : str
        What it is a share of, in words.
    at_end : bool
        Whether its periods are days, the last of each year, and not years.
    printed : (str, str)
        Measure and group of the same in published figures.
    why : str
        Why it is not counted, where an input does hold it.
    unit : str
        A key of :data:`needs.vocabulary.units.UNITS`.
    """

    key: str
    label: str
    good: str
    pattern: str
    analysis: str = ""
    result: str = ""
    group: str = ""
    share: str = "share_pct"
    count: Terms = ()
    whole: Terms = ()
    base: str = ""
    at_end: bool = False
    printed: tuple[str, str] = _NOWHERE
    why: str = ""
    unit: str = "percent"


def _told(
    key: str,
    label: str,
    good: str,
    pattern: str,
    at: tuple[str, str],
    printed: tuple[str, str] = _NOWHERE,
) -> Named:
    """Return an indicator of the tables of health and reviews."""
    analysis, group = at
    return Named(
        key,
        label,
        good,
        pattern,
        analysis,
        f"cla_{analysis}",
        group,
        count=((group, "yes_n"),),
        whole=((group, "yes_n"), (group, "no_n")),
        base="those of whom it is known",
        printed=printed,
    )


def _part(
    key: str,
    label: str,
    good: str,
    pattern: str,
    at: tuple[str, str, str],
    base: str,
    printed: tuple[str, str] = _NOWHERE,
) -> Named:
    """Return an indicator that is one group of a table that divides people.

    Tables of children are of the last day of each year, those of care leavers of the year.
    """
    analysis, result, group = at
    unit = "people_n" if analysis == "care_leavers" else "children_n"
    return Named(
        key,
        label,
        good,
        pattern,
        analysis,
        result,
        group,
        count=((group, unit),),
        whole=((ALL, unit),),
        base=base,
        at_end=unit == "children_n",
        printed=printed,
    )


_STOCK = "all children looked after"
_LEAVERS = "all care leavers in the return"
_COSTS = "In the table of costs, where the study has cost lines"

COST_LINES = (
    Named(
        "cost_per_head",
        "Net cost per head of population",
        "lower",
        r"cost per head",
        why=_COSTS,
        unit="gbp",
    ),
    Named(
        "unit_cost", "Weekly unit cost", "lower", r"weekly unit cost", why=_COSTS, unit="gbp_week"
    ),
)
"""Those that rest on cost lines, which other rooms count."""

NAMED = (
    _told(
        "reviews_on_time",
        "Reviews on time",
        "higher",
        r"reviews.*on time",
        ("reviews", "on_time"),
        ("reviews_on_time_pct", ALL),
    ),
    _told(
        "took_part",
        "Took part in their reviews",
        "higher",
        r"(took part|participat).*reviews",
        ("reviews", "took_part"),
    ),
    _told(
        "health_assessment",
        "Health assessment up to date",
        "higher",
        r"^health assess",
        ("health", "health_assessment"),
        ("health_assessed_pct", ALL),
    ),
    _told("dental", "Teeth checked by a dentist", "higher", r"dent", ("health", "dental")),
    _told("immunised", "Immunisations up to date", "higher", r"^immunis", ("health", "immunised")),
    _told(
        "substance_misuse",
        "Substance misuse problem identified",
        "lower",
        r"substance misuse problem",
        ("health", "substance_misuse"),
    ),
    _told(
        "intervention",
        "Substance misuse: received an intervention",
        "higher",
        r"substance misuse.*intervention",
        ("health", "intervention"),
    ),
    Named("key_stage_2", "Key Stage 2 results", "higher", r"key stage 2"),
    Named("key_stage_4", "Key Stage 4 results", "higher", r"key stage 4"),
    _part(
        "higher_education",
        "Care leavers in higher education",
        "higher",
        r"higher education",
        ("care_leavers", "cla_leavers_higher", "higher"),
        _LEAVERS,
    ),
    _part(
        "eet",
        "Care leavers in education, employment or training",
        "higher",
        r"education, employment or training",
        ("care_leavers", "cla_leavers_activity", "eet"),
        _LEAVERS,
    ),
    Named(
        "peps",
        "Personal education plans up to date",
        "higher",
        r"personal education plan|\bpeps?\b",
    ),
    _told(
        "offending",
        "Convicted or cautioned, aged ten and over",
        "lower",
        r"^offend|convict",
        ("health", "convicted"),
    ),
    _part(
        "long_term_stability",
        "In the same placement for two years",
        "higher",
        r"long-term stability",
        ("long_term_stability", "cla_long_term_stability", "stable"),
        "children long in care",
        printed=("long_term_stability_pct", ALL),
    ),
    _part(
        "three_or_more",
        "Three or more placements in the year",
        "lower",
        r"three or more",
        ("placements_a_year", "cla_placements_a_year", "three_plus"),
        _STOCK,
        printed=("three_or_more_moves_pct", ALL),
    ),
    _part(
        "suitable_housing",
        "Care leavers in suitable housing",
        "higher",
        r"suitable (housing|accommodation)",
        ("care_leavers", "cla_leavers_accommodation", "suitable"),
        _LEAVERS,
    ),
    *COST_LINES,
    _part(
        "fostered",
        "In foster care",
        "higher",
        r"foster care, share of all",
        ("placement_mix", "cla_placement_mix", "all_fostering"),
        _STOCK,
    ),
    _part(
        "homes",
        "In children's homes",
        "lower",
        r"children's homes, share of all",
        ("placement_mix", "cla_placement_mix", "all_homes"),
        _STOCK,
    ),
    _part(
        "far",
        "Placed outside the authority and over 20 miles from home",
        "lower",
        r"over 20 miles from home",
        ("distance", "cla_distance", "outside_far"),
        _STOCK,
        printed=("over_20_miles_pct", ALL),
    ),
)
"""In printed order."""


def counted_as(label: str) -> Named | None:
    """Return the indicator that the returns give and that a label of an own table names."""
    return next((n for n in NAMED if n.analysis and re.search(n.pattern, label.lower())), None)


def typed_for(data: StudyData, named: Named) -> dict[str, float]:
    """Return the numbers of the study's own table for an indicator, by column; none without."""
    if not data.has("scorecard"):
        return {}
    frame = data.scorecard.frame
    mine = frame[[bool(re.search(named.pattern, x.lower())) for x in frame["indicator"]]]
    if mine.empty:
        return {}
    row = mine.assign(period=mine["period"].astype(str)).sort_values("period").iloc[-1]
    return {
        str(k): float(row[k])
        for k in ("value", "previous", "target", "neighbours", "england")
        if k in row and not pd.isna(row[k])
    }
