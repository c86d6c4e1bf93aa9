"""Printed counts of unaccompanied children beside the printed threshold of the transfer scheme."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, own, select, series_table, source_of, words_for
from needs.forecast.series.unaccompanied import THRESHOLDS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence

__all__ = ["unaccompanied_limit"]

NAME = "published_unaccompanied_limit"
GROUP = "uasc"
MEASURES = (
    Measure("children_n", "Unaccompanied children", "children"),
    Measure("transfer_limit_pct", "Threshold, of people under 18", "percent2"),
    Measure("transfer_limit_n", "Threshold, children", "children"),
    Measure("under_18_n", "People under 18 that it stands on", "count"),
)


def unaccompanied_limit(data: StudyData) -> Result:
    """Return printed counts of unaccompanied children, the threshold, and its population.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``children_n``, ``transfer_limit_n`` and
        ``transfer_limit_pct`` of the group ``uasc``.

    Returns
    -------
    Result
        ``published_unaccompanied_limit``: by period the measures as printed, and
        ``under_18_n``, the people under 18 that the threshold in children and its share
        imply. A check whether thresholds of one period after another can stand on one
        population, given that they are printed as whole children.

    Raises
    ------
    InputMissing
        If no threshold or no count is printed.
    """
    area = own(data)
    rows = select(data, [m.key for m in MEASURES[:3]], group=GROUP, area=area)
    rows = rows.drop_duplicates(["month", "measure"], keep="last").sort_values("month")
    wide = rows.pivot_table(index="month", columns="measure", values="value")
    if not {m.key for m in MEASURES[:3]} <= set(wide.columns):
        raise InputMissing("published")
    both = wide.dropna(subset=["transfer_limit_n", "transfer_limit_pct"])
    share = both["transfer_limit_pct"] / 100
    implied = pd.DataFrame(
        {
            "area": area,
            "period": both.index,
            "measure": "under_18_n",
            "group": GROUP,
            "by": "",
            "value": both["transfer_limit_n"] / share,
        }
    )
    least = ((both["transfer_limit_n"] - 0.5) / share).max()
    most = ((both["transfer_limit_n"] + 0.5) / share).min()
    table = pd.concat(
        [series_table(rows, period=rows["month"], by=""), implied.assign(marker="")],
        ignore_index=True,
    )
    return Result(
        name=NAME,
        title="Unaccompanied children and the threshold of the transfer scheme",
        subtitle=f"As printed, {data.study.authority.short_name}",
        table=table,
        measures=MEASURES,
        labels=words_for(data, [ALL, GROUP]) | {"period": "Year or month"},
        source=source_of(data, rows),
        layout=Layout(("period",), ("measure",), tuple(m.key for m in MEASURES)),
        text=_said(wide, area),
        checks=(
            Check(
                "Thresholds in children follow from one population",
                "pass" if least <= most else "review",
                "every threshold can be a rounded share of the same population"
                if least <= most
                else "no one population gives every threshold",
            ),
        ),
        notes=(
            "The threshold governs transfers between authorities: below it children are "
            "transferred in, at or above it none are. It is no cap on children and no target: "
            "those who arrive in the area are looked after whatever the number.",
            "In force: "
            + "; ".join(
                f"{100 * t.share:g}% from {t.since.day} {t.since:%B %Y} ({t.source})"
                for t in THRESHOLDS
            )
            + ".",
        ),
        published=True,
    )


def _said(wide: pd.DataFrame, area: str) -> tuple[Sentence, ...]:
    """Return the last count that stands beside a threshold, and how far it is from it."""
    beside = wide.dropna(subset=["children_n", "transfer_limit_n"])
    if beside.empty:
        return ()
    last = str(beside.index[-1])
    row = beside.loc[last]

    def ref(measure: str) -> str:
        return cell(NAME, measure=measure, group=GROUP, period=last, area=area)

    return (
        Sentence(
            "The last count printed beside a threshold was {n}, {where} the threshold of {limit}: "
            "transfers in were {open}.",
            {"n": ref("children_n"), "limit": ref("transfer_limit_n")},
            {
                "where": "below" if row["children_n"] < row["transfer_limit_n"] else "not below",
                "open": "to be expected"
                if row["children_n"] < row["transfer_limit_n"]
                else "not to be expected",
            },
        ),
    )
