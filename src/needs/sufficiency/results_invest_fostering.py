"""Chapter 70: whether recruiting foster carers saves, and a rise of what all are paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.appraisal import payback
from needs.sufficiency.invest import CHILDREN
from needs.sufficiency.invest_beside import carers_beside, leant
from needs.sufficiency.invest_fostering import (
    FOSTERING,
    Carers,
    Fostering,
    carers,
    households_needed,
)
from needs.sufficiency.invest_outcome import LEVEL, Swing, chosen_ends
from needs.sufficiency.invest_plan import following, pool_of, price_of, terms_of
from needs.sufficiency.invest_words import NO_CERTAINTY, in_futures, shared, with_ranges
from needs.sufficiency.results_swings import tornado
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
from needs.vocabulary.study_invest import ENDS, FosteringPlan
from needs.vocabulary.units import printed

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["carers_to_recruit"]

INPUTS_NAME, NAME, SWINGS = "invest_carer_inputs", "invest_carers", "invest_carer_swings"

_MEASURES = (
    Measure("households_n", "Households more than at the start, in the end", "households"),
    Measure("children_n", "Children more with our carers, in the end", "children_forecast"),
    Measure("saving_gbp_k_year", "Saved in a full year", "gbp_k"),
    Measure("saving_low_gbp_k_year", "Saved, every input at its worse end", "gbp_k"),
    Measure("saving_high_gbp_k_year", "Saved, every input at its better end", "gbp_k"),
    Measure("payback_years", "Years until the money is back", "years"),
    Measure("npv_gbp_k", "Net present value", "gbp_k"),
    Measure("saves_pct", "Futures drawn in which a full year saves", "percent"),
    Measure("pays_pct", "Futures drawn in which all that is paid comes back", "percent"),
    Measure("rise_gbp_k_year", "What the rise costs a year, all carers of today", "gbp_k"),
    Measure("each_gbp_k_year", "What one household more saves a year", "gbp_k"),
    Measure(
        "needed_n",
        "Households that the rise must bring or keep to pay for itself",
        "households",
    ),
    Measure("needed_children_n", "Children who must live with them", "children_forecast"),
)

_RANGED = {"saving_gbp_k_year": "saving_high_gbp_k_year", "npv_gbp_k": "npv_gbp_k"}
"""Measure with a range -> measure after which the range stands."""


@STUDY.followed_by
def carers_to_recruit(data: StudyData) -> tuple[Result, ...]:
    """Return what recruiting carers and paying all of them more would cost and save.

    Nothing where the study has no ``[investment.fostering]``.

    Parameters
    ----------
    data : StudyData
        Where a price, or how many children could move, is not stated, it is taken from cost lines
        and returns; where it is, what they say stands beside it.

    Returns
    -------
    tuple of Result
        ``invest_carer_inputs``: low, central and high of each input; ``invest_carers``: a full
        year, present value, chances, and how many households the rise must bring to pay for
        itself; ``invest_carer_swings``: present value with one input at either end.
    """
    plan = data.study.investment.fostering
    if plan is None:
        return ()
    terms = terms_of(data)
    price, paid = price_of(data, plan)
    pool, words, counted = pool_of(data, plan.replaces_type, terms, _most(plan))
    fostering = Fostering(plan, terms, price, pool)
    on = (*paid, *counted)
    label = {t.key: t.label for t in data.study.categories.types}[plan.replaces_type]

    def common(*ids: tuple[str, ...]) -> dict[str, Any]:
        return {
            **shared(data, *ids),
            "labels": {ALL: plan.label},
            "scope": "Children who live with foster carers, the authority's own or an agency's.",
        }

    place = f"{{}}, {data.study.authority.name}, prices of {terms.first}"
    both, beside = common(paid, counted), carers_beside(data, plan)
    return (
        following(_inputs(fostering, place, common((*paid, *leant(beside)), ()), beside), paid),
        following(_outcome(data, fostering, place, both, words.format(label=label)), on),
        following(_swings(fostering, place, both), on),
    )


def _inputs(
    fostering: Fostering, place: str, common: dict[str, Any], beside: tuple[Check, ...]
) -> Result:
    plan = fostering.plan
    rows = [
        {"measure": i.key, "by": end, "value": getattr(r, end)}
        for i in FOSTERING
        for r in (fostering.range(i.key),)
        if r.low or r.high
        for end in ENDS
    ]
    stated = {"carers_n": plan.carers_n, "with_us_n": plan.children_n, "years_n": plan.years}
    rows += [{"measure": k, "by": "central", "value": float(v)} for k, v in stated.items()]
    ends = dict(zip(ENDS, ("Low", "Central", "High"), strict=True))
    said = "; ".join(
        w for w in (plan.source, f"price: {plan.price_source}" if plan.price_source else "") if w
    )
    return Result(
        name=INPUTS_NAME,
        title="Recruiting foster carers: what is assumed",
        subtitle=place.format("Low, central and high of each input"),
        table=long_table(pd.DataFrame(rows)),
        measures=(
            Measure("carers_n", "Households at the start", "households"),
            Measure("with_us_n", "Children with them at the start", "children_forecast"),
            Measure("years_n", "Years of recruiting", "count"),
            *(Measure(i.key, i.words, i.unit) for i in FOSTERING),
        ),
        layout=Layout(("measure",), ("by",)),
        checks=beside,
        notes=(
            f"Stated in: {said}." if said else "The study file does not say where they stand.",
            "Nobody has counted these: they are what the study file states. Inputs that are nought "
            "are left out.",
        ),
        **{**common, "labels": {**common["labels"], **ends, "measure": "Input"}},
    )


def _most(plan: FosteringPlan) -> float:
    """Return the most children whom carers could take from agencies."""
    households = max(plan.recruited_a_year.high - plan.left_a_year.low, 0.0) * plan.years
    return households * plan.places_per_carer.high * plan.filled_pct.high / 100


def _full_year(fostering: Fostering) -> int:
    """Return the place of the first year after recruiting has ended."""
    ends = fostering.terms.at(fostering.plan.starts) + fostering.plan.years
    return int(min(np.ceil(ends - 1e-9), len(fostering.terms.factors) - 1))


def _moved(fostering: Fostering) -> dict[tuple[str, str], Carers]:
    """Return what comes of it with one input moved to either end, others central."""
    base = fostering.values("central")
    limit = None if fostering.pool is None else fostering.pool.central[None, :]
    found = {
        (i.key, end): carers(fostering, base | {i.key: fostering.values(end)[i.key]}, limit)
        for i in FOSTERING
        for end in ("low", "high")
        if not fostering.range(i.key).certain
    }
    pool = fostering.pool
    if pool is not None and (pool.low != pool.high).any():
        for end in ("low", "high"):
            found[CHILDREN.key, end] = carers(fostering, base, getattr(pool, end)[None, :])
    return found


def _ends(fostering: Fostering, year: int) -> tuple[float, float]:
    """Return what a full year saves with every input at its worse end, and at its better."""
    moved = {key: float(c.net[0, year]) for key, c in _moved(fostering).items()}
    out = []
    for better in (False, True):
        values, pool = dict(fostering.values("central")), fostering.pool
        limit = None if pool is None else pool.central[None, :]
        for name, end in chosen_ends(moved, better=better).items():
            if name == CHILDREN.key:
                limit = getattr(pool, end)[None, :]
            else:
                values[name] = fostering.values(end)[name]
        out.append(float(carers(fostering, values, limit).net[0, year]))
    return out[0], out[1]


def _whole(needed: float) -> float:
    """Return how many are needed at least, whole: one more where a part is."""
    return float(np.ceil(needed - 1e-9))


def _numbers(data: StudyData, fostering: Fostering) -> dict[str, Any]:
    """Return every number of the result, and its bounds, in pounds."""
    year, factors = _full_year(fostering), fostering.terms.factors
    values = fostering.values("central")
    limit = None if fostering.pool is None else fostering.pool.central[None, :]
    central = carers(fostering, values, limit)
    rng = np.random.default_rng([data.study.seed, 70, 6])
    many = carers(fostering, *fostering.drawn(rng, data.study.investment.draws))
    saved, worth = many.net[:, year], many.net @ factors
    needed = {k: float(v[0]) for k, v in households_needed(fostering, values).items()}
    low, high = _ends(fostering, year)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return {
        "households_n": float(central.households[0, year]),
        "children_n": float(central.children[0, year]),
        "saving_gbp_k_year": float(central.net[0, year]) / 1000,
        "saving_low_gbp_k_year": low / 1000,
        "saving_high_gbp_k_year": high / 1000,
        "payback_years": payback(central.net[0]),
        "npv_gbp_k": float(central.net[0] @ factors) / 1000,
        "saves_pct": 100 * float((saved > 0).mean()),
        "pays_pct": 100 * float((worth > 0).mean()),
        "rise_gbp_k_year": needed["cost"] / 1000,
        "each_gbp_k_year": needed["saved"] / 1000,
        # Nobody recruits a part of a household: one fewer would not do.
        "needed_n": _whole(needed["households"]),
        "needed_children_n": _whole(needed["children"]),
        "bounds": {
            "saving_gbp_k_year": np.quantile(saved, tails) / 1000,
            "npv_gbp_k": np.quantile(worth, tails) / 1000,
        },
    }


def _outcome(
    data: StudyData, fostering: Fostering, place: str, common: dict[str, Any], limit: str
) -> Result:
    numbers = _numbers(data, fostering)
    bounds = numbers.pop("bounds")
    table = wide_rows(pd.DataFrame([{"group": ALL, **numbers}]), ["group"])
    for measure, (low, high) in bounds.items():
        table.loc[table["measure"] == measure, ["lower_80", "upper_80"]] = low, high
    given = data.study.investment
    return Result(
        name=NAME,
        title="Would more foster carers save?",
        subtitle=place.format("A full year, present value, and the rise that all carers are paid"),
        table=table,
        measures=_MEASURES,
        layout=Layout(("measure",), (), with_ranges(_MEASURES, _RANGED)),
        text=_said(numbers),
        notes=(
            "A full year is the first after recruiting has ended. Households come and go evenly in "
            "the years of recruiting; who comes and leaves after that is taken to be as many.",
            "What is saved is the price of agencies for children gained, less what our carers are "
            "paid with the rise, support, approvals, and the rise for every child of today.",
            "The rise must bring or keep so many households that would not be there without it: "
            "which would have come or stayed anyway is not known.",
            f"Present value: {given.life_years} years at "
            f"{printed(given.discount_pct, 'percent1')} (HM Treasury, The Green Book, 2022); "
            f"{given.draws:,} futures drawn, each input by itself (PERT). {NO_CERTAINTY}",
            limit,
        ),
        **{**common, "labels": {**common["labels"], "measure": "Of the plan"}},
    )


def _said(numbers: dict[str, Any]) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return figure_id(NAME, measure)

    saves, of_saves = in_futures(numbers["saves_pct"], "saves_n")
    pays, of_pays = in_futures(numbers["pays_pct"], "pays_n")
    said = [
        Sentence(
            "With {n} households more, for {children} children, a full year saves {central}: "
            f"between {{lower}} and {{upper}} in four futures of five; it saves {saves}. The net "
            "present value is {npv}, between {worth_low} and {worth_high} in four futures of "
            f"five; all that is paid comes back {pays}.",
            {
                "n": ref("households_n"),
                "children": ref("children_n"),
                "central": ref("saving_gbp_k_year"),
                "lower": ref("saving_gbp_k_year_lower_80"),
                "upper": ref("saving_gbp_k_year_upper_80"),
                "npv": ref("npv_gbp_k"),
                "worth_low": ref("npv_gbp_k_lower_80"),
                "worth_high": ref("npv_gbp_k_upper_80"),
                **{word: ref("saves_pct") for word in of_saves},
                **{word: ref("pays_pct") for word in of_pays},
            },
        )
    ]
    if not np.isnan(numbers["needed_n"]) and numbers["rise_gbp_k_year"] > 0:
        said.append(
            Sentence(
                "The rise costs {cost} a year for the carers of today. One household more saves "
                "{each} a year, so that the rise pays for itself once it brings or keeps {n} "
                "households that would not be there without it.",
                {
                    "cost": ref("rise_gbp_k_year"),
                    "each": ref("each_gbp_k_year"),
                    "n": ref("needed_n"),
                },
            )
        )
    return tuple(said)


def _swings(fostering: Fostering, place: str, common: dict[str, Any]) -> Result:
    factors = fostering.terms.factors
    worth = {key: float(c.net[0] @ factors) for key, c in _moved(fostering).items()}
    names = dict.fromkeys(name for name, _ in worth)
    found = [Swing(ALL, name, worth[name, "low"], worth[name, "high"]) for name in names]
    limit = None if fostering.pool is None else fostering.pool.central[None, :]
    central = carers(fostering, fostering.values("central"), limit)
    return tornado(
        SWINGS,
        "more foster carers",
        sorted(found, key=lambda s: -abs(s.high - s.low)),
        {ALL: float(central.net[0] @ factors)},
        {i.key: i.words for i in (*FOSTERING, CHILDREN)},
        place,
        common,
    )
