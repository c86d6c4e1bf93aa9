"""What all results on homes that are to open say alike: source, scope, subtitle, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from needs.vocabulary.results import ALL, Measure

if TYPE_CHECKING:
    from needs.sufficiency.invest_plan import Planned
    from needs.vocabulary.records import StudyData

__all__ = ["NO_CERTAINTY", "in_futures", "labels_of", "shared", "subtitle_of", "with_ranges"]

TOGETHER = "All homes together"
NEARLY = 99.5
"""Per cent of futures from which a share would be printed as all of them."""
NO_CERTAINTY = (
    "That all futures drawn agree is no certainty: inputs are seldom at their worse ends together, "
    "and what the file does not state is in none of them."
)


def in_futures(share: float, word: str) -> tuple[str, tuple[str, ...]]:
    """Return words for a share of the futures drawn, and the name of the number in them if any.

    A share that would be printed as all or none is told in words: chance is never certain.

    Parameters
    ----------
    share : float
        In per cent.
    word : str
        Name that a sentence gives the number.

    Examples
    --------
    >>> in_futures(84.0, "chance")
    ('in {chance} of the futures drawn', ('chance',))
    >>> in_futures(99.8, "chance"), in_futures(0.0, "chance")
    (('in nearly every future drawn', ()), ('in no future drawn', ()))
    """
    if NEARLY > share >= 100 - NEARLY:
        return f"in {{{word}}} of the futures drawn", (word,)
    some = 0 < share < 100
    if share >= NEARLY:
        return f"in {'nearly ' if some else ''}every future drawn", ()
    return f"in {'hardly any' if some else 'no'} future drawn", ()


def shared(data: StudyData, paid: tuple[str, ...], counted: tuple[str, ...]) -> dict[str, Any]:
    """Return what all results have in common, by the counts of children that they lean on."""
    return {
        "source": "The study file, section [investment]"
        + ("; cost lines of the study" if paid else "")
        + ("; the combined forecast" if counted else ""),
        "settings": {"investment": data.study.investment.model_dump(mode="json")},
        "scope": "Children who could live in the homes, of the placement types that they replace.",
        "typed": not (paid or counted),
    }


def subtitle_of(data: StudyData, planned: Planned, words: str) -> str:
    """Return what is measured, of whom and at whose prices."""
    return f"{words}, {data.study.authority.name}, prices of {planned.plan.terms.first}"


def labels_of(planned: Planned, **more: str) -> dict[str, str]:
    """Return words for the homes, all of them first, and more."""
    homes = {s.home.key: s.home.label for s in planned.plan.schemes}
    return {ALL: TOGETHER, **homes, **more}


def with_ranges(measures: Sequence[Measure], ranged: Mapping[str, str]) -> tuple[str, ...]:
    """Return keys of measures in order, with each range after the measure named for it."""
    after: dict[str, list[str]] = {}
    for key, stands in ranged.items():
        after.setdefault(stands, []).extend(f"{key}_{end}_80" for end in ("lower", "upper"))
    return tuple(k for m in measures for k in (m.key, *after.get(m.key, ())))
