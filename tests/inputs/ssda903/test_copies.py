"""A table that comes twice is read once and told of; one that differs is not a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import build
import numpy as np
import pytest
import small
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_same_records import assert_same

from needs.inputs.ssda903.reader import read, read_raw
from needs.vocabulary.errors import InputError
from needs.vocabulary.records import Records

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def plain() -> Iterator[Records]:
    with TemporaryDirectory() as name:
        build.write_csv(Path(name), small.RETURNS)
        yield read(build.study(Path(name)))


def copies_of(records: Records) -> dict[str, str]:
    return dict(zip(records.returns["label"], records.returns["copies"], strict=True))


def test_the_same_bytes_twice_are_read_once_and_told(plain: Records, tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    again = (tmp_path / "2022-23-episodes.csv").read_bytes()
    build.write(tmp_path, {"sent again.csv": again})
    got = read(build.study(tmp_path))
    assert_same(plain, got)
    told = "sent again.csv (Episodes, the same rows as 2022-23-episodes.csv)"
    assert copies_of(got) == {"2021-22": "", "2022-23": told}
    assert list(got.returns["copies_n"]) == [0, 1]


@pytest.mark.parametrize("key", [*small.SECOND])
def test_any_table_of_the_later_return_may_come_twice(
    plain: Records, tmp_path: Path, key: str
) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    turned = small.SECOND[key].iloc[::-1][[*small.SECOND[key].columns[::-1]]]
    build.write(tmp_path, {"a.csv": turned.to_csv(index=False)})
    got = read(build.study(tmp_path))
    assert_same(plain, got)
    assert got.returns["copies_n"].sum() == 1


def test_a_whole_return_as_xml_beside_its_csv_files(plain: Records, tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    build.write(tmp_path, {"second.xml": build.as_xml(small.SECOND)})
    got = read(build.study(tmp_path))
    assert_same(plain, got)
    told = copies_of(got)["2022-23"]
    assert "2022-23-episodes.csv (Episodes, the same rows as second.xml)" in told
    assert "2022-23-header.csv (Header, the same rows as second.xml)" in told


def test_a_whole_study_twice_in_two_folders(plain: Records, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        build.write_csv(tmp_path / folder, small.RETURNS)
    got = read(build.study(tmp_path))
    assert_same(plain, got)
    whole = sum(len(parts) for parts in small.RETURNS.values())
    assert got.returns["copies_n"].sum() == whole


def test_a_copy_whose_year_is_stated_is_read_once(plain: Records, tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    build.write(tmp_path, {"a.csv": (tmp_path / "2022-23-episodes.csv").read_bytes()})
    got = read(build.study(tmp_path, inputs={"return_years": {"a.csv": "2022-23"}}))
    assert_same(plain, got)
    assert "2022-23-episodes.csv" in copies_of(got)["2022-23"].split(" ")[0]


def test_a_table_that_two_returns_share_is_no_copy(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    got = read(build.study(tmp_path))
    assert small.FIRST["uasc"].equals(small.SECOND["uasc"])
    assert list(got.tables["uasc"]["return_year"]) == [2022, 2023]
    assert got.returns["copies_n"].sum() == 0


def test_a_near_copy_is_refused_as_before(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    near = small.SECOND["episodes"].copy()
    near.loc[1, "PLACE"] = "K2"
    build.write(tmp_path, {"near.csv": near.to_csv(index=False)})
    with pytest.raises(InputError, match="two returns for 2022-23 that end on the same day"):
        read_raw(build.study(tmp_path))


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_splits_copies_and_order_make_no_difference(data: st.DataObject, plain: Records) -> None:
    order = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="order"))
    times = data.draw(st.integers(2, 3), label="times each file comes")
    split = data.draw(st.booleans(), label="Episodes in two")
    with TemporaryDirectory() as name:
        for year, parts in small.RETURNS.items():
            for key, frame in parts.items():
                pieces = 2 if split and key == "episodes" else 1
                for n in range(pieces):
                    piece = frame.iloc[n::pieces]
                    for _ in range(times):
                        mixed = piece.iloc[order.permutation(len(piece))]
                        path = Path(name) / f"{order.integers(1e9)} {key} {year}.csv"
                        mixed.to_csv(path, index=False)
        assert_same(plain, read(build.study(Path(name))))
