"""What a reader can do with the tables of chapter 20 side by side.

The same total stands over every division of the stock, of those who started and of those who
ceased; a year ends with the stock that the next begins with; unaccompanied children who were
there, came and left make those who are there at the end. Each of these would give a hidden
count back, exactly or nearly, if each table were protected by itself.

Three differences are looked at on purpose.

Periods of care less children
    Begun less started are second starts in a year, ended less ceased second ends, open
    periods less children looked after those in a gap of care on the day. Each is a count of
    people that a subtraction of two tables with nearly the same population would print:
    disclosure by differencing (Hundepool and others, 2012, *Statistical Disclosure Control*,
    chapter 5). Where it is small, counts of periods are hidden, so that it cannot be worked
    out; those of children, which the DfE prints for each authority, are not.

The balancing row
    It is not a count of people. It nets second starts, second ends, records left open past
    the eighteenth birthday and gaps, with opposite signs: a residual of two may be two
    children or twenty. It follows from the stock at both ends, children started and children
    ceased, four numbers that the DfE prints for every authority in "Children looked after in
    England", so that hiding it, or one of the four, would protect nobody. What it leaves
    known is the difference of two hidden counts, not either of them.

Published figures less counts now
    A figure that a document prints is public, and so is its difference from a count of today,
    which stands in many tables. It may be that of the return of the time and it may not: where
    the change since is of few children that return's own count is hidden, and nothing says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from needs.care import printed_tables, results_restated
from needs.care.adoption import INTERVALS
from needs.care.basis import Basis
from needs.care.kin_health import health_ties
from needs.care.kin_other import other_ties
from needs.care.results_rates import COUNTED
from needs.care.windows import Window
from needs.vocabulary.kin import STUDY, Family, Tie, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["FAMILY"]

DIVIDED = (
    "cla_age",
    "cla_sex",
    "cla_legal_status",
    "cla_need",
    "cla_placement_mix",
    "cla_ethnicity",
    "cla_distance",
    "cla_placements_a_year",
)
"""Results that divide the stock; the total of each is the headline number."""


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield every relation between numbers of the results of chapter 20."""
    basis = Basis.of(data)
    windows = basis.shown.windows
    # Where the label leaves them out, all other children are the headline number.
    whole = ALL if basis.scope.unaccompanied else "not_uasc"
    for day in basis.date_keys:
        yield from same(
            _children("cla_stock", day),
            *(_children(name, day) for name in DIVIDED),
            _children("cla_uasc_stock", day, whole),
            *(_flow("stock_end_n", w) for w in windows if w.end.isoformat() == day),
            *(_flow("stock_start_n", w) for w in windows if w.opening.isoformat() == day),
        )
    last = basis.date_keys[-1]
    for group, by in ((ALL, ALL), ("outside_far", "far")):
        of_placements = figure_id("cla_distance_by_placement", "children_n", ALL, last, by)
        yield from same(_children("cla_distance", last, group), of_placements)
    # Children inside the authority are the same, divided by distance or by district.
    for group in (ALL, "inside"):
        yield from same(
            _children("cla_distance", last, group), _children("cla_districts", last, group)
        )
    for w in windows:
        yield from same(
            _flow("started_n", w),
            _children("cla_started_age", w.key),
            _children("cla_re_entries", w.key),
            _children("cla_uasc_started", w.key, whole),
        )
        yield from same(
            _flow("ceased_n", w),
            _children("cla_permanence", w.key),
            figure_id("cla_leavers", "ceased_n", ALL, w.key),
            figure_id("cla_stay_means", "ceased_n", ALL, w.key),
            _children("cla_uasc_ceased", w.key, whole),
        )
        yield from same(
            _flow("stock_start_n", w), figure_id("cla_leavers", "stock_start_n", ALL, w.key)
        )
        for measure in COUNTED:
            yield from same(_flow(measure, w), figure_id("cla_rates", measure, ALL, w.key))
        yield from _periods_apart(w)
        if w.opening.isoformat() in basis.date_keys:
            yield from _unaccompanied(w)
    yield from _adopted(windows)
    yield from _said_equal(windows, results)
    yield from other_ties(basis, results)
    yield from health_ties(windows, results)
    if held := results.get(printed_tables.NAME):
        yield from printed_tables.ties(held.table)
    yield from results_restated.ties(results)
    for before, after in ((a, b) for a in windows for b in windows if a.end == b.opening):
        yield from same(_flow("stock_end_n", before), _flow("stock_start_n", after))
        yield from same(_period("open_end_n", before), _period("open_start_n", after))


def _children(name: str, period: str, group: str = ALL) -> str:
    return figure_id(name, "children_n", group, period)


def _flow(measure: str, w: Window) -> str:
    return figure_id("cla_flows", measure, ALL, w.key)


def _period(measure: str, w: Window) -> str:
    return figure_id("cla_periods_of_care", measure, ALL, w.key)


def _periods_apart(w: Window) -> Iterator[Tie]:
    """Yield the differences between periods of care and children."""
    for periods, children in (
        ("open_start_n", "stock_start_n"),
        ("begun_n", "started_n"),
        ("ended_n", "ceased_n"),
        ("open_end_n", "stock_end_n"),
    ):
        yield Tie(((_flow(children, w), -1), (_period(periods, w), 1)), "apart")


def _said_equal(windows: Sequence[Window], results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield that open periods are the children, where the check beside them says so."""
    held = results.get("cla_periods_of_care")
    if held and all(c.status == "pass" for c in held.checks):
        for w in windows:
            yield from same(_flow("stock_end_n", w), _period("open_end_n", w))


def _adopted(windows: Sequence[Window]) -> Iterator[Tie]:
    """Yield that children adopted in three years are those of each of the three."""
    for three in zip(windows, windows[1:], windows[2:], strict=False):
        if three[2].part or three[2].year.end_year != three[0].year.end_year + 2:
            continue
        for step in INTERVALS:
            of_all = figure_id("cla_adoption_times", "adopted_n", step, three[-1].key)
            each = (_children("cla_permanence", w.key, "adopted") for w in three)
            yield Tie(((of_all, 1), *((i, -1) for i in each)))


def _unaccompanied(w: Window) -> Iterator[Tie]:
    """Yield stock, starts and ends of unaccompanied children and of all others.

    They do not add up exactly: a status ends, a child counts once a year. A reader who takes
    them to comes near, so that the rest is taken as known.
    """
    for group in ("uasc", "not_uasc"):
        yield Tie(
            (
                (_children("cla_uasc_stock", w.end.isoformat(), group), -1),
                (_children("cla_uasc_stock", w.opening.isoformat(), group), 1),
                (_children("cla_uasc_started", w.key, group), 1),
                (_children("cla_uasc_ceased", w.key, group), -1),
            )
        )


FAMILY = Family("children looked after", _ties, STUDY)
"""The results of chapter 20 from records."""
