"""What synthetic children are offered: homes, foster households, empty places, requests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.synthetic.episodes import Lives, choose
from needs.synthetic.places import Map
from needs.synthetic.text import iso_days
from needs.synthetic.truth import PLACES
from needs.vocabulary.periods import ReportingYear

__all__ = ["attributes", "carers", "provision", "referrals", "voids"]

_EDUCATION = (
    ("mainstream", 0.68),
    ("special", 0.16),
    ("alternative", 0.08),
    ("missing", 0.03),
    ("home", 0.02),
    ("residential_special", 0.03),
)
_ASKED = {
    "external_home": (("ifa", 0.42), ("external_home", 0.5), ("in_house_foster", 0.08)),
    "ifa": (("in_house_foster", 0.55), ("ifa", 0.45)),
    "in_house_home": (("in_house_home", 0.6), ("ifa", 0.4)),
    "unregistered": (("external_home", 1.0),),
}
_WHY_NOT = (
    ("no_vacancy", 0.45),
    ("not_matched", 0.25),
    ("risk", 0.12),
    ("provider_declined", 0.18),
)
_REASONS_LEFT = (
    ("family", 0.4),
    ("retired", 0.25),
    ("permanence", 0.15),
    ("work", 0.1),
    ("health", 0.1),
)
_SECTOR = (("private", 0.85), ("voluntary", 0.15))
_STOCK_KIND = (("mainstream", 0.56), ("kinship", 0.39), ("specialist", 0.05))
_CARER_KIND = (("mainstream", 0.64), ("kinship", 0.3), ("specialist", 0.06))
_CARER_AGE = (("from_35", 0.2), ("from_45", 0.4), ("from_55", 0.3), ("from_65", 0.1))
_VOID = (
    ("matching", 0.35),
    ("staffing", 0.25),
    ("no_referral", 0.15),
    ("notice", 0.15),
    ("building", 0.1),
)


def _day(dates: pd.Series) -> pd.Series:
    text: pd.Series[str] = pd.Series(iso_days(dates), index=dates.index)
    return text


def _yes(flags: np.ndarray) -> np.ndarray:
    return np.where(flags, "yes", "no")


def attributes(
    lives: Lives, where: Map, since: ReportingYear, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what the return does not say of a child, in the columns of ``attributes``.

    Children looked after in ``since`` or later have a row.
    """
    last = lives.episodes.assign(dec=lives.episodes["dec"].fillna(pd.Timestamp(lives.end)))
    known = last.loc[last["dec"] >= pd.Timestamp(since.start), "child"].unique()
    c = lives.children[lives.children["child"].isin(known)]
    n = len(c)
    size = c.groupby("family")["child"].transform("size")
    school = choose(_EDUCATION, n, rng)
    plan = rng.random(n) < np.where(np.isin(school, ["special", "residential_special"]), 0.97, 0.15)
    home = where.table["oslaua"].to_numpy()[where.inside[rng.integers(0, len(where.inside), n)]]
    return pd.DataFrame({
        "child_id": c["id"],
        "sibling_group": np.where(size > 1, [f"S{f:06d}" for f in c["family"]], ""),
        "disability": _yes(rng.random(n) < 0.11), "ehc_plan": _yes(plan), "education": school,
        "district": home, "wish_local": _yes(rng.random(n) < 0.8),
        "solo": _yes(rng.random(n) < 0.02),
    })  # fmt: skip


