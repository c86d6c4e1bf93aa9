"""Tables of the annexes: what documents print about costs, needs and carers, as printed.

Each table is found by its slug in the column ``table`` of the typed figures, so that any
authority that types a table of that kind has the annex.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from needs.care.published_arithmetic import arithmetic
from needs.care.published_figures import (
    cell,
    combined,
    own,
    select,
    series_table,
    source_of,
    table_rows,
    title_of,
    words_for,
)
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Check, Layout, Measure, Result, Sentence

__all__ = [
    "arithmetic",
    "carers",
    "fostering_trend",
    "homes_savings",
    "homes_trend",
    "ifa_costs",
    "needs_ranks",
    "residential_costs",
    "service_finance",
    "specialist_needs",
    "supported_housing",
    "unit_costs",
]

WEEKLY = Measure("unit_cost_gbp_week", "Unit cost a week", "gbp_week")
HOMES = (
    WEEKLY,
    Measure("cost_gbp_k_week", "Cost a week", "gbp_k"),
    Measure("saving_gbp_week", "Saving a week", "gbp_week"),
    Measure("saving_gbp_k_week", "Saving a week", "gbp_k"),
)
"""What the case for new homes is printed in: pounds, or thousands of pounds."""


def _as_printed(  # noqa: PLR0913 (the parts of a printed table)
    data: StudyData,
    rows: pd.DataFrame,
    name: str,
    title: str,
    measures: Sequence[Measure],
    layout: Layout,
    *,
    charts: tuple[Chart, ...] = (),
    checks: tuple[Check, ...] = (),
    text: tuple[Sentence, ...] = (),
    notes: tuple[str, ...] = (),
    total: str = "All",
) -> Result:
    """Return printed figures as a result, laid out as the document has them."""
    keys = [*rows["group"], *rows["by"]]
    known = [m for m in measures if (rows["measure"] == m.key).any()]
    return Result(
        name=name,
        title=title,
        subtitle=f"{data.study.authority.short_name}, as printed",
        table=series_table(rows[rows["measure"].isin([m.key for m in known])]),
        measures=tuple(known),
        labels=words_for(data, keys) | {ALL: total},
        source=source_of(data, rows),
        layout=layout,
        charts=charts,
        checks=checks,
        text=text,
        notes=notes,
        published=True,
    )


def _sums_check(rows: pd.DataFrame) -> Check:
    """Return whether the printed total of each column is the sum of its printed rows."""
    parts = rows[rows["group"] != ALL].groupby(["measure", "period"])["value"].sum()
    whole = rows[rows["group"] == ALL].set_index(["measure", "period"])["value"]
    apart = (whole - parts).dropna().round(6)
    wrong = apart[apart != 0]
    return Check(
        "Printed totals are the sums of their rows",
        "review" if len(wrong) else "pass",
        f"columns whose total differs from the sum: {len(wrong)} of {len(apart)}",
    )


def _cost_table(data: StudyData, table: str, title: str, group: str) -> Result:
    rows = table_rows(data, table)
    rows = rows[rows["group"] == group].drop_duplicates(["measure", "period"])
    name = f"published_{table}"
    costs = series_table(rows[rows["measure"] == WEEKLY.key]).sort_values("period")
    text = (
        Sentence(
            "The unit cost went from {first} in {a} to {last} in {b}.",
            {"first": cell(name, costs.iloc[0]), "last": cell(name, costs.iloc[-1])},
            {"a": costs["period"].iloc[0], "b": costs["period"].iloc[-1]},
        ),
    )
    chart = Chart(
        "line",
        "line",
        WEEKLY.key,
        f"{title}: unit cost a week",
        "Pounds a week, as printed in each year; not adjusted for prices",
        "A line with one point a year.",
    )
    measures = (
        Measure("children_placed_n", "Children placed in the year", "children"),
        Measure("placements_fte", "Full-time equivalent placements", "fte"),
        WEEKLY,
    )
    layout = Layout(("period",), ("measure",))
    return _as_printed(data, rows, name, title, measures, layout, charts=(chart,), text=text)


def ifa_costs(data: StudyData) -> Result:
    """Return the printed table of independent fostering: children, placements, unit cost."""
    return _cost_table(data, "ifa_costs", "Independent fostering agencies", "ifa")


def residential_costs(data: StudyData) -> Result:
    """Return the printed table of independent residential care: children, placements, cost."""
    return _cost_table(data, "residential_costs", "Independent residential care", "external_homes")


def supported_housing(data: StudyData) -> Result:
    """Return the printed table of supported housing: days and budget by legal status."""
    rows = table_rows(data, "supported_housing")
    return _as_printed(
        data,
        rows,
        "published_supported_housing",
        "Supported housing: days and budget",
        (
            Measure("support_days", "Support days", "days"),
            Measure("budget_gbp", "Budget", "gbp"),
        ),
        Layout(("group",), ("period",)),
        checks=(_sums_check(rows),),
        notes=("Unaccompanied young people are left out, as the document says.",),
        total="Total",
    )


def service_finance(data: StudyData) -> Result:
    """Return the printed table of budget, outturn and overspend by service."""
    rows = table_rows(data, "service_finance")
    name = "published_service_finance"
    spent = rows[(rows["measure"] == "overspend_gbp_m") & (rows["group"] == ALL)]
    spent = series_table(spent).sort_values("period")
    text = tuple(
        Sentence(
            "For {year} the table gives an overspend of {value} in all.",
            {"value": cell(name, row)},
            {"year": row["period"]},
        )
        for _, row in spent.iterrows()
    )
    return _as_printed(
        data,
        rows,
        name,
        "Children's services: budget and outturn",
        (
            Measure("budget_gbp_m", "Budget", "gbp_m"),
            Measure("outturn_gbp_m", "Outturn or forecast", "gbp_m"),
            Measure("overspend_gbp_m", "Overspend", "gbp_m"),
        ),
        Layout(("group",), ("period",)),
        checks=(_sums_check(rows),),
        text=text,
        notes=("The later year is a forecast, as the document says.",),
        total="Total children's services",
    )


def _trend(data: StudyData, table: str, title: str) -> Result:
    rows = table_rows(data, table)
    return _as_printed(
        data,
        rows,
        f"published_{table}",
        title,
        (
            Measure("children_n", "Children", "children"),
            Measure("share_of_children_pct", "Share", "percent", "all children"),
        ),
        Layout(("group", "measure"), ("period",)),
    )


def fostering_trend(data: StudyData) -> Result:
    """Return the printed table of foster care by kind of carer."""
    return _trend(data, "fostering_trend", "Foster care over the years")


def homes_trend(data: StudyData) -> Result:
    """Return the printed table of children's homes, in-house and external."""
    return _trend(data, "residential_trend", "Children's homes over the years")


