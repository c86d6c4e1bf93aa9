"""The study file: what is taken, what is refused, and where the message points."""

import pytest

from needs.vocabulary.errors import StudyError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

GOOD = """\
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
ssda903 = ["inputs/*.csv"]
"""


def load(tmp_path, text):
    (tmp_path / "study.toml").write_text(text, "utf-8")
    return load_study(tmp_path)


def faults(tmp_path, text):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    assert caught.value.exit_code == 10
    return [str(f) for f in caught.value.faults]


def test_a_study_takes_its_defaults_and_knows_its_folder(tmp_path):
    study = load(tmp_path, GOOD)
    assert study.name == tmp_path.name
    assert study.categories.types[0].key == "kinship"
    assert "excluding short breaks" in study.authority.scope.words("children looked after")


@pytest.mark.parametrize(
    ("old", "new", "key", "line", "says"),
    [
        ('dfe_code = "999"', 'dfe_code = "99"', "authority.dfe_code", 5, "must match"),
        ("[inputs]", "[inptus]", "inptus", 10, "unknown key"),
        ("as_at = 2023-03-31", "as_at = 2023-04-01", "period", 7, "must lie within 2022-23"),
        ('"2022-23"', '"2022-24"', "period.reporting_year", 8, "two consecutive years"),
        ("schema_version = 1", "schema_version = 9", "schema_version", 1, "later version"),
        ("inputs/*.csv", "../../etc/*.csv", "inputs.ssda903", 11, "inside the study's folder"),
        ("inputs/*.csv", "C:/data/*.csv", "inputs.ssda903", 11, "inside the study's folder"),
        ("inputs/*.csv", "/data/*.csv", "inputs.ssda903", 11, "inside the study's folder"),
    ],
)
def test_a_bad_value_is_refused_with_key_line_and_mend(tmp_path, old, new, key, line, says):
    (message,) = [m for m in faults(tmp_path, GOOD.replace(old, new, 1)) if f", {key}:" in m]
    assert f"line {line}:" in message
    assert says in message
    assert "Mend: " in message


def test_every_fault_is_reported_at_once(tmp_path):
    text = GOOD.replace('dfe_code = "999"', 'dfe_cod = "999"').replace("999", "", 1)
    found = faults(tmp_path, text)
    assert any("dfe_cod:" in m and "unknown key" in m for m in found)
    assert any("authority.dfe_code" in m and "required key is missing" in m for m in found)


def test_a_category_rule_must_name_a_listed_type(tmp_path):
    text = GOOD + '[categories]\ntypes = []\nrules = [{ type = "foster" }]\n'
    assert any("foster" in m for m in faults(tmp_path, text))


def test_text_that_is_not_toml_names_the_line(tmp_path):
    (message,) = faults(tmp_path, GOOD + "x = = 1\n")
    assert "not TOML" in message
    assert "line 12" in message


def test_a_missing_file_says_what_to_give(tmp_path):
    with pytest.raises(StudyError, match=r"study\.toml or its folder"):
        load_study(tmp_path / "nowhere")


def test_settings_are_frozen(tmp_path):
    study = load(tmp_path, GOOD)
    with pytest.raises(ValueError, match="frozen"):
        study.seed = 1
