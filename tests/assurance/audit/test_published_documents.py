"""What the audit says of the bundled documents, against what was worked out by hand."""

import re
from pathlib import Path

import pandas as pd
import pytest

from needs.assurance.audit.engine import BETWEEN, VERDICTS, audit
from needs.assurance.audit.results import audit_annex
from needs.inputs.published import read
from needs.inputs.registry import open_data
from needs.vocabulary.records import Published
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
    # 50 full-time equivalents are printed beside 48 children placed
    "d000_residential_costs_placements_fte_external_homes_2010": ("contradicts", "at most 48"),
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
    # 499 / 782 and 493 / 782: each share follows from its count, and they are two shares
    "d002_fostering_trend_share_of_children_pct_fostering_2020_21": ("conflicts", "63%"),
    "d002_residential_trend_share_of_children_pct_homes_2018_19": ("conflicts", "13%"),
    # a year's average of 82 is above the highest number of the year
    "d000_section_6_7_children_n_ifa_peak_2010": ("contradicts", "at least 82"),
    # printed as down from it
    "d004_para_33_over_20_miles_pct_2023_03": ("contradicts", "at most 27%"),
    # The document leaves open what is meant, and nothing that it may mean gives the number:
    # 42 / 143 and 42 / 132
    "d004_para_46_share_of_homes_pct_homes_in_county_2023": ("conflicts", "29% or 32%"),
    # 18 + 15, or 18; 27 is printed for their places
    "d004_para_40_approvals_n_carers_2022_23": ("conflicts", "33 or 18"),
    # 216 / (216 + 133) without kinship, 222 / 519 with it
    "d002_section_4_target_share_pct_ifa_baseline_2021": ("conflicts", "62% or 43%"),
    "d000_section_7_3_authorities_n_ifa_joint_planned_2011": ("conflicts", "11"),
    "d000_section_3_13_children_n_homeless_taken_in_2010_11": ("conflicts", "24 or 40"),
    # 2,927 x 11 / 12, or x 10 / 11
    "d000_section_3_5_unit_cost_gbp_week_in_house_homes_with_new_home_2011": (
        "conflicts",
        "£2,683 or £2,661",
    ),
    "d004_para_24_packages_n_bespoke_peak_2022_23": ("conflicts", "15"),
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
    # the finance table: 172.1 less 153.0, and the four rows above it
    "d004_service_finance_overspend_gbp_m_2022_23": "agrees",
    "d004_service_finance_overspend_gbp_m_central_costs_2022_23": "agrees",
    "d004_service_finance_outturn_gbp_m_2023_24": "agrees",
    "d004_service_finance_budget_gbp_m_2022_23": "agrees",
    # nothing but its own copy bears on it
    "d002_section_3_felt_safe_pct_2021": "cannot_check",
    "d004_para_44_spend_gbp_m_homes_2023": "agrees_rounding",
    "d004_para_25_packages_n_bespoke_latest_2023": "agrees",
    # one is of November, the other of the year
    "d000_section_3_13_growth_pct_supported_housing_16_17_2010_11": "cannot_check",
    "d001_para_9_growth_pct_supported_housing_16_17_2010_11": "cannot_check",
    # 12% cut off from 12.8%: this document does cut
    "d000_section_5_share_of_children_pct_homes_2011": "agrees",
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
    assert tables["evidence"].str.contains("share: ").all()
    assert set(tables["verdict"]) == {"agrees", "conflicts"}
    # Three follow from counts that document 002 prints otherwise, so it prints other shares.
    assert (tables["verdict"] == "conflicts").sum() == 3


def test_enough_figures_are_worked_out_again(found):
    assert (found["checked_by"] == "recomputed").sum() >= 250
    assert set(found["verdict"]) <= set(VERDICTS)
    assert (found["evidence"] != "").all()


def test_nothing_wrong_is_typed():
    """A relation says how a number follows; the verdict comes from the numbers alone."""
    relations = read(load_study(STUDY)).relations
    words = " ".join(relations["note"]).lower()
    assert not any(w in words for w in ("wrong", "error", "misprint", "contradict", "should be"))


READ_OF_NOTES = re.compile(
    r"^(?:just|almost|nearly|over|more than|at least|up to|at most|less than|under|about|around|"
    r"approximately|roughly|circa|estimated)|forecast|projected|expected|estimated|from |since "
)
"""What a document says of a number that changes what it stands for."""


def test_no_remark_beside_a_figure_tells_the_audit_what_is_wrong(found):
    """All remarks go, but those that say "about", "over", "forecast", or since when."""
    published = read(load_study(STUDY))
    figures = published.figures.copy()
    figures["note"] = figures["note"].where(figures["note"].str.contains(READ_OF_NOTES), "")
    bare = Published(figures, published.documents, published.relations.assign(note=""))
    again = audit(bare).set_index("figure")
    assert (figures["note"] != published.figures["note"]).sum() > 100
    columns = ["verdict", "would_agree", "checked_by", "relations_n"]
    pd.testing.assert_frame_equal(again[columns], found[columns])


def test_evidence_says_nothing_twice(found):
    lines = found["evidence"].str.split(BETWEEN, regex=False)
    assert found.index[lines.map(len) != lines.map(lambda held: len(set(held)))].empty


def test_what_only_bounds_a_figure_is_said(found):
    """131 of the 201 seen: the number cannot be worked out, but it may not be more."""
    row = found.loc["d000_section_3_13_children_n_homeless_assessment_2010_11"]
    assert row["verdict"] == "cannot_check"
    assert "no more than 201" in row["evidence"]


def test_a_figure_that_is_only_in_a_broken_relation_is_told_in_which(found):
    for figure in (
        "d000_supported_housing_support_days_relevant_2009_10",
        "d000_section_3_5_unit_cost_gbp_week_in_house_homes_before_new_home_2010_11",
    ):
        assert found.loc[figure, "verdict"] == "cannot_check"
        assert "another figure breaks: " in found.loc[figure, "evidence"], figure
    assert "24,891" in found.loc[
        "d000_supported_housing_support_days_relevant_2009_10", "evidence"
    ]  # fmt: skip


def test_a_figure_that_bounds_another_is_told_so(found):
    row = found.loc["d000_residential_costs_children_placed_n_external_homes_2011"]
    assert row["verdict"] == "cannot_check"
    assert "40.6" in row["evidence"]


def test_the_annex_shows_every_figure_at_fault(found):
    results = {r.name: r for r in audit_annex(open_data(load_study(STUDY)))}
    listed = set(results["published_contradictions"].table["group"])
    assert listed == set(found.index[found["verdict"].isin(["contradicts", "mislabelled_base"])])
    table = results["published_audit"].table
    whole = table[(table["group"] == "all") & (table["by"] == "all")].set_index("measure")["value"]
    assert whole["figures_n"] == len(found)
    assert all(r.published for r in results.values())


def test_a_reader_of_the_annex_is_told_what_is_measured_and_in_which_document():
    results = {r.name: r for r in audit_annex(open_data(load_study(STUDY)))}
    listed = results["published_contradictions"]
    beds = "d000_section_3_13_beds_n_supported_housing_2010"
    assert listed.labels[beds] == "Beds: supported housing, 2010"
    assert any("000: Placement strategy" in note for note in listed.notes)
    shown = (listed, results["published_conflicts"])
    words = " ".join(text for r in shown for text in r.row_notes["Evidence"].values())
    assert not re.search(r"\b(?:children n|referrals n|\w+ pct|ifa|uasc)\b", words)
