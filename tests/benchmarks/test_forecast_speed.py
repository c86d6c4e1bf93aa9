"""The flow model's speed: one authority in 2 s, 41,000 children in 10 s; memory is bounded.

``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_forecast_speed.py -s``.
Processor time is printed beside the clock's: other work lengthens the one more than the other.
"""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from claims import Claims

from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, History, day_number
from needs.synthetic import engine
from needs.synthetic.truth import PLACES, stationary

pytestmark = pytest.mark.benchmark_suite

UNTIL = dt.date(2023, 3, 31)
EPOCH = dt.date(1970, 1, 1).toordinal()


def history(entries: float, uasc: float) -> History:
    """Return ten years of a synthetic authority, as a model sees them."""
    past = engine.simulate(stationary(entries, uasc), 2014, 2023, np.random.default_rng(7), 16)
    shift = engine.day_of(2023, 4, 1) - day_number(dt.date(2023, 4, 1))
    spell, p = past.spell, past.population
    order = np.lexsort((past.day, spell))
    spell, place = spell[order], past.place[order].astype(np.int64)
    day = np.floor(past.day[order] - shift).astype(np.int64)
    here = place != engine.EXIT
    follows = np.append(spell[1:] == spell[:-1], False)
    stop = np.where(follows, np.append(day[1:], 0), OPEN)
    frame = pd.DataFrame(
        {
            "child": spell,
            "period": spell,
            "start": day,
            "stop": stop,
            "place": place,
            "entered": np.floor(p.start[spell] - shift).astype(np.int64),
            "born": np.floor(p.dob[spell] - shift).astype(np.int64),
            "male": p.male[spell],
            "uasc": p.uasc[spell],
            "opens": np.append(True, spell[1:] != spell[:-1]),
            "earlier": 0,
        }
    )[here & (stop > day)]
    frame = frame.reset_index(drop=True)
    return History(frame, PLACES, day_number(dt.date(2013, 4, 1)), OPEN).cut(day_number(UNTIL))


@pytest.mark.parametrize(
    ("entries", "uasc", "least", "draws", "seconds", "mib"),
    [(290, 30, 820, 2000, 2.0, 600), (14_300, 1_450, 41_000, 200, 10.0, 1200)],
)
def test_fit_and_five_years_of_months(
    entries: int, uasc: int, least: int, draws: int, seconds: float, mib: int, claims: Claims
):
    past = history(entries, uasc)
    children = int(past.counts(np.array([past.until])).sum())
    came = past.stays[past.stays["opens"]]
    a_year = int((came["start"] > past.until - 365).sum())
    begun, used = time.perf_counter(), time.process_time()
    model = fit_flow(past)
    days = [month_after(model.origin, m) for m in range(1, 61)]
    forecast = model.simulate(days, draws, np.random.default_rng(1))
    clock, used = time.perf_counter() - begun, time.process_time() - used
    total = forecast.total()[:, -1]
    error = float(total.std() / np.sqrt(draws))
    tracemalloc.start()
    model.simulate(days, draws, np.random.default_rng(1))
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    what = f"forecast, {children:,} children, {a_year:,} entries a year, {draws:,} draws"
    found = f"{total.mean():,.0f} ± {error:.1f} children"
    claims.stated(f"{what}: five years ahead, Monte Carlo error", found)
    assert children >= least
    small = claims.most(f"{what}: memory", peak, mib, "MiB", 0)
    # Two threads simulate: their processor time is shared by two processors.
    assert claims.seconds(f"{what}: fit and 60 months", clock, used / 2, seconds)
    assert small
