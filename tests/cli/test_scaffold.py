"""`needs new-study`: the period moves on, what people wrote stays, nothing is overwritten."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from needs.cli import main
from needs.cli.scaffold import moved_on, to_review
from needs.templates import __file__ as templates
from needs.vocabulary.study import Study, load_study

pytestmark = pytest.mark.unit

OLD = """\
# our study
schema_version = 1   # leave
seed = 7

[authority]
name = "Somewhere Council"
short_name = "Somewhere"
dfe_code = "931"
ons_code = "E10000025"
label = "children we care for"  # agreed by the board

[period]
as_at = 2023-03-31  # the census day
reporting_year = "2022-23"

[inputs]
ssda903 = ["inputs/ssda903/*.csv"]
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "analysis" / "year-one"
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(OLD)
    (folder / "assumptions.csv").write_text('id,assumption,note\nA1,"a, b",\nA2,c,kept\n')
    (folder / "action_plan.csv").write_text("id,action\nP1,recruit\n")
    (folder / "decisions.md").write_text("# Decisions\nlast year's\n")
    (folder / "inputs").mkdir()
    (folder / "inputs" / "secret.csv").write_text("CHILD\n1\n")
    return folder


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def test_next_year_differs_from_this_year_in_its_period_alone(old: Path):
    assert run("new-study", "year-two", "--from", str(old)) == 0
    before, after = load_study(old), load_study(old.parent / "year-two")
    assert (after.period.reporting_year, after.period.as_at) == ("2023-24", dt.date(2024, 3, 31))
    assert after.model_copy(update={"period": before.period}) == before
    changed = set(OLD.splitlines()) ^ set((after.folder / "study.toml").read_text().splitlines())
    assert changed == {
        "as_at = 2023-03-31  # the census day",
        "as_at = 2024-03-31  # the census day",
        'reporting_year = "2022-23"',
        'reporting_year = "2023-24"',
    }


def test_assumptions_are_carried_for_review_and_records_are_not(old: Path):
    run("new-study", "year-two", "--from", str(old / "study.toml"))
    new = old.parent / "year-two"
    assert rows(new / "assumptions.csv") == [
        {"id": "A1", "assumption": "a, b", "note": "", "to_review": "yes"},
        {"id": "A2", "assumption": "c", "note": "kept", "to_review": "yes"},
    ]
    assert rows(new / "action_plan.csv") == [{"id": "P1", "action": "recruit"}]
    decisions = (new / "decisions.md").read_text()
    assert (
        decisions.startswith("# Decisions: Somewhere, 2023-24\n") and "last year" not in decisions
    )
    held = sorted(p.relative_to(new).as_posix() for p in (new / "inputs").rglob("*"))
    assert held == ["inputs/README.md", "inputs/ssda903"]
    guide = (new / "inputs" / "README.md").read_text()
    assert "`inputs/ssda903/*.csv`" in guide and "2024-03-31" in guide


def test_review_marks_of_an_earlier_year_are_set_again():
    text = to_review("id,to_review,owner\nA1,no,head of service\n")
    assert text == "id,owner,to_review\nA1,head of service,yes\n"


def test_taken_folder_is_left_as_it_is(old: Path, capsys: pytest.CaptureFixture[str]):
    new = old.parent / "year-two"
    new.mkdir()
    (new / "mine.txt").write_text("mine")
    assert run("new-study", "year-two", "--from", str(old)) == 10
    assert "already exists" in capsys.readouterr().err
    assert [p.name for p in new.iterdir()] == ["mine.txt"]
    assert sorted(p.name for p in old.parent.iterdir()) == ["year-one", "year-two"]


@pytest.mark.parametrize("spoil", ["study.toml", "assumptions.csv"])
def test_old_study_that_cannot_be_read_leaves_nothing_behind(old: Path, spoil: str):
    (old / spoil).write_bytes(b"\xff\xfe\x00")
    assert run("new-study", "year-two", "--from", str(old)) == 10
    assert [p.name for p in old.parent.iterdir()] == ["year-one"]


