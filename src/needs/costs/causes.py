"""What two years of spending are made of, coarse enough to tell, and what moved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.costs.coarse import types_together, within_types
from needs.costs.days import distinct_nights
from needs.costs.decompose import CHILDREN, INFLATION, PRICE, STAY, Year, decompose
from needs.costs.kin import spent_on
from needs.costs.spending import PLACED, Spending
from needs.profiles.score_table import score_table
from needs.profiles.scores import thresholds
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, figure_id

__all__ = [
    "AFTER",
    "BEFORE",
    "CAUSES",
    "Change",
    "coarsened",
    "general_prices",
    "leans",
    "paid_rows",
    "too_few",
]

BEFORE, AFTER = "before", "after"
TYPE, ROUTE, PROVIDER, NEEDS = "type", "route", "provider", "needs"
INSIDE: Mapping[str, str] = {PROVIDER: ROUTE}
CAUSES: Mapping[str, str] = {
    CHILDREN: "Number of children",
    STAY: "Nights of each child",
    TYPE: "Mix of placement types",
    ROUTE: "Mix of purchase routes",
    PROVIDER: "Mix of providers",
    NEEDS: "Mix of needs",
    PRICE: "Price of a night",
    INFLATION: "General inflation",
}
NOT_KNOWN = "not_known"
BANDS = ("under_a_third", "under_two_thirds", "two_thirds_up")
"""Bands of the share of a tool's domains in which a child has a need."""


