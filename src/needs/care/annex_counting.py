"""Annex: what the DfE's counting rules leave open, and what the study took."""

from __future__ import annotations

import pandas as pd

from needs.care.basis import Basis
from needs.care.placements import temporary_rule
from needs.care.results_stay import MEAN_OF
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, long_table
from needs.vocabulary.study import Counting

__all__ = ["left_open"]

OPEN = {
    "temporary_moves": "Where a child counts during a temporary move (T codes)",
    "overlapping_episodes": "Which episode counts on a day that two of a child's episodes cover",
    "not_ceasing": "Which reasons for ending are not counted as ceasing",
    "short_breaks_cease": "Whether the end of a short-break series (V3, V4) is counted as ceasing",
    "published_mean_stay": "What a published mean length of stay is, where it is not defined",
    "born_29_february": "When a child born on 29 February has the birthday in other years",
    "days_of_year": "How many days a full-time equivalent placement stands for",
    "back_within_days": "After how short a time out of care a return is an early one",
}
"""Settings of the section ``counting``, in words; a test holds it to the section's keys."""


def left_open(data: StudyData) -> Result:
    """Return the assumptions that DfE's rules leave open, with what was used.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``annex_counting``: a row a setting of ``[counting]``: whether it differs from the
        default (1) or not (0), what was used, and what the default is, in words.
    """
    basis = Basis.of(data)
    used, usual = _words(data.study.counting), _words(Counting())
    differs = {k: getattr(data.study.counting, k) != getattr(Counting(), k) for k in OPEN}
    rows = [{"group": k, "measure": "differs_n", "value": float(v)} for k, v in differs.items()]
    return Result(
        name="annex_counting",
        title="What the counting rules of the Department leave open",
        subtitle=f"Settings of {data.study.authority.name}, {data.study.period.reporting_year}",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("differs_n", "Differs from the default", "count"),),
        labels={**OPEN, "group": "Left open"},
        source=f"{basis.source}; the study's settings, section counting",
        layout=Layout(("group", "measure"), ()),
        notes=(
            "On these the Department publishes no rule, or the study may depart from it: the "
            "default is its rule where there is one. Each can be changed in the study's file, "
            "section counting, and every number that it touches changes with it.",
        ),
        row_notes={"Used": used, "Default": usual},
        settings={"counting": data.study.counting.model_dump()},
    )


def _words(c: Counting) -> dict[str, str]:
    """Return what a study counts by, in words."""
    days = {"calendar": "those of the year, 365 or 366", "365": "365 in every whole year"}
    leap = {"1_march": "on 1 March", "28_february": "on 28 February"}
    overlap = {
        "last_started": "the episode that started last",
        "first_started": "the episode that started first",
    }
    temporary = f"{temporary_rule(c)}; in counts of placements and moves, " + (
        "it is a placement like any other" if c.temporary_moves == "as_recorded" else "it is none"
    )
    return {
        "temporary_moves": temporary,
        "overlapping_episodes": overlap[c.overlapping_episodes],
        "not_ceasing": ", ".join(c.not_ceasing) or "none: every reason but X1 is ceasing",
        "short_breaks_cease": "it is" if c.short_breaks_cease else "it is not",
        "published_mean_stay": MEAN_OF[c.published_mean_stay],
        "born_29_february": leap[c.born_29_february],
        "days_of_year": days[c.days_of_year],
        "back_within_days": f"fewer than {c.back_within_days} days",
    }
