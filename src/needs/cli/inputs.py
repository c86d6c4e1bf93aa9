"""``needs inputs``: the authority's own tables, and what their files hold."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["inputs"]


def inputs(
    table: Annotated[
        str, typer.Argument(help="A table, such as costs; all of them where none is given.")
    ] = "",
    template: Annotated[
        bool, typer.Option("--template", help="Print an empty form of it, CSV, instead.")
    ] = False,
) -> None:
    r"""Print the columns of the tables that a study may have, beside its returns.

    \b
    Examples:
      needs inputs
      needs inputs costs
      needs inputs costs --template > costs.csv
    """
    from needs.inputs.tables import NAMES, docs  # noqa: PLC0415
    from needs.vocabulary.errors import Fault, StudyError  # noqa: PLC0415

    if (table or template) and table not in NAMES:
        mend = f"one of: {', '.join(NAMES)}"
        raise StudyError("there is no such table", [Fault("needs inputs", "unknown name", mend)])
    if template:
        typer.echo(docs.template(table), nl=False)
    else:
        typer.echo(docs.section(table) if table else docs.page(), nl=False)
