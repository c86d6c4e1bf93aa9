"""Rates and limits against the official population, where the study has its file."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure
from needs.assurance.audit.relation import Relation

__all__ = ["OFFICIAL", "people", "relations"]

OFFICIAL = "official"
"""Document that official statistics count as."""
REVISED = 0.01
"""How far a mid-year estimate may have been revised since a document used it."""
CHILDREN = 17
"""Last age of the population that rates are for."""


def people(population: pd.DataFrame) -> dict[tuple[str, int], Figure]:
    """Return children aged 0 to 17 by area and mid-year, as figures.

    Parameters
    ----------
    population : DataFrame
        ``area_code, mid_year, age_from, age_to, population_n``: see
        :func:`needs.inputs.official.population.read`.
    """
    young = population[population["age_to"] <= CHILDREN]
    keys = ["area_code", "mid_year"]
    whole = young[(young["age_from"] == 0) & (young["age_to"] == CHILDREN)]
    single = young[young["age_from"] == young["age_to"]]
    total = pd.concat(
        [
            single.groupby(keys)["population_n"].agg(["sum", "size"]).query(f"size > {CHILDREN}"),
            whole.groupby(keys)["population_n"].agg(["sum", "size"]),
        ]
    )
    total = total[~total.index.duplicated(keep="last")]
    rows = total[total["sum"] > 0].reset_index()
    made = [
        _figure(str(area), int(year), float(n))
        for area, year, n in zip(rows["area_code"], rows["mid_year"], rows["sum"], strict=True)
    ]
    return {(f.area, int(f.period)): f for f in made}


def _figure(area: str, year: int, n: float) -> Figure:
    return Figure(
        id=f"population {area} {year}", document=OFFICIAL, area=area, period=str(year),
        value=n, printed=f"{n:,.0f} children aged 0 to 17 (mid-{year}, ONS)", step=1.0,
        wide=(n * (1 - REVISED), n * (1 + REVISED)), typed=False,
    )  # fmt: skip


def _counted(index: Index, f: Figure) -> Figure | None:
    """Return the count that a rate is of: from the same document, else from the latest other."""
    same = [
        g
        for g in index.typed
        if (g.area, g.month, g.measure, g.group, g.by)
        == (f.area, f.month, "children_n", f.group, "")
    ]
    own = [g for g in same if g.document == f.document]
    return next(iter(own or sorted(same, key=lambda g: g.document, reverse=True)), None)


def relations(index: Index, population: pd.DataFrame) -> Iterator[Relation]:
    """Yield rates for each ten thousand, and limits in per cent, of the official population.

    A rate on 31 March rests on the mid-year estimate before it; documents also use that of
    the year itself, so either may hold.
    """
    held = people(population)
    for f in index.typed:
        if f.by == "target" or not f.month[:4].isdigit():
            continue
        year = int(f.month[:4])
        for n in (held.get((f.area, year - 1)), held.get((f.area, year))):
            if n is None:
                continue
            index.all[n.id] = n
            if f.measure.endswith("rate_per_10k"):
                count = _counted(index, f)
                if count is not None:
                    yield Relation(
                        "rate", f.id, (count.id, n.id), (1.0, -1.0), "product", 1e4,
                        either="population",
                    )  # fmt: skip
            elif f.measure == "transfer_limit_n":
                limit = index.near(f, "transfer_limit_pct", f.group)
                if limit is not None:
                    yield Relation(
                        "limit", f.id, (n.id, limit.id), (1.0, 1.0), "product", 0.01,
                        either="population",
                    )  # fmt: skip
