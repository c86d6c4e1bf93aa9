"""Chapter 20: who came into care and who left, year by year."""

from __future__ import annotations

import pandas as pd

from needs.care.ages import AGE_BANDS, age_band
from needs.care.basis import Basis
from needs.care.breakdown import Breakdown, divided
from needs.care.flows import (
    flow_counts,
    period_counts,
    short_break_counts,
    started,
    stock_counts,
)
from needs.vocabulary.errors import ModelError
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
from needs.vocabulary.study import Counting

__all__ = [
    "flow_rule",
    "flows",
    "periods",
    "started_ages",
    "window_period",
    "with_windows",
]

FLOWS, PERIODS = "cla_flows", "cla_periods_of_care"

FLOW_RULE = (
    "Started: an episode that began in the year with reason S. Ceased: an episode that ended in "
    "the year with a reason for leaving care. Each child is counted once a year in each, as the "
    "DfE counts, at the first start and the last end. Short-break series (V3, V4) are left out."
)


def flow_rule(counting: Counting) -> str:
    """Return who starts and ceases, in words, with what the study counts otherwise."""
    more = ""
    if counting.not_ceasing:
        more = f" Ends for the reasons {', '.join(counting.not_ceasing)} are not counted as ceasing"
        more += ", by the study's own rule."
    if counting.short_breaks_cease:
        more += " Ends of short-break series are counted as ceasing, by the study's own rule."
    return FLOW_RULE + more


RESIDUAL = (
    "The balancing row holds what a once-a-year count of children cannot: second starts and "
    "ends in a year, and records left open past the eighteenth birthday."
)
# Totals of starts and ends stand in other tables too, so it is the derived rows that hide.
_MOVES = ("started_n", "ceased_n")
_FLOW_MEASURES = (
    Measure("stock_start_n", "On the 31 March before", "children"),
    Measure("started_n", "Started in the year", "children"),
    Measure("ceased_n", "Ceased in the year", "children"),
    Measure("net_change_n", "Net change, started less ceased", "count", "", _MOVES),
    Measure("residual_n", "Balancing row of the once-a-year count", "count", "", _MOVES),
    Measure("stock_end_n", "At the end", "children"),
    Measure("short_breaks_n", "With a short-break series in the year, in no other row", "children"),
)
# A period of care is one child's: small counts of them hide as counts of children do.
_PERIOD_MEASURES = (
    Measure("open_start_n", "Children's periods of care open on the 31 March before", "children"),
    Measure("begun_n", "Children's periods of care begun in the year", "children"),
    Measure("ended_n", "Children's periods of care ended in the year", "children"),
    Measure("open_end_n", "Children's periods of care open at the end", "children"),
)


def with_windows(data: StudyData) -> Basis:
    """Return the basis of a study that has at least one year to show."""
    basis = Basis.of(data)
    if not basis.shown.windows:
        raise ModelError("no return of the study covers a year that could be shown")
    return basis


