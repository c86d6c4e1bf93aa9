"""The flow model's speed: one authority in 2 s, 41,000 children in 10 s; memory is bounded.

``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_forecast_speed.py -s``.
Processor time is printed beside the clock's: other work lengthens the one more than the other.
Side by side with cs-demand-model where ``NEEDS_PEER_PYTHON`` names a Python that has it.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import time
import tracemalloc

import numpy as np
import pytest

from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, History, day_number
from needs.synthetic import engine
from needs.synthetic.truth import PLACES, stationary

pytestmark = pytest.mark.benchmark_suite

UNTIL = dt.date(2023, 3, 31)
EPOCH = dt.date(1970, 1, 1).toordinal()


def history(entries: float, uasc: float) -> History:
    """Return ten years of a synthetic authority, as a model sees them."""
    import pandas as pd

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
    [(350, 35, 820, 2000, 2.0, 600), (17_400, 1_740, 41_000, 200, 10.0, 1200)],
)
def test_fit_and_five_years_of_months(
    entries: int, uasc: int, least: int, draws: int, seconds: float, mib: int
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
    print(f"\n{children:,} children, {a_year:,} entries a year, {draws} draws of 60 months:")
    print(f"{clock:.1f} s by the clock, {used:.1f} s of processor time, at most {peak:.0f} MiB;")
    print(f"five years ahead {total.mean():,.0f}, Monte Carlo error {error:.1f}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    assert children >= least
    assert peak < mib
    quiet = os.getloadavg()[0] < 1.5
    assert (clock if quiet else used / 2) <= seconds


def test_beside_cs_demand_model():
    python = os.environ.get("NEEDS_PEER_PYTHON")
    if not python:
        pytest.skip("NEEDS_PEER_PYTHON names no Python that has cs-demand-model")
    code = (
        "import time; t = time.perf_counter()\n"
        "from cs_demand_model import Config, DemandModellingDataContainer, ModelPredictor\n"
        "from cs_demand_model import PopulationStats, fs4py\n"
        "from cs_demand_model.rpc import fs as f\n"
        "from datetime import date\n"
        "c = Config(); d = DemandModellingDataContainer(fs4py.open_fs('sample://v1.zip'), c)\n"
        "s = PopulationStats(d.enriched_view, c)\n"
        "p = ModelPredictor.from_model(s, date(2019, 1, 1), date(2020, 1, 1)"
        ".replace(year=2020))\n"
        "p.predict(steps=60); print(time.perf_counter() - t)"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("the peer's sample could not be forecast: " + done.stderr.strip()[-200:])
    print(f"\ncs-demand-model, its own sample: {float(done.stdout.split()[-1]):.1f} s, no draws")
