"""From a result to what may be shown: hide, round, print, lay out, put into words.

Everything downstream (screen, page, PDF, workbook, ``figures.csv``) is made from what
:func:`release` gives back, so no other place rounds or hides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import pandas as pd

from needs.assurance.disclosure import hidden_figures, protect
from needs.vocabulary.released import ReleasedResult, ReleasedRow, ReleasedTable, Span
from needs.vocabulary.results import ALL, KEYS, Measure, Result, Sentence, figure_id
from needs.vocabulary.study import Study
from needs.vocabulary.units import IN_PLACE, UNITS, coarsest, printed, round_half_up

__all__ = [
    "BOUNDS",
    "PUBLISHED_SCOPE",
    "WITHHELD",
    "all_measures",
    "key_order",
    "lay_out",
    "measure_words",
    "release",
]

BOUNDS = {
    "lower_80": "80% range, lower",
    "upper_80": "80% range, upper",
    "lower_95": "95% range, lower",
    "upper_95": "95% range, upper",
}
"""Columns of a forecast's table; each becomes a measure of its own, ``<measure>_lower_80``."""

WITHHELD = "A sentence is left out here because it rests on a number that is withheld."

NOT_TOLD = "not told: it rests on a number that is withheld"
"""Stands for what a check or a row's words would say of hidden numbers."""

PUBLISHED_SCOPE = (
    "Figures taken from documents and releases count whom their source counts, who need not be "
    "those of this study."
)
"""Stands for the scope of numbers that others print: the study's own does not hold there."""

HEADINGS = {
    "area": "Area",
    "period": "Period",
    "measure": "Measure",
    "group": "Group",
    "by": "Breakdown",
}


def measure_words(m: Measure) -> str:
    """Return a measure's label with its unit and base, as a heading says it.

    Examples
    --------
    >>> measure_words(Measure("share_pct", "Share", "percent", "all children"))
    'Share (% of all children)'
    """
    unit = UNITS[m.unit]
    if unit.suffix == "%":
        return f"{m.label} (% of {m.base})" if m.base else f"{m.label} (%)"
    words = "" if unit.label.lower() in m.label.lower() else unit.label
    inside = ", ".join(w for w in (words, m.base) if w)
    return f"{m.label} ({inside})" if inside else m.label


def key_order(keys: Sequence[str], labels: Mapping[str, str], periods: bool = False) -> list[str]:
    """Return the distinct keys in printed order: as ``labels`` has them, then the rest.

    The rest keep the order of the table, except periods, which are sorted.
    """
    rank = {k: i for i, k in enumerate(labels)}
    distinct = list(dict.fromkeys(keys))
    rest = [k for k in distinct if k not in rank]
    return sorted((k for k in distinct if k in rank), key=rank.__getitem__) + (
        sorted(rest) if periods else rest
    )


def _with_bounds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with each forecast bound as a row of its own, after its number."""
    parts = [table]
    for column in BOUNDS:
        if column in table:
            part = table[table[column].notna()].copy()
            part["measure"] = part["measure"] + "_" + column
            part["value"] = part[column]
            part["marker"] = ""
            parts.append(part)
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def all_measures(result: Result) -> dict[str, Measure]:
    """Return every measure by key, the bounds of forecasts included."""
    out: dict[str, Measure] = {}
    for m in result.measures:
        out[m.key] = m
        for column, words in BOUNDS.items():
            key = f"{m.key}_{column}"
            out[key] = Measure(key, f"{m.label}, {words}", m.unit, m.base, (m.key,))
    return out


def _plain(value: float, unit: str) -> str:
    """Return a number as printed, for machines: no commas, no unit, no minus nought."""
    number = round_half_up(value, UNITS[unit].decimals)
    return f"{number if number else abs(number):f}"


def _as_printed(result: Result, table: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the unit of each series that documents print, as fine as they print it."""
    if not result.published:
        return {}
    units = {k: m.unit for k, m in all_measures(result).items()}
    series: dict[tuple[str, str], list[float]] = {}
    for measure, group, value in zip(table["measure"], table["group"], table["value"], strict=True):
        series.setdefault((measure, group), []).append(value)
    return {(m, g): coarsest(units[m], values) for (m, g), values in series.items()}


def _rows(result: Result, table: pd.DataFrame) -> tuple[ReleasedRow, ...]:
    units = {k: m.unit for k, m in all_measures(result).items()}
    own = _as_printed(result, table)
    rows = []
    for r in table[[*KEYS, "value", "marker"]].to_dict("records"):
        unit, value, marker = units[r["measure"]], r["value"], r["marker"]
        unit = own.get((r["measure"], r["group"]), unit)
        number = not math.isnan(value) and marker not in IN_PLACE
        text = printed(value, unit, marker)
        rows.append(
            ReleasedRow(
                id=figure_id(
                    result.name, r["measure"], r["group"], r["period"], r["by"], r["area"]
                ),
                **{k: r[k] for k in KEYS},
                value=_plain(value, unit) if number else "",
                printed=text,
                unit=unit,
                marker=marker if number else (marker or "x"),
                source=result.source,
            )
        )
    return tuple(rows)


