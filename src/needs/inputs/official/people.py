"""Ages, mid-years and area types of ONS's population files."""

from __future__ import annotations

import re

import pandas as pd

from needs.inputs.official.areas import contradictions
from needs.inputs.official.distinct import looked_up
from needs.inputs.official.files import Source, at_rows
from needs.vocabulary.errors import Fault

__all__ = [
    "OLDEST",
    "age_faults",
    "age_of",
    "area_code_faults",
    "area_types",
    "contradicted",
    "year_faults",
]

OLDEST = 25
"""Oldest single year of age kept: care leavers are counted to their 25th year."""

_AGAIN = "download the file again"
_ALL_AGES = 999
_TYPES = {
    "E06": "authority",
    "E07": "district",
    "E08": "authority",
    "E09": "authority",
    "E10": "authority",
    "E12": "region",
    "E13": "sub_region",
    "E92": "England",
}


def area_types(codes: pd.Series[str]) -> pd.Series[str]:
    """Return what kind of area each ONS code names: ``other`` for those of other countries."""
    return codes.map({code: _TYPES.get(code[:3], "other") for code in codes.unique()})


def age_of(text: str) -> int:
    """Return the single year of age, 999 for all ages together, -1 where it is neither."""
    plain = text.lower()
    if plain == "all ages":
        return _ALL_AGES
    found = re.fullmatch(r"(\d{1,3})(\s*\+|\s+and over)?", plain)
    return int(found[1]) if found else -1


def _faults(source: Source, column: str, wrong: pd.Series[bool], rule: str) -> list[Fault]:
    rows = source.frame.index[wrong]
    named = source.layout.required[column][0]
    return [at_rows(source.file, named, rule, _AGAIN, rows)] if len(rows) else []


def age_faults(source: Source, column: str) -> list[Fault]:
    """Return a fault if a column holds something other than single years of age."""
    wrong = looked_up(source.frame[column], age_of).astype(int) < 0
    return _faults(source, column, wrong, "not a single year of age")


def year_faults(source: Source, column: str) -> list[Fault]:
    """Return a fault if a column holds something other than years."""
    wrong = ~source.frame[column].str.fullmatch(r"(19|20)\d\d")
    return _faults(source, column, wrong, "not a year of four digits")


def area_code_faults(source: Source, column: str = "area_code") -> list[Fault]:
    """Return a fault if a column holds something other than ONS codes."""
    wrong = ~source.frame[column].str.fullmatch(r"[EWSNK]\d{8}")
    return _faults(source, column, wrong, "not an ONS code of a letter and eight digits")


def contradicted(
    frame: pd.DataFrame, key: list[str]
) -> tuple[pd.DataFrame, dict[str, int], list[Fault]]:
    """Return figures without repeats, the repeats of each file, and contradictions."""
    mend = "keep the estimates or the projection of one release"
    kept, repeats, faults = contradictions(frame, key, ["population_n", "marker"], "", mend)
    count = repeats.groupby("file")["row"].nunique()
    return kept, {str(f): int(n) for f, n in count.items()}, faults
