"""One history a child: later returns stand, differences are counted, periods of care."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import build
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.inputs.ssda903.histories import period_of_care
from needs.inputs.ssda903.reader import read
from needs.vocabulary.records import Records

pytestmark = pytest.mark.unit

# A child in both returns, so that each has a year of its own.
ANCHOR = {
    "2021": "| A0 | 29/04/2020 | 30/04/2020 | E4A | U6 | S | C2 |",
    "2022": "| A0 | 01/05/2021 | 02/05/2021 | E4A | U6 | S | C2 |",
    "2023": "| A0 | 03/05/2022 | 04/05/2022 | E4A | U6 | S | C2 |",
}
HEAD = "| CHILD | DECOM | DEC | REC | PLACE | RNE | LS |\n"


def history(folder: Path, returns: Mapping[str, str], **header: str) -> Records:
    """Read returns whose Episodes are drawn; child ``A1`` is the one of interest."""
    for year, drawn in returns.items():
        lines = "\n".join(ln for ln in drawn.strip().splitlines())
        sex = header.get(f"sex_{year}", "1")
        parts = {
            "header": build.header(f"| CHILD | SEX |\n| A0 | 1 |\n| A1 | {sex} |"),
            "episodes": build.episodes(HEAD + ANCHOR[year] + "\n" + lines),
        }
        build.write_csv(folder, {year: parts})
    return read(build.study(folder))


def rows(records: Records) -> list[tuple[str, ...]]:
    """Return A1's episodes as text: start, end, reason, placement."""
    frame = records.episodes[records.episodes["child"] == 1]
    dates = [frame[c].dt.strftime("%d/%m/%Y") for c in ("decom", "dec")]
    text = [c.astype(object).fillna("").astype(str) for c in (*dates, frame["rec"], frame["place"])]
    return list(zip(*text, strict=True))


def conflicts(records: Records) -> dict[tuple[int, int, str], int]:
    """Return what differs, and how often."""
    return {(a, b, f): n for a, b, f, n in records.conflicts.itertuples(index=False)}


def test_an_episode_closed_in_the_next_return_is_progress(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/06/2021 |            |     | U4 | S | C2 |",
            "2023": "| A1 | 10/06/2021 | 11/07/2022 | E4A | U4 | S | C2 |",
        },
    )
    assert rows(got) == [("10/06/2021", "11/07/2022", "E4A", "U4")]
    assert conflicts(got) == {}


def test_the_later_return_stands_and_the_difference_is_counted(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/06/2021 | | | U4 | S | C1 |",
            "2023": "| A1 | 10/06/2021 | | | K2 | S | C2 |",
        },
    )
    assert rows(got) == [("10/06/2021", "", "", "K2")]
    assert conflicts(got) == {(2022, 2023, "place"): 1, (2022, 2023, "ls"): 1}


def test_an_episode_opened_again_is_a_difference(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/06/2021 | 11/07/2021 | E4A | U4 | S | C2 |",
            "2023": "| A1 | 10/06/2021 |            |     | U4 | S | C2 |",
        },
    )
    assert rows(got) == [("10/06/2021", "", "", "U4")]
    assert conflicts(got) == {(2022, 2023, "dec"): 1, (2022, 2023, "rec"): 1}


def test_a_corrected_start_is_one_episode(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/06/2021 | | | U4 | S | C2 |",
            "2023": "| A1 | 12/06/2021 | | | U4 | S | C2 |",
        },
    )
    assert rows(got) == [("12/06/2021", "", "", "U4")]
    assert conflicts(got) == {(2022, 2023, "decom"): 1}


def test_a_child_whom_the_next_return_does_not_know_is_not_open_for_ever(tmp_path: Path) -> None:
    got = history(tmp_path, {"2022": "| A1 | 10/06/2021 | | | U4 | S | C2 |", "2023": ""})
    assert rows(got) == [("10/06/2021", "01/04/2022", "", "U4")]
    assert conflicts(got) == {(2022, 2023, "not_continued"): 1}


