"""ONS's subnational population projections by single year of age.

ONS's own file (``AREA_CODE, AREA_NAME, COMPONENT, SEX, AGE_GROUP`` and a column for each
mid-year) is read as downloaded, as is a long table with the columns ``area_code, area_name,
age, mid_year, population, source``. The 2022-based file gives districts, not counties: with
ONS's lookup of districts to upper-tier authorities beside it, the reader adds their sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from needs.inputs.official.distinct import looked_up
from needs.inputs.official.figures import number_faults, numbers
from needs.inputs.official.files import Source, at_rows, facts, finish, read_sources
from needs.inputs.official.people import (
    OLDEST,
    age_faults,
    age_of,
    area_code_faults,
    area_types,
    contradicted,
    year_faults,
)
from needs.vocabulary.errors import Fault
from needs.vocabulary.records import Table
from needs.vocabulary.study import Study

__all__ = ["COLUMNS", "read"]

COLUMNS = (
    "area_code",
    "area_name",
    "area_type",
    "mid_year",
    "age",
    "population_n",
    "marker",
    "vintage",
    "file",
)
"""Columns of the frame; see :func:`read`."""

_AGAIN = "download the file again"
_KEY = ["area_code", "mid_year", "age"]


def read(study: Study) -> Table:
    """Read the population projections that a study names under ``inputs.projections``.

    Parameters
    ----------
    study : Study
        Files of one release, and ONS's lookup of districts to upper-tier authorities.

    Returns
    -------
    Table
        ``frame``, one row an area, mid-year and age: ``area_code`` (ONS), ``area_name``,
        ``area_type`` (authority, district, region, England), ``mid_year`` (int: 30 June),
        ``age`` (int, 0 to 25), ``population_n`` (float, persons; the publisher's decimals are
        kept), ``marker``, ``vintage`` (first mid-year of the file, which ONS's releases are
        named after: 2022 for the 2022-based), ``file``. Older ages, all ages together, and
        components and sexes other than the population of persons are left out and counted.

        The projection is not at the level of the estimates that rates are counted on: see
        :func:`needs.vocabulary.official.rebased`.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, areas, years, ages, cells that are
        neither number nor marker, no rows for persons, figures given twice and differently.
    """
    sources, faults = read_sources(study, "projections")
    made = []
    left_out: dict[str, int] = {}
    for source in sources:
        found = _FAULTS[source.layout.kind](source)
        faults += found
        if not found and source.layout.kind != "districts":
            frame, left_out[source.file] = _READ[source.layout.kind](source)
            vintage = str(frame["mid_year"].min())
            made.append(frame.assign(vintage=vintage, file=source.file))
    if not made and not faults:
        mend = "add ONS's file of projections by single year of age"
        faults.append(Fault("inputs.projections", "there is a lookup and no projection", mend))
    if not made:
        finish("projections", faults)
    kept, repeats, differing = contradicted(pd.concat(made, ignore_index=True), _KEY)
    finish("projections", [*faults, *differing])
    kept = pd.concat([kept, *_upper_tier(kept, sources)], ignore_index=True)
    kept["area_type"] = area_types(kept["area_code"])
    kept = kept.sort_values(_KEY, ignore_index=True)[list(COLUMNS)]
    return Table(kept, facts(sources, left_out_n=left_out, duplicates_n=repeats))


def _wide_faults(source: Source) -> list[Fault]:
    frame = source.frame
    faults = area_code_faults(source) + age_faults(source, "age_group")
    faults += number_faults(source.file, frame[_kept(frame)], source.series)
    if not _persons(frame).any():
        rule = "there are no rows of the population of persons"
        mend = "download the file of persons, not that of one sex or of a component of change"
        faults.append(Fault(source.file, rule, mend, column="sex"))
    return faults


def _persons(frame: pd.DataFrame) -> pd.Series[bool]:
    persons = looked_up(frame["sex"], str.lower).astype(str).isin(["persons", "all", "3"])
    return persons & (looked_up(frame["component"], str.lower).astype(str) == "population")


def _kept(frame: pd.DataFrame) -> pd.Series[bool]:
    return _persons(frame) & (looked_up(frame["age_group"], age_of).astype(int) <= OLDEST)


def _wide(source: Source) -> tuple[pd.DataFrame, int]:
    frame = source.frame
    kept = frame[_kept(frame)]
    age = looked_up(kept["age_group"], age_of).astype(int)
    base = kept[["area_code", "area_name"]].astype(str).assign(age=age, row=kept.index)
    parts = []
    for year in source.series:
        value, marker = numbers(kept[year])
        parts.append(base.assign(mid_year=int(year), population_n=value, marker=marker.astype(str)))
    return pd.concat(parts, ignore_index=True), len(frame) - len(kept)


def _long_faults(source: Source) -> list[Fault]:
    faults = area_code_faults(source) + age_faults(source, "age") + year_faults(source, "mid_year")
    return faults + number_faults(source.file, source.frame, ["population"])


def _long(source: Source) -> tuple[pd.DataFrame, int]:
    frame = source.frame
    value, marker = numbers(frame["population"])
    age = looked_up(frame["age"], age_of).astype(int)
    long = frame[["area_code", "area_name"]].astype(str)
    long = long.assign(
        age=age,
        mid_year=frame["mid_year"].astype(int),
        population_n=value,
        marker=marker.astype(str),
        row=frame.index,
    )
    young = long[age <= OLDEST]
    return young, len(long) - len(young)


def _district_faults(source: Source) -> list[Fault]:
    faults = area_code_faults(source, "district") + area_code_faults(source)
    rows = source.frame[["district", "area_code"]].astype(str).drop_duplicates()
    twice = rows.index[rows.duplicated("district")]
    if len(twice):
        rule = "a district lies in two authorities"
        faults.append(at_rows(source.file, "", rule, "keep the lookup of one year", twice))
    return faults


def _upper_tier(frame: pd.DataFrame, sources: Sequence[Source]) -> list[pd.DataFrame]:
    """Return the sums of districts for authorities that the projection does not give itself.

    An authority of which a district is missing gets no sum.
    """
    made = []
    given = set(frame["area_code"])
    for source in sources:
        if source.layout.kind != "districts":
            continue
        lookup = source.frame.astype(str).drop_duplicates(["district", "area_code"])
        lookup = lookup[~lookup["area_code"].isin(given)]
        whole = lookup["district"].isin(given).groupby(lookup["area_code"]).transform("all")
        lookup = lookup[whole].rename(columns={"area_code": "upper", "area_name": "upper_name"})
        rows = frame.merge(lookup, left_on="area_code", right_on="district")
        rows = rows.sort_values("marker", ascending=False, kind="stable")
        keys = ["upper", "upper_name", "mid_year", "age", "vintage"]
        sums = rows.groupby(keys, as_index=False).agg(
            population_n=("population_n", "sum"), marker=("marker", "first"), file=("file", "first")
        )
        sums.loc[sums["marker"] != "", "population_n"] = float("nan")
        made.append(sums.rename(columns={"upper": "area_code", "upper_name": "area_name"}))
        given |= set(lookup["upper"])
    return made


_FAULTS: Mapping[str, Callable[[Source], list[Fault]]] = {
    "wide": _wide_faults,
    "long": _long_faults,
    "districts": _district_faults,
}
_READ: Mapping[str, Callable[[Source], tuple[pd.DataFrame, int]]] = {"wide": _wide, "long": _long}
