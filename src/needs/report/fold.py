"""An executed chapter made ready for a page: gaps told once, detail set apart.

A notebook says at each place what it lacks, which is right for whoever has it open. On a
page the same words many times over drown what is there. A part that has nothing to show is
left out with its prose, and one statement names all such parts.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat

from needs.vocabulary.released import MIME, ReleasedResult

__all__ = ["DETAIL", "Folded", "absent_inputs", "fold"]

DETAIL = "detail"
"""Tag of cells that stand at the end of the report, in full, instead of in their chapter."""

GAP = "Not in this chapter"
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True)
class Folded:
    """A chapter for a page.

    Parameters
    ----------
    main : nbformat.NotebookNode
        What stands in the chapter.
    detail : nbformat.NotebookNode
        What stands at the end of the report; without cells where there is nothing.
    """

    main: Any
    detail: Any


@dataclass
class _Cell:
    """A cell with what folding asks of it: a heading, results shown, inputs that lack."""

    cell: Any
    level: int
    title: str
    shows: bool
    gaps: tuple[ReleasedResult, ...]


def _read(cell: Any) -> _Cell:
    found = _HEADING.search(cell.source) if cell.cell_type == "markdown" else None
    blocks = [b for b in (_block(o) for o in cell.get("outputs", ())) if b is not None]
    gaps = tuple(b for b in blocks if b.kind == "missing")
    level, title = (len(found[1]), found[2]) if found else (0, "")
    return _Cell(cell, level, title, len(blocks) > len(gaps), gaps)


def _block(output: Any) -> ReleasedResult | None:
    data = output.get("data", {}).get(MIME)
    return ReleasedResult.from_json(data) if data else None


def absent_inputs(results: Sequence[ReleasedResult]) -> dict[str, str]:
    """Return the inputs that a study lacks: key -> words, in the order met."""
    return {r.absent_key: r.absent for r in results if r.kind == "missing" and r.absent_key}


def fold(notebook: Any) -> Folded:
    """Return an executed chapter with its gaps told once and its detail apart.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed and checked. It is left as it is.
    """
    cells = [_read(copy.copy(c)) for c in notebook.cells]
    left_out = _empty_parts(cells)
    gap = _statement(cells, left_out)
    kept: list[Any] = []
    for i, c in enumerate(cells):
        if i not in left_out:
            _without_gaps(c)
            kept.append(c.cell)
    if gap is not None:
        kept.insert(_after_opening(kept), gap)
    apart = [c for c in kept if DETAIL in c.metadata.get("tags", ())]
    return Folded(_like(notebook, [c for c in kept if c not in apart]), _like(notebook, apart))


def _like(notebook: Any, cells: Sequence[Any]) -> Any:
    made = nbformat.NotebookNode(notebook)  # type: ignore[no-untyped-call]
    made.cells = list(cells)
    return made


def _empty_parts(cells: Sequence[_Cell]) -> set[int]:
    """Return the positions of cells in parts that lack an input and show nothing."""
    out: set[int] = set()
    for i, c in enumerate(cells):
        if c.level > 1:
            part = list(_part(cells, i))
            if any(cells[k].gaps for k in part) and not any(cells[k].shows for k in part):
                out.update(part)
    return out


def _part(cells: Sequence[_Cell], start: int) -> Iterator[int]:
    """Yield the positions of a heading's cell and of all that stands under it."""
    yield start
    for k in range(start + 1, len(cells)):
        if 0 < cells[k].level <= cells[start].level:
            return
        yield k


def _without_gaps(c: _Cell) -> None:
    """Take the words about missing inputs out of a cell, in place."""
    if c.gaps:
        c.cell["outputs"] = [o for o in c.cell["outputs"] if not _is_gap(o)]


def _is_gap(output: Any) -> bool:
    block = _block(output)
    return block is not None and block.kind == "missing"


def _after_opening(cells: Sequence[Any]) -> int:
    """Return the place after the words that open a chapter."""
    words = (i for i, c in enumerate(cells) if c.cell_type == "markdown")
    first = next(words, None)
    return 0 if first is None else first + 1


def _statement(cells: Sequence[_Cell], left_out: set[int]) -> Any:
    """Return the one cell that says what is not there and how to add it, or None."""
    gaps = [(i, g) for i, c in enumerate(cells) for g in c.gaps]
    if not gaps:
        return None
    named = absent_inputs([g for _, g in gaps])
    told = dict.fromkeys(n for _, g in gaps if not g.absent_key for n in g.notes)
    lines = [_line(words, _titles(cells, left_out, key)) for key, words in named.items()]
    lines += [*told, *([_how_to_add(tuple(named))] if named else [])]
    first = gaps[0][1]
    block = ReleasedResult(
        kind="missing",
        chapter=first.chapter,
        name=first.name,
        title=GAP if named else first.title,
        subtitle="",
        source="",
        scope="",
        synthetic=False,
        notes=tuple(lines),
    )
    output = {"output_type": "display_data", "metadata": {}, "data": {MIME: block.to_json()}}
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "not-in-this-chapter",
        "metadata": {},
        "source": "",
    }
    cell |= {"execution_count": None, "outputs": [output]}
    return nbformat.from_dict(cell)  # type: ignore[no-untyped-call]


def _titles(cells: Sequence[_Cell], left_out: set[int], key: str) -> tuple[str, ...]:
    """Return the headings of the outermost parts left out for want of one input."""
    titles = []
    covered: set[int] = set()
    for i in sorted(left_out):
        if i in covered or not cells[i].level:
            continue
        part = list(_part(cells, i))
        covered.update(part)
        if any(g.absent_key == key for k in part for g in cells[k].gaps):
            titles.append(cells[i].title)
    return tuple(titles)


def _line(words: str, titles: Sequence[str]) -> str:
    lacks = f"This study does not have {words}"
    if not titles:
        return f"{lacks}, so that some results are left out."
    return f"{lacks}. Left out for that: {'; '.join(f'“{t}”' for t in titles)}."


def _how_to_add(keys: tuple[str, ...]) -> str:
    them, word = ("it", "key") if len(keys) == 1 else ("them", "keys")
    return (
        f"To add {them}, put the files into the study's folder and name them in study.toml, "
        f"section [inputs], {word} {', '.join(keys)}."
    )
