"""Repairs: few, conservative, in a fixed order, each counted.

A repair never moves the first day of an episode, and never makes a child looked after on a
day that no row of the return can cover (one whose end is missing or cannot be right may run
to the end of the return).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from needs.inputs.ssda903.quality.arrays import Bools, Days
from needs.inputs.ssda903.quality.view import Episodes

__all__ = ["Repairs", "repairs"]

_OPEN = 1e6
"""Stands for the end of an open episode: a day later than any date."""


@dataclass
class Repairs:
    """What is done to each row of the frame.

    ``drop`` rows left out; ``dec`` the end dates after repair; ``rec_blank`` and ``rec_x1``
    rows whose end reason is set blank or to X1; ``found`` the rows behind each check.
    """

    drop: Bools
    dec: Days
    rec_blank: Bools
    rec_x1: Bools
    found: dict[tuple[str, str], Bools] = field(default_factory=dict)

    def mark(self, rule: str, slug: str, s: Episodes, which: Bools) -> None:
        """Note the rows that a check found."""
        rows = np.zeros(len(self.drop), dtype=bool)
        rows[s.row[which]] = True
        self.found[rule, slug] = rows

    def leave_out(self, rule: str, slug: str, s: Episodes, which: Bools) -> Episodes:
        """Note rows as found and left out; return the others."""
        self.mark(rule, slug, s, which)
        self.drop[s.row[which]] = True
        return s[~which]

    def end(self, rule: str, slug: str, s: Episodes, which: Bools, dec: Days) -> Episodes:
        """Note rows as found and give them another end; return all with the new ends."""
        self.mark(rule, slug, s, which)
        self.dec[s.row[which]] = dec[which]
        return s.with_dec(np.where(which, dec, s.dec))


def repairs(e: Episodes, s: Episodes, drop: Bools) -> Repairs:
    """Return the repairs of all episodes.

    Parameters
    ----------
    e : Episodes
        Every row as read.
    s : Episodes
        The rows that have a place in time, in order, without ends after the return and
        without codes of no year.
    drop : array of bool
        Rows of ``e`` that have none and are left out already.
    """
    dec = e.dec.copy()
    dec[s.row] = s.dec
    r = Repairs(drop.copy(), dec, np.isnan(dec) & ~e.rec.blank, np.zeros(len(e), dtype=bool))
    s = _backwards(r, s)
    s = _doubled(r, s)
    s = _overlapping(r, s)
    unsaid = ~np.isnan(s.dec) & s.rec.blank & (s.after(s.decom) == s.dec)
    r.rec_x1[s.row[unsaid]] = True
    r.rec_blank &= ~r.rec_x1 & ~r.drop
    return r


def _backwards(r: Repairs, s: Episodes) -> Episodes:
    """Mend episodes that end before they start."""
    wrong = s.dec < s.decom
    last = s.last
    s = r.end("08", "before_then_next", s, wrong & ~last, s.after(s.decom))
    return r.leave_out("08", "before", s, wrong & last)


def _doubled(r: Repairs, s: Episodes) -> Episodes:
    """Leave out the shorter of two that start together, and what lies inside another."""
    together = (s.after(s.decom) == s.decom) & (s.dec != s.decom)
    s = r.leave_out("09", "same_start", s, together)
    stop = np.where(np.isnan(s.dec), _OPEN, s.dec)
    group = np.cumsum(s.first)
    highest = np.maximum.accumulate(stop + group * 10 * _OPEN) - group * 10 * _OPEN
    reach = s.before(highest)
    wait = s.after(s.decom) - s.dec
    goes_on = (wait == 0) | (wait == 1)
    inside = (reach > stop) & s.rec.within(["X1"]) & ~goes_on
    return r.leave_out("09", "inside", s, inside)


def _overlapping(r: Repairs, s: Episodes) -> Episodes:
    """Cut episodes that reach past the start of the next."""
    following = s.after(s.decom)
    open_ = np.isnan(s.dec) & ~np.isnan(following)
    s = r.end("09", "overlap", s, s.dec > following, following)
    s = r.end("09", "open_then_another", s, open_, following)
    r.rec_x1[s.row[open_]] = True
    return s