def specialist_needs(data: StudyData) -> Result:
    """Return the printed table of needs by placement type."""
    return _as_printed(
        data,
        table_rows(data, "specialist_needs"),
        "published_specialist_needs",
        "Needs by placement type",
        (
            Measure("specialist_need_pct", "With a specialist need", "percent", "children"),
            Measure("needs_mean", "Mean number of needs", "score"),
        ),
        Layout(("group",), ("measure",)),
        total="All children",
    )


def needs_ranks(data: StudyData) -> Result:
    """Return the printed ranks of needs, by placement type."""
    return _as_printed(
        data,
        table_rows(data, "needs_ranks"),
        "published_needs_ranks",
        "Which needs are the most common",
        (Measure("need_rank", "Rank", "count"),),
        Layout(("group",), ("by",)),
        notes=("The first rank is the most common need.",),
    )


def _latest_each(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return one figure for each key, from the latest document, in order of period."""
    rows = rows.sort_values(["document", "month"], kind="stable").drop_duplicates(keys, keep="last")
    return rows.sort_values(["group", "by", "month"], ignore_index=True)


def unit_costs(data: StudyData) -> Result:
    """Return every unit cost a week that the documents print, by placement type and year."""
    rows = select(data, WEEKLY.key, area=own(data))
    rows = _latest_each(rows[rows["table"] == ""], ["group", "by", "period"])
    rows = rows.assign(by=("d" + rows["document"] + "_" + rows["by"]).str.rstrip("_"))
    labels = {
        key: title_of(data, key[1:].split("_")[0]) + _tail(data, key) for key in set(rows["by"])
    }
    made = _as_printed(
        data,
        rows,
        "published_unit_costs",
        "Unit costs in the text of the documents",
        (WEEKLY,),
        Layout(("group", "period", "by"), ()),
        notes=("As printed in each year; not adjusted for prices.",),
        total="All placements",
    )
    return _relabelled(made, dict(sorted(labels.items())) | {"by": "Document"})


def _tail(data: StudyData, key: str) -> str:
    by = key.partition("_")[2]
    return f", {words_for(data, [by])[by].lower()}" if by else ""


def _relabelled(result: Result, labels: dict[str, str]) -> Result:
    """Return the result with further labels."""
    return replace(result, labels={**result.labels, **labels})


def homes_savings(data: StudyData) -> Result:
    """Return the printed costs and savings that the case for new in-house homes rests on.

    Raises
    ------
    InputMissing
        If the study has typed no cost of a new home.
    """
    name, area = "published_homes_savings", own(data)
    homes = ["new_solo_home", "new_specialist_home", "external_specialist", "unregistered"]
    rows = select(data, [m.key for m in HOMES], area=area)
    rows = _latest_each(rows[rows["group"].isin(homes)], ["measure", "group", "by"])
    if rows.empty:
        raise InputMissing("published")
    table = series_table(rows)
    costs = rows[rows["measure"] == WEEKLY.key].set_index(["group", "by"])["value"]
    table, text = _specialist_saving(name, table, costs, area)
    made = _as_printed(
        data,
        rows,
        name,
        "New in-house homes: printed costs and savings",
        HOMES,
        Layout(("group", "by"), ("measure",), tuple(m.key for m in HOMES)),
        text=text,
        notes=("Costs and savings are as the report estimates them before the homes opened.",),
    )
    more = (Measure("cost_difference_gbp_week", "Difference of printed costs", "gbp_week"),)
    return replace(
        _relabelled(made, {"": "As printed"}),
        table=table,
        measures=(*made.measures, *(more if text else ())),
    )


def _specialist_saving(
    name: str, table: pd.DataFrame, costs: pd.Series[float], area: str
) -> tuple[pd.DataFrame, tuple[Sentence, ...]]:
    """Return the table with the saving that the printed costs allow, and it in words."""
    low, high = ("external_specialist", "low"), ("external_specialist", "high")
    new, said = ("new_specialist_home", ""), ("new_specialist_home", "up_to")
    if not {low, high, new} <= set(costs.index):
        return table, ()
    allowed = pd.DataFrame(
        [{"group": new[0], "by": b[1], "value": costs[b] - costs[new]} for b in (low, high)]
    ).assign(measure="cost_difference_gbp_week", area=area)
    full = combined(table, allowed)
    printed = full[(full["measure"] == "saving_gbp_week") & (full["group"] == said[0])]
    if printed.empty:
        return full, ()

    def ref(by: str) -> str:
        return cell(name, measure="cost_difference_gbp_week", group=new[0], by=by, area=area)

    return full, (
        Sentence(
            "For the specialist homes the report puts the saving at up to {said} a week; its "
            "own costs allow {low} to {high}.",
            {"said": cell(name, printed.iloc[0]), "low": ref("low"), "high": ref("high")},
        ),
    )


def carers(data: StudyData) -> Result:
    """Return every count of foster carers that the documents print, by kind and date."""
    rows = select(data, "carers_n", area=own(data))
    rows = _latest_each(rows, ["group", "period"])
    made = _as_printed(
        data,
        rows.assign(by="d" + rows["document"]),
        "published_carers",
        "Foster carers",
        (Measure("carers_n", "Carers", "people"),),
        Layout(("group", "period", "by"), ()),
        notes=("Documents do not count the same carers; compare within a document only.",),
    )
    labels = {f"d{d}": title_of(data, d) for d in sorted(set(rows["document"]))}
    return _relabelled(made, labels | {"by": "Document", "kinship": "Kinship carers"})
