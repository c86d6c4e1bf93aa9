"""Who an authority is compared with, and official figures of these areas alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import FIGURE
from needs.vocabulary.records import StudyData

__all__ = [
    "MARKS",
    "Peers",
    "as_printed",
    "in_text",
    "neighbour_codes",
    "peers",
    "release_key",
    "revised",
]

MARKS = {"low": "k", "..": "x", ":": "x", "~": "x"}
"""Markers of older files -> the letter that stands for the same today."""
COUNTED_OUT = "z"
"""Marker of an authority that does not exist in a year."""


@dataclass(frozen=True)
class Peers:
    """The areas of a comparison.

    Attributes
    ----------
    own : str
        ONS code of the study's authority.
    neighbours : tuple of str
        ONS codes of its statistical neighbours, the closest first; empty where none is known.
    region, england : str
        ONS codes; ``region`` is empty where the study names none.
    names : mapping of str to str
        ONS code -> name, in printed order: own, neighbours, region, England.
    authorities : tuple of str
        ONS codes of every authority in the files.
    notes : tuple of str
        Which neighbours these are, and what is missing.
    """

    own: str
    neighbours: tuple[str, ...]
    region: str
    england: str
    names: Mapping[str, str]
    authorities: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """Every area of the comparison, in printed order."""
        return tuple(self.names)


def in_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return official figures with text in place of categories, and one letter a marker."""
    columns = ["area_code", "period", "measure", "group", "by", "marker", "vintage"]
    out = frame[[*columns, "value"]].copy()
    for column in columns:
        out[column] = out[column].astype(object)
    out["marker"] = out["marker"].replace(MARKS)
    return out


def peers(data: StudyData) -> Peers:
    """Return the areas that a study is compared with.

    Parameters
    ----------
    data : StudyData
        A study with comparators; neighbours from its own choice of codes, else from the
        input ``neighbours`` in the vintage that the study names.

    Raises
    ------
    InputMissing
        If the study has no comparators, or they do not hold its own authority.
    """
    known = data.comparators.frame.drop_duplicates("area_code")
    name = dict(zip(known["area_code"], known["area_name"].astype(str), strict=True))
    kind = known["area_type"].astype(str)
    own, region = data.study.authority.ons_code, data.study.comparators.region
    if own not in name:
        raise InputMissing("comparators")
    codes, note = neighbour_codes(data)
    has_number = set(data.comparators.frame.dropna(subset="value")["area_code"])
    found = [
        (code, str(area))
        for code in codes
        for area in known.loc[(known["dfe_code"] == code) & (kind == "authority"), "area_code"]
        if area in has_number
    ]
    england = str(next(iter(known.loc[kind == "England", "area_code"]), ""))
    region = region if region in name else ""
    notes = [note, *_lacking(codes, {c for c, _ in found}, region)]
    shown = [own, *(area for _, area in found), *filter(None, (region, england))]
    return Peers(
        own=own,
        neighbours=tuple(area for _, area in found),
        region=region,
        england=england,
        names={k: data.study.authority.short_name if k == own else name[k] for k in shown},
        authorities=tuple(sorted(known.loc[kind == "authority", "area_code"].astype(str))),
        notes=tuple(filter(None, notes)),
    )


def neighbour_codes(data: StudyData) -> tuple[tuple[str, ...], str]:
    """Return the neighbours' DfE codes, the closest first, and where they are from."""
    chosen = data.study.comparators
    if chosen.neighbours:
        return chosen.neighbours, "Neighbours are those that the study names."
    if not data.has("neighbours"):
        return (), (
            "No statistical neighbours are shown: name their file in study.toml, section "
            "[inputs], key neighbours, or their codes in section [comparators]."
        )
    frame = data.neighbours.frame
    rows = frame[
        (frame["dfe_code"] == data.study.authority.dfe_code)
        & (frame["vintage"].astype(str) == chosen.neighbours_vintage)
    ].sort_values("rank")
    note = (
        f"Statistical neighbours of the grouping of {chosen.neighbours_vintage}, the closest first."
    )
    return tuple(rows["neighbour_code"].astype(str)), note


def _lacking(codes: tuple[str, ...], found: set[str], region: str) -> list[str]:
    lost = [c for c in codes if c not in found]
    out = [f"The files have no figures of these neighbours: {', '.join(lost)}."] if lost else []
    if not region:
        out.append("The study names no region, or one that the files do not have.")
    return out


def release_key(vintage: pd.Series[str]) -> pd.Series[str]:
    """Return the key of each release, such as ``release_2023``."""
    return "release_" + vintage.astype(str)


def as_printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return figures of every release side by side, in the columns of a long table.

    Parameters
    ----------
    frame : DataFrame
        From :func:`in_text`.

    Returns
    -------
    DataFrame
        ``area`` is the ONS code and ``by`` the release. Nothing is changed: a number that
        differs from that of the release before keeps its value and is marked ``r``, for
        restated.
    """
    out = frame.sort_values([*FIGURE, "vintage"], ignore_index=True)
    before = out.groupby(list(FIGURE), sort=False)["value"].shift()
    restated = before.notna() & out["value"].notna() & (before != out["value"])
    out["marker"] = out["marker"].mask(restated, "r")
    return out.assign(area=out["area_code"], by=release_key(out["vintage"]))


def revised(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that two releases print differently, every release of them."""
    both = frame.groupby(list(FIGURE), sort=False)["value"]
    differ = (both.transform("max") != both.transform("min")) & (both.transform("count") > 1)
    return frame[differ]
