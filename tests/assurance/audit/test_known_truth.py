"""The auditor on figures whose errors are known: how many it finds, and how often it is wrong."""

import numpy as np
import pandas as pd
import printed_truth
import pytest

from needs.assurance.audit.engine import audit

pytestmark = pytest.mark.reference

FLAGGED = ["contradicts", "mislabelled_base", "conflicts"]
SHORT, LONG = 12, 150

LEAST = {
    "swapped_digits": 0.85,
    "other_base": 0.95,
    "total_off_by_one": 0.95,
    "growth_of_another_year": 0.95,
    "copied_wrongly": 0.95,
    "money_off": 0.95,
    "product_off": 0.95,
    "share_slipped": 0.95,
}
"""Share of the planted errors of each kind that the audit has to name."""
LEAST_SHOWN = 0.98
"""Share that is named, or stands in the evidence of a figure that is."""
MOST_FALSE = 0.005
"""False alarms among figures that were left right, at most."""


def trial(seed, kinds=printed_truth.PLANTS):
    rng = np.random.default_rng(seed)
    right = printed_truth.consistent(rng)
    changed, wrong = printed_truth.plant(right, rng, kinds)
    found = audit(printed_truth.published(changed)).set_index("figure")
    return right, wrong, found


def test_figures_that_agree_raise_no_alarm(long_form):
    for seed in range(LONG if long_form else SHORT):
        frame = printed_truth.consistent(np.random.default_rng(seed))
        found = audit(printed_truth.published(frame))
        assert found[found["verdict"].isin(FLAGGED)].empty, seed
        assert (found["checked_by"] == "recomputed").mean() > 0.9


def other_side(found, wrong):
    """Return right figures that conflict with a planted one: either may be the right one."""
    keys = ["area", "period", "measure", "group", "by"]
    named = {tuple(found.loc[f, keys]) for f in wrong.values()}
    same = [tuple(r) in named for r in found[keys].itertuples(index=False)]
    return found.index[pd.Series(same, found.index) & (found["verdict"] == "conflicts")]


def beside_it(found, figure):
    """Whether a figure of the same column is flagged, with this one in its evidence."""
    row = found.loc[figure]
    column = found[
        (found["document"] == row["document"])
        & (found["period"] == row["period"])
        & found["verdict"].isin(FLAGGED)
    ]
    return any(f"{row['printed']} (" in text for text in column["evidence"])


def test_planted_errors_are_found_and_little_else(long_form, claims):
    trials = LONG if long_form else SHORT
    hits, beside = ({kind: 0 for kind in LEAST} for _ in range(2))
    verdicts, false, right_n = [], 0, 0
    for seed in range(trials):
        _, wrong, found = trial(seed)
        flagged = found.index[found["verdict"].isin(FLAGGED)]
        for kind, figure in wrong.items():
            hits[kind] += figure in flagged
            beside[kind] += figure in flagged or beside_it(found, figure)
            verdicts.append({"kind": kind, "verdict": found.loc[figure, "verdict"]})
        excused = set(wrong.values()) | set(other_side(found, wrong))
        false += len(set(flagged) - excused)
        right_n += len(found) - len(wrong)
    table = pd.crosstab(*(pd.DataFrame(verdicts)[k] for k in ("kind", "verdict")))
    claims.told(f"{trials} sets of figures with one error of each kind", table.to_string())
    quiet = claims.held(
        f"audit: false alarms among {right_n:,} right figures",
        f"{false / right_n:.3%}",
        f"at most {MOST_FALSE:.3%}",
        false / right_n <= MOST_FALSE,
    )
    recall = {kind: n / trials for kind, n in hits.items()}
    shown = {kind: n / trials for kind, n in beside.items()}
    named = [
        claims.held(
            f"audit: errors found, {k}", f"{v:.1%}", f"at least {LEAST[k]:.0%}", v >= LEAST[k]
        )
        for k, v in recall.items()
    ]
    low = min(shown.values())
    what, target = (
        "audit: errors named or in the evidence, the least",
        f"at least {LEAST_SHOWN:.0%}",
    )
    assert claims.held(what, f"{low:.1%}", target, low >= LEAST_SHOWN)
    assert all(named)
    assert quiet


def test_a_share_of_another_base_is_called_so(long_form):
    trials = LONG if long_form else SHORT
    said = [
        found.loc[wrong["other_base"], "verdict"]
        for _, wrong, found in (trial(seed, (printed_truth.other_base,)) for seed in range(trials))
    ]
    assert said.count("mislabelled_base") >= 0.95 * trials


def test_the_value_that_would_agree_is_the_one_that_was_there(long_form):
    trials = LONG if long_form else SHORT
    good = 0
    for seed in range(trials):
        right, wrong, found = trial(seed, (printed_truth.total_off_by_one,))
        (figure,) = wrong.values()
        true = right.set_index("figure").loc[figure, "printed"]
        good += found.loc[figure, "would_agree"] == true
    assert good >= 0.9 * trials
