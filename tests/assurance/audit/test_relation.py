"""One relation: numbers that were rounded from the truth never break it, and wrong ones do."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.assurance.audit.blame import localise
from needs.assurance.audit.printed import figures_of
from needs.assurance.audit.relation import Relation, implied, judge

pytestmark = pytest.mark.property


def rounded(value, decimals):
    return math.floor(value * 10**decimals + 0.5) / 10**decimals


def made(**numbers):
    """Return figures by id: name -> (value, unit) or (value, unit, decimals, note)."""
    rows = []
    for name, (value, unit, *more) in numbers.items():
        decimals, note = (*more, *(0, "")[len(more) :])
        rows.append(
            {
                "figure": name, "document": "a", "place": "p", "table": "", "area": "x",
                "period": "2023", "measure": "m", "group": name, "by": "", "value": value,
                "printed": f"{value:,.{decimals}f}", "unit": unit, "note": note,
            }
        )  # fmt: skip
    return {f.id: f for f in figures_of(pd.DataFrame(rows))}


SHARE = Relation("share", "share", ("part", "whole"), (1.0, -1.0), "product", 100.0)
GROWTH = Relation("growth", "pct", ("after", "before"), (1.0, -1.0), "product", 1.0, "growth")

counts = st.integers(1, 5000)


@settings(deadline=None)
@given(counts, counts, st.sampled_from([0, 1]))
def test_a_share_rounded_from_its_counts_agrees_to_the_digit(a, b, decimals):
    part, whole = sorted((a, b))
    share = rounded(100 * part / whole, decimals)
    unit = "percent1" if decimals else "percent"
    figures = made(
        part=(part, "children"), whole=(whole, "children"), share=(share, unit, decimals)
    )
    assert judge(SHARE, figures) == "agrees"


@settings(deadline=None)
@given(counts, counts, st.integers(1, 40))
def test_a_share_off_by_more_than_its_last_digit_is_broken(a, b, off):
    part, whole = sorted((a, b))
    share = rounded(100 * part / whole, 0) + 1 + off
    figures = made(part=(part, "children"), whole=(whole, "children"), share=(share, "percent"))
    assert judge(SHARE, figures) == "broken"


@settings(deadline=None)
@given(st.lists(st.floats(0, 500), min_size=2, max_size=8), st.integers(1, 2))
def test_money_rounded_after_it_was_added_does_not_break_its_sum(parts, decimals):
    numbers = {f"p{i}": (rounded(p, decimals), "gbp_m", decimals) for i, p in enumerate(parts)}
    figures = made(total=(rounded(math.fsum(parts), decimals), "gbp_m", decimals), **numbers)
    r = Relation("sum", "total", tuple(numbers), (1.0,) * len(parts))
    assert judge(r, figures) in {"agrees", "rounding"}


@settings(deadline=None)
@given(st.floats(20, 90), st.floats(20, 90))
def test_growth_between_rounded_levels_holds_and_leaves_room_for_the_truth(before, after):
    pct = rounded(100 * (after / before - 1), 0)
    figures = made(
        before=(rounded(before, 0), "gbp_k"), after=(rounded(after, 0), "gbp_k"),
        pct=(pct, "percent"),
    )  # fmt: skip
    assert judge(GROWTH, figures) in {"agrees", "rounding"}
    for member, true in (("before", before * 1e3), ("after", after * 1e3)):
        low, high = implied(GROWTH, member, figures, wide=False)
        assert low - 1e-6 * true <= true <= high + 1e-6 * true


@pytest.mark.parametrize(
    ("printed", "note", "status"),
    [
        (400, "just over", "rounding"),
        (400, "", "broken"),
        (450, "up to", "rounding"),
        (500, "over", "broken"),
        (420, "about", "rounding"),
        (300, "about", "broken"),
    ],
)
def test_words_about_a_number_widen_it(printed, note, status):
    figures = made(
        a=(300, "people"), b=(123, "people"), total=(printed, "people", 0, note)
    )  # fmt: skip
    r = Relation("sum", "total", ("a", "b"), (1.0, 1.0))
    assert judge(r, figures) == status


def test_a_division_by_nought_says_nothing():
    figures = made(part=(3, "children"), whole=(0, "children"), share=(10, "percent"))
    assert judge(SHARE, figures) is None


def test_the_one_figure_that_explains_two_failures_is_named():
    """A count of 124 breaks its sum and its share: 142 mends both, as 534 is 142 + 392."""
    figures = made(
        kin=(124, "children"), rest=(392, "children"), whole=(534, "children"),
        share=(27, "percent"), other=(73, "percent"),
    )  # fmt: skip
    total = Relation("sum", "whole", ("kin", "rest"), (1.0, 1.0))
    share = Relation("share", "share", ("kin", "whole"), (1.0, -1.0), "product", 100.0)
    other = Relation("share", "other", ("rest", "whole"), (1.0, -1.0), "product", 100.0)
    assert [judge(r, figures) for r in (total, share, other)] == ["broken", "broken", "agrees"]
    fault = localise([total, share], [other], figures, {})
    assert set(fault) == {"kin"}
    assert fault["kin"][0] == (142, 142)
