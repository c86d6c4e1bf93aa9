"""Small studies whose tables are made from the declarations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from needs.vocabulary.study import Study, load_study

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
{patterns}
{more}
"""


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    """Return a function: input name -> file name -> content; makes the study and loads it."""

    def make(more: str = "", **inputs: dict[str, bytes]) -> Study:
        for name, files in inputs.items():
            folder = tmp_path / "inputs" / name
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            for file, content in files.items():
                (folder / file).write_bytes(content)
        patterns = "\n".join(f'{name} = ["inputs/{name}/*"]' for name in inputs)
        (tmp_path / "study.toml").write_text(STUDY.format(patterns=patterns, more=more))
        return load_study(tmp_path)

    return make
