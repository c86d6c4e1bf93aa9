"""Chapter 40: who would find a home of the authority's own that fits, siblings together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.forecast.ahead import Ahead
from needs.forecast.history import OPEN, History
from needs.sufficiency.capacity.demand import Service, services
from needs.sufficiency.capacity.gap import counts_today, solo_children
from needs.sufficiency.capacity.live import Comers, Homes, live
from needs.sufficiency.capacity.stock import Stock
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, figure_id

__all__ = ["matching"]

NAME, TITLE = "capacity_matching", "Who would find a home of the authority's own that fits"
MONTHS, DRAWS = 12, 200
BACK = 730
"""Days before the as-at date whose children are taken to come again."""
MOST = 3
"""Siblings who come together are told apart up to so many."""
LEAST = 10
"""Groups of a size that must have come for a row of their own."""
SIZES = {ALL: "all who come", "1": "one child", "2": "two siblings", "3": "three or more siblings"}
_MONTH = 365.25 / 12
FITS = Measure("found_pct", "Children who find a home that fits", "percent", "children who come")
_NONE = "No home or household of the authority's own is listed for a kind of placement."


@dataclass(frozen=True, eq=False)
class Groups:
    """Siblings who came, or live, in a service together.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a group: ``size``, ``low``, ``high`` (ages of youngest and oldest), ``boys``,
        ``girls``, ``solo`` (bool), ``there`` (bool: there on the as-at date; else came before it).
    stay : float
        Months that a stay lasts on average.
    """

    table: pd.DataFrame
    stay: float


@STUDY.followed_by
def matching(data: StudyData) -> Result:
    """Return who would find an own home that fits in the year ahead (``capacity_matching``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and a table of provision; with attributes, siblings and
        children who need a home of their own are known.

    Returns
    -------
    Result
        By service (``group``) and size of the group of siblings (``by``), for the year ahead:
        share of children who find a home that fits, and the share who would if every free place
        fitted everybody.

    Notes
    -----
    :func:`needs.sufficiency.capacity.live.live`: those who came in the last two years come again
    as often, in Poisson processes, and stay as long on average as then; of the distribution of
    stays little but its mean matters to a loss system.
    """
    stock = Stock.of(data)
    history = Ahead.of(data).history
    homes = stock.rows[stock.rows["listed"] & stock.rows["usable"]]
    homes = homes[homes["route"].eq("in_house") & stock.on([history.until], homes)[:, 0]]
    period = str(ReportingYear.of(data.study.period.as_at) + 1)
    subtitle = f"Of those who come in {period}, {stock.basis.study.authority.name}"
    asked = [s for s in services(data.study.categories) if homes["type"].isin(s.types).any()]
    rows, labels = [], {}
    for service in asked:
        mine = homes[homes["type"].isin(service.types)].reset_index(drop=True)
        groups = _groups(data, history, service, set(mine["type"]))
        if (~groups.table["there"]).sum() >= LEAST:
            rng = np.random.default_rng([data.study.seed, 41])
            rows += [
                {"group": service.key, "period": period, **r} for r in _found(mine, groups, rng)
            ]
            labels[service.key] = service.label
    if not rows:
        return unavailable(stock.basis, NAME, TITLE, subtitle, FITS, _NONE)
    table = wide_rows(pd.DataFrame(rows), ["group", "by", "period"])
    on = {s.key: counts_today(data, s) for s in asked}
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=subtitle,
        table=table,
        measures=(FITS, Measure("any_pct", "If every place fitted everybody", "percent",
                                "children who come")),
        labels={**labels, **SIZES},
        source=f"{stock.source}; {stock.basis.source}; attributes of children",
        layout=Layout(rows=("group", "by"), columns=("measure",)),
        notes=(
            "A simulation of children who come, look for a home, stay and leave: those of the last "
            "two years come again as often and stay as long. Whoever lives in an own home now has "
            "the first choice; who finds none that fits lives elsewhere, bought from others.",
            "A home fits where it takes the ages and sexes of all siblings who come together and "
            "has as many places free, and none other for a child who is to live alone. Every "
            "approved place is taken to be one that can be used, so that shares are the highest "
            "that they can be; the table above says how many were ever used.",
            "The table of places against demand sets all children against all places. Here only "
            "those who come look for one, and children who live with others stay there: so most "
            "who come may find a home though all children together are more than the places.",
            "A size that few came in has no row, and counts in all who come.",
        ),
        settings={**stock.basis.settings(), "draws": DRAWS, "months": MONTHS},
        leans_on={
            figure_id(NAME, m, g, p, b): on[g]
            for m, g, p, b in table[["measure", "group", "period", "by"]].itertuples(index=False)
        },
    )  # fmt: skip


def _groups(data: StudyData, history: History, service: Service, own: set[str]) -> Groups:
    """Return who came into a service in the last two years, and who lives in its own homes."""
    stays = history.stays
    types = np.array(history.places, dtype=object)[stays["place"].to_numpy()]
    s = stays.assign(type=types)[np.isin(types, service.types)]
    since = history.until - BACK
    here = s["stop"].eq(OPEN) & s["type"].isin(own)
    came = (s["start"] > since) & ~here
    solo = s["child"].isin(solo_children(data))
    start = np.maximum(s["start"], since)
    lived = (s["stop"].clip(upper=history.until) - start).clip(lower=0).sum()
    ended = s["stop"].between(since + 1, history.until).sum()
    day = s["start"].where(came, history.until)
    age = (day - s["born"]) // 365.25
    frame = pd.DataFrame(
        {
            "family": s["child"].map(_families(data)).fillna(-1 - s["child"]),
            "day": s["start"].where(came, -1),
            "there": here,
            "low": age.where(s["born"] > -(1 << 20), 0).clip(0, 17),
            "high": age.where(s["born"] > -(1 << 20), 0).clip(0, 17),
            "boys": s["male"],
            "girls": ~s["male"].astype(bool),
            "solo": solo,
        }
    )[here | came]
    by = frame.groupby(["family", "day", "there"], sort=True)
    table = by.agg(
        size=("low", "size"), low=("low", "min"), high=("high", "max"),
        boys=("boys", "max"), girls=("girls", "max"), solo=("solo", "max"),
    ).reset_index()  # fmt: skip
    table["size"] = table["size"].clip(upper=MOST)
    return Groups(table, max(float(lived), 1.0) / max(int(ended), 1) / _MONTH)


def _families(data: StudyData) -> dict[int, int]:
    """Return a number without meaning for the siblings of each child."""
    if not data.has("attributes") or "sibling_group" not in data.attributes.frame:
        return {}
    a = data.attributes.frame
    a = a[a["sibling_group"].notna() & (a["child"] >= 0)].drop_duplicates("child", keep="last")
    return dict(zip(a["child"], pd.factorize(a["sibling_group"])[0], strict=True))


def _found(
    homes: pd.DataFrame, groups: Groups, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Return shares that find a home, by size."""
    t = groups.table
    key = ["size", "low", "high", "boys", "girls", "solo"]
    kind = t.groupby(key, sort=True).ngroup().to_numpy()
    kinds = t.assign(kind=kind).drop_duplicates("kind").sort_values("kind")
    size = kinds["size"].to_numpy(np.int64)
    rate = np.bincount(kind[~t["there"]], minlength=len(size)) / (BACK / _MONTH)
    comers = Comers(
        np.broadcast_to(rate, (MONTHS, len(size))),
        lambda who, rng: rng.exponential(groups.stay, len(who)),
        size,
        kind[t["there"].to_numpy()],
    )
    places = homes["places"].to_numpy(np.int64)
    whole = Homes(np.array([places.sum()]), np.ones((len(size), 1), dtype=bool))
    seed = int(rng.integers(1 << 32))
    fits, free = (
        live(h, comers, MONTHS, DRAWS, np.random.default_rng(seed))
        for h in (Homes(places, _accepts(homes, kinds)), whole)
    )
    n = t[~t["there"]].groupby("size").size()
    shown = {ALL: size > 0} | {str(k): size == k for k in n.index[n >= LEAST]}
    return [
        {
            "by": by,
            "found_pct": 100 * _share(fits.lost, fits.asked, mine),
            "any_pct": 100 * _share(free.lost, free.asked, mine),
        }
        for by, mine in shown.items()
    ]


def _share(
    lost: npt.NDArray[np.int32], asked: npt.NDArray[np.int32], mine: npt.NDArray[np.bool_]
) -> float:
    n = int(asked[:, :, mine].sum())
    return 1 - int(lost[:, :, mine].sum()) / n if n else float("nan")


def _accepts(homes: pd.DataFrame, kinds: pd.DataFrame) -> npt.NDArray[np.bool_]:
    low, high, gender, alone = (
        homes[c].to_numpy() for c in ("age_min", "age_max", "gender", "solo")
    )
    youngest, oldest, boys, girls, solo = (
        kinds[c].to_numpy()[:, None] for c in ("low", "high", "boys", "girls", "solo")
    )
    fits = (low <= youngest) & (oldest <= high)
    fits &= ~(boys.astype(bool) & (gender == "girls")) & ~(girls.astype(bool) & (gender == "boys"))
    found: npt.NDArray[np.bool_] = fits & (~solo.astype(bool) | alone.astype(bool))
    return found
