"""What a reader can do with the tables of chapter 30 beside those of chapter 20.

Children looked after are the same in both; those assessed are some of them, so that a
difference of two tables is a count of children without an assessment. Counts of chapter 30
join the study's household here. Means and shares are no counts, and print none beside them:
those of few children are withheld where they are made (:mod:`needs.profiles.withheld`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs.care.basis import Basis
from needs.profiles.needs_basis import Needs
from needs.profiles.results_coverage import COVERAGE, rows_of
from needs.profiles.results_sdq import SDQ
from needs.vocabulary.kin import STUDY, Family, Tie
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["FAMILY"]

STOCK = "cla_stock"
WHERE = {"group": "cla_placement_mix", "age_band": "cla_age", "sex": "cla_sex"}
"""Results of chapter 20 that divide the same children."""


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield every relation between numbers of the results of chapter 30 and of chapter 20."""
    basis = Basis.of(data)
    day = basis.date_keys[-1]
    if COVERAGE in results:
        yield from _looked_after(data, basis, results, day)
    for w in basis.shown.windows if SDQ in results else ():
        there = figure_id(STOCK, "children_n", ALL, w.end.isoformat())
        terms = ((there, 1), (figure_id(SDQ, "cohort_n", ALL, w.key), -1))
        yield from (Tie(terms, "at_least"), Tie(terms, "apart"))


def _there(results: Mapping[str, Result], name: str) -> set[str]:
    return set(results[name].table["group"]) if name in results else set()


def _looked_after(
    data: StudyData, basis: Basis, results: Mapping[str, Result], day: str
) -> Iterator[Tie]:
    """Yield that those with and without an assessment are the children of chapter 20.

    Its numbers come first, so that they are hidden last.
    """

    def tie(row: str, *whole: str) -> Tie:
        mine = (figure_id(COVERAGE, m, row, day) for m in ("assessed_n", "unassessed_n"))
        return Tie((*((i, 1) for i in whole), *((i, -1) for i in mine)))

    if STOCK in results:
        yield tie(ALL, figure_id(STOCK, "children_n", ALL, day))
    for row in rows_of(Needs.of(data)):
        there = _there(results, WHERE[row.division])
        parts = row.parts
        if row.division == "group":
            parts = tuple(p for g in parts for p in _of_group(basis, there, g))
        if parts and there.issuperset(parts):
            name = WHERE[row.division]
            yield tie(row.key, *(figure_id(name, "children_n", p, day) for p in parts))


def _of_group(basis: Basis, there: set[str], group: str) -> list[str]:
    """Return the rows of the placement mix that make up a group."""
    if f"all_{group}" in there:
        return [f"all_{group}"]
    return [t.key for t in basis.study.categories.types if t.group == group and t.key in there]


FAMILY = Family("needs", _ties, STUDY)
"""The results of chapter 30 that count children."""
