"""The study: one authority, one reporting period, and every setting of its analysis.

This is the published schema of ``study.toml`` (``needs schema`` prints it as JSON
Schema). Unknown keys and bad values are refused with their key, line and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import (
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from needs.vocabulary.annexes import Annexes
from needs.vocabulary.errors import Fault, StudyError
from needs.vocabulary.scenarios import Forecasting, LeverSettings, Scenario
from needs.vocabulary.strategies import (
    Commissioning,
    Strategy,
    contradictions,
    levers_of,
    unknown_in,
)
from needs.vocabulary.strategies import (
    unknown_types as lost_types,
)
from needs.vocabulary.study_board import Board
from needs.vocabulary.study_budget import Budget, Rise
from needs.vocabulary.study_costs import Costs
from needs.vocabulary.study_documents import DocumentSettings, usual_documents
from needs.vocabulary.study_fostering import FosterTarget
from needs.vocabulary.study_invest import ENDS, Investment, too_early, unknown_types
from needs.vocabulary.study_sections import (
    VALUING_CARE,
    Assessment,
    Authority,
    Categories,
    CategoryRule,
    Comparators,
    Counting,
    Disclosure,
    Inputs,
    Period,
    PlacementType,
    Quality,
    ReportSettings,
    Scope,
    Section,
    Synthesis,
    default_categories,
)
from needs.vocabulary.toml_lines import line_of

__all__ = [
    "SCHEMA_VERSION",
    "VALUING_CARE",
    "Annexes",
    "Assessment",
    "Authority",
    "Budget",
    "Categories",
    "CategoryRule",
    "Commissioning",
    "Comparators",
    "Costs",
    "Counting",
    "Disclosure",
    "Forecasting",
    "FosterTarget",
    "Inputs",
    "Investment",
    "LeverSettings",
    "Period",
    "PlacementType",
    "Quality",
    "ReportSettings",
    "Rise",
    "Scenario",
    "Scope",
    "Strategy",
    "Study",
    "Synthesis",
    "load_study",
]

SCHEMA_VERSION = 1


class Study(Section):
    """One authority, one reporting period."""

    schema_version: int = Field(description=f"Version of this schema: {SCHEMA_VERSION}")
    authority: Authority
    period: Period
    inputs: Inputs
    seed: int = Field(20230331, ge=0, lt=2**32, description="Seed of every random draw")
    assessment: Assessment = Assessment()
    quality: Quality = Quality()
    counting: Counting = Counting()
    disclosure: Disclosure = Disclosure()
    categories: Categories = Field(default_factory=default_categories)
    comparators: Comparators = Comparators()
    costs: Costs = Costs()
    budget: Budget = Budget()
    report: ReportSettings = ReportSettings()
    forecast: Forecasting = Forecasting()
    scenarios: tuple[Scenario, ...] = Field((), max_length=8, description="What-ifs of demand")
    investment: Investment = Field(default_factory=Investment)
    board: Board = Board()
    fostering: FosterTarget = FosterTarget()
    strategies: tuple[Strategy, ...] = Field(
        (), max_length=6, description="Levers, homes and carers together, compared side by side"
    )
    commissioning: Commissioning = Commissioning()
    annexes: Annexes = Annexes()
    documents: tuple[DocumentSettings, ...] = Field(
        default_factory=usual_documents, description="Documents made of some of the chapters"
    )
    synthesis: Synthesis | None = None
    _folder: Path = PrivateAttr(default=Path())

    @field_validator("scenarios")
    @classmethod
    def _apart(cls, scenarios: tuple[Scenario, ...], info: ValidationInfo) -> tuple[Scenario, ...]:
        keys = [s.key for s in scenarios]
        if len(set(keys)) < len(keys):
            raise ValueError("two scenarios have the same key")
        _refuse("scenarios", list(_of_levers(scenarios, info.data.get("categories"))))
        return scenarios

    @field_validator("strategies")
    @classmethod
    def _consistent(
        cls, strategies: tuple[Strategy, ...], info: ValidationInfo
    ) -> tuple[Strategy, ...]:
        """Refuse strategies that name what is not there, or whose levers contradict each other."""
        keys = [s.key for s in strategies]
        if len(set(keys)) < len(keys):
            raise ValueError("two strategies have the same key")
        known, categories = info.data.get("scenarios", ()), info.data.get("categories")
        types = [t.key for t in categories.types] if categories else None
        wrong: list[Wrong] = []
        for k, s in enumerate(strategies):
            if types is not None and "scenarios" in info.data and "investment" in info.data:
                lost = unknown_in(s, known, info.data["investment"], types)
                wrong += [((k, key), rule) for key, rule in lost]
            wrong += [((k, "levers"), rule) for rule in contradictions(levers_of(s, known))]
        _refuse("strategies", wrong)
        return strategies

    @field_validator("investment", mode="wrap")
    @classmethod
    def _typed(
        cls, given: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Investment:
        """Refuse unknown types and days before the first year, with whatever else is wrong."""
        categories, period = info.data.get("categories"), info.data.get("period")
        lost = (
            unknown_types(given, frozenset(t.key for t in categories.types)) if categories else []
        )
        early = too_early(given, period.year) if period else []
        errors = [
            InitErrorDetails(type=PydanticCustomError(kind, words), loc=at, input=None)
            for kind, words, places in (
                ("unknown_type", "there is no placement type of that key in [categories]", lost),
                ("too_early", "before the first year of [investment]", early),
            )
            for at in places
        ]
        try:
            made: Investment = handler(given)
        except ValidationError as e:
            errors = [*_again(e), *errors]
        if errors:
            raise ValidationError.from_exception_data("investment", errors)
        return made

    @field_validator("documents")
    @classmethod
    def _names_differ(cls, given: tuple[DocumentSettings, ...]) -> tuple[DocumentSettings, ...]:
        names = [d.name for d in given]
        if len(set(names)) < len(names) or {"index", "needs-analysis"} & set(names):
            raise ValueError("two documents would be written to the same files")
        return given

    @model_validator(mode="after")
    def _labelled(self) -> Study:
        if self.synthesis and not self.report.synthetic:
            raise ValueError("a study with [synthesis] must say synthetic = true in [report]")
        return self

    @model_validator(mode="after")
    def _types_known(self) -> Study:
        unknown = sorted(set(self.budget.next_april) - {t.key for t in self.categories.types})
        if unknown:
            raise ValueError(
                "budget.next_april names placement types that are not in the category map: "
                + ", ".join(unknown)
            )
        return self

    @field_validator("schema_version")
    @classmethod
    def _version(cls, version: int) -> int:
        if version > SCHEMA_VERSION:
            raise ValueError(
                f"the study is written for schema {version}, this program knows up to "
                f"{SCHEMA_VERSION}: install a later version of needs"
            )
        if version < 1:
            raise ValueError("schema_version starts at 1")
        return version

    @property
    def folder(self) -> Path:
        """Folder of the study file."""
        return self._folder

    @property
    def name(self) -> str:
        """Name of the study: its folder's name."""
        return self._folder.name


