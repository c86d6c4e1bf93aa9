"""``needs synthesise``: write the records of a synthetic study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from needs.vocabulary.errors import Fault, StudyError

__all__ = ["synthesise"]


def synthesise(
    study: Annotated[Path, typer.Argument(help="A study.toml, or the folder that holds it.")],
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing where the records are already there.")
    ] = False,
) -> None:
    r"""Write a synthetic study's records, and the truth they were made from.

    The study file says how, in its section [synthesis]. Nobody in these records exists; every
    output made from them says so. The same seed gives the same bytes.

    \b
    Examples:
      needs synthesise analysis/oxfordshire-2022-23
      needs synthesise analysis/oxfordshire-2022-23 --if-missing
    """
    from needs.vocabulary.study import load_study  # noqa: PLC0415

    settings = load_study(study)
    if settings.synthesis is None:
        if if_missing:
            return
        mend = "add it, or leave this command to synthetic studies"
        raise StudyError(
            "this study is not synthetic",
            [Fault("study.toml", "there is no section [synthesis]", mend, column="synthesis")],
        )
    folder = settings.folder / "inputs"
    if if_missing and (folder / "truth").is_dir():
        return
    from needs.synthetic import study as synthetic  # noqa: PLC0415

    made = synthetic.synthesise(
        folder, synthetic.PRESETS[settings.synthesis.authority](), settings.synthesis,
        settings.period.year, settings.seed,
    )  # fmt: skip
    episodes = len(made.lives.episodes)
    typer.echo(
        f"synthetic records of {settings.name}: {episodes:,} episodes, truth in inputs/truth"
    )
