"""Chapter 25: official counts and rates as each release prints them, and what was revised."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs.care.comparison_areas import Peers, as_printed, in_text, peers, revised
from needs.care.comparison_indicators import BY_KEY, INDICATORS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["FINE", "RESTATED", "SOURCE", "measure_of", "release_words", "releases", "revisions"]

SOURCE = "Department for Education: Children looked after in England including adoptions"
FINE = {"percent": "percent1", "rate_per_10k": "rate1_per_10k"}
"""Unit of whole numbers -> unit of one decimal, for releases that print one."""
RESTATED = (
    "Every release is shown as it was printed. A number with an r differs from that of the "
    "release before it; why is in the table of revisions."
)
_ROUNDED = "The DfE rounds counts of England and regions to the nearest ten."


@dataclass(frozen=True)
class _Printed:
    """One official measure that is shown release by release."""

    measure: str
    title: str
    subtitle: str
    unit: str
    said: str


_AT = "children looked after at 31 March, the last day of each reporting year"
_TEN = "in every ten thousand children"
_PRINTED = (
    _Printed(
        "children_n",
        "Children looked after",
        "Number of " + _AT,
        "children",
        "{own} children were looked after in {place}, and {england} in England",
    ),
    _Printed(
        "children_rate_per_10k",
        "Rate of children looked after",
        "Rate of " + _AT,
        "rate_per_10k",
        f"{{own}} {_TEN} were looked after in {{place}}, and {{england}} in England",
    ),
    _Printed(
        "started_n",
        "Children who started to be looked after",
        "Number who started in each reporting year",
        "children",
        "{own} children started to be looked after in {place}, and {england} in England",
    ),
    _Printed(
        "started_rate_per_10k",
        "Rate at which children started to be looked after",
        "Rate of children who started in each reporting year",
        "rate_per_10k",
        f"{{own}} {_TEN} started to be looked after in {{place}}, and {{england}} in England",
    ),
    _Printed(
        "ceased_n",
        "Children who ceased to be looked after",
        "Number who ceased in each reporting year",
        "children",
        "{own} children ceased to be looked after in {place}, and {england} in England",
    ),
    _Printed(
        "ceased_rate_per_10k",
        "Rate at which children ceased to be looked after",
        "Rate of children who ceased in each reporting year",
        "rate_per_10k",
        f"{{own}} {_TEN} ceased to be looked after in {{place}}, and {{england}} in England",
    ),
    _Printed(
        "population_0_17_n",
        "Children aged 0 to 17 that rates are counted on",
        "Population estimates as each release has them",
        "children",
        "rates of {place} are counted on {own} children, and those of England on {england}",
    ),
    _Printed(
        "placed_elsewhere_n",
        "Children placed outside their own authority",
        "Number of children looked after at 31 March",
        "children",
        "{own} children of {place} were placed outside it; in England {england} were placed "
        "outside their authority",
    ),
    _Printed(
        "placed_here_n",
        "Children of other authorities placed in the area",
        "Number of children looked after at 31 March",
        "children",
        "{own} children of other authorities were placed in {place}; in England {england} were "
        "placed in another authority",
    ),
)


def release_words(keys: pd.Series[str]) -> dict[str, str]:
    """Return words for the keys of releases, the earliest first."""
    return {k: f"release of {k.removeprefix('release_')}" for k in sorted(set(keys))}


def measure_of(key: str, label: str, unit: str, base: str, values: pd.Series[float]) -> Measure:
    """Return a measure in the unit that shows the decimals that its values have."""
    whole = (values.dropna() % 1 == 0).all()
    return Measure(key, label, unit if whole else FINE.get(unit, unit), base)


def releases(data: StudyData) -> tuple[Result, ...]:
    """Return counts and rates of all areas compared, every release beside the others.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    tuple of Result
        ``comparison_<measure>`` for each count and rate that the files give: rows by area
        (ONS code), ``period`` (reporting year) and ``by`` (release); a number that a later
        release restates is marked ``r`` there and stays as it was in the earlier one.

    Raises
    ------
    InputMissing
        If the study has no comparators, or they hold none of these.
    """
    who = peers(data)
    frame = data.comparators.frame
    rows = frame[(frame["group"] == ALL) & frame["area_code"].isin(who.shown)]
    made = []
    for what in _PRINTED:
        mine = in_text(rows[rows["measure"] == what.measure])
        if len(mine):
            made.append(_release_table(who, what, as_printed(mine)))
    if not made:
        raise InputMissing("comparators")
    return tuple(made)


def _release_table(who: Peers, what: _Printed, rows: pd.DataFrame) -> Result:
    name = f"comparison_{what.measure}"
    table = long_table(
        rows.assign(group=ALL)[["area", "period", "measure", "by", "value", "marker"]]
    )
    last = table[table["period"] == table["period"].max()]
    period, release = str(last["period"].iloc[0]), str(last["by"].max())
    words = release_words(table["by"])
    counted = what.unit == "children"
    return Result(
        name=name,
        title=what.title,
        subtitle=f"{what.subtitle}, {who.names[who.own]} and areas compared",
        table=table,
        measures=(measure_of(what.measure, what.title, what.unit, "", table["value"]),),
        labels={ALL: "All children", **who.names, **words, "by": "Release"},
        source=f"{SOURCE}, {', '.join(words.values())}",
        layout=Layout(("area",), ("period", "by")),
        text=_release_said(name, who, what, table, (period, release)),
        checks=(_restated_n(table),),
        notes=(RESTATED, *((_ROUNDED,) if counted else ()), *who.notes),
        published=True,
    )


def _release_said(
    name: str, who: Peers, what: _Printed, table: pd.DataFrame, at: tuple[str, str]
) -> tuple[Sentence, ...]:
    """Return what the newest release says of the authority and of England."""
    period, release = at
    here = set(table.loc[(table["period"] == period) & (table["by"] == release), "area"])
    if not {who.own, who.england} <= here:
        return ()
    refs = {
        k: figure_id(name, what.measure, ALL, period, release, area)
        for k, area in (("own", who.own), ("england", who.england))
    }
    words = {"year": period, "place": who.names[who.own]}
    return (Sentence(f"In {{year}}, {what.said}.", refs, words),)


def _restated_n(table: pd.DataFrame) -> Check:
    n = int((table["marker"] == "r").sum())
    return Check(
        "Later releases print the same numbers",
        "review" if n else "pass",
        f"numbers restated by a later release: {n}",
    )


_REASONS = {
    "count": "The count was revised",
    "population": "The population that the rate is counted on was revised",
    "both": "The count and the population were revised",
    "base": "The base of the share was revised",
    "rounding": "Count and base as before: rounding, or another rule",
    "unknown": "The files give no count to tell why",
}


def revisions(data: StudyData) -> Result:
    """Return every figure of the authority and of England that a later release changed, and why.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    Result
        ``comparison_revisions``: rows by measure, area, year, reason (``group``) and release
        (``by``); the later number is marked ``r``. Figures of neighbours that changed are
        counted. Where no release changed anything, the count alone.

    Notes
    -----
    The reason of a rate or share is found from the figures themselves: its count and its base
    in both releases. Why the DfE revised a count is not in the files.
    """
    who = peers(data)
    rows = _watched(data, who)
    differ = revised(rows)
    near = differ[differ["area_code"].isin([who.own, who.region, who.england])]
    others = differ[differ["area_code"].isin(who.neighbours)]
    key = ["area_code", "period", "measure"]
    counts = {
        "figures_n": len(near.drop_duplicates(key)),
        "neighbours_figures_n": len(others.drop_duplicates(key)),
    }
    shown = as_printed(near)
    shown["group"] = _reasons(shown)
    table = pd.concat(
        [
            shown[["area", "period", "measure", "group", "by", "value", "marker"]],
            pd.DataFrame({"measure": list(counts), "value": list(counts.values())}),
        ]
    )
    return _revision_table(who, long_table(table))


_COUNTS = (
    Measure("figures_n", "Figures revised", "count"),
    Measure("neighbours_figures_n", "Neighbours' figures revised", "count"),
)


def _revision_table(who: Peers, table: pd.DataFrame) -> Result:
    name = "comparison_revisions"
    measures = tuple(
        measure_of(m.key, m.label, m.unit, m.base, table.loc[table["measure"] == m.key, "value"])
        for m in _watched_measures()
        if (table["measure"] == m.key).any()
    )
    words = release_words(table.loc[table["by"] != "", "by"])
    said = "Of the figures watched here, later releases changed {n}, and {m} of the neighbours'."
    return Result(
        name=name,
        title="What later releases revised",
        subtitle=f"{who.names[who.own]}, its region and England: numbers printed differently",
        table=table,
        measures=(*measures, *_COUNTS),
        labels={**who.names, **_REASONS, **words, "group": "Reason", "by": "Release"},
        source=SOURCE,
        layout=_revision_layout(measures),
        text=(
            Sentence(
                said,
                {"n": figure_id(name, "figures_n"), "m": figure_id(name, "neighbours_figures_n")},
            ),
        ),
        notes=(
            "Why a count was revised is not in the files: authorities correct their records. "
            "Rates and shares say whether the count or its base changed.",
        ),
        published=True,
    )


def _revision_layout(measures: tuple[Measure, ...]) -> Layout:
    """Return the layout of the figures revised; where there is none, of how many there are."""
    if not measures:
        return Layout(("measure",), ("period",), tuple(m.key for m in _COUNTS))
    return Layout(("measure", "period", "area", "group"), ("by",), tuple(m.key for m in measures))


def _watched_measures() -> list[Measure]:
    """Return every count, rate and share that is watched for revisions."""
    shares = [Measure(i.key, i.label, i.unit, i.base) for i in INDICATORS]
    counts = [Measure(p.measure, p.title, p.unit) for p in _PRINTED if p.unit == "children"]
    return [*counts, *shares]


def _watched(data: StudyData, who: Peers) -> pd.DataFrame:
    """Return the watched figures of the areas shown, with what they are counted from."""
    frame = data.comparators.frame
    mine = frame[frame["area_code"].isin(who.shown)]
    parts = []
    for what in _PRINTED:
        if what.unit == "children":
            at = (mine["measure"] == what.measure) & (mine["group"] == ALL)
            parts.append(in_text(mine[at]).assign(group=ALL, by=""))
    for i in INDICATORS:
        at = (mine["measure"] == i.measure) & (mine["group"] == i.group) & (mine["by"] == i.by)
        rows = in_text(mine[at]).assign(measure=i.key, group=ALL, by="")
        parts.append(rows.merge(_behind(mine, i.key), on=_AT_RELEASE, how="left"))
    return pd.concat(parts, ignore_index=True)


_AT_RELEASE = ["area_code", "period", "vintage"]


def _behind(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the count and the base of an indicator, by area, year and release."""
    i = BY_KEY[key]
    parts = {}
    for column, (measure, group, by) in (("n", (i.counted, i.group, i.by)), ("base", i.over)):
        at = (frame["measure"] == measure) & (frame["group"] == group) & (frame["by"] == by)
        parts[column] = in_text(frame[at]).set_index(_AT_RELEASE)["value"]
    return pd.concat(parts, axis=1).reset_index()


def _reasons(shown: pd.DataFrame) -> pd.Series[str]:
    """Return why each figure changed, from its count and base in the releases."""
    rate = shown["measure"].isin([i.key for i in INDICATORS if i.unit == "rate_per_10k"])
    count = ~shown["measure"].isin([i.key for i in INDICATORS])
    spread = shown.groupby(["area_code", "period", "measure"])[["n", "base"]]
    low, high = spread.transform("min"), spread.transform("max")
    moved, known = low != high, low.notna() & high.notna()
    out = pd.Series("unknown", index=shown.index)
    told = known.all(axis=1)
    out = out.mask(told, "rounding")
    out = out.mask(told & moved["base"], "base").mask(told & moved["base"] & rate, "population")
    out = out.mask(told & moved["n"], "count").mask(told & moved.all(axis=1), "both")
    return out.mask(count, "count")
