"""The printed saving of the new homes, worked out again at the printed occupancy."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, combined, own, source_of, words_for
from needs.sufficiency.published_homes import LOST, WEEKS, WORDS, Printed
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence

__all__ = ["homes_range"]

GRID = "published_invest"
_MEASURES = (
    Measure("saving_gbp_m_year", "Saved a year", "gbp_m"),
    Measure("printed_gbp_m", "Printed", "gbp_m"),
    Measure("implied_gbp_week", "Price that a printed saving implies", "gbp_week"),
    Measure("taken_pct", "Beds taken", "percent"),
)


def homes_range(data: StudyData) -> Result:
    """Return the yearly saving where all children of a kind of home leave the same placement.

    Parameters
    ----------
    data : StudyData
        Its published figures.

    Returns
    -------
    Result
        ``published_invest``: by what children in solo homes would leave (``group``) and what those
        in the specialist homes would (``by``), million pounds a year at the printed occupancy.

    Raises
    ------
    InputMissing
        If the study has not typed what the document prints of the homes.
    """
    printed, area = Printed.of(data), own(data)
    weeks = WEEKS["weeks_52"]
    cells = [
        {
            "group": a,
            "by": b,
            "value": weeks
            * printed.occupancy
            * (printed.beds["solo"] * x + printed.beds["specialist"] * y)
            / 1e6,
        }
        for a, x in (*printed.saved["solo"].items(), (LOST, 0.0))
        for b, y in (*printed.saved["specialist"].items(), (LOST, 0.0))
        if (a, b) != (LOST, LOST)
    ]
    frame = pd.DataFrame(cells).assign(measure="saving_gbp_m_year", area=area)
    facts = pd.DataFrame(
        {
            "measure": ["printed_gbp_m", "printed_gbp_m", "implied_gbp_week", "taken_pct"],
            "by": ["low", "high", "", ""],
            "value": [printed.low, printed.high, printed.external_week, 100 * printed.occupancy],
        }
    ).assign(area=area)
    part = frame[(frame["group"] == LOST) & (frame["by"] == "external_said")]["value"].item()
    alone = round(part, 1) == printed.low
    return Result(
        name=GRID,
        title="The printed saving of the new homes, worked out again",
        subtitle=f"Million pounds a year at the printed occupancy, "
        f"{data.study.authority.short_name}",
        table=combined(frame, facts),
        measures=_MEASURES,
        labels=words_for(data, ["low", "high"])
        | WORDS
        | {"group": "Children in solo homes would be in", "": "", ALL: ""},
        source=source_of(data, printed.rows),
        layout=Layout(("group",), ("by",), ("saving_gbp_m_year",)),
        text=_said(area, alone),
        notes=(
            "Columns are what children in the autism and behaviour homes would be in. All children "
            "of a kind of home are taken to leave the same; a year is of 52 weeks.",
            "A week saves what is printed, or the printed price less the printed cost of the home.",
        ),
        published=True,
    )


def _said(area: str, alone: bool) -> tuple[Sentence, ...]:
    def saved(group: str) -> str:
        return cell(GRID, measure="saving_gbp_m_year", group=group, by="external_said", area=area)

    ends = {e: cell(GRID, measure="printed_gbp_m", by=e, area=area) for e in ("low", "high")}
    return (
        Sentence(
            "The document prints a saving of {low} to {high} a year at {taken} of beds taken.",
            {**ends, "taken": cell(GRID, measure="taken_pct", area=area)},
        ),
        Sentence(
            "The savings a week that it prints give {least} to {most} for all the homes, and "
            "{part} for the autism and behaviour homes alone"
            + (": the lower end, with nothing for the solo homes." if alone else "."),
            {
                "least": saved("external_said"),
                "most": saved("unregistered_high"),
                "part": saved(LOST),
            },
        ),
        Sentence(
            "The saving that it prints for a solo home against an external placement takes "
            "that to cost {week} a week, which it prints nowhere.",
            {"week": cell(GRID, measure="implied_gbp_week", area=area)},
        ),
    )
