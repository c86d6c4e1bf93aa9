"""Allowances by hand, and ranges of short series that hold as often as they claim."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.drift import backtest, drift
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Table


def paid(draw, text, **sections):
    frame = draw.table(text)
    for name in ("children", "weekly_gbp"):
        frame[name] = frame[name].astype(float)
    if "basis" not in frame:
        frame["basis"] = None
    data = study_of(draw, lines(), **sections)
    inputs = data.study.inputs.model_copy(update={"allowances": ("a.csv",)})
    study = data.study.model_copy(update={"inputs": inputs})
    read = {**data.readers, "allowances": lambda _: Table(frame, pd.DataFrame())}
    return replace(data, study=study, readers=read)


YEARS = """
period  | type     | children | weekly_gbp | basis
2020-21 | sgo      | 300      | 160        | -
2021-22 | sgo      | 310      | 164        | -
2022-23 | sgo      | 330      | 170        | actual
2023-24 | sgo      | 400      | 180        | budget
2020-21 | adoption | 50       | 120        | -
2021-22 | adoption | 55       | 121        | -
2022-23 | adoption | 4        | 123        | -
"""


@pytest.mark.unit
def test_a_year_of_allowances_is_children_times_price_times_weeks(draw):
    made = chapter60.allowances(paid(draw, YEARS))
    assert value(made, "gbp", "sgo") == pytest.approx(330 * 170 * 365 / 7)
    assert value(made, "gbp") == pytest.approx((330 * 170 + 4 * 123) * 365 / 7)
    assert "2023-24" not in set(made.table["period"])  # a budget is not what was paid
    made = chapter60.allowances(paid(draw, YEARS, costs={"weeks_of_year": "52"}))
    assert value(made, "gbp", "sgo") == pytest.approx(330 * 170 * 52)


@pytest.mark.unit
def test_twelve_months_make_a_year_and_eleven_none(draw):
    months = [f"{2022 if m > 3 else 2023}-{m:02d}" for m in (*range(4, 13), 1, 2, 3)]
    head = "period | type | children | weekly_gbp\n"
    rows = [f"{m} | sgo | {100 + i} | {150 + i}" for i, m in enumerate(months)]
    made = chapter60.allowances(paid(draw, head + "\n".join([*rows, "2021-22 | sgo | 90 | 140"])))
    mean = np.mean([(100 + i) * (150 + i) for i in range(12)])
    assert value(made, "children_n", "sgo") == pytest.approx(105.5)
    assert value(made, "gbp", "sgo") == pytest.approx(mean * 365 / 7)
    made = chapter60.allowances(paid(draw, head + "\n".join([*rows[1:], "2021-22 | sgo | 9 | 1"])))
    assert set(made.table["period"]) == {"2021-22"}


@pytest.mark.unit
def test_allowances_of_few_children_are_hidden_and_not_the_rest_of_all(draw):
    data = paid(draw, YEARS)
    rows = release(chapter60.allowances(data), data.study, "60").rows
    now = {r.group: r.marker for r in rows if r.measure == "gbp" and r.period == "2022-23"}
    assert now["adoption"] == "c" and "c" in {now["all"], now["sgo"]}
    ahead = release(chapter60.allowances_ahead(data), data.study, "60").rows
    assert {r.marker for r in ahead if r.group == "adoption"} == {"c"}


@pytest.mark.unit
def test_a_study_without_allowances_says_which_input_is_missing(draw):
    with pytest.raises(InputMissing, match="allowances"):
        chapter60.allowances(study_of(draw, lines()))


@pytest.mark.unit
def test_two_years_tell_nothing_of_a_range(draw):
    two = "\n".join(YEARS.strip().splitlines()[:3])
    made = chapter60.allowances_ahead(paid(draw, two))
    assert list(made.table["marker"]) == ["x"] and "years on end" in made.notes[0]


@pytest.mark.property
@pytest.mark.parametrize("years", [3, 6])
def test_ranges_of_random_walks_with_drift_hold_as_often_as_they_say(years, long_form, claims):
    """Series of known drift and noise, the shortest that a range is given for among them."""
    rng = np.random.default_rng(60)
    n = 4000 if long_form else 600
    logs = np.cumsum(rng.normal(0.04, 0.1, (n, years + 3)), axis=1)
    held = {80: 0, 95: 0}
    for row in np.exp(logs):
        made = drift(row[:years], 3).iloc[-1]
        for level in held:
            held[level] += made[f"lower_{level}"] <= row[-1] <= made[f"upper_{level}"]
    for level, inside in held.items():
        share = level / 100
        error = (share * (1 - share) / n) ** 0.5
        claims.stated(
            f"{level}% range of {years} years carried on, {n:,} series", f"{inside / n:.1%}"
        )
        assert inside / n == pytest.approx(share, abs=3 * error)


@pytest.mark.unit
def test_a_jump_that_no_year_before_foretold_is_counted_as_missed():
    assert backtest(np.array([100.0, 104.0, 109.0, 113.0, 400.0])) == (1, 2)
