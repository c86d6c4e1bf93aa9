"""From a study to its report: decide, execute, publish, check, and only then replace.

Everything is written into a folder beside the report, which takes the report's place in one
step at the very end. Whatever goes wrong before leaves the present report untouched.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs.report.content_key import declared_inputs, input_hashes
from needs.report.execute import Failure, Job
from needs.report.lock import locked
from needs.report.making import Making, import_ahead, listed, publish_signed
from needs.report.manifest import Manifest, file_hashes
from needs.report.plan import NOTEBOOKS, ChapterPlan, Plan, Request, checked_key, make_plan
from needs.report.progress import Progress, Silent
from needs.report.review.sign_off import (
    read_signatures,
)
from needs.report.swap import install, recover, staging_folder
from needs.report.target import failed_folder, near, target_of
from needs.report.worker import Answer, execute_all, peak_memory
from needs.vocabulary import errors
from needs.vocabulary.errors import ChapterError, DisclosureError, EnvironmentFault, NeedsError
from needs.vocabulary.study import Study, load_study

if TYPE_CHECKING:
    from needs.vocabulary.records import StudyData

__all__ = ["RunOutcome", "run"]

FIRST = ("10", "75")
"""Chapters begun first: what one finds of which counts are hidden, the other needs late."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did.

    Parameters
    ----------
    folder : Path
        Where the report lies.
    ran, reused, left_out : tuple of str
        Chapter numbers.
    unchanged : bool
        Nothing had changed, and nothing was done.
    pdf_problem : str
        Why a wanted PDF was not made, with the mend; else empty.
    seconds, peak_mib : float
        Wall time, and memory of the largest process.
    """

    folder: Path
    ran: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unchanged: bool = False
    pdf_problem: str = ""
    seconds: float = 0.0
    peak_mib: float = 0.0


@dataclass
class _Run:
    """What the stages of one run share."""

    request: Request
    study_file: Path
    target: Path
    jobs: int
    progress: Progress
    began: float = field(default_factory=time.perf_counter)
    peak: float = 0.0
    chapter_seconds: dict[str, float] = field(default_factory=dict)
    data: StudyData | None = None

    def opened(self) -> StudyData:
        """Return the study's data, opened once."""
        from needs.inputs.registry import open_data  # noqa: PLC0415 - imports pandas

        if self.data is None:
            self.data = open_data(self.request.study)
        return self.data


def run(
    study_path: str | Path,
    *,
    out: str | Path | None = None,
    only: str | None = None,
    jobs: int = 1,
    pdf: bool | None = None,
    force: bool = False,
    engine: str | None = None,
    progress: Progress | None = None,
) -> RunOutcome:
    """Bring a study's report up to date.

    Parameters
    ----------
    study_path : str or Path
        The ``study.toml`` or its folder.
    out : str or Path, optional
        Folder of the report; :func:`default_target` where none is given.
    only : str, optional
        Number of the one chapter to run; the others are left as they are.
    jobs : int
        How many chapters to run at a time.
    pdf : bool, optional
        Whether to make the PDF; the study's own setting where not given.
    force : bool
        Run chapters even where nothing has changed.
    engine : str, optional
        ``nbconvert`` or ``quarto``; the study's own setting where not given.
    progress : Progress, optional
        Told of each step.

    Returns
    -------
    RunOutcome
        What was done and where the report lies.

    Raises
    ------
    StudyError, InputError
        Before anything is written.
    ChapterError
        A chapter failed (or the ``NeedsError`` that it raised): its partial notebook is in
        ``.failed/<study>/`` beside the report. The present report is untouched.
    RenderError, DisclosureError
        The chapters may not be published as they are. The present report is untouched.
    EnvironmentFault
        Quarto is wanted and not there.
    BusyError
        Another run of the same report is in progress.
    """
    began = time.perf_counter()
    study = load_study(study_path)
    if engine:
        report = study.report.model_copy(update={"engine": engine})
        study = study.model_copy(update={"report": report})
    _check_engine(study)
    wanted = study.report.pdf if pdf is None else pdf
    state = _Run(
        Request(study, input_hashes(study, declared_inputs(study)), only, force, wanted),
        _file_of(study_path),
        target_of(study, out),
        jobs,
        progress or Silent(),
        began,
    )
    read_signatures(study.folder)  # a fault in them is told before chapters run
    _check_inputs_first(state)
    with locked(state.target):
        return _locked_run(state)


