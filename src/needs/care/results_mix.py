"""Chapter 20: where children live, by the authority's own types and by DfE group.

Both stand in one result, although a reader sees two tables' worth of rows: the same
children under two headings would give a hidden count away if each were hidden apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, NOT_RECORDED, breakdown_rows, count_cells
from needs.care.mix import Node, mix_tree, same_children, tree_sums
from needs.care.placements import dfe_group, placement_type, temporary_rule
from needs.vocabulary.codes import placement_groups
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
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
    """Return the stock by own placement type and by DfE group (``cla_placement_mix``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; its category map decides the types.

    Returns
    -------
    Result
        Each type and group by day: children, share of all children (``share_pct``), and
        share of its own group (``share_of_fostering_pct``, ``share_of_homes_pct`` …); then
        the DfE groups, current classification (``dfe_foster``, ``dfe_secure_ch`` …).

    Raises
    ------
    StudyError
        If the category map leaves a recorded placement without a type.
    """
    basis = Basis.of(data)
    frame = basis.stock()
    period, own = frame["period"].array, placement_type(frame, basis.study.categories)
    official = dfe_group(frame["place"])
    counts, types = count_cells(period, own)
    nodes = mix_tree(basis.study.categories, types)
    if NOT_RECORDED in types:
        nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, frozenset({NOT_RECORDED})))
    n = {node.key: counts[np.isin(types, list(node.types))].sum(axis=0) for node in nodes}
    n[ALL] = counts.sum(axis=0)
    dfe = _dfe_nodes(*count_cells(period, official), n)
    labels = {ALL: f"All {basis.label}"} | {node.key: node.label for node in [*nodes, *dfe]}
    return Result(
        name=NAME,
        title=f"Where {basis.label} live",
        subtitle=basis.stock_subtitle("Children looked after on the day, by placement type"),
        table=_table([*nodes, *dfe], n, basis.date_keys),
        measures=_measures(nodes, labels, basis),
        labels={**labels, **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(nodes, n, labels, basis),
        charts=_charts(nodes, dfe, basis),
        checks=(_recorded(n),),
        additive=(*tree_sums(nodes), *tree_sums(dfe), *same_children(own, official)),
        notes=_notes(basis),
        settings=basis.settings(),
    )


def _dfe_nodes(counts: Counts, groups: Sequence[str], n: dict[str, Counts]) -> list[Node]:
    """Return a row for each DfE group, and add its counts to ``n``."""
    labels = placement_groups("current").labels
    n.update({f"dfe_{g}": row for g, row in zip(groups, counts, strict=True)})
    return [
        Node(f"dfe_{g}", f"DfE group: {labels.get(g, 'not recorded')}", ALL, frozenset())
        for g in groups
    ]


def _notes(basis: Basis) -> tuple[str, ...]:
    return (
        COUNTING_RULE,
        "Placement types follow the study's category map. Shares of all children and shares of "
        "a group are different numbers: each row names its base.",
        f"Temporary moves: {temporary_rule(basis.study.counting)}.",
        "DfE groups count the same children again, grouped as in DfE's releases for 2024 on; "
        "releases up to about 2022 put semi-independent living with children's homes, and "
        "independent living with other placements in the community.",
        "Types and groups with no child on any day shown are left out.",
        *basis.shown.notes,
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
        Measure("share_pct", "Share", "percent", f"all {basis.label}", reveals),
        *(
            Measure(
                _share_key(base),
                "Share",
                "percent",
                labels[base].lower(),
                reveals,
            )
            for base in bases
        ),
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


def _charts(nodes: Sequence[Node], dfe: Sequence[Node], basis: Basis) -> tuple[Chart, ...]:
    pictures = (("mix", "group of placements", nodes), ("dfe", "DfE placement group", dfe))
    return tuple(
        Chart(
            key=key,
            kind="stacked_bar",
            measure="children_n",
            title=f"Where {basis.label} live, by {words}",
            subtitle=basis.stock_subtitle("Children looked after on the day"),
            alt=f"Stacked bars, one for each day, of {basis.label} by {words}.",
            include={"group": tuple(node.key for node in rows if node.parent == ALL)},
        )
        for key, words, rows in pictures
        if rows
    )


def _recorded(n: Mapping[str, Counts]) -> Check:
    missing = NOT_RECORDED in n
    return Check(
        "Placements of the children counted: recorded or not",
        "review" if missing else "pass",
        "some have no placement code: see the row of those not recorded"
        if missing
        else "all placements are recorded and have a type",
    )
