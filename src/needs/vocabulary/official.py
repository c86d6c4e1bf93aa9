"""What analyses do with official figures of several vintages: take the latest, rebase.

Readers keep every vintage of a figure. An analysis asks here for the latest one and is told
what the later release revised; a projection is carried to the level of the estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs.vocabulary.errors import ModelError

__all__ = ["FIGURE", "Latest", "Rebased", "aged_0_to_17", "latest", "rebased"]

FIGURE = ("area_code", "period", "measure", "group", "by")
"""Columns that name one official figure; ``vintage`` says which release gave it."""


@dataclass(frozen=True)
class Latest:
    """Official figures, one vintage each.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows of the newest vintage of each figure, in the columns of the input.
    revised : pandas.DataFrame
        One row for each pair of vintages of a figure, one after the other, that differ:
        :data:`FIGURE`, ``vintage_before, value_before, marker_before, vintage, value, marker``
        and ``change`` (NaN where either is not a number).
    """

    frame: pd.DataFrame
    revised: pd.DataFrame


def latest(figures: pd.DataFrame) -> Latest:
    """Take the newest vintage of every figure, and say what it revised.

    Parameters
    ----------
    figures : DataFrame
        Columns :data:`FIGURE`, ``vintage`` (text that sorts, such as ``2023``), ``value``
        and ``marker``, one row for each figure and vintage.

    Returns
    -------
    Latest
        A figure that the newest release no longer gives keeps the vintage that last did.
    """
    key = list(FIGURE)
    ordered = figures.sort_values([*key, "vintage"], ignore_index=True)
    same = ~ordered.duplicated(key)
    said = ["vintage", "value", "marker"]
    before = ordered[said].shift().add_suffix("_before")
    pairs = pd.concat([ordered[key], before, ordered[said]], axis=1)[~same]
    value, earlier = pairs["value"], pairs["value_before"]
    equal = (value == earlier) | (value.isna() & earlier.isna())
    revised = pairs[~equal | (pairs["marker"].astype(str) != pairs["marker_before"].astype(str))]
    return Latest(
        ordered.drop_duplicates(key, keep="last", ignore_index=True),
        revised.assign(change=revised["value"] - revised["value_before"]).reset_index(drop=True),
    )


@dataclass(frozen=True)
class Rebased:
    """A projection carried to the level of the population estimates.

    Attributes
    ----------
    frame : pandas.DataFrame
        As the projection, with ``population_n`` multiplied by the area's ``factor``, the
        unchanged number in ``projected_n``, and ``base_year``.
    factors : pandas.DataFrame
        One row an area and mid-year that both give: ``area_code, mid_year, projected_n,
        estimated_n`` (both ages 0 to 17), ``factor``, ``used`` (the base year's).
    text : str
        What was done, in words.
    """

    frame: pd.DataFrame
    factors: pd.DataFrame
    text: str


_TEXT = (
    "A rate of children looked after is counted on the published estimate of the population "
    "aged 0 to 17, and the projection stands at another level. Each area's projection is "
    "therefore multiplied, at every age and in every year, by the estimate over the projection "
    "at the last mid-year that both give. Growth and age structure stay those of the "
    "projection. Where the factor moves from year to year, the projection has already parted "
    "from the estimates, and a rate carried on it is that much less certain."
)


def rebased(
    projection: pd.DataFrame, population: pd.DataFrame, base_year: int | None = None
) -> Rebased:
    """Carry a projection to the level of the estimates that rates are counted on.

    The DfE counts the rate at 31 March of a year on the mid-year estimate of the year before
    (the rate of 2022-23 on mid-2022). ONS's 2022-based projection for Oxfordshire lies 3% below
    the estimate of mid-2024, so that a rate carried onto it unchanged would lose 3% of the
    children.

    Parameters
    ----------
    projection : DataFrame
        ``area_code, mid_year, age, population_n``, every age from 0 to 17.
    population : DataFrame
        ``area_code, mid_year, age_from, age_to, population_n`` of the estimates; rows for ages
        0 to 17 as a whole are used, and single years of age are summed where there are none.
    base_year : int, optional
        Mid-year at which both are set equal; the last that both give, area by area, if None.

    Returns
    -------
    Rebased
        Areas without an estimate in the base year are left out of ``frame``.

    Raises
    ------
    ModelError
        If no area has both figures in a year, or none in the base year asked for.
    """
    children = projection[projection["age"] <= 17]
    projected = children.groupby(["area_code", "mid_year"], observed=True)["population_n"].sum()
    estimated = aged_0_to_17(population)
    both = pd.concat({"projected_n": projected, "estimated_n": estimated}, axis=1, join="inner")
    factors = both.dropna().reset_index()
    factors["factor"] = factors["estimated_n"] / factors["projected_n"]
    base = factors.groupby("area_code")["mid_year"].transform("max")
    factors["used"] = factors["mid_year"] == (base if base_year is None else base_year)
    used = factors.loc[factors["used"], ["area_code", "mid_year", "factor"]]
    if used.empty:
        raise ModelError("no area has a projection and an estimate for the same mid-year")
    frame = projection.merge(used.rename(columns={"mid_year": "base_year"}), on="area_code")
    frame["projected_n"] = frame["population_n"]
    frame["population_n"] = frame["projected_n"] * frame["factor"]
    return Rebased(frame, factors.sort_values(["area_code", "mid_year"], ignore_index=True), _TEXT)


def aged_0_to_17(population: pd.DataFrame) -> pd.Series[float]:
    """Return the estimates of ages 0 to 17: printed as a whole, else the sum of all 18 ages.

    Parameters
    ----------
    population : DataFrame
        ``area_code, mid_year, age_from, age_to, population_n``.

    Returns
    -------
    pandas.Series
        Persons, by ``area_code`` and ``mid_year``.
    """
    key = ["area_code", "mid_year"]
    whole = population[(population["age_from"] == 0) & (population["age_to"] == 17)]
    single = population[
        (population["age_from"] == population["age_to"]) & (population["age_to"] <= 17)
    ]
    summed = single.groupby(key, observed=True)["population_n"].agg(["sum", "count"])
    summed_n = summed.loc[summed["count"] == 18, "sum"]
    given = whole.groupby(key, observed=True)["population_n"].first()
    return given.combine_first(summed_n)
