"""What a signature locks of a published file: all of it but the words that say who signed.

A cover says who signed, so it changes when somebody signs. Nobody can sign that sentence itself;
they sign everything else. Of pages and Word files the sentence is taken out before they are
hashed. Of a PDF all that its pages draw is hashed, and on the first page, where the sentence
stands, letters and drawings apart; fonts are not, which have the letters of the sentence, nor the
words for screen readers, which the page has too. A PDF by another browser draws otherwise and is
not what was signed. Every other file is hashed byte by byte.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from needs.inputs.files import hash_file

__all__ = ["DRAFT", "ROLES", "SIGNED", "Sealed", "sealed"]

ROLES = {
    "commissioner": "asked for the analysis, and accepts it as fit for purpose",
    "analyst": "made the analysis, and checked it",
    "assurer": "reviewed the analysis and its checks, and did not make it",
    "approver": "signs off that analysis and assurance are done",
}
"""Role -> what a signature of it says."""

DRAFT = "Draft \N{EN DASH} not signed off"
_MOST, _LAST = ", ".join(list(ROLES)[:-1]), list(ROLES)[-1]
SIGNED = f"Signed off by {_MOST} and {_LAST} on {{day}} for this content"
"""What a cover says; ``{day}`` is a date in words."""

_SIGNED = re.escape(SIGNED).replace(re.escape("{day}"), r"\d{1,2} [A-Z][a-z]+ \d{4}")
_ANY = re.compile(f"{re.escape(DRAFT)}|{_SIGNED}")
_CLOSE = re.compile(_ANY.pattern.replace("\\ ", "").replace(" ", ""))
_TOKEN = "[who signed]"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Sealed:
    """A published file as it is signed.

    Parameters
    ----------
    digest : str
        SHA-256 of what a signature locks.
    says : tuple of str
        What its cover says of who signed; of a PDF without spaces. Empty where it has no cover.
    """

    digest: str
    says: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """Statements of it that it was signed off, without spaces."""
        close = ("".join(s.split()) for s in self.says)
        return tuple(s for s in close if s != "".join(DRAFT.split()))


def sealed(path: Path) -> Sealed:
    """Return what a signature locks of a file.

    Parameters
    ----------
    path : Path
        A file of a report. One that cannot be read as what its name says is hashed byte by byte.
    """
    try:
        if path.suffix == ".html":
            return _without(path.read_bytes().decode("utf-8"))
        if path.suffix == ".docx":
            return _word(path)
        if path.suffix == ".pdf":
            return _pdf(path)
    except (ValueError, LookupError, AttributeError, TypeError, zipfile.BadZipFile):
        pass
    return Sealed(hash_file(path))


def _without(text: str, statement: re.Pattern[str] = _ANY) -> Sealed:
    """Return a text as signed, without what it says of who signed."""
    bare = statement.sub(_TOKEN, text)
    return Sealed(_digest(bare.encode()), tuple(statement.findall(text)))


def _word(path: Path) -> Sealed:
    """Return a Word file as signed: the names and contents of its parts."""
    parts: list[str] = []
    says: list[str] = []
    with zipfile.ZipFile(path) as file:
        for name in sorted(file.namelist()):
            raw = file.read(name)
            part = Sealed(hashlib.sha256(raw).hexdigest())
            if name.endswith(".xml"):
                part = _without(raw.decode("utf-8"))
            parts.append(f"{name}\n{part.digest}")
            says += part.says
    return Sealed(_digest("\n".join(parts).encode()), tuple(says))


def _pdf(path: Path) -> Sealed:
    """Return a PDF as signed: what its pages draw, the first of them letter by letter."""
    import pikepdf  # noqa: PLC0415 - slow

    try:
        with pikepdf.open(path) as pdf:
            cover, *rest = pdf.pages
            words, drawn = _cover(cover)
            pictures = [_pictures(page) for page in pdf.pages]
            pages = [_digest(_contents(page)) for page in rest]
    except pikepdf.PdfError as e:
        raise ValueError("no PDF") from e
    read = _without("".join(words.split()), _CLOSE)
    parts = [read.digest, _digest(drawn.encode()), *pages, *("".join(p) for p in pictures)]
    return Sealed(_digest("\n".join(parts).encode()), read.says)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _contents(page: Any) -> bytes:
    """Return what a page draws; its parts may be divided anywhere."""
    contents = page.get("/Contents")
    if contents is None:
        return b""
    try:
        return bytes(contents.read_bytes())
    except (TypeError, AttributeError):
        return b"\n".join(bytes(part.read_bytes()) for part in contents)


def _pictures(page: Any) -> Iterator[str]:
    """Yield the hash of each picture that a page takes from elsewhere, and what lies above it."""
    import pikepdf  # noqa: PLC0415 - slow

    held = page.get("/Resources", {}).get("/XObject", {})
    for name in sorted(held.keys()):
        if isinstance(held[name], pikepdf.Stream):
            yield f"{name} {_digest(bytes(held[name].read_raw_bytes()))}\n"
    for note in page.get("/Annots", []):
        yield f"{note.get('/Subtype')} {note.get('/Rect')!r} {note.get('/Contents')}\n"


def _cover(page: Any) -> tuple[str, str]:
    """Return the letters that a page draws, and everything else but how far apart they stand."""
    import pikepdf  # noqa: PLC0415 - slow

    words: list[str] = []
    drawn: list[str] = []
    font: dict[bytes, str] = {}
    for step in pikepdf.parse_content_stream(page):
        if isinstance(step, pikepdf.ContentStreamInlineImage):
            drawn.append(repr(step.iimage.read_bytes()))
            continue
        kind = str(step.operator)
        if kind in {"Tj", "TJ", "'", '"'}:
            words += _shown(step.operands[-1], font)
        elif kind not in {"Td", "TD"}:
            if kind == "Tf":
                font = _letters(page.Resources.Font[str(step.operands[0])])
            drawn.append(f"{' '.join(map(repr, step.operands))} {kind}")
    return "".join(words), "\n".join(drawn)


def _shown(text: Any, font: dict[bytes, str]) -> Iterator[str]:
    """Yield the letters of a string, or of the strings in a list with distances between them."""
    import pikepdf  # noqa: PLC0415 - slow

    width = max(map(len, font), default=1)
    for piece in text if isinstance(text, pikepdf.Array) else [text]:
        if isinstance(piece, pikepdf.String):
            raw = bytes(piece)
            for at in range(0, len(raw), width):
                code = raw[at : at + width]
                yield font.get(code, code.hex())


_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_RANGES = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.S)


def _letters(font: Any) -> dict[bytes, str]:
    """Return what the codes of a font stand for, from its map to Unicode."""
    if "/ToUnicode" not in font:
        return {}
    return _letters_of(bytes(font["/ToUnicode"].read_bytes()))


@lru_cache(maxsize=64)
def _letters_of(mapped: bytes) -> dict[bytes, str]:
    return dict(_pairs(mapped))


def _pairs(mapped: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield code and letters of a map to Unicode (ISO 32000-1, section 9.10.3)."""
    for kind, body in _RANGES.findall(mapped):
        codes = [bytes.fromhex(h.decode()) for h in _HEX.findall(body)]
        if kind == b"bfchar":
            for code, letters in zip(codes[::2], codes[1::2], strict=False):
                yield code, letters.decode("utf-16-be", "replace")
            continue
        for first, last, letters in zip(codes[::3], codes[1::3], codes[2::3], strict=False):
            start = int.from_bytes(letters, "big")
            low, high = int.from_bytes(first, "big"), int.from_bytes(last, "big")
            for n in range(low, min(high, low + 0xFFFF) + 1):
                yield n.to_bytes(len(first), "big"), chr(start + n - low)
