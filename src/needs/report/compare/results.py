"""A comparison as results that pages and workbooks are made of.

They are put together from printed text alone: every number was released by one of the two
reports, or is a difference, a quotient or a verdict of two such numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from needs.report.chapters import CHAPTERS
from needs.report.compare.compare import Comparison, Line
from needs.report.compare.noise import NOT_TESTED, REASONS, RULE
from needs.report.compare.pairs import KINDS
from needs.report.compare.why import CAUSES
from needs.report.figures import draw
from needs.vocabulary.released import ReleasedResult, ReleasedRow, ReleasedTable, Span
from needs.vocabulary.results import Chart, Measure, Result, long_table
from needs.vocabulary.units import printed

__all__ = [
    "LISTED",
    "changes_result",
    "largest",
    "reasons_result",
    "summary_result",
    "untested_result",
    "with_charts",
]

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
RESTATED_NOTE = (
    "r marks a restated number: the same figure of the same past period was another before. That "
    "the later report is of another period is no reason for that."
)
AHEAD_NOTE = (
    "A period that was still to come when the earlier report was made: the later one knows more."
)


def _result(name: str, title: str, subtitle: str, c: Comparison) -> ReleasedResult:
    return ReleasedResult(
        "result",
        "",
        name,
        title,
        subtitle,
        f"Figures as printed by the reports {c.before.name} and {c.now.name}",
        "",
        c.synthetic,
    )


def _row(figure: str, value: str, shown: str, unit: str, period: str, marker: str) -> ReleasedRow:
    return ReleasedRow(figure, "", period, "", "", "", value, shown, unit, marker, "")


def summary_result(c: Comparison) -> ReleasedResult:
    """Return how many figures are the same, restated, changed or only in one, by chapter."""
    headers = (
        *("Same", "Restated", "Change in time", "More than chance", "Looked ahead again"),
        "Withheld in either",
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
            *(f"{KINDS[k].capitalize()}." for k in ("restated", "in_time", "ahead", "hidden")),
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
        kinds.count("ahead"),
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

    first = (Span("Figures with another number for the same past period: "), number(1), Span("."))
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
    if any(line.pair.kind == "ahead" for line in shown):
        notes.insert(0, AHEAD_NOTE)
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


@dataclass(frozen=True, slots=True)
class _Picture:
    """A chart of changes in one unit."""

    key: str
    unit: str
    says: str
    label: str

    def number(self, line: Line) -> Decimal | None:
        """Return what is drawn of a line; None where there is nothing."""
        pair = line.pair
        if self.key == "change_pct":
            return pair.change_pct
        return pair.change if line.change_unit == "points" else None

    def shown(self, line: Line) -> str:
        """Return it as printed."""
        return line.change_pct if self.key == "change_pct" else line.change


PICTURES = (
    _Picture("change_pct", "percent1", "Change in per cent", "Change"),
    _Picture("change_points", "points", "Change of shares in percentage points", "Change"),
)


def with_charts(result: ReleasedResult, lines: Sequence[Line]) -> ReleasedResult:
    """Return a result with pictures of its largest changes: in per cent, and of shares in points.

    Money and counts are drawn in per cent of what they were; of a share that would say nothing.
    """
    for picture in PICTURES:
        drawn = [x for x in _by_size(lines, picture) if picture.number(x)]
        if drawn:
            result = _drawn(result, drawn[:DRAWN], picture)
    return result


def _by_size(lines: Sequence[Line], picture: _Picture) -> list[Line]:
    """Return each pair of numbers once, the largest change first."""
    once = largest(lines, len(lines))
    return sorted(once, key=lambda x: (-abs(picture.number(x) or Decimal()), x.pair.now.id))


def _drawn(result: ReleasedResult, lines: Sequence[Line], picture: _Picture) -> ReleasedResult:
    """Return a result with one picture more."""
    name = f"{result.name}_{picture.key}"
    keys = [f"p{n}" for n in range(len(lines))]
    labels = {k: _label(x) for k, x in zip(keys, lines, strict=True)}
    cells = [(k, picture.shown(x)) for k, x in zip(keys, lines, strict=True)]
    rows = tuple(
        ReleasedRow(
            f"{name}.{picture.key}.{k}",
            *("", "", picture.key, k, ""),
            *(_plain(shown), shown, picture.unit, "", ""),
        )
        for k, shown in cells
    )
    frame = pd.DataFrame({"group": keys, "measure": picture.key, "value": 0.0})
    chart = Chart(
        picture.key,
        "bar",
        picture.key,
        result.title,
        f"{picture.says}, largest {'changes' if len(lines) > 1 else 'change'} first",
        "One bar for each figure: to the right it is larger than before, to the left smaller.",
        x="group",
        series="period",
    )
    measure = Measure(picture.key, picture.label, picture.unit)
    mould = Result(
        name, result.title, result.subtitle, long_table(frame), (measure,), labels, result.source
    )
    made = draw(chart, mould, replace(result, name=name, rows=rows, charts=()))
    return replace(result, rows=(*result.rows, *rows), charts=(*result.charts, made))


def _label(line: Line) -> str:
    period = _periods(line)
    return f"{line.called} ({period})" if period else line.called


def untested_result(c: Comparison) -> ReleasedResult:
    """Return how many changes in time are not tested for chance, and why."""
    whys = [x.verdict.why for x in c.of("in_time")]
    rows = [
        _row(f"untested.figures_n.{k}", str(whys.count(k)), _count(whys.count(k)), "count", "", "")
        for k in REASONS
        if k in whys
    ]
    table = ReleasedTable(
        ("What cannot be tested, and why",),
        ("Changes in time",),
        tuple((REASONS[r.id.rpartition(".")[2]], r.printed) for r in rows),
        tuple((r.id,) for r in rows),
    )
    tested = sum(x.verdict.chance is not None for x in c.of("in_time"))
    told = _row("untested.figures_n.tested", str(tested), _count(tested), "count", "", "")
    base = _result("untested", "Changes that are not tested for chance", "Number of figures", c)
    return replace(
        base,
        rows=(*rows, told),
        table=table if rows else None,
        sentences=(
            (Span("Changes in time that are tested: "), Span(_count(tested), told.id), Span(".")),
        ),
    )


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
