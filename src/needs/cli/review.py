"""``needs review``: a pack for peer review, and who signed what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from needs.vocabulary.errors import RenderError, SignOffError

if TYPE_CHECKING:
    from needs.report.review.report import Reviewed

__all__ = ["review"]

ROLES = ("commissioner", "analyst", "assurer", "approver")


def review(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The study's report; reports/STUDY by default."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the pack goes; reports/review/STUDY."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A report to hold this one against; what was signed off."
        ),
    ] = None,
    sign: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help=f"Sign the report as it is: {', '.join(ROLES)}."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Day of the signature; asked for with --sign."),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Who signs; kept in the file, in no report.")
    ] = "",
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Say who signed which content; leave with exit code 23 where it changed since.",
        ),
    ] = False,
) -> None:
    r"""Make a pack for peer review of a study's report, sign the report off, or check who did.

    The pack is a folder: notebooks as text, what changed since the last signed-off run (code,
    settings, inputs, results), checks, open warnings, assumptions. The roles are those of the
    AQuA Book. A signature, in sign_off.toml beside study.toml, holds for the hashes of notebooks,
    results and manifest alone; the approver signs last. Covers say whether all have signed: run
    the study again to print that.

    \b
    Examples:
      needs review analysis/ours-2024
      needs review analysis/ours-2024 --sign analyst --date 2024-09-02
      needs review analysis/ours-2024 --sign approver --date 2024-09-09 --name "A. Person"
      needs review analysis/ours-2024 --check
    """
    from needs.report.review.pack import write_pack  # noqa: PLC0415
    from needs.report.review.report import reviewed  # noqa: PLC0415
    from needs.report.target import near  # noqa: PLC0415

    if sign is not None and (sign not in ROLES or check):
        raise typer.BadParameter(f"--sign takes one of {', '.join(ROLES)}, and not with --check")
    if (date is None) != (sign is None):
        raise typer.BadParameter("--sign and --date go together: no clock is read")
    found = reviewed(study, report)
    if check:
        _check(found)
    elif sign is not None:
        _sign(found, sign, _day(date or ""), name)
    else:
        typer.echo(f"review pack: {near(write_pack(found, out, since))}")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--date takes a day such as 2024-09-02") from None


def _sign(found: Reviewed, role: str, day: dt.date, name: str) -> None:
    """Write a signature and say what it holds for."""
    from needs.report.review.report import keep_signed  # noqa: PLC0415
    from needs.report.review.sign_off import (  # noqa: PLC0415
        Signature,
        signed,
        statement,
        write_signatures,
    )

    if found.damage:
        raise RenderError(
            f"{found.damage[0]} of the report is missing, or was changed by somebody. "
            f"Mend: needs run {found.study.name}"
        )
    if day < found.study.period.as_at:
        raise SignOffError("the day of the signature lies before the day that the study looks from")
    after = signed(found.signatures, Signature(role, day, found.content, name), found.content)
    keep_signed(found, after)
    path = write_signatures(found.study.folder, after)
    typer.echo(f"signed: {role}, {len(found.content)} hashes, in {path.parent.name}/{path.name}")
    typer.echo(statement(after, found.content))
    typer.echo(f"to print that on the covers: needs run {found.study.name}")


def _check(found: Reviewed) -> None:
    """Say who signed which content, and raise where it is not what is there now."""
    from needs.report.review.sign_off import differences, statement  # noqa: PLC0415

    broken = []
    for s in found.signatures:
        changed = differences(s, found.content)
        state = f"changed since: {'; '.join(changed)}" if changed else "holds"
        who = f"{s.role} ({s.name})" if s.name else s.role
        mark = s.hashes.get("manifest", "")[:12]
        typer.echo(f"{who}, {s.date}, content {mark}: {state}")
        broken += [s.role] if changed else []
    damage = tuple(found.damage)
    for part in damage:
        typer.echo(f"{part}: missing, or changed by somebody after the report was made")
    typer.echo(statement(found.signatures, found.content) if not damage else "not as it was made")
    if broken or (damage and found.signatures):
        roles = ", ".join(broken) or "all who signed"
        raise SignOffError(f"the report is not what was signed by: {roles}")
