"""Chapter 40: providers and places in and around the authority, from Ofsted's list."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.actions.plan import day_words
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["HERE", "KINDS", "listed_places", "registered", "registered_kinds", "registered_ratings"]

NAME, RATED, OF_KINDS = "market_registered", "market_ratings", "market_kinds"
HERE, AROUND = "here", "around"
KINDS = {
    "home": "Children's homes",
    "school": "Residential special schools registered as children's homes",
    "secure": "Secure children's homes",
}
"""What Ofsted registers as a children's home, by key."""
_TYPES = {
    "children's home": "home",
    "residential special school (registered as a children's home)": "school",
    "secure children's home": "secure",
}
_SOURCE = "Ofsted: children's social care providers and places"
_SECTORS = {"local authority": "local_authority", "private": "private", "voluntary": "voluntary"}
_WORDS = {
    ALL: "All",
    "local_authority": "Local authority",
    "private": "Private",
    "voluntary": "Voluntary",
    "other_sector": "Health or another",
    HERE: "in the authority",
    AROUND: "in the other authorities of the list",
}
_NAMED = 15
_SCOPE = "Registered places, whoever lives in them."


def registered(data: StudyData) -> Result:
    """Return providers and places by kind, sector and area (``market_registered``).

    Parameters
    ----------
    data : StudyData
        A study with Ofsted's list (``inputs.ofsted``).

    Returns
    -------
    Result
        By sector (``group``) and area (``by``), children's homes that are active and not for short
        breaks alone, secure homes and residential special schools apart: homes and places, and
        places a home. The newest list is taken.

    Raises
    ------
    InputMissing
        If the study has no list.
    """
    rows, when = listed_places(data)
    homes = rows[rows["kind"] == "home"]
    both = pd.concat([homes, homes.assign(group=ALL)], ignore_index=True)
    wide = both.groupby(["group", "by"]).agg(homes_n=("urn", "size"), places_n=("places", "sum"))
    wide["a_home"] = wide["places_n"] / wide["homes_n"]
    order = [(g, b) for g in _WORDS for b in (HERE, AROUND) if (g, b) in wide.index]
    wide = wide.loc[order].reset_index().assign(period=when)
    study = data.study
    per = _people(data)
    if per:
        here = (wide["by"] == HERE) & (wide["group"] == ALL)
        wide["per_1000"] = np.where(here, 1000 * wide["places_n"] / per, np.nan)
    table = wide_rows(wide, ["group", "by", "period"])
    table = table[table["marker"] != "z"].reset_index(drop=True)
    measures = (
        Measure("homes_n", "Homes", "count"),
        Measure("places_n", "Places", "places"),
        Measure("a_home", "Places a home", "places_mean"),
        Measure("per_1000", "Places for each thousand children who live in the area", "number1"),
    )
    return Result(
        name=NAME,
        title="Children's homes registered here and around",
        subtitle=f"Homes and places by sector, {study.authority.name}",
        table=table,
        measures=tuple(m for m in measures if m.key in set(table["measure"])),
        labels={**_WORDS, when: day_words(when) if when[:1].isdigit() else when},
        source=_SOURCE,
        layout=Layout(("group", "by"), ("measure",), ("homes_n", "places_n", "a_home")),
        text=tuple(_said(table, when)),
        charts=(
            Chart(
                key="sectors",
                kind="bar",
                measure="places_n",
                title="Who runs the places in children's homes",
                subtitle=f"Registered places in {study.authority.name}",
                alt="Bars, one for each sector, of registered places in the authority.",
                x="group",
                series="by",
                include={"by": (HERE,), "group": tuple(k for k in _WORDS if k != ALL)},
            ),
        ),
        notes=(
            "Homes that Ofsted lists as active, short breaks alone left out. A place is one that "
            "is registered: it may be empty, or taken by a child of another authority; what own "
            "children use is in the tables on occupancy and on distance.",
            _around(rows),
        ),
        checks=tuple(_dates(data)),
        scope=_SCOPE,
        typed=True,
        published=True,
    )


def listed_places(data: StudyData) -> tuple[pd.DataFrame, str]:
    """Return who has places in the newest list, and its date.

    Returns
    -------
    rows : pandas.DataFrame
        Active homes of :data:`KINDS` that are not for short breaks alone, each once: ``urn``,
        ``kind``, ``group`` (sector), ``by`` (here or around), ``places``, ``authority``,
        ``region``, ``rating``.
    when : str
        Day of the list (ISO), or that it has none.

    Notes
    -----
    A list without a date is not known to be older or newer: it is left out beside one with a date.
    """
    frame = data.ofsted.frame
    newest = frame["as_at"].max()
    mine = frame[frame["as_at"].isna() if pd.isna(newest) else frame["as_at"] == newest]
    status = mine["registration_status"].str.casefold()
    mine = mine[status.isin(["", "active"]) & ~mine["short_breaks_only"]]
    mine = mine.drop_duplicates("urn").copy()
    sector = mine["sector"].str.casefold().map(_SECTORS)
    name = data.study.authority
    own = {name.name.casefold(), name.short_name.casefold()}
    mine["group"] = sector.fillna("other_sector")
    mine["by"] = np.where(mine["authority"].str.casefold().isin(own), HERE, AROUND)
    mine["kind"] = mine["provision_type"].str.casefold().map(_TYPES)
    when = "newest list" if pd.isna(newest) else newest.date().isoformat()
    return mine[mine["places"].notna() & mine["kind"].notna()], when