def _told_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reader may know: how many numbers are withheld, not how many are small.

    That some of a few hidden cells are only there to cover the others would tell small from large.
    """
    withheld = sum(int(summary[k]) for k in ("primary", "secondary", "linked"))
    return {"withheld": withheld, **{k: summary[k] for k in ("threshold", "rule")}}


def _is_bound(*keys: str) -> bool:
    """Return whether one of the keys names a forecast's bound: nothing counted has one."""
    return any(k.endswith(tuple(BOUNDS)) for k in keys)


def lay_out(
    rows: Sequence[ReleasedRow],
    result: Result,
    down: Sequence[str],
    across: Sequence[str],
    measures: Sequence[str],
) -> ReleasedTable:
    """Return rows laid out as a table.

    Parameters
    ----------
    rows : sequence of ReleasedRow
        Numbers to place; those of other measures are left out.
    result : Result
        For labels and measures.
    down, across : sequence of str
        Columns of the long table that go down and across. ``measure`` goes across, last,
        where it is in neither and there is more than one.
    measures : sequence of str
        Measures shown, in order.
    """
    known = all_measures(result)
    shown = [r for r in rows if r.measure in set(measures)]
    if len(measures) > 1 and "measure" not in {*down, *across}:
        across = [*across, "measure"]
    words = {"": "All", ALL: "All", **result.labels}
    cells = {(_key(r, down), _key(r, across)): r for r in shown}
    if len(cells) < len(shown):
        raise ValueError(f"result {result.name}: the layout puts two numbers into one cell")

    def label(dim: str, key: str) -> str:
        return measure_words(known[key]) if dim == "measure" else words.get(key, key)

    row_keys = _ordered(shown, down, measures, result.labels)
    col_keys = _ordered(shown, across, measures, result.labels)
    extra = [h for h in result.row_notes if "group" in down]
    at = list(down).index("group") if "group" in down else 0
    untold = {r.group for r in rows if r.marker == "c"} if result.guarded else set()
    table_rows, ids = [], []
    for rk in row_keys:
        found = [cells.get((rk, ck)) for ck in col_keys]
        notes = [
            NOT_TOLD
            if rk[at] in untold and h in result.guarded
            else result.row_notes[h].get(rk[at], "")
            for h in extra
        ]
        stub = [label(d, k) for d, k in zip(down, rk, strict=True)]
        absent = ["z" if _is_bound(*rk, *ck) else "x" for ck in col_keys]
        cell = [r.printed if r else a for r, a in zip(found, absent, strict=True)]
        table_rows.append((*stub, *cell, *notes))
        ids.append((*(r.id if r else "" for r in found), *("" for _ in extra)))
    single = measure_words(known[measures[0]]) if len(measures) == 1 else "Number"
    parts = [[label(d, k) for d, k in zip(across, ck, strict=True)] for ck in col_keys]
    headers = [", ".join(p) or single for p in parts]
    return ReleasedTable(
        stubs=tuple(words.get(d, HEADINGS[d]) for d in down),
        headers=(*headers, *extra),
        rows=tuple(table_rows),
        ids=tuple(ids),
        over=_over(parts, len(extra)),
    )


def _over(parts: Sequence[Sequence[str]], extra: int) -> tuple[str, ...]:
    """Return the first part of each header, where headers side by side share theirs."""
    first = [p[0] if len(p) > 1 else "" for p in parts]
    if not any(a and a == b for a, b in pairwise(first)):
        return ()
    return (*first, *[""] * extra)


def _key(row: ReleasedRow, dims: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(getattr(row, d)) for d in dims)


def _ordered(
    rows: Sequence[ReleasedRow],
    dims: Sequence[str],
    measures: Sequence[str],
    labels: Mapping[str, str],
) -> list[tuple[str, ...]]:
    """Return the combinations of keys that rows have, in printed order."""
    there = {_key(r, dims) for r in rows}
    order = []
    for dim in dims:
        keys = [str(getattr(r, dim)) for r in rows]
        wanted = [m for m in measures if m in set(keys)]
        order.append(wanted if dim == "measure" else key_order(keys, labels, dim == "period"))
    return [k for k in product(*order) if k in there]


def _base_of(figure: str) -> str:
    """Return the id of the number that a bound of a forecast belongs to; a hidden one has none."""
    for column in BOUNDS:
        figure = figure.replace(f"_{column}.", ".")
    return figure


