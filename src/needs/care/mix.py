"""The placement mix as a tree: all children, groups, in-house and external, types.

A share of all children and a share of one's own group are different numbers. Each node
carries the base that its own share is of, so that they are never confused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from needs.care.breakdown import NOT_RECORDED
from needs.vocabulary.codes import code_set
from needs.vocabulary.results import ALL, Additive
from needs.vocabulary.study import Categories, PlacementType

__all__ = ["GROUP_WORDS", "Node", "mix_tree", "same_children", "tree_sums"]

GROUP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "fostering": "Foster placements",
        "residential": "Residential placements",
        "supported": "Supported accommodation and independent living",
        "adoption": "Placed for adoption",
        "parents": "With parents",
        "other": "Other placements",
    }
)
"""Groups of the category map, in printed order."""

HOMES = "homes"
_SECTOR_WORDS = {"in_house": "in-house", "external": "external"}


@dataclass(frozen=True, slots=True)
class Node:
    """A row of the placement mix: a type, or several together.

    Parameters
    ----------
    key, label : str
        Key and words of the group in the long table.
    parent : str
        Key of the row that it is a part of.
    types : frozenset of str
        Keys of the placement types it holds.
    base : str
        Key of the row that its own-group share is of; empty where that would be its share
        of all children.
    """

    key: str
    label: str
    parent: str
    types: frozenset[str]
    base: str = ""


def mix_tree(categories: Categories, present: Collection[str]) -> list[Node]:
    """Return the rows of the placement mix, each parent before its parts.

    Parameters
    ----------
    categories : Categories
        The study's category map.
    present : collection of str
        Types with at least one child on any day shown; the others are left out.

    Notes
    -----
    A row that would hold one type only is that type's row. Children's homes stand
    together within the residential group where it holds anything else: a home is a
    residential type that no rule gives to a placement code other than K1 and K2.
    """
    nodes: list[Node] = []
    for group, words in GROUP_WORDS.items():
        types = [t for t in categories.types if t.group == group and t.key in present]
        if len(types) < 2:
            nodes += [Node(t.key, t.label, ALL, frozenset({t.key})) for t in types]
            continue
        key = f"all_{group}"
        nodes.append(Node(key, words, ALL, _keys(types)))
        homes = [t for t in types if group == "residential" and _is_home(t.key, categories)]
        rest = [t for t in types if t not in homes]
        if len(homes) > 1 and rest:
            nodes.append(Node(f"all_{HOMES}", "Children's homes", key, _keys(homes), key))
            nodes += _by_sector(homes, f"all_{HOMES}", "Children's homes")
            nodes += [Node(t.key, t.label, key, frozenset({t.key}), key) for t in rest]
        else:
            nodes += _by_sector(types, key, words)
    return nodes


def tree_sums(nodes: Sequence[Node]) -> tuple[Additive, ...]:
    """Return that each row of a placement mix is the sum of those that it is the parent of."""
    parents = dict.fromkeys(node.parent for node in nodes)
    return tuple(
        Additive("group", parent, tuple(node.key for node in nodes if node.parent == parent))
        for parent in parents
    )


def _keys(types: Sequence[PlacementType]) -> frozenset[str]:
    return frozenset(t.key for t in types)


def _is_home(key: str, categories: Categories) -> bool:
    places = {p for r in categories.rules if r.type == key for p in r.place}
    return places <= code_set("PLACE").in_group("secure_ch")


def _by_sector(types: Sequence[PlacementType], parent: str, words: str) -> list[Node]:
    """Return in-house types, external types and the rest, with a row for each sector of many."""
    nodes: list[Node] = []
    for sector in ("in_house", "external", "none"):
        of = [t for t in types if t.sector == sector]
        above = parent
        if 1 < len(of) < len(types) and sector in _SECTOR_WORDS:
            above = f"{parent}_{sector}"
            nodes.append(
                Node(above, f"{words}, {_SECTOR_WORDS[sector]}", parent, _keys(of), parent)
            )
        nodes += [Node(t.key, t.label, above, frozenset({t.key}), parent) for t in of]
    return nodes


def same_children(own: pd.Categorical, official: pd.Categorical) -> tuple[Additive, ...]:
    """Return the relations between own types and DfE groups that hold the same children.

    Parameters
    ----------
    own, official : pandas.Categorical
        Type and DfE group of each child counted.

    Notes
    -----
    Types and groups that share children, directly or through others, form a set within
    which both sides have the same total: that is one relation. Without it, a count hidden
    under one heading could be read under the other.
    """
    pairs = pd.DataFrame({"own": own, "official": official}).astype(object)
    pairs = pairs.fillna(NOT_RECORDED).drop_duplicates().sort_values(["own", "official"])
    types, groups = sorted(set(pairs["own"])), sorted(set(pairs["official"]))
    if not types:
        return ()
    size = len(types) + len(groups)
    i = np.searchsorted(np.array(types, dtype=str), pairs["own"].to_numpy(dtype=str))
    j = np.searchsorted(np.array(groups, dtype=str), pairs["official"].to_numpy(dtype=str))
    graph = coo_array((np.ones(len(pairs)), (i, j + len(types))), shape=(size, size))
    parts, of = connected_components(graph, directed=False)
    return tuple(
        _equal(
            [t for t, k in zip(types, of[: len(types)], strict=True) if k == part],
            [f"dfe_{g}" for g, k in zip(groups, of[len(types) :], strict=True) if k == part],
        )
        for part in range(parts)
    )


def _equal(types: list[str], groups: list[str]) -> Additive:
    """Return the relation that types together hold as many children as groups together."""
    total, *others = types
    signs = (1,) * len(groups) + (-1,) * len(others)
    return Additive("group", total, (*groups, *others), signs)
