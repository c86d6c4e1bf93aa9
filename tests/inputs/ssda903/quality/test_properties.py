"""What holds of the rules for any return, however messy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from needs.inputs.ssda903.quality import QualityOutcome, apply
from needs.inputs.ssda903.raw import RawReturns

from . import raws

pytestmark = pytest.mark.property

# Examples are small as they are; making them smaller would cost minutes.
quick = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=[Phase.generate],
)

BETWEEN = {("13", "lost"), ("13", "late"), ("13", "not_start"), ("21", "home_blank"),
           ("23", "dropped")}  # fmt: skip
"""Checks that look at another return, beside all of rules 24 and 27."""


def code(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


def day(year: int, earliest: int, latest: int) -> st.SearchStrategy[str]:
    """Return a date so many days from 1 April that the return of ``year`` starts with."""
    start = pd.Timestamp(year - 1, 4, 1)
    days = st.integers(earliest, latest)
    return days.map(lambda n: (start + pd.Timedelta(days=n)).strftime("%d/%m/%Y"))


@st.composite
def messy(draw: st.DrawFn, year: int) -> dict[str, pd.DataFrame]:
    children = code("a", "b", "c", "d")
    row = st.fixed_dictionaries(
        {
            "child": children,
            "decom": st.one_of(day(year, -60, 370), code("", "31/02/2022")),
            "dec": st.one_of(code("", "", "99/99/9999"), day(year, -30, 380)),
            "rne": code("S", "P", "L", "T", "", "Q"),
            "ls": code("C2", "V2", "V3", "L1", "", "C9"),
            "cin": code("N1", "N8", ""),
            "place": code("U4", "K2", "T3", "H5", "", "U9"),
            "place_provider": code("PR1", "PR0", "", "PR9"),
            "rec": code("X1", "E4A", "", "E0"),
        }
    )
    born = st.one_of(day(year, -6900, 100), code(""))
    head = st.fixed_dictionaries(
        {"child": children, "dob": born, "sex": code("1", "2", ""), "ethnic": code("WBRI", "", "X")}
    )
    columns = ["child", "dob", "sex", "ethnic"]
    return {
        "episodes": pd.DataFrame(draw(st.lists(row, min_size=1, max_size=10)), dtype=object),
        "header": pd.DataFrame(draw(st.lists(head, max_size=6)), columns=columns, dtype=object),
        "uasc": pd.DataFrame(
            draw(st.lists(st.fixed_dictionaries({"child": children, "duc": born}), max_size=2)),
            columns=["child", "duc"],
            dtype=object,
        ),
    }


two_returns = st.tuples(messy(2022), messy(2023)).map(
    lambda both: raws.raw_returns({2022: both[0], 2023: both[1]})
)


def content(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows of a frame, sorted, without where they stood in a file."""
    text = frame.drop(columns=["file_id", "row"]).astype("string").fillna("")
    return sorted(map(tuple, text.to_numpy().tolist()))


def counts(out: QualityOutcome) -> pd.Series:
    return out.findings.set_index(["rule", "check", "return_year"])["rows_n"]


@quick
@given(two_returns, st.randoms(use_true_random=False))
def test_order_of_rows_makes_no_difference(raw: RawReturns, random) -> None:
    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order].reset_index(drop=True)

    other = replace(
        raw,
        header=shuffled(raw.header),
        episodes=shuffled(raw.episodes),
        others={k: shuffled(f) for k, f in raw.others.items()},
    )
    one, two = apply(raw, raws.STUDY), apply(other, raws.STUDY)
    pd.testing.assert_frame_equal(one.findings, two.findings)
    assert content(one.raw.episodes) == content(two.raw.episodes)
    assert content(one.raw.header) == content(two.raw.header)


@quick
@given(two_returns)
def test_nothing_is_left_out_without_being_counted(raw: RawReturns) -> None:
    out = apply(raw, raws.STUDY)
    n = counts(out).sort_index()
    for table, prefix in (("episodes", ""), ("header", "header_")):
        before = raw.tables[table].groupby("return_year").size()
        after = out.raw.tables[table].groupby("return_year").size()
        for year in raw.returns["return_year"]:
            read, left = n["00", f"{prefix}read", year], n["00", f"{prefix}left_out", year]
            assert read == before.get(year, 0)
            assert read - left == after.get(year, 0)
    assert out.raw.episodes["repaired"].sum() == n["00", "repaired"].sum()


@quick
@given(two_returns)
def test_every_row_left_out_or_repaired_has_a_check_that_says_so(raw: RawReturns) -> None:
    f = apply(raw, raws.STUDY).findings
    checks = f[(f["rule"] != "00") & (f["check"] != "any")]
    for check, action in (("left_out", "left_out"), ("repaired", "repaired")):
        total = f[(f["rule"] == "00") & (f["check"] == check)]["rows_n"].sum()
        said = checks[checks["action"] == action]["rows_n"].sum()
        assert said >= total


