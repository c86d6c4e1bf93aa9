"""What one input finds in another, and what is said of the rest, in rows and in pounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_files import another, as_csv, example

from needs.inputs.joins import days_of, tie
from needs.inputs.registry import JOINS, READERS, open_data
from needs.inputs.tables.reader import RawTable
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Records, StudyData, Table
from needs.vocabulary.study import Study

pytestmark = pytest.mark.unit

Make = Callable[..., Study]
Spell = tuple[str, int, int | None]
"""Child, first day of a period of care, and last, counted from 1 April 2022."""

DAY = dt.date(2022, 4, 1)


def date(day: int | None) -> str:
    return "" if day is None else str(DAY + dt.timedelta(day))


def records(spells: list[Spell]) -> Records:
    """Return records of these periods of care, one episode each."""
    ids = pd.Index(sorted({c for c, _, _ in spells}), dtype=object)
    frame = pd.DataFrame(
        {
            "child": [ids.get_loc(c) for c, _, _ in spells],
            "decom": pd.to_datetime([date(a) for _, a, _ in spells]),
            "dec": pd.to_datetime([date(b) for _, _, b in spells], errors="coerce"),
            "period_of_care": range(len(spells)),
        }
    )
    empty = pd.DataFrame()
    children = pd.DataFrame(index=range(len(ids)))
    end = pd.Timestamp(2023, 3, 31)
    return Records(children, frame, {}, empty, empty, empty, end, ids)


def opened(study: Study, spells: list[Spell]) -> StudyData:
    """Return the study with records that are made and not read."""
    readers: Mapping[str, Callable[[Study], object]] = {
        **READERS,
        "ssda903": lambda _: records(spells),
    }
    return StudyData(study, readers, JOINS)


def line(number: int, child: str, first: int, last: int | None, **cells: str) -> dict[str, str]:
    fixed = {
        "line_id": f"L{number}",
        "child_id": child,
        "from": date(first),
        "to": date(last),
        "weekly_cost_gbp": "700",
        "placement_ref": "",
    }
    return example("costs") | fixed | cells


def costs(study: Make, spells: list[Spell], *lines: dict[str, str]) -> Table:
    made = study(ssda903={"x.csv": b"x"}, costs={"a.csv": as_csv(*lines)})
    return opened(made, spells).costs


def found(table: Table, join: str) -> dict[str, tuple[int, float]]:
    rows = table.joins[table.joins["join"] == join]
    counts = rows[["outcome", "rows_n", "gbp"]]
    return {o: (n, round(g, 6)) for o, n, g in counts.itertuples(index=False)}


def test_a_line_is_of_a_child_of_nobody_or_of_a_stranger(study: Make):
    table = costs(
        study,
        [("C1", 0, None), ("C2", 0, None)],
        line(1, "c2", 0, 6),
        line(2, "", 0, 6),
        line(3, "X9", 0, 13),
    )
    assert table.frame["child"].tolist() == [1, -1, -1]
    assert found(table, "child") == {
        "matched": (1, 700.0),
        "blank": (1, 700.0),
        "unknown": (1, 1400.0),
    }


def test_pounds_of_days_outside_care_are_parted_from_the_rest(study: Make):
    table = costs(
        study,
        [("C1", 0, 6), ("C1", 10, 16)],
        line(1, "C1", 0, 13),  # seven days in care, three out, four in
        line(2, "C1", 20, 26),  # after the end
        line(3, "C1", 7, 9, weekly_cost_gbp="", amount_gbp="90"),  # between
    )
    assert found(table, "care") == {"matched": (1, 1100.0), "outside": (2, 300 + 700 + 90)}


def test_a_line_that_runs_is_paid_up_to_the_day_of_the_study(study: Make):
    table = costs(study, [("C1", 0, None)], line(1, "C1", 0, None))
    assert found(table, "care") == {"matched": (1, pytest.approx(365 * 100)), "outside": (0, 0.0)}


def test_a_line_without_a_child_takes_that_of_its_placement(study: Make):
    table = costs(
        study,
        [("C1", 0, None), ("C2", 0, None)],
        line(1, "C1", 0, 6, placement_ref="P1"),
        line(2, "", 7, 13, placement_ref="P1"),
        line(3, "C1", 0, 6, placement_ref="P2"),
        line(4, "C2", 0, 6, placement_ref="P2"),
        line(5, "", 0, 6, placement_ref="P2"),  # two children share it: not for us to choose
    )
    assert table.frame["child"].tolist() == [0, 0, 0, 1, -1]
    outcome = {k: n for k, (n, _) in found(table, "child").items()}
    assert outcome == {"matched": 3, "by_placement": 1, "blank": 1}


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(1, 30)), max_size=6),
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-10, 80), st.integers(0, 40)),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_days_in_care_are_those_a_calendar_shows(
    raw: list[tuple[int, int, int]], lines: list[tuple[int, int, int]], still: bool
):
    calendar: dict[int, set[int]] = {0: set(), 1: set(), 2: set(), 3: set()}
    spells: list[Spell] = [("C0", 500, 500)]  # one that no line reaches
    for child, first, length in raw:
        days = set(range(first, first + length))
        if not days & calendar[child]:
            calendar[child] |= days
            spells.append((f"C{child}", first, first + length - 1))
    if still:
        calendar[0] |= set(range(200, 400))
        spells = [("C0", 200, None), *spells[1:]]
    frame = pd.DataFrame(
        {
            "child": np.array([c for c, _, _ in lines], np.int32),
            "placement_ref": pd.Categorical([None] * len(lines)),
            "provider": pd.Categorical(["A"] * len(lines)),
            "weekly_cost_gbp": 7.0,
            "amount_gbp": np.nan,
            "from": pd.to_datetime([date(a) for _, a, _ in lines]),
            "to": pd.to_datetime([date(a + n) for _, a, n in lines]),
        }
    )
    known = sorted({c for c, _, _ in spells})
    read = RawTable("costs", frame, pd.DataFrame(), pd.Index(["C0", "C1", "C2", "C3"]))
    joins = tie(_fake(records(spells)), read, "costs").joins
    inside = sum(
        len(calendar[c] & set(range(a, a + n + 1))) for c, a, n in lines if f"C{c}" in known
    )
    total = sum(n + 1 for c, _, n in lines if f"C{c}" in known)
    care = joins[joins["join"] == "care"].set_index("outcome")["gbp"]
    assert care.get("matched", 0.0) == pytest.approx(inside)
    assert care.sum() == pytest.approx(total)
    by_child = joins.loc[joins["join"] == "child", "gbp"].sum()
    assert by_child == pytest.approx(sum(n + 1 for _, _, n in lines))


def _fake(made: Records) -> StudyData:
    """Return data whose study has the returns alone, without a folder."""
    study = Study.model_validate(
        {
            "schema_version": 1,
            "authority": {
                "name": "Anyshire County Council",
                "short_name": "Anyshire",
                "dfe_code": "999",
                "ons_code": "E10000099",
            },
            "period": {"reporting_year": "2022-23", "as_at": "2023-03-31"},
            "inputs": {"ssda903": ["x"]},
        }
    )
    return StudyData(study, {"ssda903": lambda _: made})


def test_days_count_both_ends_and_never_less_than_none():
    first = pd.Series(pd.to_datetime(["2022-04-01", "2022-04-01", "2023-05-01"]))
    last = pd.Series(pd.to_datetime(["2022-04-01", None, None]))
    assert days_of(first, last, pd.Timestamp(2023, 3, 31)).tolist() == [1, 365, 0]


# --- providers, homes, contracts ---


def provider(name: str, alias: str = "", urn: str = "") -> dict[str, str]:
    return example("providers") | {"provider": name, "alias": alias, "urn": urn}


def test_providers_are_found_by_any_of_their_names_or_their_number(study: Make):
    names = ["Acorn Care", "ACORN CARE LTD", "Oak & Ash", "oak and ash", "Anyshire", "Elm", "Fir"]
    lines = [line(i, "C1", 0, 6, provider=n, urn="") for i, n in enumerate(names)]
    lines[5]["urn"] = "sc1"
    listed = [provider("Acorn", "Acorn Care Limited"), provider("Oak & Ash"), provider("Yew")]
    listed += [provider("New Elm", urn="SC1")]
    made = study(
        ssda903={"x.csv": b"x"},
        costs={"a.csv": as_csv(*lines)},
        providers={"p.csv": as_csv(*listed)},
    )
    table = opened(made, [("C1", 0, None)]).costs
    assert table.frame["provider"].tolist() == [
        *("Acorn", "Acorn", "Oak & Ash", "Oak & Ash", "Anyshire", "New Elm", "Fir"),
    ]
    assert found(table, "provider") == {"matched": (6, 4200.0), "unknown": (1, 700.0)}


def test_voids_are_tied_to_homes_and_homes_to_contracts(study: Make):
    void = example("voids") | {"from": "2022-04-01", "to": "2022-04-07", "weekly_gbp": "50"}
    stray = void | {"provision_id": "H99", "weekly_gbp": "70"}
    homes = [example("provision") | {"contract": "B01"}, another("provision") | {"contract": "B7"}]
    made = study(
        voids={"v.csv": as_csv(void, stray)},
        provision={"h.csv": as_csv(*homes)},
        contracts={"c.csv": as_csv(example("contracts"))},
    )
    data = open_data(made)
    assert found(data.voids, "provision") == {"matched": (1, 50.0), "unknown": (1, 70.0)}
    contract = data.provision.joins.set_index("outcome")["rows_n"]
    assert contract.to_dict() == {"matched": 1, "unknown": 1}


def test_assessments_outside_care_are_counted(study: Make):
    rows = [
        example("assessments") | {"child_id": "C1", "date": date(3)},
        example("assessments") | {"child_id": "C1", "date": date(30)},
    ]
    made = study(ssda903={"x.csv": b"x"}, assessments={"a.csv": as_csv(*rows)})
    joins = opened(made, [("C1", 0, 9)]).assessments.joins
    care = joins[joins["join"] == "care"]
    assert care["outcome"].tolist() == ["matched", "outside"]
    assert care["rows_n"].tolist() == [1, 1] and care["gbp"].isna().all()
    assert joins["children_n"].tolist() == [1, 1, 1]


def test_children_of_lines_are_counted_found_or_not(study: Make):
    spells = [("C1", 0, None), ("C2", 0, None)]
    names = ("C1", "C1", "C2", "X8", "X8", "X9", "", "")
    joins = costs(study, spells, *(line(n, c, 0, 6) for n, c in enumerate(names))).joins
    of_child = joins[joins["join"] == "child"].set_index("outcome")
    assert of_child["children_n"].to_dict() == {"matched": 2, "blank": 2, "unknown": 2}
    assert of_child["rows_n"].to_dict() == {"matched": 3, "blank": 2, "unknown": 3}


def test_a_table_of_children_needs_the_returns(study: Make):
    data = open_data(study(costs={"a.csv": as_csv(example("costs"))}))
    with pytest.raises(InputMissing) as caught:
        data.costs  # noqa: B018
    assert caught.value.input_name == "ssda903"


def test_no_identifier_goes_further_than_the_reader(study: Make):
    table = costs(study, [("C1", 0, None)], line(1, "SECRET1", 0, 6), line(2, "C1", 0, 6))
    assert not {"SECRET1", "C1"} & set(table.frame.to_csv().replace("\n", ",").split(","))
    assert "SECRET1" not in repr(table) and not hasattr(table, "ids")
