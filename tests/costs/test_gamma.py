"""The regression of prices: equal to statsmodels', unbiased, and honest with few providers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from needs.costs.gamma import _few_clusters, fit_gamma
from needs.vocabulary.errors import ModelError

TRUTH = {"const": 6.5, "older": 0.2, "spot": 0.15}
SD, SHAPE = 0.15, 12.0


def drawn(rng, providers=25, rows=600):
    """Return prices, design and providers: uneven ones, and a route that belongs to providers."""
    size = rng.dirichlet(np.full(providers, 0.7))
    provider = np.append(np.arange(providers), rng.choice(providers, rows - providers, p=size))
    spot = (np.arange(providers) % 3 == 0).astype(float)[provider]
    older = (rng.random(rows) < 0.4).astype(float)
    design = pd.DataFrame({"const": 1.0, "older": older, "spot": spot})
    linear = design.to_numpy() @ np.array(list(TRUTH.values()))
    linear = linear + rng.normal(0, SD, providers)[provider]
    return np.exp(linear) * rng.gamma(SHAPE, 1 / SHAPE, rows), design, provider


@pytest.mark.reference
def test_effects_are_those_of_statsmodels():
    y, x, provider = drawn(np.random.default_rng(1))
    ours = fit_gamma(y, x, provider)
    theirs = sm.GLM(y, x, family=sm.families.Gamma(sm.families.links.Log())).fit()
    assert np.allclose(ours.params, theirs.params, atol=1e-7)
    assert ours.shape == pytest.approx(1 / theirs.scale, rel=1e-4)


@pytest.mark.property
def test_corrected_errors_are_exact_where_rows_are_independent():
    """What defines CR2: under independent equal errors its mean is the true covariance."""
    rng = np.random.default_rng(2)
    _, x, provider = drawn(rng, providers=9, rows=60)
    design, bread = x.to_numpy(), np.linalg.inv(x.to_numpy().T @ x.to_numpy())
    hat = design @ bread @ design.T
    # The mean of a quadratic form over all unit errors: residuals of one error at a time.
    parts = [_few_clusters(design, (np.eye(60) - hat)[:, i], provider)[0] for i in range(60)]
    assert np.allclose(sum(parts), bread, atol=1e-9)


@pytest.mark.reference
def test_freedom_with_three_rows_against_27_is_the_printed_two_and_a_half():
    """Imbens and Kolesár, Review of Economics and Statistics 2016, vol. 98, pages 701-712.

    Their first table has 2.5 for Bell and McCaffrey's freedom, three rows of one kind and 27 of
    the other; with rows alone the formula is Welch's at equal variances.
    """
    yes = np.r_[np.ones(3), np.zeros(27)]
    _, dof = _few_clusters(np.column_stack([np.ones(30), yes]), yes - 0.5, np.arange(30))
    welch = (1 / 3 + 1 / 27) ** 2 / (1 / (9 * 2) + 1 / (729 * 26))
    assert dof[1] == pytest.approx(welch, rel=1e-9) and round(dof[1], 1) == 2.5


@pytest.mark.property
def test_intervals_cover_with_few_uneven_providers(long_form, claims):
    """95% intervals cover 92 to 98%, those of a provider's own route included."""
    times = 2000 if long_form else 25
    wide = 0.03 if long_form else 0.03 + 3 * np.sqrt(0.05 * 0.95 / times)
    for providers in (25, 60):
        rng = np.random.default_rng(100 + providers)
        inside, plain, bias = np.zeros(3), np.zeros(3), np.zeros(3)
        truth = np.array(list(TRUTH.values()))
        for _ in range(times):
            y, x, provider = drawn(rng, providers)
            fit = fit_gamma(y, x, provider)
            found = fit.interval()
            inside += (found["lower"] <= truth) & (truth <= found["upper"])
            bias += fit.params.to_numpy() - truth
            if long_form:
                family = sm.families.Gamma(sm.families.links.Log())
                usual = sm.GLM(y, x, family=family).fit(
                    cov_type="cluster", cov_kwds={"groups": provider}
                )
                low, high = usual.conf_int().to_numpy().T
                plain += (low <= truth) & (truth <= high)
        share = np.asarray(inside) / times
        if long_form:
            rows = [
                f"{name:8} covered {share[k]:.1%}, "
                f"by usual errors {np.asarray(plain)[k] / times:.1%}, "
                f"bias {np.asarray(bias)[k] / times:+.4f}"
                for k, name in enumerate(TRUTH)
            ]
            title = f"Gamma regression, {providers} providers, {times} authorities"
            claims.told(title, "\n".join(rows))
        # The constant takes the mean of provider effects, exp(sd²/2), and is left aside.
        assert (np.abs(share[1:] - 0.95) <= wide).all(), (providers, share)
        assert (np.abs(bias[1:]) / times < 4 * 0.08 / np.sqrt(times)).all(), bias / times


@pytest.mark.unit
def test_pounds_are_what_the_model_says_of_each_row():
    y, x, provider = drawn(np.random.default_rng(5))
    fit = fit_gamma(y, x, provider)
    yes, no = (
        np.exp(x.assign(spot=v).to_numpy() @ fit.params.to_numpy()).mean() for v in (1.0, 0.0)
    )
    assert fit.pounds().loc["spot", "effect"] == pytest.approx(yes - no, rel=1e-9)
    found = fit.pounds().loc["spot"]
    assert found["lower"] < found["effect"] < found["upper"]


@pytest.mark.unit
def test_what_cannot_be_fitted_is_refused():
    y, x, provider = drawn(np.random.default_rng(6))
    with pytest.raises(ModelError, match="not above nought"):
        fit_gamma(np.append(y[:-1], 0.0), x, provider)
    with pytest.raises(ModelError, match="follows from others"):
        fit_gamma(y, x.assign(again=x["spot"]), provider)
    with pytest.raises(ModelError, match="three providers"):
        fit_gamma(y, x, provider % 2)
