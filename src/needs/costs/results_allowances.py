"""Chapter 60: allowances for children who left care for good: how many, what they cost, next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.rows import SERVED, unavailable, wide_rows
from needs.costs.drift import LEAST, Spread, backtest, drift
from needs.costs.kin import FAMILY
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
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
from needs.vocabulary.wording import inside

__all__ = ["allowances", "allowances_ahead"]

NAME, AHEAD = "cost_allowances", "cost_allowances_ahead"
YEARS_AHEAD = 3
PROVES = 30
"""Ranges looked at from which a share says something: below, its error is above seven points."""
LABELS = {
    ALL: "All allowances",
    "sgo": "Special guardianship",
    "adoption": "Adoption",
    "cao": "Child arrangements",
}
_SHOWN = ("", "_lower_80", "_upper_80", "_lower_95", "_upper_95")
_CARRIED = {"children_n": "children_ahead_n", "weekly_gbp": "weekly_gbp", "gbp": "gbp"}


def yearly(data: StudyData) -> pd.DataFrame:
    """Return children, mean weekly allowance and pounds by type and year.

    Only what was paid, budgets and forecasts of the input left out. Twelve months make a year, and
    a year of which some are missing is left out.

    Raises
    ------
    InputMissing
        If the study has no allowances.
    """
    if not data.has("allowances"):
        raise InputMissing("allowances")
    frame = data.allowances.frame
    basis = frame["basis"].astype(object).fillna("actual")
    frame = frame[(basis == "actual").to_numpy()]
    ends, month = _years(frame["period"].astype(str))
    paid = pd.DataFrame(
        {
            "type": frame["type"].astype(str),
            "end_year": ends,
            "children_n": frame["children"].astype(float),
            "pounds_week": frame["children"].astype(float) * frame["weekly_gbp"].astype(float),
            "part": np.where(month, 1 / 12, 1.0),
        }
    )
    by = paid.groupby(["type", "end_year"])
    out = by[["children_n", "pounds_week"]].mean()
    out = out[np.isclose(by["part"].sum(), 1.0)].reset_index()
    out["gbp"] = out["pounds_week"] * [_weeks(data, int(y)) for y in out["end_year"]]
    out["weekly_gbp"] = out["pounds_week"] / out["children_n"].where(out["children_n"] > 0)
    return out.drop(columns="pounds_week")


def _years(periods: pd.Series[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the end year of the reporting year of each period, and which periods are months."""
    first = periods.str[:4].astype(int).to_numpy()
    last = periods.str[5:].astype(int).to_numpy()
    month = (first + 1) % 100 != last
    return np.where(month & (last < 4), first, first + 1), month


def _weeks(data: StudyData, end_year: int) -> float:
    """Return the weeks that a year of allowances is paid for."""
    if data.study.costs.weeks_of_year == "52":
        return 52.0
    year = ReportingYear(end_year)
    return ((year.end - year.start).days + 1) / 7


@FAMILY
def allowances(data: StudyData) -> Result:
    """Return what allowances after care cost, by kind of order and year (``cost_allowances``).

    Returns
    -------
    Result
        By kind and year: children (on average over the year), mean allowance a week, pounds.
    """
    basis = Basis.of(data)
    paid = yearly(data)
    every = paid.groupby("end_year")[["children_n", "gbp"]].sum().reset_index()
    weeks = np.array([_weeks(data, int(y)) for y in every["end_year"]])
    every["weekly_gbp"] = every["gbp"] / weeks / every["children_n"].where(every["children_n"] > 0)
    wide = pd.concat([every.assign(type=ALL), paid], ignore_index=True)
    wide["period"] = [str(ReportingYear(int(y))) for y in wide["end_year"]]
    wide = wide.rename(columns={"type": "group"})
    columns = ["group", "period", "children_n", "weekly_gbp", "gbp"]
    kinds = tuple(k for k in LABELS if k in set(paid["type"]))
    of = ("children_n",)
    return Result(
        name=NAME,
        title="Allowances for children who left care for good",
        subtitle=f"Children, weekly allowance and pounds, {data.study.authority.name}",
        table=wide_rows(wide[columns], ["group", "period"]),
        measures=(
            Measure("children_n", "Children, on average over the year", "children"),
            Measure("weekly_gbp", "Mean allowance", "gbp_week", "", of),
            Measure("gbp", "Cost in the year", "gbp", "", of),
        ),
        labels=LABELS,
        source=_source(data),
        layout=Layout(rows=("measure", "group"), columns=("period",)),
        text=_words(wide),
        charts=_chart(data, paid["end_year"].nunique(), kinds),
        additive=(Additive("group", ALL, kinds),),
        notes=(
            "Allowances are paid for children who are no longer looked after; they are in no other "
            "table of this chapter.",
        ),
        settings=basis.settings(),
        scope=SERVED,
    )


