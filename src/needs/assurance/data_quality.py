"""Chapter 10: what was read, what is wrong with it, and what was done about it.

The findings come with the records: every rule has run already, on each return's rows as
read. Here they are laid out for a reader. A row of a return may be the only one of its
child, so rows go through disclosure control as children do. The results count the same rows
in different ways, and are protected as one (:mod:`needs.assurance.quality_kin`).
"""

from __future__ import annotations

import pandas as pd

from needs.assurance.quality_checks import conflict_checks, finding_checks, return_checks
from needs.assurance.quality_kin import FAMILY
from needs.assurance.quality_tables import (
    CHILDREN,
    DONE,
    FIELDS,
    READ,
    ROWS,
    SHARE,
    STOCK,
    checks_only,
    field_label,
    findings_table,
    how_notes,
    label_of,
    numbered_labels,
    of_checks,
    over_the_stock,
    rules_only,
    source_of,
    stock_base,
    years_of,
)
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import (
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.wording import inside

__all__ = ["by_check", "by_rule", "conflicts", "latest_return", "returns_read"]

CHECKS_RUN = Measure("checks_n", "Checks made", "count")
CHECKS_CLEAN = Measure("clean_n", "Checks that found nothing", "count")
DRAWN = 4
"""How many rule groups the chart shows: more than four bars cannot be told apart."""


RETURN_MEASURES = (
    Measure("children_n", "Children", "children"),
    Measure("episodes_n", "Episodes", "episodes"),
    Measure("files_n", "Number of files", "count"),
    Measure("stock_n", "In care at its end by its own rows alone", "children"),
    Measure("repaired_n", "Episodes repaired", "episodes", "", ("repaired_children_n",)),
    Measure("left_out_n", "Episodes left out", "episodes", "", ("left_out_children_n",)),
    Measure("repaired_children_n", "Children of episodes repaired", "children"),
    Measure("left_out_children_n", "Children of episodes left out", "children"),
)
RETURNS_SHOWN = tuple(m.key for m in RETURN_MEASURES[:6])


@FAMILY
def returns_read(data: StudyData) -> Result:
    """Show each return: children, episodes, files, and how far it speaks.

    Returns
    -------
    Result
        One row a return: ``children_n``, ``episodes_n``, ``files_n``, ``stock_n`` (children
        in care at its end by its own rows), ``repaired_n`` and ``left_out_n`` (episodes), and
        the children that these last are of.
    """
    records = data.records
    r = records.returns.sort_values("return_year").reset_index(drop=True)
    days = [f"{d.day} {d:%B %Y}" for d in r["end"]]
    kinds = ["In-year extract" if e else "Full year" for e in r["extract"]]
    return Result(
        name="returns_read",
        title="Returns read, and how far each speaks",
        subtitle=f"{data.study.authority.short_name}, SSDA903, {years_of(records)}",
        table=_returns_table(records, r),
        measures=RETURN_MEASURES,
        labels={"group": "Return", **dict(zip(r["label"], r["label"], strict=True))},
        source=source_of(data),
        layout=Layout(rows=("group",), columns=("measure",), measures=RETURNS_SHOWN),
        row_notes={
            "Speaks up to": dict(zip(r["label"], days, strict=True)),
            "Kind": dict(zip(r["label"], kinds, strict=True)),
            "Year of its files told by": dict(zip(r["label"], r["year_told"], strict=True)),
            **_came_twice(r),
        },
        text=_latest_in_words(r["label"].iloc[-1]),
        checks=return_checks(records),
        notes=(
            "A later return takes the place of an earlier one for the same episode.",
            "In care at its end by its own rows alone: the children of the scope below, from "
            "this return as read or as repaired. It is not the number looked after of other "
            "chapters: later returns add children to earlier years and close episodes that were "
            "left open, so these may count more or fewer for years before the last.",
        ),
    )


def _came_twice(r: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return, where a table came twice, which of each return was read once."""
    if not r.get("copies_n", pd.Series(dtype=int)).sum():
        return {}
    words = [text or "Nothing" for text in r["copies"]]
    return {"Came twice, read once": dict(zip(r["label"], words, strict=True))}


def _returns_table(records: Records, r: pd.DataFrame) -> pd.DataFrame:
    """Return what was read as a long table; ``r`` are the returns by year."""
    read = records.findings[records.findings["rule"] == READ]
    counts, children = (
        read.pivot_table(index="return_year", columns="check", values=v, aggfunc="sum")
        for v in ("rows_n", "children_n")
    )
    wide = pd.DataFrame(
        {
            "group": r["label"],
            "period": r["label"],
            "children_n": r["children_n"],
            "episodes_n": r["episodes_n"],
            "files_n": r["files"].str.split(",").str.len(),
            "stock_n": r["return_year"].map(stock_base(records.findings)),
            "repaired_n": r["return_year"].map(counts["repaired"]),
            "left_out_n": r["return_year"].map(counts["left_out"]),
            "repaired_children_n": r["return_year"].map(children["repaired"]),
            "left_out_children_n": r["return_year"].map(children["left_out"]),
        }
    )
    keys = [m.key for m in RETURN_MEASURES]
    table = wide.melt(["group", "period"], keys, var_name="measure", ignore_index=False)
    return long_table(table.sort_index(kind="stable"))


def _latest_in_words(last: str) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return figure_id("returns_read", measure, last, last)

    refs = {
        "The latest return, {year}, has {n} episodes.": "episodes_n",
        "Of the episodes of {year}, {n} were repaired.": "repaired_n",
        "Of the episodes of {year}, {n} were left out.": "left_out_n",
        "By the rows of {year} alone, {n} children were in care at its end.": "stock_n",
    }
    return tuple(Sentence(s, {"n": ref(m)}, {"year": last}) for s, m in refs.items())


@FAMILY
def by_check(data: StudyData) -> Result:
    """Show every check that found something in any return: rows by return, and what was done.

    Returns
    -------
    Result
        One group a check (``r07_rec_without_dec``); measures ``rows_n, children_n, stock_n,
        stock_pct``, of which the table shows rows. How many checks ran, and how many of them
        found nothing, stands in a sentence.
    """
    records = data.records
    every = checks_only(records)
    hits = every.groupby("key")["rows_n"].transform("sum") > 0
    f = every[hits]
    found = findings_table(f, stock_base(records.findings))
    counts = {"checks_n": every["key"].nunique(), "clean_n": every.loc[~hits, "key"].nunique()}
    ran = pd.DataFrame({"measure": list(counts), "value": list(counts.values())})
    return Result(
        name="by_check",
        title="What each check found, and what was done about it",
        subtitle=f"{data.study.authority.short_name}, rows of data by return, {years_of(records)}",
        table=long_table(pd.concat([found, ran])),
        leans_on=over_the_stock("by_check", found),
        measures=(ROWS, CHILDREN, STOCK, SHARE, CHECKS_RUN, CHECKS_CLEAN),
        labels=of_checks(f),
        source=source_of(data),
        layout=Layout(rows=("group",), columns=("period",), measures=("rows_n",)),
        row_notes=how_notes(f),
        text=(
            Sentence(
                "Of {ran} checks, {clean} found nothing in any return and are not listed.",
                refs={
                    "ran": figure_id("by_check", "checks_n"),
                    "clean": figure_id("by_check", "clean_n"),
                },
            ),
            *_open_with_reason(f),
        ),
        notes=(
            "Each return is judged by its own rows as read, before later returns supersede them.",
            "One row may be found by more than one check.",
        ),
    )


def _open_with_reason(found: pd.DataFrame) -> tuple[Sentence, ...]:
    """Say how many episodes of the latest return are open and yet have an end reason."""
    last = int(found["return_year"].max()) if len(found) else 0
    keys = {"open": "r07_rec_without_dec", "x1": "r07_x1_without_dec"}
    if not set(keys.values()) <= set(found["key"]):
        return ()
    return (
        Sentence(
            "In {year}, {open} episodes carry an end reason and no end date, {x1} of them "
            "the reason that another episode follows; they are treated as open.",
            refs={k: figure_id("by_check", "rows_n", g, label_of(last)) for k, g in keys.items()},
            words={"year": label_of(last)},
        ),
    )


@FAMILY
def latest_return(data: StudyData) -> Result:
    """Show what the checks found in the latest return: rows, children, share of the stock.

    Returns
    -------
    Result
        One group a check that found something in the latest return.
    """
    records = data.records
    f = checks_only(records)
    last = int(records.returns["return_year"].max())
    found = f[(f["return_year"] == last) & (f["rows_n"] > 0)]
    words = numbered_labels(found)
    return Result(
        name="latest_return",
        title="Faults of the latest return, and how much of the stock they touch",
        subtitle=f"{data.study.authority.short_name}, {label_of(last)}",
        table=findings_table(found, stock_base(records.findings)),
        measures=(ROWS, CHILDREN, STOCK, SHARE),
        labels=of_checks(found),
        source=source_of(data),
        layout=Layout(
            rows=("group",), columns=("measure",), measures=("rows_n", "children_n", "stock_pct")
        ),
        row_notes={
            "Action": {k: DONE[a] for k, a in zip(found["key"], found["action"], strict=True)},
            **how_notes(found),
        },
        text=(_clean_or_not(words),),
    )


def _clean_or_not(words: dict[str, str]) -> Sentence:
    if words:
        return Sentence(
            "A share says how many of the children looked after at the end of the return have "
            "at least one such row; it does not say that they are counted wrongly."
        )
    return Sentence("No check found anything in the latest return.")


@FAMILY
def by_rule(data: StudyData) -> Result:
    """Show each group of rules by return, each row of a group counted once, with a chart.

    Returns
    -------
    Result
        One group a rule group (``r07``); measures as :func:`by_check`.
    """
    records = data.records
    f = rules_only(records)
    last = int(f["return_year"].max())
    ranked = f[f["return_year"] == last].sort_values(
        ["stock_n", "rows_n", "rule"], ascending=[False, False, True]
    )
    most = ranked[ranked["rows_n"] > 0].head(DRAWN)
    keys = tuple(most["key"])
    table = findings_table(f, stock_base(records.findings))
    return Result(
        name="by_rule",
        title=_headline(most),
        subtitle=f"{data.study.authority.short_name}, rows of data by return, {years_of(records)}",
        table=table,
        leans_on=over_the_stock("by_rule", table),
        measures=(ROWS, CHILDREN, STOCK, SHARE),
        labels={"group": "Rule", **numbered_labels(f)},
        source=source_of(data),
        layout=Layout(rows=("group",), columns=("period",), measures=("rows_n",)),
        text=_leading(most, last),
        charts=(_chart(data, keys),) if keys else (),
        checks=finding_checks(records, data.study.disclosure.threshold),
    )


def _headline(most: pd.DataFrame) -> str:
    if most.empty:
        return "No rule found a fault in the latest return"
    label = str(most["label"].iloc[0])
    return f"The rule that touches most of the stock: {inside(label)}"


def _leading(most: pd.DataFrame, last: int) -> tuple[Sentence, ...]:
    if most.empty:
        return ()
    key, label = str(most["key"].iloc[0]), str(most["label"].iloc[0])
    period = label_of(last)
    return (
        Sentence(
            "In {year} the rule that touches most of the stock is “{label}”: {rows} rows, "
            "{share} of the children looked after at the end of the return.",
            refs={
                "rows": figure_id("by_rule", "rows_n", key, period),
                "share": figure_id("by_rule", "stock_pct", key, period),
            },
            words={"year": period, "label": label},
        ),
    )


def _chart(data: StudyData, keys: tuple[str, ...]) -> Chart:
    return Chart(
        key="stock_affected",
        kind="bar",
        measure="stock_pct",
        title="How much of the stock the leading rules touch",
        subtitle=(
            f"{data.study.authority.short_name}, share of children looked after at the end of "
            "each return with at least one such row"
        ),
        alt=(
            "Grouped bars, one group a return and one bar a rule: the rules that touch most of "
            "the stock in the latest return."
        ),
        x="period",
        series="group",
        include={"group": keys},
    )


@FAMILY
def conflicts(data: StudyData) -> Result:
    """Show where a later return says otherwise than an earlier one, by field.

    Returns
    -------
    Result
        One group a field; period is the later return; measure ``rows_n``.
    """
    records = data.records
    c = records.conflicts
    years = sorted(int(y) for y in records.returns["return_year"])[1:]
    met = set(c["field"])
    fields = [*(k for k in FIELDS if k in met), *sorted(met - set(FIELDS))]
    counts = c.groupby(["field", "later_year"])["rows_n"].sum()
    grid = pd.MultiIndex.from_product([fields, years], names=["field", "later_year"])
    wide = counts.reindex(grid, fill_value=0).reset_index(name="value")
    wide["group"] = wide["field"].str.replace(".", "_", regex=False)
    wide["period"] = [label_of(y) for y in wide["later_year"]]
    table = long_table(wide.assign(measure="rows_n")[["measure", "group", "period", "value"]])
    text = "Where returns disagree about an episode or a child, the later return is used."
    if not fields:
        text = "No two returns disagree about an episode or a child."
    return Result(
        name="conflicts",
        title="Where returns disagree, by field" if fields else "Returns agree with each other",
        subtitle=(
            f"{data.study.authority.short_name}, rows of data by later return, {years_of(records)}"
        ),
        table=table,
        measures=(ROWS,),
        labels={"group": "What differs"} | {f.replace(".", "_"): field_label(f) for f in fields},
        source=source_of(data),
        layout=Layout(rows=("group",), columns=("period",)),
        text=(Sentence(text),),
        checks=conflict_checks(records, data.study.disclosure.threshold),
        notes=("An end filled in later to what was open is progress, and not counted.",),
    )
