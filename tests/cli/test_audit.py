"""`needs audit`: what it prints, writes, and leaves with."""

import csv

import pytest

from needs.cli import main

pytestmark = pytest.mark.e2e

STUDY = """\
schema_version = 1
seed = 1
[authority]
name = "Somewhere Council"
short_name = "Somewhere"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
published = ["figures/*.csv"]
"""
HEAD = "figure,document,place,table,area,period,measure,group,by,value,printed,unit,note\n"
ROW = "{0},draft,page 1,mix,E10000099,2022-23,{1},{2},,{3},{4},{5},\n"


def draft(folder, total=534, share=27):
    """Write a study of a draft with one small table."""
    rows = [
        ROW.format("all_n", "children_n", "all", 881, 881, "children"),
        ROW.format("foster_n", "children_n", "fostering", total, total, "children"),
        ROW.format("kin_n", "children_n", "kinship", 142, 142, "children"),
        ROW.format("own_n", "children_n", "in_house_fostering", 142, 142, "children"),
        ROW.format("ifa_n", "children_n", "ifa", 250, 250, "children"),
        ROW.format("kin_pct", "share_of_fostering_pct", "kinship", share, f"{share}%", "percent"),
        ROW.format("own_pct", "share_of_fostering_pct", "in_house_fostering", 27, "27%", "percent"),
        ROW.format("ifa_pct", "share_of_fostering_pct", "ifa", 47, "47%", "percent"),
    ]
    (folder / "figures").mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "figures" / "draft.csv").write_text(HEAD + "".join(rows))
    return folder


def leave(capsys, *words):
    with pytest.raises(SystemExit) as e:
        main(["audit", *map(str, words)])
    return (e.value.code or 0, *capsys.readouterr())


def test_a_draft_that_agrees_passes_the_strict_audit(capsys, tmp_path):
    code, out, err = leave(capsys, draft(tmp_path), "--strict")
    assert (code, err) == (0, "")
    assert "Contradicts other figures of its document: " not in out


def test_a_draft_that_does_not_agree_is_told_where(capsys, tmp_path):
    study = draft(tmp_path, share=16)  # 142 of all 881, and not of 534
    code, out, err = leave(capsys, study, "--strict")
    assert code == 20
    assert "1 figure does not agree" in err
    assert "printed 16%; would agree: 27%" in out
    assert "agrees with another base" in out
    assert leave(capsys, study)[0] == 0  # without --strict it only tells


def test_verdicts_are_written_beside_first(capsys, tmp_path):
    study, out = draft(tmp_path, total=543), tmp_path / "verdicts.csv"
    out.write_text("old")
    assert leave(capsys, study, "--out", out)[0] == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = {r["figure"]: r for r in csv.DictReader(file)}
    assert len(rows) == 8
    assert (rows["foster_n"]["verdict"], rows["foster_n"]["would_agree"]) == ("contradicts", "534")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["figures", "study.toml", "verdicts.csv"]


def test_a_file_that_cannot_be_written_is_said(capsys, tmp_path):
    code, _, err = leave(capsys, draft(tmp_path), "--out", tmp_path / "no" / "verdicts.csv")
    assert code == 14
    assert "not written" in err and "Traceback" not in err


def test_a_relation_to_no_figure_is_refused_with_its_row(capsys, tmp_path):
    study = draft(tmp_path)
    text = "figure,operation,operands,either,note\nall_n,sum,foster_n gone,,\nkin_n,plus,own_n,,\n"
    (study / "figures" / "relations.csv").write_text(text)
    code, _, err = leave(capsys, study)
    assert code == 11
    assert all(w in err for w in ("relations.csv", "no figure", "not a known operation", "Mend:"))
    assert "gone" not in err


def test_typed_relations_are_used(capsys, tmp_path):
    study = draft(tmp_path)
    text = "figure,operation,operands,either,note\nall_n,product,foster_n =2,,\n"
    (study / "figures" / "relations.csv").write_text(text)
    code, out, _ = leave(capsys, study, "--strict")
    assert code == 20
    assert "would agree: 1,068" in out
