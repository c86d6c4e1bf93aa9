"""Chapter 45: foster households and their places, and how they came and went, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.fostering.pipeline import GROUPS, STAGES, Pipeline
from needs.vocabulary.kin import STUDY, Family, Tie
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = [
    "CARERS",
    "FLOW",
    "REACHED",
    "STOCK",
    "also_in",
    "by_year",
    "found_in",
    "labels",
    "stock",
    "year_keys",
]

STOCK, FLOW = "foster_stock", "foster_flow"
_TOLD = {
    "enquiry": "Enquiries",
    "application": "Applications",
    "approval": "Approvals",
    "withdrawn": "Enquiries or applications that ended without approval",
    "deregistration": "Deregistrations",
}
REACHED = "reached_n"
_NOTES = (
    "Stages are those of Ofsted's yearly collection, Fostering in England. A household is counted "
    "in the year in which it reached the stage: approvals of a year are largely of enquiries of "
    "the year before, so that one over the other is no conversion rate.",
    "Mainstream holds every kind but family and friends, short breaks and supported lodgings. A "
    "household in two kinds is counted in the one that the table gives.",
)


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that who was there, came and left makes who is there."""
    if not {STOCK, FLOW} <= set(results):
        return
    pipeline = Pipeline.of(data)
    days, years = year_keys(pipeline)
    for group in (ALL, *pipeline.groups()):
        for k, year in enumerate(years[1:], 1):
            then, now = (figure_id(STOCK, "households_n", group, days[i]) for i in (k - 1, k))
            come = figure_id(FLOW, REACHED, group, year, "approval")
            gone = figure_id(FLOW, REACHED, group, year, "deregistration")
            yield Tie(((now, 1), (then, -1), (come, -1), (gone, 1)))


CARERS = Family("carers", _ties, STUDY)
"""Results that count foster households."""

_LISTED = {"kinship": "kinship", "in_house_foster": "mainstream"}
_SAME = {"opened_n": "approval", "closed_n": "deregistration"}


