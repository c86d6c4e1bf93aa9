"""Which return a file belongs to, and the last day that a return speaks of."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import build
import numpy as np
import pandas as pd
import pytest
import small

from needs.inputs.ssda903.hints import bundles
from needs.inputs.ssda903.reader import read, read_raw
from needs.vocabulary.errors import InputError, InputMissing
from needs.vocabulary.records import Records

pytestmark = pytest.mark.unit

KIDS = [f"K{n:03}" for n in range(200)]


def returns_of(folder: Path, **settings: object) -> dict[str, tuple[dt.date, bool]]:
    """Return label -> end and whether an extract."""
    raw = read_raw(build.study(folder, **settings))
    return {
        str(label): (end.date(), bool(extract))
        for label, end, extract in raw.returns[["label", "end", "extract"]].itertuples(index=False)
    }


def busy(year: int, last: str, n: int = 200, skip: int = 0) -> build.Return:
    """Return a year of children, less those skipped, who start and leave until a day."""
    n -= skip
    days = pd.date_range(f"{year - 1}-04-02", last, periods=n)
    started = pd.date_range(f"{year - 2}-10-01", last, periods=n)
    left = [d if i % 2 else None for i, d in enumerate(days)]
    rows = [
        f"| {k} | {min(s, d):%d/%m/%Y} | {f'{e:%d/%m/%Y}' if e is not None else ''} |"
        f" {'E4A' if e is not None else ''} |"
        for k, s, d, e in zip(KIDS[skip:], started, days, left, strict=False)
    ]
    drawn = "| CHILD | DECOM | DEC | REC |\n" + "\n".join(rows)
    frame = build.table(drawn)
    return {
        "header": build.header("| CHILD |\n" + "\n".join(f"| {c} |" for c in frame["CHILD"])),
        "episodes": build.episodes(drawn),
    }


def test_the_year_is_that_of_the_dates_whatever_the_name_says(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"2019": small.SECOND})
    assert set(returns_of(tmp_path)) == {"2022-23"}


def test_children_tie_a_header_to_its_return_whatever_its_name(tmp_path: Path) -> None:
    one, two = busy(2022, "2022-03-30"), busy(2023, "2023-03-30", skip=80)
    # The names of the two Headers are swapped.
    build.write_csv(tmp_path, {"a": one | {"header": two["header"]}})
    build.write_csv(tmp_path, {"b": two | {"header": one["header"]}})
    raw = read_raw(build.study(tmp_path))
    header = raw.header.groupby("return_year")["child"].nunique()
    assert header.to_dict() == {2022: 200, 2023: 120}


def test_a_name_ties_few_rows_to_the_return_it_names(tmp_path: Path) -> None:
    uasc = small.SECOND["uasc"]
    build.write_csv(tmp_path, {"2021": small.FIRST, "2022": small.SECOND})
    (tmp_path / "2021-uasc.csv").unlink()
    (tmp_path / "2022-uasc.csv").write_text(uasc.to_csv(index=False))
    assert read_raw(build.study(tmp_path)).others["uasc"]["return_year"].tolist() == [2023]


def test_what_cannot_be_settled_is_asked_for(tmp_path: Path) -> None:
    build.write_csv(tmp_path / "a", {"2021": small.FIRST})
    build.write_csv(tmp_path / "b", {"2022": small.SECOND})
    build.write(tmp_path, {"kids.csv": small.FIRST["uasc"].assign(DUC="").to_csv(index=False)})
    with pytest.raises(InputError) as caught:
        read_raw(build.study(tmp_path))
    (fault,) = caught.value.faults
    assert fault.file == "kids.csv"
    assert 'inputs.return_years in the study, such as "kids.csv"' in fault.mend
    stated = build.study(tmp_path, inputs={"return_years": {"kids.csv": "2021-22"}})
    assert 2022 in set(read_raw(stated).others["uasc"]["return_year"])


@pytest.mark.parametrize(
    ("year", "rule"),
    [("2022-23", "ended before that year"), ("2020-21", "start or end after it")],
)
def test_a_stated_year_that_the_dates_contradict_is_refused(
    tmp_path: Path, year: str, rule: str
) -> None:
    build.write_csv(tmp_path, {"r": small.FIRST})
    years = {f"r-{k}.csv": year for k in small.FIRST}
    with pytest.raises(InputError) as caught:
        read_raw(build.study(tmp_path, inputs={"return_years": years}))
    (fault,) = [f for f in caught.value.faults if f.file == "r-episodes.csv"]
    assert f"stated as of {year}" in fault.rule and rule in fault.rule
    assert "inputs.return_years" in fault.mend and fault.rows


def test_a_year_may_be_stated_for_an_export_of_whole_histories(tmp_path: Path) -> None:
    one, two = busy(2022, "2022-03-30"), busy(2023, "2023-03-30")
    both = pd.concat([one["episodes"], two["episodes"]])
    build.write_csv(tmp_path, {"r": two | {"episodes": both}})
    years = {f"r-{k}.csv": "2022-23" for k in two}
    assert set(returns_of(tmp_path, inputs={"return_years": years})) == {"2022-23"}


def test_episodes_after_a_stated_end_are_refused(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"r": busy(2023, "2022-09-30")})
    ends = {f"r-{k}.csv": dt.date(2022, 6, 30) for k in ("header", "episodes")}
    with pytest.raises(InputError, match="after the end stated for the extract"):
        read_raw(build.study(tmp_path, inputs={"extract_ends": ends}))


def test_a_return_after_the_period_of_the_study_is_refused(tmp_path: Path) -> None:
    build.write_csv(tmp_path, small.RETURNS)
    with pytest.raises(InputError) as caught:
        read_raw(build.study(tmp_path, year="2021-22"))
    (fault,) = caught.value.faults
    assert fault.rule == "the return 2022-23 lies after the study's period, 2021-22"
    assert "inputs.ssda903" in fault.mend and "period" in fault.mend
    assert fault.file.startswith("2022-23-") and "2022-23-header.csv" in fault.mend


def test_a_header_without_episodes_is_told_what_is_missing(tmp_path: Path) -> None:
    build.write(tmp_path, {"h.csv": small.FIRST["header"].to_csv(index=False)})
    with pytest.raises(InputError) as caught:
        read_raw(build.study(tmp_path))
    (fault,) = caught.value.faults
    assert "no file of inputs.ssda903 is an Episodes table" in fault.rule
    assert "Episodes file of each return" in fault.mend


def test_a_header_whose_episodes_are_missing_is_told_so(tmp_path: Path) -> None:
    first, last = busy(2021, "2021-03-30"), busy(2023, "2023-03-30", skip=100)
    build.write_csv(tmp_path, {"a": first, "c": last})
    mine = busy(2022, "2022-03-30", skip=60)["header"]
    build.write(tmp_path, {"x.csv": mine.to_csv(index=False)})
    with pytest.raises(InputError) as caught:
        read_raw(build.study(tmp_path))
    (fault,) = caught.value.faults
    assert fault.file == "x.csv"
    assert "Episodes file of its own return" in fault.mend


@pytest.mark.parametrize(
    ("inputs", "rule"),
    [
        ({"return_years": {"no.csv": "2021-22"}}, "not read"),
        ({"extract_ends": {"no.csv": dt.date(2022, 9, 30)}}, "not read"),
        ({"return_years": {"r-header.csv": "2021/22"}}, "no reporting year"),
    ],
)
def test_a_wrong_statement_is_refused(tmp_path: Path, inputs: dict[str, object], rule: str) -> None:
    build.write_csv(tmp_path, {"r": small.FIRST})
    with pytest.raises(InputError, match=rule):
        read_raw(build.study(tmp_path, inputs=inputs))


def test_an_ended_episode_on_the_first_of_april_is_still_of_the_year(tmp_path: Path) -> None:
    parts = busy(2022, "2022-03-30")
    edge = parts["episodes"].copy()
    edge.loc[[1, 3], "DEC"] = "01/04/2022"
    build.write_csv(tmp_path, {"r": parts | {"episodes": edge}})
    assert returns_of(tmp_path) == {"2021-22": (dt.date(2022, 3, 31), False)}


def test_a_return_that_falls_silent_is_an_extract(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"r": busy(2023, "2022-09-30")})
    assert returns_of(tmp_path) == {"2022-23": (dt.date(2022, 9, 30), True)}


def test_a_quiet_march_in_a_small_authority_is_no_extract(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"r": small.SECOND})
    assert returns_of(tmp_path) == {"2022-23": (dt.date(2023, 3, 31), False)}


def test_the_as_at_date_of_the_study_ends_an_extract_of_its_year(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"r": small.SECOND})
    got = returns_of(tmp_path, as_at=dt.date(2023, 2, 28))
    assert got == {"2022-23": (dt.date(2023, 2, 28), True)}


def test_the_end_of_an_extract_may_be_stated(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"r": busy(2023, "2022-09-30")})
    ends = {f"r-{k}.csv": dt.date(2022, 10, 2) for k in ("header", "episodes")}
    got = returns_of(tmp_path, inputs={"extract_ends": ends})
    assert got == {"2022-23": (dt.date(2022, 10, 2), True)}


def test_an_extract_next_to_the_full_return_before_it_keeps_its_own_end(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"full": busy(2022, "2022-03-30")})
    build.write_csv(tmp_path, {"extract": busy(2023, "2022-07-29", skip=40)})
    records = read(build.study(tmp_path))
    assert records.returns["end"].dt.date.tolist() == [dt.date(2022, 3, 31), dt.date(2022, 7, 29)]
    assert records.data_end == pd.Timestamp("2022-07-29")
    # Nobody is open in a return that a later one follows.
    assert set(records.episodes.loc[records.episodes["dec"].isna(), "return_year"]) == {2023}


def test_a_later_return_of_the_same_year_replaces_the_extract(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"full": busy(2023, "2023-03-30")})
    build.write_csv(tmp_path / "only", {"full": busy(2023, "2023-03-30")})
    extract = busy(2023, "2023-03-30")
    early = pd.to_datetime(extract["episodes"]["DECOM"], format="%d/%m/%Y") <= "2022-09-30"
    episodes = extract["episodes"][early].copy()
    late = pd.to_datetime(episodes["DEC"], format="%d/%m/%Y") > "2022-09-30"
    episodes.loc[late, ["DEC", "REC"]] = ""
    episodes.iloc[7, episodes.columns.get_loc("PLACE")] = "K2"
    header = extract["header"][extract["header"]["CHILD"].isin(episodes["CHILD"])]
    build.write_csv(tmp_path, {"sept": {"header": header, "episodes": episodes}})
    both, only = read(build.study(tmp_path, ("*.csv",))), read(build.study(tmp_path / "only"))
    pd.testing.assert_frame_equal(both.episodes, only.episodes)
    assert both.conflicts.to_numpy().tolist() == [[2023, 2023, "place", 1]]
    assert both.returns["set_aside"].tolist() == ["sept-episodes.csv, sept-header.csv"]


def test_two_full_returns_of_a_year_are_refused(tmp_path: Path) -> None:
    again = small.SECOND["episodes"].iloc[::-1].assign(CIN="N4")
    build.write_csv(tmp_path, {"a": small.SECOND, "b": small.SECOND | {"episodes": again}})
    with pytest.raises(InputError, match="two returns for 2022-23 that end on the same day"):
        read_raw(build.study(tmp_path))


def test_a_part_in_which_nothing_ends_goes_where_its_episodes_are_not_yet(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"2021": small.FIRST, "2022": small.SECOND})
    whole = small.SECOND["episodes"]
    still_open = whole["DEC"] == ""
    build.write(
        tmp_path,
        {
            "2022-episodes.csv": whole[~still_open].to_csv(index=False),
            "rest.csv": whole[still_open].to_csv(index=False),
        },
    )
    raw = read_raw(build.study(tmp_path))
    assert raw.episodes.groupby("return_year").size().to_dict() == {2022: 4, 2023: 5}


def test_a_table_without_rows_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    build.write_csv(tmp_path, {"2021": small.FIRST, "2022": small.SECOND})
    (tmp_path / "dolo.csv").write_text("CHILD,DOB,DOLO_START,DOLO_END\n")
    assert "dolo" not in read(build.study(tmp_path)).tables


def test_a_study_without_returns_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="ssda903"):
        read(build.study(tmp_path, ()))


def test_a_flag_in_the_header_stands_for_a_row_of_the_uasc_table(tmp_path: Path) -> None:
    flagged = small.SECOND["header"].assign(UASC=["0", "0", "0", "1"])
    parts = {k: t for k, t in small.SECOND.items() if k != "uasc"}
    build.write_csv(tmp_path / "flag", {"r": parts | {"header": flagged}})
    build.write_csv(tmp_path / "both", {"r": small.SECOND | {"header": flagged}})
    one, both = (read(build.study(tmp_path / k)) for k in ("flag", "both"))
    assert one.children["uasc"].tolist() == [False, False, False, True]
    assert both.children["uasc"].tolist() == [False, False, True, True]
    assert both.tables["uasc"]["duc"].notna().tolist() == [True, False]


def test_an_optional_column_may_be_missing(tmp_path: Path) -> None:
    lean = small.SECOND["episodes"].drop(columns=["URN", "PL_POST", "REASON_PLACE_CHANGE"])
    build.write_csv(tmp_path, {"r": small.SECOND | {"episodes": lean}})
    got = read_raw(build.study(tmp_path)).episodes
    assert got[["urn", "pl_post", "reason_place_change"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2017-header.csv", "2017-episodes.csv"),
        ("SSDA903_2020_episodes.csv", "SSDA903_2020_placed_for_adoption.csv"),
        ("2019-20/Header.csv", "2019-20/previous permanence.csv"),
        ("headers/2019.csv", "episodes/2019.csv"),
        ("final episodes part1.csv", "final episodes part2.csv"),
    ],
)
def test_names_put_files_of_a_return_together(one: str, other: str) -> None:
    assert set(bundles(one)) & set(bundles(other))


def test_names_of_two_years_do_not(peer_sample: Path) -> None:
    names = [p.name for p in peer_sample.glob("*.csv")]
    years = {n: int(n[:4]) for n in names}
    together = {(years[a], years[b]) for a in names for b in names if {*bundles(a)} & {*bundles(b)}}
    assert together == {(y, y) for y in range(2017, 2022)}


def test_the_peer_sample_is_five_returns(peer_sample: Path) -> None:
    records: Records = read(build.study(peer_sample, ("*.csv",), year="2021-22"))
    got = records.returns
    assert got["label"].tolist() == ["2017-18", "2018-19", "2019-20", "2020-21", "2021-22"]
    assert not got["extract"].any()
    # Rows of the files, by `wc -l`; children are those of the Header and Episodes together.
    assert got["episodes_n"].tolist() == [1460, 974, 648, 402, 253]
    assert got["children_n"].tolist() == [819, 572, 362, 226, 144]
    assert len(records.children) == 820
    assert int(records.children["uasc"].sum()) == 31
    assert records.data_end == pd.Timestamp("2022-03-31")


def test_every_table_of_the_peer_sample_is_read(peer_sample: Path) -> None:
    raw = read_raw(build.study(peer_sample, ("*.csv",), year="2021-22"))
    rows = {k: len(t) for k, t in raw.others.items()}
    assert rows == {
        "reviews": 11038, "uasc": 82, "oc2": 1974, "oc3": 357, "prev_perm": 2123, "missing": 7
    }  # fmt: skip
    assert not np.any([t.filter(like="bad_").to_numpy().any() for t in raw.tables.values()])
