"""Price uplifts laid over the placements that they concern: what each costs in a year."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from needs.costs.spending import Spending
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData

__all__ = ["PARTS", "UPLIFT_KEYS", "last_day_before", "uplift_costs"]

PARTS = ("asked", "offered", "agreed")
UPLIFT_KEYS = ["provider", "contract", "from"]


def last_day_before(day: pd.Timestamp, spending: Spending) -> dt.date:
    """Return the day before, or the last day shown where that lies after it."""
    eve = (day - pd.Timedelta(days=1)).date()
    return min(eve, spending.basis.shown.windows[-1].end)


def uplift_costs(data: StudyData, spending: Spending) -> tuple[pd.DataFrame, int, int]:
    """Return what each uplift costs, by type and route of the placements that it concerns.

    Parameters
    ----------
    data : StudyData
        For uplifts, and contracts where the study has them.
    spending : Spending
        Cost lines.

    Returns
    -------
    pandas.DataFrame
        One row an uplift, type and route: ``provider, day, year`` (of the day from which the price
        holds), ``type, route, children_n`` and pounds a year: ``base`` (at the price before),
        ``asked, offered, agreed`` (NaN where blank) and ``open`` (asked, where nothing is agreed).
    int
        Uplifts of the list.
    int
        Of these, those whose provider has no placement on the day before.

    Raises
    ------
    InputMissing
        If the study has no uplifts.

    Notes
    -----
    Placements are those of the day before the new price, at their weekly price of that day; a
    later day than the last shown is taken as that. An uplift of a contract concerns placements of
    the contract's route and type where the table of contracts has it. One without a contract
    concerns those of the provider that no uplift of a contract on the same day does.
    """
    if not data.has("uplifts"):
        raise InputMissing("uplifts")
    asked = _listed(data)
    placed = pd.concat(
        [_placements(spending, pd.Timestamp(day)) for day in asked["from"].drop_duplicates()],
        ignore_index=True,
    )
    met = asked.merge(placed, on=["provider", "from"])
    meant = met["contract_route"].isna() | (
        (met["contract_route"] == met["route"]) & (met["contract_type"] == met["type"])
    )
    met = met[meant].sort_values("contract_route", kind="stable", na_position="last")
    met = met.drop_duplicates(["provider", "from", "type", "route"])
    weeks = spending.weeks[-1]
    out = met.assign(base=met["weekly"] * weeks)
    for part in PARTS:
        out[part] = out["base"] * out[f"{part}_pct"] / 100
    out["open"] = out["asked"].where(out["agreed_pct"].isna())
    out["day"] = out["from"]
    out["year"] = [str(ReportingYear.of(d.date())) for d in out["from"]]
    columns = ["provider", "day", "year", "type", "route", "children_n", "base", *PARTS, "open"]
    missed = len(asked) - len(met[UPLIFT_KEYS].drop_duplicates())
    return out[columns].reset_index(drop=True), len(asked), missed


def _listed(data: StudyData) -> pd.DataFrame:
    """Return uplifts with the route and type of their contract, missing where none is known."""
    frame = data.uplifts.frame
    out = pd.DataFrame(
        {
            "provider": frame["provider"].astype(str),
            "contract": frame["contract"].astype(object).fillna(""),
            "from": frame["from"],
            **{f"{p}_pct": frame[f"{p}_pct"].astype(float) for p in PARTS},
            "contract_route": pd.Series(np.nan, index=frame.index, dtype=object),
            "contract_type": pd.Series(np.nan, index=frame.index, dtype=object),
        }
    )
    if not data.has("contracts"):
        return out
    known = data.contracts.frame.drop_duplicates("contract").set_index("contract")
    for own, column in (("contract_route", "route"), ("contract_type", "placement_type")):
        out[own] = out["contract"].map(known[column].astype(object))
    return out


def _placements(spending: Spending, day: pd.Timestamp) -> pd.DataFrame:
    """Return children and weekly price of each provider, type and route on the day before."""
    eve = np.datetime64(last_day_before(day, spending), "D").astype(np.int64)
    parts = spending.placed
    here = (parts["first"] <= eve) & (eve <= parts["last"]) & ~parts["single"]
    mine: pd.DataFrame = parts[here & (parts["route"] != "in_house")]
    mine = mine.assign(weekly=mine["gross"] / mine["days"] * 7)
    by = mine.groupby(["provider", "type", "route"], sort=True)
    out: pd.DataFrame = by.agg(children_n=("child", "nunique"), weekly=("weekly", "sum"))
    return out.reset_index().assign(**{"from": day})
