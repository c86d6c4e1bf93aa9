"""What holds in every draw of the flow model, whatever the past."""

from __future__ import annotations

import numpy as np
import pytest
from flow_histories import lived
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.levers import Entries

pytestmark = pytest.mark.property


@settings(max_examples=8, derandomize=True, deadline=None)
@given(
    entries=st.floats(3, 40),
    years=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    leave=st.floats(0.05, 2),
    move=st.floats(0.0, 2),
    uasc=st.sampled_from([0.0, 0.3, 1.0]),
    types=st.integers(1, 4),
)
def test_every_draw_adds_up(
    entries: float, years: int, seed: int, leave: float, move: float, uasc: float, types: int
):
    places = ("foster", "ifa", "home", "supported")[:types]
    history = lived(entries, years, seed, leave, move, uasc, places)
    came = history.stays["opens"] & (history.stays["start"] > history.until - years * 365.25)
    if not came.any():
        return
    model = fit_flow(history)
    days = [month_after(model.origin, m) for m in range(1, 16)]
    forecast = model.simulate(days, 8, np.random.default_rng(seed), threads=1)
    now = history.counts(np.array([history.until])).sum()
    children, total = forecast.draws, forecast.total()
    assert (children >= 0).all()
    assert np.array_equal(children, np.rint(children))
    flows = forecast.parts["entries"].draws.sum(2) - forecast.parts["exits"].draws.sum(2)
    assert np.array_equal(total, now + flows.cumsum(1))
    for part in ("ages", "status"):
        assert (forecast.parts[part].draws >= 0).all()
        assert np.array_equal(forecast.parts[part].draws.sum(2), total)
    again = model.simulate(days, 8, np.random.default_rng(seed), threads=2)
    assert np.array_equal(again.draws, children)
    same = model.simulate(days, 8, np.random.default_rng(seed), levers=[Entries(0)])
    assert np.array_equal(same.draws, children)
