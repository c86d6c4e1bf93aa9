"""The scorecard: exact tests of changes, false flags under control, nothing small given away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from claims import Claims
from hypothesis import given
from hypothesis import strategies as st

from needs.assurance.release import release
from needs.care import scorecard_sources
from needs.care.scorecard import Card, Line, scorecard_result
from needs.care.scorecard_noise import FALSE_SHARE, Tally, beyond_noise, chance_of
from needs.vocabulary.records import StudyData, Table

pytestmark = pytest.mark.unit

COLUMNS = "value previous base previous_base target neighbours england".split()


def share(n: int, of: int) -> Tally:
    return Tally(n, of, "share")


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (Tally(10), Tally(0), 2 * 0.5**10),  # all ten of a fair coin, either side
        (Tally(0), Tally(0), 1.0),
        (Tally(20, 200.0, "rate"), Tally(10, 100.0, "rate"), 1.0),  # one rate, two populations
        # Fisher's tea: three of four right, against one of four (Fisher 1935, chapter 2).
        (share(3, 4), share(1, 4), 34 / 70),
        (share(5, 4), share(1, 4), None),  # a part greater than its whole
        (Tally(3), share(1, 4), None),
        (Tally(-1), Tally(3), None),
        (Tally(3, 0.0, "rate"), Tally(3, 10.0, "rate"), None),
    ],
)
def test_chance_is_that_of_the_exact_test(now: Tally, before: Tally, expected: float | None):
    found = chance_of(now, before)
    assert found == (None if expected is None else pytest.approx(expected))


@given(st.integers(0, 300), st.integers(0, 300))
def test_chance_does_not_ask_which_year_came_first(a: int, b: int):
    one, other = chance_of(Tally(a), Tally(b)), chance_of(Tally(b), Tally(a))
    assert one == pytest.approx(other) and 0 < (one or 0) <= 1


def test_flags_are_those_of_the_papers_own_example():
    # Benjamini and Hochberg (1995), section 4.1: fifteen comparisons, the first four rejected.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert beyond_noise(p).tolist() == [True] * 4 + [False] * 11
    assert beyond_noise([None, *p[::-1], None]).tolist() == [False] * 12 + [True] * 4 + [False]
    assert beyond_noise([None]).tolist() == [False] and beyond_noise([]).tolist() == []


KINDS: Sequence[tuple[str, float, int]] = (
    *(("count", mean, 0) for mean in (8, 25, 60, 120, 300, 370, 880)),
    *(("share", p, of) for p in (0.07, 0.13, 0.3, 0.6, 0.9) for of in (60, 300, 880)),
)
"""Twenty-two indicators as large as an authority's: counts, and shares of bases."""


def drawn(rng: np.random.Generator, changed: dict[int, float]) -> list[float]:
    """Return the chances of one scorecard; of ``changed`` the newest year is so much higher."""
    out = []
    for i, (kind, level, of) in enumerate(KINDS):
        now = level * changed.get(i, 1.0)
        if kind == "count":
            tallies = Tally(int(rng.poisson(now))), Tally(int(rng.poisson(level)))
        else:
            tallies = (
                share(int(rng.binomial(of, min(now, 0.99))), of),
                share(int(rng.binomial(of, level)), of),
            )
        chance = chance_of(*tallies)
        assert chance is not None
        out.append(chance)
    return out


def false_and_found(
    chances: list[list[float]], changed: dict[int, float]
) -> tuple[float, float, float, float]:
    """Return false share of flags and share of changes found: of the rule, of testing singly."""
    truly = np.isin(np.arange(len(KINDS)), list(changed))
    rows = []
    for p in chances:
        rule, singly = beyond_noise(p), np.asarray(p) <= FALSE_SHARE
        row = [(flags & ~truly).sum() / max(flags.sum(), 1) for flags in (rule, singly)]
        row += [(flags & truly).sum() / max(truly.sum(), 1) for flags in (rule, singly)]
        rows.append(row)
    means = np.mean(rows, axis=0)
    return float(means[0]), float(means[1]), float(means[2]), float(means[3])


SCENES = {
    "nothing changes": {},
    "three large ones change by a third": dict.fromkeys((5, 12, 15), 4 / 3),
    "eight of all sizes change by a half": dict.fromkeys((1, 3, 5, 6, 9, 12, 15, 16), 1.5),
}
"""What changes, by place among the indicators, and by how much."""


@pytest.mark.parametrize("scene", list(SCENES))
def test_false_flags_stay_below_their_share(scene: str, long_form: bool, claims: Claims):
    times = 600 if long_form else 30
    rng, changed = np.random.default_rng(20230331), SCENES[scene]
    false, singly, found, alone = false_and_found(
        [drawn(rng, changed) for _ in range(times)], changed
    )
    what = f"scorecard: false share of flags, {scene}, {times} times"
    # A share of false flags has a standard error of at most that of a coin of this chance.
    limit = FALSE_SHARE + 3 * np.sqrt(FALSE_SHARE * (1 - FALSE_SHARE) / times)
    assert claims.held(what, f"{false:.3f}", f"at most {limit:.3f}", false <= limit)
    claims.stated(f"{what}: tested singly", f"{singly:.3f}")
    if changed:
        claims.stated(f"{what}: changes found, and singly", f"{found:.3f}, {alone:.3f}")
    if changed:
        assert found > 0.5, "a rule that flags nothing is of no use"
    else:
        assert singly > 4 * FALSE_SHARE, "without the rule most scorecards would raise an alarm"


