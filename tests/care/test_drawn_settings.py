"""Each setting of ``[counting]`` on the twenty-two children of ``test_drawn_example.py``.

Both numbers of each test are worked out by hand from the table there: what the default gives,
which is the DfE's rule, and what the setting makes of it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from needs.care import chapter20
from needs.care.results_stay import MEAN_OF

pytestmark = pytest.mark.unit

_spec = importlib.util.spec_from_file_location(
    "drawn_example", Path(__file__).with_name("test_drawn_example.py")
)
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)


def studied(draw, episodes=drawn.EPISODES, **counting):
    records = draw.records(draw.table(drawn.CHILDREN), draw.table(episodes), [2022, 2023])
    return draw.data(records, draw.study(counting=counting))


def value(result, measure, period, group="all"):
    t = result.table
    t = t[(t["measure"] == measure) & (t["period"] == period) & (t["group"] == group)]
    return round(float(t["value"].item()), 1)


# While A is with an agency's carers, an episode in a home of the authority begins and stays open.
TWICE = drawn.EPISODES + "A | 2023-03-01 | - | P | C2 | N1 | K2 | PR1 | -\n"


@pytest.mark.parametrize(
    ("which", "home", "agency", "home_days"),
    [
        # Homes of the authority: K; A too where the last start counts, 31 nights of March.
        # With agency carers: Q; A too where the first start counts. H's carers are another
        # authority's, R has left the agency's, M and T are eighteen.
        ("last_started", 2, 1, 365 + 31),
        ("first_started", 1, 2, 365),
    ],
)
def test_which_of_two_episodes_on_a_day_counts(draw, which, home, agency, home_days):
    data = studied(draw, TWICE, overlapping_episodes=which)
    mix = chapter20.placement_mix(data)
    assert value(mix, "children_n", "2023-03-31", "in_house_home") == home
    ifa = mix.table[(mix.table["group"] == "ifa") & (mix.table["measure"] == "children_n")]
    assert ifa.set_index("period")["value"]["2023-03-31"] == agency
    days = chapter20.full_time_equivalents(data)
    assert value(days, "days_n", "2022-23", "in_house_home") == home_days
    assert value(days, "days_n", "2022-23") == 5230, "nobody's day is counted twice"


def test_reasons_that_are_not_ceasing(draw):
    # D's first period ends because another authority takes over.
    moved = drawn.EPISODES.replace(
        "2021-06-15 | S   | V2 | N5  | U6    | PR4      | E4A",
        "2021-06-15 | S   | V2 | N5  | U6    | PR4      | E3",
    )
    assert moved != drawn.EPISODES
    usual, without = studied(draw, moved), studied(draw, moved, not_ceasing=["E3"])
    assert value(chapter20.flows(usual), "ceased_n", "2021-22") == 4  # B D I Q
    assert value(chapter20.flows(without), "ceased_n", "2021-22") == 3  # B I Q
    assert value(chapter20.leavers(without), "came_and_left_n", "2021-22") == 1  # Q
    # The stock is not touched, so the balancing row takes it up: 13 - 9 - 7 + 3.
    assert value(chapter20.flows(without), "residual_n", "2021-22") == 0
    assert any("E3" in n for n in chapter20.flows(without).notes)
    assert not any("E3" in n for n in chapter20.flows(usual).notes)


def test_the_end_of_a_short_break_series(draw):
    usual, counted = studied(draw), studied(draw, short_breaks_cease=True)
    assert value(chapter20.flows(usual), "ceased_n", "2021-22") == 4  # B D I Q
    assert value(chapter20.flows(counted), "ceased_n", "2021-22") == 5  # and E; F's is open
    assert value(chapter20.flows(usual), "ceased_n", "2022-23") == 4  # C O R T
    assert value(chapter20.flows(counted), "ceased_n", "2022-23") == 5  # and S, in June
    assert value(chapter20.stock(counted), "children_n", "2022-03-31") == 13, "never in the stock"


@pytest.mark.parametrize(
    ("days", "early", "late"),
    [
        (365, 1, 0),  # Q was out for 335 days, R for 114
        (336, 1, 0),
        (335, 0, 1),
        (115, 0, 1),
    ],
)
def test_how_early_a_return_is_an_early_one(draw, days, early, late):
    result = chapter20.re_entries(studied(draw, back_within_days=days))
    assert value(result, "children_n", "2021-22", "within_a_year") == early
    assert value(result, "children_n", "2021-22", "later") == late
    # The year after: R, and Q who was out for 387 days.
    assert value(result, "children_n", "2022-23", "within_a_year") == 1
    assert value(result, "children_n", "2022-23", "later") == 1


@pytest.mark.parametrize(
    ("what", "days"),
    [
        ("closed_in_year", 391.0),  # B 781, D 45, I 668, Q 70: 1564 over four
        ("open_at_end", 467.8),  # 6082 over thirteen
        ("both", 449.8),  # 7646 over seventeen
    ],
)
def test_what_a_published_mean_stay_is_taken_to_be(draw, what, days):
    result = chapter20.stay_means(studied(draw, published_mean_stay=what))
    assert value(result, "published_mean_days", "2021-22") == days
    # No row is printed twice under two names, whichever reading is taken.
    shown = result.table[result.table["measure"].isin(result.layout.measures)]
    rows = {m: tuple(t["value"].round(3)) for m, t in shown.groupby("measure")}
    days_of = [m for m in rows if m.endswith("_mean_days")]
    same = {"closed_in_year": "closed_mean_days", "open_at_end": "so_far_mean_days"}.get(what)
    assert "published_mean_days" in days_of and same not in days_of
    assert len({rows[m] for m in days_of}) == len(days_of) == 3
    assert MEAN_OF[what] in result.measure("published_mean_days").label
    assert value(result, "closed_mean_days", "2021-22") == 391.0


def test_temporary_moves_as_recorded_are_placements_and_moves(draw):
    usual, recorded = studied(draw), studied(draw, temporary_moves="as_recorded")
    year, day = "2021-22", "2022-03-31"
    assert value(chapter20.move_rates(usual), "moves_n", year) == 0
    assert value(chapter20.move_rates(recorded), "moves_n", year) == 1  # K, to hospital
    assert value(chapter20.move_rates(recorded), "moves_n", "2022-23") == 3  # K back, C and V
    assert value(chapter20.placements_a_year(usual), "children_n", day, "two") == 1  # D
    assert value(chapter20.placements_a_year(recorded), "children_n", day, "two") == 2  # and K
    # K was in hospital on 1 April 2022, and in the home from the day after.
    last = "2023-03-31"
    assert value(chapter20.placements_a_year(recorded), "children_n", last, "two") == 3  # K R V
    assert value(chapter20.placements_a_year(usual), "children_n", last, "two") == 2  # R V
