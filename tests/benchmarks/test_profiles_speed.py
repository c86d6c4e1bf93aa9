"""Groups of children: 50,000 assessments in 120 s on two cores, 800 in 15 s.

``pytest --benchmarks tests/benchmarks/test_profiles_speed.py -s``. Every number of classes from
two to eight is tried, stability of each included. Where other work keeps the machine busy,
processor time is held to the limit in place of the clock's.
"""

from __future__ import annotations

import os
import resource
import time

import numpy as np
import pytest
import truth_profiles as tp

from needs.profiles.choose import choose_classes
from needs.profiles.search import Settings

pytestmark = pytest.mark.benchmark_suite


@pytest.mark.parametrize(("children", "seconds"), [(800, 15.0), (50_000, 120.0)])
def test_choice_of_two_to_eight_classes(children: int, seconds: float):
    x, _ = tp.truth("shifted", 4, 0.9, 1).draw(children, 0.2, np.random.default_rng(3))
    begun, used = time.perf_counter(), time.process_time()
    choice = choose_classes(x, tp.LEVELS, Settings(every=True))
    clock, used = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    t = choice.table
    tried = t[t["stability"].notna()]
    print(f"\n{children:,} children: {clock:.1f} s by the clock, {used:.1f} s of processor time,")
    print(f"{len(t)} models, at most {peak:.0f} MiB, load {os.getloadavg()[0]:.1f}")
    assert choice.found
    assert choice.estimator.n_components == 4
    assert set(range(2, 9)) <= set(tried["classes_n"])
    assert len(choice.estimator.labels_) == children
    quiet = os.getloadavg()[0] < 1.5
    assert (clock if quiet else used) <= seconds
