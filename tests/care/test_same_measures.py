"""All measures are the same however returns come: split, in any order, a row or a file twice."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from measures import of_returns

from needs.inputs.registry import open_data
from needs.synthetic.returns import write_returns
from needs.synthetic.study import Preset, compose
from needs.synthetic.truth import stationary
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

STUDY = """
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000025"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["inputs/ssda903/**/*.csv"]
"""


def every_table(folder: Path) -> dict[str, pd.DataFrame]:
    (folder / "study.toml").write_text(STUDY)
    data = open_data(load_study(folder))
    return {r.name: r.table for r in of_returns(data)}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    years = [ReportingYear(2022), ReportingYear(2023)]
    preset = Preset("E10000025", stationary(), {})
    made = compose(preset, years[0], years[1], 7, fit=False)
    write_returns(made.lives, years, folder / "inputs" / "ssda903", np.random.default_rng(7))
    return folder, every_table(folder)


@pytest.mark.parametrize("how", ["split", "row twice", "reversed", "file twice"])
def test_how_returns_come_changes_no_measure(written, tmp_path, how):
    folder, expected = written
    shutil.copytree(folder / "inputs", tmp_path / "inputs")
    for path in sorted((tmp_path / "inputs").rglob("*.csv")):
        head, *lines = path.read_text().splitlines()
        parts = {
            "split": [lines[::2], lines[1::2]],
            "row twice": [[*lines, *lines[:1]]],
            "reversed": [lines[::-1]],
            "file twice": [lines, lines],
        }[how]
        path.unlink()
        for n, part in enumerate(p for p in parts if p):
            name = path.with_name(f"{path.stem} {n + 1}.csv")
            name.write_text("\n".join([head, *part]) + "\n")
    got = every_table(tmp_path)
    assert {"cla_restated", "cla_restated_reasons"} <= set(got)
    assert set(got) == set(expected) and dt.date(2023, 3, 31).isoformat() in set(
        got["cla_stock"]["period"]
    )
    for name, table in expected.items():
        pd.testing.assert_frame_equal(got[name], table, obj=name)
