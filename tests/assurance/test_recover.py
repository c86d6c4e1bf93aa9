"""An attack on what is printed: finds what is told, and nothing where nothing is."""

from __future__ import annotations

import csv

import pytest

from needs.assurance.disclosure import protect_together
from needs.assurance.recover import recover
from needs.cli import main
from needs.report import disclose
from needs.report.csvs import FIGURE_COLUMNS
from needs.vocabulary.kin import same
from needs.vocabulary.results import Additive, Layout, Measure, Result, figure_id, long_table

pytestmark = pytest.mark.unit

THRESHOLD = 6
COUNTS = {
    "then": {"all": 120, "a": 3, "b": 40, "c": 47, "d": 30},
    "now": {"all": 118, "a": 8, "b": 35, "c": 45, "d": 30},
}


def counted(name, counts=COUNTS):
    """Return a table of parts that make up a whole, in two years."""
    import pandas as pd

    rows = [
        {"period": p, "group": g, "measure": "children_n", "value": float(v)}
        for p, of in counts.items()
        for g, v in of.items()
    ]
    return Result(
        name=name, title="T", subtitle="S", table=long_table(pd.DataFrame(rows)),
        measures=(Measure("children_n", "Children", "children"),), labels={}, source="records",
        layout=Layout(("group",), ("period",)),
        additive=(Additive("group", "all", ("a", "b", "c", "d")),),
    )  # fmt: skip


def of(name, group, period):
    return figure_id(name, "children_n", group, period)


@pytest.fixture
def settings():
    from needs.vocabulary.study import Disclosure

    return Disclosure(threshold=THRESHOLD)


def printed(safe):
    """Return what a report prints of protected tables."""
    out = {}
    for name, p in safe.items():
        for row in p.table.itertuples():
            shown = None if row.marker == "c" else row.value
            out[of(name, row.group, row.period)] = shown
    return out


TIES = [t for p in COUNTS for g in COUNTS[p] for t in same(of("one", g, p), of("two", g, p))]


def test_what_disclosure_control_hides_is_not_told(settings):
    results = [counted("one"), counted("two")]
    shown = printed(protect_together(results, settings, TIES))
    found = recover(results, TIES, THRESHOLD, shown)
    assert found.looked_at == 2
    assert (found.told, found.bare, found.other) == ((), (), ())


def test_a_second_number_shown_by_mistake_is_found_in_the_other_table(settings):
    results = [counted("one"), counted("two")]
    shown = printed(protect_together(results, settings, TIES))
    hidden = [i for i, v in shown.items() if v is None and ".a." not in i and i.startswith("two.")]
    assert hidden
    true = dict(zip(
        [of("two", g, p) for p in COUNTS for g in COUNTS[p]],
        [v for p in COUNTS.values() for v in p.values()], strict=True,
    ))  # fmt: skip
    shown |= {i: float(true[i]) for i in hidden}
    found = recover(results, TIES, THRESHOLD, shown)
    assert set(found.told) == {of("one", "a", "then"), of("two", "a", "then")}


def test_numbers_that_are_nowhere_in_the_report_help_nobody():
    """Without the total there is nothing to subtract from."""
    one = counted("one")
    shown = {of("one", g, p): float(v) for p, c in COUNTS.items() for g, v in c.items()}
    shown[of("one", "a", "then")] = None
    assert recover([one], (), THRESHOLD, shown).told == (of("one", "a", "then"),)
    del shown[of("one", "all", "then")]
    assert recover([one], (), THRESHOLD, shown).told == ()


def test_a_small_count_in_print_and_a_report_of_other_inputs_are_named():
    shown = {of("one", g, p): float(v) for p, c in COUNTS.items() for g, v in c.items()}
    shown[of("one", "b", "now")] = 36.0
    found = recover([counted("one")], (), THRESHOLD, shown)
    assert found.bare == (of("one", "a", "then"),)
    assert found.other == (of("one", "b", "now"),)


# ---- the command


STUDY = """\
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
published = []
"""


@pytest.fixture
def reported(tmp_path):
    study, folder = tmp_path / "study", tmp_path / "report"
    study.mkdir()
    folder.mkdir()
    (study / "study.toml").write_text(STUDY)
    rows = [
        ("one.children_n.a.now", "8", "children", ""),
        ("one.children_n.b.now", "", "children", "c"),
        ("one.children_n.d.now", "3", "children", ""),
        ("one.places_n.all.now", "2", "places", ""),
        ("one.children_n.e.now", "0", "children", ""),
    ]
    with (folder / "figures.csv").open("w", newline="") as f:
        out = csv.DictWriter(f, FIGURE_COLUMNS, restval="")
        out.writeheader()
        for i, value, unit, marker in rows:
            out.writerow({"id": i, "value": value, "unit": unit, "marker": marker, "chapter": "20"})
    return tmp_path


def left(words):
    """Return the exit code that a command leaves with."""
    with pytest.raises(SystemExit) as done:
        main(words)
    return done.value.code or 0


def test_each_figure_is_said_to_pass_be_withheld_or_want_a_look(reported, capsys):
    args = ["disclose", str(reported / "study"), "--out", str(reported / "report")]
    assert left([*args, "--record", str(reported / "record.csv")]) == 0
    said = capsys.readouterr().out
    assert "pass: 3 figures" in said and "withheld: 1 figures" in said and "one: 1" in said
    with (reported / "record.csv").open(newline="") as f:
        status = {r["figure"].split(".")[2]: r["status"] for r in csv.DictReader(f)}
    assert status == {"a": "pass", "b": "withheld", "d": "review", "all": "pass", "e": "pass"}


def test_what_is_told_stops_the_command_and_names_no_number(reported, capsys, monkeypatch):
    from needs.assurance.recover import Found

    told = Found(4, ("one.children_n.b.now",), (), ())
    monkeypatch.setattr(disclose, "attack", lambda *_: told)
    args = ["disclose", str(reported / "study"), "--out", str(reported / "report"), "--attack"]
    assert left(args) == 16
    said = capsys.readouterr()
    assert "one.children_n.b.now" in said.err and "4 small counts" in said.out


def test_what_last_years_report_printed_is_known(reported, monkeypatch):
    before = disclose.Record((), {"one.children_n.b.now": 5.0, "one.children_n.a.now": 9.0})
    seen = {}
    monkeypatch.setattr(disclose, "open_data", lambda study: study)
    monkeypatch.setattr(
        disclose.STUDY, "kin", lambda data: type("K", (), {"make": lambda s: ({}, (), ())})()
    )
    monkeypatch.setattr(disclose, "recover", lambda r, t, n, shown: seen.update(shown))
    made = disclose.record(reported / "study", reported / "report")
    disclose.attack(reported / "study", made, [before])
    assert seen["one.children_n.b.now"] == 5.0
    assert seen["one.children_n.a.now"] == 8.0  # this report's own number, where it has one


def test_without_a_report_the_command_says_how_to_make_one(reported, capsys):
    assert left(["disclose", str(reported / "study"), "--out", str(reported / "none")]) == 14
    assert "needs run" in capsys.readouterr().err