@dataclass(frozen=True, eq=False)
class Change:
    """A change in spending by cause.

    Attributes
    ----------
    effects : pandas.DataFrame
        From :func:`needs.costs.decompose.decompose`, rows cells of types told together.
    before : pandas.Series
        Whole pence of the first year by cell.
    cells : mapping of str to frozenset of str
        Cell -> types.
    levels : tuple of str
        Mixes that were told apart.
    """

    effects: pd.DataFrame
    before: pd.Series
    cells: Mapping[str, frozenset[str]]
    levels: tuple[str, ...]

    @classmethod
    def between(cls, data: StudyData, spending: Spending, first: int, last: int) -> Change:
        """Return the change between two years of the study, by their positions."""
        rows = paid_rows(data, spending, (first, last))
        levels = (TYPE, ROUTE, PROVIDER, *((NEEDS,) if NEEDS in rows else ()))
        rows, cells = coarsened(spending, rows, levels[1:])
        prices = general_prices(spending)[0]
        before, after = (_year(rows[rows["window"] == k], levels, prices[k]) for k in (first, last))
        return cls.of(before, after, cells, levels)

    @classmethod
    def of(
        cls, before: Year, after: Year, cells: Mapping[str, frozenset[str]], levels: tuple[str, ...]
    ) -> Change:
        """Return the change between two years, or a budget and what was spent."""
        inside = {k: v for k, v in INSIDE.items() if k in levels}
        effects = decompose(before, after, levels, inside)
        spent = np.rint(before.cells.groupby(TYPE)["gbp"].sum() * 100)
        return cls(effects, spent.reindex(effects.index, fill_value=0.0), cells, levels)

    def rows(self, spending: Spending, causes: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Return pence by group that can be told apart, and by ``before``, cause, ``after``."""
        groups = {ALL: frozenset().union(*self.cells.values())}
        out: dict[str, dict[str, float]] = {}
        for key, types in {**groups, **{n.key: n.types for n in spending.nodes}}.items():
            mine = [c for c, held in self.cells.items() if held <= types]
            cut = any(held & types and not held <= types for held in self.cells.values())
            if cut or not mine:
                continue
            moved = self.effects.loc[self.effects.index.isin(mine), list(causes)].sum(axis=0)
            was = float(self.before[self.before.index.isin(mine)].sum())
            steps = {BEFORE: was, **dict(zip(causes, moved.astype(float), strict=True))}
            steps[AFTER] = sum(steps.values())
            if any(steps.values()):
                out[key] = steps
        return out


def _year(rows: pd.DataFrame, levels: tuple[str, ...], price_level: float) -> Year:
    cells = rows.groupby(list(levels))[["nights", "gbp"]].sum().reset_index()
    return Year(cells, rows["child"].nunique(), price_level)


def too_few(spending: Spending, windows: tuple[int, ...]) -> bool:
    """Return whether money was spent on so few children in a year that nothing of it is told."""
    placed = spending.parts[spending.parts["outcome"] == PLACED]
    n = placed.groupby("window")["child"].nunique().reindex(list(windows), fill_value=0)
    return bool(n.between(1, spending.basis.study.disclosure.threshold - 1).any())


def paid_rows(data: StudyData, spending: Spending, windows: tuple[int, ...]) -> pd.DataFrame:
    """Return nights paid for and pounds by child, year, type, route and provider.

    Returns
    -------
    pandas.DataFrame
        ``window``, ``type``, ``child``, ``route``, ``provider``, ``nights``, ``gbp``, and
        ``needs`` where the study has assessments. A night that lines of several routes or
        providers pay for is parted between them as their days are.
    """
    parts = spending.parts
    placed = parts[(parts["outcome"] == PLACED) & parts["window"].isin(windows)]
    whose = ["window", "type", "child"]
    nights = distinct_nights(placed, ["window", "type"]).set_index(whose)["nights"]
    lines = placed.groupby([*whose, ROUTE, PROVIDER], sort=True)[["days", "gross"]].sum()
    share = lines["days"] / lines.groupby(level=whose)["days"].transform("sum")
    rows = lines.reset_index().rename(columns={"gross": "gbp"}).drop(columns="days")
    own = nights.reindex(pd.MultiIndex.from_frame(rows[whose])).to_numpy()
    rows["nights"] = share.to_numpy() * own
    if data.study.inputs.patterns("assessments"):
        rows[NEEDS] = _bands(data, spending, rows)
    return rows


def _bands(data: StudyData, spending: Spending, rows: pd.DataFrame) -> pd.Series:
    """Return each row's band of needs by the child's last assessment up to the year's end."""
    tool = data.study.assessment
    need, _ = thresholds(tool)
    out = pd.Series(NOT_KNOWN, index=rows.index, dtype=object)
    for k in sorted(rows["window"].unique()):
        end = spending.basis.shown.windows[k].end
        levels = score_table(data.assessments.frame, tool, "latest", end)
        scored = levels.notna().sum(axis=1)
        # Of the domains that were scored: a gap is no absence of need.
        share = (levels >= need).sum(axis=1) / scored.where(scored > 0)
        mine = rows["window"] == k
        found = share.reindex(rows.loc[mine, "child"]).to_numpy(dtype=float)
        band = np.searchsorted([1 / 3, 2 / 3], np.nan_to_num(found), side="right")
        names = np.array(BANDS, dtype=object)[band]
        out[mine] = np.where(np.isnan(found), NOT_KNOWN, names)
    return out


def coarsened(
    spending: Spending, rows: pd.DataFrame, columns: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, frozenset[str]]]:
    """Return rows whose types, and categories within them, all have many children.

    Also what each cell of types holds, by its name.
    """
    least = spending.basis.study.disclosure.threshold
    widest = [n.types for n in spending.nodes if n.parent == ALL]
    together = types_together(rows, widest, least)
    names = {t: "+".join(sorted(c)) for t, c in together.items()}
    out = within_types(rows.assign(type=rows["type"].map(names)), columns, least)
    return out, {names[t]: c for t, c in together.items()}


def general_prices(spending: Spending) -> tuple[list[float], bool]:
    """Return general prices by year, and whether the study gives any."""
    given = spending.basis.study.costs.inflation_pct
    level, out = 1.0, []
    for n, window in enumerate(spending.basis.shown.windows):
        level *= 1 + given.get(str(window.year), 0.0) / 100 if n else 1.0
        out.append(level)
    return out, bool(given)


def leans(name: str, table: pd.DataFrame, before: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return that each row leans on the children of its type in both years.

    ``before`` holds the year that each is compared with; one without it, as against a budget,
    leans on its own children alone.
    """
    cells = table[["group", "period", "by"]].itertuples(index=False)
    return {
        figure_id(name, "gbp", g, p, by): spent_on(g, *filter(None, (p, before.get(p))))
        for g, p, by in cells
    }
