"""Chapter 90: the lines of the scorecard that rest on cost lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from needs.care import chapter20
from needs.care.scorecard import Card, Line, scorecard_result
from needs.care.scorecard_named import COST_LINES, Named, typed_for
from needs.costs.kin import payer_id, spent_on
from needs.costs.results_others import PAYERS
from needs.costs.spending import Spending
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["cost_scorecard"]

NAME = "scorecard_costs"


@STUDY.followed_by
def cost_scorecard(data: StudyData) -> Result:
    """Return the scorecard's lines on cost: the newest whole year and the one before.

    Parameters
    ----------
    data : StudyData
        A study with cost lines and SSDA903 returns; the cost a head needs the population too.

    Returns
    -------
    Result
        ``scorecard_costs``: the gross cost of a week over all placements, as chapter 60 has it, and
        spending on placements net of what others pay over the population aged 0 to 17.

    Raises
    ------
    InputMissing
        If the study has no cost lines or no SSDA903 returns.
    """
    spending = Spending.of(data)
    windows = enumerate(spending.basis.shown.windows)
    whole = [(k, w.key) for k, w in windows if not w.part][-2:]
    values = {"unit_cost": _weekly(spending), "cost_per_head": _a_head(data, spending)}
    lines = [_line(data, n, values[n.key], whole) for n in COST_LINES]
    made = scorecard_result(
        Card(
            name=NAME,
            title="Scorecard: what placements cost",
            subtitle=f"Counted from cost lines and returns, {data.study.authority.name}",
            source=spending.source,
            lines=lines,
            threshold=data.study.disclosure.threshold,
            notes=(
                "The cost a week is that of chapter 60, over all nights in care. The cost a head "
                "is of placements alone, net of what others pay, over people aged 0 to 17 on 30 "
                "June before the end of the year; documents may count more, and other people.",
            ),
            settings=spending.settings,
        )
    )
    return replace(made, leans_on=dict(_leans(made, whole)), guarded=("Change",))


def _weekly(spending: Spending) -> Mapping[int, float]:
    """Return the gross cost of a week over all nights in care, by year."""
    gross = spending.of_node(spending.by_type("gross"), None)
    nights = spending.of_node(spending.nights_by_type(), None)
    return {k: g / (n / 7) for k, (g, n) in enumerate(zip(gross, nights, strict=True)) if n > 0}


def _a_head(data: StudyData, spending: Spending) -> Mapping[int, float]:
    """Return net spending over the population, by year; none where that is not known."""
    try:
        rates = chapter20.rates(data).table
    except InputMissing:
        return {}
    people = rates[rates["measure"] == "population_n"].set_index("period")["value"]
    net = pd.Series(spending.of_node(spending.by_type("net"), None))
    n = people.reindex(spending.basis.window_keys).to_numpy(dtype=float)
    found = net / n
    return {int(k): float(v) for k, v in found[found.notna()].items()}


def _line(
    data: StudyData, named: Named, values: Mapping[int, float], whole: list[tuple[int, str]]
) -> Line:
    """Return one line; without a number it says why."""
    known = [k for k, _ in whole if k in values]
    at = dict(zip(("value", "previous"), known[::-1], strict=False))
    numbers = {by: values[k] for by, k in at.items()}
    typed = typed_for(data, named)
    beside = {k: v for k, v in typed.items() if k in {"target", "neighbours", "england"}}
    newest = dict(whole).get(at["value"], "") if at else (whole[-1][1] if whole else "")
    return Line(
        named.key,
        named.label,
        named.unit,
        named.good,
        newest,
        {**numbers, **beside} if numbers else {},
        instead="" if numbers else "Not worked out: it needs the population of the authority",
        untested="a cost has no count to test",
    )


def _leans(made: Result, whole: list[tuple[int, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the counts that each number rests on."""
    years = dict(zip(("value", "previous"), [y for _, y in whole][::-1], strict=False))
    keys = made.table[["measure", "group", "period", "by"]]
    for measure, group, period, by in keys.itertuples(index=False):
        if by not in years:
            continue
        year = years[by]
        net = [payer_id(p, ALL, year) for p in PAYERS] if group == "cost_per_head" else []
        own = figure_id(made.name, measure, group, period, by)
        yield own, (*spent_on(ALL, year), *net)
