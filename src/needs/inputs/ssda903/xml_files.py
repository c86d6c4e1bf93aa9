"""One XML return (EXPSSDA903), as the tables of text that its CSV twins would be.

Read as a stream by defusedxml: a document that declares its own entities is refused
before any is expanded.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml import sax as safe_sax

from needs.inputs.ssda903.columns import TextColumn, TextTable
from needs.inputs.ssda903.tables import ALIASES, tables
from needs.vocabulary.errors import Fault

__all__ = ["read_xml"]

ROOT = "EXPSSDA903"
_GROUPS = {
    "HEADER": "header",
    "EPISODE": "episodes",
    "AMISSING": "missing",
    "AREVIEW": "reviews",
    "PERMANENCE": "prev_perm",
    "OC2": "oc2",
    "AD_PLACED": "placed_adoption",
}
# Tables that the XML keeps flat inside HEADER: a row where any of its own tags is filled.
_FLAT = {
    "ad1": ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"),
    "oc3": ("IN_TOUCH", "ACTIV", "ACCOM"),
}
_IGNORED = {"UASC", "DUC"}
_OPTIONAL_IN_XML = {"dec", "rec"}
# Tags that an XML return leaves out where a CSV has an empty cell.

_DECLARED = re.compile(rb"""\A(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(["'])[^"'>]*\2""")
"""The declared encoding, which the text no longer has when it comes here."""


class _WrongRoot(Exception):
    """The document's root is another."""


Row = dict[str, str]


class _Handler(ContentHandler):
    """Collects rows of text for each table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.extra: set[str] = set()
        self._root = False
        self._stack: list[tuple[str, Row]] = []
        self._child: list[tuple[str, Row]] = []
        self._text: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if not self._root:
            if name.upper() != ROOT:
                raise _WrongRoot
            self._root = True
        elif name in _GROUPS:
            row: Row = {}
            self._stack.append((name, row))
            self._child.append((_GROUPS[name], row))
        self._text = []

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:
        if self._stack and name == self._stack[-1][0]:
            self._stack.pop()
        elif name == "CHILD":
            self._finish_child()
        elif self._stack:
            self._stack[-1][1][ALIASES.get(name, name)] = "".join(self._text).strip()
        self._text = []

    def _finish_child(self) -> None:
        header = next((row for key, row in self._child if key == "header"), {})
        child, dob = header.get("CHILD", ""), header.get("DOB", "")
        for key, row in self._child:
            row["CHILD"] = child
            if key not in ("header", "episodes"):
                row["DOB"] = dob
            self.rows[key].append(row)
        for key, tags in _FLAT.items():
            if any(header.get(t) for t in tags):
                flat = {t: header.pop(t) for t in tags if t in header}
                self.rows[key].append({"CHILD": child, "DOB": dob, **flat})
        if header.get("UASC") in ("1", "TRUE", "true") or header.get("DUC"):
            row = {"CHILD": child, "DOB": dob, "DUC": header.get("DUC", "")}
            self.rows["uasc"].append(row | {"SEX": header.get("SEX", "")})
        for tag in (*_IGNORED, *(t for tags in _FLAT.values() for t in tags)):
            header.pop(tag, None)
        self._child = []


def read_xml(data: bytes, file: str) -> list[TextTable] | Fault:
    """Return the tables of an XML return, or what is wrong with its structure.

    Parameters
    ----------
    data : bytes
        The document in UTF-8, whatever encoding it declares.
    file : str
        Name for faults.
    """
    handler = _Handler()
    mend = "export the return again"
    try:
        safe_sax.parse(io.BytesIO(_DECLARED.sub(rb"\1", data, count=1)), handler, forbid_dtd=True)
    except DefusedXmlException:
        rule = "the XML declares a document type or entities of its own, which may be an attack"
        return Fault(file, rule, "take the DOCTYPE out, or export the return again")
    except _WrongRoot:
        return Fault(file, f"the XML root is not {ROOT}", "give the SSDA903 export")
    except SAXParseException as e:
        line = e.getLineNumber() or 0
        return Fault(file, f"the XML is not well formed at line {line}", mend)
    made = [_table(key, rows, file) for key, rows in handler.rows.items()]
    faults = [m for m in made if isinstance(m, Fault)]
    if not handler.rows["header"]:
        return Fault(file, "the XML holds no CHILD with a HEADER", mend)
    return faults[0] if faults else [m for m in made if isinstance(m, TextTable)]


def _table(key: str, rows: list[Row], file: str) -> TextTable | Fault:
    spec = tables()[key]
    seen = {tag for row in rows for tag in row}
    known = {name: name.upper() for name in spec.columns if name.upper() in seen}
    missing = [c.upper() for c in spec.required if c not in known and c not in _OPTIONAL_IN_XML]
    if key in ("header", "episodes") and missing:
        rule = f"no {spec.label} in the XML has these required elements"
        return Fault(file, rule, "export the return with them", column=", ".join(missing))
    columns = {
        name: TextColumn.from_texts([row.get(tag, "") for row in rows])
        for name, tag in known.items()
    }
    numbers = np.arange(1, len(rows) + 1, dtype=np.int32)
    counts = f"{spec.label} elements of the file"
    return TextTable(key, file, columns, numbers, len(seen) - len(known), counts)
