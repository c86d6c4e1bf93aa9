"""The real files, as downloaded: every figure of Oxfordshire, its neighbours and England.

Expected values come from the text of the same files, read with the ``csv`` module alone, and
some typed by hand from them; file and place are named beside each.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from needs.inputs.registry import open_data
from needs.vocabulary.official import latest, rebased

from .conftest import raw_rows

pytestmark = pytest.mark.reference

OXFORDSHIRE = "E10000025"
TOPIC = ("characteristic", "placement_stability", "population_count", "population_type")
COUNTS, SHARES, RATES = (
    ("number", "children_count"),
    ("percentage", "children_percent"),
    ("rate_per_10000",),
)
FILES = (
    "release-2022/cla_number_and_rate_per_10k_children.csv",
    "release-2022/la_children_looked_after_exclusively_under_a_series_of_short_term_placements.csv",
    "release-2022/la_children_who_ceased_during_year.csv",
    "release-2022/la_cla_at_31_march_placement_stability_indicator.csv",
    "release-2022/la_cla_during_year_new_placements.csv",
    "release-2022/la_cla_on_31_march_la_of_placement_net_gain.csv",
    "release-2022/la_cla_who_started_to_be_looked_after.csv",
    "release-2023/cla_number_and_rate_per_10k_children.csv",
    "release-2023/la_cla_placement_stability.csv",
)


@pytest.fixture(scope="module")
def data(real):
    return open_data(real)


@pytest.fixture(scope="module")
def watched(real):
    """DfE codes of Oxfordshire and of its neighbours in either vintage, from the raw text."""
    codes = {"931"}
    for path in sorted((real.folder / "neighbours").iterdir()):
        with path.open(encoding="utf-8-sig", newline="") as f:
            row = next(r for r in csv.reader(f) if r[0] == "931")
        codes |= {c for c in row[2:] if len(c) == 3 and c.isdigit() and c != "931"}
    assert len(codes) == 1 + 12, "ten neighbours in each vintage, eight of them in both"
    return codes


def first_of(row, names):
    return next((row[n] for n in names if n in row), None)


def code_of(row):
    return row["new_la_code"] or row["region_code"] or row["country_code"]


def period_of(row):
    year = int(row["time_period"])
    return f"{year - 1}-{year % 100:02d}"


def as_text(frame):
    """Return each cell as the file has it: the marker, or the number."""
    number = frame["value"].map(lambda v: f"{v:g}" if v < 1e6 else f"{v:.0f}")
    return number.where(frame["marker"] == "", frame["marker"].astype(str))


CASES = [
    (file, *kind)
    for file in FILES
    for kind in [(COUNTS, "_n"), (SHARES, "_pct"), (RATES, "_rate_per_10k")]
    if kind[1] == "_n"
    or (
        kind[1] == ("_rate_per_10k" if "rate_per_10k" in file else "_pct")
        and not ("net_gain" in file or "short_term" in file)
    )
]


@pytest.mark.parametrize(("file", "columns", "ending"), CASES)
def test_every_figure_is_as_printed(real, data, watched, file, columns, ending):
    rows = raw_rows(real.folder / "comparators" / file)
    wanted = [r for r in rows if r["old_la_code"] in watched or r["geographic_level"] == "National"]
    printed = Counter(
        (code_of(r), period_of(r), first_of(r, (*TOPIC, "cla_group")), first_of(r, columns))
        for r in wanted
    )
    frame = data.comparators.frame
    of_file = frame[
        (frame["file"] == f"comparators/{file}")
        & frame["measure"].str.endswith(ending)
        & (frame["measure"] != "population_0_17_n")
        & (frame["dfe_code"].isin(watched) | (frame["area_type"] == "England"))
    ]
    read = Counter(
        zip(
            of_file["area_code"], of_file["period"], of_file["label"], as_text(of_file), strict=True
        )
    )
    assert len(wanted) >= 13 * 3
    assert read == printed


@pytest.mark.parametrize("file", FILES)
def test_every_cell_of_every_area_is_kept_with_its_marker(real, data, file):
    rows = raw_rows(real.folder / "comparators" / file)
    columns = [n for names in (COUNTS, SHARES, RATES) for n in names if n in rows[0]]
    printed = Counter("" if r[c][-1].isdigit() else r[c] for r in rows for c in columns)
    if "population_estimate" in rows[0]:  # stands beside each of three rates
        areas = {(code_of(r), r["time_period"], r["population_estimate"]) for r in rows}
        printed += Counter("" if p[-1].isdigit() else p for _, _, p in areas)
    frame = data.comparators.frame
    of_file = frame[frame["file"] == f"comparators/{file}"]
    assert Counter(of_file["marker"].astype(str)) == printed
    assert of_file["value"].isna().sum() == sum(n for m, n in printed.items() if m)


# release-2022/cla_number_and_rate_per_10k_children.csv, rows of E10000025 and E92000001
# (2018 to 2022); release-2023/cla_number_and_rate_per_10k_children.csv (2021 to 2023).
@pytest.mark.parametrize(
    ("vintage", "area", "measure", "printed"),
    [
        ("2022", OXFORDSHIRE, "children_n", [684, 779, 767, 782, 854]),
        ("2022", OXFORDSHIRE, "started_n", [None, 355, 309, 289, 371]),
        ("2022", OXFORDSHIRE, "ceased_n", [299, 273, 322, 281, 299]),
        ("2022", OXFORDSHIRE, "children_rate_per_10k", [48, 54, 52, 53, 58]),
        ("2022", "E92000001", "children_n", [None, None, None, None, 82170]),
        ("2023", OXFORDSHIRE, "children_n", [782, 855, 882]),
        ("2023", OXFORDSHIRE, "children_rate_per_10k", [54, 58, 59]),
        ("2023", "E92000001", "children_n", [None, None, 83750]),
        ("2023", OXFORDSHIRE, "population_0_17_n", [145219, 146343, 149917]),
    ],
)
def test_typed_figures(data, vintage, area, measure, printed):
    frame = data.comparators.frame
    series = frame[
        (frame["vintage"] == vintage)
        & (frame["area_code"] == area)
        & (frame["measure"] == measure)
        & (frame["group"] == "all")
    ].sort_values("period")
    first = {"2022": 2018, "2023": 2021}[vintage]
    assert series["period"].tolist() == [
        f"{y - 1}-{y % 100:02d}" for y in range(first, first + len(printed))
    ]
    shown = [v for v, p in zip(series["value"], printed, strict=True) if p is not None]
    assert shown == [p for p in printed if p is not None]


def test_the_later_release_is_taken_and_its_revisions_are_said(data):
    frame = data.comparators.frame
    taken = latest(frame)
    here = taken.revised[
        (taken.revised["area_code"] == OXFORDSHIRE)
        & (taken.revised["measure"] == "children_n")
        & (taken.revised["group"] == "all")
    ]
    # 2021-22: 854 in release-2022, 855 in release-2023; 2020-21: 782 in both.
    assert here[["period", "value_before", "value", "change"]].to_numpy().tolist() == [
        ["2021-22", 854.0, 855.0, 1.0]
    ]
    stock = taken.frame[
        (taken.frame["area_code"] == OXFORDSHIRE)
        & (taken.frame["measure"] == "children_n")
        & (taken.frame["group"] == "all")
    ]
    assert stock.sort_values("period")["value"].tolist() == [684, 779, 767, 782, 855, 882]
    assert set(frame["vintage"]) == {"2022", "2023"}, "both stay in what was read"


def test_neighbours_are_as_printed(real, data):
    frame = data.neighbours.frame
    for name, vintage, first in (
        ("New_Statistical_Neighbour_Groupings_April_2021.csv", "2021", 5),
        ("sn_model_2025_wide.csv", "2025", 4),
    ):
        with (real.folder / "neighbours" / name).open(encoding="utf-8-sig", newline="") as f:
            rows = [r for r in csv.reader(f) if r[0].isdigit()]
        printed = {
            (r[0], rank, r[first + 2 * rank - 2], r[first + 2 * rank - 1].strip().lower())
            for r in rows
            for rank in range(1, 11)
        }
        of = frame[frame["vintage"] == vintage]
        columns = ["dfe_code", "rank", "neighbour_code", "closeness"]
        assert set(of[columns].astype({"closeness": str}).itertuples(index=False, name=None)) == (
            printed
        )
    both = frame[frame["dfe_code"] == "931"].set_index(["vintage", "rank"])["neighbour_code"]
    # Row 931 of each file.
    assert both["2021"].tolist() == "873 919 800 850 869 865 916 825 867 938".split()
    assert both["2025"].tolist() == "873 919 825 937 916 850 867 938 869 803".split()


def test_population_is_as_printed_and_is_what_rates_are_counted_on(real, data):
    name = "ons_mid-year_population_estimates_2012_to_2024.csv"
    rows = raw_rows(real.folder / "population" / name)
    frame = data.population.frame
    whole = frame[frame["age_to"] == 17].query("age_from == 0")
    given = {
        (a, y): m or f"{v:.0f}"
        for a, y, v, m in whole[["area_code", "mid_year", "population_n", "marker"]].itertuples(
            index=False
        )
    }
    assert given == {(code_of(r), int(r["time_period"])): r["population_estimate"] for r in rows}
    assert sum(v == "x" for v in given.values()) == 21
    # The DfE counts a year's rates on the mid-year before: release-2023 of the rates.
    figures = data.comparators.frame
    base = figures[
        (figures["vintage"] == "2023")
        & (figures["measure"] == "population_0_17_n")
        & figures["area_code"].isin([OXFORDSHIRE, "E92000001", "E12000008"])
    ]
    for row in base.itertuples():
        assert given[row.area_code, int(row.period[:4])] == f"{row.value:.0f}"
    assert len(base) == 9


def test_single_years_of_age_are_as_printed(real, data):
    rows = raw_rows(real.folder / "population" / "ons_mye_single_year_age_2019_2020.csv")
    frame = data.population.frame
    single = frame[frame["age_from"] == frame["age_to"]]
    keys = ["area_code", "mid_year", "age_from", "population_n"]
    assert set(single[keys].itertuples(index=False, name=None)) == {
        (r["gss"], int(r["mid_year"]), int(r["age"]), float(r["population"])) for r in rows
    }


def test_the_projection_is_as_printed_and_rebased_to_the_estimates(real, data):
    name = "ons_snpp2022_oxfordshire_age0_17_2022_2037.csv"
    rows = raw_rows(real.folder / "projections" / name)
    frame = data.projections.frame
    keys = ["area_code", "mid_year", "age", "population_n"]
    assert set(frame[keys].itertuples(index=False, name=None)) == {
        (r["area_code"], int(r["mid_year"]), int(r["age"]), float(r["population"])) for r in rows
    }
    projected = sum(
        float(r["population"])
        for r in rows
        if r["area_code"] == OXFORDSHIRE and r["mid_year"] == "2024"
    )
    made = rebased(frame, data.population.frame)
    # ons_mid-year_population_estimates_2012_to_2024.csv: Oxfordshire, 2024, 156,647.
    used = made.factors[made.factors["used"]]
    assert used["mid_year"].tolist() == [2024]
    assert used["factor"].tolist() == pytest.approx([156647 / projected])
    assert 1.025 < used["factor"].item() < 1.035, "about 3% below, as the notes on the data say"
    at_base = made.frame[made.frame["mid_year"] == 2024]
    assert at_base["population_n"].sum() == pytest.approx(156647)
    assert set(made.frame["area_code"]) == {OXFORDSHIRE}, "districts have no estimate to rebase to"


def test_ofsteds_list_is_as_printed(real, data):
    rows = raw_rows(real.folder / "ofsted" / "ofsted_providers_31mar2023.csv")
    frame = data.ofsted.frame
    assert len(frame) == len(rows) == 309
    printed = {
        (r["URN"], r["Provision type"], r["Sector"], r["Places"], r["Local authority"])
        for r in rows
    }
    places = frame["places"].map(lambda n: "" if pd.isna(n) else f"{n:.0f}")
    columns = [frame[c] for c in ("urn", "provision_type", "sector")]
    assert set(zip(*columns, places, frame["authority"], strict=True)) == printed
    homes = frame[
        (frame["authority"] == "Oxfordshire") & (frame["provision_type"] == "Children's home")
    ]
    assert homes["places"].sum() == sum(
        int(r["Places"])
        for r in rows
        if r["Local authority"] == "Oxfordshire" and r["Provision type"] == "Children's home"
    )
    assert frame["registration_date"].notna().all()


def test_unit_costs_are_as_the_tool_gives_them(data):
    """Typed from lait_cla_finance_2016_2023.csv: outturn of 2022-23."""
    table = data.unit_costs
    found = table.frame.set_index(["area_name", "period", "service"])["gbp_week"]
    expected = {
        ("Oxfordshire", "all"): 2000,
        ("Oxfordshire", "fostering"): 710,
        ("Oxfordshire", "residential"): 4805,
        ("England", "all"): 1610,
        ("England", "residential"): 5980,
        ("West Sussex", "fostering"): 825,
    }
    assert {(a, s): found[a, "2022-23", s] for a, s in expected} == expected
    kinds = table.frame.drop_duplicates("area_name").set_index("area_name")["area_type"]
    assert (kinds["England"], kinds["South East"], kinds["Oxfordshire"]) == (
        "England",
        "region",
        "authority",
    )
    assert len(table.frame) == 13 * 7 * 3
    assert table.facts["left_out_n"].item() == table.facts["rows_n"].item() - 13 * 7 * 3


def test_every_file_is_counted(real, data):
    names = ("comparators", "neighbours", "population", "projections", "ofsted", "unit_costs")
    for name in names:
        facts = data.read(name).facts
        for fact in facts.itertuples():
            path = Path(real.folder / fact.file)
            with path.open(encoding="utf-8-sig", newline="") as f:
                lines = [r for r in csv.reader(f) if any(r)]
            assert fact.rows_n == len(lines) - 1
            assert fact.duplicates_n == 0
