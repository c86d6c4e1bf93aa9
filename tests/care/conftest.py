"""Records drawn as text, so that a test shows every episode it stands on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.study import Study

CODES = ("rne", "ls", "cin", "place", "provider", "rec", "reason_place_change", "urn")
POSTCODES = ("home_post", "pl_post", "pl_la", "pl_location")


def table(text: str) -> pd.DataFrame:
    """Return a table drawn with bars between cells; ``-`` is a blank."""
    lines = [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0], dtype=object)
    return frame.mask(frame == "-")


def returns_of(years: list[int], last_day: str = "") -> pd.DataFrame:
    ends = [pd.Timestamp(y, 3, 31) for y in years]
    if last_day:
        ends[-1] = pd.Timestamp(last_day)
    return pd.DataFrame(
        {
            "return_year": years,
            "label": [f"{y - 1}-{y % 100:02d}" for y in years],
            "start": [pd.Timestamp(y - 1, 4, 1) for y in years],
            "end": ends,
            "extract": [bool(last_day) and y == years[-1] for y in years],
            "children_n": 0,
            "episodes_n": 0,
            "files": [f"{y}.csv" for y in years],
        }
    )


def make_records(
    children: pd.DataFrame, episodes: pd.DataFrame, years: list[int], last_day: str = ""
) -> Records:
    """Return records from frames of text; children are named by their order."""
    returns = returns_of(years, last_day)
    number = {name: i for i, name in enumerate(children["child"])}
    who = pd.DataFrame(
        {
            "sex": pd.Categorical(children["sex"], categories=["male", "female", "unknown"]),
            "dob": pd.to_datetime(children["dob"]).astype("datetime64[ns]"),
            "ethnic": pd.Categorical(["WBRI"] * len(children)),
            "uasc": children["uasc"].notna(),
            "uasc_end": pd.to_datetime(children["uasc"].mask(children["uasc"] == "yes")).astype(
                "datetime64[ns]"
            ),
        }
    ).rename_axis("child")
    e = pd.DataFrame({"child": episodes["child"].map(number).astype("int32")})
    for day in ("decom", "dec"):
        e[day] = pd.to_datetime(episodes[day]).astype("datetime64[ns]")
    for column in (*CODES, *POSTCODES):
        given = episodes[column] if column in episodes else pd.Series([None] * len(e))
        e[column] = pd.Categorical(given)
    e["pl_distance"] = np.nan
    if "pl_distance" in episodes:
        e["pl_distance"] = episodes["pl_distance"].astype(float)
    e["return_year"] = np.int16(years[-1])
    e = e.sort_values(["child", "decom", "dec"], kind="stable", ignore_index=True)
    e["period_of_care"] = (e["rne"].eq("S") | e["child"].ne(e["child"].shift())).cumsum().astype(
        "int32"
    ) - 1
    e["repaired"] = False
    nothing = pd.DataFrame()
    return Records(who, e, {}, returns, nothing, nothing, returns["end"].max())


def make_study(**sections: Any) -> Study:
    """Return a study of Anyshire; sections of the study file replace the defaults."""
    base: dict[str, Any] = {
        "schema_version": 1,
        "authority": {
            "name": "Anyshire County Council",
            "short_name": "Anyshire",
            "dfe_code": "999",
            "ons_code": "E10000099",
        },
        "period": {"reporting_year": "2022-23", "as_at": dt.date(2023, 3, 31)},
        "inputs": {"ssda903": ["inputs/*.csv"]},
    }
    scope = sections.pop("scope", None)
    if scope:
        base["authority"] = {**base["authority"], "scope": scope}
    return Study.model_validate({**base, **sections})


def make_data(records: Records, study: Study) -> StudyData:
    return StudyData(study, {"ssda903": lambda _: records})


@pytest.fixture(scope="session")
def draw():
    """Functions that tests draw records with."""

    class Draw:
        table = staticmethod(table)
        records = staticmethod(make_records)
        returns = staticmethod(returns_of)
        study = staticmethod(make_study)
        data = staticmethod(make_data)

    return Draw
