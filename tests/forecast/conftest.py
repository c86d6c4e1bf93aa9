"""Authorities made of counts: so many children of each kind on each 31 March."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from needs.assurance.release import release
from needs.inputs.registry import open_data
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.released import ReleasedResult
from needs.vocabulary.results import Result
from needs.vocabulary.study import Study, load_study

ROOT = Path(__file__).resolve().parents[2]

FOSTER, IFA, KIN = ("U6", "PR1"), ("U6", "PR4"), ("U3", "PR1")
HOME, OWN_HOME, SCHOOL = ("K2", "PR4"), ("K2", "PR1"), ("S1", "PR4")
SUPPORTED, PARENTS, ADOPTION = ("H5", "PR4"), ("P1", "PR0"), ("A6", "PR1")
BLANK = (None, "PR1")

Counts = Mapping[str, Mapping[tuple[str | None, str], int]]


def study_of(as_at: dt.date, **sections: Any) -> Study:
    """Return a study of Anyshire that looks from a day."""
    end = as_at.year + (as_at.month >= 4)
    base: dict[str, Any] = {
        "schema_version": 1,
        "authority": {
            "name": "Anyshire County Council",
            "short_name": "Anyshire",
            "dfe_code": "999",
            "ons_code": "E10000099",
        },
        "period": {"reporting_year": f"{end - 1}-{end % 100:02d}", "as_at": as_at},
        "inputs": {"ssda903": ["inputs/*.csv"]},
    }
    return Study.model_validate({**base, **sections})


def _returns(days: list[pd.Timestamp]) -> pd.DataFrame:
    years = [d.year + (d.month >= 4) for d in days]
    return pd.DataFrame(
        {
            "return_year": years,
            "label": [f"{y - 1}-{y % 100:02d}" for y in years],
            "start": [pd.Timestamp(y - 1, 4, 1) for y in years],
            "end": days,
            "extract": [d.month != 3 for d in days],
            "children_n": 0,
            "episodes_n": 0,
            "files": [f"{y}.csv" for y in years],
        }
    )


def episodes_of(counts: Counts) -> pd.DataFrame:
    """Return one episode a child and day: it starts ten days before, and ends ten days after.

    Each day has children of its own, so that a count is what the table says and no more.
    """
    rows = [(day, *kind, n) for day, kinds in counts.items() for kind, n in kinds.items()]
    drawn = pd.DataFrame(rows, columns=["day", "place", "provider", "n"])
    e = drawn.loc[drawn.index.repeat(drawn["n"])].reset_index(drop=True)
    day = pd.to_datetime(e["day"])
    last = pd.Timestamp(max(counts))
    e["child"] = np.arange(len(e), dtype=np.int32)
    e["decom"] = (day - pd.Timedelta(days=10)).astype("datetime64[ns]")
    e["dec"] = (day + pd.Timedelta(days=10)).where(day < last).astype("datetime64[ns]")
    return e


def records_of(counts: Counts) -> Records:
    """Return records in which so many children of each kind are looked after on each day."""
    e = episodes_of(counts).drop(columns=["day", "n"])
    fixed = {"rne": "S", "ls": "C2", "cin": "N1", "rec": None, "reason_place_change": None}
    for column, code in {**fixed, "urn": None, "home_post": None, "pl_post": None}.items():
        e[column] = pd.Categorical([code] * len(e))
    e = e.assign(place=pd.Categorical(e["place"]), provider=pd.Categorical(e["provider"]))
    e = e.assign(pl_distance=np.nan, return_year=np.int16(2023), repaired=False)
    e["period_of_care"] = e["child"]
    who = pd.DataFrame(
        {
            "sex": pd.Categorical(["female"] * len(e)),
            "dob": pd.Timestamp(2012, 6, 15),
            "ethnic": pd.Categorical(["WBRI"] * len(e)),
            "uasc": False,
            "uasc_end": pd.Series(pd.NaT, index=range(len(e)), dtype="datetime64[ns]"),
        },
        index=pd.RangeIndex(len(e), name="child"),
    )
    days = [pd.Timestamp(d) for d in sorted(counts)]
    nothing = pd.DataFrame()
    return Records(who, e, {}, _returns(days), nothing, nothing, days[-1])


def data_of(counts: Counts, **sections: Any) -> StudyData:
    """Return a study of such records, looking from their last day."""
    records = records_of(counts)
    study = study_of(dt.date.fromisoformat(max(counts)), **sections)
    return StudyData(study, {"ssda903": lambda _: records})


def march(*totals: int, first: int = 2014, kind: tuple[str, str] = IFA) -> Counts:
    """Return counts of one kind on consecutive 31 Marches."""
    return {f"{first + i}-03-31": {kind: n} for i, n in enumerate(totals)}


@pytest.fixture(scope="session")
def made():
    """Functions that tests make authorities with."""

    class Made:
        foster, ifa, kin = FOSTER, IFA, KIN
        home, own_home, school = HOME, OWN_HOME, SCHOOL
        supported, parents, adoption, blank = SUPPORTED, PARENTS, ADOPTION, BLANK
        data = staticmethod(data_of)
        march = staticmethod(march)
        episodes = staticmethod(episodes_of)

        @staticmethod
        def released(result: Result, data: StudyData) -> ReleasedResult:
            return release(result, data.study, "50")

        @staticmethod
        def value(result: Result, measure: str, column: str = "value", **keys: str) -> float:
            wanted = {"measure": measure, "group": "all", "by": "", **keys}
            rows = result.table
            for name, key in wanted.items():
                rows = rows[rows[name] == key]
            (found,) = rows[column]
            return float(found)

        @staticmethod
        def write(folder: Path, counts: Counts) -> Path:
            return _write(folder, counts)

    return Made


@pytest.fixture(scope="session")
def synthetic_data(tmp_path_factory) -> StudyData:
    """The bundled synthetic authority, with the faults that real returns have."""
    folder = tmp_path_factory.mktemp("synthetic") / "study"
    folder.mkdir()
    shutil.copy(ROOT / "analysis" / "oxfordshire-2022-23" / "study.toml", folder)
    study = load_study(folder)
    synthesise(folder / "inputs", preset(study), asked(study), study.period.year, study.seed)
    return open_data(study)


STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "{year}"
as_at = {day}
[inputs]
ssda903 = ["inputs/*.csv"]
[inputs.return_years]
"""


