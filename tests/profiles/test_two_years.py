"""Groups of two years of one authority, each found anew: the same names for the same children.

The short form draws a small authority as the default study's is drawn; the long form takes the
assessments of the default study itself, every year against the one before.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from needs.profiles.choose import choose_classes
from needs.profiles.matching import match_profiles
from needs.profiles.score_table import levels_n, score_table
from needs.profiles.search import Settings
from needs.synthetic.engine import day_of, simulate
from needs.synthetic.episodes import lives
from needs.synthetic.needs import NeedsTruth, assessed, profiles
from needs.synthetic.returns import identifiers
from needs.synthetic.truth import stationary
from needs.vocabulary.study_sections import Assessment

pytestmark = pytest.mark.unit

TOOL = Assessment()
INPUTS = Path(__file__).resolve().parents[2] / "analysis" / "oxfordshire-2022-23" / "inputs"
QUICK = Settings(most=4, starts=4, resamples=2, near=0)


def drawn() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(11)
    made = lives(simulate(stationary(300, 30), 2014, 2023, rng, burn_in=0), day_of(2023, 4, 1), rng)
    ids = identifiers(len(made.children), rng)
    made = replace(made, children=made.children.assign(id=ids))
    kind = profiles(NeedsTruth(), made, rng)
    rows = assessed(NeedsTruth(), made, kind, "2019-04-01", rng)
    child = made.children.set_index("child")["id"].reindex(kind.index)
    return rows, pd.DataFrame({"child_id": child.to_numpy(), "profile": kind.to_numpy()})


@pytest.fixture
def years(long_form):
    """Scores of each year's assessed children, the true profile of each, and the settings."""
    if long_form and not (INPUTS / "assessments.csv").exists():
        pytest.skip("the default study's inputs are not written: needs synthesise")
    rows, truth = drawn()
    if long_form:
        rows = pd.read_csv(INPUTS / "assessments.csv")
        truth = pd.read_csv(INPUTS / "truth" / "profiles.csv")
    number = pd.Series(range(len(truth)), index=truth["child_id"])
    rows = rows.assign(child=rows["child_id"].map(number), date=pd.to_datetime(rows["date"]))
    out = {}
    for year in range(2020 if long_form else 2022, 2024):
        last = pd.Timestamp(year, 3, 31)
        of_year = rows[(rows["date"] > last - pd.DateOffset(years=1)) & (rows["date"] <= last)]
        x = score_table(of_year, TOOL)
        out[year] = x, truth["profile"].to_numpy()[x.index]
    return out, Settings() if long_form else QUICK


def test_children_keep_the_name_of_their_group(years, claims):
    by_year, settings = years
    told = []
    before, names = None, ("first", "second", "third")
    for year, (x, truth) in by_year.items():
        now = choose_classes(x, levels_n(TOOL), settings, np.random.default_rng(year))
        assert now.found
        assert now.estimator.n_components == len(names)
        right = adjusted_rand_score(truth, now.estimator.predict(x.to_numpy()))
        if before is not None:
            match = match_profiles(now.estimator, before, names)
            last = np.array(names)[before.predict(x.to_numpy())]
            this = np.array(match.names)[now.estimator.predict(x.to_numpy())]
            same = (last == this).mean()
            drift = match.table["distance"].max()
            told.append(f"{year}  {len(x):>8}  {same:>10.3f}  {drift:>9.3f}  {right:>9.3f}")
            assert claims.held(
                f"children of {year} who keep the name of their group", f"{same:.3f}",
                "at least 0.95", same >= 0.95,
            )  # fmt: skip
            assert match.continued == len(names)
            assert match.table["moved"].notna().all()
            assert drift < 0.3  # levels a domain: one truth in both years
            names = match.names
        before = now.estimator
    head = "year  children   same name  drift      with truth"
    claims.told("groups of each year under last year's names", "\n".join([head, *told]))


def test_order_names_and_seed_do_not_move_a_child(years):
    by_year, _ = years
    x, _ = by_year[2023]
    rng = np.random.default_rng(3)
    rows, domains = rng.permutation(len(x)), rng.permutation(x.shape[1])
    turned = x.iloc[rows, domains].set_axis([f"domain {d}" for d in "abcdefghijklm"], axis=1)
    quick = replace(QUICK, most=3, resamples=0)
    here = choose_classes(x, levels_n(TOOL), quick, np.random.default_rng(1))
    there = choose_classes(turned, levels_n(TOOL), quick, np.random.default_rng(2))
    labels = here.estimator.predict(x.to_numpy())[rows]
    assert (there.estimator.predict(turned.to_numpy()) == labels).mean() > 0.99
    same = choose_classes(turned, levels_n(TOOL), quick, np.random.default_rng(1))
    assert np.array_equal(same.estimator.predict(turned.to_numpy()), labels)
