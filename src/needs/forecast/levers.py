"""Scenarios: named changes of rates and plans, from a day on, at once or step by step.

A lever takes hold at ``start`` (the origin where not given) and is in full force at ``end`` (at
once where not given); between them it grows in equal steps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from needs.vocabulary.errors import Fault, ModelError

if TYPE_CHECKING:
    from needs.forecast.flow.model import FlowModel

__all__ = [
    "Entries",
    "Exits",
    "Lever",
    "Opening",
    "Share",
    "StepDown",
    "UascThreshold",
    "check_levers",
]

Complaint = tuple[str, str]
"""Rule and mend."""


@dataclass(frozen=True)
class Entries:
    """More or fewer children come into care.

    Parameters
    ----------
    change : float
        Per cent: a year, compounding until ``end``, where ``each_year``; else once.
    who : str
        ``all``, ``others`` or ``uasc``.
    each_year : bool
    start, end : datetime.date, optional
    """

    change: float
    who: Literal["all", "others", "uasc"] = "all"
    each_year: bool = True
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, _: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = []
        if not -100 <= self.change <= 200:
            rules.append(("entries change by a share that cannot be", "give -100 to 200 per cent"))
        if self.who not in ("all", "others", "uasc"):
            rules.append(("nobody of that name comes into care", "say all, others or uasc"))
        return rules


@dataclass(frozen=True)
class Exits:
    """Children leave care sooner or later.

    Parameters
    ----------
    factor : float, optional
        What rates of leaving before 18 are multiplied by.
    level_of : int, optional
        Reporting year, by the calendar year in which it ends, whose level comes back.
    places : tuple of str
        Placement types meant; all where empty.
    start, end : datetime.date, optional
    """

    factor: float | None = None
    level_of: int | None = None
    places: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, model: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = _unknown(model, self.places)
        if (self.factor is None) == (self.level_of is None):
            rules.append(("exits have both or neither of factor and year", "give one of them"))
        if self.factor is not None and not 0 <= self.factor <= 10:
            rules.append(("exits change by a factor that cannot be", "give a factor of 0 to 10"))
        if self.level_of is not None and model.past_level(self.level_of) is None:
            rules.append(("the level of exits of that year is not known", "give a year returned"))
        return rules


@dataclass(frozen=True)
class StepDown:
    """A plan to move so many children a year, such as from homes to foster care.

    Parameters
    ----------
    a_year : float
        Children moved in a year, beyond moves that happen anyway.
    from_places : tuple of str
    to : str
    start, end : datetime.date, optional
    """

    a_year: float
    from_places: tuple[str, ...]
    to: str
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, model: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = _unknown(model, (*self.from_places, self.to)) + _apart(self.from_places, self.to)
        if self.a_year < 0:
            rules.append(("a plan moves fewer than no children", "give children a year"))
        return rules


@dataclass(frozen=True)
class Share:
    """A placement type's share of all children looked after reaches a goal, and stays there.

    Parameters
    ----------
    place : str
    goal : float
        Per cent of all children, at ``end`` and after.
    others : tuple of str
        Types that give and take; all others where empty.
    start, end : datetime.date, optional
    """

    place: str
    goal: float
    others: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, model: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = _unknown(model, (self.place, *self.others))
        rules += _apart(self.others, self.place) if self.others else []
        if not 0 <= self.goal <= 100:
            rules.append(("a share lies outside nought to a hundred", "give per cent of the total"))
        return rules


@dataclass(frozen=True)
class Opening:
    """A home opens: new places of a type, filled from other types and kept filled.

    Parameters
    ----------
    place : str
        Type of the home.
    places_n : int
        Places.
    fills_from : tuple of str
        Types that children come from.
    start, end : datetime.date, optional
    """

    place: str
    places_n: int
    fills_from: tuple[str, ...]
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, model: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = _unknown(model, (self.place, *self.fills_from))
        rules += _apart(self.fills_from, self.place)
        if self.places_n < 0:
            rules.append(("a home opens with fewer than no places", "give its places"))
        return rules


@dataclass(frozen=True)
class UascThreshold:
    """Unaccompanied children at the threshold of the National Transfer Scheme.

    Below it children are transferred in, above it out; local arrivals go on.

    Parameters
    ----------
    under_18 : float
        People under 18 who live in the area.
    share : float
        Threshold, per cent of them.
    a_month : float, optional
        Children transferred in a month at most; a sixth of the threshold where not given.
    start, end : datetime.date, optional
        From nothing transferred at ``start`` to the whole threshold aimed at by ``end``.

    Notes
    -----
    Home Office and Department for Education, National Transfer Scheme Protocol for
    unaccompanied asylum seeking children: 0.07%, from August 2022 0.1%, of under-18s.
    """

    under_18: float
    share: float = 0.1
    a_month: float | None = None
    start: dt.date | None = None
    end: dt.date | None = None

    def complaints(self, model: FlowModel) -> list[Complaint]:
        """Return what is wrong with it."""
        rules = []
        if not 0 <= self.share <= 100:
            rules.append(("a share lies outside nought to a hundred", "give per cent of under-18s"))
        if self.under_18 < 0 or (self.a_month or 0) < 0:
            rules.append(("fewer than nobody", "give people, and children a month"))
        if not any(s.uasc for s in model.streams):
            rules.append(
                ("no unaccompanied child ever came, so nothing is known of them", "leave it out")
            )
        return rules


Lever = Entries | Exits | StepDown | Share | Opening | UascThreshold


def _unknown(model: FlowModel, places: Sequence[str]) -> list[Complaint]:
    if set(places) <= set(model.places):
        return []
    return [("a placement type is not one of the study's", "use " + ", ".join(model.places))]


def _apart(from_places: Sequence[str], to: str) -> list[Complaint]:
    if not from_places:
        return [("no placement type is given that children come from", "name one or more")]
    if to in from_places:
        return [("children come from the type they go to", "name another type")]
    return []


def check_levers(model: FlowModel, levers: Sequence[Lever]) -> None:
    """Refuse levers that cannot be.

    Raises
    ------
    ModelError
        One fault a lever and rule.
    """
    faults = []
    for number, lever in enumerate(levers, start=1):
        rules = lever.complaints(model)
        if lever.end is not None and lever.end < (lever.start or model.origin):
            rules.append(("it ends before it starts", "give an end on or after the start"))
        where = f"lever {number}, {type(lever).__name__}"
        faults += [Fault("levers", rule, mend, column=where) for rule, mend in rules]
    if faults:
        raise ModelError("a scenario cannot be lived", faults)
