"""Stock and forecast beside cs-demand-model on the same files, in one run.

``NEEDS_PEER_PYTHON=PEER/bin/python pytest --benchmarks tests/benchmarks/test_peer_speed.py``.
Seconds are of processor time, all threads together, so that other work on the machine favours
neither; both within one run, neither with its imports.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from peer_sample import PEER, PEER_STUDY
from peer_tool import STUDY, ask, flat_returns, peer_python

from needs.care.stock import stock_on
from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import History
from needs.inputs.registry import open_data
from needs.synthetic.returns import write_returns
from needs.synthetic.study import Preset, compose
from needs.synthetic.truth import stationary
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.benchmark_suite

MONTHS, DRAWS, LEAST = 60, 2000, 820
ORIGIN = dt.date(2023, 3, 31)
ENDS = [f"{year}-03-31" for year in range(2018, 2023)]


def sample(folder: Path, times: int) -> Path:
    """Write a study of the peer's sample so many times over, each time of other children."""
    if not PEER.is_dir():
        pytest.skip("the peer's sample is not on this machine")
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    (folder / "study.toml").write_text(PEER_STUDY)
    for path in sorted(PEER.glob("*.csv")):
        table = pd.read_csv(path, dtype=str)
        child = table["CHILD"].astype(int)
        whole = pd.concat([table.assign(CHILD=child * times + i) for i in range(times)])
        whole.to_csv(inputs / path.name, index=False)
    return folder


@pytest.mark.parametrize("times", [1, 50])
def test_stock_on_the_same_files(times, tmp_path, claims):
    peer_python()
    folder = sample(tmp_path / "study", times)
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in (folder / "inputs").glob("*.csv"):
        if path.stem.endswith(("-header", "-episodes")):
            shutil.copy(path, flat)
    told = ask([{"do": "stock", "folder": str(flat), "days": ENDS}])
    theirs = told["answers"][0]
    study = load_study(folder)
    begun = time.process_time()
    records = open_data(study).records
    read = time.process_time() - begun
    # They count every day by age and placement; we every month's end, with every column.
    ends = [d.date() for d in pd.date_range("2017-04-30", "2022-03-31", freq="ME")]
    begun = time.process_time()
    stock = stock_on(records, ends, study.authority.scope)
    counted = time.process_time() - begun
    assert stock["date"].nunique() == len(ends)
    n = f"{len(records.children):,} children of its sample"
    claims.stated(
        f"cs-demand-model {told['version']}, {n}: read", f"{theirs['read_seconds']:.2f} s"
    )
    claims.stated(f"cs-demand-model, {n}: stock", f"{theirs['stock_seconds']:.2f} s")
    claims.stated(f"cs-demand-model, {n}: memory", f"{told['peak_mib']:.0f} MiB")
    claims.stated(f"ours, {n}: read every table and check it", f"{read:.2f} s")
    spent = theirs["read_seconds"] + theirs["stock_seconds"]
    assert claims.held(f"ours, {n}: stock", f"{counted:.2f} s", "below theirs", counted < spent)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write ten returns of an authority with some 820 children at the last day."""
    folder = tmp_path_factory.mktemp("authority")
    first, last = ReportingYear(2014), ReportingYear(2023)
    made = compose(Preset("E10000099", stationary(300, 30), {}), first, last, 7)
    years = [first + n for n in range(10)]
    write_returns(made.lives, years, folder / "ssda903", np.random.default_rng(7))
    (folder / "study.toml").write_text(STUDY, "utf-8")
    return folder


def five_years(folder: Path, origin: dt.date) -> dict[str, object]:
    """Return the job of five years of days, step by step as the program itself goes."""
    day = origin.replace(year=origin.year + 5).isoformat()
    job = {"do": "forecast", "folder": str(folder), "origin": origin.isoformat()}
    return {**job, "windows": [12], "days": [day], "daily": True}


def test_five_years_on_the_same_returns(authority, tmp_path, claims):
    peer_python()
    flat = flat_returns(authority / "ssda903", tmp_path / "flat", ORIGIN.year)
    told = ask([five_years(flat, ORIGIN)])
    theirs = told["answers"][0]["windows"]["12"]
    study = load_study(authority)
    records = open_data(study).records
    begun = time.process_time()
    model = fit_flow(History.of(records, study))
    fit = time.process_time() - begun
    days = [month_after(model.origin, m) for m in range(1, MONTHS + 1)]
    begun = time.process_time()
    forecast = model.simulate(days, DRAWS, np.random.default_rng(1))
    simulated = time.process_time() - begun
    here = len(stock_on(records, [ORIGIN], study.authority.scope))
    assert here >= LEAST
    assert forecast.draws.shape[:2] == (DRAWS, MONTHS)
    n = f"{here:,} children"
    spent = theirs["fit_seconds"] + theirs["predict_seconds"]
    claims.stated(f"cs-demand-model, {n}: rates", f"{theirs['fit_seconds']:.1f} s")
    claims.stated(f"cs-demand-model, {n}: five years", f"{theirs['predict_seconds']:.1f} s")
    claims.stated(f"ours, {n}: fit", f"{fit:.1f} s")
    claims.stated(f"ours, {n}: {DRAWS:,} draws of {MONTHS} months", f"{simulated:.1f} s")
    ours = fit + simulated
    what = f"ours, {n}: fit and {DRAWS:,} draws, against one path of theirs"
    assert claims.held(what, f"{ours:.1f} s", f"below {spent:.1f} s", ours < spent)


def test_five_years_on_its_own_sample(tmp_path, claims):
    peer_python()
    folder = sample(tmp_path / "study", 1)
    told = ask([five_years(folder / "inputs", dt.date(2022, 3, 27))])
    theirs = told["answers"][0]["windows"]["12"]
    claims.stated(
        "cs-demand-model, its own sample: five years", f"{theirs['predict_seconds']:.1f} s"
    )
    claims.stated("cs-demand-model, its own sample: memory", f"{told['peak_mib']:.0f} MiB")
    assert theirs["days"][0]
