"""Codes of places: which authority, county or single-tier, a postcode lies in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["authority_codes"]

_PSEUDO = "99999999"
"""End of the ONS code that stands where there is no county."""


def authority_codes(postcodes: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the ONS code of the county or, where there is none, the single-tier authority.

    Parameters
    ----------
    postcodes : pandas.DataFrame
        ``oscty`` and ``oslaua`` of the ONS Postcode Directory; other columns are not looked at.

    Returns
    -------
    numpy.ndarray of object
        A code a row, empty where the directory gives none.
    """
    pairs = pd.MultiIndex.from_frame(postcodes[["oscty", "oslaua"]].astype("category"))
    code, distinct = pairs.factorize()
    found = np.array([_code(county, district) for county, district in distinct], dtype=object)
    by_row: npt.NDArray[np.object_] = np.append(found, "")[code]
    return by_row


def _code(county: Any, district: Any) -> str:
    if isinstance(county, str) and county and not county.endswith(_PSEUDO):
        return county
    return district if isinstance(district, str) else ""
