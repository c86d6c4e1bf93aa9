"""Rates for each ten thousand: on the population of nine months before, hidden with the count."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care import chapter20
from needs.inputs.official.population import read
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import aged_0_to_17
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.study import Study
from needs.vocabulary.units import printed

pytestmark = pytest.mark.unit

BESIDE = Path(__file__).parents[3] / "shared"
SHARED = Path(os.environ.get("NEEDS_SHARED", BESIDE)) / "data" / "official"
OWN = "E10000099"


def people(rows: dict[int, float]) -> Table:
    frame = pd.DataFrame(
        {
            "area_code": OWN,
            "mid_year": list(rows),
            "age_from": 0,
            "age_to": 17,
            "population_n": list(rows.values()),
            "file": "mid_years.csv",
        }
    )
    return Table(frame, pd.DataFrame())


def study_of(draw, last_day: str = "", stay: int = 12, **sections) -> StudyData:
    """Return a study of ``stay`` children who came in May 2021, seven of whom left in June 2022."""
    names = [f"c{i}" for i in range(stay)]
    children = draw.table(
        "child | sex | dob | uasc\n"
        + "\n".join(f"{n} | male | 2012-01-0{1 + i % 9} | -" for i, n in enumerate(names))
    )
    left = {n: "2022-06-01" for n in names[:7]}
    episodes = draw.table(
        "child | decom | dec | rne | ls | cin | place | provider | rec\n"
        + "\n".join(
            f"{n} | 2021-05-01 | {left.get(n, '-')} | S | C2 | N1 | U6 | PR1 | "
            f"{'E4A' if n in left else '-'}"
            for n in names
        )
    )
    records = draw.records(children, episodes, [2022, 2023], last_day)
    if last_day:
        sections["period"] = {"reporting_year": "2022-23", "as_at": last_day}
    inputs = {"ssda903": ["a.csv"], "population": ["b.csv"]}
    study = draw.study(inputs=inputs, **sections)
    table = people({2021: 2000.0, 2022: 3000.0})
    return StudyData(study, {"ssda903": lambda _: records, "population": lambda _: table})


def value(result, measure: str, period: str) -> float:
    t = result.table
    return t.loc[(t["measure"] == measure) & (t["period"] == period), "value"].item()


def test_each_year_stands_on_the_estimate_of_the_june_before_it_ends(draw):
    result = chapter20.rates(study_of(draw))
    assert value(result, "stock_end_rate", "2021-22") == pytest.approx(12 / 2000 * 10_000)
    assert value(result, "started_rate", "2021-22") == pytest.approx(60)
    assert value(result, "stock_end_rate", "2022-23") == pytest.approx(5 / 3000 * 10_000)
    assert value(result, "ceased_rate", "2022-23") == pytest.approx(7 / 3000 * 10_000)
    assert "mid_years.csv" in result.source and "mid-2022" in result.source


def test_a_rate_is_hidden_with_its_count(draw):
    data = study_of(draw)
    shown = release(chapter20.rates(data), data.study, "20")
    cells = {(f.measure, f.period): f.printed for f in shown.rows}
    assert cells["stock_end_n", "2022-23"] == "c"  # five children
    assert cells["stock_end_rate", "2022-23"] == "c"
    assert cells["stock_end_rate", "2021-22"] == "60"


def test_a_part_of_a_year_has_no_rate_of_starting_or_ceasing(draw):
    result = chapter20.rates(study_of(draw, "2022-12-31"))
    t = result.table[result.table["period"] == "2022-23_part"].set_index("measure")
    assert t.loc["started_rate", "marker"] == "z" and np.isnan(t.loc["ceased_rate", "value"])
    assert t.loc["stock_end_rate", "value"] == pytest.approx(5 / 3000 * 10_000)


def test_without_a_population_the_rest_of_the_chapter_stands(draw):
    data = study_of(draw)
    bare = StudyData(draw.study(), {"ssda903": data.readers["ssda903"]})
    with pytest.raises(InputMissing):
        chapter20.rates(bare)
    shown = release(chapter20.flows(bare), bare.study, "20")
    assert shown.name == "cla_flows"


def test_rates_of_the_dfe_come_back_from_its_own_counts_and_population(draw):
    file = SHARED / "ons_mid-year_population_estimates_2012_to_2024.csv"
    if not file.is_file():
        pytest.skip("the shared official files are not here")
    study: Study = draw.study(inputs={"population": [file.name]})
    object.__setattr__(study, "_folder", file.parent)
    known = aged_0_to_17(read(study).frame)
    # Children looked after in England, release of 2023: Oxfordshire, counts and printed rates.
    counts = {2021: (782, "54"), 2022: (855, "58"), 2023: (882, "59")}
    for year, (n, rate) in counts.items():
        found = 10_000 * n / known["E10000025", year - 1]
        assert printed(found, "rate_per_10k") == rate
