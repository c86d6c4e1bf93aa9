"""A released table as accessible HTML, and as plain text.

great-tables was tried: it writes no ``<caption>``, no ``scope`` on row headers of more than
one column, no attributes on cells, and brings its own style block for each table. All four
matter here (a caption names the table to a screen reader, a figure id ties each cell to
``figures.csv``), so the few lines below write the table instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from needs.vocabulary.released import ReleasedTable
from needs.vocabulary.units import MARKERS

__all__ = ["markers_in", "table_html", "table_text"]

# Said on each cell, since JupyterLab sets every cell to the right and takes no style sheet.
LEFT, RIGHT = ' style="text-align:left"', ' style="text-align:right"'


def markers_in(table: ReleasedTable) -> tuple[str, ...]:
    """Return the markers that stand in number cells, with their meaning, as lines of words."""
    width = len(table.stubs)
    cells = {text for row in table.rows for text in row[width:]}
    found = [m for m in MARKERS if m in cells or any(c.endswith(f" {m}") for c in cells)]
    return tuple(f"{m} = {MARKERS[m]}" for m in found)


YEAR = len("2022-23")
SHORT = 14
"""Letters of a text that is never broken: a reporting year, a date, a word or two."""


def _classes(text: str, limit: int = SHORT, **also: bool) -> str:
    """Return the classes of a text: ``short`` where it stands on one line, and what else holds."""
    names = [n for n, holds in {"short": len(text) <= limit, **also}.items() if holds]
    return f' class="{" ".join(names)}"' if names else ""


def _cell(text: str, figure: str, of_numbers: bool) -> str:
    if not figure and of_numbers:  # a letter where there is no number, under the others
        return f'<td class="gap"{RIGHT}>{escape(text)}</td>'
    if not figure:
        return f"<td{_classes(text)}{LEFT}>{escape(text)}</td>"
    return f'<td class="number"{RIGHT} data-figure="{escape(figure)}">{escape(text)}</td>'


def _head(table: ReleasedTable, numbers: Sequence[bool]) -> str:
    """Return the rows of headers: one, or two where columns share what stands above them."""
    deep = ' rowspan="2"' if table.over else ""
    stubs = "".join(f'<th scope="col"{deep}{LEFT}>{escape(s)}</th>' for s in table.stubs)
    over = table.over or ("",) * len(table.headers)
    first, second = [stubs], []
    columns = zip(over, table.headers, numbers, strict=True)
    for shared, of_it in groupby(columns, key=lambda c: c[0]):
        for _, words, number in (listed := list(of_it)):
            own = words.removeprefix(shared).removeprefix(", ")
            side = RIGHT if number else LEFT
            cell = f"{_classes(own, YEAR, number=number)}{side}>{escape(own)}</th>"
            if shared:
                second.append(f'<th scope="col"{cell}')
            else:
                first.append(f'<th scope="col"{deep}{cell}')
        if shared:
            span = f'<th scope="colgroup" class="over number" colspan="{len(listed)}"'
            first.append(f"{span}{RIGHT}>{escape(shared)}</th>")
    return "".join(f"<tr>{''.join(row)}</tr>" for row in (first, second) if row)


def table_html(table: ReleasedTable, caption: str, notes: Sequence[str] = ()) -> str:
    """Return a table with caption, column and row headers, figure ids, and notes below.

    Parameters
    ----------
    table : ReleasedTable
        Printed text only; a cell with a figure id is a number and is set to the right.
    caption : str
        Names the table: what, where, when.
    notes : sequence of str
        Lines below; the meaning of markers is added.

    Returns
    -------
    str
        One ``<table>`` in a scrolling ``<div>``, then one paragraph a note.
    """
    numbers = [any(ids[i] for ids in table.ids) for i in range(len(table.headers))]
    width = len(table.stubs)
    body = []
    above: tuple[str, ...] = ()
    for row, ids in zip(table.rows, table.ids, strict=True):
        same = width > 1 and bool(above) and row[0] == above[0]
        stubs = "".join(
            f'<th scope="row"{_classes(s, again=same and i == 0)}{LEFT}>{escape(s)}</th>'
            for i, s in enumerate(row[:width])
        )
        above = row
        cells = "".join(_cell(*c) for c in zip(row[width:], ids, numbers, strict=True))
        body.append(f"<tr>{stubs}{cells}</tr>")
    lines = "".join(f'<p class="note">{escape(n)}</p>' for n in (*markers_in(table), *notes))
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead>{_head(table, numbers)}</thead><tbody>{''.join(body)}</tbody></table></div>{lines}"
    )


def table_text(table: ReleasedTable) -> str:
    """Return the table as lines of plain text, columns aligned, numbers to the right."""
    lines = [(*table.stubs, *table.headers), *table.rows]
    width = len(table.stubs)
    number = [False] * width + [any(ids[i] for ids in table.ids) for i in range(len(table.headers))]
    sizes = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            t.rjust(s) if right else t.ljust(s)
            for t, s, right in zip(line, sizes, number, strict=True)
        ).rstrip()
        for line in lines
    )
