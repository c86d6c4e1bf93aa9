"""What the documents name exists, and what exists is named where a reader looks for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from needs.cli import COMMANDS, EXIT_CODES
from needs.report.chapters import CHAPTERS

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "reports/README.md")
TEXT = {name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS}
ALL = "\n".join(TEXT.values())


def table(text: str, first: str) -> list[list[str]]:
    """Return the cells of the table whose header begins with ``first``."""
    found = re.search(rf"^\| {first} \|.*\n\|[-: |]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert found, f"no table that begins with {first}"
    return [[c.strip() for c in row.strip("|").split("|")] for row in found[1].splitlines()]


def test_exit_codes_are_those_of_the_program():
    assert {int(code): words for code, words in table(TEXT["README.md"], "code")} == EXIT_CODES


def test_chapters_are_those_of_the_program():
    listed = [row[0] for row in table(TEXT["README.md"], "chapter")]
    assert listed == [f"{c.number} {c.title}" for c in CHAPTERS.values()]


def test_rooms_are_the_folders_of_the_package():
    listed = {row[0].strip("`") for row in table(TEXT["ARCHITECTURE.md"], "room")}
    assert listed == {p.parent.name for p in (ROOT / "src/needs").glob("*/__init__.py")}


def test_every_make_target_and_command_named_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", ALL, re.MULTILINE)) <= targets
    named = set(re.findall(r"(?:^\s*|`|\\)needs ([a-z][a-z-]+)", ALL, re.MULTILINE))
    assert named >= {"run", "check", "doctor", "new-study", "schema"}
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_paths_lead_somewhere(name: str):
    base = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#]+?)\)", TEXT[name])
    assert [link for link in links if "://" not in link and not (base / link).exists()] == []
    paths = re.findall(
        r"`((?:src|tests|notebooks|analysis|report|vocabulary|inputs)/[\w./-]+)`", TEXT[name]
    )
    lost = [p for p in paths if not (ROOT / p).exists() and not (ROOT / "src/needs" / p).exists()]
    assert [p for p in lost if "ours-" not in p] == []


def test_every_test_level_is_explained():
    markers = re.findall(r'^  "(\w+): ', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert [row[0].strip("`") for row in table(TEXT["CONTRIBUTING.md"], "level")] == markers
