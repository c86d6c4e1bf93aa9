"""Chapter 70: homes that are to open, whether they would save, and what that hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.care.windows import day_words
from needs.sufficiency.invest import INPUTS
from needs.sufficiency.invest_beside import homes_beside, leant
from needs.sufficiency.invest_outcome import LEVEL, Outcome, outcome, summary
from needs.sufficiency.invest_plan import Planned, following
from needs.sufficiency.invest_words import (
    NO_CERTAINTY,
    in_futures,
    labels_of,
    shared,
    subtitle_of,
    with_ranges,
)
from needs.sufficiency.results_invest_years import swings_of, years_of
from needs.vocabulary.kin import STUDY
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.study_invest import ENDS, Home
from needs.vocabulary.units import printed

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["homes_to_open"]

LISTED, INPUTS_NAME, NAME = "invest_listed", "invest_inputs", "invest_homes"

_MEASURES = (
    Measure("beds_n", "Beds", "places"),
    Measure("children_n", "Children in them in a full year, on average", "children_mean"),
    Measure("capital_gbp_k", "Capital, match funding taken off", "gbp_k"),
    Measure("saving_gbp_k_year", "Saved in a full year", "gbp_k"),
    Measure("saving_low_gbp_k_year", "Saved, every input at its worse end", "gbp_k"),
    Measure("saving_high_gbp_k_year", "Saved, every input at its better end", "gbp_k"),
    Measure("break_even_pct", "Beds taken at which a year saves nothing", "percent"),
    Measure("pays_back_pct", "Beds taken at which the capital just comes back", "percent"),
    Measure("payback_years", "Years until the money is back", "years"),
    Measure("discounted_years", "Years until it is back, discounted", "years"),
    Measure("npv_gbp_k", "Net present value", "gbp_k"),
    Measure("saves_pct", "Futures drawn in which a full year saves", "percent"),
    Measure("pays_pct", "Futures drawn in which the capital comes back", "percent"),
)
_RANGED = {"saving_gbp_k_year": "saving_high_gbp_k_year", "npv_gbp_k": "npv_gbp_k"}
"""Measure with a range -> measure after which the range stands."""
_STATED = (
    Measure("beds_n", "Beds", "places"),
    Measure("match_gbp_k", "Match funding", "gbp_k"),
    Measure("ramp_months", "Months until settled", "months"),
    Measure("costed_at_pct", "Beds taken that its own cost was worked out for", "percent"),
)


@STUDY.followed_by
def homes_to_open(data: StudyData) -> tuple[Result, ...]:
    """Return what the homes of ``[investment]`` would cost and save.

    Nothing where the study has none.

    Parameters
    ----------
    data : StudyData
        Where a price, or how many children could move, is not stated, it is taken from cost lines
        and returns; where it is, what they say stands beside it.

    Returns
    -------
    tuple of Result
        ``invest_listed``: the homes, and where their figures stand; ``invest_inputs``: low, central
        and high of each input; ``invest_homes``: saving in a full
        year, break-even occupancy, payback, net present value and chances, of each home and of
        all; ``invest_swings``: present value with one input at either end; ``invest_years``: money
        by year.
    """
    planned = Planned.of(data)
    if planned is None:
        return ()

    def lived() -> Outcome:
        rng = np.random.default_rng([data.study.seed, 70, 5])
        return outcome(planned.plan, rng, data.study.investment.draws)

    found = data.once("homes lived", lived)
    of = (*planned.paid, *planned.counted)
    return (
        _listed(data, planned),
        following(_inputs(data, planned), planned.paid),
        following(_homes(data, planned, found), of),
        following(swings_of(data, planned, found), of),
        following(years_of(data, planned, found), of),
    )


def _listed(data: StudyData, planned: Planned) -> Result:
    schemes, types = planned.plan.schemes, {t.key: t.label for t in data.study.categories.types}
    wide = pd.DataFrame(
        {
            "group": [s.home.key for s in schemes],
            "beds_n": [float(s.home.beds) for s in schemes],
            "match_gbp_k": [s.home.match_gbp / 1000 for s in schemes],
            "ramp_months": [s.home.ramp_months for s in schemes],
            "costed_at_pct": [s.home.costed_at_pct for s in schemes],
        }
    )
    return Result(
        name=LISTED,
        title="Homes that are to open",
        subtitle=subtitle_of(data, planned, "What the study file states"),
        table=wide_rows(wide, ["group"]),
        measures=_STATED,
        labels=labels_of(planned, group="Home"),
        layout=Layout(("group",), ("measure",)),
        row_notes={
            "Takes the place of": {s.home.key: _replaced(s.home, types) for s in schemes},
            "Open from": {s.home.key: _when(s.home) for s in schemes},
        },
        checks=(_sourced(planned),),
        notes=(
            "Nobody has counted these: they are what the study file states, and what a reader "
            "should ask about first.",
            *(f"{s.home.label}: {_sources(s.home)}." for s in schemes if _sources(s.home)),
        ),
        **shared(data, (), ()),
    )


def _inputs(data: StudyData, planned: Planned) -> Result:
    rows = [
        {"group": s.home.key, "measure": i.key, "by": end, "value": getattr(r, end)}
        for s in planned.plan.schemes
        for i in INPUTS
        for r in (s.range(i.key),)
        if r.low or r.high
        for end in ENDS
    ]
    beside = homes_beside(data, [s.home for s in planned.plan.schemes])
    ends = dict(zip(ENDS, ("Low", "Central", "High"), strict=True))
    return Result(
        name=INPUTS_NAME,
        title="What is not known for certain",
        subtitle=subtitle_of(data, planned, "Low, central and high of each input"),
        table=long_table(pd.DataFrame(rows)),
        measures=tuple(Measure(i.key, i.words, i.unit) for i in INPUTS),
        labels=labels_of(planned, **ends, group="Home", measure="Input"),
        layout=Layout(("group", "measure"), ("by",)),
        checks=beside,
        notes=(
            "Inputs that are nought are left out. A price without a stated source is the study's "
            "own unit cost, in the chapter on costs. Own records beside what is stated are of all "
            "placements of the type, whatever their route.",
        ),
        **shared(data, (*planned.paid, *leant(beside)), ()),
    )


def _replaced(home: Home, types: Mapping[str, str]) -> str:
    words = types[home.replaces_type]
    return f"{words}, {home.replaces_route}" if home.replaces_route else words


def _when(home: Home) -> str:
    until = f" until {day_words(home.closes)}" if home.closes else ""
    return f"{day_words(home.opens)}{until}"


def _sources(home: Home) -> str:
    given = (home.source, f"price: {home.price_source}" if home.price_source else "")
    return "; ".join(w for w in given if w)


def _sourced(planned: Planned) -> Check:
    lacking = sum(not s.home.source for s in planned.plan.schemes)
    return Check(
        "Every home says where its figures stand",
        "review" if lacking else "pass",
        f"homes without a source: {lacking} of {len(planned.plan.schemes)}",
    )


def _homes(data: StudyData, planned: Planned, found: Outcome) -> Result:
    keys = (ALL, *planned.plan.keys) if len(planned.plan.keys) > 1 else planned.plan.keys
    told = pd.DataFrame({key: summary(found, key) for key in keys}).T
    money = told.columns.str.startswith(("saving", "npv", "capital"))
    told.loc[:, money] /= 1000
    wide = pd.DataFrame(
        {
            "group": keys,
            **{m.key: told[_COLUMN.get(m.key, m.key)].to_numpy() for m in _MEASURES},
        }
    )
    table = wide_rows(wide, ["group"])
    for measure, base in (("saving_gbp_k_year", "saving"), ("npv_gbp_k", "npv")):
        mine = table["measure"] == measure
        for end in ("lower", "upper"):
            table.loc[mine, f"{end}_80"] = told[f"{base}_{end}"].to_numpy()
    labels = labels_of(planned, measure="Of the homes")
    return Result(
        name=NAME,
        title="Would the homes save?",
        subtitle=subtitle_of(data, planned, "A full year, payback and present value"),
        table=table,
        measures=_MEASURES,
        labels=labels,
        layout=Layout(("measure",), ("group",), with_ranges(_MEASURES, _RANGED)),
        text=_said(told, labels),
        notes=_notes(data, planned),
        **shared(data, planned.paid, planned.counted),
    )


_COLUMN = {
    "capital_gbp_k": "capital_gbp",
    "npv_gbp_k": "npv_gbp",
    "saving_gbp_k_year": "saving_central",
    "saving_low_gbp_k_year": "saving_low",
    "saving_high_gbp_k_year": "saving_high",
}


def _said(told: pd.DataFrame, labels: Mapping[str, str]) -> tuple[Sentence, ...]:
    def of(key: str, **measures: str) -> dict[str, str]:
        return {word: figure_id(NAME, m, key) for word, m in measures.items()}

    first = str(told.index[0])
    share, more = in_futures(float(told["saves_pct"].iloc[0]), "chance")
    said = [
        Sentence(
            "{homes}: a full year saves {central}, between {low} with every input at its worse end "
            "and {high} with every one at its better. Four futures in five lie between {lower} and "
            f"{{upper}}; it saves {share}.",
            of(
                first,
                **dict.fromkeys(more, "saves_pct"),
                central="saving_gbp_k_year",
                low="saving_low_gbp_k_year",
                high="saving_high_gbp_k_year",
                lower="saving_gbp_k_year_lower_80",
                upper="saving_gbp_k_year_upper_80",
            ),
            {"homes": labels[first]},
        )
    ]
    for key in map(str, told.index):
        row = told.loc[key]
        if np.isnan(row["break_even_pct"]):
            said.append(
                Sentence(
                    "{homes}: a year saves nothing however many beds are taken.",
                    {},
                    {"homes": labels[key]},
                )
            )
            continue
        back = not np.isnan(row["payback_years"]) and not np.isnan(row["pays_back_pct"])
        words = (
            "the capital is back after {years} years, and comes back at all from {all} of them."
            if back
            else "the capital does not come back in the years looked at."
        )
        ends = {"years": "payback_years", "all": "pays_back_pct"} if back else {}
        said.append(
            Sentence(
                "{homes}: a year pays for itself from {even} of the beds taken; "
                + words
                + " The net present value is {npv}.",
                of(key, even="break_even_pct", npv="npv_gbp_k", **ends),
                {"homes": labels[key]},
            )
        )
    return tuple(said)


def _notes(data: StudyData, planned: Planned) -> tuple[str, ...]:
    given = data.study.investment
    falls = (
        ", half a point less after year 30 and again after year 75"
        if (given.discount_falls and given.life_years > 31)
        else ""
    )
    return (
        "A full year is the first in which the home is open and settled all year long. A year's "
        "saving is the price of the placements that the children would have been in, less what "
        "the home costs to run; capital is apart.",
        f"Present value: {given.life_years} years from {planned.plan.terms.first}, the first not "
        f"discounted, at {printed(given.discount_pct, 'percent1')} a year over general prices"
        f"{falls} (HM Treasury, The Green Book, 2022).",
        "Payback is counted from the start of the first year. A z stands where the money is never "
        "back in the years looked at, or where no occupancy would do.",
        f"Futures drawn: {given.draws:,}. Each input is drawn from low to high, the central "
        "value likeliest (PERT); pay is one for all homes and a price one for all that replace the "
        f"type. Ranges are {printed(100 * LEVEL, 'percent')}. {NO_CERTAINTY}",
        *planned.plan.notes,
        "What is replaced is taken to be needed at its price in every year looked at: over many "
        "years that is the boldest assumption, and no range here holds it.",
        "Children who need such a home but cannot be matched with those in it, staff who cannot be "
        "found, and prices that fall when fewer places are bought, are in none of these.",
    )
