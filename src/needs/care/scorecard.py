"""The scorecard of the annexes: each indicator with what it was, could be, and should be.

One form serves three sources: the authority's own table, the official files, and the records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from needs.care.comparison_profile import GOOD
from needs.care.scorecard_noise import FALSE_SHARE, RULE, Tally, beyond_noise, chance_of
from needs.vocabulary.results import (
    ALL,
    Additive,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.units import UNITS

__all__ = ["COLUMNS", "Card", "Line", "scorecard_result"]

COLUMNS = {
    "value": "Newest",
    "previous": "Before",
    "neighbours": "Neighbours",
    "england": "England",
    "target": "Target",
}
"""Columns of numbers, in printed order."""

_COUNTS = (
    Measure("count_n", "Counted", "children"),
    Measure("rest_n", "The others of the base", "children"),
    Measure("base_n", "Base", "children"),
)
_SUMMARY = (
    Measure("tested_n", "Changes tested", "count"),
    Measure("beyond_n", "Changes beyond noise", "count"),
    Measure("false_share_pct", "Flags that may be false", "percent"),
)


@dataclass(frozen=True)
class Line:
    """One indicator of a scorecard.

    Parameters
    ----------
    key, label : str
        Slug, and words for a reader.
    unit : str
        A key of :data:`needs.vocabulary.units.UNITS`.
    good : {"higher", "lower", "neither"}
        Which way is better.
    period : str
        Of ``value``.
    numbers : mapping of str to float
        Of :data:`COLUMNS`, those that are known.
    now, before : Tally or None
        The counts behind ``value`` and ``previous``, where they are known.
    base : str
        What a share is a share of, in words; empty where that is not said.
    instead : str
        Words in place of those on the change; empty for none.
    untested : str
        Why the change is not tested, where its counts are not what is wanting.
    """

    key: str
    label: str
    unit: str
    good: str
    period: str
    numbers: Mapping[str, float]
    now: Tally | None = None
    before: Tally | None = None
    base: str = ""
    instead: str = ""
    untested: str = ""


@dataclass(frozen=True)
class Card:
    """A scorecard before it is laid out.

    Parameters
    ----------
    name, title, subtitle, source : str
        As of a result.
    lines : sequence of Line
        In printed order; keys are unique.
    threshold : int
        Counts from 1 to one less are hidden, and the change they make with them.
    published : bool
        Whether every number is public already.
    typed : bool
        Whether the numbers are the authority's own table, not counted from records.
    labels : mapping of str to str
        Words that replace those of :data:`COLUMNS`.
    notes : tuple of str
        Beside the rule of the tests.
    settings : mapping
        As of a result.
    """

    name: str
    title: str
    subtitle: str
    source: str
    lines: Sequence[Line]
    threshold: int
    published: bool = False
    typed: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)


def scorecard_result(card: Card) -> Result:
    """Return a scorecard as a result.

    Parameters
    ----------
    card : Card
        Its lines.

    Returns
    -------
    Result
        Rows by indicator (``group``) and period, columns ``by`` of :data:`COLUMNS`; a measure
        for each unit. Beside the numbers stand which way is better and, in words, whether the
        change is within noise. The counts behind shares and rates are in the table but not
        laid out: a share is hidden with its count, and with what is left of its base.
    """
    chances = [chance_of(x.now, x.before) if x.now and x.before else None for x in card.lines]
    flagged = beyond_noise(chances)
    summary = {
        "tested_n": sum(p is not None for p in chances),
        "beyond_n": int(flagged.sum()),
        "false_share_pct": 100 * FALSE_SHARE,
    }
    table = long_table(
        pd.DataFrame(
            [row for x in card.lines for row in _rows(x, _value_key(card.lines, x))]
            + [{"measure": k, "value": v} for k, v in summary.items()]
        )
    )
    values = tuple(_value_measure(card.lines, key) for key in _value_keys(card.lines))
    change = {
        x.key: _change(x, p, bool(f), card)
        for x, p, f in zip(card.lines, chances, flagged, strict=True)
    }
    return Result(
        name=card.name,
        title=card.title,
        subtitle=card.subtitle,
        table=table,
        measures=(*values, *_COUNTS, *_SUMMARY),
        labels={
            **{x.key: x.label for x in card.lines},
            **COLUMNS,
            "group": "Indicator",
            "measure": "Measured in",
            **card.labels,
        },
        source=card.source,
        layout=Layout(("group", "measure", "period"), ("by",), tuple(m.key for m in values)),
        text=_said(card.name, summary),
        additive=(Additive("measure", "base_n", ("count_n", "rest_n")),),
        notes=(RULE, *card.notes),
        row_notes={
            "Better is": {x.key: GOOD[x.good] for x in card.lines},
            "Change": change,
        },
        settings={**card.settings, "false_share": FALSE_SHARE},
        published=card.published,
        typed=card.typed,
    )


def _value_keys(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Return every unit with its base, in the order of the lines."""
    return list(dict.fromkeys((x.unit, x.base) for x in lines))


