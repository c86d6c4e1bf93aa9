"""Chapter 40: places in homes in the authority beside all own children who live in homes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.chapter20 import placement_mix
from needs.sufficiency.actions.plan import day_words
from needs.sufficiency.board.again import again
from needs.sufficiency.market.results_list import HERE, listed_places
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["beds_here"]

NAME = "market_beds"


@STUDY.followed_by
def beds_here(data: StudyData) -> Result:
    """Return registered places here against own children in homes anywhere (``market_beds``).

    Returns
    -------
    Result
        Children who live in homes and residential schools on the last day (as chapter 20 has
        them), places in homes of every kind that are registered in the authority, and these
        places for each hundred of the children: what they would meet if all were free for the
        authority's own children.
    """
    mix = placement_mix(data)
    rows, when = listed_places(data)
    places = float(rows.loc[rows["by"] == HERE, "places"].sum())
    t = mix.table
    node = _node(data, t)
    of = t["group"].eq(node) & t["measure"].eq("children_n")
    last = t.loc[of, "period"].max()
    shown = again(mix, NAME, of & t["period"].eq(last), charts=(), text=())
    there = bool(len(shown.table)) and shown.table["value"].iloc[0] > 0
    made = shown.table.assign(measure="places_n", value=places, marker="")
    made = pd.concat([made, made.assign(
        measure="meets_pct",
        value=100 * places / shown.table["value"] if there else np.nan,
        marker="" if there else "z",
    )])  # fmt: skip
    ids = {m: figure_id(NAME, m, node, last) for m in ("children_n", "places_n", "meets_pct")}
    label = shown.labels.get(last, last)
    said = Sentence(
        "Were all {places} registered places in the authority taken by its own children, they "
        "would meet {share} of what the {n} who lived in homes on {day} need.",
        {"places": ids["places_n"], "share": ids["meets_pct"], "n": ids["children_n"]},
        {"day": label},
    )
    return replace(
        shown,
        title="Places here beside the children who need one",
        subtitle=f"Homes of every kind and residential schools, {data.study.authority.name}",
        table=long_table(pd.concat([shown.table, made], ignore_index=True)),
        measures=(
            Measure("children_n", "Children who live in homes, wherever they lie", "children"),
            Measure("places_n", "Places registered in the authority", "places"),
            Measure(
                "meets_pct", "Places for each hundred children", "percent",
                "children who live in homes", ("children_n",),
            ),
        ),
        source=f"{mix.source}; Ofsted: children's social care providers and places",
        layout=Layout(("measure",), ("period",)),
        text=(said,) if there else (),
        notes=(
            f"Children are counted on {label}, places on "
            f"{day_words(when) if when[:1].isdigit() else 'the day of the list, which has none'}: "
            "of both everything is counted, own homes too. Other authorities' children live in "
            "some of these places, and not every place suits a child who needs one.",
        ),
        leans_on={**shown.leans_on, ids["meets_pct"]: (
            figure_id(mix.name, "children_n", node, last),
        )},
    )  # fmt: skip


def _node(data: StudyData, mix: pd.DataFrame) -> str:
    """Return the row of chapter 20 that holds every residential type."""
    own = [t.key for t in data.study.categories.types if t.group == "residential"]
    found = [k for k in ("all_residential", *own) if k in set(mix["group"])]
    return found[0] if found else "all_residential"
