"""Odd cost lines, one by one: what the reader or the page says of each, in children and pounds.

Each case is a file as an authority would send it, read as it stands. Beside the lines below every
child has a line of 1,000 pounds a week for the whole year.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from drawn_costs import CHILDREN, episodes, value
from table_files import as_csv, example

from needs.assurance.inputs_quality import child_joins
from needs.costs import chapter60
from needs.inputs.registry import READERS, open_data
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

STUDY = """
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["*.csv"]
costs = ["costs.csv"]
"""
WEEKS = 365 / 7
USUAL = 16 * 1000 * WEEKS
BLANK = {
    "placement_ref": "", "placement_type": "", "urn": "", "service": "", "amount_gbp": "",
    "contribution_health_gbp": "", "contribution_education_gbp": "", "uasc_grant_gbp": "",
    "invoice_date": "", "route": "spot", "provider": "One",
}  # fmt: skip


def line(number, child, weekly="1000", first="2022-04-01", last="2023-03-31", **more):
    cells = {"line_id": f"L{number}", "child_id": child, "weekly_cost_gbp": weekly,
             "from": first, "to": last}  # fmt: skip
    return example("costs") | BLANK | cells | more


EVERY = [line(i, f"C{i}") for i in range(16)]


@pytest.fixture
def read(tmp_path, draw):
    """Return a function: rows of a cost file -> the study's data, the file not yet read."""

    def made(rows):
        (tmp_path / "costs.csv").write_bytes(as_csv(*rows))
        records = draw.records(draw.table(CHILDREN), draw.table(episodes(homes=0)), [2023])
        ids = pd.Index(sorted(f"C{i}" for i in range(16)), dtype=object)
        order = [int(i[1:]) for i in ids]  # records number children in the order of their ids
        who = records.children.iloc[order].reset_index(drop=True)
        records = replace(records, children=who, ids=ids)
        (tmp_path / "study.toml").write_text(STUDY)
        data = open_data(load_study(tmp_path))
        return replace(data, readers={**READERS, "ssda903": lambda _: records})

    return made


def said(result, measure, group, period="2022-23"):
    """Return the words of a line of the page, and its number before any is hidden."""
    words = f"{result.labels[group]}: {result.measure(measure).label}"
    return words, round(value(result, measure, group, period), 2)


def test_a_usual_year_is_all_there_and_nothing_is_odd(read):
    made = chapter60.money(read(EVERY))
    assert said(made, "gross_gbp", "placed") == (
        "Nights in care: Spent, gross",
        round(USUAL, 2),
    )
    rest = made.table[(made.table["group"] != "placed") | ~made.table["measure"].isin(
        ["gross_gbp", "in_outcome_n"])]  # fmt: skip
    assert rest["value"].sum() == 0
    assert [(c.status, c.detail) for c in made.checks] == [("pass", "none")]


