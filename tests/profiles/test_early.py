"""Early signals: hazards whose truth is known, months worked by hand, and honest tests."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from needs.profiles import early
from needs.profiles.early import (
    MONTH_DAYS,
    enough,
    foretold,
    hazard_ratios,
    held_out,
    months_of,
    rates,
)

pytestmark = pytest.mark.unit


def days(*texts):
    return np.array(texts, dtype="datetime64[ns]")


def test_months_of_placements_worked_by_hand():
    start = days("2020-01-01", "2020-01-01", "2020-01-01", "2020-01-01", "2020-03-01")
    stop = days("2020-01-31", "2020-02-05", "NaT", "2020-02-05", "2020-03-01")
    since = days("2019-01-01", "2019-01-01", "2020-02-15", "NaT", "2019-01-01")
    event = np.array([True, True, False, True, True])
    m = months_of(start, stop, since, dt.date(2020, 4, 1), event)
    # 30 days are one month; 35 are two; from 15 February on two begin by 1 April, the second
    # and the third month of it lie behind; nothing is known of the fourth; the fifth has no day.
    assert m["at"].tolist() == [0, 1, 1, 2]
    assert m["month"].tolist() == [0, 0, 1, 2]
    assert m["event"].tolist() == [True, False, True, False]
    assert m["day"].iloc[3] == pd.Timestamp("2020-01-01") + pd.Timedelta(days=61)


def test_an_end_after_the_last_day_is_not_seen():
    start, stop = days("2020-01-01"), days("2020-02-10")
    args = (days("2019-01-01"),)
    seen = months_of(start, stop, *args, dt.date(2020, 2, 9), np.array([True]))
    unseen = months_of(start, stop, *args, dt.date(2020, 2, 8), np.array([True]))
    assert seen["event"].sum() == 1
    assert unseen["event"].sum() == 0


def test_months_are_those_of_a_plain_loop():
    rng = np.random.default_rng(1)
    n = 60
    start = np.datetime64("2020-01-01", "ns") + rng.integers(0, 700, n).astype("timedelta64[D]")
    stop = start + rng.integers(1, 500, n).astype("timedelta64[D]")
    stop[::7] = np.datetime64("NaT")
    since = start + rng.integers(-50, 200, n).astype("timedelta64[D]")
    event, until = rng.random(n) < 0.5, dt.date(2022, 1, 1)
    found = []
    after = np.datetime64(until, "ns") + np.timedelta64(1, "D")
    for i in range(n):
        over = not np.isnat(stop[i]) and stop[i] <= after
        end, k, mine = stop[i] if over else after, 0, []
        while (lasted := k * MONTH_DAYS) <= (end - start[i]) / np.timedelta64(1, "D") - 1:
            if lasted >= (since[i] - start[i]) / np.timedelta64(1, "D"):
                mine.append((i, k, False))
            k += 1
        if mine and over and event[i]:
            mine[-1] = (*mine[-1][:2], True)
        found += mine
    m = months_of(start, stop, since, until, event)
    assert list(m[["at", "month", "event"]].itertuples(index=False, name=None)) == found


TRUE = {"need": 0.5, "age": 0.05, "home": -0.4}


def drawn(rng, children=400, truth=TRUE, own=0.0, base=-3.2):
    """Months of children whose hazard is known; ``own`` is what is a child's and is not seen."""
    each = rng.integers(6, 30, children)
    who = np.repeat(np.arange(children), each)
    x = pd.DataFrame(
        {
            "need": rng.normal(size=children)[who],
            "age": rng.uniform(-8, 8, children)[who],
            "home": (rng.random(children) < 0.3)[who].astype(float),
        }
    )
    odds = (
        base + x.to_numpy() @ np.array([truth[c] for c in x]) + own * rng.normal(size=children)[who]
    )
    event = rng.random(len(who)) < -np.expm1(-np.exp(odds))
    return x, event, who


def test_hazard_ratios_are_the_truth_and_intervals_hold_it(long_form, claims):
    rng = np.random.default_rng(2)
    rounds = 400 if long_form else 15
    held, logs = dict.fromkeys(TRUE, 0), {k: [] for k in TRUE}
    for _ in range(rounds):
        found = hazard_ratios(*drawn(rng))
        for k, b in TRUE.items():
            held[k] += found.loc[k, "lower"] <= np.exp(b) <= found.loc[k, "upper"]
            logs[k].append(np.log(found.loc[k, "ratio"]))
    for k, b in TRUE.items():
        words = f"{held[k] / rounds:.0%} of {rounds}, mean {np.mean(logs[k]):.3f} for {b}"
        enough_held = held[k] >= binom.ppf(0.001, rounds, 0.93)
        assert claims.held(f"hazard intervals that hold the truth: {k}", words, "93%", enough_held)
        error = np.std(logs[k]) / np.sqrt(rounds)
        assert abs(np.mean(logs[k]) - b) < 4 * error + 0.02, k


