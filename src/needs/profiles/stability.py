"""Whether groups come back when the children are drawn again (Hennig 2007; bootstrap).

Sources: Hennig, Computational Statistics and Data Analysis 2007, vol. 52, pages 258-271;
Hubert and Arabie, Journal of Classification 1985, vol. 2, pages 193-218 (adjusted Rand index).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from needs.profiles.em import climb, posterior, spread_starts
from needs.profiles.patterns import Array, Patterns
from needs.profiles.structure import Form, begin, fit_structured, members

__all__ = ["agreement"]

STARTS_EACH, STEPS = 3, 30
SHORT_CYCLES, CYCLES = 6, 14
"""Cycles that every start gets, and those that the best of a draw then gets."""


def agreement(
    data: Patterns, form: Form, member: Array, draws: int, smoothing: float,
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Return how far groups of resampled children agree with those found, one number a draw.

    Children are drawn with putting back; the model is fitted anew from starts of its own, and
    says of every child which group it would be in. All draws run together as one array.

    Parameters
    ----------
    data : Patterns
        Rows of scores.
    form : Form
        The model.
    member : numpy.ndarray, shape (patterns, classes)
        Membership probabilities of the model fitted to ``data``.
    draws : int
        How many times children are drawn.

    Returns
    -------
    numpy.ndarray, shape (draws,)
        Adjusted Rand index: 1 is the same groups, 0 what chance alone would give.
    """
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415 - slow

    n = int(data.weight.sum())
    weight = rng.multinomial(n, data.weight / n, size=draws).astype(float)
    begun = spread_starts(data, form.classes, draws * STARTS_EACH, smoothing, rng)
    each = np.repeat(weight, STARTS_EACH, axis=0).T
    short = climb(data, begun, smoothing, SHORT_CYCLES, 1e-2, each)
    best = short.penalised.reshape(draws, STARTS_EACH).argmax(axis=1)
    best = best + np.arange(draws) * STARTS_EACH
    found = climb(data, short.pick(best), smoothing, CYCLES, 1e-2, weight.T)
    groups = posterior(data.ones, found.share, found.level)[0]
    here = member.argmax(axis=1)[data.which]
    out = np.empty(draws)
    for i in range(draws):
        again = groups[:, i]
        if form.severity or not form.free:
            drawn = replace(data, weight=weight[i])
            model = fit_structured(begin(form, drawn, again), drawn, smoothing, STEPS)
            again = members(model, data.ones)[0].sum(axis=2)
        out[i] = adjusted_rand_score(here, again.argmax(axis=1)[data.which])
    return out
