"""Placements begun in homes and in foster care over the last years, and their children's needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import completed_years
from needs.care.placements import placement_type
from needs.care.results_flows import with_windows
from needs.care.stays import placement_stays
from needs.care.windows import Window
from needs.profiles.homes import Alike, features
from needs.profiles.placed import FOSTER, HOME, settings_of
from needs.profiles.score_table import dated_table
from needs.vocabulary.records import StudyData

__all__ = ["AFTER_DAYS", "SMALL", "YEARS", "Begun", "needs_on", "small_on", "solo_on"]

YEARS = 3
AFTER_DAYS = 90
"""An assessment so soon after a placement begins still speaks of the child who came."""
SMALL = 2
"""Places of a home that is called small."""

Bools = npt.NDArray[np.bool_]


def needs_on(dated: pd.DataFrame, child: npt.ArrayLike, day: npt.ArrayLike) -> pd.DataFrame:
    """Return what the last assessment up to a day said, row by row.

    Parameters
    ----------
    dated : pandas.DataFrame
        As from :func:`needs.profiles.score_table.dated_table`.
    child, day : array-like, shape (rows,)
        Child, and day of each row.

    Returns
    -------
    pandas.DataFrame
        Columns of the domains, NaN where there is none; rows in the order asked for.
    """
    asked = pd.DataFrame({"child": np.asarray(child), "date": np.asarray(day, "datetime64[ns]")})
    asked["row"] = np.arange(len(asked))
    known = dated.assign(
        child=dated["child"].astype(asked["child"].dtype),
        date=dated["date"].astype("datetime64[ns]"),
    )
    found = pd.merge_asof(
        asked.sort_values("date", kind="stable"),
        known.sort_values("date", kind="stable"), on="date", by="child",
    )  # fmt: skip
    return found.sort_values("row").drop(columns=["child", "date", "row"]).reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Begun:
    """Placements begun in the last full years shown.

    Attributes
    ----------
    windows : tuple of Window
        The years, at most :data:`YEARS`.
    frame : pandas.DataFrame
        One row a placement begun in a home or in foster care, temporary ones left out: ``child``,
        ``start``, ``year`` (position in ``windows``), ``home`` (bool), ``age``, ``male``, ``urn``,
        ``assessed`` (bool), ``from_home`` (bool: the placement before was in a home).
    levels : pandas.DataFrame
        Levels of need by the last assessment up to :data:`AFTER_DAYS` days after the start; rows
        as in ``frame``.
    """

    windows: tuple[Window, ...]
    frame: pd.DataFrame
    levels: pd.DataFrame

    @classmethod
    def of(cls, data: StudyData) -> Begun:
        """Return the placements of a study, made once.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns, or no assessments.
        """
        return data.once("profiles begun", lambda: cls._made(data))

    @classmethod
    def _made(cls, data: StudyData) -> Begun:
        dated = dated_table(data.assessments.frame, data.study.assessment)
        basis = with_windows(data)
        windows = tuple(w for w in basis.shown.windows if not w.part)[-YEARS:]
        stays = placement_stays(basis.records, basis.scope)
        day = stays["start"].to_numpy()
        year = np.full(len(stays), -1)
        for k, w in enumerate(windows):
            year[(day >= np.datetime64(w.start, "ns")) & (day <= np.datetime64(w.end, "ns"))] = k
        keep = (year >= 0) & ~stays["temporary"].to_numpy()
        stays, year = stays[keep], year[keep]
        who = stays["child"].to_numpy()
        children = basis.records.children
        episodes = basis.records.episodes.iloc[stays["first"].to_numpy()]
        frame = episodes[["place", "provider", "urn"]].reset_index(drop=True)
        start, born = stays["start"].to_numpy(), children["dob"].to_numpy()[who]
        frame["age"] = completed_years(born, start, basis.records.counting)
        setting = settings_of(data, placement_type(frame, basis.study.categories))
        before = _setting_before(data, stays, frame["age"].to_numpy())
        levels = needs_on(dated, who, start + np.timedelta64(AFTER_DAYS, "D"))
        out = pd.DataFrame(
            {
                "child": who.astype(np.int64),
                "start": start,
                "year": year,
                "home": setting == HOME,
                "age": frame["age"].to_numpy(dtype=float),
                "male": children["sex"].eq("male").to_numpy()[who],
                "urn": frame["urn"].astype(object),
                "assessed": levels.notna().any(axis=1).to_numpy(),
                "from_home": before == HOME,
            }
        )
        two = np.isin(setting, [FOSTER, HOME])
        return cls(windows, out[two].reset_index(drop=True), levels[two].reset_index(drop=True))

    @cached_property
    def alike(self) -> Alike:
        """Return those whose children were assessed."""
        mine = self.frame["assessed"].to_numpy()
        f = self.frame[mine]
        x = features(self.levels[mine], f["age"].to_numpy(), f["male"].to_numpy())
        return Alike(x, f["home"].to_numpy(), f["child"].to_numpy())

    def by_year(self, mine: Bools) -> npt.NDArray[np.int64]:
        """Return how many rows of ``frame`` there are in each year."""
        found: npt.NDArray[np.int64] = np.bincount(
            self.frame["year"].to_numpy()[mine], minlength=len(self.windows)
        ).astype(np.int64)
        return found


def _setting_before(
    data: StudyData, stays: pd.DataFrame, age: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Return the setting of the placement before each, empty where there is none."""
    before = stays["before"].to_numpy()
    episodes = data.records.episodes.iloc[np.maximum(before, 0)]
    frame = episodes[["place", "provider", "urn"]].reset_index(drop=True).assign(age=age)
    setting = settings_of(data, placement_type(frame, data.study.categories))
    found: npt.NDArray[np.object_] = np.where(before >= 0, setting, "")
    return found


def solo_on(data: StudyData, child: npt.ArrayLike, day: npt.ArrayLike) -> Bools:
    """Return whether the care plan asked for a solo placement on a day, row by row.

    Raises
    ------
    InputMissing
        If the study has no attributes of children.
    """
    said = data.attributes.frame
    since = said["from"].fillna(pd.Timestamp("1900-01-01"))
    dated = pd.DataFrame(
        {
            "child": said["child"].to_numpy(),
            "date": since,
            "solo": said["solo"].astype("boolean").fillna(False).to_numpy(bool) * 1.0,
        }
    )
    found = needs_on(dated.sort_values("date", kind="stable"), child, day)
    return np.asarray(found["solo"].to_numpy() == 1.0, dtype=bool)


def small_on(data: StudyData, urn: npt.ArrayLike, day: npt.ArrayLike) -> Bools:
    """Return whether the home is for one child, or has few places, on a day, row by row.

    Raises
    ------
    InputMissing
        If the study has no list of provision.
    """
    listed = data.provision.frame
    homes = listed[(listed["kind"] != "foster_household") & listed["urn"].notna()]
    small = homes["solo"].astype("boolean").fillna(False).to_numpy(bool)
    small |= (homes["places"] <= SMALL).to_numpy()
    code = {u: i for i, u in enumerate(sorted(homes["urn"].astype(str).unique()))}
    dated = pd.DataFrame(
        {
            "child": homes["urn"].astype(str).map(code).to_numpy(dtype=np.int64),
            "date": homes["from"].to_numpy(),
            "small": small * 1.0,
        }
    )
    asked = pd.Series(np.asarray(urn, dtype=object)).map(lambda u: code.get(str(u), -1))
    found = needs_on(dated.sort_values("date", kind="stable"), asked.to_numpy(np.int64), day)
    return np.asarray(found["small"].to_numpy() == 1.0, dtype=bool)
