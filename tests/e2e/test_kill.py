"""A run killed at any moment leaves the old report or the new one, and the next completes."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import tiny

from needs.report.manifest import MANIFEST, Manifest, file_hashes

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.name == "nt", reason="no SIGKILL"),
]


def contents(project):
    return {**file_hashes(project.report), MANIFEST: (project.report / MANIFEST).read_bytes()}


def start(project, *how):
    return subprocess.Popen(
        [sys.executable, tiny.__file__, str(project.root), *how],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def whole(project):
    """Return the report's files, which must be exactly those its manifest names."""
    found = file_hashes(project.report)
    assert found == Manifest.read(project.report).files
    return contents(project)


def kill_often(project, how, kills):
    """Kill runs at seeded moments; say how often the old report and the new one stood."""
    began = time.perf_counter()
    assert start(project, *how).wait() == 0
    length = time.perf_counter() - began
    old, seed = whole(project), 7
    draw = random.Random(20230331)  # noqa: S311
    seen = {"old": 0, "new": 0}
    for _ in range(kills):
        project.edit(f"seed = {seed}", f"seed = {seed + 1}")
        seed += 1
        run = start(project, *how)
        # A third of the kills aim at the end, where files are written and swapped.
        share = draw.uniform(0.7, 1.1) if draw.random() < 1 / 3 else draw.uniform(0, 1.1)
        try:
            run.wait(timeout=share * length)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
        now = whole(project)
        is_new = Manifest.read(project.report).seed == seed
        assert is_new or now == old
        seen["new" if is_new else "old"] += 1
        old = now
    assert start(project, *how).wait(timeout=120) == 0
    whole(project)
    assert Manifest.read(project.report).seed == seed
    beside = {p.name for p in (project.root / "reports").iterdir()}
    assert beside == {"tiny", ".runs", ".lock-tiny"}
    return seen


def test_kill_at_random_moments(tmp_path, long_form):
    """Notebooks are copied, not executed, so that many kills fit into a minute."""
    seen = kill_often(tiny.make(tmp_path), ("copy",), 60 if long_form else 12)
    assert seen["old"] > 0


def test_kill_while_kernels_run(tmp_path, long_form):
    seen = kill_often(tiny.make(tmp_path), (), 60 if long_form else 3)
    assert seen["old"] > 0


@pytest.mark.parametrize("step", ["staging", "manifest", "swap", "swapped", "clean"])
def test_kill_at_each_step_of_the_end(tmp_path, step):
    """The few milliseconds that random kills seldom hit."""
    project = tiny.make(tmp_path)
    assert start(project, "copy").wait() == 0
    old = whole(project)
    project.edit("seed = 7", "seed = 8")
    run = subprocess.run([sys.executable, "-c", DIE_AT, str(project.root), step], check=False)
    assert run.returncode == -signal.SIGKILL
    now = whole(project)
    is_new = Manifest.read(project.report).seed == 8
    assert is_new == (step in {"swapped", "clean"})
    assert is_new or now == old
    assert start(project, "copy").wait(timeout=120) == 0
    assert Manifest.read(project.report).seed == 8
    whole(project)


DIE_AT = f"""
import os, shutil, signal, sys
sys.path.insert(0, {os.path.dirname(tiny.__file__)!r})
from pathlib import Path
import tiny
from needs.report import manifest, run, swap

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_half_way(folder, *_, **__):
    next(p for p in sorted(Path(folder).rglob("*")) if p.is_file()).unlink()
    die()

root, step = sys.argv[1:]
if step == "staging":
    tiny.publish = die
elif step == "manifest":
    manifest.Manifest.write = die
elif step == "swap":
    run.install = die
elif step == "swapped":
    swap.shutil.rmtree = lambda folder, *a, **k: die() if "-tiny-" in str(folder) and (
        Path(folder) / "manifest.json").exists() else None
elif step == "clean":
    real = shutil.rmtree
    swap.shutil.rmtree = lambda folder, *a, **k: die_half_way(folder) if (
        Path(folder) / "manifest.json").exists() else real(folder, *a, **k)
with tiny.copying():
    tiny.run_tiny(tiny.Tiny(Path(root)))
"""
