"""The same records give the same result however they come: CSV, XML, split, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import build
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.inputs.ssda903.reader import read
from needs.vocabulary.records import Records

pytestmark = pytest.mark.unit

YEARS = {"2021-22": 2022, "2022-23": 2023}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def plain(folder: Path) -> Records:
    """The records read from one CSV file a table and return."""
    build.write_csv(folder / "plain", small.RETURNS)
    return read(build.study(folder / "plain"))


def assert_same(one: Records, other: Records) -> None:
    """Assert that two readings agree in everything but the names of files."""
    for name in ("children", "episodes", "findings", "conflicts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    names = ["files", "year_told", "copies", "copies_n"]
    pd.testing.assert_frame_equal(
        one.returns.drop(columns=names), other.returns.drop(columns=names)
    )
    assert set(one.tables) == set(other.tables)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], obj=name)
    assert one.data_end == other.data_end
    assert list(one.ids) == list(other.ids)


def test_xml_gives_the_records_of_its_csv_twins(plain: Records, tmp_path: Path) -> None:
    build.write(tmp_path, {f"{y}.xml": build.as_xml(r) for y, r in small.RETURNS.items()})
    assert_same(plain, read(build.study(tmp_path)))


def test_the_peer_sample_as_xml_gives_the_same_records(
    peer_sample: Path, tmp_path: Path, long_form: bool
) -> None:
    tables = {"previous_permanence": "prev_perm"}
    # Two returns have every table, and children that both tell of.
    years = range(2017 if long_form else 2020, 2022)
    for year in years:
        parts = {
            tables.get(key := path.stem[5:], key): pd.read_csv(path, dtype=str).fillna("")
            for path in peer_sample.glob(f"{year}-*.csv")
        }
        build.write(tmp_path, {f"{year}.xml": build.as_xml(parts)})
    names = tuple(f"{year}-*.csv" for year in years)
    csv = read(build.study(peer_sample, names, year="2021-22"))
    assert_same(csv, read(build.study(tmp_path, year="2021-22")))


def test_one_return_as_xml_and_one_as_csv(plain: Records, tmp_path: Path) -> None:
    build.write(tmp_path, {"first.xml": build.as_xml(small.FIRST)})
    build.write_csv(tmp_path, {"2022-23": small.SECOND})
    assert_same(plain, read(build.study(tmp_path)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_encodings_make_no_difference(plain: Records, tmp_path: Path, encoding: str) -> None:
    build.write_csv(tmp_path, small.RETURNS, encoding)
    assert_same(plain, read(build.study(tmp_path)))


def test_iso_dates_and_lower_case_make_no_difference(plain: Records, tmp_path: Path) -> None:
    pattern = r"(\d\d)/(\d\d)/(\d{4})"
    returns = {
        year: {
            key: frame.replace(pattern, r"\3-\2-\1", regex=True).rename(columns=str.lower)
            for key, frame in parts.items()
        }
        for year, parts in small.RETURNS.items()
    }
    for parts in returns.values():
        parts["episodes"]["place"] = " " + parts["episodes"]["place"].str.lower()
    build.write_csv(tmp_path, returns)
    assert_same(plain, read(build.study(tmp_path)))


def test_names_and_folders_of_files_make_no_difference(plain: Records, tmp_path: Path) -> None:
    for year, parts in small.RETURNS.items():
        for n, key in enumerate(sorted(parts)):
            target = tmp_path / f"sent in {YEARS[year]}" / f"export {n}.txt"
            target.parent.mkdir(exist_ok=True)
            target.write_text(parts[key].to_csv(index=False))
    assert_same(plain, read(build.study(tmp_path)))


@pytest.mark.parametrize("rows", ["blank lines", "rows of commas", "extra column"])
def test_what_a_spreadsheet_adds_makes_no_difference(
    plain: Records, tmp_path: Path, rows: str
) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    path = tmp_path / "2022-23-episodes.csv"
    head, *lines = path.read_text().splitlines()
    if rows == "blank lines":
        lines = ["", *lines, "", ""]
    elif rows == "rows of commas":
        lines = [*lines[:2], "," * head.count(","), *lines[2:]]
    else:
        head, lines = head + ",TEAM", [f"{ln},East" for ln in lines]
    path.write_text("\n".join([head, *lines]) + "\n")
    got = read(build.study(tmp_path))
    assert got.returns["extra_columns_n"].sum() == (rows == "extra column")
    got.returns["extra_columns_n"] = 0
    assert_same(plain, got)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_splitting_and_order_make_no_difference(data: st.DataObject, plain: Records) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1), label="order")
    split = data.draw(st.sampled_from(["header", "episodes", "reviews", "missing"]), label="split")
    pieces = data.draw(st.integers(1, 3), label="pieces")
    order = np.random.default_rng(seed)
    with TemporaryDirectory() as name:
        for year, parts in small.RETURNS.items():
            for key, frame in parts.items():
                mixed = frame.iloc[order.permutation(len(frame))]
                columns = [str(c) for c in order.permutation(frame.columns)]
                count = min(pieces, len(frame)) if key == split else 1
                for n in range(count):
                    # The name's number comes first: files are read in another order.
                    path = Path(name) / f"{order.integers(99)}-{n} {key} {year}.csv"
                    mixed.iloc[n::count][columns].to_csv(path, index=False)
        assert_same(plain, read(build.study(Path(name))))
