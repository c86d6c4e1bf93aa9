"""What ties the tables of chapter 20 that do not divide stock or flows to those that do.

Short breaks, missing episodes, moves, days in placements, children long in care, stays and
the return's care leavers each repeat a count, or are of nearly the same children.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from needs.care.basis import Basis
from needs.care.windows import Window
from needs.vocabulary.kin import Tie, at_least, same
from needs.vocabulary.results import ALL, Result, figure_id
from needs.vocabulary.study import PlacementType

__all__ = ["other_ties"]

_UNDER_16 = ("age_under_1", "age_1_to_4", "age_5_to_9", "age_10_to_15")
_ACTIVITY, _HIGHER = "cla_leavers_activity", "cla_leavers_higher"
_LEAVERS = ("cla_leavers_in_touch", _ACTIVITY, _HIGHER, "cla_leavers_accommodation")
_MORE = (
    ("cla_moves", "moves_n", "movers_n"),
    ("cla_missing", "missing_n", "missing_children_n"),
    ("cla_missing", "away_n", "away_children_n"),
)
"""Result, how often, and how many children: the difference is of those more than once."""


def other_ties(basis: Basis, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield the relations of these tables to one another, and to those of stock and flows."""
    for w in basis.shown.windows:
        yield from _of_year(w)
        yield from _there_and_back(w, results)
    for day in basis.date_keys:
        long_term = figure_id("cla_long_term_stability", "children_n", ALL, day)
        young = (figure_id("cla_age", "children_n", band, day) for band in _UNDER_16)
        yield Tie((*((i, 1) for i in young), (long_term, -1)), "at_least")
    if "cla_placement_days" in results:
        yield from _of_placements(basis, results["cla_placement_days"])
    yield from _of_stays(basis.date_keys[-1], results)
    yield from _of_providers(basis)


def _of_providers(basis: Basis) -> Iterator[Tie]:
    """Yield what ties children by provider and by wide group to the placement mix.

    Foster homes and homes of the authority are those whose provider it is, external ones are
    bought, and with parents nobody provides: what one table has over the other is a count of
    the few children who are placed otherwise.
    """
    day, types = basis.date_keys[-1], basis.study.categories.types

    def placed(*groups: str) -> list[str]:
        name = "cla_distance_by_placement"
        return [figure_id(name, "children_n", group, day, ALL) for group in groups]

    def of_types(chosen: Iterable[PlacementType]) -> list[str]:
        return [figure_id("cla_placement_mix", "children_n", t.key, day) for t in chosen]

    for whole, parts in (
        (placed("own"), of_types(t for t in types if t.sector == "in_house")),
        (
            placed("public", "private", "voluntary"),
            of_types(t for t in types if t.sector == "external"),
        ),
        (placed("no_provider"), of_types(t for t in types if t.group == "parents")),
    ):
        terms = (*((i, 1) for i in whole), *((i, -1) for i in parts))
        yield Tie(terms, "at_least")
        yield Tie(terms, "apart")
    for group in ("fostering", "residential"):
        parts = of_types(t for t in types if t.group == group)
        yield Tie((*((i, 1) for i in placed(group)), *((i, -1) for i in parts)))


def _of_year(w: Window) -> Iterator[Tie]:
    def of(result: str, measure: str, group: str = ALL) -> str:
        return figure_id(result, measure, group, w.key)

    yield from same(of("cla_flows", "short_breaks_n"), of("cla_short_breaks", "children_n"))
    yield from same(of("cla_moves", "moves_n"), of("cla_move_reason", "moves_n"))
    yield from same(*(of(name, "people_n") for name in _LEAVERS))
    for group in ("neet", "not_known"):
        yield from same(of(_ACTIVITY, "people_n", group), of(_HIGHER, "people_n", group))
    parts = ((of(_HIGHER, "people_n", group), 1) for group in ("higher", "other_eet"))
    yield Tie((*parts, (of(_ACTIVITY, "people_n", "eet"), -1)))
    for result, often, who in _MORE:
        yield at_least(of(result, often), of(result, who))
        yield Tie(((of(result, who), -1), (of(result, often), 1)), "apart")
    every = of("cla_missing", "looked_after_n")
    for who in ("missing_children_n", "away_children_n"):
        yield Tie(((every, 1), (of("cla_missing", who), -1)), "apart")


def _there_and_back(w: Window, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that children there at the start and those who started are all of the year.

    Who was there and started again counts twice: how many these are follows from numbers that
    the DfE prints for every authority, like the balancing row of the flows. They left in
    between, so that they came back within a year: where those are few and hidden, the least
    they can be must not follow. That there are none a reader takes for granted.
    """
    every, came, back = (
        figure_id(result, measure, group, w.key)
        for result, measure, group in (
            ("cla_missing", "looked_after_n", ALL),
            ("cla_flows", "started_n", ALL),
            ("cla_re_entries", "children_n", "within_a_year"),
        )
    )
    there = figure_id("cla_flows", "stock_start_n", ALL, w.key)
    terms = ((there, 1), (came, 1), (every, -1))
    n = {
        i: _of_groups(results, i.split(".")[0], w.key, i.split(".")[1]).get(ALL, float("nan"))
        for i, _ in terms
    }
    twice = sum(sign * n[i] for i, sign in terms)
    if twice > 0:
        yield Tie(terms, "at_least")
        yield Tie((*((i, -sign) for i, sign in terms), (back, 1)), "at_least")
    elif twice <= 0:  # neither where one of the numbers is not there
        yield Tie(terms)


def _of_placements(basis: Basis, days: Result) -> Iterator[Tie]:
    """Yield that as many children lived in a type in a year as are in it at its end."""
    groups = dict.fromkeys(days.table["group"])
    for w in basis.shown.windows:
        for group in groups:
            there = figure_id("cla_placement_mix", "children_n", group, w.end.isoformat())
            yield at_least(figure_id("cla_placement_days", "in_type_n", group, w.key), there)


def _of_stays(day: str, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that stays still open are of the children in care, and of the same by age.

    Where the two numbers are the same, a check says that they are; where they are not, those
    left out are printed nowhere, and the counts to the nearest ten do not tell them.
    """
    if "cla_stay_remaining" not in results:
        return
    there, stays = (
        _of_groups(results, "cla_stay_remaining", day),
        _of_groups(results, "cla_stay_estimates", day, "still_open_n"),
    )
    whole = figure_id("cla_stock", "children_n", ALL, day)
    for group, n in there.items():
        mine = figure_id("cla_stay_remaining", "children_n", group, day)
        if stays.get(group) == n:
            yield from same(mine, figure_id("cla_stay_estimates", "still_open_n", group, day))
        if group == ALL:
            every = _of_groups(results, "cla_stock", day).get(ALL) == n
            yield from same(whole, mine) if every else (at_least(whole, mine),)


def _of_groups(
    results: Mapping[str, Result], name: str, day: str, measure: str = "children_n"
) -> dict[str, float]:
    """Return the numbers of a result on one day, by group."""
    if name not in results:
        return {}
    table = results[name].table
    rows = table[(table["measure"] == measure) & (table["period"] == day)]
    return dict(zip(rows["group"], rows["value"].astype(float), strict=True))
