"""Weekly prices whose truth is written down: uneven providers, needs, routes and years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

TRUTH = {"const": 6.5, "older": 0.2, "spot": 0.15, "needs": 0.06, "year": 0.055}
"""Effects on the logarithm of the mean price; ``spot`` belongs to whole providers."""
YES_NO = frozenset({"older", "spot"})


@dataclass(frozen=True)
class Drawn:
    """Prices, their design and providers."""

    price: Any
    design: pd.DataFrame
    provider: Any


def providers_of(rng: np.random.Generator, providers: int, rows: int) -> Any:
    """Return a provider for each row: some have many, and each has at least one."""
    size = rng.dirichlet(np.full(providers, 0.7))
    return np.append(np.arange(providers), rng.choice(providers, rows - providers, p=size))


def drawn(
    rng: np.random.Generator,
    providers: int = 25,
    rows: int = 600,
    *,
    power: float = 2.0,
    sd: float = 0.15,
    variation: float = 0.29,
) -> Drawn:
    """Return prices whose variance grows with a power of their mean; gamma is two.

    Providers differ by a factor whose mean is one, so that the constant is the truth's too.
    """
    provider = providers_of(rng, providers, rows)
    design = pd.DataFrame(
        {
            "const": 1.0,
            "older": (rng.random(rows) < 0.4).astype(float),
            "spot": (np.arange(providers) % 3 == 0).astype(float)[provider],
            "needs": rng.binomial(13, 0.45, rows).astype(float),
            "year": rng.integers(0, 5, rows).astype(float),
        }
    )
    linear = design.to_numpy() @ np.array(list(TRUTH.values()))
    mean = np.exp(linear + rng.normal(-(sd**2) / 2, sd, providers)[provider])
    # All families have the same variation at the middle price.
    variance = variation**2 * mean**power * np.exp(np.median(linear)) ** (2 - power)
    shape = mean**2 / variance
    return Drawn(rng.gamma(shape, mean / shape), design, provider)


def inside(interval: pd.DataFrame, truth: Any) -> Any:
    """Return which intervals hold the truth."""
    return ((interval["lower"] <= truth) & (truth <= interval["upper"])).to_numpy(dtype=float)


def allowed(times: int) -> float:
    """Return how far a coverage may be from 95%: 3 points, and what chance adds to few draws."""
    return 0.03 if times >= 2000 else 0.03 + 3 * float(np.sqrt(0.05 * 0.95 / times))
