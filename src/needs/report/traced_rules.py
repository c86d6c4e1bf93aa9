"""Which numbers may stand in prose although no figure stands behind them, and nothing else.

Each rule is a form of words, never a number by itself: a year, an age, a code of the return, a
section of law, a place in a document. What a method or a law sets, and what the package cites from
outside, stands word for word in the register ``vocabulary/data/stated_numbers.csv``.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from needs.vocabulary.study import Study

__all__ = ["NUMBER", "Stated", "bare", "masked", "register", "settings_said", "without"]

NUMBER = re.compile(r"(?<![\w.])-?£?\d(?:\d|,(?=\d))*(?:\.\d+)?(?:%|[km]\b)?")
"""A number as prose prints it."""

SETTING = "setting"
"""Kind of a stated number that the study file sets."""

GONE = "\x1a"
"""Stands where words were taken out, so that what stood around them does not join."""

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_YEAR = r"(?:19|20)\d\d"
_END = r"(?![\d%]|[.,]\d)"
_START = r"(?<![\d£.,])"
_LISTED = r"\d+[A-Z]{0,4}(?:\(\d+\))?(?:(?:, | and | or | to |\u2013|-)\d+[A-Z]{0,4}(?:\(\d+\))?)*"

RULES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "day or month": rf"{_START}(?:\d{{1,2}} {_MONTH}(?: {_YEAR})?|{_MONTH} {_YEAR}){_END}",
        "day as a figure": rf"{_START}{_YEAR}-\d\d(?:-\d\d)?{_END}",
        "year": rf"{_START}{_YEAR}(?:[-\u2013/]\d\d(?:\d\d)?)?{_END}",
        "age": rf"\b(?:[Aa]ge[ds]?(?: under| over)?|turn(?:s|ed)?|since they were|reach(?:es|ed)?) "
        rf"{_START}\d\d?(?: (?:to|or|and) \d\d?)*{_END}",
        "age of the law": rf"\b(?:under|over) (?:16|18|21|25)(?: (?:to|or|and) \d\d?)*{_END}",
        "age and over": rf"\b(?:of|at|aged|those of) \d\d? (?:and|or) (?:over|under|more){_END}",
        "law": r"\b(?:[Ss]ections?|[Ss]chedules?|[Rr]egulations?|s\.) ?" + _LISTED,
        "place in a document": r"\b(?:[Pp]ara(?:graph)?s?|[Pp]ages?|[Tt]ables?|[Ff]igures?|"
        r"[Aa]ppendi(?:x|ces)|[Aa]nnex(?:es)?|[Cc]hapters?|[Dd]ocuments?|[Nn]otes?|"
        r"[Rr]ecommendations?) "
        r"\d+(?:\.\d+)*[a-z]?(?:(?:, | and | to |\u2013)(?:[A-Za-z]+ )?\d+(?:\.\d+)*[a-z]?)*",
        # A list of documents under the numbers that this study gives them.
        "number of a document": r"(?<![\w.,£])00\d(?=: )",
        # V3, K2, OC2, SSDA903, E10000025: letters and digits in one word.
        "code": r"(?<!\w)[A-Z][A-Za-z]*\d+[A-Za-z]?(?!\w)",
        # How many cells of its own table the words of a chart do not tell.
        "cells withheld": r"\b\d+ of \d+ values withheld\b",
        "level of a range": r"\b(?:80|95)% (?:range|interval|level|sure)s?\b|"
        r"\b(?:[Rr]anges?|[Ii]ntervals?|[Ll]evels?) (?:are|is|of|at) (?:80|95)%",
    }.items()
}
"""Name of a rule -> the words that it allows."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of method, law or an outside source that prose states.

    Parameters
    ----------
    words : str
        As prose has them, the number among them.
    kind : {"method", "law", "outside", "format", "setting"}
        What sets it; the words of a setting have its path in curly brackets.
    where : str
        A constant as ``module:NAME`` where code sets it, else the source.
    """

    words: str
    kind: str
    where: str


@cache
def register() -> tuple[Stated, ...]:
    """Return the register of stated numbers, in its order."""
    text = (files("needs.vocabulary") / "data" / "stated_numbers.csv").read_text("utf-8")
    return tuple(Stated(**row) for row in csv.DictReader(text.splitlines()))


def settings_said(study: Study) -> tuple[str, ...]:
    """Return the registered words that say a study's settings, as that sets them."""
    parts = {name: getattr(study, name) for name in type(study).model_fields}
    said = []
    for s in register():
        if s.kind == SETTING:
            with contextlib.suppress(AttributeError, TypeError):  # the study does not set it
                said.append(s.words.format(**parts))
    return tuple(said)


def _phrases(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of some words that hold a number, the longest first."""
    some = sorted({w for w in words if re.search(r"\d", w)}, key=lambda w: (-len(w), w))
    if not some:
        return None
    either = "|".join(map(re.escape, some))
    return re.compile(rf"(?<![\w.£])(?:{either})(?![\w%]|[.,]\d)", re.IGNORECASE)


def without(text: str, words: Iterable[str]) -> str:
    """Return a text without some words, each as a whole: names, labels, settings said in full."""
    found = _phrases(words)
    return found.sub(_gone, text) if found else text


def _gone(found: re.Match[str]) -> str:
    """Return as much of nothing as was found, so that places in a text stay."""
    return GONE * len(found[0])


@cache
def _phrases_of_register() -> re.Pattern[str] | None:
    return _phrases(s.words for s in register() if s.kind != SETTING)


def bare(text: str, names: Sequence[str] = ()) -> list[re.Match[str]]:
    """Return the numbers of a text that no rule allows, where they stand in :func:`masked`.

    Parameters
    ----------
    text : str
        Prose, with what figures print already taken out.
    names : sequence of str
        Words that hold digits and are names here: labels of the result's own rows.

    Examples
    --------
    >>> [m[0] for m in bare("On 31 March 2023, 412 aged 16 and over; see Table 2")]
    ['412']
    """
    return list(NUMBER.finditer(masked(text, names)))


def masked(text: str, names: Sequence[str] = ()) -> str:
    """Return a text with all that a rule allows taken out."""
    text = without(text, names)
    if (found := _phrases_of_register()) is not None:
        text = found.sub(_gone, text)
    for rule in RULES.values():
        text = rule.sub(_gone, text)
    return text
