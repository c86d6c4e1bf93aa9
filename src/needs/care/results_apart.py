"""Chapter 20: what stands apart from the stock: short breaks, missing episodes, care leavers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.ages import AGE_BANDS, age_band, completed_years
from needs.care.basis import Basis
from needs.care.breakdown import Breakdown, divided
from needs.care.counted import SHORT_BREAKS, counted_episodes
from needs.care.results_flows import with_windows
from needs.care.rows import unavailable, wide_rows
from needs.care.stability import nights
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["care_leavers", "missing", "short_breaks"]

MISSING = "cla_missing"
PEOPLE = Measure("people_n", "Young people", "people")
_KINDS = {"M": "missing", "A": "away"}
IN_TOUCH: Mapping[str, str] = MappingProxyType(
    {
        "yes": "In touch",
        "no": "Not in touch",
        "refused": "Refused contact, or no longer needs the service",
        "home": "Home for six months or more, or died",
    }
)
ACTIVITY: Mapping[str, str] = MappingProxyType(
    {
        "eet": "In education, employment or training",
        "neet": "Not in education, employment or training",
        "not_known": "Not known or not applicable",
    }
)
HIGHER: Mapping[str, str] = MappingProxyType(
    {
        "higher": "In higher education",
        "other_eet": "In other education, training or employment",
        **{k: words for k, words in ACTIVITY.items() if k != "eet"},
    }
)
ACCOMMODATION: Mapping[str, str] = MappingProxyType(
    {
        "suitable": "In suitable accommodation",
        "unsuitable": "In unsuitable accommodation",
        "not_known": "Not known or not applicable",
    }
)
_TOUCH = {
    "YES": "yes",
    "NO": "no",
    "REFU": "refused",
    "NREQ": "refused",
    "RHOM": "home",
    "DIED": "home",
}
_ACTIVE = {
    "in education, employment or training": "eet",
    "not in education, employment or training": "neet",
}
_HIGHER_EDUCATION = ("F1", "P1")


def short_breaks(data: StudyData) -> Result:
    """Return the children with a short-break series in each year, by age (``cla_short_breaks``).

    Notes
    -----
    Their total is that of the table of starts and ends: they are in no other row there.
    """
    basis = with_windows(data)
    e = basis.records.episodes
    series = e[e["ls"].isin(SHORT_BREAKS).to_numpy()]
    spans = pd.DataFrame({"start": series["decom"].to_numpy(), "stop": series["dec"].to_numpy()})
    who = series["child"].to_numpy()
    window, child = [], []
    for k, w in enumerate(basis.shown.windows):
        there = np.unique(who[nights(spans, w) > 0])
        window.append(np.full(len(there), k))
        child.append(there)
    at, of = np.concatenate(window), np.concatenate(child).astype(np.int64)
    ends = np.array([w.end for w in basis.shown.windows], dtype="datetime64[ns]")
    born = basis.records.children["dob"].to_numpy()[of]
    ages = age_band(completed_years(born, ends[at], basis.records.counting))
    spec = Breakdown(
        name="cla_short_breaks",
        title="Children with short breaks",
        subtitle=basis.flow_subtitle("Children with a series of short breaks in the year"),
        everyone="all children with short breaks",
        labels=AGE_BANDS,
        periods=basis.window_labels,
        rule="Legal statuses V3 and V4 on any day of the year, by age at its end.",
        scope="Children with a series of short breaks, who are in no other table of children "
        "looked after here.",
        chart="Children with short breaks, by age",
    )
    period = pd.Categorical.from_codes(at.tolist(), categories=pd.Index(basis.window_keys))
    return divided(basis, period, ages, spec)


def missing(data: StudyData) -> Result:
    """Return missing episodes in each year (``cla_missing``).

    Returns
    -------
    Result
        Children looked after on any day of the year; those who went missing (M) or were away
        without authorisation (A), how often, and what share of children they are.
    """
    basis = with_windows(data)
    subtitle = basis.flow_subtitle("Children looked after on any day of the year")
    title, table = "Missing, and away without authorisation", basis.records.tables.get("missing")
    measure = Measure("missing_children_n", "Children who went missing", "children")
    if table is None:
        why = "No return of the study has the table of missing episodes."
        return unavailable(basis, MISSING, title, subtitle, measure, why)
    wide = _missing_counts(basis, table)
    key = basis.window_keys[-1]
    return Result(
        name=MISSING,
        title=title,
        subtitle=subtitle,
        table=wide_rows(wide, ["period"]),
        measures=_missing_measures(),
        labels={ALL: f"All {basis.label}", **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=(
            Sentence(
                "{year}: {n} children went missing, {share} of those looked after on any day of "
                "the year, {times} times in all.",
                {
                    "n": figure_id(MISSING, "missing_children_n", ALL, key),
                    "share": figure_id(MISSING, "missing_pct", ALL, key),
                    "times": figure_id(MISSING, "missing_n", ALL, key),
                },
                {"year": basis.window_labels[key]},
            ),
        )
        if wide["missing_n"].iloc[-1]
        else (),
        charts=(
            Chart(
                key="share",
                kind="line",
                measure="missing_pct",
                title="Share of children who went missing",
                subtitle=subtitle,
                alt="Line chart of the share of children who went missing, one point a year.",
            ),
        )
        if len(basis.shown.windows) > 1
        else (),
        notes=(
            "An episode counts in the year it began, of children looked after on a day of that "
            "year. Whoever went missing and was away too stands in both.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _missing_measures() -> tuple[Measure, ...]:
    """Return children looked after; and of each kind children, times and share."""
    every = "children looked after on any day of the year"
    made = [Measure("looked_after_n", "Looked after on any day of the year", "children")]
    for kind, words in (("missing", "went missing"), ("away", "were away without authorisation")):
        who, children = f"Children who {words}", f"{kind}_children_n"
        made += [
            Measure(children, who, "children"),
            Measure(f"{kind}_n", f"Times that children {words}", "episodes", "", (children,)),
            # Over a number that may have to be hidden for what it says of those who came back.
            Measure(f"{kind}_pct", who, "percent1", every, (children, "looked_after_n")),
        ]
    return tuple(made)


def _missing_counts(basis: Basis, table: pd.DataFrame) -> pd.DataFrame:
    """Return children looked after, missing and away in each window."""
    counted = counted_episodes(basis.records, basis.scope)
    table = table.drop_duplicates(["child", "missing", "mis_start"])  # the same row twice
    kind = table["missing"].astype(object).map(_KINDS).to_numpy(dtype=object)
    begun, who = table["mis_start"].to_numpy(), table["child"].to_numpy()
    rows = []
    for w in basis.shown.windows:
        there = np.unique(counted["child"].to_numpy()[nights(counted, w) > 0])
        inside = (begun >= np.datetime64(w.start, "ns")) & (begun <= np.datetime64(w.end, "ns"))
        inside &= np.isin(who, there)
        row: dict[str, object] = {"period": w.key, "looked_after_n": len(there)}
        for k in _KINDS.values():
            mine = inside & (kind == k)
            n = len(np.unique(who[mine]))
            row |= {f"{k}_children_n": n, f"{k}_n": int(mine.sum())}
            row[f"{k}_pct"] = 100.0 * n / len(there) if len(there) else float("nan")
        rows.append(row)
    return pd.DataFrame(rows)


def care_leavers(data: StudyData) -> tuple[Result, ...]:
    """Return care leavers by contact, activity and accommodation.

    Returns
    -------
    tuple of Result
        ``cla_leavers_in_touch``, ``cla_leavers_activity``, ``cla_leavers_higher`` (activity
        with higher education told apart), ``cla_leavers_accommodation``: young people of each
        return's table of care leavers (OC3).
    """
    basis = with_windows(data)
    table = basis.records.tables.get("oc3")
    subtitle = basis.flow_subtitle("Young people in the table of care leavers")
    if table is None:
        why = "No return of the study has the table of care leavers."
        name, title = "cla_leavers_in_touch", "Care leavers"
        return (unavailable(basis, name, title, subtitle, PEOPLE, why),)
    years = [w.year.end_year for w in basis.shown.windows]
    rows = table[table["return_year"].isin(years)].drop_duplicates(["return_year", "child"])
    at = np.searchsorted(years, rows["return_year"].to_numpy())
    period = pd.Categorical.from_codes(at.tolist(), categories=pd.Index(basis.window_keys))
    activ = rows["activ"].astype(object).map(dict(code_set("ACTIV").group_of)).map(_ACTIVE)
    apart = activ.replace("eet", "other_eet").mask(rows["activ"].isin(_HIGHER_EDUCATION), "higher")
    accom = rows["accom"].astype(object).map(dict(code_set("ACCOM").group_of))
    accom = accom.where(accom.isin(["suitable", "unsuitable"]))
    ways = (
        ("in_touch", "contact", IN_TOUCH, rows["in_touch"].astype(object).map(_TOUCH), "yes"),
        ("activity", "activity", ACTIVITY, activ.fillna("not_known"), "eet"),
        ("higher", "higher education", HIGHER, apart.fillna("not_known"), "higher"),
        ("accommodation", "accommodation", ACCOMMODATION, accom.fillna("not_known"), "suitable"),
    )
    return tuple(
        divided(
            basis,
            period,
            pd.Categorical(values, categories=list(words)),
            Breakdown(
                name=f"cla_leavers_{name}",
                title=f"Care leavers by {what}",
                subtitle=subtitle,
                everyone="all care leavers in the return",
                labels=words,
                periods=basis.window_labels,
                rule="Everybody in the return's table of care leavers (OC3), all ages together.",
                scope="Young people who have left care; they are in no table of children looked "
                "after here.",
                focus=focus,
                counted=PEOPLE,
            ),
        )
        for name, what, words, values, focus in ways
    )
