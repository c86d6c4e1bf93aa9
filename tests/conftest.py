"""Every test says at which level it tests: exactly one level marker, or nothing is collected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from claims import Claims, laid_out

# Matrices here are small: threads that wait for one another cost a loaded machine more than all
# tests together. Read by numpy when it is first imported, here and in every process started.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

LEVELS = frozenset(
    {"unit", "property", "reference", "golden", "notebook", "e2e", "benchmark_suite"}
)
BENCHMARKS = Path(__file__).parent / "benchmarks"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--benchmarks", action="store_true", help="run tests/benchmarks as well")
    parser.addoption("--long", action="store_true", help="run the long form of tests that have one")


def _levels(item: pytest.Item) -> list[str]:
    return sorted({m.name for m in item.iter_markers()} & LEVELS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wrong = [f"{i.nodeid}: {_levels(i) or 'none'}" for i in items if len(_levels(i)) != 1]
    if wrong:
        raise pytest.UsageError("a test needs exactly one level marker:\n" + "\n".join(wrong))
    if not config.getoption("--benchmarks"):
        slow = [i for i in items if BENCHMARKS in i.path.parents]
        config.hook.pytest_deselected(items=slow)
        items[:] = [i for i in items if BENCHMARKS not in i.path.parents]


@pytest.fixture
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether the long form of a test is wanted (``make validate``)."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def claims(record_property) -> Claims:
    """Figures and tables of a test that are told together when all tests have run."""
    return Claims(record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    config = terminalreporter.config
    if not (config.getoption("--long") or config.getoption("--benchmarks")):
        return
    reports = [r for name in ("passed", "failed") for r in terminalreporter.getreports(name)]
    told = [p for r in reports for p in r.user_properties]
    for title, lines in laid_out(told):
        terminalreporter.write_sep("=", title)
        for line in lines:
            terminalreporter.write_line(line)
