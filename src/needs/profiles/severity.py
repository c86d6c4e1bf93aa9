"""What scores look like where there are no groups: unrelated domains, or one severity scale.

A severity scale cut into levels looks to a latent class model like two or three classes, since
classes are the only way in which it can let domains go together. Classes are therefore claimed
only against models that have none (Lubke and Neale, Multivariate Behavioral Research 2006, vol.
41, pages 499-532); where the two are near, against what such a model yields when the same
analysis is made of data drawn from it (McLachlan, Applied Statistics 1987, vol. 36, pages
318-324; Hope, Journal of the Royal Statistical Society B 1968, vol. 30, pages 582-598).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from needs.profiles.patterns import MISSING, Array, Patterns
from needs.profiles.structure import Form, Structured, begin, fit_structured, members

__all__ = ["drawn_from", "one_class_models", "severity_scores", "share_as_far"]


def one_class_models(data: Patterns, smoothing: float = 1.0) -> dict[str, Structured]:
    """Return fitted models without classes.

    Returns
    -------
    dict of str to Structured
        ``independent``: every domain by itself. ``severity``: one normal severity scale.
        ``severity_curved``: one severity scale that may be skewed and heavy-tailed.
        ``severity_loose``: the same, pulling every level of a domain by itself; with many
        children, the form of the scale matters.
    """
    all_one = np.ones((len(data.rows), 1))

    def fit(form: Form) -> Structured:
        return fit_structured(begin(form, data, all_one), data, smoothing)

    plain = fit(Form(1, severity=True))
    curved = replace(plain, form=Form(1, severity=True, curved=True))
    loose = replace(
        plain, form=Form(1, severity=True, curved=True, loose=True),
        slope=plain.slope * np.arange(data.levels),
    )  # fmt: skip
    return {
        "independent": fit(Form(1)),
        "severity": plain,
        "severity_curved": fit_structured(curved, data, smoothing),
        "severity_loose": fit_structured(loose, data, smoothing),
    }


def severity_scores(data: Patterns, smoothing: float = 1.0) -> Array:
    """Return where each pattern stands on one severity scale, shape (patterns,).

    The mean of what is likely given the known scores, in standard deviations of the scale; more
    is more need.
    """
    model = fit_structured(
        begin(Form(1, severity=True), data, np.ones((len(data.rows), 1))), data, smoothing
    )
    at = members(model, data.ones)[0][:, 0] @ model.nodes()[0]
    upward = np.sign(model.slope.sum())
    out: Array = at * (upward if upward else 1.0)
    return out


def drawn_from(model: Structured, data: Patterns, rng: np.random.Generator) -> Patterns:
    """Return scores drawn from a model without classes, with the gaps of ``data``."""
    logs = model.levels()[0]
    _, w, _ = model.nodes()
    gaps = np.repeat(data.rows == MISSING, data.weight.astype(np.int64), axis=0)
    node = rng.choice(len(w), len(gaps), p=w)
    cdf = np.cumsum(np.exp(logs), axis=2)[node]
    drawn = (rng.random(gaps.shape)[:, :, None] > cdf).sum(axis=2).clip(0, data.levels - 1)
    return Patterns.of(np.where(gaps, MISSING, drawn), data.levels, np.arange(gaps.shape[1]))


def share_as_far(
    model: Structured,
    data: Patterns,
    gain: float,
    rival: Callable[[Patterns], float],
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Return in how many draws from a model without classes, classes would gain as much.

    Parameters
    ----------
    model : Structured
        The model without classes.
    data : Patterns
        The scores.
    gain : float
        By how much classes lift the log-likelihood of ``data`` above the model's.
    rival : callable
        Patterns -> log-likelihood of the model with classes.
    draws : int
        How many data sets are drawn.

    Returns
    -------
    float
        Share of draws, that of the data itself counted, with a gain as large.
    """
    as_far = 1
    for _ in range(draws):
        other = drawn_from(model, data, rng)
        null = fit_structured(model, other, steps=60).fit
        as_far += rival(other) - null >= gain
    return as_far / (draws + 1)
