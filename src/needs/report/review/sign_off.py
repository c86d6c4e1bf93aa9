"""Who signed which content of a report off: ``sign_off.toml`` in the study's folder.

The four roles are those of the AQuA Book (Government Analysis Function, 2025, section 5.1: the
commissioner asks for the analysis and accepts it as fit for purpose, the analyst makes it, the
assurer reviews what the analyst assured, the approver signs off that all of it was done). A
signature holds for one content alone: hashes of the executed notebooks, of the results and of what
the manifest says they were made from. Pages are made of these, and may be made again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from needs.inputs.files import hash_file
from needs.report.manifest import Manifest
from needs.vocabulary.errors import Fault, SignOffError, StudyError

__all__ = [
    "DRAFT",
    "FILE",
    "ROLES",
    "Signature",
    "content_of",
    "differences",
    "read_signatures",
    "signed",
    "statement",
    "write_signatures",
]

FILE = "sign_off.toml"
ROLES = {
    "commissioner": "asked for the analysis, and accepts it as fit for purpose",
    "analyst": "made the analysis, and checked it",
    "assurer": "reviewed the analysis and its checks",
    "approver": "signs off that analysis and assurance are done",
}
"""Role -> what a signature of it says."""

DRAFT = "Draft \N{EN DASH} not signed off"
FIGURES, NOTEBOOKS, MADE_FROM = "figures.csv", "notebooks/", "manifest"
_APART = ("files", "pdf", "publish", "commit", "format")
"""Parts of a manifest that say how pages were made, or which commit was checked out."""

HEADER = """\
# Who signed which content of this study's report off. Written by `needs review --sign`; a signature
# holds for the hashes below it alone. A name is not needed, and is never shown in a report.
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """One role's signature.

    Parameters
    ----------
    role : str
        A key of :data:`ROLES`.
    date : datetime.date
        As the signer gave it.
    hashes : mapping of str to str
        What was signed: part of the content -> SHA-256.
    name : str
        Of the signer, where given.
    """

    role: str
    date: dt.date
    hashes: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


def content_of(manifest: Manifest, folder: Path) -> dict[str, str]:
    """Return what a signature locks: part of the content -> SHA-256.

    Parameters
    ----------
    manifest : Manifest
        Of the report; where pages were made and which commit was checked out does not count.
    folder : Path
        The report: its executed notebooks, and its figures where they are there already.
    """
    made_from = {k: v for k, v in asdict(manifest).items() if k not in _APART}
    text = json.dumps(made_from, sort_keys=True, ensure_ascii=False)
    found = {MADE_FROM: hashlib.sha256(text.encode()).hexdigest()}
    for path in sorted((folder / NOTEBOOKS).glob("*.ipynb")):
        found[f"{NOTEBOOKS}{path.name}"] = hash_file(path)
    if (folder / FIGURES).is_file():
        found[FIGURES] = hash_file(folder / FIGURES)
    return found


def differences(signature: Signature, content: Mapping[str, str]) -> tuple[str, ...]:
    """Return which parts are not as they were signed, in words, sorted; none: it holds.

    Parameters
    ----------
    signature : Signature
    content : mapping of str to str
        From :func:`content_of`. While a report is in the making it has no figures yet: they are
        made of notebooks and code, and are not asked for then.
    """
    then = dict(signature.hashes)
    if FIGURES not in content:
        then.pop(FIGURES, None)
    words = []
    for part in sorted({*then, *content}):
        if then.get(part) != content.get(part):
            how = "is gone" if part not in content else "is new" if part not in then else "changed"
            called = "what the report is made from" if part == MADE_FROM else part
            words.append(f"{called} {how}")
    return tuple(words)


def statement(signatures: Sequence[Signature], content: Mapping[str, str]) -> str:
    """Return what the cover says: a draft, or signed off by all roles for this very content."""
    holding = {s.role: s for s in signatures if not differences(s, content)}
    if set(holding) != set(ROLES):
        return DRAFT
    *most, last = ROLES
    day = holding["approver"].date
    when = f"{day.day} {day:%B %Y}"
    return f"Signed off by {', '.join(most)} and {last} on {when} for this content"


