"""A project in miniature: two chapters, one input, real kernels where a test wants them.

Used in-process by tests of the runner, and as the driver of a run that is killed:
``python tests/support/tiny.py ROOT [copy]``.
"""

from __future__ import annotations

import json
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from needs.inputs import registry
from needs.inputs.files import resolve
from needs.report import chapters, plan
from needs.report import run as runner
from needs.report.chapters import ChapterSpec
from needs.report.execute import Job
from needs.report.run import RunOutcome, run
from needs.report.worker import Answer
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study

STUDY = """\
schema_version = 1
seed = 7
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
published = ["inputs/figures.csv"]
[quality]
max_invalid_share = 0.01
[report]
chapters = ["10", "20"]
pdf = false
"""

SPECS = {
    "10": ChapterSpec("10", "First", "10-first.ipynb", ("published",), ("quality",)),
    "20": ChapterSpec("20", "Second", "20-second.ipynb", (), ("seed",)),
}

SHOW = """\
from pathlib import Path
import tomllib
settings = tomllib.loads(Path(study).read_text())
settings["seed"], settings["quality"]["max_invalid_share"]"""


def _cell(source: str, *tags: str) -> dict[str, object]:
    """Return a code cell that has not run (nbformat itself is slow to import)."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)},
        "outputs": [],
        "source": source,
    }


@dataclass(frozen=True)
class Tiny:
    """Where the miniature lies."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "analysis" / "tiny"

    @property
    def study(self) -> Path:
        return self.folder / "study.toml"

    @property
    def report(self) -> Path:
        return self.root / "reports" / "tiny"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    def edit(self, old: str, new: str) -> None:
        """Change the study file; the old text must be there."""
        text = self.study.read_text()
        assert old in text
        self.study.write_text(text.replace(old, new))

    def chapter(self, number: str, *sources: str) -> None:
        """Write a chapter's notebook of these code cells, after the parameter cell."""
        cells = [_cell('study = ""', "parameters"), *map(_cell, sources)]
        nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        (self.notebooks / SPECS[number].notebook).write_text(json.dumps(nb))

    def everything(self) -> dict[str, bytes]:
        """Return every file below the root, so that a test can say that nothing changed."""
        files = (p for p in self.root.rglob("*") if p.is_file())
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in files}


def make(root: Path) -> Tiny:
    """Write the miniature."""
    tiny = Tiny(root)
    (tiny.folder / "inputs").mkdir(parents=True)
    tiny.notebooks.mkdir()
    tiny.study.write_text(STUDY)
    (tiny.folder / "inputs" / "figures.csv").write_text("figure,value\nstock,12\n")
    tiny.chapter("10", SHOW)
    tiny.chapter("20", SHOW, "print(6 * 7)")
    return tiny


def read_figures(study: Study) -> str:
    """Read the miniature's input; the word ``bad`` in it is a fault."""
    (path,) = resolve(study, "published")
    text = path.read_text()
    if "bad" in text:
        raise InputError("input cannot be read", [Fault(path.name, "is bad", "mend it")])
    return text


READERS: dict[str, Callable[[Study], object]] = {"published": read_figures}


def publish(
    staging: Path, study: Study, notebooks: Sequence[tuple[ChapterSpec, Path]], **_: object
) -> types.SimpleNamespace:
    """Write a page of what the chapters showed: stands in for the real publishing."""
    shown = [p.read_text() for _, p in notebooks]
    (staging / "index.html").write_text("\n".join([study.report.title, *shown]))
    (staging / "tables").mkdir()
    (staging / "tables" / "one.csv").write_text(f"{len(shown)}\n")
    return types.SimpleNamespace(pdf_problem="")


@contextmanager
def installed(tiny: Tiny) -> Iterator[None]:
    """Let the runner see the miniature's chapters, notebooks, input and publishing."""
    fake = types.ModuleType("needs.report.publish")
    fake.publish = publish  # type: ignore[attr-defined]
    with (
        mock.patch.object(chapters, "CHAPTERS", SPECS),
        mock.patch.object(plan, "notebooks_folder", lambda: tiny.notebooks),
        mock.patch.dict(registry.READERS, READERS, clear=True),
    ):
        real = sys.modules.get(fake.__name__)
        sys.modules[fake.__name__] = fake
        try:
            yield
        finally:
            del sys.modules[fake.__name__]
            if real:
                sys.modules[fake.__name__] = real


def run_tiny(tiny: Tiny, **options: object) -> RunOutcome:
    """Run the miniature."""
    with installed(tiny):
        return run(tiny.study, **options)  # type: ignore[arg-type]


def copy_all(
    jobs: Sequence[Job], processes: int, on_answer: Callable[[int, Answer], None]
) -> list[Answer | None]:
    """Stand in for kernels: copy each notebook, slowly enough to be killed in between."""
    del processes
    answers: list[Answer | None] = []
    for position, job in enumerate(jobs):
        time.sleep(0.1)
        text = Path(job.notebook).read_text() + Path(job.study).read_text()
        Path(job.output).write_text(text)
        answers.append(Answer(None, 0.1, 1.0))
        on_answer(position, Answer(None, 0.1, 1.0))
    return answers


def copying() -> AbstractContextManager[object]:
    """Let the runner copy notebooks instead of executing them."""
    return mock.patch.object(runner, "execute_all", copy_all)


if __name__ == "__main__":
    with copying() if sys.argv[2:] == ["copy"] else nullcontext():
        run_tiny(Tiny(Path(sys.argv[1])))
