"""Chapter 85: internal provision by kind, contracts, how full both were, and what stood empty."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.forecast.history import day_number
from needs.sufficiency.actions.plan import day_words
from needs.sufficiency.board.again import again, last_two
from needs.sufficiency.capacity.chapter40 import occupancy, voids
from needs.sufficiency.capacity.stock import ROUTES, Stock
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence

__all__ = ["contracts", "empty_places", "how_full", "internal_provision"]

INSIDE, BLOCKS, FULL, EMPTY = "board_provision", "board_contracts", "board_occupancy", "board_voids"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "childrens_home": "Children's homes",
        "assessment_home": "Assessment homes",
        "foster_household": "Foster households",
        "supported_lodgings": "Supported lodgings",
        "move_on": "Move-on homes",
        "supported_accommodation": "Young people's supported accommodation",
        "new_arrivals": "New arrivals and the National Transfer Scheme",
    }
)
"""Kinds of internal provision that the board's terms of reference name (Oxfordshire, Placement
Sufficiency Board, draft terms of June 2023, section 3)."""
NONE = "The table of provision lists none of: {kinds}."
SCOPE = "Places, whoever lives in them."


def internal_provision(data: StudyData) -> Result:
    """Return the authority's own places by kind, now and a year before (``board_provision``).

    Returns
    -------
    Result
        By kind (``group``) and day: homes or households open, and their places.
    """
    stock = Stock.of(data)
    study = data.study
    now = study.period.as_at
    days = (now.replace(year=now.year - 1, day=min(now.day, 28)) if now.month == 2 else
            now.replace(year=now.year - 1), now)  # fmt: skip
    rows = stock.rows[(stock.rows["route"] == "in_house") & stock.rows["usable"]]
    found = []
    for day in days:
        there = rows[(rows["first"] <= day_number(day)) & (rows["last"] >= day_number(day))]
        for kind in KINDS:
            mine = there[there["kind"] == kind]
            found.append(
                {
                    "group": kind,
                    "period": day.isoformat(),
                    "homes_n": float(mine["holder"].nunique()),
                    "places_n": float(mine["places"].sum()),
                }
            )
    wide = pd.DataFrame(found)
    last = wide[wide["period"] == now.isoformat()].set_index("group")["homes_n"]
    none = [KINDS[k] for k in KINDS if not last[k]]
    return Result(
        name=INSIDE,
        title="Internal provision",
        subtitle=f"Places of one's own by kind, {study.authority.name}",
        table=wide_rows(wide, ["group", "period"]),
        measures=(
            Measure("homes_n", "Homes or households", "count"),
            Measure("places_n", "Places", "places"),
        ),
        labels={**KINDS, **{d.isoformat(): day_words(d) for d in days}, "group": "Kind"},
        source=f"{study.authority.short_name}: provision",
        layout=Layout(("group",), ("measure", "period")),
        text=(Sentence(NONE, {}, {"kinds": "; ".join(none)}),) if none else (),
        notes=(
            "Open on the day, and children may be placed there. How full they were is told by type "
            "of placement, since returns say the type and not the kind of home.",
        ),
        scope=SCOPE,
    )


def contracts(data: StudyData) -> tuple[Result, ...]:
    """Return beds of each contract that is paid whatever is used (``board_contracts``).

    Nothing where the study has no contracts.

    Returns
    -------
    tuple of Result
        By contract (``group``): beds, further beds that may be called off, months left. Type,
        route and last days stand beside them; no provider is named.
    """
    if not data.has("contracts"):
        return ()
    study = data.study
    as_at = pd.Timestamp(study.period.as_at)
    c = data.contracts.frame
    open_ = c["from"].isna() | (c["from"] <= as_at)
    option = c["option_to"] if "option_to" in c else pd.Series(pd.NaT, index=c.index)
    open_ &= c["to"].isna() | (c["to"] >= as_at) | (option >= as_at)
    c = c[open_].drop_duplicates("contract", keep="last").reset_index(drop=True)
    if c.empty:
        return ()
    keys = [f"c{n:02d}" for n in range(1, len(c) + 1)]
    left = (c["to"] - as_at).dt.days / 30.436875
    more = c["option_beds"] if "option_beds" in c else pd.Series(np.nan, index=c.index)
    wide = pd.DataFrame(
        {
            "group": keys,
            "period": study.period.as_at.isoformat(),
            "beds_n": c["beds"].astype(float),
            "option_n": more.astype(float),
            "left_n": left.astype(float),
        }
    )
    labels = {t.key: t.label for t in study.categories.types}
    until = c["option_to"] if "option_to" in c else pd.Series(pd.NaT, index=c.index)
    notes = {
        "Type": c["placement_type"].astype(str).map(labels),
        "Route": c["route"].astype(str).map(dict(ROUTES)),
        "Ends": c["to"].map(day_words),
        "With its option": until.map(day_words),
    }  # fmt: skip
    return (
        Result(
            name=BLOCKS,
            title="Contracts for beds",
            subtitle=f"On {day_words(as_at)}, {study.authority.name}",
            table=wide_rows(wide, ["group", "period"]),
            measures=(
                Measure("beds_n", "Beds", "places"),
                Measure("option_n", "Further beds that may be called off", "places"),
                Measure("left_n", "Months left", "months"),
            ),
            labels={
                **{k: f"Contract {n}" for n, k in enumerate(keys, start=1)},
                "group": "Contract",
            },
            source=f"{study.authority.short_name}: contracts",
            layout=Layout(("group",), ("measure",)),
            row_notes={
                h: dict(zip(keys, v.astype(object).where(v.notna(), "").astype(str), strict=True))
                for h, v in notes.items()
            },
            notes=("Contracts are numbered in the order of their table; no provider is named.",),
            scope=SCOPE,
        ),
    )


@STUDY.followed_by
def how_full(data: StudyData) -> Result:
    """Return how full places and contracts were in the last two years (``board_occupancy``)."""
    found = occupancy(data)
    return again(
        found,
        FULL,
        last_two(found),
        title="How full own places and contracts were",
        charts=(),
        layout=Layout(
            ("group", "by"), ("measure", "period"), ("occupancy_pct", "unused_nights", "unused_gbp")
        ),
    )


@STUDY.followed_by
def empty_places(data: StudyData) -> Result:
    """Return voids of the last two years, with their reasons (``board_voids``)."""
    found = voids(data)
    return again(found, EMPTY, last_two(found), title="Voids", charts=())
