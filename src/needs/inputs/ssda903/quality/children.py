"""Rules about children: the Header, dates of birth, and the UASC table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality.arrays import Bools, Codes, Days, Ints, age_on, days
from needs.inputs.ssda903.quality.cells import known_in_year
from needs.inputs.ssda903.quality.view import Years, bad
from needs.inputs.ssda903.raw import BAD
from needs.vocabulary.codes import code_set

__all__ = [
    "Header",
    "header_rules",
    "header_view",
    "missing_from_header",
    "uasc_cells",
    "uasc_rules",
]

OLDEST = 25


@dataclass(frozen=True)
class Header:
    """The Header as arrays, one element a row, with what is done to it.

    ``keep`` are the rows kept, one a cell; ``dob`` the date of birth after repair, and
    ``dob_of`` the same by cell.
    """

    cell: Ints
    keep: Bools
    same: Bools
    differs: Bools
    dob: Days
    impossible: Bools
    dob_of: Days
    present: Bools


def header_view(frame: pd.DataFrame, years: Years, first_start: Days) -> Header:
    """Return the Header with one row a child kept and impossible dates of birth taken out.

    Parameters
    ----------
    first_start : array of float, one a cell
        First episode start of each child in each return.
    """
    cell = years.cell(frame)
    keep, same = _one_row_each(frame, cell)
    born = days(frame["dob"])
    limit = np.fmin(first_start[cell], years.end[cell // years.children])
    impossible = born > limit
    dob = np.where(impossible, np.nan, born)
    dob_of = np.full(years.cells, np.nan)
    dob_of[cell[keep]] = dob[keep]
    return Header(cell, keep, ~keep & same, ~keep & ~same, dob, impossible, dob_of, years.any(cell))


def _one_row_each(frame: pd.DataFrame, cell: Ints) -> tuple[Bools, Bools]:
    """Return the rows kept, and the rows that are copies of the row kept.

    Of rows that differ the one with more cells filled is kept, then the first by content,
    so that the order of rows plays no part.
    """
    keep, same = np.ones(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    twice = np.flatnonzero(pd.Series(cell).duplicated(keep=False).to_numpy())
    if not len(twice):
        return keep, same
    columns = [c for c in frame.columns if c not in _OURS and not c.startswith(BAD)]
    some = frame.iloc[twice][columns].astype("string").reset_index(drop=True)
    some["cell"], some["blank"] = cell[twice], some.isna().sum(axis=1)
    order = some.sort_values(["cell", "blank", *columns], kind="stable")
    first = ~order["cell"].duplicated()
    content = order[columns].fillna("")
    alike = content.eq(content.where(first).ffill()).all(axis=1).to_numpy()
    rows = twice[order.index.to_numpy()]
    keep[rows], same[rows] = first.to_numpy(), alike
    return keep, same


_OURS = frozenset({"child", "return_year", "file_id", "row"})


def header_rules(
    frame: pd.DataFrame, years: Years, view: Header, seen: Bools
) -> dict[str, dict[str, Bools]]:
    """Return, by rule and check, the Header rows that it flags.

    Parameters
    ----------
    seen : array of bool, one a cell
        Children with an episode or a care leaver's row in that return.
    """
    year = view.cell // years.children
    born = days(frame["dob"])
    too_old = age_on(years.start[year], view.dob) > OLDEST
    sex, ethnic = (Codes.from_series(frame[c]) for c in ("sex", "ethnic"))
    return {
        "01": {
            "twice_same": view.same,
            "twice_differs": view.differs,
            "no_episodes": view.keep & ~seen[view.cell],
        },
        "14": {
            "blank": np.isnan(born) & ~bad(frame, "dob"),
            "unreadable": bad(frame, "dob"),
            "after_start": view.impossible,
            "old": too_old,
        },
        "24": {**_drift(frame, view), "upn_shared": _shared(frame, view)},
        "27": {
            "sex_year": known_in_year("SEX", sex, year, years),
            "sex_unknown": sex.blank | bad(frame, "sex"),
            "ethnic_unknown": ethnic.blank | bad(frame, "ethnic"),
        },
    }


def missing_from_header(cell: Ints, view: Header) -> Bools:
    """Return the episodes whose child has no Header row in that return."""
    return ~view.present[cell]


def _drift(frame: pd.DataFrame, view: Header) -> dict[str, Bools]:
    """Return the rows that differ from the child's row in the return before it."""
    child = frame["child"].to_numpy(np.int64)
    order = np.lexsort((view.cell, child))
    order = order[view.keep[order]]
    follows = child[order][1:] == child[order][:-1]
    values = {
        "sex": _grouped(frame["sex"], dict(code_set("SEX").group_of), "unknown"),
        "dob": np.nan_to_num(view.dob, nan=-1e9),
        "ethnic": _ethnic(frame["ethnic"]),
        "upn": _real_upn(frame["upn"]),
    }
    out = {}
    for slug, value in values.items():
        ordered = value[order]
        known = (ordered > -1e8) & (ordered != -1)
        differ = follows & (ordered[1:] != ordered[:-1]) & known[1:] & known[:-1]
        out[slug] = np.zeros(len(frame), dtype=bool)
        out[slug][order[1:][differ]] = True
    return out


