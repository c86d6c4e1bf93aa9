"""The groups of a study's children, chosen once: their model, names and words."""

from __future__ import annotations

import numpy as np

from needs.profiles.choose import Choice, choose_classes
from needs.profiles.needs_basis import Needs
from needs.vocabulary.records import StudyData

__all__ = ["group_names", "groups_of"]


def groups_of(data: StudyData) -> Choice:
    """Return what is found of groups among the children assessed, made once for a study.

    Raises
    ------
    InputMissing
        If the study lacks returns or assessments, or no child looked after on the day has one.
    """

    def made() -> Choice:
        needs = Needs.of(data)
        rng = np.random.default_rng([data.study.seed, 30, 2])
        return choose_classes(needs.levels, needs.levels_n, rng=rng)

    return data.once("needs groups", made)


def group_names(n: int) -> dict[str, str]:
    """Return keys and words of so many groups, from the least need to the greatest."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return {f"profile_{letters[k].lower()}": f"Profile {letters[k]}" for k in range(n)}
