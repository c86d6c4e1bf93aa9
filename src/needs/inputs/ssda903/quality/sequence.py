"""Rules that look at an episode and its neighbours within one child's return."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from needs.inputs.ssda903.quality.arrays import Bools, Codes, Days, Ints, age_on
from needs.inputs.ssda903.quality.cells import Context, Found
from needs.inputs.ssda903.quality.view import SHORT_BREAKS, TEMPORARY, Episodes

__all__ = ["SEQUENCE_RULES"]

MOVES = ("P", "T", "B", "U")
"""Reasons for a new episode that say the placement changed."""


def _differ(a: Codes, b: Codes) -> Bools:
    """Return where two codes differ, both known."""
    return ~a.same(b) & ~a.blank & ~b.blank


def _runs(s: Episodes, codes: Codes) -> tuple[Ints, Days]:
    """Return the run of each row (unbroken, one code) and the days of each row's run."""
    new = s.first | ~((s.gap == 0) | (s.gap == 1)) | ~codes.same(s.before(codes))
    run = np.cumsum(new) - 1
    at = np.flatnonzero(new)
    if not len(at):
        return run, np.zeros(0)
    length = np.maximum.reduceat(s.stop, at) - np.minimum.reduceat(s.decom, at)
    return run, length[run]


def _rule_05(s: Episodes, c: Context) -> Found:
    yield "changes", s.linked & _differ(s.cin, s.before(s.cin))


def _rule_07(s: Episodes, c: Context) -> Found:
    unsaid = ~np.isnan(s.dec) & s.rec.blank
    goes_on = s.after(s.decom) == s.dec
    yield "continued", unsaid & goes_on
    yield "dec_without_rec", unsaid & ~goes_on & ~c.bad["rec"][s.row]


def _rule_10(s: Episodes, c: Context) -> Found:
    x1 = s.before(s.rec).within(["X1"])
    yield "one_day", x1 & (s.gap == 1)
    yield "gap", x1 & (s.gap > 1) & ~s.rne.within(["S"])


def _rule_11(s: Episodes, c: Context) -> Found:
    x1 = s.rec.within(["X1"]) & ~np.isnan(s.dec)
    yield "nothing_follows", x1 & s.last & (s.dec < s.end)
    yield "later", x1 & (s.after(s.decom) - s.dec > 1)


def _rule_12(s: Episodes, c: Context) -> Found:
    goes_on = s.before(s.exits) & ~s.rne.blank & ~s.rne.within(["S"])
    yield "same_day", goes_on & (s.gap == 0)
    yield "later", goes_on & (s.gap > 0)


def _rule_13(s: Episodes, c: Context) -> Found:
    years = c.years
    reaches = np.isnan(s.dec) | (s.dec >= s.end)
    cared_for = years.year_before(years.any(s.cell[reaches]))[s.cell]
    knows = years.follows[s.year]
    first = s.first & ~s.rne.blank & ~s.rne.within(["S"]) & (s.decom >= s.start)
    # an episode that ended on the last day of an unread return may go on on the first
    unknowable = ~knows & (s.decom == s.start)
    yield "not_start", first & ~cared_for & ~unknowable
    known = years.year_before(years.any(s.cell))[s.cell]
    yield "late", s.first & (s.decom < s.start) & knows & ~known


def _rule_17(s: Episodes, c: Context) -> Found:
    short = s.ls.within(SHORT_BREAKS)
    link = s.linked & ~s.ls.blank & ~s.before(s.ls).blank
    yield "mixed", link & (short != s.before(short))
    stay = s.ls.within(["V3"])
    yield "over_17_days", stay & (s.stop - s.decom > 17)
    held = np.clip(np.minimum(s.stop, s.end) - np.maximum(s.decom, s.start), 0, None)
    total = np.bincount(s.cell, np.where(stay, held, 0), c.years.cells)
    yield "over_75_days", stay & (total[s.cell] > 75)
    yield "not_a_start", stay & ~s.rne.blank & ~s.rne.within(["S"])
    yield "placement", short & s.place.within(["U1", "U4", *TEMPORARY])


