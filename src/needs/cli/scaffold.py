"""``needs new-study``: next year's study from this year's, or a first one from nothing."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from needs.vocabulary.errors import Fault, StudyError

if TYPE_CHECKING:
    from needs.vocabulary.study import Study

__all__ = ["FirstStudy", "moved_on", "new_study", "scaffold", "to_review"]

ASSUMPTIONS = ("id", "text", "effect", "reliability", "owner_role", "date", "source")
"""Columns of an assumptions log, after the AQuA Book (June 2025); owners are roles."""

ACTIONS = (
    "workstream",
    "project",
    "overview",
    "enablers",
    "timescale",
    "lead_role",
    "rag",
    "update",
)
"""Columns of an action plan, those that scrutiny reports print."""

REVIEW = "to_review"
TEMPLATES = "input-templates"

DECISIONS = """\
# Decisions: {name}, {year}

What was decided in making this study, newest last. Decisions of earlier years stay in
their own studies.

| decision | why | decided by (role) | date |
| --- | --- | --- | --- |
"""

INPUTS = """\
# What to put here

Files of `{study}`, for the year to {as_at}. They are matched by these patterns of
`study.toml`, relative to the study's folder:

{patterns}

SSDA903 returns may be CSV or XML, one file or many, under any names: they are told apart
by their columns. Put in every year you hold, not only the newest: trends need them, and
later returns correct earlier ones. A form of each of the authority's own tables, with one
example row, lies in `input-templates/`; `needs inputs` explains their columns. Keep
children's records out of version control; only synthetic or published figures belong there.
"""


@dataclass(frozen=True, slots=True)
class FirstStudy:
    """What a study made from nothing must be told; empty where it was not given."""

    authority_name: str = ""
    short_name: str = ""
    dfe_code: str = ""
    ons_code: str = ""
    year: str = ""
    label: str = "children looked after"

    def missing(self) -> tuple[str, ...]:
        """Return the options that were not given, as written on the command line."""
        words = {
            "--authority-name": self.authority_name,
            "--short-name": self.short_name,
            "--dfe-code": self.dfe_code,
            "--ons-code": self.ons_code,
            "--year": self.year,
        }
        return tuple(option for option, value in words.items() if not value)


def moved_on(text: str) -> str:
    r"""Return a study file's text with the period one year later and all else as it was.

    Parameters
    ----------
    text : str
        A valid ``study.toml``. Comments, order and spacing are kept.

    Examples
    --------
    >>> print(moved_on('[period]\\nreporting_year = "2022-23"\\nas_at = 2023-03-31  # census'))
    [period]
    reporting_year = "2023-24"
    as_at = 2024-03-31  # census
    """
    import tomlkit  # noqa: PLC0415

    from needs.vocabulary.periods import ReportingYear  # noqa: PLC0415

    document = tomlkit.parse(text)
    period: Any = document["period"]
    as_at = period["as_at"]
    leap_day = (as_at.month, as_at.day) == (2, 29)
    period["as_at"] = as_at.replace(year=as_at.year + 1, day=28 if leap_day else as_at.day)
    period["reporting_year"] = str(ReportingYear.parse(period["reporting_year"]) + 1)
    return tomlkit.dumps(document)


def _from_nothing(first: FirstStudy) -> str:
    """Return the template's text with the authority and the period filled in."""
    import tomlkit  # noqa: PLC0415

    from needs.vocabulary.periods import ReportingYear  # noqa: PLC0415

    try:
        year = ReportingYear.parse(first.year)
    except ValueError as error:
        raise StudyError(
            "the year cannot be read", [Fault("--year", str(error), "--year 2023-24")]
        ) from None
    document = tomlkit.parse(files("needs.templates").joinpath("study.toml").read_text("utf-8"))
    authority: Any = document["authority"]
    authority["name"] = first.authority_name
    for key in ("short_name", "dfe_code", "ons_code", "label"):
        authority[key] = getattr(first, key)
    period: Any = document["period"]
    period["reporting_year"] = str(year)
    period["as_at"] = year.end
    return tomlkit.dumps(document)


