"""The rolling backtest: what is known at an origin, scores by hand, and luck."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs.forecast.backtest import Past, rolling, scored, year_ends_within
from needs.forecast.backtest_kept import Backtested
from needs.forecast.backtest_scores import summary, verdicts
from needs.forecast.baselines import last_value
from needs.forecast.combine import skill
from needs.forecast.history import History, day_number
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import Fault, ModelError

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def history(made) -> History:
    data = made.data(made.march(100, 110, 120, 130, 140, 150, 160, 170, 180, 190))
    found = History.of(data.records, data.study)
    return found


def told(method: str, draws, origin=2020, outcome=(10.0,), base=8.0) -> Past:
    """Return a past forecast of one group; draws have shape (draws, days)."""
    array = np.asarray(draws, dtype=np.float32)[:, :, None]
    days = tuple(dt.date(origin + 1 + i, 3, 31) for i in range(array.shape[1]))
    made = Forecast(method, method, dt.date(origin, 3, 31), days, ("all",), array)
    return Past(made, np.array(outcome, dtype=float)[:, None], np.array([base]))


def test_a_method_sees_nothing_after_its_origin(history):
    seen = []

    def spy(known, days, draws, rng):
        seen.append((known.until, int(known.stays["start"].max())))
        assert all(day_number(d) > known.until for d in days)
        return last_value(known, days, draws, rng)

    past = rolling(history, {"spy": spy}, 5, 1)
    origins = [p.forecast.origin for p in past]
    assert [day_number(o) for o in origins] == [s[0] for s in seen]
    assert all(start <= until for until, start in seen)
    assert origins == year_ends_within(history)[-7:]


def test_origins_have_three_years_before_and_an_outcome_after(history):
    days = year_ends_within(history)
    assert days[0] == dt.date(2016, 3, 31)  # the returns begin in April of the year 2013
    assert days[-1] == dt.date(2022, 3, 31)


def test_outcomes_are_what_was_counted(history):
    past = rolling(history, {"last_value": last_value}, 5, 1, [dt.date(2018, 3, 31)])
    (only,) = past
    assert only.outcome.sum(axis=1).tolist() == [150, 160, 170, 180, 190]
    assert only.base.sum() == 140


def test_a_further_method_changes_no_draw_of_another(history):
    one = rolling(history, {"last_value": last_value}, 20, 3)
    two = rolling(history, {"other": last_value, "last_value": last_value}, 20, 3)
    assert (one[-1].forecast.draws == two[-1].forecast.draws).all()
    assert (two[-1].forecast.draws != two[-2].forecast.draws).any()


def test_scores_are_those_worked_out_by_hand():
    rows = scored([told("m", [[6.0], [8.0], [14.0]])], {"all": ("all",)})
    row = rows.iloc[0]
    # CRPS of an ensemble, fair form: mean |x - y| less half the mean |x - x'| over pairs.
    expected = (4 + 2 + 4) / 3 - (2 + 8 + 6) / 3 / 2
    assert row["crps"] == pytest.approx(expected)
    assert (row["forecast"], row["absolute"]) == (8.0, 2.0)
    assert row["error"] == pytest.approx(28 / 3 - 10)
    assert row["inside_80"] and row["inside_95"]
    assert (row["origin"], row["horizon"], row["base"]) == (2020, 1, 8.0)


def test_a_range_covers_what_it_covers():
    draws = np.linspace(0, 100, 1001)[:, None]
    rows = pd.concat(
        [scored([told("m", draws, outcome=(y,))]) for y in (50.0, 20.0, 5.0, 1.0)],
        ignore_index=True,
    )
    assert rows["inside_50"].tolist() == [True, False, False, False]
    assert rows["inside_80"].tolist() == [True, True, False, False]
    assert rows["inside_95"].tolist() == [True, True, True, False]


def table_of(apart: list[float]) -> pd.DataFrame:
    """Return scores of the last value, and of a method that differs by so much at each origin."""
    rows = []
    for i, d in enumerate(apart):
        for method, score in (("last_value", 10.0), ("m", 10.0 + d)):
            rows += [
                {"method": method, "origin": 2010 + i, "horizon": h, "group": "all"}
                | {"crps": score, "absolute": 2 * score, "error": -score}
                | {f"inside_{level}": h == 1 for level in (50, 80, 95)}
                for h in (1, 2)
            ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("apart", "verdict"),
    [
        ([-4, -5, -6, -4, -5, -6, -5], "better"),
        ([4, 5, 6, 4, 5, 6, 5], "worse"),
        ([-4, -5, -6], "better_luck"),  # three of three may be luck
        ([-9, 8, -9, 8, -9, 8, -2], "better_luck"),
        ([-40, 1, 1, 1, 1, 1, 1], "better_luck"),
        ([0, 0, 0], "equal"),
        ([-5], "better_luck"),
    ],
)
def test_a_verdict_needs_more_than_luck(apart, verdict):
    (row,) = verdicts(table_of(apart)).to_dict("records")
    assert row["verdict"] == verdict
    assert row["difference"] == pytest.approx(np.mean(apart))
    assert row["origins_n"] == len(apart)


def test_two_horizons_of_an_origin_are_not_two_pieces_of_evidence():
    few = verdicts(table_of([-4, -5, -6])).iloc[0]
    assert few["chance"] == pytest.approx(2 * 0.5**3)
    assert few["error"] == pytest.approx(np.std([-4, -5, -6], ddof=1) / np.sqrt(3))


def test_the_summary_scales_by_the_last_value():
    found = summary(table_of([-5.0, -5.0])).set_index(["method", "horizon"])
    assert found.loc[("m", 0), "mase"] == pytest.approx(0.5)
    assert found.loc[("m", 0), "skill_pct"] == pytest.approx(50)
    assert found.loc[("m", 1), "cover_80"] == 100
    assert found.loc[("m", 0), "cover_80"] == 50
    assert found.loc[("last_value", 2), "mase"] == 1


def late(known, days, draws, rng) -> Forecast:
    """Forecast as the last value does, but only from the year 2020 on."""
    if known.until < day_number(dt.date(2020, 3, 31)):
        raise ModelError("no", [Fault("ssda903", "too few months are known", "add returns")])
    return replace(last_value(known, days, draws, rng), method="ets")


def test_a_method_that_refuses_at_an_origin_is_tested_from_the_others_and_said(history):
    methods = {"last_value": last_value, "ets": late}
    groups = {"all": history.places}
    found = Backtested.of(history, methods, list(methods), groups, 1, 50, 1)
    origins = found.rows.groupby("method")["origin"].unique()
    assert origins["ets"].tolist() == [2020, 2021, 2022]
    assert origins["last_value"].tolist() == origins["combined"].tolist() == [*range(2016, 2023)]
    (said,) = found.why
    assert "smoothing" in said and "2016, 2017, 2018 and 2019" in said
    assert "too few months are known" in said


def test_the_last_value_may_not_refuse(history):
    def never(*_):
        raise ModelError("no", [Fault("ssda903", "no", "no")])

    with pytest.raises(ModelError):
        rolling(history, {"last_value": never}, 5, 1, refused=lambda *_: None)


def test_a_method_is_set_against_the_last_value_where_both_were_tested():
    rows = table_of([-5.0, -5.0, -5.0])
    # Where the method could not be used the last value was far out: that is no merit of it.
    gone = rows["origin"] == rows["origin"].max()
    held = rows["method"] == "last_value"
    rows.loc[gone & held, ["crps", "absolute"]] = 1000.0
    rows = rows[held | ~gone]
    found = summary(rows).set_index(["method", "horizon"])
    assert found.loc[("m", 0), "mase"] == pytest.approx(0.5)
    assert found.loc[("m", 0), "skill_pct"] == pytest.approx(50)
    assert skill(rows)["m"] == pytest.approx(0.5)


def test_without_an_origin_nothing_is_tested(made):
    data = made.data(made.march(100, 110, first=2022))
    with pytest.raises(ModelError):
        rolling(History.of(data.records, data.study), {"last_value": last_value}, 5, 1)
