"""Every result of chapter 20 that rests on the returns alone."""

from __future__ import annotations

from needs.care import chapter20
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result

LEAST = 27
"""Analyses of the returns alone: fewer, and something was left out by mistake."""


def of_returns(data: StudyData) -> list[Result]:
    """Return the results of a study that has returns and no other input."""
    assert data.has("ssda903")
    made: list[Result] = []
    analyses = 0
    for name in chapter20.__all__:
        try:
            found = getattr(chapter20, name)(data)
        except InputMissing:
            continue  # needs a table beside the returns
        analyses += 1
        made += found if isinstance(found, tuple) else [found]
    assert analyses >= LEAST, analyses
    return made
