"""Studies that hold a few small official files, and one that holds the real ones."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Mapping
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
population = ["population/**/*"]
projections = ["projections/**/*"]
comparators = ["comparators/**/*"]
neighbours = ["neighbours/**/*"]
ofsted = ["ofsted/**/*"]
unit_costs = ["unit_costs/**/*"]
"""

StudyOf = Callable[[Mapping[str, str | bytes]], Study]


@pytest.fixture
def study_of(tmp_path: Path) -> StudyOf:
    """Return a function that writes files (path in the study -> content) and loads the study."""

    def write(files: Mapping[str, str | bytes]) -> Study:
        (tmp_path / "study.toml").write_text(STUDY)
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return load_study(tmp_path)

    return write


def shared_data() -> Path:
    """Return the folder of real files, beside the project or where NEEDS_SHARED says."""
    here = Path(__file__).resolve().parents[3] / ".." / "shared"
    named = Path(os.environ.get("NEEDS_SHARED", here))
    data = named / "data" if (named / "data").is_dir() else named
    if not (data / "official").is_dir():
        pytest.skip("the official files are not beside the project")
    return data.resolve()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study that holds every official file as downloaded, and the long samples."""
    data, root = shared_data(), tmp_path_factory.mktemp("real")
    official, tidy = data / "official", data / "tidy"
    for release in ("release-2022", "release-2023"):
        shutil.copytree(official / release, root / "comparators" / release)
    chosen = {
        "neighbours": [
            official / "New_Statistical_Neighbour_Groupings_April_2021.csv",
            official / "sn_model_2025_wide.csv",
        ],
        "population": [
            official / "ons_mid-year_population_estimates_2012_to_2024.csv",
            tidy / "ons_mye_single_year_age_2019_2020.csv",
        ],
        "projections": [tidy / "ons_snpp2022_oxfordshire_age0_17_2022_2037.csv"],
        "ofsted": [tidy / "ofsted_providers_31mar2023.csv"],
        "unit_costs": [tidy / "lait_cla_finance_2016_2023.csv"],
    }
    for name, paths in chosen.items():
        (root / name).mkdir()
        for path in paths:
            shutil.copyfile(path, root / name / path.name)
    (root / "study.toml").write_text(STUDY)
    return load_study(root)


def raw_rows(path: Path) -> list[dict[str, str]]:
    """Return a file's rows by the csv module alone; of columns of one name the last stands."""
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))
