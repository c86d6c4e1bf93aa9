"""What all results on homes that are to open say alike: source, scope, subtitle, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from needs.vocabulary.results import ALL

if TYPE_CHECKING:
    from needs.sufficiency.invest_plan import Planned
    from needs.vocabulary.records import StudyData

__all__ = ["labels_of", "shared", "subtitle_of"]

TOGETHER = "All homes together"


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
