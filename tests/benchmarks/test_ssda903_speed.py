"""How long reading and checking SSDA903 takes, and the memory it needs.

Targets on two cores: 820 children with five returns in 1 s after imports; 41,000 children
(the same sample 50 times, with new identifiers) in 10 s and 1 GiB; no faster than linear
growth. ``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_ssda903_speed.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from claims import Claims

pytestmark = pytest.mark.benchmark_suite

SAMPLE = (
    Path(os.environ.get("NEEDS_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    / "data/peer-samples/cs-demand-model"
)
GIB = 2**30

STUDY = """
schema_version = 1
[authority]
name = "Testshire"
short_name = "Testshire"
dfe_code = "999"
ons_code = "E10000999"
[period]
reporting_year = "2021-22"
as_at = 2022-03-31
[inputs]
ssda903 = ["*.csv"]
"""

# Run alone, so that the peak is the reader's and not the test runner's.
READ = """
import resource, sys, time
from needs.inputs.ssda903.reader import read
from needs.vocabulary.study import load_study
study = load_study(sys.argv[1])
start, used = time.perf_counter(), time.process_time()
children = len(read(study).children)
spent = time.perf_counter() - start, time.process_time() - used
print(children, *spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def copies(folder: Path, n: int) -> Path:
    """Write the sample ``n`` times over, each time with other identifiers."""
    if not SAMPLE.is_dir():
        pytest.skip("the peer's sample files are not beside the project")
    (folder / "study.toml").write_text(STUDY)
    for path in sorted(SAMPLE.glob("*.csv")):
        table = pd.read_csv(path, dtype=str)
        child = table["CHILD"].astype(int)
        whole = pd.concat([table.assign(CHILD=child * n + i) for i in range(n)])
        whole.to_csv(folder / path.name, index=False)
    return folder


def read_alone(folder: Path) -> tuple[int, float, float, int]:
    """Return children, seconds, processor time and peak bytes of a reading by itself."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(folder)], check=True, capture_output=True, text=True
    )
    children, seconds, used, kilobytes = done.stdout.split()
    return int(children), float(seconds), float(used), int(kilobytes) * 1024


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return the folder of the sample so many times over, written once."""
    made: dict[int, Path] = {}

    def folder(n: int) -> Path:
        if n not in made:
            made[n] = copies(tmp_path_factory.mktemp(f"x{n}"), n)
        return made[n]

    return folder


def test_820_children_in_a_second(
    benchmark: object, sample: Callable[[int], Path], claims: Claims
) -> None:
    from needs.inputs.ssda903.reader import read
    from needs.vocabulary.study import load_study

    study = load_study(sample(1))
    read(study)
    start = time.process_time()
    benchmark.pedantic(read, (study,), rounds=5)  # type: ignore[attr-defined]
    used = (time.process_time() - start) / 5
    found = benchmark.stats.stats.min  # type: ignore[attr-defined]
    assert claims.seconds("five returns of 820 children read and checked", found, used, 1, 2)


def test_41_000_children_in_ten_seconds_and_a_gibibyte(
    benchmark: object, sample: Callable[[int], Path], claims: Claims
) -> None:
    folder = sample(50)
    children, seconds, used, peak = benchmark.pedantic(  # type: ignore[attr-defined]
        read_alone, (folder,), rounds=1
    )
    assert children == 41_000
    fast = claims.seconds("five returns of 41,000 children read and checked", seconds, used, 10)
    assert claims.most("the same, all memory", peak / 2**20, 1024, "MiB", 0)
    assert fast


def test_cost_grows_no_faster_than_children(sample: Callable[[int], Path], claims: Claims) -> None:
    """Twice the children take at most twice the time, with a quarter for noise."""
    one, two = read_alone(sample(50)), read_alone(sample(100))
    assert two[0] == 2 * one[0]
    assert claims.most("time of twice as many children read", two[2] / one[2], 2.5, "times", 2)


def test_500_000_children(
    sample: Callable[[int], Path], request: pytest.FixtureRequest, claims: Claims
) -> None:
    """No faster than linear growth from 41,000 to half a million; ``--long`` only."""
    if not request.config.getoption("--long"):
        pytest.skip("takes minutes: give --long")
    one, many = read_alone(sample(50)), read_alone(sample(610))
    assert many[0] == 500_200
    claims.stated("500,200 children read and checked, by the clock", f"{many[1]:.0f} s")
    claims.stated("500,200 children read and checked, all memory", f"{many[3] / GIB:.1f} GiB")
    times = many[2] / many[0] / (one[2] / one[0])
    assert claims.most("time a child of 500,200, against 41,000", times, 1.25, "times", 2)
