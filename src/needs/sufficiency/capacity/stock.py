"""The stock of places over time: homes, foster households and contracts, by type, route and place.

A place counts on the days on which its row in the table of provision holds, the home is open,
and children may be placed there. Beds under a contract count as the contract says, unless homes
of the table are tied to it: then the homes count, and not the beds a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import NOT_RECORDED
from needs.care.results_flows import with_windows
from needs.care.where import placed_where
from needs.care.windows import Window
from needs.forecast.history import day_number
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.study import Study

__all__ = ["COUNTED_ON", "FAR", "INSIDE", "NEAR", "ROUTES", "UNKNOWN", "ZONES", "Stock"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ROUTES: Mapping[str, str] = MappingProxyType(
    {
        "in_house": "in-house",
        "block": "block contract",
        "cross_regional": "cross-regional contract",
        "framework": "framework",
        "spot": "spot purchase",
    }
)
"""How places are bought, and words for it, in printed order."""

COUNTED_ON = ("in_house", "block", "cross_regional")
"""Routes whose places are there whether or not a child of the authority lives in them."""

INSIDE, NEAR, FAR, UNKNOWN = "inside", "near", "far", "place_unknown"
ZONES: Mapping[str, str] = MappingProxyType(
    {
        INSIDE: "In the authority",
        NEAR: "Outside, within 20 miles of home",
        FAR: "Outside and farther",
        UNKNOWN: "Not known where",
    }
)

_USABLE = ("registered", "exempt", "")
_EVER = 1 << 20
"""A day after every date of a table."""


@dataclass(frozen=True, eq=False)
class Stock:
    """Places of a study.

    Attributes
    ----------
    basis : Basis
        Records, and the days and years of chapter 20.
    rows : pandas.DataFrame
        One row a home, household or contract and time: ``holder`` (code), ``kind`` (of provision,
        or ``contract``), ``type`` (key), ``route``, ``zone``, ``places``, ``first``, ``last``
        (days since 1970, both counted), ``usable`` (bool: children may be placed there),
        ``suspended`` (bool), ``listed`` (bool: of the table of provision), ``age_min``,
        ``age_max``, ``gender``, ``solo``, ``weekly`` (pounds a week of a contract that is paid
        for all its beds, and for this authority alone; else NaN).
    labels : mapping
        Type -> words.
    """

    basis: Basis
    rows: pd.DataFrame
    labels: Mapping[str, str]

    @classmethod
    def of(cls, data: StudyData) -> Stock:
        """Return the stock of a study, worked out once.

        Raises
        ------
        InputMissing
            If the study has no table of provision, or no SSDA903 returns.
        """
        return data.once("stock of places", lambda: _made(data))

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"{self.basis.study.authority.short_name}: provision and contracts"

    def types(self, rows: pd.DataFrame | None = None) -> list[str]:
        """Return the types of some rows, in the order of the study's category map."""
        held = set((self.rows if rows is None else rows)["type"])
        return [t for t in self.labels if t in held]

    def on(self, days: Sequence[int], rows: pd.DataFrame | None = None) -> npt.NDArray[np.bool_]:
        """Return which rows hold on which days, shape (rows, days)."""
        frame = self.rows if rows is None else rows
        first, last = (frame[c].to_numpy()[:, None] for c in ("first", "last"))
        at = np.asarray(days, dtype=np.int64)
        held: npt.NDArray[np.bool_] = (first <= at) & (at <= last)
        return held

    @staticmethod
    def summed(rows: pd.DataFrame, values: Floats, keys: Sequence[str], name: str) -> pd.Series:
        """Return sums by type, route and period of a number for each row and period."""
        n = len(keys)
        frame = pd.DataFrame(
            {
                "type": np.repeat(rows["type"].to_numpy(dtype=object), n),
                "route": np.repeat(rows["route"].to_numpy(dtype=object), n),
                "period": np.tile(np.array(keys, dtype=object), len(rows)),
                name: values.astype(float).ravel(),
            }
        )
        sums: pd.Series = frame.groupby(["type", "route", "period"])[name].sum()
        return sums

    def nights(self, windows: Sequence[Window], rows: pd.DataFrame | None = None) -> Floats:
        """Return nights that the places of each row were open in each window, (rows, windows)."""
        frame = self.rows if rows is None else rows
        spans = [(day_number(w.start), day_number(w.end)) for w in windows]
        return self.between(spans, frame)

    def between(self, spans: Sequence[tuple[int, int]], rows: pd.DataFrame) -> Floats:
        """Return nights that the places of each row were open between days, both counted."""
        low, high = np.array(spans, dtype=np.int64).reshape(-1, 2).T
        first = np.maximum(rows["first"].to_numpy()[:, None], low)
        last = np.minimum(rows["last"].to_numpy()[:, None], high)
        days = np.maximum(last - first + 1, 0).astype(float)
        nights: Floats = days * rows["places"].to_numpy(dtype=float)[:, None]
        return nights


def _made(data: StudyData) -> Stock:
    basis = with_windows(data)
    listed = _listed(data, basis)
    frames = [listed]
    if data.has("contracts"):
        tied = set(_text(data.provision.frame, "contract"))
        contracts = data.contracts.frame
        frames.append(_contracts(contracts[~contracts["contract"].astype(str).isin(tied)]))
    rows = pd.concat(frames, ignore_index=True)
    labels = {t.key: t.label for t in basis.study.categories.types}
    return Stock(basis, rows, {**labels, NOT_RECORDED: "Type not recorded"})


