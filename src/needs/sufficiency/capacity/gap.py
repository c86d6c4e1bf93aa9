"""Places against demand: chance of a shortage, children placed with others, places needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.placements import placement_type
from needs.care.where import placed_where
from needs.forecast.ahead import Ahead
from needs.forecast.outlook import LEAST
from needs.sufficiency.capacity.demand import Service, monthly, services
from needs.sufficiency.capacity.fit import merged, shortfall
from needs.sufficiency.capacity.stock import COUNTED_ON, FAR, INSIDE, NEAR, UNKNOWN, Stock
from needs.sufficiency.capacity.used import Used
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import figure_id

__all__ = [
    "REACH",
    "USABLE",
    "Gap",
    "Gaps",
    "counts_today",
    "gap_of",
    "gaps_of",
    "solo_children",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

REACH: Mapping[str, str] = MappingProxyType(
    {
        "in_authority": "in the authority",
        "within_20": "in it or within 20 miles of home",
        "anywhere": "anywhere",
        "as_used": "anywhere, no fuller than in the best year",
    }
)
_ZONES = {"in_authority": (INSIDE,), "within_20": (INSIDE, NEAR), "anywhere": (INSIDE, NEAR, FAR)}
_ZONES["as_used"] = _ZONES["anywhere"]
USABLE = "as_used"
"""Key of the reach that asks how many places were ever used, not how many are approved."""
OWN = "in_house"
"""Route of what is counted on without a contract."""
_SPREAD = 10
"""Places whose place is not known are shared out in tenths."""


@dataclass(frozen=True, eq=False)
class Gap:
    """One service and reach, by draw and month.

    Attributes
    ----------
    children : ndarray of int, shape (draws, months)
    places : ndarray of float, shape (months,)
    short : ndarray of float, shape (draws, months)
        Children whom no place to count on is left for that fits, however well places are shared
        out: they are placed with others.
    """

    children: Ints
    places: Floats
    short: Floats

    @property
    def needed(self) -> Floats:
        """Places that would have left nobody without.

        Those there are and one more for each child without, of a kind that fits; where nobody is
        without, as many as there are children.
        """
        found: Floats = np.where(self.short > 0, self.places + self.short, self.children)
        return found


def gap_of(children: Ints, mix: Ints, places: Floats, accepts: Bools) -> Gap:
    """Return the gap of children against places.

    Parameters
    ----------
    children : ndarray of int, shape (draws, months)
        Of all kinds together.
    mix : ndarray of int, shape (draws, months, kinds)
        Of each kind.
    places : ndarray of float, shape (months, homes)
    accepts : ndarray of bool, shape (kinds, homes)
    """
    return Gap(children, places.sum(axis=1), shortfall(mix, places, accepts))


@dataclass(frozen=True, eq=False)
class Gaps:
    """Every service that has places to count on, in each reach.

    Attributes
    ----------
    months : pandas.DatetimeIndex
        Ends of the months ahead.
    services : tuple of Service
    found : mapping of (str, str) to Gap
        Key of the service and of the reach.
    contracted : mapping of str to ndarray of float
        Key of the service -> places under contract in each month.
    without : tuple of Service
        Those that have no place to count on.
    """

    months: pd.DatetimeIndex
    services: tuple[Service, ...]
    found: Mapping[tuple[str, str], Gap]
    contracted: Mapping[str, Floats]
    without: tuple[Service, ...]

    @classmethod
    def of(cls, data: StudyData) -> Gaps:
        """Return the gaps of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no table of provision, or no SSDA903 returns.
        ModelError
            If the returns hold nobody who counts.
        """
        return data.once("gaps", lambda: _made(data))


def _made(data: StudyData) -> Gaps:
    return gaps_of(data, Ahead.of(data))


def gaps_of(data: StudyData, ahead: Ahead, more: pd.DataFrame | None = None) -> Gaps:
    """Return the gaps of a forecast, with places beside those of the study where given.

    Parameters
    ----------
    data : StudyData
    ahead : Ahead
        Its forecast is the demand; chance falls as for the study's own, month by month.
    more : DataFrame, optional
        Rows as of :attr:`needs.sufficiency.capacity.stock.Stock.rows`.
    """
    stock = Stock.of(data)
    asked = services(data.study.categories)
    every = stock.rows if more is None else pd.concat([stock.rows, more], ignore_index=True)
    rows = every[every["usable"] & every["route"].isin(COUNTED_ON)]
    known = set(ahead.forecast.groups)
    planned = tuple(
        s for s in asked if rows["type"].isin(s.types).any() and known.intersection(s.types)
    )
    if not planned:
        return Gaps(pd.DatetimeIndex([]), (), {}, {}, asked)
    rng = np.random.default_rng([data.study.seed, 40])
    months, children = monthly(ahead, {s.key: s.types for s in planned}, rng)
    here = _today(data, stock)
    found, contracted = {}, {}
    for k, service in enumerate(planned):
        mine = rows[rows["type"].isin(service.types)].reset_index(drop=True)
        who = here[here["type"].isin(service.types)]
        accepts, weight, pool = _kinds(mine, who)
        share = rng.dirichlet(weight + 0.5, len(children))[:, None]
        mix = rng.multinomial(children[:, :, k], share)
        where = _places(stock, mine, here, months, pool, _best(data, mine))
        for reach in REACH:
            found[service.key, reach] = gap_of(children[:, :, k], mix, where[reach], accepts)
        contracted[service.key] = _held(stock, mine[mine["route"] != OWN], months).sum(axis=0)
    return Gaps(months, planned, found, contracted, tuple(s for s in asked if s not in planned))


def counts_today(data: StudyData, service: Service) -> tuple[str, ...]:
    """Return the ids of today's count of a service's group, and of types left out of it."""
    ahead = Ahead.of(data)
    nodes = set(ahead.mix.counts.index)
    whole = f"all_{service.key}"
    held = (whole,) if whole in nodes else tuple(t for t in service.types if t in nodes)
    return tuple(
        figure_id("cla_placement_mix", "children_n", key, ahead.outlook.as_at)
        for key in (*held, *(t for t in service.left_out if t in nodes))
    )


def _today(data: StudyData, stock: Stock) -> pd.DataFrame:
    """Return children of today: ``type``, ``age``, ``sex``, ``solo``, ``zone``."""
    basis = stock.basis
    every = basis.stock()
    now = every[every["period"] == basis.date_keys[-1]].reset_index(drop=True)
    where = placed_where(basis.records, now, basis.study)
    side, band = where["side"].astype(object), where["band"].astype(object)
    zone = np.where(side == INSIDE, INSIDE, np.where(band == NEAR, NEAR, FAR))
    return pd.DataFrame(
        {
            "type": placement_type(now, basis.study.categories).astype(object),
            "age": now["age"].to_numpy(),
            "sex": now["sex"].astype(object).to_numpy(),
            "solo": now["child"].isin(solo_children(data)).to_numpy(),
            "zone": zone,
        }
    )


def solo_children(data: StudyData) -> Ints:
    """Return the children whose care plan asks for a placement of their own."""
    if not data.has("attributes") or "solo" not in data.attributes.frame:
        return np.empty(0, np.int64)
    a = data.attributes.frame
    a = a[a["solo"].notna() & (a["child"] >= 0)]
    if "from" in a:
        as_at = pd.Timestamp(data.study.period.as_at)
        a = a[a["from"].isna() | (a["from"] <= as_at)].sort_values(
            "from", kind="stable", na_position="first"
        )
    last = a.drop_duplicates("child", keep="last")
    found: Ints = last.loc[last["solo"].astype(bool), "child"].to_numpy(dtype=np.int64)
    return found


_RULES = ["age_min", "age_max", "gender", "solo"]


def _kinds(rows: pd.DataFrame, who: pd.DataFrame) -> tuple[Bools, Floats, Ints]:
    """Return who fits where, children of each kind today, and the pool of each row.

    Rows with the same rules of admission are one pool; children who fit the same pools are one
    kind.
    """
    rules = rows[_RULES].drop_duplicates().reset_index(drop=True)
    pool = rows[_RULES].merge(rules.assign(pool=rules.index), on=_RULES)["pool"].to_numpy()
    low, high, gender, alone = (rules[c].to_numpy() for c in _RULES)
    if who.empty:
        return np.ones((1, len(rules)), dtype=bool), np.ones(1), pool
    age, sex, solo = (who[c].to_numpy()[:, None] for c in ("age", "sex", "solo"))
    fits = ((age < 0) | ((low <= age) & (age <= high))).astype(bool)
    fits &= (gender == "any") | ((gender == "boys") & (sex != "female"))\
        | ((gender == "girls") & (sex != "male"))  # fmt: skip
    fits &= ~solo.astype(bool) | alone.astype(bool)
    code = merged(fits, np.ones(len(fits)))
    n = code.max() + 1
    kinds = np.zeros((n, len(rules)), dtype=bool)
    kinds[code[code >= 0]] = fits[code >= 0]
    weight = np.bincount(code[code >= 0], minlength=n).astype(float)
    if (code < 0).any():
        kinds = np.vstack([kinds, np.ones(len(rules), dtype=bool)])
        weight = np.append(weight, (code < 0).sum())
    return kinds, weight, pool


def _best(data: StudyData, rows: pd.DataFrame) -> Floats:
    """Return the highest occupancy of the years known of each row's type and route, at most one.

    One where none is told: then each place is taken to be one that can be used.
    """
    used = Used.of(data).table
    known = used[~used["withheld"] & used["own_nights"].notna()]
    full = (known["own_nights"] / known["open_nights"]).clip(upper=1)
    best = full.groupby([known["type"], known["route"]]).max()
    found: Floats = (
        best.reindex(pd.MultiIndex.from_frame(rows[["type", "route"]])).fillna(1.0).to_numpy()
    )
    return found


def _held(stock: Stock, rows: pd.DataFrame, months: pd.DatetimeIndex) -> Floats:
    """Return the places of each row at the end of each month."""
    days = months.to_numpy().astype("datetime64[D]").astype(np.int64)
    held: Floats = stock.on(days.tolist(), rows) * rows["places"].to_numpy(dtype=float)[:, None]
    return held


def _places(
    stock: Stock,
    rows: pd.DataFrame,
    here: pd.DataFrame,
    months: pd.DatetimeIndex,
    pool: Ints,
    best: Floats,
) -> dict[str, Floats]:
    """Return places by reach, month and pool; those not known where, as children of the type live.

    So few children live in some types that where they do would be told: then such places count
    anywhere alone.
    """
    # A tenth is then at least as many children as may be told.
    least = max(LEAST, _SPREAD * stock.basis.study.disclosure.threshold)
    held = _held(stock, rows, months)
    out = {}
    for reach, zones in _ZONES.items():
        share = np.where(rows["zone"].isin(zones), 1.0, 0.0)
        if FAR not in zones:
            near = here.assign(there=here["zone"].isin(zones)).groupby("type")["there"]
            part = (near.mean() * _SPREAD).round() / _SPREAD
            part = part.where(near.size() >= least, 0.0)
            spread = rows["type"].map(part).fillna(0.0).to_numpy(dtype=float)
        else:
            spread = np.ones(len(rows))
        share = np.where(rows["zone"].eq(UNKNOWN), spread, share)
        share = share * (best if reach == USABLE else 1.0)
        by_pool = np.zeros((pool.max() + 1, len(months)))
        np.add.at(by_pool, pool, held * share[:, None])
        out[reach] = np.floor(by_pool + 1e-9).T
    return out
