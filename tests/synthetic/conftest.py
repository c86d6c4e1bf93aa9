"""Shared by the proofs that the written truth is the truth: how many children, and a table."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest


@pytest.fixture(scope="session")
def children_n(request: pytest.FixtureRequest) -> int:
    """Children to simulate: 200,000 under ``--long``, else 20,000, or what the environment says."""
    usual = 200_000 if request.config.getoption("--long") else 20_000
    return int(os.environ.get("NEEDS_TRUTH_CHILDREN", usual))


@pytest.fixture
def shown():
    """Print a table of quantities with truth, estimate and 99% interval; return how many miss."""

    def show(title: str, rows: Iterable[tuple[str, float, float, float, float]]) -> int:
        head = f"{'quantity':<44}{'truth':>12}{'estimate':>12}{'99% interval':>26}  inside"
        print(f"\n{title}\n{head}")
        out = 0
        for quantity, truth, estimate, low, high in rows:
            inside = low <= truth <= high
            out += not inside
            interval, word = f"{low:,.4g} to {high:,.4g}", "yes" if inside else "NO"
            print(f"{quantity:<44}{truth:>12,.4g}{estimate:>12,.4g}{interval:>26}  {word}")
        return out

    return show
