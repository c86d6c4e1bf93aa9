"""Children in care on the as-at date, where they live, and what their last assessment says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.placements import placement_type
from needs.profiles.homes import Alike, features
from needs.profiles.score_table import score_table
from needs.vocabulary.records import StudyData

__all__ = ["FOSTER", "HOME", "SETTINGS", "Placed", "settings_of"]

FOSTER, HOME = "fostering", "residential"
SETTINGS = (FOSTER, HOME, "supported", "adoption", "parents", "other")
"""Groups of the category map, in printed order."""


def settings_of(data: StudyData, types: pd.Categorical) -> npt.NDArray[np.object_]:
    """Return the group of each placement type; a missing type is ``other``."""
    group = {t.key: t.group for t in data.study.categories.types}
    found = pd.Series(types, dtype=object).map(group).fillna("other")
    return found.to_numpy(dtype=object)


@dataclass(frozen=True, eq=False)
class Placed:
    """Children in care on the as-at date.

    Attributes
    ----------
    basis : Basis
        The study's records.
    frame : pandas.DataFrame
        Index ``child``: ``type`` (key of the placement type), ``setting`` (:data:`SETTINGS`),
        ``age`` (years, -1 unknown), ``male`` (bool), ``urn``, ``assessed`` (bool).
    levels : pandas.DataFrame
        Levels of need of those assessed by that day; same order as they have in ``frame``.
    """

    basis: Basis
    frame: pd.DataFrame
    levels: pd.DataFrame

    @classmethod
    def of(cls, data: StudyData) -> Placed:
        """Return the children of a study, made once.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns, or no assessments.
        ModelError
            If an assessment does not fit the tool.
        """
        return data.once("profiles placed", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Placed:
        scored = data.assessments.frame
        basis = Basis.of(data)
        stock = basis.stock()
        stock = stock[(stock["period"] == basis.date_keys[-1]).to_numpy()]
        types = placement_type(stock, basis.study.categories)
        levels = score_table(scored, basis.study.assessment, until=basis.study.period.as_at)
        levels = levels.dropna(how="all")
        child = stock["child"].to_numpy()
        frame = pd.DataFrame(
            {
                "type": np.asarray(types, dtype=object),
                "setting": settings_of(data, types),
                "age": stock["age"].to_numpy(dtype=float),
                "male": stock["sex"].eq("male").to_numpy(),
                "urn": stock["urn"].astype(object).to_numpy(),
                "assessed": np.isin(child, levels.index),
            },
            index=pd.Index(child, name="child"),
        )
        return cls(basis, frame, levels.reindex(frame.index[frame["assessed"].to_numpy()]))

    @property
    def assessed(self) -> pd.DataFrame:
        """Rows of the children assessed, in the order of ``levels``."""
        return self.frame[self.frame["assessed"].to_numpy()]

    def alike(self) -> Alike:
        """Return those assessed who live in homes or in foster care."""
        mine = self.assessed
        two = mine["setting"].isin([FOSTER, HOME]).to_numpy()
        mine = mine[two]
        x = features(self.levels[two], mine["age"].to_numpy(), mine["male"].to_numpy())
        home = (mine["setting"] == HOME).to_numpy()
        return Alike(x, home, mine.index.to_numpy(dtype=np.int64))
