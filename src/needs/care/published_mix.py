"""Where children lived at each year end, as documents print it, and shares beside it."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import (
    cell,
    combined,
    own,
    repeated,
    select,
    series_table,
    source_of,
    title_of,
    words_for,
)
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
)
from needs.vocabulary.units import round_half_up

__all__ = ["BASES", "MIX", "placement_mix", "placement_shares"]

CHILDREN = Measure("children_n", "Children", "children")
SHARE = Measure("share_pct", "Share", "percent", "all children")
MIX = ("kinship", "in_house_fostering", "ifa", "in_house_homes", "external_homes")
"""Placement types that do not overlap; what is left of the total is ``other``."""
BASES = {
    "share_of_children_pct": ALL,
    "share_of_fostering_pct": "fostering",
    "share_of_homes_pct": "homes",
}


def _mix_rows(data: StudyData) -> pd.DataFrame:
    """Return the tables of the latest document that prints total, fostering and homes."""
    rows = select(data, "children_n", area=own(data), by="")
    rows = rows[rows["table"] != ""]
    groups = rows.groupby("document")["group"].agg(set)
    whole = [d for d in groups.index if {ALL, "fostering", "homes", *MIX} <= groups[d]]
    if not whole:
        raise InputMissing("published")
    chosen: pd.DataFrame = rows[rows["document"] == max(whole)]
    return chosen.drop_duplicates(["period", "group", "value"])


def _parts_check(wide: pd.DataFrame) -> Check:
    """Return whether the printed parts add up to the printed wholes."""
    fostering = wide["fostering"] == wide[["kinship", "in_house_fostering", "ifa"]].sum(axis=1)
    homes = wide["homes"] == wide[["in_house_homes", "external_homes"]].sum(axis=1)
    right = int(fostering.sum() + homes.sum())
    return Check(
        "Printed parts add up to printed wholes",
        "pass" if right == 2 * len(wide) else "review",
        f"sums that hold: {right} of {2 * len(wide)}",
    )


def _shares_check(data: StudyData, wide: pd.DataFrame, document: str) -> Check:
    """Return whether the printed shares follow from the printed counts, half up."""
    printed = select(data, list(BASES), area=own(data), document=document, by="")
    printed = printed[(printed["table"] != "") & printed["period"].isin(wide.index)]
    recomputed = [
        100 * wide.loc[p, g] / wide.loc[p, BASES[m]]
        for p, g, m in zip(printed["period"], printed["group"], printed["measure"], strict=True)
    ]
    right = sum(
        float(round_half_up(r)) == v for r, v in zip(recomputed, printed["value"], strict=True)
    )
    return Check(
        "Printed shares follow from printed counts",
        "pass" if right == len(printed) else "review",
        f"shares recomputed to the printed digit: {right} of {len(printed)}",
    )


def _mix_table(wide: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return children and shares by placement type and year, with what is left of the total."""
    shown = wide[[*MIX]].assign(other=wide[ALL] - wide[[*MIX]].sum(axis=1))
    shown[ALL] = wide[ALL]
    share = 100 * shown.div(shown[ALL], axis=0)
    return combined(
        *(
            frame.reset_index().melt("period", var_name="group").assign(measure=measure, area=area)
            for measure, frame in (("children_n", shown), ("share_pct", share))
        )
    )


def _mix_said(name: str, wide: pd.DataFrame, area: str) -> Sentence:
    """Return how the share of two bought placement types went from the first year to the last."""
    first, last = str(wide.index.min()), str(wide.index.max())

    def ref(group: str, period: str) -> str:
        return cell(name, measure="share_pct", group=group, period=period, area=area)

    return Sentence(
        "External children's homes held {homes_a} of all children in {first} and {homes_b} in "
        "{last}; independent fostering agencies {ifa_a} and {ifa_b}.",
        {
            "homes_a": ref("external_homes", first),
            "homes_b": ref("external_homes", last),
            "ifa_a": ref("ifa", first),
            "ifa_b": ref("ifa", last),
        },
        {"first": first, "last": last},
    )


