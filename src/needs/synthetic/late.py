"""What an authority learns late: returns that the next one puts right, in known numbers.

Only the earlier account is spoilt. The later return tells the lives as they were, so that counts
from all returns stay what they are without this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.synthetic.text import dfe_days
from needs.vocabulary.periods import ReportingYear

__all__ = ["CHANGES", "LATE", "Late", "carried_on", "unlearned"]

Tables = dict[str, pd.DataFrame]
_DATE = "%d/%m/%Y"
_ROOM_DAYS = 90
CHANGES = ("reason", "count", "return_year", "sign", "children_n")
"""Columns of what later returns change."""


@dataclass(frozen=True, slots=True)
class Late:
    """One kind of thing learnt late.

    Parameters
    ----------
    reason : str
        What the analysis must call it (key of ``care.restated.REASONS``).
    share : float
        Share of the return's children, at least one.
    where : callable
        Episodes of children who have one in the return -> mask of those that may be spoilt.
    changes : callable
        The same episodes -> by count (``stock``, ``started``, ``ceased``) whether each is then
        counted otherwise, with the sign of the change that the next return brings.
    """

    reason: str
    share: float
    where: Callable[[pd.DataFrame], pd.Series]
    changes: Callable[[pd.DataFrame], Mapping[str, tuple[int, pd.Series]]]


def _came(e: pd.DataFrame) -> pd.Series:
    return e["open"] & e["inside"] & (e["RNE"] == "S")


def _all(e: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=e.index)


LATE: tuple[Late, ...] = (
    Late("child_late", 0.01, _came, lambda e: {"stock": (1, _all(e)), "started": (1, _all(e))}),
    Late(
        "end",
        0.012,
        lambda e: ~e["open"] & e["REC"].str.startswith("E") & (e["stop"] > e["begin"]),
        # Who came of age before the year's end would not have counted with an open record either.
        lambda e: {"stock": (-1, e["minor"]), "ceased": (1, _all(e))},
    ),
    Late(
        "short_breaks",
        0.003,
        lambda e: e["open"] & (e["LS"] == "V2") & (e["PLACE"] != "K2"),
        lambda e: {"stock": (1, _all(e)), "started": (1, _came(e))},
    ),
    Late(
        "age",
        0.002,
        lambda e: e["open"] & (e["LS"] != "V2") & e["room"],
        lambda e: {"stock": (1, _all(e))},
    ),
    Late("code", 0.002, _came, lambda e: {"started": (1, _all(e))}),
)
"""What is learnt late; a child learns one thing."""


def unlearned(
    tables: Mapping[str, pd.DataFrame], year: ReportingYear, rng: np.random.Generator
) -> tuple[Tables, Tables, pd.DataFrame]:
    """Return one return as it was first made, and what the next must tell again.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        As :func:`needs.synthetic.returns.return_tables` gives them.
    year : ReportingYear
        Not the last: a later return must put it right.
    rng : numpy.random.Generator

    Returns
    -------
    tables : dict of str to pandas.DataFrame
    carried : dict of str to pandas.DataFrame
        ``header`` and ``episodes`` rows for :func:`carried_on`.
    planted : pandas.DataFrame
        Columns ``reason, count, return_year, sign, children_n``: what the next return changes.
    """
    out = {name: t.reset_index(drop=True) for name, t in tables.items()}
    e = _alone(out["episodes"], out["header"], year)
    free = pd.Series(True, index=e.index)
    children = out["header"]["CHILD"].nunique()
    taken: dict[str, pd.DataFrame] = {}
    planted = []
    for late in LATE:
        able = e.index[late.where(e) & free]
        n = min(len(able), max(1, round(late.share * children)))
        chosen = np.sort(rng.permutation(able.to_numpy())[:n])
        free[chosen] = False
        taken[late.reason] = rows = e.loc[chosen]
        for count, (sign, which) in late.changes(rows).items():
            planted.append((late.reason, count, year.end_year, sign, int(which.sum())))
    carried = {
        n: out[n][out[n]["CHILD"].isin(taken["end"]["CHILD"])] for n in ("header", "episodes")
    }
    _spoil(out, taken, year)
    told = pd.DataFrame(planted, columns=[*CHANGES])
    return out, carried, told[told["children_n"] > 0]


def carried_on(tables: Mapping[str, pd.DataFrame], carried: Mapping[str, pd.DataFrame]) -> Tables:
    """Return the next return with what the one before did not know added."""
    out = dict(tables)
    for name, rows in carried.items():
        known = tables[name]["CHILD"] if name == "header" else ()
        more = rows[~rows["CHILD"].isin(known)]
        out[name] = pd.concat([tables[name], more], ignore_index=True)
    return out


def _alone(episodes: pd.DataFrame, header: pd.DataFrame, year: ReportingYear) -> pd.DataFrame:
    """Return the episodes of children who have just one, with what is asked of them."""
    e = episodes[~episodes["CHILD"].duplicated(keep=False)].copy()
    begin, end = pd.Timestamp(year.start), pd.Timestamp(year.end)
    born = e["CHILD"].map(header.drop_duplicates("CHILD").set_index("CHILD")["DOB"])
    start, stop, born = (
        pd.to_datetime(days, format=_DATE, errors="coerce") for days in (e["DECOM"], e["DEC"], born)
    )
    return e.assign(
        stop=stop,
        begin=begin,
        open=e["DEC"] == "",
        inside=start >= begin,
        minor=(born + pd.DateOffset(years=18) > end) | ((e["LS"] == "V2") & (e["PLACE"] == "K2")),
        room=start < end - pd.Timedelta(days=_ROOM_DAYS),
    )


def _spoil(out: Tables, taken: Mapping[str, pd.DataFrame], year: ReportingYear) -> None:
    """Make the return what it was before its authority knew better."""
    e = out["episodes"]
    for reason, cells in (
        ("end", {"DEC": "", "REC": "", "REASON_PLACE_CHANGE": ""}),
        ("short_breaks", {"LS": "V4"}),
        ("code", {"RNE": "P"}),
    ):
        for column, cell in cells.items():
            e.loc[taken[reason].index, column] = cell
    eighteen = pd.Timestamp(year.end) - pd.Timedelta(days=_ROOM_DAYS // 2)
    born = dfe_days([eighteen - pd.DateOffset(years=18)])[0]
    for name, table in out.items():
        if "DOB" in table:
            table.loc[table["CHILD"].isin(taken["age"]["CHILD"]), "DOB"] = born
        out[name] = table[~table["CHILD"].isin(taken["child_late"]["CHILD"])]
