"""Decide what a run must do: which chapters run, which are reused, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needs.inputs.files import hash_file
from needs.report import chapters
from needs.report.browser import find_browser
from needs.report.chapters import ChapterSpec
from needs.report.content_key import (
    Components,
    changes,
    chapter_components,
    environment_components,
    key_of,
    settings_components,
)
from needs.report.execute import notebooks_folder
from needs.report.manifest import ChapterEntry, Manifest
from needs.report.quarto import find_quarto, state_of
from needs.vocabulary.errors import EnvironmentFault, Fault, StudyError
from needs.vocabulary.study import Study

__all__ = ["ChapterPlan", "Plan", "Request", "chapter_sources", "checked_key", "make_plan"]

NOTEBOOKS = "notebooks"
SIGN_OFF = "sign_off.toml"
"""Beside the study: who signed which content (:mod:`needs.report.review.sign_off`)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: a study, its hashed inputs, and the choices of the command line."""

    study: Study
    hashes: Mapping[str, Mapping[str, str]]
    only: str | None = None
    force: bool = False
    pdf: bool = True


@dataclass(frozen=True, slots=True)
class ChapterPlan:
    """What happens to one chapter.

    Parameters
    ----------
    spec : ChapterSpec
        The chapter.
    source : Path
        Its notebook.
    entry : ChapterEntry
        What the manifest will say of it.
    reasons : tuple of str
        Why it runs; empty where it is reused.
    stale : tuple of str
        Where it is reused although something changed, because another was asked for: what.
    """

    spec: ChapterSpec
    source: Path
    entry: ChapterEntry
    reasons: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    Parameters
    ----------
    chapters : tuple of ChapterPlan
        In the order of the report, those left out not among them.
    left_out : tuple of str
        Numbers of chapters that the report will lack, because only another was asked for.
    publish : mapping of str to str
        Parts of the key of what is made from the chapters.
    publish_reasons : tuple of str
        Why pages and tables are made; empty where the present ones stand.
    """

    chapters: tuple[ChapterPlan, ...]
    left_out: tuple[str, ...]
    publish: Components
    publish_reasons: tuple[str, ...]

    @property
    def to_run(self) -> tuple[ChapterPlan, ...]:
        """Chapters whose notebooks are executed."""
        return tuple(c for c in self.chapters if c.reasons)


def checked_key(study: Study, hashes: Mapping[str, Mapping[str, str]]) -> str:
    """Return one hash over all that decides whether the inputs can be read."""
    never_read = {f"settings.{name}" for name in ("report", "seed", "disclosure")}
    parts = {k: v for k, v in settings_components(study).items() if k not in never_read}
    files = {f"{name}/{f}": h for name, fs in hashes.items() for f, h in fs.items()}
    return key_of({**parts, **files, **environment_components()})


def _wanted(study: Study, only: str | None) -> tuple[ChapterSpec, ...]:
    """Return the chapters of the study, in its order.

    Raises
    ------
    StudyError
        If it names a chapter that does not exist, or ``only`` one that it does not have.
    """
    known = chapters.CHAPTERS
    numbers = list(dict.fromkeys(study.report.chapters))
    mend = f"allowed: {', '.join(sorted(known))}"
    faults = [
        Fault("study.toml", f"there is no chapter '{n}'", mend, column="report.chapters")
        for n in numbers
        if n not in known
    ]
    if faults:
        raise StudyError("the study names chapters that do not exist", faults)
    if only is not None and only not in numbers:
        raise StudyError(
            f"the study has no chapter '{only}'; its chapters are {', '.join(numbers)}"
        )
    return tuple(known[n] for n in numbers)


def _source(spec: ChapterSpec) -> Path:
    path = notebooks_folder() / spec.notebook
    if not path.is_file():
        fault = Fault(spec.notebook, "file not found", "get notebooks/ from the project again")
        raise EnvironmentFault(f"the notebook of chapter {spec.number} is missing", [fault])
    return path


