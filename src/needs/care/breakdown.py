"""Divide counted children into groups: counts, shares, words and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
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

__all__ = [
    "CHILDREN",
    "NOT_RECORDED",
    "Breakdown",
    "breakdown_rows",
    "count_cells",
    "divided",
]

CHILDREN = Measure("children_n", "Children", "children")
NOT_RECORDED = "not_recorded"

Counts = npt.NDArray[np.int64]


def count_cells(period: pd.Categorical, group: pd.Categorical) -> tuple[Counts, list[str]]:
    """Return counts by group and period, and the keys of the groups.

    Parameters
    ----------
    period, group : pandas.Categorical
        Of each row counted; a missing group is counted as :data:`NOT_RECORDED`.

    Returns
    -------
    counts : numpy.ndarray of int, shape (groups, periods)
    keys : list of str
        Categories of ``group`` with at least one row in any period, in their order;
        :data:`NOT_RECORDED` last.
    """
    keys = [*map(str, group.categories), NOT_RECORDED]
    # Codes of few categories are small integers, which the product would overflow.
    code = np.where(group.codes < 0, len(keys) - 1, group.codes).astype(np.int64)
    wide = len(period.categories)
    flat = np.bincount(code * wide + period.codes, minlength=len(keys) * wide)
    counts = flat.reshape(len(keys), wide).astype(np.int64)
    some = np.flatnonzero(counts.sum(axis=1))
    return counts[some], [keys[i] for i in some]


def breakdown_rows(
    counts: Counts,
    groups: Sequence[str],
    periods: Sequence[str],
    base: Counts | None = None,
    share: str = "share_pct",
    count: str = "children_n",
) -> pd.DataFrame:
    """Return counts and their shares as rows of a long table.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (groups, periods)
        Children in each cell.
    groups, periods : sequence of str
        Keys of the cells.
    base : numpy.ndarray of int, shape (periods,)
        What the shares are shares of; without one no shares are given.
    share, count : str
        Measures of the shares and of the counts.

    Returns
    -------
    pandas.DataFrame
        Columns ``group, period, measure, value, marker``; a share of nothing is marked ``z``.
    """
    cells = {
        "group": np.repeat(np.array(groups, dtype=object), len(periods)),
        "period": np.tile(np.array(periods, dtype=object), len(groups)),
    }
    rows = pd.DataFrame({**cells, "measure": count, "value": counts.ravel(), "marker": ""})
    if base is None:
        return rows
    whole = np.broadcast_to(base, counts.shape).ravel()
    pct = np.divide(
        100.0 * counts.ravel(), whole, out=np.full(counts.size, np.nan), where=whole > 0
    )
    marker = np.where(whole > 0, "", "z")
    shares = pd.DataFrame({**cells, "measure": share, "value": pct, "marker": marker})
    return pd.concat([rows, shares], ignore_index=True)


@dataclass(frozen=True)
class Breakdown:
    """A way to divide children into groups: the names and words of its result.

    Parameters
    ----------
    name : str
        Slug of the result.
    title : str
        Headline; no digits.
    subtitle : str
        Measure, place and period.
    everyone : str
        Words for all children divided, such as ``all children looked after``.
    labels : mapping of str to str
        Words of the groups, in printed order.
    periods : mapping of str to str
        Words of the periods, in order.
    rule : str
        The counting rule, the first line under the table.
    notes : tuple of str
        Further lines.
    scope : str
        Who is counted, where they are not those of the study's label; empty: they are.
    chart : str
        Headline of the picture; empty for none.
    focus : str
        The group that the sentence is about; empty takes the largest.
    stacked : bool
        Whether the picture stacks the groups in one bar a period.
    whole : bool
        Whether all children together, and shares of them, stand beside the groups.
    counted : Measure
        What is counted: children, or their moves.
    """

    name: str
    title: str
    subtitle: str
    everyone: str
    labels: Mapping[str, str]
    periods: Mapping[str, str]
    rule: str = COUNTING_RULE
    notes: tuple[str, ...] = ()
    chart: str = ""
    focus: str = ""
    stacked: bool = True
    whole: bool = True
    counted: Measure = CHILDREN
    scope: str = ""


def divided(basis: Basis, period: pd.Categorical, by: pd.Categorical, spec: Breakdown) -> Result:
    """Return children by group and period: counts, and shares of all.

    Parameters
    ----------
    basis : Basis
        For source and settings.
    period, by : pandas.Categorical
        Period and group of each child counted; a child has one row a period.
    spec : Breakdown
        Names and words.

    Notes
    -----
    Groups that are empty in every period are left out.
    """
    keys = list(map(str, period.categories))
    counts, groups = count_cells(period, by)
    total = counts.sum(axis=0)
    unit = spec.counted.key
    rows = [breakdown_rows(counts, groups, keys, total if spec.whole else None, count=unit)]
    if spec.whole:
        rows.insert(0, breakdown_rows(total[None, :], [ALL], keys, count=unit))
    labels = {
        ALL: f"{spec.everyone[:1].upper()}{spec.everyone[1:]}",
        **{g: w for g, w in spec.labels.items() if g in groups},
        NOT_RECORDED: "Not recorded",
    }
    share = Measure("share_pct", "Share", "percent", spec.everyone, derived_from=(unit,))
    return Result(
        name=spec.name,
        title=spec.title,
        subtitle=spec.subtitle,
        table=long_table(pd.concat(rows)),
        measures=(spec.counted, share) if spec.whole else (spec.counted,),
        labels={**labels, **spec.periods},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_largest(spec, counts, groups, keys, labels),
        charts=_picture(spec, groups),
        additive=(Additive("group", ALL, tuple(groups)),) if groups and spec.whole else (),
        notes=(spec.rule, *spec.notes, *basis.shown.notes),
        settings=basis.settings(),
        scope=spec.scope,
    )


def _largest(
    spec: Breakdown,
    counts: Counts,
    groups: Sequence[str],
    periods: Sequence[str],
    labels: Mapping[str, str],
) -> tuple[Sentence, ...]:
    """Return a sentence on the group in focus, or the largest, in the last period."""
    if not groups or not counts[:, -1].any() or spec.focus not in {"", *groups}:
        return ()
    key, last = spec.focus or groups[int(np.argmax(counts[:, -1]))], periods[-1]
    lead = "" if spec.focus else "the largest group is "
    what = "children" if spec.counted is CHILDREN else spec.counted.label.lower()
    refs = {"n": figure_id(spec.name, spec.counted.key, key, last)}
    words = {"period": spec.periods[last], "group": labels[key], "what": what}
    if not spec.whole:
        return (Sentence(f"{{period}}: {lead}“{{group}}”, {{n}} {{what}}.", refs, words),)
    refs["share"] = figure_id(spec.name, "share_pct", key, last)
    words["everyone"] = spec.everyone
    line = f"{{period}}: {lead}“{{group}}”, {{n}} {{what}}, {{share}} of {{everyone}}."
    return (Sentence(line, refs, words),)


def _picture(spec: Breakdown, groups: Sequence[str]) -> tuple[Chart, ...]:
    if not spec.chart or not groups:
        return ()
    form = "Stacked bars, one for each period" if spec.stacked else "One line for each group"
    return (
        Chart(
            key="groups",
            kind="stacked_bar" if spec.stacked else "line",
            measure=spec.counted.key,
            title=spec.chart,
            subtitle=spec.subtitle,
            alt=f"{form}, showing {spec.everyone} by group.",
            include={"group": tuple(groups)},
        ),
    )
