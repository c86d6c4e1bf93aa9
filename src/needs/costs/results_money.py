"""Chapter 60: where every pound of the cost lines went, so that none is lost without a word."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.breakdown import NOT_RECORDED
from needs.care.rows import wide_rows
from needs.costs.days import distinct_nights
from needs.costs.high_cost import APART, BANDS_NAME, high_cost_rows
from needs.costs.kin import FAMILY
from needs.costs.spending import NO_CHILD, OUTCOMES, OUTSIDE, PLACED, Spending
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)
from needs.vocabulary.units import printed

__all__ = ["high_cost", "money"]

NAME, UNPAID = "cost_money", "unpaid"
_LABELS = {
    PLACED: "Nights in care",
    OUTSIDE: "Days outside care",
    NO_CHILD: "No child of the returns",
    UNPAID: "Nights in care that no line pays for",
}
FAR = 10.0
"""Times the usual price of its type, or a part of it as small, from which a line is looked at: a
yearly amount given as a weekly price is 52 times too much."""
_LONG = 28
"""Days from which a single amount can be read as a price."""


@FAMILY
def money(data: StudyData) -> Result:
    """Return pounds of the cost lines by what they paid for (``cost_money``).

    Returns
    -------
    Result
        By outcome and year: children, pounds gross, of which corrections (negative lines),
        pounds on nights whose type in the return is not the line's, and pounds at prices far from
        the usual, with children of each; children with lines of nought; and nights in care that no
        line pays for.

    Notes
    -----
    There is no row for all lines together, since it would give back money of few children as the
    rest; and where money of days outside care is of few in one year, it is withheld in all years,
    since chapter 10 prints it for all of them together.
    """
    spending = Spending.of(data)
    basis = spending.basis
    wide = _wide(spending)
    of = ("in_outcome_n",)
    return Result(
        name=NAME,
        title="Every pound of the cost lines",
        subtitle=basis.flow_subtitle("Pounds by what they paid for"),
        table=pd.concat(
            [
                _whole_or_none(wide_rows(wide, ["group", "period"]), spending),
                wide_rows(_unpaid(spending), ["group", "period"]),
            ],
            ignore_index=True,
        ),
        measures=(
            Measure("in_outcome_n", "Children", "children"),
            Measure("gross_gbp", "Spent, gross", "gbp", "", of),
            Measure("corrected_n", "Children with corrections", "children"),
            Measure("corrections_gbp", "Corrections below nought", "gbp", "", ("corrected_n",)),
            Measure("other_type_n", "Children under another type than the return's", "children"),
            Measure("other_type_gbp", "Paid under such a type", "gbp", "", ("other_type_n",)),
            Measure("zero_n", "Children with lines of nought", "children"),
            Measure("far_n", "Children with prices far from the usual", "children"),
            Measure("far_gbp", "Paid at such prices", "gbp", "", ("far_n",)),
            Measure("nights_n", "Nights", "nights", "", of),
        ),
        labels={**_LABELS, **basis.window_labels},
        source=spending.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(spending),
        checks=_checks(wide),
        notes=(
            f"A price is far from the usual at {FAR:g} times the middle one of its type or more, "
            f"or at one part in {FAR:g} of it or less: a yearly amount given by the week, say. "
            "Amounts of fewer than four weeks are no price. Nothing is left out for it.",
            "Nights that no line pays for are those in types that any line pays for.",
            "There is no total: it would tell the money of few children where a row is withheld.",
            "Money for days before the first of these years, or after the last, is in none.",
            "Lines of no child are blocks of places, or children whom the returns do not have; "
            "chapter ten says which.",
            "Cost lines hold what was paid for children's nights. What block contracts cost for "
            "places that stood empty is in them only where a line of no child says so; chapter "
            "forty, where there is one, tells of it from the contracts.",
        ),
        settings=spending.settings,
        scope="Cost lines name children of any age whom somebody was paid for.",
    )


def _wide(spending: Spending) -> pd.DataFrame:
    """Return one row an outcome and year; columns that few lines are in, with their children."""
    parts = spending.parts
    other = (parts["outcome"] == PLACED) & (parts["own_type"] != "")
    some = {
        "corrections": parts["gross"] < 0,
        "other_type": other & (parts["own_type"] != parts["type"]) & (parts["gross"] != 0),
        "zero": parts["gross"] == 0,
        "far": _far(parts),
    }
    by = ["outcome", "window"]
    index = pd.MultiIndex.from_product([OUTCOMES, range(len(spending.basis.shown.windows))])

    def spread(values: pd.Series) -> np.ndarray:
        found: np.ndarray = values.reindex(index, fill_value=0).to_numpy(dtype=float)
        return found

    known = parts["child"] >= 0
    out = {
        "group": index.get_level_values(0),
        "period": [spending.basis.window_keys[k] for k in index.get_level_values(1)],
        "in_outcome_n": spread(parts[known].groupby(by)["child"].nunique()),
        "gross_gbp": spread(parts.groupby(by)["gross"].sum()),
    }
    for name, marks in some.items():
        count = "corrected_n" if name == "corrections" else f"{name}_n"
        out[count] = spread(parts[known & marks].groupby(by)["child"].nunique())
        if name != "zero":
            out[f"{name}_gbp"] = spread(parts[marks].groupby(by)["gross"].sum())
    return pd.DataFrame(out)


def _far(parts: pd.DataFrame) -> pd.Series:
    """Return which parts are paid at a price that is far from the middle one of their type."""
    whole = parts.groupby("line")["days"].transform("sum")
    price = parts["gross"] / parts["days"]
    known = (parts["outcome"] == PLACED) & (price > 0) & (~parts["single"] | (whole >= _LONG))
    usual = price.where(known).groupby(parts["type"]).transform("median")
    return known & ((price >= FAR * usual) | (price <= usual / FAR))


def _unpaid(spending: Spending) -> pd.DataFrame:
    """Return children and nights that no line pays for, in types that any line pays for."""
    keys = ["window", "type", "child"]
    paid = distinct_nights(spending.placed, keys[:2]).set_index(keys)["nights"]
    nights = spending.nights.assign(
        type=spending.nights["type"].astype(object).fillna(NOT_RECORDED)
    )
    nights = nights[nights["type"].isin(set(spending.placed["type"]))]
    found = paid.reindex(pd.MultiIndex.from_frame(nights[keys]), fill_value=0).to_numpy()
    left = nights.assign(left=nights["days"].to_numpy() - found)
    left = (
        left[left["left"] > 0].groupby("window").agg(n=("child", "nunique"), left=("left", "sum"))
    )
    left = left.reindex(range(len(spending.basis.window_keys)), fill_value=0)
    return pd.DataFrame(
        {
            "group": UNPAID,
            "period": spending.basis.window_keys,
            "in_outcome_n": left["n"].to_numpy(),
            "nights_n": left["left"].to_numpy(),
        }
    )


def _checks(wide: pd.DataFrame) -> tuple[Check, ...]:
    """Ask for a look where prices are far from the usual; how many they are stands in the table."""
    found = wide["far_n"].sum() > 0
    detail = "there are some: see the table" if found else "none"
    return (
        Check("Prices far from the usual of their type", "review" if found else "pass", detail),
    )


def _whole_or_none(table: pd.DataFrame, spending: Spending) -> pd.DataFrame:
    """Return a table in which money outside care is withheld in all years, or in none."""
    mine = (table["group"] == OUTSIDE) & table["measure"].isin(["in_outcome_n", "gross_gbp"])
    n = table.loc[mine & (table["measure"] == "in_outcome_n"), "value"]
    if not n.between(1, spending.basis.study.disclosure.threshold - 1).any():
        return table
    some = mine & (table["value"] != 0)
    out = table.copy()
    out.loc[some, "value"], out.loc[some, "marker"] = np.nan, "c"
    return out


def _words(spending: Spending) -> tuple[Sentence, ...]:
    key = spending.basis.window_keys[-1]
    return (
        Sentence(
            "{year}: {placed} of the cost lines paid for nights in care, {outside} for days of "
            "known children outside it, and {nobody} for no child of the returns.",
            {
                "placed": figure_id(NAME, "gross_gbp", PLACED, key),
                "outside": figure_id(NAME, "gross_gbp", OUTSIDE, key),
                "nobody": figure_id(NAME, "gross_gbp", NO_CHILD, key),
            },
            {"year": spending.basis.window_labels[key]},
        ),
    )


@FAMILY
def high_cost(data: StudyData) -> Result:
    """Return children in high-cost placements, by weekly price and year (``cost_high``).

    Returns
    -------
    Result
        By band of the highest price that was paid for a child in the year: children, and of all
        nights at such prices: weeks, and pounds spent in them.
    """
    spending = Spending.of(data)
    basis = spending.basis
    edges = basis.study.costs.high_from
    wide, labels = high_cost_rows(spending)
    keys = tuple(k for k in labels if k != ALL)
    of = ("children_n",)
    key = basis.window_keys[-1]
    return Result(
        name=BANDS_NAME,
        title="High-cost placements",
        subtitle=basis.flow_subtitle("Children, weeks and pounds at high weekly prices"),
        table=wide_rows(wide, ["group", "period"]),
        measures=(
            Measure("children_n", "Children", "children"),
            Measure("weeks_n", "Weeks at such a price", "weeks", "", of),
            Measure("gross_gbp", "Spent in them, gross", "gbp", "", of),
        ),
        labels={**labels, **basis.window_labels},
        source=spending.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=(
            Sentence(
                "{year}: {n} children were in a placement of {from_} a week or more at some time, "
                "for {weeks} weeks together, at {gross}.",
                {
                    "n": figure_id(BANDS_NAME, "children_n", ALL, key),
                    "weeks": figure_id(BANDS_NAME, "weeks_n", ALL, key),
                    "gross": figure_id(BANDS_NAME, "gross_gbp", ALL, key),
                },
                {"year": basis.window_labels[key], "from_": printed(edges[0], "gbp")},
            ),
        ),
        additive=(Additive("group", ALL, keys),) if len(keys) > 1 else (),
        notes=(
            "The price of a night is that of all weekly lines that pay for it together; single "
            "amounts are no price and are left out.",
            "A child is counted once a year, by the highest price of any night; weeks and pounds "
            "are those of all nights of these children at a high price.",
            APART,
        ),
        settings=spending.settings,
    )
