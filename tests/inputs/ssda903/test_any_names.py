"""Files are known by what they hold: whatever their names, the same records are read."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import build
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_same_records import assert_same

from needs.inputs.ssda903.reader import read
from needs.vocabulary.errors import InputError
from needs.vocabulary.records import Records

pytestmark = pytest.mark.property

YEAR = "2021-22"


@pytest.fixture(scope="module")
def plain(peer_sample: Path) -> Records:
    return read(build.study(peer_sample, ("*.csv",), year=YEAR))


@pytest.fixture(scope="module")
def texts(peer_sample: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in sorted(peer_sample.glob("*.csv"))}


def pieces(text: str, n: int, *, mixed: bool) -> list[str]:
    """Return a CSV file cut into parts, one after the other or row by row."""
    head, *rows = text.splitlines()
    n = min(n, len(rows))
    if mixed:
        parts = [rows[i::n] for i in range(n)]
    else:
        parts = [rows[len(rows) * i // n : len(rows) * (i + 1) // n] for i in range(n)]
    return ["\n".join([head, *part, ""]) for part in parts]


@pytest.mark.parametrize("parts", [1, 3])
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), mixed=st.booleans())
def test_five_returns_under_random_names_in_one_folder(
    texts: dict[str, str], plain: Records, parts: int, seed: int, mixed: bool
) -> None:
    draw = np.random.default_rng(seed)
    with TemporaryDirectory() as name:
        for text in texts.values():
            for piece in pieces(text, parts, mixed=mixed):
                (Path(name) / f"{draw.bytes(8).hex()}.csv").write_text(piece)
        got = read(build.study(Path(name), ("*.csv",), year=YEAR))
    assert set(got.returns["year_told"]) == {"their dates and what they hold"}
    assert_same(plain, got)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.randoms(use_true_random=False))
def test_names_that_lie_make_no_difference(
    texts: dict[str, str], plain: Records, order: random.Random
) -> None:
    names = list(texts)
    order.shuffle(names)
    with TemporaryDirectory() as folder:
        for name, text in zip(names, texts.values(), strict=True):
            (Path(folder) / name).write_text(text)
        assert_same(plain, read(build.study(Path(folder), ("*.csv",), year=YEAR)))


def test_one_child_in_a_table_of_each_return_is_told_by_the_others(
    texts: dict[str, str], plain: Records, tmp_path: Path
) -> None:
    """Four children of one table, a file each: every return has each of them once."""
    cut = {n: pieces(t, 99 if n == "2021-uasc.csv" else 1, mixed=False) for n, t in texts.items()}
    for n, piece in enumerate(p for parts in cut.values() for p in parts):
        (tmp_path / f"{n * 7919 % 997}.csv").write_text(piece)
    assert_same(plain, read(build.study(tmp_path, ("*.csv",), year=YEAR)))


def test_a_return_without_its_episodes_is_the_one_thing_told(
    texts: dict[str, str], tmp_path: Path
) -> None:
    draw = np.random.default_rng(3)
    for name, text in texts.items():
        if name != "2019-episodes.csv":
            new = "header.csv" if name == "2019-header.csv" else f"{draw.bytes(8).hex()}.csv"
            (tmp_path / new).write_text(text)
    with pytest.raises(InputError) as caught:
        read(build.study(tmp_path, ("*.csv",), year=YEAR))
    (fault,) = caught.value.faults
    assert fault.file == "header.csv" and "no Episodes file" in fault.rule


def test_a_year_stated_wrongly_is_the_one_thing_told(texts: dict[str, str], tmp_path: Path) -> None:
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    said = {"return_years": {"2019-episodes.csv": "2017-18"}}
    with pytest.raises(InputError) as caught:
        read(build.study(tmp_path, ("*.csv",), year=YEAR, inputs=said))
    (fault,) = caught.value.faults
    assert fault.file == "2019-episodes.csv" and fault.rule.startswith("stated as of 2017-18")