def _grouped(column: pd.Series, groups: dict[str, str], unknown: str) -> Days:
    """Return a number for the group of each code; -1 where blank, unlisted or unknown."""
    codes = Codes.from_series(column)
    names = sorted(set(groups.values()) - {unknown})
    of = {code: names.index(g) for code, g in groups.items() if g != unknown}
    table = np.array([*(of.get(str(w), -1) for w in codes.words), -1], dtype=float)
    return table[codes.of]


def _ethnic(column: pd.Series) -> Days:
    """Return a number for each ethnicity; -1 where blank, refused or not yet obtained."""
    codes = Codes.from_series(column)
    return np.where(codes.within(code_set("ETHNIC").in_group("Not known")), -1, codes.of).astype(
        float
    )


def _real_upn(column: pd.Series) -> Days:
    """Return a number for each pupil number; -1 where blank or said not to be known."""
    codes = Codes.from_series(column)
    return np.where(codes.within(code_set("UPN_UNKNOWN").codes), -1, codes.of).astype(float)


def _shared(frame: pd.DataFrame, view: Header) -> Bools:
    """Return the rows whose pupil number another child of the same return has."""
    upn = _real_upn(frame["upn"])
    year = frame["return_year"].to_numpy(np.int64)
    key = pd.Series(year * (upn.max(initial=0) + 2) + upn)
    known = (upn >= 0) & view.keep
    return known & key.where(known).duplicated(keep=False).to_numpy()


def uasc_rules(
    frame: pd.DataFrame, header: pd.DataFrame, years: Years, view: Header, first_start: Days
) -> dict[str, Bools]:
    """Return, by check of rule 23, the rows of the UASC table that it flags."""
    cell = years.cell(frame)
    end = days(frame["duc"])
    sexes = dict(code_set("SEX").group_of)
    sex_of = np.full(years.cells, -1.0)
    sex_of[view.cell[view.keep]] = _grouped(header["sex"], sexes, "unknown")[view.keep]
    sex = _grouped(frame["sex"], sexes, "unknown")
    born = days(frame["dob"])
    differs = (sex >= 0) & (sex_of[cell] >= 0) & (sex != sex_of[cell])
    differs |= np.abs(born - view.dob_of[cell]) > 0  # a blank is no difference
    return {
        "ended_after_18": age_on(end - 1, view.dob_of[cell]) >= 18,
        "ended_before_care": end < first_start[cell],
        "differs": differs,
        "no_episodes": np.isnan(first_start[cell]),
    }


def uasc_cells(frame: pd.DataFrame | None, years: Years) -> tuple[Bools, Bools]:
    """Return the cells in the UASC table, and those whose status had not ended."""
    if frame is None or not len(frame):
        return np.zeros(years.cells, dtype=bool), np.zeros(years.cells, dtype=bool)
    cell = years.cell(frame)
    end = days(frame["duc"])
    still = np.isnan(end) | (end > years.end[cell // years.children])
    return years.any(cell), years.any(cell[still])
