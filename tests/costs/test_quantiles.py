"""Quantile regression: Koenker's printed example, and intervals that know few providers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from drawn_prices import allowed, drawn, inside, providers_of

from needs.costs.regression.quantiles import fit_quantile, solve
from needs.vocabulary.errors import ModelError


@pytest.mark.reference
def test_engels_households_have_the_printed_effects():
    """Koenker and Bassett's food expenditure: R's quantreg, ``rq(foodexp ~ income)``.

    The median to the digits that R prints (also statsmodels' example page "Quantile regression":
    81.4822 and 0.5602), others to the three places of its tables.
    """
    data = sm.datasets.engel.load_pandas().data
    x = np.column_stack([np.ones(len(data)), data["income"]])
    y = data["foodexp"].to_numpy()
    assert list(solve(y, x, 0.5).round(7)) == [81.4822474, 0.5601806]
    printed = {
        0.05: (124.880, 0.343),
        0.10: (110.142, 0.402),
        0.25: (95.484, 0.474),
        0.75: (62.397, 0.644),
        0.90: (67.351, 0.686),
        0.95: (64.104, 0.709),
    }
    for quantile, expected in printed.items():
        assert tuple(solve(y, x, quantile).round(3)) == expected


@pytest.mark.reference
@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_effects_are_those_of_statsmodels(quantile):
    d = drawn(np.random.default_rng(3), rows=1200)
    x = d.design.to_numpy()
    theirs = sm.QuantReg(d.price, x).fit(q=quantile, max_iter=5000, p_tol=1e-10)
    ours = solve(d.price, x, quantile)
    assert np.allclose(ours, theirs.params, atol=1e-4)

    def loss(beta):
        left = d.price - x @ beta
        return (left * (quantile - (left < 0))).sum()

    assert loss(ours) <= loss(np.asarray(theirs.params)) * (1 + 1e-9)


@pytest.mark.unit
def test_errors_by_provider_are_wider_than_those_that_statsmodels_gives_for_clusters():
    """It takes ``cov_type="cluster"`` and returns errors of independent rows: the trap itself."""
    d = drawn(np.random.default_rng(4), sd=0.25, rows=900)
    fit = fit_quantile(d.price, d.design, d.provider, 0.5, rng=np.random.default_rng(1))
    own = np.sqrt((fit.draws**2).mean(axis=0))
    spot = list(d.design).index("spot")
    theirs = sm.QuantReg(d.price, d.design).fit(q=0.5)
    assert own[spot] > 2 * theirs.bse["spot"]


@pytest.mark.property
def test_draws_in_one_step_spread_as_whole_fits_to_drawn_providers_do():
    """Providers drawn again, with their rows, and fitted anew: the bootstrap done in full."""
    rng = np.random.default_rng(5)
    d = drawn(rng, providers=40, rows=1500, sd=0.15)
    x = d.design.to_numpy()
    rows = [np.flatnonzero(d.provider == g) for g in range(40)]
    again = []
    for _ in range(150):
        at = np.concatenate([rows[g] for g in rng.integers(0, 40, 40)])
        again.append(solve(d.price[at], x[at], 0.5))
    fit = fit_quantile(d.price, d.design, d.provider, 0.5, rng=rng)
    ratio = np.sqrt((fit.draws**2).mean(axis=0)) / np.std(again, axis=0)
    assert (ratio[1:] > 0.75).all() and (ratio[1:] < 1.5).all()


@pytest.mark.property
def test_intervals_cover_with_few_uneven_providers(long_form, claims):
    """Effects in pounds that are the same at each quantile: errors are added to the price."""
    times = 2000 if long_form else 30
    truth = np.array([200.0, 120.0])
    for providers in (25, 60):
        for quantile in (0.5, 0.9):
            rng = np.random.default_rng([providers, int(10 * quantile)])
            covers, off = np.zeros(2), np.zeros(2)
            for _ in range(times):
                provider = providers_of(rng, providers, 600)
                design = pd.DataFrame(
                    {
                        "const": 1.0,
                        "older": (rng.random(600) < 0.4).astype(float),
                        "spot": (np.arange(providers) % 3 == 0).astype(float)[provider],
                    }
                )
                price = 900 + design[["older", "spot"]].to_numpy() @ truth
                price += rng.normal(0, 100, providers)[provider] + rng.normal(0, 200, 600)
                fit = fit_quantile(price, design, provider, quantile, rng=rng, draws=399)
                covers += inside(fit.interval().drop("const"), truth)
                off += fit.params.to_numpy()[1:] - truth
            share = covers / times
            if long_form:
                name = f"95% intervals at the {quantile:.0%} point, {providers} providers, cover"
                words = f"{share[0]:.1%} of a child's, {share[1]:.1%} of a provider's effect"
                held = bool((np.abs(share - 0.95) <= 0.03).all())
                claims.held(name, words, "92% to 98%", held)
            assert (np.abs(share - 0.95) <= allowed(times)).all(), (providers, quantile, share)
            assert (np.abs(off / times) < 4 * np.array([35, 80]) / np.sqrt(times)).all()


@pytest.mark.property
def test_answers_that_are_corners_of_many_rows_are_found():
    """Few rows of yes and no: the best answer is often no single point, and none is better."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        x = np.column_stack([np.ones(60), rng.random((60, 2)) < 0.4]).astype(float)
        y = np.round(900 + 200 * x[:, 1] + rng.normal(0, 200, 60), -1)
        beta = solve(y, x, 0.9)
        near = beta + rng.normal(0, 5, (50, 3))
        left = y - np.vstack([beta, near]) @ x.T
        loss = (left * (0.9 - (left < 0))).sum(axis=1)
        assert loss[0] <= loss[1:].min() * (1 + 1e-6)


@pytest.mark.unit
def test_few_providers_are_refused():
    d = drawn(np.random.default_rng(6))
    with pytest.raises(ModelError, match="three providers"):
        fit_quantile(d.price, d.design, d.provider % 2, 0.5, rng=np.random.default_rng(1))
