"""Let the tests of this folder import its helpers, and find the peer's sample."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def peer_sample() -> Path:
    """Folder of the peer's synthetic returns; skips where it is not there."""
    shared = Path(os.environ.get("NEEDS_SHARED", Path(__file__).resolve().parents[4] / "shared"))
    folder = shared / "data/peer-samples/cs-demand-model"
    if not folder.is_dir():
        pytest.skip("the peer's sample files are not beside the project")
    return folder
