"""The targets of a study, as its table gives them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL
from needs.vocabulary.targets import whom
from needs.vocabulary.wording import inside

__all__ = ["KINDS", "Kind", "Reading", "readings"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a target measures, as it is shown.

    Parameters
    ----------
    key : str
        One of :data:`needs.vocabulary.targets.MEASURES`.
    name : str
        Stem of the names of results.
    label, unit : str
        Words and unit of its numbers.
    level : bool
        Whether it is a level that goes along a path, not a change.
    """

    key: str
    name: str
    label: str
    unit: str
    level: bool = True


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        k.key: k
        for k in (
            Kind("share_pct", "shares", "Share", "percent1"),
            Kind("rate_per_10k", "rates", "Rate", "rate1_per_10k"),
            Kind("children_n", "children", "Children", "children_mean"),
            Kind("change_pct", "changes", "Change a year", "percent1", level=False),
            Kind("places_added_n", "places", "Places more in the year", "places_mean", level=False),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the table: a target, or another reading of the same words.

    Parameters
    ----------
    key, label : str
    kind : Kind
    group, of : str
        Keys of :func:`needs.vocabulary.targets.whom`.
    reading_of : str
        Key of the target that it reads otherwise; its own where it is the first reading.
    base : str
        What a share or rate is of, as the table says it.
    direction : str
        ``at_least`` or ``at_most``.
    aim : float
    unit : str
        In which the document gives it.
    day : datetime.date
    baseline : float or None
    baseline_day : datetime.date or None
    source : str
    """

    key: str
    label: str
    kind: Kind
    group: str
    of: str
    reading_of: str
    base: str
    direction: str
    aim: float
    unit: str
    day: dt.date
    baseline: float | None
    baseline_day: dt.date | None
    source: str


def _text(row: Mapping[str, object], column: str, blank: str = "") -> str:
    value = row.get(column)
    return blank if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _number(row: Mapping[str, object], column: str) -> float | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _day(row: Mapping[str, object], column: str) -> dt.date | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload, arg-type]


def _direction(row: Mapping[str, object], aim: float, baseline: float | None) -> str:
    """Return the direction given, else from the baseline to the aim."""
    given = _text(row, "direction")
    if given or baseline is None:
        return given or "at_most"
    return "at_least" if aim >= baseline else "at_most"


def readings(data: StudyData) -> list[Reading]:
    """Return the targets of a study, each followed by its other readings.

    Raises
    ------
    InputMissing
        If the study has no targets.
    """
    return data.once("targets read", lambda: _made(data))


def _made(data: StudyData) -> list[Reading]:
    known = whom(data.study.categories)
    found: list[Reading] = []
    for raw in data.targets.frame.to_dict("records"):
        row = {str(k): v for k, v in raw.items()}
        kind = KINDS.get(_text(row, "measure"))
        day, aim = _day(row, "date"), _number(row, "value")
        if kind is None or day is None or aim is None:
            continue
        group, baseline = _text(row, "group", ALL), _number(row, "baseline")
        who, key = known.get(group), _text(row, "target")
        words = f"{who.label if who else group}: {inside(kind.label)}"
        found.append(
            Reading(
                key,
                _text(row, "label", words),
                kind,
                group,
                _text(row, "of", ALL),
                _text(row, "reading_of", key),
                _text(row, "base"),
                _direction(row, aim, baseline),
                aim,
                _text(row, "unit"),
                day,
                baseline,
                _day(row, "baseline_date"),
                _text(row, "source"),
            )
        )
    return _in_order(found)


def _in_order(found: list[Reading]) -> list[Reading]:
    """Return readings by kind, and those of one target together, the first reading first."""
    kinds = list(KINDS)
    return sorted(
        found,
        key=lambda r: (kinds.index(r.kind.key), r.reading_of, r.key != r.reading_of, r.key),
    )
