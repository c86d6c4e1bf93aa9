"""What a reader of a finished report can work out about the counts that it withholds.

The reader knows every sum, difference and repetition that the results of a study declare, and
which counts are small; of numbers it has only what the report prints. The intervals are those
of linear programming (:mod:`needs.assurance.intervals`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needs.assurance.intervals import components, intervals, narrower
from needs.assurance.kinship import Joint, joint
from needs.assurance.relations import Bools, Floats
from needs.assurance.suppression import _Search, is_small
from needs.vocabulary.kin import Tie
from needs.vocabulary.results import KEYS, Result, figure_id
from needs.vocabulary.units import UNITS

__all__ = ["Found", "recover"]

CLOSE = 0.51
"""Printed counts are rounded as their unit says; they are not another count for that."""


@dataclass(frozen=True)
class Found:
    """What an attack found.

    Parameters
    ----------
    looked_at : int
        Small counts that the report withholds.
    told : tuple of str
        Figure ids of those of which more can be worked out than that they are small.
    bare : tuple of str
        Figure ids of small counts that the report prints.
    other : tuple of str
        Figure ids of counts that the report prints otherwise than the study's inputs give them:
        it is not a report of these inputs, and what is said of it may not hold.
    """

    looked_at: int
    told: tuple[str, ...]
    bare: tuple[str, ...]
    other: tuple[str, ...]


def recover(
    results: Sequence[Result],
    ties: Sequence[Tie],
    threshold: int,
    printed: Mapping[str, float | None],
) -> Found:
    """Attack what a report prints of results that are protected as one.

    Parameters
    ----------
    results : sequence of Result
        Before disclosure control: what they declare of each other is used, and their counts
        only to know which withheld ones are small.
    ties : sequence of Tie
        Relations between results.
    threshold : int
        Counts of people from 1 to ``threshold`` - 1 are small.
    printed : mapping of str to float or None
        Figure id -> number as printed, None where it is withheld. A figure that is not there
        is not printed, and unknown to the reader.
    """
    all_of = joint(results, ties, threshold)
    ids = _ids(results)
    told_of = np.array([printed.get(i) is not None for i in ids], dtype=bool)
    small = is_small(all_of.relations, threshold)
    n = all_of.relations.rows
    other = _other(all_of, ids, _coarse(results), printed)
    search = _search(all_of, told_of, ids, printed, threshold, small)
    wanted = small & search.hidden
    wanted[n:] = False
    return Found(
        int(wanted.sum()),
        tuple(ids[k] for k in np.flatnonzero(_told(search, wanted))),
        tuple(ids[k] for k in np.flatnonzero(small[:n] & told_of)),
        other,
    )


def _ids(results: Sequence[Result]) -> list[str]:
    """Return the figure id of each row of each result in turn."""
    return [
        figure_id(r.name, measure, group, period, by, area)
        for r in results
        for area, period, measure, group, by in r.table[list(KEYS)].itertuples(index=False)
    ]


def _coarse(results: Sequence[Result]) -> Floats:
    """Return how far a printed number may be from each row's for its unit alone."""
    units = [{m.key: UNITS[m.unit].decimals for m in r.measures} for r in results]
    places = [u[m] for r, u in zip(results, units, strict=True) for m in r.table["measure"]]
    found: Floats = CLOSE * 10.0 ** -np.minimum(np.array(places, dtype=float), 0)
    return found


def _other(
    all_of: Joint, ids: Sequence[str], coarse: Floats, printed: Mapping[str, float | None]
) -> tuple[str, ...]:
    values, people = all_of.relations.values, all_of.relations.people
    shown = [(k, i, printed.get(i)) for k, i in enumerate(ids) if people[k]]
    return tuple(i for k, i, v in shown if v is not None and abs(v - values[k]) > coarse[k])


def _search(
    all_of: Joint,
    told_of: Bools,
    ids: Sequence[str],
    printed: Mapping[str, float | None],
    threshold: int,
    small: Bools,
) -> _Search:
    """Return what the reader has in hand: cells that are not printed are hidden from it."""
    r = all_of.relations
    unknown = np.isnan(r.values)
    hidden = small | r.apart | unknown
    hidden[: r.rows] = ~told_of
    # Of a number that is nowhere in the report, not even that it is more than nought is known.
    absent = np.zeros(len(hidden), dtype=bool)
    absent[: r.rows] = [i not in printed for i in ids]
    absent[: r.rows] |= ~told_of & (np.nan_to_num(r.values[: r.rows]) == 0)
    return _Search(r, threshold, small, (absent | r.apart) & ~small, hidden, unknown)


def _told(search: _Search, wanted: Bools) -> Bools:
    """Return the wanted cells of which more is told than were everything withheld."""
    found = _reach(search, wanted, search.hidden)
    narrowed = wanted & narrower(found, search.bounds(np.arange(len(wanted))))
    if not narrowed.any():
        return narrowed
    r = search.relations
    everything = search.hidden.copy()
    everything[: r.rows] |= np.nan_to_num(r.values[: r.rows]) != 0
    blind = _reach(search, narrowed, everything)
    return narrowed & narrower(found, blind)


def _reach(search: _Search, wanted: Bools, hidden: Bools) -> Floats:
    """Return the interval of each wanted cell; of others, what is known beforehand."""
    out = search.bounds(np.arange(len(wanted)))
    groups = components(search.relations, hidden, wanted)
    made = intervals([search.puzzle(g, wanted[g], hidden) for g in groups])
    for g, reach in zip(groups, made, strict=True):
        out[g] = reach
    return out
