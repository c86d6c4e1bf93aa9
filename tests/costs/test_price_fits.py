"""Regressions of prices: printed examples to the digit, unbiased, honest with few providers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from drawn_prices import TRUTH, YES_NO, allowed, drawn, inside

from needs.costs.regression.clusters import cluster_errors
from needs.costs.regression.fits import FAMILIES, LOG_OLS, fit_prices
from needs.costs.regression.influence import furthest_moves, two_way
from needs.costs.regression.margins import margins
from needs.vocabulary.errors import ModelError


def wafers():
    """Resistivity of sixteen wafers by four factors (Myers and Montgomery 1997; R's faraway)."""
    x1, x2, x3, x4 = np.array([[(i >> k) & 1 for k in range(4)] for i in range(16)], float).T
    design = {"const": 1.0, "x1": x1, "x2": x2, "x3": x3, "x4": x4}
    design |= {"x1:x3": x1 * x3, "x2:x3": x2 * x3, "x3:x4": x3 * x4}
    resist = "193.4 247.6 168.2 205.0 303.4 339.9 226.3 208.3 220.0 256.4 165.7 203.5 285.0 268.0"
    return np.array(f"{resist} 169.1 208.5".split(), float), pd.DataFrame(design)


PRINTED = {
    "gamma": (
        [5.31195, 0.20029, -0.21101, 0.43674, 0.03537, -0.15549, -0.17626, -0.18195],
        [0.04757, 0.04757, 0.04757, 0.06727, 0.04757, 0.06727, 0.06727, 0.06727],
    ),
    LOG_OLS: (
        [5.31111, 0.20088, -0.21073, 0.43718, 0.03537, -0.15621, -0.17824, -0.18303],
        [0.04762, 0.04762, 0.04762, 0.06735, 0.04762, 0.06735, 0.06735, 0.06735],
    ),
}


@pytest.mark.reference
@pytest.mark.parametrize("family", list(PRINTED))
def test_wafers_have_the_printed_effects_and_errors(family):
    """R's output in Faraway, Extending the Linear Model with R, section 7.1 (gamma, log link).

    Effects and standard errors of ``glm(resist ~ ..., family = Gamma(link = log))`` and of
    ``lm(log(resist) ~ ...)``, both to the five printed places.
    """
    y, x = wafers()
    fit = fit_prices(y, x, np.arange(16), family)
    effects, errors = PRINTED[family]
    assert list(fit.params.round(5)) == effects
    assert list(np.sqrt(np.diag(fit.dispersion * fit.errors.bread)).round(5)) == errors


def sines():
    """Twenty rows in three clusters out of order, from the tests of R's dfadjust."""
    y = np.r_[np.cos(np.arange(10)), np.tan(np.arange(1, 11))]
    x = np.column_stack([np.ones(20), np.r_[np.sin(np.arange(1, 11)), np.sin(np.arange(2, 12))]])
    return y, x, np.tile([2, 1, 3, 2, 2, 3, 3, 1, 1, 2], 2) - 1


@pytest.mark.reference
def test_robust_errors_are_those_that_stata_prints():
    """Kolesár, dfadjust, tests/testthat/test_clustervar.R: Stata's ``reg y x, vce(hc2)``.

    With each row a cluster of its own, CR2 is HC2. Stata's usual clustered errors stand beside
    them: those of statsmodels, which the long form compares with, are the same.
    """
    y, x, cluster = sines()
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    assert list(beta.round(10)) == [-0.4456202905, 0.3241183110]
    alone = cluster_errors(x, y - x @ beta, np.arange(20))
    assert list(np.sqrt(np.diag(alone.cov)).round(10)) == [0.4227339762, 0.4421048122]
    usual = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": cluster}).bse
    assert list(usual.round(10)) == [0.4827602183, 0.1814501834]


@pytest.mark.property
def test_errors_by_cluster_are_those_of_the_whole_matrices():
    """Bell and McCaffrey's formula written out with every row against every other."""
    y, x, cluster = sines()
    bread = np.linalg.inv(x.T @ x)
    hat = np.eye(20) - x @ bread @ x.T
    meat, lean = np.zeros((2, 2)), np.zeros((20, 3))
    for g in range(3):
        mine = cluster == g
        values, vectors = np.linalg.eigh(hat[np.ix_(mine, mine)])
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        s = x[mine].T @ root @ (hat @ y)[mine]
        meat += np.outer(s, s)
        lean[:, g] = hat[:, mine] @ root @ x[mine] @ bread[:, 1]
    found = cluster_errors(x, hat @ y, cluster)
    assert np.allclose(found.cov, bread @ meat @ bread, atol=1e-12)
    inner = lean.T @ lean
    assert found.freedom()[1] == pytest.approx(np.trace(inner) ** 2 / (inner**2).sum())


@pytest.mark.property
def test_corrected_errors_are_exact_where_rows_are_independent():
    """What defines CR2: under independent equal errors its mean is the true covariance."""
    d = drawn(np.random.default_rng(2), providers=9, rows=60)
    x, bread = d.design.to_numpy(), np.linalg.inv(d.design.to_numpy().T @ d.design.to_numpy())
    hat = x @ bread @ x.T
    # The mean of a quadratic form over all unit errors: residuals of one error at a time.
    parts = [cluster_errors(x, (np.eye(60) - hat)[:, i], d.provider).cov for i in range(60)]
    assert np.allclose(sum(parts), bread, atol=1e-9)


@pytest.mark.reference
def test_freedom_with_three_rows_against_27_is_the_printed_two_and_a_half():
    """Imbens and Kolesár, Review of Economics and Statistics 2016, vol. 98, pages 701-712.

    Their first table has 2.5 for Bell and McCaffrey's freedom, three rows of one kind and 27 of
    the other; with rows alone the formula is Welch's at equal variances.
    """
    yes = np.r_[np.ones(3), np.zeros(27)]
    dof = cluster_errors(np.column_stack([np.ones(30), yes]), yes - 0.5, np.arange(30)).freedom()
    welch = (1 / 3 + 1 / 27) ** 2 / (1 / (9 * 2) + 1 / (729 * 26))
    assert dof[1] == pytest.approx(welch, rel=1e-9) and round(dof[1], 1) == 2.5


@pytest.mark.unit
def test_equal_clusters_are_all_effective_and_one_great_one_is_hardly_more_than_one():
    """Carter, Schnepel and Steigerwald 2017: uneven clusters tell less than their number."""
    ones = np.ones((60, 1))
    even = cluster_errors(ones, ones[:, 0], np.repeat(np.arange(12), 5))
    assert even.effective()[0] == pytest.approx(12)
    great = cluster_errors(ones, ones[:, 0], np.r_[np.zeros(49, int), np.arange(1, 12)])
    sizes = np.r_[49.0**2, np.ones(11)]
    expected = sizes.sum() ** 2 / (sizes**2).sum()  # Kish's number, of squared sizes
    assert great.effective()[0] == pytest.approx(expected) and expected < 1.1


@pytest.mark.reference
@pytest.mark.parametrize("family", list(FAMILIES))
def test_effects_are_those_of_statsmodels(family):
    d = drawn(np.random.default_rng(1))
    named = {"gaussian": "Gaussian", "poisson": "Poisson", "gamma": "Gamma"}
    kind = getattr(sm.families, named.get(family, "InverseGaussian"))
    unit = 1000.0 if family == "inverse_gaussian" else 1.0  # theirs strays at far prices
    theirs = sm.GLM(d.price / unit, d.design, family=kind(sm.families.links.Log())).fit(
        maxiter=300, tol=1e-12, start_params=[6.5 - np.log(unit), 0.2, 0.15, 0.06, 0.055]
    )
    ours = fit_prices(d.price, d.design, d.provider, family)
    expected = theirs.params + np.log(unit) * np.eye(5)[0]
    assert np.allclose(ours.params, expected, atol=1e-6)


@pytest.mark.property
def test_intervals_cover_with_few_uneven_providers(long_form, claims):
    """95% intervals cover 92 to 98%, those of a provider's own route and in pounds included."""
    times = 2000 if long_form else 25
    truth = np.array(list(TRUTH.values()))
    for providers in (25, 60):
        rng = np.random.default_rng(100 + providers)
        covers, plain, pounds, bias, effective = (np.zeros(5) for _ in range(5))
        for _ in range(times):
            d = drawn(rng, providers)
            fit = fit_prices(d.price, d.design, d.provider)
            covers += inside(fit.interval(), truth)
            bias += fit.params.to_numpy() - truth
            effective += fit.errors.effective()
            pounds[1:] += inside(margins(fit, d.design, YES_NO), in_pounds(d.design))
            if long_form:
                family = sm.families.Gamma(sm.families.links.Log())
                usual = sm.GLM(d.price, d.design, family=family).fit(
                    cov_type="cluster", cov_kwds={"groups": d.provider}
                )
                low, high = usual.conf_int().to_numpy().T
                plain += (low <= truth) & (truth <= high)
        share, told, off = covers / times, pounds / times, bias / times
        if long_form:
            rows = [
                f"{name:6} covered {share[k]:.1%}, in pounds {told[k] or np.nan:.1%}, by usual "
                f"errors {plain[k] / times:.1%}, bias {off[k]:+.4f}, "
                f"effective providers {effective[k] / times:.1f}"
                for k, name in enumerate(TRUTH)
            ]
            title = f"Gamma regression, {providers} providers, {times} authorities"
            claims.told(title, "\n".join(rows))
            for what, found in (("effects", share), ("pounds", told[1:])):
                words = f"{found.min():.1%} to {found.max():.1%}"
                name = f"95% intervals of {what}, {providers} providers, cover"
                claims.held(name, words, "92% to 98%", bool((abs(found - 0.95) <= 0.03).all()))
        assert (np.abs(share - 0.95) <= allowed(times)).all(), (providers, share)
        assert (np.abs(told[1:] - 0.95) <= allowed(times)).all(), (providers, told)
        # A standard error of the mean of so many draws; the constant's draws are the widest.
        assert (np.abs(off) < 4 * np.array([0.1, 0.05, 0.1, 0.01, 0.02]) / np.sqrt(times)).all()


def in_pounds(design):
    """Return the true mean effects in pounds over the rows of a design."""
    truth = np.array(list(TRUTH.values()))
    out = []
    for k, name in list(enumerate(TRUTH))[1:]:
        low = design.assign(**{name: 0.0}) if name in YES_NO else design
        more = design.assign(**{name: 1.0 if name in YES_NO else design[name] + 1})
        out.append((np.exp(more @ truth) - np.exp(low @ truth)).mean())
        assert out[-1] > 0, k
    return np.array(out)


@pytest.mark.unit
def test_pounds_are_what_the_model_says_of_each_row():
    d = drawn(np.random.default_rng(5))
    fit = fit_prices(d.price, d.design, d.provider)
    found = margins(fit, d.design, YES_NO)
    yes, no = (fit.predict(d.design.assign(spot=v)).mean() for v in (1.0, 0.0))
    assert found.loc["spot", "effect"] == pytest.approx(yes - no, rel=1e-9)
    later = fit.predict(d.design.assign(year=d.design["year"] + 1)).mean()
    assert found.loc["year", "effect"] == pytest.approx(later - fit.mean.mean(), rel=1e-9)
    # The slope of the delta method, by small steps of each coefficient in turn.
    slope = []
    for k in range(5):
        step = np.exp(d.design.assign(spot=1.0) @ (fit.params + 1e-6 * np.eye(5)[k])).mean()
        step -= np.exp(d.design.assign(spot=0.0) @ (fit.params + 1e-6 * np.eye(5)[k])).mean()
        slope.append((step - (yes - no)) / 1e-6)
    expected = np.sqrt(np.array(slope) @ fit.errors.cov @ np.array(slope))
    assert found.loc["spot", "error"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.unit
def test_leaving_a_provider_out_moves_effects_as_far_as_a_fit_without_it():
    d = drawn(np.random.default_rng(7), providers=12, rows=300)
    price = np.where(d.provider == 4, 2 * d.price, d.price)  # one provider is another world
    fit = fit_prices(price, d.design, d.provider)
    whole = margins(fit, d.design, YES_NO)["effect"]
    every = []
    for g in range(12):
        rest = d.provider != g
        again = fit_prices(price[rest], d.design[rest], d.provider[rest])
        every.append((margins(again, d.design[rest], YES_NO)["effect"] - whole).abs())
    most = pd.concat(every, axis=1).max(axis=1)
    found = furthest_moves(price, d.design, fit, YES_NO)
    assert found["spot"] == pytest.approx(most["spot"], rel=0.05)
    assert (found <= most + 1e-9).all() and (found > 0.7 * most).all()


@pytest.mark.unit
def test_children_who_stay_with_their_provider_add_nothing_and_movers_do():
    d = drawn(np.random.default_rng(8), rows=400)
    fit = fit_prices(d.price, d.design, d.provider)
    stays = np.arange(400) // 2 + 1000 * d.provider  # no child has two providers
    assert np.allclose(two_way(d.design, fit, stays), 1.0)
    # Children of one kind of price over all providers.
    movers = (fit.residual > np.median(fit.residual)).astype(np.int64)
    assert two_way(d.design, fit, movers)["const"] > 1.5


@pytest.mark.unit
def test_smearing_takes_logarithms_back_to_the_mean_also_where_their_spread_changes():
    """Duan's factor alone misses where dear prices vary more; the mean price is 1,000 or 4,000."""
    rng = np.random.default_rng(9)
    dear = np.repeat([0.0, 1.0], 4000)
    spread = np.where(dear == 1, 0.6, 0.1)
    y = np.where(dear == 1, 4000, 1000) * np.exp(rng.normal(-(spread**2) / 2, spread))
    x = pd.DataFrame({"const": 1.0, "dear": dear})
    fit = fit_prices(y, x, np.arange(8000) % 40, LOG_OLS)
    means = fit.predict(x)[[0, -1]]
    assert means == pytest.approx([1000, 4000], rel=0.03)
    flat = np.exp(x @ fit.params) * np.exp(fit.residual).mean()
    assert abs(flat.iloc[0] / 1000 - 1) > 0.05


@pytest.mark.unit
def test_what_cannot_be_fitted_is_refused():
    d = drawn(np.random.default_rng(6))
    with pytest.raises(ModelError, match="not above nought"):
        fit_prices(np.append(d.price[:-1], 0.0), d.design, d.provider)
    with pytest.raises(ModelError, match="follows from others"):
        fit_prices(d.price, d.design.assign(again=d.design["spot"]), d.provider)
    with pytest.raises(ModelError, match="three providers"):
        fit_prices(d.price, d.design, d.provider % 2)
