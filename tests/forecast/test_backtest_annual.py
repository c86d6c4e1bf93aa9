"""Annual totals alone: scores by hand, nothing after the origin, and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.forecast import demand
from needs.forecast.backtest_annual import annual_rows, annual_totals_of, panel_rows
from needs.forecast.backtest_scores import summary
from needs.inputs.panel import read_panel
from needs.inputs.registry import open_data
from needs.report.chapter import publish
from needs.vocabulary.errors import InputError, ModelError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]


def series(*values: float, first: int = 2018) -> pd.Series:
    return pd.Series([float(v) for v in values], index=range(first, first + len(values)))


def test_the_last_value_is_scored_from_every_origin_that_knows_three_counts():
    rows = annual_rows(series(700, 720, 710, 730, 750))
    held = rows[rows["method"] == "last_value"]
    assert held[["origin", "horizon"]].to_numpy().tolist() == [[2020, 1], [2020, 2], [2021, 1]]
    np.testing.assert_allclose(held["absolute"], [20, 40, 20], atol=0.5)
    drift = rows[(rows["method"] == "drift") & (rows["origin"] == 2020)]
    np.testing.assert_allclose(drift["forecast"], [715, 720], atol=0.5)
    assert set(rows["method"]) == {"last_value", "drift", "england"}


def test_nothing_after_the_origin_is_looked_at():
    before = annual_rows(series(700, 720, 710, 730, 750, 800))
    after = annual_rows(series(700, 720, 710, 730, 1, 2))
    same = ["method", "origin", "horizon", "forecast"]
    known = before["origin"] <= 2021
    pd.testing.assert_frame_equal(before.loc[known, same], after.loc[known, same])


def test_ranges_cover_where_counts_walk_as_the_prior_says():
    """Eighty walks of five per cent a year, six counts each: eight in ten ranges hold."""
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(80):
        walk = 600 * np.exp(np.cumsum(rng.normal(0, 0.05, 7)))
        rows = annual_rows(series(*walk))
        inside.append(rows.loc[rows["method"] == "last_value", "inside_80"].mean())
    assert 0.72 < np.mean(inside) < 0.88


def test_too_few_totals_are_refused():
    with pytest.raises(ModelError):
        annual_rows(series(700, 710, 720))


def test_the_bundled_documents_give_six_years_and_a_page_of_them():
    data = open_data(load_study(ROOT / "analysis" / "oxfordshire-published"))
    totals = annual_totals_of(data)
    assert totals.to_dict() == {
        2018: 684, 2019: 779, 2020: 767, 2021: 782, 2022: 855, 2023: 881,
    }  # fmt: skip
    shown = publish(demand.annual_totals(data), data, "50")
    rows = {r.id: r for r in shown.rows}
    held = rows["annual_totals.total_n.last_value.2024-03-31"]
    assert held.value == "881"
    low, high = (
        float(rows[f"annual_totals.total_n_{end}_80.england.2028-03-31"].value)
        for end in ("lower", "upper")
    )
    # Of all authorities one in ten fell by more than 11%, one in ten rose by more than 41%.
    assert low == pytest.approx(881 * (1 - 0.111), abs=1)
    assert high == pytest.approx(881 * (1 + 0.410), abs=1)
    assert rows["annual_totals.origins_n.last_value.past"].value == "3"
    words = " ".join(s.text for line in shown.sentences for s in line)
    assert "may be luck" in words


def panel(tmp_path, **change) -> Path:
    rng = np.random.default_rng(3)
    rows = [
        {"old_la_code": f"{c:03d}", "year": y, "measure": "on_31_march", "value": v}
        for c in range(40)
        for y, v in zip(
            range(2010, 2020), 500 * np.exp(np.cumsum(rng.normal(0, 0.06, 10))), strict=True
        )
    ]
    frame = pd.DataFrame(rows).assign(**change)
    path = tmp_path / "panel.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_panel_is_read_and_every_authority_scored(tmp_path):
    totals = read_panel(panel(tmp_path))
    assert totals.shape == (40, 10)
    scores = summary(panel_rows(totals)).set_index(["method", "horizon"])
    assert scores.loc[("england", 1), "origins_n"] == 4
    assert 70 < scores.loc[("england", 1), "cover_80"] < 90


@pytest.mark.parametrize(
    ("change", "column"),
    [({"year": 2011}, "year"), ({"value": "many"}, "value"), ({"measure": "started"}, "year")],
)
def test_a_panel_that_cannot_be_used_is_refused(tmp_path, change, column):
    with pytest.raises(InputError) as refused:
        read_panel(panel(tmp_path, **change))
    assert column in {f.column for f in refused.value.faults}
