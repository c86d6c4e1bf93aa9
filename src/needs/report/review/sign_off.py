"""Who signed which content of a report off: ``sign_off.toml`` in the study's folder.

The four roles are those of the AQuA Book (Government Analysis Function, 2025, section 5.1: the
commissioner asks for the analysis and accepts it as fit for purpose, the analyst makes it, the
assurer reviews what the analyst assured, the approver signs off that all of it was done). Roles
sign, never names: the assurer declares that somebody else made the analysis.

A signature holds for one content alone: what the manifest says the report was made from, and every
published file, but for the sentence on covers that says who signed (:mod:`.sealed`). The approver
signs the three other signatures too, so that one given again makes the approval lapse.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from needs.report.manifest import MANIFEST, Manifest
from needs.report.review.sealed import DRAFT, ROLES, SIGNED, Sealed, sealed
from needs.vocabulary.errors import Fault, SignOffError, StudyError

__all__ = [
    "DRAFT",
    "FILE",
    "ROLES",
    "Signature",
    "content_of",
    "differences",
    "lapses",
    "read_signatures",
    "sealed_files",
    "signed",
    "statement",
    "write_signatures",
]

FILE = "sign_off.toml"
FIGURES, NOTEBOOKS, MADE_FROM = "figures.csv", "notebooks/", "manifest"
_APART = ("files", "pdf", "publish", "commit", "format")
"""Parts of a manifest that say how pages were made, or which commit was checked out."""

HEADER = """\
# Which role signed which content of this study's report off. Written by `needs review --sign`; a
# signature holds for the hashes below it alone. No name stands here.
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
    independent : bool
        Of the assurer: declares that somebody else made the analysis.
    approves : mapping of str to str
        Of the approver: other role -> :attr:`digest` of its signature.
    """

    role: str
    date: dt.date
    hashes: Mapping[str, str] = field(default_factory=dict)
    independent: bool = False
    approves: Mapping[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Short name of the content that was signed: the same for all who signed it."""
        return hashlib.sha256(json.dumps(dict(self.hashes), sort_keys=True).encode()).hexdigest()[
            :16
        ]

    @property
    def digest(self) -> str:
        """SHA-256 over role, day, declaration and what was signed."""
        parts = [self.role, self.date.isoformat(), self.independent, dict(self.hashes)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def sealed_files(folder: Path) -> dict[str, Sealed]:
    """Return every file of a report but its manifest as it is signed, by relative name."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / MANIFEST)
    return {p.relative_to(folder).as_posix(): sealed(p) for p in files}


def content_of(
    manifest: Manifest, folder: Path, files: Mapping[str, Sealed] | None = None
) -> dict[str, str]:
    """Return what a signature locks: part of the content -> SHA-256.

    Parameters
    ----------
    manifest : Manifest
        Of the report; where pages were made and which commit was checked out does not count.
    folder : Path
        The report, with all files that are there already.
    files : mapping of str to Sealed, optional
        Its files, where they were read before.
    """
    made_from = {k: v for k, v in asdict(manifest).items() if k not in _APART}
    text = json.dumps(made_from, sort_keys=True, ensure_ascii=False)
    read = sealed_files(folder) if files is None else files
    return {
        MADE_FROM: hashlib.sha256(text.encode()).hexdigest(),
        **{name: file.digest for name, file in read.items()},
    }


def differences(
    signature: Signature, content: Mapping[str, str], *, published: bool = True
) -> tuple[str, ...]:
    """Return which parts are not as they were signed, in words; none: they are.

    Parameters
    ----------
    signature : Signature
    content : mapping of str to str
        From :func:`content_of`.
    published : bool
        Whether the files made of notebooks are there. While a report is in the making they are
        not, and are not asked for.
    """
    then = signature.hashes
    parts = {*then, *content}
    if not published:
        parts = {p for p in parts if p == MADE_FROM or p.startswith(NOTEBOOKS)}
    words = []
    for part in sorted(parts, key=lambda p: (p != MADE_FROM, not p.startswith(NOTEBOOKS), p)):
        if then.get(part) != content.get(part):
            how = "is gone" if part not in content else "is new" if part not in then else "changed"
            called = "what the report is made from" if part == MADE_FROM else part
            words.append(f"{called} {how}")
    return tuple(words)


def lapses(
    signature: Signature,
    signatures: Sequence[Signature],
    content: Mapping[str, str],
    *,
    published: bool = True,
) -> tuple[str, ...]:
    """Return why a signature does not hold, in words; none: it holds.

    Parameters
    ----------
    signature : Signature
    signatures : sequence of Signature
        All of the study: an approval lapses when another role signs again after it.
    content : mapping of str to str
    published : bool
        As for :func:`differences`.
    """
    words = list(differences(signature, content, published=published))
    if signature.role == "assurer" and not signature.independent:
        words.append("it does not declare that somebody else made the analysis")
    if signature.role == "approver":
        now = {s.role: s.digest for s in signatures if s.role != signature.role}
        for role in ROLES:
            then = signature.approves.get(role)
            if role != signature.role and then != now.get(role):
                how = "signed again after it" if role in now else "is no longer signed for"
                words.append(f"the {role} {how}")
    return tuple(words)


def statement(
    signatures: Sequence[Signature], content: Mapping[str, str], *, published: bool = True
) -> str:
    """Return what the cover says: a draft, or signed off by all roles for this very content."""
    holding = {
        s.role: s for s in signatures if not lapses(s, signatures, content, published=published)
    }
    if set(holding) != set(ROLES):
        return DRAFT
    day = holding["approver"].date
    return SIGNED.format(day=f"{day.day} {day:%B %Y}")


def signed(
    signatures: Sequence[Signature], new: Signature, content: Mapping[str, str]
) -> list[Signature]:
    """Return the signatures with a new one, which takes the place of its role's earlier one.

    Raises
    ------
    SignOffError
        With every rule that the new one breaks: the approver signs last and not before the
        others' dates; the assurer declares not to have made the analysis.
    """
    others = {s.role: s for s in signatures if s.role != new.role}
    faults = [*_order(others, new, content), *_apart(new)]
    if faults:
        raise SignOffError(f"the {new.role} cannot sign", faults)
    if new.role == "approver":
        new = replace(new, approves={role: s.digest for role, s in others.items()})
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
        if other is None or lapses(other, (), content):
            rule = f"the {role} has not signed this content"
            faults.append(Fault(FILE, rule, f"let them sign first: --sign {role}", "signed"))
        elif other.date > new.date:
            rule = f"the {role} signed on a later day"
            faults.append(Fault(FILE, rule, "give the day on which the approver signs", "date"))
    return faults


def _apart(new: Signature) -> list[Fault]:
    """Return the fault of an assurer who may have made the analysis."""
    if new.role != "assurer" or new.independent:
        return []
    rule = "the assurer does not declare that somebody else made the analysis"
    mend = "add --independent, or let somebody else review the analysis"
    return [Fault(FILE, rule, mend, "independent")]


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
    hashes, date, approves = entry.get("hashes"), entry.get("date"), entry.get("approves", {})
    independent = entry.get("independent", False)
    right = (
        entry.get("role") in ROLES
        and type(date) is dt.date
        and isinstance(independent, bool)
        and _hashes(hashes)
        and _hashes(approves)
    )
    if not (right and date and hashes):
        return None
    return Signature(entry["role"], date, hashes, independent, approves)


def _hashes(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(h, str) for h in value.values())


def write_signatures(study_folder: Path, signatures: Sequence[Signature]) -> Path:
    """Write ``sign_off.toml`` in one step; return it."""
    import tomlkit  # noqa: PLC0415 - slow

    document = tomlkit.parse(HEADER)
    listed = tomlkit.aot()
    for s in signatures:
        table = tomlkit.table()
        table.add("role", s.role)
        table.add("date", s.date)
        if s.independent:
            table.add("independent", True)
        table.add("hashes", dict(s.hashes))
        if s.approves:
            table.add("approves", dict(s.approves))
        listed.append(table)
    document.add("signed", listed)
    path = study_folder / FILE
    aside = path.with_name(f".{FILE}.{os.getpid()}")
    aside.write_text(tomlkit.dumps(document), "utf-8", newline="\n")
    aside.replace(path)
    return path
