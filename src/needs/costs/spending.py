"""What every result of chapter 60 shares: cost lines over the years shown, and nights beside them.

Nights, children and full-time equivalents are those that chapter 20 prints, so that a unit cost
stands on the same numbers as the counts of children.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import NOT_RECORDED
from needs.care.mix import Node, mix_tree
from needs.care.placement_days import days_of, placement_days
from needs.care.results_days import YEARS
from needs.care.results_flows import with_windows
from needs.care.rows import unavailable
from needs.care.windows import Window
from needs.costs.days import distinct_nights, paid_parts
from needs.costs.kin import placed_id
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Measure, Result, figure_id

__all__ = ["NO_CHILD", "OUTCOMES", "OUTSIDE", "PLACED", "Spending", "cannot", "placed_id"]

PLACED, OUTSIDE, NO_CHILD = "placed", "outside_care", "no_child"
OUTCOMES = (PLACED, OUTSIDE, NO_CHILD)
"""Where a pound went: to a night in care, to a day of a known child outside it, to no child."""


@dataclass(frozen=True)
class Spending:
    """Cost lines of a study over its years.

    Attributes
    ----------
    basis : Basis
        Words and years; windows are those of chapter 20's days in placements that any cost
        line falls into.
    parts : pandas.DataFrame
        From :func:`needs.costs.days.paid_parts`, with ``outcome``, ``route``,
        ``provider`` and ``single`` (an amount, no weekly price).
    nights : pandas.DataFrame
        Days in placements from :func:`needs.care.placement_days.placement_days`.
    nodes : tuple of Node
        Placement types and their groups, those of chapter 20.
    """

    basis: Basis
    parts: pd.DataFrame
    nights: pd.DataFrame
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, data: StudyData) -> Spending:
        """Return the spending of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no cost lines or no SSDA903 returns.
        ModelError
            If no cost line falls into a year that is shown.
        """
        return data.once("spending", lambda: _made(data))

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"{self.basis.source}; cost lines of the study"

    @property
    def settings(self) -> dict[str, object]:
        """Settings that the numbers rest on."""
        return {**self.basis.settings(), "costs": self.basis.study.costs.model_dump()}

    @property
    def labels(self) -> dict[str, str]:
        """Words for all placements, their groups and types, and the years."""
        words = {ALL: "All placements"} | {n.key: n.label for n in self.nodes}
        return {**words, **self.basis.window_labels}

    def paid(self, *, leaves: bool) -> tuple[str, ...]:
        """Return keys of the nodes that money was spent on: types, or the groups of all."""
        spent = set(self.by_type("gross").index)
        inner = {n.parent for n in self.nodes}
        return tuple(
            n.key
            for n in self.nodes
            if n.types & spent and (n.key not in inner if leaves else n.parent == ALL)
        )

    @property
    def leaves(self) -> tuple[str, ...]:
        """Keys of the placement types, in printed order."""
        inner = {n.parent for n in self.nodes}
        return tuple(n.key for n in self.nodes if n.key not in inner)

    @property
    def placed(self) -> pd.DataFrame:
        """Parts of lines that pay for nights in care."""
        return self.parts[self.parts["outcome"] == PLACED]

    @property
    def length(self) -> np.ndarray:
        """Days of each year."""
        counting = self.basis.study.counting
        return np.array([days_of(w, counting) for w in self.basis.shown.windows], dtype=float)

    @property
    def weeks(self) -> np.ndarray:
        """Weeks that a yearly cost stands for, by year."""
        if self.basis.study.costs.weeks_of_year == "52":
            return np.full(len(self.basis.shown.windows), 52.0)
        return self.length / 7

    def by_type(self, column: str) -> pd.DataFrame:
        """Return pounds spent on nights in care by type (rows) and year (columns, by position)."""
        return self._wide(self.placed.groupby(["type", "window"])[column].sum())

    @property
    def many_shared(self) -> bool:
        """Whether others pay for enough children in each year, or for none, to be told."""
        parts = self.parts
        shared = parts[(parts["outcome"] == PLACED) & (parts["net"] != parts["gross"])]
        n = shared.groupby("window")["child"].nunique()
        return not n.between(1, self.basis.study.disclosure.threshold - 1).any()

    def nights_by_type(self) -> pd.DataFrame:
        """Return nights in placement by type (rows) and year (columns, by position)."""
        kind = self.nights["type"].astype(object).fillna(NOT_RECORDED)
        return self._wide(self.nights.groupby([kind, "window"])["days"].sum())

    def paid_nights_by_type(self) -> pd.DataFrame:
        """Return nights that any line pays for by type (rows) and year (columns)."""
        nights = distinct_nights(self.placed, ["window", "type"])
        return self._wide(nights.groupby(["type", "window"])["nights"].sum())

    def _wide(self, values: pd.Series) -> pd.DataFrame:
        wide = (
            values.rename("value")
            .reset_index()
            .pivot_table("value", values.index.names[0], "window", aggfunc="sum", fill_value=0.0)
        )
        return wide.reindex(columns=range(len(self.basis.shown.windows)), fill_value=0.0)

    def of_node(self, wide: pd.DataFrame, node: Node | None) -> np.ndarray:
        """Return the sum of a node's types by year; of all types without a node."""
        mine = wide if node is None else wide[wide.index.isin(list(node.types))]
        out: np.ndarray = mine.sum(axis=0).to_numpy(dtype=float)
        return out


