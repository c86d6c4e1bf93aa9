"""What a reader can do with the tables of chapter 20 that do not rest on the returns.

Requests that came to a placement stand in three tables, those whom the DfE counts as care
leavers in four. A count hidden in one of them must not come back from another.

They are apart from the tables of the stock (:mod:`needs.care.kin`): a request is not a child,
and nobody on the service's list is counted there but eligible children, who are no total of
any group of the stock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs.vocabulary.edge import FUNNELS
from needs.vocabulary.kin import STUDY, Family, Tie, at_least, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["FAMILY"]

_BASE = ("relevant", "former_relevant")
_FORMER = ("to_17", "at_18", "from_19")
_SUPPORT = ("entitled_in_touch", "entitled_activity", "entitled_accommodation")
_UNITS = ("requests_n", "children_n", "families_n", "conferences_n", "cases_n")
_LISTED = {
    "placement_duty_referred": "referred_n",
    "placement_duty_placed": "placed_n",
    "placement_duty_avoided": "avoided_n",
    "placement_duty_re_referred": "re_referred_n",
}
"""Stage of the services' counts -> the same number from the list of requests."""


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield every relation between numbers of these results."""
    periods = {n: list(dict.fromkeys(r.table["period"])) for n, r in results.items()}
    for year in periods.get("edge_referrals", ()):
        yield from _requests(year)
    for year in periods.get("edge_asked_placed", ()):
        yield from _types(year, results["edge_asked_placed"])
    for year in periods.get("edge_of_care", ()):
        yield from _stages(year)
    for day in periods.get("entitled", ()):
        yield from _leavers(day)


def _requests(year: str) -> Iterator[Tie]:
    """Yield what ties the tables of requests of one year, and the differences in them."""

    def of(measure: str) -> str:
        return figure_id("edge_referrals", measure, ALL, year)

    placed, soon = (figure_id("edge_same_day", m, ALL, year) for m in ("placed_n", "same_day_n"))
    yield from same(of("placed_n"), placed)
    yield from (at_least(placed, soon), _apart(placed, soon))
    for whole, part in (("referred_n", "re_said_n"), ("re_said_n", "re_referred_n")):
        yield from (at_least(of(whole), of(part)), _apart(of(whole), of(part)))
    for stage, measure in _LISTED.items():
        yield from same(of(measure), figure_id("edge_of_care", "requests_n", stage, year))


def _types(year: str, result: Result) -> Iterator[Tie]:
    """Yield what ties requests by type: the wholes, and what was not found as asked."""
    placed = figure_id("edge_same_day", "placed_n", ALL, year)
    for group in dict.fromkeys(result.table["group"]):
        asked, as_asked, found = (
            figure_id("edge_asked_placed", m, group, year)
            for m in ("asked_n", "as_asked_n", "found_n")
        )
        for whole in (asked, found):
            yield from (at_least(whole, as_asked), _apart(whole, as_asked))
        if group == ALL:
            yield from same(placed, asked, found)


def _stages(year: str) -> Iterator[Tie]:
    """Yield that a stage is no more than the first of its work, and what is left of that one."""
    for first, parts in FUNNELS.items():
        for unit in _UNITS:
            whole = figure_id("edge_of_care", unit, first, year)
            for part in parts:
                mine = figure_id("edge_of_care", unit, part, year)
                base = unit.replace("_n", "_first_n")
                yield from same(whole, figure_id("edge_of_care", base, part, year))
                yield from (at_least(whole, mine), _apart(whole, mine))
    yield at_least(
        *(figure_id("edge_of_care", "requests_n", stage, year) for stage in tuple(_LISTED)[:3])
    )


def _leavers(day: str) -> Iterator[Tie]:
    """Yield that columns of each table of support are sums of the table by entitlement."""

    def of(kind: str, band: str) -> str:
        return figure_id("entitled", "people_n", kind, day, band)

    for name in _SUPPORT:

        def total(by: str, name: str = name) -> str:
            return figure_id(name, "people_n", ALL, day, by)

        yield _sum(total("from_19"), *(of(kind, "from_19") for kind in _BASE))
        yield from _at_17(total("from_17"), of("former_relevant", "at_18"), of("relevant", "to_17"))
        yield _sum(total("former_relevant"), *(of("former_relevant", b) for b in _FORMER))
        yield from same(figure_id(_SUPPORT[0], "people_n", ALL, day, ALL), total(ALL))


def _at_17(band: str, former: str, relevant: str) -> Iterator[Tie]:
    """Yield what a reader learns of relevant young people of 17, and of those of 16."""
    yield from (at_least(band, former), _apart(band, former))
    yield Tie(((relevant, 1), (former, 1), (band, -1)), "at_least")
    yield Tie(((relevant, 1), (former, 1), (band, -1)), "apart")


def _sum(whole: str, *parts: str) -> Tie:
    return Tie(((whole, -1), *((p, 1) for p in parts)))


def _apart(whole: str, part: str) -> Tie:
    return Tie(((whole, 1), (part, -1)), "apart")


FAMILY = Family("edge of care and care leavers", _ties, STUDY)
"""The results of chapter 20 from other inputs than the returns."""
