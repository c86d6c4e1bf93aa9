"""Groups of children in words, by rule: the domains that set each apart from all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from needs.profiles.patterns import Array

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["described", "distances_from_all"]

APART = 0.5
"""Standard deviations of a domain from which its mean is said to differ."""
NAMED = 3
"""Domains named on each side."""


def distances_from_all(model: OrdinalLatentClass) -> Array:
    """Return how far each group's mean lies from that of all children.

    Returns
    -------
    numpy.ndarray, shape (groups, domains)
        In standard deviations of the domain among all children (Cohen 1988); more is more need.
    """
    level = np.arange(model.level_prob_.shape[2])
    means = model.level_prob_ @ level
    mean = model.weights_ @ means
    square = model.weights_ @ (model.level_prob_ @ level**2)
    spread = np.sqrt(np.maximum(square - mean**2, 1e-12))
    out: Array = (means - mean) / spread
    return out


def described(
    model: OrdinalLatentClass, domains: Sequence[str], labels: Mapping[str, str]
) -> tuple[str, ...]:
    """Return one sentence a group, without digits.

    Parameters
    ----------
    model : OrdinalLatentClass
        The groups.
    domains : sequence of str
        Keys of the domains, in the order in which the model was fitted.
    labels : mapping of str to str
        Words of the domains.
    """
    out = []
    for row in distances_from_all(model):
        more = [i for i in np.argsort(-row, kind="stable") if row[i] >= APART]
        less = [i for i in np.argsort(row, kind="stable") if row[i] <= -APART]
        parts = [
            f"{side} need than others{_listed(found, domains, labels)}"
            for side, found in (("more", more), ("less", less))
            if found
        ]
        words = ", and ".join(parts) or "needs like those of all children together"
        out.append(words[:1].upper() + words[1:] + ".")
    return tuple(out)


def _listed(found: Sequence[int], domains: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return the domains furthest apart, or that it is nearly all of them."""
    if len(found) > len(domains) - NAMED and len(domains) > NAMED:
        return " in nearly every domain" if len(found) < len(domains) else " in every domain"
    names = [labels[domains[i]] for i in found[:NAMED]]
    last = names.pop()
    listed = f"{', '.join(names)} and {last}" if names else last
    # Others lie apart too: the words must not say that these three alone do.
    return f", most of all in {listed}" if len(found) > NAMED else f" in {listed}"
