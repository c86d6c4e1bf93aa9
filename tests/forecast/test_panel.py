"""Annual totals of many authorities: known truth, references, and every authority's past."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from needs.forecast.series.annual import (
    CHOSEN,
    METHODS,
    POINTS,
    benchmark,
    gaussian,
    pooled,
    powered,
    trend,
)
from needs.forecast.series.changes import CHANGES, LEVELS_OF, changes_known
from needs.forecast.series.panel import HORIZONS, gains, half, score, summary
from needs.forecast.series.smoothing import SIMPLE, arima_011, damped_trend, fitted

pytestmark = pytest.mark.reference

SHARED = Path(os.environ.get("NEEDS_SHARED", Path(__file__).parents[3] / "shared"))
PANEL = SHARED / "data" / "tidy" / "cla_panel_all_authorities_2010_2023.csv"


@pytest.fixture(scope="module")
def totals() -> pd.DataFrame:
    if not PANEL.exists():
        pytest.skip(f"the published totals of all authorities are not here: {PANEL.name}")
    long = pd.read_csv(PANEL)
    long = long[long["measure"] == "on_31_march"]
    return long.pivot_table("value", "old_la_code", "year")


def walks(n: int, years: int, seed: int) -> pd.DataFrame:
    """Authorities whose counts walk at random: relative steps of one size, for ever."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(100, 900, n)
    steps = rng.normal(0, 0.06, (n, years - 1))
    levels = start[:, None] * np.exp(np.cumsum(np.c_[np.zeros(n), steps], axis=1))
    return pd.DataFrame(levels, index=range(n), columns=range(2010, 2010 + years))


@pytest.mark.parametrize("method", ["benchmark", "pooled", "powered"])
def test_intervals_cover_what_they_claim_where_nothing_but_chance_moves(method):
    table = summary(score(walks(400, 14, 3), {method: METHODS[method]}))
    every = table[table["ahead"] == 0].iloc[0]
    for level in (50, 80, 95):
        assert abs(every[f"inside_{level}_pct"] - level) < 3.5, level


def test_nothing_after_the_origin_is_looked_at():
    levels = walks(30, 14, 5).to_numpy()
    later = levels.copy()
    later[:, 9:] = 1.0
    for method in (*METHODS.values(), arima_011, damped_trend):
        np.testing.assert_array_equal(method(levels, 8, 2), method(later, 8, 2))


def test_an_authority_without_a_count_at_the_origin_has_no_forecast_and_spoils_none():
    levels = walks(30, 14, 5).to_numpy()
    gone = levels.copy()
    gone[3, 6:] = np.nan
    q = benchmark(gone, 9, 1)
    assert np.isnan(q[3]).all() and np.isfinite(np.delete(q, 3, axis=0)).all()
    scored = score(pd.DataFrame(gone, index=range(30), columns=range(14)), {"b": benchmark})
    assert not ((scored["authority"] == 3) & (scored["origin"] >= 6)).any()


def test_too_few_years_give_no_forecast():
    levels = walks(30, 14, 5).to_numpy()
    for method in (benchmark, pooled, powered, gaussian):
        assert np.isnan(method(levels, 2, 3)).all(), "no window of three years ends by then"


def test_the_trend_goes_on_in_a_straight_line():
    q = trend(np.array([[100.0, 110, 120, 130, 140]]), 4, 2)
    np.testing.assert_allclose(q, 160)


def test_simple_smoothing_is_arima_011():
    """Point forecasts equal statsmodels' ARIMA(0,1,1) with the same weight, started alike."""
    y = walks(1, 14, 8).to_numpy()
    weight = SIMPLE[14]
    level, _, _ = fitted(y, weight, trend=False)
    model = SARIMAX(y[0], order=(0, 1, 1), simple_differencing=True)
    model.ssm.initialize_known(np.zeros(2), np.zeros((2, 2)))
    kept = model.filter(np.array([weight[0] - 1, 1.0]))
    differences = kept.forecast(1)
    assert np.isclose(y[0, -1] + differences[0], level[0], rtol=1e-3)


