"""What a reader can do with the tables of chapter 10 on the other inputs of children.

A row of such an input may be the only one of its child. Rows found and rows not found make
up the rows that are kept, in each join; what is kept, said twice and left out makes up what
was read. So a count that is hidden in one of them would come back from the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs.vocabulary.kin import Tie, at_least
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.results import figure_id

__all__ = ["MISSED", "children_found", "input_ties", "missed_rows", "of_children", "tables"]

MISSED = ("unknown", "outside")
"""Outcomes of rows that were not found."""

LENT = ("matched", "by_placement")
"""Outcomes of rows whose child is known."""

PARTED = ("duplicates_n", "left_out_n")


def tables(data: StudyData) -> Iterator[tuple[str, Table]]:
    """Yield every input that the study has, but for the returns and the published figures."""
    for name in data.readers:
        if data.has(name) and isinstance(read := data.read(name), Table):
            yield name, read


def of_children(table: Table) -> bool:
    """Return whether each row of an input is about one child."""
    return "child" in table.frame


def missed_rows(joins: pd.DataFrame) -> pd.Series:
    """Return the rows that each join did not find, by join."""
    rows = joins["rows_n"].where(joins["outcome"].isin(MISSED), 0)
    return rows.groupby(joins["join"]).sum()


def input_ties(data: StudyData) -> Iterator[Tie]:
    """Yield every relation between numbers of the inputs about children."""
    for name, table in tables(data):
        if of_children(table) and len(table.joins):
            yield from _of_rows(name, table.joins)
            yield from _of_children(name, table.joins)


def children_found(data: StudyData) -> Iterator[str]:
    """Yield the numbers of children of the returns that an input speaks of, by figure id."""
    for name, table in tables(data):
        if of_children(table) and len(table.joins):
            yield _found("children_n", name, "child", "matched")
            yield _found("children_n", name, "care", "matched")


def _found(measure: str, name: str, join: str, outcome: str) -> str:
    return figure_id("child_joins", measure, f"{name}_{join}_{outcome}")


def _of_rows(name: str, joins: pd.DataFrame) -> Iterator[Tie]:
    """Yield that every join has the same rows, parted otherwise; and the worst of them."""

    def read(measure: str) -> str:
        return figure_id("child_inputs", measure, name)

    missed = missed_rows(joins)
    for join, of in joins.groupby("join", sort=False):
        ids = {o: _found("rows_n", name, str(join), o) for o in of["outcome"]}
        left = [read(m) for m in PARTED]
        if join == "care":  # rows of children who are not known have no days of care
            rest = joins[(joins["join"] == "child") & ~joins["outcome"].isin(LENT)]
            left += [_found("rows_n", name, "child", o) for o in rest["outcome"]]
        yield Tie(((read("rows_n"), 1), *((i, -1) for i in (*left, *ids.values()))))
        lost = [i for o, i in ids.items() if o in MISSED]
        worst = missed[join] == missed.max()
        terms = ((read("unmatched_n"), 1), *((i, -1) for i in lost))
        yield Tie(terms, "equal" if worst else "at_least")


def _of_children(name: str, joins: pd.DataFrame) -> Iterator[Tie]:
    """Yield that rows are at least their children, and what is known of a union's parts."""
    for join, outcome in joins[["join", "outcome"]].itertuples(index=False):
        yield at_least(*(_found(m, name, join, outcome) for m in ("rows_n", "children_n")))
    every = {
        str(join): [_found("children_n", name, str(join), o) for o in of["outcome"]]
        for join, of in joins.groupby("join", sort=False)
    }
    known = joins[(joins["join"] == "child") & joins["outcome"].isin(LENT)]
    lent = [_found("children_n", name, "child", o) for o in known["outcome"]]
    for join, parts in every.items():
        whole = lent if join == "care" else every["child"]
        if join != "child":
            yield from _one_union(whole, parts)
            if len(whole) == 1:  # the rest is children of whom nothing was found, or all
                yield from (Tie(((whole[0], 1), (p, -1)), "apart") for p in parts)


def _one_union(*ways: list[str]) -> Iterator[Tie]:
    """Yield that each part of some children is no more than all parts of another division."""
    for parts, others in (ways, ways[::-1]):
        for part in parts:
            yield Tie((*((i, 1) for i in others), (part, -1)), "at_least")