def _value_key(lines: Sequence[Line], line: Line) -> str:
    """Return the key of a line's measure: one for each unit and base."""
    bases = [base for unit, base in _value_keys(lines) if unit == line.unit]
    at = bases.index(line.base)
    return f"value_{line.unit}" + (f"_{at}" if at else "")


def _value_measure(lines: Sequence[Line], key: tuple[str, str]) -> Measure:
    """Return the measure of a unit and base; shares and rates are hidden with their counts."""
    line = next(x for x in lines if (x.unit, x.base) == key)
    unit = UNITS[line.unit]
    words = "Share" if unit.suffix == "%" else unit.label[:1].upper() + unit.label[1:]
    hides = () if unit.people else ("count_n", "rest_n")
    return Measure(_value_key(lines, line), words, line.unit, line.base, hides)


def _rows(line: Line, measure: str) -> list[dict[str, object]]:
    base = {"group": line.key, "period": line.period}
    nothing = float("nan")
    out: list[dict[str, object]] = [
        {**base, "by": by, "measure": measure, "value": line.numbers.get(by, nothing)}
        for by in COLUMNS
    ]
    for row in out:
        row["marker"] = "" if row["by"] in line.numbers else "x"
    if UNITS[line.unit].people:
        return out
    for by, tally in (("value", line.now), ("previous", line.before)):
        if tally is None or by not in line.numbers:
            continue
        counts = {"count_n": float(tally.n)}
        if tally.kind == "share" and tally.sound:
            whole = round(tally.of or 0)
            counts |= {"rest_n": float(whole - tally.n), "base_n": float(whole)}
        out += [{**base, "by": by, "measure": k, "value": v} for k, v in counts.items()]
    return out


def _change(line: Line, chance: float | None, flagged: bool, card: Card) -> str:
    """Return the change in words: which way, whether that is better, and whether it is noise."""
    if line.instead:
        return line.instead
    if not {"value", "previous"} <= set(line.numbers):
        return "No figure before it"
    tallies = [t for t in (line.now, line.before) if t is not None]
    if not card.published and any(_small(t, card.threshold) for t in tallies):
        return "Not said: a small count"
    now, before = line.numbers["value"], line.numbers["previous"]
    way = "Unchanged" if now == before else "Up" if now > before else "Down"
    if now != before and line.good in {"higher", "lower"}:
        way += ", better" if (now > before) == (line.good == "higher") else ", worse"
    if chance is None:
        return f"{way}; not tested: {line.untested or 'the counts behind it are not known'}"
    return f"{way}; {'beyond' if flagged else 'within'} noise"


def _small(tally: Tally, threshold: int) -> bool:
    parts = [tally.n]
    if tally.kind == "share":
        parts.append(round(tally.of or 0) - tally.n)
    return any(0 < n < threshold for n in parts)


def _said(name: str, summary: Mapping[str, float]) -> tuple[Sentence, ...]:
    if not summary["tested_n"]:
        return ()
    refs = {
        k: figure_id(name, m, ALL)
        for k, m in (("beyond", "beyond_n"), ("n", "tested_n"), ("share", "false_share_pct"))
    }
    return (
        Sentence(
            "Changes that could be tested: {n}; beyond noise: {beyond}. On average at most {share} "
            "of such flags are false.",
            refs,
        ),
    )
