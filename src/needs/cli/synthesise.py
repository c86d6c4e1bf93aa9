"""``needs synthesise`` and ``needs synthesise-region``: write records of children who are not."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from needs.vocabulary.study import Study

__all__ = ["synthesise", "synthesise_region"]


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
    folder = settings.folder / "inputs"
    if if_missing and (settings.synthesis is None or _written(settings)):
        return
    from needs.synthetic import study as synthetic  # noqa: PLC0415

    made = synthetic.synthesise(
        folder,
        synthetic.preset(settings),
        synthetic.asked(settings),
        settings.period.year,
        settings.seed,
    )
    episodes = len(made.lives.episodes)
    typer.echo(
        f"synthetic records of {settings.name}: {episodes:,} episodes, truth in inputs/truth"
    )


def synthesise_region(
    folder: Annotated[Path, typer.Argument(help="Where the studies go: a new or empty folder.")],
    authorities: Annotated[
        int, typer.Option("--authorities", "-n", min=1, max=99, help="How many.")
    ] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every draw.")] = 20230331,
    years: Annotated[
        tuple[str, str], typer.Option(help="Reporting years of the first and the last return.")
    ] = ("2013-14", "2022-23"),
    dirt: Annotated[
        bool, typer.Option("--dirt/--no-dirt", help="Plant the faults that real returns have.")
    ] = True,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes at once; as many as processors.")
    ] = None,
) -> None:
    r"""Write a region of synthetic authorities, each a study that runs.

    They differ in size, entries for each resident child, unaccompanied children, prices and the
    course of their rates. FOLDER/authorities.csv lists them with what they were made from, and
    each study's inputs/truth holds the rates its children live by. A region written there
    before is replaced. The same seed gives the same bytes, with any number of processes.

    \b
    Examples:
      needs synthesise-region analysis/region
      needs synthesise-region /tmp/small -n 3 --years 2020-21 2022-23 --no-dirt
      needs run analysis/region/ashwick
    """
    from needs.synthetic.region import draw, write_region  # noqa: PLC0415
    from needs.vocabulary.periods import ReportingYear  # noqa: PLC0415

    try:
        first, last = (ReportingYear.parse(y) for y in years)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--years") from error
    if first > last:
        raise typer.BadParameter("the first year lies after the last", param_hint="--years")
    begun, members = time.monotonic(), draw(authorities, seed)
    at_once = min(jobs or os.cpu_count() or 1, authorities)
    made = []
    for one in write_region(folder, members, first, last, dirt=dirt, jobs=at_once):
        made.append(one)
        typer.echo(
            f"{len(made)} of {authorities}: {one.name}, {one.children_31_march:,} children",
            err=True,
        )
    spent = time.monotonic() - begun
    typer.echo(
        f"a synthetic region of {authorities} in {folder}: {sum(o.episodes for o in made):,} "
        f"episodes in {spent:.0f} s, listed in authorities.csv"
    )


def _written(study: Study) -> bool:
    """Return whether the truth is there, and every file of the inputs that the study names."""
    patterns = [p for name in type(study.inputs).model_fields for p in study.inputs.patterns(name)]
    ours = (p for p in patterns if p.startswith("inputs/"))
    truth = (study.folder / "inputs" / "truth").is_dir()
    return truth and all(any(study.folder.glob(p)) for p in ours)
