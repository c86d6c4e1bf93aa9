"""Where placements lie: distance, authority, inside or outside, from a postcode lookup.

Returns carry postcodes; the Department for Education derives from them ``PL_DISTANCE``,
``PL_LA`` and ``PL_LOCATION``, which some exports have. What an export says is kept. What it
leaves blank is worked out where the lookup knows the postcodes, and else stays unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.places import authority_codes
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.study import Authority

__all__ = ["METRES_A_MILE", "SOURCES", "locate", "located", "registered"]

METRES_A_MILE = 1609.344
SOURCES = ("return", "postcodes", "no_postcode", "not_in_lookup")
"""Where a distance comes from, or why there is none."""

Floats = npt.NDArray[np.float64]


def located(data: StudyData, read: object) -> Records:
    """Return the records with what the study's postcode lookup adds, and its list of homes."""
    records = cast("Records", read)
    if data.has("postcodes"):
        records = locate(records, data.postcodes.frame, data.study.authority.ons_code)
    if data.has("ofsted"):
        records = registered(records, data.ofsted.frame, data.study.authority)
    return records


def registered(records: Records, homes: pd.DataFrame, authority: Authority) -> Records:
    """Fill in authority and side of the boundary of placements in homes that Ofsted lists.

    Parameters
    ----------
    records : Records
    homes : pandas.DataFrame
        ``urn``, ``provision_type``, ``authority`` (name) and ``as_at`` of Ofsted's lists.
    authority : Authority
        The study's own.

    Returns
    -------
    Records
        ``episodes`` with blanks of ``pl_la`` (name, or the ONS code of the study's own) and of
        ``pl_location`` (IN, OUT) filled.

    Notes
    -----
    Only homes and residential schools are looked at: of agencies and of supported accommodation
    Ofsted lists the office, and not where children live. The latest list decides.
    """
    kind = homes["provision_type"].astype(str).str.lower()
    homes = homes[kind.str.contains("home|residential special school|secure", regex=True)]
    latest = homes.sort_values("as_at", kind="stable", na_position="first")
    name = latest.drop_duplicates("urn", keep="last").set_index("urn")["authority"].astype(str)
    own = name.str.lower().isin([authority.name.lower(), authority.short_name.lower()])
    known = name.mask(own, authority.ons_code).to_dict()
    urn = records.episodes["urn"].astype(object)
    la = urn.str.upper().map(known).fillna("").to_numpy(object)
    # A side that is known already is not contradicted by a list of another day.
    said = records.episodes["pl_location"].notna().to_numpy(bool)
    la = np.where(said | records.episodes["pl_la"].notna().to_numpy(bool), "", la)
    side = np.where(la == "", "", np.where(la == authority.ons_code, "IN", "OUT"))
    filled = records.episodes.assign(
        pl_la=_filled(records.episodes["pl_la"], la),
        pl_location=_filled(records.episodes["pl_location"], side),
    )
    return replace(records, episodes=filled)


def locate(records: Records, postcodes: pd.DataFrame, authority: str) -> Records:
    """Fill in distance, authority and side of the boundary of each placement.

    Parameters
    ----------
    records : Records
        ``home_post`` and ``pl_post`` are looked up without regard to spaces.
    postcodes : pandas.DataFrame
        Columns ``pcds, oseast1m, osnrth1m, oscty, oslaua`` of the ONS Postcode Directory.
    authority : str
        ONS code of the authority, a county or a single-tier one.

    Returns
    -------
    Records
        ``episodes`` with blanks filled: ``pl_distance`` (miles in a straight line, one
        decimal), ``pl_la`` (ONS code of county or single-tier authority), ``pl_location``
        (IN, OUT); ``pl_district`` (category: ONS code of the district or single-tier
        authority of the placement's postcode); and ``pl_source`` (category of :data:`SOURCES`).

    Notes
    -----
    Straight lines between the two postcodes are how the Department for Education measures
    the distance of a placement from home in its statistics on children looked after.
    """
    episodes = records.episodes
    postcodes = _met(postcodes, episodes)
    index = pd.Index(postcodes["pcds"].astype(object))
    home, placed = (_spots(episodes[c], index) for c in ("home_post", "pl_post"))
    miles = _miles(postcodes, home, placed)
    own = episodes["pl_distance"].notna().to_numpy(bool)
    named = episodes[["home_post", "pl_post"]].notna().all(axis=1).to_numpy(bool)
    source = np.select([own, ~np.isnan(miles), ~named], SOURCES[:3], SOURCES[3])
    la = _placed(authority_codes(postcodes), placed)
    district = _placed(postcodes["oslaua"].astype(object).fillna("").to_numpy(object), placed)
    side = np.where(la == "", "", np.where(la == authority, "IN", "OUT"))
    filled = episodes.assign(
        pl_distance=np.where(own, episodes["pl_distance"].to_numpy(float), miles),
        pl_la=_filled(episodes["pl_la"], la),
        pl_location=_filled(episodes["pl_location"], side),
        pl_district=pd.Categorical(pd.Series(district).replace("", np.nan)),
        pl_source=pd.Categorical(source, categories=list(SOURCES)),
    )
    return replace(records, episodes=filled)


def _plain(posts: pd.Series) -> pd.Series:
    """Return the postcodes of a column, each once, without spaces and in capitals."""
    held = pd.Series(posts.cat.categories.astype(str), dtype=object)
    return held.str.replace(r"\s+", "", regex=True).str.upper()


def _met(postcodes: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a lookup, of millions it may be, whose postcodes the records have."""
    wanted = pd.concat([_plain(episodes[c]) for c in ("home_post", "pl_post")]).unique()
    return postcodes[postcodes["pcds"].isin(wanted)].reset_index(drop=True)


def _spots(posts: pd.Series, index: pd.Index) -> npt.NDArray[np.intp]:
    """Return the place of each postcode in the lookup, -1 where it is not there."""
    return np.append(index.get_indexer(pd.Index(_plain(posts))), -1)[posts.cat.codes.to_numpy()]


def _miles(
    postcodes: pd.DataFrame, home: npt.NDArray[np.intp], placed: npt.NDArray[np.intp]
) -> Floats:
    grid = postcodes[["oseast1m", "osnrth1m"]].to_numpy(float)
    grid = np.vstack([grid, [np.nan, np.nan]])  # the last row answers -1
    across = grid[home] - grid[placed]
    miles: Floats = np.round(np.hypot(across[:, 0], across[:, 1]) / METRES_A_MILE, 1)
    return miles


def _placed(codes: npt.NDArray[np.object_], at: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
    """Return the code at each place of the lookup, empty where a postcode is not there."""
    return np.append(codes, "")[at]


def _filled(column: pd.Series, more: npt.NDArray[np.object_]) -> pd.Series:
    text = column.astype(object)
    return (
        text.where(text.notna(), pd.Series(more, column.index))
        .replace("", np.nan)
        .astype("category")
    )