def _around(rows: pd.DataFrame) -> str:
    """Return which authorities the list holds beside the study's own."""
    others = sorted(rows.loc[rows["by"] == AROUND, "authority"].unique())
    if not others:
        return "The list holds no other authority."
    regions = sorted(r for r in rows["region"].unique() if r)
    of = f", in {regions[0]}" if len(regions) == 1 else ""
    if len(others) > _NAMED:
        return f"The list holds more other authorities than are named here{of}."
    return f"The other authorities of the list are those with homes in it{of}: {', '.join(others)}."


def _dates(data: StudyData) -> Iterator[Check]:
    """Yield whether lists of several dates were given together."""
    frame = data.ofsted.frame
    undated = int(frame["as_at"].isna().sum())
    if undated and undated < len(frame):
        found = f"{undated} rows of lists without a date are left out beside a list with a date"
        yield Check("Date of Ofsted's list", "review", found)


def _people(data: StudyData) -> float:
    """Return people under 18 who live in the area at the last date known; nought if not known."""
    if not data.has("population"):
        return 0.0
    p = data.population.frame
    if not {"area", "year", "age", "value"} <= set(p.columns):
        return 0.0
    mine = p[(p["area"].astype(str) == data.study.authority.ons_code) & (p["age"] < 18)]
    return float(mine.loc[mine["year"] == mine["year"].max(), "value"].sum())


def _said(table: pd.DataFrame, when: str) -> Iterator[Sentence]:
    there = set(zip(table["measure"], table["group"], table["by"], strict=True))
    if ("places_n", ALL, HERE) in there:
        yield Sentence(
            "{homes} children's homes with {places} places are registered in the authority.",
            {
                "homes": figure_id(NAME, "homes_n", ALL, when, HERE),
                "places": figure_id(NAME, "places_n", ALL, when, HERE),
            },
        )
    if ("places_n", "private", HERE) in there:
        yield Sentence(
            "Of these places {private} are of private owners.",
            {"private": figure_id(NAME, "places_n", "private", when, HERE)},
        )


def registered_ratings(data: StudyData) -> Result:
    """Return homes and places by Ofsted's latest judgement (``market_ratings``).

    Returns
    -------
    Result
        By judgement (``group``) and area (``by``): homes and places.
    """
    rows, when = listed_places(data)
    homes = rows[rows["kind"] == "home"].assign(
        group=lambda f: f["rating"].where(f["rating"] != "", "Not inspected yet")
    )
    keys = {r: f"r{n:02d}" for n, r in enumerate(_order(homes["group"]), start=1)}
    wide = (
        homes.assign(group=homes["group"].map(keys))
        .groupby(["group", "by"])
        .agg(homes_n=("urn", "size"), places_n=("places", "sum"))
        .reset_index()
        .assign(period=when)
    )
    return Result(
        name=RATED,
        title="How the homes are judged",
        subtitle=f"Children's homes by Ofsted's latest judgement, {data.study.authority.name}",
        table=wide_rows(wide, ["group", "by", "period"]),
        measures=(Measure("homes_n", "Homes", "count"), Measure("places_n", "Places", "places")),
        labels={**{k: r for r, k in keys.items()}, HERE: _WORDS[HERE], AROUND: _WORDS[AROUND]},
        source=_SOURCE,
        layout=Layout(("group",), ("by", "measure")),
        scope=_SCOPE,
        typed=True,
        published=True,
    )


def _order(ratings: pd.Series) -> list[str]:
    best = ["Outstanding", "Good", "Requires improvement to be good", "Inadequate"]
    rest = sorted(set(ratings) - set(best))
    return [r for r in best if (ratings == r).any()] + rest


def registered_kinds(data: StudyData) -> Result:
    """Return homes and places by what they are registered as (``market_kinds``).

    Returns
    -------
    Result
        By kind (``group``, of :data:`KINDS`, and all) and area (``by``): homes and places, as
        Ofsted's own national count of children's homes takes them together.
    """
    rows, when = listed_places(data)
    both = pd.concat([rows.assign(group=rows["kind"]), rows.assign(group=ALL)], ignore_index=True)
    wide = both.groupby(["group", "by"]).agg(homes_n=("urn", "size"), places_n=("places", "sum"))
    order = [(g, b) for g in (*KINDS, ALL) for b in (HERE, AROUND) if (g, b) in wide.index]
    return Result(
        name=OF_KINDS,
        title="Homes of every kind",
        subtitle=f"What is registered as a children's home, {data.study.authority.name}",
        table=wide_rows(
            wide.loc[order].reset_index().assign(period=when), ["group", "by", "period"]
        ),
        measures=(Measure("homes_n", "Homes", "count"), Measure("places_n", "Places", "places")),
        labels={**KINDS, ALL: "All", HERE: _WORDS[HERE], AROUND: _WORDS[AROUND]},
        source=_SOURCE,
        layout=Layout(("group",), ("by", "measure")),
        notes=(
            "A school where children live for more than 295 days a year is registered as a "
            "children's home (Care Standards Act 2000, section 1); other residential special "
            "schools are not in the table.",
        ),
        scope=_SCOPE,
        typed=True,
        published=True,
    )
