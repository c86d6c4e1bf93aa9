"""Chapter 50 from records: the last count held, by placement type, and how far it may move."""

from __future__ import annotations

import pandas as pd

from needs.care.chapter20 import stock
from needs.forecast import ahead_kin, records_backtest, records_mix
from needs.forecast.no_change import MIN_ORIGINS
from needs.forecast.outlook import Outlook, bounds, listed
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["demand", "errors", "past_forecasts", "skill", "total"]

NAME = "forecast_total"
CHILDREN = Measure("children_n", "Children", "children")


demand = ahead_kin.ranges_by_type(records_mix.demand)
errors = ahead_kin.on_totals(records_backtest.errors)
past_forecasts = ahead_kin.on_totals(records_backtest.past_forecasts)
skill = ahead_kin.on_totals(records_backtest.skill)


@ahead_kin.ranges_on_totals
def total(data: StudyData) -> Result:
    """Return the number of children with the last count held, and its range.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``forecast_total``: ``children_n`` on each day counted and on the next five 31 Marches,
        there with ``lower_80`` and ``upper_80`` where enough years are known; ``changes_n`` and
        ``separate_n``, what each range rests on, and ``rises_n``.

    Raises
    ------
    InputMissing
        If the study has no SSDA903 returns.
    ModelError
        If no return covers the as-at date.
    """
    outlook = Outlook.of(data)
    widths = outlook.widths(outlook.counted)
    known = widths["half_width"].notna().to_numpy()
    basis = outlook.basis
    return Result(
        name=NAME,
        title=f"{basis.heading}, the last count held",
        subtitle=basis.stock_subtitle("Children counted on the day") + ", then held",
        table=_table(outlook, widths),
        measures=(
            CHILDREN,
            Measure("changes_n", "Past changes that the range rests on", "count"),
            Measure("separate_n", "Separate changes that these are worth", "count"),
            Measure("rises_n", "Past changes that were rises", "count"),
        ),
        labels={ALL: f"All {basis.label}", **outlook.labels},
        source=basis.source,
        layout=Layout(
            ("period",), ("measure",), ("children_n", "children_n_lower_80", "children_n_upper_80")
        ),
        text=_words(outlook, [d for d, k in zip(outlook.ahead, known, strict=True) if k]),
        charts=_fan(outlook, known.tolist()),
        checks=(_untested(bool(known.any())),),
        notes=(
            "No change: the last count stands for every year ahead. It uses no cause and no "
            "plan; every other method has to do better than this before it is believed.",
            *outlook.notes(),
        ),
        settings={**basis.settings(), "method": "no change", "min_past_changes": MIN_ORIGINS},
        rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
        mirrors=stock(data),
    )


def _table(outlook: Outlook, widths: pd.DataFrame) -> pd.DataFrame:
    past = outlook.counted.rename_axis("period").reset_index(name="value")
    later = bounds(outlook.base, widths).assign(period=outlook.ahead, value=outlook.base)
    rests = widths.rename(columns={"origins_n": "changes_n"}).drop(columns="half_width")
    rests = rests.assign(period=outlook.ahead).melt("period", var_name="measure")
    counts = pd.concat([past, later]).assign(measure="children_n")
    return long_table(pd.concat([counts, rests], ignore_index=True))


def _words(outlook: Outlook, ranged: list[str]) -> tuple[Sentence, ...]:
    """Return what is held, the range of the first and last day that has one, and its footing."""
    labels = outlook.labels
    days = {"day": labels[outlook.as_at], "last": labels[outlook.ahead[-1]]}
    said = [
        Sentence(
            "{n} {label} were counted on {day}. This number is held for every year up to {last}.",
            {"n": _ref(outlook.as_at)},
            {**days, "label": outlook.basis.label},
        )
    ]
    said += [_range_said(labels[day], day) for day in dict.fromkeys([*ranged[:1], *ranged[-1:]])]
    said += [_worth_said(labels[day], day) for day in ranged[-1:] if day != outlook.ahead[0]]
    said += [_rises_said(labels[day], day) for day in ranged[-1:]]
    absent = [labels[d] for d in outlook.ahead if d not in ranged]
    if absent:
        why = "too few years are known"
        if len(outlook.usable(outlook.counted)) < len(outlook.totals):
            why = "there are too few years with enough children"
        said.append(
            Sentence(
                "No range is given for {days}: {why}.", words={"days": listed(absent), "why": why}
            )
        )
    return tuple(said)


def _range_said(label: str, day: str) -> Sentence:
    return Sentence(
        "If the coming years change as much as the past ones did, the count on {day} lies between "
        "{low} and {high} four times in five. This rests on {n} past changes, each over as long.",
        {
            "low": _ref(day, "children_n_lower_80"),
            "high": _ref(day, "children_n_upper_80"),
            "n": _ref(day, "changes_n"),
        },
        {"day": label},
    )


def _worth_said(label: str, day: str) -> Sentence:
    return Sentence(
        "Past changes over several years overlap: the {n} up to {day} are worth about {worth} "
        "separate ones, and its range is that much rougher.",
        {"n": _ref(day, "changes_n"), "worth": _ref(day, "separate_n")},
        {"day": label},
    )


def _rises_said(label: str, day: str) -> Sentence:
    return Sentence(
        "Of the past changes over as long as to {day}, {up} of {n} were rises. The range "
        "reaches as far down as up all the same: nothing says that the coming years go the same "
        "way.",
        {"up": _ref(day, "rises_n"), "n": _ref(day, "changes_n")},
        {"day": label},
    )


def _ref(day: str, measure: str = "children_n") -> str:
    return figure_id(NAME, measure, ALL, day)


def _untested(ranged: bool) -> Check:
    return Check(
        "Ranges have been tested for how often they cover",
        "review",
        "not tested: they rest on the authority's own past changes alone"
        if ranged
        else "there is no range: too few years or too few children",
    )


def _fan(outlook: Outlook, known: list[bool]) -> tuple[Chart, ...]:
    """Return the fan, up to the last day that has a range; none without any."""
    drawn = [d for d, k in zip(outlook.ahead, known, strict=True) if k]
    if not drawn:
        return ()
    label = outlook.basis.label
    return (
        Chart(
            key="fan",
            kind="fan",
            measure="children_n",
            title=f"The last count of {label} held, and how far the past says it may move",
            subtitle=outlook.basis.stock_subtitle("Children counted on the day") + ", then held",
            alt=(
                f"A line of {label} counted, then a level dashed line, inside a band that widens "
                "with the years."
            ),
            include={"period": (*outlook.basis.date_keys, *drawn)},
        ),
    )
