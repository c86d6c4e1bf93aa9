"""Relations that a study has typed: how a number follows, in the document's own words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs.assurance.audit.index import Index
from needs.assurance.audit.printed import Figure
from needs.assurance.audit.relation import Relation
from needs.vocabulary.operations import CONSTANT, PLUS, SPAN, TIMES

__all__ = ["relations"]


def _operand(index: Index, text: str) -> Figure:
    if PLUS in text:
        parts = [_operand(index, part) for part in text.split(PLUS)]
        return index.made_sum(parts, parts[0].group)
    if text.startswith(CONSTANT):
        return index.constant(float(text[1:]))
    if SPAN in text:
        a, b = text.split(SPAN)
        return index.between(index.all[a], index.all[b])
    if TIMES in text:
        a, b = text.split(TIMES)
        return index.made_product(_operand(index, a), _operand(index, b))
    return index.all[text]


def _hundredths(operands: Sequence[Figure]) -> float:
    """Return the factor that makes percentages parts of one."""
    factor = 1.0
    for o in operands:
        factor *= 0.01 if o.unit.startswith("percent") else 1.0
    return factor


def _relation(figure: str, operation: str, held: list[Figure], either: str, note: str) -> Relation:
    ids, n = tuple(h.id for h in held), len(held)
    minus = (1.0, *(-1.0,) * (n - 1))
    if operation in {"sum", "equal"}:
        kind = "sum" if operation == "sum" else "same number"
        return Relation(kind, figure, ids, (1.0,) * n, either=either, note=note)
    if operation == "difference":
        return Relation("difference", figure, ids, minus, either=either, note=note)
    if operation == "at_most":
        return Relation("bound", figure, ids, (1.0,), "at_most", either=either, note=note)
    if operation in {"growth", "fall"}:
        turn = "growth" if operation == "growth" else "fall"
        return Relation(
            operation, figure, ids[::-1], (1.0, -1.0), "product", 1.0, turn,  # type: ignore[arg-type]
            either, note,
        )  # fmt: skip
    powers = (1.0,) * n if operation == "product" else minus
    scale = {"share": 100.0, "rate": 1e4, "quotient": 1.0}.get(operation, _hundredths(held))
    return Relation(operation, figure, ids, powers, "product", scale, either=either, note=note)


def relations(index: Index, typed: pd.DataFrame) -> list[Relation]:
    """Return the typed relations, in order.

    Parameters
    ----------
    index : Index
        The figures.
    typed : DataFrame
        ``Published.relations``: ``figure, operation, operands, either, note``.
    """
    out = []
    for row in typed.to_dict("records"):
        held = [_operand(index, o) for o in str(row["operands"]).split()]
        result = _operand(index, row["figure"]).id
        out.append(_relation(result, row["operation"], held, row["either"], row["note"]))
    return out
