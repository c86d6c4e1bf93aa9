"""What every result of chapter 30 shares: children on the day, their scores, gaps filled in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.basis import Basis
from needs.care.placements import placement_type
from needs.care.stock import stock_on
from needs.care.windows import day_words
from needs.profiles.missing import Filled, filled
from needs.profiles.score_table import levels_n, score_table
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.study_sections import Assessment

__all__ = ["DRAWS", "GROUPS", "Needs", "on_day"]

DRAWS = 10
"""Ways in which gaps are filled in: with a few in a hundred scores missing, ten leave a
standard error within a hundredth of what any number would give (Rubin 1987, page 114)."""

GROUPS = {
    "residential": "Residential",
    "parents": "With parents",
    "supported": "Independent living",
    "fostering": "Foster care",
    "adoption": "Placed for adoption",
    "other": "Other placement",
}
"""Groups of placement types, in the order and nearly the words of document 002, section 3."""


@dataclass(frozen=True)
class Needs:
    """Children looked after on one day, and what their assessments say.

    Parameters
    ----------
    care : Basis
        Study and records as chapter 20 looks at them.
    tool : Assessment
        Domains, scale and direction.
    day : datetime.date
        The day.
    who : pandas.DataFrame
        Index ``child``: everybody looked after on the day. ``group`` (:data:`GROUPS`), ``type``
        (the study's own), ``age``, ``age_band``, ``sex``.
    levels : pandas.DataFrame
        Latest scores up to the day of those who have any (``score_table``).
    entry : pandas.DataFrame
        First scores of the same children.
    again : pandas.Index
        Children assessed on more than one day.
    """

    care: Basis
    tool: Assessment
    day: dt.date
    who: pd.DataFrame
    levels: pd.DataFrame
    entry: pd.DataFrame
    again: pd.Index

    @classmethod
    def of(cls, data: StudyData) -> Needs:
        """Return the basis of a study on the last day that it shows, made once.

        Raises
        ------
        InputMissing
            If the study lacks returns or assessments, or no child looked after on the day has one.
        """
        return data.once("needs basis", lambda: on_day(data, Basis.of(data).shown.dates[-1]))

    @property
    def levels_n(self) -> int:
        """Levels of the scale."""
        return levels_n(self.tool)

    @property
    def period(self) -> str:
        """Key of the day."""
        return self.day.isoformat()

    @property
    def labels(self) -> dict[str, str]:
        """Words for the day."""
        return {self.period: day_words(self.day, short=True)}

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"{self.care.source}; assessments with {self.tool.tool}"

    def subtitle(self, what: str) -> str:
        """Return measure, place and day."""
        return f"{what}, {self.care.study.authority.name}, {day_words(self.day)}"

    @property
    def settings(self) -> dict[str, object]:
        """Return the settings that the scores rest on."""
        return {**self.care.settings(), "assessment": self.tool.model_dump(), "draws": DRAWS}

    def many(self, data: StudyData, which: str = "levels") -> Filled:
        """Return scores with their gaps filled in, made once for a study's last day."""
        frame = self.entry if which == "entry" else self.levels
        # The same draws for both days would tie their errors together.
        rng = np.random.default_rng([data.study.seed, 30, len(which)])
        key = f"needs filled {which} {self.period}"
        return data.once(key, lambda: filled(frame, self.levels_n, DRAWS, rng))

    def of_assessed(self, column: str) -> pd.Series:
        """Return a column of ``who`` for children with an assessment."""
        out: pd.Series = self.who[column].reindex(self.levels.index)
        return out


def on_day(data: StudyData, day: dt.date) -> Needs:
    """Return children looked after on a day, with their scores up to it."""
    care, tool = Basis.of(data), data.study.assessment
    frame = stock_on(care.records, [day], care.scope)
    own = pd.Series(placement_type(frame, care.study.categories)).astype(object)
    of_type = {t.key: t.group for t in care.study.categories.types}
    who = pd.DataFrame(
        {
            "child": frame["child"],
            "type": own.to_numpy(),
            "group": own.map(of_type).to_numpy(),
            "age": frame["age"],
            "age_band": frame["age_band"].astype(object),
            "sex": frame["sex"].astype(object),
        }
    ).set_index("child")
    rows = data.assessments.frame
    rows = rows[rows["child"].isin(who.index) & (rows["date"] <= pd.Timestamp(day))]
    latest, entry = (score_table(rows, tool, which, day) for which in ("latest", "entry"))
    if latest.empty:
        raise InputMissing("assessments")
    days = rows.loc[rows["score"].notna()].groupby("child")["date"].nunique()
    again = pd.Index(days.index[days > 1], name="child")
    return Needs(care, tool, day, who, latest, entry, again)