Wrong = tuple[tuple[int | str, ...], str]
"""Where in a section, and which rule it breaks."""


def _of_levers(scenarios: tuple[Scenario, ...], categories: Categories | None) -> Iterator[Wrong]:
    """Yield what is wrong with the levers of scenarios."""
    types = None if categories is None else {t.key for t in categories.types}
    for k, s in enumerate(scenarios):
        if types is not None and lost_types(s.levers, types):
            yield (k, "levers"), "there is no placement type of that key in [categories]"
        yield from (((k, "levers"), rule) for rule in contradictions(s.levers))


def _refuse(section: str, wrong: Sequence[Wrong]) -> None:
    """Raise every fault of a section at once.

    Raises
    ------
    ValidationError
        One error for each.
    """
    if wrong:
        errors = [
            InitErrorDetails(
                type=PydanticCustomError("inconsistent", "{said}", {"said": rule}),
                loc=at,
                input=None,
            )
            for at, rule in wrong
        ]
        raise ValidationError.from_exception_data(section, errors)


def _again(error: ValidationError) -> list[InitErrorDetails]:
    """Return the errors that were found, to be raised with more.

    A plain number that stands for low, central and high is refused once.
    """
    found: dict[tuple[object, ...], InitErrorDetails] = {}
    for e in error.errors(include_url=False):
        at = e["loc"]
        whole = at[:-1] if at and at[-1] in ENDS else at
        key = (whole, e["msg"], repr(e["input"]))
        said = PydanticCustomError(e["type"], "{said}", {**e.get("ctx", {}), "said": e["msg"]})
        found[key] = InitErrorDetails(
            type=said, loc=whole if key in found else at, input=e["input"]
        )
    return list(found.values())


def _allowed(error: dict[str, Any]) -> str:
    """Return what would have been right, in words."""
    ctx = error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        return "take the key out, or check its spelling against `needs schema`"
    if error["type"] == "missing":
        return "add the key"
    if error["type"] == "inconsistent":
        return "correct the key it names, or take one of the levers out"
    if "expected" in ctx:
        return f"allowed: {ctx['expected']}"
    if "pattern" in ctx:
        return f"must match {ctx['pattern']}"
    return "see `needs schema` for what is allowed"


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        The ``study.toml``, or the folder that holds it.

    Returns
    -------
    Study
        Frozen settings; ``folder`` is where inputs are looked for.

    Raises
    ------
    StudyError
        With one fault for each unknown key and bad value: key, line, and what is allowed.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "study.toml"
    name = path.name
    if not path.is_file():
        raise StudyError(
            f"there is no study file at {path}",
            [Fault(name, "file not found", "give the path of a study.toml or its folder")],
        )
    try:
        text = path.read_text("utf-8-sig")
        raw = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        rule = "not UTF-8 text" if isinstance(e, UnicodeDecodeError) else f"not TOML: {e}"
        raise StudyError(
            "the study file cannot be read", [Fault(name, rule, "mend the file")]
        ) from None
    try:
        study = Study.model_validate(raw)
    except ValidationError as e:
        faults = []
        for err in e.errors(include_url=False, include_input=False):
            key = ".".join(str(p) for p in err["loc"]) or "study"
            line = line_of(text, err["loc"])
            rule = {"extra_forbidden": "unknown key", "missing": "required key is missing"}.get(
                err["type"], err["msg"].removeprefix("Value error, ")
            )
            faults.append(
                Fault(
                    name, f"line {line}: {rule}" if line else rule, _allowed(dict(err)), column=key
                )
            )
        raise StudyError("the study file is not valid", faults) from None
    object.__setattr__(study, "_folder", path.resolve().parent)
    return study
