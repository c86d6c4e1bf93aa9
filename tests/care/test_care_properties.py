"""What must hold of any records: the DfE rule literally, conserved totals, no order."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measures import of_returns

from needs.care import chapter20
from needs.care.ages import completed_years
from needs.care.flows import ceased, flow_counts, period_counts, periods_of_care, started
from needs.care.placement_days import days_in_care, placement_days
from needs.care.stability import placements_in_year
from needs.care.stays import placement_stays
from needs.care.stock import stock_on
from needs.care.windows import Window, shown
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Scope

pytestmark = pytest.mark.property

FIRST, LAST = dt.date(2017, 1, 1), dt.date(2023, 3, 31)
DATES = [dt.date(y, 3, 31) for y in range(2020, 2024)]
QUIET = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FEW = settings(QUIET, max_examples=6)

PLACES = st.sampled_from(
    [("U1", "PR1"), ("U4", "PR4"), ("K2", "PR1"), ("K2", "PR4"), ("T1", None), ("H5", "PR4")]
)
STATUSES = st.sampled_from(["C2", "V2", "V2", "V3", "V4"])
EXITS = st.sampled_from(["E4A", "E11", "E45", "E5", "E3", "E8"])


@st.composite
def period_of_care(draw, start: dt.date):
    """One period of care: episodes that follow one another, the last perhaps open."""
    rows, status = [], draw(STATUSES)
    for i in range(draw(st.integers(1, 3))):
        end = start + dt.timedelta(days=draw(st.integers(1, 500)))
        place, provider = draw(PLACES)
        rows.append([start, end, "S" if i == 0 else "P", status, place, provider, "X1"])
        start = end
        if end > LAST:
            break
    rows[-1][-1] = draw(EXITS)
    if rows[-1][1] > LAST:
        rows[-1][1], rows[-1][-1] = None, None
    return rows


BORN = st.dates(dt.date(2001, 1, 1), dt.date(2022, 1, 1))
GROWN = st.one_of(st.dates(dt.date(2002, 6, 1), dt.date(2005, 1, 1)), st.just(dt.date(2004, 2, 29)))
"""Eighteen within the years looked at."""


@st.composite
def lives(draw, born_on=BORN):
    """Children of any age up to nineteen, with up to three periods of care."""
    children, episodes = [], []
    for i in range(draw(st.integers(1, 6))):
        name = f"c{i}"
        born = draw(born_on)
        uasc = draw(st.sampled_from([None, None, "yes", "2021-06-01"]))
        children.append([name, draw(st.sampled_from(["male", "female"])), born.isoformat(), uasc])
        start = max(born, FIRST) + dt.timedelta(days=draw(st.integers(0, 1000)))
        for _ in range(draw(st.integers(1, 3))):
            if start > LAST:
                break
            rows = draw(period_of_care(start))
            episodes += [[name, "N1", *row] for row in rows]
            if rows[-1][1] is None:
                break
            start = rows[-1][1] + dt.timedelta(days=draw(st.integers(1, 400)))
    if not episodes:
        episodes = [["c0", "N1", FIRST, FIRST + dt.timedelta(days=1), "S", "C2", "U1", "PR1", "E8"]]
    columns = ["child", "cin", "decom", "dec", "rne", "ls", "place", "provider", "rec"]
    return (
        pd.DataFrame(children, columns=["child", "sex", "dob", "uasc"], dtype=object),
        pd.DataFrame(episodes, columns=columns, dtype=object),
    )


def drawn(draw, life):
    return draw.records(*life, [2020, 2021, 2022, 2023])


def counts_on(records, e, day: dt.date) -> bool:
    """Return DfE's rule, read out for one episode."""
    day = pd.Timestamp(day)
    age = completed_years(records.children["dob"].iloc[int(e.child)], day)
    return (
        e.decom <= day
        and (pd.isna(e.dec) or e.dec > day)
        and e.ls not in {"V3", "V4"}
        and (age < 18 or (e.ls == "V2" and e.place == "K2"))
    )


