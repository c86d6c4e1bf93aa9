"""A study made from the peer's sample of returns, where that sample is on the machine."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NEEDS_SHARED", ROOT.parent / "shared")) / "data"
PEER = SHARED / "peer-samples" / "cs-demand-model"
PEER_STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2021-22"
as_at = 2022-03-31
[inputs]
ssda903 = ["inputs/*.csv"]
[report]
synthetic = true
"""


def peer_study(folder: Path) -> Path:
    """Write a study of the peer's five returns below ``folder``; skip where they are not."""
    if not PEER.is_dir():
        pytest.skip("the peer's sample is not on this machine")
    study = folder / "analysis" / "peer"
    (study / "inputs").mkdir(parents=True)
    for path in PEER.glob("*.csv"):
        shutil.copy(path, study / "inputs")
    (study / "study.toml").write_text(PEER_STUDY)
    return study
