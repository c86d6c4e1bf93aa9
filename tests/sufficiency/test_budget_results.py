"""Chapter 70 on a small synthetic authority: it holds together, and hides what it must."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from whole_report import sparse_study

from needs.assurance import disclosure
from needs.inputs.registry import open_data
from needs.sufficiency import budget, budget_past, chapter70
from needs.sufficiency.budget import Outturns
from needs.vocabulary.errors import StudyError
from needs.vocabulary.study import Budget, Study, load_study

pytestmark = pytest.mark.unit

QUICK = "[forecast]\ndraws = 100\ntested_draws = 50\nscenario_draws = 20\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = sparse_study(tmp_path_factory.mktemp("budget") / "small", entries=30, first="2018-19")
    made.write_text(made.read_text("utf-8") + QUICK, "utf-8")
    return made


@pytest.fixture(scope="module")
def data(path):
    return open_data(load_study(path))


SAME = ("backtest", "flow model", "forecast ahead", "forecasts of each method")
"""Work that no setting of money or of scenarios touches."""


def again(data, **changes):
    """Return the same inputs, read already, with other settings."""
    study = data.study.model_copy(update=changes)
    object.__setattr__(study, "_folder", data.study.folder)
    other = replace(data, study=study)
    if "period" not in changes:
        Outturns.of(data)
        other._made.update({k: data._made[k] for k in SAME})
    return other


def column(result, measure, group="all", by=""):
    t = result.table
    return t[(t["measure"] == measure) & (t["group"] == group) & (t["by"] == by)].set_index(
        "period"
    )


def test_types_add_up_and_ranges_nest(data):
    result = chapter70.budget_ahead(data)
    out = Outturns.of(data)
    leaves = [n.key for n in out.nodes if len(n.types) == 1]
    whole = column(result, "outturn_gbp")
    parts = sum(column(result, "outturn_gbp", k)["value"] for k in dict.fromkeys(leaves))
    assert parts.to_numpy() == pytest.approx(whole["value"].to_numpy())
    order = ["lower_95", "lower_80", "upper_80", "upper_95"]
    assert (np.diff(whole[order].to_numpy(), axis=1) >= 0).all()
    # What is unsure of children and of prices alone is less than of both together.
    apart = [column(result, "apart_gbp", by=by) for by in ("if_children", "if_prices")]
    both = whole["upper_95"] - whole["lower_95"]
    assert all(((a["upper_95"] - a["lower_95"]) < both * 1.05).all() for a in apart)
    spent = column(result, "level_gbp")["value"]
    known = out.spending.of_node(out.spending.by_type("gross"), None) / 1e6
    assert spent.iloc[: len(known)].to_numpy() == pytest.approx(known)


def test_what_is_spoken_for_and_what_is_new_make_the_outturn(data):
    (result,) = chapter70.budget_committed(data)
    ahead = chapter70.budget_ahead(data)
    for group in ("all", "all_fostering"):
        committed, new = (column(result, m, group)["value"] for m in ("committed_gbp", "new_gbp"))
        whole = column(ahead, "outturn_gbp", group)["value"]
        assert (committed + new).to_numpy() == pytest.approx(whole[new.index].to_numpy())
        assert (new >= -1e-9).all()
        assert committed.is_monotonic_decreasing


def test_a_budget_that_holds_in_eight_of_ten_is_overspent_in_two(data):
    first = Outturns.of(data).year_keys[0]
    none = chapter70.budget_risk(data)
    holds = column(none, "holds_gbp")["value"][first]
    assert "no budget is given" in none.text[0].template
    given = again(data, budget=Budget(gbp={first: holds * 1e6}))
    found = chapter70.budget_risk(given)
    assert column(found, "over_pct")["value"][first] == pytest.approx(20, abs=1)
    assert column(found, "beyond_gbp")["value"][first] > 0
    assert column(found, "budget_gbp")["value"][first] == pytest.approx(holds)


def test_without_a_budget_it_says_what_became_of_the_last_one(data):
    found = chapter70.budget_risk(data)
    year = Outturns.of(data).spending.basis.shown.windows[-1]
    planned, spent = (column(found, m)["value"] for m in ("planned_gbp", "spent_gbp"))
    budget = data.placement_budget.frame
    mine = budget[budget["period"].astype(str) == str(year.year)]
    assert len(mine) and mine["budget_gbp"].isna().any()
    pounds = (mine["fte"] * mine["weekly_cost_gbp"] * 365 / 7).where(
        mine["budget_gbp"].isna(), mine["budget_gbp"]
    )
    assert planned[year.key] == pytest.approx(pounds.sum() / 1e6)
    level = column(chapter70.budget_ahead(data), "level_gbp")["value"]
    assert spent[year.key] == pytest.approx(level[year.key])
    assert {i for s in found.text for i in s.refs.values()} <= set(found.leans_on)
    first = Outturns.of(data).year_keys[0]
    given = chapter70.budget_risk(again(data, budget=Budget(gbp={first: 1e6})))
    assert "planned_gbp" not in set(given.table["measure"])


@pytest.mark.parametrize(
    "count",
    ["cla_placement_mix.children_n.ifa.2023-03-31", "cla_placement_days.in_type_n.ifa.2021-22"],
)
def test_money_is_hidden_with_the_children_it_is_of(data, monkeypatch, count):
    """Today's, or those of any year that was paid for: in every table, with its ranges."""
    monkeypatch.setattr(disclosure, "hidden_figures", lambda *_: frozenset({count}))
    for result in (chapter70.budget_ahead(data), *chapter70.budget_committed(data)):
        shown = disclosure._following(result, data.study.disclosure).table
        of = shown["group"] == "ifa"
        assert of.any() and (shown.loc[of, "marker"] == "c").all()
        numbers = shown.loc[of].filter(regex="value|lower|upper")
        assert numbers.isna().all(axis=None)
        assert (shown.loc[~of, "marker"] != "c").all()
    whole = count.replace(".ifa.", ".all.")
    monkeypatch.setattr(disclosure, "hidden_figures", lambda *_: frozenset({whole}))
    for analysis in (chapter70.budget_risk, chapter70.budget_levers, chapter70.budget_past):
        made = analysis(data)
        for result in made if isinstance(made, tuple) else (made,):
            shown = disclosure._following(result, data.study.disclosure).table
            assert (shown["marker"] == "c").all()