def _check_engine(study: Study) -> None:
    """Say at once that quarto is wanted and not there, and not after the chapters have run."""
    if study.report.engine == "quarto":
        from needs.report.quarto import convert  # noqa: PLC0415

        convert(["."])


def _file_of(study_path: str | Path) -> Path:
    """Return the file of a study given as that or as its folder."""
    path = Path(study_path).resolve()
    return path / "study.toml" if path.is_dir() else path


def _check_inputs_first(state: _Run) -> None:
    """Check inputs that no run has passed yet, before anything is written."""
    old = Manifest.read(state.target)
    plan = make_plan(state.request, old, state.target)
    request = state.request
    if plan.to_run and (old is None or old.checked != checked_key(request.study, request.hashes)):
        from needs.report.guard import check_inputs  # noqa: PLC0415

        with state.progress.step("reading and checking inputs"):
            check_inputs(state.opened())


def _locked_run(state: _Run) -> RunOutcome:
    """Do the work; the lock is held, so that nobody else changes the report meanwhile."""
    recover(state.target)
    old = Manifest.read(state.target)
    plan = make_plan(state.request, old, state.target)
    if old and not plan.publish_reasons:
        problem = "" if old.pdf["made"] else str(old.pdf["reason"])
        return _outcome(state, plan, unchanged=True, pdf_problem=problem)
    _tell(state.progress, plan, old)
    staging = staging_folder(state.target)
    try:
        _execute(state, plan, staging)
        manifest = _manifest(state, plan, staging)
        problem = publish_signed(
            Making(state.request, plan, staging, manifest, state.progress, state.opened)
        )
        made = {"made": state.request.pdf and not problem, "reason": problem}
        replace(manifest, pdf=made, files=file_hashes(staging)).write(staging)
        install(staging, state.target)
    except OSError as e:
        raise EnvironmentFault(f"the report could not be written: {e.strerror or e}") from e
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(failed_folder(state.target), ignore_errors=True)
    outcome = _outcome(state, plan, unchanged=False, pdf_problem=problem)
    _write_log(state, outcome)
    return outcome


def _manifest(state: _Run, plan: Plan, staging: Path) -> Manifest:
    """Return the manifest of a report whose chapters are there and whose pages are not yet."""
    return Manifest.describe(
        state.request.study,
        staging,
        inputs=state.request.hashes,
        checked=checked_key(state.request.study, state.request.hashes),
        chapters={c.spec.number: c.entry for c in plan.chapters},
        publish=dict(plan.publish),
        pdf={},
    )


def _tell(progress: Progress, plan: Plan, old: Manifest | None) -> None:
    """Say what will run and why, and what will not."""
    if old and (versions := old.other_versions()):
        progress.note(f"versions since the last run: {listed(versions)}")
    for chapter in plan.chapters:
        name = f"chapter {chapter.spec.number}"
        if chapter.reasons:
            progress.note(f"{name} runs: {listed(chapter.reasons)}")
        elif chapter.stale:
            progress.note(f"{name} is left as it was, although: {listed(chapter.stale)}")
        else:
            progress.note(f"{name} is up to date")
    for number in plan.left_out:
        progress.note(f"chapter {number} is left out: it has not run yet")
    if not plan.to_run:
        progress.note(f"pages and tables are made again: {listed(plan.publish_reasons)}")


def _shown_path(study: Study) -> str:
    """Return how the executed notebook names the study: findable from ``reports/``."""
    parent = study.folder.parent.name
    return f"analysis/{study.name}" if parent == "analysis" else study.name