def _made(data: StudyData) -> Spending:
    basis = with_windows(data)
    lines = data.costs.frame.reset_index(drop=True)
    windows = _with_lines(basis, lines)
    basis = replace(basis, shown=replace(basis.shown, windows=windows))
    study = basis.study
    parts = paid_parts(lines, basis.records, windows, basis.scope, study.categories)
    child, cared = parts["child"].to_numpy(), parts["in_care"].to_numpy()
    parts["outcome"] = np.where(child < 0, NO_CHILD, np.where(cared, PLACED, OUTSIDE))
    for name in ("route", "provider"):
        parts[name] = lines[name].astype(object).fillna("").to_numpy()[parts["line"]]
    amount = lines["amount_gbp"] if "amount_gbp" in lines else pd.Series(np.nan, lines.index)
    parts["single"] = amount.notna().to_numpy()[parts["line"]]
    parts.loc[parts["in_care"] & (parts["type"] == ""), "type"] = NOT_RECORDED
    nights = placement_days(basis.records, windows, basis.scope, study.categories)
    types = [str(k) for k in nights["type"].cat.categories if (nights["type"] == k).any()]
    nodes = mix_tree(study.categories, types)
    if nights["type"].isna().any():
        nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, frozenset({NOT_RECORDED})))
    return Spending(basis, parts, nights, tuple(nodes))


def _with_lines(basis: Basis, lines: pd.DataFrame) -> tuple[Window, ...]:
    """Return the years shown of chapter 20 that any line pays for a day of."""
    windows = basis.shown.windows[-YEARS:]
    last = lines["to"].where(lines["to"].notna(), pd.Timestamp(windows[-1].end))
    found = tuple(
        w
        for w in windows
        if ((lines["from"] <= pd.Timestamp(w.end)) & (last >= pd.Timestamp(w.start))).any()
    )
    if not found:
        raise ModelError("no cost line falls into a year that is shown")
    return found


def cannot(spending: Spending, name: str, title: str, measure: Measure, why: str) -> Result:
    """Return a result that says why it cannot be made; it follows the children of all lines."""
    basis = spending.basis
    none = unavailable(basis, name, title, basis.flow_subtitle(measure.label), measure, why)
    every = tuple(placed_id(ALL, w) for w in basis.window_keys)
    return replace(none, leans_on={figure_id(name, measure.key, ALL, basis.date_keys[-1]): every})
