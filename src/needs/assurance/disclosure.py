"""Disclosure control: the one boundary between a result and anything that is shown.

The rule follows the convention of the DfE's statistics on children looked after: a count
of people from 1 to one less than the threshold is hidden and marked ``c``, a zero is shown,
and further cells are hidden where a hidden one could be worked out. Method and terms:
Hundepool and others (2012), *Statistical Disclosure Control*, chapter 4.

Results that print the same people are protected as one set where they name their kin
(:mod:`needs.vocabulary.kin`). What it does not see is a sum that nobody declares: declare it
as ``Additive`` inside a result, as ``Tie`` between results. What is only made from counts of
others says what it leans on, and is hidden with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.assurance import members  # noqa: F401 - completes the study's household
from needs.assurance.kinship import Joint, joint
from needs.assurance.marks import Marks, from_text, rows_of, to_text
from needs.assurance.relations import Bools, Relations, relations_of
from needs.assurance.suppression import is_small, suppress
from needs.vocabulary.kin import Kin, Tie
from needs.vocabulary.results import KEYS, Result, figure_id
from needs.vocabulary.study import Disclosure
from needs.vocabulary.units import UNITS

__all__ = ["Protected", "hidden_figures", "protect", "protect_together"]

Objects = npt.NDArray[np.object_]

CELL = ["area", "period", "group", "by"]
SHARES = {"percent", "percent1", "rate_per_10k"}
"""Units that give a count away to whoever knows the base."""


@dataclass(frozen=True)
class Protected:
    """A long table that may be released.

    Parameters
    ----------
    table : pandas.DataFrame
        The result's table; hidden rows have ``marker`` ``c`` and no numbers. The column
        ``why`` says ``primary``, ``secondary``, ``linked`` or nothing.
    summary : dict
        ``primary, secondary, linked`` (cells hidden), ``narrowed`` (small cells of which a
        reader who knew which ones are small could learn a little), ``inexact`` (sums that
        do not add up), ``threshold``, ``rule`` (words).
    """

    table: pd.DataFrame
    summary: dict[str, Any]


def _bases(result: Result) -> dict[str, set[str]]:
    """Return measure -> measures of the same cell that it would reveal.

    A share or rate that does not say what it is derived from is taken to reveal every count
    of people beside it.
    """
    people = {m.key for m in result.measures if UNITS[m.unit].people}
    return {
        m.key: set(m.derived_from or (people if m.unit in SHARES else ())) - {m.key}
        for m in result.measures
    }


def _linked(result: Result, relations: Relations, hidden: Bools) -> Bools:
    """Return the hidden rows and all that would reveal one of them.

    A number is hidden with those it is derived from in its cell, or in the cell of a period
    that it rests on, and a share also with the total of its cell, which is its base.
    """
    table = result.table
    cells = pd.MultiIndex.from_frame(table[CELL])
    measure = table["measure"].to_numpy()
    shape = relations.matrix[:, : len(table)]
    parts = shape.maximum(0).T @ (-shape).maximum(0)
    units = {m.key: m.unit for m in result.measures}
    out = hidden.copy()
    while True:
        before = out.sum()
        of_hidden_total = out | (parts @ out.astype(float) > 0)
        for key, bases in _bases(result).items():
            source = of_hidden_total if units[key] in SHARES else out
            revealing = _later(cells[np.isin(measure, list(bases)) & source], result.rests_on)
            out |= (measure == key) & cells.isin(revealing)
        if out.sum() == before:
            return out


def _later(cells: pd.MultiIndex, rests_on: Mapping[str, tuple[str, ...]]) -> pd.MultiIndex:
    """Return cells, and those of the periods whose numbers are made from them."""
    for period, earlier in rests_on.items():
        part = cells[cells.get_level_values("period").isin(earlier)].to_frame(index=False)
        cells = cells.union(pd.MultiIndex.from_frame(part.assign(period=period)), sort=False)
    return cells


def protect(result: Result, settings: Disclosure) -> Protected:
    """Hide what may not be shown of a result, nor told by those that it is kin to.

    Parameters
    ----------
    result : Result
        Before disclosure control. The numbers of a published result come back unchanged.
        One with kin is protected with all of them, one that mirrors another hides the same
        cells: what comes back does not depend on which is asked for first.
    settings : Disclosure
        Threshold, and whether further cells are hidden.
    """
    if result.mirrors is None and result.kin is None:
        return protect_together([result], settings)[result.name]
    family = _family(result.kin, settings) if result.kin else {}
    if result.mirrors is not None or result.name not in family:
        return _following(result, settings)
    marks = family[result.name]
    if marks.rows != rows_of(result.table):
        raise ValueError(f"result {result.name}: its kin holds another table of that name")
    why = marks.reasons(len(result.table))
    of = relations_of(result, settings.threshold)
    return _marked(result, of, why, marks.narrowed, settings)


def _family(kin: Kin, settings: Disclosure) -> Mapping[str, Marks]:
    """Return what is hidden of every result of a household, decided once.

    What was kept of the same inputs, settings and code is used instead of another search.
    """

    def together() -> dict[str, Marks]:
        kept = from_text(kin.kept.load(), settings) if kin.kept else None
        if kept is not None:
            return kept
        made, ties, families = kin.make()
        safe = protect_together(list(made.values()), settings, ties, families)
        marks = {
            name: Marks.of(p.table, p.summary["narrowed"], _hidden_ids(name, p.table))
            for name, p in safe.items()
        }
        if kin.kept:
            kin.kept.save(to_text(marks, settings))
        return marks

    found: Mapping[str, Marks] = kin.once((settings.threshold, settings.secondary), together)
    return found


def _hidden_ids(name: str, table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(_ids(name, table[table["marker"] == "c"]))


def hidden_figures(result: Result, settings: Disclosure) -> frozenset[str]:
    """Return the ids of the numbers that are hidden in a result's household.

    None where it has no household, or leans on nothing: then nobody needs to know.
    """
    kin = result.kin or (result.mirrors.kin if result.mirrors else None)
    if kin is None or not (result.leans_on or any(c.leans_on for c in result.checks)):
        return frozenset()

    def found() -> frozenset[str]:
        return frozenset(i for marks in _family(kin, settings).values() for i in marks.hidden)

    ids: frozenset[str] = kin.once(("hidden", settings.threshold, settings.secondary), found)
    return ids


def _ids(name: str, table: pd.DataFrame, end: str = "") -> list[str]:
    """Return the figure id of each row, or of a bound of it."""
    return [
        figure_id(name, measure + end, group, period, by, area)
        for area, period, measure, group, by in table[list(KEYS)].itertuples(index=False)
    ]


def _leaning(result: Result, hidden: frozenset[str], end: str = "") -> Bools:
    """Return which rows, or bounds of rows, lean on a hidden number."""
    gone = {own for own, on in result.leans_on.items() if not hidden.isdisjoint(on)}
    return np.array([i in gone for i in _ids(result.name, result.table, end)], dtype=bool)


def protect_together(
    results: Sequence[Result],
    settings: Disclosure,
    ties: Sequence[Tie] = (),
    families: Sequence[frozenset[str]] = (),
) -> dict[str, Protected]:
    """Hide what may not be shown of several results, by name, as if they were one table.

    Parameters
    ----------
    results : sequence of Result
        Not empty; all published, or none.
    settings : Disclosure
        Threshold, and whether further cells are hidden.
    ties : sequence of Tie
        What a reader knows of numbers of different results.
    families : sequence of frozenset of str, optional
        Names of results that are protected first, each set by itself: what is left to do then
        for what ties them is little, while one search over all takes long.

    Notes
    -----
    Tables that share cells or margins have to be protected as one set of linked tables:
    de Wolf and Giessing (2009), "Adjusting the tau-ARGUS modular approach to deal with
    linked tables", Data and Knowledge Engineering 68(11); here by one search over all.
    """
    all_of = joint(results, ties, settings.threshold)
    relations = all_of.relations
    n = relations.rows
    small = is_small(relations, settings.threshold)
    why = np.full(n, "", dtype=object)
    narrowed = np.zeros(len(small), dtype=bool)
    if not any(r.published for r in results) and (small.any() or relations.apart.any()):
        start = _of_families(results, all_of, settings, ties, families)
        secondary, hidden, narrowed = _chosen(results, all_of, settings, small, start)
        why[hidden] = "linked"
        why[secondary] = "secondary"
        _lean(results, all_of, why)
        why[small[:n]] = "primary"
    return {
        r.name: _marked(r, of, why[at], int(narrowed[at].sum()), settings)
        for r, of, at in zip(results, all_of.each, all_of.rows, strict=True)
    }


def _of_families(
    results: Sequence[Result],
    all_of: Joint,
    settings: Disclosure,
    ties: Sequence[Tie],
    families: Sequence[frozenset[str]],
) -> Bools:
    """Return the rows that are hidden for others' sake in families taken each by itself."""
    start = np.zeros(all_of.relations.rows, dtype=bool)
    there = {r.name for r in results}
    for names in families if len(families) > 1 else ():
        mine = [(r, at) for r, at in zip(results, all_of.rows, strict=True) if r.name in names]
        own = [t for t in ties if {i.split(".")[0] for i, _ in t.terms} & there <= names]
        part = joint([r for r, _ in mine], own, settings.threshold)
        small = is_small(part.relations, settings.threshold)
        chosen = _chosen([r for r, _ in mine], part, settings, small)[0]
        for (_, at), by_itself in zip(mine, part.rows, strict=True):
            start[at] = chosen[by_itself]
    return start


