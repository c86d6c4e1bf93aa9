"""The printed saving of new homes: recomputed by hand, and every reading counted."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.assurance.release import release
from needs.inputs.registry import open_data
from needs.sufficiency import chapter70
from needs.sufficiency.published_homes import Printed, parted, tenths
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"


@pytest.fixture(scope="module", params=["oxfordshire-published", "oxfordshire-2022-23"])
def data(request):
    """Both studies have typed what the document prints."""
    return open_data(load_study(ANALYSIS / request.param))


def rows(result):
    keys = ["measure", "group", "by"]
    return result.table.set_index(keys)["value"].to_dict()


def test_ways_to_part_children_are_all_there_and_each_once():
    """Against every ordered choice, those alike counted once."""
    ordered = {tuple(c.count(k) for k in range(4)) for c in product(range(4), repeat=5)}
    found = [tuple(w) for w in parted(4, 5).tolist()]
    assert set(found) == ordered and len(found) == len(ordered) == 56


def test_halves_round_up_as_the_document_prints():
    assert tenths(np.array([0.45, 0.44, 5.55, 5.65])).tolist() == [0.5, 0.4, 5.6, 5.7]


def test_the_plainest_readings_add_up_to_the_ends(data):
    """Each child counted once, at what the document prints."""
    table = chapter70.homes_ends(data).table
    printed = Printed.of(data)
    for group, mine in table.groupby("group"):
        n = mine.set_index("measure")["value"]
        total = 0.0
        for kind, beds in (("solo", 3), ("specialist", 6)):
            saved = {f"{kind}_{k}_n": v for k, v in printed.saved[kind].items()}
            there = n[n.index.isin(list(saved))]
            assert there.sum() == beds
            total += sum(saved[k] * v for k, v in there.items())
        assert n["saving_gbp_m"] == pytest.approx(52 * total / 1e6)
        assert f"{n['saving_gbp_m']:.1f}" == {"low": "0.5", "high": "5.6"}[group.split("_")[0]]


def test_the_range_by_hand(data):
    """Four solo and eight other beds, three quarters taken, a year of 52 weeks."""
    found = rows(chapter70.homes_range(data))
    saving = "saving_gbp_m_year"
    assert found[saving, "external_said", "external_said"] == pytest.approx(
        52 * (3 * 5_700 + 6 * 1_500) / 1e6
    )
    assert found[saving, "not_counted", "external_said"] == pytest.approx(52 * 6 * 1_500 / 1e6)
    assert found[saving, "unregistered_high", "unregistered_costs"] == pytest.approx(
        52 * (3 * 20_000 + 6 * 20_800) / 1e6
    )
    assert found["implied_gbp_week", "all", ""] == 15_000


def test_one_reading_of_each_end_is_among_those_counted(data):
    """
    The higher: three in solo homes and two of the six others leave unregistered arrangements, four
    save 1,500. The lower: the autism and behaviour homes alone, all six saving 1,500.
    """
    weeks = 52 / 1e6
    assert round(weeks * (3 * 20_000 + 2 * 20_800 + 4 * 1_500), 1) == 5.6
    assert round(weeks * 6 * 1_500, 1) == 0.5
    found = rows(chapter70.homes_ways(data))
    assert found["high_ways_n", "both", "taken_75"] > 0
    assert found["high_bare_n", "both", "taken_75"] <= 5
    assert found["low_ways_n", "specialist", "taken_75"] > 0
    # Two kinds of year; three and six children among six and four alternatives.
    assert found["ways_n", "both", "taken_75"] == 2 * 56 * 84
    assert found["high_ways_n", "solo", "taken_75"] == 0


def test_no_fewer_than_five_leave_unregistered_arrangements_at_the_higher_end(data):
    """With four, the most is three at 20,000, one at 20,800 and five at the dearest external."""
    printed = Printed.of(data)
    most = 52.143 * (3 * 20_000 + 20_800 + 5 * 1_800) / 1e6
    assert most < printed.high - 0.05
    assert rows(chapter70.homes_ways(data))["high_bare_n", "both", "taken_75"] == 5


def test_both_are_released_whole_and_refer_to_what_is_there(data):
    for analysis in (chapter70.homes_range, chapter70.homes_ends, chapter70.homes_ways):
        result = analysis(data)
        told = release(result, data.study, "70")
        assert all(r.marker != "c" for r in told.rows)
        assert result.published and not told.synthetic


def test_a_study_that_typed_none_of_it_says_what_is_missing(data):
    figures = data.published.figures
    few = figures[figures["measure"] != "beds_each_n"]
    bare = open_data(data.study)
    bare._read["published"] = type(data.published)(
        few, data.published.documents, data.published.relations
    )
    with pytest.raises(InputMissing):
        chapter70.homes_ways(bare)


def test_the_default_study_holds_the_figures_of_the_other():
    one, other = (
        open_data(load_study(ANALYSIS / name)).published.figures.set_index("figure")
        for name in ("oxfordshire-2022-23", "oxfordshire-published")
    )
    copied = pd.read_csv(ANALYSIS / "oxfordshire-2022-23" / "published" / "homes.csv")["figure"]
    pd.testing.assert_frame_equal(one.loc[copied], other.loc[copied])