def chapter_sources(study: Study) -> list[tuple[ChapterSpec, Path]]:
    """Return the chapters of a study with their notebooks.

    Raises
    ------
    StudyError, EnvironmentFault
        As :func:`make_plan`.
    """
    return [(spec, _source(spec)) for spec in _wanted(study, None)]


def _chapter(
    request: Request, spec: ChapterSpec, old: Manifest | None, target: Path
) -> ChapterPlan:
    """Return what happens to one chapter, whichever was asked for."""
    source = _source(spec)
    parts = chapter_components(request.study, spec, source, request.hashes)
    entry = ChapterEntry(f"{NOTEBOOKS}/{spec.notebook}", key_of(parts), parts)
    before = old.chapters.get(spec.number) if old else None
    if before is None:
        return ChapterPlan(spec, source, entry, ("new",))
    reasons = changes(before.components, parts) if before.key != entry.key else ()
    if not _intact(old, before.notebook, target):
        reasons = (*reasons, "its executed notebook is missing or was changed")
    if not reasons and request.force:
        reasons = ("asked for",)
    return ChapterPlan(spec, source, entry, reasons)


def _intact(old: Manifest | None, name: str, target: Path) -> bool:
    path = target / name
    return old is not None and path.is_file() and hash_file(path) == old.files.get(name)


def _left_alone(plan: ChapterPlan, old: Manifest | None, target: Path) -> ChapterPlan | None:
    """Return a chapter as it lies in the present report; None where it does not."""
    before = old.chapters.get(plan.spec.number) if old else None
    if before is None or not _intact(old, before.notebook, target):
        return None
    return ChapterPlan(plan.spec, plan.source, before, stale=plan.reasons)


def _browser() -> str:
    """Return what the PDF would be printed with, so that a new browser prints it again."""
    found = find_browser()
    if found is None:
        return "none"
    state = found.path.stat() if found.path.is_file() else None
    return key_of({"path": str(found.path), "size": str(state.st_size if state else 0)})


def _publish_parts(request: Request, plans: Sequence[ChapterPlan]) -> dict[str, str]:
    parts = {f"chapter.{p.spec.number}": p.entry.key for p in plans}
    parts["chapters"] = " ".join(p.spec.number for p in plans)
    parts["pdf"] = "wanted" if request.pdf else "not wanted"
    signed = request.study.folder / SIGN_OFF
    parts["sign_off"] = hash_file(signed) if signed.is_file() else "none"
    parts["browser"] = _browser() if request.pdf else "not wanted"
    wanted = request.study.report.engine == "quarto"
    parts["quarto"] = state_of(find_quarto()) if wanted else "not wanted"
    return {**parts, **settings_components(request.study), **environment_components()}


def make_plan(request: Request, old: Manifest | None, target: Path) -> Plan:
    """Return what a run must do to bring the report at ``target`` up to date.

    Parameters
    ----------
    request : Request
        What was asked for.
    old : Manifest or None
        Of the present report.
    target : Path
        Where the present report lies, or will.

    Raises
    ------
    StudyError
        If a chapter is asked for that does not exist.
    EnvironmentFault
        If a chapter's notebook is not there.
    """
    specs = _wanted(request.study, request.only)
    plans = [_chapter(request, s, old, target) for s in specs]
    left_out: list[str] = []
    if request.only is not None:
        alone = [
            ChapterPlan(p.spec, p.source, p.entry, p.reasons or ("asked for",))
            if p.spec.number == request.only
            else _left_alone(p, old, target)
            for p in plans
        ]
        left_out = [p.spec.number for p, kept in zip(plans, alone, strict=True) if kept is None]
        plans = [p for p in alone if p is not None]
    parts = _publish_parts(request, plans)
    reasons = changes(old.publish, parts) if old else ("no report yet",)
    if old and (lost := old.damage(target)):
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        reasons = (*reasons, f"{lost[0]}{more} missing, or changed by somebody")
    if not reasons and any(p.reasons for p in plans):
        reasons = ("chapters ran",)
    return Plan(tuple(plans), tuple(left_out), parts, reasons)
