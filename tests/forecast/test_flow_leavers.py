"""Care leavers are those who left, grow older, and add up."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from flow_histories import UNTIL, history_of, lived

from needs.forecast.flow.leavers import Shares, left_before, waits
from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, day_number

pytestmark = pytest.mark.unit


def test_who_left_before_by_age_and_length_of_stay():
    d = day_number
    birthday = d(dt.date(2022, 6, 15))
    born = d(dt.date(2004, 6, 15))
    periods = [
        (born, [(birthday - 400, 0)], birthday, False),
        (born, [(birthday - 80, 0)], birthday, False),  # not thirteen weeks
        (born, [(birthday - 800, 1)], birthday - 300, True),  # at seventeen
        (born, [(birthday - 4000, 1)], birthday - 3000, False),  # a child
        (d(dt.date(2010, 1, 1)), [(birthday, 1)], OPEN, False),
    ]
    left = left_before(history_of(periods, dt.date(2018, 4, 1), places=("foster", "home")))
    assert left.sum() == 2
    assert left[:, 0, 2, 0].sum() == 1
    assert left[:, 1, 1, 1].sum() == 1
    # Nine and a half months before the last day known.
    assert left[-10, 0, 2, 0] == 1


def test_leavers_of_the_forecast_add_up_to_those_who_turn_eighteen():
    model = fit_flow(lived(leave=0.05))
    days = [month_after(UNTIL, m) for m in (12, 36)]
    told = model.beyond_18(days, 100, np.random.default_rng(1))
    every = [k.sum(2).mean(0) for k in told.entitled.values()]
    assert all((x > 0).all() for x in every[:3])
    # In three years all of the first year's under-21s have been replaced by those who come.
    plain = model.simulate(days, 100, np.random.default_rng(1))
    at_18 = plain.parts["exits"].draws[:, :, 1].sum(1).mean()
    older = told.entitled["former_relevant_18_20"].sum(2)[:, 1].mean()
    assert older == pytest.approx(at_18, rel=0.2)


def test_places_from_eighteen_on_are_not_told_where_nothing_tells_them():
    model = fit_flow(lived())
    days = [month_after(UNTIL, 12)]
    told = model.beyond_18(days, 20, np.random.default_rng(1))
    assert told.staying_put is None
    assert told.supported_18 is None
    assert any("no list of care leavers" in n for n in told.notes)
    nobody = Shares(np.zeros((3, 2)), np.ones((7, 2)))
    told = model.beyond_18(days, 20, np.random.default_rng(1), shares=nobody)
    assert told.staying_put is None
    assert told.supported_18 is not None
    assert any("turned eighteen in foster care" in n for n in told.notes)


def test_places_follow_the_shares_of_those_known():
    model = fit_flow(lived(leave=0.05))
    days = [month_after(UNTIL, m) for m in (12, 36)]
    sure = np.array([[1e7, 0.0]])
    all_stay = Shares(np.repeat(sure, 3, axis=0), np.repeat(sure / 4 + sure[:, ::-1] * 3 / 4, 7, 0))
    told = model.beyond_18(days, 100, np.random.default_rng(1), shares=all_stay)
    young, older = (told.entitled[f"former_relevant_{k}"].sum(2) for k in ("18_20", "21_24"))
    assert (told.staying_put < young).all()
    # Two of four types, in which all ages are alike, are foster care.
    assert told.staying_put.mean() / young.mean() == pytest.approx(0.5, abs=0.1)
    assert told.supported_18.mean() / (young + older).mean() == pytest.approx(0.25, abs=0.01)
    # Shares of a few people are known less well, which the draws show.
    few = Shares(all_stay.staying_put, np.repeat([[1.0, 3.0]], 7, axis=0))
    wide = model.beyond_18(days, 100, np.random.default_rng(1), shares=few)
    assert wide.supported_18.std() > 2 * told.supported_18.std()
    assert not any("list" in n and "cannot" in n for n in wide.notes)


def test_shares_are_of_those_who_are_on_the_list_and_known_to_have_left():
    d = day_number
    born = [d(dt.date(y, 6, 15)) for y in (2004, 2004, 2003, 2004, 2000, 2000, 2006)]
    place = (0, 0, 0, 1, 0, 1, 0)
    periods = [
        (b, [(b + 15 * 365, p)], d(dt.date(y + 18, 6, 15)), False)
        for b, p, y in zip(born, place, (2004, 2004, 2003, 2004, 2000, 2000, 2006), strict=True)
    ]
    history = history_of(periods, dt.date(2015, 4, 1), places=("ifa", "external_home"))
    people = pd.DataFrame(
        # Stays put; does not; not on the list; was in a home; of 22, asks; does not ask.
        # The first row no longer holds.
        [
            (0, False, "U1", "2022-06-01", "2022-06-14"),
            (0, True, "Z1", "2022-06-15", None),
            (1, False, "D1", "2022-06-15", None),
            (3, False, "E2", "2022-06-15", None),
            (4, False, "T1", "2022-06-15", None),
            (-1, True, "Z1", "2022-06-15", None),
        ],
        columns=["child", "staying_put", "accommodation", "from", "to"],
    ).astype({"from": "datetime64[ns]", "to": "datetime64[ns]"})
    shares = Shares.of(history, people)
    assert shares.staying_put.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert shares.supported.tolist() == [[2, 1], *[[0, 0]] * 3, [1, 1], *[[0, 0]] * 2]


def test_how_long_those_who_left_early_wait_is_learnt():
    d = day_number
    born = d(dt.date(2005, 4, 1))
    left = [d(dt.date(2022, 2, 1)), d(dt.date(2022, 8, 1)), d(dt.date(2022, 10, 1))]
    periods = [(born, [(born + 5000, 0)], stop, False) for stop in left]
    assert waits(history_of(periods, dt.date(2018, 4, 1))) == pytest.approx((14, 7), abs=0.1)
    assert waits(history_of(periods[:1], dt.date(2018, 4, 1))) == pytest.approx((14, 6), abs=0.1)


def test_eligible_children_are_some_of_those_of_sixteen_and_seventeen():
    model = fit_flow(lived())
    days = [month_after(UNTIL, m) for m in (1, 12, 24)]
    told = model.beyond_18(days, 50, np.random.default_rng(1))
    aged = model.simulate(days, 50, np.random.default_rng(1)).parts["ages"].draws[:, :, -1]
    eligible = told.entitled["eligible"].sum(2)
    assert (eligible <= aged).all()
    assert eligible.mean() > 0.5 * aged.mean()