def placement_mix(data: StudyData) -> Result:
    """Return where children lived at each year end, as the latest document prints it.

    Parameters
    ----------
    data : StudyData
        Its published tables of ``children_n`` with the groups ``all``, ``fostering``,
        ``kinship``, ``in_house_fostering``, ``ifa``, ``homes``, ``in_house_homes`` and
        ``external_homes``.

    Returns
    -------
    Result
        Children by placement type and year; ``other`` is what is left of the total.
        Shares of all children are recomputed, half up, for the sentences.

    Raises
    ------
    InputMissing
        If no document prints all of these.
    """
    name, area = "published_mix", own(data)
    rows = _mix_rows(data)
    wide = rows.pivot_table(index="period", columns="group", values="value").dropna(
        subset=[ALL, "fostering", "homes", *MIX]
    )
    document = str(rows["document"].iloc[0])
    place = f"{data.study.authority.short_name}, at the end of each reporting year"
    return Result(
        name=name,
        title="Where children lived",
        subtitle=f"Children by placement type, {place}",
        table=_mix_table(wide, area),
        measures=(CHILDREN, SHARE),
        labels=words_for(data, [*MIX, "other", ALL]),
        source=source_of(data, rows),
        layout=Layout(("group",), ("period",), ("children_n",)),
        text=(_mix_said(name, wide, area),),
        charts=(
            Chart(
                "stack",
                "stacked_bar",
                "children_n",
                "Where children lived, year by year",
                f"Children by placement type, {place}",
                "One bar a year, split by placement type; the whole bar is all children.",
                include={"group": (*MIX, "other")},
            ),
        ),
        checks=(_parts_check(wide), _shares_check(data, wide, document)),
        additive=(Additive("group", ALL, (*MIX, "other")),),
        notes=("Other placements are the printed total less the printed types.",),
        published=True,
    )


def _beside_others(data: StudyData) -> Result:
    """Return the shares of tables that print another area beside the authority's own."""
    rows = select(data, "share_of_children_pct")
    areas = rows[rows["table"] != ""].groupby("table")["area"].nunique()
    rows = rows[rows["table"].isin(areas.index[areas > 1])]
    if rows.empty:
        raise InputMissing("published")
    rows = rows.drop_duplicates(["area", "month", "group"], keep="last")
    groups = sorted(set(rows["group"]))
    return Result(
        name="published_shares_beside",
        title="Placement types beside other areas",
        subtitle="Share of all children looked after, as printed",
        table=series_table(rows, measure="share_pct", period=rows["month"], by=""),
        measures=(SHARE,),
        labels=words_for(data, groups),
        source=source_of(data, rows),
        layout=Layout(("group", "area", "period"), ()),
        published=True,
    )


def _year_by_year(data: StudyData) -> Result:
    """Return the shares of tables that print three periods or more, one line a document."""
    rows = select(data, "share_of_children_pct", area=own(data))
    run = rows[rows["table"] != ""].groupby(["document", "table", "group"])["period"]
    rows = rows[
        rows.set_index(["document", "table", "group"]).index.isin(
            run.nunique().loc[lambda s: s >= 3].index
        )
    ]
    if rows.empty:
        raise InputMissing("published")
    rows = rows[~rows["document"].isin(repeated(rows, ["group", "month", "value"]))]
    documents = sorted(set(rows["document"]))
    main = rows["document"].value_counts().sort_index(kind="stable").idxmax()
    label = data.study.authority.label
    return Result(
        name="published_shares",
        title="Shares by placement type, year by year",
        subtitle=f"Share of all {label}, {data.study.authority.short_name}, as printed",
        table=series_table(
            rows, measure="share_pct", period=rows["month"], by="d" + rows["document"]
        ),
        measures=(SHARE,),
        labels={
            **words_for(data, dict.fromkeys(rows["group"])),
            **{f"d{d}": title_of(data, d) for d in documents},
            "by": "Document",
        },
        source=source_of(data, rows),
        layout=Layout(("group", "by"), ("period",)),
        charts=(
            Chart(
                "line",
                "line",
                "share_pct",
                "How the mix of placements has shifted",
                f"Share of all {label}, {title_of(data, str(main))}",
                "One line a placement type; types that contain others are drawn with them.",
                include={"by": (f"d{main}",)},
            ),
        ),
        notes=("A reporting year is shown as its last month.",),
        published=True,
    )


def placement_shares(data: StudyData) -> tuple[Result, ...]:
    """Return printed shares by placement type: beside other areas, and year by year.

    Parameters
    ----------
    data : StudyData
        Its published figures of measure ``share_of_children_pct`` that stand in tables.

    Raises
    ------
    InputMissing
        If no table prints them for two areas, or none for three periods.
    """
    return _beside_others(data), _year_by_year(data)
