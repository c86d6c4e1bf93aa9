"""Chapter 10: what was read of the other inputs, and what was found of it elsewhere.

Rows and pounds are counted openly: a row is a line of a file, not a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.results import Check, Layout, Measure, Result, Sentence, long_table
from needs.vocabulary.study import Inputs

__all__ = ["other_inputs", "other_joins", "places_known"]

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
MISSED = ("unknown", "outside")
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


def other_inputs(data: StudyData) -> Result:
    """Show what was read of each input beside the returns.

    Returns
    -------
    Result
        One group an input that the study has; measures ``files_n, rows_n, duplicates_n,
        left_out_n, extra_columns_n, unmatched_n`` (rows that one of its joins did not find;
        the worst of its joins).
    """
    tables = dict(_tables(data))
    wide = pd.DataFrame([_counts(name, t) for name, t in tables.items()])
    wide = wide.reindex(columns=["group", *(m.key for m in READ)])
    table = wide.melt("group", var_name="measure").assign(marker="")
    table.loc[table["value"].isna(), "marker"] = "z"
    return Result(
        name="other_inputs",
        title="What was read beside the returns",
        subtitle=f"{data.study.authority.short_name}, rows of data by input",
        table=long_table(table),
        measures=READ,
        labels={name: _label(name) for name in tables},
        source=_source(data),
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(_absent(data, set(tables)),),
        notes=(
            "Said twice: a row that says word for word what another row says; it counts once. "
            "Left out: a row without the value that makes it one, such as a score.",
        ),
    )


def other_joins(data: StudyData) -> tuple[Result, ...]:
    """Show what was found of each input in the others, in rows and in pounds.

    Returns
    -------
    tuple of Result
        None where nothing is joined, else one. One group a join of an input and outcome
        (``costs_child_unknown``); measures ``rows_n`` and ``gbp``, which is not applicable
        where the input has no pounds.
    """
    parts = [t.joins.assign(input=name) for name, t in _tables(data) if len(t.joins)]
    return (_of_joins(data, pd.concat(parts, ignore_index=True)),) if parts else ()


# One episode may be the only one of a child, so few of them are hidden as few children are.
EPISODES = Measure("episodes_n", "Episodes", "episodes")


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
            "known stays unknown; it is neither near nor far.",
        ),
    )


def _of_joins(data: StudyData, joins: pd.DataFrame) -> Result:
    joins["group"] = joins["input"] + "_" + joins["join"] + "_" + joins["outcome"]
    table = joins.melt("group", ["rows_n", "gbp"], var_name="measure")
    table["marker"] = ["z" if missing else "" for missing in table["value"].isna()]
    words = (
        f"{_label(i)}, {JOINS[j]}: {OUTCOMES[o]}"
        for i, j, o in joins[["input", "join", "outcome"]].itertuples(index=False)
    )
    return Result(
        name="other_joins",
        title="What was found of each input in the others",
        subtitle=f"{data.study.authority.short_name}, rows of data and pounds to the study's day",
        table=long_table(table),
        measures=FOUND,
        labels=dict(zip(joins["group"], words, strict=True)),
        source=_source(data),
        layout=Layout(rows=("group",), columns=("measure",)),
        checks=tuple(_checks(joins)),
        notes=(
            "Nothing that was not found is dropped: its rows and pounds stand in the totals. A "
            "line paid for days in care and others has its pounds parted by day.",
        ),
    )


def _tables(data: StudyData) -> Iterator[tuple[str, Table]]:
    """Yield every input that the study has, but for the returns and the published figures."""
    for name in data.readers:
        if data.has(name) and isinstance(read := data.read(name), Table):
            yield name, read


def _counts(name: str, table: Table) -> dict[str, object]:
    facts, joins = table.facts, table.joins
    missed = (
        joins[joins["outcome"].isin(MISSED)].groupby("join")["rows_n"].sum().max()
        if len(joins)
        else float("nan")
    )
    return {
        "group": name,
        "files_n": len(facts),
        **{k: facts[k].sum() for k in ("rows_n", "duplicates_n", "left_out_n", "extra_columns_n")},
        "unmatched_n": 0 if len(joins) and pd.isna(missed) else missed,
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


def _checks(joins: pd.DataFrame) -> Iterator[Check]:
    for name, join in joins[["input", "join"]].drop_duplicates().itertuples(index=False):
        found = joins[(joins["input"] == name) & (joins["join"] == join)]
        by = "rows_n" if found["gbp"].isna().any() else "gbp"
        size = found[by].abs()
        share = float(size[found["outcome"].isin(MISSED)].sum() / max(size.sum(), 1))
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
