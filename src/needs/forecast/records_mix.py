"""Chapter 50 from records: the last count held by placement type, and the shares held.

The counts by placement type are those of chapter 20, taken over whole with every relation
between them, so that disclosure control hides the same cells; what is held in the years
ahead, and its range, goes with the count it is held from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.breakdown import NOT_RECORDED
from needs.care.chapter20 import placement_mix
from needs.care.mix import HOMES, Node, mix_tree
from needs.forecast.no_change import allocate, changes, half_widths
from needs.forecast.outlook import Outlook, bounds, year_ends
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["demand"]

NAME = "forecast_demand"
OUTWARD = 5
DRAWN = 4
"""Groups in the picture: more bands than four cannot be told apart."""


@dataclass(frozen=True)
class Mix:
    """The placement mix of chapter 20, as a forecast looks at it.

    Parameters
    ----------
    result : Result
        From chapter 20.
    counts : DataFrame of float
        Children by group (index) and day (columns).
    nodes : tuple of Node
        Rows of the tree, each parent before its parts.
    """

    result: Result
    counts: pd.DataFrame
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, data: StudyData, days: Sequence[str]) -> Mix:
        result = placement_mix(data)
        rows = result.table[result.table["measure"] == "children_n"]
        counts = rows.pivot_table(index="group", columns="period", values="value", sort=False)
        categories = data.study.categories
        nodes = mix_tree(categories, [t.key for t in categories.types if t.key in counts.index])
        if NOT_RECORDED in counts.index:
            one = frozenset({NOT_RECORDED})
            nodes.append(Node(NOT_RECORDED, "Not recorded", ALL, one))
        return cls(result, counts[list(days)], tuple(nodes))

    def by_day(self, group: str) -> pd.Series[float]:
        """Return the count of a row by day."""
        return pd.Series(self.counts.loc[group].to_numpy(dtype=float), index=self.counts.columns)

    @property
    def top(self) -> list[str]:
        """Keys of the rows that make up all children."""
        return [n.key for n in self.nodes if n.parent == ALL]

    def rows(self, external: frozenset[str]) -> list[str]:
        """Return the rows of the demand table.

        All children; their groups; children's homes; and of foster placements, homes and
        supported accommodation what is external.
        """
        homes = f"all_{HOMES}"
        apart = "all_residential" if any(n.key == homes for n in self.nodes) else ""
        chosen = [
            n.key
            for n in self.nodes
            if n.parent == ALL
            or n.key == homes
            or (n.base not in {"", apart} and n.types <= external)
        ]
        return [ALL, *chosen]

    def held(self, total: int) -> pd.Series[float]:
        """Return a total shared out among the types as today, then summed for every row."""
        leaves = sorted({t for n in self.nodes for t in n.types})
        now = self.counts.iloc[:, -1].reindex(leaves)
        given = allocate(total, now)
        sums = {n.key: float(given[sorted(n.types)].sum()) for n in self.nodes}
        return pd.Series({ALL: float(total), **sums})


def demand(data: StudyData) -> Result:
    """Return the demand table: the last count held by placement type, with low and high.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; its category map decides the types.

    Returns
    -------
    Result
        ``forecast_demand``: ``projected_n`` on the as-at date and the next five 31 Marches, with
        ``lower_80`` and ``upper_80`` where a row's own past allows; ``share_pct`` of the groups
        that make up all children, counted and held, with ranges; and the counts of chapter 20
        that they rest on.

    Notes
    -----
    The form is that of the table of demand forecasts in the Oxfordshire commissioning
    strategy 2020-2025, section 3: total, children's homes (all, external), accommodation at
    16 and over (all, external), fostering (all, independent agencies), by year.
    """
    outlook = Outlook.of(data)
    basis = outlook.basis
    mix = Mix.of(data, basis.date_keys)
    external = frozenset(t.key for t in data.study.categories.types if t.sector == "external")
    rows = mix.rows(external)
    shares = _shares(outlook, mix)
    counts = mix.result.table[mix.result.table["measure"] == "children_n"]
    reveals = ("children_n",)
    shown = ("projected_n", "projected_n_lower_80", "projected_n_upper_80")
    return Result(
        name=NAME,
        title="Demand by placement type if nothing changes",
        subtitle=f"Children on the day, the last count held, {basis.study.authority.name}",
        table=long_table(
            pd.concat([_projected(outlook, mix, rows), shares, counts], ignore_index=True)
        ),
        measures=(
            Measure("projected_n", "Children", "children_forecast", derived_from=reveals),
            Measure("share_pct", "Share", "percent", f"all {basis.label}", reveals),
            mix.result.measure("children_n"),
        ),
        labels={**mix.result.labels, **outlook.labels},
        source=basis.source,
        layout=Layout(("group", "measure"), ("period",), shown),
        text=_words(outlook, mix),
        charts=_fan(outlook, mix, shares),
        additive=mix.result.additive,
        notes=_notes(outlook),
        settings={**mix.result.settings, "method": "no change, shares held"},
        rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
        mirrors=mix.result,
    )


def _projected(outlook: Outlook, mix: Mix, rows: Sequence[str]) -> pd.DataFrame:
    """Return each row on the as-at date and held for each day ahead, with its range."""
    held = mix.held(outlook.base)
    now = pd.DataFrame({"group": rows, "period": outlook.as_at, "value": held[list(rows)]})
    parts = [now]
    for row in rows:
        of_row = bounds(held[row], outlook.widths(mix.by_day(row)))
        if row != ALL:
            of_row = _outward(of_row, OUTWARD)
        parts.append(of_row.assign(group=row, period=outlook.ahead, value=held[row]))
    return pd.concat(parts, ignore_index=True).assign(measure="projected_n")


def _outward(ranges: pd.DataFrame, step: int) -> pd.DataFrame:
    """Return ranges widened to multiples of ``step``."""
    low, high = ranges["lower_80"] / step, ranges["upper_80"] / step
    return ranges.assign(lower_80=step * np.floor(low), upper_80=step * np.ceil(high))


def _shares(outlook: Outlook, mix: Mix) -> pd.DataFrame:
    """Return the shares of the groups that make up all children, counted and held."""
    whole = mix.by_day(ALL)
    columns = ["group", "period", "value", "lower_80", "upper_80"]
    parts = [] if mix.top else [pd.DataFrame(columns=columns, dtype=object)]
    for group in mix.top:
        counted = mix.by_day(group)
        pct = 100 * counted / whole
        parts.append(pd.DataFrame({"group": group, "period": pct.index, "value": pct.to_numpy()}))
        now = float(pct.iloc[-1])
        known = year_ends(pct).reindex(outlook.usable(counted).index)
        half = half_widths(changes(known, relative=False))["half_width"].to_numpy()
        later = pd.DataFrame({"lower_80": now - half, "upper_80": now + half})
        later = _outward(later, 1).clip(lower=0.0, upper=100.0)
        parts.append(later.assign(group=group, period=outlook.ahead, value=now))
    out = pd.concat(parts, ignore_index=True).assign(measure="share_pct")
    return out.assign(marker=np.where(out["value"].isna(), "z", ""))


def _words(outlook: Outlook, mix: Mix) -> tuple[Sentence, ...]:
    """Return the two largest groups: what is held, and the range of the last day that has one."""
    said = []
    largest = mix.counts.loc[mix.top].iloc[:, -1].sort_values(ascending=False, kind="stable")
    labels = {n.key: n.label for n in mix.nodes}
    for group in largest.index[:2]:
        half = outlook.widths(mix.by_day(group))["half_width"].to_numpy()
        day = outlook.ahead[int(np.flatnonzero(~np.isnan(half))[-1])] if any(half > 0) else ""
        if not day:
            continue
        refs = {
            "n": figure_id(NAME, "projected_n", group, day),
            "share": figure_id(NAME, "share_pct", group, day),
            "low": figure_id(NAME, "projected_n_lower_80", group, day),
            "high": figure_id(NAME, "projected_n_upper_80", group, day),
        }
        said.append(
            Sentence(
                "“{group}”: {n} children ({share} of all) if nothing changes. Its own past says "
                "that on {day} it may lie between {low} and {high}.",
                refs,
                {"group": labels[group], "day": outlook.labels[day]},
            )
        )
    return tuple(said)


def _fan(outlook: Outlook, mix: Mix, shares: pd.DataFrame) -> tuple[Chart, ...]:
    """Return a fan of the largest groups that have a range for as many days as any has."""
    ranged = shares[shares["lower_80"].notna()]
    if ranged.empty:
        return ()
    days = [d for d in outlook.ahead if d in set(ranged["period"])]
    known = ranged["group"].value_counts(sort=False)
    now = mix.counts.iloc[:, -1].reindex(known.index[known == len(days)])
    drawn = set(now.sort_values(ascending=False, kind="stable").index[:DRAWN])
    return (
        Chart(
            key="shares",
            kind="fan",
            measure="share_pct",
            title="Shares of the largest groups of placements held, and how far they may move",
            subtitle=outlook.basis.stock_subtitle(f"Share of all {outlook.basis.label}")
            + ", then held",
            alt=(
                "A line for each group, counted and then held level, inside a band that widens "
                "with the years."
            ),
            include={
                "group": tuple(n for n in mix.top if n in drawn),
                "period": (*outlook.basis.date_keys, *days),
            },
        ),
    )


def _notes(outlook: Outlook) -> tuple[str, ...]:
    return (
        "The total is held at its last count and shared out by today's placement mix. Parts are "
        "whole children and add up to the total: what rounding leaves goes to the largest "
        "remainders.",
        "The form follows the table of demand forecasts in the commissioning strategy of 2020 "
        "to 2025, in the groups of the study's own category map; accommodation at 16 and over "
        "is there a type of placement and here the group of supported accommodation.",
        "Low and high of a row come from that row's own past, so the low ends do not add up to "
        "the low end of the total, nor the high ends to the high. But for the total they are "
        f"widened to multiples of {OUTWARD}, those of shares to whole per cent: few years allow no "
        "finer range, and past counts that are hidden cannot be worked out from it.",
        "A number held is hidden wherever the count that it is held from is hidden.",
        *outlook.notes(),
    )
