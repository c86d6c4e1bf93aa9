"""What synthetic placements cost: a gamma model whose coefficients are written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd

from needs.synthetic.episodes import Lives, choose
from needs.synthetic.needs import PROFILES
from needs.synthetic.text import iso_days
from needs.synthetic.truth import PLACES
from needs.vocabulary.periods import ReportingYear

__all__ = ["CostTruth", "cost_lines", "linear", "market"]

_ROUTES: dict[str, tuple[tuple[str, float], ...]] = {
    "ifa": (("framework", 0.75), ("spot", 0.25)),
    "external_home": (
        ("block", 0.25),
        ("cross_regional", 0.08),
        ("framework", 0.2),
        ("spot", 0.47),
    ),
    "supported": (("block", 0.7), ("spot", 0.3)),
    "residential_school": (("framework", 0.4), ("spot", 0.6)),
    "other_residential": (("framework", 0.5), ("spot", 0.5)),
    "unregistered": (("spot", 1.0),),
}
_FREE = ("parents", "adoption")


@dataclass(frozen=True, slots=True)
class CostTruth:
    """Weekly cost = exp(sum of effects), gamma distributed with one shape.

    Parameters
    ----------
    base_gbp_week : mapping of str to float
        Mean weekly cost in 2022-23 of the first profile, by placement, bought in-house or
        under framework.
    profile : mapping of str to float
        Effect of each profile on the logarithm.
    route : mapping of str to float
        Effect of the purchase route on the logarithm.
    uasc, inflation : float
        Effect of being an unaccompanied child, and of each later year, on the logarithm.
    provider_sd : float
        Standard deviation of provider effects (normal) on the logarithm.
    shape : float
        Gamma shape; the squared coefficient of variation is its reciprocal.
    """

    base_gbp_week: Mapping[str, float] = field(
        default_factory=lambda: {
            "kinship": 195.0,
            "in_house_foster": 375.0,
            "ifa": 930.0,
            "in_house_home": 4300.0,
            "external_home": 4350.0,
            "supported": 780.0,
            "residential_school": 4300.0,
            "other_residential": 3100.0,
            "unregistered": 18500.0,
        }
    )
    profile: Mapping[str, float] = field(
        default_factory=lambda: {
            "fewer_needs": 0.0,
            "relational_needs": 0.05,
            "complex_needs": 0.22,
        }
    )
    route: Mapping[str, float] = field(
        default_factory=lambda: {
            "in_house": 0.0,
            "framework": 0.0,
            "block": -0.06,
            "cross_regional": 0.08,
            "spot": 0.12,
        }
    )
    uasc: float = -0.05
    inflation: float = 0.055
    provider_sd: float = 0.08
    shape: float = 18.0

    def at_level(self, level: float) -> CostTruth:
        """Return the same truth with every base cost multiplied by ``level``."""
        base = {place: round(cost * level, 2) for place, cost in self.base_gbp_week.items()}
        return replace(self, base_gbp_week=base)

    def to_json(self) -> str:
        """Return the truth as JSON, keys sorted."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def linear(truth: CostTruth, rows: pd.DataFrame, last: int) -> np.ndarray:
    """Return the logarithm of the mean weekly cost, without provider effects.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``place, profile, route`` (names), ``uasc`` (bool), ``year`` (end year).
    last : int
        Year whose prices ``base_gbp_week`` are in.
    """
    base = rows["place"].map({k: np.log(v) for k, v in truth.base_gbp_week.items()})
    effects = rows["profile"].map(truth.profile) + rows["route"].map(truth.route)
    out = base + effects + truth.uasc * rows["uasc"] + truth.inflation * (rows["year"] - last)
    return out.to_numpy(float)


def _stays(lives: Lives) -> pd.DataFrame:
    """Return one row a placement: child, place, provider's number, first and last day."""
    e = lives.episodes
    e = e.assign(stop=e["dec"].fillna(pd.Timestamp.max.normalize()))
    stays = e.groupby("placement_id").agg(
        child=("child", "first"), placement=("placement", "first"), urn=("urn", "first"),
        start=("decom", "min"), stop=("stop", "max"),
    )  # fmt: skip
    stays["place"] = stays["placement"].map(dict(enumerate(PLACES)))
    return stays[~stays["place"].isin(_FREE)].reset_index()


def cost_lines(
    truth: CostTruth, lives: Lives, profile: pd.Series, years: tuple[ReportingYear, ...],
    rng: np.random.Generator, name: str = "Oxfordshire",
) -> pd.DataFrame:  # fmt: skip
    """Return cost lines, one a placement and reporting year, in the columns of ``costs``.

    Columns that begin with ``true_`` are no part of the input and are taken off before writing.
    """
    stays = _stays(lives)
    c = lives.children.set_index("child")
    route = np.full(len(stays), "in_house", object)
    for place, options in _ROUTES.items():
        rows = np.flatnonzero(stays["place"] == place)
        route[rows] = choose(options, len(rows), rng)
    stays["route"] = route
    stays["uasc"] = c["uasc"].reindex(stays["child"]).to_numpy()
    stays["profile"] = [PROFILES[i] for i in profile.reindex(stays["child"])]
    provider = np.where(stays["urn"] == "", "no_number_" + stays["place"], stays["urn"])
    names, code = np.unique(provider.astype(str), return_inverse=True)
    effect = rng.normal(0, truth.provider_sd, len(names))[code]
    steady = rng.gamma(truth.shape, 1 / truth.shape, len(stays))
    parts = []
    for year in years:
        begin, end = pd.Timestamp(year.start), pd.Timestamp(year.end)
        here = ((stays["start"] <= end) & (stays["stop"] > begin)).to_numpy()
        paid = stays[here].assign(year=year.end_year)
        mean = np.exp(linear(truth, paid, years[-1].end_year) + effect[here])
        running = paid["stop"] > end + pd.Timedelta(days=1)
        paid["weekly_cost_gbp"] = np.round(mean * steady[here], 2)
        paid["mean"] = mean
        paid["from"] = paid["start"].mask(paid["start"] < begin, begin)
        paid["to"] = (paid["stop"] - pd.Timedelta(days=1)).mask(running, end)
        parts.append(paid)
    lines = pd.concat(parts, ignore_index=True)
    return _as_input(lines, c, rng, name)


