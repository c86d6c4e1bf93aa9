"""What a reader can do with the tables of chapter 60, beside each other and those of chapter 20.

Money of few children is hidden with their count (``derived_from``); so a sum that gives a count
of children back gives back their money too. Children are counted once in every cell, which makes
cells add up; whom nobody pays for, or pays for twice, a reader is taken to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from needs.vocabulary.kin import STUDY, Family, Tie, at_least
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = [
    "BESPOKE",
    "FAMILY",
    "TOGETHER",
    "any_night_id",
    "paid_id",
    "payer_id",
    "placed_id",
    "spent_on",
]

BESPOKE = "unregistered"
"""Key of the type of bespoke arrangements."""

Ties = Iterator[Tie]

TOGETHER = "years_together"
"""Setting of a result that takes years together: which."""


def paid_id(group: str, period: str) -> str:
    """Return the figure id of the children of a type whom any line pays for."""
    return figure_id("cost_routes", "paid_n", group, period)


def placed_id(group: str, period: str) -> str:
    """Return the figure id of the children who lived in a type."""
    return figure_id("cla_placement_days", "in_type_n", group, period)


def spent_on(group: str, *years: str) -> tuple[str, ...]:
    """Return the figure ids of the children whom money of a type was spent on in some years.

    Whoever lived there, and whom a line pays for: where few of many are paid for, it is theirs.
    """
    return tuple(of(group, year) for year in years for of in (placed_id, paid_id))


def any_night_id(period: str) -> str:
    """Return the figure id of the children with any night in a placement in a year."""
    return figure_id("cost_routes", "placed_n", ALL, period)


def payer_id(payer: str, group: str, period: str) -> str:
    """Return the figure id of the children of a type whom one of the others pays for."""
    return figure_id("cost_others", "children_n", group, period, payer)


def _routes(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that children by route are those whom any line pays for, who were placed."""
    result = results["cost_routes"]
    parts: dict[tuple[str, str], list[str]] = {}
    for group, by, period in _by_cell(result, "children_n"):
        own = figure_id(result.name, "children_n", group, period, by)
        parts.setdefault((group, period), []).append(own)
    for (group, _, period), n in _by_cell(result, "placed_n").items():
        own = any_night_id(period)
        yield at_least(placed_id(group, period), own)
        yield at_least(own, figure_id("cost_money", "in_outcome_n", "placed", period))
        yield from _among(figure_id("cla_missing", "looked_after_n", ALL, period), own, n, data)
    days = results.get("cla_placement_days")
    placed = _by_cell(days, "in_type_n") if days else {}
    for (group, _, period), n in _by_cell(result, "paid_n").items():
        paid, there = paid_id(group, period), placed_id(group, period)
        if placed.get((group, "", period), 0) - n < data.study.disclosure.threshold:
            # Nearly all are paid for: a reader takes the one number for the other.
            yield Tie(((there, 1), (paid, -1)))
        else:
            yield at_least(there, paid)
        routes = parts.get((group, period), [])
        yield Tie(((paid, 1), *((i, -1) for i in routes)))
        if group == ALL:
            yield at_least(paid, figure_id("cost_money", "in_outcome_n", "placed", period))


