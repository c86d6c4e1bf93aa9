"""The survival estimates against printed tables and other programs."""

from __future__ import annotations

import numpy as np
import pytest

from needs.care.survival import kaplan_meier, mean_within, median, remaining_within

pytestmark = pytest.mark.reference

# Weeks in remission of leukaemia in the trial of Freireich and others (1963), Blood 21, 699-716,
# 21 children an arm; + still in remission. As in lifelines' load_leukemia, a copy of Kleinbaum's
# anderson.dat: a test below compares them.
DRUG = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"

# Time, at risk, ended, survival, Greenwood's standard error: worked out with lifelines 0.30 from
# its own copy of the data; a test below does so again.
WORKED_OUT = [
    (6, 21, 3, 0.857, 0.076),
    (7, 17, 1, 0.807, 0.087),
    (10, 15, 1, 0.753, 0.096),
    (13, 12, 1, 0.690, 0.107),
    (16, 11, 1, 0.627, 0.114),
    (22, 7, 1, 0.538, 0.128),
    (23, 6, 1, 0.448, 0.135),
]


def weeks(text):
    stop = [int(w.rstrip("+")) for w in text.split()]
    return stop, [not w.endswith("+") for w in text.split()]


def curves(*texts):
    stops, ends, group = [], [], []
    for g, text in enumerate(texts):
        stop, ended = weeks(text)
        stops += stop
        ends += ended
        group += [g] * len(stop)
    return kaplan_meier(np.zeros(len(stops)), stops, ends, group, len(texts))


def test_remission_curve_and_its_error():
    c = curves(PLACEBO, DRUG)
    rows = slice(int(c.bounds[1]), int(c.bounds[2]))
    got = [
        (t, n, d, round(s, 3), round(e, 3))
        for t, n, d, s, e in zip(
            *(x[rows].tolist() for x in (c.time, c.at_risk, c.ended, c.survival, c.standard_error)),
            strict=True,
        )
    ]
    assert got == WORKED_OUT


def test_weeks_and_curve_are_those_of_lifelines():
    lifelines = pytest.importorskip("lifelines", reason="lifelines is not in the lock")
    from lifelines.datasets import load_leukemia

    rows = load_leukemia()
    for arm, text in enumerate((DRUG, PLACEBO)):
        mine = rows[rows["Rx"] == arm]
        assert sorted(zip(*weeks(text), strict=True)) == sorted(
            zip(mine["t"], mine["status"] == 1, strict=True)
        )
    drug = rows[rows["Rx"] == 0]
    fit = lifelines.KaplanMeierFitter().fit(drug["t"], drug["status"])
    at = fit.event_table[fit.event_table["observed"] > 0]
    found = fit.survival_function_at_times(at.index)
    spread = (at["observed"] / at["at_risk"] / (at["at_risk"] - at["observed"])).cumsum() ** 0.5
    assert [
        (int(t), int(n), int(d), round(s, 3), round(s * e, 3))
        for t, n, d, s, e in zip(
            at.index, at["at_risk"], at["observed"], found, spread, strict=True
        )
    ] == WORKED_OUT


def test_mean_within_thirty_five_weeks_is_the_area_of_the_steps():
    # Survival in whole fractions, and the areas under it to week 35, step by step.
    left, survival, steps = 0.0, 1.0, []
    for t, n, d, *_ in WORKED_OUT:
        steps.append((t - left, survival, n, d))
        left, survival = t, survival * (n - d) / n
    areas = [width * height for width, height, *_ in steps] + [(35 - left) * survival]
    after = [sum(areas[i + 1 :]) for i in range(len(steps))]
    spread = sum(a * a * d / (n * (n - d)) for a, (_, _, n, d) in zip(after, steps, strict=True))
    mean, error = mean_within(curves(DRUG), 35)
    assert mean[0] == pytest.approx(sum(areas)) and round(mean[0], 3) == 23.287
    assert error[0] == pytest.approx(spread**0.5) and round(error[0], 3) == 2.827


def test_median_remission_of_both_arms():
    middle, low, high = median(curves(PLACEBO, DRUG))
    assert middle.tolist() == [8, 23]
    assert low[1] == 13 and np.isnan(high[1])


