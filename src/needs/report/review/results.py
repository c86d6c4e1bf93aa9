"""What a review pack says, as results that its page is made of. Text alone, but for figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from needs.inputs.files import resolve
from needs.report.blocks import Chapter
from needs.report.compare.why import cause_between
from needs.report.review.report import Reviewed
from needs.report.review.sign_off import ROLES, lapses
from needs.report.shell import long_date
from needs.vocabulary.errors import NeedsError
from needs.vocabulary.released import ReleasedResult, ReleasedTable, Span

__all__ = [
    "assumptions_result",
    "checks_result",
    "made_from_result",
    "roles_result",
    "shortened",
    "warnings_result",
]

SOURCE = "The study's report, its manifest and its folder"


def _text_result(
    r: Reviewed,
    name: str,
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    says: str = "",
) -> ReleasedResult:
    """Return a table of words, its first column down the side."""
    listed = tuple(tuple(row) for row in rows)
    table = ReleasedTable(
        (headers[0],), tuple(headers[1:]), listed, tuple(("",) * (len(headers) - 1) for _ in listed)
    )
    return ReleasedResult(
        "result",
        "",
        name,
        title,
        "",
        SOURCE,
        "",
        r.study.report.synthetic,
        table=table if listed else None,
        sentences=((Span(says),),) if says else (),
    )


def shortened(words: Sequence[str], most: int = 4) -> str:
    """Return words in one line, the first of them alone where they are many."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return "; ".join(words[:most]) + more


def roles_result(r: Reviewed) -> ReleasedResult:
    """Return who signed, and whether it still holds."""
    by_role = {s.role: s for s in r.signatures}
    rows = []
    for role, words in ROLES.items():
        signature = by_role.get(role)
        if signature is None:
            rows.append((role.capitalize(), words, "not signed", ""))
            continue
        changed = lapses(signature, r.signatures, r.content)
        state = f"does not hold: {shortened(changed)}" if changed else "holds for this content"
        rows.append((role.capitalize(), words, long_date(signature.date), state))
    headers = ("Role", "What a signature says", "Signed on", "Now")
    return _text_result(r, "sign_off", "Sign-off", headers, rows, f"{r.state}.")


def made_from_result(r: Reviewed, then: Mapping[str, Any] | None) -> ReleasedResult:
    """Return what the report is made from, beside the manifest of what was signed off."""
    title = "What it is made from, and what changed since the last signed-off run"
    if then is None:
        why = (
            "Nothing has been signed off yet: there is no earlier run to hold this one against."
            if r.signed_off is None
            else "The run that was signed off is not kept on this machine: hashes alone say above "
            "what changed. Name a copy of it with --since."
        )
        return _text_result(r, "made_from", title, ("Part", "Changed"), (), why)
    return _text_result(
        r, "made_from", title, ("Part", "Then", "Now"), _changed(r, then), _code(r, then)
    )


def _code(r: Reviewed, then: Mapping[str, Any]) -> str:
    now = {n: dict(c.components) for n, c in r.manifest.chapters.items()}
    old = {n: c["components"] for n, c in then.get("chapters", {}).items()}
    methods = {
        word
        for n in now
        if n in old
        for word in cause_between(old[n], now[n]).method
        if not word.startswith("setting")
    }
    changed = " and ".join(sorted(methods))
    return f"Changed since: {changed}." if changed else "Code, notebooks and packages are the same."


