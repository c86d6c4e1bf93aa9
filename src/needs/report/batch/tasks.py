"""One study of a batch: what is asked, how it went. Nothing here raises, so that none stops others.

What a worker gets and gives back is plain text and numbers: it may be another machine, to which
the studies' folder and the reports' are the same as here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from needs.report.target import target_of
from needs.vocabulary.errors import Fault, NeedsError, PdfNotMade, StudyError
from needs.vocabulary.study import Study, load_study

__all__ = ["Done", "Task", "content_of", "found_studies", "run_one", "tasks_of"]

STUDY_FILE = "study.toml"
UNFORESEEN = 1


@dataclass(frozen=True, slots=True)
class Task:
    """One study to bring up to date.

    Parameters
    ----------
    name : str
        Of its report.
    study, out : str
        Its study file and the folder of its report, as absolute paths.
    pdf : bool or None
        Whether to make the PDF; the study's own setting where None.
    force : bool
    jobs : int
        Chapters at a time.
    """

    name: str
    study: str
    out: str
    pdf: bool | None = None
    force: bool = False
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """How a study of a batch went.

    Parameters
    ----------
    name, authority, year : str
        Authority and reporting year are empty where the study file could not be read.
    code : int
        Exit code that ``needs run`` would have left with.
    words : str
        What went wrong, or what was done.
    seconds : float
    folder : str
        Where the report lies.
    content : str
        Fingerprint of every byte of the report; empty where there is none.
    peak_mib : float
        Memory of the largest process that made it.
    """

    name: str
    authority: str
    year: str
    code: int
    words: str
    seconds: float = 0.0
    folder: str = ""
    content: str = ""
    peak_mib: float = 0.0


def found_studies(named: Iterable[str]) -> list[Path]:
    """Return the study files that paths, folders and patterns name, without repeats, in order.

    Raises
    ------
    StudyError
        With one fault for each that names no study.
    """
    found: dict[Path, None] = {}
    faults = []
    for words in named:
        paths = sorted(glob(words)) or [words]
        mine = [p for p in map(_study_file, map(Path, paths)) if p]
        if not mine:
            mend = "name a study.toml, its folder, or a pattern such as 'analysis/*'"
            faults.append(Fault(Path(words).name or words, "names no study", mend))
        found.update(dict.fromkeys(mine))
    if faults:
        raise StudyError("the batch cannot begin", faults)
    return list(found)


def _study_file(path: Path) -> Path | None:
    file = path / STUDY_FILE if path.is_dir() else path
    return file.resolve() if file.is_file() and file.suffix == ".toml" else None


def tasks_of(
    studies: Sequence[Path],
    *,
    out: Path | None = None,
    pdf: bool | None = None,
    force: bool = False,
    jobs: int = 1,
) -> tuple[list[Task], list[Done]]:
    """Return what is to be done, and studies whose file cannot be read.

    Raises
    ------
    StudyError
        If two studies would write the same report.
    """
    tasks: list[Task] = []
    bad: list[Done] = []
    for file in studies:
        try:
            study = load_study(file)
            folder = target_of(study, None if out is None else out / study.name)
        except NeedsError as error:
            bad.append(Done(file.parent.name, "", "", error.exit_code, str(error)))
            continue
        tasks.append(Task(study.name, str(file), str(folder), pdf, force, jobs))
    taken = [t.out for t in tasks]
    faults = [
        Fault(f"{t.name}/{STUDY_FILE}", "another study writes the same report", "rename its folder")
        for t in tasks
        if taken.count(t.out) > 1
    ]
    if faults:
        raise StudyError("the batch cannot begin", faults)
    return tasks, bad


def run_one(task: Task) -> Done:
    """Bring one study up to date; whatever goes wrong is told, not raised."""
    from needs.report.run import run  # noqa: PLC0415 - a worker imports it when it has work

    study: Study | None = None
    try:
        study = load_study(task.study)
        outcome = run(task.study, out=task.out, pdf=task.pdf, force=task.force, jobs=task.jobs)
    except NeedsError as error:
        return _told(task, study, error.exit_code, str(error))
    except Exception as error:  # the batch's outermost boundary: its text may quote data
        words = f"unexpected {type(error).__name__}; needs run {task.name} --debug tells more"
        return _told(task, study, UNFORESEEN, words)
    words = "nothing had changed" if outcome.unchanged else f"{len(outcome.ran)} chapters ran"
    code = PdfNotMade.exit_code if outcome.pdf_problem else 0
    return Done(
        task.name,
        study.authority.name,
        str(study.period.reporting_year),
        code,
        outcome.pdf_problem or words,
        outcome.seconds,
        task.out,
        content_of(Path(task.out)),
        outcome.peak_mib,
    )


def _told(task: Task, study: Study | None, code: int, words: str) -> Done:
    authority = study.authority.name if study else ""
    year = str(study.period.reporting_year) if study else ""
    return Done(task.name, authority, year, code, words)


def content_of(folder: Path) -> str:
    """Return a fingerprint of every file of a report: its name and its bytes."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