def _wide_rows(counts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a frame with a row a window and a column a measure as a long table."""
    return long_table(counts.assign(period=keys).melt("period", var_name="measure"))


def flows(data: StudyData) -> Result:
    """Return children who started and ceased in each year (``cla_flows``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        By year: stock before, started, ceased, net change, the balancing row, stock after;
        and children with short breaks, apart.
    """
    basis = with_windows(data)
    windows, keys = basis.shown.windows, basis.window_keys
    counts = flow_counts(basis.records, windows, basis.scope)
    if not basis.scope.short_breaks:
        counts["short_breaks_n"] = short_break_counts(basis.records, windows)
    measures = tuple(m for m in _FLOW_MEASURES if m.key in counts)
    return Result(
        name=FLOWS,
        title=f"{basis.heading}: started and ceased",
        subtitle=basis.flow_subtitle("Children who started and ceased in the year"),
        table=_wide_rows(counts, keys),
        measures=measures,
        labels={
            ALL: f"All {basis.label}",
            **basis.window_labels,
        },
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=_flow_words(basis),
        charts=_flow_charts(basis),
        additive=(
            Additive("measure", "net_change_n", ("started_n", "ceased_n"), (1, -1)),
            Additive(
                "measure",
                "stock_end_n",
                ("stock_start_n", "started_n", "ceased_n", "residual_n"),
                (1, 1, -1, 1),
            ),
        ),
        notes=(flow_rule(basis.study.counting), RESIDUAL, *basis.shown.notes),
        settings=basis.settings(),
    )


def _flow_words(basis: Basis) -> tuple[Sentence, ...]:
    key = basis.window_keys[-1]

    def at(measure: str) -> str:
        return figure_id(FLOWS, measure, ALL, key)

    year = {"year": basis.window_labels[key]}
    return (
        Sentence(
            "{year}: {started} children started to be looked after and {ceased} ceased, a net "
            "change of {net}.",
            {"started": at("started_n"), "ceased": at("ceased_n"), "net": at("net_change_n")},
            year,
        ),
        Sentence(
            "{year}: the number looked after went from {before} to {after}. The balance of "
            "{residual} against the net change arises because a child counts once a year, "
            "however often he or she starts or ceases.",
            {
                "before": at("stock_start_n"),
                "after": at("stock_end_n"),
                "residual": at("residual_n"),
            },
            year,
        ),
    )


def _flow_charts(basis: Basis) -> tuple[Chart, ...]:
    if len(basis.shown.windows) < 2:
        return ()
    return tuple(
        Chart(
            key=word,
            kind="line",
            measure=f"{word}_n",
            title=f"Children who {word} in each year",
            subtitle=basis.flow_subtitle(f"Children who {word} in the year"),
            alt=f"Line chart of children who {word} to be looked after, one point for each year.",
        )
        for word in ("started", "ceased")
    )


def periods(data: StudyData) -> Result:
    """Return periods of care open, begun and ended in each year (``cla_periods_of_care``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Notes
    -----
    Periods are counted every time, so that opening, begun, ended and closing counts agree
    exactly; a check compares the closing count with the children counted on the day. Where
    periods and children differ by few, periods are hidden: the difference would count
    children who came or left twice (:mod:`needs.care.kin`, which also says why the balancing
    row of :func:`flows` is not).
    """
    basis = with_windows(data)
    windows = basis.shown.windows
    counts = period_counts(basis.records, windows, basis.scope)
    children = stock_counts(basis.records, [w.end for w in windows], basis.scope)
    apart = bool((counts["open_end_n"] != children).any())
    return Result(
        name=PERIODS,
        title="Periods of care",
        subtitle=basis.flow_subtitle("Periods of care begun and ended in the year"),
        table=_wide_rows(counts, basis.window_keys),
        measures=_PERIOD_MEASURES,
        labels={ALL: "All periods of care", **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        additive=(
            Additive("measure", "open_end_n", ("open_start_n", "begun_n", "ended_n"), (1, 1, -1)),
        ),
        checks=(
            Check(
                "Open periods of care compared with children counted",
                "review" if apart else "pass",
                "they differ: there are gaps inside a period, or periods that overlap"
                if apart
                else "the two counts agree at the end of every year",
            ),
        ),
        notes=(
            "A period of care runs from the first to the last day looked after without a break, "
            "cut at the eighteenth birthday. Every one is counted, so a child may count twice.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def window_period(basis: Basis, events: pd.DataFrame) -> pd.Categorical:
    """Return the period of each start or end."""
    return pd.Categorical.from_codes(
        events["window"].tolist(), categories=pd.Index(basis.window_keys)
    )


def started_ages(data: StudyData) -> Result:
    """Return the children who started in each year by age at the start (``cla_started_age``)."""
    basis = with_windows(data)
    frame = started(basis.records, basis.shown.windows, basis.scope)
    spec = Breakdown(
        name="cla_started_age",
        title="Children who started, by age",
        subtitle=basis.flow_subtitle("Children who started in the year, by age at the start"),
        everyone="all children who started",
        labels=AGE_BANDS,
        periods=basis.window_labels,
        rule=flow_rule(basis.study.counting),
        chart="Children who started, by age",
    )
    return divided(basis, window_period(basis, frame), age_band(frame["age"].to_numpy()), spec)
