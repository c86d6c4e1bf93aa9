"""``needs check``: read and check a study's inputs, and write nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from needs.vocabulary.records import Published, Records, StudyData, Table

__all__ = ["check"]


def check(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
) -> None:
    r"""Read and check a study and all its inputs; write nothing.

    Prints what was read and, for child-level returns, what each rule of data quality found.
    Then makes the analyses of the study's chapters: what would stop a run stops the check,
    with the same faults and exit code. Faults come with the mend of each.

    \b
    Example:
      needs check analysis/oxfordshire-published
    """
    from needs.inputs.registry import open_data  # noqa: PLC0415
    from needs.report.content_key import declared_inputs, input_hashes  # noqa: PLC0415
    from needs.report.guard import check_inputs  # noqa: PLC0415
    from needs.report.plan import chapter_sources  # noqa: PLC0415
    from needs.report.rehearsal import rehearse  # noqa: PLC0415
    from needs.vocabulary.study import load_study  # noqa: PLC0415

    settings = load_study(study)
    typer.echo(f"study {settings.name}: {settings.authority.name}, {settings.period.year}")
    declared = declared_inputs(settings)
    files = input_hashes(settings, declared)
    chapters = chapter_sources(settings)
    data = open_data(settings)
    check_inputs(data)
    for name in declared:
        n = len(files[name])
        typer.echo(f"{name}: {n} file{'s' * (n != 1)} read")
        if name == "ssda903":
            _lines(_of_records(data.records))
        elif name == "published":
            _lines(_of_published(data.published))
        else:
            _lines(_of_table(data, name))
    rehearse(data)
    typer.echo(f"chapters {', '.join(spec.number for spec, _ in chapters)}: nothing stops them")


def _lines(lines: Iterator[str]) -> None:
    for line in lines:
        typer.echo(f"  {line}")


def _of_records(records: Records) -> Iterator[str]:
    """Yield what was read and what the rules of data quality found, as lines."""
    from needs.vocabulary.records import without_header  # noqa: PLC0415

    yield f"{len(records.children):,} children, {len(records.episodes):,} episodes"
    bare = set(without_header(records))
    kept = records.returns[["label", "children_n", "episodes_n", "year_told", "copies"]]
    for label, children, episodes, told, copies in kept.itertuples(index=False):
        yield f"return {label}: {children:,} children, {episodes:,} episodes as read"
        yield f"  year of its files told by {told}"
        for copy in copies.split("; ") if copies else ():
            yield f"  read once: {copy}"
        if label in bare:
            yield "  it has no Header: name its file under inputs.ssda903 too"
    found = records.findings.query("rows_n > 0")
    if found.empty:
        yield "data quality: no rule found anything"
        return
    yield "data quality, rows of all returns by rule and what was done:"
    by = ["rule", "label", "action"]
    totals = found.groupby(by, sort=True, observed=True, as_index=False)["rows_n"].sum()
    for rule, label, action, rows in totals[[*by, "rows_n"]].itertuples(index=False):
        yield f"  {rule} {label}: {rows:,} {str(action).replace('_', ' ')}"
    yield f"differences between returns: {int(records.conflicts['rows_n'].sum()):,}"


def _of_published(published: Published) -> Iterator[str]:
    figures = published.figures
    documents = figures["document"].nunique()
    yield f"{len(figures):,} figures from {documents} document{'s' * (documents != 1)}"


def _of_table(data: StudyData, name: str) -> Iterator[str]:
    """Yield what was read of a table, and what was not found of it elsewhere."""
    from needs.vocabulary.errors import InputMissing  # noqa: PLC0415

    try:
        table = cast("Table", data.read(name))
    except InputMissing as missing:
        yield f"not tied to children: {missing}"
        return
    facts = table.facts
    words = {"duplicates_n": "said twice", "left_out_n": "left out"}
    counts = [f"{facts[k].sum():,} {w}" for k, w in words.items() if facts[k].sum()]
    yield ", ".join([f"{facts['rows_n'].sum():,} rows", *counts])
    if len(table.joins):
        missed = table.joins[table.joins["outcome"].isin(["unknown", "outside"])]
        shown = ["join", "outcome", "rows_n", "gbp"]
        missed = missed.loc[missed["rows_n"] > 0, shown]
        for join, outcome, rows, gbp in missed.itertuples(index=False):
            pounds = "" if math.isnan(gbp) else f", £{gbp:,.0f}"
            yield f"{join} {outcome}: {rows:,} rows{pounds}"
