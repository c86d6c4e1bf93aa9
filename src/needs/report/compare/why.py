"""Why figures changed: what two manifests say was different when a chapter was made.

A manifest names what went into a chapter, not what moved a number. Where only one kind of thing
changed, that is the reason; where several did, that is what is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from needs.report.compare.pairs import Pair
from needs.report.compare.read import Printed
from needs.vocabulary.file_names import shown_name

__all__ = ["CAUSES", "Cause", "cause_between", "causes"]

CAUSES = {
    "data": "the data were revised",
    "method": "the method changed",
    "period": "a new period",
    "several": "more than one of these changed",
    "not_told": "no reason: no file was revised and no method changed",
}
"""Key of a cause -> what it means."""

_SHOWN = 3
_NO_METHOD = frozenset({"settings.name", "settings.period", "settings.inputs", "settings.report"})
"""Settings that change no number by themselves: inputs go by their hashes."""
_METHOD = {
    "code": "the code of needs",
    "notebook": "the notebook",
    "environment": "Python or a package",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What was different when a chapter was made.

    Parameters
    ----------
    data, method, period : tuple of str
        What changed of each kind, in words; empty where nothing did.
    beside : tuple of str
        What came with a new period, and is no reason for another past.
    """

    data: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    period: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A key of :data:`CAUSES`."""
        kinds = [k for k in ("data", "method", "period") if getattr(self, k)]
        return kinds[0] if len(kinds) == 1 else "several" if kinds else "not_told"

    @property
    def of_the_past(self) -> Cause:
        """The cause as far as it can move a period that was over: a later report is no reason.

        Nor are files that the new period brought: what they hold of the past is for somebody to
        look at. They are named.
        """
        return Cause(self.data, self.method, beside=self.period)

    @property
    def words(self) -> str:
        """The cause in one line."""
        parts = [
            f"{CAUSES[kind]} ({_listed(getattr(self, kind))})"
            for kind in ("data", "method", "period")
            if getattr(self, kind)
        ]
        if not parts:
            beside = f"; beside it {_listed(self.beside)}" if self.beside else ""
            return f"{CAUSES['not_told']}{beside}"
        return f"{CAUSES['several']}: {'; '.join(parts)}" if len(parts) > 1 else parts[0]


def _listed(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def causes(before: Printed, now: Printed, pairs: Iterable[Pair]) -> dict[tuple[str, str], Cause]:
    """Return what changed between two chapters, by the numbers of both in their reports."""
    met = {(p.before.chapter, p.now.chapter) for p in pairs}
    return {
        (a, b): cause_between(before.chapters[a], now.chapters[b])
        for a, b in sorted(met)
        if a in before.chapters and b in now.chapters
    }


def cause_between(before: Mapping[str, str], now: Mapping[str, str]) -> Cause:
    """Return what differs between the parts of two keys of a chapter.

    Parameters
    ----------
    before, now : mapping of str to str
        Part -> hash, as a manifest keeps them.

    Notes
    -----
    A file that both had, with another content, is a revision. Files that came or went are of
    the new period where the period changed, and a revision where it did not. The same content
    under another name is no change.
    """
    period = before.get("settings.period") != now.get("settings.period")
    revised, moved = _files(before, now)
    method = [
        _METHOD.get(part) or f"setting [{part.removeprefix('settings.')}]"
        for part in sorted({*before, *now})
        if before.get(part) != now.get(part)
        and part not in _NO_METHOD
        and (part in _METHOD or part.startswith("settings."))
    ]
    if not period:
        return Cause(tuple(revised + moved), tuple(method))
    return Cause(tuple(revised), tuple(method), ("the reporting period", *moved))


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return input files with another content, and those that came or went, in words."""
    then, later = _inputs(before), _inputs(now)
    revised, moved = [], []
    for name in sorted({*then, *later}):
        old, new = then.get(name, {}), later.get(name, {})
        for file in sorted({*old, *new}):
            if old.get(file) == new.get(file):
                continue
            words = shown_name(f"{name}/{file.rpartition('/')[2]}")
            if file in old and file in new:
                revised.append(words)
            elif file in new and new[file] not in old.values():
                moved.append(f"{words} is new")
            elif file in old and old[file] not in new.values():
                moved.append(f"{words} is gone")
    return revised, moved


def _inputs(parts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return input -> file -> hash."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for part, digest in parts.items():
        if part.startswith("input."):
            name, _, file = part.removeprefix("input.").partition("/")
            found[name][file] = digest
    return found
