"""Rows that regressions of prices are fitted to, and what may drive a price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import completed_years
from needs.care.requests import needed_at_once
from needs.costs.kin import spent_on
from needs.costs.spending import PLACED, Spending
from needs.profiles.groups import group_names, groups_of
from needs.profiles.score_table import score_table
from needs.profiles.scores import thresholds
from needs.vocabulary.errors import NeedsError
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import figure_id

__all__ = [
    "AGAINST",
    "LABELS",
    "LEAST",
    "PROVIDERS",
    "SOURCES",
    "YES_NO",
    "design_of",
    "leaning",
    "markets",
    "priced_rows",
    "profile_columns",
    "profile_labels",
]

LEAST = 10
"""Children whom a yes and a no each need: an effect of fewer would be of them."""
PROVIDERS = 8
"""Providers that a type needs: fewer tell too little of how they differ."""
SOURCES = 3
"""Providers that a yes and a no each need: the price of one or two is nobody else's business."""
_MILES = 10.0

_EITHER: Mapping[str, str] = MappingProxyType(
    {
        "spot": "Bought singly (spot), against a framework",
        "block": "Block contract, against a framework",
        "cross_regional": "Cross-regional contract, against a framework",
        "in_house": "In-house, against a framework",
        "same_day": "Needed on the day it was asked for, against other requests",
        "not_requested": "Without a request on the list, against requests for a later day",
        "aged_0_to_9": "Aged 0 to 9, against 10 to 15",
        "aged_16_up": "Aged 16 or over, against 10 to 15",
        "female": "Girls, against boys",
        "uasc": "Unaccompanied children, against others",
        "not_assessed": "Children without an assessment, against those assessed without a need",
    }
)
_MORE: Mapping[str, str] = MappingProxyType(
    {
        "needs": "Each further domain with a need",
        "ten_miles": "Each ten miles further from home",
        "doubled": "Each doubling of the children placed with the provider",
        "year": "Each year later",
    }
)
YES_NO = frozenset(_EITHER)
"""Drivers that a child has or has not; of the others the effect is that of one more."""
LABELS: Mapping[str, str] = MappingProxyType({**_EITHER, **_MORE})


