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
    independent: Annotated[
        bool,
        typer.Option(
            "--independent",
            help="The assurer declares that somebody else made the analysis; asked for with "
            "--sign assurer.",
        ),
    ] = False,
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
    AQuA Book; no name is kept. A signature, in sign_off.toml beside study.toml, holds for what
    the report is made from and for every file of it, but for the sentence on covers that says
    who signed. The approver signs last: when another role signs again, the approval lapses. Run
    the study again to print on the covers that all have signed.

    \b
    Examples:
      needs review analysis/ours-2024
      needs review analysis/ours-2024 --sign analyst --date 2024-09-02
      needs review analysis/ours-2024 --sign assurer --independent --date 2024-09-05
      needs review analysis/ours-2024 --check
    """
    from needs.report.review.pack import write_pack  # noqa: PLC0415
    from needs.report.review.report import reviewed  # noqa: PLC0415
    from needs.report.target import near  # noqa: PLC0415

    if sign is not None and (sign not in ROLES or check):
        raise typer.BadParameter(f"--sign takes one of {', '.join(ROLES)}, and not with --check")
    if independent and sign != "assurer":
        raise typer.BadParameter("--independent goes with --sign assurer alone")
    if (date is None) != (sign is None):
        raise typer.BadParameter("--sign and --date go together: no clock is read")
    found = reviewed(study, report)
    if check:
        _check(found)
    elif sign is not None:
        _sign(found, sign, _day(date or ""), independent)
    else:
        typer.echo(f"review pack: {near(write_pack(found, out, since))}")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--date takes a day such as 2024-09-02") from None


def _sign(found: Reviewed, role: str, day: dt.date, independent: bool) -> None:
    """Write a signature and say what it holds for."""
    from needs.report.review.report import keep_signed  # noqa: PLC0415
    from needs.report.review.results import shortened  # noqa: PLC0415
    from needs.report.review.sign_off import (  # noqa: PLC0415
        Signature,
        lapses,
        signed,
        statement,
        write_signatures,
    )

    if found.damage:
        raise RenderError(
            f"{found.damage[0]} of the report is missing, or was changed by somebody. "
            f"Mend: needs run {found.study.name}"
        )
    if found.strays:
        raise RenderError(f"{found.strays[0]} is not a file of the report. Mend: move it elsewhere")
    if day < found.study.period.as_at:
        raise SignOffError("the day of the signature lies before the day that the study looks from")
    new = Signature(role, day, found.content, independent)
    after = signed(found.signatures, new, found.content)
    keep_signed(found, after)
    path = write_signatures(found.study.folder, after)
    typer.echo(f"signed: {role}, {len(found.content)} hashes, in {path.parent.name}/{path.name}")
    typer.echo(statement(after, found.content))
    for s in after:
        if s.role != role and (why := lapses(s, after, found.content)):
            typer.echo(f"{s.role} must sign again: {shortened(why)}")
    typer.echo(f"to print that on the covers: needs run {found.study.name}")


def _check(found: Reviewed) -> None:
    """Say who signed which content, and raise where it is not what is there now."""
    from needs.report.review.results import shortened  # noqa: PLC0415
    from needs.report.review.sign_off import lapses  # noqa: PLC0415

    broken = []
    for s in found.signatures:
        why = lapses(s, found.signatures, found.content)
        state = f"does not hold: {shortened(why)}" if why else "holds"
        typer.echo(f"{s.role}, {s.date}, content {s.mark}: {state}")
        broken += [s.role] if why else []
    for part in found.damage:
        typer.echo(f"{part}: missing, or changed by somebody after the report was made")
    for part in found.false_covers:
        typer.echo(f"{part}: its cover says signed off, and is not")
    typer.echo(found.state if not found.damage else "not as it was made")
    if found.waiting_covers:
        typer.echo(f"covers do not say so yet: needs run {found.study.name}")
    if broken or found.false_covers or (found.damage and found.signatures):
        roles = ", ".join(broken) or "all who signed"
        raise SignOffError(f"the report is not what was signed by: {roles}")
