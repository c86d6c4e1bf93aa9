"""Where placements lie: inside or outside the authority, and how far from home."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.placements import held_before_temporary
from needs.vocabulary.records import Records
from needs.vocabulary.study import Study

__all__ = ["BANDS", "FAR_MILES", "SIDES", "placed_where"]

FAR_MILES = 20.0
SIDES: Mapping[str, str] = MappingProxyType(
    {
        "inside": "Inside the authority",
        "outside": "Outside the authority",
        "side_unknown": "Not known on which side",
    }
)
BANDS: Mapping[str, str] = MappingProxyType(
    {
        "near": "20 miles or less from home",
        "far": "over 20 miles from home",
        "miles_unknown": "distance not known",
    }
)
_LOCATION = {"IN": "inside", "OUT": "outside"}

Texts = npt.NDArray[np.object_]


def placed_where(records: Records, stock: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return side of the boundary and band of distance of each counted child's placement.

    Parameters
    ----------
    records : Records
    stock : pandas.DataFrame
        With ``episode``, from :func:`needs.care.stock.stock_on`.
    study : Study
        For the codes of the authority.

    Returns
    -------
    pandas.DataFrame
        Aligned with ``stock``: ``side`` (category of :data:`SIDES`), ``band`` (category of
        :data:`BANDS`).

    Notes
    -----
    DfE: 20 miles or less, over 20 miles, not known; inside where the placement's authority is
    the authority itself. ``pl_location`` decides where it is filled, else ``pl_la``. The
    placement is the one held before a temporary move.
    """
    held = held_before_temporary(records.episodes, records.counting)[stock["episode"].to_numpy()]
    e = records.episodes
    miles = e["pl_distance"].to_numpy(dtype=float)[held]
    with np.errstate(invalid="ignore"):
        band = np.where(
            np.isnan(miles), "miles_unknown", np.where(miles > FAR_MILES, "far", "near")
        )
    location, la = (
        e.get(c, pd.Series(None, e.index, dtype=object)).array[held].astype(object)
        for c in ("pl_location", "pl_la")
    )
    said = pd.Series(location).str.upper().map(_LOCATION).to_numpy(dtype=object)
    own = {study.authority.ons_code, study.authority.dfe_code}
    by_la = np.where(
        pd.isna(la), "side_unknown", np.where(pd.Series(la).isin(own), "inside", "outside")
    )
    side = np.where(pd.isna(said), by_la, said)
    return pd.DataFrame(
        {
            "side": pd.Categorical(side, categories=list(SIDES)),
            "band": pd.Categorical(band, categories=list(BANDS)),
        }
    )
