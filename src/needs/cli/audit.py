"""``needs audit``: hold a study's published or draft figures against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STRICT", "audit"]

STRICT = 20
"""Exit code of ``--strict`` where figures do not agree."""

LISTED = ("contradicts", "mislabelled_base", "conflicts")
AT_FAULT = ("contradicts", "mislabelled_base")


def audit(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write a verdict for each figure here, CSV.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Leave with exit code 20 where a figure contradicts its own document or agrees "
            "only with another base. Conflicts between documents do not count.",
        ),
    ] = False,
    brief: Annotated[bool, typer.Option("--brief", help="Print the summary alone.")] = False,
) -> None:
    r"""Hold the figures of inputs.published against each other, and say which do not agree.

    Sums and their parts, shares and their bases, changes and levels, the same number at two
    places or in two documents: each figure is worked out again from the others, within what its
    printed digits stand for. Run it on a draft's own figures before the draft goes out.

    A figure is one row of a CSV file that study.toml names under inputs.published
    (analysis/README.md says what each column holds). Two rows of a draft:

    \b
      figure,document,place,table,area,period,measure,group,by,value,printed,unit,note
      all,draft,page 1,,E10000999,2023-24,children_n,all,,642,642,children,
      foster,draft,page 1,,E10000999,2023-24,share_of_children_pct,fostering,,62,62%,percent,

    \b
    Examples:
      needs audit analysis/oxfordshire-published
      needs audit analysis/oxfordshire-published --out verdicts.csv
      needs audit analysis/my-draft --strict
    """
    from needs.report.audit import audit_study, write_audit  # noqa: PLC0415

    settings, found = audit_study(study)
    _summary(settings.name, found)
    if not brief:
        _list(found)
    if out is not None:
        write_audit(found, out)
        typer.echo(f"written: {out}")
    at_fault = int(found["verdict"].isin(AT_FAULT).sum())
    if strict and at_fault:
        said = "1 figure does" if at_fault == 1 else f"{at_fault:,} figures do"
        typer.echo(f"error: {said} not agree with the rest of its document", err=True)
        raise typer.Exit(STRICT)


def _summary(name: str, found: pd.DataFrame) -> None:
    """Print figures by verdict and document."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from needs.report.audit import VERDICTS  # noqa: PLC0415

    documents = sorted(set(found["document"]))
    table = Table(title=f"{name}: {len(found):,} figures", title_justify="left")
    table.add_column("verdict")
    for d in (*documents, "all"):
        table.add_column(d, justify="right")
    for verdict, words in VERDICTS.items():
        here = found[found["verdict"] == verdict]
        counts = [int((here["document"] == d).sum()) for d in documents]
        table.add_row(words, *(f"{n:,}" for n in (*counts, sum(counts))))
    recomputed = found[found["checked_by"] == "recomputed"]
    counts = [int((recomputed["document"] == d).sum()) for d in documents]
    table.add_section()
    table.add_row("Worked out again from others", *(f"{n:,}" for n in (*counts, sum(counts))))
    Console(highlight=False).print(table)


def _list(found: pd.DataFrame) -> None:
    """Print every figure that does not agree: place, as printed, what would agree, evidence."""
    from needs.report.audit import BETWEEN, VERDICTS  # noqa: PLC0415

    for verdict in LISTED:
        rows = found[found["verdict"] == verdict]
        if rows.empty:
            continue
        typer.echo(f"\n{VERDICTS[verdict]}: {len(rows):,}")
        for r in rows.to_dict("records"):
            what = ", ".join(r[k] for k in ("measure", "group", "by", "period") if r[k])
            would = f"; would agree: {r['would_agree']}" if r["would_agree"] else ""
            typer.echo(f"  {r['document']}, {r['place']}: {what}")
            typer.echo(f"    printed {r['printed']}{would}")
            for line in r["evidence"].split(BETWEEN):
                typer.echo(f"    {line}")