def _lean(results: Sequence[Result], all_of: Joint, why: Objects) -> None:
    """Hide rows of a household that lean on a hidden number of it."""
    spans = list(zip(results, all_of.rows, strict=True))
    hidden = frozenset(i for r, at in spans for i in _ids(r.name, r.table[why[at] != ""]))
    for r, at in spans:
        if r.leans_on:
            why[at][_leaning(r, hidden) & (why[at] == "")] = "linked"


def _following(result: Result, settings: Disclosure) -> Protected:
    """Hide the cells that others hide, what leans on them, and what would reveal one of them."""
    relations = relations_of(result, settings.threshold)
    why = np.full(relations.rows, "", dtype=object)
    small = is_small(relations, settings.threshold)[: relations.rows]
    same = np.zeros(relations.rows, dtype=bool)
    if result.mirrors is not None:
        there = protect(result.mirrors, settings).table
        hidden_there = pd.MultiIndex.from_frame(there.loc[there["marker"] == "c", list(KEYS)])
        hidden_there = _later(hidden_there, result.rests_on)
        same = pd.MultiIndex.from_frame(result.table[list(KEYS)]).isin(hidden_there)
    hidden = hidden_figures(result, settings)
    leaning = _leaning(result, hidden)
    why[_linked(result, relations, small | same | leaning)] = "linked"
    why[same] = "secondary"
    why[small] = "primary"
    table = result.table.copy()
    for column in (str(c) for c in table if str(c).startswith(("lower_", "upper_"))):
        table[column] = table[column].mask(_leaning(result, hidden, f"_{column}"))
    safe = _marked(replace(result, table=table), relations, why, 0, settings)
    if not result.drops:
        return safe
    return replace(safe, table=safe.table[~leaning].reset_index(drop=True))