def test_fewer_entries_are_worth_more_the_longer_they_last(data):
    (result,) = chapter70.budget_levers(data)
    worth = column(result, "worth_gbp", "fewer_entries")["value"]
    assert worth.iloc[-1] < worth.iloc[0] <= 0
    mean = column(result, "mean_gbp", "fewer_entries")["value"].item()
    assert mean == pytest.approx(worth.mean())


def test_levers_of_a_scenario_add_up_to_it_and_one_without_effect_is_worth_nothing(data):
    nothing = {"lever": "entries", "change_pct": 0.0}
    fewer = {"lever": "entries", "change_pct": -10.0}
    both = {"key": "both", "label": "Both", "levers": [nothing, fewer]}
    study = data.study.model_dump() | {"scenarios": [both], "strategies": []}
    other = again(data, scenarios=Study.model_validate(study).scenarios)
    (result,) = chapter70.budget_levers(other)
    parts = [column(result, "worth_gbp", "both", f"lever_{i}_entries")["value"] for i in (1, 2)]
    assert (parts[0] == 0).all()
    whole = column(result, "worth_gbp", "both")["value"]
    assert sum(parts).to_numpy() == pytest.approx(whole.to_numpy())
    assert chapter70.budget_levers(again(data, scenarios=())) == ()


