"""What a reader can do with the tables of chapter 10 side by side.

A rule counts each row once, its checks count it each for themselves: a rule has at least as
many rows as any of its checks and at most as many as all of them. Checks of one rule often
exclude each other, and who knows that adds them up: so the rest is taken as known. The latest
return repeats cells of the table of checks; what was left out is what the checks say was left
out, and the rest is episodes whose distance is known or not; episodes that a return does not
continue are those that the return before lost. So a count that is hidden in one table would
come back from another, if each were hidden by itself. What the other inputs add stands in
:mod:`needs.assurance.inputs_kin`.

The difference between a return's own children and those that later returns leave for the
same day is no count of people: it nets children added against children taken away, and the
DfE prints both the first and the revised number for each authority. It is not protected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pandas as pd

from needs.assurance.across_kin import across_ties
from needs.assurance.inputs_kin import children_found, input_ties
from needs.assurance.quality_tables import checks_only, label_of, rules_only
from needs.vocabulary.kin import STUDY, Family, Tie, at_least, same
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import Result, figure_id

__all__ = ["FAMILY"]

COUNTS = ("rows_n", "children_n", "stock_n")
"""Measures of each rule and check; each counts at least as many as the next."""

OF_HEADER = {"r01_twice_same", "r01_twice_differs"}
"""Checks whose rows left out are rows of the Header, not episodes."""

NESTED = {"r07_x1_without_dec"}
"""Checks of which every row is one of another check of the same rule."""

LOST = ("r13_lost", "r27_gone", "r27_replaced")
"""Checks of episodes that are open at the end of a return and not in the next."""

COMPARED = ("rne", "ls", "cin", "place", "place_provider", "urn", "home_post", "pl_post")
"""Fields by which an episode counts as revised by a later return."""

OF_CHILD = ("sex", "dob", "ethnic", "upn")
"""Details of a child that the rules and the table of differences both look at."""


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield every relation between numbers of the results of chapter 10."""
    if not data.has("ssda903"):
        return  # then no input is tied to a child, and no other result counts any
    yield from input_ties(data)
    records = data.records
    yield from across_ties(results, single=len(records.returns) == 1)
    if len(records.returns) == 1:  # else later returns add children: no count of people
        period = label_of(int(records.returns["return_year"].iloc[0]))
        read = figure_id("returns_read", "children_n", period, period)
        yield from (Tie(((read, 1), (i, -1)), "apart") for i in children_found(data))
    rules, checks = rules_only(records), checks_only(records)
    for year in sorted(set(rules["return_year"])):
        period = label_of(int(year))
        of_year = checks[(checks["return_year"] == year) & (checks["rows_n"] > 0)]
        for rule, found in of_year.groupby("rule"):
            yield from _of_rule(f"r{rule}", list(found["key"]), period)
        for key in rules.loc[rules["return_year"] == year, "key"]:
            yield from _of_cell("by_rule", key, period)
        for key in of_year["key"]:
            yield from _of_cell("by_check", key, period)
            yield from _repeated(key, period)
        yield from _of_return(of_year, period)
        yield _of_places(results, period)
    yield from _between(records)


def _of_rule(rule: str, checks: list[str], period: str) -> Iterator[Tie]:
    """Yield what ties a rule to the checks that found something: a union to its parts."""
    for measure in COUNTS:
        whole = figure_id("by_rule", measure, rule, period)
        parts = [figure_id("by_check", measure, c, period) for c in checks if c not in NESTED]
        yield from (at_least(whole, part) for part in parts if len(parts) > 1)
        yield Tie(((whole, -1), *((part, 1) for part in parts)))
    if {"r07_rec_without_dec", "r07_x1_without_dec"} <= set(checks):  # the one is of the other
        for measure in COUNTS:
            ids = (f"r07_{c}_without_dec" for c in ("rec", "x1"))
            yield at_least(*(figure_id("by_check", measure, i, period) for i in ids))


def _at_most(whole: str, parts: list[str]) -> Tie:
    return Tie(((whole, -1), *((p, 1) for p in parts)), "at_least")


def _of_cell(result: str, key: str, period: str) -> Iterator[Tie]:
    """Yield what ties the counts of a rule or check to one another, and to all that was read."""
    rows, children, stock = (figure_id(result, m, key, period) for m in COUNTS)
    yield at_least(rows, children)
    yield at_least(children, stock)
    for measure, part in (("children_n", children), ("stock_n", stock)):
        whole = figure_id("returns_read", measure, period, period)
        yield Tie(((whole, 1), (part, -1)), "apart")


def _repeated(key: str, period: str) -> Iterator[Tie]:
    for measure in (*COUNTS, "stock_pct"):
        ids = (figure_id(r, measure, key, period) for r in ("by_check", "latest_return"))
        yield from same(*ids)


def _of_return(checks: pd.DataFrame, period: str) -> Iterator[Tie]:
    """Yield what ties the episodes repaired and left out to the checks that say so.

    A reader is taken to know how many episodes two checks found, mostly none.
    """
    for action in ("repaired", "left_out"):
        apart = OF_HEADER | NESTED
        keys = [k for k in checks.loc[checks["action"] == action, "key"] if k not in apart]
        for measure, of in ((f"{action}_n", "rows_n"), (f"{action}_children_n", "children_n")):
            whole = figure_id("returns_read", measure, period, period)
            parts = [figure_id("by_check", of, k, period) for k in keys]
            yield from (at_least(whole, part) for part in parts)
            yield _at_most(whole, parts)
            if of == "rows_n":
                yield Tie(((whole, -1), *((part, 1) for part in parts)))
        episodes, children = (f"{action}_{m}" for m in ("n", "children_n"))
        yield at_least(
            *(figure_id("returns_read", m, period, period) for m in (episodes, children))
        )


def _of_places(results: Mapping[str, Result], period: str) -> Tie:
    """Return what ties the distances known and not known to the episodes that are kept."""
    parts: list[str] = []
    if "places_known" in results:
        groups = results["places_known"].table["group"].unique()
        parts = [figure_id("places_known", "episodes_n", g, period) for g in groups]
    read, out = (figure_id("returns_read", m, period, period) for m in ("episodes_n", "left_out_n"))
    return Tie(((read, 1), (out, -1), *((i, -1) for i in parts)))


def _between(records: Records) -> Iterator[Tie]:
    """Yield what ties the table of differences to the rules that look at them too."""
    years = sorted(int(y) for y in records.returns["return_year"])
    for earlier, later in pairwise(years):
        before, now = label_of(earlier), label_of(later)

        def differ(field: str, period: str = now) -> str:
            return figure_id("conflicts", "rows_n", field, period)

        def check(key: str, period: str) -> str:
            return figure_id("by_check", "rows_n", key, period)

        lost = [(check(key, before), -1) for key in LOST]
        yield Tie(((differ("not_continued"), 1), *lost))
        for field in OF_CHILD:
            yield from same(check(f"r24_{field}", now), differ(field))
        revised = check("r27_revised", now)
        yield from (at_least(revised, differ(field)) for field in COMPARED)
        yield _at_most(revised, [differ(field) for field in COMPARED])


FAMILY = Family("data quality", _ties, STUDY)
"""The results of chapter 10 that count rows of the returns."""
