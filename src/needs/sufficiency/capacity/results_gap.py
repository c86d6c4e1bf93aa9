"""Chapter 40: the gap between places and demand, with its chance, by year and by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.costs.spending import placed_id
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import settings
from needs.sufficiency.capacity.demand import Service
from needs.sufficiency.capacity.gap import REACH, USABLE, Gap, Gaps, counts_today
from needs.sufficiency.capacity.results_months import month_words
from needs.sufficiency.capacity.stock import Stock
from needs.sufficiency.capacity.used import Used
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["gap_by_month", "gap_by_year"]

NAME, MONTHS = "capacity_gap", "capacity_gap_months"
SHOWN = 24
"""Months shown."""
COVERED = (90, 95)
"""Per cent of months that the places needed are to cover."""
ANYWHERE = "anywhere"
"""Key of the reach that counts places wherever they are."""
ALL_BUT = 99.5
"""Per cent of months from which on it is printed as a hundred."""
TITLE = "Places against demand"
CHANCE = Measure("chance_pct", "Chance of a shortage in a month", "percent")
SHORT = Measure("short_n", "Children beyond these places, mean", "children_forecast")
_MEASURES = (
    Measure("demand_n", "Children, mean", "children_forecast"),
    Measure("places_n", "Places to count on, mean", "places"),
    Measure("contract_n", "Of these under contract, mean", "places"),
    CHANCE,
    Measure("ever_pct", "Chance of a shortage in any month of the year", "percent"),
    SHORT,
    *(Measure(f"needed_{q}_n", f"Places that cover {q}% of months", "places") for q in COVERED),
    *(Measure(f"more_{q}_n", f"Places more, or fewer, for {q}%", "places") for q in COVERED),
    Measure("then_full_pct", f"Occupancy with places for {COVERED[-1]}%", "percent", "such places"),
)
NONE = (
    "The table of provision lists no place of the authority's own or under contract that stands "
    "for a kind of placement which is forecast."
)
_NOTES = (
    "Demand is the combined forecast of chapter fifty, draw by draw: each draw passes through its "
    "own number on every 31 March and between them goes as a past year went; chapter seventy, the "
    "budget, takes the even path between them. Types that stand in for one another are one row; "
    "foster care by relatives and friends is made for one child and is left out on both sides.",
    "Places to count on are the authority's own and those under block or cross-regional contract; "
    "what is bought on a framework or spot is what fills the gap. An option to extend a contract "
    "is taken to be used, and after it the beds are gone.",
    "A shortage is a month with more children than places to count on that fit. Nobody is without "
    "a home in it: children beyond the places are placed with others, such as agencies or homes "
    "bought spot, or, where places nearby alone are counted, farther away.",
    "Every child counts towards the places in the authority, since the law asks for those first: "
    "where a place elsewhere serves a child better, the gap there is smaller.",
    "A free bed is not a home that fits: ages, sex and whether a home takes one child alone, or a "
    "care plan asks for it, are those of the table of provision and of children today. Places are "
    "shared out as well as can be, as if children could change places; so chances are the least "
    "that they can be. More places never raise them, and more children never lower them.",
    "Siblings are counted one by one, and an approved place as one that can be used. The last rows "
    "of each take every place to be used no more than places of its type and route were in the "
    "fullest of the years above: carers rest, siblings stay together, a bed is held back.",
    "Places whose place is not known are shared out as children of their type live today, in "
    "tenths, where enough children are to say so.",
)


@STUDY.followed_by
def gap_by_year(data: StudyData) -> Result:
    """Return the gap by service, reach and year ahead (``capacity_gap``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and a table of provision.

    Returns
    -------
    Result
        By service (``group``), reach (``by``) and reporting year ahead: mean children and places,
        chance of a shortage in a month and in any month of the year, mean children beyond
        the places, places that cover 90% and 95% of months, how many more these are, and the
        occupancy that would follow.
    """
    stock, gaps = Stock.of(data), Gaps.of(data)
    subtitle = f"Children and places ahead, {stock.basis.study.authority.name}"
    if not gaps.services:
        return unavailable(stock.basis, NAME, TITLE, subtitle, CHANCE, NONE)
    years = [str(ReportingYear.of(d.date())) for d in gaps.months]
    keys = list(dict.fromkeys(years))
    rows = [
        {"group": service, "by": reach, "period": key, **_numbers(gap, np.array(years) == key)}
        for (service, reach), gap in gaps.found.items()
        for key in keys
    ]
    wide = pd.DataFrame(rows).merge(_contracted(gaps, years), how="left")
    table = wide_rows(wide, ["group", "by", "period"])
    table = table[table["measure"].ne("contract_n") | table["value"].notna()]
    table = table.reset_index(drop=True)
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=subtitle,
        table=table,
        measures=_MEASURES,
        labels={s.key: s.label for s in gaps.services} | dict(REACH),
        source=f"{stock.source}; the combined forecast",
        layout=Layout(rows=("group", "by", "measure"), columns=("period",)),
        text=(*_said(gaps, wide), *_missing(gaps)),
        charts=_drawn(gaps, subtitle),
        notes=_NOTES,
        settings=settings(Ahead.of(data)),
        leans_on=dict(_leans(data, gaps, NAME, table)),
    )


def _numbers(gap: Gap, mine: np.ndarray) -> dict[str, float]:
    """Return what is told of the months of one year."""
    children, short, places = gap.children[:, mine], gap.short[:, mine], gap.places[mine]
    needed = {q: float(np.quantile(gap.needed[:, mine], q / 100, method="higher")) for q in COVERED}
    most = needed[COVERED[-1]]
    return {
        "demand_n": float(children.mean()),
        "places_n": float(places.mean()),
        "chance_pct": 100 * float((short > 0).mean()),
        "ever_pct": 100 * float((short > 0).any(axis=1).mean()),
        "short_n": float(short.mean()),
        **{f"needed_{q}_n": n for q, n in needed.items()},
        **{f"more_{q}_n": n - float(places.mean()) for q, n in needed.items()},
        "then_full_pct": 100 * float(children.mean()) / most if most else np.nan,
    }


def _leans(
    data: StudyData, gaps: Gaps, name: str, table: pd.DataFrame
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield that each row leans on today's counts of the service: a line starts from them."""
    on = {s.key: counts_today(data, s) for s in gaps.services}
    years = Used.of(data).table[["type", "period"]].drop_duplicates()
    lived = {
        s.key: tuple(placed_id(t, p) for t, p in years.itertuples(index=False) if t in s.types)
        for s in gaps.services
    }
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    for measure, group, period, by in keys:
        more = lived[group] if by == USABLE else ()
        yield figure_id(name, measure, group, period, by), (*on[group], *more)


def _contracted(gaps: Gaps, years: list[str]) -> pd.DataFrame:
    """Return mean places under contract by service and year."""
    parts = [
        pd.DataFrame({"group": service, "by": ANYWHERE, "period": years, "contract_n": held})
        for service, held in gaps.contracted.items()
    ]
    keys = ["group", "by", "period"]
    parts = [p for p in parts if p["contract_n"].any()] or [parts[0].iloc[:0]]
    return pd.concat(parts).groupby(keys, sort=False)["contract_n"].mean().reset_index()


def _said(gaps: Gaps, wide: pd.DataFrame) -> Iterator[Sentence]:
    """Say what the first year ahead is like, and when most places fall away."""
    for s in gaps.services:
        mine = wide[wide["group"].eq(s.key) & wide["by"].eq(ANYWHERE)].reset_index(drop=True)
        first = mine["period"].iloc[0]
        yield _short(s, first, mine["chance_pct"].iloc[0])
        yield Sentence(
            "{service}: if places were no fuller than in their best year, {usable} of those to "
            "count on would be used in {year}, and {more} children placed with others.",
            {
                "usable": figure_id(NAME, "places_n", s.key, first, USABLE),
                "more": figure_id(NAME, "short_n", s.key, first, USABLE),
            },
            {"service": s.label, "year": first},
        )
        yield from _fall(s, mine)


def _short(s: Service, key: str, chance: float) -> Sentence:
    """Say children, places and chance of a year; the chance in words where it is all or none."""
    often = _often(chance)
    text = (
        "{service}: {children} children on average in {year}, and {places} places to count on, of "
        "which {near} in the authority. " + often + " be more children than such "
        "places that fit; {short} on average would be placed with others. {needed} places would "
        "cover {covered} of months, and would be {full} full."
    )
    refs = {
        "children": figure_id(NAME, "demand_n", s.key, key, ANYWHERE),
        "places": figure_id(NAME, "places_n", s.key, key, ANYWHERE),
        "near": figure_id(NAME, "places_n", s.key, key, "in_authority"),
        "chance": figure_id(NAME, "chance_pct", s.key, key, ANYWHERE),
        "short": figure_id(NAME, "short_n", s.key, key, ANYWHERE),
        "needed": figure_id(NAME, f"needed_{COVERED[-1]}_n", s.key, key, ANYWHERE),
        "full": figure_id(NAME, "then_full_pct", s.key, key, ANYWHERE),
    }
    if "{chance}" not in often:
        del refs["chance"]
    return Sentence(text, refs, {"service": s.label, "year": key, "covered": f"{COVERED[-1]}%"})


def _often(chance: float) -> str:
    """Return words for a share of months: what is printed as a hundred or nought may not be it."""
    if chance >= ALL_BUT:
        return (
            "In every month there would" if chance == 100 else "In nearly every month there would"
        )
    if chance <= 100 - ALL_BUT:
        return "In no month would there" if chance == 0 else "In hardly any month would there"
    return "In {chance} of months there would"


def _fall(s: Service, mine: pd.DataFrame) -> Iterator[Sentence]:
    """Say in which year most places to count on fall away, and how many with contracts."""
    drop = -mine["places_n"].diff().fillna(0.0)
    at = int(drop.to_numpy().argmax())
    if drop[at] <= 0:
        return
    then, before = mine["period"][at], mine["period"][at - 1]
    text = "{service}: places to count on fall most in {year}, from {before} to {after}"
    refs = {
        "before": figure_id(NAME, "places_n", s.key, before, ANYWHERE),
        "after": figure_id(NAME, "places_n", s.key, then, ANYWHERE),
    }
    if mine["contract_n"][at] < mine["contract_n"][at - 1]:
        text += ", and those under contract from {had} to {left}, since contracts end"
        refs["had"] = figure_id(NAME, "contract_n", s.key, before, ANYWHERE)
        refs["left"] = figure_id(NAME, "contract_n", s.key, then, ANYWHERE)
    yield Sentence(
        text + ". What will take their place is not known.",
        refs,
        {"service": s.label, "year": then},
    )


def _missing(gaps: Gaps) -> Iterator[Sentence]:
    for s in gaps.without:
        yield Sentence(
            "{service}: no place of the authority's own or under contract is listed, so that all "
            "of it is bought when it is needed.",
            {},
            {"service": s.label},
        )


def _drawn(gaps: Gaps, subtitle: str) -> tuple[Chart, ...]:
    return tuple(
        Chart(
            key=f"short_{s.key}",
            kind="line",
            measure="short_n",
            title=f"Children beyond the places to count on: {s.label}",
            subtitle=subtitle,
            alt="Lines, one for each reach, of the mean number of children beyond the places.",
            series="by",
            include={"group": (s.key,)},
        )
        for s in gaps.services
    )


@STUDY.followed_by
def gap_by_month(data: StudyData) -> tuple[Result, ...]:
    """Return the chance of a shortage in each month ahead (``capacity_gap_months``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and a table of provision.

    Returns
    -------
    tuple of Result
        By service (``group``), reach (``by``) and month: chance of a shortage at its end, and mean
        children beyond the places. None where :func:`gap_by_year` has nothing to tell.
    """
    stock, gaps = Stock.of(data), Gaps.of(data)
    if not gaps.services:
        return ()
    keys = [d.strftime("%Y-%m") for d in gaps.months[:SHOWN]]
    parts = [
        pd.DataFrame(
            {
                "group": service,
                "by": reach,
                "period": keys,
                "chance_pct": 100 * (gap.short[:, : len(keys)] > 0).mean(axis=0),
                "short_n": gap.short[:, : len(keys)].mean(axis=0),
            }
        )
        for (service, reach), gap in gaps.found.items()
    ]
    table = wide_rows(pd.concat(parts, ignore_index=True), ["group", "by", "period"])
    subtitle = f"At the end of each month ahead, {stock.basis.study.authority.name}"
    return (
        Result(
            name=MONTHS,
            title="Chance of a shortage, month by month",
            subtitle=subtitle,
            table=table,
            measures=(CHANCE, SHORT),
            labels={s.key: s.label for s in gaps.services}
            | dict(REACH)
            | {k: month_words(k) for k in keys},
            source=f"{stock.source}; the combined forecast",
            layout=Layout(rows=("group", "by", "measure"), columns=("period",)),
            charts=(
                Chart(
                    key="chance",
                    kind="line",
                    measure="chance_pct",
                    title="Chance that places to count on do not suffice, wherever they are",
                    subtitle=subtitle,
                    alt="Lines, one for each kind of placement, of the chance in each month.",
                    include={"by": (ANYWHERE,)},
                ),
            ),
            notes=(
                "Demand, places, what fits and what a shortage is are those of the table by year.",
            ),
            settings=settings(Ahead.of(data)),
            leans_on=dict(_leans(data, gaps, MONTHS, table)),
        ),
    )
