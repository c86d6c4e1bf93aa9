"""How returns differ about the same episodes, and one history a child from all of them.

A return gives every episode that was open at any time in its year. So an episode open at
the end of one return must stand in the next, and one that began before that end must have
stood there already. Beside fields that differ, these are counted:

- ``decom``: the later return has the placement with the same legal status and another start;
- ``not_continued``: open at the end of the earlier return, and not in the next;
- ``added_later``: began before the earlier return's end, and is not in it;
- ``overlap``: an episode kept from an earlier return ran into a later return's account of
  the child; it is cut there, or left out if it begins inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.ssda903.tables import tables
from needs.inputs.ssda903.vintages import Superseded, conflict_frame, supersede
from needs.vocabulary.codes import code_set

__all__ = ["Differences", "differences", "histories", "moved_starts", "period_of_care"]

COMPARED = (
    "rne",
    "ls",
    "cin",
    "place",
    "place_provider",
    "dec",
    "rec",
    "reason_place_change",
    "home_post",
    "pl_post",
    "urn",
)
_KEY = ("child", "decom", "return_year")
_SAME_EPISODE = ["child", "next_year", "place", "ls"]
GAP_DAYS = 7
"""Longest gap that codes saying "continues" on both sides may bridge in a period of care."""

Flags = npt.NDArray[np.bool_]
Found = list[tuple[str, pd.Series, pd.Series]]
_NEVER = pd.Timestamp(2262, 1, 1)
_NO_EXIT = ("continues", "tool_added")


@dataclass(frozen=True)
class Differences:
    """What returns say differently about episodes.

    Parameters
    ----------
    conflicts : pandas.DataFrame
        As :attr:`needs.vocabulary.records.Records.conflicts`.
    moved : pandas.DataFrame
        ``child, decom, return_year`` of episodes that a later return has with another start.
    """

    conflicts: pd.DataFrame
    moved: pd.DataFrame


def differences(episodes: pd.DataFrame, returns: pd.DataFrame) -> Differences:
    """Count how each return differs from the next that speaks of the same episodes.

    Parameters
    ----------
    episodes : pandas.DataFrame
        Episodes of every return as read; those without a start are passed over.
    returns : pandas.DataFrame
        ``return_year`` and ``end`` of each, by year.
    """
    episodes = episodes[episodes["decom"].notna()].reset_index(drop=True)
    first = supersede(episodes, tables()["episodes"], fields=COMPARED)
    if len(returns) < 2:
        return Differences(first.conflicts, first.frame[list(_KEY)].iloc[:0])
    lost, added, moved = _apart(episodes, first.frame, returns)
    found = conflict_frame(_counts(lost, added, moved))
    return Differences(pd.concat([first.conflicts, found]), moved[list(_KEY)])


def moved_starts(episodes: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Return :attr:`Differences.moved` without counting what else differs."""
    if len(returns) < 2:
        return episodes[list(_KEY)].iloc[:0]
    episodes = episodes[episodes["decom"].notna()].reset_index(drop=True)
    kept = supersede(episodes, tables()["episodes"], fields=()).frame
    return _apart(episodes, kept, returns)[2][list(_KEY)]