def to_review(text: str) -> str:
    """Return an assumptions log with every row marked for review.

    Parameters
    ----------
    text : str
        CSV with a header. A ``to_review`` column of an earlier year is set again.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [c for c in reader.fieldnames or ASSUMPTIONS if c != REVIEW]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*columns, REVIEW], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**row, REVIEW: "yes"} for row in reader)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")


def _header(columns: tuple[str, ...]) -> str:
    return ",".join(columns) + "\n"


def _carried(old: Path | None, name: str, default: str) -> str:
    path = old / name if old else None
    if path is None or not path.is_file():
        return default
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fault = Fault(name, "not UTF-8 text", "save it as CSV UTF-8, then run again")
        raise StudyError("the old study cannot be carried on", [fault]) from None


def _patterns(study: Study) -> dict[str, str]:
    """Return each file pattern of a study, and what the files are."""
    return {
        pattern: field.description or name
        for name, field in type(study.inputs).model_fields.items()
        if isinstance(getattr(study.inputs, name), tuple)
        for pattern in study.inputs.patterns(name)
    }


def _guide(study: Study, name: str) -> str:
    lines = "\n".join(f"- `{pattern}` ({words})" for pattern, words in _patterns(study).items())
    return INPUTS.format(study=name, as_at=study.period.as_at, patterns=lines)


def _contents(text: str, old: Path | None) -> Mapping[str, str]:
    """Return the files of the new study but its guide to inputs: name -> text."""
    return {
        "study.toml": text,
        "assumptions.csv": to_review(_carried(old, "assumptions.csv", _header(ASSUMPTIONS))),
        "action_plan.csv": _carried(old, "action_plan.csv", _header(ACTIONS)),
    }


def scaffold(target: Path, text: str, old: Path | None = None) -> Study:
    """Write a new study's folder, whole or not at all.

    Parameters
    ----------
    target : Path
        Folder to make; it must not exist, or be empty.
    text : str
        Text of its ``study.toml``.
    old : Path, optional
        Folder of the study that it follows; its assumptions and action plan are carried.

    Returns
    -------
    Study
        The new study, as read from what was written.

    Raises
    ------
    StudyError
        If the folder is taken, or the text is not a valid study.
    """
    from needs.vocabulary.study import load_study  # noqa: PLC0415

    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        mend = "choose another name, or move the old folder away"
        raise StudyError("nothing was written", [Fault(target.name, "already exists", mend)])
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-study-", dir=target.parent))
    try:
        for name, content in _contents(text, old).items():
            _write(made / name, content)
        study = load_study(made)
        year, short = study.period.reporting_year, study.authority.short_name
        _write(made / "decisions.md", DECISIONS.format(name=short, year=year))
        _make_inputs(made, study, target.name)
        _make_templates(made, study)
        made.chmod(0o755)  # mkdtemp keeps a folder to its owner
        if target.exists():
            target.rmdir()  # empty; Windows will not put a folder in its place
        made.replace(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return load_study(target)


def _make_inputs(folder: Path, study: Study, name: str) -> None:
    """Make the folders that input patterns name, and a guide that none of them reads as data."""
    patterns = list(_patterns(study))
    for parent in {PurePosixPath(pattern).parent for pattern in patterns}:
        if not set("*?[") & set(str(parent)):
            (folder / parent).mkdir(parents=True, exist_ok=True)
    guide = folder / "inputs" / "README.md"
    guide.parent.mkdir(exist_ok=True)
    _write(guide, _guide(study, name))
    if any(guide in folder.glob(pattern) for pattern in patterns):
        guide.rename(folder / "inputs-README.md")


def _make_templates(folder: Path, study: Study) -> None:
    """Write an empty form of each table, unless a pattern would read the forms as data."""
    from needs.inputs.tables import NAMES  # noqa: PLC0415
    from needs.inputs.tables.docs import template  # noqa: PLC0415

    forms = folder / TEMPLATES
    forms.mkdir()
    for name in NAMES:
        _write(forms / f"{name}.csv", template(name))
    if any(forms in found.parents for p in _patterns(study) for found in folder.glob(p)):
        shutil.rmtree(forms)


def _target(name: str, old: Path | None) -> Path:
    """Return the folder a bare name stands for: beside the old study, or in ``analysis``."""
    path = Path(name)
    if path.name != name:
        return path
    return (old.resolve().parent if old else Path("analysis")) / name


def _next_steps(target: Path, old: Path | None) -> str:
    steps = [
        f"Made {target}. Next:",
        f"  1. put the files named in {target}/inputs/README.md there",
    ]
    if old:
        steps += [
            "  2. look through study.toml: only the period was moved on, its comments were not",
            "  3. go through assumptions.csv row by row: each is marked to_review",
        ]
    else:
        steps += ["  2. look through study.toml: each key is explained there"]
    return "\n".join([*steps, f"Then: needs run {target}"])


def new_study(
    name: Annotated[str, typer.Argument(help="Folder to make, or a name beside the old study.")],
    old: Annotated[Path | None, typer.Option("--from", help="Study that this one follows.")] = None,
    authority_name: Annotated[str, typer.Option(help="Name as on the cover.")] = "",
    short_name: Annotated[str, typer.Option(help="Name in titles and sentences.")] = "",
    dfe_code: Annotated[str, typer.Option(help="DfE code, three digits.")] = "",
    ons_code: Annotated[str, typer.Option(help="ONS code, E and eight digits.")] = "",
    year: Annotated[str, typer.Option(help="Reporting year, such as 2023-24.")] = "",
    label: Annotated[
        str, typer.Option(help="The authority's own words.")
    ] = "children looked after",
) -> None:
    r"""Start a study: next year's from this year's, or a first one.

    \b
    Examples:
      needs new-study oxfordshire-2024 --from analysis/oxfordshire-2023
      needs new-study analysis/first --authority-name "Oxfordshire County Council" \
        --short-name Oxfordshire --dfe-code 931 --ons-code E10000025 --year 2023-24
    """
    from needs.vocabulary.study import load_study  # noqa: PLC0415

    if old:
        folder = load_study(old).folder
        text = moved_on((old if old.is_file() else folder / "study.toml").read_text("utf-8-sig"))
    else:
        folder = None
        first = FirstStudy(authority_name, short_name, dfe_code, ons_code, year, label)
        if first.missing():
            faults = [Fault(o, "not given", "give it, or --from a study") for o in first.missing()]
            raise StudyError("a first study needs to know whose it is", faults)
        text = _from_nothing(first)
    target = _target(name, folder)
    scaffold(target, text, folder)
    typer.echo(_next_steps(target, folder))