def _execute(state: _Run, plan: Plan, staging: Path) -> None:
    """Fill ``notebooks/`` of the staged report: copy what is reused, execute the rest."""
    folder = staging / NOTEBOOKS
    folder.mkdir()
    for chapter in plan.chapters:
        if not chapter.reasons:
            shutil.copy2(state.target / chapter.entry.notebook, staging / chapter.entry.notebook)
    todo = sorted(plan.to_run, key=_turn)
    shown = _shown_path(state.request.study)
    jobs = [
        Job(str(c.source), str(folder / c.spec.notebook), str(state.study_file), shown)
        for c in todo
    ]

    def note(position: int, answer: Answer) -> None:
        spec = todo[position].spec
        state.chapter_seconds[spec.number] = round(answer.seconds, 2)
        state.peak = max(state.peak, answer.peak_mib)
        ended = "failed" if answer.failure else "done"
        state.progress.note(f"chapter {spec.number} {spec.title}: {ended}, {answer.seconds:.1f} s")

    if jobs:
        # This process only waits for its kernels: time to import what publishing needs.
        threading.Thread(target=import_ahead).start()
        with state.progress.step(f"running {len(jobs)} chapter{'s' * (len(jobs) > 1)}"):
            answers = execute_all(jobs, state.jobs, note)
            for chapter, answer in zip(todo, answers, strict=True):
                if answer and answer.failure:
                    _fail(state, chapter, answer.failure, folder)


def _turn(chapter: ChapterPlan) -> int:
    """Return where a chapter stands in the queue; others keep the order of the report."""
    number = chapter.spec.number
    return FIRST.index(number) if number in FIRST else len(FIRST)


def _keep_partial(state: _Run, folder: Path, name: str) -> str:
    """Move a partial notebook to where its reader finds it, and say where."""
    if not (folder / name).is_file():
        return ""
    for other in folder.iterdir():
        if other.name != name:
            other.unlink()
    from needs.report.guard import refuse_identifiers  # noqa: PLC0415

    try:
        refuse_identifiers(folder, state.opened())
    except DisclosureError:
        return "\n  what it showed so far was not kept: it holds an identifier of a child"
    kept = failed_folder(state.target)
    kept.mkdir(parents=True, exist_ok=True)
    shutil.move(folder / name, kept / name)
    return f"\n  what it showed so far: {near(kept / name)}"


def _fail(state: _Run, chapter: ChapterPlan, failure: Failure, folder: Path) -> None:
    """Keep the partial notebook and raise what stopped the chapter."""
    kept = _keep_partial(state, folder, chapter.spec.notebook)
    spec = chapter.spec
    where = f", cell {failure.cell} ({failure.source})" if failure.cell else ""
    hint = "" if failure.exit_code else "\n  to see the whole error, run the notebook in JupyterLab"
    message = f"chapter {spec.number} ({spec.title}){where}: {failure.message}{kept}{hint}"
    if not failure.exit_code:
        raise ChapterError(message)
    kind: type[NeedsError] = getattr(errors, failure.kind)
    error = kind.__new__(kind)  # some take other arguments than a message
    NeedsError.__init__(error, message)
    raise error


def _outcome(state: _Run, plan: Plan, *, unchanged: bool, pdf_problem: str) -> RunOutcome:
    ran = tuple(c.spec.number for c in plan.to_run)
    return RunOutcome(
        state.target,
        ran,
        tuple(c.spec.number for c in plan.chapters if not c.reasons),
        plan.left_out,
        unchanged,
        pdf_problem,
        time.perf_counter() - state.began,
        max(state.peak, peak_memory()),
    )


def _write_log(state: _Run, outcome: RunOutcome) -> None:
    """Write what may differ between two runs, outside the report: time, durations, memory."""
    log: Mapping[str, object] = {
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 2),
        "peak_mib": round(outcome.peak_mib),
        "chapter_seconds": state.chapter_seconds,
        "ran": outcome.ran,
        "reused": outcome.reused,
        "platform": sys.platform,
    }
    folder = state.target.parent / ".runs"
    with contextlib.suppress(OSError):  # the report is in place; its log is a convenience
        folder.mkdir(exist_ok=True)
        text = json.dumps(log, indent=2, sort_keys=True)
        (folder / f"{state.target.name}.json").write_text(text + "\n", "utf-8")
