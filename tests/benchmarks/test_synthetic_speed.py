"""How long writing synthetic studies takes: one authority in 10 s, a region of 20 in a minute.

Two cores are meant. Processor time is printed beside the clock's, since other work on the
machine lengthens the one and not the other.
``pytest --benchmarks -m benchmark_suite tests/benchmarks/test_synthetic_speed.py -s``.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from claims import Claims

pytestmark = pytest.mark.benchmark_suite

ROOT = Path(__file__).resolve().parents[2]
ONE, TWENTY = 10.0, 60.0


def timed(*words: str) -> tuple[float, float]:
    """Run the command and return the clock's seconds and the processor's, children included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    code = "from needs.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True)
    spent, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, used


def test_one_authority_and_a_region_of_twenty(tmp_path: Path, claims: Claims):
    study = tmp_path / "oxfordshire"
    study.mkdir()
    text = (ROOT / "analysis" / "oxfordshire-2022-23" / "study.toml").read_text("utf-8")
    (study / "study.toml").write_text(text, "utf-8")
    one, one_used = timed("synthesise", str(study))
    twenty, used = timed("synthesise-region", str(tmp_path / "region"), "-n", "20")
    written = sum(p.stat().st_size for p in tmp_path.rglob("*.csv")) / 2**20
    claims.stated("synthetic studies written in all", f"{written:.0f} MiB")
    assert len(list((tmp_path / "region").glob("*/inputs/truth/rates.json"))) == 20
    few = claims.seconds("one synthetic authority", one, one_used, ONE)
    assert claims.seconds("twenty synthetic authorities, two processors", twenty, used / 2, TWENTY)
    assert few
