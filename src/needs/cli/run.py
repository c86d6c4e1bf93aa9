"""``needs run``: from a study to its report."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs.vocabulary.errors import PdfNotMade

if TYPE_CHECKING:
    from needs.report.run import RunOutcome

__all__ = ["run"]


class Engine(StrEnum):
    """What converts words."""

    nbconvert = "nbconvert"
    quarto = "quarto"


MOST_JOBS = 4
"""Each chapter at work takes some 400 MiB."""


def run(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder of the report; reports/STUDY by default."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="CHAPTER", help="Run this chapter; leave the others as they are."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="Chapters at a time.", show_default="processors, up to 4"
        ),
    ] = None,
    pdf: Annotated[
        bool | None,
        typer.Option("--pdf/--no-pdf", help="Make the PDF or not, whatever the study says."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run chapters even where nothing has changed.")
    ] = False,
    engine: Annotated[
        Engine | None,
        typer.Option(help="What converts the words of notebooks, whatever the study says."),
    ] = None,
) -> None:
    r"""Bring a study's report up to date.

    Only what a change reaches runs again, and the reason is said. The report is replaced in
    one step at the end: a run that fails or is stopped leaves the present one untouched.

    \b
    Examples:
      needs run analysis/oxfordshire-published
      needs run analysis/oxfordshire-published --only 20
      needs run analysis/oxfordshire-published --out /tmp/draft --no-pdf --jobs 2
      needs run analysis/oxfordshire-published --engine quarto
    """
    from needs.report.progress import progress_for  # noqa: PLC0415
    from needs.report.run import run as bring_up_to_date  # noqa: PLC0415

    progress = progress_for(sys.stderr)
    outcome = bring_up_to_date(
        study,
        out=out,
        only=only,
        jobs=jobs or min(os.cpu_count() or 1, MOST_JOBS),
        pdf=pdf,
        force=force,
        engine=engine.value if engine else None,
        progress=progress,
    )
    _say(outcome)
    if outcome.pdf_problem:
        raise PdfNotMade(outcome.pdf_problem)


def _say(outcome: RunOutcome) -> None:
    """Print what was done, where the report lies, and what it took."""
    from needs.report.target import near  # noqa: PLC0415

    if outcome.unchanged:
        typer.echo("nothing has changed since the last run: nothing done")
    typer.echo(f"report: {near(outcome.folder / 'index.html')}")
    memory = f", peak memory {outcome.peak_mib:.0f} MiB" if outcome.peak_mib else ""
    typer.echo(f"took {outcome.seconds:.1f} s{memory}")
