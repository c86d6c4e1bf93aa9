"""Allowances by hand, and ranges of short series that hold as often as they claim."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.drift import Spread, backtest, drift
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
    """Three kinds, each with a drift of its own and noise in common; one is a year shorter."""
    rng = np.random.default_rng(60)
    n = 4000 if long_form else 600
    steps = rng.normal(np.array([0.15, 0.04, -0.08]), 0.1, (n, years + 4, 3))
    held = {80: 0, 95: 0}
    for walks in np.exp(np.cumsum(steps, axis=1)):
        known = [walks[1 : years + 1, 0], *walks[: years + 1, 1:].T]
        made = drift(known[0], 3, Spread.pooled(known)).iloc[-1]
        for level in held:
            held[level] += made[f"lower_{level}"] <= walks[-1, 0] <= made[f"upper_{level}"]
    for level, inside in held.items():
        share = level / 100
        error = (share * (1 - share) / n) ** 0.5
        claims.stated(
            f"{level}% range of {years} years carried on, {n:,} series", f"{inside / n:.1%}"
        )
        assert inside / n == pytest.approx(share, abs=3 * error)


@pytest.mark.unit
def test_a_kind_whose_changes_were_alike_by_luck_takes_the_spread_of_all():
    even, rough = 100 * 1.03 ** np.arange(4), np.array([50.0, 60.0, 54.0, 66.0])
    alone = drift(even, 1, Spread.pooled([even]))
    both = drift(even, 1, Spread.pooled([even, rough]))
    assert both["value"].iloc[0] == pytest.approx(alone["value"].iloc[0])
    changes = np.diff(np.log(rough))
    assert Spread.pooled([even, rough]).s == pytest.approx(changes.std(ddof=1) / 2**0.5)
    assert (both["upper_80"] / both["lower_80"]).iloc[0] > 1.2
    assert (alone["upper_80"] / alone["lower_80"]).iloc[0] == pytest.approx(1)


@pytest.mark.unit
def test_what_few_children_are_paid_does_not_show_in_the_ranges_of_others(draw):
    """Two studies that differ in a withheld kind alone publish the same of the others."""
    head = YEARS.replace("| 4    ", "| 58   ")
    few = "\n2020-21 | cao | {} | 90 | -\n2021-22 | cao | {} | 95 | -\n2022-23 | cao | 4 | 99 | -"
    printed = []
    for start in ((2, 3), (4, 1)):
        data = paid(draw, head.rstrip() + few.format(*start))
        rows = release(chapter60.allowances_ahead(data), data.study, "60").rows
        assert {r.marker for r in rows if r.group == "cao"} == {"c"}
        printed.append([(r.id, r.printed) for r in rows if r.group != "cao"])
    assert printed[0] == printed[1]


@pytest.mark.unit
def test_a_jump_that_no_year_before_foretold_is_counted_as_missed():
    jump = pd.Series([100.0, 104.0, 109.0, 113.0, 400.0], index=range(2019, 2024))
    assert backtest([jump]) == (1, 2)
    steady = pd.Series([50.0, 51.0, 53.0, 54.0], index=range(2020, 2024))
    assert backtest([jump, steady]) == (2, 3)