def test_errors_are_clustered_by_child():
    """A child's months that hang together make intervals wider than months apart would."""
    rng = np.random.default_rng(3)
    x, event, who = drawn(rng, own=1.2)
    by_child = hazard_ratios(x, event, who)
    apart = hazard_ratios(x, event, np.arange(len(who)))
    width = np.log(by_child["upper"] / by_child["lower"]), np.log(apart["upper"] / apart["lower"])
    assert width[0]["need"] > 1.05 * width[1]["need"]


def test_coefficients_are_those_of_statsmodels():
    x, event, _ = drawn(np.random.default_rng(4), 100)
    theirs = sm.GLM(
        event.astype(float), sm.add_constant(x.to_numpy()),
        family=sm.families.Binomial(sm.families.links.CLogLog()),
    ).fit(tol=1e-12).params  # fmt: skip
    assert np.allclose(early._coefficients(x.to_numpy(), event), theirs, atol=1e-5)


def test_what_can_be_foretold_is_and_needs_are_seen_to_add():
    rng = np.random.default_rng(5)
    x, event, who = drawn(rng, 600)
    whole, base = held_out(x, event, who)
    part, _ = held_out(x[["age", "home"]], event, who)
    t = foretold(whole, base, event, who, 50, rng)
    assert t.better
    assert t.auc_low < t.judged.auc < t.auc_high
    assert t.judged.slope_low < 1 < t.judged.slope_high
    assert foretold(whole, part, event, who, 2, rng).better


def test_noise_is_not_said_to_foretell(long_form, claims):
    """Where all children are the same, a gain is claimed no more often than it may be."""
    rng = np.random.default_rng(6)
    rounds = 200 if long_form else 10
    same, won = dict.fromkeys(TRUE, 0.0), 0
    for _ in range(rounds):
        x, event, who = drawn(rng, 200, same)
        whole, base = held_out(x, event, who)
        won += foretold(whole, base, event, who, 2, rng).better
    words = f"{won} of {rounds}"
    few = won <= binom.ppf(0.999, rounds, 0.025)
    assert claims.held("noise said to foretell moves", words, "2.5%", few)


def test_no_month_of_a_child_judges_another_of_it():
    """Each child's months have the same needs: only its own answers could foretell them."""
    rng = np.random.default_rng(7)
    children, months = 60, 20
    who = np.repeat(np.arange(children), months)
    risk = rng.random(children) < 0.5
    event = rng.random(len(who)) < np.where(risk[who], 0.5, 0.02)
    x = pd.get_dummies(pd.Series(who % 30)).astype(float)  # two children share a column
    x.columns = [f"c{c}" for c in x]
    chance, _ = held_out(x, event, who)
    fold = who % early.FOLDS
    for k in range(early.FOLDS):
        changed = event.copy()
        changed[fold == k] = ~changed[fold == k]
        again, _ = held_out(x, changed, who)
        assert np.allclose(again[fold == k], chance[fold == k])


def test_areas_count_ties_by_half():
    rng = np.random.default_rng(8)
    chance, event = np.round(rng.random(300), 1), rng.random(300) < 0.3
    mine = early._areas(chance, event, np.ones((1, 300)))[0]
    assert mine == pytest.approx(roc_auc_score(event, chance))


def test_columns_without_events_are_put_with_the_first_kind():
    event = np.zeros(200, dtype=bool)
    event[:40] = True
    rare, level = np.zeros(200), np.linspace(0, 1, 200)
    rare[30:45] = 1.0
    none = np.zeros(200)
    none[100:150] = 1.0
    x = pd.DataFrame({"level": level, "rare": rare, "none": none, "same": 1.0})
    assert list(enough(x, event).columns) == ["level"]


def test_rates_are_events_for_each_year_and_memberships_share_them():
    who = np.repeat(np.arange(50), 12)
    event = np.zeros(600, dtype=bool)
    event[::12] = True  # one in twelve months
    member = np.column_stack([np.ones(600), np.full(600, 0.5)])
    t = rates(member, event, who, 50, np.random.default_rng(0))
    assert t["a_year"].tolist() == pytest.approx([365.25 / MONTH_DAYS / 12] * 2)
    assert t["events_n"].tolist() == [50, 25]
    assert (t["lower"] <= t["a_year"] + 1e-9).all()
