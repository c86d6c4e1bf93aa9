"""Chapter 25 on the real official files: every printed count and rate, to the digit."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from needs.care import comparison, comparison_profile, scorecard_sources
from needs.inputs.registry import open_data
from needs.report.chapter import publish
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

STUDY = """\
schema_version = 1
[authority]
name = "Oxfordshire County Council"
short_name = "Oxfordshire"
dfe_code = "931"
ons_code = "E10000025"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
comparators = ["comparators/**/*.csv"]
neighbours = ["neighbours/*.csv"]
[comparators]
neighbours_vintage = "{vintage}"
region = "E12000008"
"""
RATES = "cla_number_and_rate_per_10k_children.csv"
STEMS = {"at": "children", "on": "children", "starting": "started", "ceasing": "ceased"}
NEIGHBOURS = {
    "2021": ("New_Statistical_Neighbour_Groupings_April_2021.csv", "SN{}"),
    "2025": ("sn_model_2025_wide.csv", "SN_{}"),
}


def shared_data() -> Path:
    """Return the folder of real files, beside the project or where NEEDS_SHARED says."""
    here = Path(__file__).resolve().parents[2] / ".." / "shared"
    named = Path(os.environ.get("NEEDS_SHARED", here))
    data = named / "data" if (named / "data").is_dir() else named
    if not (data / "official").is_dir():
        pytest.skip("the official files are not beside the project")
    return data.resolve() / "official"


@pytest.fixture(scope="module", params=list(NEIGHBOURS))
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    source, root = shared_data(), tmp_path_factory.mktemp("study")
    for year in ("release-2022", "release-2023"):
        shutil.copytree(source / year, root / "comparators" / year)
    (root / "neighbours").mkdir()
    for file, _ in NEIGHBOURS.values():
        shutil.copyfile(source / file, root / "neighbours" / file)
    (root / "study.toml").write_text(STUDY.format(vintage=request.param))
    return open_data(load_study(root))


def raw(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """Return a file's rows by the csv module alone."""
    with path.open(encoding=encoding, newline="") as f:
        return list(csv.DictReader(f))


def watched(data: StudyData) -> set[str]:
    """Return DfE codes of Oxfordshire and its ten neighbours, from the text of the file."""
    file, column = NEIGHBOURS[data.study.comparators.neighbours_vintage]
    for row in raw(data.study.folder / "neighbours" / file, "latin-1"):
        cells = list(row.values())
        if cells[0] == "931":
            found = {row[column.format(n)] for n in range(1, 11)}
            assert len(found) == 10
            return found | {"931"}
    raise AssertionError("the file has no row of Oxfordshire")


def expected(data: StudyData) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of every count and rate of the areas watched."""
    codes = watched(data)
    for year in ("2022", "2023"):
        for row in raw(data.study.folder / "comparators" / f"release-{year}" / RATES):
            level = row["geographic_level"]
            area = row["new_la_code"] or row["region_code"] or row["country_code"]
            near = row["old_la_code"] in codes if level == "Local authority" else False
            if not (near or area in {"E92000001", "E12000008"}):
                continue
            words = row.get("population_count") or row["population_type"]
            stem = next(STEMS[w] for w in words.split() if w in STEMS)
            end = int(row["time_period"])
            period = f"{end - 1}-{end % 100:02d}"
            cells = (
                ("n", row.get("number") or row["children_count"]),
                ("rate_per_10k", row["rate_per_10000"]),
            )
            for ending, cell in cells:
                key = f"{stem}_{ending}"
                yield f"comparison_{key}.{key}.all.release_{year}.{period}.{area}", cell


def test_every_count_and_rate_is_printed_as_the_release_prints_it(data: StudyData):
    shown = {
        row.id: row
        for result in comparison.releases(data)
        for row in publish(result, data, "25").rows
    }
    asked = dict(expected(data))
    # 13 areas, 3 populations, count and rate: five years in one release, three in the other.
    assert len(asked) == 13 * 3 * 2 * (5 + 3)
    differ = {
        k: cell
        for k, cell in asked.items()
        if shown[k].printed.removesuffix(" r").replace(",", "") != cell.replace(",", "")
    }
    assert differ == {}
    changed = {
        k
        for k, cell in asked.items()
        if "release_2023" in k
        and asked.get(k.replace("release_2023", "release_2022"), cell) != cell
    }
    restated = {k for k in asked if shown[k].marker == "r"}
    assert restated == changed and changed


def test_the_authoritys_own_figures_typed_by_hand(data: StudyData):
    # Table "numbers and rates" of the releases of 2022 and 2023, rows of Oxfordshire.
    made = {r.name: publish(r, data, "25") for r in comparison.releases(data)}
    said = {r.id: r.printed for r in made["comparison_children_n"].rows}
    series = {
        "release_2022.2017-18": "684",
        "release_2022.2018-19": "779",
        "release_2022.2019-20": "767",
        "release_2022.2020-21": "782",
        "release_2022.2021-22": "854",
        "release_2023.2020-21": "782",
        "release_2023.2021-22": "855 r",
        "release_2023.2022-23": "882",
    }
    name = "comparison_children_n.children_n.all"
    assert {k: said[f"{name}.{k}.E10000025"] for k in series} == series


def test_the_rank_is_that_of_the_raw_rates(data: StudyData):
    rates = {}
    for row in raw(data.study.folder / "comparators" / "release-2023" / RATES):
        at_31_march = "31 March" in row["population_type"]
        if row["geographic_level"] == "Local authority" and row["time_period"] == "2023":
            if at_31_march and row["rate_per_10000"].isdigit():
                rates[row["old_la_code"]] = int(row["rate_per_10000"])
    table = comparison_profile.rank(data).table
    here = table[table["group"] == "children_rate"].set_index("measure")["value"]
    assert here["rank_n"] == 1 + sum(v > rates["931"] for v in rates.values())
    assert here["ranked_n"] == len(rates)


def test_the_scorecard_tests_the_counts_of_the_files(data: StudyData):
    made = scorecard_sources.official(data)
    rows = made.table[made.table["group"] == "three_or_more"]
    counts = rows[rows["measure"] == "count_n"].set_index("by")["value"]
    # release-2023/la_cla_placement_stability.csv, Oxfordshire, three or more placements.
    assert counts["previous"] == 98
    assert made.row_notes["Change"]["three_or_more"].startswith("Up, worse")