def test_without_open_stays_it_is_the_plain_mean_and_its_error():
    stop = np.array(weeks(PLACEBO)[0])
    mean, error = mean_within(curves(PLACEBO), 23)
    assert mean[0] == pytest.approx(stop.mean())
    assert error[0] == pytest.approx(stop.std() / np.sqrt(len(stop)))


def drawn(seed, n=400):
    """Stays seen late, cut short, with many ties; those gone before they were seen left out."""
    rng = np.random.default_rng(seed)
    length, entry = rng.geometric(0.02, n), np.where(rng.random(n) < 0.5, 0, rng.integers(1, 40, n))
    cut = rng.integers(30, 120, n)
    keep = (length > entry) & (cut > entry)
    stop, ended = np.minimum(length, cut)[keep], (length <= cut)[keep]
    return entry[keep], stop, ended, rng.integers(0, 3, keep.sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_late_entry_equals_statsmodels(seed):
    from statsmodels.duration.survfunc import SurvfuncRight

    entry, stop, ended, group = drawn(seed)
    c = kaplan_meier(entry, stop, ended, group, 3)
    for g in range(3):
        mine = group == g
        theirs = SurvfuncRight(stop[mine], ended[mine].astype(int), entry=entry[mine])
        rows = slice(int(c.bounds[g]), int(c.bounds[g + 1]))
        assert c.time[rows].tolist() == theirs.surv_times.tolist()
        np.testing.assert_allclose(c.survival[rows], theirs.surv_prob, rtol=1e-12)
        np.testing.assert_allclose(c.standard_error[rows], theirs.surv_prob_se, rtol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_equals_lifelines(seed):
    lifelines = pytest.importorskip("lifelines", reason="lifelines is not in the lock")
    from lifelines.utils import median_survival_times, restricted_mean_survival_time

    entry, stop, ended, _ = drawn(seed)
    fit = lifelines.KaplanMeierFitter().fit(stop, ended, entry=entry)
    c = kaplan_meier(entry, stop, ended)
    theirs = fit.survival_function_at_times(c.time).to_numpy()
    np.testing.assert_allclose(c.survival, theirs, rtol=1e-9)
    low, high = c.band()
    band = fit.confidence_interval_.reindex(c.time).to_numpy()
    np.testing.assert_allclose(np.column_stack([low, high]), band, rtol=1e-6)
    middle, lower, upper = median(c)
    assert middle[0] == fit.median_survival_time_
    limits = median_survival_times(fit.confidence_interval_).to_numpy().ravel()
    assert sorted([lower[0], upper[0]]) == sorted(limits.tolist())
    assert mean_within(c, 60)[0][0] == pytest.approx(restricted_mean_survival_time(fit, t=60))


def test_late_entry_by_hand():
    # Days   1 2 3 4 5 6
    # a      =====o           ends at 3
    # b        ====o          seen from 1, ends at 4
    # c          ======       seen from 2, open at 6
    # d      ==               open at 2
    # e      =                seen from 5, gone by then: never at risk
    c = kaplan_meier([0, 1, 2, 0, 5], [3, 4, 6, 2, 5], [1, 1, 0, 0, 1])
    assert c.time.tolist() == [3, 4]
    assert c.at_risk.tolist() == [3, 2]
    assert c.survival.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert mean_within(c, 6)[0].tolist() == pytest.approx([3 + 2 / 3 + 2 / 3])
    assert np.isnan(mean_within(c, 7)[0][0])  # nobody was seen for seven days


def test_days_yet_to_come_by_hand():
    c = kaplan_meier([0, 0, 0, 0], [2, 4, 4, 8], [1, 1, 0, 0])
    # Open: 1 to day 2, 3/4 to day 4, 1/2 from then on.
    now, ahead = np.array([0, 1, 3, 5]), np.array([8, 2, 3, 1])
    got = remaining_within(c, np.zeros(4, int), now, ahead)
    expected = [2 + 1.5 + 2, (1 + 0.75) / 1, (0.75 + 2 * 0.5) / 0.75, 1.0]
    assert got.tolist() == pytest.approx(expected)


def test_a_group_without_stays_has_no_numbers():
    c = kaplan_meier([0, 0], [3, 5], [1, 1], [0, 2], 3)
    middle, _, _ = median(c)
    assert middle.tolist()[::2] == [3, 5] and np.isnan(middle[1])
    assert np.isnan(mean_within(c, 2)[0][1])
