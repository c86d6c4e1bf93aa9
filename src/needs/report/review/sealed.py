"""What a signature locks of a published file: all of it but the words that say who signed.

A cover says who signed, so it changes when somebody signs. Nobody can sign that sentence itself;
they sign everything else. Of pages and Word files the sentence is taken out before they are
hashed. A PDF is drawn anew with every cover, so its words are hashed as they are drawn, page by
page, without spaces. Every other file is hashed byte by byte.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needs.inputs.files import hash_file

if TYPE_CHECKING:
    import pikepdf

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
            return _without(path.read_text("utf-8"))
        if path.suffix == ".docx":
            return _word(path)
        if path.suffix == ".pdf":
            return _pdf(path)
    except (UnicodeDecodeError, zipfile.BadZipFile, ValueError):
        pass
    return Sealed(hash_file(path))


def _without(text: str, statement: re.Pattern[str] = _ANY) -> Sealed:
    """Return a text as signed, without what it says of who signed."""
    bare = statement.sub(_TOKEN, text)
    return Sealed(hashlib.sha256(bare.encode()).hexdigest(), tuple(statement.findall(text)))


def _word(path: Path) -> Sealed:
    """Return a Word file as signed: the names and contents of its parts."""
    parts, says = [], []
    with zipfile.ZipFile(path) as file:
        for name in sorted(file.namelist()):
            raw = file.read(name)
            part = Sealed(hashlib.sha256(raw).hexdigest())
            if name.endswith(".xml"):
                part = _without(raw.decode("utf-8"))
            parts.append(f"{name}\n{part.digest}")
            says += part.says
    return Sealed(hashlib.sha256("\n".join(parts).encode()).hexdigest(), tuple(says))


def _pdf(path: Path) -> Sealed:
    """Return a PDF as signed: the words of its pages, as they are drawn."""
    import pikepdf  # noqa: PLC0415 - slow

    try:
        with pikepdf.open(path) as pdf:
            words = "".join("".join(_words(page)) for page in pdf.pages)
    except pikepdf.PdfError as e:
        raise ValueError("no PDF") from e
    return _without("".join(words.split()), _CLOSE)


def _words(page: pikepdf.Page) -> Iterator[str]:
    """Yield the text that a page draws, in the order drawn."""
    import pikepdf  # noqa: PLC0415 - slow

    resources = [page.get("/Resources", {})]
    contents: list[Any] = [page]
    maps: dict[str, dict[bytes, str]] = {}
    while contents:
        font: dict[bytes, str] = {}
        place = contents.pop()
        held = resources.pop()
        for operands, operator in pikepdf.parse_content_stream(place):
            kind = str(operator)
            if kind == "Tf":
                name = str(operands[0])
                font = _letters(held["/Font"][name], maps)
            elif kind in {"Tj", "TJ", "'", '"'}:
                yield "".join(_drawn(operands[-1], font))
            elif kind == "Do":
                inner = held.get("/XObject", {}).get(str(operands[0]))
                if inner is not None and inner.get("/Subtype") == "/Form":
                    contents.append(inner)
                    resources.append(inner.get("/Resources", held))


def _drawn(shown: Any, font: dict[bytes, str]) -> Iterator[str]:
    """Yield the letters of a string, or of the strings in a list with distances between them."""
    import pikepdf  # noqa: PLC0415 - slow

    width = max(map(len, font), default=1)
    for piece in shown if isinstance(shown, pikepdf.Array) else [shown]:
        if isinstance(piece, pikepdf.String):
            raw = bytes(piece)
            for at in range(0, len(raw), width):
                code = raw[at : at + width]
                yield font.get(code, code.hex())


_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_RANGES = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.S)


def _letters(font: Any, known: dict[str, dict[bytes, str]]) -> dict[bytes, str]:
    """Return what the codes of a font stand for, from its map to Unicode."""
    if "/ToUnicode" not in font:
        return {}
    mapped = font["/ToUnicode"].read_bytes()
    key = hashlib.sha256(mapped).hexdigest()
    if key not in known:
        known[key] = dict(_pairs(mapped))
    return known[key]


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
