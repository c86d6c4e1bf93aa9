"""Chapter 60: printed tables of budgets, beside what follows from them."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import cell, source_of, table_rows, words_for
from needs.care.rows import wide_rows
from needs.costs.published_costs import DAYS
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence

__all__ = ["finance_again", "supported_again"]

SUPPORTED, FINANCE = "published_supported_again", "published_finance_again"
TENFOLD = 10
"""A budget for a day so many times that of another year is a matter for whoever wrote it."""
_SUPPORTED = (
    Measure("support_days", "Support days, as printed", "days"),
    Measure("support_days_sum", "Support days of the rows together", "days"),
    Measure("budget_gbp", "Budget, as printed", "gbp"),
    Measure("budget_gbp_sum", "Budgets of the rows together", "gbp"),
    Measure("fte", "Full-time equivalents that follow", "fte"),
    Measure("gbp_day", "Budget for a day", "gbp"),
)
_FINANCE = (
    Measure("budget_gbp_m", "Budget, as printed", "gbp_m"),
    Measure("budget_gbp_m_sum", "Budgets of the rows together", "gbp_m"),
    Measure("outturn_gbp_m", "Outturn or forecast, as printed", "gbp_m"),
    Measure("outturn_gbp_m_sum", "Outturns of the rows together", "gbp_m"),
    Measure("overspend_gbp_m", "Overspend, as printed", "gbp_m"),
    Measure("overspend_gbp_m_sum", "Overspends of the rows together", "gbp_m"),
    Measure("less_gbp_m", "Outturn less budget", "gbp_m"),
    Measure("less_pct", "Outturn less budget, share", "percent1", "the budget"),
)
_KEYS = ["group", "period"]


def supported_again(data: StudyData) -> Result:
    """Return the printed table of supported housing, and what follows from it.

    Returns
    -------
    Result
        ``published_supported_again``: by legal status and year, support days and budget as
        printed, full-time equivalents and the budget for a day that they give; for the total, also
        the sums of the rows.

    Raises
    ------
    InputMissing
        If the study has typed no such table.
    """
    rows = table_rows(data, "supported_housing")
    wide = _with_sums(rows, ["support_days", "budget_gbp"])
    wide["fte"] = wide["support_days"] / DAYS
    wide["gbp_day"] = wide["budget_gbp"] / wide["support_days"].where(wide["support_days"] > 0)
    parts = wide[wide["group"] != ALL]
    odd = _odd_budgets(parts)
    words = words_for(data, wide["group"])
    said = "The budget for a day is nought, or changes more than tenfold, for: {groups}."
    named = {"groups": "; ".join(words[g] for g in odd)}
    return Result(
        name=SUPPORTED,
        title="The printed table of supported housing, and what follows from it",
        subtitle=f"{data.study.authority.short_name}, as printed and as worked out",
        table=_shown(wide, _SUPPORTED),
        measures=_SUPPORTED,
        labels=words | {ALL: "Total"},
        source=source_of(data, rows),
        layout=Layout(("group", "measure"), ("period",)),
        text=(Sentence(said, {}, named),) if odd else (),
        checks=(
            _sums_check(wide, ["support_days", "budget_gbp"]),
            Check(
                "Days and budgets belong together",
                "review" if odd else "pass",
                "rows whose budget for a day is nought, or changes tenfold: "
                f"{len(odd)} of {parts['group'].nunique()}",
            ),
        ),
        notes=("Full-time equivalents are support days over the days of a year.",),
        published=True,
    )


def finance_again(data: StudyData) -> Result:
    """Return the printed table of budget and outturn, and what follows from it.

    Returns
    -------
    Result
        ``published_finance_again``: by service and year, budget, outturn and overspend as printed;
        outturn less budget, and that in per cent of the budget; for the total, also what the rows
        come to.

    Raises
    ------
    InputMissing
        If the study has typed no such table.

    Notes
    -----
    The table is of all children's services, so that it cannot be parted among placements.
    """
    rows = table_rows(data, "service_finance")
    printed = ["budget_gbp_m", "outturn_gbp_m", "overspend_gbp_m"]
    wide = _with_sums(rows, printed)
    wide["less_gbp_m"] = (wide["outturn_gbp_m"] - wide["budget_gbp_m"]).round(6)
    wide["less_pct"] = (
        100 * wide["less_gbp_m"] / wide["budget_gbp_m"].where(wide["budget_gbp_m"] > 0)
    )
    apart = (wide["less_gbp_m"] - wide["overspend_gbp_m"]).dropna().round(6)
    return Result(
        name=FINANCE,
        title="The printed table of budget and outturn, and what follows from it",
        subtitle=f"All children's services, {data.study.authority.short_name}, as printed and as "
        "worked out",
        table=_shown(wide, _FINANCE),
        measures=_FINANCE,
        labels=words_for(data, wide["group"]) | {ALL: "Total children's services"},
        source=source_of(data, rows),
        layout=Layout(("group", "measure"), ("period",)),
        text=tuple(_against_budget(wide[wide["group"] == ALL])),
        checks=(
            Check(
                "Printed overspends are outturn less budget",
                "review" if (apart != 0).any() else "pass",
                f"overspends that differ: {int((apart != 0).sum())} of {len(apart)}",
            ),
            _sums_check(wide, printed),
        ),
        notes=(
            "It is of all children's services, and so says nothing of why placements cost what "
            "they do: the cost lines do.",
        ),
        published=True,
    )


def _with_sums(rows: pd.DataFrame, printed: list[str]) -> pd.DataFrame:
    """Return one row a group and year, a column a measure, and beside totals what rows come to."""
    wide = rows.pivot_table("value", _KEYS, "measure").reset_index()
    wide = wide.reindex(columns=[*_KEYS, *printed])
    whole = wide["group"] == ALL
    sums = wide[~whole].groupby("period")[printed].sum().round(6)
    for name in printed:
        at = sums[name].reindex(wide["period"]).set_axis(wide.index)
        wide[f"{name}_sum"] = at.where(whole)
    return wide


def _shown(wide: pd.DataFrame, measures: tuple[Measure, ...]) -> pd.DataFrame:
    table = wide_rows(wide[[*_KEYS, *(m.key for m in measures)]], _KEYS)
    return table[table["marker"] != "z"].reset_index(drop=True)


def _sums_check(wide: pd.DataFrame, printed: list[str]) -> Check:
    totals = wide[wide["group"] == ALL]
    gaps = pd.concat([totals[f"{n}_sum"] - totals[n] for n in printed]).dropna().round(6)
    off = int((gaps != 0).sum())
    return Check(
        "Printed totals are the sums of their rows",
        "review" if off else "pass",
        f"totals that differ from the sum: {off} of {len(gaps)}",
    )


def _odd_budgets(rows: pd.DataFrame) -> list[str]:
    """Return the groups whose budget for a day is nought, or changes tenfold between years."""
    price = rows.pivot_table("gbp_day", "group", "period", sort=False)
    low, high = price.min(axis=1), price.max(axis=1)
    return [str(g) for g in price.index[(low <= 0) | (high > TENFOLD * low)]]


def _against_budget(totals: pd.DataFrame) -> list[Sentence]:
    known = totals.dropna(subset=["less_gbp_m", "less_pct", "overspend_gbp_m"])
    return [
        Sentence(
            "{year}: outturn less budget is {over}, {pct} of the budget; {said} is printed.",
            {
                "over": cell(FINANCE, measure="less_gbp_m", period=p),
                "pct": cell(FINANCE, measure="less_pct", period=p),
                "said": cell(FINANCE, measure="overspend_gbp_m", period=p),
            },
            {"year": p},
        )
        for p in known["period"]
    ]
