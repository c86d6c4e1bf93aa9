"""Which reporting years a file's own dates speak for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.ssda903.parts import Hashes, Part
from needs.inputs.ssda903.tables import tables
from needs.vocabulary.periods import ReportingYear

__all__ = [
    "Dated",
    "Flags",
    "date_episodes",
    "date_events",
    "date_started_or_ended",
    "episode_keys",
    "latest_event",
    "year_of",
]

Years = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MISFIT_SHARE, _MISFIT_ROWS = 0.1, 5
_SURE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Dated:
    """What dates say: the year, whether they settle it, whether they speak of several.

    ``rows`` counts the dates that say so.
    """

    year: int
    sure: bool
    several: bool = False
    rows: int = 0


def year_of(days: pd.Series) -> Years:
    """Return the end year of the reporting year of each day; 0 where blank."""
    values = days.to_numpy("datetime64[ns]")
    months = values.astype("datetime64[M]").astype(np.int64)
    return np.where(np.isnat(values), 0, (months + 9) // 12 + 1970)


def date_episodes(parts: Sequence[Part]) -> Dated | None:
    """Return the year of the Episodes tables of a file.

    An episode belongs in a return when it started by the end of the year and did not end
    before its start. The year that most rows fit is taken, the earliest such; it is sure
    when an episode ended in it, for an ended episode stands in one return alone.
    """
    frames = [p.frame[["decom", "dec"]] for p in parts if p.table == "episodes"]
    if not frames:
        return None
    both = pd.concat(frames)
    both = both[both.notna().any(axis=1)]
    if both.empty:
        return None
    decom, dec = year_of(both["decom"]), year_of(both["dec"])
    still = dec == 0
    # The day after the return's end is where some systems close an episode.
    edge = ((both["dec"].dt.month == 4) & (both["dec"].dt.day == 1)).to_numpy()
    years = [int(y) for y in np.unique(np.where(still, decom, dec))]
    fits = [
        int(((decom <= y) & (still | (dec == y) | (edge & (dec == y + 1)))).sum()) for y in years
    ]
    year = years[int(np.argmax(fits))]
    misfit = len(both) - max(fits)
    several = misfit > max(_MISFIT_ROWS, _MISFIT_SHARE * len(both))
    return Dated(year, bool((dec == year).any()), several)


def date_events(parts: Sequence[Part]) -> Dated | None:
    """Return the year in which nearly all dated events of the other tables fall, if one."""
    found = [
        year_of(part.frame[column])
        for part in parts
        if part.table != "episodes"
        for column in tables()[part.table].events
    ]
    years = np.concatenate([np.empty(0, np.int64), *found])
    met, counts = np.unique(years[years > 0], return_counts=True)
    if not len(met) or counts.max() < _SURE_SHARE * counts.sum():
        return None
    return Dated(int(met[np.argmax(counts)]), sure=True, rows=int(counts.max()))


def date_started_or_ended(part: Part, start: dt.date, end: dt.date) -> tuple[Flags, Flags, Flags]:
    """Return which episodes lie after a span, start or end within it, or ended before it.

    The day after the span's end still counts as within: some systems close episodes on it.
    """
    first = np.datetime64(start, "ns")
    last, edge = np.datetime64(end, "ns"), np.datetime64(end + dt.timedelta(days=1), "ns")
    decom, dec = (part.frame[c].to_numpy("datetime64[ns]") for c in ("decom", "dec"))
    late = (decom > last) | (dec > edge)
    inside = ((decom >= first) & (decom <= last)) | ((dec >= first) & (dec <= edge))
    return late, inside, dec < first


def latest_event(parts: Sequence[Part], year: int) -> tuple[pd.Timestamp, int]:
    """Return the last dated event within the year, and how many there are."""
    start, end = ReportingYear(year).start, ReportingYear(year).end
    days = [part.frame[c] for part in parts for c in tables()[part.table].events]
    both = pd.concat(days) if days else pd.Series(dtype="datetime64[ns]")
    inside = both[(both >= pd.Timestamp(start)) & (both <= pd.Timestamp(end))]
    last = inside.max() if len(inside) else pd.Timestamp(start)
    return last, len(inside)


def episode_keys(parts: Sequence[Part], *, once: bool = True) -> Hashes:
    """Return a number for each episode of the files: its child and start, each once or all."""
    found = [np.empty(0, np.uint64)]
    for p in parts:
        if p.table == "episodes":
            day = p.frame["decom"].to_numpy("datetime64[D]").astype(np.int64).astype(np.uint64)
            found.append(p.child_hashes ^ (day * np.uint64(0x9E3779B97F4A7C15)))
    keys = np.concatenate(found)
    return np.unique(keys) if once else keys
