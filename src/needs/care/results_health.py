"""Chapter 20: health, offending and reviews: what the returns say of children's outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.health import INDICATORS, NO, UNKNOWN, YES, health_states
from needs.care.results_flows import with_windows
from needs.care.reviews import review_states
from needs.care.rows import unavailable, wide_rows
from needs.care.windows import Window
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import (
    Additive,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)
from needs.vocabulary.study import Scope

__all__ = ["HEALTH", "REVIEWED", "REVIEWS", "health", "reviews"]

HEALTH, REVIEWS = "cla_health", "cla_reviews"
REVIEWED: Mapping[str, str] = MappingProxyType(
    {
        "on_time": "Reviews on time",
        "took_part": "Took part in all of their reviews, aged four and over",
    }
)
_MEASURES = (
    Measure("base_n", "Children in the base", "children"),
    Measure("yes_n", "Children", "children"),
    Measure("no_n", "Children of whom the return says no", "children"),
    Measure("not_known_n", "In the base, and not known", "children"),
    Measure("share_pct", "Share", "percent", "those of whom it is known", ("yes_n", "no_n")),
)
_SHOWN = ("yes_n", "base_n", "not_known_n", "share_pct")
_CHECKS = ("health_assessment", "dental", "immunised")
_UNKNOWN_RULE = (
    "Not known: the child has no row in the return of the year, or its cell is blank. A value that "
    "is missing is not taken for a no: those children are counted, and no part of the share."
)
_HEALTH_NOTES = (
    "From the table OC2 of each year's return: children looked after at 31 March who had been "
    "looked after without a break for at least twelve months by then. Whoever had been there for "
    "less is in no row.",
    "Each indicator names its base. Developmental checks are of children under five on the day, "
    "convictions, final warnings, reprimands and cautions of those aged ten and over; of a child "
    "whose age is not known neither is asked. Interventions are of those with a substance misuse "
    "problem: a child who received one has refused none.",
    _UNKNOWN_RULE,
)
_REVIEW_NOTES = (
    "Children looked after at 31 March who had been looked after for four weeks or more by then; "
    "took part: those of them with a review in the year at four years of age or later.",
    "On time: no review of the year was held late, or due and not held. The first is due within "
    "twenty working days, the second within three months of it, each later one within six months "
    "(Care Planning, Placement and Case Review (England) Regulations 2010, regulation 33). Twenty "
    "working days are taken as four weeks, bank holidays among them. The return holds the days of "
    "reviews, not those on which they were due. Of a child in care before the first return, the "
    "first review there is held against six months.",
    "Took part: the child made views known at every one of those reviews: codes PN1 (attended and "
    "spoke), PN2 (attended, an advocate spoke), PN3 (attended, without words), PN5 (absent, an "
    "advocate was briefed) and PN6 (absent, views sent). PN4 (attended and said nothing) and PN7 "
    "(absent, no views) are none. Not known: the code of a review is blank.",
)


@dataclass(frozen=True)
class _Spec:
    """What the two results differ in."""

    name: str
    title: str
    what: str
    table: str
    absent: str
    labels: Mapping[str, str]
    notes: Sequence[str]
    states: Callable[[Records, pd.DataFrame, Scope], pd.DataFrame]
    charted: tuple[str, ...]


def health(data: StudyData) -> Result:
    """Return health checks, substance misuse and convictions of each year (``cla_health``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By indicator (``group``) and reporting year: children in its base, of whom it is said,
        of whom it is not and is not known, and the share of those of whom it is known. See
        :func:`needs.care.health.health_states`.
    """
    return _outcomes(
        data,
        _Spec(
            HEALTH,
            "Health and offending",
            "Children looked after for twelve months at the end of the year",
            "oc2",
            "No return of the study has the table of outcomes (OC2).",
            INDICATORS,
            _HEALTH_NOTES,
            health_states,
            _CHECKS,
        ),
    )


def reviews(data: StudyData) -> Result:
    """Return whether reviews were on time, and whether children took part (``cla_reviews``).

    Returns
    -------
    Result
        As :func:`health`; see :func:`needs.care.reviews.review_states`.
    """
    return _outcomes(
        data,
        _Spec(
            REVIEWS,
            "Reviews, and the part that children had in them",
            "Children looked after for four weeks at the end of the year",
            "reviews",
            "No return of the study has the table of reviews.",
            REVIEWED,
            _REVIEW_NOTES,
            review_states,
            tuple(REVIEWED),
        ),
    )


def _outcomes(data: StudyData, spec: _Spec) -> Result:
    """Return one of the two results; one that is not available where nothing tells it."""
    basis = with_windows(data)
    windows = [w for w in basis.shown.windows if not w.part]
    subtitle = basis.flow_subtitle(spec.what)
    absent = spec.absent
    if not windows:
        absent = "It is told at the end of a reporting year, and no whole year is shown."
    table = basis.records.tables.get(spec.table)
    if table is None or table.empty or not windows:
        return unavailable(basis, spec.name, spec.title, subtitle, _MEASURES[-1], absent)
    wide = _counts(basis, spec, windows)
    unknown = bool(wide["not_known_n"].any())
    measures = tuple(m for m in _MEASURES if unknown or m.key != "not_known_n")
    wide = wide[["period", "group", *(m.key for m in measures)]]
    parts = tuple(m.key for m in measures[1:-1])
    return Result(
        name=spec.name,
        title=spec.title,
        subtitle=subtitle,
        table=wide_rows(wide, ["period", "group"]),
        measures=measures,
        labels={**spec.labels, **{w.key: w.label for w in windows}},
        source=basis.source,
        layout=Layout(("group", "measure"), ("period",), tuple(k for k in _SHOWN if k in wide)),
        text=_said(basis, spec, wide, windows[-1]),
        charts=_chart(basis, spec, wide, subtitle),
        checks=(_all_known(unknown),),
        additive=(Additive("measure", "base_n", parts),),
        notes=(*spec.notes, COUNTING_RULE, *basis.shown.notes),
        settings=basis.settings(),
    )


def _counts(basis: Basis, spec: _Spec, windows: Sequence[Window]) -> pd.DataFrame:
    """Return children by state, one row an indicator and year; indicators without any left out."""
    stock = basis.stock()
    ends = np.array([w.end for w in windows], dtype="datetime64[ns]")
    stock = stock[np.isin(stock["date"].to_numpy(), ends)].reset_index(drop=True)
    frame = spec.states(basis.records, stock, basis.scope)
    window = np.searchsorted(ends, frame["date"].to_numpy())
    states = pd.Index([YES, NO, UNKNOWN])
    rows = []
    for key in spec.labels:
        state = states.get_indexer(pd.Index(frame[key]))
        at = (window * len(states) + state)[state >= 0]
        n = np.bincount(at, minlength=len(windows) * len(states)).reshape(-1, len(states))
        made = pd.DataFrame(n, columns=["yes_n", "no_n", "not_known_n"])
        rows.append(made.assign(period=[w.key for w in windows], group=key))
    out = pd.concat(rows, ignore_index=True)
    known = out["yes_n"] + out["no_n"]
    out["base_n"] = known + out["not_known_n"]
    out["share_pct"] = 100.0 * out["yes_n"] / known.where(known > 0)
    some = out.groupby("group")["base_n"].transform("sum") > 0
    return out[some].reset_index(drop=True)


def _all_known(unknown: bool) -> Check:
    return Check(
        "What the returns say of every child in each base",
        "review" if unknown else "pass",
        "not all is known: see the rows that count those of whom it is not"
        if unknown
        else "all is known",
    )


def _said(basis: Basis, spec: _Spec, wide: pd.DataFrame, last: Window) -> tuple[Sentence, ...]:
    """Return the last year's shares of the indicators that are drawn."""
    now = wide[(wide["period"] == last.key) & wide["share_pct"].notna()]
    out = []
    for key in spec.charted:
        if key not in set(now["group"]):
            continue
        refs = {
            name: figure_id(spec.name, measure, key, last.key)
            for name, measure in (("n", "yes_n"), ("base", "base_n"), ("share", "share_pct"))
        }
        words = {"year": last.label, "what": spec.labels[key]}
        out.append(Sentence("{year}: {what}, {n} of {base} children, {share}.", refs, words))
    return tuple(out)


def _chart(basis: Basis, spec: _Spec, wide: pd.DataFrame, subtitle: str) -> tuple[Chart, ...]:
    told = wide[wide["share_pct"].notna() & wide["group"].isin(list(spec.charted))]
    if told["period"].nunique() < 2:
        return ()
    return (
        Chart(
            key="shares",
            kind="line",
            measure="share_pct",
            title=spec.title,
            subtitle=subtitle,
            alt="One line for each indicator, the share of children of whom it is said, by year.",
            include={"group": tuple(k for k in spec.charted if k in set(told["group"]))},
        ),
    )
