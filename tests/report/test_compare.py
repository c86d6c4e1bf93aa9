"""Two reports compared: what is restated, what is later, what is chance, and nothing withheld."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_reports import AUTHORITY, write_report

from needs.cli import main
from needs.inputs.files import hash_file
from needs.report.compare import write as writing
from needs.report.compare.compare import compare, compare_printed
from needs.report.compare.pairs import ends, shifted
from needs.report.compare.read import Figure, Printed, read_report
from needs.report.compare.why import cause_between
from needs.report.compare.write import write_comparison, write_csv
from needs.vocabulary.errors import RenderError
from needs.vocabulary.periods import ReportingYear

pytestmark = pytest.mark.unit

SAME = {"code": "a", "settings.period": "p", "input.ssda903/one.csv": "h"}


def figure(fid, value, period="2022-23", unit="children", marker="", chapter="20"):
    text = "c" if marker == "c" else str(value)
    number = None if value is None or marker == "c" else Decimal(str(value))
    return Figure(fid, number, text, unit, period, "", chapter, marker)


def printed(year, *figures, parts=SAME, **settings):
    return Printed(
        f"study-{year}",
        ReportingYear.parse(year),
        {f.id: f for f in figures},
        settings={"authority": AUTHORITY, **settings},
        chapters={"20": parts},
    )


def counts(year, **values):
    return [figure(f"stock.children_n.{g}.{year}", n, year) for g, n in values.items()]


def kinds(found):
    return {line.pair.now.id: line.pair.kind for line in found.lines}


def test_a_figure_is_the_same_restated_later_or_only_in_one():
    before = printed(
        "2021-22", *counts("2020-21", all=90), *counts("2021-22", all=100, home=40),
        figure("gone.children_n.all.2021-22", 7, "2021-22"),
    )  # fmt: skip
    now = printed(
        "2022-23", *counts("2020-21", all=90), *counts("2021-22", all=101, home=40),
        *counts("2022-23", all=120, home=41), figure("new.children_n.all.2022-23", 9),
    )  # fmt: skip
    found = compare_printed(before, now)
    assert kinds(found) == {
        "stock.children_n.all.2020-21": "same",
        "stock.children_n.all.2021-22": "restated",
        "stock.children_n.home.2021-22": "same",
        "stock.children_n.all.2022-23": "in_time",
        "stock.children_n.home.2022-23": "in_time",
    }
    by_id = {line.pair.now.id: line for line in found.lines}
    restated = by_id["stock.children_n.all.2021-22"]
    assert (restated.now, restated.change, restated.change_pct) == ("101 r", "1", "1.0%")
    later = by_id["stock.children_n.all.2022-23"]
    assert (later.pair.before.period, later.change, later.change_pct) == ("2021-22", "20", "20.0%")
    assert (dict(found.only_before), dict(found.only_now)) == ({"20": 1}, {"20": 1})


def test_a_figure_without_a_period_is_of_its_report():
    first = printed("2021-22", figure("s.children_n.all", 10, ""))
    assert kinds(
        compare_printed(first, printed("2021-22", figure("s.children_n.all", 12, "")))
    ) == {"s.children_n.all": "restated"}
    assert kinds(
        compare_printed(first, printed("2022-23", figure("s.children_n.all", 12, "")))
    ) == {"s.children_n.all": "in_time"}


def test_a_later_report_is_no_reason_for_another_past():
    parts = {"settings.period": "q", "input.ssda903/two.csv": "new"}  # and what it brought
    past, ahead = "stock.children_n.all.2020-21", "stock.children_n.all.2024-25"

    def restated(**changed):
        before = printed(
            "2021-22", figure(past, 90, "2020-21"), figure(ahead, 50, "2024-25"),
            figure("stock.children_n.soon.d003", 7, "d003"),
        )  # fmt: skip
        now = printed(
            "2022-23", figure(past, 91, "2020-21"), figure(ahead, 60, "2024-25"),
            figure("stock.children_n.soon.d003", 9, "d003"), parts={**SAME, **parts, **changed},
        )  # fmt: skip
        return compare_printed(before, now)

    found = restated()
    assert kinds(found) == {
        past: "restated",
        ahead: "ahead",
        "stock.children_n.soon.d003": "in_time",
    }
    assert [line.pair.now.id for line in found.unexplained] == [past]
    by_id = {line.pair.now.id: line for line in found.lines}
    assert (by_id[ahead].now, by_id[ahead].cause.key) == ("60", "period")
    assert by_id[past].why.startswith("no reason")
    assert "two.csv is new" in by_id[past].why  # where to look
    for changed in ({"code": "b"}, {"input.ssda903/one.csv": "other"}, {"settings.counting": "c"}):
        assert not restated(**changed).unexplained


def test_a_report_looked_from_another_day_of_the_year_is_no_reason_either():
    def looked(as_at, n, ahead):
        period = {"as_at": as_at}
        figures = (figure("s.children_n.all.2021-22", n, "2021-22"),
                   figure("s.children_n.all.2022-23", ahead))  # fmt: skip
        return printed("2022-23", *figures, parts={"settings.period": as_at}, period=period)

    found = compare_printed(looked("2022-12-31", 5, 7), looked("2023-03-31", 6, 8))
    assert list(kinds(found).values()) == ["restated", "ahead"]
    assert len(found.unexplained) == 1


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2022-23", "2023-03-31"), ("1999-00", "2000-03-31"), ("2022-02", "2022-02-28"),
        ("2022-06-30", "2022-06-30"), ("2022", "2022-03-31"), ("2022-99", "None"),
        ("2017-18 to 2021-22", "2022-03-31"), ("d003", "None"), ("", "None"),
    ],
)  # fmt: skip
def test_a_period_ends_on_its_last_day(period, day):
    assert str(ends(period)) == day


def test_a_share_changes_by_points_and_another_unit_not_at_all():
    before = printed(
        "2022-23", figure("s.share_pct.a", 40, unit="percent"), figure("s.x.a", 3, unit="gbp_m")
    )
    now = printed(
        "2022-23", figure("s.share_pct.a", 44, unit="percent"), figure("s.x.a", 3, unit="gbp_k")
    )
    share, other = compare_printed(before, now).lines
    assert (share.change, share.change_pct) == ("4.0", "")
    assert (other.pair.kind, other.change) == ("other_unit", "")


@pytest.mark.parametrize(
    ("period", "later"),
    [
        ("2022-23", "2023-24"), ("1999-00", "2000-01"), ("2022-03-31", "2023-03-31"),
        ("2022-03", "2023-03"), ("2024-02-29", "2025-02-28"),
        ("2017-18 to 2021-22", "2018-19 to 2022-23"),
        ("d003", "d003"), ("", ""),
    ],
)  # fmt: skip
def test_periods_move_in_whichever_form_they_are_written(period, later):
    assert shifted(period, 1) == later


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(-20, 20))
def test_a_period_moved_and_moved_back_is_itself(day, years):
    for period in (str(ReportingYear.of(day)), day.isoformat()):
        if not period.endswith("02-29"):
            assert shifted(shifted(period, years), -years) == period


numbers = st.integers(6, 10**6)


@given(st.lists(st.tuples(numbers, numbers, st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_whatever_is_compared_is_worked_out_from_two_printed_numbers(cells):
    def side(k, year):
        return printed(
            year,
            *(
                figure(f"s.children_n.g{n}.{year}", c[k], year, marker="c" * c[2 + k])
                for n, c in enumerate(cells)
            ),
        )

    for line, (a, b, hides_a, hides_b) in zip(
        compare_printed(side(0, "2021-22"), side(1, "2022-23")).lines, cells, strict=True
    ):
        if hides_a or hides_b:
            assert line.pair.kind == "hidden"
            assert (line.change, line.change_pct, line.verdict.chance) == ("", "", None)
            assert line.now == ("c" if hides_b else str(b))
        else:
            assert line.pair.change == b - a


def test_no_change_is_seldom_flagged_and_a_large_one_is():
    rng = np.random.default_rng(11)
    flagged = 0
    for _ in range(30):
        then, now = rng.poisson(60, (2, 25))
        groups = [f"g{k}" for k in range(25)]
        found = compare_printed(
            printed("2021-22", *counts("2021-22", **dict(zip(groups, then, strict=True)))),
            printed("2022-23", *counts("2022-23", **dict(zip(groups, now, strict=True)))),
        )
        flagged += bool(found.beyond)
    # 30 families of 25 true nulls: a false flag in at most one of twenty; binomial 99.9% bound.
    assert flagged <= 6
    many = {f"g{k}": 60 for k in range(24)}
    found = compare_printed(
        printed("2021-22", *counts("2021-22", **many, doubled=60)),
        printed("2022-23", *counts("2022-23", **many, doubled=120)),
    )
    assert [line.pair.now.id for line in found.beyond] == ["stock.children_n.doubled.2022-23"]


def shares(year, part, total, pct, *more):
    return printed(
        year, *counts(year, home=part, all=total), *more,
        figure(f"stock.share_pct.home.{year}", pct, year, "percent"),
    )  # fmt: skip


def verdict_of_share(before, now):
    lines = compare_printed(before, now).lines
    return next(x.verdict for x in lines if "share" in x.pair.now.id)


def test_a_share_is_tested_where_its_count_and_base_are_printed():
    before = shares("2021-22", 20, 100, 20)
    assert verdict_of_share(before, shares("2022-23", 60, 100, 60)).beyond
    assert verdict_of_share(before, shares("2022-23", 22, 100, 22)).words == "within chance"
    # Fisher's tea-tasting (The Design of Experiments, 1935): 3 of 4 against 1 of 4, p = 0.486.
    tea = verdict_of_share(shares("2021-22", 3, 4, 75), shares("2022-23", 1, 4, 25))
    assert tea.chance == pytest.approx(0.486, abs=5e-4)
    # What the counts do not give is the share of something else.
    assert verdict_of_share(before, shares("2022-23", 60, 100, 55)).words == "not testable"
    twice = [figure(f"stock.other_n.{g}.2022-23", n) for g, n in (("home", 6), ("all", 10))]
    again = [
        figure(f"stock.other_n.{g}.2021-22", n, "2021-22") for g, n in (("home", 2), ("all", 10))
    ]
    one_of_two = verdict_of_share(
        shares("2021-22", 20, 100, 20, *again), shares("2022-23", 60, 100, 60, *twice)
    )
    assert one_of_two.words == "not testable"


def test_nothing_that_nobody_counted_is_tested():
    def year(label, n):
        return printed(
            label,
            *(figure(f"s.{m}.all.{label}", k, label) for m, k in (
                ("children_n", n), ("expected_n", n), ("expected_n_lower_95", n),
                ("expected_n_upper_95", n), ("other_n_lower", n), ("other_n_upper", n))),
            figure(f"s.spent.all.{label}", n, label, "gbp_m"),
            figure(f"s.rate.all.{label}", n, label, "rate_per_10k"),
            figure(f"s.share_pct.home.{label}", n / 10, label, "percent"),
            figure(f"s.stay.all.{label}", n, label, "days"),
        )  # fmt: skip

    lines = compare_printed(year("2021-22", 100), year("2022-23", 400)).lines
    whys = {line.pair.now.id.split(".")[1]: line.verdict.why for line in lines}
    assert whys == {
        "children_n": "", "expected_n": "interval", "expected_n_lower_95": "interval",
        "expected_n_upper_95": "interval", "other_n_lower": "interval", "other_n_upper": "interval",
        "spent": "money", "rate": "rate", "share_pct": "share", "stay": "other",
    }  # fmt: skip
    assert [line.verdict.chance is not None for line in lines] == [True, *[False] * 9]


def test_a_share_and_its_complement_are_one_change():
    def year(label, home, *more):
        rest = figure(f"stock.children_n.away.{label}", 100 - home, label)
        pct = figure(f"stock.share_pct.away.{label}", 100 - home, label, "percent")
        return shares(label, home, 100, home, rest, pct, *more)

    lines = compare_printed(year("2021-22", 20), year("2022-23", 60)).lines
    of_shares = [x.verdict for x in lines if "share" in x.pair.now.id]
    assert sorted(v.beyond for v in of_shares) == [False, True]
    assert sorted((v.why, v.chance is None) for v in of_shares) == [
        ("", False), ("complement", True),
    ]  # fmt: skip
    # A share of the same size in both years that is not the rest stays a change of its own.
    third = [
        (
            figure(f"stock.children_n.foster.{y}", n, y),
            figure(f"stock.share_pct.foster.{y}", n, y, "percent"),
        )
        for y, n in (("2021-22", 20), ("2022-23", 60))
    ]
    lines = compare_printed(
        shares("2021-22", 20, 100, 20, *third[0]), shares("2022-23", 60, 100, 60, *third[1])
    ).lines
    assert sum(x.verdict.beyond for x in lines if "share" in x.pair.now.id) == 2


def test_a_restated_count_is_not_held_against_chance():
    found = compare_printed(
        printed("2022-23", *counts("2022-23", all=50)),
        printed("2022-23", *counts("2022-23", all=500)),
    )
    assert found.lines[0].verdict.chance is None


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"input.ssda903/one.csv": "other"}, "data"),
        ({"input.ssda903/two.csv": "new"}, "data"),
        ({"code": "b"}, "method"),
        ({"settings.counting": "c"}, "method"),
        ({"settings.period": "q"}, "period"),
        ({"settings.period": "q", "input.ssda903/two.csv": "new"}, "period"),
        ({"settings.period": "q", "input.ssda903/one.csv": "other"}, "several"),
        ({"code": "b", "input.ssda903/one.csv": "other"}, "several"),
        ({"settings.name": "n", "settings.inputs": "i"}, "not_told"),
        ({}, "not_told"),
    ],
)
def test_the_cause_is_what_was_different(changed, cause):
    assert cause_between(SAME, {**SAME, **changed}).key == cause


def test_a_file_under_another_name_is_no_change():
    moved = {"code": "a", "settings.period": "p", "input.ssda903/2022/one.csv": "h"}
    assert cause_between(SAME, moved).key == "not_told"


# ---- from folder to page


HIDDEN = "424242"


@pytest.fixture
def two(tmp_path):
    """Two years; beside one letter lies the number that it stands for, which nobody may learn."""
    before = write_report(
        tmp_path / "before", "2021-22",
        [
            ("stock.children_n.all.2021-22", "100", "100", ""),
            ("stock.children_n.home.2021-22", HIDDEN, "c", "c"),
            ("stock.share_pct.kin.2021-22", "20", "20%", "", "percent"),
        ],
    )  # fmt: skip
    now = write_report(
        tmp_path / "now", "2022-23",
        [
            ("stock.children_n.all.2021-22", "103", "103", ""),
            ("stock.children_n.all.2022-23", "240", "240", ""),
            ("stock.children_n.home.2021-22", "31", "31", ""),
            ("stock.children_n.home.2022-23", "33", "33", ""),
            ("stock.share_pct.kin.2021-22", "25", "25%", "", "percent"),
            ("stock.share_pct.kin.2022-23", "30", "30%", "", "percent"),
        ],
    )  # fmt: skip
    return before, now


def test_page_workbook_and_csv_say_what_changed_and_no_more(two, tmp_path):
    found = compare(*two)
    page = write_comparison(tmp_path / "out", found)
    text = page.read_text("utf-8")
    assert ">103 r<" in text
    assert "Change of shares in percentage points" in text
    assert "What cannot be tested, and why" in text
    assert "Draft" in text
    assert "<caption>" in text
    assert 'role="img"' in text
    rows = list(csv.DictReader((tmp_path / "out" / "comparison.csv").open()))
    assert {r["id"].split(".", 2)[2]: r["kind"] for r in rows} == {
        "all.2021-22": "restated", "all.2022-23": "in_time", "kin.2021-22": "restated",
        "kin.2022-23": "in_time",
        "home.2021-22": "hidden", "home.2022-23": "hidden",
    }  # fmt: skip
    assert all(
        r["change"] == r["change_pct"] == r["chance"] == "" for r in rows if "home" in r["id"]
    )
    book = openpyxl.load_workbook(tmp_path / "out" / "comparison.xlsx")
    front = str([c.value for line in book.worksheets[0].iter_rows() for c in line])
    assert "Synthetic records" in front
    assert "Draft" in front
    cells = [c for s in book for line in s.iter_rows() for c in line if c.value is not None]
    assert {103, 240} <= {c.value for c in cells}
    assert not [c for c in cells if c.data_type == "f"]
    # Neither the number that was hidden nor what it differs by.
    everything = (
        text + (tmp_path / "out" / "comparison.csv").read_text() + str([c.value for c in cells])
    )
    assert not [n for n in (HIDDEN, "424,242", "424211", "424,211", "424209") if n in everything]


def test_what_a_letter_stands_for_is_not_even_read(two):
    assert read_report(two[0]).figures["stock.children_n.home.2021-22"].value is None


def test_no_cell_of_the_csv_is_a_formula(two, tmp_path):
    write_csv(tmp_path / "c.csv", compare(*two))
    assert {r["figure"][:2] for r in csv.DictReader((tmp_path / "c.csv").open())} == {"'="}


def test_two_comparisons_are_the_same_bytes(two, tmp_path):
    for name in ("one", "other"):
        write_comparison(tmp_path / name, compare(*two))
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert files == ["comparison.csv", "comparison.xlsx", "index.html"]
    assert all(hash_file(tmp_path / "one" / f) == hash_file(tmp_path / "other" / f) for f in files)


def test_a_comparison_that_cannot_be_written_leaves_the_earlier_one(two, tmp_path, monkeypatch):
    out, found = tmp_path / "out", compare(*two)

    def written(folder, c):
        (folder / "index.html").write_text("whole")

    monkeypatch.setattr(writing, "_write", written)
    write_comparison(out, found)

    def stopped(folder, c):
        (folder / "comparison.csv").write_text("half")
        assert [p.name for p in out.iterdir()] == ["index.html"]
        raise OSError("no space left")

    monkeypatch.setattr(writing, "_write", stopped)
    with pytest.raises(RenderError, match="could not be written"):
        write_comparison(out, found)
    assert [p.read_text() for p in out.iterdir()] == ["whole"]
    assert not list(tmp_path.glob(".staging*"))
    (out / "letter.txt").write_text("kept")
    with pytest.raises(RenderError, match="holds something else"):
        write_comparison(out, found)
    assert (out / "letter.txt").read_text() == "kept"


def leaves(*words):
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return left.value.code or 0


def test_strict_leaves_with_22_where_a_restated_figure_has_no_reason(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(writing, "_write", lambda folder, c: (folder / "index.html").touch())
    row = "stock.children_n.all.2022-23"
    made = {
        name: write_report(tmp_path / name, "2022-23", [(row, n, n, "")], code=code)
        for name, n, code in (("a", "50", "a"), ("b", "51", "a"), ("c", "51", "new"))
    }
    out = tmp_path / "out"
    assert leaves("compare", made["a"], made["b"], "--out", out) == 0
    assert leaves("compare", made["a"], made["b"], "--out", out, "--strict") == 22
    assert "1 restated figure lacks a reason" in capsys.readouterr().err
    assert leaves("compare", made["a"], made["c"], "--out", out, "--strict") == 0
    assert "the method changed (the code of needs)" in capsys.readouterr().out
    later = write_report(tmp_path / "later", "2023-24", [(row, "51", "51", "")])
    assert leaves("compare", made["a"], later, "--out", out, "--strict") == 22


def test_reports_that_cannot_be_compared_are_refused(tmp_path):
    row = [("stock.children_n.all.2022-23", "50", "50", "")]
    one = write_report(tmp_path / "one", "2022-23", row)
    elsewhere = write_report(tmp_path / "elsewhere", "2022-23", row, dfe_code="998")
    earlier = write_report(tmp_path / "earlier", "2020-21", row)
    with pytest.raises(RenderError, match="two authorities"):
        compare(one, elsewhere)
    with pytest.raises(RenderError, match="name the earlier report first"):
        compare(one, earlier)
    with pytest.raises(RenderError, match="holds no report"):
        compare(one, tmp_path / "nowhere")
    (earlier / "figures.csv").write_text((earlier / "figures.csv").read_text().replace("50", "51"))
    with pytest.raises(RenderError, match="somebody changed it"):
        compare(earlier, one)
    (one / "figures.csv").write_text("id,value\nstock.children_n.all,1\n")
    (one / "manifest.json").write_text("{}")
    with pytest.raises(RenderError) as e:
        compare(one, one)
    assert len(e.value.faults) == 7
