"""The shape of a result, and what it refuses."""

import json

import pandas as pd
import pytest

from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.released import (
    ReleasedChart,
    ReleasedResult,
    ReleasedRow,
    ReleasedTable,
    Span,
)
from needs.vocabulary.results import Chart, Measure, Result, Sentence, figure_id, long_table

pytestmark = pytest.mark.unit

CHILDREN = Measure("children_n", "Children", "children")


def result(rows, **more):
    return Result(
        name="stock",
        title="Children looked after",
        subtitle="At 31 March",
        table=long_table(pd.DataFrame(rows)),
        measures=(CHILDREN,),
        labels={"all": "All"},
        source="SSDA903",
        **more,
    )


def test_a_number_may_not_be_named_twice():
    row = {"measure": "children_n", "period": "2022-23", "value": 5}
    with pytest.raises(ValueError, match="two rows name the same number"):
        result([row, row])


def test_a_measure_must_be_described():
    with pytest.raises(ValueError, match="not described"):
        result([{"measure": "share_pct", "value": 5}])


def test_a_sentence_may_not_hold_a_digit_of_its_own():
    with pytest.raises(ValueError, match="digit of its own"):
        Sentence("There were 881 children.")


@pytest.mark.parametrize(
    ("template", "refs"), [("There were {n} children.", {}), ("None here.", {"n": "a.b.all"})]
)
def test_a_sentence_and_its_references_must_match(template, refs):
    with pytest.raises(ValueError, match="do not match"):
        Sentence(template, refs)


def test_a_chart_needs_alternative_text():
    with pytest.raises(ValueError, match="alternative text"):
        Chart("trend", "line", "children_n", "Title", "Subtitle", "")


def test_a_figure_id_leaves_out_empty_keys():
    assert (
        figure_id("mix", "share_pct", "ifa", "2022-23", by="boys")
        == "mix.share_pct.ifa.boys.2022-23"
    )


def test_a_released_block_survives_json():
    table = ReleasedTable(("Type",), ("2022-23",), (("All", "881"),), (("stock.children_n.all",),))
    block = ReleasedResult(
        kind="result",
        chapter="20",
        name="stock",
        title="t",
        subtitle="s",
        source="SSDA903",
        scope="all",
        synthetic=True,
        rows=(
            ReleasedRow(
                "i", "", "2022-23", "children_n", "all", "", "881", "881", "children", "", "s"
            ),
        ),
        table=table,
        sentences=((Span("There were "), Span("881", "i")),),
        charts=(ReleasedChart("k", "t", "s", "a", "chart-k", {"data": []}, table),),
        checks=(("sum", "pass", "ok"),),
        notes=("n",),
    )
    assert ReleasedResult.from_json(json.loads(json.dumps(block.to_json()))) == block


def test_an_error_lists_every_fault_with_rows_and_mend():
    faults = [
        Fault("b.csv", "not a date", "write 31/03/2023", "DECOM", tuple(range(2, 22)), 20),
        Fault("a.csv", "empty file", "export it again"),
    ]
    text = str(InputError("two inputs cannot be read", faults))
    assert text.splitlines() == [
        "two inputs cannot be read",
        "  a.csv: empty file. Mend: export it again",
        "  b.csv, DECOM: not a date [20 rows: 2, 3, 4, 5, 6, 7, 8, 9, …]. Mend: write 31/03/2023",
    ]


def test_blank_keys_and_markers_never_become_words():
    later = {"measure": ["children_n"], "value": [2], "period": ["2022-23"], "marker": ["r"]}
    parts = [pd.DataFrame({"measure": ["children_n"], "value": [1]}),
             pd.DataFrame(later | {"group": ["ifa"]})]  # fmt: skip
    table = long_table(pd.concat(parts))
    assert table["period"].tolist() == ["", "2022-23"]
    assert table["group"].tolist() == ["all", "ifa"]
    assert table["marker"].tolist() == ["", "r"]
