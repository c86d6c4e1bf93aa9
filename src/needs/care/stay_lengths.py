"""Lengths of stay: of those that ended, of those still open, and of both together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import AGE_BANDS, age_band, birthday, completed_years
from needs.care.basis import Basis
from needs.care.counted import ADULT, begins_care
from needs.care.placements import dfe_group, held_before_temporary
from needs.care.stays import placement_stays, seen_periods
from needs.care.survival import Z_95, Curves, kaplan_meier, mean_within, median, remaining_within
from needs.vocabulary.codes import placement_groups
from needs.vocabulary.wording import inside

__all__ = [
    "HORIZON_DAYS",
    "KNOWN_SHARE",
    "estimates",
    "grouped",
    "means",
    "seen",
    "since",
    "still_to_come",
]

HORIZON_DAYS = 1826
"""Five years: stays are counted up to this length in restricted means."""

KNOWN_SHARE = 0.95
"""Share of stays whose first day must be known for their mean to be given."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

UNKNOWN_PLACE = "not_recorded"
PLACE_WORDS: Mapping[str, str] = MappingProxyType(
    {**placement_groups("current").labels, UNKNOWN_PLACE: "not recorded"}
)


def since(basis: Basis) -> dt.date:
    """Return the first day of the unbroken row of years that ends with the last one shown."""
    years = [w.year for w in basis.shown.windows]
    first = years[-1]
    for year in reversed(years[:-1]):
        if year + 1 != first:
            break
        first = year
    return first.start


def seen(basis: Basis) -> pd.DataFrame:
    """Return the periods of care that estimates rest on: those whose first day is known."""
    periods = seen_periods(basis.records, basis.scope, since(basis), basis.shown.dates[-1])
    return periods[periods["known"].to_numpy()].reset_index(drop=True)


def means(basis: Basis) -> pd.DataFrame:
    """Return the candidate definitions of a mean length of stay, one row a year.

    Returns
    -------
    pandas.DataFrame
        ``period``; ``published_mean_days`` (that of the study's ``published_mean_stay``);
        ``closed_mean_days`` (of periods of care that ended in the year);
        ``placements_ended_n`` and ``placement_mean_days`` (placement stays that ended in the
        year); ``open_n`` and ``so_far_mean_days`` (children in care at the end, from the start
        of their period of care). Means are of stays whose first day is known; infinite where
        too few are.
    """
    windows = basis.shown.windows
    until = windows[-1].end
    periods = seen_periods(basis.records, basis.scope, dt.date(1900, 1, 1), until)
    begins = begins_care(basis.records)
    known = begins[periods["first"].to_numpy()]
    stays = placement_stays(basis.records, basis.scope)
    begun = ~stays["opens"].to_numpy() | begins[stays["first"].to_numpy()]
    rows = []
    for w in windows:
        n, closed, mean = _closed(periods, known, w.opening, w.end)
        m, _, of_placements = _closed(stays, begun, w.opening, w.end)
        day = np.datetime64(w.end, "ns")
        there = (periods["start"] <= day) & ~(periods["stop"] <= day)
        so_far = _days(day, periods["start"][there & known])
        open_mean = _mean(so_far, int(there.sum()))
        every = _mean(np.append(closed, so_far), n + int(there.sum()))
        taken = {"closed_in_year": mean, "open_at_end": open_mean, "both": every}
        rows.append(
            {
                "period": w.key,
                "published_mean_days": taken[basis.study.counting.published_mean_stay],
                "closed_mean_days": mean,
                "placements_ended_n": m,
                "placement_mean_days": of_placements,
                "open_n": int(there.sum()),
                "so_far_mean_days": open_mean,
            }
        )
    return pd.DataFrame(rows)


def _closed(
    stays: pd.DataFrame, known: npt.NDArray[np.bool_], opening: dt.date, end: dt.date
) -> tuple[int, Floats, float]:
    """Return how many stays ended after ``opening`` and up to ``end``, their lengths and mean."""
    stop = stays["stop"].to_numpy()
    ended = (stop > np.datetime64(opening, "ns")) & (stop <= np.datetime64(end, "ns"))
    both = ended & known
    days = _days(stop[both], stays["start"][both])
    return int(ended.sum()), days, _mean(days, int(ended.sum()))


def _days(stop: object, start: pd.Series) -> Floats:
    return np.asarray((stop - start.to_numpy()) / np.timedelta64(1, "D"), dtype=float)


def _mean(days: Floats, of: int) -> float:
    """Return the mean, NaN of nothing, infinite where too few of all are known."""
    if not of:
        return float("nan")
    return float(days.mean()) if len(days) >= KNOWN_SHARE * of else float("inf")


