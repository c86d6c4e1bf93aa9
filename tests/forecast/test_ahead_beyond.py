"""Care leavers and places on the page: numbers of the draws, rounded, small ones left out."""

from __future__ import annotations

import numpy as np
import pytest

from needs.forecast import demand
from needs.forecast.ahead import Ahead
from needs.forecast.flow.leavers import KINDS, Beyond
from needs.forecast.flow.model import FlowModel
from needs.report.chapter import publish

pytestmark = pytest.mark.unit

FEW = {"draws": 100, "tested_draws": 50, "scenario_draws": 20}


@pytest.fixture(scope="module")
def data(made):
    return made.data(made.march(60, 70, 80, first=2021), forecast=FEW)


def told(monkeypatch, data, size: float, homes: bool) -> None:
    """Let the flow model tell of ``size`` young people of each kind, a fifth unaccompanied."""

    def beyond_18(self, days, draws, rng, levers=(), shares=None):
        spread = np.linspace(0.9, 1.1, draws)[:, None] * np.arange(1, len(days) + 1)
        both = np.stack([0.8 * size * spread, 0.2 * size * spread], axis=2)
        places = size * spread if homes else None
        why = () if homes else ("No list.",)
        return Beyond(tuple(days), dict.fromkeys(KINDS, both), places, places, size * spread, why)

    monkeypatch.setattr(FlowModel, "beyond_18", beyond_18)
    assert Ahead.of(data).model is not None


def test_entitlements_and_places_are_those_of_the_draws_in_fives(data, monkeypatch):
    told(monkeypatch, data, 100.0, homes=True)
    leavers, places = demand.beyond_18(data)
    t = leavers.table
    every = t[(t["group"] == "relevant") & (t["by"] == "all")]
    assert every["value"].tolist() == [100, 200, 300, 400, 500]
    assert (every["lower_80"] <= 0.92 * every["value"]).all()
    assert (every["lower_80"] > 0.91 * every["value"] - 5).all()
    assert (every["upper_80"] >= 1.08 * every["value"]).all()
    of = t[(t["group"] == "relevant") & (t["by"] == "uasc")]
    assert of["value"].tolist() == [20, 40, 60, 80, 100]
    assert set(places.table["group"]) == {"supported_16", "staying_put", "supported_18"}
    assert (t[["value", "lower_80", "upper_80"]] % 5 == 0).all().all()
    shown = publish(leavers, data, "50")
    assert shown.table is not None and len(shown.sentences) == len(KINDS)
    # Beside the list of chapter 20, which has fewer: the reader is told which is which.
    assert any("not the people on the service's list" in n for n in shown.notes)
    assert "all who may ask" in leavers.labels["former_relevant_21_24"]


def test_few_young_people_are_left_out_of_both_tables(data, monkeypatch):
    told(monkeypatch, data, 19.0, homes=True)
    for result in demand.beyond_18(data):
        shown = publish(result, data, "50")
        assert shown.rows == () and shown.table is None
        assert "too few" in shown.sentences[0][0].text


def test_places_from_eighteen_are_not_told_without_a_list_of_care_leavers(data, monkeypatch):
    told(monkeypatch, data, 100.0, homes=False)
    places = demand.beyond_18(data)[1]
    assert set(places.table["group"]) == {"supported_16"}
    assert any("want of a list" in n for n in places.notes)
