"""Where children live: the authority's own placement types, and the DfE groups."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.counted import in_order
from needs.vocabulary.codes import code_set, placement_groups
from needs.vocabulary.errors import Fault, StudyError
from needs.vocabulary.study import Categories, CategoryRule, Counting

__all__ = [
    "TEMPORARY_RULE",
    "dfe_group",
    "held_before_temporary",
    "placement_type",
    "temporary_rule",
]

TEMPORARY_RULE = "the placement held before the temporary move (T codes) counts"
"""What is done about temporary placements; DfE publishes no group for them."""

_USUAL = Counting()


def temporary_rule(counting: Counting) -> str:
    """Return what is done about temporary placements, in words."""
    if counting.temporary_moves == "as_recorded":
        return "the temporary placement itself counts, as it was recorded"
    return TEMPORARY_RULE


Mask = npt.NDArray[np.bool_]


def held_before_temporary(
    episodes: pd.DataFrame, counting: Counting = _USUAL
) -> npt.NDArray[np.intp]:
    """Return, for each episode, the position of the episode whose placement counts.

    Parameters
    ----------
    episodes : pandas.DataFrame
        As in :class:`needs.vocabulary.records.Records`.
    counting : Counting
        Says whether the placement before a temporary move counts.

    Returns
    -------
    numpy.ndarray of int
        The episode itself, unless it is a temporary move (codes T0 to T4): then the last
        other placement of the same period of care, where there is one. Where temporary
        moves count as recorded, always the episode itself.
    """
    if counting.temporary_moves == "as_recorded":
        return np.arange(len(episodes))
    order = in_order(episodes)
    temporary = episodes["place"].isin(code_set("PLACE").in_group("temporary")).to_numpy()[order]
    period = episodes["period_of_care"].to_numpy()[order]
    here = np.arange(len(order))
    last = np.maximum.accumulate(np.where(temporary, -1, here))
    known = (last >= 0) & (period[last] == period)
    held = np.empty_like(here)
    held[order] = order[np.where(known, last, here)]
    return held


def placement_type(frame: pd.DataFrame, categories: Categories) -> pd.Categorical:
    """Return the authority's own placement type of each row.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``place, provider, urn`` (category) and ``age`` (completed years on the
        day looked at); optionally ``route`` (purchase route).
    categories : Categories
        The study's category map. Rules are tried in order, the first that holds decides.
        A rule with a route holds only where the frame has one.

    Returns
    -------
    pandas.Categorical
        Keys of the types in the order of the map; missing where no rule holds because
        the placement was not recorded.

    Raises
    ------
    StudyError
        If recorded placements meet no rule: one fault for each combination of codes.
    """
    chosen = np.full(len(frame), -1)
    keys = [t.key for t in categories.types]
    for rule in categories.rules:
        holds = (chosen < 0) & _holds(rule, frame)
        chosen[holds] = keys.index(rule.type)
    _refuse_unmapped(frame[(chosen < 0) & frame["place"].notna().to_numpy()])
    return pd.Categorical.from_codes(chosen.tolist(), categories=pd.Index(keys))


def _holds(rule: CategoryRule, frame: pd.DataFrame) -> Mask:
    holds = np.ones(len(frame), dtype=bool)
    for column in ("place", "provider", "urn", "route"):
        codes: tuple[str, ...] = getattr(rule, column)
        if codes and column not in frame:
            return np.zeros(len(frame), dtype=bool)
        if codes:
            blank = frame[column].isna() if "" in codes else False
            holds &= (frame[column].isin(codes) | blank).to_numpy()
    if rule.age_min is not None or rule.age_max is not None:
        age = frame["age"].to_numpy()
        holds &= (age >= (rule.age_min or 0)) & (
            age <= (rule.age_max if rule.age_max is not None else np.iinfo(age.dtype).max)
        )
    return holds


def _refuse_unmapped(rows: pd.DataFrame) -> None:
    """Raise for placements that no rule takes; DfE codes are named, children are not."""
    if rows.empty:
        return
    known = code_set("PLACE")
    place = rows["place"].astype(str).where(rows["place"].isin(list(known.codes)), "not of DfE's")
    provider = rows["provider"].astype(object).fillna("blank").astype(str)
    counts = pd.DataFrame({"place": place, "provider": provider}).value_counts(sort=False)
    raise StudyError(
        "the category map leaves placements without a type",
        [
            Fault(
                "study.toml",
                f"no rule takes place {p} with provider {q} "
                f"({n} {'count' if n == 1 else 'counts'} of a child on a date)",
                "add a rule to [categories] with these codes and the type they belong to; "
                "look at the ages and Ofsted numbers of rules that have the codes already",
                column="categories.rules",
            )
            for (p, q), n in _combinations(counts)
        ],
    )


def _combinations(counts: pd.Series[int]) -> list[tuple[tuple[str, str], int]]:
    return [((str(k[0]), str(k[1])), int(n)) for k, n in counts.to_dict().items()]  # type: ignore[index]


def dfe_group(
    place: pd.Series[Any], classification: Literal["current", "legacy"] = "current"
) -> pd.Categorical:
    """Return the DfE placement group of each placement code.

    Parameters
    ----------
    place : pandas.Series
        DfE placement codes, those held before a temporary move.
    classification : {"current", "legacy"}
        See :func:`needs.vocabulary.codes.placement_groups`.

    Returns
    -------
    pandas.Categorical
        Keys of the groups in the published order; missing where the code is blank or is
        of no group.
    """
    groups = placement_groups(classification)
    return pd.Categorical(
        place.astype(object).map(dict(groups.group_of)), categories=list(groups.labels)
    )