def line(key: str, **changed: object) -> Line:
    given = {
        "label": key.title(),
        "unit": "percent",
        "good": "lower",
        "period": "2022-23",
        "numbers": {"value": 50.0, "previous": 10.0, "target": 12.0},
        "now": share(100, 200),
        "before": share(20, 200),
    }
    return Line(key=key, **{**given, **changed})


def card(*lines: Line, **changed: object) -> Card:
    return Card("card", "Card", "Anyshire", "a table", lines, **{"threshold": 6, **changed})


def test_a_change_is_said_with_its_way_and_whether_it_is_noise(draw):
    lines = (
        line("worse"),
        line("better", good="higher"),
        line("noise", numbers={"value": 11.0, "previous": 10.0}, now=share(22, 200)),
        line("alone", numbers={"value": 11.0}),
        line("unknown", now=None),
        line("neither", good="neither", numbers={"value": 10.0, "previous": 10.0}),
    )
    made = scorecard_result(card(*lines))
    assert made.row_notes["Change"] == {
        "worse": "Up, worse; beyond noise",
        "better": "Up, better; beyond noise",
        "noise": "Up, worse; within noise",
        "alone": "No figure before it",
        "unknown": "Up, worse; not tested: the counts behind it are not known",
        "neither": "Unchanged; beyond noise",
    }
    shown = release(made, draw.study(), "90")
    assert {r.id: r.value for r in shown.rows}["card.tested_n.all"] == "5"
    row = next(r for r in shown.table.rows if r[0] == "Alone")
    assert row[3:8] == ("11%", "x", "x", "x", "x")


@pytest.mark.parametrize("n", [3, 197])
def test_a_share_is_hidden_with_a_small_count_and_with_a_small_rest(draw, n: int):
    hidden = line("small", numbers={"value": n / 2, "previous": 10.0}, now=share(n, 200))
    shown = release(scorecard_result(card(hidden, line("open"))), draw.study(), "90")
    by_id = {r.id: r for r in shown.rows}
    assert by_id["card.value_percent.small.value.2022-23"].printed == "c"
    assert by_id["card.count_n.small.value.2022-23"].printed == "c"
    assert by_id["card.rest_n.small.value.2022-23"].printed == "c"
    assert by_id["card.value_percent.open.value.2022-23"].printed == "50%"
    notes = dict(zip(shown.table.headers[-2:], shown.table.rows[0][-2:], strict=True))
    assert notes["Change"] == "Not said: a small count"


def test_shares_of_two_bases_are_two_measures():
    made = scorecard_result(card(line("one", base="boys"), line("two", base="girls")))
    assert [m.base for m in made.measures[:2]] == ["boys", "girls"]
    assert set(made.table.loc[made.table["group"] == "two", "measure"]) >= {"value_percent_1"}


def own(rows: list[dict[str, object]], draw) -> StudyData:
    frame = pd.DataFrame(rows, columns=["indicator", "period", *COLUMNS, "unit", "good"])
    study = draw.study(inputs={"scorecard": ["inputs/*.csv"]})
    return StudyData(study, {"scorecard": lambda _: Table(frame, pd.DataFrame())})


def test_own_table_shows_the_newest_period_and_tests_what_has_a_base(draw):
    base = {"unit": "percent", "good": "lower"}
    data = own(
        [
            {**base, "indicator": "Far", "period": "2021-22", "value": 90, "previous": 80},
            {
                **base,
                "indicator": "Far",
                "period": "2022-23",
                "value": 37,
                "previous": 20,
                "base": 882,
                "previous_base": 855,
            },
            {**base, "indicator": "Near", "period": "2022-23", "value": 37, "previous": 20},
            {**base, "indicator": "Blank", "period": "2022-23"},
            {"indicator": "Left", "period": "2022-23", "value": 90, "previous": 36}
            | {"unit": "children", "good": "higher"},
        ],
        draw,
    )
    made = scorecard_sources.own_table(data)
    words = {made.labels[k]: v for k, v in made.row_notes["Change"].items()}
    assert words == {
        "Far": "Up, worse; beyond noise",
        "Near": "Up, worse; not tested: the counts behind it are not known",
        "Blank": "No figure before it",
        "Left": "Up, better; beyond noise",
    }
    shown = release(made, data.study, "90")
    assert [r[:5] for r in shown.table.rows if r[0] in {"Far", "Blank"}] == [
        ("Far", "Share (%)", "2022-23", "37%", "20%"),
        ("Blank", "Share (%)", "2022-23", "x", "x"),
    ]


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_table_given_to_the_study_is_not_called_synthetic(draw, synthetic):
    row = {"unit": "percent", "good": "lower", "indicator": "Far", "period": "2022-23", "value": 37}
    data = own([row], draw)
    report = data.study.report.model_copy(update={"synthetic": synthetic})
    study = data.study.model_copy(update={"report": report})
    made = scorecard_sources.own_table(StudyData(study, dict(data.readers)))
    assert not release(made, study, "90").synthetic
    assert any("not counted from its returns" in n for n in made.notes)