def test_on_every_authority_the_chosen_method_beats_the_last_value(totals):
    methods = {"benchmark": benchmark, "gaussian": gaussian, "pooled": pooled}
    scores = score(totals, methods)
    table = summary(scores).set_index(["method", "ahead"])
    for ahead in (*HORIZONS, 0):
        row = table.loc[(CHOSEN, ahead)]
        assert row["mae"] <= row["mae_last"], ahead
        assert 75 <= row["inside_80_pct"] <= 85, ahead
    assert 77 <= table.loc[(CHOSEN, 0), "inside_80_pct"] <= 83
    gain = gains(scores, CHOSEN, "gaussian").set_index("ahead").loc[0]
    assert gain["gain_pct"] > 2 * gain["error_pct"] > 0


def test_what_reports_use_has_won_on_authorities_it_was_not_developed_on(totals, claims):
    apart = totals[~half(totals.index)]
    methods = {**METHODS, "arima_011": arima_011, "damped_trend": damped_trend}
    scores = score(apart, methods)
    table = summary(scores)
    told = table.round(2).to_string(index=False)
    claims.told("annual totals of authorities that nothing was developed on", told)
    chosen = table[table["method"] == CHOSEN].set_index("ahead")
    for ahead in (*HORIZONS, 0):
        row, words = chosen.loc[ahead], f"{ahead} years ahead" if ahead else "all years ahead"
        claims.most(f"MAE, {words}", row["mae"], round(row["mae_last"], 1), "children")
        cover, (low, high) = row["inside_80_pct"], (75, 85) if ahead else (77, 83)
        what = f"coverage of the 80% range, {words}"
        claims.held(what, f"{cover:.1f}%", f"{low} to {high}%", low <= cover <= high)
    rivals = table[(table["ahead"] == 0)].set_index("method")["crps"]
    assert rivals.idxmin() == CHOSEN
    assert len(POINTS) == 200 and half(totals.index).sum() in range(60, 95)


def test_the_second_look_at_the_other_half_was_a_tie(totals, claims):
    """``pooled`` was scored on it before ``powered`` was made: as the words beside CHOSEN say."""
    methods = {"benchmark": benchmark, "pooled": pooled, "powered": powered}
    scores = score(totals[~half(totals.index)], methods)
    against = {m: gains(scores, m, CHOSEN).set_index("ahead").loc[0] for m in ("pooled", "powered")}
    claims.told(
        "CRPS gained on what is used, per cent: first look (pooled), second look (powered)",
        pd.DataFrame(against).T.round(2).to_string(),
    )
    assert against["pooled"]["gain_pct"] < -2 * against["pooled"]["error_pct"]
    assert abs(against["powered"]["gain_pct"]) < against["powered"]["error_pct"]
    of = summary(scores).set_index(["method", "ahead"])
    assert 77 <= of.loc[("powered", 0), "inside_80_pct"] <= 83
    assert all(
        of.loc[("powered", h), "mae"] <= of.loc[("powered", h), "mae_last"] for h in HORIZONS
    )


def test_the_changes_kept_are_those_of_every_authority_known_at_each_origin(totals):
    """Again from the published totals: only windows that ended by the origin."""
    levels = totals.to_numpy(float)
    for year, rows in CHANGES.items():
        at = list(totals.columns).index(year)
        for ahead, kept in enumerate(rows, 1):
            first = np.where(levels > 0, levels, np.nan)
            moved = [levels[:, p + ahead] / first[:, p] - 1 for p in range(1, at - ahead + 1)]
            pooled_ = np.concatenate(moved)
            again = np.quantile(pooled_[np.isfinite(pooled_)], LEVELS_OF)
            np.testing.assert_allclose(again, kept, atol=6e-5)


def test_changes_are_not_known_before_they_happened():
    assert changes_known(2014, 1) is None, "too early an origin"
    assert changes_known(2015, 5) is None, "no window of five years had ended"
    np.testing.assert_array_equal(changes_known(2030, 1), changes_known(max(CHANGES), 1))
    for rows in CHANGES.values():
        assert (np.diff(np.array(rows), axis=1) > 0).all()
