"""DfE code lists of the SSDA903 return, and the placement groups of the DfE releases.

The lists are data (``vocabulary/data/ssda903_*.toml``), loaded when first asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

__all__ = ["CODE_SETS", "Code", "CodeSet", "PlacementGroups", "code_set", "placement_groups"]

CODE_SETS = (
    "SEX",
    "ETHNIC",
    "UPN_UNKNOWN",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "REC",
    "REASON_PLACE_CHANGE",
    "REVIEW_CODE",
    "SDQ_REASON",
    "MISSING",
    "IN_TOUCH",
    "ACTIV",
    "ACCOM",
    "SEX_ADOPTR",
    "LS_ADOPTR",
    "REASON_PLACED_CEASED",
    "PREV_PERM",
    "SW_REASON",
)
"""Names of the code lists, as the column names of the return."""

FIRST, LAST = 0, 9999


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list.

    Parameters
    ----------
    code : str
        As written in a return, upper case.
    label : str
        Words for a reader.
    group : str
        Group it is published under (for REC the kind of exit, ``continues`` for X1; for
        PLACE the current DfE placement group); empty where the list has none.
    valid_from, valid_until : int
        End years of the first and last return that may use it.
    """

    code: str
    label: str
    group: str = ""
    valid_from: int = FIRST
    valid_until: int = LAST


@dataclass(frozen=True)
class CodeSet:
    """A DfE code list.

    Parameters
    ----------
    name : str
        Name of the list.
    codes : mapping of str to Code
        Every code of any year, in the order of the guidance.

    Examples
    --------
    >>> code_set("PLACE").group_of["K2"], "K3" in code_set("PLACE").valid_in(2024)
    ('secure_ch', False)
    """

    name: str
    codes: Mapping[str, Code]

    def valid_in(self, year: int) -> frozenset[str]:
        """Return the codes that the return of that end year may use."""
        return frozenset(
            c.code for c in self.codes.values() if c.valid_from <= year <= c.valid_until
        )

    @property
    def labels(self) -> Mapping[str, str]:
        """Words of each code."""
        return {c.code: c.label for c in self.codes.values()}

    @property
    def group_of(self) -> Mapping[str, str]:
        """Group of each code; empty text where it has none."""
        return {c.code: c.group for c in self.codes.values()}

    def in_group(self, *groups: str) -> frozenset[str]:
        """Return the codes of the groups named.

        Raises
        ------
        KeyError
            If the list has no group of a name.
        """
        for group in groups:
            if group not in self.group_of.values():
                raise KeyError(f"{self.name} has no group {group}")
        return frozenset(c.code for c in self.codes.values() if c.group in groups)

    def __contains__(self, code: object) -> bool:
        return code in self.codes


@dataclass(frozen=True)
class PlacementGroups:
    """A classification of placements in the DfE releases.

    Parameters
    ----------
    group_of : mapping of str to str
        PLACE code -> group key. ``temporary`` has no published group: the placement held
        before the temporary move counts.
    labels : mapping of str to str
        Group key -> words as published, in the order published.
    """

    group_of: Mapping[str, str]
    labels: Mapping[str, str]


@cache
def _data(name: str) -> dict[str, dict[str, dict[str, object]]]:
    text = files("needs.vocabulary.data").joinpath(f"ssda903_{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def code_set(name: str) -> CodeSet:
    """Return a code list by its name, one of :data:`CODE_SETS`.

    Raises
    ------
    KeyError
        If there is no list of that name.
    """
    codes = {
        code: Code(
            code,
            str(facts["label"]),
            str(facts.get("group", "")),
            int(str(facts.get("from", FIRST))),
            int(str(facts.get("until", LAST))),
        )
        for code, facts in _data("codes")[name].items()
    }
    return CodeSet(name, MappingProxyType(codes))


@cache
def placement_groups(classification: Literal["current", "legacy"] = "current") -> PlacementGroups:
    """Return the DfE placement groups.

    Parameters
    ----------
    classification : {"current", "legacy"}
        ``current`` as in releases around 2024 on; ``legacy`` as in releases up to about
        2022, which put children's homes and semi-independent living together.
    """
    groups = _data("groups")[classification]
    group_of: dict[str, str] = {}
    for key, facts in groups.items():
        places = facts["place"]
        group_of |= dict.fromkeys(places, key) if isinstance(places, list) else {}
    labels = {key: str(facts["label"]) for key, facts in groups.items()}
    return PlacementGroups(MappingProxyType(group_of), MappingProxyType(labels))
