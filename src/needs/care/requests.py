"""Requests for a placement made in the years that a study shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.results_flows import with_windows
from needs.vocabulary.records import StudyData

__all__ = ["ENDS", "Requests", "needed_at_once"]

ENDS: Mapping[str, str] = MappingProxyType(
    {
        "placed": "Placed",
        "avoided": "Placement avoided",
        "withdrawn": "Withdrawn",
        "open": "Still open",
        "not_said": "What became of them is not said",
    }
)
_OUTCOMES = {
    "placed": "placed",
    "placed_other": "placed",
    "avoided": "avoided",
    "withdrawn": "withdrawn",
    "open": "open",
}
_FIRST_QUARTER = pd.Timedelta(days=91)


@dataclass(frozen=True)
class Requests:
    """Requests for a placement made in the years shown.

    Attributes
    ----------
    basis : Basis
        The study's records.
    keys : tuple of str
        Years covered by the list of requests, in order.
    rows : pandas.DataFrame
        One row a request: ``year`` (key), ``end`` (key of :data:`ENDS`), ``same_day``,
        ``re_referral`` (bool or missing), ``asked``, ``found`` (keys of placement types),
        ``feature`` (what in particular was asked for, NaN not said).
    """

    basis: Basis
    keys: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def placed(self) -> pd.DataFrame:
        """Requests that came to a placement."""
        return self.rows[self.rows["end"] == "placed"]

    @property
    def labels(self) -> dict[str, str]:
        """Words for the years."""
        return {k: w for k, w in self.basis.window_labels.items() if k in self.keys}

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"{self.basis.study.authority.short_name}: list of requests for placements"

    def subtitle(self, what: str) -> str:
        """Return measure, place and years."""
        span = self.keys[0] if len(self.keys) == 1 else f"{self.keys[0]} to {self.keys[-1]}"
        return f"{what}, {self.basis.study.authority.name}, {span}"

    @classmethod
    def of(cls, data: StudyData) -> Requests:
        """Return a study's requests.

        Raises
        ------
        InputMissing
            If the study has no list of requests, or no SSDA903 returns.
        """
        asked = data.referrals.frame
        basis = with_windows(data)
        day = asked["date"].to_numpy()
        year = np.full(len(asked), "", dtype=object)
        keys = []
        for w in basis.shown.windows:
            start, end = np.datetime64(w.start, "ns"), np.datetime64(w.end, "ns")
            if len(day) and day.min() <= start + _FIRST_QUARTER.to_numpy():
                keys.append(w.key)
                year[(day >= start) & (day <= end)] = w.key
        rows = pd.DataFrame(
            {
                "year": year,
                "end": _ends(asked),
                "same_day": needed_at_once(asked),
                "re_referral": asked["re_referral"].to_numpy(),
                "asked": asked["type_asked"].astype(object).to_numpy(),
                "found": asked["type_placed"].astype(object).to_numpy(),
                "feature": asked.get("feature_asked", pd.Series(index=asked.index, dtype=object))
                .astype(object)
                .to_numpy(),
            }
        )
        return cls(basis, tuple(keys), rows[year != ""])


def _ends(asked: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return what became of each request: a place found counts, whatever the outcome says."""
    said = asked["outcome"].astype(object).map(_OUTCOMES)
    end = said.mask(asked["type_placed"].notna(), "placed").fillna("not_said")
    return end.to_numpy(dtype=object)


def needed_at_once(asked: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return whether a place was needed on the day it was asked for."""
    told = asked["needed_by"].notna()
    soon = (asked["needed_by"] == asked["date"]).where(told, asked["emergency"].fillna(False))
    return soon.to_numpy(dtype=bool)