ODD_LINES = {
    "cost without a child": (
        [line(90, "", weekly="70", last="2022-04-10")],
        ("gross_gbp", "no_child"), "No child of the returns: Spent, gross", 100.0,
    ),
    "cost of a child whom the returns do not have": (
        [line(90, "STRANGER", weekly="70", last="2022-04-10")],
        ("gross_gbp", "no_child"), "No child of the returns: Spent, gross", 100.0,
    ),
    "correction below nought": (
        [line(90, "C3", weekly="-14", last="2022-04-07")],
        ("corrections_gbp", "placed"), "Nights in care: Corrections below nought", -14.0,
    ),
    "correction in brackets with a pound sign, as one amount": (
        [line(90, "C3", weekly="", amount_gbp="(£1,400.50)", last="2022-04-07")],
        ("corrections_gbp", "placed"), "Nights in care: Corrections below nought", -1400.5,
    ),
    "line of nought": (
        [line(90, "C3", weekly="0", last="2022-04-07")],
        ("zero_n", "placed"), "Nights in care: Children with lines of nought", 1.0,
    ),
    "a year's amount given as a weekly price": (
        [line(90, "C3", weekly="£52,000.00", last="2022-04-07")],
        ("far_gbp", "placed"), "Nights in care: Paid at such prices", 52000.0,
    ),
    "a weekly price given as the amount of a year": (
        [line(90, "C3", weekly="", amount_gbp="1000")],
        ("far_n", "placed"), "Nights in care: Children with prices far from the usual", 1.0,
    ),
    "amount without a last day: it falls on its first": (
        [line(90, "C3", weekly="", amount_gbp="-365", last="")],
        ("corrections_gbp", "placed"), "Nights in care: Corrections below nought", -365.0,
    ),
    "late invoice: the year is that of the days": (
        [line(90, "C3", weekly="-7", last="2022-04-07", invoice_date="2024-01-31")],
        ("corrections_gbp", "placed"), "Nights in care: Corrections below nought", -7.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD_LINES)
def test_an_odd_line_stands_in_the_page_with_its_pounds(read, case):
    more, at, words, number = ODD_LINES[case]
    made = chapter60.money(read([*EVERY, *more]))
    assert said(made, *at) == (words, number)
    t = made.table[made.table["measure"] == "gross_gbp"]
    amounts = {"": USUAL}
    for row in more:
        days = (pd.Timestamp(row["to"] or row["from"]) - pd.Timestamp(row["from"])).days + 1
        text = row["weekly_cost_gbp"] or row["amount_gbp"]
        plain = float(text.strip("()").replace("£", "").replace(",", ""))
        plain = -plain if text.startswith("(") else plain
        amounts[row["line_id"]] = plain * days / 7 if row["weekly_cost_gbp"] else plain
    assert t["value"].sum() == pytest.approx(sum(amounts.values()))  # to the penny, nothing lost


def test_a_price_far_from_the_usual_asks_for_a_look(read):
    made = chapter60.money(read([*EVERY, line(90, "C3", weekly="52000")]))
    (check,) = made.checks
    assert (check.name, check.status) == ("Prices far from the usual of their type", "review")


def test_a_child_without_a_cost_is_told_in_nights(read):
    made = chapter60.money(read([*EVERY[:15], line(90, "C15", last="2022-06-30")]))
    words, nights = said(made, "nights_n", "unpaid")
    assert (words, nights) == ("Nights in care that no line pays for: Nights", 274)
    assert said(made, "in_outcome_n", "unpaid")[1] == 1


def test_a_weekly_line_without_a_last_day_runs_to_the_day_of_the_study(read):
    made = chapter60.money(read([*EVERY[:15], line(90, "C15", last="")]))
    assert said(made, "gross_gbp", "placed")[1] == round(USUAL, 2)
    assert said(made, "nights_n", "unpaid")[1] == 0


def test_two_funders_are_each_taken_off_once(read):
    shared = line(90, "C3", weekly="700", last="2022-04-07",
                  contribution_health_gbp="£210.00", contribution_education_gbp="70")  # fmt: skip
    data = read([*EVERY, shared])
    others = chapter60.paid_by_others(data)
    assert value(others, "gbp", "ifa", by="health") == pytest.approx(210)
    assert value(others, "gbp", "ifa", by="education") == pytest.approx(70)
    _, trend = chapter60.unit_costs(data)
    gross, net = (value(trend, m, "all", "2022-23") for m in ("gross_gbp", "net_gbp"))
    assert gross - net == pytest.approx(280)


@pytest.mark.parametrize(
    ("cells", "column", "rule", "mend"),
    [
        ({"weekly_cost_gbp": "218,400"}, "weekly_cost_gbp", "outside", "amount_gbp"),
        ({"weekly_cost_gbp": "€4200"}, "weekly_cost_gbp", "not an amount of money", "digits"),
        ({"weekly_cost_gbp": "4200 a week"}, "weekly_cost_gbp", "not an amount", "digits"),
        ({"weekly_cost_gbp": "7", "amount_gbp": "7"}, "weekly_cost_gbp", "not exactly one", "one"),
        ({"weekly_cost_gbp": ""}, "weekly_cost_gbp", "not exactly one of", "give one"),
        ({"contribution_health_gbp": "-5"}, "contribution_health_gbp", "below", "correct"),
        ({"from": ""}, "from", "the cell is empty", "fill it in"),
        ({"to": "2021-01-01"}, "from", "from lies after to", "correct one of the two"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_column_row_and_mend(
    read, cells, column, rule, mend
):
    with pytest.raises(InputError) as e:
        read([*EVERY, line(90, "C3") | cells]).costs  # noqa: B018
    (fault,) = e.value.faults
    assert (fault.column, fault.rows) == (column, (18,))
    assert rule in fault.rule and mend in fault.mend


def test_data_quality_tells_the_rows_and_pounds_that_were_not_found(read):
    few = [line(90 + i, f"STRANGER{i}", weekly="70", last="2022-04-10") for i in range(7)]
    blank = [line(99, "", weekly="70", last="2022-04-10")]
    (joins,) = child_joins(read([*EVERY, *few, *blank]))
    told = {
        joins.labels[f"costs_child_{o}"]: tuple(
            joins.table.query("group == @at and measure == @m")["value"].item()
            for at in [f"costs_child_{o}"]
            for m in ("rows_n", "children_n", "gbp")
        )
        for o in ("matched", "unknown", "blank")
    }
    assert told == {
        "Placement costs, children of the returns: found": (16, 16, pytest.approx(USUAL)),
        "Placement costs, children of the returns: not found": (7, 7, pytest.approx(700)),
        "Placement costs, children of the returns: left blank": (1, 1, pytest.approx(100)),
    }
