"""A million cost lines laid over nights in care: 10 s, whoever they are of.

``pytest --benchmarks tests/benchmarks/test_costs_speed.py``. Ten years of 41,000 children are what
a very large authority would have for so many lines; half a million children stand beside them,
since the search for a child's nights grows with these. Where other work goes on, processor time is
held to the target, not the clock's.
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from random_records import YEARS, many

from needs.care.windows import Window
from needs.costs.days import distinct_nights, paid_parts
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import Records
from needs.vocabulary.study import Study, load_study

pytestmark = pytest.mark.benchmark_suite

LINES, SECONDS, MIB = 1_000_000, 10.0, 4096.0
WINDOWS = [Window(ReportingYear(y), ReportingYear(y).end) for y in YEARS]
CHILDREN, MANY = 41_000, 500_000


def lines_of(records: Records, n: int) -> pd.DataFrame:
    """Return lines that begin in a stay and run a month or two, past its end or over years too.

    One in fifty names no child, one in twenty has no end, one in ten is a single amount.
    """
    rng = np.random.default_rng(60)
    e = records.episodes
    at = rng.integers(0, len(e), n)
    start = e["decom"].to_numpy()[at]
    stay = e["dec"].fillna(records.data_end).to_numpy()[at] - start
    first = (start + rng.random(n) * stay).astype("datetime64[D]").astype("datetime64[ns]")
    last = first + rng.integers(0, 60, n).astype("timedelta64[D]")
    once = rng.random(n) < 0.1
    weekly = rng.gamma(4, 300, n) * np.where(rng.random(n) < 0.02, -1, 1)
    return pd.DataFrame(
        {
            "child": np.where(rng.random(n) < 0.02, -1, e["child"].to_numpy()[at]),
            "weekly_cost_gbp": np.where(once, np.nan, weekly),
            "amount_gbp": np.where(once, weekly, np.nan),
            "contribution_health_gbp": np.where(rng.random(n) < 0.1, 100.0, 0.0),
            "from": first,
            "to": np.where(rng.random(n) < 0.05, np.datetime64("NaT"), last),
            "placement_type": pd.Categorical(rng.choice(["ifa", "external_home"], n)),
        }
    )


def joined(lines: pd.DataFrame, records: Records, study: Study) -> tuple[int, int]:
    """Return how many parts there are, and nights that any line pays for."""
    parts = paid_parts(lines, records, WINDOWS, study.authority.scope, study.categories)
    nights = distinct_nights(parts[parts["in_care"]], ["window", "type"])
    return len(parts), int(nights["nights"].sum())


@pytest.fixture(scope="module")
def study(pytestconfig: pytest.Config) -> Study:
    return load_study(pytestconfig.rootpath / "analysis" / "oxfordshire-2022-23")


@pytest.mark.parametrize("children", [CHILDREN, MANY])
def test_a_million_lines_by_day(children, study, claims):
    records = many(children)
    lines = lines_of(records, LINES)
    runs = []
    for _ in range(3):
        clock, used = time.perf_counter(), time.process_time()
        parts, nights = joined(lines, records, study)
        runs.append((time.perf_counter() - clock, time.process_time() - used))
    assert parts > LINES and nights > LINES
    what = f"{LINES:,} cost lines over {len(records.episodes):,} episodes of {children:,} children"
    clock, used = (min(r[k] for r in runs) for k in (0, 1))
    claims.stated(f"{what}, parts", f"{parts:,}")
    assert claims.seconds(what, clock, used, SECONDS)


def test_memory_of_a_million_lines(study, claims):
    records = many(MANY)
    lines = lines_of(records, LINES)
    tracemalloc.start()
    joined(lines, records, study)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    what = f"{LINES:,} cost lines over nights of {MANY:,} children, memory"
    assert claims.most(what, peak, MIB, "MiB", 0)
