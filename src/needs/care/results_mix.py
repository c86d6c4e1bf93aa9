"""Chapter 20: where children live, by the authority's own placement types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, NOT_RECORDED, breakdown_rows, count_cells
from needs.care.mix import Node, mix_tree
from needs.care.placements import TEMPORARY_RULE, placement_type
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

__all__ = ["placement_mix"]

NAME = "cla_placement_mix"

Counts = npt.NDArray[np.int64]


def placement_mix(data: StudyData) -> Result:
    """Return the stock by the authority's own placement types (``cla_placement_mix``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; its category map decides the types.

    Returns
    -------
    Result
        Each type and group by day: children, share of all children (``share_pct``), and
        share of its own group (``share_of_fostering_pct``, ``share_of_homes_pct`` …).

    Raises
    ------
    StudyError
        If the category map leaves a recorded placement without a type.
    """
    basis = Basis.of(data)
    frame = basis.stock()
    counts, types = count_cells(
        frame["period"].array, placement_type(frame, basis.study.categories)
    )
    nodes = mix_tree(basis.study.categories, types)
    if NOT_RECORDED in types:
        nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, frozenset({NOT_RECORDED})))
    n = {node.key: counts[np.isin(types, list(node.types))].sum(axis=0) for node in nodes}
    n[ALL] = counts.sum(axis=0)
    labels = {ALL: f"All {basis.label}"} | {node.key: node.label for node in nodes}
    return Result(
        name=NAME,
        title=f"Where {basis.label} live",
        subtitle=basis.stock_subtitle("Children looked after on the day, by placement type"),
        table=_table(nodes, n, basis.date_keys),
        measures=_measures(nodes, labels, basis),
        labels={**labels, **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(nodes, n, labels, basis),
        charts=_chart(nodes, basis),
        checks=(_recorded(n),),
        additive=_additive(nodes),
        notes=(
            COUNTING_RULE,
            "Placement types follow the study's category map. Shares of all children and shares "
            "of a group are different numbers: each row names its base.",
            f"Temporary moves: {TEMPORARY_RULE}.",
            "Types with no child on any day shown are left out.",
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _share_key(base: str) -> str:
    return f"share_of_{base.removeprefix('all_')}_pct"


def _table(nodes: Sequence[Node], n: Mapping[str, Counts], days: Sequence[str]) -> pd.DataFrame:
    rows = [breakdown_rows(n[ALL][None, :], [ALL], days)]
    for node in nodes:
        rows.append(breakdown_rows(n[node.key][None, :], [node.key], days, n[ALL]))
        if node.base:
            of_group = breakdown_rows(
                n[node.key][None, :], [node.key], days, n[node.base], _share_key(node.base)
            )
            rows.append(of_group[of_group["measure"] != "children_n"])
    return long_table(pd.concat(rows, ignore_index=True))


def _measures(
    nodes: Sequence[Node], labels: Mapping[str, str], basis: Basis
) -> tuple[Measure, ...]:
    reveals = ("children_n",)
    bases = dict.fromkeys(node.base for node in nodes if node.base)
    return (
        CHILDREN,
        Measure("share_pct", "Share of all", "percent", f"all {basis.label}", reveals),
        *(
            Measure(
                _share_key(base),
                "Share of group",
                "percent",
                f"children in: {labels[base].lower()}",
                reveals,
            )
            for base in bases
        ),
    )


def _additive(nodes: Sequence[Node]) -> tuple[Additive, ...]:
    parents = dict.fromkeys(node.parent for node in nodes)
    return tuple(
        Additive("group", parent, tuple(node.key for node in nodes if node.parent == parent))
        for parent in parents
    )


def _words(
    nodes: Sequence[Node], n: Mapping[str, Counts], labels: Mapping[str, str], basis: Basis
) -> tuple[Sentence, ...]:
    """Return a sentence on each group of several types: its share, and its largest part."""
    day = basis.date_keys[-1]
    said = []
    for base in dict.fromkeys(node.base for node in nodes if node.base):
        parts = [node for node in nodes if node.base == base and len(node.types) == 1]
        if not parts or not n[base][-1]:
            continue
        largest = max(parts, key=lambda node: int(n[node.key][-1]))
        said.append(
            Sentence(
                "{day}: {n} {label} ({share} of all) were in “{group}”; the largest part of "
                "these was “{part}”, {m} children or {own} of that group.",
                {
                    "n": figure_id(NAME, "children_n", base, day),
                    "share": figure_id(NAME, "share_pct", base, day),
                    "m": figure_id(NAME, "children_n", largest.key, day),
                    "own": figure_id(NAME, _share_key(base), largest.key, day),
                },
                {
                    "day": basis.date_labels[day],
                    "label": basis.label,
                    "group": labels[base],
                    "part": largest.label,
                },
            )
        )
    return tuple(said)


def _chart(nodes: Sequence[Node], basis: Basis) -> tuple[Chart, ...]:
    groups = tuple(node.key for node in nodes if node.parent == ALL)
    if not groups:
        return ()
    return (
        Chart(
            key="mix",
            kind="stacked_bar",
            measure="children_n",
            title=f"Where {basis.label} live, by group of placements",
            subtitle=basis.stock_subtitle("Children looked after on the day"),
            alt=f"Stacked bars, one for each day, of {basis.label} by group of placements.",
            include={"group": groups},
        ),
    )


def _recorded(n: Mapping[str, Counts]) -> Check:
    missing = int(n[NOT_RECORDED].sum()) if NOT_RECORDED in n else 0
    return Check(
        "Every child counted has a recorded placement",
        "review" if missing else "pass",
        f"{missing} counts of a child on a day have no placement code"
        if missing
        else "all placements are recorded and have a type",
    )
