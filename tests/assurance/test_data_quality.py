"""Chapter 10: what the findings become in front of a reader."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from needs.assurance import data_quality
from needs.assurance.release import release
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import Result
from needs.vocabulary.study import Authority, Inputs, Period, Study

pytestmark = pytest.mark.unit

ALL = (
    data_quality.returns_read,
    data_quality.by_rule,
    data_quality.latest_return,
    data_quality.by_check,
    data_quality.conflicts,
)
YEARS = (2022, 2023)

# rule, check, label, action, how, then rows/children/stock of each return
FINDINGS = (
    ("00", "read", "Episodes read", "kept", "", (500, 400, 200), (600, 450, 250)),
    ("00", "left_out", "Episodes left out", "left_out", "", (0, 0, 0), (9, 9, 0)),
    ("00", "repaired", "Episodes repaired", "repaired", "", (20, 20, 10), (30, 30, 20)),
    ("00", "header_read", "Header rows read", "kept", "", (400, 400, 200), (450, 450, 250)),
    ("00", "header_left_out", "Header rows left out", "left_out", "", (0, 0, 0), (0, 0, 0)),
    ("02", "any", "Episode start date", "kept", "", (0, 0, 0), (9, 9, 0)),
    ("02", "blank", "Start date is blank", "left_out", "Left out", (0, 0, 0), (9, 9, 0)),
    ("06", "any", "Placement type", "kept", "", (0, 0, 0), (0, 0, 0)),
    ("06", "blank", "Placement is blank", "kept", "Kept", (0, 0, 0), (0, 0, 0)),
    ("07", "any", "Ends and reasons", "kept", "", (20, 20, 10), (30, 30, 20)),
    ("07", "rec_without_dec", "Reason, no end", "repaired", "Open", (20, 20, 10), (30, 30, 20)),
    ("07", "x1_without_dec", "Of these, X", "repaired", "Open", (12, 12, 8), (17, 17, 11)),
    ("12", "any", "After an exit", "kept", "", (2, 2, 2), (3, 3, 3)),
    ("12", "later", "Resumes", "kept", "Kept as read", (2, 2, 2), (3, 3, 3)),
)  # fmt: skip


def findings(changes: dict[tuple[str, str], tuple[int, int, int]] | None = None) -> pd.DataFrame:
    """Return findings; ``changes`` give other counts for the latest return."""
    rows = []
    for rule, check, label, action, how, *by_year in FINDINGS:
        for year, counts in zip(YEARS, by_year, strict=True):
            if changes and year == YEARS[-1]:
                counts = changes.get((rule, check), counts)  # noqa: PLW2901
            rows.append((rule, check, label, year, *counts[:2], action, how, counts[2]))
    names = ["rule", "check", "label", "return_year", "rows_n", "children_n"]
    return pd.DataFrame(rows, columns=[*names, "action", "how", "stock_n"])


def opened(
    found: pd.DataFrame | None = None,
    conflicts: list[tuple[int, int, str, int]] | None = None,
    **returns: object,
) -> StudyData:
    study = Study(
        schema_version=1,
        authority=Authority(
            name="Testshire County Council", short_name="Testshire", dfe_code="999",
            ons_code="E10000999",
        ),
        period=Period(reporting_year="2022-23", as_at="2023-03-31"),
        inputs=Inputs(ssda903=("*.csv",)),
    )  # fmt: skip
    read = pd.DataFrame(
        {
            "return_year": YEARS,
            "label": ["2021-22", "2022-23"],
            "start": pd.to_datetime(["2021-04-01", "2022-04-01"]),
            "end": pd.to_datetime(["2022-03-31", "2023-03-31"]),
            "extract": [False, False],
            "year_told": ["their dates", "their dates"],
            "children_n": [400, 450],
            "episodes_n": [500, 600],
            "files": ["a.csv, b.csv", "c.csv"],
        }
    ).assign(**returns)
    differ = pd.DataFrame(
        conflicts or [], columns=["earlier_year", "later_year", "field", "rows_n"]
    )
    records = Records(
        pd.DataFrame(), pd.DataFrame(), {}, read, findings() if found is None else found, differ,
        read["end"].max(),
    )  # fmt: skip
    return StudyData(study, {"ssda903": lambda _: records})


def value(result: Result, measure: str, group: str, period: str) -> float:
    t = result.table
    found = t[(t["measure"] == measure) & (t["group"] == group) & (t["period"] == period)]
    (only,) = found["value"]
    return float(only)


def status(result: Result) -> dict[str, str]:
    return {c.name: c.status for c in result.checks}


@pytest.mark.parametrize("analysis", ALL, ids=lambda f: f.__name__)
def test_every_analysis_can_be_released_and_its_title_holds_no_digit(analysis) -> None:
    data = opened(conflicts=[(2022, 2023, "place", 4), (2022, 2023, "uasc.duc", 1)])
    result = analysis(data)
    assert not any(ch.isdigit() for ch in result.title)
    released = release(result, data.study, "10")
    assert released.table is not None
    assert "A sentence is left out" not in "".join(s.text for t in released.sentences for s in t)


@pytest.mark.parametrize("analysis", ALL, ids=lambda f: f.__name__)
def test_without_returns_the_analysis_says_which_input_is_missing(analysis) -> None:
    data = opened()
    bare = data.study.model_copy(update={"inputs": Inputs()})
    with pytest.raises(InputMissing, match="ssda903"):
        analysis(StudyData(bare, data.readers))


def test_returns_read_shows_extent_files_and_what_became_of_rows() -> None:
    result = data_quality.returns_read(opened(extract=[False, True]))
    assert value(result, "files_n", "2021-22", "2021-22") == 2
    assert value(result, "stock_n", "2022-23", "2022-23") == 250
    assert value(result, "left_out_n", "2022-23", "2022-23") == 9
    assert result.row_notes["Speaks up to"]["2021-22"] == "31 March 2022"
    assert result.row_notes["Kind"] == {"2021-22": "Full year", "2022-23": "In-year extract"}


def test_share_is_of_the_children_in_the_stock_of_that_return() -> None:
    result = data_quality.by_check(opened())
    assert value(result, "stock_pct", "r07_rec_without_dec", "2021-22") == 100 * 10 / 200
    assert value(result, "stock_pct", "r07_rec_without_dec", "2022-23") == 100 * 20 / 250


def test_a_return_without_any_stock_has_no_share() -> None:
    result = data_quality.by_check(opened(findings({("00", "read"): (600, 450, 0)})))
    t = result.table
    empty = t[(t["period"] == "2022-23") & (t["measure"] == "stock_pct")]
    assert empty["value"].isna().all()


def test_checks_that_found_nothing_are_counted_and_totals_do_not_stand_at_all() -> None:
    data = opened()
    result = data_quality.by_check(data)
    assert "r06_blank" not in set(result.table["group"])
    words = "".join(s.text for s in release(result, data.study, "10").sentences[0])
    assert words.startswith("Of 5 checks, 1 found nothing")
    assert not [g for g in result.labels if g.startswith("r00") or g.endswith("_any")]
    assert result.row_notes["What was done"]["r02_blank"] == "Left out"


def test_open_episodes_with_a_reason_are_said_with_those_that_continue() -> None:
    data = opened()
    released = release(data_quality.by_check(data), data.study, "10")
    words = "".join(s.text for s in released.sentences[1])
    assert "30 episodes carry an end reason and no end date, 17 of them" in words


def test_latest_return_shows_only_what_it_has() -> None:
    result = data_quality.latest_return(opened())
    assert set(result.table["group"]) == {
        "r02_blank", "r07_rec_without_dec", "r07_x1_without_dec", "r12_later",
    }  # fmt: skip
    assert set(result.table["period"]) == {"2022-23"}


def test_counts_of_few_children_are_hidden_and_the_rows_of_data_with_them() -> None:
    data = opened()
    released = release(data_quality.latest_return(data), data.study, "10")
    printed = {r.measure: r.printed for r in released.rows if r.group == "r12_later"}
    assert printed == {"rows_n": "c", "children_n": "c", "stock_n": "c", "stock_pct": "c"}


def test_headline_and_chart_name_the_rule_that_touches_most_of_the_stock() -> None:
    result = data_quality.by_rule(opened())
    assert result.title == "The rule that touches most of the stock: ends and reasons"
    assert result.charts[0].include == {"group": ("r07", "r12", "r02")}


def test_clean_returns_say_so_without_a_chart() -> None:
    clean = findings()
    clean.loc[clean["rule"] != "00", ["rows_n", "children_n", "stock_n"]] = 0
    data = opened(clean)
    result = data_quality.by_rule(data)
    assert result.title == "No rule found a fault in the latest return"
    assert result.charts == ()
    assert release(data_quality.latest_return(data), data.study, "10").kind == "result"


@pytest.mark.parametrize(
    ("stock_n", "expected"), [(0, "pass"), (1, "review"), (2, "review"), (5, "review"), (6, "fail")]
)
def test_rows_left_out_are_weighed_against_the_stock(stock_n: int, expected: str) -> None:
    found = findings({("02", "blank"): (9, 9, stock_n)})
    checks = status(data_quality.by_rule(opened(found)))
    assert checks["Stock affected by rows left out"] == expected


def test_a_check_does_not_tell_one_child_from_five() -> None:
    """Half a per cent of two hundred children is one: a band would say so."""
    said = set()
    for few in (1, 2, 3, 4, 5):
        changes = {("00", "read"): (600, 450, 200), ("02", "blank"): (9, 9, few)}
        result = data_quality.by_rule(opened(findings(changes)))
        said.add(
            next(c for c in result.checks if c.name == "Stock affected by rows left out").detail
        )
    assert len(said) == 1


def test_a_check_prints_no_count_of_children() -> None:
    found = findings({("02", "blank"): (9, 9, 3)})
    for check in data_quality.by_rule(opened(found)).checks:
        bare = check.detail.replace("2021-22", "").replace("2022-23", "")
        assert not any(ch.isdigit() for ch in bare)


def test_a_missing_year_and_an_early_extract_ask_for_review() -> None:
    gap = opened(return_year=[2020, 2023], label=["2019-20", "2022-23"])
    found = gap.records.findings.replace({"return_year": {2022: 2020}})
    gap = opened(found, return_year=[2020, 2023], label=["2019-20", "2022-23"])
    assert (
        status(data_quality.returns_read(gap))["Years between the first and the last return"]
        == "review"
    )
    early = opened(extract=[True, False])
    name = "In-year extracts before the latest return"
    assert status(data_quality.returns_read(early))[name] == "review"
    assert set(status(data_quality.returns_read(opened())).values()) == {"pass"}


def test_conflicts_are_by_field_and_later_return() -> None:
    conflicts = [(2022, 2023, "place", 4), (2022, 2023, "uasc.duc", 1)]
    result = data_quality.conflicts(opened(conflicts=conflicts))
    assert value(result, "rows_n", "place", "2022-23") == 4
    assert result.labels["uasc_duc"] == "End of unaccompanied status"
    assert status(result) == {"Share of rows that later returns change": "pass"}
    many = data_quality.conflicts(opened(conflicts=[(2022, 2023, "place", 400)]))
    assert status(many) == {"Share of rows that later returns change": "fail"}


def test_returns_that_agree_say_so() -> None:
    result = data_quality.conflicts(opened())
    assert result.title == "Returns agree with each other"
    assert result.table.empty


def test_notebook_is_thin_and_committed_without_outputs() -> None:
    path = Path(__file__).parents[2] / "notebooks/10-data-quality.ipynb"
    book = json.loads(path.read_text("utf-8"))
    code = [c for c in book["cells"] if c["cell_type"] == "code"]
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    tags = [c["metadata"].get("tags", []) for c in code if c["metadata"]]
    assert tags[0] == ["parameters"]
    assert all(t == ["detail"] for t in tags[1:])
    assert not any(c["outputs"] or c["execution_count"] for c in code)
    shown = {c["source"][0] for c in code[2:]}
    ours = {line for line in shown if "data_quality." in line}
    assert ours == {f"chapter.show(data_quality.{f.__name__})" for f in ALL}
    assert len({c["id"] for c in book["cells"]}) == len(book["cells"])
