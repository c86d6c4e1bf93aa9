"""Released results of executed notebooks: the only thing that publishing reads.

A chapter may show released results and nothing else. An output of any other kind was
never looked at by disclosure control, so it stops the report instead of reaching it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from needs.report.chapters import ChapterSpec
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.released import MIME, ReleasedResult, ReleasedTable

__all__ = ["Chapter", "read_chapters"]


@dataclass(frozen=True)
class Chapter:
    """An executed chapter, checked and ready to be published.

    Parameters
    ----------
    spec : ChapterSpec
        Number, title and notebook name.
    notebook : nbformat.NotebookNode
        The executed notebook; every output is a released result or a picture of one.
    results : tuple of ReleasedResult
        Its results, in the order shown.
    """

    spec: ChapterSpec
    notebook: Any
    results: tuple[ReleasedResult, ...]


def read_chapters(notebooks: Sequence[tuple[ChapterSpec, Path]]) -> tuple[Chapter, ...]:
    """Read the released results of executed notebooks.

    Parameters
    ----------
    notebooks : sequence of (ChapterSpec, Path)
        Each chapter with its executed notebook, in the order of the report.

    Returns
    -------
    tuple of Chapter
        One for each notebook, in the same order.

    Raises
    ------
    RenderError
        With every fault of every notebook: an output that is no released result, a chart
        that is missing or left over, a printed number without its figure, a name used twice.
    """
    chapters, faults = [], []
    for spec, path in notebooks:
        chapter, found = _read(spec, path)
        chapters.append(chapter)
        faults.extend(found)
    if faults:
        raise RenderError("the executed chapters cannot be published", faults)
    return tuple(chapters)


def _read(spec: ChapterSpec, path: Path) -> tuple[Chapter, list[Fault]]:
    """Return the chapter of one notebook, and what is wrong with it."""
    try:
        notebook = nbformat.read(str(path), as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError):
        fault = Fault(path.name, "not a readable notebook", "run the chapter again")
        return Chapter(spec, None, ()), [fault]
    results: list[ReleasedResult] = []
    faults: list[Fault] = []
    waiting: list[str] = []
    place = ""
    for cell, output in _outputs(notebook):
        chart = output.get("metadata", {}).get("needs", {}).get("chart")
        if MIME in output.get("data", {}):
            faults.extend(_left_over(path, place, waiting))
            place, waiting = f"cell {cell}", []
            block, found = _block(spec, path, cell, output["data"][MIME])
            faults.extend(found)
            if block is not None:
                results.append(block)
                waiting = [c.key for c in block.charts]
        elif chart is not None and chart in waiting:
            waiting.remove(chart)
        else:
            faults.append(_stranger(path, cell, output, chart))
    faults.extend(_left_over(path, place, waiting))
    twice = [name for name, n in Counter(r.name for r in results).items() if n > 1]
    faults.extend(
        Fault(path.name, f"shows result '{name}' more than once", "show it once") for name in twice
    )
    return Chapter(spec, notebook, tuple(results)), faults


def _outputs(notebook: Any) -> Iterator[tuple[int, Any]]:
    """Yield each output with the number of its cell, counted from 1."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            yield number, output


def _left_over(path: Path, place: str, waiting: Sequence[str]) -> list[Fault]:
    """Return a fault for charts that a result announced and the notebook does not show."""
    if not waiting:
        return []
    rule = f"{len(waiting)} of the result's charts not shown in the notebook"
    return [Fault(path.name, rule, "run the chapter again", column=place)]


def _stranger(path: Path, cell: int, output: Any, chart: str | None) -> Fault:
    """Return the fault of an output that publishing may not use."""
    where = f"cell {cell}"
    if output.output_type == "error":
        return Fault(path.name, "the cell ended in an error", "mend the cell and run again", where)
    if output.output_type == "stream":
        return Fault(
            path.name,
            "prints text or a warning, which disclosure control has not seen",
            "take the print out, or mend what the warning is about",
            where,
        )
    if chart is not None:
        return Fault(
            path.name, "shows a chart that no result before it has", "show its result first", where
        )
    return Fault(
        path.name,
        "shows an output that is not a released result",
        "show results through the chapter, not objects of other kinds",
        where,
    )


def _block(
    spec: ChapterSpec, path: Path, cell: int, data: Any
) -> tuple[ReleasedResult | None, list[Fault]]:
    """Return the released result of one output, and what is wrong with it."""
    where = f"cell {cell}"
    try:
        block = ReleasedResult.from_json(data)
    except (KeyError, TypeError, IndexError, AttributeError):
        rule = "holds a result written by another version of needs"
        return None, [Fault(path.name, rule, "run the chapter again", where)]
    faults = []
    if block.chapter != spec.number:
        rule = f"shows a result of chapter {block.chapter} in chapter {spec.number}"
        faults.append(Fault(path.name, rule, "run the chapter again", where))
    printed = {row.id: row.printed for row in block.rows}
    tables = [t for t in (block.table, *(c.table for c in block.charts)) if t is not None]
    cells = [pair for table in tables for pair in _cells(table)]
    cells += [(s.figure, s.text) for line in block.sentences for s in line if s.figure]
    unknown = sorted({figure for figure, _ in cells if figure not in printed})
    differing = sorted({f for f, text in cells if f in printed and printed[f] != text})
    for figures, rule in (
        (unknown, "prints numbers that its figures do not hold"),
        (differing, "prints numbers otherwise than its figures do"),
    ):
        if figures:
            mend = f"mend result '{block.name}', starting with {figures[0]}"
            faults.append(Fault(path.name, rule, mend, where, row_count=len(figures)))
    for chart in (c for c in block.charts if not c.alt.strip()):
        rule = f"chart '{chart.key}' of result '{block.name}' has no alternative text"
        mend = "say in words what its picture shows (alt)"
        faults.append(Fault(path.name, rule, mend, where))
    if any(not _regular(t) for t in tables):
        rule = (
            f"result '{block.name}' has a table with rows of uneven length, a heading twice, or "
            "one that does not begin with what stands above it"
        )
        faults.append(Fault(path.name, rule, "mend the result's layout", where))
    return block, faults


def _cells(table: ReleasedTable) -> Iterator[tuple[str, str]]:
    """Yield figure id and printed text of each number in a table."""
    width = len(table.stubs)
    for row, ids in zip(table.rows, table.ids, strict=False):
        yield from ((i, text) for i, text in zip(ids, row[width:], strict=False) if i)


def _regular(table: ReleasedTable) -> bool:
    """Return whether every row has every cell, and every column a heading of its own."""
    headings = (*table.stubs, *table.headers)
    return (
        len({h.casefold() for h in headings}) == len(headings)
        and len(table.rows) == len(table.ids)
        and all(len(row) == len(headings) for row in table.rows)
        and all(len(ids) == len(table.headers) for ids in table.ids)
        and len(table.over) in {0, len(table.headers)}
        and all(h.startswith(o) for o, h in zip(table.over, table.headers, strict=False))
    )
