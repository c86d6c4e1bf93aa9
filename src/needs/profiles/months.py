"""Months in placements of children whose needs were assessed, and how each placement ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.placements import placement_type
from needs.care.results_flows import with_windows
from needs.care.stays import placement_stays
from needs.profiles.begun import needs_on
from needs.profiles.early import months_of
from needs.profiles.placed import FOSTER, HOME, settings_of
from needs.profiles.score_table import dated_table
from needs.profiles.scores import thresholds
from needs.vocabulary.records import StudyData

__all__ = ["BROKE", "COLUMNS", "NEEDS", "Months"]

BROKE = ("CREQB", "CREQO", "CHILD", "ALLEG", "STAND", "APPRR")
"""Reasons for a change of placement that no plan was: carer or child asked, an allegation, a
concern about standards, approval removed."""
_LASTED = (3, 6, 12, 24)
NEEDS = ("needs_mean", "specialist")
COLUMNS = {
    "needs_mean": "Mean level of need, one level more",
    "specialist": "A specialist need",
    "age_years": "Age, one year more",
    "months_3": "Placed for three months to half a year, against less",
    "months_6": "Placed for half a year to a year, against less than three months",
    "months_12": "Placed for one to two years, against less than three months",
    "months_24": "Placed for two years or more, against less than three months",
    "in_home": "In a home, against foster care",
    "elsewhere": "Placed elsewhere, against foster care",
}
"""Columns of the design, with words."""


@dataclass(frozen=True, eq=False)
class Months:
    """Months in placements, each with what was known of the child when it began.

    Attributes
    ----------
    basis : Basis
        The study's records.
    who : numpy.ndarray of int, shape (months,)
        Child of each month.
    x : pandas.DataFrame
        :data:`COLUMNS`.
    moved, broke : numpy.ndarray of bool, shape (months,)
        Whether the placement ended in the month with a move; with one for a reason of
        :data:`BROKE`.
    levels : pandas.DataFrame
        Levels of need by the last assessment before the month.
    """

    basis: Basis
    who: npt.NDArray[np.int64]
    x: pd.DataFrame
    moved: npt.NDArray[np.bool_]
    broke: npt.NDArray[np.bool_]
    levels: pd.DataFrame

    @classmethod
    def of(cls, data: StudyData) -> Months:
        """Return the months of a study, made once.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns, or no assessments.
        """
        return data.once("profiles months", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Months:
        dated = dated_table(data.assessments.frame, data.study.assessment)
        basis = with_windows(data)
        stays = placement_stays(basis.records, basis.scope)
        moved, broke = _ends(data, stays)
        kept = ~stays["temporary"].to_numpy()
        stays, moved, broke = stays[kept], moved[kept], broke[kept]
        who = stays["child"].to_numpy(dtype=np.int64)
        first = dated.groupby("child")["date"].min().reindex(who).to_numpy("datetime64[ns]")
        opening = np.datetime64(basis.shown.windows[0].start, "ns")
        since = np.where(np.isnat(first), first, np.maximum(first, opening))
        start = stays["start"].to_numpy("datetime64[ns]")
        m = months_of(
            start, stays["stop"].to_numpy("datetime64[ns]"), since,
            basis.shown.dates[-1], moved,
        )  # fmt: skip
        at = m["at"].to_numpy()
        # What an assessment says on the day that a month begins may be of the month before.
        before = m["day"].to_numpy("datetime64[ns]")
        levels = needs_on(dated, who[at], before)
        born = basis.records.children["dob"].to_numpy("datetime64[ns]")[who[at]]
        age = (before - born) / np.timedelta64(1, "D") / 365.25
        setting = _settings(data, stays)[at]
        x = _design(data, levels, age, m["month"].to_numpy(), setting)
        event = m["event"].to_numpy()
        return cls(basis, who[at], x, event, event & broke[at], levels)


def _ends(
    data: StudyData, stays: pd.DataFrame
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return whether each placement ended with a move, and whether it broke down."""
    n = len(stays)
    moved, broke = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    if n:
        moved[:-1] = ~stays["opens"].to_numpy()[1:]
        reason = data.records.episodes["reason_place_change"]
        left = reason.iloc[np.maximum(stays["before"].to_numpy(), 0)].isin(BROKE).to_numpy()
        broke[:-1] = moved[:-1] & left[1:]
    return moved, broke


def _settings(data: StudyData, stays: pd.DataFrame) -> npt.NDArray[np.object_]:
    episodes = data.records.episodes.iloc[stays["first"].to_numpy()]
    frame = episodes[["place", "provider", "urn"]].reset_index(drop=True)
    born = data.records.children["dob"].to_numpy("datetime64[ns]")[stays["child"].to_numpy()]
    days = (stays["start"].to_numpy("datetime64[ns]") - born) / np.timedelta64(1, "D")
    frame["age"] = np.floor(np.nan_to_num(days / 365.25, nan=-1.0)).astype(np.int64)
    return settings_of(data, placement_type(frame, data.study.categories))


def _design(
    data: StudyData,
    levels: pd.DataFrame,
    age: npt.NDArray[np.float64],
    month: npt.NDArray[np.int64],
    setting: npt.NDArray[np.object_],
) -> pd.DataFrame:
    """Return the columns of the model; an unknown age is the mean."""
    _, special = thresholds(data.study.assessment)
    band = np.searchsorted(_LASTED, month, side="right")
    known = age[np.isfinite(age)]
    x = {
        "needs_mean": levels.mean(axis=1).to_numpy(dtype=float),
        "specialist": (levels >= special).any(axis=1).to_numpy(dtype=float),
        "age_years": np.where(np.isfinite(age), age, known.mean() if len(known) else 0.0),
        **{f"months_{k}": (band == i + 1).astype(float) for i, k in enumerate(_LASTED)},
        "in_home": (setting == HOME).astype(float),
        "elsewhere": (~np.isin(setting, [FOSTER, HOME])).astype(float),
    }
    return pd.DataFrame(x)[list(COLUMNS)]
