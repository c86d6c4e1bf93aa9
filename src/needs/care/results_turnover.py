"""Chapter 20: who left, over who was there; who came back; who left for permanence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import CHILDREN, Breakdown, breakdown_rows, count_cells, divided
from needs.care.flows import ceased
from needs.care.results_flows import FLOW_RULE, window_period, with_windows
from needs.care.rows import wide_rows
from needs.care.turnover import COME_BACK, came_back, turnover
from needs.vocabulary.codes import code_set
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

__all__ = ["leavers", "permanence", "re_entries"]

LEFT, PERMANENT = "cla_leavers", "cla_permanence"

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
# Document 002, section 3, beside the counts of DfE's releases: by ONS code of the authority.
_PRINTED: Mapping[str, str] = MappingProxyType(
    {
        "E10000025": (
            "The commissioning strategy for 2020 to 2025 (section 3) calls its figure the share "
            "of the children in care at the start who left. For 2015-16 it prints 55%, which is "
            "all who ceased over the number at the start: 281 over 514 in DfE's releases. For "
            "2020-21 it prints 35%, where DfE's counts, 281 over 767, give 37%."
        )
    }
)
PERMANENCE: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "adopted": ("Adopted (E11, E12)", ("adoption",)),
        "special_guardianship": ("Special guardianship (E43 to E48)", ("sgo",)),
        "child_arrangements": ("Residence or child arrangements order (E41)", ()),
    }
)


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
            FLOW_RULE,
            "The two shares are not the same: children who come and leave within a year are in "
            "the first and not in the second.",
            *filter(None, (_PRINTED.get(basis.study.authority.ons_code, ""),)),
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
        labels=COME_BACK,
        periods=basis.window_labels,
        rule=FLOW_RULE,
        notes=(
            "An earlier period of care counts where the records hold it: of the first years, "
            "which have few years before them, fewer are known to have come back.",
        ),
        focus="within_a_year",
        chart="Children who started, by whether they had been in care before",
    )
    return divided(basis, window_period(basis, frame), frame["before"].array, spec)


def permanence(data: StudyData) -> Result:
    """Return who left for adoption and for orders that give permanence (``cla_permanence``).

    Notes
    -----
    There is no total of the three: beside the table of all reasons it would give away how
    many left by an order that is hidden here.
    """
    basis = with_windows(data)
    frame = ceased(basis.records, basis.shown.windows, basis.scope)
    groups = {c: k for k, (_, of) in PERMANENCE.items() for c in _codes(of)}
    kind = frame["rec"].astype(object).map(groups | {"E41": "child_arrangements"})
    everyone = np.bincount(frame["window"], minlength=len(basis.window_keys)).astype(np.int64)
    some = kind.notna().to_numpy()
    period = window_period(basis, frame[some])
    by = pd.Categorical(kind[some], categories=list(PERMANENCE))
    counts, found = count_cells(period, by)
    full = np.zeros((len(PERMANENCE), len(basis.window_keys)), np.int64)
    full[[list(PERMANENCE).index(k) for k in found]] = counts
    key = basis.window_keys[-1]
    return Result(
        name=PERMANENT,
        title="Left for permanence",
        subtitle=basis.flow_subtitle("Children who ceased in the year by adoption or order"),
        table=long_table(breakdown_rows(full, list(PERMANENCE), basis.window_keys, everyone)),
        measures=(
            CHILDREN,
            Measure("share_pct", "Share", "percent", "all who ceased", ("children_n",)),
        ),
        labels={**{k: words for k, (words, _) in PERMANENCE.items()}, **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=tuple(
            Sentence(
                "{year}: {n} children left by “{way}”, {share} of all who ceased.",
                {
                    "n": figure_id(PERMANENT, "children_n", way, key),
                    "share": figure_id(PERMANENT, "share_pct", way, key),
                },
                {"year": basis.window_labels[key], "way": PERMANENCE[way][0].split(" (")[0]},
            )
            for way in PERMANENCE
            if full[list(PERMANENCE).index(way), -1]
        ),
        charts=_line(basis, "children_n", "Children who left for permanence"),
        notes=(
            FLOW_RULE,
            "Orders to former foster carers and to others are taken together; child arrangements "
            "orders also stand within those who returned home in the table of all reasons.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _codes(groups: tuple[str, ...]) -> frozenset[str]:
    return code_set("REC").in_group(*groups) if groups else frozenset()
