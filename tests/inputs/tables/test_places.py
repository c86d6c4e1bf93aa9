"""Distances and sides of the boundary, worked out from a postcode lookup where blank."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.inputs.places import locate, registered
from needs.vocabulary.records import Records
from needs.vocabulary.study import Authority

pytestmark = pytest.mark.unit

OURS = "E10000099"
LOOKUP = pd.DataFrame(
    {
        "pcds": pd.Categorical(["AA11AA", "AA22BB", "BB11AA"]),
        "oseast1m": [400_000.0, 400_000.0 + 3 * 1609.344, 440_000.0],
        "osnrth1m": [200_000.0, 200_000.0 + 4 * 1609.344, 200_000.0],
        "oscty": pd.Categorical([OURS, OURS, "E99999999"]),
        "oslaua": pd.Categorical(["E07000001", "E07000002", "E06000042"]),
    }
)


def located(**columns: list[object]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    blank: dict[str, list[object]] = {"pl_la": [None] * n, "pl_location": [None] * n}
    frame = pd.DataFrame({"pl_distance": [np.nan] * n} | blank | columns)
    for c in ("home_post", "pl_post", "pl_la", "pl_location"):
        frame[c] = frame[c].astype("category")
    empty = pd.DataFrame()
    records = Records(empty, frame, {}, empty, empty, empty, pd.Timestamp(2023, 3, 31))
    return locate(records, LOOKUP, OURS).episodes


def test_distance_authority_and_side_are_worked_out():
    made = located(home_post=["AA1 1AA", "aa11aa"], pl_post=["AA2 2BB", "BB1 1AA"])
    assert made["pl_distance"].tolist() == [5.0, 24.9]  # three by four miles; 40 km
    assert made["pl_la"].tolist() == [OURS, "E06000042"]
    assert made["pl_location"].tolist() == ["IN", "OUT"]
    assert made["pl_source"].tolist() == ["postcodes", "postcodes"]


def test_what_the_return_says_is_kept():
    made = located(
        home_post=["AA1 1AA"],
        pl_post=["AA2 2BB"],
        pl_distance=[31.4],
        pl_la=["E10000001"],
        pl_location=["OUT"],
    )
    row = made.loc[0, ["pl_distance", "pl_la", "pl_location", "pl_source"]]
    assert row.tolist() == [31.4, "E10000001", "OUT", "return"]


def test_what_is_not_known_stays_unknown_and_says_why():
    made = located(home_post=[None, "ZZ9 9ZZ", "AA1 1AA"], pl_post=["AA1 1AA", "AA1 1AA", None])
    assert made["pl_distance"].isna().all()
    assert made["pl_source"].tolist() == ["no_postcode", "not_in_lookup", "no_postcode"]
    assert made["pl_location"].tolist()[:2] == ["IN", "IN"] and pd.isna(made["pl_location"][2])


def test_the_district_is_that_of_the_placements_postcode():
    made = located(home_post=["AA1 1AA"] * 3, pl_post=["AA2 2BB", "BB1 1AA", None])
    assert made["pl_district"].tolist()[:2] == ["E07000002", "E06000042"]
    assert pd.isna(made["pl_district"][2])


def test_a_home_that_ofsted_lists_tells_the_authority_where_nothing_else_does():
    homes = pd.DataFrame(
        [
            ("SC000001", "Children's home", "Anyshire", "2022-03-31"),
            ("SC000002", "Children's home", "Elsewhere", "2022-03-31"),
            ("SC000002", "Children's home", "Westshire", "2023-03-31"),  # later: this one
            ("SC000003", "Independent Fostering Agency", "Westshire", "2023-03-31"),  # an office
        ],
        columns=["urn", "provision_type", "authority", "as_at"],
    )
    blank: list[object] = [None] * 5
    episodes = pd.DataFrame(
        {
            "urn": pd.Categorical(["sc000001", "SC000002", "SC000003", None, "SC000002"]),
            "pl_la": pd.Categorical(blank),
            "pl_location": pd.Categorical([*blank[:4], "IN"]),
        }
    )
    empty = pd.DataFrame()
    records = Records(empty, episodes, {}, empty, empty, empty, pd.Timestamp(2023, 3, 31))
    ours = Authority(
        name="Anyshire County Council", short_name="Anyshire", dfe_code="999", ons_code=OURS
    )
    made = registered(records, homes, ours).episodes
    assert made["pl_la"].astype(object).fillna("").tolist() == [OURS, "Westshire", "", "", ""]
    assert made["pl_location"].astype(object).fillna("").tolist() == ["IN", "OUT", "", "", "IN"]
