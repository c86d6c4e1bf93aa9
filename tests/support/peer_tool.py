"""Ask cs-demand-model, where a Python that has it is named in ``NEEDS_PEER_PYTHON``.

The sector's program needs pandas below 2 and is no dependency: it lives in an environment of its
own. To make one: ``python3 -m venv PEER``, then ``PEER/bin/pip install "cs-demand-model[cli]"
"pandas<2"``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("peer_program.py")
VARIABLE = "NEEDS_PEER_PYTHON"


def peer_python() -> str:
    """Return the Python that has the peer; skip the test where there is none."""
    python = os.environ.get(VARIABLE, "")
    if not python:
        pytest.skip(f"{VARIABLE} names no Python that has cs-demand-model")
    if not Path(python).exists():
        pytest.skip(f"{VARIABLE} names {python}, which is not there")
    return python


def ask(jobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the peer's answers to jobs (see ``peer_program.py``), its version, time and memory."""
    words = [peer_python(), str(PROGRAM)]
    env = {"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        words, input=json.dumps(list(jobs)), capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
