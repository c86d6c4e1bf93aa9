"""Chapter 20: how settled children are: placements in a year, long-term stability, moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, Breakdown, divided
from needs.care.placement_days import days_in_care
from needs.care.results_flows import window_period, with_windows
from needs.care.rows import unavailable, wide_rows
from needs.care.stability import LONG_TERM_RULE, long_term, moves, placements_in_year, three_rule
from needs.care.stay_lengths import KNOWN_SHARE
from needs.care.stays import stay_rule
from needs.vocabulary.codes import code_set
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
)

__all__ = ["long_term_stability", "move_rates", "move_reasons", "placements_a_year"]

PLACEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "one": "One placement",
        "two": "Two placements",
        "three_plus": "Three or more placements",
    }
)
SETTLED: Mapping[str, str] = MappingProxyType(
    {
        "stable": "In the same placement for two years, or placed for adoption",
        "moved": "Moved within the last two years",
    }
)
MOVES = Measure("moves_n", "Moves", "episodes")
RATES = "cla_moves"
_YEAR = 365.25


def placements_a_year(data: StudyData) -> Result:
    """Return the stock by the number of placements in the year (``cla_placements_a_year``)."""
    basis = with_windows(data)
    stock = basis.stock()
    counts = placements_in_year(basis.records, stock, basis.scope)
    by = pd.Categorical.from_codes(
        (np.minimum(counts, len(PLACEMENTS)) - 1).tolist(), categories=pd.Index(list(PLACEMENTS))
    )
    spec = Breakdown(
        name="cla_placements_a_year",
        title="Placements in the year",
        subtitle=basis.stock_subtitle(
            "Children looked after on the day, by placements in the year"
        ),
        everyone=f"all {basis.label}",
        labels=PLACEMENTS,
        periods=basis.date_labels,
        rule=three_rule(basis.study.counting),
        notes=(stay_rule(basis.study.counting), COUNTING_RULE),
        focus="three_plus",
        chart="Placements in the year",
    )
    return divided(basis, stock["period"].array, by, spec)


def long_term_stability(data: StudyData) -> Result:
    """Return how many of those long in care are settled (``cla_long_term_stability``).

    Returns
    -------
    Result
        On each day for which the records go back far enough: children under 16 looked after
        for 2.5 years, by whether they have been in the same placement for two.
    """
    basis = with_windows(data)
    stock = basis.stock()
    found = long_term(basis.records, stock, basis.scope)
    period = pd.Series(stock["period"].array)
    doubt = found.groupby(period, observed=False)[["base", "unsure"]].sum()
    told = doubt.index[doubt["unsure"] <= (1 - KNOWN_SHARE) * (doubt["base"] + doubt["unsure"])]
    name, title = "cla_long_term_stability", "Long-term stability"
    days = [d for d in basis.date_keys if d in set(told)]
    what = f"Children long in care on the day, {basis.study.authority.name}"
    subtitle = ", ".join(
        [what, " to ".join(basis.date_labels[d] for d in dict.fromkeys([*days[:1], *days[-1:]]))]
    )
    if not days:
        why = "The records do not go back far enough to say who has been in care for so long."
        return unavailable(basis, name, title, what, CHILDREN, why)
    keep = found["base"].to_numpy() & period.isin(days).to_numpy()
    by = pd.Categorical(
        np.where(found["stable"][keep], "stable", "moved"), categories=list(SETTLED)
    )
    spec = Breakdown(
        name=name,
        title=title,
        subtitle=subtitle,
        everyone="all children long in care",
        labels=SETTLED,
        periods={d: basis.date_labels[d] for d in days},
        rule=LONG_TERM_RULE,
        notes=(
            "DfE's wording before 2022 is of the placement, and since then of the carer. Changes "
            "of placement with the same carer are no move here, so that both come to the same.",
            stay_rule(basis.study.counting),
            *(
                ("Days before which the records do not go back far enough are left out.",)
                if len(days) < len(basis.date_keys)
                else ()
            ),
        ),
        focus="stable",
        chart="Children long in care, by whether they are settled",
    )
    return divided(basis, pd.Categorical(period[keep], categories=days), by, spec)


def move_rates(data: StudyData) -> Result:
    """Return moves, and moves for each year a child spends in care (``cla_moves``)."""
    basis = with_windows(data)
    windows = basis.shown.windows
    frame = moves(basis.records, windows, basis.scope)
    n = np.bincount(frame["window"], minlength=len(windows))
    movers = frame.drop_duplicates(["window", "child"])["window"]
    years = days_in_care(basis.records, windows, basis.scope) / _YEAR
    wide = pd.DataFrame(
        {
            "period": basis.window_keys,
            "moves_n": n,
            "movers_n": np.bincount(movers, minlength=len(windows)),
            "care_years": years,
            "moves_a_year": np.divide(n, years, out=np.full(len(n), np.nan), where=years > 0),
        }
    )
    key = basis.window_keys[-1]
    return Result(
        name=RATES,
        title="Moves from placement to placement",
        subtitle=basis.flow_subtitle("Moves in the year"),
        table=wide_rows(wide, ["period"]),
        measures=(
            MOVES,
            Measure("movers_n", "Children who moved", "children"),
            Measure("care_years", "Years that all children spent in care", "years"),
            Measure(
                "moves_a_year", "Moves for each year in care", "ratio", "", ("moves_n", "movers_n")
            ),
        ),
        labels={ALL: f"All {basis.label}", **basis.window_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=(
            Sentence(
                "{year}: {movers} children moved, {moves} times in all, which is {rate} moves "
                "for each year a child spends in care.",
                {
                    "movers": figure_id(RATES, "movers_n", ALL, key),
                    "moves": figure_id(RATES, "moves_n", ALL, key),
                    "rate": figure_id(RATES, "moves_a_year", ALL, key),
                },
                {"year": basis.window_labels[key]},
            ),
        )
        if years[-1]
        else (),
        charts=_rate_chart(basis) if len(windows) > 1 else (),
        notes=(
            "A move is the start of another placement within a period of care.",
            stay_rule(basis.study.counting),
            *basis.shown.notes,
        ),
        settings=basis.settings(),
    )


def _rate_chart(basis: Basis) -> tuple[Chart, ...]:
    return (
        Chart(
            key="rate",
            kind="line",
            measure="moves_a_year",
            title="Moves for each year in care",
            subtitle=basis.flow_subtitle("Moves for each year that a child spends in care"),
            alt="Line chart of moves for each year in care, one point for each reporting year.",
        ),
    )


def move_reasons(data: StudyData) -> Result:
    """Return moves in each year by the reason given (``cla_move_reason``)."""
    basis = with_windows(data)
    frame = moves(basis.records, basis.shown.windows, basis.scope)
    words = {c: w[:1].upper() + w[1:] for c, w in code_set("REASON_PLACE_CHANGE").labels.items()}
    by = pd.Categorical(frame["reason"].astype(object), categories=list(words))
    spec = Breakdown(
        name="cla_move_reason",
        title="Reasons for moves",
        subtitle=basis.flow_subtitle("Moves in the year, by reason"),
        everyone="all moves",
        labels=words,
        periods=basis.window_labels,
        rule="The reason stands on the episode that ended by the move.",
        notes=(stay_rule(basis.study.counting),),
        counted=MOVES,
        chart="Reasons for moves",
    )
    made = divided(basis, window_period(basis, frame), by, spec)
    blank = bool(by.codes.size and (by.codes < 0).any())
    return replace(
        made,
        checks=(
            Check(
                "Every move has a reason",
                "review" if blank else "pass",
                "some have none: see the row of those not recorded" if blank else "all have one",
            ),
        ),
    )
