"""Chapter 99, the report to committee: findings, what they mean, and what people must write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from needs.care import chapter20
from needs.costs import chapter60
from needs.forecast import demand
from needs.sufficiency import chapter70, chapter80
from needs.sufficiency.board import chapter85
from needs.sufficiency.capacity import chapter40
from needs.sufficiency.committee.said import Said, said
from needs.sufficiency.fostering import chapter45
from needs.sufficiency.narrative import blocks_of
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, long_table

__all__ = ["actions", "children", "implications", "money", "places", "recommendations", "targets"]

NUMBER = "99"
IMPLICATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "financial": ("Financial implications", "finance business partner"),
        "legal": ("Legal implications", "legal services"),
        "staff": ("Staff implications", "human resources"),
        "equality": ("Equality and inclusion implications", "equalities lead"),
        "sustainability": ("Sustainability implications", "climate team"),
        "risk": ("Risk management", "risk and assurance lead"),
    }
)
"""Sections of a report to committee that name who checked them (Oxfordshire, Placement sufficiency
review, July 2023, closing sections): heading, and the role that writes and checks it."""
_CHILDREN: tuple[Said, ...] = (
    ("committee_stock", chapter20.stock, (0, 1)),
    ("committee_mix", chapter20.placement_mix, (0,)),
    ("committee_ahead", demand.total_ahead, (0, 1)),
)
_PLACES: tuple[Said, ...] = (
    ("committee_gap", chapter40.gap_by_year, (0, 2, 4)),
    ("committee_carers", chapter45.ahead, (0, 1)),
)
_MONEY: tuple[Said, ...] = (
    ("committee_units", chapter60.unit_costs, (0,)),
    ("committee_budget", chapter70.budget_ahead, (0, 1)),
    ("committee_risk", chapter70.budget_risk, (0,)),
)
_TARGETS: tuple[Said, ...] = (
    ("committee_targets", chapter80.targets_chance, (0, 1, 2, 3)),
    ("committee_strategies", chapter80.strategies_cost, (0, 1, 2)),
    ("committee_plan", chapter80.commissioning_plan, (0, 1, 2)),
)
_ACTIONS: tuple[Said, ...] = (
    ("committee_ratings", chapter85.action_ratings, (0, 1)),
    ("committee_closed", chapter85.gap_closed, (0, 1, 2)),
)


def recommendations(data: StudyData) -> Result:
    """Return what the committee is asked to do, in people's words (``committee_asked``)."""
    return _written(data, "committee_asked", "What is asked", ("recommendations",))


@STUDY.followed_by
def children(data: StudyData) -> tuple[Result, ...]:
    """Return what is said of children, now and in the years ahead."""
    return tuple(said(data, _CHILDREN))


@STUDY.followed_by
def places(data: StudyData) -> tuple[Result, ...]:
    """Return what is said of places and of carers."""
    return tuple(said(data, _PLACES))


@STUDY.followed_by
def money(data: StudyData) -> tuple[Result, ...]:
    """Return what is said of prices and of the budget."""
    return tuple(said(data, _MONEY))


@STUDY.followed_by
def targets(data: StudyData) -> tuple[Result, ...]:
    """Return what is said of targets, strategies and the commissioning plan."""
    return tuple(said(data, _TARGETS))


@STUDY.followed_by
def actions(data: StudyData) -> tuple[Result, ...]:
    """Return what is said of the action plan."""
    return tuple(said(data, _ACTIONS))


def implications(data: StudyData) -> Result:
    """Return the implications, in people's words, and who has to check each."""
    return _written(data, "committee_implications", "What it means", tuple(IMPLICATIONS))


def _written(data: StudyData, name: str, title: str, sections: tuple[str, ...]) -> Result:
    """Return people's words for some sections; of one without any, who has to write it."""
    rows = _rows(data)
    lines = []
    for section in sections:
        heading, role = IMPLICATIONS.get(section, (title, "lead officer"))
        mine = rows[rows["section"] == section]
        for text, owner, day in zip(mine["text"], mine["owner_role"], mine["date"], strict=True):
            stamp = pd.Timestamp(day)
            lines.append(
                Sentence(
                    "{heading}: {text} ({owner}, {day}). Checked by: {role}.",
                    words={
                        "heading": heading,
                        "text": str(text),
                        "owner": str(owner),
                        "day": f"{stamp.day} {stamp:%B %Y}",
                        "role": role,
                    },
                )
            )
        if mine.empty:
            lines.append(
                Sentence(
                    "{heading}: to be written and checked by the {role}.",
                    words={"heading": heading, "role": role},
                )
            )
    lacking = [s for s in sections if not (rows["section"] == s).any()]
    row = pd.DataFrame({"measure": ["lacking_n"], "value": [float(len(lacking))]})
    return Result(
        name=name,
        title=title,
        subtitle="Sections that nobody has written yet",
        table=long_table(row),
        measures=(Measure("lacking_n", "Sections to be written", "count"),),
        labels={},
        source=f"{data.study.authority.short_name}: narrative",
        layout=Layout(("measure",), ("period",)),
        text=tuple(lines),
        typed=True,
    )


def _rows(data: StudyData) -> pd.DataFrame:
    columns = ["section", "text", "owner_role", "date"]
    if not data.has("narrative"):
        return pd.DataFrame(columns=columns)
    every = data.narrative.frame
    mine, _ = blocks_of(data, every[every["chapter"].astype(str) == NUMBER].reset_index(drop=True))
    return mine.assign(section=mine["section"].astype(str))[columns]
