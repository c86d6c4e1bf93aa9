"""Chapter 20: who left, over who was there; who came back; who left for permanence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import CHILDREN, Breakdown, breakdown_rows, count_cells, divided
from needs.care.flows import REASONS, ceased
from needs.care.results_flows import flow_rule, window_period, with_windows
from needs.care.rows import wide_rows
from needs.care.turnover import COME_BACK, came_back, turnover
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.study import Counting

__all__ = ["leavers", "permanence", "re_entries"]

LEFT, PERMANENT = "cla_leavers", "cla_permanence"
CHILD_ARRANGEMENTS = "E41"

_BASE = "children in care at the start"
_MEASURES = (
    Measure("stock_start_n", "In care on the 31 March before", "children"),
    Measure("ceased_n", "All who ceased in the year", "children"),
    Measure("start_left_n", "Of those in care at the start, who ceased", "children"),
    Measure("came_and_left_n", "Started and ceased in the year", "children"),
    Measure("stayed_n", "In care at the start, and did not cease", "children"),
    Measure("ceased_pct", "All who ceased, over", "percent", _BASE, ("ceased_n",)),
    Measure(
        "start_left_pct", "Those who were there and ceased", "percent", _BASE, ("start_left_n",)
    ),
)
ALL_PERMANENCE = "all_permanence"
WAYS: Mapping[str, str] = MappingProxyType(
    {
        "adopted": "Adopted (E11, E12)",
        "special_guardianship": "Special guardianship order (E43 to E48)",
        "child_arrangements": "Residence or child arrangements order (E41)",
        "home": "Returned home, or to relatives or friends, without such an order",
        "aged_out": REASONS["aged_out"],
        "transfer": REASONS["transfer"],
        "other": REASONS["other"],
        "tool_added": REASONS["tool_added"],
    }
)
PERMANENCE = ("adopted", "special_guardianship", "child_arrangements")
_OF_REASON = {"home_or_kin": "home", "sgo": "special_guardianship", "adoption": "adopted"}


def leavers(data: StudyData) -> Result:
    """Return who left in each year, of all and of those there at its start (``cla_leavers``)."""
    basis = with_windows(data)
    frame = turnover(basis.records, basis.shown.windows, basis.scope)
    key = basis.window_keys[-1]
    return Result(
        name=LEFT,
        title="Who left, over who was there",
        subtitle=basis.flow_subtitle("Children who ceased in the year"),
        table=wide_rows(frame.assign(period=basis.window_keys), ["period"]),
        measures=_MEASURES,
        labels={ALL: f"All {basis.label}", **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=(
            Sentence(
                "{year}: all who ceased were {every} of the number in care at the start; of the "
                "children who were there at the start, {mine} ceased.",
                {
                    "every": figure_id(LEFT, "ceased_pct", ALL, key),
                    "mine": figure_id(LEFT, "start_left_pct", ALL, key),
                },
                {"year": basis.window_labels[key]},
            ),
        )
        if frame["stock_start_n"].iloc[-1]
        else (),
        charts=_line(basis, "start_left_pct", "Share of those in care at the start who left"),
        additive=(
            Additive("measure", "ceased_n", ("start_left_n", "came_and_left_n")),
            Additive("measure", "stock_start_n", ("start_left_n", "stayed_n")),
        ),
        notes=(
            flow_rule(basis.study.counting),
            "The two shares are not the same: children who come and leave within a year are in "
            "the first and not in the second.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _line(basis: Basis, measure: str, title: str) -> tuple[Chart, ...]:
    if len(basis.shown.windows) < 2:
        return ()
    return (
        Chart(
            key="trend",
            kind="line",
            measure=measure,
            title=title,
            subtitle=basis.flow_subtitle(title),
            alt=f"Line chart, one point for each reporting year: {title}.",
        ),
    )


def re_entries(data: StudyData) -> Result:
    """Return those who started by whether they had been in care before (``cla_re_entries``)."""
    basis = with_windows(data)
    frame = came_back(basis.records, basis.shown.windows, basis.scope)
    spec = Breakdown(
        name="cla_re_entries",
        title="Children who started, by whether they had been in care before",
        subtitle=basis.flow_subtitle("Children who started in the year"),
        everyone="all children who started",
        labels=_back_words(basis),
        periods=basis.window_labels,
        rule=flow_rule(basis.study.counting),
        notes=(
            "An earlier period of care counts where the records hold it: of the first years, "
            "which have few years before them, fewer are known to have come back.",
        ),
        focus="within_a_year",
        chart="Children who started, by whether they had been in care before",
    )
    return divided(basis, window_period(basis, frame), frame["before"].array, spec)


def _back_words(basis: Basis) -> Mapping[str, str]:
    """Return words for how long those who came back were away, where the study sets it."""
    days = basis.study.counting.back_within_days
    if days == Counting().back_within_days:
        return COME_BACK
    early = {"within_a_year": f"Back in fewer than {days} days", "later": "Back later than that"}
    return {k: early.get(k, words) for k, words in COME_BACK.items()}


def permanence(data: StudyData) -> Result:
    """Return who left by adoption or an order, and in every other way (``cla_permanence``).

    Notes
    -----
    The ways stand in one table. A second table of the same children, in other groups, would
    give a hidden count away.
    """
    basis = with_windows(data)
    frame = ceased(basis.records, basis.shown.windows, basis.scope)
    way = frame["reason"].astype(object).replace(_OF_REASON)
    way = way.mask((frame["rec"] == CHILD_ARRANGEMENTS).to_numpy(bool), "child_arrangements")
    by = pd.Categorical(way, categories=list(WAYS))
    counts, found = count_cells(window_period(basis, frame), by)
    keys, total = basis.window_keys, counts.sum(axis=0)
    mine = [k for k in PERMANENCE if k in found]
    lasting = counts[np.isin(found, mine)].sum(axis=0)
    top = [*([ALL_PERMANENCE] if mine else []), *(k for k in found if k not in mine)]
    rows = [breakdown_rows(total[None, :], [ALL], keys)]
    rows += [breakdown_rows(lasting[None, :], [ALL_PERMANENCE], keys, total)] if mine else []
    rows.append(breakdown_rows(counts, found, keys, total))
    return Result(
        name=PERMANENT,
        title="How children left, and who left for permanence",
        subtitle=basis.flow_subtitle("Children who ceased in the year"),
        table=long_table(pd.concat(rows, ignore_index=True)),
        measures=(
            CHILDREN,
            Measure("share_pct", "Share", "percent", "all who ceased", ("children_n",)),
        ),
        labels={
            ALL: "All children who ceased",
            ALL_PERMANENCE: "Left for permanence",
            **WAYS,
            **basis.window_labels,
        },
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_permanence_words(basis, bool(len(lasting) and lasting[-1])),
        charts=_permanence_chart(basis) if mine and len(keys) > 1 else (),
        additive=(
            *((Additive("group", ALL, tuple(top)),) if top else ()),
            *((Additive("group", ALL_PERMANENCE, tuple(mine)),) if mine else ()),
        ),
        notes=(
            flow_rule(basis.study.counting),
            "Permanence is adoption, special guardianship, and residence or child arrangements "
            "orders. Orders to former foster carers and to others are taken together.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _permanence_words(basis: Basis, some: bool) -> tuple[Sentence, ...]:
    if not some:
        return ()
    key = basis.window_keys[-1]
    return (
        Sentence(
            "{year}: {n} children left for permanence, {share} of all who ceased.",
            {
                "n": figure_id(PERMANENT, "children_n", ALL_PERMANENCE, key),
                "share": figure_id(PERMANENT, "share_pct", ALL_PERMANENCE, key),
            },
            {"year": basis.window_labels[key]},
        ),
    )


def _permanence_chart(basis: Basis) -> tuple[Chart, ...]:
    (chart,) = _line(basis, "share_pct", "Share of those who ceased who left for permanence")
    return (replace(chart, include={"group": (ALL_PERMANENCE,)}),)
