"""Mid-year estimates of the population, as ONS and the Department for Education release them.

Three kinds of file are read: children aged 0 to 17 by authority (the DfE's file of ONS
estimates), ONS's detailed estimates by single year of age and sex (table MYEB1), and a long
table ``gss, area, age, population, mid_year``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from needs.inputs.official.areas import AREA_COLUMNS, area_faults, areas
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
    *AREA_COLUMNS,
    "mid_year",
    "age_from",
    "age_to",
    "population_n",
    "marker",
    "file",
)
"""Columns of the frame; see :func:`read`."""

_CHILDREN = "children aged 0 to 17 years"
_AGAIN = "download the file again"
_SEXES = {"f": "f", "m": "m", "female": "f", "male": "m", "1": "m", "2": "f"}


def read(study: Study) -> Table:
    """Read the population estimates that a study names under ``inputs.population``.

    Parameters
    ----------
    study : Study
        Any of the three kinds of file, side by side.

    Returns
    -------
    Table
        ``frame``, one row an area, mid-year and age: ``area_code`` (ONS), ``dfe_code`` (empty
        where the file has none), ``area_name``, ``area_type`` (authority, district, region,
        sub_region, England), ``mid_year`` (int: 30 June of that year), ``age_from``,
        ``age_to`` (int, both the same for a single year of age), ``population_n`` (float,
        persons, NaN for a marker), ``marker``, ``file``. Single years of age run to 25, for
        care leavers; older ages are left out and counted. The DfE's rates of the reporting
        year that ends in a year count on the mid-year before.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, areas, years, ages, cells that are
        neither number nor marker, one sex without the other, figures given twice and
        differently.
    """
    sources, faults = read_sources(study, "population")
    made = []
    left_out: dict[str, int] = {}
    for source in sources:
        found = _FAULTS[source.layout.kind](source)
        faults += found
        if not found:
            frame, left_out[source.file] = _READ[source.layout.kind](source)
            made.append(frame.assign(file=source.file))
    if not made:
        finish("population", faults)
    frame = pd.concat(made, ignore_index=True)
    key = ["area_code", "mid_year", "age_from", "age_to"]
    kept, repeats, differing = contradicted(frame, key)
    finish("population", [*faults, *differing])
    kept = kept.sort_values(key, ignore_index=True)[list(COLUMNS)]
    return Table(kept, facts(sources, left_out_n=left_out, duplicates_n=repeats))


def _children_faults(source: Source) -> list[Fault]:
    frame = source.frame
    faults = area_faults(source) + year_faults(source, "time_period")
    faults += number_faults(source.file, frame, ["population_estimate"])
    other = frame.index[frame["age_group"].str.lower() != _CHILDREN]
    if len(other):
        rule = "not the age group of children aged 0 to 17 years"
        faults.append(at_rows(source.file, "age_group", rule, _AGAIN, other))
    return faults


def _children(source: Source) -> tuple[pd.DataFrame, int]:
    value, marker = numbers(source.frame["population_estimate"])
    frame = areas(source.frame).astype(str)
    year = source.frame["time_period"].astype(int)
    return frame.assign(
        mid_year=year,
        age_from=0,
        age_to=17,
        population_n=value,
        marker=marker.astype(str),
        row=frame.index,
    ), 0


def _single_faults(source: Source) -> list[Fault]:
    faults = area_code_faults(source) + age_faults(source, "age")
    frame = source.frame[looked_up(source.frame["age"], age_of).astype(int) <= OLDEST]
    names = {year: f"population_{year}" for year in source.series}
    faults += number_faults(source.file, frame, source.series, names)
    wrong = frame.index[looked_up(frame["sex"], _sex) == ""]
    if len(wrong):
        return [*faults, at_rows(source.file, "sex", "neither female nor male", _AGAIN, wrong)]
    rows = frame[~frame.duplicated()].assign(sex=looked_up(frame["sex"], _sex))
    key = ["area_code", "age", "sex"]
    twice = rows.index[rows.duplicated(key)]
    if len(twice):
        rule = "the same figure is given twice, and differently"
        faults.append(at_rows(source.file, "", rule, "keep one of the rows", twice))
    both = rows.drop_duplicates(key).groupby(key[:2], observed=True)["sex"].transform("size")
    alone = both.index[both != 2]
    if len(alone):
        rule = "an age has one sex without the other"
        mend = "download the file again, with both sexes"
        faults.append(at_rows(source.file, "sex", rule, mend, alone))
    return faults


def _sex(text: str) -> str:
    return _SEXES.get(text.lower(), "")


def _single(source: Source) -> tuple[pd.DataFrame, int]:
    """Return persons by single year of age, from the rows of both sexes."""
    age = looked_up(source.frame["age"], age_of).astype(int)
    young = source.frame[age <= OLDEST]
    parts = []
    for year in source.series:
        value, marker = numbers(young[year])
        parts.append(
            young[["area_code", "area_name", "sex"]]
            .astype(str)
            .assign(
                mid_year=int(year),
                age=age[age <= OLDEST],
                population_n=value,
                marker=marker.astype(str),
                row=young.index,
            )
        )
    key = ["area_code", "mid_year", "age"]
    long = pd.concat(parts, ignore_index=True).drop_duplicates([*key, "sex"])
    # Persons are known only where both sexes are; a marker of either stands for them.
    groups = long.sort_values("marker", ascending=False, kind="stable").groupby(key, as_index=False)
    persons = groups.agg(
        area_name=("area_name", "first"), marker=("marker", "first"), row=("row", "min")
    )
    total = groups["population_n"].sum(min_count=2)["population_n"]
    return _aged(persons.assign(population_n=total)), len(source.frame) - len(young)


def _long_faults(source: Source) -> list[Fault]:
    faults = area_code_faults(source) + age_faults(source, "age") + year_faults(source, "mid_year")
    return faults + number_faults(source.file, source.frame, ["population"])


def _long(source: Source) -> tuple[pd.DataFrame, int]:
    frame = source.frame
    age = looked_up(frame["age"], age_of).astype(int)
    value, marker = numbers(frame["population"])
    long = frame[["area_code", "area_name"]].astype(str)
    long = long.assign(
        mid_year=frame["mid_year"].astype(int),
        age=age,
        population_n=value,
        marker=marker.astype(str),
        row=frame.index,
    )
    young = long[age <= OLDEST]
    return _aged(young), len(long) - len(young)


def _aged(frame: pd.DataFrame) -> pd.DataFrame:
    kind = area_types(frame["area_code"])
    return frame.assign(
        dfe_code="", area_type=kind, age_from=frame["age"], age_to=frame["age"]
    ).drop(columns="age")


_FAULTS: Mapping[str, Callable[[Source], list[Fault]]] = {
    "children": _children_faults,
    "single_years": _single_faults,
    "long": _long_faults,
}
_READ: Mapping[str, Callable[[Source], tuple[pd.DataFrame, int]]] = {
    "children": _children,
    "single_years": _single,
    "long": _long,
}
