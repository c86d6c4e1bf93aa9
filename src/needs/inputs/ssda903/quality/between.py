"""Rules between returns: children lost from one to the next, episodes revised or gone."""

from __future__ import annotations

import numpy as np

from needs.inputs.ssda903.quality.arrays import Bools, Ints
from needs.inputs.ssda903.quality.view import Episodes, Years

__all__ = ["Between", "between_rules"]

Between = tuple[str, str, Ints, Ints]
"""Rule, check, rows of the frame, and the cells they count in."""


def between_rules(s: Episodes, years: Years) -> list[Between]:
    """Return what a return says otherwise than the one before it.

    Parameters
    ----------
    s : Episodes
        Episodes in order, without the rows left out as read.

    Notes
    -----
    An end date filled in later is progress, not a revision, when it lies after the last day
    that the earlier return spoke of.
    """
    return [*_vanished(s, years), *_revised(s, years)]


def _vanished(s: Episodes, years: Years) -> list[Between]:
    """Return episodes open at the end of a return that the next return does not have."""
    following = np.append(years.follows[1:], False)[: len(years.year)]
    open_ = np.isnan(s.dec) & following[s.year]
    cell = np.where(open_, s.cell + years.children, 0)  # the same child a year later
    absent = open_ & ~years.any(s.cell)[cell]
    span = 2**18
    key = s.cell * span + s.decom.astype(np.int64) + span // 2
    gone = open_ & ~absent & ~np.isin(key + years.children * span, key)
    return [
        ("13", "lost", s.row[absent], cell[absent]),
        ("27", "gone", s.row[gone], cell[gone]),
    ]


def _revised(s: Episodes, years: Years) -> list[Between]:
    """Return episodes that a later return gives otherwise."""
    child = s.cell % years.children
    order = np.lexsort((s.year, _of_day(s), s.decom, child))
    t = s[order]
    kid, ordinal = child[order], _of_day(s)[order]
    paired = (kid[1:] == kid[:-1]) & (t.decom[1:] == t.decom[:-1])
    paired &= (ordinal[1:] == ordinal[:-1]) & (t.year[1:] != t.year[:-1])
    later, earlier = t[1:], t[:-1]
    facts = np.zeros(len(later), dtype=bool)
    for name in ("rne", "ls", "cin", "place", "provider", "urn", "home", "post"):
        facts |= ~getattr(later, name).same(getattr(earlier, name))
    ends = _end_revised(earlier, later)
    out: list[Between] = []
    for slug, found in (("revised", facts), ("end_revised", ends)):
        at = paired & found
        out.append(("27", slug, later.row[at], later.cell[at]))
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
