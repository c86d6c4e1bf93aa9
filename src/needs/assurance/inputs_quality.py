"""Chapter 10: what was read of the other inputs, and what was found of it elsewhere.

Rows and pounds are counted openly where a row is a line of a file and no person. A row about
a child may be the only one of that child: such rows go through disclosure control as
children do, in results of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

import pandas as pd

from needs.assurance.inputs_kin import MISSED, missed_rows, of_children, tables
from needs.assurance.quality_kin import FAMILY
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.results import Check, Layout, Measure, Result, Sentence, long_table
from needs.vocabulary.study import Inputs

__all__ = ["child_inputs", "child_joins", "other_inputs", "other_joins", "places_known"]

JOINS = {
    "child": "children of the returns",
    "care": "days on which the child was looked after",
    "provider": "the table of providers",
    "provision": "the table of provision",
    "contract": "the table of contracts",
}
OUTCOMES = {
    "matched": "found",
    "by_placement": "found through another line of the placement",
    "blank": "left blank",
    "unknown": "not found",
    "outside": "child known, not looked after then",
}
SOURCES = {
    "return": "in the return",
    "postcodes": "worked out from the postcodes",
    "no_postcode": "not known: a postcode is blank",
    "not_in_lookup": "not known: a postcode is not in the lookup",
}
REVIEW, FAIL = 0.01, 0.1
"""Shares of what was read, in pounds where it has pounds, that ask for a look, or fail."""

READ = (
    Measure("files_n", "Number of files", "count"),
    Measure("rows_n", "Rows read", "rows"),
    Measure("duplicates_n", "Said twice", "rows"),
    Measure("left_out_n", "Left out", "rows"),
    Measure("extra_columns_n", "Columns kept out", "count"),
    Measure("unmatched_n", "Rows not found elsewhere", "rows"),
)
FOUND = (
    Measure("rows_n", "Rows", "rows"),
    Measure("gbp", "Pounds", "gbp"),
)
# A row may be the only one of its child: few rows are hidden as few children are, with their
# pounds, and rows of few children with the count of these.
CHILD_READ = tuple(replace(m, unit="child_rows") if m.unit == "rows" else m for m in READ)
CHILD_FOUND = (
    Measure("rows_n", "Rows", "child_rows", derived_from=("children_n",)),
    Measure("gbp", "Pounds", "gbp", derived_from=("rows_n", "children_n")),
    Measure("children_n", "Children", "children"),
)


def other_inputs(data: StudyData) -> Result:
    """Show what was read of each input beside the returns that is not about children.

    Returns
    -------
    Result
        One group an input that the study has; measures ``files_n, rows_n, duplicates_n,
        left_out_n, extra_columns_n, unmatched_n`` (rows that one of its joins did not find;
        the worst of its joins).
    """
    every = dict(tables(data))
    others = {n: t for n, t in every.items() if not of_children(t)}
    made = _of_inputs(data, "other_inputs", "What was read beside the returns", others, READ)
    return replace(made, text=(_absent(data, set(every)),))


@FAMILY
def child_inputs(data: StudyData) -> tuple[Result, ...]:
    """Show what was read of each input whose rows are about children.

    Returns
    -------
    tuple of Result
        None where the study has no such input, else one, as :func:`other_inputs`.
    """
    found = {n: t for n, t in tables(data) if of_children(t)}
    title = "What was read of children beside the returns"
    return (_of_inputs(data, "child_inputs", title, found, CHILD_READ),) if found else ()


def _of_inputs(
    data: StudyData,
    name: str,
    title: str,
    found: Mapping[str, Table],
    measures: tuple[Measure, ...],
) -> Result:
    wide = pd.DataFrame([_counts(n, t) for n, t in found.items()])
    wide = wide.reindex(columns=["group", *(m.key for m in measures)])
    table = wide.melt("group", var_name="measure").assign(marker="")
    table.loc[table["value"].isna(), "marker"] = "z"
    return Result(
        name=name,
        title=title,
        subtitle=f"{data.study.authority.short_name}, rows of data by input",
        table=long_table(table),
        measures=measures,
        labels={n: _label(n) for n in found},
        source=_source(data),
        layout=Layout(rows=("group",), columns=("measure",)),
        notes=(
            "Said twice: a row that says word for word what another row says; it counts once. "
            "Left out: a row without the value that makes it one, such as a score.",
        ),
    )


def other_joins(data: StudyData) -> tuple[Result, ...]:
    """Show what was found of each input that is not about children, in rows and in pounds.

    Returns
    -------
    tuple of Result
        None where nothing is joined, else one. One group a join of an input and outcome
        (``voids_provision_unknown``); measures ``rows_n`` and ``gbp``, which is not applicable
        where the input has no pounds.
    """
    title = "What was found of each input in the others"
    return _of_joins(data, "other_joins", title, FOUND, children=False)


@FAMILY
def child_joins(data: StudyData) -> tuple[Result, ...]:
    """Show what was found of each input about children, in rows and in pounds.

    Returns
    -------
    tuple of Result
        As :func:`other_joins` (``costs_child_unknown``), with ``children_n``, the children of
        the rows, for disclosure control; the table does not show it.
    """
    title = "What was found of rows about children"
    return _of_joins(data, "child_joins", title, CHILD_FOUND, children=True)


# One episode may be the only one of a child, so few of them are hidden as few children are.
EPISODES = Measure("episodes_n", "Episodes", "episodes")


@FAMILY
def places_known(data: StudyData) -> Result:
    """Show of how many episodes the distance from home is known, and from what.

    Returns
    -------
    Result
        One group a source of the distance, or a reason why there is none; period is the
        return that the episode is kept from; measure ``episodes_n``.

    Raises
    ------
    InputMissing
        If the study has no postcode lookup.
    """
    if not data.has("postcodes"):
        raise InputMissing("postcodes")
    episodes = data.records.episodes
    counts = episodes.groupby(["pl_source", "return_year"], observed=False).size()
    table = counts.rename("value").reset_index()
    years = table["return_year"].map(lambda y: str(ReportingYear(int(y))))
    return Result(
        name="places_known",
        title="Of how many episodes the distance from home is known",
        subtitle=f"{data.study.authority.short_name}, episodes by return",
        table=long_table(
            table.assign(group=table["pl_source"].astype(str), period=years, measure="episodes_n")[
                ["group", "period", "measure", "value"]
            ]
        ),
        measures=(EPISODES,),
        labels={"group": "Distance from home", **SOURCES},
        source=_source(data),
        notes=(
            "Miles in a straight line between the postcodes of home and placement. What is not "
            "known stays unknown; it is neither near nor far. An episode that several returns have "
            "counts once, under the latest of them.",
        ),
    )


def _of_joins(
    data: StudyData, name: str, title: str, measures: tuple[Measure, ...], *, children: bool
) -> tuple[Result, ...]:
    parts = [
        t.joins.assign(input=n)
        for n, t in tables(data)
        if len(t.joins) and of_children(t) == children
    ]
    if not parts:
        return ()
    joins = pd.concat(parts, ignore_index=True)
    joins["group"] = joins["input"] + "_" + joins["join"] + "_" + joins["outcome"]
    table = joins.melt("group", [m.key for m in measures], var_name="measure")
    table["marker"] = ["z" if missing else "" for missing in table["value"].isna()]
    words = (
        f"{_label(i)}, {JOINS[j]}: {OUTCOMES[o]}"
        for i, j, o in joins[["input", "join", "outcome"]].itertuples(index=False)
    )
    made = Result(
        name=name,
        title=title,
        subtitle=f"{data.study.authority.short_name}, rows of data and pounds to the study's day",
        table=long_table(table),
        measures=measures,
        labels=dict(zip(joins["group"], words, strict=True)),
        source=_source(data),
        layout=Layout(rows=("group",), columns=("measure",), measures=("rows_n", "gbp")),
        checks=tuple(_checks(joins, data.study.disclosure.threshold if children else 0)),
        notes=(
            "Nothing that was not found is dropped: its rows and pounds stand in the totals. A "
            "line paid for days in care and others has its pounds parted by day.",
        ),
    )
    return (made,)


def _counts(name: str, table: Table) -> dict[str, object]:
    facts, joins = table.facts, table.joins
    missed = missed_rows(joins).max() if len(joins) else float("nan")
    return {
        "group": name,
        "files_n": len(facts),
        **{k: facts[k].sum() for k in ("rows_n", "duplicates_n", "left_out_n", "extra_columns_n")},
        "unmatched_n": missed,
    }


def _label(name: str) -> str:
    return str(Inputs.model_fields[name].description)


def _source(data: StudyData) -> str:
    return f"Files of {data.study.authority.short_name} and of publishers, as read for this study"


def _absent(data: StudyData, present: set[str]) -> Sentence:
    """Say which inputs the study does not have."""
    known = {*present, "ssda903", "published"}
    missing = [n for n in data.readers if n not in known]
    if not missing:
        return Sentence("The study has every input that there is.")
    return Sentence(
        "Inputs of which the study has no files: {inputs}. What rests on them is not shown.",
        words={"inputs": "; ".join(_label(n) for n in missing)},
    )


def _checks(joins: pd.DataFrame, threshold: int) -> Iterator[Check]:
    """Yield how much each join missed; a count that would be hidden weighs as the largest."""
    for name, join in joins[["input", "join"]].drop_duplicates().itertuples(index=False):
        found = joins[(joins["input"] == name) & (joins["join"] == join)]
        by = "rows_n" if found["gbp"].isna().any() else "gbp"
        size = found[by].abs()
        lost = float(size[found["outcome"].isin(MISSED)].sum())
        if by == "rows_n" and 0 < lost < threshold:
            lost = threshold - 1
        share = min(lost / max(float(size.sum()), 1), 1.0)
        what = "rows" if by == "rows_n" else "pounds"
        detail = f"{_band(share)} of the {what} not found"
        yield Check(f"{_label(name)}: {JOINS[join]}", _status(share), detail)


def _status(share: float) -> Literal["pass", "review", "fail"]:
    if share > FAIL:
        return "fail"
    return "review" if share > REVIEW else "pass"


def _band(share: float) -> str:
    steps = ((0.0, "None"), (REVIEW, "Under one per cent"), (FAIL, "One to ten per cent"))
    return next((words for top, words in steps if share <= top), "More than ten per cent")
