"""Chapter 25: which differences are more than chance, over time and against England."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs.care.comparison import SOURCE, measure_of
from needs.care.comparison_areas import in_text, peers
from needs.care.comparison_indicators import INDICATORS, Indicator
from needs.care.comparison_profile import figures_of, newest
from needs.care.scorecard_noise import RULE, Tally, beyond_noise, chance_of
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import latest
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, long_table

__all__ = ["changes", "tally_of"]

_BY = {"latest": "Newest figure", "before": "Year before", "england": "England"}


@dataclass(frozen=True, slots=True)
class _Compared:
    """An indicator in the newest year, the year before and England; chance of each difference."""

    indicator: Indicator
    year: str
    numbers: dict[str, float]
    chances: dict[str, float | None]


def changes(data: StudyData) -> Result:
    """Return whether each indicator differs by more than chance from last year and England.

    Parameters
    ----------
    data : StudyData
        A study with comparators.

    Returns
    -------
    Result
        ``comparison_changes``: rows by indicator and year; ``by`` latest, before, england; in
        words whether the two differences are beyond noise.

    Raises
    ------
    InputMissing
        If the files have none of the indicators for the authority.
    """
    found = [c for i in INDICATORS if (c := _compared(data, i)) is not None]
    if not found:
        raise InputMissing("comparators")
    who = peers(data)
    rows = [
        {
            "measure": c.indicator.key,
            "group": c.indicator.key,
            "period": c.year,
            "by": k,
            "value": v,
        }
        for c in found
        for k, v in c.numbers.items()
    ]
    return Result(
        name="comparison_changes",
        title="Which differences are more than chance",
        subtitle=f"{who.names[who.own]}: the newest year, the year before, and England",
        table=long_table(pd.DataFrame(rows).assign(area=who.own)),
        measures=tuple(_measure(c) for c in found),
        labels={
            **who.names,
            **{c.indicator.key: c.indicator.label for c in found},
            **_BY,
            "group": "Indicator",
            "measure": "Measured in",
        },
        source=SOURCE,
        layout=Layout(("group", "measure", "period"), ("by",)),
        notes=(
            RULE,
            "The authority is a small part of England, and is not taken out of it. The counts "
            "tested are those that the same release gives.",
        ),
        row_notes={
            "Change from the year before": _told(found, "before", ("Up", "Down", "Unchanged")),
            "Against England": _told(found, "england", ("Above", "Below", "The same")),
        },
        published=True,
    )


def _compared(data: StudyData, i: Indicator) -> _Compared | None:
    who = peers(data)
    rows = figures_of(data, i)
    year = newest(rows, who.own)
    if not year:
        return None
    earlier = str(ReportingYear.parse(year) - 1)
    where = {
        "latest": (who.own, year),
        "before": (who.own, earlier),
        "england": (who.england, year),
    }
    at = rows.set_index(["area_code", "period"])["value"]
    numbers = {k: float(at[cell]) for k, cell in where.items() if pd.notna(at.get(cell))}
    now = tally_of(data, i, year, who.own)
    chances: dict[str, float | None] = {}
    for k in ("before", "england"):
        area, period = where[k]
        other = tally_of(data, i, period, area) if k in numbers else None
        chances[k] = chance_of(now, other) if now and other else None
    return _Compared(i, year, numbers, chances)


def _measure(c: _Compared) -> Measure:
    i = c.indicator
    return measure_of(i.key, _unit_words(i), i.unit, i.base, pd.Series(list(c.numbers.values())))


def _unit_words(i: Indicator) -> str:
    return "Rate" if i.unit == "rate_per_10k" else "Share"


def _told(found: list[_Compared], other: str, words: tuple[str, str, str]) -> dict[str, str]:
    """Return which way each indicator differs, and whether chance would do as much."""
    flagged = beyond_noise([c.chances[other] for c in found])
    out = {}
    for c, flag in zip(found, flagged, strict=True):
        if other not in c.numbers:
            out[c.indicator.key] = "No figure"
            continue
        gap = c.numbers["latest"] - c.numbers[other]
        way = words[0] if gap > 0 else words[1] if gap < 0 else words[2]
        good = c.indicator.good
        if gap and good != "neither":
            way += ", better" if (gap > 0) == (good == "higher") else ", worse"
        noise = "beyond noise" if flag else "within noise"
        tested = c.chances[other] is not None
        out[c.indicator.key] = f"{way}; {noise}" if tested else f"{way}; not tested"
    return out


def tally_of(data: StudyData, i: Indicator, year: str, area: str) -> Tally | None:
    """Return the count and base behind a figure of an area and year, where the files give both."""
    n = _number(data, (i.counted, i.group, i.by), year, area)
    of = _number(data, i.over, year, area)
    if n is None or of is None:
        return None
    return Tally(round(n), of, "rate" if i.unit == "rate_per_10k" else "share")


def _number(data: StudyData, at: tuple[str, str, str], year: str, area: str) -> float | None:
    frame = data.comparators.frame
    measure, group, by = at
    rows = frame[
        (frame["area_code"] == area)
        & (frame["period"] == year)
        & (frame["measure"] == measure)
        & (frame["group"] == group)
        & (frame["by"] == by)
    ]
    value = latest(in_text(rows)).frame["value"].dropna()
    return float(value.iloc[0]) if len(value) else None
