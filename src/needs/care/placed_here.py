"""Children of other authorities placed here, own children placed elsewhere, and net gain."""

from __future__ import annotations

import pandas as pd

from needs.care.comparison import SOURCE
from needs.care.comparison_areas import in_text
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import latest
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id
from needs.vocabulary.results import long_table as _long

__all__ = ["placed_here"]

NAME = "official_placed_here"
_MEASURES = (
    Measure("placed_here_n", "Children of other authorities placed here", "children"),
    Measure("placed_elsewhere_n", "Own children placed outside the authority", "children"),
    Measure("net_gain_n", "Net gain of children", "count"),
)


def placed_here(data: StudyData) -> Result:
    """Return who is placed across the boundary, each way, as the DfE prints it.

    Parameters
    ----------
    data : StudyData
        A study with comparators that hold the DfE's table of net gain.

    Returns
    -------
    Result
        ``official_placed_here``: by reporting year, the newest release of each figure; which
        release that is stands in the notes.

    Raises
    ------
    InputMissing
        If the study has no comparators, or none of these figures for its authority.
    """
    newest = _newest(data)
    table = _long(newest[["period", "measure", "value", "marker"]])
    table["marker"] = table["marker"].mask(table["value"].notna(), "")
    last = str(newest["period"].iloc[-1])
    told = "; ".join(
        f"release of {v}: {', '.join(sorted(set(g['period'])))}"
        for v, g in newest.groupby("vintage")
    )
    name = data.study.authority.name
    return Result(
        name=NAME,
        title="Children of other authorities placed here, and net gain",
        subtitle=f"Children looked after on 31 March, {name}",
        table=table,
        measures=_MEASURES,
        labels={ALL: "All children looked after"},
        source=SOURCE,
        layout=Layout(("measure",), ("period",)),
        text=_said(table, last),
        charts=(
            Chart(
                "here",
                "line",
                "placed_here_n",
                "Children of other authorities placed here",
                f"31 March of each year, {name}",
                "A line with one point for each 31 March that the official files give.",
            ),
        )
        if len(set(newest["period"])) > 1
        else (),
        notes=(
            f"As printed by the DfE, {told}. Net gain is the first row less the second: below "
            "nought, more of the authority's own children are placed elsewhere than others' here. "
            "Figures of authorities are not rounded; the DfE hides some.",
            "The authority's returns hold its own children alone: nobody placed here by another "
            "authority is in them.",
        ),
        published=True,
    )


def _newest(data: StudyData) -> pd.DataFrame:
    """Return the authority's figures, each of its newest release, by year."""
    frame = data.comparators.frame
    mine = frame[
        (frame["area_code"] == data.study.authority.ons_code)
        & frame["measure"].isin([m.key for m in _MEASURES])
    ]
    newest = latest(in_text(mine)).frame
    if newest["value"].dropna().empty:
        raise InputMissing("comparators")
    return newest[newest["group"] == ALL].sort_values("period", ignore_index=True)


def _said(table: pd.DataFrame, last: str) -> tuple[Sentence, ...]:
    now = table[table["period"] == last].set_index("measure")["value"]
    if set(now.dropna().index) < {"placed_here_n", "placed_elsewhere_n", "net_gain_n"}:
        return ()
    return (
        Sentence(
            "{year}: {here} children of other authorities were placed here, and {away} of the "
            "authority's own elsewhere; the net gain was {net}.",
            {
                "here": figure_id(NAME, "placed_here_n", ALL, last),
                "away": figure_id(NAME, "placed_elsewhere_n", ALL, last),
                "net": figure_id(NAME, "net_gain_n", ALL, last),
            },
            {"year": last},
        ),
    )
