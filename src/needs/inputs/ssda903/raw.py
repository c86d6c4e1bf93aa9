"""All rows of all returns as read: parsed and tied to their year, not yet judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["BAD", "RawReturns"]

BAD = "bad_"
"""Prefix of the columns that mark cells which were not blank but could not be read."""


@dataclass(frozen=True)
class RawReturns:
    """Every row of every return, concatenated; nothing superseded, left out or repaired.

    Columns of every frame:

    ``child`` (int32)
        The same number for the same child in every table and return: position in ``ids``.
    ``return_year`` (int16)
        End year of the return (2023 for 2022-23).
    ``file_id`` (int16)
        Position in ``files``.
    ``row`` (int32)
        Row as a spreadsheet shows it (the header is row 1); for XML the ordinal of the
        element in the file, from 1.
    ``bad_<column>`` (bool)
        For each date, code, flag and number column that is in the frame: the cell was not
        blank and could not be read (dates, numbers: the value is then NaT or NaN; codes: in
        no year's list, the value is kept). At most ``quality.max_invalid_share`` of a file's
        cells: more is an error of the file.

    The columns of the return stand in lower case, all of them, in the order of
    ``vocabulary/data/ssda903_tables.toml``; those that a file does not have are blank:

    - dates are datetime64[ns], NaT blank (parts unknown in ``date_perm``: NaT, not bad);
    - codes are a category of the text as read, trimmed and upper-cased, NaN blank; the
      categories are every code of any year and the unknown codes met;
    - flags (0/1) and numbers are float64, NaN blank;
    - texts (``upn, urn, home_post, pl_post, pl_la, pl_location, la_perm, sw_id``) are a
      category of the text, trimmed and upper-cased, NaN blank; no ``bad_`` column.

    Rows stand sorted by return year, then child, then the table's key, whatever the order
    of files and rows. The index is 0..n-1 and unique.

    Parameters
    ----------
    header : pandas.DataFrame
        One row a child and return: ``sex, dob, ethnic, upn, mother, mc_dob``. A UASC
        flag in a Header or an XML return becomes a row of ``others["uasc"]``.
    episodes : pandas.DataFrame
        ``decom, rne, ls, cin, place, place_provider, dec, rec, reason_place_change,
        home_post, pl_post, urn, pl_la, pl_location, pl_distance`` and ``repaired`` (bool,
        False as read).
    others : mapping of str to pandas.DataFrame
        The other tables that any return has, keyed ``reviews, uasc, oc2, oc3, ad1,
        placed_adoption, prev_perm, missing, sw_episodes, dolo``.
    returns : pandas.DataFrame
        As :attr:`needs.vocabulary.records.Records.returns`.
    files : tuple of str
        File names relative to the study's folder, sorted; ``file_id`` points here.
    set_aside : pandas.DataFrame
        Differences between an in-year extract and a later return of the same year, which
        takes its place whole: columns of :attr:`Records.conflicts`.
    ids : pandas.Index
        Private: position ``child`` -> the authority's identifier.
    """

    header: pd.DataFrame
    episodes: pd.DataFrame
    others: Mapping[str, pd.DataFrame]
    returns: pd.DataFrame
    files: tuple[str, ...]
    set_aside: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    ids: pd.Index = field(repr=False, compare=False, default_factory=lambda: pd.Index([]))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every frame by table name, ``header`` and ``episodes`` first."""
        return {"header": self.header, "episodes": self.episodes, **self.others}
