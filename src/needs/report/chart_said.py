"""What the words of a chart say of its numbers, held against the table behind it.

The words name a number by its series and its place on the axis (see
:mod:`needs.report.chart_words`): another number of the same chart is no figure there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from needs.report.traced_rules import without
from needs.vocabulary.released import ReleasedChart, ReleasedTable

__all__ = ["unsaid"]

_STEPS = ("{x} {n}", "{x} adds the most, {n}", "{x} takes away the most, {n}")
_AT = ("{n} in {x}", "{n} for {x}", *_STEPS)


def unsaid(chart: ReleasedChart, text: str) -> str:
    """Return the words of a chart without what its table holds, as long as they were."""
    names = [_name(text, header) for header in chart.table.headers]
    starts = sorted({at for name in names for at in _starts(text, name)})
    parts = []
    for start, end in pairwise([0, *starts, len(text)]):
        part = text[start:end]
        mine = [j for j, n in enumerate(names) if n and part.casefold().startswith(n.casefold())]
        free = [j for j, n in enumerate(names) if not n]
        parts.append(without(part, _facts(chart.table, mine or free)))
    return "".join(parts)


def _starts(text: str, name: str) -> Iterator[int]:
    """Yield where a series' words begin."""
    if name:
        found = re.finditer(rf"(?:^|[.] ){re.escape(name)}: ", text, re.IGNORECASE)
        yield from (m.start() + 2 * (text[m.start()] == ".") for m in found)


def _name(text: str, header: str) -> str:
    """Return the words that a column's series is told by; ``""`` where it is the only one."""
    parts = header.split(", ")
    names = (", ".join(parts[:k]) for k in range(len(parts), 0, -1))
    return next((n for n in names if any(True for _ in _starts(text, n))), "")


def _facts(table: ReleasedTable, columns: Sequence[int]) -> Iterator[str]:
    """Yield all that may be said of some columns."""
    width = len(table.stubs)
    for row in table.rows:
        x = row[width - 1]
        cells = {j: row[width + j] for j in columns}
        for n in cells.values():
            yield from (form.format(n=n, x=x) for form in _AT)
        low = [n for j, n in cells.items() if "lower" in table.headers[j]]
        high = [n for j, n in cells.items() if "upper" in table.headers[j]]
        yield from (f"{x} from {a} to {b}" for a, b in zip(low, high, strict=False))