@quick
@given(two_returns)
def test_what_remains_is_one_history_a_child_and_return(raw: RawReturns) -> None:
    out = apply(raw, raws.STUDY).raw
    e = out.episodes.merge(out.returns[["return_year", "end"]], on="return_year")
    assert (e["dec"].isna() | (e["dec"] >= e["decom"])).all()
    assert (e["decom"] <= e["end"]).all()
    assert (e["dec"].isna() | (e["dec"] <= e["end"] + pd.Timedelta(days=1))).all()
    assert e.loc[e["dec"].isna(), "rec"].isna().all()
    e = e.sort_values(["return_year", "child", "decom", "dec"])
    following = e.groupby(["return_year", "child"])["decom"].shift(-1)
    assert (following.isna() | (e["dec"] <= following)).all()
    assert not out.header.duplicated(["return_year", "child"]).any()


@quick
@given(two_returns)
def test_repairing_twice_changes_nothing_more(raw: RawReturns) -> None:
    once = apply(raw, raws.STUDY).raw
    twice = apply(once, raws.STUDY).raw
    same = ["child", "return_year", "decom", "dec", "rec", "rne", "ls", "place"]
    pd.testing.assert_frame_equal(once.episodes[same], twice.episodes[same])
    pd.testing.assert_frame_equal(once.header, twice.header)


@quick
@given(two_returns)
def test_a_repair_never_adds_a_day_of_care(raw: RawReturns) -> None:
    out = apply(raw, raws.STUDY).raw
    assert care_days(out) <= care_days(raw)


def care_days(raw: RawReturns) -> set[tuple[int, int, int]]:
    """Return (return, child, day) that some row covers, up to the end of the return."""
    e = raw.episodes.merge(raw.returns[["return_year", "end"]], on="return_year")
    e = e[e["decom"].notna()]
    unended = e["dec"].isna() | (e["dec"] < e["decom"])
    stop = e["dec"].where(~unended, e["end"] + pd.Timedelta(days=1))
    stop = np.minimum(stop, e["end"] + pd.Timedelta(days=1))
    return {
        (int(y), int(c), d)
        for y, c, a, b in zip(e["return_year"], e["child"], e["decom"], stop, strict=True)
        for d in range(a.toordinal(), b.toordinal())
    }


@quick
@given(messy(2022), messy(2023))
def test_each_return_is_judged_by_its_own_rows(one: raws.Tables, two: raws.Tables) -> None:
    both = counts(raws.judged({2022: one, 2023: two}))
    apart = pd.concat([counts(raws.judged({2022: one})), counts(raws.judged({2023: two}))])
    own = [
        k
        for k in apart.index
        if k[0] not in {"00", "24", "27"} and k[:2] not in BETWEEN
        and not (k[1] == "any" and k[0] in {"13", "21", "23"})
    ]  # fmt: skip
    pd.testing.assert_series_equal(both[own], apart[own])


@st.composite
def clean(draw: st.DrawFn) -> raws.Tables:
    """Return a return without a fault: unbroken placements, then an exit or none."""
    rows = []
    for child in "abcd"[: draw(st.integers(1, 4))]:
        cuts = sorted(draw(st.sets(st.integers(1, 360), min_size=1, max_size=5)))
        left = draw(st.booleans()) and len(cuts) > 1
        for i, at in enumerate(cuts[: len(cuts) - left]):
            ends = i + 1 < len(cuts)
            last = i + 1 == len(cuts) - left
            rows.append(
                {
                    "child": child,
                    "decom": f"{pd.Timestamp('2022-04-01') + pd.Timedelta(days=at):%d/%m/%Y}",
                    "dec": f"{pd.Timestamp('2022-04-01') + pd.Timedelta(days=cuts[i + 1]):%d/%m/%Y}"
                    if ends
                    else "",
                    "rec": "" if not ends else "E4A" if last else "X1",
                    "rne": "P" if i else "S",
                    "urn": f"SC{i:06d}",
                    "reason_place_change": "CARPL" if ends and not last else "",
                }
            )
    return {"episodes": pd.DataFrame(rows, dtype=object)}


@quick
@given(clean())
def test_clean_returns_give_no_finding(parts: raws.Tables) -> None:
    out = raws.judged({2023: parts})
    f = out.findings[out.findings["rule"] != "00"]
    assert f.loc[f["rows_n"] > 0, ["rule", "check"]].to_numpy().tolist() == []
    assert not out.raw.episodes["repaired"].any()
