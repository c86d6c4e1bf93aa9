"""Trends that an authority has printed in its own documents, as results for chapter 20."""

from __future__ import annotations

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result

__all__ = [
    "distance",
    "length_of_stay",
    "placement_mix",
    "placement_shares",
    "stock_by_year",
    "targets",
]


def _pending(data: StudyData) -> Result:
    """Ask for the published figures, which this study must declare."""
    rows = len(data.published.figures)
    raise InputMissing(f"published ({rows} figures, none of this kind)")


def stock_by_year(data: StudyData) -> Result:
    """Return the printed counts of children, every printed series side by side."""
    return _pending(data)


def placement_mix(data: StudyData) -> Result:
    """Return where children lived at each year end, as the latest document prints it."""
    return _pending(data)


def placement_shares(data: StudyData) -> Result:
    """Return printed shares by placement type, beside other areas."""
    return _pending(data)


def length_of_stay(data: StudyData) -> Result:
    """Return the printed mean length of stay, in days."""
    return _pending(data)


def distance(data: StudyData) -> Result:
    """Return the printed shares of children placed over twenty miles from home."""
    return _pending(data)


def targets(data: StudyData) -> Result:
    """Return the printed targets, their baselines and the latest printed value."""
    return _pending(data)
