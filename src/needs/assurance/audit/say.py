"""Evidence in words: what a relation says, with the numbers as they are printed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from needs.assurance.audit.printed import Figure, Span
from needs.assurance.audit.relation import Relation, outcome
from needs.care.published_words import WORDS
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["evidence", "named", "number", "words", "would_agree"]

_UNIT = re.compile(r"_(?:n|pct|fte|gbp(?:_[km])?)(?=_|$)")
_SHORT = re.compile(r"\b(?:ifa|uasc|mash|cipfa)\b")


def words(key: str) -> str:
    """Return a measure or a group in a reader's words, without the unit that its number has.

    Examples
    --------
    >>> words("share_of_children_pct")
    'share of children'
    """
    known = WORDS.get(key)
    if known:
        return known
    return _SHORT.sub(lambda m: m[0].upper(), _UNIT.sub("", key).replace("_", " "))


def named(f: Figure, reader_in: str = "") -> str:
    """Return a figure in a reader's words: number, group, period and place.

    ``reader_in`` is the document that the sentence is about: another one is named.
    """
    if not f.typed:
        return f"({f.printed})" if " + " in f.printed else f.printed
    who = words(f.group if f.group != "all" else f.measure)
    other = f"document {f.document}, " if reader_in not in {"", f.document} else ""
    return f"{f.printed} ({who}, {f.period}; {other}{f.place})"


def number(value: float, like: Figure, extra: int = 0) -> str:
    """Return a number in the unit of a figure, with its printed digits and ``extra`` more."""
    unit = UNITS.get(like.unit) or UNITS["count"]
    decimals = max(0, _decimals(like)) + extra
    scaled = round_half_up(value / like.scale, decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{unit.prefix}{abs(scaled):,}{unit.suffix}"


def _decimals(f: Figure) -> int:
    found = re.search(r"\.(\d+)", f.printed)
    return len(found[1]) if found and f.unit != "days" else 0


def would_agree(f: Figure, room: Span) -> str:
    """Return the value, or the least and greatest, that would agree with the other figures."""
    if math.isinf(room[0]) and math.isinf(room[1]):
        return ""
    if math.isinf(room[0]):
        return f"at most {number(room[1], f)}"
    if math.isinf(room[1]):
        return f"at least {number(room[0], f)}"
    if number(room[0], f) == number(room[1], f):
        return number(room[0], f)
    return f"{number(room[0], f)} to {number(room[1], f)}"


def evidence(r: Relation, figures: Mapping[str, Figure]) -> str:
    """Return one line: the relation, its operands, what they make, and the note typed with it.

    Examples
    --------
    ``share: 284 (kinship …) of 534 (foster care …) gives 53.2%``
    """
    return _line(r, figures) + (f" [{r.note}]" if r.note else "")


def _line(r: Relation, figures: Mapping[str, Figure]) -> str:
    res = figures[r.result]
    held = [figures[o] for o in r.operands]
    made = outcome(r, [(f.value, f.value) for f in held])
    exact = all(f.counted for f in held) and r.form == "linear"
    gives = "" if made is None else number(made[1], res, 0 if exact else 1)
    names = [named(f, res.document) for f in held]
    if r.kind == "bound":
        return f"bound: no more than {names[0]}"
    if r.kind == "same number":
        return f"same number: {names[0]}"
    if r.kind == "share":
        return f"share: {names[0]} of {names[1]} gives {gives}"
    if r.turn:
        return f"{r.kind}: from {names[1]} to {names[0]} gives {gives}"
    if r.form == "product":
        signs = ["divided by" if p < 0 else "times" for p in r.powers]
    else:
        signs = ["less" if p < 0 else "+" for p in r.powers]
    body = names[0] + "".join(f" {s} {n}" for s, n in zip(signs[1:], names[1:], strict=True))
    return f"{r.kind}: {body} gives {gives}"
