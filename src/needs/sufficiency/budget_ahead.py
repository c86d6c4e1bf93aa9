"""Chapter 70: what placements will cost, how sure that is, and whether a budget holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.mix import tree_sums
from needs.costs.budget import HOLDS, Floats, ranged, risk_of
from needs.costs.budget_planned import Planned, last_planned
from needs.sufficiency.budget import MILLION, Outturns
from needs.sufficiency.budget_past import HELD, PAST, TESTED, held_before
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

__all__ = ["budget_ahead", "budget_risk"]

NAME, RISK = "budget_ahead", "budget_risk"
CHILDREN, PRICES = "if_children", "if_prices"
_OF = ("outturn_gbp",)
_MEASURES = (
    Measure("outturn_gbp", "Outturn, gross", "gbp_m"),
    Measure("median_gbp", "Outturn, gross, as likely more as less", "gbp_m", "", _OF),
    Measure("net_gbp", "Outturn, net of what others pay", "gbp_m"),
    Measure("apart_gbp", "Outturn, gross, where one thing alone is unsure", "gbp_m"),
    Measure("agreed_pct", "Rise agreed from next April", "percent1"),
    Measure("covered_pct", "Spending that it covers", "percent", "last year's gross spending"),
    Measure("level_gbp", "Spent, then forecast, gross", "gbp_m"),
    *HELD,
)
_RISK_MEASURES = (
    Measure("budget_gbp", "Budget", "gbp_m"),
    Measure("over_pct", "Cases in which it is overspent", "percent"),
    Measure("beyond_gbp", "By how much then, on average", "gbp_m"),
    Measure("holds_gbp", "Budget that holds in eight cases of ten", "gbp_m"),
    Measure("planned_gbp", "Planned in the last budget of placements, gross", "gbp_m"),
    Measure("spent_gbp", "Spent in its year, gross", "gbp_m"),
)
_PARTS = {
    CHILDREN: "Children alone unsure: prices as expected",
    PRICES: "Prices alone unsure: children as expected",
}


@STUDY.followed_by
def budget_ahead(data: StudyData) -> Result:
    """Return what placements may cost in the years ahead (``budget_ahead``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and cost lines.

    Returns
    -------
    Result
        By type and group, and year: ``outturn_gbp``, mean of the draws, with ranges of 80 and 95%,
        and ``median_gbp``. Of all placements: ``net_gbp``; ``apart_gbp`` by what alone is unsure;
        ``level_gbp``, spent and then forecast; of forecasts made again in past years, how many
        ranges held and how many were too low or too high (:func:`held_before`).
    """
    out = Outturns.of(data)
    basis = out.spending.basis
    before = held_before(data)
    told = [] if before.empty else [before]
    table = long_table(pd.concat([_by_type(out), *_of_all(out), *told], ignore_index=True))
    return Result(
        name=NAME,
        title="What the years ahead will cost",
        subtitle=f"Pounds on placements, forecast, {basis.study.authority.name}",
        table=table,
        measures=_MEASURES,
        labels={**out.labels, **_PARTS, TESTED: "Past years"},
        source=f"{out.spending.source}; the combined forecast",
        layout=Layout(
            ("group", "measure"),
            ("period",),
            ("outturn_gbp", "outturn_gbp_lower_80", "outturn_gbp_upper_80"),
        ),
        text=_said(out, tested=not before.empty),
        charts=(_fan(out),),
        additive=tree_sums(out.nodes),
        notes=_notes(out),
        settings=out.settings,
        leans_on=out.leans(NAME, table),
    )


def _by_type(out: Outturns) -> pd.DataFrame:
    frames = []
    for node in (None, *out.nodes):
        made = ranged(out.of_node(out.gross, node) / MILLION, out.year_keys)
        made["group"] = node.key if node else ALL
        middle = made[["period", "group", "median"]].rename(columns={"median": "value"})
        frames += [
            made.drop(columns="median").assign(measure="outturn_gbp"),
            middle.assign(measure="median_gbp"),
        ]
    return pd.concat(frames, ignore_index=True)


def _of_all(out: Outturns) -> list[pd.DataFrame]:
    """Return rows of all placements: net, what is unsure, and the line of the picture."""

    def rows(draws: Floats, measure: str, by: str = "") -> pd.DataFrame:
        made = ranged(draws / MILLION, out.year_keys).drop(columns="median")
        return made.assign(measure=measure, by=by, group=ALL)

    whole = out.of_node(out.gross, None)
    spent = out.spending.of_node(out.spending.by_type("gross"), None)
    past = pd.DataFrame({"period": out.spending.basis.window_keys, "value": spent / MILLION})
    past = past[~past["period"].isin(out.part_keys)]
    apart = {CHILDREN: out.with_mean("weekly"), PRICES: out.with_mean("fte")}
    net = [rows(out.of_node(out.net, None), "net_gbp")] if out.net_told else []
    return [
        *net,
        *_agreed(out),
        *(rows(out.of_node(g, None), "apart_gbp", by) for by, g in apart.items()),
        past.assign(measure="level_gbp", group=ALL),
        rows(whole, "level_gbp"),
    ]


def _agreed(out: Outturns) -> list[pd.DataFrame]:
    if out.agreed is None:
        return []
    paid, covered = out.agreed["gross"], out.agreed["gross"] * out.agreed["covered"]
    values = {
        "agreed_pct": 100 * np.expm1((covered * out.agreed["rise"]).sum() / covered.sum()),
        "covered_pct": 100 * covered.sum() / paid.sum(),
    }
    rows = {"measure": list(values), "value": list(values.values())}
    return [pd.DataFrame(rows).assign(group=ALL, period=out.year_keys[0])]


def _fan(out: Outturns) -> Chart:
    basis = out.spending.basis
    return Chart(
        key="ahead",
        kind="fan",
        measure="level_gbp",
        title="Spending on placements, and what it may come to",
        subtitle=f"Million pounds, gross, {basis.study.authority.name}: spent, then forecast",
        alt="A line of gross spending by year, spent and then forecast, inside widening bands.",
        include={"group": (ALL,)},
    )


def _said(out: Outturns, *, tested: bool) -> tuple[Sentence, ...]:
    first, last = out.year_keys[0], out.year_keys[-1]

    def ends(measure: str, year: str, by: str = "") -> dict[str, str]:
        of = {"n": "", "low": "_lower_80", "high": "_upper_80"}
        return {k: figure_id(NAME, measure + e, ALL, year, by) for k, e in of.items()}

    said = [
        Sentence(
            "{year}: placements will cost about {n}; in eight cases of ten between {low} and "
            "{high}.",
            ends("outturn_gbp", first),
            {"year": first},
        ),
        Sentence(
            "{year}: about {n}, between {low} and {high} in eight cases of ten.",
            ends("outturn_gbp", last),
            {"year": last},
        ),
    ]
    if tested:
        said.append(
            Sentence(
                "Past years: had this been forecast then, such ranges would have held {held} of "
                "{n} outturns; {low} forecasts would have been too low and {high} too high.",
                {k: figure_id(NAME, m, ALL, TESTED) for k, m in PAST.items()},
            )
        )
    if out.net_told:
        said.append(
            Sentence(
                "Net of what others pay, {year} will cost about {n}, between {low} and {high}.",
                ends("net_gbp", first),
                {"year": first},
            )
        )
    for by, words in ((CHILDREN, "children and where they live"), (PRICES, "prices")):
        said.append(
            Sentence(
                "Were only {what} unsure, {year} would lie between {low} and {high}.",
                {k: v for k, v in ends("apart_gbp", first, by).items() if k != "n"},
                {"what": words, "year": first},
            )
        )
    if out.agreed is not None:
        said.append(
            Sentence(
                "Rises agreed from next April cover {covered} of last year's spending, and come "
                "to {agreed} on average.",
                {
                    "covered": figure_id(NAME, "covered_pct", ALL, first),
                    "agreed": figure_id(NAME, "agreed_pct", ALL, first),
                },
            )
        )
    return tuple(said)


def _notes(out: Outturns) -> tuple[str, ...]:
    return (
        "Each possible future of the forecast of demand, with its own children in each placement "
        "type, is paid for at several possible paths of prices. Low and high leave one case "
        "in ten on each side; the wider range, and the middle, are in the table's file.",
        "The price of a week rises each April. How fast is what the study's own years say, weighed "
        "against the rise that its settings expect; the fewer the years, the more the settings "
        "count. Types rise together in part. Who happens to be placed moves the price too, the "
        "more the fewer children there are.",
        "What is agreed for next April, in the uplifts of the study or its settings, is weighed in "
        "as far as it covers a type's spending.",
        "Between two ends of March the number of children goes evenly, with chance around it; the "
        "chapter on provision takes the path that past years took instead.",
        "What others pay is taken to stay the same share of each type's spending.",
        "Money that meets no night in care, and allowances, are not in it: nor are places paid for "
        "and left empty, unless cost lines of a child hold them.",
        *out.unpriced,
    )


@STUDY.followed_by
def budget_risk(data: StudyData) -> Result:
    """Return whether a budget holds, or which one would (``budget_risk``).

    Returns
    -------
    Result
        By year: ``holds_gbp``, the budget that holds in eight cases of ten; where the study gives
        one ``budget_gbp``, ``over_pct`` (cases in which it is overspent) and ``beyond_gbp`` (by
        how much then, on average). Where it gives none, of the last budget of placements known:
        ``planned_gbp`` and ``spent_gbp``.
    """
    out = Outturns.of(data)
    basis, budget = out.spending.basis, data.study.budget
    net = budget.basis == "net" and out.net_told
    draws = out.of_node(out.net if net else out.gross, None) / MILLION
    rows = []
    for at, year in enumerate(out.year_keys):
        holds = float(np.percentile(draws[:, at], HOLDS))
        rows.append({"period": year, "measure": "holds_gbp", "value": holds})
        given = budget.gbp.get(year)
        if given is not None:
            given /= MILLION
            risk = risk_of(draws[:, at], given)
            found = {"budget_gbp": given, "over_pct": risk.over_pct, "beyond_gbp": risk.beyond_gbp}
            rows += [{"period": year, "measure": m, "value": v} for m, v in found.items()]
    last = None if set(budget.gbp) & set(out.year_keys) else last_planned(data, out.spending)
    if last is not None:
        found = {"planned_gbp": last.planned_gbp, "spent_gbp": last.spent_gbp}
        rows += [
            {"period": last.period, "measure": m, "value": v / MILLION} for m, v in found.items()
        ]
    table = long_table(pd.DataFrame(rows))
    table["marker"] = np.where(table["value"].isna(), "z", "")
    return Result(
        name=RISK,
        title="Whether the budget holds",
        subtitle=f"{'Net' if net else 'Gross'} pounds on placements, {basis.study.authority.name}",
        table=table,
        measures=_RISK_MEASURES,
        labels=out.labels,
        source=f"{out.spending.source}; the combined forecast",
        layout=Layout(("measure",), ("period",), tuple(m.key for m in _RISK_MEASURES[:4])),
        text=(*_held(out, set(budget.gbp)), *_last(out, last)),
        notes=_of_budget(out, net),
        settings=out.settings,
        leans_on=out.leans(RISK, table),
    )


def _held(out: Outturns, given: set[str]) -> tuple[Sentence, ...]:
    said = []
    for year in [y for y in out.year_keys if y in given] or out.year_keys[:1]:
        refs = {"holds": figure_id(RISK, "holds_gbp", ALL, year)}
        if year not in given:
            words = "{year}: no budget is given; one of {holds} would hold in eight cases of ten."
            said.append(Sentence(words, refs, {"year": year}))
            continue
        refs |= {
            k: figure_id(RISK, m, ALL, year)
            for k, m in (("budget", "budget_gbp"), ("over", "over_pct"), ("much", "beyond_gbp"))
        }
        said.append(
            Sentence(
                "{year}: a budget of {budget} is overspent in {over} of cases, by {much} on "
                "average then. One of {holds} would hold in eight cases of ten.",
                refs,
                {"year": year},
            )
        )
    return tuple(said)


def _last(out: Outturns, last: Planned | None) -> tuple[Sentence, ...]:
    """Return what became of the last budget of placements known."""
    if last is None:
        return ()
    refs = {k: figure_id(RISK, f"{k}_gbp", ALL, last.period) for k in ("planned", "spent")}
    words = "{year}: the budget of placements planned {planned}, gross; {spent} was spent."
    return (Sentence(words, refs, {"year": out.labels[last.period]}),)


def _of_budget(out: Outturns, net: bool) -> tuple[str, ...]:
    budget = out.spending.basis.study.budget
    said = [
        "A case is one possible future of children and prices. Budgets are those of the study's "
        "settings, [budget] in its file."
    ]
    if not set(budget.gbp) & set(out.year_keys):
        said.append("The settings give no budget for a year ahead.")
    if budget.basis == "net" and not net:
        said.append(
            "The budget is net, but what others pay is for too few children to be told: gross "
            "pounds stand here, and the budget is overspent less often than they say."
        )
    return tuple(said)
