"""Labels of two years, and groups in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from needs.profiles.latent_class import OrdinalLatentClass
from needs.profiles.matching import distances, match_profiles
from needs.profiles.words import described
from needs.synthetic.needs import DOMAINS, NeedsTruth, scores

pytestmark = pytest.mark.unit

SHARE = (0.2, 0.55, 0.25)


def year(seed: int, children: int, truth: NeedsTruth | None = None):
    rng = np.random.default_rng(seed)
    profile = rng.choice(3, children, p=SHARE)
    x = scores(truth or NeedsTruth(), profile, rng).astype(float)
    x[rng.random(x.shape) < 0.02] = np.nan
    return x


def model(x, classes=3):
    return OrdinalLatentClass(classes, emission="ordinal", n_levels=5, n_init=6).fit(x)


@pytest.fixture(scope="module")
def two_years():
    return model(year(1, 640)), model(year(2, 640))


def test_two_years_agree_on_the_children_of_the_second(two_years):
    before, now = two_years
    match = match_profiles(now, before, ("fewer", "some", "many"))
    assert match.continued == 3
    x = year(2, 640)
    last = np.array(["fewer", "some", "many"])[before.predict(x)]
    this = np.array(match.names)[now.predict(x)]
    assert (last == this).mean() >= 0.95


def test_a_group_that_is_not_there_is_new_and_the_other_gone(two_years):
    before, _ = two_years
    x = year(2, 640)
    x[:, :6] = 4 - x[:, :6]  # half of the domains turned over: nothing of last year remains
    match = match_profiles(model(x), before, ("fewer", "some", "many"))
    assert "new_a" in match.names
    gone = match.table[match.table["now"] < 0]
    assert len(gone) == 3 - match.continued > 0
    assert gone["share_now"].isna().all()


def test_drift_names_the_domain_that_moved(two_years):
    before, _ = two_years
    moved = OrdinalLatentClass(3, emission="ordinal", n_levels=5, n_init=6).fit(year(1, 640))
    moved.level_prob_ = before.level_prob_.copy()
    moved.level_prob_[1, 7] = [0, 0, 0, 0, 1]
    match = match_profiles(moved, before, ("fewer", "some", "many"))
    row = match.table.set_index("name").loc["some"]
    mean = before.level_prob_[1, 7] @ np.arange(5)
    assert row["domain"] == 7
    assert row["moved"] == pytest.approx(4 - mean)
    assert row["distance"] == pytest.approx((4 - mean) / 13)


def test_distance_counts_levels():
    here = np.eye(5)[[0]][None]
    there = np.eye(5)[[3]][None]
    assert distances(here, there) == pytest.approx(3)


def test_years_of_different_tools_are_not_matched(two_years):
    before, _ = two_years
    other = OrdinalLatentClass(2, n_levels=5).fit(year(1, 60)[:, :5])
    with pytest.raises(ValueError, match="different domains"):
        match_profiles(other, before, ("fewer", "some", "many"))
    with pytest.raises(ValueError, match="one name each"):
        match_profiles(before, before, ("fewer", "fewer", "many"))


def test_groups_are_described_without_digits(two_years):
    before, _ = two_years
    words = described(before, DOMAINS, {d: d.replace("_", " ") for d in DOMAINS})
    assert len(words) == 3
    assert words[0].startswith("Less need")
    assert words[2].startswith("More need")
    assert not re.search(r"\d", " ".join(words))


def test_a_description_names_what_sets_a_group_apart():
    level = np.full((2, 4, 3), 1 / 3)
    level[0, 2], level[1, 2] = [0.9, 0.1, 0], [0, 0.1, 0.9]
    m = OrdinalLatentClass(2, n_levels=3).fit(np.array([[0, 1, 2, 0], [1, 1, 0, 2]] * 4, float))
    m.level_prob_, m.weights_ = level, np.array([0.5, 0.5])
    names = {d: d for d in "abcd"}
    assert described(m, "abcd", names) == (
        "Less need than others in c.",
        "More need than others in c.",
    )