def _source(data: StudyData) -> str:
    return f"{data.study.authority.short_name}: list of permanence allowances"


def _words(wide: pd.DataFrame) -> tuple[Sentence, ...]:
    first, last = wide["period"].iloc[0], wide.loc[wide["group"] == ALL, "period"].iloc[-1]
    refs = {"n": ("children_n", last), "gbp": ("gbp", last)}
    said = ["{year}: allowances for {n} children cost {gbp}."]
    if first != last:
        refs |= {"before": ("children_n", first), "gbp_before": ("gbp", first)}
        said.append("In {first} it was {gbp_before} for {before}.")
    ids = {k: figure_id(NAME, m, ALL, y) for k, (m, y) in refs.items()}
    words = {"year": last} | ({"first": first} if first != last else {})
    return (Sentence(" ".join(said), ids, words),)


def _chart(data: StudyData, years: int, kinds: tuple[str, ...]) -> tuple[Chart, ...]:
    if years < 2:
        return ()
    return (
        Chart(
            key="children",
            kind="line",
            measure="children_n",
            title="Children for whom an allowance is paid",
            subtitle=f"Children, on average over the year, {data.study.authority.name}",
            alt="Lines, one for each kind of order, of children by year.",
            include={"group": kinds},
        ),
    )


@STUDY.followed_by
def allowances_ahead(data: StudyData) -> Result:
    """Return what allowances may come to in the years ahead (``cost_allowances_ahead``).

    Returns
    -------
    Result
        By kind and year ahead: children, mean weekly allowance and pounds, each carried on by its
        own mean change, with 80% and 95% ranges whose spread is that of all kinds together
        (:func:`needs.costs.drift.drift`).
    """
    basis = Basis.of(data)
    kinds = {
        str(kind): mine.set_index("end_year")
        for kind, mine in yearly(data).sort_values("end_year").groupby("type")
        if _can(mine)
    }
    # What few children are paid must not show in the ranges of other kinds.
    threshold = data.study.disclosure.threshold
    pool = {k: mine for k, mine in kinds.items() if (mine["children_n"] >= threshold).all()}
    parts = [
        _carried(mine, source, {**pool, kind: mine}).assign(group=kind, measure=measure)
        for kind, mine in kinds.items()
        for source, measure in _CARRIED.items()
    ]
    title = "What allowances may come to"
    measures = (
        Measure("children_ahead_n", "Children", "children_forecast"),
        Measure("weekly_gbp", "Mean allowance", "gbp_week"),
        Measure("gbp", "Cost in the year", "gbp"),
        Measure("held_n", "Costs that the 80% range of the year before held", "count"),
        Measure("looked_at_n", "Costs looked at", "count"),
    )
    if not parts:
        why = f"Allowances of {LEAST} years on end are needed: fewer tell nothing of a range."
        return unavailable(basis, AHEAD, title, _source(data), measures[0], why)
    held, looked_at = backtest([mine["gbp"] for mine in pool.values()])
    tested = pd.DataFrame(
        {"measure": ["held_n", "looked_at_n"], "value": [float(held), float(looked_at)]}
    )
    table = long_table(pd.concat([*parts, tested], ignore_index=True))
    return Result(
        name=AHEAD,
        title=title,
        subtitle=f"Children and pounds, {data.study.authority.name}",
        table=table,
        measures=measures,
        labels=LABELS,
        source=_source(data),
        layout=Layout(
            ("group", "measure"),
            ("period",),
            tuple(f"{m}{e}" for m in ("children_ahead_n", "gbp") for e in _SHOWN),
        ),
        text=_ahead_words(table, looked_at),
        charts=_fans(data, table),
        notes=(
            "Each kind is carried on by its own mean yearly change. How much such changes differ "
            "from year to year is taken from all kinds together, as if it were the same for each: "
            "a few changes of one kind may be alike by luck. Ranges do not add up to one of all "
            "kinds. Nothing is taken to be known of what will be decided.",
        ),
        settings=basis.settings(),
        scope=SERVED,
        leans_on=_leans(kinds, pool),
    )


