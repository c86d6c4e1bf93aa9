"""Beyond 18: care leavers by entitlement, and places they need, from the flows of the forecast.

Entitlements are those of the Children Act 1989, sections 23A to 23CZB and Schedule 2, paragraph
19B: eligible (16 or 17, in care, for at least 13 weeks since 14), relevant (the same, no longer
in care), former relevant (18 and over who were either), to 21 in full and to 25 on request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.flow.bands import ADULT, MONTH, YEAR
from needs.forecast.flow.exposure import born_known
from needs.forecast.history import OPEN, History

__all__ = ["BACK", "KINDS", "Beyond", "Shares", "beyond", "leavers", "left_before", "waits"]

BACK = 96
"""Months before the origin whose leavers may still be under 25."""

KINDS = ("eligible", "relevant", "former_relevant_18_20", "former_relevant_21_24")
AGES_LEFT = 3
"""Left at 16, at 17, on the 18th birthday."""
FOSTER = frozenset({"kinship", "in_house_foster", "other_la_foster", "ifa", "foster"})
"""Placement types in which a young person may stay put."""
SUPPORTED = ("D", "E", "T")
"""First letters of the DfE's codes of semi-independent homes, supported lodgings and foyers."""
UNKNOWN = (
    "There is no list of care leavers: how many stay put, or live in supported accommodation "
    "from eighteen on, cannot be told from the returns.",
    "The list of care leavers tells of nobody who turned eighteen in foster care: how many stay "
    "put cannot be told.",
    "The list of care leavers does not tell where anybody lives: how many live in supported "
    "accommodation from eighteen on cannot be told.",
)
CARRIED = (
    "Shares of care leavers who stay put or live in supported accommodation are those of the list "
    "of care leavers on the last day known, by age. They are taken to stay as they are."
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Shares:
    """Where care leavers live: how many of those known do, and how many do not.

    Parameters
    ----------
    staying_put : ndarray, shape (3, 2)
        Of those who turned 18 in foster care, at 18, 19 and 20: who still live there, and the
        others.
    supported : ndarray, shape (7, 2)
        Of former relevant care leavers, at each age 18 to 24: who live in supported
        accommodation, and the others.
    """

    staying_put: Floats
    supported: Floats

    @classmethod
    def of(cls, history: History, people: pd.DataFrame) -> Shares:
        """Return the shares of a list of care leavers, on the last day of a history.

        Parameters
        ----------
        history : History
        people : pandas.DataFrame
            Rows of the input ``care_leavers``, of the same records as the history.

        Notes
        -----
        Under 21 all who are entitled are on the list: whoever is not on it, or of whom it does
        not say it, is not counted. From 21 only those who ask are: the others have no place.
        """
        gone = leavers(history)
        gone = gone[gone["age"].between(ADULT, ADULT + 6)]
        day = pd.Timestamp(history.until, unit="D")
        now = people[(people["from"] <= day) & (people["to"].isna() | (people["to"] >= day))]
        now = now[now["child"] >= 0].sort_values("from", kind="stable")
        now = now.drop_duplicates("child", keep="last").set_index("child")
        listed = gone["child"].isin(now.index).to_numpy()
        told = now.reindex(gone["child"])
        age = gone["age"].to_numpy() - ADULT
        home = told["accommodation"].astype(object).str[:1]
        known = np.where(age < 3, home.notna(), ~listed | home.notna())
        put = told["staying_put"].astype(object)
        stayed = ((gone["left"] == 2) & gone["foster"]).to_numpy() & put.notna().to_numpy()
        return cls(
            _yes_no(age[stayed], put.isin([True]).to_numpy()[stayed], 3),
            _yes_no(age[known], home.isin(SUPPORTED).to_numpy()[known], 7),
        )


def _yes_no(age: Ints, yes: npt.NDArray[np.bool_], ages: int) -> Floats:
    inside = age < ages
    counts = np.zeros((ages, 2))
    np.add.at(counts, (age[inside], (~yes[inside]).astype(int)), 1)
    return counts


def _drawn(counts: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draw a share for each age, shape (draws, ages): ages of whom few are known lean on all.

    Notes
    -----
    Jeffreys' prior for all ages together (Brown, Cai and DasGupta, Statistical Science 2001,
    vol. 16, pages 101-133); what it gives counts for one person more at each age.
    """
    every = (counts.sum(axis=0) + 0.5) / (counts.sum() + 1)
    yes, no = (counts + every).T
    shares: Floats = rng.beta(yes, no, size=(draws, len(counts)))
    return shares


@dataclass(frozen=True, eq=False)
class Beyond:
    """Care leavers and places on days ahead.

    Parameters
    ----------
    days : tuple of datetime.date
    entitled : mapping of str to ndarray, shape (draws, days, 2)
        People by :data:`KINDS`; the last axis is others, unaccompanied (on entry).
    staying_put, supported_18 : ndarray, shape (draws, days), or None
        Places: with former foster carers; in supported accommodation from 18. None where
        nothing tells them; ``notes`` then say why.
    supported_16 : ndarray, shape (draws, days)
        Looked-after children in supported accommodation.
    notes : tuple of str
    """

    days: tuple[dt.date, ...]
    entitled: Mapping[str, Floats] = field(repr=False)
    staying_put: Floats | None = field(repr=False)
    supported_18: Floats | None = field(repr=False)
    supported_16: Single = field(repr=False)
    notes: tuple[str, ...] = ()


def leavers(history: History) -> pd.DataFrame:
    """Return those who left at 16 or over, after 13 weeks or more, one row a period of care.

    Returns
    -------
    pandas.DataFrame
        ``child``, ``back`` (whole months from leaving to the last day known), ``uasc`` (0, 1),
        ``left`` (0, 1, 2: at 16, at 17, at 18), ``place`` (last placement type), ``foster``,
        ``wait`` (months from leaving to the 18th birthday), ``age`` (on the last day known).
    """
    stays = history.stays
    period = stays["period"].to_numpy()
    last = np.append(period[1:] != period[:-1], True)
    stop, born = stays["stop"].to_numpy(), born_known(stays)
    weeks = (stop - stays["entered"].to_numpy()) / 7
    age = (stop - born) / YEAR
    rows = np.flatnonzero(last & (stop != OPEN) & (age >= 16 - 1e-2) & (weeks >= 13))
    place = stays["place"].to_numpy()[rows]
    foster = np.array([p in FOSTER for p in history.places])
    return pd.DataFrame(
        {
            "child": stays["child"].to_numpy()[rows],
            "back": ((history.until + 1 - stop[rows]) / MONTH).astype(np.int64),
            "uasc": stays["uasc"].to_numpy()[rows].astype(np.int64),
            "left": np.clip(np.floor(age[rows] + 4e-3).astype(np.int64) - 16, 0, 2),
            "place": place,
            "foster": foster[place],
            "wait": (18 - age[rows]) * 12,
            "age": ((history.until + 1 - born[rows]) / YEAR).astype(np.int64),
        }
    )


def left_before(history: History) -> Ints:
    """Return :func:`leavers` counted.

    Returns
    -------
    ndarray, shape (BACK, 2, 3, places)
        The latest month last; unaccompanied; left at 16, 17, 18; last placement type.
    """
    gone = leavers(history)
    gone = gone[gone["back"] < BACK]
    left = np.zeros((BACK, 2, AGES_LEFT, len(history.places)), np.int64)
    np.add.at(left, (BACK - 1 - gone["back"], gone["uasc"], gone["left"], gone["place"]), 1)
    return left


def waits(history: History) -> tuple[float, float]:
    """Return months until 18 of those who left at 16 and at 17, on average.

    Half of the year in which they left counts where nobody did.
    """
    gone = leavers(history)
    at_16, at_17 = (gone.loc[gone["left"] == k, "wait"].to_numpy() for k in (0, 1))
    return (
        float(at_16.mean()) if len(at_16) else 18.0,
        float(at_17.mean()) if len(at_17) else 6.0,
    )


def beyond(
    days: Sequence[dt.date],
    months: Sequence[int],
    flows: tuple[Ints, Single, Single],
    wait: tuple[float, float],
    homes: tuple[Sequence[int], Single, Shares | None],
    rng: np.random.Generator,
) -> Beyond:
    """Return care leavers and their places.

    Parameters
    ----------
    days : sequence of date
    months : sequence of int
        Months after the origin of each day.
    flows : tuple of ndarray
        Those who left before the origin (:func:`left_before`), those who leave in each month
        ahead, shape (draws, months, 2, 3, places), and eligible children at the end of each,
        shape (draws, months, 2).
    wait : tuple of float
        Months until 18 of those who leave at 16, and at 17.
    homes : tuple
        Numbers of the types of foster care; looked-after children in supported accommodation,
        shape (draws, days); where care leavers live, None where nothing tells it.
    rng : numpy.random.Generator
    """
    past, ahead, eligible = flows
    foster, supported_16, shares = homes
    every = np.concatenate([np.broadcast_to(past, (len(ahead), *past.shape)), ahead], axis=1)
    by_age = every.sum(axis=4)
    fostered = every[:, :, :, 2, list(foster)].sum(axis=(2, 3))
    draws, at = len(ahead), np.array(months) + BACK
    entitled = {kind: np.zeros((draws, len(at), 2)) for kind in KINDS}
    of_age, put = np.zeros((draws, len(at), 7)), np.zeros((draws, len(at), 3))
    entitled["eligible"] = eligible[:, np.array(months) - 1].astype(np.float64)
    for i, end in enumerate(at):
        for left, to_18 in enumerate((*wait, 0.0)):
            since_18 = end - 1 - np.arange(end) + 0.5 - to_18
            flow = by_age[:, :end, :, left]
            entitled["relevant"][:, i] += flow[:, since_18 < 0].sum(axis=1)
            for year in range(7):
                of = (since_18 >= 12 * year) & (since_18 < 12 * (year + 1))
                turned = flow[:, of].sum(axis=1)
                entitled[KINDS[2] if year < 3 else KINDS[3]][:, i] += turned
                of_age[:, i, year] += turned.sum(axis=1)
                if left == 2 and year < 3:
                    put[:, i, year] = fostered[:, :end][:, of].sum(axis=1)
    counts = (shares.staying_put, shares.supported) if shares else (None, None)
    told = [
        None if seen is None or not seen.any() else _placed(people, seen, rng)
        for people, seen in zip((put, of_age), counts, strict=True)
    ]
    missing = (
        UNKNOWN[:1]
        if shares is None
        else [why for why, places in zip(UNKNOWN[1:], told, strict=True) if places is None]
    )
    notes = (*missing, *((CARRIED,) if any(p is not None for p in told) else ()))
    return Beyond(tuple(days), entitled, told[0], told[1], supported_16, notes)


def _placed(people: Floats, counts: Floats, rng: np.random.Generator) -> Floats:
    """Draw how many of some people, by draw, day and age, live somewhere."""
    share = _drawn(counts, len(people), rng)[:, None, :]
    placed: Floats = rng.binomial(people.astype(np.int64), share).sum(axis=2).astype(np.float64)
    return placed
