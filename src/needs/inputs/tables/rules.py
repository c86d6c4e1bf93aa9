"""Rules between the columns of a row, and between rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.tables.declare import Rule, TableSpec
from needs.vocabulary.edge import STAGE_UNITS

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
    outside = ((values < 0) | (values > 100)).any(axis=1)
    return (share & outside).to_numpy(bool)


def _unit_fits(rule: Rule, frame: pd.DataFrame) -> Flags:
    stage, unit = (frame[c].astype(object) for c in rule.columns)
    known = (stage.notna() & unit.notna()).to_numpy(bool)
    pairs = zip(stage, unit, strict=True)
    fits = np.array([u in STAGE_UNITS.get(s, ()) for s, u in pairs], dtype=bool)
    out: Flags = known & ~fits
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
    "share": (_share, "a per cent that lies outside 0 to 100", "correct it, or its unit"),
}


def broken_rules(spec: TableSpec) -> dict[str, tuple[Broken, tuple[str, ...], str]]:
    """Return the rules of whole rows: words -> which rows break it, its columns, mend."""
    made: dict[str, tuple[Broken, tuple[str, ...], str]] = {}
    for rule in spec.rules:
        broken, words, mend = _RULES[rule.kind]
        names = {"all": ", ".join(rule.columns)}
        said = words.format(*rule.columns, **names)
        made[said] = (partial(broken, rule), rule.columns, mend.format(*rule.columns, **names))
    key = ", ".join(spec.key)
    said = f"two rows have the same {key} and differ otherwise"
    made[said] = (partial(_key, spec.key), spec.key, "take one of them out, or correct it")
    return made
