"""Other programs and a published table give the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import truth_profiles as tp
from scipy.optimize import linear_sum_assignment
from stepmix import StepMix

from needs.profiles.latent_class import OrdinalLatentClass
from needs.profiles.patterns import Patterns, checked_scores
from needs.profiles.structure import Form, begin, fit_structured
from needs.vocabulary.threads import one_thread

pytestmark = pytest.mark.reference

# Agresti, Categorical Data Analysis, second edition (2002), table 13.1: how seven pathologists
# (A to G) rated slides, carcinoma or none, and of how many of 118 slides.
CARCINOMA = {
    "0000000": 34, "0000100": 2, "0100000": 6, "0100001": 1, "0100100": 4, "0100101": 5,
    "1000000": 2, "1010101": 1, "1100000": 2, "1100001": 1, "1100100": 2, "1100101": 7,
    "1100111": 1, "1101001": 1, "1101101": 2, "1101111": 3, "1110101": 13, "1110111": 5,
    "1111101": 10, "1111111": 16,
}  # fmt: skip
# Linzer and Lewis, Journal of Statistical Software 2011, vol. 42, issue 10, section 5.1, and the
# package's help page of these data: log-likelihood, AIC, BIC.
PUBLISHED = {
    2: (-317.2568, 664.5137, 706.0739),
    3: (-293.705, 633.41, 697.1357),
    4: (-289.2858, 640.5717, 726.4629),
}


@pytest.fixture(scope="module")
def slides():
    rows = [[int(c) for c in rated] for rated, n in CARCINOMA.items() for _ in range(n)]
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("classes", PUBLISHED)
def test_published_latent_classes_of_the_pathologists(slides, classes):
    model = OrdinalLatentClass(classes, smoothing=0, tol=1e-9, max_iter=2000, n_init=40)
    model.fit(slides)
    loglik, aic, bic = PUBLISHED[classes]
    assert len(slides) == 118
    assert model.log_likelihood_ == pytest.approx(loglik, abs=1e-4)
    assert -2 * model.log_likelihood_ + 2 * model.n_parameters_ == pytest.approx(aic, abs=2e-4)
    assert model.bic(slides) == pytest.approx(bic, abs=2e-4)


def test_published_shares_of_three_classes(slides):
    model = OrdinalLatentClass(3, smoothing=0, tol=1e-9, max_iter=2000).fit(slides)
    # In the order of poLCA's printed output: none, doubtful, carcinoma.
    assert model.weights_ == pytest.approx([0.3736, 0.1817, 0.4447], abs=5e-5)
    # Rater A in the doubtful class, rater C in that of carcinoma.
    assert model.level_prob_[1, 0, 1] == pytest.approx(0.5128, abs=5e-5)
    assert model.level_prob_[2, 2, 1] == pytest.approx(0.8575, abs=5e-5)


def test_stepmix_says_the_same_of_every_slide_with_ratings_missing(slides):
    """Shares, and for each slide how likely each class is, where one rating in seven is absent."""
    rated = np.where(np.random.default_rng(5).random(slides.shape) < 1 / 7, np.nan, slides)
    ours = OrdinalLatentClass(3, smoothing=0, tol=1e-10, max_iter=5000, n_init=30).fit(rated)
    theirs = StepMix(
        3, measurement="binary_nan", n_init=10, max_iter=5000, abs_tol=1e-10, random_state=2,
        progress_bar=0, verbose=0,
    )  # fmt: skip
    theirs.fit(rated)
    assert ours.log_likelihood_ == pytest.approx(theirs.score(rated) * len(rated), abs=1e-3)
    here, there = ours.predict_proba(rated), theirs.predict_proba(rated)
    there = there[:, linear_sum_assignment(-here.T @ there)[1]]
    assert here == pytest.approx(there, abs=2e-3)
    assert ours.weights_ == pytest.approx(there.mean(axis=0), abs=1e-3)


def test_stepmix_reaches_the_same_likelihood_with_scores_missing():
    x, _ = tp.plain_truth("shifted", 3, 2.1, 11).draw(250, 0.2, np.random.default_rng(2))
    ours = OrdinalLatentClass(3, smoothing=0, tol=1e-8, max_iter=500, n_init=10).fit(x)
    theirs = StepMix(
        3, measurement="categorical_nan", n_init=3, max_iter=500, abs_tol=1e-10, random_state=1,
        progress_bar=0, verbose=0,
    )  # fmt: skip
    theirs.fit(x)
    assert ours.log_likelihood_ >= theirs.score(x) * len(x) - 1e-3
    # From where stepmix ended, no step leads higher: both stand on the same hill.
    assert ours.log_likelihood_ == pytest.approx(theirs.score(x) * len(x), abs=1.0)


def test_severity_agrees_with_its_integral():
    """The likelihood over nodes is that of a fine sum over a normal scale."""
    x = tp.nothing("severity", 3, n=200)
    data = Patterns.of(*checked_scores(x, 5))
    start = begin(Form(1, severity=True), data, np.ones((len(data.rows), 1)))
    with one_thread():
        model = fit_structured(start, data)
    at = np.linspace(-6, 6, 1201)
    w = np.exp(-(at**2) / 2)
    logit = model.base[0][None] + at[:, None, None] * (model.slope * np.arange(5))
    logs = logit - np.log(np.exp(logit).sum(axis=2, keepdims=True))
    each = np.exp(data.ones @ logs.reshape(len(at), -1).T) @ (w / w.sum())
    assert model.fit == pytest.approx(data.weight @ np.log(each), abs=0.5)
