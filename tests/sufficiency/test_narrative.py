"""People's words: whose, of when, with cited numbers alone."""

from __future__ import annotations

import pytest

from needs.assurance.release import release
from needs.inputs.registry import open_data
from needs.sufficiency.narrative import narrative
from needs.vocabulary.errors import InputError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

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
narrative = ["words.csv"]
cited = ["cited.csv"]
"""
CITED = "id,value,unit,period,source,reference,date\nbeds,96,places,2023,Survey,page 2,2023-04-01\n"


def written(tmp_path, *rows):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "cited.csv").write_text(CITED)
    head = "id,chapter,section,owner_role,date,text,audience\n"
    (tmp_path / "words.csv").write_text(head + "\n".join(rows) + "\n")
    return open_data(load_study(tmp_path))


def test_words_stand_with_their_owner_their_day_and_the_cited_number(tmp_path):
    data = written(
        tmp_path,
        "a,20,,Head of service,2023-04-03,There are {beds} beds since May 2022.,all",
        "b,20,,Provider,2021-01-05,Staff are <b>few</b>.,",
        "c,30,,Somebody,2023-04-03,Elsewhere.,all",
        "d,20,,Board,2023-04-03,Not for all.,board",
    )
    (result,) = narrative("20")(data)
    released = release(result, data.study, "20")
    said = ["".join(s.text for s in line) for line in released.sentences]
    assert "Head of service, 3 April 2023: There are 96 beds since May 2022." in said
    assert "Provider, 5 January 2021, before these figures: Staff are <b>few</b>." in said
    assert len(said) == 2
    assert [r.printed for r in released.rows] == ["96"]
    assert result.checks[0].detail.startswith("1 ")


def test_a_typed_number_and_an_unknown_figure_are_refused_together(tmp_path):
    data = written(
        tmp_path,
        "a,20,,Head,2023-04-03,There are 96 beds.,all",
        "b,20,,Head,2023-04-03,There are {places} places.,all",
    )
    with pytest.raises(InputError) as e:
        narrative("20")(data)
    rules = {f.column: f.rule for f in e.value.faults}
    assert rules["a, text"] == "types a number"
    assert "places" in rules["b, text"]


def test_a_chapter_without_words_shows_none(tmp_path):
    data = written(tmp_path, "c,30,,Somebody,2023-04-03,Elsewhere.,all")
    assert narrative("20")(data) == ()