def _changed(r: Reviewed, then: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield settings, inputs, versions and chapters that differ: part, then, now."""
    pairs = (
        ("setting", then["study"]["settings"], dict(r.manifest.study["settings"])),
        ("input", then.get("inputs", {}), dict(r.manifest.inputs)),
        ("package", then.get("packages", {}), dict(r.manifest.packages)),
    )
    for kind, old, new in pairs:
        a, b = _flat(old), _flat(new)
        for key in sorted({*a, *b}):
            if a.get(key) != b.get(key):
                short = kind == "input"
                yield f"{kind} {key}", _told(a.get(key), short), _told(b.get(key), short)
    if then.get("python") != r.manifest.python:
        yield "Python", _told(then.get("python")), r.manifest.python
    yield from _chapters(r, then.get("chapters", {}))


def _chapters(r: Reviewed, then: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield chapters that came or went, and what changed in the method of the others."""
    for number in sorted({*then, *r.manifest.chapters}):
        old, new = then.get(number), r.manifest.chapters.get(number)
        if old and new:
            cause = cause_between(old["components"], new.components)
            if cause.method:
                yield f"chapter {number}", "", ", ".join(cause.method)
        else:
            yield f"chapter {number}", "there" if old else "absent", "there" if new else "absent"


def _flat(value: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested settings as one level, names joined by dots."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = f"{above}{key}"
        if isinstance(inner, Mapping):
            found |= _flat(inner, f"{name}.")
        else:
            found[name] = inner
    return found


def _told(value: Any, short: bool = False) -> str:
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:12] if short else text


def checks_result(r: Reviewed, chapters: Sequence[Chapter]) -> ReleasedResult:
    """Return every check that a chapter made, those that did not pass first."""
    rank = {"fail": 0, "review": 1, "pass": 2}
    rows = [
        (f"{c.spec.number} {result.title}", name, status, detail)
        for c in chapters
        for result in c.results
        for name, status, detail in result.checks
    ]
    rows.sort(key=lambda row: rank.get(row[2], 0))
    headers = ("Result", "Check", "Status", "What was found")
    return _text_result(r, "checks", "Checks made", headers, rows, "" if rows else "No checks.")


def warnings_result(r: Reviewed, chapters: Sequence[Chapter]) -> ReleasedResult:
    """Return what is open: checks to look at, gaps, and faults of the report itself."""
    rows = [("Report", f"{name}: missing, or changed by somebody") for name in r.damage]
    rows += [("Report", f"{name}: not a file of this report") for name in r.strays]
    rows += [
        ("Report", f"{name}: its cover says signed off, and is not") for name in r.false_covers
    ]
    reason = str(r.manifest.pdf.get("reason", ""))
    rows += [("PDF", reason)] if reason else []
    for c in chapters:
        for result in c.results:
            where = f"{c.spec.number} {result.title}"
            absent = f"not shown, for want of {result.absent or 'an input'}"
            rows += [(c.spec.number, absent)] if result.kind == "missing" else []
            rows += [
                (where, f"{status}: {name}. {detail}")
                for name, status, detail in result.checks
                if status != "pass"
            ]
    says = "" if rows else "Nothing is open."
    listed = dict.fromkeys(rows)  # many results may lack one input
    return _text_result(r, "warnings", "Open warnings", ("Where", "What is open"), listed, says)


def assumptions_result(r: Reviewed) -> ReleasedResult:
    """Return the study's assumptions, those marked for review first."""
    rows = [
        (
            row.get("id") or "",
            row.get("text") or "",
            row.get("reliability") or "",
            row.get("owner_role") or "",
            "to review" if (row.get("to_review") or "").strip().lower() == "yes" else "",
        )
        for row in _assumptions(r)
    ]
    rows.sort(key=lambda row: row[-1] == "")
    headers = ("Assumption", "What is assumed", "Reliability", "Owner", "Marked")
    says = "" if rows else "The study has no log of assumptions."
    return _text_result(r, "assumptions", "Assumptions to review", headers, rows, says)


def _assumptions(r: Reviewed) -> list[dict[str, str]]:
    """Return the log of the study's folder, or what its inputs name."""
    own = r.study.folder / "assumptions.csv"
    paths = [own] if own.is_file() else []
    if not paths and r.study.inputs.patterns("assumptions"):
        try:
            paths = list(resolve(r.study, "assumptions"))
        except NeedsError:
            return []
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as f:
            rows += list(csv.DictReader(f))
    return rows