def _others(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that whom others pay for are among those whom any line pays for."""
    for (group, by, period), n in _by_cell(results["cost_others"], "children_n").items():
        part = payer_id(by, group, period)
        yield from _among(paid_id(group, period), part, n, data)


def _among(whole: str, part: str, n: float, data: StudyData) -> Ties:
    """Yield that some children are among others, and that few others must not be told.

    Where the part is few and so hidden, the others cannot be told from it.
    """
    yield at_least(whole, part)
    if n >= data.study.disclosure.threshold:
        yield Tie(((whole, 1), (part, -1)), "apart")


def _by_cell(result: Result, measure: str) -> dict[tuple[str, str, str], float]:
    """Return the numbers of a measure by group, breakdown and period."""
    t = result.table[result.table["measure"] == measure]
    keys = zip(t["group"], t["by"], t["period"], strict=True)
    return dict(zip(keys, t["value"].astype(float), strict=True))


def _tail(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that years of a band together are its years, one by one; and who lives where."""
    name = "cost_high_profile"
    years = [str(y) for y in cast("list[str]", results[name].settings.get(TOGETHER, []))]
    for (group, by, period), n in _by_cell(results[name], "children_n").items():
        own = figure_id(name, "children_n", group, period, by)
        if group == ALL:
            parts = [figure_id("cost_high", "children_n", by, y) for y in years]
            yield Tie(((own, 1), *((i, -1) for i in parts)))
        if group.startswith("type_") and by == ALL:
            kind = group.removeprefix("type_")
            yield from _of_years(kind, years, own, n, data, results)


def _bespoke(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that children of the series are those who live in the type."""
    del data
    for group, _, period in _by_cell(results["cost_bespoke"], "children_n"):
        if group != ALL:
            continue
        own = figure_id("cost_bespoke", "children_n", ALL, period)
        yield Tie(((placed_id(BESPOKE, period), 1), (own, -1)))


def _of_years(
    kind: str,
    years: list[str],
    own: str,
    n: float,
    data: StudyData,
    results: Mapping[str, Result],
) -> Ties:
    """Yield what children of a type over years are of those who lived in it, year by year."""
    days = results.get("cla_placement_days")
    there = [placed_id(kind, y) for y in years]
    placed = _by_cell(days, "in_type_n") if days else {}
    rest = sum(placed.get((kind, "", y), 0.0) for y in years) - n
    terms = (*((i, 1) for i in there), (own, -1))
    yield Tie(terms, "equal" if rest < data.study.disclosure.threshold else "at_least")


def _providers(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that children once with each provider are those whom any line pays for, or nearly."""
    routes = results.get("cost_routes")
    paid = _by_cell(routes, "paid_n") if routes else {}
    for (group, by, period), n in _by_cell(results["cost_providers"], "children_n").items():
        near = abs(paid.get((group, "", period), 0.0) - n) < data.study.disclosure.threshold
        if by == "every" and near:
            own = figure_id("cost_providers", "children_n", group, period, by)
            yield Tie(((paid_id(group, period), 1), (own, -1)))


def _uplifts(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield that types make up all, and routes too; and that children of a type live there.

    A provider of two types counts once in all: a reader is taken to know how many are.
    """
    for measure in ("children_n", "providers_n"):
        parts: dict[tuple[str, str], list[str]] = {}
        for group, _, year in _by_cell(results["cost_uplifts"], measure):
            kind = group.split("_")[0]
            own = figure_id("cost_uplifts", measure, group, year)
            parts.setdefault((kind, year), []).append(own)
        for (kind, year), ids in parts.items():
            if kind != ALL:
                every = figure_id("cost_uplifts", measure, ALL, year)
                yield Tie(((every, 1), *((i, -1) for i in ids)))
    mix = results.get("cla_placement_mix")
    there = _by_cell(mix, "children_n") if mix else {}
    for (group, _, year), n in _by_cell(results["cost_uplifts"], "children_n").items():
        kind = group.removeprefix("type_")
        days = [d for g, _, d in there if g == kind and group != ALL and d < f"{year[:4]}-12"]
        if not days:
            continue
        day = max(days)
        own = figure_id("cost_uplifts", "children_n", group, year)
        whole = figure_id("cla_placement_mix", "children_n", kind, day)
        rest = there[kind, "", day] - n
        if abs(rest) < data.study.disclosure.threshold:
            yield Tie(((whole, 1), (own, -1)))
        else:
            yield at_least(whole, own)


TIES: dict[str, Callable[[StudyData, Mapping[str, Result]], Ties]] = {
    "cost_routes": _routes,
    "cost_others": _others,
    "cost_high_profile": _tail,
    "cost_bespoke": _bespoke,
    "cost_providers": _providers,
    "cost_uplifts": _uplifts,
}
"""Result -> what ties it to others."""


def _ties(data: StudyData, results: Mapping[str, Result]) -> Ties:
    """Yield every relation between numbers of these results and others of the study."""
    for name, ties in TIES.items():
        if name in results:
            yield from ties(data, results)


FAMILY = Family("costs", _ties, STUDY)