def test_what_would_have_been_said_knows_nothing_of_later_bills(data):
    out = Outturns.of(data)
    days = [w.end for w in out.spending.basis.shown.windows[2:]]
    said = budget_past._said(out.spending, out.ahead, 1, days)
    parts = out.spending.parts.copy()
    parts.loc[parts["window"] > 1, "gross"] *= 3
    assert np.array_equal(
        budget_past._said(replace(out.spending, parts=parts), out.ahead, 1, days), said
    )
    (result,) = chapter70.budget_past(data)
    known = out.spending.of_node(out.spending.by_type("gross"), None) / 1e6
    came = column(result, "came_gbp", out.spending.basis.shown.windows[0].end.isoformat())["value"]
    assert came.to_numpy() == pytest.approx(known[1:])


def test_the_forecast_stands_beside_what_past_years_showed(data, monkeypatch):
    (past,) = chapter70.budget_past(data)
    one = {r.measure: r.value for r in past.table[past.table["period"] == "tested"].itertuples()}
    wide = past.table.pivot_table(index=["group", "period"], columns="measure", values="value")
    assert one["too_low_n"] == (wide["said_gbp"] < wide["came_gbp"]).sum()
    assert one["too_low_n"] + one["too_high_n"] == one["outcomes_n"] > 0
    ahead = chapter70.budget_ahead(data)
    told = ahead.table[ahead.table["period"] == "tested"]
    assert {r.measure: r.value for r in told.itertuples()} == {k: one[k] for k in told["measure"]}
    said = [s for s in ahead.text if "tested" in str(s.refs)]
    assert [set(s.refs) for s in said] == [{"held", "low", "high", "n"}]
    assert all(i in ahead.leans_on for i in said[0].refs.values())
    monkeypatch.setattr(budget_past, "_tested", lambda *_: iter(()))
    bare = chapter70.budget_ahead(again(data))
    assert not any("tested" in str(s.refs) for s in bare.text)


def test_agreed_uplifts_move_the_first_year_as_far_as_they_cover_it(data, monkeypatch):
    out = Outturns.of(data)
    assert out.agreed is not None
    monkeypatch.setattr(budget, "_agreed", lambda *_: None)
    without = Outturns.of(again(data))
    at = int(np.argmax(out.agreed["covered"].to_numpy()))
    assert out.agreed["covered"].iloc[at] > 0.9
    narrow, wide = (np.log(o.weekly[:, 0, at]).std() for o in (out, without))
    assert narrow < wide


def test_the_year_under_way_is_what_was_paid_and_what_is_to_come(data):
    assert chapter70.budget_in_year(data) == ()
    period = data.study.period.model_copy(update={"as_at": dt.date(2022, 12, 31)})
    part = again(data, period=period)
    (result,) = chapter70.budget_in_year(part)
    one = {m: column(result, m)["value"].item() for m in set(result.table["measure"])}
    assert one["so_far_gbp"] + one["rest_gbp"] == pytest.approx(one["outturn_gbp"])
    assert 0 < one["before_gbp"] < one["last_gbp"]
    assert one["alike_gbp"] == pytest.approx(
        one["last_gbp"] * one["so_far_gbp"] / one["before_gbp"]
    )
    whole = chapter70.budget_ahead(data).table
    spent = whole[(whole["measure"] == "level_gbp") & (whole["period"] == "2022-23")]["value"]
    outturn = column(result, "outturn_gbp").iloc[0]
    assert outturn["lower_95"] * 0.97 < spent.item() < outturn["upper_95"] * 1.03
    assert one["so_far_gbp"] == pytest.approx(0.75 * spent.item(), rel=0.1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('gbp = { "2023" = 1.0 }', "consecutive years"),
        ('gbp = { "2023-24" = 0 }', "greater than 0"),
        ("rise = { low = 6.0, central = 5.0, high = 8.0 }", "in that order"),
        ("next_april = { castle = { low = 1, central = 2, high = 3 } }", "castle"),
        ("pounds = 3", "unknown key"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(path, tmp_path, text, rule):
    wrong = tmp_path / "study.toml"
    wrong.write_text(f"{path.read_text('utf-8')}[budget]\n{text}\n", "utf-8")
    with pytest.raises(StudyError) as error:
        load_study(wrong)
    assert any(rule in f"{f.rule} {f.mend}" for f in error.value.faults)
