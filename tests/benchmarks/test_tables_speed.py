"""How long reading the authority's own tables takes, and the memory it needs.

Target on two cores: a million cost lines in 5 s of processor time and 1.5 GiB.
``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_tables_speed.py``.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from claims import Claims

from needs.inputs.tables.reader import read
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.benchmark_suite

LINES = 1_000_000
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
costs = ["costs.csv"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    first = pd.Timestamp(2015, 4, 1) + pd.to_timedelta(rng.integers(0, 2800, LINES), "D")
    last = first + pd.to_timedelta(rng.integers(0, 60, LINES), "D")
    frame = pd.DataFrame(
        {
            "line_id": np.char.add("L", np.arange(LINES).astype(str)),
            "child_id": rng.integers(100_000, 110_000, LINES),
            "placement_ref": rng.integers(0, 40_000, LINES),
            "provider": np.char.add("Provider ", rng.integers(0, 200, LINES).astype(str)),
            "weekly_cost_gbp": rng.gamma(4, 800, LINES).round(2),
            "from": first.strftime("%Y-%m-%d"),
            "to": last.strftime("%Y-%m-%d"),
            "route": rng.choice(["in_house", "block", "spot"], LINES),
            "contribution_health_gbp": 0,
            "invoice_date": first.strftime("%d/%m/%Y"),
        }
    )
    made = tmp_path_factory.mktemp("costs")
    frame.to_csv(made / "costs.csv", index=False)
    (made / "study.toml").write_text(STUDY)
    return made


def test_a_million_cost_lines(folder: Path, claims: Claims):
    study = load_study(folder)
    start = time.process_time()
    table = read(study, "costs")
    used = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gib = peak / 2 ** (30 if sys.platform == "darwin" else 20)
    assert len(table.frame) == LINES
    fast = claims.most("a million cost lines read, processor time", used, 5, "s")
    assert claims.most("a million cost lines, all memory", gib, 1.5, "GiB", 2)
    assert fast