def test_an_episode_that_skips_a_return_goes_on(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2021": "| A1 | 10/06/2020 | | | U4 | S | C2 |",
            "2022": "",
            "2023": "| A1 | 10/06/2020 | 03/08/2022 | E4A | U4 | S | C2 |",
        },
    )
    assert rows(got) == [("10/06/2020", "03/08/2022", "E4A", "U4")]
    assert conflicts(got) == {(2021, 2022, "not_continued"): 1}


def test_an_episode_added_later_is_counted(tmp_path: Path) -> None:
    got = history(
        tmp_path, {"2022": "", "2023": "| A1 | 10/06/2021 | 11/07/2022 | E4A | U4 | S | C2 |"}
    )
    assert conflicts(got) == {(2022, 2023, "added_later"): 1}


def test_an_earlier_account_is_cut_where_the_later_begins(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/06/2021 | 20/03/2022 | E4A | U4 | S | C2 |",
            "2023": "| A1 | 01/03/2022 | 11/07/2022 | E4A | K2 | P | C2 |",
        },
    )
    assert rows(got) == [
        ("10/06/2021", "01/03/2022", "X1", "U4"),
        ("01/03/2022", "11/07/2022", "E4A", "K2"),
    ]
    assert conflicts(got)[2022, 2023, "overlap"] == 1


def test_an_earlier_account_inside_the_later_is_left_out(tmp_path: Path) -> None:
    got = history(
        tmp_path,
        {
            "2022": "| A1 | 10/02/2022 | 20/03/2022 | E4A | U4 | S | C2 |",
            "2023": "| A1 | 01/02/2022 | 11/07/2022 | E4A | K2 | S | C2 |",
        },
    )
    assert rows(got) == [("01/02/2022", "11/07/2022", "E4A", "K2")]


def test_sex_written_in_the_new_way_is_no_difference(tmp_path: Path) -> None:
    two = {y: "| A1 | 10/06/2021 | | | U4 | S | C2 |" for y in ("2022", "2023")}
    assert conflicts(history(tmp_path / "a", two, sex_2022="1", sex_2023="M")) == {}
    got = history(tmp_path / "b", two, sex_2022="1", sex_2023="F")
    assert conflicts(got) == {(2022, 2023, "sex"): 1}
    assert got.children["sex"].tolist() == ["male", "female"]


def test_a_blank_in_the_latest_header_does_not_hide_what_was_known(tmp_path: Path) -> None:
    for year, dob in (("2022", "01/02/2010"), ("2023", "")):
        parts = {
            "header": build.header(f"| CHILD | DOB |\n| A0 | 05/05/2009 |\n| A1 | {dob} |"),
            "episodes": build.episodes(HEAD + ANCHOR[year]),
        }
        build.write_csv(tmp_path, {year: parts})
    got = read(build.study(tmp_path))
    assert got.children["dob"].tolist() == [pd.Timestamp(2009, 5, 5), pd.Timestamp(2010, 2, 1)]