def leaning(spending: Spending, name: str, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return that each row and its bounds lean on the children of its types in every year.

    The group of a row is a placement type, or two of them, or one and what is told of it, with
    :data:`AGAINST` between.
    """
    years = spending.basis.window_keys
    types = {n.key for n in spending.nodes}
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    return {
        figure_id(name, m + end, g, p, by): tuple(
            i for t in str(g).split(AGAINST) if t in types for i in spent_on(t, *years)
        )
        for m, g, p, by in keys
        for end in ("", "_lower_95", "_upper_95")
    }


AGAINST = "_against_"
"""Between the two placement types of a comparison."""


def priced_rows(data: StudyData, spending: Spending) -> pd.DataFrame:
    """Return one row a child, type, provider, route and year: mean weekly price and drivers."""
    return data.once("priced rows", lambda: _rows(data, spending))


def _rows(data: StudyData, spending: Spending) -> pd.DataFrame:
    parts = spending.parts
    mine = parts[(parts["outcome"] == PLACED) & ~parts["single"]]
    keys = ["child", "type", "provider", "route", "window"]
    grouped = mine.groupby(keys, sort=True)
    rows = grouped[["gross", "days"]].sum().assign(first=grouped["first"].min()).reset_index()
    rows["weekly"] = rows["gross"] / rows["days"] * 7
    rows = rows[rows["weekly"] > 0].reset_index(drop=True)
    records, windows = spending.basis.records, spending.basis.shown.windows
    child = rows["child"].to_numpy()
    ends = np.array([np.datetime64(w.end, "ns") for w in windows])[rows["window"]]
    age = completed_years(records.children["dob"].to_numpy()[child], ends, records.counting)
    for route in ("spot", "block", "cross_regional", "in_house"):
        rows[route] = (rows["route"] == route).astype(float)
    rows["aged_0_to_9"] = (age < 10).astype(float)
    rows["aged_16_up"] = (age >= 16).astype(float)
    rows["female"] = (records.children["sex"].to_numpy()[child] == "female").astype(float)
    rows["uasc"] = records.children["uasc"].to_numpy()[child].astype(float)
    rows["year"] = rows["window"].astype(float)
    placed = rows.groupby(["provider", "window"])["child"].transform("nunique")
    rows["doubled"] = np.log2(placed.to_numpy(dtype=float))
    rows["day"] = rows["first"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    # Of the placement on their first night; not known of unaccompanied children, by the return.
    miles = _latest(rows, records.episodes.dropna(subset=["decom"]), "decom", "pl_distance", [])
    rows["ten_miles"] = miles / _MILES
    return _with_needs(data, _with_requests(data, rows))


def _with_requests(data: StudyData, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with whether the latest request that came to such a placement was for the day."""
    if not data.has("referrals"):
        return rows
    asked = data.referrals.frame
    found = pd.DataFrame(
        {
            "child": asked["child"],
            "type": asked["type_placed"].astype(object),
            "placed": asked["placed_date"],
            "at_once": needed_at_once(asked).astype(float),
        }
    ).dropna(subset=["type", "placed"])
    at_once = _latest(rows, found, "placed", "at_once", ["type"])
    missing = np.isnan(at_once)
    return rows.assign(
        same_day=np.where(missing, 0.0, at_once), not_requested=missing.astype(float)
    )


def _latest(
    rows: pd.DataFrame, other: pd.DataFrame, on: str, value: str, by: list[str]
) -> npt.NDArray[np.float64]:
    """Return a value of the same child's last row of another table up to each row's first day."""
    keys = ["child", *by]
    right = other[[*keys, on, value]].sort_values(on, kind="stable")
    right = right.astype({"child": "int64", **dict.fromkeys(by, object)})
    left = rows[[*keys, "day"]].astype({"child": "int64", **dict.fromkeys(by, object)})
    left = left.assign(row=np.arange(len(rows))).sort_values("day", kind="stable")
    found = pd.merge_asof(left, right, left_on="day", right_on=on, by=keys)
    return found.sort_values("row")[value].to_numpy(dtype=float)


def _with_needs(data: StudyData, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with needs; without, where nothing is assessed.

    The number of domains with a need, and how likely a child is of each profile of chapter 30 but
    the first, where it finds any (columns named as there).
    """
    if not data.has("assessments"):
        return rows
    tool = data.study.assessment
    levels = score_table(data.assessments.frame, tool, "latest", data.study.period.as_at)
    need, _ = thresholds(tool)
    known = levels.notna().sum(axis=1)
    # Of domains that were scored: a gap is no absence of need.
    share = (levels >= need).sum(axis=1) / known.where(known > 0)
    needs = (share * levels.shape[1]).reindex(rows["child"]).to_numpy(dtype=float)
    missing = np.isnan(needs)
    rows = rows.assign(needs=np.where(missing, 0.0, needs), not_assessed=missing.astype(float))
    with suppress(NeedsError):
        found = groups_of(data).estimator
        if found is not None:
            likely = found.predict_proba(levels.to_numpy(dtype=float))
            names = list(group_names(likely.shape[1]))
            table = pd.DataFrame(likely, levels.index, names)[names[1:]]
            own = table[known > 0].reindex(rows["child"]).fillna(0.0).reset_index(drop=True)
            rows = pd.concat([rows, own], axis=1)
    return rows


def profile_columns(rows: pd.DataFrame) -> list[str]:
    """Return the columns that say how likely each profile of need is."""
    return [c for c in map(str, rows.columns) if c.startswith("profile_")]


def profile_labels(rows: pd.DataFrame) -> dict[str, str]:
    """Return words for the columns of profiles that rows have."""
    names = group_names(len(profile_columns(rows)) + 1)
    first, *others = names.items()
    return {k: f"{words}, against {first[1]}" for k, words in others}


def design_of(
    rows: pd.DataFrame, *, profiles: bool = False, without: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return a constant and the drivers that enough children differ in.

    Parameters
    ----------
    profiles : bool
        Take profiles of need in place of the number of needs.
    without : tuple of str
        Drivers left out.
    """
    names = [n for n in LABELS if n in rows and n not in without]
    if profiles:
        names = [*(n for n in names if n != "needs"), *profile_columns(rows)]
    kept = []
    children = rows.drop_duplicates("child")
    for name in names:
        if name.startswith("profile_"):
            enough = LEAST <= children[name].sum() <= len(children) - LEAST
        elif name in YES_NO:
            sides = rows.groupby(rows[name] > 0)[["child", "provider"]].nunique()
            enough = len(sides) == 2 and bool((sides.min() >= [LEAST, SOURCES]).all())
        else:
            enough = bool(rows[name].max() > rows[name].min())
        if enough:
            kept.append(name)
    design = pd.DataFrame({"const": 1.0, **{n: rows[n].astype(float) for n in kept}})
    # What is not known stands at the mean of the others, where it tells nothing.
    return _told_apart(design.fillna(design.mean()))


def _told_apart(design: pd.DataFrame) -> pd.DataFrame:
    """Return the design without columns that follow from those before them."""
    x = design.to_numpy()
    scaled = x / np.maximum(np.abs(x).max(axis=0), 1e-12)
    # A column that earlier ones make leaves nought on the diagonal of R.
    left = np.abs(np.diag(np.linalg.qr(scaled)[1]))
    kept: pd.DataFrame = design.loc[:, left > 1e-8 * np.sqrt(len(x))]
    return kept


def markets(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each placement type with enough providers and children, and its rows."""
    for kind, mine in rows.groupby("type", sort=False):
        if mine["provider"].nunique() >= PROVIDERS and mine["child"].nunique() >= 5 * LEAST:
            yield str(kind), mine.reset_index(drop=True)
