"""What a reader can do with counts by need beside those of chapter 20.

Children assessed in homes are fewer than those who live there: the difference counts those
without an assessment. Those whose needs are rather like those of the other setting leave the
others of the same row. Requests stand in chapter 20 by year and type, and here over all years and
by group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs.care.basis import Basis
from needs.profiles import results_homes, results_places
from needs.profiles.placed import FOSTER, HOME
from needs.profiles.results_coverage import COVERAGE
from needs.vocabulary.kin import STUDY, Family, Tie, at_least, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["FAMILY"]

_PARTS = {
    "begun": ("begun_assessed", "begun_solo", "begun_small"),
    "begun_assessed": ("begun_foster", "begun_specialist"),
}


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield every relation between numbers of these results and those of chapter 20."""
    if results_homes.UNLIKE in results:
        yield from _unlike(data, results)
    if held := results.get(results_places.ASKED):
        yield from _asked(data, held)
    if held := results.get(results_places.PLACES):
        yield from _begun(held, results)


def _apart(whole: str, part: str) -> Iterator[Tie]:
    yield at_least(whole, part)
    yield Tie(((whole, 1), (part, -1)), "apart")


def _unlike(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield what ties assessed children to those of the table of coverage, or of chapter 20."""
    day = Basis.of(data).date_keys[-1]
    covered = results.get(COVERAGE)
    rows = set(covered.table["group"]) if covered else set()
    for setting in (HOME, FOSTER):
        here = figure_id(results_homes.UNLIKE, "children_n", setting, day)
        yield from _apart(here, figure_id(results_homes.UNLIKE, "unlike_n", setting, day))
        if setting in rows:
            yield from same(figure_id(COVERAGE, "assessed_n", setting, day), here)
            continue
        # There it stands with other groups in one row, or the table cannot be made.
        yield from _apart(figure_id(COVERAGE, "assessed_n", "rest_group", day), here)
        types = (t.key for t in data.study.categories.types if t.group == setting)
        live = [(figure_id("cla_placement_mix", "children_n", k, day), 1) for k in types]
        yield Tie((*live, (here, -1)), "at_least")
        yield Tie((*live, (here, -1)), "apart")


def _asked(data: StudyData, held: Result) -> Iterator[Tie]:
    """Yield that requests placed over the years are those of each, and by group of each type."""
    for period in dict.fromkeys(held.table["period"]):
        first, _, last = period.partition("_")
        keys = [w.key for w in Basis.of(data).shown.windows if first <= w.key <= last]
        whole = figure_id(results_places.ASKED, "requests_n", ALL, period, ALL)
        each = ((figure_id("edge_referrals", "placed_n", ALL, k), 1) for k in keys)
        yield Tie(((whole, -1), *each))
        if len(keys) > 1:
            continue
        for setting in (HOME, FOSTER):
            types = [t.key for t in data.study.categories.types if t.group == setting]
            for measure, own in (
                ("asked_n", figure_id(results_places.ASKED, "requests_n", setting, period, ALL)),
                ("found_n", figure_id(results_places.ASKED, "requests_n", ALL, period, setting)),
            ):
                by_type = ((figure_id("edge_asked_placed", measure, t, last), 1) for t in types)
                yield Tie(((own, -1), *by_type))


def _begun(held: Result, results: Mapping[str, Result]) -> Iterator[Tie]:
    for period in dict.fromkeys(held.table["period"]):

        def of(group: str, period: str = period) -> str:
            return figure_id(results_places.PLACES, "over_n", group, period)

        for whole, parts in _PARTS.items():
            for part in parts:
                yield from _apart(of(whole), of(part))
        yield from same(
            of("asked_foster"),
            figure_id(results_places.ASKED, "requests_n", FOSTER, period, HOME),
        )


FAMILY = Family("from needs to homes", _ties, STUDY)
"""The results of chapter 30 that count children, placements and requests by need."""