def signed(
    signatures: Sequence[Signature], new: Signature, content: Mapping[str, str]
) -> list[Signature]:
    """Return the signatures with a new one, which takes the place of its role's earlier one.

    Raises
    ------
    SignOffError
        With every rule that the new one breaks: the approver signs last and not before the
        others' dates; analyst and assurer are not the same person.
    """
    others = {s.role: s for s in signatures if s.role != new.role}
    faults = [*_order(others, new, content), *_apart(others, new)]
    if faults:
        raise SignOffError(f"the {new.role} cannot sign", faults)
    by_role = {**others, new.role: new}
    return [by_role[role] for role in ROLES if role in by_role]


def _order(
    others: Mapping[str, Signature], new: Signature, content: Mapping[str, str]
) -> list[Fault]:
    """Return the faults of an approver who signs before the others."""
    if new.role != "approver":
        return []
    faults = []
    for role in ROLES:
        other = others.get(role)
        if role == new.role:
            continue
        if other is None or differences(other, content):
            rule = f"the {role} has not signed this content"
            faults.append(Fault(FILE, rule, f"let them sign first: --sign {role}", "signed"))
        elif other.date > new.date:
            rule = f"the {role} signed on a later day"
            faults.append(Fault(FILE, rule, "give the day on which the approver signs", "date"))
    return faults


def _apart(others: Mapping[str, Signature], new: Signature) -> list[Fault]:
    """Return the fault of one person who is analyst and assurer."""
    pair = {"analyst": "assurer", "assurer": "analyst"}
    other = others.get(pair.get(new.role, ""))
    if other is None or not new.name or _folded(other.name) != _folded(new.name):
        return []
    mend = "let somebody else review the analysis"
    return [Fault(FILE, "analyst and assurer are the same person", mend, "name")]


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_signatures(study_folder: Path) -> list[Signature]:
    """Return the signatures of a study; none where nobody has signed.

    Raises
    ------
    StudyError
        With every fault of the file.
    """
    path = study_folder / FILE
    if not path.is_file():
        return []
    mend = "take the change back, or take the file away and sign again"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        fault = Fault(FILE, "it cannot be read as TOML", mend)
        raise StudyError("the sign-off file is wrong", [fault]) from None
    entries = raw.get("signed", [])
    read = [_read(e) for e in entries] if isinstance(entries, list) else [None]
    roles = [s.role for s in read if s]
    faults = [Fault(FILE, "a signature is not complete", mend, "signed")] if None in read else []
    if len(set(roles)) < len(roles):
        faults.append(Fault(FILE, "a role has signed twice", mend, "role"))
    if faults:
        raise StudyError("the sign-off file is wrong", faults)
    return [s for s in read if s]


def _read(entry: Any) -> Signature | None:
    """Return a signature of the file; None where it is none."""
    if not isinstance(entry, dict):
        return None
    hashes, name, date = entry.get("hashes"), entry.get("name", ""), entry.get("date")
    right = (
        entry.get("role") in ROLES
        and type(date) is dt.date
        and isinstance(name, str)
        and isinstance(hashes, dict)
        and all(isinstance(h, str) for h in hashes.values())
    )
    return Signature(entry["role"], date, hashes, name) if right and date and hashes else None


def write_signatures(study_folder: Path, signatures: Sequence[Signature]) -> Path:
    """Write ``sign_off.toml`` in one step; return it."""
    import tomlkit  # noqa: PLC0415 - slow

    document = tomlkit.parse(HEADER)
    listed = tomlkit.aot()
    for s in signatures:
        table = tomlkit.table()
        table.add("role", s.role)
        table.add("date", s.date)
        if s.name:
            table.add("name", s.name)
        table.add("hashes", dict(s.hashes))
        listed.append(table)
    document.add("signed", listed)
    path = study_folder / FILE
    aside = path.with_name(f".{FILE}.{os.getpid()}")
    aside.write_text(tomlkit.dumps(document), "utf-8", newline="\n")
    aside.replace(path)
    return path
