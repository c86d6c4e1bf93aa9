"""The stock beside cs-demand-model's own on the same files, and every child of the difference.

The reasons are read from the files themselves, not from either program.
"""

from __future__ import annotations

import datetime as dt
import shutil

import pandas as pd
import pytest
from claims import aligned
from peer_sample import PEER, peer_study
from peer_tool import ask, peer_python

from needs.care.stock import stock_on
from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

DAYS = [dt.date(y, 3, 31) for y in range(2018, 2023)]
SHORT_BREAKS = ("V3", "V4")
TWICE = "the same child twice"
BREAKS = "in a series of short breaks (V3, V4)"
ADULT = "aged 18 or over"
GONE = "left open by a return, in no later one"
CUT = "left out by them: cut short where the child's episodes overlap"
OTHER = "not explained"
REASONS = (TWICE, BREAKS, ADULT, GONE, CUT, OTHER)


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    """Return every row of the Episodes files, with dates of birth and the end of its return."""
    if not PEER.is_dir():
        pytest.skip("the peer's sample is not on this machine")
    files = {p.name.split("-")[0]: p for p in PEER.glob("*-episodes.csv")}
    rows = pd.concat(
        # The file named 2017 is the return to 31 March 2018.
        pd.read_csv(p, dtype=str).assign(until=pd.Timestamp(int(year) + 1, 3, 31))
        for year, p in files.items()
    )
    born = pd.concat(pd.read_csv(p, dtype=str) for p in PEER.glob("*-header.csv"))
    dob = born.drop_duplicates("CHILD").set_index("CHILD")["DOB"]
    rows["DOB"] = rows["CHILD"].map(dob)
    for column in ("DECOM", "DEC", "DOB"):
        rows[column] = pd.to_datetime(rows[column], format="%d/%m/%Y")
    return rows.sort_values(["CHILD", "DECOM", "until"], ignore_index=True)


def why_theirs(child: str, day: pd.Timestamp, returns: pd.DataFrame) -> str:
    """Return why only they count a child on a day."""
    rows = returns[returns["CHILD"] == child].drop_duplicates("DECOM", keep="last")
    here = rows[(rows["DECOM"] <= day) & (rows["DEC"].isna() | (rows["DEC"] > day))]
    # Where episodes overlap, the one that began last counts, with them as with us.
    asked = here.tail(1)
    if asked["LS"].isin(SHORT_BREAKS).any():
        return BREAKS
    grown = asked["DOB"] + pd.DateOffset(years=18) <= day
    if (grown & ~((asked["LS"] == "V2") & (asked["PLACE"] == "K2"))).any():
        return ADULT
    told = ((returns["CHILD"] == child) & (returns["until"] >= day)).any()
    return OTHER if told else GONE


def why_ours(child: str, day: pd.Timestamp, returns: pd.DataFrame) -> str:
    """Return why only we count a child on a day."""
    rows = returns[returns["CHILD"] == child].drop_duplicates("DECOM", keep="last")
    here = rows[(rows["DECOM"] <= day) & (rows["DEC"].isna() | (rows["DEC"] > day))]
    looked_after = here[~here["LS"].isin(SHORT_BREAKS)]
    begins_within = any(
        ((rows["DECOM"] > r.DECOM) & ((rows["DECOM"] < r.DEC) | pd.isna(r.DEC))).any()
        or ((rows["DEC"] == r.DEC) & (rows["DECOM"] < r.DECOM)).any()
        for r in looked_after.itertuples()
    )
    return CUT if begins_within else OTHER


def test_every_child_of_the_difference_is_explained(tmp_path, returns, claims):
    peer_python()
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in PEER.glob("*.csv"):
        shutil.copy(path, flat)
    days = [d.isoformat() for d in DAYS]
    answer = ask([{"do": "stock", "folder": str(flat), "days": days}])
    theirs = answer["answers"][0]["days"]

    study = load_study(peer_study(tmp_path))
    records = open_data(study).records
    ours = stock_on(records, DAYS, study.authority.scope)
    ids = pd.Index(records.ids).astype(str)

    table = []
    for day in map(pd.Timestamp, DAYS):
        them = theirs[day.date().isoformat()]
        we = set(ids[ours.loc[ours["date"] == day, "child"]])
        they = set(them["children"])
        found = dict.fromkeys(REASONS, 0)
        found[TWICE] = -round(them["total"] - len(they))
        for child in they - we:
            found[why_theirs(child, day, returns)] -= 1
        for child in we - they:
            found[why_ours(child, day, returns)] += 1
        assert found[OTHER] == 0
        assert them["total"] + sum(found.values()) == len(we)
        table.append([them["total"], *found.values(), len(we)])
    heads = (f"cs-demand-model {answer['version']}", *REASONS, "ours")
    columns = zip(*table, strict=True)
    rows = [(h, *(f"{n:.0f}" for n in c)) for h, c in zip(heads, columns, strict=True)]
    text = "\n".join(aligned([("children on", *days), *rows]))
    claims.told("stock beside cs-demand-model's, on its own sample", text)
