"""Rates of the documents against the population that ONS and the Department release."""

import os
from pathlib import Path

import pandas as pd
import pytest

from needs.assurance.audit.engine import audit
from needs.assurance.audit.official import people
from needs.inputs.published import read
from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("NEEDS_SHARED", ROOT.parent / "shared"))
ONS = SHARED / "data" / "official" / "ons_mid-year_population_estimates_2012_to_2024.csv"
STUDY = ROOT / "analysis" / "oxfordshire-published"
RATE = "d002_section_4_target_rate_per_10k_baseline_2019_03"


def population(n):
    """Return a population of n children in the middle of 2018, as a reader gives it."""
    row = {"area_code": "E10000025", "mid_year": 2018, "age_from": 0, "age_to": 17}
    return pd.DataFrame([{**row, "population_n": float(n)}])


def test_single_years_of_age_are_added_where_all_are_there():
    ages = [
        {"area_code": "X", "mid_year": y, "age_from": a, "age_to": a, "population_n": 10.0}
        for y, oldest in ((2020, 18), (2021, 12))
        for a in range(oldest)
    ]
    assert {k: f.value for k, f in people(pd.DataFrame(ages)).items()} == {("X", 2020): 180.0}


def test_a_rate_that_the_population_does_not_give_conflicts_with_it():
    # 779 children and a rate of 54 ask for 142,900 to 145,600 children in all.
    published = read(load_study(STUDY))
    assert audit(published).set_index("figure").loc[RATE, "verdict"] == "cannot_check"
    right = audit(published, population(144_000)).set_index("figure").loc[RATE]
    wrong = audit(published, population(120_000)).set_index("figure").loc[RATE]
    assert right["verdict"] == "agrees"
    assert (wrong["verdict"], wrong["would_agree"]) == ("conflicts", "65")


@pytest.mark.skipif(not ONS.exists(), reason="the ONS file is not on this machine")
def test_rates_and_limits_agree_with_the_population_released(tmp_path):
    text = (STUDY / "study.toml").read_text("utf-8")
    inputs = 'published = ["inputs/published/0*.csv", "inputs/published/documents.csv"'
    named = f'population = ["inputs/{ONS.name}"]\n'
    (tmp_path / "study.toml").write_text(text.replace(inputs, named + inputs), "utf-8")
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / ONS.name).write_bytes(ONS.read_bytes())
    folder = tmp_path / "inputs" / "published"
    folder.mkdir()
    for path in (STUDY / "inputs" / "published").glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    data = open_data(load_study(tmp_path))
    found = audit(data.published, data.population.frame).set_index("figure")
    assert found.loc[RATE, "verdict"] == "agrees"
    limits = found[found["measure"] == "transfer_limit_n"]
    limits = limits[limits["evidence"].str.contains("ONS")]
    assert len(limits) >= 5
    assert set(limits["verdict"]) <= {"agrees", "agrees_rounding"}
    assert "conflicts" not in set(found[found["evidence"].str.contains("ONS")]["verdict"])
