"""The command ``needs backtest``: help, scores, and refusal."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from needs.cli import main
from needs.forecast import backtest_kept
from needs.forecast.backtest import rolling

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]


def _maker():
    path = ROOT / "tests" / "forecast" / "conftest.py"
    spec = importlib.util.spec_from_file_location("forecast_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_scores_of_each_method_are_printed_and_written(tmp_path, capsys, monkeypatch):
    study = _maker()._write(tmp_path / "s", _maker().march(*range(100, 180, 10), first=2016))
    out = tmp_path / "scores.csv"
    monkeypatch.chdir(tmp_path)
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


def test_too_few_years_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = _maker()._write(tmp_path / "s", _maker().march(100, 110, first=2022))
    with pytest.raises(SystemExit) as end:
        main(["backtest", str(study)])
    assert end.value.code == 19


def test_an_unchanged_study_is_not_tested_again_and_a_changed_one_is(tmp_path, monkeypatch):
    study = _maker()._write(tmp_path / "analysis" / "s", _maker().march(*range(30, 55, 5)))
    out = [tmp_path / f"{n}.csv" for n in range(3)]
    made = []

    def counted(*args, **more):
        made.append(1)
        return rolling(*args, **more)

    monkeypatch.setattr(backtest_kept, "rolling", counted)
    for n, path in enumerate(out):
        if n == 2:
            text = (study / "study.toml").read_text("utf-8")
            (study / "study.toml").write_text("seed = 5\n" + text, "utf-8")
        with suppress(SystemExit):
            main(["backtest", str(study), "--out", str(path)])
        assert len(made) == (1 if n < 2 else 2)
    kept = tmp_path / "reports" / ".runs" / "s.backtest.json"
    assert kept.is_file()
    assert out[0].read_bytes() == out[1].read_bytes() != out[2].read_bytes()
    kept.write_text("{", "utf-8")  # half written, or another's: made again
    with suppress(SystemExit):
        main(["backtest", str(study), "--out", str(out[1])])
    assert len(made) == 3 and out[1].read_bytes() == out[2].read_bytes()


def test_printed_totals_alone_are_tested(tmp_path, capsys):
    out = tmp_path / "scores.csv"
    with suppress(SystemExit):
        main(["backtest", str(ROOT / "analysis" / "oxfordshire-published"), "--out", str(out)])
    scores = pd.read_csv(out)
    assert set(scores["method"]) == {"last_value", "drift", "england"}
    told = capsys.readouterr().out
    assert "England" not in told and "authorities" in told and "…" not in told
