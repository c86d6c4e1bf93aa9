"""Rules that one episode answers by itself: blanks, codes, dates, provider, postcode, age."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality.arrays import Bools, Codes, age_on, days
from needs.inputs.ssda903.quality.view import SHORT_BREAKS, TEMPORARY, Episodes, Years
from needs.vocabulary.codes import code_set

__all__ = ["CELL_RULES", "Context", "Found", "known_in_year"]

Found = Iterator[tuple[str, Bools]]

REGISTRATION = float(days(pd.Timestamp("2023-10-28")))
"""From this day supported accommodation had to be registered with Ofsted, 16 the least age."""
LAST_FREEING = float(days(pd.Timestamp("2005-12-30")))
"""No freeing order was granted after this day."""

_POSTCODE = r"^(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|GIR ?0AA)$"
_URN = r"^(?:SC\d{6}|\d{6,7}|XXXXXXX)$"
_NO_URN = ("H5", "P1", "P2", "P3", "R1", "R2", "R5", "Z1", "Z11", "Z12", "Z13", "Z14", *TEMPORARY)
_NO_PROVIDER = (*TEMPORARY, "Z1", "Z11", "Z12", "Z13", "Z14")
_KIN = ("P1", "U1", "U2", "U3", "Q1")
_NOT_PR3 = ("P1", "A3", "A4", "A5", "A6", "K1", "K2", "U1", "U2", "U3", "U4", "U5", "U6")


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules know beside the episodes themselves.

    Parameters
    ----------
    years : Years
        The returns.
    uasc, uasc_open : array of bool, one a cell
        Children in the UASC table of that return; those whose status had not ended.
    bad : mapping of str to array of bool
        Column of the return -> rows of the frame whose cell could not be read.
    """

    years: Years
    uasc: Bools
    uasc_open: Bools
    bad: Mapping[str, Bools]

    @property
    def uasc_lately(self) -> Bools:
        """Cells of children in the UASC table of that return or of the two before."""
        before = self.years.year_before(self.uasc)
        return self.uasc | before | self.years.year_before(before)


def known_in_year(name: str, codes: Codes, year_of_row: np.ndarray, years: Years) -> Bools:
    """Return the rows whose code is of some year, and not of their own."""
    known = code_set(name)
    words = codes.words.astype(str)
    valid = np.array([np.isin(words, sorted(known.valid_in(int(y)))) for y in years.year])
    valid = valid.reshape(len(years.year), len(words))
    listed = np.isin(words, sorted(known.codes))
    table = np.pad(listed & ~valid, ((0, 0), (0, 1)))  # last column answers a blank
    return np.asarray(table[year_of_row, codes.of])


def _matches(codes: Codes, pattern: str) -> Bools:
    """Return the rows whose word matches; each word is looked at once."""
    words = pd.Series(codes.words, dtype="string")
    return codes.where(words.str.match(pattern).fillna(False).to_numpy(bool))


def _blank_or_unknown(codes: Codes, unknown: Bools) -> Found:
    yield "blank", codes.blank
    yield "unknown", unknown


def _rule_02(e: Episodes, c: Context) -> Found:
    yield "blank", np.isnan(e.decom) & ~c.bad["decom"]
    yield "unreadable", c.bad["decom"]


def _rule_03(e: Episodes, c: Context) -> Found:
    yield from _blank_or_unknown(e.rne, c.bad["rne"])


def _rule_04(e: Episodes, c: Context) -> Found:
    yield from _blank_or_unknown(e.ls, c.bad["ls"])


def _rule_05(e: Episodes, c: Context) -> Found:
    yield from _blank_or_unknown(e.cin, c.bad["cin"])


def _rule_06(e: Episodes, c: Context) -> Found:
    yield from _blank_or_unknown(e.place, c.bad["place"])


def _rule_07(e: Episodes, c: Context) -> Found:
    open_ = np.isnan(e.dec) & ~c.bad["dec"]
    yield "rec_without_dec", open_ & ~e.rec.blank
    yield "x1_without_dec", open_ & e.rec.within(["X1"])
    yield "rec_unknown", c.bad["rec"]


def _rule_08(e: Episodes, c: Context) -> Found:
    yield "unreadable", c.bad["dec"]
    yield "same_day", e.dec == e.decom


def _rule_15(e: Episodes, c: Context) -> Found:
    adult = age_on(e.end, e.dob) >= 18
    staying = e.ls.within(["V2"]) & e.place.within(["K2"])  # section 20(5), in a community home
    yield "start", e.rne.within(["S"]) & (age_on(e.decom, e.dob) >= 18)
    yield "open", np.isnan(e.dec) & adult & ~staying
    yield "ended_after", (age_on(e.dec - 1, e.dob) >= 18) & ~staying


def _rule_16(e: Episodes, c: Context) -> Found:
    yield "starts_after", e.decom > e.end
    yield "ends_after", (e.dec > e.end) & ~(e.decom > e.end)
    yield "ended_before", e.dec < e.start


def _rule_20(e: Episodes, c: Context) -> Found:
    none = e.place.within(_NO_PROVIDER)
    yield "blank", e.provider.blank & ~none & ~e.place.blank
    yield "unknown", c.bad["place_provider"]
    yield "not_needed", ~e.provider.blank & none
    parent = e.provider.within(["PR0"])
    wrong = parent & ~e.place.within(["P1", *_NO_PROVIDER]) & ~e.place.blank
    wrong |= e.place.within(["P1"]) & ~parent & ~e.provider.blank & ~c.bad["place_provider"]
    wrong |= e.provider.within(["PR1", "PR2"]) & e.place.within(["R2", "R5"])
    wrong |= e.provider.within(["PR3"]) & e.place.within(_NOT_PR3)
    yield "not_allowed", wrong


