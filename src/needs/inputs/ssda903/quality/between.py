"""Rules between returns: children lost from one to the next, episodes revised or gone."""

from __future__ import annotations

import numpy as np

from needs.inputs.ssda903.quality.arrays import Bools, Ints
from needs.inputs.ssda903.quality.repair import Repairs
from needs.inputs.ssda903.quality.view import Episodes, Years

__all__ = ["join_returns", "revisions"]


def join_returns(r: Repairs, s: Episodes, years: Years) -> None:
    """End episodes that a return leaves open and the next return does not have.

    Every episode open on the last day of a return has to be in the next one. Where it is
    not, either it had ended by then and nobody knew yet (the next return begins with a later
    episode), or the child was not looked after any more (the next return has no episode), or
    its start was put right (the next return has one from an earlier day in its place).
    Without a repair such an episode would stay open for ever.

    Parameters
    ----------
    r : Repairs
        Added to.
    s : Episodes
        Episodes in order, repaired within their returns.
    years : Years
        The returns; the next return is the next in the study, a year missing or not.
    """
    children = years.children
    open_ = np.isnan(s.dec) & (s.year < len(years.year) - 1)
    next_cell = np.where(open_, s.cell + children, 0)
    absent = open_ & ~years.any(s.cell)[next_cell]
    gone = open_ & ~absent & ~_is_in_next(s, children)
    begins = years.least(s.cell, s.decom)[next_cell]
    day_after = s.end + 1
    ends = np.fmin(np.where(gone, begins, np.nan), day_after)
    replaced = gone & (ends <= s.decom)
    r.mark("13", "lost", s, absent)
    r.mark("27", "gone", s, gone & ~replaced)
    r.mark("27", "replaced", s, replaced)
    cut = absent | (gone & ~replaced)
    r.dec[s.row[cut]] = ends[cut]
    r.drop[s.row[replaced]] = True
    goes_on = gone & ~replaced & (begins <= day_after)
    r.rec_x1[s.row[goes_on]] = True
    r.rec_blank[s.row[goes_on | replaced]] = False


def _is_in_next(s: Episodes, children: int) -> Bools:
    """Return the episodes that the child's next return has too, by their first day."""
    span = 2**18
    key = s.cell * span + s.decom.astype(np.int64) + span // 2  # ascending: s is in order
    wanted = key + children * span
    at = np.searchsorted(key, wanted)
    return np.asarray(key[np.minimum(at, len(key) - 1)] == wanted)


def revisions(s: Episodes, years: Years) -> dict[str, Bools]:
    """Return, by check of rule 27, the rows that a later return gives otherwise.

    Parameters
    ----------
    s : Episodes
        Episodes in order, as read.

    Notes
    -----
    An end date filled in later is progress, not a revision, when it lies after the last day
    that the earlier return spoke of.
    """
    child = s.cell % years.children
    ordinal = _of_day(s)
    order = np.lexsort((s.year, ordinal, s.decom, child))
    t, kid, nth = s[order], child[order], ordinal[order]
    paired = (kid[1:] == kid[:-1]) & (t.decom[1:] == t.decom[:-1])
    paired &= (nth[1:] == nth[:-1]) & (t.year[1:] != t.year[:-1])
    later, earlier = t[1:], t[:-1]
    facts = np.zeros(len(later), dtype=bool)
    for name in ("rne", "ls", "cin", "place", "provider", "urn", "home", "post"):
        facts |= ~getattr(later, name).same(getattr(earlier, name))
    out = {}
    for slug, found in (("revised", facts), ("end_revised", _end_revised(earlier, later))):
        out[slug] = np.zeros(len(s), dtype=bool)
        out[slug][order[1:][paired & found]] = True
    return out


def _end_revised(earlier: Episodes, later: Episodes) -> Bools:
    """Return where the end differs, and the earlier return could have known."""
    was_open = np.isnan(earlier.dec)
    known_then = was_open & (later.dec <= earlier.end)
    closed_then = ~was_open & ((earlier.dec != later.dec) | ~earlier.rec.same(later.rec))
    return np.asarray(known_then | closed_then)


def _of_day(s: Episodes) -> Ints:
    """Return the ordinal of each row among the episodes of its cell that start that day."""
    new = s.first | (s.decom != s.before(s.decom))
    at = np.flatnonzero(new)
    return np.arange(len(s)) - np.repeat(at, np.diff(np.append(at, len(s))))
