"""Regressions of 200,000 prices on 25 columns: gamma with clustering in 10 s, quantiles in 60 s.

``pytest --benchmarks tests/benchmarks/test_regression_speed.py``. Two quantile fits with their
cluster bootstrap (a thousand draws in one step each) are held to 60 s and 4 GiB. Run alone, so that
the peak is their own. Where other work goes on, processor time is held to the target.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.benchmark_suite

ROWS, COLUMNS, PROVIDERS = 200_000, 25, 60
GAMMA_SECONDS, QUANTILE_SECONDS, MOST_MIB = 10.0, 60.0, 4096.0

ALONE = """
import resource, sys, time
import numpy as np, pandas as pd
from needs.costs.regression.fits import fit_prices
from needs.costs.regression.quantiles import fit_quantile

rows, columns, providers, what = *map(int, sys.argv[1:4]), sys.argv[4]
rng = np.random.default_rng(1)
provider = rng.choice(providers, rows, p=rng.dirichlet(np.full(providers, 0.7)))
half = (columns - 1) // 2
x = np.column_stack([np.ones(rows), rng.random((rows, half)) < 0.4,
                     rng.normal(size=(rows, columns - 1 - half))])
design = pd.DataFrame(x, columns=["const", *(f"x{k}" for k in range(1, columns))])
linear = 6.5 + x[:, 1:] @ rng.normal(0, 0.1, columns - 1)
price = np.exp(linear + rng.normal(0, 0.1, providers)[provider]) * rng.gamma(18, 1 / 18, rows)
clock, used = time.perf_counter(), time.process_time()
if what == "gamma":
    print(fit_prices(price, design, provider).interval().shape)
else:
    for quantile in (0.5, 0.9):
        fit = fit_quantile(price, design, provider, quantile, rng=rng)
        print(fit.draws.shape, fit.interval().shape)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - clock, time.process_time() - used, peak)
"""


@pytest.mark.parametrize(
    ("what", "title", "limit"),
    [
        ("gamma", "gamma regression with clustering", GAMMA_SECONDS),
        ("quantiles", "two quantiles with their cluster bootstrap", QUANTILE_SECONDS),
    ],
)
def test_regressions_of_many_prices(what, title, limit, claims):
    words = (str(ROWS), str(COLUMNS), str(PROVIDERS), what)
    # One thread: with several, waiting for a busy machine is counted as work.
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *words], capture_output=True, text=True, check=True, env=alone
    )
    clock, used, peak = map(float, done.stdout.strip().split("\n")[-1].split())
    name = f"{title}, {ROWS:,} rows by {COLUMNS}"
    fast = claims.seconds(name, clock, used, limit)
    small = claims.most(f"{name}, peak", peak, MOST_MIB, "MiB", 0)
    assert fast and small
