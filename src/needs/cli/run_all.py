"""``needs run-all``: many studies, one summary."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs.vocabulary.errors import BatchError

if TYPE_CHECKING:
    from needs.report.batch.tasks import Done

__all__ = ["run_all"]

MOST_WORKERS = 4


def run_all(
    studies: Annotated[
        list[str], typer.Argument(help="Study files, folders, or patterns such as 'analysis/*'.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where reports go, a folder each; as for run."),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the summary goes; reports/run-all by default."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="Studies at a time.", show_default="processors, up to 4"
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Hand the work to a Dask cluster, tcp://HOST:PORT."),
    ] = None,
    pdf: Annotated[
        bool | None,
        typer.Option("--pdf/--no-pdf", help="Make PDFs or not, whatever the studies say."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run chapters even where nothing has changed.")
    ] = False,
) -> None:
    r"""Bring the reports of many studies up to date: periods, authorities, or both.

    Each study runs by itself: one that fails does not stop the others, and the summary says why.
    One whose process dies is begun again. A cluster's workers must see the same folders as this
    machine, and run one study at a time each (dask worker --nthreads 1).

    \b
    Examples:
      needs run-all 'analysis/*'
      needs run-all 'analysis/region/*' --out /tmp/region --no-pdf --jobs 2
      needs run-all 'analysis/*' --scheduler tcp://10.0.0.5:8786
    """
    from needs.cli import EXIT_CODES  # noqa: PLC0415 - it imports this module
    from needs.report.batch.summary import outcome_words, write_summary  # noqa: PLC0415
    from needs.report.batch.tasks import found_studies, tasks_of  # noqa: PLC0415
    from needs.report.batch.work import run_tasks  # noqa: PLC0415
    from needs.report.target import near  # noqa: PLC0415

    began = time.perf_counter()
    found = found_studies(studies)
    tasks, bad = tasks_of(found, out=out, pdf=pdf, force=force)
    told = _Told(len(found))
    for d in bad:
        told(d)
    workers = jobs or min(os.cpu_count() or 1, MOST_WORKERS)
    done = [*run_tasks(tasks, workers, scheduler, told), *bad]
    page = write_summary(summary or Path("reports") / "run-all", done, EXIT_CODES)
    typer.echo(f"{outcome_words(done)} in {time.perf_counter() - began:.0f} s")
    typer.echo(f"summary: {near(page.resolve())}")
    failed = [d for d in done if d.code]
    if failed:
        names = ", ".join(d.name for d in failed)
        raise BatchError(f"{len(failed)} of {len(done)} studies are not done: {names}")


class _Told:
    """Says how each study went, as it ends."""

    def __init__(self, of: int) -> None:
        self.of, self.n = of, 0

    def __call__(self, done: Done) -> None:
        self.n += 1
        took = f", {done.seconds:.1f} s, {done.peak_mib:.0f} MiB" if done.content else ""
        first = done.words.split("\n", maxsplit=1)[0]
        failed = f"failed with {done.code}: " if done.code else ""
        typer.echo(f"{self.n} of {self.of} {done.name}: {failed}{first}{took}", err=True)