def test_guide_stands_aside_where_a_pattern_would_read_it_as_data(old: Path):
    text = OLD.replace("inputs/ssda903/*.csv", "inputs/*")
    (old / "study.toml").write_text(text)
    run("new-study", "year-two", "--from", str(old))
    new = old.parent / "year-two"
    assert list((new / "inputs").iterdir()) == [] and (new / "inputs-README.md").is_file()


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31)), st.booleans())
@settings(max_examples=60)
def test_any_as_at_date_moves_into_the_next_reporting_year(day: dt.date, inline: bool):
    year = f"{day.year - (day.month < 4)}-{(day.year + (day.month >= 4)) % 100:02d}"
    pair = f'reporting_year = "{year}", as_at = {day}'
    table = f"period = {{ {pair} }}" if inline else "[period]\n" + pair.replace(", ", "\n")
    head, rest = OLD.split("[authority]")
    text = f"{head}{table}\n[authority]{rest.split('[period]')[0]}[inputs]\n"
    moved = Study.model_validate(tomllib.loads(moved_on(text)))
    assert moved.period.year == Study.model_validate(tomllib.loads(text)).period.year + 1
    assert 364 <= (moved.period.as_at - day).days <= 366


# --- a first study ---

ROOT = Path(__file__).resolve().parents[2]
LOGS = ("assumptions.csv", "action_plan.csv")
FIRST = {
    "--authority-name": 'The "New" Council \\ east',
    "--short-name": "New",
    "--dfe-code": "999",
    "--ons-code": "E06000999",
    "--year": "2024-25",
}


def test_first_study_is_as_told(tmp_path: Path):
    target = tmp_path / "a" / "first"
    assert run("new-study", str(target), *(w for pair in FIRST.items() for w in pair)) == 0
    study = load_study(target)
    assert study.authority.name == FIRST["--authority-name"]
    assert (study.authority.dfe_code, study.authority.ons_code) == ("999", "E06000999")
    assert (study.period.reporting_year, study.period.as_at) == ("2024-25", dt.date(2025, 3, 31))


def test_first_study_keeps_its_logs_in_the_columns_of_the_bundled_one(tmp_path: Path):
    target, bundled = tmp_path / "first", ROOT / "analysis" / "oxfordshire-published"
    run("new-study", str(target), *(w for pair in FIRST.items() for w in pair))
    head = {n: (target / n).read_text().split("\n")[0] for n in LOGS}
    told = {n: (bundled / n).read_text().split("\n")[0] for n in LOGS}
    assert head == told | {"assumptions.csv": told["assumptions.csv"] + ",to_review"}


def test_first_study_names_everything_it_was_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "first"
    assert run("new-study", str(target), "--year", "2024-25") == 10
    err = capsys.readouterr().err
    assert [o for o in FIRST if o not in err] == ["--year"] and not target.exists()


@pytest.mark.parametrize(
    ("option", "bad"), [("--dfe-code", "93"), ("--year", "2024"), ("--ons-code", "X")]
)
def test_bad_answer_writes_nothing(tmp_path: Path, option: str, bad: str):
    words = [w for pair in (FIRST | {option: bad}).items() for w in pair]
    assert run("new-study", str(tmp_path / "first"), *words) == 10
    assert list(tmp_path.iterdir()) == []


# --- the template ---

TEMPLATE = (Path(templates).parent / "study.toml").read_text("utf-8")
UNCOMMENTED = re.sub(r"^#(?=[a-z0-9_]+ = )", "", TEMPLATE, flags=re.MULTILINE)


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Return the dotted path of each key of the schema, sections included."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(prefix + name)
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= keys(kind, f"{prefix}{name}.")
    return found


def paths(table: dict[str, object], prefix: str = "") -> set[str]:
    found = {prefix + k for k in table}
    inner = (paths(v, f"{prefix}{k}.") for k, v in table.items() if isinstance(v, dict))
    return found.union(*inner)


def test_template_loads_as_it_stands_and_explains_each_key(tmp_path: Path):
    (tmp_path / "study.toml").write_text(TEMPLATE, "utf-8")
    assert load_study(tmp_path).inputs.ssda903
    told = (
        "categories",
        "synthesis",
        "scenarios",
        "strategies",
        "investment.homes",
        "investment.fostering",
        "board",
        "documents",
    )  # told of in words: their keys come with a choice, or are days without a default
    schema = {k for k in keys(Study) if not k.startswith(told)}
    assert schema <= paths(tomllib.loads(UNCOMMENTED))
    assert all(f"[{section}]" in TEMPLATE for section in told)


def test_commented_keys_of_the_template_show_the_defaults():
    as_it_stands = Study.model_validate(tomllib.loads(TEMPLATE))
    assert Study.model_validate(tomllib.loads(UNCOMMENTED)) == as_it_stands
