"""Scorecards of the annexes: from the authority's own table, and from official files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from needs.care.comparison import SOURCE
from needs.care.comparison_areas import peers
from needs.care.comparison_changes import tally_of
from needs.care.comparison_indicators import INDICATORS, Indicator
from needs.care.comparison_profile import RANGE, figures_of, newest, spread
from needs.care.comparison_trend import targets_for
from needs.care.scorecard import COLUMNS, Card, Line, scorecard_result
from needs.care.scorecard_named import counted_as
from needs.care.scorecard_noise import Tally
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result

__all__ = ["official", "own_table"]

_SYNTHETIC = "The records of this study are synthetic and these figures are not."
_APART = "; not from the returns, see the next table"
_SHARES = {"percent", "percent1", "percent2"}
_RATES = {"rate_per_10k", "rate1_per_10k"}


def own_table(data: StudyData) -> Result:
    """Return the authority's own indicators, the newest period of each.

    Parameters
    ----------
    data : StudyData
        A study with the input ``scorecard``.

    Returns
    -------
    Result
        ``scorecard``: see :func:`needs.care.scorecard.scorecard_result`. A change of a count of
        people is tested as it is; one of a share or rate where ``base`` and ``previous_base``
        are given.
    """
    frame = data.scorecard.frame.reset_index(drop=True)
    frame["order"] = frame.index
    frame["period"] = frame["period"].astype(str)
    newest_rows = frame.sort_values(["period", "order"]).drop_duplicates("indicator", keep="last")
    rows = newest_rows.sort_values("order").to_dict("records")
    lines = [_own_line(f"i{n}", {str(k): v for k, v in row.items()}) for n, row in enumerate(rows)]
    made = scorecard_result(
        Card(
            name="scorecard",
            title="Scorecard",
            subtitle=f"Indicators of {data.study.authority.name}, the newest period of each",
            source="Input scorecard of the study",
            lines=lines,
            threshold=data.study.disclosure.threshold,
            typed=True,
            notes=(
                "These figures were given to the study in this table. They are not counted from "
                "its returns: where another chapter counts an indicator of the same name from "
                "them, source, day or base differ, and so may the number.",
                *((_SYNTHETIC,) if data.study.report.synthetic else ()),
                "Where a change is said not to be from the returns, the next table counts the same "
                "from them, by another source or another base: the two are not to be compared.",
                "A share can be tested where its table gives the base of both periods: columns "
                "base and previous_base.",
            ),
        )
    )
    change = _told_apart(data, lines, made.row_notes["Change"])
    return replace(made, row_notes={**made.row_notes, "Change": change})


def _told_apart(data: StudyData, lines: list[Line], change: Mapping[str, str]) -> dict[str, str]:
    """Return the words on each change; where the returns give the line too, that they differ."""
    there = data.has("ssda903")
    return {x.key: change[x.key] + (_APART if there and counted_as(x.label) else "") for x in lines}


def _own_line(key: str, row: dict[str, object]) -> Line:
    nothing = float("nan")
    numbers = {
        c: float(str(row[c])) for c in COLUMNS if not pd.isna(float(str(row.get(c, nothing))))
    }
    unit = str(row["unit"])
    tallies = {
        by: _tally(unit, numbers.get(by), row.get(base))
        for by, base in (("value", "base"), ("previous", "previous_base"))
    }
    slug = re.sub(r"[^a-z0-9]+", "_", str(row["indicator"]).lower()).strip("_")
    return Line(
        key=f"{key}_{slug}",
        label=str(row["indicator"]),
        unit=unit,
        good=str(row["good"]),
        period=str(row["period"]),
        numbers=numbers,
        now=tallies["value"],
        before=tallies["previous"],
        untested="" if unit in _SHARES | _RATES else "there is no count behind it",
    )


def _tally(unit: str, value: float | None, base: object) -> Tally | None:
    """Return the count behind a figure of the authority's own table, where it is known."""
    if value is None:
        return None
    if unit in {"children", "people"}:
        return Tally(round(value))
    whole = float("nan") if base is None else float(str(base))
    if pd.isna(whole) or unit not in _SHARES | _RATES:
        return None
    if unit in _SHARES:
        return Tally(round(value * whole / 100), whole, "share")
    return Tally(round(value * whole / 10_000), whole, "rate")


def official(data: StudyData) -> Result:
    """Return the official indicators of the authority as a scorecard.

    Parameters
    ----------
    data : StudyData
        A study with comparators; targets are shown where it has them.

    Returns
    -------
    Result
        ``scorecard_official``: newest year and the year before of each indicator, the median
        of the neighbours, England and the target; the change is tested on the counts that the
        same files give.

    Raises
    ------
    InputMissing
        If the files have none of the indicators for the authority.
    """
    who = peers(data)
    lines = []
    for i in INDICATORS:
        rows = figures_of(data, i)
        year = newest(rows, who.own)
        if year:
            lines.append(_official_line(data, i, rows, year))
    if not lines:
        raise InputMissing("comparators")
    return scorecard_result(
        Card(
            name="scorecard_official",
            title="Scorecard of official indicators",
            subtitle=f"{who.names[who.own]}, the newest year that the files have",
            source=SOURCE,
            lines=lines,
            threshold=data.study.disclosure.threshold,
            published=True,
            labels={"neighbours": RANGE["neighbours_median"]},
            notes=who.notes,
        )
    )


def _official_line(data: StudyData, i: Indicator, rows: pd.DataFrame, year: str) -> Line:
    who = peers(data)
    before = str(ReportingYear.parse(year) - 1)
    at = rows.set_index(["area_code", "period"])["value"]
    median = spread(rows, who).set_index(["area", "period"])["value"]
    values = {
        "value": at.get((who.own, year)),
        "previous": at.get((who.own, before)),
        "neighbours": median.get(("neighbours_median", year)),
        "england": at.get((who.england, year)),
    }
    if data.has("targets"):
        goals = targets_for(data.targets.frame, i)
        values["target"] = float(goals[-1]["value"]) if goals else None
    return Line(
        key=i.key,
        label=i.label,
        unit=i.unit,
        good=i.good,
        period=year,
        numbers={k: float(v) for k, v in values.items() if v is not None and not pd.isna(v)},
        now=tally_of(data, i, year, who.own),
        before=tally_of(data, i, before, who.own),
        base=i.base,
    )