def also_in(data: StudyData, name: str, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what rows of the table of provision lean on: counts of the same households here.

    Parameters
    ----------
    data : StudyData
    name : str
        Name of a result by placement type (``group``), route (``by``) and day.
    table : pandas.DataFrame
        Its long table, with ``holders_n``, ``places_n``, ``opened_n`` or ``closed_n``.
    """
    if not data.has("carers"):
        return {}
    days, years = year_keys(Pipeline.of(data))
    year = dict(zip(days, years, strict=True))
    own = table[table["group"].isin(list(_LISTED)) & table["period"].isin(days)]
    found: dict[str, tuple[str, ...]] = {}
    for m, g, p, b in own[["measure", "group", "period", "by"]].itertuples(index=False):
        kind = _LISTED[g]
        there = figure_id(STOCK, "households_n", kind, p)
        flow = figure_id(FLOW, REACHED, kind, year[p], _SAME.get(m, ""))
        found[figure_id(name, m, g, p, b)] = (flow if m in _SAME else there,)
    return found


def year_keys(pipeline: Pipeline) -> tuple[list[str], list[str]]:
    """Return the last day of each year that the table covers, and the year, as keys."""
    ends = [pd.Timestamp(d, unit="D") for d in pipeline.ends()]
    years = [f"{e.year - 1}-{e.year % 100:02d}" for e in ends]
    return [e.date().isoformat() for e in ends], years


def labels(pipeline: Pipeline) -> dict[str, str]:
    """Return words for the groups, the days and the years."""
    ends = [pd.Timestamp(d, unit="D") for d in pipeline.ends()]
    days = {e.date().isoformat(): f"{e.day} {e:%b} {e.year}" for e in ends}
    named = {g: GROUPS[g] for g in pipeline.groups()}
    return {**named, ALL: "All households", **days}


def _groups(pipeline: Pipeline) -> Iterator[tuple[str, Pipeline]]:
    for group in pipeline.groups():
        yield group, pipeline.of_group(group)
    yield ALL, pipeline


@CARERS
def stock(data: StudyData) -> Result:
    """Return approved households and places on each 31 March (``foster_stock``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By kind (``group``) and day: households, approved places, places of a household.
    """
    pipeline = Pipeline.of(data)
    days, _ = year_keys(pipeline)
    wide = _by_day(pipeline, days)
    basis = pipeline.basis
    named = labels(pipeline)
    count = ("households_n",)
    return Result(
        name=STOCK,
        title="Foster households and their places",
        subtitle=f"Approved households and places, {basis.study.authority.name}",
        table=wide_rows(wide, ["group", "period"]),
        measures=(
            Measure("households_n", "Approved households", "carers"),
            Measure("places_n", "Approved places", "places", "", count),
            Measure("places_each", "Places of a household", "places_mean", "", count),
        ),
        labels=named,
        source=_source(pipeline),
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_stock_words(days, named),
        charts=(
            Chart(
                "stock",
                "line",
                "households_n",
                "Foster households by kind",
                f"Approved households, {basis.study.authority.name}",
                "Lines, one for each kind, of approved households on each day.",
            ),
        ),
        checks=found_in(data),
        additive=(Additive("group", ALL, tuple(pipeline.groups())),),
        notes=(
            "Approved on the day: approval on or before it, no deregistration on or before it. "
            "A household for which no places are given counts none.",
            _NOTES[1],
            "Chapter forty counts places of the table of provision, which may close a household "
            "for a time; so it may have other numbers. Chapter seventy starts its plan from the "
            "count of carers that the study states there, with its source.",
        ),
        settings=basis.settings(),
        scope="Foster households, whoever lives in them or does not.",
    )


def _by_day(pipeline: Pipeline, days: list[str]) -> pd.DataFrame:
    """Return households and places by kind and day."""
    frames = []
    for group, part in _groups(pipeline):
        on = part.approved_on(pipeline.ends())
        places = part.rows["places"].fillna(0).to_numpy()[:, None]
        n, of = on.sum(axis=0), (on * places).sum(axis=0)
        each = np.divide(of, n, out=np.full(len(n), np.nan), where=n > 0)
        frames.append(
            pd.DataFrame(
                {
                    "group": group,
                    "period": days,
                    "households_n": n,
                    "places_n": of,
                    "places_each": each,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _source(pipeline: Pipeline) -> str:
    return f"{pipeline.basis.study.authority.short_name}: foster carer pipeline"


def _stock_words(days: list[str], named: Mapping[str, str]) -> tuple[Sentence, ...]:
    if len(days) < 2:
        return ()
    return (
        Sentence(
            "On {now} there were {n} approved households with {places} places; on {then} there "
            "were {before}.",
            {
                "n": figure_id(STOCK, "households_n", ALL, days[-1]),
                "places": figure_id(STOCK, "places_n", ALL, days[-1]),
                "before": figure_id(STOCK, "households_n", ALL, days[0]),
            },
            {"now": named[days[-1]], "then": named[days[0]]},
        ),
    )


def found_in(data: StudyData) -> tuple[Check, ...]:
    """Return what the table says that cannot be, counted in rows."""
    frame = data.carers.frame
    as_at = pd.Timestamp(data.study.period.as_at)
    dates = {s: pd.to_datetime(frame[s]) for s in STAGES if s in frame}
    late = pd.concat([d > as_at for d in dates.values()], axis=1).any(axis=1)
    places = frame["places"] if "places" in frame else pd.Series(np.nan, index=frame.index)
    approved = dates["approval"].notna()
    unapproved = dates["deregistration"].notna() & ~approved
    found = {
        "Dates after the study's last day": (late, "taken not to have come yet"),
        "Approved households with no place": (
            approved & (places.fillna(0) == 0),
            "counted as nought",
        ),
        "Deregistered and never approved": (unapproved, "not counted as approved"),
    }
    return tuple(
        Check(
            name,
            "review" if rows.any() else "pass",
            "There are rows like this: " + done + "." if rows.any() else "No row is like this.",
        )
        for name, (rows, done) in found.items()
    )


@CARERS
def by_year(data: StudyData) -> Result:
    """Return enquiries, applications, approvals and deregistrations by year (``foster_flow``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By kind (``group``) and reporting year: households that reached each stage.
    """
    pipeline = Pipeline.of(data)
    _, years = year_keys(pipeline)
    ends = pipeline.ends()
    wide = pd.concat(
        [
            pd.DataFrame({"group": g, "by": s, "period": years, REACHED: p.counts(s, ends)})
            for g, p in _groups(pipeline)
            for s in STAGES
        ],
        ignore_index=True,
    )
    basis = pipeline.basis
    return Result(
        name=FLOW,
        title="From enquiry to deregistration",
        subtitle=f"Foster households by stage and year, {basis.study.authority.name}",
        table=wide_rows(wide, ["group", "by", "period"]),
        measures=(Measure(REACHED, "Households", "carers"),),
        labels=labels(pipeline) | _TOLD,
        source=_source(pipeline),
        layout=Layout(rows=("group", "by"), columns=("period",)),
        text=_flow_words(years),
        charts=(
            Chart(
                "flow",
                "line",
                REACHED,
                "Enquiries, applications, approvals and deregistrations",
                f"Households that reached each stage in the year, {basis.study.authority.name}",
                "Lines, one for each stage, of households that reached it in each year.",
                series="by",
                include={"group": (ALL,), "by": tuple(s for s in STAGES if s != "withdrawn")},
            ),
        ),
        additive=(Additive("group", ALL, tuple(pipeline.groups())),),
        notes=_NOTES,
        settings=basis.settings(),
        scope="Foster households.",
    )


def _flow_words(years: list[str]) -> tuple[Sentence, ...]:
    if not years:
        return ()
    ref = {s: figure_id(FLOW, REACHED, ALL, years[-1], s) for s in ("enquiry", "approval")}
    left = figure_id(FLOW, REACHED, ALL, years[-1], "deregistration")
    return (
        Sentence(
            "{year}: {enquiry} enquiries, {approval} approvals and {left} deregistrations.",
            {**ref, "left": left},
            {"year": years[-1]},
        ),
    )