def _marked(
    result: Result, relations: Relations, why: Objects, narrowed: int, settings: Disclosure
) -> Protected:
    """Return a result's table without the numbers of rows that there is a reason to hide."""
    table = result.table.reset_index(drop=True)
    numbers = [c for c in table.columns if c == "value" or c.startswith(("lower_", "upper_"))]
    table.loc[why != "", numbers] = np.nan
    table.loc[why != "", "marker"] = "c"
    table["why"] = why
    counts = {k: int((why == k).sum()) for k in ("primary", "secondary", "linked")}
    about = {
        "narrowed": narrowed,
        "inexact": _inexact(result, relations),
        "threshold": settings.threshold,
        "rule": _rule(result, settings, relations),
    }
    return Protected(table, {**counts, **about})


def _chosen(
    results: Sequence[Result],
    all_of: Joint,
    settings: Disclosure,
    small: Bools,
    start: Bools | None = None,
) -> tuple[Bools, Bools, Bools]:
    """Return the secondary rows, all hidden rows, and the small cells that are narrowed."""
    relations = all_of.relations
    n = relations.rows
    nothing = np.zeros(len(small) - n, dtype=bool)

    def linked(hidden: Bools) -> Bools:
        out = np.zeros(n, dtype=bool)
        for r, of, at in zip(results, all_of.each, all_of.rows, strict=True):
            out[at] = _linked(r, of, hidden[at])
        return out

    hidden = linked(small[:n])
    if not settings.secondary:
        return np.zeros(n, dtype=bool), hidden, np.zeros(len(small), dtype=bool)
    while True:
        given = None if start is None else np.concatenate([start, nothing])
        linked_cells = np.concatenate([hidden, nothing])
        more = suppress(relations, settings.threshold, linked_cells, given)
        secondary = more.secondary[:n]
        every = linked(hidden | secondary)
        grown = every & ~hidden & ~secondary & relations.people[:n]
        if not grown.any():
            return secondary, every, more.narrowed
        hidden = hidden | grown  # a linked count has sums of its own


def _inexact(result: Result, relations: Relations) -> int:
    """Return how many sums are off by more than rounding explains."""
    n = len(result.table)
    broken = (result.table["value"] % 1).fillna(0).to_numpy(dtype=float) != 0
    slack = 0.5 * (abs(relations.matrix[:, :n]) @ broken.astype(float))
    return int((np.abs(relations.rest) > slack + 1e-9).sum())


def _rule(result: Result, settings: Disclosure, relations: Relations) -> str:
    if result.published:
        return "All numbers are already published: none is hidden."
    if result.leans_on and not relations.people.any():
        return "Numbers that are made from a count which is hidden are hidden with it (c)."
    if not relations.people.any() or settings.threshold < 2:
        return "Nothing here counts people: no number is hidden."
    words = f"Counts of people from 1 to {settings.threshold - 1} are hidden (c); zero is shown."
    if settings.secondary:
        words += " Further numbers are hidden where a hidden one could be worked out from them."
    return words