def _text(frame: pd.DataFrame, column: str, blank: str = "") -> pd.Series:
    if column not in frame:
        return pd.Series(blank, index=frame.index, dtype=object)
    return frame[column].astype(object).where(frame[column].notna(), blank).astype(str)


def _days(dates: pd.Series, blank: int) -> Ints:
    whole = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(dates.isna(), blank, whole)


def _listed(data: StudyData, basis: Basis) -> pd.DataFrame:
    p = data.provision.frame.reset_index(drop=True)
    contract = _text(p, "contract")
    bought = {}
    if data.has("contracts"):
        c = data.contracts.frame
        bought = dict(zip(c["contract"].astype(str), c["route"].astype(str), strict=True))
    own = _text(p, "sector").eq("in_house")
    route = _text(p, "route").mask(lambda r: r == "", contract.map(bought))
    route = route.where(route.notna() & (route != ""), own.map({True: "in_house", False: "spot"}))
    state = _text(p, "registration")
    first = np.maximum(_days(p["from"], -_EVER), _days(_column(p, "opened"), -_EVER))
    last = np.minimum(_days(p["to"], _EVER), _days(_column(p, "closed"), _EVER))
    # A home that has applied may take children from the day on which it is to open.
    soon = state.eq("applied") & (first > day_number(basis.study.period.as_at))
    solo = _text(p, "solo").eq("True")
    places = p["places"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "holder": p["provision_id"].astype(str),
            "kind": p["kind"].astype(str),
            "type": _text(p, "placement_type", NOT_RECORDED),
            "route": route.to_numpy(dtype=object),
            "zone": _zones(p, basis.records, basis.study),
            "places": np.where(solo, np.minimum(places, 1), places),
            "first": first,
            "last": last,
            "usable": state.isin(_USABLE) | soon,
            "suspended": state.eq("suspended"),
            "listed": True,
            "age_min": _number(p, "age_min", 0),
            "age_max": _number(p, "age_max", 25),
            "gender": _text(p, "gender", "any"),
            "solo": solo,
            "weekly": np.nan,
        }
    )


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(pd.NaT, index=frame.index)


def _number(frame: pd.DataFrame, name: str, blank: float) -> Floats:
    if name not in frame:
        return np.full(len(frame), blank)
    return frame[name].fillna(blank).to_numpy(dtype=float)


def _contracts(c: pd.DataFrame) -> pd.DataFrame:
    """Return beds under contract; the option to extend a contract is taken to be used."""
    last = _days(c["to"], _EVER)
    option = _days(_column(c, "option_to"), -_EVER)
    end = np.maximum(last, option)
    # A row that is followed by another of the same contract ends where it says.
    end = np.where(c.duplicated("contract", keep="last"), last, end)
    paid = _text(c, "paid_for", "all_beds").eq("all_beds") & _text(c, "use").eq("exclusive")
    n = len(c)
    return pd.DataFrame(
        {
            "holder": c["contract"].astype(str),
            "kind": "contract",
            "type": _text(c, "placement_type", NOT_RECORDED),
            "route": c["route"].astype(str),
            "zone": UNKNOWN,
            "places": c["beds"].to_numpy(dtype=float),
            "first": _days(c["from"], -_EVER),
            "last": end,
            "usable": True,
            "suspended": False,
            "listed": False,
            "age_min": np.zeros(n),
            "age_max": np.full(n, 25.0),
            "gender": "any",
            "solo": False,
            "weekly": np.where(paid, c["weekly_gbp"].to_numpy(dtype=float), np.nan),
        }
    )


def _zones(p: pd.DataFrame, records: Records, study: Study) -> npt.NDArray[np.object_]:
    """Return where homes lie: as their district says, else as their own children's placements do.

    Agencies and households share an Ofsted number, so that it tells nothing of them.
    """
    urn = _text(p, "urn").str.upper()
    homes = ~p["kind"].astype(str).eq("foster_household") & (urn != "")
    by_urn = _by_urn(records, study)
    found = urn.where(homes).map(by_urn).astype(object)
    e = records.episodes
    if "pl_district" in e and "pl_la" in e:
        pairs = e[["pl_district", "pl_la"]].dropna().drop_duplicates("pl_district").astype(str)
        inside = set(pairs.loc[pairs["pl_la"].eq(study.authority.ons_code), "pl_district"])
        names = {study.authority.area_names.get(code, code) for code in inside}
        district = _text(p, "district")
        found = found.mask(district.isin(inside | names), INSIDE)
    zones: npt.NDArray[np.object_] = found.where(found.notna(), UNKNOWN).to_numpy(dtype=object)
    return zones


def _by_urn(records: Records, study: Study) -> dict[str, str]:
    """Return, by Ofsted number, where most placements in the home were."""
    e = records.episodes
    rows = np.flatnonzero(e["urn"].notna() & (e["urn"].astype(object) != ""))
    where = placed_where(records, pd.DataFrame({"episode": rows}), study)
    side, band = where["side"].astype(object), where["band"].astype(object)
    zone = np.where(side == INSIDE, INSIDE, np.where(band == NEAR, NEAR, FAR))
    known = ~((side == "side_unknown") | ((side == "outside") & (band == "miles_unknown")))
    frame = pd.DataFrame({"urn": e["urn"].astype(object).to_numpy()[rows], "zone": zone})[known]
    n = frame.assign(urn=frame["urn"].str.upper()).value_counts(["urn", "zone"]).reset_index()
    top = n.sort_values(["urn", "count", "zone"], ascending=[True, False, True], kind="stable")
    first = top.drop_duplicates("urn")
    return dict(zip(first["urn"], first["zone"], strict=True))
