"""What the study file states of a plan, beside what the study's own records say of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from needs.costs.kin import spent_on
from needs.costs.spending import Spending
from needs.sufficiency.invest_plan import week_of
from needs.vocabulary.errors import InputMissing, ModelError
from needs.vocabulary.results import Check
from needs.vocabulary.units import printed

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData
    from needs.vocabulary.study import Categories
    from needs.vocabulary.study_invest import FosteringPlan, Home, Range

__all__ = ["carers_beside", "homes_beside", "leant"]

LIVED = "children_mean"
STATED = {LIVED: "children_forecast"}
"""Unit of what is counted -> of what is stated, where children are stated whole."""


@dataclass(frozen=True)
class _Own:
    """What the last year of a study's own records says of a placement type.

    Parameters
    ----------
    year : str
        In words.
    label : str
        Of the type.
    week : float or None
        Gross pounds of a week; None where none was paid for.
    lived : float
        Children who lived there at a time, on average.
    on : tuple of str
        Figure ids of the counts of children that these are of.
    """

    year: str
    label: str
    week: float | None
    lived: float
    on: tuple[str, ...]


def _own(data: StudyData, kinds: Iterable[str]) -> dict[str, _Own]:
    """Return what own records say of placement types; nothing where there are none."""
    try:
        spending = Spending.of(data)
    except (InputMissing, ModelError):
        return {}
    key, nights = spending.basis.window_keys[-1], spending.nights_by_type()
    labels = {t.key: t.label for t in data.study.categories.types}
    return {
        kind: _Own(
            spending.labels[key],
            labels[kind],
            week_of(spending, kind),
            float(nights.loc[kind].iloc[-1] / spending.length[-1]),
            spent_on(kind, key),
        )
        for kind in dict.fromkeys(kinds)
        if kind in nights.index
    }


def homes_beside(data: StudyData, homes: Sequence[Home]) -> tuple[Check, ...]:
    """Return checks of the prices, and of the children who could move, that are stated.

    Parameters
    ----------
    data : StudyData
    homes : sequence of Home

    Returns
    -------
    tuple of Check
        One for each type replaced and thing stated, to be reviewed where own records lie outside
        what is stated. It leans on the counts of children that these are of.
    """
    counts = data.study.investment.children_n
    found = []
    for kind, own in _own(data, [h.replaces_type for h in homes]).items():
        prices = [h.price_gbp_week for h in homes if h.replaces_type == kind]
        found += _price(own, "Price", [p for p in prices if p is not None])
        found += _lived(own, [counts[kind]] if kind in counts else [])
    return tuple(found)


def carers_beside(data: StudyData, plan: FosteringPlan) -> tuple[Check, ...]:
    """Return the same of a plan for carers: the agencies' price, and own carers' pay and children.

    Notes
    -----
    Own carers are of the in-house type that has the DfE placement codes of the type replaced.
    """
    kinds = [plan.replaces_type, *_inside(data.study.categories, plan.replaces_type)]
    own = _own(data, kinds)
    found = []
    if plan.replaces_type in own and plan.price_gbp_week is not None:
        found += _price(own[plan.replaces_type], "Price", [plan.price_gbp_week])
    for kind in kinds[1:]:
        if kind in own:
            found += _price(own[kind], "Pay", [plan.fee_gbp_week])
            found.append(_check(own[kind], "Children", own[kind].lived, LIVED, [plan.children_n]))
    return tuple(found)


def leant(checks: Sequence[Check]) -> tuple[str, ...]:
    """Return the counts that checks lean on: a result that has any tells of the study's records."""
    return tuple(i for c in checks for i in c.leans_on)


def _inside(categories: Categories, kind: str) -> list[str]:
    codes: Mapping[str, set[str]] = {t.key: set() for t in categories.types}
    for rule in categories.rules:
        codes[rule.type].update(rule.place)
    own = [t.key for t in categories.types if t.sector == "in_house"]
    return [k for k in own if k != kind and codes[k] and codes[k] == codes[kind]]


def _price(own: _Own, what: str, stated: Sequence[Range]) -> list[Check]:
    if own.week is None or not stated:
        return []
    return [_check(own, f"{what} of a week", own.week, "gbp_week", _ends(stated))]


def _lived(own: _Own, stated: Sequence[Range]) -> list[Check]:
    return [_check(own, "Children", own.lived, LIVED, _ends(stated))] if stated else []


def _ends(stated: Sequence[Range]) -> list[float]:
    return [end for r in stated for end in (r.low, r.high)]


def _check(own: _Own, what: str, counted: float, unit: str, stated: Sequence[float]) -> Check:
    """Return a check that what was counted lies in what is stated."""
    low, high = (printed(end(stated), STATED.get(unit, unit)) for end in (min, max))
    said = low if low == high else f"{low} to {high}"
    inside = min(stated) <= counted <= max(stated) or printed(counted, STATED.get(unit, unit)) in {
        low,
        high,
    }
    return Check(
        f"{what} as stated and as counted: {own.label}",
        "pass" if inside else "review",
        f"stated: {said}; own records of {own.year}, on average: {printed(counted, unit)}",
        own.on,
    )
