"""`needs check` refuses what `needs run` refuses while its chapters run: same fault, same code."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from needs.cli import main

sys.path.insert(0, str(Path(__file__).parents[1] / "inputs" / "ssda903"))
import build
import small

pytestmark = pytest.mark.e2e

STUDY = """\
schema_version = 1
[authority]
name = "Testshire County Council"
short_name = "Testshire"
dfe_code = "999"
ons_code = "E10000999"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["inputs/*.csv"]
[report]
chapters = ["10", "20"]
pdf = false
"""
MAP = """
[categories]
types = [{ key = "home", label = "Home", group = "residential", sector = "external" }]
rules = [{ type = "home", place = ["K2"] }]
"""

# name: old text, new text, exit code, what the fault holds
EDITS = {
    "as-at outside every return": (
        """"2022-23"
as_at = 2023""",
        """"2023-24"
as_at = 2024""",
        19,
        "study.toml, period.as_at: the as-at date lies outside every SSDA903 return",
    ),
    "placement without a type": (
        "pdf = false",
        "pdf = false" + MAP,
        10,
        "study.toml, categories.rules: no rule takes place A4 with provider PR1",
    ),
    "unknown chapter": (
        "chapters = ",
        'chapters = ["77"] #',
        10,
        "study.toml, report.chapters: there is no chapter '77'",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "analysis" / "ours"
    build.write_csv(made / "inputs", small.RETURNS)
    (made / "study.toml").write_text(STUDY)
    return made


def outcome(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    """Return the exit code and the lines of faults."""
    try:
        code = main([*words])
    except SystemExit as e:
        code = int(e.code or 0)
    err = capsys.readouterr().err
    return code, [ln.strip() for ln in err.splitlines() if "Mend: " in ln]


@pytest.mark.parametrize("name", EDITS)
def test_check_and_run_say_the_same(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    old, new, code, holds = EDITS[name]
    text = (folder / "study.toml").read_text()
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new))
    before = sorted(tmp_path.rglob("*"))
    checked = outcome(capsys, "check", str(folder))
    assert sorted(tmp_path.rglob("*")) == before
    assert checked[0] == code
    assert any(holds in ln for ln in checked[1]), checked[1]
    ran = outcome(capsys, "run", str(folder), "--out", str(tmp_path / "out"))
    assert ran == checked
    shutil.rmtree(tmp_path / ".failed", ignore_errors=True)


def test_check_passes_a_sound_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as e:
        main(["check", str(folder)])
    assert not e.value.code
    assert "chapters 10, 20: nothing stops them" in capsys.readouterr().out
