"""The command line's own speed: help at once, nothing to do in three seconds, a minute for all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from peer_sample import peer_study

from needs.report.run import run

pytestmark = pytest.mark.benchmark_suite


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    return peer_study(tmp_path_factory.mktemp("peer"))


def needs(*words: str) -> None:
    code = "from needs.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False)
    assert done.returncode in {0, 15}, done.stderr.decode()


def test_help_in_half_a_second(benchmark):
    benchmark.pedantic(needs, ("--help",), rounds=5, warmup_rounds=1)
    assert benchmark.stats["min"] <= 0.5


def test_the_peers_study_with_pdf_in_a_minute(benchmark, peer, tmp_path):
    made = benchmark.pedantic(run, (peer,), {"out": tmp_path / "report"}, rounds=1)
    assert made.ran
    benchmark.extra_info["peak_mib"] = round(made.peak_mib)
    assert benchmark.stats["max"] <= 60


def test_an_unchanged_study_in_three_seconds(benchmark, peer, tmp_path):
    words = ("run", str(peer), "--out", str(tmp_path / "report"), "--no-pdf", "--jobs", "2")
    needs(*words)
    benchmark.pedantic(needs, words, rounds=3)
    assert benchmark.stats["min"] <= 3