def provider_name(urn: pd.Series, place: pd.Series) -> np.ndarray:
    """Return who runs a home or agency: a name made of its Ofsted number, or of what it is."""
    return np.where(urn == "", "Provider of " + place.astype(str), "Provider " + urn.str[2:])


def _as_input(
    lines: pd.DataFrame, c: pd.DataFrame, rng: np.random.Generator, name: str
) -> pd.DataFrame:
    inhouse = lines["route"] == "in_house"
    home = lines["place"].isin(["external_home", "residential_school"])
    health = home & (lines["profile"] == PROFILES[-1]) & (rng.random(len(lines)) < 0.12)
    school = (lines["place"] == "residential_school").to_numpy()
    weekly = lines["weekly_cost_gbp"].to_numpy()
    out = pd.DataFrame({
        "line_id": [f"L{i:07d}" for i in range(len(lines))],
        "child_id": c["id"].reindex(lines["child"]).to_numpy(),
        "placement_ref": [f"P{i:06d}" for i in lines["placement_id"]],
        "provider": np.where(inhouse, name, provider_name(lines["urn"], lines["place"])),
        "urn": lines["urn"], "placement_type": lines["place"], "service": "Placement fee",
        "weekly_cost_gbp": weekly, "from": iso_days(lines["from"]),
        "to": iso_days(lines["to"]), "route": lines["route"],
        "contribution_health_gbp": np.where(health, np.round(weekly * 0.3, 2), 0.0),
        "contribution_education_gbp": np.where(school, np.round(weekly * 0.4, 2), 0.0),
        "uasc_grant_gbp": np.where(lines["uasc"], 1001.0, 0.0),
        "invoice_date": iso_days(lines["to"] + pd.Timedelta(days=14)),
    })  # fmt: skip
    extra = lines[["place", "profile", "uasc", "year", "mean"]].add_prefix("true_")
    return pd.concat([out, extra.reset_index(drop=True)], axis=1)


def market(
    lines: pd.DataFrame,
    last: ReportingYear,
    rng: np.random.Generator,
    name: str = "Oxfordshire",
    size: float = 1.0,
) -> dict[str, pd.DataFrame]:
    """Return providers, contracts and uplifts that go with the cost lines."""
    paid = lines[["provider", "urn", "route", "placement_type"]].drop_duplicates()
    named = paid.drop_duplicates(["provider", "urn"])
    inhouse = named["provider"] == name
    providers = pd.DataFrame({
        "provider": named["provider"], "alias": named["provider"] + " Limited",
        "owner": np.where(inhouse, name, "Group " + named["provider"].str[-1]),
        "sector": np.where(inhouse, "in_house", "private"), "urn": named["urn"],
    })  # fmt: skip
    providers.loc[inhouse, "alias"] = f"{name} County Council"
    block = lines[lines["route"].isin(["block", "cross_regional"])]
    kinds = block.groupby(["route", "placement_type"], as_index=False)["weekly_cost_gbp"].mean()
    usual = kinds["placement_type"].map({"external_home": 37, "supported": 120}).fillna(10)
    beds = (usual * size).round().clip(lower=1).astype(int)
    block_name = [f"Provider under contract {i}" for i in range(len(kinds))]
    contracts = pd.DataFrame({
        "contract": [f"B{i:02d}" for i in range(len(kinds))],
        "provider": block_name, "route": kinds["route"],
        "placement_type": kinds["placement_type"], "beds": beds,
        "use": np.where(kinds["route"] == "block", "exclusive", "shared"), "paid_for": "all_beds",
        "weekly_gbp": (kinds["weekly_cost_gbp"] * beds).round(2), "from": "2020-04-01",
        "to": "2025-03-31", "option_to": "2027-03-31",
    })  # fmt: skip
    some = providers.loc[~inhouse.to_numpy(), "provider"].drop_duplicates().to_numpy()
    owned = {"owner": "Group of contracts", "sector": "private", "urn": ""}
    under = pd.DataFrame({"provider": block_name, "alias": block_name}).assign(**owned)
    providers = pd.concat([providers, under], ignore_index=True)
    asked = np.round(rng.uniform(4, 18, len(some)), 1)
    offered = np.round(asked * rng.uniform(0.4, 0.8, len(some)), 1)
    uplifts = pd.DataFrame({
        "provider": some, "asked_pct": asked, "offered_pct": offered, "agreed_pct": offered,
        "from": f"{last.end_year}-04-01",
    })  # fmt: skip
    years = [last - n for n in range(4)][::-1]
    paid_for = np.rint(np.add.outer(12 * np.arange(4), [290, 60, 45]) * size).astype(int)
    allowances = pd.DataFrame({
        "period": np.repeat([str(y) for y in years], 3),
        "type": np.tile(["sgo", "adoption", "cao"], len(years)),
        "children": paid_for.ravel(),
        "weekly_gbp": np.outer(1.03 ** np.arange(4), [158, 120, 110]).round(2).ravel(),
    })  # fmt: skip
    return {
        "providers": providers,
        "contracts": contracts,
        "uplifts": uplifts,
        "allowances": allowances,
    }
