"""In which district, or other authority, children are placed; and where these areas lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.placements import held_before_temporary
from needs.care.where import placed_where
from needs.vocabulary.places import authority_codes
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.study import Study

__all__ = ["ELSEWHERE", "INSIDE_UNKNOWN", "LISTED", "areas_of", "lie_at", "names_of", "placed_in"]

INSIDE_UNKNOWN, ELSEWHERE = "inside_unknown", "elsewhere"
LISTED = 12
"""Authorities outside that are listed at most, those with the most children."""

Texts = npt.NDArray[np.object_]


def placed_in(
    records: Records, stock: pd.DataFrame, study: Study, districts: Sequence[str]
) -> pd.DataFrame:
    """Return the area that each counted child is placed in.

    Parameters
    ----------
    records : Records
    stock : pandas.DataFrame
        With ``episode``, from :func:`needs.care.stock.stock_on`.
    study : Study
    districts : sequence of str
        Codes of the districts of the authority; none where it is not divided.

    Returns
    -------
    pandas.DataFrame
        Aligned with ``stock``: ``inside`` (bool, as :func:`needs.care.where.placed_where` says);
        ``area`` (code of a district within the authority, of an authority outside;
        :data:`INSIDE_UNKNOWN`; :data:`ELSEWHERE` where nothing is known).
    """
    held = held_before_temporary(records.episodes, records.counting)[stock["episode"].to_numpy()]
    side = placed_where(records, stock, study)["side"].astype(object).to_numpy()
    district, la = (_codes(records.episodes, c, held) for c in ("pl_district", "pl_la"))
    own = {study.authority.ons_code, study.authority.dfe_code, study.authority.short_name}
    within = np.where(np.isin(district, list(districts)), district, INSIDE_UNKNOWN)
    out = np.where((side == "outside") & ~np.isin(la, ["", *own]), la, ELSEWHERE)
    inside = side == "inside"
    return pd.DataFrame({"inside": inside, "area": np.where(inside, within, out)})


def _codes(episodes: pd.DataFrame, column: str, held: npt.NDArray[np.intp]) -> Texts:
    """Return the codes of a column at some episodes, empty where there are none."""
    if column not in episodes:
        return np.full(len(held), "", object)
    found = episodes[column].array[held].astype(object)
    return np.where(pd.isna(found), "", found)


def areas_of(data: StudyData) -> pd.DataFrame:
    """Return the areas of a study's postcode directory.

    Returns
    -------
    pandas.DataFrame
        One row a district or single-tier authority, by code: ``district``, ``authority`` (code
        of the county, else its own), ``east``, ``north`` (kilometres: the mean of its
        postcodes), ``postcodes_n``. Empty where the study has no directory.
    """
    if not data.has("postcodes"):
        return pd.DataFrame(columns=["district", "authority", "east", "north", "postcodes_n"])
    frame = data.postcodes.frame
    grid = pd.DataFrame(
        {
            "district": frame["oslaua"].astype(object),
            "authority": authority_codes(frame),
            "east": frame["oseast1m"].to_numpy(float) / 1000,
            "north": frame["osnrth1m"].to_numpy(float) / 1000,
        }
    )
    by = grid.groupby(["district", "authority"], as_index=False)
    return by.agg(east=("east", "mean"), north=("north", "mean"), postcodes_n=("east", "size"))


def lie_at(areas: pd.DataFrame, districts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return where districts, and all authorities, lie: kilometres east and north.

    Parameters
    ----------
    areas : pandas.DataFrame
        From :func:`areas_of`.
    districts : sequence of str
        Those of the authority itself.

    Notes
    -----
    The middle of a county is the mean of all its postcodes, as that of a district is.
    """
    own = areas[areas["district"].isin(districts)]
    weight = areas["postcodes_n"].to_numpy(float)
    sums = areas.assign(east=areas["east"] * weight, north=areas["north"] * weight)
    whole = sums.groupby("authority")[["east", "north", "postcodes_n"]].sum()
    found = {
        str(code): (row["east"] / row["postcodes_n"], row["north"] / row["postcodes_n"])
        for code, row in whole.iterrows()
    }
    found |= dict(zip(own["district"], zip(own["east"], own["north"], strict=True), strict=True))
    return {k: (round(float(e), 1), round(float(n), 1)) for k, (e, n) in found.items()}


def names_of(data: StudyData, codes: Sequence[str]) -> Mapping[str, str]:
    """Return names of areas: those that the study gives, else the DfE's, else the code itself."""
    known: dict[str, str] = {}
    if data.has("comparators"):
        frame = data.comparators.frame
        for column in ("area_code", "dfe_code"):
            pairs = frame[[column, "area_name"]].drop_duplicates(column).astype(str)
            known |= dict(zip(pairs[column], pairs["area_name"], strict=True))
    known |= data.study.authority.area_names
    return {c: known.get(c, c) for c in codes}
