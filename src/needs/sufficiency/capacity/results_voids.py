"""Chapter 40: places that stood empty: how many, why, how long, and at what cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.costs.spending import placed_id
from needs.forecast.history import day_number
from needs.sufficiency.capacity.stock import Stock
from needs.sufficiency.capacity.used import Used
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["voids"]

NAME = "capacity_voids"
_REASONS = {
    ALL: "All reasons",
    "no_referral": "No referral",
    "matching": "Held back for matching",
    "staffing": "Staffing",
    "quality": "Quality or registration",
    "building": "Building work",
    "transition": "A move in or out",
    "notice": "Notice period",
    "carer_unavailable": "Carer not available",
    "other": "Other",
}
_NONE = "The table of voids has none in these years."
_EVER = 1 << 20


@STUDY.followed_by
def voids(data: StudyData) -> Result:
    """Return places that stood empty by reason and year (``capacity_voids``).

    Parameters
    ----------
    data : StudyData
        A study with tables of voids and provision, and SSDA903 returns.

    Returns
    -------
    Result
        By reason (``group``) and year: voids that began or went on in it, bed-nights empty within
        it, mean nights that a void lasts within it, pounds, and the shares with an action, and with
        what follows under the contract, named.
    """
    stock, used = Stock.of(data), Used.of(data)
    frame, types = _cut(data.voids.frame.reset_index(drop=True), stock, used)
    if frame.empty:
        subtitle = f"Voids by reason and year, {stock.basis.study.authority.name}"
        measure = Measure("voids_n", "Voids", "count")
        return unavailable(stock.basis, NAME, "Places that stood empty", subtitle, measure, _NONE)
    keys = [w.key for w in used.windows]
    wide, seen = _wide(frame, keys)
    table = wide_rows(wide, ["group", "period"])
    labels = {w.key: w.label for w in used.windows}
    last = next((k for k in reversed(keys) if k in set(wide["period"])), "")
    return Result(
        name=NAME,
        title="Places that stood empty",
        subtitle=f"Voids by reason and year, {stock.basis.study.authority.name}",
        table=table,
        measures=(
            Measure("voids_n", "Voids", "count"),
            Measure("empty_nights", "Bed-nights empty", "nights"),
            Measure("mean_nights", "Nights that a void lasts, mean", "nights"),
            Measure("cost_gbp", "Cost", "gbp"),
            Measure("action_pct", "With an action named", "percent", "voids"),
            Measure("effect_pct", "With what follows under the contract", "percent", "voids"),
        ),
        labels={r: w for r, w in _REASONS.items() if r in seen or r == ALL} | labels,
        source=f"{stock.basis.study.authority.short_name}: voids and provision",
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_said(last, labels) if last else (),
        additive=(Additive("group", ALL, tuple(r for r in _REASONS if r in seen)),),
        notes=(
            "A void is a row of the table: one home, time and reason. Nights and pounds are those "
            "of its places within the year; one that runs on from the year before counts in both.",
            "Bed-nights count each place of a void, and how long one lasts counts the void once: "
            "where voids are of several places, there are more bed-nights than voids times nights.",
            "A void that has not ended runs to the end of the last year.",
            "What is empty for no reason that the table gives is not here: bed-nights there were, "
            "less those of children and of voids.",
        ),
        settings=stock.basis.settings(),
        leans_on=_leans(table, types),
        scope="Empty places, whoever lives in the others.",
    )


def _cut(
    v: pd.DataFrame, stock: Stock, used: Used
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Return voids cut at the edges of years, and the types of their homes by year."""
    spans = [(day_number(w.start), day_number(w.end)) for w in used.windows]
    low, high = np.array(spans).T
    end = v["to"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first = v["from"].to_numpy().astype("datetime64[D]").astype(np.int64)
    last = np.where(v["to"].isna(), _EVER, end)
    days = np.minimum(last[:, None], high) - np.maximum(first[:, None], low) + 1
    row, window = np.nonzero(days > 0)
    some = v.iloc[row]
    kinds = stock.rows.drop_duplicates("holder").set_index("holder")["type"]
    places = some["places"].to_numpy(dtype=float)
    weekly = _or_nan(some, "weekly_gbp")
    action = _blank(some, "action")
    frame = pd.DataFrame(
        {
            "group": some["reason"].astype(str).to_numpy(),
            "period": [used.windows[k].key for k in window],
            "type": some["provision_id"].astype(str).map(kinds).fillna("").to_numpy(),
            "days": days[row, window],
            "nights": days[row, window] * places,
            "gbp": days[row, window] * weekly / 7,
            "action": ~action,
            "effect": ~_blank(some, "contract_effect"),
        }
    )
    types = frame[frame["type"] != ""].groupby("period")["type"].unique()
    return frame, {str(k): tuple(sorted(t)) for k, t in types.items()}


def _or_nan(frame: pd.DataFrame, column: str) -> np.ndarray:
    if column not in frame:
        return np.full(len(frame), np.nan)
    found: np.ndarray = frame[column].to_numpy(dtype=float)
    return found


def _blank(frame: pd.DataFrame, column: str) -> np.ndarray:
    if column not in frame:
        return np.ones(len(frame), dtype=bool)
    found: np.ndarray = frame[column].isna().to_numpy()
    return found


def _wide(frame: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, set[str]]:
    both = pd.concat([frame.assign(group=ALL), frame], ignore_index=True)
    made = both.groupby(["group", "period"]).agg(
        voids_n=("days", "size"),
        empty_nights=("nights", "sum"),
        mean_nights=("days", "mean"),
        cost_gbp=("gbp", lambda x: x.sum(min_count=1)),
        action_pct=("action", "mean"),
        effect_pct=("effect", "mean"),
    )
    made[["action_pct", "effect_pct"]] *= 100
    seen = set(frame["group"])
    there = [k for k in keys if k in set(frame["period"])]
    order = [r for r in _REASONS if r == ALL or r in seen]
    wide = made.reindex(pd.MultiIndex.from_product([order, there], names=["group", "period"]))
    for column in ("voids_n", "empty_nights", "cost_gbp"):
        wide[column] = wide[column].fillna(0.0)
    return wide.reset_index(), seen


def _leans(table: pd.DataFrame, types: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return that nights empty lean on the children of these homes: the rest are theirs."""
    keys = table[["measure", "group", "period"]].itertuples(index=False)
    return {
        figure_id(NAME, m, g, p): tuple(placed_id(t, p) for t in types.get(p, ()))
        for m, g, p in keys
    }


def _said(last: str, labels: dict[str, str]) -> tuple[Sentence, ...]:
    return (
        Sentence(
            "{year}: {n} voids, which lasted {mean} nights each on average within the year. Each "
            "of their places counted, {nights} bed-nights were empty, at {cost}.",
            {
                "n": figure_id(NAME, "voids_n", ALL, last),
                "nights": figure_id(NAME, "empty_nights", ALL, last),
                "mean": figure_id(NAME, "mean_nights", ALL, last),
                "cost": figure_id(NAME, "cost_gbp", ALL, last),
            },
            {"year": labels[last]},
        ),
    )
