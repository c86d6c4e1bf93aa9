"""A comparison as results that pages and workbooks are made of.

They are put together from printed text alone: every number was released by one of the two
reports, or is a difference, a quotient or a verdict of two such numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from needs.report.chapters import CHAPTERS
from needs.report.compare.compare import Comparison, Line
from needs.report.compare.noise import NOT_TESTED, RULE
from needs.report.compare.pairs import KINDS
from needs.report.compare.why import CAUSES
from needs.report.figures import draw
from needs.vocabulary.released import ReleasedResult, ReleasedRow, ReleasedTable, Span
from needs.vocabulary.results import Chart, Measure, Result, long_table
from needs.vocabulary.units import printed

__all__ = ["LISTED", "changes_result", "largest", "reasons_result", "summary_result"]

LISTED = 150
"""Lines of a table on the page; the workbook and the CSV file have all."""
DRAWN = 12
"""Bars of the chart."""
NUMBERS = ("Before", "Now", "Change", "Change (%)")

CAUSE_NOTE = (
    "Why: what the two manifests say was different when the chapter was made, told in full for "
    "each chapter under What was different. That says what could have moved a number, not how much "
    "of the change each thing did."
)
RESTATED_NOTE = "r marks a restated number: the same figure of the same period was another before."


def _result(name: str, title: str, subtitle: str, c: Comparison) -> ReleasedResult:
    return ReleasedResult(
        "result",
        "",
        name,
        title,
        subtitle,
        f"Figures as printed by the reports {c.before.name} and {c.now.name}",
        "",
        bool(c.now.settings.get("report", {}).get("synthetic")),
    )


def _row(figure: str, value: str, shown: str, unit: str, period: str, marker: str) -> ReleasedRow:
    return ReleasedRow(figure, "", period, "", "", "", value, shown, unit, marker, "")


def summary_result(c: Comparison) -> ReleasedResult:
    """Return how many figures are the same, restated, changed or only in one, by chapter."""
    headers = (
        *("Same", "Restated", "Change in time", "More than chance", "Withheld in either"),
        *("Other unit or no number", "Only before", "Only now"),
    )
    numbers = sorted(
        {line.pair.now.chapter for line in c.lines} | set(c.only_before) | set(c.only_now)
    )
    rows: list[ReleasedRow] = []
    cells, ids = [], []
    for number in (*numbers, ""):
        counts = _counts(c, number)
        mine = [
            _row(f"summary.figures_n.{number or 'all'}.c{k}", str(n), _count(n), "count", "", "")
            for k, n in enumerate(counts)
        ]
        rows += mine
        spec = CHAPTERS.get(number)
        called = f"{number} {spec.title}" if spec else number or "All"
        cells.append((called, *(r.printed for r in mine)))
        ids.append(tuple(r.id for r in mine))
    table = ReleasedTable(("Chapter",), headers, tuple(cells), tuple(ids))
    base = _result("summary", "What changed, by chapter", "Number of figures", c)
    return replace(
        base,
        rows=tuple(rows),
        table=table,
        sentences=_sentences(table),
        notes=(
            *(f"{KINDS[k].capitalize()}." for k in ("restated", "in_time", "hidden")),
            "Nothing is worked out from a number that either report withholds.",
            RULE,
        ),
    )


def _count(n: int) -> str:
    return printed(float(n), "count")


def _counts(c: Comparison, number: str) -> tuple[int, ...]:
    """Return the counts of a chapter; of all where it is empty."""
    lines = [x for x in c.lines if not number or x.pair.now.chapter == number]
    kinds = [x.pair.kind for x in lines]
    others = [sum(n for k, n in m.items() if not number or k == number) for m in _only(c)]
    return (
        kinds.count("same"),
        kinds.count("restated"),
        kinds.count("in_time"),
        sum(x.verdict.beyond for x in lines),
        kinds.count("hidden"),
        kinds.count("other_unit") + kinds.count("no_number"),
        *others,
    )


def _only(c: Comparison) -> tuple[dict[str, int], dict[str, int]]:
    return dict(c.only_before), dict(c.only_now)


def _sentences(table: ReleasedTable) -> tuple[tuple[Span, ...], ...]:
    shown, ids = table.rows[-1][1:], table.ids[-1]

    def number(k: int) -> Span:
        return Span(shown[k], ids[k])

    first = (Span("Figures with another number for the same period: "), number(1), Span("."))
    second = (
        Span("Figures with a later period beside an earlier one: "),
        number(2),
        Span("; more than chance: "),
        number(3),
        Span("."),
    )
    return first, second


def changes_result(
    name: str, title: str, lines: Sequence[Line], c: Comparison, most: int | None = None
) -> ReleasedResult:
    """Return figures side by side as a result.

    Parameters
    ----------
    name, title : str
    lines : sequence of Line
        In the order shown.
    c : Comparison
    most : int, optional
        Lines shown; all by default. What is left out is said.
    """
    shown = lines if most is None else lines[:most]
    rows: list[ReleasedRow] = []
    cells, ids = [], []
    for n, line in enumerate(shown):
        mine = [*_numbers(f"{name}.p{n}", line)]
        rows += mine
        stubs = (line.called, _periods(line))
        verdict = line.verdict.words if line.pair.kind == "in_time" else NOT_TESTED
        words = (verdict, CAUSES[line.cause.key])
        cells.append((*stubs, *(r.printed for r in mine), *words))
        ids.append((*(r.id for r in mine), "", ""))
    table = ReleasedTable(
        ("Figure", "Period"),
        (*NUMBERS, "More than chance", "Why"),
        tuple(cells),
        tuple(ids),
    )
    notes = [CAUSE_NOTE]
    if any(line.pair.kind == "restated" for line in shown):
        notes.insert(0, RESTATED_NOTE)
    if len(shown) < len(lines):
        notes.append("The table shows the largest; comparison.csv and the workbook have all.")
    base = _result(name, title, f"{c.before.year} and {c.now.year}", c)
    return replace(base, rows=tuple(rows), table=table, notes=tuple(notes))


def _periods(line: Line) -> str:
    a, b = line.pair.before.period, line.pair.now.period
    return a if a == b else f"{a} to {b}"


def _numbers(name: str, line: Line) -> Iterable[ReleasedRow]:
    """Yield the four numbers of a line; a letter where one is not printed."""
    pair = line.pair
    for part, figure, shown in (
        ("before", pair.before, pair.before.printed),
        ("now", pair.now, line.now),
    ):
        value = "" if figure.value is None else str(figure.value)
        marker = "r" if shown.endswith(" r") else figure.marker
        yield _row(f"{name}.{part}", value, shown, figure.unit, figure.period, marker)
    for part, change, shown, unit in (
        ("change", pair.change, line.change, line.change_unit),
        ("change_pct", pair.change_pct, line.change_pct, "percent1"),
    ):
        value = "" if change is None else str(_plain(shown))
        marker = "" if value else "z"
        yield _row(f"{name}.{part}", value, shown or "z", unit, pair.now.period, marker)


def _plain(shown: str) -> str:
    """Return a printed number without commas and units."""
    return "".join(ch for ch in shown if ch in "-.0123456789")


def largest(lines: Iterable[Line], most: int | None = None) -> list[Line]:
    """Return changes by their size in per cent, then by size; each pair of numbers once."""
    seen: set[tuple[str, str, str, str]] = set()
    found = []
    for line in sorted(lines, key=_size, reverse=True):
        p = line.pair
        key = (p.before.printed, p.now.printed, p.now.unit, p.now.period)
        if most is None or key not in seen:
            found.append(line)
        seen.add(key)
    return found[:most]


def _size(line: Line) -> tuple[float, float, str]:
    pct, change = line.pair.change_pct, line.pair.change
    return abs(float(pct or 0)), abs(float(change or 0)), line.pair.now.id


def with_chart(result: ReleasedResult, lines: Sequence[Line], c: Comparison) -> ReleasedResult:
    """Return a result with a picture of its largest changes in per cent, where there are any."""
    drawn = [x for x in largest(lines, DRAWN) if x.pair.change_pct]
    if not drawn:
        return result
    keys = [f"p{n}" for n in range(len(drawn))]
    labels = {k: f"{x.called} ({_periods(x)})" for k, x in zip(keys, drawn, strict=True)}
    rows = tuple(
        ReleasedRow(
            f"{result.name}_drawn.change_pct.{k}",
            "",
            "",
            "change_pct",
            k,
            "",
            _plain(x.change_pct),
            x.change_pct,
            "percent1",
            "",
            "",
        )
        for k, x in zip(keys, drawn, strict=True)
    )
    frame = long_table(_frame(keys))
    chart = Chart(
        "largest",
        "bar",
        "change_pct",
        result.title,
        f"Change in per cent, largest {'changes' if len(drawn) > 1 else 'change'} first",
        "One bar for each figure: to the right it is larger than before, to the left smaller.",
        x="group",
        series="period",
    )
    mould = Result(
        f"{result.name}_drawn",
        result.title,
        result.subtitle,
        frame,
        (Measure("change_pct", "Change", "percent1"),),
        labels,
        result.source,
    )
    bare = replace(result, name=mould.name, rows=rows)
    return replace(result, rows=(*result.rows, *rows), charts=(draw(chart, mould, bare),))


def _frame(keys: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"group": list(keys), "measure": "change_pct", "value": 0.0})


def reasons_result(c: Comparison) -> ReleasedResult:
    """Return what was different when each chapter was made."""
    rows = []
    for (a, b), cause in c.causes.items():
        spec = CHAPTERS.get(b)
        called = f"{b} {spec.title}" if spec else b
        called += f" (chapter {a} before)" if a != b else ""
        cells = (
            "; ".join(words) or "nothing" for words in (cause.data, cause.method, cause.period)
        )
        rows.append((called, *cells))
    table = ReleasedTable(
        ("Chapter",),
        ("Data revised", "Method changed", "New period"),
        tuple(rows),
        tuple(("", "", "") for _ in rows),
    )
    base = _result("reasons", "What was different", "Inputs, method and period, by chapter", c)
    return replace(base, table=table if rows else None, notes=(CAUSE_NOTE,))