def _apart(
    episodes: pd.DataFrame, frame: pd.DataFrame, returns: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return episodes that were not continued, that were added later, and whose start moved."""
    years = returns["return_year"].to_numpy(np.int64)
    ends = pd.Series(returns["end"].to_numpy(), index=years)
    following = pd.Series(np.append(years[1:], 0), index=years)
    in_next, last_met = _met_again(episodes, following)
    next_year = episodes["return_year"].map(following)
    lost = episodes[episodes["dec"].isna() & (next_year > 0) & ~in_next].assign(next_year=next_year)
    of_key = episodes.groupby(["child", "decom"])["return_year"]
    added = _added(frame, of_key.transform("min").reindex(frame.index), ends)
    return lost, added, _moved_starts(lost[last_met[lost.index]], added)


def histories(episodes: pd.DataFrame, moved: pd.DataFrame) -> Superseded:
    """Return one history a child: each episode as the latest return has it.

    Parameters
    ----------
    episodes : pandas.DataFrame
        Checked episodes of every return; none open that a later return does not continue.
    moved : pandas.DataFrame
        Earlier accounts of episodes whose start was corrected, left out here.

    Returns
    -------
    Superseded
        Episodes sorted by child and start; ``repaired`` also marks those cut here. Its
        conflicts are the cuts.
    """
    if len(moved):
        key = pd.MultiIndex.from_frame(episodes[list(_KEY)])
        episodes = episodes[~key.isin(pd.MultiIndex.from_frame(moved))].reset_index(drop=True)
    if episodes["return_year"].nunique() < 2:  # one account has nothing to be set against
        return Superseded(_sorted(episodes), conflict_frame([]))
    frame, cut = _cut_overlaps(supersede(episodes, tables()["episodes"], fields=()).frame)
    return Superseded(_sorted(frame), conflict_frame(cut))


def _met_again(episodes: pd.DataFrame, following: pd.Series) -> tuple[Flags, Flags]:
    """Return which rows stand in the next return too, and which in no later one."""
    year = episodes["return_year"].to_numpy(np.int64)
    child, decom = episodes["child"].to_numpy(), episodes["decom"].to_numpy("datetime64[ns]")
    order = np.lexsort([year, decom, child])
    # The position of the next row of another return, past copies within one return.
    key = np.append(True, (np.diff(child[order]) != 0) | (decom[order][1:] != decom[order][:-1]))
    new = np.append(True, key[1:] | (np.diff(year[order]) != 0))[: len(order)]
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    starts_key = np.append(key[first], True)[1 : len(first) + 1]
    of_next = np.where(starts_key, 0, np.append(year[order][first], 0)[1:])
    again = np.empty(len(order), np.int64)
    again[order] = of_next[group]
    return again == following.reindex(year).to_numpy(), again == 0


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(
        ["child", "decom", "dec", "return_year"], kind="stable", ignore_index=True
    )


def _added(frame: pd.DataFrame, first_year: pd.Series, ends: pd.Series) -> pd.DataFrame:
    """Return episodes first met in a return although the one before should have had them."""
    years = ends.index.to_numpy()
    before = pd.Series(np.append(0, years[:-1]), index=years)
    previous = first_year.map(before)
    end_before = previous.map(ends)
    late = (frame["decom"] <= end_before).to_numpy()
    return frame[late].assign(earlier_year=previous[late], next_year=first_year[late])


def _moved_starts(lost: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Return lost episodes that a later return has with another start, one to one.

    Of several that fit, the nearest starts are taken together.
    """
    both = lost.reset_index(names="lost").merge(
        added.reset_index(names="added")[[*_SAME_EPISODE, "decom", "added"]],
        on=_SAME_EPISODE,
        suffixes=("", "_later"),
    )
    both["apart"] = (both["decom"] - both["decom_later"]).abs()
    both = both.sort_values(["apart", "lost", "added"], kind="stable")
    both = both.drop_duplicates("lost").drop_duplicates("added")
    return both.set_index("lost").sort_index()


def _counts(lost: pd.DataFrame, added: pd.DataFrame, moved: pd.DataFrame) -> Found:
    gone = lost.drop(index=moved.index)
    # Where the return of the year between is not in the study, silence is no difference.
    gone = gone[gone["next_year"] == gone["return_year"] + 1]
    new = added.drop(index=pd.Index(moved["added"]))
    return [
        ("decom", moved["return_year"], moved["next_year"]),
        ("not_continued", gone["return_year"], gone["next_year"]),
        ("added_later", new["earlier_year"], new["next_year"]),
    ]


def _cut_overlaps(frame: pd.DataFrame) -> tuple[pd.DataFrame, Found]:
    """End an earlier return's episode where a later return's account of the child begins.

    One that begins inside the later account is left out.
    """
    frame = _sorted(frame)
    end = frame["dec"].fillna(_NEVER)
    before = _running_end(frame["child"].to_numpy(), frame["dec"].to_numpy("datetime64[D]"))
    runs_in = frame["decom"].to_numpy("datetime64[D]")[1:] < before[:-1]
    runs_in &= frame["child"].to_numpy()[1:] == frame["child"].to_numpy()[:-1]
    some = frame["child"].isin(frame["child"].to_numpy()[1:][runs_in])
    rows = frame.loc[some, ["child", "return_year", "decom"]].rename(
        columns={"return_year": "year"}
    )
    rows["end"], rows["at"] = end[some], rows.index
    pairs = rows.merge(rows, on="child", suffixes=("", "_later"))
    pairs = pairs[(pairs["year_later"] > pairs["year"]) & (pairs["decom"] < pairs["end_later"])]
    pairs = pairs[pairs["end"] > pairs["decom_later"]].sort_values(["at", "decom_later"])
    first = pairs.drop_duplicates("at").set_index("at")
    cut = first[first["decom_later"] > first["decom"]]
    frame.loc[cut.index, "dec"] = cut["decom_later"]
    frame.loc[cut.index, "rec"] = "X1"
    frame.loc[cut.index, "repaired"] = True
    left = frame.drop(index=first.index.difference(cut.index))
    return left, [("overlap", first["year"], first["year_later"])]


def period_of_care(episodes: pd.DataFrame) -> npt.NDArray[np.int32]:
    """Return the number of the period of care that each episode is part of.

    A period runs on while one episode ends on the day the next starts, unless the end is an
    exit and the next starts care anew (RNE S). A gap of up to :data:`GAP_DAYS` days is bridged
    where the codes on both sides say that care went on (REC X1, RNE other than S).

    Parameters
    ----------
    episodes : pandas.DataFrame
        Sorted by child and start.
    """
    child = episodes["child"].to_numpy()
    decom = episodes["decom"].to_numpy("datetime64[D]")
    latest_end = _running_end(child, episodes["dec"].to_numpy("datetime64[D]"))
    exits = code_set("REC").in_group(
        "adoption", "home_or_kin", "other", "aged_out", "transfer", "sgo"
    )
    starts_anew = (episodes["rne"] == "S").to_numpy()
    left = episodes["rec"].isin(exits).to_numpy()
    moved_on = (episodes["rec"] == "X1").to_numpy()
    new = np.ones(len(episodes), bool)
    gap = (decom[1:] - latest_end[:-1]).astype(np.int64)
    ended = (gap > 0) & ~(moved_on[:-1] & ~starts_anew[1:] & (gap <= GAP_DAYS))
    new[1:] = (child[1:] != child[:-1]) | ended | ((gap == 0) & left[:-1] & starts_anew[1:])
    return (np.cumsum(new) - 1).astype(np.int32)


def _running_end(
    child: npt.NDArray[np.generic], dec: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.datetime64]:
    """Return the latest end of a child's episodes so far; open ones never end."""
    days = (
        np.where(np.isnat(dec), np.datetime64(_NEVER, "D"), dec)
        .astype("datetime64[D]")
        .astype(np.int64)
    )
    span = np.int64(1) << 20
    rank = np.cumsum(np.append(True, child[1:] != child[:-1])[: len(child)]) * span
    return (np.maximum.accumulate(rank + days) - rank).astype("datetime64[D]")
