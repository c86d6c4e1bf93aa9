"""What a reader can do with the tables of chapter 10 beside those of chapter 20.

Each return's children are those looked after in its year, and others; those in care at its end
are the stock of that day, but for what later returns change; the rows of a list are the
requests, or the people, that another chapter counts, and those of other years. What is left
over is taken as known; but what later returns changed is told by no more than the tables of
restated counts tell. Where one has been restated, it is what the return says by its own rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs.vocabulary.kin import Tie, at_least
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["across_ties"]

_NOT_KNOWN = ("unknown", "blank")


def across_ties(results: Mapping[str, Result], single: bool) -> Iterator[Tie]:
    """Yield every relation between numbers of chapter 10 and of chapter 20.

    Parameters
    ----------
    results : mapping of str to Result
        Of the study's household.
    single : bool
        Whether there is one return alone: then no later one adds children to its year.
    """
    if "returns_read" in results:
        for period in dict.fromkeys(results["returns_read"].table["period"]):
            yield from _of_return(period, single)
            yield from _of_stock(period, results)
    yield from _of_episodes(results)
    yield from _of_requests(results)
    yield from _of_leavers(results)


def _of_return(period: str, single: bool) -> Iterator[Tie]:
    def read(measure: str) -> str:
        return figure_id("returns_read", measure, period, period)

    looked_after = figure_id("cla_missing", "looked_after_n", ALL, period)
    short = figure_id("cla_flows", "short_breaks_n", ALL, period)
    parts = ((read("children_n"), 1), (looked_after, -1), (short, -1))
    yield Tie(parts, "rest" if single else "equal")


def _of_stock(period: str, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield what those in care by a return's own rows are beside what was or is counted."""
    day = ReportingYear.parse(period).end.isoformat()
    alone = figure_id("returns_read", "stock_n", period, period)
    now, first = (figure_id(name, m, g, day) for name, m, g in _counted(period))
    table = results["cla_restated"].table if "cla_restated" in results else None
    if table is None or not (mine := table["group"] == f"stock_{period.replace('-', '_')}").any():
        yield Tie(((now, 1), (alone, -1)))
        return
    yield Tie(((alone, 1), (first, -1)))
    n = table[mine].set_index("measure")["value"]
    if n["added_n"] + n["removed_n"] > 0:
        # A check that finds nearly all of them says how many they are at least.
        for name in ("by_rule", "by_check"):
            found = results[name].table
            here = (found["measure"] == "stock_n") & (found["period"] == period)
            for key in found.loc[here, "group"]:
                yield at_least(alone, figure_id(name, "stock_n", key, period))


def _counted(period: str) -> tuple[tuple[str, str, str], ...]:
    """Return result, measure and group of the stock as now known and as first returned."""
    group = f"stock_{period.replace('-', '_')}"
    return ("cla_stock", "children_n", ALL), ("cla_restated", "first_n", group)


def _of_episodes(results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that episodes whose distance is known or not are those of the category map."""
    if "places_known" in results:
        keys = results["places_known"].table[["group", "period"]].itertuples(index=False)
        parts = ((figure_id("places_known", "episodes_n", *key), -1) for key in keys)
        yield Tie(((figure_id("annex_category_map", "episodes_n"), 1), *parts))


def _kept(name: str) -> tuple[tuple[str, int], ...]:
    """Return the rows of an input that count, as terms."""
    signs = {"rows_n": 1, "duplicates_n": -1, "left_out_n": -1}
    return tuple((figure_id("child_inputs", m, name), s) for m, s in signs.items())


def _of_requests(results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that requests of the years shown are rows of the list; others are of other years."""
    if "edge_referrals" not in results:
        return
    years = dict.fromkeys(results["edge_referrals"].table["period"])
    asked = tuple((figure_id("edge_referrals", "referred_n", ALL, y), -1) for y in years)
    yield Tie((*_kept("referrals"), *asked), "rest")


def _of_leavers(results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that people entitled on the day are rows of the list, by whether they are known."""
    if "entitled" not in results:
        return
    for day in dict.fromkeys(results["entitled"].table["period"]):
        people = figure_id("entitled", "people_n", ALL, day, ALL)
        strange = figure_id("entitled", "people_n", ALL, day, "age_unknown")
        joins = (f"care_leavers_child_{o}" for o in _NOT_KNOWN)
        rows = tuple((figure_id("child_joins", "rows_n", j), 1) for j in joins)
        yield Tie((*_kept("care_leavers"), (people, -1)), "rest")
        yield Tie((*rows, (strange, -1)), "rest")
