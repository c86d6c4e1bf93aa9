"""A long lookup read block by block says what a short one read whole says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs.inputs.tables import lookup
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

STUDY = """
schema_version = 1
[authority]
name = "Testshire"
short_name = "Testshire"
dfe_code = "999"
ons_code = "E10000999"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
postcodes = ["*.csv"]
"""
HEAD = "pcds,extra,oseast1m,osnrth1m,oscty,oslaua"
ROWS = [
    f"ZX{n} {n % 10}AB,x,{400000 + n},{200000 + n},E10000025,E0700018{n % 3}" for n in range(1, 60)
]


def read(folder: Path, rows: list[str]) -> object:
    (folder / "study.toml").write_text(STUDY)
    (folder / "p.csv").write_text("\n".join([HEAD, *rows, ""]))
    return lookup.read(load_study(folder), "postcodes")


@pytest.fixture
def in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "LONG", 0)
    monkeypatch.setattr(lookup, "_BLOCK", 300)
    monkeypatch.setattr(lookup, "_ROWS", 7)


def test_blocks_give_the_rows_and_counts_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*ROWS[::-1], ROWS[3], "ZX99 9ZZ,x,,,,E07000180", ""]
    whole = read(tmp_path, rows)
    for name, value in {"LONG": 0, "_BLOCK": 300, "_ROWS": 7}.items():
        monkeypatch.setattr(lookup, name, value)
    blocks = read(tmp_path, rows)
    pd.testing.assert_frame_equal(whole.frame, blocks.frame)
    pd.testing.assert_frame_equal(whole.facts, blocks.facts)
    counts = blocks.facts.loc[0, ["rows_n", "kept_n", "duplicates_n", "left_out_n"]]
    assert counts.tolist() == [61, 59, 1, 1]


@pytest.mark.usefixtures("in_blocks")
def test_faults_of_all_blocks_are_one_with_the_rows_of_the_file(tmp_path: Path) -> None:
    rows = list(ROWS)
    for n in (2, 50):
        rows[n] = rows[n].replace("ZX", "QQQQ")
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows)
    (fault,) = caught.value.faults
    assert (fault.column, fault.rows, fault.row_count) == ("pcds", (4, 52), 2)


@pytest.mark.usefixtures("in_blocks")
def test_two_blocks_that_differ_about_a_postcode_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, [*ROWS, ROWS[0].replace("E07000181", "E07000199")])
    (fault,) = caught.value.faults
    assert fault.rule == "two rows have the same pcds and differ otherwise"
    assert fault.rows == (61,)


@pytest.mark.usefixtures("in_blocks")
def test_a_file_cut_short_is_named_by_its_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more or fewer cells") as caught:
        read(tmp_path, [*ROWS, "ZX1 1"])
    assert caught.value.faults[0].rows == (61,)
