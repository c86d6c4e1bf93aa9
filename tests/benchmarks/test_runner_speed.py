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


def test_help_in_half_a_second(benchmark, claims):
    benchmark.pedantic(needs, ("--help",), rounds=5, warmup_rounds=1)
    assert claims.most("needs --help", benchmark.stats["min"], 0.5, "s", 2)


def test_the_peers_study_with_pdf_in_a_minute(benchmark, peer, tmp_path, claims):
    made = benchmark.pedantic(run, (peer,), {"out": tmp_path / "report"}, rounds=1)
    assert made.ran
    benchmark.extra_info["peak_mib"] = round(made.peak_mib)
    claims.stated("report of five returns of 820 children, most memory", f"{made.peak_mib:.0f} MiB")
    what = "report of five returns of 820 children, with PDF"
    assert claims.most(what, benchmark.stats["max"], 60, "s", 0)


def test_an_unchanged_study_in_three_seconds(benchmark, peer, tmp_path, claims):
    words = ("run", str(peer), "--out", str(tmp_path / "report"), "--no-pdf", "--jobs", "2")
    needs(*words)
    benchmark.pedantic(needs, words, rounds=3)
    assert claims.most("a run with nothing to do", benchmark.stats["min"], 3, "s")
