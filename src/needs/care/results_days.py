"""Chapter 20: days in placements and full-time equivalents, by the authority's own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import NOT_RECORDED
from needs.care.mix import Node, mix_tree, tree_sums
from needs.care.placement_days import days_of, placement_days
from needs.care.placements import temporary_rule
from needs.care.results_flows import with_windows
from needs.care.rows import wide_rows
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

__all__ = ["full_time_equivalents"]

NAME = "cla_placement_days"

Counts = npt.NDArray[np.int64]
_OF = ("in_type_n",)
YEARS = 5
"""Years shown, the latest ones."""


def full_time_equivalents(data: StudyData) -> Result:
    """Return days in each placement type in each year (``cla_placement_days``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; its category map decides the types.

    Returns
    -------
    Result
        By type and group, and year: children (each once in every type lived in), days, full-time
        equivalents (days over the days of the year), share of all days and of those of the
        row's own group.
    """
    basis = with_windows(data)
    windows = basis.shown.windows[-YEARS:]
    basis = replace(basis, shown=replace(basis.shown, windows=windows))
    frame = placement_days(basis.records, windows, basis.scope, basis.study.categories)
    types, children, days = _cells(frame, len(windows))
    nodes = mix_tree(basis.study.categories, types)
    if NOT_RECORDED in types:
        nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, frozenset({NOT_RECORDED})))
    rows = [_row(Node(ALL, "", "", frozenset(types)), types, children, days, basis)]
    rows += [_row(node, types, children, days, basis) for node in nodes]
    labels = {ALL: f"All {basis.label}"} | {node.key: node.label for node in nodes}
    wide = _with_shares(pd.concat(rows, ignore_index=True), nodes)
    bases = dict.fromkeys(node.base for node in nodes if node.base)
    return Result(
        name=NAME,
        title="Days in placements, and full-time equivalents",
        subtitle=basis.flow_subtitle("Days of children in each placement type"),
        table=_table(wide, nodes),
        measures=_measures(labels, list(bases), basis),
        labels={**labels, **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(nodes, wide, labels, basis),
        charts=_chart(nodes, basis),
        additive=tree_sums(nodes),
        notes=(
            "A day is a night: the day of leaving is not counted. Full-time equivalents are days "
            "over the days of the year, which is also the mean number in placement on a day.",
            "Children are counted once in every type that they lived in during the year, so that "
            "types add up; the total is therefore more than the number of children.",
            "Shares of all days and of a group's days are different numbers: each row names its "
            "base.",
            "The latest five years are shown.",
            f"Temporary moves: {temporary_rule(basis.study.counting)}.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _cells(frame: pd.DataFrame, windows: int) -> tuple[list[str], Counts, Counts]:
    """Return types with any day, and children and days of each by window."""
    keys = [*map(str, frame["type"].cat.categories), NOT_RECORDED]
    code = frame["type"].cat.codes.to_numpy(dtype=np.int64)
    flat = np.where(code < 0, len(keys) - 1, code) * windows + frame["window"].to_numpy()
    shape = (len(keys), windows)
    children = np.bincount(flat, minlength=len(keys) * windows).reshape(shape)
    days = np.bincount(flat, frame["days"], minlength=len(keys) * windows).reshape(shape)
    some = np.flatnonzero(children.sum(axis=1))
    whole = np.rint(days).astype(np.int64)
    return [keys[i] for i in some], children[some].astype(np.int64), whole[some]


def _row(
    node: Node, types: Sequence[str], children: Counts, days: Counts, basis: Basis
) -> pd.DataFrame:
    mine = np.isin(types, list(node.types))
    nights = days[mine].sum(axis=0)
    length = np.array([days_of(w, basis.study.counting) for w in basis.shown.windows])
    return pd.DataFrame(
        {
            "group": node.key,
            "period": basis.window_keys,
            "in_type_n": children[mine].sum(axis=0),
            "days_n": nights,
            "fte": nights / length,
        }
    )


def _share_key(base: str) -> str:
    return f"share_of_{base.removeprefix('all_')}_pct"


def _with_shares(wide: pd.DataFrame, nodes: Sequence[Node]) -> pd.DataFrame:
    """Return the rows with the share of all days, and that of the days of the row's group."""
    days = wide.set_index(["group", "period"])["days_n"]
    base = {node.key: node.base for node in nodes}

    def of(groups: pd.Series) -> npt.NDArray[np.float64]:
        at = pd.MultiIndex.from_arrays([groups, wide["period"]])
        found = days.reindex(at).to_numpy(dtype=float)
        return np.where(found > 0, found, np.nan)

    every = pd.Series(ALL, index=wide.index)
    share = 100.0 * wide["days_n"] / of(every)
    out = wide.assign(share_pct=share.mask(wide["group"] == ALL, np.nan))
    for key in dict.fromkeys(b for b in base.values() if b):
        own = wide["group"].map(base).eq(key)
        value = 100.0 * wide["days_n"] / of(pd.Series(key, index=wide.index))
        out[_share_key(key)] = value.where(own)
    return out


def _table(wide: pd.DataFrame, nodes: Sequence[Node]) -> pd.DataFrame:
    """Return the long table, without shares of a base that a row does not have."""
    rows = wide_rows(wide, ["group", "period"])
    base = {node.key: _share_key(node.base) for node in nodes if node.base}
    of_group = rows["measure"].str.startswith("share_of_")
    apart = of_group & (rows["measure"] != rows["group"].map(base))
    apart |= (rows["measure"] == "share_pct") & (rows["group"] == ALL)
    return rows[~apart].reset_index(drop=True)


def _measures(labels: Mapping[str, str], bases: Sequence[str], basis: Basis) -> tuple[Measure, ...]:
    return (
        Measure("in_type_n", "Children, once in each type", "children"),
        Measure("days_n", "Days", "nights", "", _OF),
        Measure("fte", "Full-time equivalents", "fte", "", _OF),
        Measure("share_pct", "Share of days", "percent1", f"all days of {basis.label}", _OF),
        *(
            Measure(_share_key(b), "Share of days", "percent1", f"days in {labels[b].lower()}", _OF)
            for b in bases
        ),
    )


def _words(
    nodes: Sequence[Node], wide: pd.DataFrame, labels: Mapping[str, str], basis: Basis
) -> tuple[Sentence, ...]:
    key = basis.window_keys[-1]
    top = wide[
        (wide["period"] == key) & wide["group"].isin([n.key for n in nodes if n.parent == ALL])
    ]
    if top.empty or not top["days_n"].any():
        return ()
    largest = str(top.iloc[int(np.argmax(top["days_n"]))]["group"])
    return (
        Sentence(
            "{year}: {days} days in placements, or {fte} full-time equivalents; {part} of these "
            "were “{group}”, {share} of all days.",
            {
                "days": figure_id(NAME, "days_n", ALL, key),
                "fte": figure_id(NAME, "fte", ALL, key),
                "part": figure_id(NAME, "fte", largest, key),
                "share": figure_id(NAME, "share_pct", largest, key),
            },
            {"year": basis.window_labels[key], "group": labels[largest]},
        ),
    )


def _chart(nodes: Sequence[Node], basis: Basis) -> tuple[Chart, ...]:
    top = tuple(node.key for node in nodes if node.parent == ALL)
    if not top:
        return ()
    return (
        Chart(
            key="fte",
            kind="stacked_bar",
            measure="fte",
            title="Full-time equivalent placements in the year",
            subtitle=basis.flow_subtitle("Full-time equivalents, by group of placements"),
            alt="Stacked bars, one for each reporting year, of full-time equivalents by group.",
            include={"group": top},
        ),
    )
