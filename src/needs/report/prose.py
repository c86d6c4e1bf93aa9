"""The prose of a rendered page: what a reader reads, piece by piece, and what each number is.

A page is read as it will be shown, so that whatever wrote a sentence (a notebook's words, a
result, a template) the same rule holds for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from needs.vocabulary.released import Span

__all__ = ["PICTURE", "Piece", "prose_of"]

_UNREAD = re.compile(r"<(script|style|svg|thead|tbody)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
PICTURE = "picture"
"""Kind of the words that stand for a picture."""
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_BLOCKS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "summary", "dt", "dd"}
    | {"div", "section", "ul", "ol", "dl", "table", "tr", "th", "td", "figure", "details", "title"}
    | {"nav", "main", "header", "footer", "blockquote", "pre", "noscript", "body", "button"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, heading, note, caption or description of a page.

    Parameters
    ----------
    kind : str
        Name of its element; :data:`PICTURE` for the words of a picture, ``aria-label`` for other
        words that only a screen reader says.
    place : str
        Id of the nearest result that it stands in, else of the nearest chapter, else ``""``.
    spans : tuple of Span
        Its words; a span with a figure's id prints that figure.
    """

    kind: str
    place: str
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The words without their figures' ids."""
        return "".join(s.text for s in self.spans)


def prose_of(html: str) -> Iterator[Piece]:
    """Yield the pieces of prose of a page or a part of one, in the order read.

    Parameters
    ----------
    html : str
        Scripts, styles and drawings in it are passed over, and so are the cells of tables, whose
        numbers are checked where results are read.
    """
    reader = _Reader()
    reader.feed(_UNREAD.sub(" ", html))
    reader.close()
    yield from reader.pieces


class _Reader(HTMLParser):
    """Gathers words under the block that they stand in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._open: list[tuple[str, str, str]] = []  # tag, place, figure
        self._spans: list[Span] = []
        self._block = "body"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element; a block ends the words before it."""
        told = {k: v or "" for k, v in attrs}
        if tag in _BLOCKS:
            self._flush()
            self._block = tag
        place, figure = self._within()
        if tag == "section" and {"result", "chapter"} & set(told.get("class", "").split()):
            place = told.get("id", place)
        figure = told.get("data-figure", figure)
        for name in ("aria-label", "alt", "title"):
            if words := told.get(name):
                kind = PICTURE if told.get("role") == "img" else "aria-label"
                self.pieces.append(Piece(kind, place, (Span(words),)))
        if tag not in _VOID:
            self._open.append((tag, place, figure))

    def handle_endtag(self, tag: str) -> None:
        """End an element, and whatever was left open within it."""
        if tag not in {t for t, _, _ in self._open}:
            return
        if tag in _BLOCKS:
            self._flush()
        while self._open.pop()[0] != tag:
            pass
        self._block = next((t for t, _, _ in reversed(self._open) if t in _BLOCKS), "body")

    def handle_data(self, data: str) -> None:
        """Keep words, with the figure that they print."""
        self._spans.append(Span(data, self._within()[1]))

    def close(self) -> None:
        """End the page."""
        super().close()
        self._flush()

    def _within(self) -> tuple[str, str]:
        return self._open[-1][1:] if self._open else ("", "")

    def _flush(self) -> None:
        spans, self._spans = tuple(self._spans), []
        if any(s.text.strip() for s in spans):
            self.pieces.append(Piece(self._block, self._within()[0], spans))
