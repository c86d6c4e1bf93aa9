"""Each day that a line pays for is a night in one placement, or of none; nothing is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.care.windows import Window
from needs.costs.days import distinct_nights, paid_parts
from needs.vocabulary.periods import ReportingYear

CHILDREN = """
child | sex  | dob        | uasc
A     | male | 2010-06-01 | -
B     | male | 2010-06-01 | -
C     | male | 2010-06-01 | -
"""
# A moves on 10 April 2022 from an agency's carer to a home, and leaves on 1 May.
# B stays with an agency's carer all along. C is with a carer for five nights, out for five, back.
EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2022-03-20 | 2022-04-10 | S   | C2 | N1  | U6    | PR4      | X1
A     | 2022-04-10 | 2022-05-01 | P   | C2 | N1  | K2    | PR4      | E4A
B     | 2021-05-01 | -          | S   | C2 | N1  | U6    | PR4      | -
C     | 2022-06-01 | 2022-06-06 | S   | C2 | N1  | U6    | PR4      | E4A
C     | 2022-06-11 | 2022-06-16 | S   | C2 | N1  | U6    | PR4      | E4A
"""
YEARS = (2022, 2023)
WINDOWS = [Window(ReportingYear(y), ReportingYear(y).end) for y in YEARS]


def lines_of(text, draw):
    frame = draw.table(text)
    number = {name: i for i, name in enumerate("ABC")}
    frame["child"] = frame["child"].map(number).fillna(-1).astype("int32")
    for day in ("from", "to"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[ns]")
    for name in (
        "weekly_cost_gbp", "amount_gbp", "contribution_health_gbp",
        "contribution_education_gbp", "uasc_grant_gbp",
    ):  # fmt: skip
        frame[name] = frame[name].astype(float) if name in frame else np.nan
    if "placement_type" not in frame:
        frame["placement_type"] = None
    return frame


@pytest.fixture
def drawn(draw):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), list(YEARS))
    study = draw.study()
    return records, study


def parts_of(drawn, lines):
    records, study = drawn
    return paid_parts(lines, records, WINDOWS, study.authority.scope, study.categories)


LINES = """
child | weekly_cost_gbp | amount_gbp | contribution_health_gbp | from | to | placement_type
A     | 700             | -          | 70                      | 2022-03-30 | 2022-05-02 | -
B     | -               | 365        | -                       | 2022-04-01 | 2023-03-31 | ifa
B     | -               | -50        | -                       | 2022-12-24 | -          | -
C     | 7               | -          | -                       | 2022-05-31 | 2022-06-16 | ifa
-     | 70              | -          | -                       | 2022-04-01 | 2022-04-10 | supported
"""
# What follows by hand: line, year, type, nights, pounds.
EXPECTED = """
line | window | type          | in_care | days | gross | health
0    | 0      | ifa           | yes     | 2    | 200   | 20
0    | 1      | ifa           | yes     | 9    | 900   | 90
0    | 1      | external_home | yes     | 21   | 2100  | 210
0    | 1      | -             | no      | 2    | 200   | 20
1    | 1      | ifa           | yes     | 365  | 365   | 0
2    | 1      | ifa           | yes     | 1    | -50   | 0
3    | 1      | ifa           | yes     | 10   | 10    | 0
3    | 1      | ifa           | no      | 7    | 7     | 0
4    | 1      | supported     | no      | 10   | 100   | 0
"""


@pytest.mark.unit
def test_lines_are_cut_at_years_moves_and_the_ends_of_care(drawn, draw):
    parts = parts_of(drawn, lines_of(LINES, draw))
    keys = ["line", "window", "type", "in_care"]
    got = parts.groupby(keys)[["days", "gross", "health"]].sum()
    wanted = draw.table(EXPECTED)
    wanted["in_care"] = wanted["in_care"] == "yes"
    wanted["type"] = wanted["type"].fillna("")
    for name in ("line", "window", "days"):
        wanted[name] = wanted[name].astype(int)
    wanted = wanted.astype({"gross": float, "health": float}).set_index(keys)
    pd.testing.assert_frame_equal(got.sort_index(), wanted.sort_index(), check_dtype=False)


@pytest.mark.unit
def test_a_night_that_two_lines_pay_for_is_one_night(drawn, draw):
    parts = parts_of(
        drawn,
        lines_of(
            """
            child | weekly_cost_gbp | from       | to
            B     | 700             | 2022-04-01 | 2022-04-10
            B     | 70              | 2022-04-05 | 2022-04-20
            B     | 70              | 2022-04-06 | 2022-04-08
            """,
            draw,
        ),
    )
    assert parts["days"].sum() == 10 + 16 + 3
    nights = distinct_nights(parts, ["window", "type"])
    assert nights[["window", "type", "child", "nights"]].to_numpy().tolist() == [[1, "ifa", 1, 20]]


def day_by_day(lines, drawn):
    """Return pounds by line, year, type and whether in care, one day after another."""
    records, _ = drawn
    found: dict[tuple, float] = {}
    for n, line in enumerate(lines.itertuples()):
        last = line.to if line.to == line.to else pd.Timestamp(WINDOWS[-1].end)
        days = pd.date_range(line[lines.columns.get_loc("from") + 1], last)
        for day in days:
            year = [k for k, w in enumerate(WINDOWS) if w.start <= day.date() <= w.end]
            if not year:
                continue
            e = records.episodes
            on = e[(e.child == line.child) & (e.decom <= day) & ~(e.dec <= day)]
            kind = {"U6": "ifa", "K2": "external_home"}[on.iloc[-1].place] if len(on) else "own"
            key = (n, year[0], kind, bool(len(on)))
            found[key] = found.get(key, 0.0) + line.weekly_cost_gbp / 7
    return found


@pytest.mark.property
@pytest.mark.parametrize("seed", range(2))
def test_parts_are_what_a_calendar_gives_day_by_day(drawn, draw, seed):
    rng = np.random.default_rng(seed)
    n = 40
    begins = pd.Timestamp("2022-03-01") + pd.to_timedelta(rng.integers(0, 420, n), unit="D")
    lines = pd.DataFrame(
        {
            "child": rng.integers(-1, 3, n).astype("int32"),
            "weekly_cost_gbp": rng.integers(-500, 5000, n).astype(float),
            "from": begins,
            "to": begins + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "placement_type": "own",
        }
    )
    lines.loc[rng.random(n) < 0.1, "to"] = pd.NaT
    got = parts_of(drawn, lines)
    got = got.groupby(["line", "window", "type", "in_care"])["gross"].sum().to_dict()
    wanted = day_by_day(lines, drawn)
    assert got.keys() == wanted.keys()
    assert all(abs(got[k] - wanted[k]) < 1e-6 for k in wanted)


@pytest.mark.property
def test_money_of_the_years_is_all_there(drawn, draw):
    lines = lines_of(LINES, draw)
    parts = parts_of(drawn, lines)
    inside = parts.groupby("line")["gross"].sum()
    # Line 0 starts two days before the second year, within the first; nothing lies outside both.
    days = (lines["to"].fillna(lines["from"]) - lines["from"]).dt.days + 1
    whole = (lines["weekly_cost_gbp"] / 7 * days).fillna(lines["amount_gbp"])
    assert np.allclose(inside.to_numpy(), whole.to_numpy())
