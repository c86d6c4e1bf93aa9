"""What is made once of records is that of those records and settings, and goes with them."""

from __future__ import annotations

import gc
from dataclasses import replace

import pandas as pd
import pytest

from needs.care import kept
from needs.vocabulary.records import Records

pytestmark = pytest.mark.unit


def records() -> Records:
    nothing = pd.DataFrame()
    return Records(nothing, nothing, {}, nothing, nothing, nothing, pd.Timestamp(2023, 3, 31))


def test_each_records_and_key_have_their_own():
    one, other = records(), records()
    for number, (who, key) in enumerate([(one, "a"), (one, "b"), (other, "a")]):
        kept.once(who, key, lambda n=number: pd.DataFrame({"n": [n]}))
    said = [kept.once(w, k, pd.DataFrame)["n"].tolist() for w, k in [(one, "b"), (other, "a")]]
    assert said == [[1], [2]]
    changed = replace(one, data_end=pd.Timestamp(2022, 3, 31))
    assert kept.once(changed, "a", lambda: pd.DataFrame({"n": [9]}))["n"].tolist() == [9]


def test_a_column_given_to_one_is_not_given_to_the_next():
    one = records()
    frame = kept.once(one, "a", lambda: pd.DataFrame({"n": [1]}))
    frame["open"] = True
    assert list(kept.once(one, "a", pd.DataFrame)) == ["n"]


def test_nothing_outlives_its_records():
    before = len(kept._KEPT)
    one = records()
    kept.once(one, "a", pd.DataFrame)
    assert len(kept._KEPT) == before + 1
    del one
    gc.collect()
    assert len(kept._KEPT) <= before