def provision(
    lives: Lives,
    carer: pd.DataFrame,
    since: ReportingYear,
    rng: np.random.Generator,
    name: str = "Oxfordshire",
) -> pd.DataFrame:
    """Return homes and foster households, in the columns of ``provision``.

    Homes are those that the episodes name; each has as many places as it ever held children
    at once, and a share more. Foster households are the approved ones of ``carer``.
    """
    e = lives.episodes
    kinds = {PLACES.index("in_house_home"): "childrens_home"}
    kinds[PLACES.index("external_home")] = "childrens_home"
    kinds[PLACES.index("residential_school")] = "residential_school"
    stays = e[e["placement"].isin(kinds) & (e["urn"] != "")]
    stays = stays.assign(stop=stays["dec"].fillna(pd.Timestamp(lives.end)))
    stays = stays[stays["stop"] > pd.Timestamp(since.start)]
    moves = pd.concat([
        pd.DataFrame({"urn": stays["urn"], "day": stays["decom"], "step": 1}),
        pd.DataFrame({"urn": stays["urn"], "day": stays["stop"], "step": -1}),
    ]).groupby(["urn", "day"], as_index=False)["step"].sum()  # fmt: skip
    most = moves.assign(n=moves.groupby("urn")["step"].cumsum()).groupby("urn")["n"].max()
    homes = stays.groupby("urn").agg(placement=("placement", "first"), start=("decom", "min"))
    inhouse = homes["placement"] == PLACES.index("in_house_home")
    sectors = choose(_SECTOR, len(homes), rng)
    places = np.where(inhouse, 6, most.reindex(homes.index) + rng.integers(0, 2, len(homes)))
    listed = pd.DataFrame({
        "provision_id": [f"H{i:03d}" for i in range(len(homes))],
        "kind": homes["placement"].map(kinds), "urn": homes.index,
        "placement_type": homes["placement"].map(dict(enumerate(PLACES))),
        "provider": np.where(inhouse, name, "Provider " + homes.index.str[2:]),
        "route": np.where(inhouse, "in_house", "spot"),
        "sector": np.where(inhouse, "in_house", sectors),
        "places": places, "age_min": 9, "age_max": 17, "gender": "any",
        "solo": _yes(places == 1), "registration": "registered",
        "opened": _day(homes["start"]), "closed": "", "from": _day(homes["start"]), "to": "",
    })  # fmt: skip
    approved = carer[carer["approval"] != ""]
    kin = approved["kind"] == "kinship"
    fostered = pd.DataFrame({
        "provision_id": approved["carer_id"], "kind": "foster_household", "urn": "SC900001",
        "placement_type": np.where(kin, "kinship", "in_house_foster"), "provider": name,
        "route": "in_house", "sector": "in_house", "places": approved["places"], "age_min": 0,
        "age_max": 17, "gender": "any", "solo": "no", "registration": "registered",
        "opened": approved["approval"], "closed": approved["deregistration"],
        "from": approved["approval"], "to": approved["deregistration"],
    })  # fmt: skip
    return pd.concat([listed, fostered], ignore_index=True)


def carers(
    first: ReportingYear, last: ReportingYear, rng: np.random.Generator, size: float = 1.0
) -> pd.DataFrame:
    """Return foster households from enquiry to deregistration, in the columns of ``carers``.

    Enquiries and approvals fall as document 004, paragraph 40, prints them: 147 enquiries and
    35 approvals in 2017-18, 114 and 27 in 2022-23. Paragraph 38 prints 217 mainstream and 118
    kinship households in 2018, 175 and 96 in 2023, so about one in seven leaves each year.
    ``size`` is the authority's against that one's.
    """
    years = np.arange(first.end_year, last.end_year + 1)
    enquiries = (np.interp(years, [2018, 2023], [147, 114]) * size).round().astype(int)
    stock = round(545 * size)
    year = np.concatenate([np.full(stock, years[0] - 4), np.repeat(years, enquiries)])
    n = len(year)
    start = pd.to_datetime([f"{y - 1}-04-01" for y in year]) + pd.to_timedelta(
        rng.integers(0, 365, n), unit="D"
    )
    approved = np.concatenate([np.ones(stock, bool), rng.random(n - stock) < 0.238])
    applied = approved | (rng.random(n) < 0.2)
    kind = np.concatenate([choose(_STOCK_KIND, stock, rng), choose(_CARER_KIND, n - stock, rng)])
    application = start + pd.to_timedelta(rng.integers(20, 90, n), unit="D")
    approval = application + pd.to_timedelta(rng.integers(100, 220, n), unit="D")
    left = approval + pd.to_timedelta(rng.exponential(7 * 365, n).astype(int) + 90, unit="D")
    end = pd.Timestamp(last.end)
    approved &= approval <= end
    gone = approved & (left <= end)

    def text(days: pd.DatetimeIndex, where: np.ndarray) -> np.ndarray:
        return np.where(where, days.strftime("%Y-%m-%d"), "")

    reasons = choose(_REASONS_LEFT, n, rng)
    withdrawn = ~approved & (application <= end)
    return pd.DataFrame({
        "carer_id": [f"F{i:05d}" for i in range(n)], "kind": kind,
        "enquiry": text(pd.DatetimeIndex(start), np.ones(n, bool)),
        "application": text(pd.DatetimeIndex(application), applied & (application <= end)),
        "approval": text(pd.DatetimeIndex(approval), approved),
        "withdrawn": text(pd.DatetimeIndex(application), withdrawn),
        "deregistration": text(pd.DatetimeIndex(left), gone),
        "reason": np.where(gone, reasons, np.where(withdrawn, "withdrew", "")),
        "places": rng.choice([1, 2, 3], n, p=[0.4, 0.4, 0.2]),
        "age_band": choose(_CARER_AGE, n, rng),
    })  # fmt: skip


