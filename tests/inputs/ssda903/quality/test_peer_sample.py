"""The peer's sample through the reader: the faults that its documentation names are counted.

Expected figures: shared/data/README.md ("every open episode carries a REC with no end date
(434 in the first return, 302 of them X1)"); the later returns are counted here from the files.
"""

from __future__ import annotations

import csv
import shutil

import pytest

from needs.inputs.ssda903.reader import read
from needs.vocabulary.records import Records
from needs.vocabulary.study import Inputs

from . import raws

pytestmark = pytest.mark.reference

FOLDER = raws.shared() / "data/peer-samples/cs-demand-model"
NOT_THERE = "the peer's sample is not beside the project"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    if not FOLDER.is_dir():
        pytest.skip(NOT_THERE)
    folder = tmp_path_factory.mktemp("peer")
    for path in FOLDER.glob("*.csv"):
        shutil.copy(path, folder)
    study = raws.STUDY.model_copy(update={"inputs": Inputs(ssda903=("*.csv",))})
    object.__setattr__(study, "_folder", folder)
    return read(study)


def rows(records: Records, rule: str, check: str) -> dict[int, int]:
    f = records.findings
    f = f[(f["rule"] == rule) & (f["check"] == check)]
    return dict(zip(f["return_year"].tolist(), f["rows_n"].tolist(), strict=True))


def counted(reason: str = "") -> dict[int, int]:
    """Count open episodes with an end reason straight from the files, by end year."""
    out = {}
    for path in sorted(FOLDER.glob("*-episodes.csv")):
        with path.open(newline="", encoding="utf-8-sig") as f:
            open_ = [r for r in csv.DictReader(f) if r["REC"] and not r["DEC"]]
        # the sample's files are named by the year in which the return starts
        out[int(path.name[:4]) + 1] = sum(reason in ("", r["REC"]) for r in open_)
    return out


def test_open_episodes_with_an_end_reason_are_counted_by_return(records: Records) -> None:
    all_, continuing = (rows(records, "07", c) for c in ("rec_without_dec", "x1_without_dec"))
    assert (all_[2018], continuing[2018]) == (434, 302)
    assert all_ == counted()
    assert continuing == counted("X1")


def test_they_are_treated_as_open_until_a_later_return_says_otherwise(records: Records) -> None:
    open_ = records.episodes["dec"].isna()
    assert open_.any()
    assert records.episodes.loc[open_, "rec"].isna().all()
    assert (records.episodes.loc[open_, "return_year"] == 2022).all()


def test_every_row_read_is_kept_or_counted_as_left_out(records: Records) -> None:
    read_, left = rows(records, "00", "read"), rows(records, "00", "left_out")
    assert read_ == {2018: 1460, 2019: 974, 2020: 648, 2021: 402, 2022: 253}
    assert sum(left.values()) < 0.001 * sum(read_.values())


def test_every_check_has_a_line_for_every_return(records: Records) -> None:
    f = records.findings
    years = sorted(records.returns["return_year"])
    per_check = f.groupby(["rule", "check"])["return_year"].apply(list)
    assert all(sorted(v) == years for v in per_check)
    assert (f["stock_n"] <= f["children_n"]).all()
