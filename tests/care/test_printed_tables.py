"""Printed tables of placements held against records: what agrees, what differs, what is hidden."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care import chapter20, published
from needs.inputs.registry import open_data
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
OWN = "E10000099"
COUNTED = "Records give the printed counts"


def typed(text: str) -> SimpleNamespace:
    """Return figures of one printed table: measure, group, value."""
    lines = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines, columns=["measure", "group", "value"])
    frame = frame.assign(
        value=frame["value"].astype(float), figure=[f"f{i}" for i in range(len(frame))],
        document="1", place="page", table="held_mix", area=OWN, period="2022-23", by="",
        unit=frame["measure"].map(lambda m: "percent" if m.endswith("pct") else "children"),
        note="", printed="",
    )  # fmt: skip
    return SimpleNamespace(figures=frame, documents=pd.DataFrame())


def drawn(draw, agency: int, in_house: int, text: str) -> StudyData:
    """Return a study with that many foster children of each kind, and a printed table."""
    n = agency + in_house
    children = draw.table(
        "child | sex | dob | uasc\n"
        + "\n".join(f"c{i} | male | 2010-01-{i + 1:02d} | -" for i in range(n))
    )
    episodes = draw.table(
        "child | decom | dec | rne | ls | cin | place | provider | rec | urn\n"
        + "\n".join(
            f"c{i} | 2022-05-01 | - | S | C2 | N1 | U6 | {'PR4' if i < agency else 'PR1'} | - | -"
            for i in range(n)
        )
    )
    records = draw.records(children, episodes, [2023])
    study = draw.study(inputs={"published": ["p/*.csv"], "ssda903": ["s/*.csv"]})
    return StudyData(study, {"ssda903": lambda _: records, "published": lambda _: typed(text)})


PRINTED = """
children_n all 20
children_n fostering 20
children_n ifa 13
children_n in_house_fostering 8
share_of_children_pct fostering 100
share_of_fostering_pct ifa 65
share_of_fostering_pct in_house_fostering 45
"""
"""Thirteen of twenty are 65 per cent; eight are 40, and the records have seven."""


def test_a_count_and_a_share_that_differ_are_found_and_named(draw):
    data = drawn(draw, 13, 7, PRINTED)
    made = chapter20.printed_agreement(data)
    said = {
        r.id.removeprefix("printed_agreement."): r.printed
        for r in release(made, data.study, "20").rows
    }
    assert said["printed_n.in_house_fostering.2022-23"] == "8"
    assert said["records_n.in_house_fostering.2022-23"] == "7"
    assert said["off_n.in_house_fostering.2022-23"] == "-1"
    assert said["off_n.ifa.2022-23"] == "0"
    assert said["given_pct.in_house_fostering.2022-23"] == "40%"
    assert said["given_pct.ifa.2022-23"] == "65%"
    tally = [said[f"{m}.together.all_years"] for m in ("agree_n", "compared_n")]
    assert tally == ["3", "4"]
    tally = [said[f"{m}.together.all_years"] for m in ("shares_off_n", "shares_n")]
    assert tally == ["1", "3"]
    assert [(c.status, c.detail[-6:]) for c in made.checks] == [
        ("review", "1 of 4"),
        ("review", "1 of 3"),
    ]
    assert list(made.row_notes.values()) == [{"in_house_fostering": "2022-23"}]


def test_a_printed_count_that_is_held_against_nothing_is_named(draw):
    more = PRINTED + "children_n unregistered 15"
    notes = chapter20.printed_agreement(drawn(draw, 13, 7, more)).notes
    apart = [n for n in notes if "not held against" in n]
    assert len(apart) == 1 and "Unregistered arrangements" in apart[0]
    without = chapter20.printed_agreement(drawn(draw, 13, 7, PRINTED)).notes
    assert not any("not held against" in n for n in without)


def test_a_small_count_is_hidden_with_all_that_tells_it(draw):
    """Two of fifteen are in-house; the mix hides them, and agency beside them."""
    printed = """
    children_n all 15
    children_n fostering 15
    children_n ifa 13
    children_n in_house_fostering 2
    """
    data = drawn(draw, 13, 2, printed)
    made = chapter20.printed_agreement(data)
    shown = release(made, data.study, "20")
    said = {r.id.removeprefix("printed_agreement."): r.printed for r in shown.rows}
    for group in ("in_house_fostering", "ifa"):
        assert said[f"printed_n.{group}.2022-23"] in {"2", "13"}
        assert said[f"records_n.{group}.2022-23"] == "c"
        assert said[f"off_n.{group}.2022-23"] == "c"
        assert said[f"agree_n.{group}.all_years"] == "c"
    assert said["records_n.all.2022-23"] == "15"
    assert said["agree_n.together.all_years"] == "c"
    _, status, detail = next(c for c in shown.checks if c[0] == COUNTED)
    assert status == "review" and "of" not in detail.split()


def test_a_count_hidden_for_another_s_sake_is_not_told_by_the_tally_of_all(draw):
    """The two is in no printed table; that thirteen equals the printed thirteen would tell it."""
    data = drawn(draw, 13, 2, "children_n all 15\n    children_n ifa 13")
    shown = release(chapter20.printed_agreement(data), data.study, "20")
    said = {r.id.removeprefix("printed_agreement."): r.printed for r in shown.rows}
    assert said["records_n.ifa.2022-23"] == said["agree_n.ifa.all_years"] == "c"
    assert said["agree_n.all.all_years"] == "1"
    assert said["agree_n.together.all_years"] == "c"
    assert all("of" not in detail.split() for name, _, detail in shown.checks if name == COUNTED)


def test_a_study_without_such_a_table_shows_none(draw):
    data = drawn(draw, 13, 7, PRINTED)
    bare = typed(PRINTED)
    bare.figures["table"] = "mix"
    with pytest.raises(InputMissing):
        chapter20.printed_agreement(
            StudyData(data.study, {"ssda903": lambda _: data.records, "published": lambda _: bare})
        )


def test_the_default_study_holds_the_tables_that_the_other_prints():
    ours = open_data(load_study(ANALYSIS / "oxfordshire-2022-23")).published.figures
    ours = ours[ours["table"].str.startswith("held_") & (ours["document"] == "004")]
    theirs = open_data(load_study(ANALYSIS / "oxfordshire-published")).published.figures
    at = theirs["table"].isin(["fostering_mix", "homes_mix"]) & (theirs["document"] == "004")
    misprint = (theirs["place"] == "para 10") & (theirs["group"] == "in_house_and_kinship")
    theirs = theirs[at | (misprint & (theirs["document"] == "004"))]
    assert len(ours) == len(theirs) > 90
    held = theirs["table"].replace("", "text")
    pd.testing.assert_frame_equal(
        ours.sort_values("figure", ignore_index=True),
        theirs.assign(table="held_" + held).sort_values("figure", ignore_index=True),
    )


def test_tables_held_against_records_are_shown_nowhere_else():
    default = open_data(load_study(ANALYSIS / "oxfordshire-2022-23"))
    for analysis in (published.stock_by_year, published.placement_mix):
        with pytest.raises(InputMissing):
            analysis(default)
