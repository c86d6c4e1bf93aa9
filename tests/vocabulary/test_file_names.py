"""A file that is called after a child does not tell its identifier on a terminal."""

from __future__ import annotations

import pytest

from needs.cli import main
from needs.report.content_key import changes
from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.file_names import HIDDEN, shown_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("inputs/S1000003.csv", f"inputs/{HIDDEN}.csv"),
        ("inputs/123456_episodes.csv", f"inputs/{HIDDEN}_episodes.csv"),
        ("inputs/H801200001001.xml", f"inputs/{HIDDEN}.xml"),  # a unique pupil number
        ("inputs/child 17/episodes.csv", f"inputs/{HIDDEN}/episodes.csv"),
        ("inputs/CHILD_ID-204.csv", f"inputs/{HIDDEN}.csv"),
        ("inputs/99999999.csv", f"inputs/{HIDDEN}.csv"),  # no date
        ("inputs/episodes_20230331.csv", None),
        ("inputs/31032023/header.csv", None),
        ("inputs/ssda903/2022-23/oc2.csv", None),
        ("inputs/202223 and 20222023.csv", None),
        ("published/figures.csv", None),
        ("inputs/**/*.csv", None),
        ("inputs/children 2023.csv", None),
        ("inputs/E10000025.csv", f"inputs/{HIDDEN}.csv"),  # an area looks the same: no harm
    ],
)
def test_what_looks_like_an_identifier_is_not_shown(name, shown):
    assert shown_name(name) == (shown or name)


def test_no_message_tells_it():
    fault = Fault("inputs/S1000003.csv", "no row", "export it again", column="CHILD", rows=(12345,))
    assert "S1000003" not in str(InputError("it cannot be read", [fault]))
    assert str(fault).startswith(f"inputs/{HIDDEN}.csv, CHILD: no row [1 row: 12345].")
    said = changes({}, {"input.ssda903/inputs/S1000003.csv": "a"})
    assert said == (f"input ssda903/inputs/{HIDDEN}.csv is new",)


def test_the_command_line_does_not_tell_it(tmp_path, capsys):
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "S1000003.csv").write_text("CHILD,NOTHING\nS1000003,1\n")
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\n[authority]\nname = "Anyshire"\nshort_name = "Anyshire"\n'
        'dfe_code = "999"\nons_code = "E10000025"\n[period]\nreporting_year = "2022-23"\n'
        'as_at = 2023-03-31\n[inputs]\nssda903 = ["inputs/*.csv"]\n'
    )
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(tmp_path)])
    said = capsys.readouterr()
    assert stopped.value.code == 11
    assert HIDDEN in said.err
    assert "S1000003" not in said.err + said.out
