"""Where synthetic children live: a small map of postcodes that do not exist, and homes on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.synthetic.truth import PLACES

__all__ = ["METRES_PER_MILE", "Map", "located", "synthetic_map"]

METRES_PER_MILE = 1609.3
_REGISTERED = ("residential_school", "other_residential")
_CENTRE = (451_000.0, 206_000.0)
_CITY, _CITY_MILES = "E07000178", 6
_AROUND = ("E07000177", "E07000181", "E07000180", "E07000179")
"""Districts of the county around its city: north-east, north-west, south-west, south-east."""
_NEIGHBOURS = ("E09999001", "E09999002", "E09999003", "E09999004")
_FAR = ("E09999011", "E09999012", "E09999013", "E09999014", "E09999015", "E09999016")

# Placement -> chance of lying inside the authority, outside but near, outside and far.
_WHERE: dict[str, tuple[float, float, float]] = {
    "kinship": (0.66, 0.14, 0.20),
    "in_house_foster": (0.82, 0.10, 0.08),
    "ifa": (0.38, 0.19, 0.43),
    "in_house_home": (1.0, 0.0, 0.0),
    "external_home": (0.2, 0.08, 0.72),
    "supported": (0.62, 0.1, 0.28),
    "parents": (0.9, 0.06, 0.04),
    "adoption": (0.3, 0.2, 0.5),
    "residential_school": (0.3, 0.15, 0.55),
    "other_residential": (0.3, 0.2, 0.5),
    "unregistered": (0.4, 0.1, 0.5),
}


@dataclass(frozen=True)
class Map:
    """A postcode lookup in the columns of the ONS Postcode Directory.

    Attributes
    ----------
    table : pandas.DataFrame
        ``pcds`` (postcode), ``oseast1m``, ``osnrth1m`` (OS grid metres), ``oscty``, ``oslaua``.
    inside, near, far : int arrays
        Rows of the table within the authority, outside up to about 20 miles, and beyond.
    """

    table: pd.DataFrame
    inside: np.ndarray
    near: np.ndarray
    far: np.ndarray


def _ring(n: int, inner: float, outer: float, rng: np.random.Generator) -> np.ndarray:
    """Return n points between two distances (miles) of the centre, evenly over the area."""
    r = np.sqrt(rng.uniform(inner**2, outer**2, n)) * METRES_PER_MILE
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.round(np.column_stack([r * np.cos(angle), r * np.sin(angle)]) + _CENTRE)


def _sector(xy: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the name of the equal sector, from east round by north, that each point lies in."""
    across, up = (xy - _CENTRE).T
    turn = np.arctan2(up, across) % (2 * np.pi) / (2 * np.pi)
    found: np.ndarray = np.array(names)[(turn * len(names)).astype(int) % len(names)]
    return found


def synthetic_map(ons_code: str, rng: np.random.Generator) -> Map:
    """Return a map of 600 postcodes in the area ZX, which Royal Mail does not use."""
    sizes = (300, 100, 200)
    xy = np.concatenate([_ring(300, 0, 14, rng), _ring(100, 16, 20, rng), _ring(200, 40, 120, rng)])
    letters = np.array(list("ABDEFGHJLN"))
    i = np.arange(len(xy))
    postcode = [
        f"ZX{a} {b}{letters[c]}{letters[d]}"
        for a, b, c, d in zip(1 + i // 100, i % 9 + 1, i // 10 % 10, i % 10, strict=True)
    ]
    # Districts lie together, as places do. The draws keep those that follow as they were.
    _ = [rng.integers(0, 5, 300), rng.integers(0, 4, 100), rng.integers(0, 6, 200)]
    inside, near, far = np.split(xy, np.cumsum(sizes)[:-1])
    district = np.concatenate([
        np.where(
            np.hypot(*(inside - _CENTRE).T) < _CITY_MILES * METRES_PER_MILE,
            _CITY,
            _sector(inside, _AROUND),
        ),
        _sector(near, _NEIGHBOURS),
        _sector(far, _FAR),
    ])  # fmt: skip
    county = np.where(i < sizes[0], ons_code, district)
    table = pd.DataFrame({
        "pcds": postcode, "oseast1m": xy[:, 0].astype(int), "osnrth1m": xy[:, 1].astype(int),
        "oscty": county, "oslaua": district,
    })  # fmt: skip
    rows = np.split(i, np.cumsum(sizes)[:-1])
    return Map(table, *rows)


def located(
    episodes: pd.DataFrame, children: pd.DataFrame, where: Map, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the episodes with ``home_post, pl_post, urn``.

    A child keeps one home; a placement keeps one address and, where homes and agencies are
    registered, one Ofsted number. Unaccompanied children have no home postcode.
    """
    out = episodes.copy()
    n_child = int(children["child"].max()) + 1
    home = where.inside[rng.integers(0, len(where.inside), n_child)]
    post = where.table["pcds"].to_numpy()
    out["home_post"] = np.where(
        children.set_index("child")["uasc"].reindex(out["child"]).to_numpy(),
        "",
        post[home[out["child"]]],
    )
    n = int(out["placement_id"].max()) + 1
    kind, child = np.zeros(n, np.int64), np.full(n, -1)
    kind[out["placement_id"]] = out["placement"]
    child[out["placement_id"]] = out["child"]
    chance = np.array([_WHERE[p] for p in PLACES]).cumsum(1)
    zone = (rng.random(n)[:, None] > chance[kind]).sum(1).clip(0, 2)
    pools = (where.inside, where.near, where.far)
    place = np.choose(zone, [rng.integers(0, len(pool), n) for pool in pools])
    # Homes stand still: a registered home of one kind and zone is one of a few addresses.
    inhouse = kind == PLACES.index("in_house_home")
    homes = inhouse | (kind == PLACES.index("external_home"))
    few = np.where(inhouse, 3, np.choose(zone, (3, 8, 60)))
    number = np.where(homes, rng.integers(0, 1_000_000, n) % few, place)
    # A move is to another address than the last, and not to the family's own.
    again = (child == np.roll(child, 1)) & (kind == np.roll(kind, 1)) & (zone == np.roll(zone, 1))
    size = np.where(homes, few, np.choose(zone, [len(pool) for pool in pools]))
    number = np.where(again & (number == np.roll(number, 1)), (number + 1) % size, number)
    slot = np.where(homes, number * 7, number)
    spot = np.choose(zone, [pool[slot % len(pool)] for pool in pools])
    own = (spot == home[child]) & (kind != PLACES.index("parents"))
    spot = np.where(own, where.inside[(spot + 1) % len(where.inside)], spot)
    urn = np.full(n, "", object)
    registered = homes | np.isin(kind, [PLACES.index(p) for p in _REGISTERED])
    urn[registered] = [f"SC{x:06d}" for x in (kind * 10_000 + zone * 1_000 + number)[registered]]
    agency = np.isin(kind, [PLACES.index(p) for p in ("in_house_foster", "kinship")])
    urn[agency] = "SC900001"
    urn[kind == PLACES.index("adoption")] = "SC920001"
    ifa = kind == PLACES.index("ifa")
    urn[ifa] = [f"SC91{x:04d}" for x in rng.integers(0, 22, int(ifa.sum()))]
    out["pl_post"] = post[spot[out["placement_id"]]]
    out["urn"] = urn[out["placement_id"]]
    return out
