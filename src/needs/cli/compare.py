"""``needs compare``: two reports, figure by figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from needs.report.compare.compare import Comparison, Line

__all__ = ["UNEXPLAINED", "compare"]

UNEXPLAINED = 22
"""Exit code of ``--strict`` where restated figures lack a reason."""

LISTED = 10


def compare(
    before: Annotated[Path, typer.Argument(help="The earlier report's folder, or its study.")],
    now: Annotated[Path, typer.Argument(help="The later report's folder, or its study.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where page, workbook and CSV go, in place of an earlier comparison alone; "
            "reports/compare/A-B.",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Leave with exit code 22 where a figure of a past period is restated and neither "
            "data nor method changed. A later report is no reason.",
        ),
    ] = False,
) -> None:
    r"""Say what changed between two reports of one authority, whether by more than chance, and why.

    The same figure of the same past period with another number is restated: it carries r and a
    reason: revised data or another method, and never that the later report is of another period.
    The same measure at the later report's period is a change in time, tested where counts are
    printed. Reasons are what the two manifests say was different: data, method, period, or several.
    What a report withholds is never compared.

    \b
    Examples:
      needs compare reports/ours-2023 reports/ours-2024
      needs compare analysis/ours-2023 analysis/ours-2024 --out /tmp/changes
      needs compare /tmp/draft reports/ours-2024 --strict
    """
    from needs.report.compare.compare import compare as compared  # noqa: PLC0415
    from needs.report.compare.write import write_comparison  # noqa: PLC0415
    from needs.report.target import near  # noqa: PLC0415

    found = compared(before, now)
    _say(found)
    folder = out or Path("reports") / "compare" / f"{found.before.name}-{found.now.name}"
    page = write_comparison(folder, found)
    typer.echo(f"page, workbook and CSV: {near(page.resolve())}")
    if strict and (lacking := found.unexplained):
        n = len(lacking)
        said = "1 restated figure lacks" if n == 1 else f"{n:,} restated figures lack"
        typer.echo(f"error: {said} a reason: neither data nor method changed", err=True)
        raise typer.Exit(UNEXPLAINED)


def _say(found: Comparison) -> None:
    """Print how many figures changed and how, and the largest changes."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from needs.report.compare.pairs import KINDS  # noqa: PLC0415
    from needs.report.compare.results import largest  # noqa: PLC0415

    title = f"{found.before.name} ({found.before.year}) to {found.now.name} ({found.now.year})"
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("figures", justify="right")
    for kind, words in KINDS.items():
        table.add_row(words, f"{len(found.of(kind)):,}")
    table.add_row("of the changes in time, more than chance", f"{len(found.beyond):,}")
    table.add_section()
    table.add_row("only in the earlier report", f"{sum(found.only_before.values()):,}")
    table.add_row("only in the later report", f"{sum(found.only_now.values()):,}")
    Console(highlight=False).print(table)
    for words, lines in (
        ("more than chance, largest first", found.beyond),
        ("restated, largest first", found.of("restated")),
    ):
        if lines:
            typer.echo(f"\n{words}:")
            for line in largest(lines, LISTED):
                typer.echo(f"  {_line(line)}")


def _line(line: Line) -> str:
    pct = f", {line.change_pct}" if line.change_pct else ""
    numbers = f"{line.pair.before.printed} to {line.now} ({line.change}{pct})"
    period = line.pair.now.period
    called = line.called if period in line.called else f"{line.called}, {period}"
    return f"{called}: {numbers}; {line.why}"
