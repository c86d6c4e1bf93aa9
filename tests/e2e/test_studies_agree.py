"""The two bundled studies agree where they overlap: records to the printed figures.

The study of synthetic records is written afresh, read through the returns' reader and the
data-quality rules, and its analyses are compared with those of the study of published
figures, figure by figure. Nothing here reads how the records were fitted.
"""

from __future__ import annotations

import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from needs.care import chapter20, published
from needs.inputs.registry import open_data
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
YEARS = range(2018, 2024)
GROUPS = {
    "all": "all", "kinship": "kinship", "in_house_fostering": "in_house_foster", "ifa": "ifa",
    "in_house_homes": "in_house_home", "external_homes": "external_home",
    "fostering": "all_fostering", "homes": "all_homes",
}  # fmt: skip
"""Groups of the printed tables, and what the analysis of records calls them."""
SHARES = {
    "share_of_children_pct": "share_pct",
    "share_of_fostering_pct": "share_of_fostering_pct",
    "share_of_homes_pct": "share_of_homes_pct",
}


def year_name(year):
    return f"{year - 1}-{year % 100}"


@pytest.fixture(scope="module", params=[True, False], ids=["dirt", "no_dirt"])
def records(request, tmp_path_factory):
    """The default study's inputs, with and without planted faults."""
    folder = tmp_path_factory.mktemp("agree") / "study"
    folder.mkdir()
    shutil.copy(ANALYSIS / "oxfordshire-2022-23" / "study.toml", folder)
    study = load_study(folder)
    settings = asked(study).model_copy(update={"dirt": request.param})
    synthesise(folder / "inputs", preset(study), settings, study.period.year, study.seed)
    return open_data(study)


@pytest.fixture(scope="module")
def printed():
    return open_data(load_study(ANALYSIS / "oxfordshire-published"))


def values(result, measure):
    """A result's figures of one measure: (period, group) -> value."""
    t = result.table[result.table["measure"] == measure]
    return {(p, g): v for p, g, v in zip(t["period"], t["group"], t["value"], strict=True)}


def test_the_placement_mix_agrees_in_every_year(records, printed):
    ours = values(chapter20.placement_mix(records), "children_n")
    theirs = values(published.placement_mix(printed), "children_n")
    compared = []
    for year in YEARS:
        for group, own in GROUPS.items():
            if (wanted := theirs.get((year_name(year), group))) is not None:
                # Tables print what they have of a type; records leave an empty one out.
                compared.append((year, group, wanted, ours.get((f"{year}-03-31", own), 0.0)))
        mixed = [theirs[year_name(year), g] for g in ("kinship", "in_house_fostering", "ifa")]
        compared.append((year, "fostering", sum(mixed), ours[f"{year}-03-31", "all_fostering"]))
        homes = [theirs[year_name(year), g] for g in ("in_house_homes", "external_homes")]
        compared.append((year, "homes", sum(homes), ours[f"{year}-03-31", "all_homes"]))
    print("\nat 31 March  group                 printed  records")
    for year, group, wanted, found in compared:
        print(f"{year:<13}{group:<22}{wanted:>7.0f}{found:>9.0f}")
    assert len(compared) == 6 * 8
    assert [c for c in compared if c[2] != c[3]] == []


def test_the_stock_agrees_with_the_printed_series(records, printed):
    ours = values(chapter20.stock(records), "children_n")
    theirs = values(published.stock_by_year(printed), "children_n")
    both = {(p, d): v for (p, d), v in theirs.items() if d == "d004" and p.endswith("-03")}
    assert {p for p, _ in both} == {
        "2018-03",
        "2019-03",
        "2021-03",
        "2020-03",
        "2022-03",
        "2023-03",
    }
    assert {p: v for (p, _), v in both.items()} == {p: ours[f"{p}-31", "all"] for p, _ in both}


def test_unaccompanied_children_agree(records, printed):
    ours = values(chapter20.unaccompanied(records)[0], "children_n")
    typed = printed.published.figures
    typed = typed[(typed["measure"] == "children_n") & (typed["group"] == "uasc")]
    typed = typed[typed["document"] == "004"].set_index("period")["value"]
    assert (typed["2021-22"], typed["2022-23"]) == (58, 104)
    for year in (2022, 2023):
        assert ours[f"{year}-03-31", "uasc"] == typed[year_name(year)]
    latest = values(published.stock_by_year(printed), "uasc_n")
    assert latest["2023-03", "uasc"] == ours["2023-03-31", "uasc"]


def test_shares_of_the_records_round_to_the_printed_ones(records, printed):
    """Half up, as the document rounds; its tables 1 and 2."""
    result = chapter20.placement_mix(records)
    ours = {name: values(result, own) for name, own in SHARES.items()}
    typed = printed.published.figures
    typed = typed[
        (typed["document"] == "004") & typed["table"].isin(["fostering_mix", "homes_mix"])
    ]
    typed = typed[typed["measure"].isin(list(SHARES)) & typed["group"].isin(list(GROUPS))]
    compared, differ = 0, []
    for row in typed.itertuples():
        year = 2000 + int(row.period[-2:])
        found = ours[row.measure].get((f"{year}-03-31", GROUPS[row.group]))
        if found is None:
            continue
        compared += 1
        whole = Decimal(repr(round(found, 9))).quantize(Decimal(1), ROUND_HALF_UP)
        if whole != Decimal(int(row.value)):
            differ.append((row.period, row.measure, row.group, row.printed, round(found, 2)))
    print(f"\n{compared} printed shares compared; differing: {differ}")
    assert compared >= 36
    assert differ == []


def test_the_default_study_says_that_all_its_counts_agree(records):
    """Eight types in six years; of the printed shares only that misprinted in paragraph 10."""
    typed = open_data(load_study(ANALYSIS / "oxfordshire-2022-23")).published
    readers = {"ssda903": lambda _: records.records, "published": lambda _: typed}
    made = chapter20.printed_agreement(StudyData(records.study, readers))
    told = {m: values(made, m)["all_years", "together"] for m in ("agree_n", "compared_n")}
    assert told == {"agree_n": 6 * 8, "compared_n": 6 * 8}
    assert [c.status for c in made.checks] == ["pass", "review"]
    assert list(made.row_notes.values()) == [{"in_house_and_kinship": "2022-23"}]
