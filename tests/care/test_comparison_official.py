"""Chapter 25 on the real official files: every printed count and rate, to the digit."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from needs.care import comparison, comparison_changes, comparison_profile, scorecard_sources
from needs.care.placed_here import placed_here
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


# Worked out by hand from the files of the release of 2023, year 2023, whole percentages and
# rates as printed: place, of, same figure, lowest place; lowest, median and highest of the ten
# neighbours of 2021; South East; England.
BY_HAND = {
    "children_rate": ((102, 151, 0, 102), (36, 52.5, 67), 57, 70, 59),
    # 108 have less than 13%, 14 have as much, three are suppressed.
    "three_or_more": ((109, 148, 14, 126), (7, 11.5, 16), 13, 11, 13),
    # 58 have more than 69%, 13 as much.
    "same_placement": ((59, 150, 13, 72), (61, 69, 79), 68, 68, 69),
}


def test_rank_range_and_comparators_of_three_indicators_by_hand(data: StudyData):
    ranks, t = comparison_profile.rank(data), comparison_profile.profile(data).table
    first = {"children_rate": "Highest; no", "three_or_more": "Lowest, the"}
    for key, (places, ends, *lone) in BY_HAND.items():
        at = ranks.table[ranks.table["group"] == key].set_index("measure")["value"]
        assert tuple(at[["rank_n", "ranked_n", "tied_n", "last_n"]]) == places
        assert ranks.row_notes["Place one is"][key].startswith(first.get(key, "Highest, the"))
        stand = t[t["measure"] == key].set_index("area")["value"]
        assert list(stand[["E12000008", "E92000001", "E10000025"]]) == lone
        if data.study.comparators.neighbours_vintage == "2021":
            assert tuple(stand[list(comparison_profile.RANGE)]) == ends


def test_which_differences_are_beyond_chance_by_hand(data: StudyData):
    told = comparison_changes.changes(data).row_notes
    # 119 of 882 after 98 of 855: Fisher's exact test gives 0.22.
    assert told["Change from the year before"]["three_or_more"] == "Up, worse; within noise"
    # 882 children where England's rate would make 1,040 or so of 148,000.
    assert told["Against England"]["children_rate"] == "Below; beyond noise"
    assert told["Against England"]["same_placement"] == "Above, better; within noise"


NET_GAIN = "la_cla_on_31_march_la_of_placement_net_gain.csv"
KINDS = {"1": "placed_here_n", "2": "placed_elsewhere_n", "N": "net_gain_n"}


def test_net_gain_typed_by_hand_from_the_release_of_2022(data: StudyData):
    # la_cla_on_31_march_la_of_placement_net_gain.csv, Oxfordshire: 2018 to 2022.
    typed = {
        "placed_here_n": (102, 107, 108, 127, 141),
        "placed_elsewhere_n": (241, 306, 323, 335, 359),
        "net_gain_n": (-139, -199, -215, -208, -218),
    }
    result = placed_here(data)
    shown = publish(result, data, "20")
    printed = {(r.measure, r.period): r.printed for r in shown.rows}
    years = ("2017-18", "2018-19", "2019-20", "2020-21", "2021-22")
    assert printed == {
        (m, y): f"{v:,}" for m, row in typed.items() for y, v in zip(years, row, strict=True)
    }
    assert "".join(s.text for s in shown.sentences[0]).startswith(
        "2021-22: 141 children of other authorities were placed here, and 359 of"
    )


def test_net_gain_of_every_authority_is_as_the_file_has_it(data: StudyData):
    frame = data.comparators.frame
    of = frame[frame["measure"].isin(list(KINDS.values()))]
    read = of.set_index(["area_code", "period", "measure"])[["value", "marker"]]
    checked = hidden = 0
    gains: dict[tuple[str, str], dict[str, float]] = {}
    for row in raw(data.study.folder / "comparators" / "release-2022" / NET_GAIN):
        if row["geographic_level"] != "Local authority" or row["number"] == "z":
            continue
        end = int(row["time_period"])
        cell = (row["new_la_code"], f"{end - 1}-{end % 100:02d}")
        kind = KINDS[row["characteristic"][0]]
        got = read.loc[(*cell, kind)]
        if row["number"] == "c":
            hidden += 1
            assert str(got["marker"]) == "c"
            continue
        assert got["value"] == float(row["number"])
        gains.setdefault(cell, {})[kind] = float(row["number"])
        checked += 1
    whole = [g for g in gains.values() if len(g) == len(KINDS)]
    assert all(g["placed_here_n"] - g["placed_elsewhere_n"] == g["net_gain_n"] for g in whole)
    assert checked > 2200 and hidden == 3 and len(whole) > 750


def test_the_scorecard_tests_the_counts_of_the_files(data: StudyData):
    made = scorecard_sources.official(data)
    rows = made.table[made.table["group"] == "three_or_more"]
    counts = rows[rows["measure"] == "count_n"].set_index("by")["value"]
    # release-2023/la_cla_placement_stability.csv, Oxfordshire, three or more placements.
    assert counts["previous"] == 98
    assert made.row_notes["Change"]["three_or_more"].startswith("Up, worse")
