"""Records of very many children who do not exist, drawn at random over ten years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.vocabulary.records import Records

__all__ = ["YEARS", "codes", "many"]

YEARS, EPISODES_EACH = range(2014, 2024), 5


def codes(rng: np.random.Generator, values: list[str], n: int) -> pd.Categorical:
    picked = rng.integers(0, len(values), n).tolist()
    return pd.Categorical.from_codes(picked, categories=pd.Index(values))


def many(children: int) -> Records:
    """Return random records: one period of care a child, each of five episodes."""
    rng = np.random.default_rng(20230331)
    n = children * EPISODES_EACH
    first, last = np.datetime64("2013-04-01"), np.datetime64("2023-03-31")
    start = first + rng.integers(0, int((last - first).astype(int)), children)
    dob = start - rng.integers(0, 17 * 365, children)
    steps = rng.exponential(150, (children, EPISODES_EACH)).astype(int) + 1
    edges = start[:, None] + np.cumsum(np.column_stack([np.zeros(children, int), steps]), axis=1)
    decom, dec = edges[:, :-1].ravel(), edges[:, 1:].ravel().astype("datetime64[ns]")
    final = np.tile(np.arange(EPISODES_EACH) == EPISODES_EACH - 1, children)
    begins = np.tile(np.arange(EPISODES_EACH) == 0, children)
    keep = decom <= last
    dec = np.where(dec > last, np.datetime64("NaT"), dec)
    place = rng.choice(["U1", "U4", "U6", "K2", "H5", "P1", "A6", "S1", "T1"], n)
    e = pd.DataFrame(
        {
            "child": np.repeat(np.arange(children, dtype=np.int32), EPISODES_EACH),
            "decom": decom.astype("datetime64[ns]"),
            "dec": dec,
            "rne": pd.Categorical(np.where(begins, "S", "P")),
            "ls": codes(rng, ["C1", "C2", "E1", "V2", "V3"], n),
            "cin": codes(rng, ["N1", "N2", "N3", "N4", "N5", "N8"], n),
            "place": pd.Categorical(place),
            "provider": codes(rng, ["PR1", "PR2", "PR4", "PR5"], n),
            "rec": pd.Categorical(
                np.where(np.isnat(dec), None, np.where(final, "E4A", "X1")).astype(object)
            ),
            "urn": codes(rng, [f"SC{i:06d}" for i in range(800)], n),
            "reason_place_change": codes(rng, ["CARPL", "CREQB", "CHILD", "OTHER"], n),
            "pl_post": codes(rng, [f"ZZ{i // 9} {i % 9}AA" for i in range(800)], n),
            "pl_la": codes(rng, ["E10000099", "E10000025"], n),
            "pl_location": codes(rng, ["IN", "OUT"], n),
            "pl_distance": rng.exponential(15, n).round(1),
            "period_of_care": np.repeat(np.arange(children, dtype=np.int32), EPISODES_EACH),
        }
    )[keep].reset_index(drop=True)
    who = pd.DataFrame(
        {
            "sex": codes(rng, ["male", "female"], children),
            "dob": dob.astype("datetime64[ns]"),
            "ethnic": codes(rng, ["WBRI", "AOTH"], children),
            "uasc": rng.random(children) < 0.1,
            "uasc_end": np.full(children, np.datetime64("NaT"), dtype="datetime64[ns]"),
        }
    )
    returns = pd.DataFrame(
        {
            "return_year": list(YEARS),
            "label": [f"{y - 1}-{y % 100:02d}" for y in YEARS],
            "start": [pd.Timestamp(y - 1, 4, 1) for y in YEARS],
            "end": [pd.Timestamp(y, 3, 31) for y in YEARS],
            "extract": False,
        }
    )
    nothing = pd.DataFrame()
    tables = others(children, rng, first)
    return Records(who, e, tables, returns, nothing, nothing, pd.Timestamp(last))


def others(
    children: int, rng: np.random.Generator, first: np.datetime64
) -> dict[str, pd.DataFrame]:
    """Return missing episodes and care leavers, one row for every second child."""
    n = children // 2
    day = first + rng.integers(0, 3650, n)
    missing = pd.DataFrame(
        {
            "child": rng.integers(0, children, n, dtype=np.int32),
            "missing": codes(rng, ["M", "A"], n),
            "mis_start": day.astype("datetime64[ns]"),
            "mis_end": (day + 1).astype("datetime64[ns]"),
        }
    )
    leavers = pd.DataFrame(
        {
            "child": rng.integers(0, children, n, dtype=np.int32),
            "in_touch": codes(rng, ["YES", "NO", "REFU"], n),
            "activ": codes(rng, ["F1", "F2", "G5", "0"], n),
            "accom": codes(rng, ["B1", "D1", "S2"], n),
            "return_year": rng.choice([*YEARS], n),
        }
    )
    return {"missing": missing, "oc3": leavers}
