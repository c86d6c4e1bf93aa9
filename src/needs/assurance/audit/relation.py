"""One relation between printed numbers: what it gives, and what it asks of each of its members."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from needs.assurance.audit.printed import EPS, Figure, Span, meet, span

__all__ = ["EVERYTHING", "Relation", "Status", "implied", "judge", "outcome"]

EVERYTHING: Span = (-math.inf, math.inf)

Status = Literal["agrees", "rounding", "cut", "broken"]
Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Relation:
    """How one number follows from others.

    Parameters
    ----------
    kind : str
        For a reader: sum, share, growth, same number, rank …
    result : str
        Id of the number that follows.
    operands : tuple of str
        Ids of those it follows from.
    powers : tuple of float
        Of a sum: the sign of each operand. Of a product: its exponent.
    form : {"linear", "product", "at_most"}
        ``result = sum(power * operand)``, ``result = scale * prod(operand ** power)``, or
        ``result <= operand``.
    turn : {"", "growth", "fall"}
        Where the product is a ratio of levels and the result its change in per cent.
    either : str
        Relations of one result that share this word are alternatives: one of them has to hold.
    """

    kind: str
    result: str
    operands: tuple[str, ...]
    powers: tuple[float, ...]
    form: Literal["linear", "product", "at_most"] = "linear"
    scale: float = 1.0
    turn: Literal["", "growth", "fall"] = ""
    either: str = ""
    note: str = field(default="", compare=False)

    @property
    def members(self) -> tuple[str, ...]:
        """Result and operands."""
        return (self.result, *self.operands)


def _power(a: Span, p: float) -> Span | None:
    if a[0] <= 0 and p < 0:
        return None
    if p in (1.0, -1.0):
        return span(a[0] ** p, a[1] ** p)
    return span(math.copysign(abs(a[0]) ** p, a[0]), math.copysign(abs(a[1]) ** p, a[1]))


def _times(a: Span, b: Span) -> Span:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _product(spans: Sequence[Span], powers: Sequence[float], scale: float) -> Span | None:
    out: Span = (scale, scale)
    for a, p in zip(spans, powers, strict=True):
        raised = _power(a, p)
        if raised is None:
            return None
        out = _times(out, raised)
    return out


def _turned(r: Relation, ratio: Span) -> Span:
    if r.turn == "growth":
        return 100 * (ratio[0] - 1), 100 * (ratio[1] - 1)
    if r.turn == "fall":
        return 100 * (1 - ratio[1]), 100 * (1 - ratio[0])
    return ratio


def _unturned(r: Relation, result: Span) -> Span:
    if r.turn == "growth":
        return 1 + result[0] / 100, 1 + result[1] / 100
    if r.turn == "fall":
        return 1 - result[1] / 100, 1 - result[0] / 100
    return result


def _linear(spans: Sequence[Span], signs: Sequence[float]) -> Span:
    parts = [span(a[0] * s, a[1] * s) for a, s in zip(spans, signs, strict=True)]
    return math.fsum(p[0] for p in parts), math.fsum(p[1] for p in parts)


def outcome(r: Relation, spans: Sequence[Span]) -> Span | None:
    """Return what the operands make of the result; None where it cannot be worked out."""
    if r.form == "at_most":
        return -math.inf, spans[0][1]
    if r.form == "linear":
        return _linear(spans, r.powers)
    made = _product(spans, r.powers, r.scale)
    return None if made is None else _turned(r, made)


def _spans(r: Relation, figures: Figures, *, wide: bool) -> list[Span]:
    return [figures[o].wide if wide else figures[o].tight for o in r.operands]


def _rounds(r: Relation, figures: Figures) -> bool:
    """Whether the result of the relation is rounded, even where it is a count."""
    return r.form == "product" or not all(figures[o].counted for o in r.operands)


def implied(r: Relation, member: str, figures: Figures, *, wide: bool) -> Span:
    """Return the interval that the other members leave for one of them."""
    res = figures[r.result]
    if member == r.result:
        made = outcome(r, _spans(r, figures, wide=wide))
        return EVERYTHING if made is None else made
    said = res.wide if wide else res.tight
    if _rounds(r, figures):
        said = min(said[0], res.rounded[0]), max(said[1], res.rounded[1])
    j = r.operands.index(member)
    if r.form == "at_most":
        return said[0], math.inf
    others = [s for i, s in enumerate(_spans(r, figures, wide=wide)) if i != j]
    powers = [p for i, p in enumerate(r.powers) if i != j]
    if r.form == "linear":
        rest = _linear(others, powers)
        left = said[0] - rest[1], said[1] - rest[0]
        return span(left[0] / r.powers[j], left[1] / r.powers[j])
    rest_or_none = _product(others, powers, r.scale)
    said = _unturned(r, said)
    if rest_or_none is None or rest_or_none[0] <= 0 or said[0] <= 0:
        return EVERYTHING
    power = _power((said[0] / rest_or_none[1], said[1] / rest_or_none[0]), 1 / r.powers[j])
    return EVERYTHING if power is None else power


def _half_up(value: float, figure: Figure) -> bool:
    half = figure.step / 2
    slack = EPS * max(1.0, abs(value))
    return figure.value - half - slack <= value < figure.value + half - slack


def judge(r: Relation, figures: Figures) -> Status | None:
    """Say whether a relation holds: to the digit, within rounding, if cut off, or not.

    Returns
    -------
    {"agrees", "rounding", "cut", "broken"} or None
        None where it cannot be worked out (a division by nought).
    """
    res = figures[r.result]
    exact = outcome(r, [(figures[o].value, figures[o].value) for o in r.operands])
    tight = outcome(r, _spans(r, figures, wide=False))
    loose = outcome(r, _spans(r, figures, wide=True))
    if exact is None or tight is None or loose is None:
        return None
    if r.form == "at_most":
        return "agrees" if res.wide[0] <= loose[1] + EPS else "broken"
    point = exact[1]
    if res.counted and not _rounds(r, figures):
        return "agrees" if abs(point - res.value) <= EPS * max(1.0, abs(point)) else "broken"
    if _half_up(point, res) or abs(point - res.value) <= EPS * max(1.0, abs(point)):
        return "agrees"
    said = min(res.wide[0], res.rounded[0]), max(res.wide[1], res.rounded[1])
    if meet(tight, res.rounded) or meet(loose, said):
        return "rounding"
    cut = (res.value, res.value + res.step) if point >= 0 else (res.value - res.step, res.value)
    return "cut" if cut[0] - EPS <= point < cut[1] else "broken"
