"""Chapter 60: why spending on placements changed, cause by cause, between any two years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from needs.costs.causes import (
    AFTER,
    BEFORE,
    CAUSES,
    NEEDS,
    Change,
    general_prices,
    leans,
    too_few,
)
from needs.costs.decompose import INFLATION
from needs.costs.spending import Spending, cannot
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["FEW", "GBP", "change_table", "spending_change", "steps_of", "told", "waterfall"]

NAME, TITLE = "cost_change", "Why spending changed"
OVER, OVER_TITLE = "cost_change_over", "Why spending changed over several years"
GBP = Measure("gbp", "Pounds, gross", "gbp")
FEW = "Money was spent on few children in a year: nothing is told of why it changed."
_YEARLY = {BEFORE: "Spent in the year before", **CAUSES, AFTER: "Spent in the year"}
_OVER = {BEFORE: "Spent in the earlier year", **CAUSES, AFTER: "Spent in the later year"}


@STUDY.followed_by
def spending_change(data: StudyData) -> tuple[Result, ...]:
    """Return why gross spending changed (``cost_change``, ``cost_change_over``).

    Returns
    -------
    tuple of Result
        By type and group (``group``), year and cause (``by``): pounds. From ``before`` the
        causes lead to ``after``, to the penny before they are rounded for print. First each year
        against the one before; then the two years that the study compares, the first and the
        last shown unless it says otherwise, where they are not next to one another.
        Where cost lines fall into one year only, it says so.
    """
    spending = Spending.of(data)
    years = spending.basis.window_keys
    if len(years) < 2:
        why = "Cost lines fall into one year only: a change needs two."
        return (cannot(spending, NAME, TITLE, GBP, why),)
    found = {
        year: Change.between(data, spending, k, k + 1)
        for k, year in enumerate(years[1:])
        if not too_few(spending, (k, k + 1))
    }
    if not found:
        return (cannot(spending, NAME, TITLE, GBP, FEW),)
    about = "Gross spending by cause, each year against the one before"
    before = dict(zip(years[1:], years[:-1], strict=True))
    yearly = _result(spending, NAME, TITLE, about, found, before, _YEARLY)
    first, last = _compared(spending)
    if last - first < 2 or too_few(spending, (first, last)):
        return (yearly,)
    words = spending.basis.window_labels
    about = f"Gross spending by cause, {words[years[last]]} against {words[years[first]]}"
    change = Change.between(data, spending, first, last)
    pair = {years[last]: years[first]}
    return (
        yearly,
        _result(spending, OVER, OVER_TITLE, about, {years[last]: change}, pair, _OVER),
    )


def _compared(spending: Spending) -> tuple[int, int]:
    """Return the positions of the two years that the study compares."""
    named = spending.basis.study.costs.compare_years
    years = [str(w.year) for w in spending.basis.shown.windows]
    if named and set(named) <= set(years):
        return years.index(named[0]), years.index(named[1])
    return 0, len(years) - 1


def steps_of(spending: Spending, levels: Sequence[str]) -> dict[str, str]:
    """Return the causes that can be told of these mixes, with words."""
    drop = set(CAUSES) & {"type", "route", "provider", NEEDS} - set(levels)
    # Without a rate of inflation there is none to tell.
    drop |= set() if general_prices(spending)[1] else {INFLATION}
    return {k: words for k, words in CAUSES.items() if k not in drop}


def change_table(
    spending: Spending, found: Mapping[str, Change], causes: Mapping[str, str]
) -> pd.DataFrame:
    """Return pounds by group, year and step as a long table."""
    rows = [
        (group, period, by, pence / 100)
        for period, change in found.items()
        for group, steps in change.rows(spending, causes).items()
        for by, pence in steps.items()
    ]
    frame = pd.DataFrame(rows, columns=["group", "period", "by", "value"])
    return long_table(frame.assign(measure=GBP.key))


def _result(
    spending: Spending,
    name: str,
    title: str,
    about: str,
    found: Mapping[str, Change],
    before: Mapping[str, str],
    words: Mapping[str, str],
) -> Result:
    levels = next(iter(found.values())).levels
    causes = steps_of(spending, levels)
    table = change_table(spending, found, causes)
    labels = spending.labels | dict(words)
    key = list(found)[-1]
    drawn = f"What moved spending {'over several years' if name == OVER else 'in the last year'}"
    return Result(
        name=name,
        title=title,
        subtitle=f"{about}, {spending.basis.study.authority.name}",
        table=table,
        measures=(GBP,),
        labels=labels,
        source=spending.source,
        layout=Layout(rows=("group", "by"), columns=("period",)),
        text=told(spending, name, table, key, labels, before[key]),
        charts=(waterfall(spending, tuple(causes), key, spending.labels[before[key]], drawn),),
        additive=(Additive("by", AFTER, (BEFORE, *causes)),),
        notes=_notes(spending, levels),
        settings=spending.settings,
        leans_on=leans(name, table, before),
    )


def waterfall(
    spending: Spending, causes: tuple[str, ...], period: str, since: str, title: str
) -> Chart:
    """Return the picture of all placements, from what stood before to what was spent."""
    basis = spending.basis
    return Chart(
        key="causes",
        kind="waterfall",
        measure=GBP.key,
        x="by",
        title=title,
        subtitle=f"Pounds by cause, all placements, {basis.study.authority.name}, "
        f"{basis.window_labels[period]} against {since}",
        alt="A waterfall of all placements: each step begins where the one before ended.",
        include={"group": (ALL,), "by": (BEFORE, *causes, AFTER), "period": (period,)},
        ends=(BEFORE, AFTER),
    )


def told(
    spending: Spending, name: str, table: pd.DataFrame, key: str, labels: Mapping[str, str],
    since: str,
) -> tuple[Sentence, ...]:  # fmt: skip
    """Return for all placements, and for each of the widest groups, what moved spending most."""
    mine = table[table["period"] == key]
    inner = {n.parent for n in spending.nodes}
    widest = {n.key for n in spending.nodes if n.parent == ALL} & inner
    return tuple(
        said
        for group, rows in mine.groupby("group", sort=False)
        if group == ALL or group in widest
        for said in _said(name, rows.set_index("by")["value"], str(group), key, labels, since)
    )


def _said(
    name: str,
    steps: pd.Series,
    group: str,
    key: str,
    labels: Mapping[str, str],
    since: str,
) -> tuple[Sentence, ...]:
    moved = steps.drop([BEFORE, AFTER])
    most = moved[moved != 0].sort_values(key=lambda v: -v.abs(), kind="stable").index[:2]
    if len(most) < 2:
        return ()
    one, two = (str(k) for k in most)
    return (
        Sentence(
            "{group}: from {before} ({since}) to {after} ({year}). What moved it most was “{one}” "
            "({much}), and then “{two}” ({more}).",
            {
                "before": figure_id(name, GBP.key, group, key, BEFORE),
                "after": figure_id(name, GBP.key, group, key, AFTER),
                "much": figure_id(name, GBP.key, group, key, one),
                "more": figure_id(name, GBP.key, group, key, two),
            },
            {
                "group": labels[group],
                "since": labels.get(since, since),
                "year": labels[key],
                "one": labels[one],
                "two": labels[two],
            },
        ),
    )


def _notes(spending: Spending, levels: Sequence[str]) -> tuple[str, ...]:
    needs = (
        "Needs: the share of the tool's domains in which a child had a need by the last "
        "assessment up to the end of the year: under a third, under two thirds, more; a child "
        "without one is “not known”. More assessments move it too."
        if NEEDS in levels
        else "The study has no assessments, so needs are no cause of their own: a dearer night "
        "may be a child with greater needs."
    )
    none = "No general inflation is set in [costs]: all of it is in the price of a night."
    return (
        "Number of children: those with a night paid for in the year, each once. Nights of each "
        "child: nights paid for over children, so that a longer stay in the year is told apart "
        "from more children; a leap year has one night more.",
        "Mixes are shares of nights: of placement types; within a type of purchase routes, of "
        "providers within a route, and of needs. Price: what a night costs where all of these "
        "are the same, beyond general inflation. A night that several lines pay for is parted "
        "between them.",
        needs,
        "Each cause has its mean effect over all orders in which the causes may change (Shapley), "
        "so that none is favoured and they add up to the penny.",
        "Money that meets no night in care is left out here, and told below.",
        "Types, routes, providers and needs of few children in either year are put together "
        "before anything is worked out, and groups that hold such a type are told whole.",
        *(() if general_prices(spending)[1] else (none,)),
    )
