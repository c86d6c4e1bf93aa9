"""Sentences of other chapters, said again with the numbers that they rest on and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from needs.sufficiency.board.again import again
from needs.vocabulary.errors import InputMissing, ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Result, Sentence, figure_id

__all__ = ["Said", "said"]

Made = Result | tuple[Result, ...]
Analysis = Callable[[StudyData], Made]
Said = tuple[str, Analysis, tuple[int, ...]]
"""Name of the new result, the analysis, and which of its sentences are said."""
_ENDS = ("_lower_80", "_upper_80", "_lower_95", "_upper_95")


def said(data: StudyData, wanted: Iterable[Said]) -> Iterator[Result]:
    """Yield results that say sentences of others; one whose input lacks is left out.

    Parameters
    ----------
    data : StudyData
    wanted : iterable of Said
    """
    for name, analysis, which in wanted:
        try:
            made = analysis(data)
        except (InputMissing, ModelError):
            continue
        for result in made if isinstance(made, tuple) else (made,):
            lines = [result.text[k] for k in which if k < len(result.text)]
            if lines:
                yield _again(result, name, lines)
            break


def _again(result: Result, name: str, lines: Sequence[Sentence]) -> Result:
    ids = {i for line in lines for i in line.refs.values()}
    keep = pd.Series(
        [
            any(figure_id(result.name, m + e, g, p, b, a) in ids for e in ("", *_ENDS))
            for m, g, p, b, a in result.table[
                ["measure", "group", "period", "by", "area"]
            ].itertuples(index=False)
        ]
    )
    if not keep.any():
        keep.iloc[:1] = True  # words that rest on no number still need a table to stand in
    shown = again(replace(result, text=tuple(lines)), name, keep, charts=())
    return replace(
        shown,
        subtitle="The numbers that these words rest on",
        notes=(),
        row_notes={},
        guarded=(),
        layout=Layout(("group", "by", "measure"), ("period",)),
    )
