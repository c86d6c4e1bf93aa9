"""Each rule finds the rows that the manual says, and no other."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from needs.inputs.ssda903.quality import CHECKS, RULES
from needs.inputs.ssda903.quality.outcome import judge

from . import manual_01_16, manual_17_22, manual_23_27, raws

pytestmark = pytest.mark.unit

MANUAL = {**manual_01_16.RULES, **manual_17_22.RULES, **manual_23_27.RULES}

Row = tuple[str, int, int]
"""Table, return and number of a row, from 1."""


@cache
def expected(rule: str) -> tuple[dict[int, dict[str, pd.DataFrame]], dict[str, set[Row]]]:
    """Return the drawn tables without ``finds``, and the rows each check must find."""
    returns: dict[int, dict[str, pd.DataFrame]] = {}
    finds: dict[str, set[Row]] = {c.slug: set() for c in CHECKS if c.rule == rule}
    for year, parts in MANUAL[rule].items():
        returns[year] = {}
        for key, text in parts.items():
            frame = raws.drawn(text)
            for n, names in enumerate(frame.pop("finds") if "finds" in frame else [], start=1):
                for slug in names.split():
                    finds[slug].add((key, year, n))
            returns[year][key] = frame
    return returns, finds


def found(rule: str, returns: dict[int, dict[str, pd.DataFrame]]) -> dict[str, set[Row]]:
    raw = raws.raw_returns(returns)
    _, collector = judge(raw)
    out: dict[str, set[Row]] = {c.slug: set() for c in CHECKS if c.rule == rule}
    for (of, slug), (table, rows, _) in collector.rows.items():
        if of == rule:
            where = raw.tables[table].iloc[rows]
            out[slug] |= {
                (table, int(y), int(n) - 1)
                for y, n in zip(where["return_year"], where["row"], strict=True)
            }
    return out


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_finds_what_the_manual_says(rule: str) -> None:
    returns, finds = expected(rule)
    assert found(rule, returns) == finds


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: f"{c.rule}-{c.slug}")
def test_manual_shows_every_check_and_a_near_miss(check) -> None:
    returns, finds = expected(check.rule)
    rows = sum(len(p[check.table]) for p in returns.values() if check.table in p)
    assert finds[check.slug], "the manual has no row that this check finds"
    assert rows > len(finds[check.slug]), "the manual has no near miss for this check"


def test_no_rule_stands_without_a_check_nor_a_check_twice() -> None:
    names = [(c.rule, c.slug) for c in CHECKS]
    assert len(set(names)) == len(names)
    assert {c.rule for c in CHECKS} == set(RULES) == {f"{n:02d}" for n in range(1, 28)}
