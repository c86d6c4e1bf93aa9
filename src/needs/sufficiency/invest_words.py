"""What all results on homes that are to open say alike: source, scope, subtitle, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from needs.vocabulary.results import ALL, Measure

if TYPE_CHECKING:
    from needs.sufficiency.invest_plan import Planned
    from needs.vocabulary.records import StudyData

__all__ = ["labels_of", "shared", "subtitle_of", "with_ranges"]

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


def with_ranges(measures: Sequence[Measure], ranged: Mapping[str, str]) -> tuple[str, ...]:
    """Return keys of measures in order, with each range after the measure named for it."""
    after: dict[str, list[str]] = {}
    for key, stands in ranged.items():
        after.setdefault(stands, []).extend(f"{key}_{end}_80" for end in ("lower", "upper"))
    return tuple(k for m in measures for k in (m.key, *after.get(m.key, ())))