@QUIET
@given(lives())
def test_stock_is_the_dfe_rule_read_out(draw, life):
    records = drawn(draw, life)
    frame = stock_on(records, DATES, Scope())
    got = set(zip(frame["date"].dt.date, frame["child"], strict=True))
    expected = {
        (day, e.child)
        for e in records.episodes.itertuples()
        for day in DATES
        if counts_on(records, e, day)
    }
    assert got == expected
    assert len(got) == len(frame)
    assert not frame["ls"].isin(["V3", "V4"]).any()
    over = frame[frame["age"] >= 18]
    recorded = records.episodes["place"].iloc[over["episode"]]
    assert (over["ls"] == "V2").all() and (recorded == "K2").all()


def aged_18(born, day):
    """Return whether a day is the eighteenth birthday or later; 1 March for 29 February."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) >= 18


@QUIET
@given(lives(GROWN))
def test_nobody_is_counted_at_eighteen_but_for_the_exception(draw, life):
    records = drawn(draw, life)
    days = [dt.date(2020, 6, 1) + dt.timedelta(days=n) for n in range(0, 1030, 7)]
    born = [b.date() for b in records.children["dob"]]
    grown_up = {(d, c) for c, b in enumerate(born) for d in days if aged_18(b, d)}
    e = records.episodes
    excepted = (e["ls"].eq("V2") & e["place"].eq("K2")).to_numpy()
    frame = stock_on(records, days, Scope())
    of = zip(frame["date"].dt.date, frame["child"], frame["episode"], strict=True)
    grown = {(d, c): at for d, c, at in of if (d, c) in grown_up}
    assert all(excepted[at] for at in grown.values())
    # And whoever is in that arrangement is counted on each of its days.
    for at in np.flatnonzero(excepted):
        child, begun, ended = e["child"].iloc[at], e["decom"].iloc[at], e["dec"].iloc[at]
        last = dt.date.max if pd.isna(ended) else ended.date()
        there = {(d, child) for d in days if begun.date() <= d < last}
        assert there & grown_up <= set(grown)
    # Stays and periods of care are of the same days: none is in care that is not counted.
    for stays in (placement_stays(records, Scope()), periods_of_care(records, Scope())):
        begun, ended = (stays[c].dt.date for c in ("start", "stop"))
        inside = {
            (d, c)
            for c, a, b in zip(stays["child"], begun, ended, strict=True)
            for d in days
            if a <= d and (pd.isna(b) or d < b)
        }
        assert inside & grown_up == set(grown)


def test_a_home_at_eighteen_after_a_gap_is_a_period_of_its_own(draw):
    children = draw.table("child | sex | dob | uasc\nc0 | male | 2003-06-01 | -")
    episodes = draw.table(
        """
        child | cin | decom      | dec        | rne | ls | place | provider | rec
        c0    | N1  | 2019-05-01 | 2021-08-01 | S   | V2 | U1    | PR1      | X1
        c0    | N1  | 2021-08-01 | 2021-09-01 | P   | V2 | K2    | PR4      | X1
        c0    | N1  | 2021-09-01 | 2022-02-01 | P   | V2 | U1    | PR1      | X1
        c0    | N1  | 2022-02-01 | 2022-05-01 | P   | V2 | K2    | PR4      | X1
        c0    | N1  | 2022-05-01 | 2022-06-01 | P   | V2 | K2    | PR4      | E5
        """
    )
    records = drawn(draw, (children, episodes))
    windows = shown(records, draw.study()).windows
    periods = periods_of_care(records, Scope())[["start", "stop"]].astype(str)
    assert periods.to_numpy().tolist() == [
        ["2019-05-01", "2021-06-01"],
        ["2021-08-01", "2021-09-01"],
        ["2022-02-01", "2022-06-01"],
    ]
    counts = period_counts(records, windows, Scope())
    assert counts["open_end_n"].tolist() == [1, 1, 1, 0]
    assert counts["ended_n"].tolist() == [0, 0, 2, 1]
    # Without the birthday it is one.
    assert len(periods_of_care(records, Scope(over_18=True))) == 1


@pytest.mark.parametrize("over_18", [True, False])
@QUIET
@given(life=st.one_of(lives(), lives(GROWN)))
def test_periods_of_care_are_conserved(draw, over_18, life):
    records = drawn(draw, life)
    windows = shown(records, draw.study()).windows
    wide = Scope(over_18=over_18)
    counts = period_counts(records, windows, wide)
    moved = counts["begun_n"] - counts["ended_n"]
    assert (counts["open_start_n"] + moved == counts["open_end_n"]).all()
    assert counts["open_end_n"].tolist()[:-1] == counts["open_start_n"].tolist()[1:]
    # With no gap inside a period and one period at a time, open periods are children.
    flows = flow_counts(records, windows, wide)
    assert counts["open_end_n"].tolist() == flows["stock_end_n"].tolist()
    # So the residual is exactly what counting a child once a year leaves out.
    left_out = (counts["begun_n"] - flows["started_n"]) - (counts["ended_n"] - flows["ceased_n"])
    assert flows["residual_n"].tolist() == left_out.tolist()


@FEW
@given(st.one_of(lives(), lives(GROWN)))
def test_the_tables_shown_conserve_periods_and_report_what_children_leave(draw, life):
    data = draw.data(drawn(draw, life), draw.study())
    stock = chapter20.stock(data).table.set_index("period")["value"]
    p, f = (
        r.table.pivot_table(index="period", columns="measure", values="value")
        for r in (chapter20.periods(data), chapter20.flows(data))
    )
    # Every period of care, by the rule that the study counts by: nothing is left over.
    assert (p["open_start_n"] + p["begun_n"] - p["ended_n"] == p["open_end_n"]).all()
    assert p["open_end_n"].tolist()[:-1] == p["open_start_n"].tolist()[1:]
    # Children, once a year: what is left over has a row in every year, and makes the sum whole.
    assert f["residual_n"].notna().all() and len(f) == len(p)
    assert (f["stock_start_n"] + f["net_change_n"] + f["residual_n"] == f["stock_end_n"]).all()
    assert (f["net_change_n"] == f["started_n"] - f["ceased_n"]).all()
    ends = [f"{2000 + int(year[-2:])}-03-31" for year in f.index]
    assert f["stock_end_n"].tolist() == stock[ends].tolist()
    # And the periods that are open are the children of the stock, at every year's end.
    assert p["open_end_n"].tolist() == stock[ends].tolist()


@QUIET
@given(lives())
def test_nobody_starts_as_a_short_break_or_at_eighteen(draw, life):
    records = drawn(draw, life)
    windows = shown(records, draw.study()).windows
    came = started(records, windows, Scope())
    e = records.episodes.iloc[came["episode"].to_numpy()]
    assert not e["ls"].isin(["V3", "V4"]).any()
    adult = (came["age"] >= 18).to_numpy()
    assert (e["ls"][adult] == "V2").all() and (e["place"][adult] == "K2").all()
    left = ceased(records, windows, Scope())
    assert not records.episodes["ls"].iloc[left["episode"]].isin(["V3", "V4"]).any()


@QUIET
@given(lives())
def test_starts_and_ends_are_the_dfe_rule_read_out(draw, life):
    records = drawn(draw, life)
    windows = shown(records, draw.study()).windows
    wide = Scope(over_18=True)
    e = records.episodes[~records.episodes["ls"].isin(["V3", "V4"])]
    came, left = e[e["rne"] == "S"], e[e["rec"].notna() & (e["rec"] != "X1")]
    for frame, events, day in (
        (started(records, windows, wide), came, "decom"),
        (ceased(records, windows, wide), left, "dec"),
    ):
        expected = {
            (k, child)
            for k, w in enumerate(windows)
            for child, at in zip(events["child"], events[day], strict=True)
            if w.start <= at.date() <= w.end
        }
        assert set(zip(frame["window"], frame["child"], strict=True)) == expected
        assert len(frame) == len(expected)


@FEW
@given(lives())
def test_shares_sum_to_one_and_totals_to_the_stock(draw, life):
    data = draw.data(drawn(draw, life), draw.study())
    total = chapter20.stock(data).table.set_index("period")["value"]
    for analysis in (chapter20.ages, chapter20.sexes, chapter20.legal_status, chapter20.needs):
        t = analysis(data).table
        whole = t[(t["group"] == "all") & (t["measure"] == "children_n")].set_index("period")
        assert whole["value"].to_dict() == total.to_dict()
        shares = t[t["measure"] == "share_pct"].groupby("period")["value"].sum(min_count=1)
        assert np.allclose(shares.dropna(), 100.0)
    mix = chapter20.placement_mix(data)
    t = mix.table.set_index(["measure", "group", "period"])["value"]
    for relation in (r for r in mix.additive if r.total == "all"):
        for day in total.index[total > 0]:
            assert np.isclose(sum(t["share_pct", p, day] for p in relation.parts), 100.0)


@FEW
@given(lives(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(draw, life, random):
    records = drawn(draw, life)
    order = list(range(len(records.episodes)))
    random.shuffle(order)
    mixed = dataclasses.replace(
        records, episodes=records.episodes.iloc[order].reset_index(drop=True)
    )
    one, two = (draw.data(r, draw.study()) for r in (records, mixed))
    for a, b in zip(of_returns(one), of_returns(two), strict=True):
        pd.testing.assert_frame_equal(a.table, b.table)
        assert a.text == b.text


@QUIET
@given(lives())
def test_days_in_placements_are_the_children_counted_on_every_day(draw, life):
    records = drawn(draw, life)
    window = Window(ReportingYear(2022), dt.date(2022, 3, 31))
    days = [window.start + dt.timedelta(days=n) for n in range(365)]
    counted = stock_on(records, days, Scope())
    assert days_in_care(records, [window], Scope()).tolist() == [len(counted)]
    every = placement_days(records, [window], Scope(), draw.study().categories)
    assert every["days"].sum() == len(counted)
    by_child = every.groupby("child")["days"].sum()
    assert by_child.to_dict() == counted["child"].value_counts().sort_index().to_dict()


@pytest.mark.parametrize("over_18", [True, False])
@QUIET
@given(life=st.one_of(lives(), lives(GROWN)))
def test_stays_tile_periods_of_care_and_a_year_holds_at_least_one_each(draw, over_18, life):
    records = drawn(draw, life)
    wide = Scope(over_18=over_18)
    stays = placement_stays(records, wide)
    periods = periods_of_care(records, wide).set_index("period_of_care")
    for period, mine in stays.groupby("period_of_care"):
        assert mine["opens"].tolist() == [True] + [False] * (len(mine) - 1)
        assert mine["start"].iloc[0] == periods.loc[period, "start"]
        # Episodes follow one another here, so that each stay ends where the next begins.
        assert (mine["stop"].to_numpy()[:-1] == mine["start"].to_numpy()[1:]).all()
    stock = stock_on(records, DATES, wide)
    counts = placements_in_year(records, stock, wide)
    at_most = stays.groupby("child").size().reindex(stock["child"]).to_numpy()
    assert (counts >= 1).all() and (counts <= np.maximum(at_most, 1)).all()


@QUIET
@given(lives())
def test_every_child_counted_is_on_one_side_and_in_one_band(draw, life):
    data = draw.data(drawn(draw, life), draw.study())
    total = chapter20.stock(data).table.set_index("period")["value"]
    t = chapter20.distance(data).table
    n = t[t["measure"] == "children_n"].pivot_table(index="period", columns="group", values="value")
    inner = [c for c in n if "_" in c]
    assert n[inner].sum(axis=1).to_dict() == total.to_dict()