def _carried(mine: pd.DataFrame, source: str, alike: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one kind carried on, with the spread of all that are taken to vary as much."""
    spread = Spread.pooled([other[source].to_numpy(dtype=float) for other in alike.values()])
    ahead = drift(mine[source].to_numpy(dtype=float), YEARS_AHEAD, spread).reset_index()
    return ahead.assign(period=_ahead(mine)).drop(columns="h")


def _ahead(mine: pd.DataFrame) -> list[str]:
    last = int(mine.index[-1])
    return [str(ReportingYear(last + h)) for h in range(1, YEARS_AHEAD + 1)]


def _leans(
    kinds: dict[str, pd.DataFrame], pool: dict[str, pd.DataFrame]
) -> dict[str, tuple[str, ...]]:
    """Return the counts behind each number: a range rests on those of all kinds of its spread."""
    counts = {
        kind: tuple(
            figure_id(NAME, "children_n", kind, str(ReportingYear(int(y)))) for y in mine.index
        )
        for kind, mine in kinds.items()
    }
    wide = tuple(i for kind in pool for i in counts[kind])
    return {
        figure_id(AHEAD, f"{measure}{end}", kind, period): (
            tuple(dict.fromkeys((*counts[kind], *wide))) if end else counts[kind]
        )
        for kind, mine in kinds.items()
        for measure in _CARRIED.values()
        for period in _ahead(mine)
        for end in _SHOWN
    }


def _can(mine: pd.DataFrame) -> bool:
    """Return whether a kind has enough years, on end and above nought."""
    on_end = (np.diff(mine["end_year"]) == 1).all()
    return len(mine) >= LEAST and bool(on_end) and bool((mine[list(_CARRIED)] > 0).all(axis=None))


def _ahead_words(table: pd.DataFrame, looked_at: int) -> tuple[Sentence, ...]:
    said = []
    pounds = table[table["measure"] == "gbp"]
    for kind, mine in pounds.groupby("group", sort=False):
        last = str(mine["period"].iloc[-1])
        refs = {
            k: figure_id(AHEAD, f"gbp{end}", str(kind), last)
            for k, end in (("gbp", ""), ("low", "_lower_80"), ("high", "_upper_80"))
        }
        words = {"kind": LABELS[str(kind)], "year": last}
        text = "{kind}, {year}: {gbp}, eight times in ten between {low} and {high}."
        said.append(Sentence(text, refs, words))
    if looked_at:
        refs = {k: figure_id(AHEAD, f"{k}_n") for k in ("held", "looked_at")}
        few = ": so few prove little" if looked_at < PROVES else ""
        text = f"Made a year earlier, such ranges of pounds held {{held}} of {{looked_at}}{few}."
        said.append(Sentence(text, refs))
    return tuple(said)


def _fans(data: StudyData, table: pd.DataFrame) -> tuple[Chart, ...]:
    kinds = [k for k in dict.fromkeys(table["group"]) if k != ALL]
    return tuple(
        Chart(
            key=f"fan_{kind}",
            kind="fan",
            measure="gbp",
            title=f"What allowances may come to: {inside(LABELS[kind])}",
            subtitle=f"Pounds a year, {data.study.authority.name}",
            alt="A line of pounds a year ahead, with its ranges.",
            include={"group": (kind,)},
        )
        for kind in kinds
    )
