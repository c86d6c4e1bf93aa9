"""The memory that a postcode directory of full size needs.

Target: 2.7 million rows of the ONS Postcode Directory's columns in 600 MiB.
``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_postcodes_speed.py``.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase as letters

import pytest
from claims import Claims

pytestmark = pytest.mark.benchmark_suite

ROWS, MIB = 2_700_000, 600
COLUMNS = 52
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
postcodes = ["postcodes.csv"]
"""
READ = """
import resource, sys, time
from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study
start = time.perf_counter()
rows = len(open_data(load_study(sys.argv[1])).postcodes.frame)
print(rows, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_full_postcode_directory(tmp_path: Path, claims: Claims) -> None:
    (tmp_path / "study.toml").write_text(STUDY)
    rest = [f"x{n}" for n in range(COLUMNS - 5)]
    codes = product(letters, letters, range(1, 10), range(10), letters, letters)
    with (tmp_path / "postcodes.csv").open("w") as f:
        f.write(",".join(["pcds", "oseast1m", "osnrth1m", "oscty", "oslaua", *rest]) + "\n")
        filler = ",".join('"E01028481"' for _ in rest)
        for n, (a, b, c, d, e, g) in enumerate(islice(codes, ROWS)):
            place = f"{n % 700000},{n % 1300000},E100000{n % 30:02},E070{n % 300:05}"
            f.write(f'"{a}{b}{c} {d}{e}{g}",{place},{filler}\n')
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], check=True, capture_output=True, text=True
    )
    rows, seconds, kilobytes = done.stdout.split()
    assert int(rows) == ROWS
    claims.stated("2.7 million postcodes read", f"{float(seconds):.0f} s")
    assert claims.most("2.7 million postcodes, all memory", int(kilobytes) / 1024, MIB, "MiB", 0)
