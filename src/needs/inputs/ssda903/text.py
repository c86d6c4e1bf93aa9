"""A file's bytes as text: encodings, and what is not text at all."""

from __future__ import annotations

from needs.vocabulary.errors import Fault

__all__ = ["decode"]

_SAVE_CSV = "open it in the program that made it and save it as CSV UTF-8 (or XML)"
_MAGIC = {
    b"PK\x03\x04": "this is a workbook or an archive, not CSV or XML",
    b"\xd0\xcf\x11\xe0": "this is an old Excel workbook, not CSV or XML",
    b"%PDF": "this is a PDF, not CSV or XML",
}
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, file: str) -> bytes | Fault:
    """Return the content as UTF-8 without a byte-order mark, or what is wrong with it.

    UTF-8 is tried first, then cp1252 (what Excel on Windows writes).
    """
    if fault := _not_text(data, file):
        return fault
    data = data.removeprefix(_UTF8_BOM)
    for encoding in ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return data if encoding == "utf-8" else text.encode("utf-8")
    return Fault(file, "the encoding is neither UTF-8 nor cp1252", "save it as CSV UTF-8")


def _not_text(data: bytes, file: str) -> Fault | None:
    if not data.strip(b" \t\r\n\x00" + _UTF8_BOM):
        return Fault(file, "the file is empty", "put the return there again, or take it out")
    for magic, rule in _MAGIC.items():
        if data.startswith(magic):
            return Fault(file, rule, _SAVE_CSV)
    if data.startswith(_UTF16_BOMS) or (b"\x00" in data[:200] and _alternating(data[:200])):
        return Fault(file, "the encoding is UTF-16, which is not read", "save it as CSV UTF-8")
    if b"\x00" in data:
        return Fault(file, "this is a binary file, not CSV or XML", _SAVE_CSV)
    return None


def _alternating(head: bytes) -> bool:
    """Whether every second byte is zero, as in UTF-16 without a mark."""
    return {0} in (set(head[0::2]), set(head[1::2]))
