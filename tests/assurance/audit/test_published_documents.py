"""What the audit says of the bundled documents, against what was worked out by hand."""

from pathlib import Path

import pytest

from needs.assurance.audit.engine import VERDICTS, audit
from needs.assurance.audit.results import audit_annex
from needs.inputs.published import read
from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

STUDY = Path(__file__).resolve().parents[3] / "analysis" / "oxfordshire-published"

BY_HAND = {
    # 142 + 142 of 534 is 53.2%
    "d004_para_10_share_of_fostering_pct_in_house_and_kinship_2022_23": ("contradicts", "53%"),
    # 104 / 58 is 1.793
    "d004_para_28_growth_pct_uasc_2022_23": ("contradicts", "79%"),
    # 855 - 796
    "d004_para_28_children_n_uasc_2021_22": ("contradicts", "59"),
    # 8,922 + 9,725 + 335 + 5,908
    "d000_supported_housing_support_days_2009_10": ("contradicts", "24,890"),
    # 50 / 412
    "d000_section_4_1_referrals_pct_residential_2010_11": ("contradicts", "12.14%"),
    # 76 / 176
    "d000_section_4_3_cases_pct_family_support_plan_2010_11": ("contradicts", "43%"),
    # 478 / 767, and the table prints 62%
    "d002_key_trends_share_of_children_pct_fostering_2020_03": ("contradicts", "62%"),
    # 114 / 797
    "d002_residential_trend_share_of_children_pct_homes_2021_08": ("contradicts", "14%"),
    # 101 / 797
    "d002_residential_trend_share_of_children_pct_external_homes_2021_08": ("contradicts", "13%"),
    # 6,000 - 4,200
    "d004_para_56_saving_gbp_week_new_specialist_home_up_to_2023": ("contradicts", "£1,800"),
    # 519 / 792 is 65.5%, the count of the month after
    "d002_fostering_trend_share_of_children_pct_fostering_2021_08": ("mislabelled_base", "65%"),
    # worded as shares of all children; 177 / 471 and 250 / 534 are shares of foster care
    "d004_para_37_share_of_fostering_pct_in_house_fostering_2017_18": ("mislabelled_base", "26%"),
    "d004_para_37_share_of_fostering_pct_ifa_2022_23": ("mislabelled_base", "28%"),
    "d004_para_45_share_of_homes_pct_in_house_homes_2023": ("mislabelled_base", "1%"),
    "d002_demand_forecast_projected_n_2020": ("conflicts", "767"),
    "d004_para_28_children_n_2023_05": ("conflicts", "761"),
    "d001_para_22_key_stage_4_pct_five_a_to_c_english_maths_2010": ("conflicts", "6.6%"),
    "d002_fostering_trend_children_n_fostering_2017_18": ("conflicts", "471"),
}

RIGHT = {
    "d002_key_trends_growth_pct_2020_03": "agrees",  # 767 / 415 is 1.848: the printed 85%
    "d002_key_trends_children_n_2021_08": "agrees",  # 767 + 30
    "d002_section_2_cost_growth_pct_2020_02": "agrees_rounding",  # 51 on 36, both rounded
    "d000_section_3_15_people_n_care_leavers_2011": "agrees_rounding",  # just over 400: 423
    "d000_section_4_3_cases_pct_child_protection_plan_2010_11": "agrees_rounding",  # 23.86 cut
    "d004_para_64_growth_pct_2022_08": "agrees",  # 849 / 742
    "d002_section_4_target_children_n_out_of_county_over_20_miles_reduction_2021_09": (
        "agrees_rounding"  # 31% of 792 less 190, all rounded
    ),
    # nothing but its own copy bears on it
    "d002_section_3_felt_safe_pct_2021": "cannot_check",
    "d004_para_44_spend_gbp_m_homes_2023": "agrees_rounding",
}


@pytest.fixture(scope="module")
def found():
    return audit(read(load_study(STUDY))).set_index("figure")


@pytest.mark.parametrize("figure", BY_HAND)
def test_what_is_wrong_is_found_with_the_value_that_would_agree(found, figure):
    row = found.loc[figure]
    assert (row["verdict"], row["would_agree"]) == BY_HAND[figure], row["evidence"]


@pytest.mark.parametrize("figure", RIGHT)
def test_what_is_right_is_left_alone(found, figure):
    assert found.loc[figure, "verdict"] == RIGHT[figure], found.loc[figure, "evidence"]


def test_every_share_of_the_later_tables_follows_from_its_counts(found):
    """All 36 shares of Tables 1 and 2 were worked out by hand, half up."""
    tables = found[
        found["place"].isin(["Table 1", "Table 2"])
        & (found["document"] == "004")
        & found["measure"].str.startswith("share_of_")
    ]
    assert len(tables) == 42
    assert set(tables["verdict"]) == {"agrees"}


def test_enough_figures_are_worked_out_again(found):
    assert (found["checked_by"] == "recomputed").sum() >= 250
    assert set(found["verdict"]) <= set(VERDICTS)
    assert (found["evidence"] != "").all()


def test_nothing_wrong_is_typed():
    """A relation says how a number follows; the verdict comes from the numbers alone."""
    relations = read(load_study(STUDY)).relations
    words = " ".join(relations["note"]).lower()
    assert not any(w in words for w in ("wrong", "error", "misprint", "contradict", "should be"))


def test_the_annex_shows_every_figure_at_fault(found):
    results = {r.name: r for r in audit_annex(open_data(load_study(STUDY)))}
    listed = set(results["published_contradictions"].table["group"])
    assert listed == set(found.index[found["verdict"].isin(["contradicts", "mislabelled_base"])])
    table = results["published_audit"].table
    whole = table[(table["group"] == "all") & (table["by"] == "all")].set_index("measure")["value"]
    assert whole["figures_n"] == len(found)
    assert all(r.published for r in results.values())
