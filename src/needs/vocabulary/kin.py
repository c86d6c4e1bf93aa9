"""Results that a reader can hold against one another, and the sums between their numbers.

A count hidden in one table must not come back from another. Analyses that print the same
people are put into a family here, and disclosure control treats their results as one table:
whichever of them is shown, in whichever order, cell or chapter, the same cells are hidden.

Examples
--------
>>> from needs.vocabulary.kin import Family, same
>>> stock_family = Family("stock", lambda data, results: same("stock.n.all", "by_age.n.all"))

Then ``@stock_family`` stands above each analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from needs.vocabulary.errors import InputMissing

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData
    from needs.vocabulary.results import Result

__all__ = ["Family", "Kin", "Tie", "at_least", "same"]

Made = TypeVar("Made", "Result", "tuple[Result, ...]")


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation between numbers of one or several results, by figure id.

    Parameters
    ----------
    terms : tuple of (str, int)
        Figure id and sign of each number; the first is the one to keep if there is a choice.
        A number that no result has counts as nought: a reader takes it so.
    kind : {"equal", "at_least", "apart"}
        ``equal``: the terms make nought, or what a reader is taken to know that they make.
        ``at_least``: they make nought or more. ``apart``: what they make is a count of
        people that nobody prints; where it is small, the terms must not determine it.
    """

    terms: tuple[tuple[str, int], ...]
    kind: Literal["equal", "at_least", "apart"] = "equal"


def same(first: str, *others: str) -> Iterator[Tie]:
    """Yield the ties that say that numbers are the same one, by figure id."""
    return (Tie(((first, 1), (other, -1))) for other in others)


def at_least(more: str, *less: str) -> Tie:
    """Return the tie that says that a number is at least the sum of others."""
    return Tie(((more, 1), *((i, -1) for i in less)), "at_least")


@dataclass(eq=False)
class Kin:
    """The results of one study that are protected as one.

    Parameters
    ----------
    make : callable
        Returns every result of the set by name, and the ties between them.
    """

    make: Callable[[], tuple[Mapping[str, Result], tuple[Tie, ...]]]
    _done: dict[object, Any] = field(default_factory=dict, repr=False)

    def once(self, key: object, work: Callable[[], Any]) -> Any:
        """Return what ``work`` returns, done once for each key."""
        if key not in self._done:
            self._done[key] = work()
        return self._done[key]


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

    Notes
    -----
    Analyses of several chapters may be of one family, if each chapter declares the inputs
    and settings that all of them use. An analysis that lacks an input is shown nowhere, and so
    is left out of the family; one whose input some chapters do not declare may only repeat
    counts that the others have.
    """

    name: str
    ties: Callable[[StudyData, Mapping[str, Result]], Iterable[Tie]]
    _analyses: list[Callable[[StudyData], Any]] = field(default_factory=list, repr=False)

    def __call__(self, analysis: Callable[[StudyData], Made]) -> Callable[[StudyData], Made]:
        """Return the analysis as one of the family."""
        self._analyses.append(analysis)

        @wraps(analysis)
        def joined(data: StudyData) -> Made:
            found = self._results(analysis, data)
            kin = data.once(f"kin {self.name}", lambda: Kin(partial(self._make, data)))
            known = tuple(replace(r, kin=kin) for r in _each(found))
            made: Made = known if isinstance(found, tuple) else known[0]
            return made

        return joined

    def _results(self, analysis: Callable[[StudyData], Made], data: StudyData) -> Made:
        return data.once(f"{self.name} {analysis.__qualname__}", lambda: analysis(data))

    def _make(self, data: StudyData) -> tuple[dict[str, Result], tuple[Tie, ...]]:
        results = {r.name: r for a in self._analyses for r in self._shown(a, data)}
        return results, tuple(self.ties(data, results))

    def _shown(self, analysis: Callable[[StudyData], Any], data: StudyData) -> tuple[Result, ...]:
        """Return the results of an analysis; none where an input that only it needs is missing."""
        try:
            return _each(self._results(analysis, data))
        except InputMissing:
            return ()


def _each(found: Result | tuple[Result, ...]) -> tuple[Result, ...]:
    return found if isinstance(found, tuple) else (found,)
