"""Declarations of tables, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from needs.vocabulary.codes import code_set
from needs.vocabulary.study import Study
from needs.vocabulary.targets import whom
from needs.vocabulary.units import UNITS

__all__ = ["NAMES", "Column", "Rule", "TableSpec", "Wide", "code_lists", "table_spec"]

NAMES = (
    "assessments",
    "attributes",
    "costs",
    "providers",
    "contracts",
    "uplifts",
    "allowances",
    "provision",
    "voids",
    "carers",
    "referrals",
    "edge_of_care",
    "postcodes",
    "finance",
    "placement_budget",
    "care_leavers",
    "targets",
    "action_plan",
    "scorecard",
    "narrative",
    "cited",
    "assumptions",
)
"""Every table by the name of its input, in the order of the documentation."""

Kind = Literal[
    "child",
    "id",
    "slug",
    "text",
    "postcode",
    "period",
    "date",
    "code",
    "boolean",
    "integer",
    "number",
    "money",
]
RuleKind = Literal[
    "order",
    "exactly_one",
    "at_least_one",
    "one_of_each",
    "share",
    "unit_fits",
    "measure_fits",
    "part_of",
]

_CHILD = {
    "about": "Identifier of the child, as in the returns. It goes no further than the reader.",
    "aliases": ["child", "childid"],
    "example": "CHILD0001",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        As written in the first row of a file, in lower case.
    kind : str
        What a cell holds; ``child`` becomes a row number of the records.
    required : bool
        Whether a file must have the column.
    filled : bool
        Whether every cell must hold something; by default as ``required``.
    about : str
        What it means, for the documentation.
    example : str
        A cell of the template; empty for a blank one.
    unit : str
        Key of :data:`needs.vocabulary.units.UNITS`, or ``metres``; empty where it has none.
    codes : str
        List of allowed values: a name of ``lists.toml``, ``units``, ``dfe:LIST`` or
        ``setting:SECTION.KEY`` of the study.
    minimum, maximum : float or None
        Least and greatest value allowed.
    range_setting : str
        Section of the study that gives the limits instead.
    aliases : tuple of str
        Other names by which the column is known.
    keep : bool
        Whether analyses see it; a column that is only a key is dropped once it is checked.
    hint : str
        What the user may have meant, where a value lies outside its limits.
    """

    name: str
    kind: Kind
    required: bool = False
    filled: bool = False
    about: str = ""
    example: str = ""
    unit: str = ""
    codes: str = ""
    minimum: float | None = None
    maximum: float | None = None
    range_setting: str = ""
    aliases: tuple[str, ...] = ()
    keep: bool = True
    hint: str = ""

    def allowed(self, study: Study) -> Mapping[str, str]:
        """Return the values that a cell of kind ``code`` may hold, and their words."""
        source, _, name = self.codes.partition(":")
        if source == "units":
            return {key: unit.label for key, unit in UNITS.items()}
        if source == "dfe":
            return code_set(name).labels
        if self.codes == "setting:categories.types":
            return {t.key: t.label for t in study.categories.types}
        if self.codes == "setting:targets.whom":
            return {k: w.label for k, w in whom(study.categories).items()}
        if self.codes == "setting:assessment.domains":
            return study.assessment.labels
        return code_lists()[self.codes]

    @property
    def numbered(self) -> bool:
        """Whether its cells become numbers, because what they hold goes no further."""
        return self.kind == "child" or not self.keep

    def limits(self, study: Study) -> tuple[float | None, float | None]:
        """Return the least and greatest value allowed."""
        if self.range_setting == "assessment":
            return study.assessment.scale_min, study.assessment.scale_max
        return self.minimum, self.maximum


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule between columns of a row, or (``one_of_each``) between rows.

    Parameters
    ----------
    kind : str
        One of :data:`RuleKind`.
        ``order``: the first is not after (or above) the second; blank cells pass.
        ``one_of_each``: rows with the same first have the same second.
        ``share``: where ``unit`` is a per cent that is a share, values lie from 0 to 100.
        ``unit_fits``: the second is a unit in which the first, a stage, may be counted.
        ``measure_fits``: the second is a unit in which the first, a target's measure, is given.
        ``part_of``: where ``measure`` is a share, the first holds children of the second.
    columns : tuple of str
        The columns it speaks of.
    """

    kind: RuleKind
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wide:
    """A second form of a table: its names as columns, one row for all of them."""

    names: str
    values: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table: what its files must hold.

    Parameters
    ----------
    name : str
        Name of the input, as in ``inputs`` of the study.
    title, about : str
        For the documentation.
    columns : mapping of str to Column
        In the order of the template.
    key : tuple of str
        Columns that name a row; two rows of one key are a fault unless they are the same.
    rules : tuple of Rule
        Rules between columns.
    blank_is_no_row : tuple of str
        A row with one of these blank is left out and counted.
    provider : str
        Column that names a provider, to be found in the table of providers.
    weekly, amount : str
        Columns of the pounds that a row stands for: a week, or for all of its time.
    wide : Wide or None
        Its wide form, where it has one.
    """

    name: str
    title: str
    about: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    blank_is_no_row: tuple[str, ...] = ()
    provider: str = ""
    weekly: str = ""
    amount: str = ""
    wide: Wide | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that every file must have."""
        return tuple(c.name for c in self.columns.values() if c.required)

    @property
    def child(self) -> str:
        """Column that names a child; empty where there is none."""
        return next((c.name for c in self.columns.values() if c.kind == "child"), "")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("needs.inputs.tables").joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def code_lists() -> Mapping[str, Mapping[str, str]]:
    """Return the lists of allowed values of our own: name -> value -> words."""
    return MappingProxyType({k: MappingProxyType(v) for k, v in _read("lists").items()})


def _column(name: str, spec: dict[str, Any]) -> Column:
    facts = {**(_CHILD if spec["kind"] == "child" else {}), **spec}
    required = facts.pop("required", False)
    return Column(
        name,
        facts.pop("kind"),
        required,
        facts.pop("filled", required),
        minimum=facts.pop("min", None),
        maximum=facts.pop("max", None),
        range_setting=facts.pop("range", "").removeprefix("setting:"),
        aliases=tuple(facts.pop("aliases", ())),
        **facts,
    )


def _rule(spec: dict[str, list[str]]) -> Rule:
    ((kind, columns),) = spec.items()
    known = get_args(RuleKind)
    if kind not in known:
        raise ValueError(f"a rule is one of {', '.join(known)}")
    return Rule(cast("RuleKind", kind), tuple(columns))


@cache
def table_spec(name: str) -> TableSpec:
    """Return the declaration of a table.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.

    Raises
    ------
    KeyError
        If there is no table of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    facts = _read(name)
    columns = {n: _column(n, c) for n, c in facts["columns"].items()}
    return TableSpec(
        name,
        facts["title"],
        " ".join(facts["about"].split()),
        MappingProxyType(columns),
        tuple(facts["key"]),
        tuple(_rule(r) for r in facts.get("rules", ())),
        tuple(facts.get("blank_is_no_row", ())),
        facts.get("provider", ""),
        facts.get("weekly", ""),
        facts.get("amount", ""),
        Wide(**facts["wide"]) if "wide" in facts else None,
    )
