"""Children assessed who live in homes or in foster care on the as-at date."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.homes import Alike, features
from needs.profiles.needs_basis import Needs
from needs.vocabulary.records import StudyData

__all__ = ["FOSTER", "HOME", "SETTINGS", "alike_today", "settings_of"]

FOSTER, HOME = "fostering", "residential"
SETTINGS = (FOSTER, HOME, "supported", "adoption", "parents", "other")
"""Groups of the category map, in printed order."""


def settings_of(data: StudyData, types: pd.Categorical) -> npt.NDArray[np.object_]:
    """Return the group of each placement type; a missing type is ``other``."""
    group = {t.key: t.group for t in data.study.categories.types}
    found = pd.Series(types, dtype=object).map(group).fillna("other")
    return found.to_numpy(dtype=object)


def alike_today(data: StudyData) -> Alike:
    """Return the children assessed who live in homes or in foster care, made once.

    Raises
    ------
    InputMissing
        If the study lacks returns or assessments, or no child looked after on the day has one.
    ModelError
        If an assessment does not fit the tool.
    """

    def made() -> Alike:
        needs = Needs.of(data)
        who = needs.who.reindex(needs.levels.index)
        two = who["group"].isin([FOSTER, HOME]).to_numpy()
        mine = who[two]
        male = mine["sex"].eq("male").to_numpy()
        x = features(needs.levels[two], mine["age"].to_numpy(dtype=float), male)
        return Alike(x, (mine["group"] == HOME).to_numpy(), mine.index.to_numpy(dtype=np.int64))

    return data.once("profiles alike today", made)
