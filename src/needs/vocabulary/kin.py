"""Results that a reader can hold against one another, and the sums between their numbers.

A count hidden in one table must not come back from another. Analyses that print the same
people are put into a family here, and disclosure control treats their results as one table:
whichever of them is shown, in whichever order, cell or chapter, the same cells are hidden.

Examples
--------
>>> from needs.vocabulary.kin import Family, same
>>> stock_family = Family("stock", lambda data, results: same("stock.n.all", "by_age.n.all"))

Then ``@stock_family`` stands above each analysis. Families of one household are protected
together: ties may run from one to another. An analysis that repeats counts of a household,
or is made from them, and that nothing in it is protected for, follows it
(:meth:`Household.followed_by`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData
    from needs.vocabulary.results import Result

__all__ = ["STUDY", "Family", "Household", "Kept", "Kin", "Tie", "at_least", "same"]

Made = TypeVar("Made", "Result", "tuple[Result, ...]")
Analysis = Callable[["StudyData"], Any]
Relatives = tuple[Mapping[str, "Result"], tuple["Tie", ...], tuple[frozenset[str], ...]]


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation between numbers of one or several results, by figure id.

    Parameters
    ----------
    terms : tuple of (str, int)
        Figure id and sign of each number; the first is the one to keep if there is a choice.
        A number that no result has counts as nought: a reader takes it so.
    kind : {"equal", "at_least", "apart", "rest"}
        ``equal``: the terms make nought, or what a reader is taken to know that they make.
        ``at_least``: they make nought or more. ``apart``: what they make is a count of
        people that nobody prints; where it is small, the terms must not determine it.
        ``rest``: it is such a count, and taken as known where it is not small.
    """

    terms: tuple[tuple[str, int], ...]
    kind: Literal["equal", "at_least", "apart", "rest"] = "equal"


def same(first: str, *others: str) -> Iterator[Tie]:
    """Yield the ties that say that numbers are the same one, by figure id."""
    return (Tie(((first, 1), (other, -1))) for other in others)


def at_least(more: str, *less: str) -> Tie:
    """Return the tie that says that a number is at least the sum of others."""
    return Tie(((more, 1), *((i, -1) for i in less)), "at_least")


class Kept(Protocol):
    """Where what earlier work found for the same inputs, settings and code lies."""

    def load(self) -> str | None:
        """Return what was kept; None where nothing is."""

    def save(self, text: str) -> None:
        """Keep what was found."""


@dataclass(eq=False)
class Kin:
    """The results of one study that are protected as one.

    Parameters
    ----------
    make : callable
        Returns every result of the set by name, the ties between them, and the names of the
        results of each family.
    kept : Kept, optional
        Where it lies what was hidden of the same inputs, settings and code, in words without
        numbers.
    """

    make: Callable[[], Relatives]
    kept: Kept | None = field(default=None, repr=False)
    _done: dict[object, Any] = field(default_factory=dict, repr=False)

    def once(self, key: object, work: Callable[[], Any]) -> Any:
        """Return what ``work`` returns, done once for each key."""
        if key not in self._done:
            self._done[key] = work()
        return self._done[key]


@dataclass(eq=False)
class Household:
    """Families whose results are protected as one.

    Parameters
    ----------
    name : str
        Unique among households.
    families : list of Family
        They enter themselves.
    """

    name: str
    families: list[Family] = field(default_factory=list, repr=False)

    def kin(self, data: StudyData) -> Kin:
        """Return the results of a study that are protected as one, the same for its data."""

        def kin() -> Kin:
            return Kin(partial(self._make, data), data.once(f"{self.name} kept", lambda: None))

        return data.once(f"household {self.name}", kin)

    def _make(self, data: StudyData) -> Relatives:
        families = sorted(self.families, key=lambda f: f.name)
        made = {f.name: tuple(f.results(data)) for f in families}
        results = {r.name: r for found in made.values() for r in found}
        there = [f for f in families if made[f.name]]
        ties = tuple(t for f in there for t in f.ties(data, results))
        return results, ties, tuple(frozenset(r.name for r in made[f.name]) for f in there)

    def followed_by(self, analysis: Callable[[StudyData], Made]) -> Callable[[StudyData], Made]:
        """Return an analysis whose results hide what they lean on wherever that is hidden.

        They say what they lean on (``mirrors``, ``leans_on``). Nothing in the household is
        hidden for them, so that their own small counts must stand in it too.
        """

        @wraps(analysis)
        def following(data: StudyData) -> Made:
            found = analysis(data)
            leaning = any(r.leans_on or r.mirrors for r in _each(found))
            return _with_kin(found, self.kin(data)) if leaning else found

        return following


@dataclass(eq=False)
class Family:
    """Analyses whose results are protected as one; it decorates each of them.

    Parameters
    ----------
    name : str
        Unique among families.
    ties : callable
        Returns the relations between the numbers of the results, given the data and the
        results by name. Those inside one result are its own to declare, as ``Additive``.
    household : Household, optional
        Families that are protected with this one; alone if there is none.

    Notes
    -----
    Analyses of several chapters may be of one household, if each chapter declares the inputs
    and settings that all of them use. An analysis that cannot be made is shown nowhere, and so
    is left out: its chapter says that an input is missing, or the run stops there.
    """

    name: str
    ties: Callable[[StudyData, Mapping[str, Result]], Iterable[Tie]]
    household: Household | None = None
    _analyses: list[Analysis] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.household = self.household or Household(self.name)
        self.household.families.append(self)

    def __call__(self, analysis: Callable[[StudyData], Made]) -> Callable[[StudyData], Made]:
        """Return the analysis as one of the family."""
        self._analyses.append(analysis)
        household = self.household or Household(self.name)

        @wraps(analysis)
        def joined(data: StudyData) -> Made:
            return _with_kin(self._results(analysis, data), household.kin(data))

        return joined

    def _results(self, analysis: Callable[[StudyData], Made], data: StudyData) -> Made:
        return data.once(f"{self.name} {analysis.__qualname__}", lambda: analysis(data))

    def results(self, data: StudyData) -> Iterator[Result]:
        """Yield every result of the family that can be made, in an order of their own.

        Whoever was imported first does not decide which of two cells is hidden.
        """
        for analysis in sorted(self._analyses, key=lambda a: (a.__module__, a.__qualname__)):
            with suppress(Exception):  # where it is shown, the same error stops the run
                yield from _each(self._results(analysis, data))


STUDY = Household("study")
"""Everything that a study counts of its own children, in whichever chapter."""


def _each(found: Result | tuple[Result, ...]) -> tuple[Result, ...]:
    return found if isinstance(found, tuple) else (found,)


def _with_kin(found: Made, kin: Kin) -> Made:
    known = tuple(replace(r, kin=kin) for r in _each(found))
    made: Made = known if isinstance(found, tuple) else known[0]
    return made
