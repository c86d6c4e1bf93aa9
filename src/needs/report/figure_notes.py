"""What a page tells of a number in its prose: definition, period, source, files and code.

One map stands in the page, whichever number is pointed at: words are kept once and named by their
place in a list, since the same measure and the same source stand behind many numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from needs.report.check_figures import MEASURE, check_rows
from needs.report.headlines import period_words
from needs.vocabulary.released import ReleasedResult, ReleasedRow
from needs.vocabulary.results import ALL

__all__ = ["figure_notes", "figures_in"]

_FIGURE = re.compile(r'<span class="figure" data-figure="([^"]+)"')


def figures_in(html: Iterable[str]) -> list[str]:
    """Return the ids of the figures that prose prints, without repeats, in the order read."""
    return list(dict.fromkeys(i for part in html for i in _FIGURE.findall(part)))


def figure_notes(
    shown: Sequence[ReleasedResult], figures: Iterable[str], places: Mapping[str, str]
) -> dict[str, object]:
    """Return the map of a page.

    Parameters
    ----------
    shown : sequence of ReleasedResult
        Results of the page.
    figures : iterable of str
        Ids of the figures that the page's prose prints.
    places : mapping of str to str
        Name of a result -> id of where it stands on the page.

    Returns
    -------
    dict
        ``words``: a list; ``results``: name -> place, and places in ``words`` of its code and of
        each file; the source stands in the page itself; ``figures``: name of a result -> rest of
        a figure's id -> places in ``words`` of its period, of its measure and of what it is of.
    """
    words: dict[str, int] = {}
    results: dict[str, list[object]] = {}
    told: dict[str, dict[str, list[int]]] = {}
    wanted = set(figures)

    def at(text: str) -> int:
        return words.setdefault(text, len(words))

    for result in shown:
        for row in (*result.rows, *check_rows(result)):
            if row.id in wanted:
                wanted.discard(row.id)
                of = told.setdefault(result.name, {})
                rest = row.id.removeprefix(f"{result.name}.")
                of[rest] = [at(t) for t in (period_words(row.period), *_definition(result, row))]
        if result.name in told and result.name not in results:
            texts = (result.made_by, *result.files)
            results[result.name] = [places.get(result.name, ""), *(at(t) for t in texts)]
    return {"words": list(words), "results": results, "figures": told}


def _definition(result: ReleasedResult, row: ReleasedRow) -> tuple[str, ...]:
    """Return what a number is: its measure, and then whom or what it is of."""
    if row.measure == MEASURE:
        return (next(f"Found by the check “{n}”" for n, *_ in result.checks if n in row.source),)
    of = (result.labels.get(k, k) for k in (row.group, row.by, row.area) if k not in {"", ALL})
    return (result.measures.get(row.measure, row.measure), *of)