def grouped(basis: Basis, periods: pd.DataFrame) -> list[tuple[str, pd.Categorical]]:
    """Return the ways in which periods of care are grouped: prefix of keys, and group of each.

    The age at the start; the DfE group of the first placement; that of the most recent.
    """
    born = basis.records.children["dob"].to_numpy()[periods["child"].to_numpy()]
    place = basis.records.episodes["place"]
    held = held_before_temporary(basis.records.episodes, basis.records.counting)
    ages = age_band(completed_years(born, periods["start"].to_numpy(), basis.records.counting))
    first = dfe_group(place.iloc[periods["first"].to_numpy()])
    recent = dfe_group(place.iloc[held[periods["last"].to_numpy()]])
    return [("", ages), ("first_", _known(first)), ("recent_", _known(recent))]


def _known(group: pd.Categorical) -> pd.Categorical:
    wide = group.add_categories([UNKNOWN_PLACE])
    wide[pd.isna(wide)] = UNKNOWN_PLACE
    return wide


def estimates(basis: Basis) -> pd.DataFrame:
    """Return what periods of care last, with those still open, by group.

    Returns
    -------
    pandas.DataFrame
        One row a group with any period: ``group`` (``all``, age bands, ``first_*`` and
        ``recent_*`` DfE groups), ``label``, ``periods_n``, ``ended_n``, ``still_open_n``,
        ``closed_mean_days`` (ended periods only), ``median_days`` and ``restricted_mean_days``
        with ``_lower`` and ``_upper``.
    """
    periods = seen(basis)
    frames = [
        _of_group(periods, np.zeros(len(periods), np.int64), ["all"], ["All periods of care"])
    ]
    for prefix, by in grouped(basis, periods):
        keys = [f"{prefix}{c}" for c in by.categories]
        lead = {"": "Age at the start: ", "first_": "First placement: "}.get(
            prefix, "Most recent placement: "
        )
        words = [
            lead + inside(AGE_BANDS.get(c, PLACE_WORDS.get(c, c))) for c in map(str, by.categories)
        ]
        frames.append(_of_group(periods, by.codes.astype(np.int64), keys, words))
    return pd.concat(frames, ignore_index=True)


def _of_group(
    periods: pd.DataFrame, code: Ints, keys: list[str], labels: list[str]
) -> pd.DataFrame:
    curves = _curves(periods, code, len(keys))
    middle, low, high = median(curves)
    mean, error = mean_within(curves, HORIZON_DAYS)
    n = np.bincount(code, minlength=len(keys))
    ended = periods["ended"].to_numpy()
    n_ended = np.bincount(code[ended], minlength=len(keys))
    days = np.bincount(code[ended], periods["days"].to_numpy()[ended], minlength=len(keys))
    frame = pd.DataFrame(
        {
            "group": keys,
            "label": labels,
            "periods_n": n,
            "ended_n": n_ended,
            "still_open_n": n - n_ended,
            "closed_mean_days": np.divide(
                days, n_ended, out=np.full(len(keys), np.nan), where=n_ended > 0
            ),
            "median_days": middle,
            "median_days_lower": low,
            "median_days_upper": high,
            "restricted_mean_days": mean,
            "restricted_mean_days_lower": np.maximum(mean - Z_95 * error, 0.0),
            "restricted_mean_days_upper": np.minimum(mean + Z_95 * error, HORIZON_DAYS),
        }
    )
    return frame[(frame["periods_n"] > 0) | (frame["group"] == "all")]


def _curves(periods: pd.DataFrame, code: Ints, groups: int) -> Curves:
    return kaplan_meier(periods["entry"], periods["days"], periods["ended"], code, groups)


def still_to_come(basis: Basis) -> pd.DataFrame:
    """Return how long the children in care are expected to stay yet, by age at the start.

    Returns
    -------
    pandas.DataFrame
        One row a child in care on the last day whose period's first day is known:
        ``band`` (age at the start), ``remaining_days`` (expected, within five years and
        before the eighteenth birthday).
    """
    periods = seen(basis)
    band = grouped(basis, periods)[0][1]
    code = band.codes.astype(np.int64)
    curves = _curves(periods, code, len(band.categories))
    there = np.flatnonzero(~periods["ended"].to_numpy())
    born = basis.records.children["dob"].to_numpy()[periods["child"].to_numpy()[there]]
    today = np.datetime64(basis.shown.dates[-1], "ns")
    left = (birthday(born, ADULT, basis.records.counting) - today) / np.timedelta64(1, "D")
    ahead = np.clip(np.nan_to_num(left, nan=HORIZON_DAYS), 0, HORIZON_DAYS).astype(np.int64)
    days = remaining_within(curves, code[there], periods["days"].to_numpy()[there], ahead)
    return pd.DataFrame({"band": band[there], "remaining_days": days})
