"""Latent class analysis of ordinal domains with missing scores, as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Self, cast

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from needs.profiles.em import Classes, climb, posterior, spread_starts
from needs.profiles.patterns import Array, Patterns, Whole, checked_scores
from needs.profiles.structure import Emission, Form, Structured, begin, fit_structured
from needs.vocabulary.threads import one_thread

__all__ = ["OrdinalLatentClass", "entropy", "free_classes"]

EMISSIONS = ("free", "ordinal", "onset", "steps")
SHORT_CYCLES, KEPT = 6, 3
"""Cycles that every start gets, and how many of the starts are then climbed to the end."""
SAMPLE = 5_000
"""Children on whom starts are tried where there are more; the best is then climbed on all."""


def free_classes(
    data: Patterns, classes: int, starts: int, smoothing: float, cycles: int, tolerance: float,
    rng: np.random.Generator,
) -> Classes:  # fmt: skip
    """Return the best few climbs of a latent class model without structure, best first."""
    if data.weight.sum() > SAMPLE:
        few = free_classes(
            data.sample(SAMPLE, rng), classes, starts, smoothing, cycles, tolerance, rng
        )
        return climb(data, few.pick([0]), smoothing, cycles, max(tolerance, 1e-6 * len(data.rows)))
    begun = spread_starts(data, classes, starts if classes > 1 else 1, smoothing, rng)
    short = climb(data, begun, smoothing, SHORT_CYCLES, 1e-3)
    best = short.pick(np.argsort(-short.penalised, kind="stable")[:KEPT])
    done = climb(data, best, smoothing, cycles, tolerance)
    return done.pick(np.argsort(-done.penalised, kind="stable"))


class OrdinalLatentClass(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Latent class analysis of ordinal scores with gaps.

    Every child belongs to one unknown class; given the class, domains are independent. The
    likelihood is that of the known scores alone (full information: missing is not nought, and
    right where scores are missing at random given those known). It is climbed by EM from many
    starts. Classes are numbered from the least need to the greatest.

    Parameters
    ----------
    n_components : int, default 3
        Number of classes.
    emission : {"free", "ordinal", "onset", "steps"}, default "free"
        ``free``: each class has its own probability of every level (Linzer and Lewis 2011).
        ``ordinal``: classes shift each domain up or down its scale (Goodman 1979), which takes
        one parameter a class and domain. ``onset``: they also shift whether there is a need at
        all, two parameters a class and domain. ``steps``: classes are steps of one severity scale
        (Formann 1992), which takes two parameters a class; three classes or more.
    severity : bool, default False
        Whether a severity scale acts within classes as well (Lubke and Muthén 2005).
    n_levels : int or None, default None
        Levels of the scale; None takes those that are there.
    n_init : int, default 20
        Starts; the best three after a short climb are climbed to the end.
    max_iter : int, default 300
        Most cycles of three EM steps.
    tol : float, default 1e-4
        The climb ends when a cycle lifts the log-likelihood by less.
    smoothing : float, default 1.0
        Children added to each class, spread over the levels of a domain as all children are (a
        Dirichlet prior around the domain's shares); 0 is maximum likelihood.
    random_state : int, Generator or None, default 0
        Seed of the starts. None is 0: two runs are the same.

    Attributes
    ----------
    weights_ : numpy.ndarray, shape (classes,)
        Share of each class.
    level_prob_ : numpy.ndarray, shape (classes, domains, levels)
        Probability of each level.
    labels_ : numpy.ndarray, shape (children,)
        Most probable class.
    log_likelihood_ : float
        Logarithm of the likelihood of the known scores.
    n_parameters_ : int
        Free parameters: levels never seen in a domain take none.
    converged_ : bool
    n_iter_ : int
    n_features_in_ : int

    References
    ----------
    Goodman, Biometrika 1974, vol. 61, pages 215-231. Dempster, Laird and Rubin, Journal of the
    Royal Statistical Society B 1977, vol. 39, pages 1-38. Linzer and Lewis, Journal of
    Statistical Software 2011, vol. 42, issue 10.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[0, 0, 1], [0, 1, np.nan], [4, 4, 3], [4, np.nan, 4]] * 5)
    >>> OrdinalLatentClass(2).fit_predict(scores)[:4].tolist()
    [0, 0, 1, 1]
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants every setting by name
        self,
        n_components: int = 3,
        *,
        emission: Emission = "free",
        severity: bool = False,
        n_levels: int | None = None,
        n_init: int = 20,
        max_iter: int = 300,
        tol: float = 1e-4,
        smoothing: float = 1.0,
        random_state: Any = 0,
    ) -> None:
        self.n_components = n_components
        self.emission = emission
        self.severity = severity
        self.n_levels = n_levels
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.smoothing = smoothing
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        tags.input_tags.positive_only = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:
        """Find the classes.

        Parameters
        ----------
        X : array-like, shape (children, domains)
            Levels counted from 0; NaN is missing.
        y : ignored

        Raises
        ------
        ValueError
            When a score is no level of the scale, or children are fewer than classes.
        """
        scores = self._checked(X, reset=True)
        if self.n_components < 1 or self.emission not in EMISSIONS:
            raise ValueError(f"n_components must be 1 or more, emission one of {EMISSIONS}")
        if self.emission == "steps" and (self.severity or self.n_components < 3):
            raise ValueError("steps of severity are three or more, and no severity acts within")
        if len(scores) < self.n_components:
            raise ValueError(f"n_samples={len(scores)} is fewer than {self.n_components} classes")
        whole, levels = checked_scores(scores, self.n_levels)
        rng = np.random.default_rng(0 if self.random_state is None else self.random_state)
        with one_thread():
            return self._fit_patterns(Patterns.of(whole, levels), rng)

    def _fit_patterns(self, data: Patterns, rng: np.random.Generator) -> Self:
        free = free_classes(
            data, self.n_components, self.n_init, self.smoothing, self.max_iter, self.tol, rng
        )
        self._begin(data)
        if self.emission == "free" and not self.severity:
            self._keep_free(free.pick([0]), data)
        else:
            self._keep_structured(self._climb(free, data), data)
        return self._finish(data)

    def continue_from(
        self, data: Patterns, free: Classes | None, structured: Structured | None
    ) -> Self:
        """Fit by climbing from a model of the same form that was fitted to some of the children.

        Parameters
        ----------
        data : Patterns
            Scores of all children.
        free : Classes or None
            A climb without structure, best start first.
        structured : Structured or None
            A climb with structure, where the form has one.
        """
        self._begin(data)
        self.n_features_in_ = data.domains_n
        if structured is not None:
            done = fit_structured(structured, data, self.smoothing, self.max_iter)
            self._keep_structured(done, data)
        elif free is not None:
            enough = max(self.tol, 1e-6 * len(data.rows))
            done_free = climb(data, free.pick([0]), self.smoothing, self.max_iter, enough)
            self._keep_free(done_free, data)
        return self._finish(data)

    def _climb(self, free: Classes, data: Patterns) -> Structured:
        form = Form(self.n_components, self.emission, self.severity)
        member = posterior(data.ones, free.share, free.level)[0]
        found = [
            fit_structured(begin(form, data, member[:, i]), data, self.smoothing, self.max_iter)
            for i in range(member.shape[1])
        ]
        return min(found, key=lambda m: m.bic)

    def _begin(self, data: Patterns) -> None:
        self._order, self._levels = np.argsort(data.order), data.levels
        form = Form(self.n_components, self.emission, self.severity)
        self.n_parameters_ = form.parameters(data)

    def _keep_free(self, found: Classes, data: Patterns) -> None:
        shape = (self.n_components, 1, data.domains_n, data.levels)
        self._keep(found.share[0], np.ones(1), found.level[0].reshape(shape))
        self.converged_, self.n_iter_ = found.converged, max(found.cycles, 1)

    def _keep_structured(self, found: Structured, data: Patterns) -> None:
        share = found.share - np.log(np.exp(found.share).sum())
        self._keep(share, found.nodes()[1], found.levels())
        self.structured_ = found
        self.converged_, self.n_iter_ = found.taken < self.max_iter, max(found.taken, 1)

    def _keep(self, share: Array, nodes: Array, logs: Array) -> None:
        """Keep a model: classes from the least need, domains as they came."""
        logs = logs[:, :, self._order]
        prob = np.einsum("q,kqjc->kjc", nodes, np.exp(logs))
        need = (prob @ np.arange(self._levels)).sum(axis=1)
        rank = np.lexsort((share, np.round(need, 9)))
        self._rank = rank
        self._share, self._nodes, self._logs = share[rank], nodes, logs[rank]
        self.weights_, self.level_prob_ = np.exp(share[rank]), prob[rank]

    def _finish(self, data: Patterns) -> Self:
        rows = data.rows[:, self._order]
        member, fit = self._members(rows)
        self.log_likelihood_ = float(data.weight @ fit)
        self.labels_ = member.argmax(axis=1)[data.which]
        return self

    def _checked(self, X: Any, reset: bool) -> Array:
        if isinstance(X, pd.DataFrame) and any(
            pd.api.types.is_extension_array_dtype(t) for t in X.dtypes
        ):
            X = X.astype(float)
        checked = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
        )
        return cast("Array", checked)

    def _members(self, rows: Whole) -> tuple[Array, Array]:
        ones = (rows[:, :, None] == np.arange(self._levels)).reshape(len(rows), -1).astype(float)
        classes, nodes = self._logs.shape[:2]
        share = (self._share[:, None] + np.log(self._nodes)).reshape(1, -1)
        member, fit = posterior(ones, share, self._logs.reshape(1, classes * nodes, -1))
        return member.reshape(len(rows), classes, nodes).sum(axis=2), fit[:, 0]

    def _read(self, X: Any) -> tuple[Array, Array]:
        check_is_fitted(self)
        whole, _ = checked_scores(self._checked(X, reset=False), self._levels)
        rows, which = np.unique(whole, axis=0, return_inverse=True)
        member, fit = self._members(rows)
        return member[which.reshape(-1)], fit[which.reshape(-1)]

    def predict(self, X: Any) -> Whole:
        """Return the most probable class of each child."""
        labels: Whole = self._read(X)[0].argmax(axis=1)
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Return membership probabilities, shape (children, classes).

        A child without a score gets the shares of the classes.
        """
        return self._read(X)[0]

    def score_samples(self, X: Any) -> Array:
        """Return the log-likelihood of each child's known scores."""
        return self._read(X)[1]

    def score(self, X: Any, y: object = None) -> float:
        """Return the mean log-likelihood of a child's known scores."""
        return float(self._read(X)[1].mean())

    def bic(self, X: Any) -> float:
        """Return the Bayesian information criterion (Schwarz 1978); smaller is better."""
        member, fit = self._read(X)
        return -2 * float(fit.sum()) + self.n_parameters_ * float(np.log(len(member)))

    def icl(self, X: Any) -> float:
        """Return BIC with twice the entropy of membership added (Biernacki et al. 2000)."""
        return self.bic(X) + 2 * float(entropy(self._read(X)[0]).sum())

    def relative_entropy(self, X: Any) -> float:
        """Return how sure membership is, 0 to 1 (Ramaswamy et al. 1993); 1 where one class is."""
        if self.n_components == 1:
            return 1.0
        return 1 - float(entropy(self._read(X)[0]).mean()) / float(np.log(self.n_components))


def entropy(member: Array) -> Array:
    """Return the entropy of each row of membership probabilities, in natural units."""
    safe = np.maximum(member, 1e-300)
    out: Array = -(member * np.log(safe)).sum(axis=1)
    return out
