"""The simulation's speed: ten years by month, 2,000 draws, 600 homes and households in 20 s.

``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_capacity_speed.py -s``.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from claims import Claims

from needs.sufficiency.capacity.live import Comers, Homes, live

pytestmark = pytest.mark.benchmark_suite

HOMES, HOUSEHOLDS, DRAWS, MONTHS = 200, 400, 2000, 120
SIZES = np.repeat([1, 2, 3], [16, 4, 4])
STAY = 18.0


def test_ten_years_of_a_large_authority(claims: Claims) -> None:
    """As many children as there are places, of 24 kinds, a third of them with siblings."""
    rng = np.random.default_rng(1)
    places = np.concatenate([rng.integers(2, 7, HOMES), rng.integers(1, 4, HOUSEHOLDS)])
    homes = Homes(places, rng.random((len(SIZES), len(places))) < 0.5)
    groups = places.sum() / SIZES.sum()
    comers = Comers(
        np.full((MONTHS, len(SIZES)), groups / STAY),
        lambda kind, rng: rng.exponential(STAY, len(kind)),
        SIZES,
        np.repeat(np.arange(len(SIZES)), int(groups)),
    )
    clock, used = time.perf_counter(), time.process_time()
    found = live(homes, comers, MONTHS, DRAWS, rng)
    clock, used = time.perf_counter() - clock, time.process_time() - used
    what = f"matching, {found.asked.sum() / DRAWS:,.0f} children, {places.sum():,} places"
    assert claims.seconds(what, clock, used, 20)
    assert 0.7 * places.sum() < found.occupied[:, -1].mean() <= places.sum()
