"""Chapter 75: what one lever does by itself, and the numbers that the page's dials work with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from needs.care.rows import unavailable
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_demand import demand_ahead
from needs.forecast.ahead_levers import large_rows
from needs.sufficiency.budget import Outturns
from needs.sufficiency.capacity.gap import Gaps, counts_today
from needs.sufficiency.what_if.dials import SERVICE
from needs.sufficiency.what_if.engine import Dial, Line, nodes_asked, plain_dials
from needs.sufficiency.what_if.learn import DRAWS, Learnt
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["what_if"]

NAME = "what_if"
TITLE = "What if"
_FORECAST = ("children_n",)
_BASE = Measure("base_n", "Children, without any change", "children_forecast", "", _FORECAST)
_ALONE = Measure("alone_n", "Change in children", "children_forecast")
_MEASURES = (
    _BASE,
    _ALONE,
    Measure("node_n", "What a node adds to children on the day", "children_node"),
    Measure("demand_n", "Children, mean over the year", "children_mean"),
    Measure("places_n", "Places to count on, mean over the year", "places_mean"),
    Measure("node_year_n", "What a node adds to children, mean over the year", "children_node"),
    Measure("gross_gbp", "Gross spending, without any change", "gbp_k"),
    Measure("node_gbp", "What a node adds to gross spending", "gbp_k"),
)
BOUNDS = ("lower_80", "upper_80")
NONE = "No flow model could be fitted to the returns, so that nothing says what a lever would do."


@STUDY.followed_by
def what_if(data: StudyData) -> Result:
    """Return what levers do by themselves, with all that the page's dials need (``what_if``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; money needs cost lines and gaps a table of provision.

    Returns
    -------
    Result
        By row of the demand table (``group``): ``base_n`` on the year ends ahead with its 80%
        range, and ``alone_n``, the change on the last of them at each node of one lever (``by``).
        For the page: ``node_n`` and, by service and by group of spending, ``demand_n``,
        ``places_n``, ``node_year_n``, ``gross_gbp`` and ``node_gbp``; of two levers together a
        node holds what it adds beyond each alone.

    Notes
    -----
    The engine is :class:`needs.sufficiency.what_if.engine.MeanEngine`.
    """
    ahead, learnt = Ahead.of(data), Learnt.of(data)
    basis = ahead.outlook.basis
    subtitle = f"Children looked after, {basis.study.authority.name}"
    if learnt is None:
        return unavailable(basis, NAME, TITLE, subtitle, _ALONE, NONE)
    _, words = large_rows(ahead)
    labels = _labels(data, learnt, words)
    table = long_table(pd.concat(_rows(data, learnt), ignore_index=True))
    last = ahead.outlook.labels[learnt.days[-1]]
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=f"Change in children on {last}, {basis.study.authority.name}",
        table=table,
        measures=_MEASURES,
        labels={**labels, **ahead.outlook.labels, "by": "If", "group": "Children"},
        source=f"{basis.source}; the flow model of chapter 50",
        layout=Layout(("by",), ("group",), ("alone_n",)),
        text=_said(learnt, ahead.outlook.labels, labels),
        charts=(_chart(data, learnt, labels, ahead.outlook.labels),),
        notes=_notes(learnt),
        settings={**basis.settings(), "draws": DRAWS, "seed": basis.study.seed},
        leans_on=dict(_leans(data, learnt, table)),
        drops=True,
    )


def _rows(data: StudyData, learnt: Learnt) -> Iterator[pd.DataFrame]:
    engine, days, years = learnt.engine, learnt.days, learnt.years
    told = demand_ahead(data).table
    ends = told[(told["measure"] == "projected_n") & told["group"].isin(list(learnt.rows))]
    yield ends[["group", "period", "value", *BOUNDS]].assign(measure="base_n")
    for key, line in engine.children.items():
        yield from _effects(key, line, days, "node_n")
        yield _alone(key, line, engine.dials, days[-1])
    for group, line in engine.demand.items():
        yield _of(group, years, line.base, "demand_n")
        yield _of(group, years, engine.places[group], "places_n")
        yield from _effects(group, line, years, "node_year_n")
    for key, line in engine.money.items():
        yield _of(key, years, line.base, "gross_gbp")
        yield from _effects(key, line, years, "node_gbp")


def _of(group: str, periods: tuple[str, ...], values: object, measure: str) -> pd.DataFrame:
    return pd.DataFrame({"group": group, "period": periods, "value": values, "measure": measure})


def _effects(
    group: str, line: Line, periods: tuple[str, ...], measure: str
) -> Iterator[pd.DataFrame]:
    for key, change in line.effects.items():
        yield _of(group, periods, change, measure).assign(by=key)


def _alone(group: str, line: Line, dials: tuple[Dial, ...], last: str) -> pd.DataFrame:
    keys = [k for k, _ in nodes_asked(dials, ())]
    values = [line.effects[k][-1] for k in keys]
    rows = {"by": keys, "value": values}
    return pd.DataFrame(rows).assign(group=group, period=last, measure="alone_n")


def _labels(data: StudyData, learnt: Learnt, words: Mapping[str, str]) -> dict[str, str]:
    of = {d.key: d for d in learnt.engine.dials}

    def at(key: str, n: int) -> str:
        sign = "+" if n > 0 else "-"  # as every number of the report
        return f"{of[key].label}: {sign}{abs(n)} {of[key].unit}"

    nodes = {
        key: " and ".join(at(k, n) for k, n in settings.items())
        for key, settings in nodes_asked(learnt.engine.dials, learnt.engine.pairs)
    }
    services = {}
    if learnt.services:
        services = {SERVICE + s.key: s.label for s in Gaps.of(data).services}
    money = Outturns.of(data).labels if learnt.groups else {}
    years = {y: y for y in learnt.years}
    return {**{k: money[k] for k in learnt.groups}, **words, **services, **nodes, **years}


def _said(
    learnt: Learnt, days: Mapping[str, str], labels: Mapping[str, str]
) -> tuple[Sentence, ...]:
    last = learnt.days[-1]
    found = []
    for dial in learnt.engine.dials[:2]:
        key = next(k for k, at in nodes_asked((dial,), ()) if at[dial.key] == dial.low)
        found.append(
            Sentence(
                "“{what}” would change the total on {day} by {n}.",
                {"n": figure_id(NAME, "alone_n", ALL, last, key)},
                {"what": labels[key], "day": days[last]},
            )
        )
    return tuple(found)


def _chart(
    data: StudyData, learnt: Learnt, labels: Mapping[str, str], days: Mapping[str, str]
) -> Chart:
    study = data.study
    return Chart(
        key="dials",
        kind="fan",
        measure="base_n",
        title="Children looked after, forecast without any change",
        subtitle=f"Children on the day, {study.authority.name}",
        alt="A line of forecast children inside a band that widens with the years. Where scripts "
        "are on, dials below it add a second line.",
        include={"group": (ALL,)},
        dials={
            **plain_dials(learnt.engine.dials, learnt.engine.pairs),
            "labels": {k: v for k, v in labels.items() if k not in learnt.years},
            "days": [days[d] for d in learnt.days],
            "levers": _toml(learnt),
            "key": study.authority.dfe_code + "-" + str(study.period.reporting_year),
        },
    )


def _toml(learnt: Learnt) -> dict[str, dict[str, object]]:
    """Return for each dial the keys of the lever that a study file has for it."""
    plans = learnt.plans
    return {
        "entries": {"lever": "entries", "each_year": False, "at": "change_pct"},
        "exits": {"lever": "exits", "at": "factor"},
        "to_own_carers": {
            "lever": "step_down",
            "from_types": [plans.bought_foster],
            "to_type": plans.own_foster,
            "at": "a_year",
        },
        "to_foster": {
            "lever": "step_down",
            "from_types": [plans.bought_home],
            "to_type": plans.own_foster,
            "at": "a_year",
        },
        "own_home": {
            "lever": "opening",
            "from_types": [plans.bought_home],
            "to_type": plans.own_home,
            "at": "places_n",
        },
    }


def _notes(learnt: Learnt) -> tuple[str, ...]:
    notes = [
        "The flow model is asked at the ends of each lever, and halfway for children who leave, "
        "alone and together with how soon children leave; between them numbers lie on a smooth "
        "curve. Beside the flow model's own mean of the same futures, the total is then within a "
        "few tenths of a per cent, and types with twenty children or more within one per cent, "
        "in nearly all settings.",
        "A change is in force from the as-at date on and stays. Changes are those of the flow "
        "model; they are added to the combined forecast, which is the baseline. The band is the "
        "baseline's: how sure a setting is, is not told.",
    ]
    if learnt.groups:
        notes.append(
            "Money is children times mean prices, gross, as in the chapter on the budget. What it "
            "costs to bring a change about is not in it, nor that a change may move prices."
        )
    if learnt.services:
        notes.append(
            "A gap is places to count on less children, on average over the year; new places are "
            "there from the first day. Averages hide months with a shortage: its chance is in the "
            "chapter on provision and gaps."
        )
    return tuple(notes)


def _leans(
    data: StudyData, learnt: Learnt, table: pd.DataFrame
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield that each row leans on today's count of its children, and money on whom it paid for."""
    today = Ahead.of(data).outlook.as_at
    on: dict[str, tuple[str, ...]] = {
        k: (figure_id("cla_placement_mix", "children_n", k, today),) for k in learnt.rows
    }
    if learnt.services:
        on |= {SERVICE + s.key: counts_today(data, s) for s in Gaps.of(data).services}
    money = table[table["measure"].isin(["gross_gbp", "node_gbp"])]
    if learnt.groups:
        yield from Outturns.of(data).leans(NAME, money).items()
    rest = table[~table.index.isin(money.index)]
    for measure, group, period, by in rest[["measure", "group", "period", "by"]].itertuples(
        index=False
    ):
        for end in ("", *(f"_{b}" for b in BOUNDS)):
            yield figure_id(NAME, measure + end, group, period, by), on[group]
