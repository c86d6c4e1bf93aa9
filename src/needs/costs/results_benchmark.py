"""Chapter 60: unit costs beside those of statistical neighbours and of England (section 251)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pandas as pd

from needs.care.comparison_areas import neighbour_codes
from needs.care.mix import GROUP_WORDS, Node
from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
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
from needs.vocabulary.wording import inside

__all__ = ["unit_costs_beside_others"]

NAME = "cost_benchmark"
OWN, LINES, NEIGHBOURS, ENGLAND = "section_251", "cost_lines", "neighbours", "england"
_GBP = Measure("gbp_week", "Unit cost a week", "gbp_week")
_GROUPS = (ALL, "fostering", "residential")
YEARS = 5
"""Years shown, the latest ones."""


@STUDY.followed_by
def unit_costs_beside_others(data: StudyData) -> Result:
    """Return unit costs a week beside those of others (``cost_benchmark``).

    Returns
    -------
    Result
        By what is bought (``group``), year, and whose cost it is (``by``): the authority's own of
        section 251, that of its cost lines where the study has any, the median of its statistical
        neighbours, and England's.

    Raises
    ------
    InputMissing
        If the study has no section 251 unit costs, or they do not hold its own authority.
    """
    frame = data.unit_costs.frame.dropna(subset="gbp_week")
    own = data.study.authority.dfe_code
    if not (frame["dfe_code"] == own).any():
        raise InputMissing("unit_costs")
    frame = frame[frame["period"].isin(sorted(frame["period"].unique())[-YEARS:])]
    codes, note = neighbour_codes(data)
    parts = [*_official(frame, own, codes)]
    source = "Local Authority Interactive Tool, Department for Education"
    with suppress(InputMissing):
        spending = Spending.of(data)
        parts.append(_of_lines(spending))
        source = f"{source}; {spending.source}"
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["period"].isin(frame["period"])]
    table = long_table(rows.assign(measure=_GBP.key))
    name, whose = data.study.authority.short_name, data.study.authority.name
    last = str(frame["period"].max())
    return Result(
        name=NAME,
        title="Unit costs beside those of others",
        subtitle=f"Pounds a week by what is bought, {whose}, section 251 outturn",
        table=table,
        measures=(_GBP,),
        labels={
            ALL: "All children looked after",
            **{g: GROUP_WORDS[g] for g in _GROUPS[1:]},
            OWN: f"{name}, section 251",
            LINES: f"{name}, cost lines",
            NEIGHBOURS: "Statistical neighbours, median",
            ENGLAND: "England",
        },
        source=source,
        layout=Layout(("group", "by"), ("period",)),
        text=tuple(_said(table, last)),
        charts=(_picture(whose, "residential"), _picture(whose, "fostering")),
        notes=(
            note,
            "Section 251 also takes in what a placement costs beyond what its provider is paid, "
            "such as social workers for foster carers: it is not what the cost lines give.",
            "Money of the day; not adjusted for prices.",
        ),
        leans_on=_leans(data, table),
    )


def _official(frame: pd.DataFrame, own: str, codes: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    keys = {"service": "group", "gbp_week": "value"}
    columns = ["group", "period", "value", "by"]
    mine = frame[frame["dfe_code"] == own].assign(by=OWN)
    yield mine.rename(columns=keys)[columns]
    near = frame[frame["dfe_code"].isin(codes)].groupby(["service", "period"])["gbp_week"]
    yield near.median().reset_index().assign(by=NEIGHBOURS).rename(columns=keys)[columns]
    whole = frame[frame["area_type"] == "England"].assign(by=ENGLAND)
    yield whole.rename(columns=keys)[columns]


def _nodes(spending: Spending) -> dict[str, Node | None]:
    """Return the row of the placement mix that each group is; None is all placements."""
    kinds = spending.basis.study.categories.types
    out: dict[str, Node | None] = {ALL: None}
    for group in _GROUPS[1:]:
        types = {t.key for t in kinds if t.group == group}
        node = next((n for n in spending.nodes if n.parent == ALL and n.types <= types), None)
        out |= {group: node} if node else {}
    return out


def _of_lines(spending: Spending) -> pd.DataFrame:
    """Return what a week costs by the study's cost lines, over all nights, in full years."""
    gross, nights = spending.by_type("gross"), spending.nights_by_type()
    windows = spending.basis.shown.windows
    parts = []
    for group, node in _nodes(spending).items():
        pounds, n = spending.of_node(gross, node), spending.of_node(nights, node)
        weekly = np.divide(7 * pounds, n, out=np.full(len(n), np.nan), where=(n > 0) & (pounds > 0))
        made = pd.DataFrame({"group": group, "period": [str(w.year) for w in windows]})
        made = made.assign(value=weekly, by=LINES)[[not w.part for w in windows]]
        parts.append(made.dropna(subset="value"))
    return pd.concat(parts, ignore_index=True)


def _leans(data: StudyData, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return that what the cost lines give leans on the children of its group."""
    mine = table.loc[table["by"] == LINES, ["group", "period"]].to_numpy().tolist()
    if not mine:
        return {}
    spending = Spending.of(data)
    years = [str(w.year) for w in spending.basis.shown.windows]
    key = dict(zip(years, spending.basis.window_keys, strict=True))
    rows = {g: node.key if node else ALL for g, node in _nodes(spending).items()}
    return {figure_id(NAME, _GBP.key, g, p, LINES): spent_on(rows[g], key[p]) for g, p in mine}


def _said(table: pd.DataFrame, period: str) -> Iterator[Sentence]:
    here = table[table["period"] == period]
    known = here.groupby("group")["by"].agg(set)
    for group in _GROUPS:
        if not {OWN, NEIGHBOURS, ENGLAND} <= known.get(group, set()):
            continue
        yield Sentence(
            "{words}: {own} a week in {year}, against {near} among statistical neighbours and "
            "{whole} in England.",
            {
                name: figure_id(NAME, _GBP.key, group, period, by)
                for name, by in (("own", OWN), ("near", NEIGHBOURS), ("whole", ENGLAND))
            },
            {"words": GROUP_WORDS.get(group, "All placements"), "year": period},
        )


def _picture(whose: str, group: str) -> Chart:
    return Chart(
        key=f"beside_{group}",
        kind="line",
        measure=_GBP.key,
        series="by",
        title=f"Unit costs beside those of others: {inside(GROUP_WORDS[group])}",
        subtitle=f"Pounds a week, {whose}, its statistical neighbours and England",
        alt="Lines, one for each of those compared, of the unit cost of a week by year.",
        include={"group": (group,)},
    )