def _rule_21(e: Episodes, c: Context) -> Found:
    counted = ~e.ls.within(SHORT_BREAKS)
    yield "home_blank", e.home.blank & counted & ~c.uasc_lately[e.cell]
    yield "place_blank", e.post.blank & counted
    odd = ~e.home.blank & ~_matches(e.home, _POSTCODE)
    yield "malformed", odd | (~e.post.blank & ~_matches(e.post, _POSTCODE))
    yield "same", _same_words(e.home, e.post) & ~e.place.within(_KIN) & counted


def _same_words(a: Codes, b: Codes) -> Bools:
    """Return where two columns hold the same postcode, spaces aside; a blank agrees with none."""
    words = pd.Series([*a.words, *b.words], dtype="string").str.replace(" ", "")
    same = np.asarray(words.factorize()[0])
    of_a, of_b = np.append(same[: len(a.words)], -1), np.append(same[len(a.words) :], -2)
    return np.asarray(of_a[a.of] == of_b[b.of])


def _rule_22(e: Episodes, c: Context) -> Found:
    abroad = e.la.where(np.isin(e.la.words.astype(str).astype("U1"), ["N", "W", "S", "C"]))
    running = np.isnan(e.dec) | (e.dec > REGISTRATION)
    needed = ~e.place.within(_NO_URN) & ~e.place.blank
    needed |= e.place.within(["H5"]) & running & (e.end > REGISTRATION)
    yield "blank", needed & e.urn.blank & ~abroad
    formed = _matches(e.urn, _URN)
    yield "malformed", ~e.urn.blank & ~formed
    unknown = e.urn.within(["XXXXXXX"])
    yield "not_known", unknown
    group = e.year * (len(e.urn.words) + 1) + e.urn.of  # blanks fall beside the words
    named = formed & ~e.urn.blank & ~unknown  # what is no number names no one home
    foster, home = (np.zeros(len(c.years.year) * (len(e.urn.words) + 1), bool) for _ in range(2))
    foster[group[named & e.place.within(["U1", "U2", "U3", "U4", "U5", "U6"])]] = True
    home[group[named & e.place.within(["K1", "K2"])]] = True
    yield "two_kinds", named & (foster & home)[group]


def _rule_23(e: Episodes, c: Context) -> Found:
    uasc = c.uasc[e.cell]
    yield "need", uasc & ~e.cin.blank & ~e.cin.within(["N8"])
    yield "home_postcode", uasc & ~e.home.blank


def _rule_25(e: Episodes, c: Context) -> Found:
    age, at_end = age_on(e.decom, e.dob), age_on(e.dec, e.dob)
    later = e.decom >= REGISTRATION
    young = e.place.within(["K3"]) & (age < 16)
    young |= e.place.within(["H5"]) & (age < np.where(later, 16, 14))
    young |= e.place.within(["P2"]) & (age < np.where(later, 16, 15))
    yield "supported", young
    yield "employment", e.place.within(["P3"]) & (age < 14)
    yield "custody", e.place.within(["R5"]) & (age < 10)
    yield "school", e.place.within(["S1"]) & (age < 4)
    yield "youth_justice", e.ls.within(["J1", "J2", "J3"]) & (age < 10)
    made = e.rne.within(["S", "L", "B", "U"]) & e.ls.within(["C1", "C2"])
    yield "care_order", made & (age >= 17)
    wrong = e.rec.within(["E5", "E6"]) & (at_end < 14)
    wrong |= e.rec.within(["E7"]) & (at_end < 16)
    wrong |= e.rec.within(["E17"]) & (at_end < 18)
    yield "exit", wrong | (e.rec.within(["E11", "E12"]) & (at_end >= 18))


def _rule_26(e: Episodes, c: Context) -> Found:
    yield "freeing_order", e.ls.within(["D1"]) & (e.dob > LAST_FREEING)


def _rule_27(e: Episodes, c: Context) -> Found:
    barred = e.place.within(["P2"]) & (np.isnan(e.dec) | (e.dec > REGISTRATION))
    place = known_in_year("PLACE", e.place, e.year, c.years)
    yield "place_year", place | (barred & (e.end > REGISTRATION))
    d1 = e.ls.within(["D1"]) & (c.years.year[e.year] >= 2025)
    yield "status_year", known_in_year("LS", e.ls, e.year, c.years) | d1
    reason = known_in_year("REASON_PLACE_CHANGE", e.reason, e.year, c.years)
    yield "reason_year", reason | known_in_year("REC", e.rec, e.year, c.years)


CELL_RULES: Mapping[str, Callable[[Episodes, Context], Found]] = {
    "02": _rule_02,
    "03": _rule_03,
    "04": _rule_04,
    "05": _rule_05,
    "06": _rule_06,
    "07": _rule_07,
    "08": _rule_08,
    "15": _rule_15,
    "16": _rule_16,
    "20": _rule_20,
    "21": _rule_21,
    "22": _rule_22,
    "23": _rule_23,
    "25": _rule_25,
    "26": _rule_26,
    "27": _rule_27,
}
