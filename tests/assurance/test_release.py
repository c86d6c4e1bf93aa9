"""What leaves the analysis: rounded once, laid out, in words that give nothing away."""

import pandas as pd
import pytest

from needs.assurance.release import measure_words, release
from needs.vocabulary.released import ReleasedResult
from needs.vocabulary.results import (
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.study import Authority, Inputs, Period, ReportSettings, Study

pytestmark = pytest.mark.unit

CHILDREN = Measure("children_n", "Children", "children")
SHARE = Measure("share_pct", "Share", "percent", "all children", ("children_n",))
LABELS = {"group": "Placement", "res": "Children's homes", "fos": "Foster care", "all": "All"}
VALUES = {
    ("fos", "2021-22"): 60,
    ("fos", "2022-23"): 1266,
    ("res", "2021-22"): 3,
    ("res", "2022-23"): 40,
    ("all", "2021-22"): 63,
    ("all", "2022-23"): 1306,
}


def study(**report):
    return Study(
        schema_version=1,
        authority=Authority(
            name="Anyshire County Council",
            short_name="Anyshire",
            dfe_code="931",
            ons_code="E10000025",
            label="children we care for",
        ),
        period=Period(reporting_year="2022-23", as_at="2023-03-31"),
        inputs=Inputs(),
        report=ReportSettings(**report),
    )


def result(**more):
    rows = []
    for (group, period), value in VALUES.items():
        key = {"group": group, "period": period}
        total = VALUES["all", period]
        rows.append({**key, "measure": "children_n", "value": value})
        rows.append({**key, "measure": "share_pct", "value": 100 * value / total})
    given = {
        "name": "stock",
        "title": "Children by placement",
        "subtitle": "At 31 March",
        "table": long_table(pd.DataFrame(rows)),
        "measures": (CHILDREN, SHARE),
        "labels": LABELS,
        "source": "SSDA903",
        "additive": (Additive("group", "all", ("fos", "res")),),
    }
    return Result(**{**given, **more})


def fid(group, period, measure="children_n"):
    return figure_id("stock", measure, group, period)


def test_every_printed_cell_has_the_id_and_text_of_its_row():
    made = release(result(), study(), "20")
    printed = {r.id: r.printed for r in made.rows}
    width = len(made.table.stubs)
    cells = [
        (i, text)
        for row, ids in zip(made.table.rows, made.table.ids, strict=True)
        for i, text in zip(ids, row[width:], strict=True)
    ]
    assert len(cells) == len(made.rows)
    assert all(printed[i] == text for i, text in cells)


def test_rows_follow_the_labels_and_years_run_forward():
    made = release(result(layout=Layout(("group",), ("period",), ("children_n",))), study(), "20")
    assert made.table.stubs == ("Placement",)
    assert [r[0] for r in made.table.rows] == ["Children's homes", "Foster care", "All"]
    assert made.table.headers == ("2021-22", "2022-23")
    assert made.table.rows[1][2] == "1,266"
    assert "Each number is: Children." in made.notes


def test_two_measures_go_across_with_unit_and_base():
    made = release(result(layout=Layout(("period", "group"), ())), study(), "20")
    assert made.table.headers == ("Children", "Share (% of all children)")
    assert made.table.rows[-1][:2] == ("2022-23", "All")
    assert made.table.over == ()


def test_two_keys_across_share_what_stands_above_them():
    made = release(result(layout=Layout(("group",), ("period",))), study(), "20")
    assert made.table.headers[:2] == ("2021-22, Children", "2021-22, Share (% of all children)")
    assert made.table.over == ("2021-22", "2021-22", "2022-23", "2022-23")


def test_a_hidden_number_leaves_no_trace():
    text = (
        Sentence(
            "It rose from {a} to {b}.", {"a": fid("res", "2021-22"), "b": fid("res", "2022-23")}
        ),
        Sentence("There were {n}.", {"n": fid("all", "2022-23")}),
        Sentence("And {n}.", {"n": fid("fos", "2021-22", "share_pct")}),
    )
    made = release(result(text=text), study(), "20")
    hidden = [r for r in made.rows if r.marker == "c"]
    assert {r.id for r in hidden} >= {fid("res", "2021-22"), fid("fos", "2021-22")}
    assert all((r.value, r.printed) == ("", "c") for r in hidden)
    said = ["".join(s.text for s in line) for line in made.sentences]
    assert len(said) == 2
    assert "rose" not in said[0]
    assert said[1] == "There were 1,306."
    assert [s.figure for s in made.sentences[1]] == ["", fid("all", "2022-23"), ""]
    assert set(made.disclosure) == {"withheld", "threshold", "rule"}
    assert made.disclosure["withheld"] == len(hidden)


def test_a_number_is_rounded_once_for_people_and_machines():
    rows = [{"measure": "cost", "value": 1234.5}, {"measure": "cost", "group": "b", "value": -0.04}]
    cost = Measure("cost", "Cost", "gbp")
    million = Measure("cost", "Cost", "gbp_m")
    made = release(
        result(table=long_table(pd.DataFrame(rows)), measures=(cost,), additive=()), study(), "20"
    )
    assert (made.rows[0].value, made.rows[0].printed) == ("1235", "£1,235")
    made = release(
        result(table=long_table(pd.DataFrame(rows)), measures=(million,), additive=()),
        study(),
        "20",
    )
    assert made.rows[0].value == "1234.5"
    assert (made.rows[1].value, made.rows[1].printed) == ("0.0", "£0.0m")


def test_forecast_bounds_become_numbers_of_their_own():
    rows = [{"measure": "children_n", "value": 40.2, "lower_80": 31.6, "upper_80": 52.5}]
    made = release(result(table=long_table(pd.DataFrame(rows)), additive=()), study(), "50")
    printed = {r.measure: r.printed for r in made.rows}
    assert printed == {
        "children_n": "40",
        "children_n_lower_80": "32",
        "children_n_upper_80": "53",
    }


def test_text_columns_stand_beside_their_group():
    notes = {"Why": {"res": "Few places"}}
    layout = Layout(("group",), ("period",), ("children_n",))
    made = release(result(row_notes=notes, layout=layout), study(), "20")
    assert made.table.headers[-1] == "Why"
    assert [r[-1] for r in made.table.rows] == ["Few places", "", ""]
    assert all(ids[-1] == "" for ids in made.table.ids)


def test_scope_and_synthetic_records_are_said():
    made = release(result(), study(synthetic=True), "20")
    assert made.scope.startswith("Children we care for: ")
    assert made.synthetic
    assert not release(result(published=True), study(synthetic=True), "20").synthetic


def test_a_result_that_counts_others_than_the_label_says_whom():
    words = "Everybody on the service's list."
    assert release(result(scope=words), study(), "20").scope == words


def test_a_total_that_does_not_add_up_asks_for_review():
    wrong = result()
    table = wrong.table.copy()
    table.loc[(table["group"] == "all") & (table["measure"] == "children_n"), "value"] += 7
    made = release(result(table=table, checks=(Check("Rows", "pass", "all there"),)), study(), "20")
    assert [c[1] for c in made.checks] == ["pass", "review"]
    assert all(c[1] == "pass" for c in release(result(), study(), "20").checks)


def test_a_contradiction_in_the_result_is_refused():
    with pytest.raises(ValueError, match="refers to"):
        release(result(text=(Sentence("{n}", {"n": "stock.nothing"}),)), study(), "20")
    with pytest.raises(ValueError, match="one cell"):
        release(result(layout=Layout(("group",), ("measure",))), study(), "20")


def test_a_block_survives_its_journey_through_a_notebook():
    made = release(result(), study(), "20")
    assert ReleasedResult.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (CHILDREN, "Children"),
        (SHARE, "Share (% of all children)"),
        (Measure("r", "Rate", "rate_per_10k"), "Rate (per 10,000 children aged 0 to 17)"),
        (
            Measure("c", "Mean cost", "gbp_week", "open placements"),
            "Mean cost (pounds a week, open placements)",
        ),
    ],
)
def test_a_heading_says_measure_unit_and_base(measure, words):
    assert measure_words(measure) == words


def test_numbers_for_sentences_alone_make_no_empty_table():
    """A study whose records are clean has counts of checks to speak of, and no rows to list."""
    listed = Measure("rows_n", "Rows", "rows")
    made = result(layout=Layout(measures=("rows_n",)), measures=(CHILDREN, SHARE, listed))
    released = release(made, study(), "10")
    assert released.table is None
    assert released.rows