def _write(folder: Path, counts: Counts) -> Path:
    """Write such records as yearly returns, with a study file beside them."""
    (folder / "inputs").mkdir(parents=True)
    every = episodes_of(counts)
    for day, e in every.groupby("day"):
        end = pd.Timestamp(str(day))
        before = every[every["dec"].between(end - pd.DateOffset(years=1), end)]
        rows = pd.concat([before, e])
        known = rows["dec"].where(rows["dec"] <= end)
        episodes = pd.DataFrame(
            {
                "CHILD": "C" + rows["child"].astype(str).str.zfill(6),
                "DECOM": rows["decom"].dt.strftime("%d/%m/%Y"),
                "RNE": "S",
                "LS": "C2",
                "CIN": "N1",
                "PLACE": rows["place"],
                "PLACE_PROVIDER": rows["provider"],
                "DEC": known.dt.strftime("%d/%m/%Y"),
                "REC": known.notna().map({True: "E4A", False: ""}),
                "REASON_PLACE_CHANGE": "",
                "HOME_POST": "AB1 2",
                "PL_POST": "AB1 3",
                "URN": "",
            }
        )
        header = pd.DataFrame(
            {"CHILD": episodes["CHILD"], "SEX": 1, "DOB": "15/06/2012", "ETHNIC": "WBRI"}
        ).assign(UPN="UN1", MOTHER="", MC_DOB="")
        for name, frame in {"episodes": episodes, "header": header}.items():
            frame.to_csv(folder / "inputs" / f"{day}-{name}.csv", index=False)
    years = {d: f"{int(d[:4]) - 1}-{int(d[:4]) % 100:02d}" for d in sorted(counts)}
    last = max(counts)
    stated = "".join(
        f'"{d}-{name}.csv" = "{y}"\n' for d, y in years.items() for name in ("episodes", "header")
    )
    text = STUDY.format(year=years[last], day=last) + stated
    (folder / "study.toml").write_text(text, "utf-8")
    return folder