def _rule_18(s: Episodes, c: Context) -> Found:
    run, length = _runs(s, s.place)
    yield "hospital_over_42", s.place.within(["T1"]) & (length > 42)
    yield "carer_holiday_over_21", s.place.within(["T3"]) & (length > 21)
    yield "other_over_7", s.place.within(["T4"]) & (length > 7)
    holiday = s.place.within(["T3"])
    begins = holiday & np.append(True, run[1:] != run[:-1])[: len(run)]
    holidays = np.bincount(s.cell[begins], minlength=c.years.cells)
    yield "third_carer_holiday", holiday & (holidays[s.cell] > 2)
    away = s.place.within(TEMPORARY)
    yield "starts_care", away & s.rne.within(["S"])
    yield "ends_care", away & s.exits
    yield "no_return", _no_return(s, away)


def _no_return(s: Episodes, away: Bools) -> Bools:
    """Return the temporary rows whose move ends elsewhere than where it began."""
    block = np.cumsum(s.first | ~s.linked | (away != s.before(away))) - 1
    if not len(block):
        return away
    starts = np.flatnonzero(np.append(True, block[1:] != block[:-1]))
    ends = np.append(starts[1:], len(block)) - 1
    came = s.before(s.place)[starts]
    went = s.after(s.place)[ends]
    follows = s.after(s.linked)[ends] & s.linked[starts]
    return np.asarray(away & (follows & _differ(came, went))[block])


def _rule_19(s: Episodes, c: Context) -> Found:
    link, moves = s.linked, s.rne.within(MOVES)
    ls_same = s.ls.same(s.before(s.ls)) & ~s.ls.blank
    yield "ls_unchanged", link & s.rne.within(["L", "B", "U"]) & ls_same
    yield "ls_changed", link & s.rne.within(["P", "T"]) & _differ(s.ls, s.before(s.ls))
    still = ~s.place.blank
    for column in (s.place, s.provider, s.urn, s.post):
        still &= column.same(s.before(column))
    yield "place_unchanged", link & moves & still
    yield "place_changed", link & s.rne.within(["L"]) & _differ(s.place, s.before(s.place))
    unended = ~s.first & np.isnan(s.before(s.dec))
    inside = unended | (s.gap < 0) | s.linked
    yield "start_inside", s.rne.within(["S"]) & inside & ~s.ls.within(SHORT_BREAKS)
    home = ~s.place.within(TEMPORARY)
    move = link & moves & home & s.before(home)
    yield "no_reason", s.after(move) & s.reason.blank
    stays = s.after(link & s.rne.within(["L"])) | s.exits
    yield "reason_unneeded", ~s.reason.blank & stays


def _rule_23(s: Episodes, c: Context) -> Found:
    before = c.years.year_before(c.uasc_open)
    young = ~(age_on(s.start, s.dob) >= 18)
    yield "dropped", s.first & before[s.cell] & ~c.uasc[s.cell] & young


def _rule_26(s: Episodes, c: Context) -> Found:
    _, length = _runs(s, s.ls)
    limits = (
        ("police_protection", "L1", 3),  # 72 hours
        ("emergency_order", "L2", 21),
        ("assessment_order", "L3", 7),
        ("police_custody", "J2", 21),
    )
    for slug, code, most in limits:
        yield slug, s.ls.within([code]) & (length > most)


SEQUENCE_RULES: Mapping[str, Callable[[Episodes, Context], Found]] = {
    "05": _rule_05,
    "07": _rule_07,
    "10": _rule_10,
    "11": _rule_11,
    "12": _rule_12,
    "13": _rule_13,
    "17": _rule_17,
    "18": _rule_18,
    "19": _rule_19,
    "23": _rule_23,
    "26": _rule_26,
}
