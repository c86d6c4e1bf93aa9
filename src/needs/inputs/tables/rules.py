"""Rules between the columns of a row, and between rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.tables.declare import Rule, TableSpec
from needs.vocabulary.edge import STAGE_UNITS
from needs.vocabulary.study import Study
from needs.vocabulary.study_sections import default_categories
from needs.vocabulary.targets import MEASURES, whom

__all__ = ["Broken", "broken_rules"]

Flags = npt.NDArray[np.bool_]
Broken = Callable[[pd.DataFrame], Flags]

SHARES = ("percent", "percent1", "percent2")


def _order(rule: Rule, frame: pd.DataFrame) -> Flags:
    first, second = (frame[c] for c in rule.columns)
    return (first > second).to_numpy(bool)


def _exactly_one(rule: Rule, frame: pd.DataFrame) -> Flags:
    return (frame[list(rule.columns)].notna().sum(axis=1) != 1).to_numpy(bool)


def _at_least_one(rule: Rule, frame: pd.DataFrame) -> Flags:
    return frame[list(rule.columns)].isna().all(axis=1).to_numpy(bool)


def _one_of_each(rule: Rule, frame: pd.DataFrame) -> Flags:
    first, second = (frame[c].astype(object) for c in rule.columns)
    known = first.notna() & second.notna()
    pairs = pd.DataFrame({"a": first[known].str.casefold(), "b": second[known].str.casefold()})
    several = pairs.groupby("a")["b"].transform("nunique") > 1
    return several.reindex(frame.index, fill_value=False).to_numpy(bool)


def _share(rule: Rule, frame: pd.DataFrame) -> Flags:
    share = frame["unit"].astype(object).isin(SHARES)
    values = frame[list(rule.columns)]
    least = np.zeros((len(frame), 1))
    if "measure" in frame:  # a change may be one downwards
        least = np.where(frame["measure"].astype(object) == "change_pct", -100.0, 0.0)[:, None]
    outside = ((values < least) | (values > 100)).any(axis=1)
    return (share & outside).to_numpy(bool)


def _unit_fits(rule: Rule, frame: pd.DataFrame) -> Flags:
    stage, unit = (frame[c].astype(object) for c in rule.columns)
    known = (stage.notna() & unit.notna()).to_numpy(bool)
    pairs = zip(stage, unit, strict=True)
    fits = np.array([u in STAGE_UNITS.get(s, ()) for s, u in pairs], dtype=bool)
    out: Flags = known & ~fits
    return out


def _measure_fits(rule: Rule, frame: pd.DataFrame) -> Flags:
    measure, unit = (frame[c].astype(object) for c in rule.columns)
    known = (measure.notna() & unit.notna()).to_numpy(bool)
    fits = np.array([u in MEASURES.get(m, ()) for m, u in zip(measure, unit, strict=True)], bool)
    out: Flags = known & ~fits
    return out


def _part_of(rule: Rule, frame: pd.DataFrame, study: Study | None) -> Flags:
    """Return rows whose first is no part of the second, or all of it; blank is all children."""
    known = whom(study.categories if study else default_categories())
    part, whole = (frame[c].astype(object).where(frame[c].notna(), "all") for c in rule.columns)
    share = frame["measure"].astype(object) == "share_pct"

    def wrong(a: str, b: str) -> bool:
        of, among = (known[k].types if k in known else None for k in (a, b))
        if among is None:  # nothing is a part of where children live, or of a flow
            return b in known and a in known
        return of is not None and not of < among

    found = np.array([wrong(a, b) for a, b in zip(part, whole, strict=True)], dtype=bool)
    out: Flags = found & share.to_numpy(bool)
    return out


def _key(columns: tuple[str, ...], frame: pd.DataFrame) -> Flags:
    return frame.duplicated(list(columns)).to_numpy(bool)


_RULES: dict[str, tuple[Callable[[Rule, pd.DataFrame], Flags], str, str]] = {
    "order": (_order, "{0} lies after {1}", "correct one of the two"),
    "exactly_one": (_exactly_one, "not exactly one of {all} is given", "give one of them"),
    "at_least_one": (_at_least_one, "none of {all} is given", "give at least one of them"),
    "one_of_each": (
        _one_of_each,
        "the same {0} stands for more than one {1}",
        "write the same {1} in each row",
    ),
    "unit_fits": (
        _unit_fits,
        "{0} is not counted in this {1}",
        "give the {1} in which it is counted: see `needs inputs`",
    ),
    "measure_fits": (
        _measure_fits,
        "{1} is none that this {0} is given in",
        "give a {1} of the {0}, such as percent for a share: see `needs inputs`",
    ),
    "share": (_share, "a per cent that lies outside 0 to 100", "correct it, or its unit"),
}


_PART = (
    "a share of children of whom those counted are no part, or all",
    "name in `of` the children that the share is of; leave it blank for all children",
)


def broken_rules(
    spec: TableSpec, study: Study | None = None
) -> dict[str, tuple[Broken, tuple[str, ...], str]]:
    """Return the rules of whole rows: words -> which rows break it, its columns, mend."""
    made: dict[str, tuple[Broken, tuple[str, ...], str]] = {}
    for rule in spec.rules:
        if rule.kind == "part_of":
            made[_PART[0]] = (partial(_part_of, rule, study=study), rule.columns, _PART[1])
            continue
        broken, words, mend = _RULES[rule.kind]
        names = {"all": ", ".join(rule.columns)}
        said = words.format(*rule.columns, **names)
        made[said] = (partial(broken, rule), rule.columns, mend.format(*rule.columns, **names))
    key = ", ".join(spec.key)
    said = f"two rows have the same {key} and differ otherwise"
    made[said] = (partial(_key, spec.key), spec.key, "take one of them out, or correct it")
    return made
