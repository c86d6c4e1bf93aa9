"""Scorecards of the annexes: from the authority's own table, official files, and records."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from needs.care.adoption import INTERVALS
from needs.care.basis import Basis
from needs.care.comparison import SOURCE
from needs.care.comparison_areas import peers
from needs.care.comparison_changes import tally_of
from needs.care.comparison_indicators import INDICATORS, Indicator
from needs.care.comparison_profile import RANGE, figures_of, newest, spread
from needs.care.comparison_records import COUNTS, count_of, own_counts
from needs.care.comparison_trend import targets_for
from needs.care.results_adoption import adoption_times
from needs.care.scorecard import COLUMNS, Card, Line, scorecard_result
from needs.care.scorecard_noise import Tally
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["from_records", "official", "own_table"]

_SYNTHETIC = (
    "The records of this study are synthetic and these figures are not. How far from home children "
    "are placed is drawn in the records, so that the share in chapter 20 is another than the one "
    "here: the source differs, not the base."
)
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
    return scorecard_result(
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
                "A share can be tested where its table gives the base of both periods: columns "
                "base and previous_base.",
            ),
        )
    )


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


@STUDY.followed_by
def from_records(data: StudyData) -> Result:
    """Return the counts of chapter 20 as a scorecard: the newest whole year and the one before.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``scorecard_records``: children looked after, started and ceased, and mean days of each
        step to adoption where enough children stand behind it. Only these totals:
        parts of them are protected against each other in chapter 20, and a part shown here
        alone might give away what is hidden there.
    """
    basis = Basis.of(data)
    counts = own_counts(data)["records_n"]
    lines = []
    for measure, label in COUNTS.items():
        years = sorted(y for m, y in counts.index if m == measure)
        if not years:
            continue
        found = {"value": years[-1], "previous": str(ReportingYear.parse(years[-1]) - 1)}
        numbers = {k: float(counts[measure, y]) for k, y in found.items() if y in years}
        now, before = (_tally("children", numbers.get(k), None) for k in found)
        lines.append(
            Line(measure, label, "children", "neither", years[-1], numbers, now=now, before=before)
        )
    lines += _adoption_lines(data)
    made = scorecard_result(
        Card(
            name="scorecard_records",
            title="Scorecard of the authority's own counts",
            subtitle=f"Counted from the returns, {data.study.authority.name}",
            source=basis.source,
            lines=lines,
            threshold=data.study.disclosure.threshold,
            settings=basis.settings(),
        )
    )
    return replace(made, leans_on=_leans(made), guarded=("Change",))


def _leans(made: Result) -> dict[str, tuple[str, ...]]:
    """Return which count of chapter 20 each number repeats; the tallies rest on all of them."""
    found: dict[str, tuple[str, ...]] = {}
    keys = made.table[["measure", "group", "period", "by"]]
    for measure, group, period, by in keys.itertuples(index=False):
        year = period if by == "value" or not by else str(ReportingYear.parse(period) - 1)
        if group in COUNTS:
            on = count_of(group, year)
        elif group != ALL:
            step = group.removeprefix("adoption_")
            on = figure_id("cla_adoption_times", "mean_days", step, year)
        else:
            continue
        found[figure_id(made.name, measure, group, period, by)] = (on,)
    every = tuple(i for ids in found.values() for i in ids)
    return {**found, **{figure_id(made.name, m): every for m in ("tested_n", "beyond_n")}}


def _adoption_lines(data: StudyData) -> list[Line]:
    """Return mean days of each step to adoption, of enough children to be shown."""
    table = adoption_times(data).table
    cells = table.set_index(["group", "measure", "period"])["value"].sort_index()
    lines = []
    for step, words in INTERVALS.items():
        years = [
            str(p)
            for p, n in cells.get((step, "timed_n"), pd.Series(dtype=float)).items()
            if n >= max(data.study.disclosure.threshold, 1)
        ]
        if not years:
            continue
        found = {"value": years[-1], "previous": str(ReportingYear.parse(years[-1]) - 1)}
        numbers = {k: float(cells[step, "mean_days", y]) for k, y in found.items() if y in years}
        label = f"{words}, mean of three years"
        lines.append(Line(f"adoption_{step}", label, "days", "lower", years[-1], numbers))
    return lines


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
