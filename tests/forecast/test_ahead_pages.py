"""Chapter 50 from records: what the pages say equals what was forecast, and adds up."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.assurance.release import release
from needs.care.chapter20 import placement_mix
from needs.forecast import demand
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_held import narrow_said
from needs.forecast.ahead_levers import lever_of
from needs.forecast.ahead_scenarios import add_up, shares_of
from needs.forecast.levers import Entries, Exits, Opening, Share, StepDown, UascThreshold
from needs.forecast.method_words import METHOD_WORDS
from needs.forecast.mix import allocate
from needs.report.chapter import publish
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.scenarios import LeverSettings
from needs.vocabulary.study_sections import default_categories

pytestmark = pytest.mark.unit

AHEAD = [f"{y}-03-31" for y in range(2024, 2029)]
ENDS = ["lower_80", "upper_80"]
FEW = {"draws": 100, "tested_draws": 50, "scenario_draws": 20}
SCENARIOS = [
    {"key": "fewer", "label": "Fewer come", "levers": [{"lever": "entries", "change_pct": -5}]},
    {
        "key": "plan",
        "label": "Homes to foster care, and sooner home",
        "levers": [
            {
                "lever": "step_down",
                "a_year": 8,
                "from_types": ["external_home"],
                "to_type": "in_house_foster",
            },
            {"lever": "exits", "factor": 1.2},
        ],
    },
]


def grown(made, **more):
    """Seven years of a mixed authority that grows unevenly; in-house homes always two."""
    kinds = {made.foster: 150, made.ifa: 200, made.kin: 100, made.home: 90, made.own_home: 2}
    rest = {made.school: 3, made.supported: 40, made.parents: 60, made.adoption: 12}
    counts = {
        f"{2014 + i}-03-31": {
            k: n if n < 30 else round(n * (1 + 0.05 * i + 0.04 * (-1) ** i))
            for k, n in {**kinds, **rest}.items()
        }
        for i in range(3, 10)
    }
    return made.data(counts, forecast=FEW, **more)


@pytest.fixture(scope="module")
def mixed(made):
    return grown(made, scenarios=SCENARIOS)


def table(result, measure, **equal):
    rows = result.table[result.table["measure"] == measure]
    for name, key in equal.items():
        rows = rows[rows[name] == key]
    return rows


def said(result) -> str:
    return " ".join(
        s.template.format_map({**dict.fromkeys(s.refs, "#"), **s.words}) for s in result.text
    )


def test_past_years_hold_the_count_of_the_day_forecast_from(mixed):
    counted = Ahead.of(mixed).outlook.counted
    rows = table(demand.past_years(mixed), "total_n")
    held = rows[rows["group"] == "last_value"]
    assert len(held) > 5
    for row in held.itertuples():
        made = f"{int(row.period[:4]) - int(row.by[1:])}-03-31"
        assert row.value == counted[made]
    seen = rows[rows["group"] == "counted"].set_index("period")["value"]
    assert seen.to_dict() == counted[seen.index].to_dict()


def test_the_total_s_range_is_that_of_the_draws(mixed):
    rows = table(demand.total_ahead(mixed), "projected_n")
    draws = Ahead.of(mixed).forecast.total()
    low, high = np.percentile(draws, [10, 90], axis=0)
    np.testing.assert_allclose(rows["lower_80"], low)
    np.testing.assert_allclose(rows["upper_80"], high)
    np.testing.assert_allclose(rows["value"], draws.mean(axis=0), atol=0.51)
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    np.testing.assert_allclose(rows["lower_95"], low)
    np.testing.assert_allclose(rows["upper_95"], high)


def test_a_type_s_range_holds_the_quantiles_of_its_draws_and_is_not_five_wider(mixed):
    ahead = Ahead.of(mixed)
    result = demand.demand_ahead(mixed)
    for group in set(table(result, "projected_n")["group"]) - {"all"}:
        rows = table(result, "projected_n", group=group)
        draws = ahead.forecast.of(ahead.members(group))
        low, high = np.percentile(draws, [10, 90], axis=0)
        assert (rows["lower_80"] <= low + 1e-6).all() and (rows["lower_80"] > low - 5).all()
        assert (rows["upper_80"] >= high - 1e-6).all() and (rows["upper_80"] < high + 5).all()
        assert (rows[ENDS] % 5 == 0).all().all()


def test_low_middle_and_high_stand_in_order_on_every_page(mixed):
    pages = [demand.total_ahead, demand.each_ahead, demand.demand_ahead]
    several = [demand.ages_ahead, demand.flows_ahead, demand.scenarios]
    results = [p(mixed) for p in pages] + [r for p in several for r in p(mixed)]
    seen = 0
    for result in results:
        rows = result.table
        if "lower_80" not in rows:
            continue
        rows = rows.dropna(subset=ENDS)
        seen += len(rows)
        assert (rows["lower_80"] <= rows["value"] + 0.5).all(), result.name
        assert (rows["value"] <= rows["upper_80"] + 0.5).all(), result.name
    assert seen > 100


def test_whole_children_by_type_and_by_age_add_up_to_the_printed_total(mixed):
    total = table(demand.total_ahead(mixed), "projected_n").set_index("period")["value"]
    ahead = Ahead.of(mixed)
    by_type = table(demand.demand_ahead(mixed), "projected_n")
    top = by_type[by_type["group"].isin(ahead.mix.top)].groupby("period")["value"].sum()
    pd.testing.assert_series_equal(top, total, check_names=False)
    ages = table(demand.ages_ahead(mixed)[0], "projected_n").groupby("period")["value"].sum()
    pd.testing.assert_series_equal(ages, total, check_names=False)
    assert (by_type["value"] % 1 == 0).all()


def test_the_rows_are_those_of_the_printed_table(made):
    """Total; homes, external; 16+ accommodation, external; fostering, agencies (2020-2025)."""
    standard = default_categories().model_dump(mode="json")
    supported = next(t for t in standard["types"] if t["group"] == "supported")
    bought = {**supported, "key": "supported_bought", "label": "Bought", "sector": "external"}
    rule = next(r for r in standard["rules"] if r["type"] == supported["key"])
    parted = {
        "types": [*standard["types"], bought],
        "rules": [
            {**rule, "type": "supported_bought", "provider": ["PR4"]},
            *standard["rules"],
        ],
    }
    own = ("H5", "PR1")
    counts = {
        f"{2019 + i}-03-31": {
            made.foster: 100, made.ifa: 90, made.home: 60 + i, made.own_home: 20,
            made.school: 10, made.supported: 40, own: 25,
        }
        for i in range(5)
    }  # fmt: skip
    result = demand.demand_ahead(made.data(counts, forecast=FEW, categories=parted))
    shown = table(result, "projected_n")["group"].unique().tolist()
    words = [result.labels[g] for g in shown]
    assert shown[0] == "all"
    for group in (
        "all_homes",
        "external_home",
        "all_supported",
        "supported_bought",
        "all_fostering",
        "ifa",
    ):
        assert group in shown, (group, words)
    assert not {"in_house_home", "in_house_foster"} & set(shown)
    assert not any("external part has no row" in n for n in result.notes)


def test_a_map_that_does_not_part_supported_accommodation_is_said(mixed):
    assert any("external part has no row" in n for n in demand.demand_ahead(mixed).notes)


def test_the_last_value_is_today_s_count_on_every_day(mixed):
    rows = table(demand.each_ahead(mixed), "total_n", group="last_value")
    now = Ahead.of(mixed).outlook.counted.iloc[-1]
    assert rows["value"].tolist() == [now] * 5
    assert (rows["lower_80"] < now).all() and (rows["upper_80"] > now).all()
    bare = table(demand.each_ahead(mixed), "total_n", group="share_method")
    assert bare["lower_80"].isna().all(), "a method that states no range has none"
    weights = table(demand.each_ahead(mixed), "weight_pct")["value"]
    assert weights.sum() == pytest.approx(100)


def test_every_method_stands_there_and_what_takes_no_part_is_said(mixed):
    result = demand.each_ahead(mixed)
    # Its children all come on one day of a year: there is no series of months.
    able = {"flow", "last_value", "drift", "share_method"}
    assert set(table(result, "total_n")["group"]) == {"combined", *able}
    rows = table(demand.methods_tested(mixed), "crps_n", by="every")
    assert set(rows["group"]) == {"combined", *able}
    notes = demand.total_ahead(mixed).notes
    for method in ("count_regression", "ets", "arima"):
        said_of = [n for n in notes if METHOD_WORDS[method] in n]
        assert any("takes no part" in n for n in said_of)
        assert any("is not tested from the March of" in n for n in said_of)
    assert any("single year of age" in n for n in result.notes)


def test_the_least_and_the_most_that_methods_say_are_named(mixed):
    result = demand.each_ahead(mixed)
    last = table(result, "total_n", period=AHEAD[-1]).set_index("group")["value"]
    (span,) = [s for s in result.text if "most" in s.words]
    alone = last.drop("combined")
    assert span.words["least"] in {result.labels[m] for m in alone.index[alone == alone.min()]}
    assert span.words["most"] in {result.labels[m] for m in alone.index[alone == alone.max()]}


def test_words_give_the_share_that_was_held_and_from_how_many_days(mixed):
    result = demand.total_ahead(mixed)
    rows = Ahead.of(mixed).rows()
    ours = rows[rows["method"] == "combined"]
    held = table(result, "held_pct", period="past")["value"].iloc[0]
    assert held == pytest.approx(100 * ours["inside_80"].mean())
    days = table(result, "origins_n", period="past")["value"].iloc[0]
    assert days == ours["origin"].nunique() == 4
    assert "cannot show what share they will hold" in said(result)
    for page in (demand.total_ahead, demand.demand_ahead, demand.methods_tested):
        assert "four times in five" not in said(page(mixed))
        assert "four outcomes in five" not in said(page(mixed))


def test_a_method_without_a_range_has_no_coverage(mixed):
    rows = table(demand.methods_tested(mixed), "cover_80_pct", group="share_method")
    assert rows["value"].isna().all() and set(rows["marker"]) == {"z"}


def test_where_years_are_too_few_the_page_says_that_nothing_was_tested(made):
    data = made.data(made.march(100, 110, first=2022), forecast=FEW)
    assert "cannot be told" in said(demand.total_ahead(data))
    assert said(demand.methods_tested(data)).startswith("Nothing is shown")
    assert publish(demand.total_ahead(data), data, "50").table is not None
    assert "weights and ranges rest on" in said(demand.total_ahead(data))


def test_types_tell_the_least_and_the_most_that_was_held(mixed):
    result = demand.types_tested(mixed)
    shares = table(result, "cover_80_pct", by="combined").set_index("group")["value"]
    (span,) = [s for s in result.text if "low" in s.refs]
    low, high = (i.split(".")[2] for i in (span.refs["low"], span.refs["high"]))
    assert shares[low] == shares.min() and shares[high] == shares.max()


def test_types_whose_ranges_were_too_narrow_are_named_with_what_was_held():
    ours = pd.DataFrame({"group": ["a", "b", "c"], "cover_80_pct": [40.0, 80.0, 64.0]})
    (told,) = narrow_said(ours, {"a": "Alone", "b": "Both", "c": "Care"})
    filled = told.template.format_map({**dict.fromkeys(told.refs, "#"), **told.words})
    assert "too narrow for “Alone” (# held) and “Care” (# held)." in filled
    assert {i.split(".")[2] for i in told.refs.values()} == {"a", "c"}
    assert narrow_said(ours[1:2], {"b": "Both"}) == ()


def test_each_scenario_s_parts_add_up_to_what_all_change_together(mixed):
    result = demand.scenarios(mixed)[0]
    parts = table(result, "part_n").groupby("by")["value"].sum()
    whole = table(result, "change_n", group="together").set_index("by")["value"]
    assert len(parts) > 3
    pd.testing.assert_series_equal(parts, whole, check_names=False, check_like=True)


def test_the_levers_of_a_scenario_add_up_to_its_change_and_the_plan_is_seen(mixed):
    first, levers = demand.scenarios(mixed)
    rows = table(levers, "change_n", by="plan").set_index("group")["value"]
    alone = table(first, "change_n", group="plan", by="all")["value"].iloc[0]
    assert rows.drop("all").sum() == rows["all"] == alone
    assert len(rows) == 3
    moved = table(first, "change_n", group="plan").set_index("by")["value"]
    assert moved["external_home"] < -10
    assert table(first, "change_n", group="fewer", by="all")["value"].iloc[0] < 0
    error = table(first, "error_n", group="fewer")["value"].iloc[0]
    spread = table(first, "change_n", group="fewer", by="all").iloc[0]
    assert 0 < error < (spread["upper_80"] - spread["lower_80"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-200, 200), min_size=1, max_size=8))
def test_parts_of_either_sign_are_rounded_so_that_they_add_up(parts):
    given_out = add_up(parts, sum(parts))
    assert abs(sum(given_out) - sum(parts)) <= 0.5 + 1e-6
    assert all(abs(a - b) < 1 + 1e-6 for a, b in zip(given_out, parts, strict=True))


def test_shapley_parts_by_hand():
    """Two that do 10 and 20 alone and 24 together: 10 and 4, or 20 and 4 of the other order."""
    futures = {(): [0.0], ("a",): [10.0], ("b",): [20.0], ("a", "b"): [24.0]}
    found = shares_of({k: np.array(v) for k, v in futures.items()}, ["a", "b"])
    assert [float(p[0]) for p in found] == [(10 + 4) / 2, (20 + 14) / 2]


LEVERS = [
    ({"lever": "entries", "change_pct": -5.0, "end": "2028-03-31"},
     Entries(-5.0, "all", True, end=dt.date(2028, 3, 31))),
    ({"lever": "entries", "change_pct": 10.0, "each_year": False, "who": "uasc"},
     Entries(10.0, "uasc", False)),
    ({"lever": "exits", "level_of": 2016}, Exits(None, 2016)),
    ({"lever": "step_down", "a_year": 8, "from_types": ["external_home"],
      "to_type": "in_house_foster"}, StepDown(8, ("external_home",), "in_house_foster")),
    ({"lever": "share", "to_type": "ifa", "share_pct": 33.0, "end": "2025-03-31"},
     Share("ifa", 33.0, end=dt.date(2025, 3, 31))),
    ({"lever": "opening", "to_type": "in_house_home", "places_n": 4, "start": "2024-09-01",
      "from_types": ["external_home"]},
     Opening("in_house_home", 4, ("external_home",), dt.date(2024, 9, 1))),
    ({"lever": "uasc_threshold", "under_18_n": 148000, "threshold_pct": 0.07},
     UascThreshold(148000, 0.07)),
]  # fmt: skip


@pytest.mark.parametrize(("written", "lever"), LEVERS)
def test_every_what_if_can_be_written_in_the_study_file(written, lever):
    assert lever_of(LeverSettings.model_validate(written)) == lever


@pytest.mark.parametrize(
    "written",
    [
        {"lever": "entries"},
        {"lever": "exits"},
        {"lever": "exits", "factor": 1.1, "level_of": 2016},
        {"lever": "step_down", "a_year": 8},
        {"lever": "entries", "change_pct": -5, "start": "2025-01-01", "end": "2024-01-01"},
        {"lever": "magic"},
    ],
)
def test_what_no_lever_can_do_is_refused_when_the_study_is_read(written):
    with pytest.raises(ValueError, match=r"lever|entries"):
        LeverSettings.model_validate(written)


def test_an_in_year_extract_has_its_five_march_days_and_says_what_takes_no_part(made):
    counts = made.march(*range(100, 140, 10), first=2020) | {"2023-09-15": {made.ifa: 220}}
    data = made.data(counts, forecast=FEW)
    result = demand.total_ahead(data)
    assert table(result, "projected_n")["period"].tolist() == AHEAD
    assert any("takes no part" in n for n in result.notes)
    assert demand.flows_ahead(data) == () and demand.sensitivity(data) == ()


def test_one_child_is_neither_shown_nor_forecast(made):
    data = made.data(made.march(1, first=2023), forecast=FEW)
    for page in (demand.total_ahead, demand.demand_ahead, demand.each_ahead):
        shown = publish(page(data), data, "50")
        counted = [r for r in shown.rows if r.unit in {"children", "children_forecast"}]
        assert {r.value for r in counted} <= {""}


KINDS = ("foster", "ifa", "kin", "home", "own_home", "school", "supported", "parents")


@settings(deadline=None, max_examples=2)
@given(st.lists(st.lists(st.integers(0, 12), min_size=8, max_size=8), min_size=2, max_size=2))
def test_chapters_hide_the_same_cells_and_nothing_hidden_is_forecast_openly(made, drawn):
    days = ("2022-03-31", "2023-03-31")
    counts = {
        d: {getattr(made, k): n for k, n in zip(KINDS, row, strict=True)} | {made.adoption: 30}
        for d, row in zip(days, drawn, strict=True)
    }
    data = made.data(counts, forecast=FEW)
    mix = release(placement_mix(data), data.study, "20")
    ours = release(demand.demand_ahead(data), data.study, "50")

    def hidden(block, measure: str) -> set[tuple[str, str]]:
        rows = [r for r in block.rows if r.measure == measure and r.marker == "c"]
        return {(r.group, r.period) for r in rows}

    assert hidden(ours, "children_n") == hidden(mix, "children_n")
    now = {g for g, d in hidden(mix, "children_n") if d == days[-1]}
    rows = {r.group for r in ours.rows if r.measure == "projected_n"}
    for day in AHEAD:
        assert {g for g, d in hidden(ours, "projected_n") if d == day} == now & rows


def test_without_records_the_input_is_missing(made):
    study = made.data(made.march(30)).study
    data = StudyData(study.model_copy(update={"inputs": type(study.inputs)()}), {})
    for name in set(demand.__all__) - {"annual_totals", "assumptions", "assumptions_annex"}:
        with pytest.raises(InputMissing):
            getattr(demand, name)(data)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2000), st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_children_shared_out_add_up_and_none_is_a_child_away_from_its_share(total, held):
    present = pd.Series(held, dtype=float)
    given_out = allocate(total, present)
    if present.sum() == 0:
        assert not given_out.any()
        return
    assert given_out.sum() == total
    exact = total * present / present.sum()
    assert (abs(given_out - exact) < 1 + 1e-9).all()


def test_what_rounding_leaves_goes_to_the_largest_remainders():
    """Of 10 by 5:3:1 the shares are 5.56, 3.33 and 1.11: the first takes what is left."""
    assert allocate(10, pd.Series({"a": 5.0, "b": 3.0, "c": 1.0})).tolist() == [6, 3, 1]


class Store(SimpleNamespace):
    text = None
    saved = 0

    def load(self):
        return self.text

    def save(self, text):
        self.text, self.saved = text, self.saved + 1


def test_a_backtest_that_was_kept_is_not_made_again_and_is_the_same(made, monkeypatch):
    counts = made.march(*range(100, 160, 10), first=2018)
    first, store = made.data(counts, forecast=FEW), Store()
    first.once("backtest kept", lambda: store)
    tested = Ahead.of(first).tested
    assert store.saved == 1

    def never(*_, **__):
        raise AssertionError("it was made again")

    monkeypatch.setattr("needs.forecast.backtest_kept.rolling", never)
    again = made.data(counts, forecast=FEW)
    again.once("backtest kept", lambda: store)
    kept = Ahead.of(again).tested
    pd.testing.assert_frame_equal(kept.rows, tested.rows, check_dtype=False)
    assert kept.weights == tested.weights and kept.widths == tested.widths
    for a, b in zip((first, again), (again, first), strict=True):
        assert (Ahead.of(a).forecast.draws == Ahead.of(b).forecast.draws).all()


def test_nothing_that_is_kept_counts_a_few_children(made):
    counts = {
        f"{2018 + i}-03-31": {made.ifa: 100 + i, made.parents: 5, made.school: 19} for i in range(6)
    }
    data, store = made.data(counts, forecast=FEW), Store()
    data.once("backtest kept", lambda: store)
    rows = Ahead.of(data).tested.rows
    assert set(rows["group"]) >= {"all", "ifa"}
    assert rows[["base", "outcome"]].min().min() >= 20
    assert "parents" not in store.text and "residential_school" not in store.text
