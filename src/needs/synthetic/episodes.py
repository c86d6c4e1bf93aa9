"""From lives to SSDA903 episodes: whole days, legal statuses, codes, homes, postcodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.synthetic.engine import EXIT, YEAR_DAYS, Floats, History, Ints, birthday
from needs.synthetic.truth import PLACES

__all__ = ["Lives", "lives"]

_P = {p: i for i, p in enumerate(PLACES)}
_FOSTER = [_P["kinship"], _P["in_house_foster"], _P["ifa"]]

# Placement -> (DfE placement code, provider code, probability).
_CODES: dict[str, tuple[tuple[str, str, float], ...]] = {
    "kinship": (("U1", "PR1", 0.25), ("U3", "PR1", 0.75)),
    "in_house_foster": (("U4", "PR1", 0.35), ("U5", "PR1", 0.05), ("U6", "PR1", 0.6)),
    "ifa": (("U4", "PR4", 0.35), ("U6", "PR4", 0.5), ("U6", "PR5", 0.15)),
    "in_house_home": (("K2", "PR1", 1.0),),
    "external_home": (("K2", "PR4", 0.9), ("K2", "PR5", 0.1)),
    "supported": (("H5", "PR4", 0.55), ("H5", "PR5", 0.2), ("P2", "PR1", 0.25)),
    "parents": (("P1", "PR0", 1.0),),
    "adoption": (("A5", "PR1", 0.2), ("A6", "PR1", 0.8)),
    "residential_school": (("S1", "PR4", 0.8), ("S1", "PR5", 0.2)),
    "other_residential": (("R3", "PR4", 0.7), ("R3", "PR5", 0.3)),
    "unregistered": (("Z1", "", 1.0),),
}
_EXITS: dict[str, tuple[tuple[str, float], ...]] = {
    "kinship": (("E45", 0.2), ("E47", 0.2), ("E41", 0.12), ("E4A", 0.28), ("E8", 0.2)),
    "in_house_foster": (
        ("E4A", 0.42),
        ("E4B", 0.1),
        ("E47", 0.1),
        ("E48", 0.05),
        ("E41", 0.08),
        ("E13", 0.1),
        ("E8", 0.15),
    ),
    "ifa": (("E4A", 0.4), ("E4B", 0.12), ("E47", 0.1), ("E41", 0.08), ("E13", 0.1), ("E8", 0.2)),
    "homes": (("E4A", 0.4), ("E4B", 0.2), ("E13", 0.1), ("E9", 0.02), ("E8", 0.28)),
    "supported": (("E4A", 0.1), ("E5", 0.35), ("E6", 0.15), ("E8", 0.4)),
    "parents": (("E4A", 0.5), ("E8", 0.5)),
    "adoption": (("E11", 0.45), ("E12", 0.55)),
}
_OF_AGE: dict[str, tuple[tuple[str, float], ...]] = {
    "foster": (("E17", 0.6), ("E5", 0.12), ("E6", 0.06), ("E8", 0.22)),
    "homes": (("E5", 0.35), ("E6", 0.05), ("E7", 0.12), ("E8", 0.48)),
    "supported": (("E5", 0.55), ("E6", 0.15), ("E8", 0.3)),
    "other": (("E8", 0.8), ("E6", 0.2)),
}
_CHANGE_REASONS = (
    ("CARPL", 0.56),
    ("CREQB", 0.14),
    ("CREQO", 0.06),
    ("LAREQ", 0.08),
    ("CHILD", 0.05),
    ("CLOSE", 0.02),
    ("ALLEG", 0.01),
    ("STAND", 0.02),
    ("OTHER", 0.06),
)
_NEEDS = (
    ("N1", 0.64),
    ("N2", 0.06),
    ("N3", 0.05),
    ("N4", 0.1),
    ("N5", 0.09),
    ("N6", 0.03),
    ("N8", 0.03),
)
_ETHNIC = (
    ("WBRI", 0.7),
    ("WOTH", 0.05),
    ("WROM", 0.01),
    ("MWBC", 0.05),
    ("MWBA", 0.03),
    ("MWAS", 0.02),
    ("MOTH", 0.03),
    ("APKN", 0.02),
    ("ABAN", 0.01),
    ("AOTH", 0.02),
    ("BAFR", 0.03),
    ("BCRB", 0.01),
    ("OOTH", 0.02),
)
_ETHNIC_UASC = (("AOTH", 0.4), ("BAFR", 0.25), ("OOTH", 0.35))


@dataclass(frozen=True)
class Lives:
    """Synthetic children and their episodes, in whole days.

    Attributes
    ----------
    children : pandas.DataFrame
        One row a child: ``child, family, male, uasc, dob, ethnic, cin, prev_perm``.
    episodes : pandas.DataFrame
        One row an episode: ``child, period, decom, dec`` (NaT open at the end), ``rne, ls, cin,
        place, provider, rec, reason_place_change, placement`` (index of ``PLACES``),
        ``placement_id`` (the same carer or home as long as it does not change).
    end : numpy.datetime64
        First day after the simulation.
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    end: np.datetime64