def voids(homes: pd.DataFrame, last: ReportingYear, rng: np.random.Generator) -> pd.DataFrame:
    """Return empty places of the authority's own homes, in the columns of ``voids``."""
    own = homes[(homes["kind"] == "childrens_home") & (homes["sector"] == "in_house")]
    begin = pd.Timestamp(last.start)
    rows = own.loc[own.index.repeat(4), ["provision_id"]].reset_index(drop=True)
    start = begin + pd.to_timedelta(rng.permuted(np.tile([5, 95, 190, 280], len(own))), unit="D")
    stop = start + pd.to_timedelta(rng.integers(14, 80, len(rows)), unit="D")
    rows["from"], rows["to"] = start.strftime("%Y-%m-%d"), stop.strftime("%Y-%m-%d")
    rows["places"] = rng.integers(1, 3, len(rows))
    rows["reason"] = choose(_VOID, len(rows), rng)
    rows["weekly_gbp"] = rows["places"] * 4200
    rows["action"] = "Reviewed at the weekly meeting"
    return rows.drop_duplicates(["provision_id", "from", "reason"])


def referrals(lives: Lives, first: ReportingYear, rng: np.random.Generator) -> pd.DataFrame:
    """Return a request for each new placement, in the columns of ``referrals``."""
    e = lives.episodes
    new = e[e["rne"].isin(["S", "P", "B"]) & (e["decom"] >= pd.Timestamp(first.start))]
    new = new[~new["placement"].isin([PLACES.index("parents"), PLACES.index("adoption")])]
    placed = new["placement"].map(dict(enumerate(PLACES))).to_numpy()
    asked = placed.copy()
    for name, options in _ASKED.items():
        rows = np.flatnonzero(placed == name)
        asked[rows] = choose(options, len(rows), rng)
    n = len(new)
    emergency = rng.random(n) < np.where(new["rne"] == "S", 0.3, 0.12)
    wait = np.where(emergency, 0, rng.integers(1, 21, n))
    other = asked != placed
    c = lives.children.set_index("child")
    return pd.DataFrame({
        "referral_id": [f"R{i:06d}" for i in range(n)],
        "child_id": c["id"].reindex(new["child"]).to_numpy(),
        "date": _day(new["decom"] - pd.to_timedelta(wait, unit="D")).to_numpy(),
        "type_asked": asked, "type_placed": placed, "emergency": _yes(emergency),
        "outcome": np.where(other, "placed_other", "placed"),
        "reason_not_placed": np.where(other, choose(_WHY_NOT, n, rng), ""),
        "placed_date": _day(new["decom"]).to_numpy(), "offers_n": rng.poisson(1.6, n),
    })  # fmt: skip
