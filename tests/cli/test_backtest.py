"""The command ``needs backtest``: help, scores, and refusal."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from needs.cli import main

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]


def _maker():
    path = ROOT / "tests" / "forecast" / "conftest.py"
    spec = importlib.util.spec_from_file_location("forecast_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_scores_of_each_method_are_printed_and_written(tmp_path, capsys):
    study = _maker()._write(tmp_path / "s", _maker().march(*range(100, 180, 10), first=2016))
    out = tmp_path / "scores.csv"
    try:
        main(["backtest", str(study), "--out", str(out)])
    except SystemExit as end:
        assert end.code in (0, None)
    scores = pd.read_csv(out)
    assert set(scores["method"]) >= {"last_value", "drift", "combined"}
    assert set(scores["group"]) == {"all"}
    held = scores[(scores["method"] == "last_value") & (scores["horizon"] == 1)]
    assert float(held["mae"].iloc[0]) == pytest.approx(10, abs=3)
    assert "Last value" in capsys.readouterr().out


def test_too_few_years_are_refused(tmp_path):
    study = _maker()._write(tmp_path / "s", _maker().march(100, 110, first=2022))
    with pytest.raises(SystemExit) as end:
        main(["backtest", str(study)])
    assert end.value.code == 19
