"""Needs and costs: the written classes and coefficients come back from what was drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import chi2

from needs.synthetic.costs import CostTruth, cost_lines, linear
from needs.synthetic.engine import day_of, simulate
from needs.synthetic.episodes import lives
from needs.synthetic.needs import DOMAINS, PROFILES, NeedsTruth, profiles, scores
from needs.synthetic.places import located, synthetic_map
from needs.synthetic.returns import identifiers
from needs.synthetic.truth import PLACES, stationary
from needs.vocabulary.periods import ReportingYear

pytestmark = pytest.mark.unit

TRUTH = NeedsTruth()


@pytest.fixture(scope="module")
def told(children_n):
    rng = np.random.default_rng(11)
    h = simulate(stationary(children_n / 10, children_n / 100), 2014, 2023, rng, burn_in=0)
    made = lives(h, day_of(2023, 4, 1), rng)
    where = synthetic_map("E10000025", rng)
    children = made.children.assign(id=identifiers(len(made.children), rng))
    return replace(made, children=children, episodes=located(made.episodes, children, where, rng))


def test_shares_of_profiles_by_placement_come_back(told, shown):
    drawn = profiles(TRUTH, told, np.random.default_rng(1))
    last = told.episodes.drop_duplicates("child", keep="last").set_index("child")["placement"]
    seen = pd.crosstab(last.reindex(drawn.index), drawn).reindex(
        index=range(len(PLACES)), columns=range(len(PROFILES)), fill_value=0
    )
    expected = np.array(TRUTH.share) * seen.sum(axis=1).to_numpy()[:, None]
    able = expected > 0
    assert (seen.to_numpy()[~able] == 0).all()
    statistic = ((seen.to_numpy() - expected)[able] ** 2 / expected[able]).sum()
    free = int((able.sum(axis=1) - 1)[seen.sum(axis=1).to_numpy() > 0].sum())
    assert statistic < chi2.ppf(0.99, free)
    rows = []
    for place, shares in enumerate(TRUTH.share):
        n = seen.to_numpy()[place].sum()
        for profile, p in enumerate(shares):
            if n * min(p, 1 - p) >= 20:
                found, wide = seen.to_numpy()[place, profile] / n, 2.576 * np.sqrt(p * (1 - p) / n)
                name = f"{PROFILES[profile]} of {PLACES[place]}"
                rows.append((name, p, found, found - wide, found + wide))
    # One in a hundred may leave its interval by chance; of about thirty, one at most.
    assert len(rows) >= 20
    assert shown("Shares of needs profiles by last placement", rows) <= 1


@pytest.mark.parametrize("profile", range(len(PROFILES)))
def test_scores_follow_their_profile(profile, children_n):
    drawn = scores(TRUTH, np.full(children_n, profile), np.random.default_rng(2))
    p = np.array(TRUTH.need[profile])
    z = ((drawn > 0).mean(axis=0) - p) / np.sqrt(p * (1 - p) / children_n)
    assert np.sum(np.abs(z) > 2.576) <= 1
    special, q = (drawn == 4).sum() / (drawn > 0).sum(), TRUTH.specialist[profile]
    assert abs(special - q) < 2.576 * np.sqrt(q * (1 - q) / (drawn > 0).sum())
    level = np.bincount(drawn.ravel(), minlength=5)[1:4]
    share = np.array(TRUTH.levels[profile])
    assert np.abs(level / level.sum() - share).max() < 4 * np.sqrt(0.25 / level.sum())
    # Independent given the profile: no pair of domains is correlated beyond chance.
    pairs = np.corrcoef((drawn > 0).T)[np.triu_indices(len(DOMAINS), 1)]
    assert np.abs(pairs).max() < 4.5 / np.sqrt(children_n)


def test_cost_coefficients_come_back(told, shown):
    truth = CostTruth(provider_sd=0.0)
    years = tuple(ReportingYear(y) for y in range(2020, 2024))
    kind = profiles(TRUTH, told, np.random.default_rng(3))
    lines = cost_lines(truth, told, kind, years, np.random.default_rng(4))
    t = lines.rename(columns=lambda c: c.removeprefix("true_"))
    x = pd.get_dummies(t[["place", "profile", "route"]], dtype=float)
    x = x.drop(columns=["profile_fewer_needs", "route_in_house", "route_framework"])
    x["uasc"] = t["uasc"].astype(float)
    x["year"] = t["year"].astype(float) - 2023
    offset = linear(truth, t[["place", "profile", "route", "uasc", "year"]], 2023)
    model = sm.GLM(
        t["weekly_cost_gbp"], x, family=sm.families.Gamma(sm.families.links.Log()), offset=offset
    )
    # One draw a placement serves all its years, so lines of a placement are one cluster.
    groups = t["placement_ref"].astype("category").cat.codes
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    written = {f"place_{k}": np.log(v) for k, v in truth.base_gbp_week.items()}
    written |= {f"profile_{k}": v for k, v in truth.profile.items()}
    written |= {f"route_{k}": v for k, v in truth.route.items()}
    written |= {"uasc": truth.uasc, "year": truth.inflation}
    rows = []
    for name, b, se in zip(x.columns, fit.params, fit.bse, strict=True):
        if se > 1e-8:
            value = written[name] + b
            rows.append((name, written[name], value, value - 2.576 * se, value + 2.576 * se))
    assert len(rows) >= 15
    assert shown("Cost coefficients (logarithm of pounds a week)", rows) <= 1


def test_a_provider_effect_has_the_written_spread(told):
    truth = CostTruth(shape=1e6, provider_sd=0.2)
    kind = profiles(TRUTH, told, np.random.default_rng(5))
    years = (ReportingYear(2023),)
    lines = cost_lines(truth, told, kind, years, np.random.default_rng(6))
    t = lines.rename(columns=lambda c: c.removeprefix("true_"))
    mean = linear(truth, t[["place", "profile", "route", "uasc", "year"]], 2023)
    left = np.log(t["weekly_cost_gbp"]) - mean
    by = left.groupby(t["urn"].where(t["urn"] != "", t["place"])).mean()
    n = len(by)
    assert n > 50
    low, high = np.sqrt(chi2.ppf([0.005, 0.995], n - 1) / (n - 1))
    assert 0.2 * low < by.std() < 0.2 * high
