"""Demand by profile of need adds up to the forecast, and follows who lives where."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from needs.sufficiency import by_need

pytestmark = pytest.mark.unit

TYPES = ("ifa", "external_home", "parents")
PERIODS = ["2024-03-31", "2025-03-31"]


@pytest.fixture
def made(monkeypatch):
    """Return the result for assessed children: profile A lives with carers, B in homes."""
    types = pd.Series(["ifa"] * 60 + ["external_home"] * 40)
    member = np.zeros((100, 2))
    member[:60, 0] = member[60:, 1] = 1.0
    model = SimpleNamespace(predict_proba=lambda _: member)
    study = SimpleNamespace(authority=SimpleNamespace(name="Anyshire"))
    needs = SimpleNamespace(
        care=SimpleNamespace(study=study), period="2023-03-31", source="s", settings={},
        levels=pd.DataFrame({"d": np.zeros(100)}), tool=SimpleNamespace(labels={"d": "D"}),
        of_assessed=lambda _: types,
    )  # fmt: skip
    # In every draw as many in homes as with carers now, and twice as many a year later.
    draws = np.tile(np.array([[[90, 30, 10], [90, 60, 10]]], dtype=np.float32), (200, 1, 1))
    outlook = SimpleNamespace(ahead=PERIODS, labels={p: p for p in PERIODS})
    ahead = SimpleNamespace(forecast=SimpleNamespace(groups=TYPES, draws=draws), outlook=outlook)
    for name, value in (("Needs", needs), ("Ahead", ahead)):
        monkeypatch.setattr(by_need, name, SimpleNamespace(of=lambda _, v=value: v))
    monkeypatch.setattr(by_need, "groups_of", lambda _: SimpleNamespace(estimator=model))
    monkeypatch.setattr(by_need, "described", lambda *_: ["Few needs.", "Many needs."])
    data = SimpleNamespace(study=SimpleNamespace(seed=1))
    return by_need.demand_by_need.__wrapped__(data)


def values(made, measure):
    t = made.table[made.table["measure"] == measure]
    return {(g, p): v for g, p, v in t[["group", "period", "value"]].itertuples(index=False)}


def test_profiles_add_up_to_the_forecast(made):
    n = values(made, "projected_n")
    for period, total in zip(PERIODS, (130, 160), strict=True):
        assert n["profile_a", period] + n["profile_b", period] == pytest.approx(total, abs=0.01)
    share = values(made, "share_pct")
    assert sum(v for (_, p), v in share.items() if p == PERIODS[0]) == pytest.approx(100)


def test_each_type_is_parted_as_those_who_live_in_it(made):
    n = values(made, "projected_n")
    # Nobody with parents was assessed: they are parted as all are, six to four.
    assert n["profile_b", PERIODS[0]] == pytest.approx(30 + 10 * 0.4, abs=2)
    assert n["profile_b", PERIODS[1]] - n["profile_b", PERIODS[0]] == pytest.approx(30, abs=1.5)
    t = made.table[made.table["measure"] == "projected_n"]
    assert (t["lower_80"] < t["value"]).all() and (t["value"] < t["upper_80"]).all()


def test_every_number_follows_how_many_are_assessed(made):
    assert made.leans_on
    assert {i for on in made.leans_on.values() for i in on} == {
        "needs_coverage.assessed_n.all.2023-03-31"
    }
