"""Cost lines laid over days of care: what was paid for which nights, and what for none.

A line pays for every day from its first to its last. Each of these days falls into one year and
is a night of the child in one placement, or of none: then the money is kept apart and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.placement_days import placed_stretches
from needs.care.windows import Window
from needs.vocabulary.records import Records
from needs.vocabulary.study import Categories, Scope

__all__ = ["MONEY", "distinct_nights", "paid_parts"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MONEY = ("gross", "health", "education", "grant")
"""Columns of pounds: what is paid, and the parts of it that others carry."""

_WIDE = 1 << 20
"""More days than any date of a return lies from 1970."""
_DAYS_A_WEEK = 7


def paid_parts(
    lines: pd.DataFrame,
    records: Records,
    windows: Sequence[Window],
    scope: Scope,
    categories: Categories,
) -> pd.DataFrame:
    """Return cost lines cut at the edges of years and of stretches in one placement.

    Parameters
    ----------
    lines : pandas.DataFrame
        As ``needs inputs costs`` describes them, ``child`` a position in the records or -1.
    records : Records
        Who was where.
    windows : sequence of Window
        Years, in order and apart; days of no window are left out.
    scope : Scope
        Who counts.
    categories : Categories
        The study's category map.

    Returns
    -------
    pandas.DataFrame
        One row a line, window and stretch: ``line`` (position), ``window`` (position),
        ``child``, ``first``, ``last`` (days since 1970, both paid for), ``days``, ``type``
        (key: that of the records for a night in care, the line's own for others; ``""`` not
        recorded),
        ``own_type`` (the line's; ``""`` blank), ``in_care``, and pounds: ``gross``, ``health``,
        ``education``, ``grant``, ``net``.

    Notes
    -----
    A weekly price is a seventh a day. An amount is spread evenly over the days of its line; one
    without a last day falls on its first. A weekly line without a last day runs to the end of
    the last window. What others pay is taken off once, whoever they are: net is gross less
    health, education and grant.
    """
    at_end = int((np.datetime64(windows[-1].end, "D")).astype("int64"))
    spans = _spans(lines, at_end)
    pieces = _by_window(spans, windows)
    placed = _placed(records, windows, scope, categories)
    parts = _by_stretch(pieces, placed)
    line = parts["line"].to_numpy()
    own = lines["placement_type"].astype(object).fillna("").to_numpy()[line]
    kind = np.where(parts["in_care"].to_numpy(dtype=bool), parts["type"].to_numpy(), own)
    parts["type"], parts["own_type"] = kind, own
    parts["days"] = parts["last"] - parts["first"] + 1
    for name in MONEY:
        parts[name] = spans[name].to_numpy()[line] * parts["days"]
    parts["net"] = parts["gross"] - parts["health"] - parts["education"] - parts["grant"]
    return parts


def _spans(lines: pd.DataFrame, at_end: int) -> pd.DataFrame:
    """Return first and last day of each line, and its pounds a day."""
    first = _day(lines["from"])
    weekly = lines["weekly_cost_gbp"].to_numpy(float)
    amount = _column(lines, "amount_gbp")
    once = ~np.isnan(amount)
    blank = lines["to"].isna().to_numpy()
    last = np.where(blank, np.where(once, first, np.maximum(at_end, first)), _day(lines["to"]))
    share = np.where(once, 1.0 / (last - first + 1), 1.0 / _DAYS_A_WEEK)
    columns = {
        "gross": np.where(once, amount, weekly),
        "health": _column(lines, "contribution_health_gbp"),
        "education": _column(lines, "contribution_education_gbp"),
        "grant": _column(lines, "uasc_grant_gbp"),
    }
    money = {name: np.nan_to_num(value) * share for name, value in columns.items()}
    return pd.DataFrame(
        {"child": lines["child"].to_numpy(np.int64), "first": first, "last": last, **money}
    )


def _by_window(spans: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    parts = []
    for k, window in enumerate(windows):
        low, high = (int(np.datetime64(d, "D").astype("int64")) for d in (window.start, window.end))
        first = np.maximum(spans["first"].to_numpy(), low)
        last = np.minimum(spans["last"].to_numpy(), high)
        at = np.flatnonzero(first <= last)
        parts.append(
            pd.DataFrame(
                {
                    "line": at,
                    "window": k,
                    "child": spans["child"].to_numpy()[at],
                    "first": first[at],
                    "last": last[at],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _placed(
    records: Records, windows: Sequence[Window], scope: Scope, categories: Categories
) -> pd.DataFrame:
    """Return stretches of nights in one placement as days, sorted by child and day."""
    stretches = placed_stretches(records, windows, scope, categories)
    first = _day(stretches["first"])
    out = pd.DataFrame(
        {
            "child": stretches["child"].to_numpy(np.int64),
            "first": first,
            "last": first + stretches["days"].to_numpy(np.int64) - 1,
            "type": stretches["type"].astype(object).fillna(""),
        }
    )
    return out.sort_values(["child", "first"], kind="stable", ignore_index=True)


def _by_stretch(pieces: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return pieces cut by the stretches of their child; what no stretch covers stands apart."""
    child = pieces["child"].to_numpy()
    begins = placed["child"].to_numpy() * _WIDE + placed["first"].to_numpy()
    ends = placed["child"].to_numpy() * _WIDE + placed["last"].to_numpy()
    # Stretches of a child are apart, so both keys rise: those that meet a piece are neighbours.
    low = np.searchsorted(ends, child * _WIDE + pieces["first"].to_numpy(), side="left")
    high = np.searchsorted(begins, child * _WIDE + pieces["last"].to_numpy(), side="right")
    n = np.where(child < 0, 0, np.maximum(high - low, 0))
    row = np.repeat(np.arange(len(pieces)), n)
    within = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    at = low[row] + within
    inside = pieces.iloc[row].reset_index(drop=True)
    inside["first"] = np.maximum(inside["first"].to_numpy(), placed["first"].to_numpy()[at])
    inside["last"] = np.minimum(inside["last"].to_numpy(), placed["last"].to_numpy()[at])
    inside["type"] = placed["type"].to_numpy()[at]
    inside["in_care"] = True
    return pd.concat([inside, _left_over(pieces, inside, row)], ignore_index=True)


def _left_over(pieces: pd.DataFrame, inside: pd.DataFrame, row: Ints) -> pd.DataFrame:
    """Return the days of pieces before, between and after the stretches that cover them."""
    first, last = pieces["first"].to_numpy(), pieces["last"].to_numpy()
    # Each piece has a gap before each of its covered parts, and one after the last of them.
    order = np.argsort(row, kind="stable")
    row = row[order]
    start, stop = inside["first"].to_numpy()[order], inside["last"].to_numpy()[order]
    new = np.append(True, row[1:] != row[:-1]) if len(row) else np.array([], dtype=bool)
    before = np.append(0, stop[:-1] + 1)[: len(row)]
    gap_from = np.where(new, first[row], before)
    tail = np.full(len(pieces), -1, dtype=np.int64)
    tail[row] = stop  # the last one written is the last part of the piece
    covered = np.zeros(len(pieces), dtype=bool)
    covered[row] = True
    tail_from = np.where(covered, tail + 1, first)
    at = np.concatenate([row, np.arange(len(pieces))])
    frame = pieces.iloc[at].reset_index(drop=True)
    frame["first"] = np.concatenate([gap_from, tail_from])
    frame["last"] = np.concatenate([start - 1, last])
    frame["type"], frame["in_care"] = "", False
    return frame[frame["last"] >= frame["first"]].reset_index(drop=True)


def distinct_nights(parts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return nights paid for, each once however many lines pay for it.

    Parameters
    ----------
    parts : pandas.DataFrame
        From :func:`paid_parts`.
    by : sequence of str
        Columns that keep nights apart, beside the child.

    Returns
    -------
    pandas.DataFrame
        ``by``, ``child`` and ``nights``.
    """
    keys = [*by, "child"]
    code = parts.groupby(keys, sort=True, observed=True).ngroup().to_numpy(np.int64)
    order = np.lexsort((parts["first"].to_numpy(), code))
    code = code[order]
    first = code * _WIDE + parts["first"].to_numpy()[order]
    last = code * _WIDE + parts["last"].to_numpy()[order]
    reached = np.append(np.iinfo(np.int64).min, np.maximum.accumulate(last)[:-1])[: len(last)]
    nights = np.maximum(last - np.maximum(first - 1, reached), 0)
    found = parts[keys].iloc[order].assign(nights=nights)
    summed = found.groupby(keys, sort=True, observed=True)["nights"].sum()
    return summed.reset_index()


def _day(dates: pd.Series) -> Ints:
    whole: Ints = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return whole


def _column(lines: pd.DataFrame, name: str) -> Floats:
    if name not in lines:
        return np.full(len(lines), np.nan)
    values: Any = lines[name].to_numpy(float)
    return np.asarray(values, dtype=float)
