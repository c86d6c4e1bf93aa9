"""Look for children's identifiers in what is about to be published.

What is looked for, and why not more:

- An identifier with letters and digits, or one of five digits and more, wherever it stands
  as a word of its own. A number that the run itself releases (``figures.csv``) is not taken
  for one, nor is a part of a longer number (``1,234,567`` or ``12345.6``) or a colour.
- An identifier of one to four digits only behind the word child (``"child": 123``,
  ``CHILD=123``): years, counts and page numbers look the same, so that a search for the bare
  number would find nothing but those.
- A unique pupil number by its form, known or not; a postcode where the records hold it.

Text is read as a reader's program would: JSON is parsed, HTML entities are resolved, members
of a workbook are unpacked. Programs and style sheets inside HTML, fonts and pictures are left
out: nothing of a run is written into them. Of a PDF the strings are read (alternative text,
titles, metadata); the words on its pages are in font codes, and come from the HTML that is
scanned as well.

The words of a text are looked at first, and its patterns only where one of them could be of an
identifier: the cost is one pass over the text; the number of identifiers hardly matters.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from needs.vocabulary.errors import DisclosureError, Fault
from needs.vocabulary.records import Records

__all__ = ["Identifiers", "refuse", "scan", "scan_tree"]

SHORT = 5
"""Identifiers with fewer digits, and nothing else, are looked for only behind a label."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(rf"(?<![\w#£])(?<!\d[.,])\d{{{SHORT},}}(?!\w|[.,]\d)")
_LABEL = "child"
_BEHIND = re.compile(r"(?:[ _-]?(?:id|no|number)\b|(?!\w))[\"'\s]*[:=,#]?[\"'\s]*(\d+)\b")
"""What stands between the label and a number."""
_UPN = re.compile(r"(?<![^\W_])[A-HJ-NP-RT-WYZ]\d{11}[A-Z0-9](?![^\W_])")
_UPN_LENGTH = 13
_POSTCODE = re.compile(r"(?<![^\W_])([A-Z]{1,2}\d[A-Z\d]?)\s{0,2}(\d[A-Z]{2})(?![^\W_])", re.I)
_CODE = re.compile(
    r"<style\b.*?</style>|<script\b(?![^>]*json)[^>]*>.*?</script>|data:[\w/+.-]+;base64,[\w+/=]+",
    re.I | re.S,
)
_JSON_SCRIPT = re.compile(r"<script\b[^>]*json[^>]*>(.*?)</script>", re.I | re.S)
_JOINER = re.compile(r"[\W_]+")
_APART = bytes(b if bytes([b]).isalnum() else 32 for b in range(256))
"""Every byte but letters and digits is a space."""

_ZIPPED = {".xlsx", ".docx", ".zip"}
_PICTURES = {".png", ".jpg", ".jpeg", ".woff", ".woff2", ".ttf", ".otf", ".ico"}


@dataclass(frozen=True, repr=False)
class Identifiers:
    """What may not be published, sorted by how it is looked for.

    Parameters
    ----------
    words : frozenset of str
        Identifiers with letters, folded.
    phrases : dict of str to frozenset of str
        Identifiers of several words (``ab-12/3``), folded, by their first word.
    numbers : frozenset of str
        Identifiers of digits only, :data:`SHORT` or more.
    short : frozenset of str
        Identifiers of fewer digits.
    postcodes : frozenset of str
        Full postcodes, capitals, no space.
    """

    words: frozenset[str]
    phrases: dict[str, frozenset[str]]
    numbers: frozenset[str]
    short: frozenset[str]
    postcodes: frozenset[str]

    @classmethod
    def of(cls, ids: Iterable[object], postcodes: Iterable[object] = ()) -> Identifiers:
        """Sort identifiers and postcodes, as text."""
        texts = {t for i in ids if (t := str(i).strip().casefold())}
        digits = {t for t in texts if t.isdecimal()}
        rest = texts - digits
        single = {t for t in rest if _WORD.fullmatch(t)}
        phrases: dict[str, set[str]] = {}
        for t in rest - single:
            if parts := _WORD.findall(t):
                phrases.setdefault(parts[0], set()).add(" ".join(parts))
        numbers = frozenset(t for t in digits if len(t) >= SHORT)
        found = (_POSTCODE.fullmatch(str(p).strip()) for p in postcodes)
        return cls(
            frozenset(single),
            {k: frozenset(v) for k, v in phrases.items()},
            numbers,
            frozenset(digits) - numbers,
            frozenset(f"{m[1]}{m[2]}".upper() for m in found if m),
        )

    @cached_property
    def in_ascii(self) -> bool:
        """Whether no identifier has a letter or digit beyond those of English."""
        return all(t.isascii() for t in self.words | self.phrases.keys() | self.numbers)

    @cached_property
    def halves(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Postcodes folded: whole, and their first and second halves."""
        folded = frozenset(p.casefold() for p in self.postcodes)
        return folded, frozenset(p[:-3] for p in folded), frozenset(p[-3:] for p in folded)

    @classmethod
    def of_records(cls, records: Records) -> Identifiers:
        """Return the identifiers and postcodes of checked records."""
        posts: set[object] = set()
        for column in ("home_post", "pl_post"):
            if column in records.episodes:
                posts |= set(pd.unique(records.episodes[column].dropna().astype(str)))
        return cls.of(records.ids, posts)


def scan(
    text: str | bytes, ids: Identifiers, allowed: Collection[str] = (), *, kind: str = "txt"
) -> dict[str, int]:
    """Return what kinds of identifier a text holds, and how many of each.

    Parameters
    ----------
    text : str or bytes
        Content of a file; bytes are taken as UTF-8.
    ids : Identifiers
        What may not be there.
    allowed : collection of str
        Numbers that the run releases, as plain text.
    kind : str
        ``json``, ``ipynb`` and ``csv`` are parsed, ``html`` is stripped of programs; others are
        read as they are.

    Returns
    -------
    dict of str to int
        Words for the kind -> number of different identifiers; empty where all is well. The
        identifiers themselves are never given back.
    """
    plain = "\n".join(_readable(text, kind))
    folded = plain.casefold()
    words = _words(folded, ids)
    found = {
        "child identifier": (words & ids.words)
        | (_numbers(plain, words, ids) - set(allowed))
        | _labelled(folded, words, ids)
        | _phrases(folded, words, ids),
        "unique pupil number": _upns(plain, words),
        "postcode": _postcodes(plain, words, ids),
    }
    return {what: len(hits) for what, hits in found.items() if hits}


def _words(folded: str, ids: Identifiers) -> set[str]:
    """Return the runs of letters and digits of a text: a first, quick look for all kinds."""
    if not ids.in_ascii:
        return set(_WORD.findall(folded))
    return set(folded.encode("ascii", "replace").translate(_APART).decode("ascii").split())


def _numbers(plain: str, words: set[str], ids: Identifiers) -> set[str]:
    return set(_NUMBER.findall(plain)) & ids.numbers if words & ids.numbers else set()


def _labelled(folded: str, words: set[str], ids: Identifiers) -> set[str]:
    """Return identifiers of digits behind the word child."""
    known = ids.short | ids.numbers
    if not words & known:
        return set()
    before, *pieces = folded.split(_LABEL)
    found = set()
    for piece in pieces:
        if not before[-1:].isalnum() and before[-1:] != "_" and (m := _BEHIND.match(piece)):
            found.add(m[1])
        before = piece or _LABEL
    return found & known


def _upns(plain: str, words: set[str]) -> set[str]:
    some = any(len(w) == _UPN_LENGTH and w[1:-1].isdecimal() for w in words)
    return set(_UPN.findall(plain)) if some else set()


def _postcodes(plain: str, words: set[str], ids: Identifiers) -> set[str]:
    whole, first, second = ids.halves
    if not (words & whole or (words & first and words & second)):
        return set()
    return {f"{a}{b}".upper() for a, b in _POSTCODE.findall(plain)} & ids.postcodes


def _phrases(folded: str, words: set[str], ids: Identifiers) -> set[str]:
    starts = words & ids.phrases.keys()
    if not starts:
        return set()
    spaced = f" {_JOINER.sub(' ', folded)} "
    return {p for s in starts for p in ids.phrases[s] if f" {p} " in spaced}


def _readable(text: str | bytes, kind: str) -> Iterator[str]:
    """Yield the pieces of a file that a program would show or hand on."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if kind in {"json", "ipynb"}:
        try:
            yield from _leaves(json.loads(plain))
        except ValueError:
            yield plain
    elif kind in {"html", "htm", "svg"}:
        for script in _JSON_SCRIPT.findall(plain):
            yield from _readable(script, "json")
        yield html.unescape(_CODE.sub(" ", _JSON_SCRIPT.sub(" ", plain)))
    elif kind == "csv":  # a comma between two cells makes no longer number of them
        yield "\n".join(c for row in csv.reader(io.StringIO(plain, newline="")) for c in row)
    else:
        yield plain


def _leaves(value: object) -> Iterator[str]:
    """Yield each text and number of parsed JSON, with its key where it stands behind one."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        key, item = waiting.pop()
        if isinstance(item, dict):
            waiting += [(str(k), v) for k, v in item.items()]
            yield from map(str, item)
        elif isinstance(item, list):
            waiting += [(key, v) for v in item]
        elif isinstance(item, str):
            yield f"{key}: {item}" if item.isdecimal() else item
            if "<" in item:
                yield from _readable(item, "html")
        elif isinstance(item, int | float) and not isinstance(item, bool):
            whole = int(item) if isinstance(item, float) and item.is_integer() else item
            yield f"{key}: {whole}"


def _parts(path: Path) -> Iterator[tuple[bytes, str]]:
    """Yield the readable contents of a file, and of what kind each is."""
    suffix = path.suffix.lower()
    if suffix in _PICTURES:
        return
    data = path.read_bytes()
    if suffix in _ZIPPED:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in sorted(archive.namelist()):
                if Path(name).suffix.lower() not in _PICTURES:
                    yield (
                        html.unescape(archive.read(name).decode("utf-8", "replace")).encode(),
                        "xml",
                    )
    elif suffix == ".pdf":
        yield "\n".join(_pdf_strings(path)).encode(), "txt"
    else:
        yield data, suffix.lstrip(".")


def _pdf_strings(path: Path) -> Iterator[str]:
    """Yield the strings of a PDF's objects and its metadata."""
    import pikepdf  # noqa: PLC0415 - only where there is a PDF

    with pikepdf.open(path) as pdf:
        waiting: list[object] = list(pdf.objects)
        while waiting:
            item = waiting.pop()
            if isinstance(item, pikepdf.String):
                yield str(item)
            elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                waiting += [v for _, v in item.items() if not getattr(v, "is_indirect", False)]
                if isinstance(item, pikepdf.Stream) and item.get("/Type") == "/Metadata":
                    yield item.read_bytes().decode("utf-8", "replace")
            elif isinstance(item, pikepdf.Array):
                waiting += [v for v in item if not getattr(v, "is_indirect", False)]


def scan_tree(
    folder: Path,
    ids: Identifiers,
    allowed: Collection[str] = (),
    files: Iterable[Path] | None = None,
) -> tuple[Fault, ...]:
    """Return one fault for each kind of identifier in each file of a folder, by file name.

    Parameters
    ----------
    folder : Path
        What is about to be published.
    ids : Identifiers
        What may not be there.
    allowed : collection of str
        Numbers that the run releases: the column ``value`` of its ``figures.csv``.
    files : iterable of Path, optional
        Files in the folder; all of them where not given.
    """
    numbers = frozenset(allowed)
    faults = []
    every = folder.rglob("*") if files is None else files
    for path in sorted(p for p in every if p.is_file()):
        total: dict[str, int] = {}
        for content, kind in _parts(path):
            for what, n in scan(content, ids, numbers, kind=kind).items():
                total[what] = total.get(what, 0) + n
        name = path.relative_to(folder).as_posix()
        mend = "do not publish; find the result that prints it and report the fault"
        for what, n in total.items():
            words = f"holds {n} {what}{'s' if n != 1 else ''} of the records"
            faults.append(Fault(name, words, mend))
    return tuple(faults)


def refuse(
    folder: Path,
    ids: Identifiers,
    allowed: Collection[str] = (),
    files: Iterable[Path] | None = None,
) -> None:
    """Stop a publication that would hold an identifier.

    Raises
    ------
    DisclosureError
        With a fault for each file and kind; never the identifier itself.
    """
    faults = scan_tree(folder, ids, allowed, files)
    if faults:
        raise DisclosureError("an identifier of a child would have been published", faults)
