"""How many groups of children there are, or that the scores show none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.patterns import Patterns, checked_scores
from needs.profiles.search import Candidate, Settings, fitted, search
from needs.profiles.severity import share_as_far
from needs.profiles.stability import agreement
from needs.vocabulary.threads import one_thread

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["COLUMNS", "Choice", "choose_classes"]

Floats = npt.NDArray[np.float64]

LEAST_CHILDREN = 50
"""Fewer children with a score are not grouped: a class would be a handful."""
LEAST_SCORES = 3.0
"""Fewer known scores a child, on average, tell too little of each to group them."""


@dataclass(frozen=True)
class Choice:
    """What was found.

    Attributes
    ----------
    found : bool
        Whether the scores support groups.
    reasons : tuple of str
        Why, in words; the numbers are in ``table``.
    table : pandas.DataFrame
        One row a model: ``model`` (independent, severity, severity_curved, severity_loose, classes,
        classes_severity), ``emission`` (free, ordinal, onset, steps), ``classes_n``,
        ``parameters_n``, ``log_likelihood``, ``bic``, ``icl``, ``entropy`` (0 to 1; 1 is sure),
        ``smallest_share``, ``stability`` (median adjusted Rand index, NaN not tried),
        ``stability_low`` (lowest), ``chosen``.
    estimator : OrdinalLatentClass or None
        The chosen model, fitted to all children; None where there are no groups.
    as_far : float
        Share of data sets without groups in which groups gain as much; NaN where not needed.
    sampled_n : int
        Children among whom the choice was made.
    """

    found: bool
    reasons: tuple[str, ...]
    table: pd.DataFrame
    estimator: OrdinalLatentClass | None = None
    as_far: float = float("nan")
    sampled_n: int = 0
    settings: Settings = field(default_factory=Settings)


def choose_classes(
    scores: npt.ArrayLike | pd.DataFrame,
    levels: int,
    settings: Settings | None = None,
    rng: np.random.Generator | None = None,
) -> Choice:
    """Return how many groups the scores support, and the model of them.

    Models with one to eight classes compete by BIC with models that have none: unrelated
    domains, and one severity scale. Groups are claimed where a model with classes is better by
    a margin, or passes a parametric bootstrap where it is nearer; no class may be smaller than
    a set share, and the groups must come back when children are drawn again.

    Parameters
    ----------
    scores : array-like, shape (children, domains)
        Levels counted from 0, a greater one meaning more need; NaN is missing.
    levels : int
        Levels of the scale.
    settings : Settings, optional
        How models are fitted and compared.
    rng : numpy.random.Generator, optional
        Source of chance, made from the study's seed; a generator of seed 0 if left out.

    Raises
    ------
    ValueError
        When a score is no level of the scale.
    """
    s = settings or Settings()
    rng = rng or np.random.default_rng(0)
    whole, levels = checked_scores(np.atleast_2d(np.asarray(scores, dtype=float)), levels)
    whole = whole[(whole >= 0).any(axis=1)]
    refused = _too_little(whole)
    if refused:
        return Choice(False, (refused,), pd.DataFrame(columns=list(COLUMNS)), settings=s)
    with one_thread():
        return _chosen(Patterns.of(whole, levels), s, rng)


def _chosen(everyone: Patterns, s: Settings, rng: np.random.Generator) -> Choice:
    many = everyone.weight.sum() > s.sample
    data = everyone.sample(s.sample, rng) if many else everyone
    models = search(data, s, rng)
    one = min((c for c in models if c.form.classes == 1), key=lambda c: c.bic)
    able = [c for c in models if c.form.classes > 1 and c.smallest(data) >= s.smallest]
    best = min(able, key=lambda c: c.bic) if able else one
    stable = _stability(data, models, best, s, rng) if s.every or best.bic < one.bic else {}
    agreed = stable.get(models.index(best), np.empty(0))
    found, reasons, as_far = _verdict(data, one, best, agreed, s, rng)
    table = _table(data, models, best if found else one, stable)
    estimator = _estimator(everyone, best, s) if found else None
    return Choice(found, reasons, table, estimator, as_far, int(data.weight.sum()), s)


def _too_little(whole: npt.NDArray[np.int64]) -> str:
    if len(whole) < LEAST_CHILDREN:
        return "Too few children have a score to look for groups among them."
    if (whole >= 0).sum() < LEAST_SCORES * len(whole):
        return "Too few domains are scored for a child to say which group it belongs to."
    top = np.where(whole < 0, -1, whole)
    if all(len(np.unique(c[c >= 0])) <= 1 for c in top.T):
        return "All children have the same scores, so that nothing sets groups apart."
    return ""


def _stability(
    data: Patterns, models: list[Candidate], best: Candidate, s: Settings, rng: np.random.Generator
) -> dict[int, Floats]:
    """Return the agreement of resampled groups, by position in ``models``.

    Of the family of the best model; unless every number is asked for, only of those near it.
    """
    out = {}
    for i, c in enumerate(models):
        k = c.form.classes
        alike = c.form.emission == best.form.emission and not c.form.severity and k > 1
        near = s.every or abs(k - best.form.classes) <= s.near
        if s.resamples and (c is best or (alike and near)):
            out[i] = agreement(data, c.form, c.member, s.resamples, s.smoothing, rng)
    return out


NONE_OF = {
    "independent": "Domains go their own ways: knowing one score says little of another.",
    "severity": "Children differ along one scale of severity, which has no steps in it.",
    "severity_curved": "Children differ along one scale of severity, which has no steps in it.",
    "severity_loose": "Children differ along one scale of severity, which has no steps in it.",
}


def _verdict(
    data: Patterns,
    one: Candidate,
    best: Candidate,
    agreed: Floats,
    s: Settings,
    rng: np.random.Generator,
) -> tuple[bool, tuple[str, ...], float]:
    nan = float("nan")
    gain = one.bic - best.bic
    if gain <= 0:
        return False, (NONE_OF[one.name], "Models with groups do not describe them better."), nan
    as_far = nan
    if gain < s.margin and one.model is not None:
        as_far = share_as_far(
            one.model, data, best.fit - one.fit,
            lambda other: fitted(other, best.form, s, rng).fit, s.draws, rng,
        )  # fmt: skip
        if as_far > s.chance:
            words = "Groups describe the scores little better than chance would let them."
            return False, (NONE_OF[one.name], words), as_far
    if len(agreed) and np.median(agreed) < s.agree:
        words = "The groups found do not come back when the children are drawn again."
        return False, (words,), as_far
    reasons = ["Groups describe the scores better than one scale of severity does."]
    if best.form.steps:
        reasons = ["Children stand on steps of severity, with few between them."]
    if best.form.severity:
        reasons.append("Within each group children differ in severity as well.")
    if len(agreed):
        reasons.append("The groups come back when the children are drawn again.")
    return True, tuple(reasons), as_far


COLUMNS = (
    "model", "emission", "classes_n", "parameters_n", "log_likelihood", "bic", "icl", "entropy",
    "smallest_share", "stability", "stability_low", "chosen",
)  # fmt: skip


def _table(
    data: Patterns, models: list[Candidate], chosen: Candidate, stable: dict[int, Floats]
) -> pd.DataFrame:
    rows = []
    for i, c in enumerate(models):
        k, unsure = c.form.classes, c.unsure(data)
        sure = 1 - unsure / data.weight.sum() / np.log(k) if k > 1 else 1.0
        agreed = stable.get(i, np.array([np.nan]))
        emission = "free" if c.name == "independent" else c.form.emission
        rows.append((
            c.name, emission, k, c.parameters, c.fit, c.bic, c.bic + 2 * unsure, sure,
            c.smallest(data), np.median(agreed), agreed.min(), c is chosen,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _estimator(everyone: Patterns, best: Candidate, s: Settings) -> OrdinalLatentClass:
    from needs.profiles.latent_class import OrdinalLatentClass  # noqa: PLC0415 - slow

    model = OrdinalLatentClass(
        best.form.classes,
        emission=best.form.emission,
        severity=best.form.severity,
        n_levels=everyone.levels,
        n_init=s.starts,
        smoothing=s.smoothing,
    )
    return model.continue_from(everyone, best.free, best.model)
