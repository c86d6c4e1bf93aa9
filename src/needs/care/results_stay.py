"""Chapter 20: how long children stay in care."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.ages import AGE_BANDS
from needs.care.basis import Basis
from needs.care.flows import flow_counts
from needs.care.results_flows import with_windows
from needs.care.rows import wide_rows
from needs.care.stay_lengths import HORIZON_DAYS, estimates, means, seen, since, still_to_come
from needs.care.stays import seen_periods, stay_rule
from needs.care.windows import day_words
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
    long_table,
)

__all__ = ["remaining_stay", "stay_estimates", "stay_means"]

MEANS, ESTIMATES, REMAINING = "cla_stay_means", "cla_stay_estimates", "cla_stay_remaining"

MEAN_OF: Mapping[str, str] = MappingProxyType(
    {
        "closed_in_year": "the mean of periods of care that ended in the year",
        "open_at_end": "the mean stay so far of the children in care at the end of the year",
        "both": "the mean of both, the periods of care that ended in the year and the stays so "
        "far of the children in care at its end",
    }
)
"""Readings of a mean length of stay that a document prints and does not define."""
_ASSUMED = (
    "A published mean length of stay that does not say how it was counted is taken to be {}: the "
    "first row of days. The other rows are what it would be by other readings of the same words."
)
_UNKNOWN_START = (
    "Stays whose first day lies before the records are left out of means and estimates: their "
    "first known episode does not begin with the start of care."
)
_TOO_FEW_KNOWN = (
    "A mean is not available (x) where the first day of more than one stay in twenty is not "
    "known: those left out are the longest, so that the mean of the others would be too low."
)
TENS = "Counts here are to the nearest ten: they say how much each estimate rests on."
_MEAN_MEASURES = (
    # Of the periods that ended, not their count, which `periods` may have to hide.
    Measure("ceased_n", "Children who ceased in the year", "children"),
    Measure(
        "closed_mean_days", "Mean length of periods of care that ended", "days", "", ("ceased_n",)
    ),
    Measure("placements_ended_n", "Placements that ended in the year", "episodes"),
    Measure("placement_mean_days", "Mean length of these", "days", "", ("placements_ended_n",)),
    Measure("open_n", "Children in care at the end", "children"),
    Measure("so_far_mean_days", "Mean stay so far of these", "days", "", ("open_n",)),
)
_RESTS_ON = {"closed_in_year": ("ceased_n",), "open_at_end": ("open_n",)}


_SAME = {"closed_in_year": "closed_mean_days", "open_at_end": "so_far_mean_days"}
"""Reading -> the row of days that it is: printed once, under the words of documents."""


def _mean_measures(taken: str) -> tuple[Measure, ...]:
    """Return the measures of the table of means, that of documents before the other days.

    Beside the mean of both and that of ended stays, the mean of open ones would tell how many
    ended: it is left out.
    """
    words = f"Mean length of stay as documents are taken to print it: {MEAN_OF[taken]}"
    of = _RESTS_ON.get(taken, ("ceased_n", "open_n"))
    published = Measure("published_mean_days", words, "days", "", of)
    others = _MEAN_MEASURES[1:-1] if taken == "both" else _MEAN_MEASURES[1:]
    return (_MEAN_MEASURES[0], published, *others)


_FROM = ("periods_n", "ended_n")
_ESTIMATE_MEASURES = (
    # As exact counts they would be hidden with others of nearly the same children, such as those
    # whose first day in care is not known: they are printed coarser than that.
    Measure("periods_n", "Children's periods of care seen, to the nearest ten", "children_tens"),
    Measure("ended_n", "Ended, to the nearest ten", "children_tens"),
    Measure("still_open_n", "Still open, to the nearest ten", "children_tens"),
    Measure("closed_mean_days", "Mean of ended ones only", "days", "", ("ended_n",)),
    Measure("median_days", "Half end within", "days", "", _FROM),
    Measure("restricted_mean_days", "Mean days in the first five years", "days", "", _FROM),
)
_SHOWN = (
    "periods_n", "ended_n", "still_open_n", "closed_mean_days",
    "median_days", "median_days_lower_95", "median_days_upper_95",
    "restricted_mean_days", "restricted_mean_days_lower_95", "restricted_mean_days_upper_95",
)  # fmt: skip


def stay_means(data: StudyData) -> Result:
    """Return the mean length of stay by each definition that is in use (``cla_stay_means``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By year: children who ceased, the mean length of periods of care that ended, placements
        that ended and theirs, children in care at the end and their stay so far.
    """
    basis = with_windows(data)
    frame = means(basis)
    counts = flow_counts(basis.records, basis.shown.windows, basis.scope)
    frame.insert(1, "ceased_n", counts["ceased_n"].to_numpy())
    taken = basis.study.counting.published_mean_stay
    measures = _mean_measures(taken)
    frame = frame[["period", *(m.key for m in measures)]]
    told = int(np.isfinite(frame["published_mean_days"].to_numpy()).sum())
    return Result(
        name=MEANS,
        title="Mean length of stay, by what is counted",
        subtitle=basis.flow_subtitle("Mean days of stays that ended, and so far of those in care"),
        table=wide_rows(frame, ["period"]),
        measures=measures,
        labels={ALL: f"All {basis.label}", **basis.window_labels},
        source=basis.source,
        layout=Layout(
            ("measure",), ("period",), tuple(m.key for m in measures if m.key != _SAME.get(taken))
        ),
        text=_mean_words(frame, basis),
        charts=_mean_chart(basis) if told > 1 else (),
        notes=(
            _ASSUMED.format(MEAN_OF[taken]),
            "None of these is how long a child who enters may expect to stay: ended stays are "
            "short ones more often than not while the long ones are still open.",
            stay_rule(basis.study.counting),
            _UNKNOWN_START,
            _TOO_FEW_KNOWN,
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "published_mean_length_of_stay": MEAN_OF[taken]},
    )


def _mean_words(frame: pd.DataFrame, basis: Basis) -> tuple[Sentence, ...]:
    """Return the means of the last year side by side, where all of them are told."""
    days = [k for k in map(str, frame) if k.endswith("_mean_days")]
    days.remove("published_mean_days")
    if len(days) < 3 or not np.isfinite(frame[days].iloc[-1].to_numpy(float)).all():
        return ()
    key = basis.window_keys[-1]
    return (
        Sentence(
            "{year}: periods of care that ended had lasted {closed} days on average, and "
            "placements that ended {placement}; the children in care at the end had been "
            "there {so_far} so far.",
            {k.removesuffix("_mean_days"): figure_id(MEANS, k, ALL, key) for k in days},
            {"year": basis.window_labels[key]},
        ),
    )


def _mean_chart(basis: Basis) -> tuple[Chart, ...]:
    return (
        Chart(
            key="closed",
            kind="line",
            measure="published_mean_days",
            title="Mean length of stay in each year",
            subtitle=basis.flow_subtitle(
                "Mean days: " + MEAN_OF[basis.study.counting.published_mean_stay]
            ),
            alt="Line chart of the mean length of stay, one point for each year.",
        ),
    )


def stay_estimates(data: StudyData) -> Result:
    """Return how long periods of care last, open ones counted (``cla_stay_estimates``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By age at the start, DfE group of the first and of the most recent placement: periods
        seen, ended and open; the mean of ended ones only; and Kaplan and Meier's median and
        mean within five years with 95% intervals.
    """
    basis = with_windows(data)
    frame = estimates(basis)
    day = basis.date_keys[-1]
    whole = frame.iloc[0]
    return Result(
        name=ESTIMATES,
        title="How long periods of care last",
        subtitle=f"Periods of care seen from {day_words(since(basis))} to "
        f"{day_words(basis.shown.dates[-1])}, {basis.study.authority.name}",
        table=wide_rows(frame.drop(columns="label").assign(period=day), ["group", "period"]),
        measures=_ESTIMATE_MEASURES,
        labels={**dict(zip(frame["group"], frame["label"], strict=True)), **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group",), columns=("measure",), measures=_SHOWN),
        text=_estimate_words(whole, day, basis),
        additive=_estimate_sums(frame["group"]),
        checks=(_starts_known(basis, len(seen(basis))),),
        notes=(
            "Kaplan and Meier's estimate: a period still open counts for as long as it has been "
            "seen, and one that was open before the first return only from that day on.",
            "Intervals are 95%: Greenwood's variance, log-log for the median. Siblings leave "
            "together, so true intervals are somewhat wider.",
            "The mean within five years counts no day beyond the fifth year of a stay. Not "
            "applicable (z): fewer than half had ended, or nobody was seen for so long.",
            "The most recent placement is known only afterwards: that row describes the stays, "
            "and does not forecast them.",
            "An end at the eighteenth birthday is an end like any other.",
            TENS,
            _UNKNOWN_START,
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "horizon_days": HORIZON_DAYS},
    )


def _estimate_sums(groups: pd.Series) -> tuple[Additive, ...]:
    """Return that ended and open periods are all of them, and each way of parting them too."""
    rest = [g for g in groups if g != ALL]
    ways = [[g for g in rest if g.startswith(p)] for p in ("first_", "recent_")]
    ways.append([g for g in rest if g not in {*ways[0], *ways[1]}])
    return (
        Additive("measure", "periods_n", ("ended_n", "still_open_n")),
        *(Additive("group", ALL, tuple(way)) for way in ways if way),
    )


def _estimate_words(whole: pd.Series, day: str, basis: Basis) -> tuple[Sentence, ...]:
    if pd.isna(whole["median_days"]) or pd.isna(whole["restricted_mean_days"]):
        return ()
    at = {m: figure_id(ESTIMATES, f"{m}_days", ALL, day) for m in ("median", "restricted_mean")}
    closed = figure_id(ESTIMATES, "closed_mean_days", ALL, day)
    return (
        Sentence(
            "Half of the periods of care end within {median} days. Counted with those still "
            "open, a period lasts {restricted_mean} days within its first five years; the mean "
            "of ended periods alone is {closed}.",
            {**at, "closed": closed},
        ),
    )


def _starts_known(basis: Basis, known: int) -> Check:
    every = len(seen_periods(basis.records, basis.scope, since(basis), basis.shown.dates[-1]))
    return Check(
        "The first day of every period of care is known",
        "pass" if known == every else "review",
        "all of them begin in the records"
        if known == every
        else "some began before the records, and are left out of the estimates",
    )


def remaining_stay(data: StudyData) -> Result:
    """Return how long those in care are expected to stay yet (``cla_stay_remaining``).

    Returns
    -------
    Result
        By age at the start of care: children in care on the last day, and the mean of the
        days each is expected to stay, within five years and before the eighteenth birthday.
    """
    basis = with_windows(data)
    frame = still_to_come(basis)
    day = basis.date_keys[-1]
    by = frame.groupby("band", observed=True)["remaining_days"].agg(["size", "mean"]).reset_index()
    whole = pd.DataFrame(
        {"band": [ALL], "size": [len(frame)], "mean": [frame["remaining_days"].mean()]}
    )
    wide = pd.concat([whole, by.astype({"band": object})], ignore_index=True)
    wide = wide.rename(columns={"band": "group", "size": "children_n", "mean": "remaining_days"})
    return Result(
        name=REMAINING,
        title="How long those in care are expected to stay yet",
        subtitle=basis.stock_subtitle("Children in care on the last day, by age at the start")
        if len(basis.shown.dates) == 1
        else f"Children in care on {basis.date_labels[day]}, by age at the start, "
        f"{basis.study.authority.name}",
        table=long_table(wide_rows(wide.assign(period=day), ["group", "period"])),
        measures=(
            Measure(
                "children_n",
                "Children whose first day in care is known, to the nearest ten",
                "children_tens",
            ),
            Measure("remaining_days", "Days expected yet", "days", "", ("children_n",)),
        ),
        labels={ALL: "All ages at the start", **AGE_BANDS, **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "A child in care on {day} is expected to stay {days} days more on average, "
                "counting no more than five years.",
                {"days": figure_id(REMAINING, "remaining_days", ALL, day)},
                {"day": basis.date_labels[day]},
            ),
        )
        if len(frame) and frame["remaining_days"].notna().all()
        else (),
        notes=(
            TENS,
            "From the estimate of each age at the start, given the stay so far; nobody is "
            "counted beyond five years ahead or the eighteenth birthday.",
            "Nothing but age at the start and the stay so far is used: it is no forecast for "
            "one child.",
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "horizon_days": HORIZON_DAYS},
    )