def test_other_tables_keep_the_latest_row_of_each_key(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    got = read(build.study(tmp_path))
    missing = got.tables["missing"]
    # The spell open in the first return has its end from the second: progress.
    assert missing["mis_end"].notna().all()
    assert len(missing) == 2
    assert len(got.tables["uasc"]) == 2
    assert got.children["uasc"].tolist() == [False, False, True, False]
    assert got.children["uasc_end"].tolist()[2] == pd.Timestamp(2023, 11, 30)
    assert not len(got.conflicts)


def test_no_identifier_but_the_private_key_is_in_the_records(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    got = read(build.study(tmp_path))
    assert list(got.ids) == ["A1", "B2", "C3", "D4"]
    frames = {**got.tables, "children": got.children, "episodes": got.episodes}
    for name, frame in frames.items():
        assert not {"upn", "child_id", "row", "file_id"} & set(frame.columns), name
        text = frame.astype(str).to_numpy().ravel()
        assert not set(text) & set(got.ids), name
    assert "A1" not in repr(got)


def test_the_records_have_the_promised_columns(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    got = read(build.study(tmp_path))
    types = {c: str(t) for c, t in got.episodes.dtypes.items()}
    day, code = "datetime64[ns]", "category"
    assert types == {
        "child": "int32", "decom": day, "dec": day, "rne": code, "ls": code, "cin": code,
        "place": code, "provider": code, "rec": code, "reason_place_change": code, "urn": code,
        "home_post": code, "pl_post": code, "pl_la": code, "pl_location": code,
        "pl_distance": "float64", "return_year": "int16", "period_of_care": "int32",
        "repaired": "bool",
    }  # fmt: skip
    assert got.children.index.name == "child"
    order = got.episodes[["child", "decom", "dec"]]
    assert order.equals(order.sort_values(["child", "decom", "dec"], na_position="last"))


def drawn_periods(drawn: str) -> list[int]:
    """Return the period of each episode of one child."""
    frame = build.table(drawn)
    for c in ("DECOM", "DEC"):
        frame[c] = pd.to_datetime(frame[c], format="%d/%m/%Y")
    frame.columns = frame.columns.str.lower()
    return period_of_care(frame.assign(child=0)).tolist()


@pytest.mark.parametrize(
    ("end", "reason", "start", "why", "periods"),
    [
        ("10/06/2021", "X1", "10/06/2021", "P", [0, 0]),
        ("10/06/2021", "E4A", "10/06/2021", "S", [0, 1]),
        # The dates join, so the child never left, whatever one of the codes says.
        ("10/06/2021", "E4A", "10/06/2021", "P", [0, 0]),
        ("10/06/2021", "X1", "10/06/2021", "S", [0, 0]),
        ("10/06/2021", "E4A", "11/06/2021", "S", [0, 1]),
        ("10/06/2021", "E4A", "11/06/2021", "P", [0, 1]),
        # A gap of days that both codes deny is bridged, a longer one is not.
        ("10/06/2021", "X1", "17/06/2021", "P", [0, 0]),
        ("10/06/2021", "X1", "18/06/2021", "P", [0, 1]),
        ("10/06/2021", "X1", "12/06/2021", "S", [0, 1]),
    ],
)
def test_when_a_period_of_care_goes_on(
    end: str, reason: str, start: str, why: str, periods: list[int]
) -> None:
    drawn = f"""
        | DECOM      | DEC        | REC      | RNE   |
        | 01/05/2021 | {end}      | {reason} | S     |
        | {start}    | 30/06/2021 | E4A      | {why} |
    """
    assert drawn_periods(drawn) == periods


def test_an_episode_within_a_longer_one_does_not_end_the_period() -> None:
    drawn = """
        | DECOM      | DEC        | REC | RNE |
        | 01/05/2021 | 30/09/2021 | X1  | S   |
        | 01/06/2021 | 05/06/2021 | X1  | P   |
        | 30/09/2021 |            |     | P   |
    """
    assert drawn_periods(drawn) == [0, 0, 0]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_periods_are_numbered_in_order_and_never_shared(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 30))
    gaps = st.lists(st.integers(0, 20), min_size=n, max_size=n)
    start = np.cumsum([a + 1 for a in data.draw(gaps)])
    length = np.array(data.draw(gaps))
    child = np.sort(np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))))
    base = np.datetime64("2020-01-01")
    frame = pd.DataFrame(
        {
            "child": child,
            "decom": (base + start).astype("datetime64[ns]"),
            "dec": (base + start + length).astype("datetime64[ns]"),
            "rec": data.draw(st.lists(st.sampled_from(["X1", "E4A"]), min_size=n, max_size=n)),
            "rne": data.draw(st.lists(st.sampled_from(["S", "P"]), min_size=n, max_size=n)),
        }
    )
    periods = period_of_care(frame)
    assert periods[0] == 0
    assert set(np.diff(periods)) <= {0, 1}
    assert frame.groupby(periods)["child"].nunique().eq(1).all()