def _sentences(result: Result, rows: Sequence[ReleasedRow]) -> tuple[tuple[Span, ...], ...]:
    by_id = {r.id: r for r in rows}
    out: list[tuple[Span, ...]] = []
    for s in result.text:
        bases = {i: _base_of(i) for i in s.refs.values() if i not in by_id}
        gone = {i for i, b in bases.items() if b in by_id and by_id[b].marker == "c"}
        gone |= {i for i in bases if i in result.leans_on}  # a bound, or a row, that is left out
        unknown = sorted(set(bases) - gone)
        if unknown:
            words = f"result {result.name}: a sentence refers to {', '.join(unknown)}"
            raise ValueError(f"{words}, which its table lacks: add the row, or name another")
        withheld = gone or any(by_id[i].marker == "c" for i in s.refs.values())
        line = (Span(WITHHELD),) if withheld else _spans(s, by_id)
        if line not in out:
            out.append(line)
    return tuple(out)


def _spans(s: Sentence, by_id: Mapping[str, ReleasedRow]) -> tuple[Span, ...]:
    spans: list[Span] = []
    rest = s.template
    while rest:
        before, brace, after = rest.partition("{")
        if before:
            spans.append(Span(before))
        if not brace:
            break
        name, _, rest = after.partition("}")
        if name in s.refs:
            spans.append(Span(by_id[s.refs[name]].printed, s.refs[name]))
        else:
            spans.append(Span(s.words[name]))
    return tuple(spans)


def _words(result: Result, rows: Sequence[ReleasedRow]) -> tuple[dict[str, str], dict[str, str]]:
    """Return words for the measures and the keys of released rows, and of no other."""
    measures = {r.measure for r in rows}
    keys = {k for r in rows for k in (r.group, r.by, r.area)}
    known = all_measures(result)
    return (
        {k: measure_words(m) for k, m in known.items() if k in measures},
        {k: words for k, words in result.labels.items() if k in keys},
    )


def _notes(result: Result, shown: Sequence[str], summary: Mapping[str, Any]) -> tuple[str, ...]:
    known = all_measures(result)
    notes = list(result.notes)
    if len(shown) == 1:
        notes.insert(0, f"Each number is: {measure_words(known[shown[0]])}.")
    return tuple(notes)


def _checks(
    result: Result, summary: Mapping[str, Any], hidden: frozenset[str]
) -> tuple[tuple[str, str, str], ...]:
    """Return the result's checks, and one more where totals and parts disagree."""
    checks = [
        (c.name, str(c.status), c.detail)
        if hidden.isdisjoint(c.leans_on)
        else (c.name, "review", NOT_TOLD)
        for c in result.checks
    ]
    if off := summary["inexact"]:
        words = "1 total differs" if off == 1 else f"{off} totals differ"
        checks.append(("Totals", "review", f"{words} from the sum of the parts."))
    return tuple(checks)


def release(result: Result, study: Study, chapter: str) -> ReleasedResult:
    """Return what may be shown of a result.

    Parameters
    ----------
    result : Result
        Before disclosure control.
    study : Study
        For the disclosure rule, the scope of the label, and whether records are synthetic.
    chapter : str
        Chapter number, two digits.

    Returns
    -------
    ReleasedResult
        Without charts: :mod:`needs.report.figures` draws them from the released rows.

    Raises
    ------
    ValueError
        If the result contradicts itself: a sentence that refers to no row, or a layout that
        puts two numbers into one cell.
    """
    safe = protect(result, study.disclosure)
    rows = _rows(result, _with_bounds(safe.table))
    layout = result.layout
    shown = layout.measures or tuple(
        m.key for m in result.measures if m.key in set(safe.table["measure"])
    )
    # A result may hold numbers for its sentences alone: then there is no table to lay out.
    laid = any(r.measure in set(shown) for r in rows)
    table = lay_out(rows, result, layout.rows, layout.columns, shown) if laid else None
    words = _words(result, rows)
    return ReleasedResult(
        kind="result",
        chapter=chapter,
        name=result.name,
        title=result.title,
        subtitle=result.subtitle,
        source=result.source,
        scope=PUBLISHED_SCOPE
        if result.published
        else result.scope or study.authority.scope.words(study.authority.label),
        synthetic=study.report.synthetic and not (result.published or result.typed),
        rows=rows,
        table=table,
        sentences=_sentences(result, rows),
        checks=_checks(result, safe.summary, hidden_figures(result, study.disclosure)),
        notes=_notes(result, shown, safe.summary),
        disclosure=_told_of(safe.summary),
        measures=words[0],
        labels=words[1],
    )
