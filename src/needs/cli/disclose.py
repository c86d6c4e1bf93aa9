"""``needs disclose``: what a report shows and withholds, and whether that can be worked out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs.vocabulary.errors import DisclosureError, Fault

if TYPE_CHECKING:
    from needs.report.disclose import Found

__all__ = ["disclose"]

LISTED = 10


def disclose(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder of the report; reports/STUDY by default."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line for each figure as CSV. Keep it inside."),
    ] = None,
    attack: Annotated[
        bool,
        typer.Option("--attack", help="Try to work out what is withheld from all that is printed."),
    ] = False,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="Another report that readers have, as last year's. With --attack.",
        ),
    ] = None,
) -> None:
    r"""Say what a finished report shows, withholds, and leaves for somebody to look at.

    With --attack a reader is played who knows every sum, difference and repetition between the
    tables, and which withheld counts are small; what that reader works out is named by its figure,
    never by its number, and the command leaves with exit code 16.

    \b
    Examples:
      needs disclose analysis/ours-2024
      needs disclose analysis/ours-2024 --attack --earlier reports/ours-2023
      needs disclose analysis/ours-2024 --record /secure/disclosure.csv
    """
    from needs.report import disclose as work  # noqa: PLC0415

    made = work.record(study, out)
    counts = Counter(line.status for line in made.lines)
    for status in ("pass", "withheld", "review"):
        typer.echo(f"{status}: {counts[status]:,} figures")
    of_review = Counter(line.figure.partition(".")[0] for line in made.of("review"))
    for result, n in of_review.most_common(LISTED):
        typer.echo(f"  {result}: {n:,}")
    if len(of_review) > LISTED:
        typer.echo(f"  and {len(of_review) - LISTED} results more")
    if record:
        work.write_record(record, made.lines)
        typer.echo(f"record: {record}")
    if attack:
        others = [work.record(study, folder) for folder in earlier or ()]
        _tell(work.attack(study, made, others))


def _tell(found: Found) -> None:
    """Print what an attack found; stop where it found something."""
    typer.echo(f"attack: {found.looked_at:,} small counts are withheld; {len(found.told)} told")
    if found.other:
        n = len(found.other)
        typer.echo(
            f"{n:,} counts are printed otherwise than these inputs give them: run the study again",
            err=True,
        )
    mend = "do not publish; report the fault, and leave the result out until it is mended"
    faults = [Fault(i, "can be worked out from what is printed", mend) for i in found.told]
    faults += [Fault(i, "a small count is printed", mend) for i in found.bare]
    if faults:
        raise DisclosureError("counts that are withheld are told", faults[:LISTED])