def choose(options: tuple[tuple[str, float], ...], n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n codes drawn with their probabilities."""
    codes, p = zip(*options, strict=True)
    return rng.choice(np.array(codes), n, p=np.array(p) / sum(p))


def _whole_days(spell: Ints, day: Floats) -> Ints:
    """Return day numbers with at least one day between the events of a spell."""
    order = np.arange(len(day))
    first = np.concatenate([[True], spell[1:] != spell[:-1]])
    position = order - np.maximum.accumulate(np.where(first, order, 0))
    lifted = pd.Series(np.floor(day).astype(np.int64) - position).groupby(spell).cummax()
    return lifted.to_numpy() + position


def _placements(h: History) -> pd.DataFrame:
    """Return one row a placement: spell, start, end day (or -1 open), index of ``PLACES``."""
    order = np.lexsort((np.arange(len(h.spell)), h.day, h.spell))
    spell, place = h.spell[order], h.place[order]
    day = _whole_days(spell, h.day[order])
    last = np.concatenate([spell[1:] != spell[:-1], [True]])
    frame = pd.DataFrame({"spell": spell, "start": day, "place": place})
    frame["end"] = np.where(last, -1, np.roll(day, -1))
    frame["next_place"] = np.where(last, EXIT, np.roll(place, -1))
    # Who leaves on the eighteenth birthday leaves that very day, whatever was lifted.
    frame = frame[frame["place"] != EXIT].reset_index(drop=True)
    eighteen = h.population.eighteen[frame["spell"]].astype(np.int64)
    frame["end"] = np.where(frame["end"] > eighteen, eighteen, frame["end"])
    return frame[(frame["end"] < 0) | (frame["end"] > frame["start"])]


def _legal(h: History, rng: np.random.Generator) -> pd.DataFrame:
    """Return the legal statuses of each spell: spell, day, ls; the first at its start."""
    p = h.population
    n = len(p)
    start = np.floor(p.start).astype(np.int64)
    age = (p.start - p.dob) / YEAR_DAYS
    voluntary = np.interp(age, [0, 1, 5, 10, 16, 18], [0.3, 0.38, 0.42, 0.55, 0.75, 0.85])
    u = rng.random(n)
    emergency = (u > 0.9) & ~p.uasc & (age < 16)
    police = emergency & (rng.random(n) < 0.6)
    first = np.where(p.uasc | (u < voluntary * 0.9), "V2", "C1")
    first = np.where(emergency, np.where(police, "L1", "L2"), first)
    seventeen = birthday(p.dob, 17).astype(np.int64)
    first = np.where((first == "C1") & (start >= seventeen - 1), "V2", first)
    rows = [pd.DataFrame({"spell": np.arange(n), "day": start, "ls": first})]

    lifted = start + np.where(police, 1 + rng.integers(0, 2, n), 4 + rng.integers(0, 4, n))
    interim = np.where(first == "C1", start, np.where(emergency, lifted, -1))
    later = start + 30 + np.floor(rng.exponential(900, n)).astype(np.int64)
    interim = np.where((first == "V2") & ~p.uasc & (age < 16), later, interim)
    full = interim + 120 + np.floor(rng.gamma(4, 35, n)).astype(np.int64)
    for day, ls, who in (
        (interim, "C1", (interim > start)),
        (full, "C2", (interim >= 0) & (rng.random(n) < 0.85)),
    ):
        # No care order is made once a child is seventeen.
        made = who & (day < seventeen)
        rows.append(pd.DataFrame({"spell": np.flatnonzero(made), "day": day[made], "ls": ls}))
    return pd.concat(rows, ignore_index=True)


def _split(placements: pd.DataFrame, legal: pd.DataFrame) -> pd.DataFrame:
    """Cut placements at changes of legal status; an adoptive placement is under E1."""
    adopted = placements[placements["place"] == _P["adoption"]]
    order = adopted[["spell", "start"]].rename(columns={"start": "day"}).assign(ls="E1")
    legal = pd.concat([legal, order]).drop_duplicates(["spell", "day"], keep="last")
    legal = legal.sort_values(["spell", "day"], kind="stable")
    # Nothing follows a placement order but its end.
    ordered = legal["ls"].eq("E1").groupby(legal["spell"]).cummax()
    legal = legal[~ordered | legal["ls"].eq("E1")]
    same = legal["ls"].eq(legal.groupby("spell")["ls"].shift())
    legal = legal[~same]

    bounds = placements.groupby("spell")["end"].agg(["min", "max"])
    final = bounds["max"].where(bounds["min"] >= 0, -1)
    legal = legal.join(final.rename("last"), on="spell", how="inner")
    legal = legal[(legal["last"] < 0) | (legal["day"] < legal["last"])]
    starts = pd.concat(
        [placements[["spell", "start"]].rename(columns={"start": "day"}), legal[["spell", "day"]]]
    ).drop_duplicates()
    starts = starts.sort_values(["day", "spell"], kind="stable")
    placements = placements.assign(placement_id=np.arange(len(placements)))
    cut = pd.merge_asof(
        starts, placements.sort_values("start"), left_on="day", right_on="start", by="spell"
    )
    cut = pd.merge_asof(
        cut.sort_values("day", kind="stable"),
        legal[["spell", "day", "ls"]].sort_values("day"),
        on="day",
        by="spell",
    )
    cut = cut.sort_values(["spell", "day"], kind="stable").reset_index(drop=True)
    following = cut.groupby("spell")["day"].shift(-1)
    cut["dec"] = following.fillna(cut["end"]).astype(np.int64)
    return cut


def _coded(cut: pd.DataFrame, h: History, rng: np.random.Generator) -> pd.DataFrame:
    """Add DfE codes: placement, provider, reasons for the new episode and for its end."""
    p = h.population
    first = ~cut["spell"].duplicated()
    by = cut.groupby("spell")
    new_place = cut["placement_id"].ne(by["placement_id"].shift())
    new_ls = cut["ls"].ne(by["ls"].shift())
    cut["rne"] = np.select([first, new_place & new_ls, new_place], ["S", "B", "P"], "L")
    place = np.full(int(cut["placement_id"].max()) + 1, "", object)
    provider = place.copy()
    where = cut.drop_duplicates("placement_id")
    for name, codes in _CODES.items():
        ids = where.loc[where["place"] == _P[name], "placement_id"].to_numpy()
        pairs = choose(tuple((f"{a}|{b}", w) for a, b, w in codes), len(ids), rng)
        place[ids] = [x.split("|")[0] for x in pairs]
        provider[ids] = [x.split("|")[1] for x in pairs]
    cut["place_code"] = place[cut["placement_id"]]
    cut["provider"] = provider[cut["placement_id"]]

    final = ~cut["spell"].duplicated(keep="last")
    moved = ~final & cut["placement_id"].ne(by["placement_id"].shift(-1))
    rec = np.where(cut["dec"] < 0, "", np.where(final, "E8", "X1")).astype(object)
    cut["reason"] = np.where(moved, choose(_CHANGE_REASONS, len(cut), rng), "")
    out = final & (cut["dec"] >= 0)
    of_age = out & (cut["dec"] == p.eighteen[cut["spell"]].astype(np.int64))
    kinds = cut["place"].map(dict(enumerate(PLACES)))
    homes = ["in_house_home", "external_home", "residential_school", "other_residential"]
    homes += ["unregistered"]
    for table, mask in ((_EXITS, out & ~of_age), (_OF_AGE, of_age)):
        named = kinds.where(~kinds.isin(homes), "homes")
        if table is _OF_AGE:
            named = named.where(~cut["place"].isin(_FOSTER), "foster")
            named = named.where(named.isin(list(_OF_AGE)), "other")
        for key, options in table.items():
            rows = np.flatnonzero(mask & (named == key))
            rec[rows] = choose(options, len(rows), rng)
    cut["rec"] = rec
    return cut


def _children(h: History, rng: np.random.Generator) -> pd.DataFrame:
    p = h.population
    frame = pd.DataFrame({
        "child": p.child, "family": p.family, "male": p.male, "uasc": p.uasc,
        "dob": p.dob.astype(np.int64).astype("datetime64[D]").astype("datetime64[ns]"),
    }).drop_duplicates("child").sort_values("child").reset_index(drop=True)  # fmt: skip
    n = len(frame)
    frame["ethnic"] = np.where(frame["uasc"], choose(_ETHNIC_UASC, n, rng), choose(_ETHNIC, n, rng))
    frame["prev_perm"] = choose((("Z1", 0.94), ("P2", 0.04), ("P1", 0.02)), n, rng)
    frame["cin"] = np.where(frame["uasc"], "N8", choose(_NEEDS, n, rng))
    return frame


def lives(h: History, end: int, rng: np.random.Generator) -> Lives:
    """Return children and episodes of a history, in DfE's words.

    Parameters
    ----------
    h : History
    end : int
        Day number of the first day after the simulation; later events are cut off.
    rng : numpy.random.Generator
    """
    placements = _placements(h)
    cut = _coded(_split(placements, _legal(h, rng)), h, rng)
    cut = cut[cut["day"] < end].reset_index(drop=True)
    running = (cut["dec"] < 0) | (cut["dec"] >= end)
    cut.loc[running, ["rec", "reason"]] = ""
    children = _children(h, rng)
    child = h.population.child[cut["spell"]]
    day = cut["day"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    dec = cut["dec"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    episodes = pd.DataFrame({
        "child": child, "period": cut["spell"], "decom": day,
        "dec": pd.Series(dec).mask(running), "rne": cut["rne"], "ls": cut["ls"],
        "cin": children.set_index("child")["cin"].reindex(child).to_numpy(),
        "place": cut["place_code"], "provider": cut["provider"], "rec": cut["rec"],
        "reason_place_change": cut["reason"], "placement": cut["place"],
        "placement_id": cut["placement_id"],
    })  # fmt: skip
    episodes = episodes.sort_values(["child", "decom"], kind="stable").reset_index(drop=True)
    return Lives(children, episodes, np.datetime64(end, "D"))
