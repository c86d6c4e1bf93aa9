"""Files that are not as they should be: one clear error each, and no value of theirs in it."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest

from needs.inputs.registry import open_data
from needs.vocabulary.errors import InputError

from . import small

pytestmark = pytest.mark.unit

ANOTHER = small.RATES_2022.splitlines()


def archive():
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as z:
        z.writestr("a.csv", small.STARTED)
    return made.getvalue()


def without(column, sheet):
    head, *rows = sheet.splitlines()
    at = head.split(",").index(column)
    cut = [",".join(c for i, c in enumerate(r.split(",")) if i != at) for r in (head, *rows)]
    return "\n".join(cut) + "\n"


BAD = {
    # DfE files
    "comparators utf-16": (
        "comparators",
        small.STARTED.encode("utf-16"),
        "UTF-16",
        (),
    ),
    "comparators empty": ("comparators", "\n\n", "file is empty", ()),
    "comparators archive": ("comparators", archive(), "no workbook", ()),
    "comparators pdf": ("comparators", b"%PDF-1.7 \x00\x01", "PDF", ()),
    "comparators web page": ("comparators", "<!DOCTYPE html><html></html>", "web page", ()),
    "comparators no percentage": (
        "comparators",
        without("percentage", small.STARTED),
        "required columns are missing",
        (1,),
    ),
    "comparators no rows": ("comparators", small.STARTED.splitlines()[0] + "\n", "no rows", ()),
    "comparators unknown marker": (
        "comparators",
        small.RATES_2022.replace(",100,", ",secret?,"),
        "neither a number nor a marker",
        (3,),
    ),
    "comparators blank cell": (
        "comparators",
        small.RATES_2022.replace(",100,", ",,"),
        "neither a number nor a marker",
        (3,),
    ),
    "comparators twice and differently": (
        "comparators",
        small.RATES_2022 + ANOTHER[2].replace(",100,50", ",104,50") + "\n",
        "given twice, and differently",
        (6,),
    ),
    "comparators cut short": (
        "comparators",
        small.RATES_2022[: small.RATES_2022.rindex(",19000")],
        "more or fewer cells",
        (5,),
    ),
    "comparators quote": (
        "comparators",
        small.STABILITY_2022[: small.STABILITY_2022.index(", or are placed")],
        "quotes do not close",
        (),
    ),
    "comparators semicolons": (
        "comparators",
        small.RATES_2022.replace(",", ";"),
        "separated by semicolons",
        (1,),
    ),
    "comparators another input": (
        "comparators",
        small.neighbours(),
        "those of the input 'neighbours'",
        (1,),
    ),
    "comparators stranger": ("comparators", "a,b\n1,2\n", "no file that 'comparators' reads", (1,)),
    "comparators unknown children": (
        "comparators",
        small.RATES_2022.replace("Children starting to be", "Children ending to be"),
        "not a group of children",
        (4,),
    ),
    "comparators cannot tell": (
        "comparators",
        "\n".join(r for r in small.STARTED.splitlines() if "Taken" not in r) + "\n",
        "cannot be told apart",
        (),
    ),
    "comparators calendar year": (
        "comparators",
        small.RATES_2022.replace("Reporting year,Nat", "Calendar year,Nat"),
        "not a reporting year",
        (2,),
    ),
    "comparators level": (
        "comparators",
        small.RATES_2022.replace("National", "Local authority district"),
        "not one of National",
        (2,),
    ),
    "comparators no area code": (
        "comparators",
        small.RATES_2022.replace("E10000099", "Anyshire"),
        "no ONS code",
        (3, 4, 5),
    ),
    "comparators two numbers": (
        "comparators",
        small.RATES_2022.replace("rate_per_10000", "number,rate_per_10000").replace(
            ",100,50", ",100,100,50"
        ),
        "two columns have the same name",
        (),
    ),
    # neighbours
    "neighbours utf-16": ("neighbours", small.neighbours().encode("utf-16-le"), "binary", ()),
    "neighbours empty": ("neighbours", b"\xef\xbb\xbf", "file is empty", ()),
    "neighbours nine": (
        "neighbours",
        small.neighbours().replace("SN_10,", "SN_TEN,"),
        "of these ranks",
        (1,),
    ),
    "neighbours closeness": (
        "neighbours",
        small.neighbours(closeness="Secretly close"),
        "closeness is none of",
        (2,),
    ),
    "neighbours itself": ("neighbours", small.neighbours("999", "999"), "its own neighbour", (2,)),
    "neighbours the same twice": (
        "neighbours",
        small.neighbours("999", "102"),
        "same neighbour twice",
        (2,),
    ),
    "neighbours no code": ("neighbours", small.neighbours("999", "7"), "no DfE code", (2,)),
    "neighbours two sets": (
        "neighbours",
        small.neighbours() + small.neighbours("999", "120").splitlines()[1] + "\n",
        "with different neighbours",
        (3,),
    ),
    "neighbours no codes at all": (
        "neighbours",
        small.neighbours().replace("old_la_code", "la"),
        "required columns are missing",
        (1,),
    ),
    # population
    "population utf-16": ("population", small.POPULATION.encode("utf-16"), "UTF-16", ()),
    "population empty": ("population", "", "file is empty", ()),
    "population other ages": (
        "population",
        small.POPULATION.replace("0 to 17", "0 to 15"),
        "not the age group",
        (2, 3, 4),
    ),
    "population one sex": (
        "population",
        small.SINGLE_YEARS.replace("E,m,0", "E,f,2"),
        "one sex without the other",
        (2, 3),
    ),
    "population words": (
        "population",
        small.SINGLE_YEARS.replace(",20,22", ",20,many"),
        "neither a number nor a marker",
        (3,),
    ),
    "population twice and differently": (
        "population",
        small.POPULATION + small.POPULATION.splitlines()[1].replace("20500", "20501") + "\n",
        "given twice, and differently",
        (5,),
    ),
    "population a sex twice": (
        "population",
        small.SINGLE_YEARS + "E07000001,Northtown,E,f,0,12,11\n",
        "given twice, and differently",
        (8,),
    ),
    "population year": (
        "population",
        small.POPULATION.replace("2021,", "mid-2021,"),
        "not a year of four digits",
        (2,),
    ),
    "population no estimate": (
        "population",
        without("population_estimate", small.POPULATION),
        "required columns are missing",
        (1,),
    ),
    # projections
    "projections utf-16": ("projections", small.PROJECTION.encode("utf-16"), "UTF-16", ()),
    "projections empty": ("projections", " \r\n", "file is empty", ()),
    "projections age bands": (
        "projections",
        small.PROJECTION.replace("persons,0,10", "persons,0-4,10"),
        "not a single year of age",
        (2,),
    ),
    "projections one sex only": (
        "projections",
        small.PROJECTION.replace("persons", "males"),
        "no rows of the population of persons",
        (),
    ),
    "projections twice and differently": (
        "projections",
        small.PROJECTION + "E07000001,Northtown,Population,persons,0,10.251,11.000\n",
        "given twice, and differently",
        (7,),
    ),
    "projections lookup alone": (
        "projections",
        small.DISTRICTS,
        "a lookup and no projection",
        (),
    ),
    "projections no years": (
        "projections",
        small.PROJECTION.replace('"2022","2023"', '"first","second"'),
        "required columns are missing",
        (1,),
    ),
    "projections estimates": (
        "projections",
        small.SINGLE_YEARS,
        "those of the input 'population'",
        (1,),
    ),
    # unit costs
    "unit_costs utf-16": ("unit_costs", small.UNIT_COSTS.encode("utf-16"), "UTF-16", ()),
    "unit_costs empty": ("unit_costs", "\n", "file is empty", ()),
    "unit_costs words": (
        "unit_costs",
        small.UNIT_COSTS.replace("2000.0,", "lots,"),
        "neither a number nor a marker",
        (2,),
    ),
    "unit_costs budget": (
        "unit_costs",
        small.UNIT_COSTS.replace("2022-23 (OT),2", "2022-23 (Budget),2"),
        "not a year of outturn",
        (2,),
    ),
    "unit_costs code": (
        "unit_costs",
        small.UNIT_COSTS.replace("970.0", "E92"),
        "not a code of three digits",
        (4,),
    ),
    "unit_costs twice": (
        "unit_costs",
        small.UNIT_COSTS + "Finance,LACFinance,All,Anyshire,999,2022-23,2001,2001\n",
        "given twice, and differently",
        (6,),
    ),
    "unit_costs no code": (
        "unit_costs",
        without("lait_code", small.UNIT_COSTS.replace('"', "").replace("5,980", "5980")),
        "required columns are missing",
        (1,),
    ),
    # Ofsted
    "ofsted utf-16": ("ofsted", small.OFSTED.encode("utf-16"), "UTF-16", ()),
    "ofsted empty": ("ofsted", ",,,\n,,,\n", "file is empty", ()),
    "ofsted judgement": (
        "ofsted",
        small.OFSTED.replace(",Good,", ",Splendid,"),
        "not a judgement",
        (4,),
    ),
    "ofsted date": (
        "ofsted",
        small.OFSTED.replace("13/06/2022", "06/13/2022"),
        "not a date",
        (5,),
    ),
    "ofsted places": (
        "ofsted",
        small.OFSTED.replace("Private,5,", "Private,five,"),
        "not a whole number",
        (4,),
    ),
    "ofsted no urn": (
        "ofsted",
        small.OFSTED.replace("SC000001", "Any Care"),
        "not an Ofsted number",
        (4,),
    ),
    "ofsted twice and differently": (
        "ofsted",
        small.OFSTED + small.OFSTED_ROWS[0].replace("Private,5,", "Private,6,") + "\n",
        "given twice, and differently",
        (7,),
    ),
    "ofsted no places": (
        "ofsted",
        small.OFSTED.replace(",Places,", ",Beds,"),
        "required columns are missing",
        (3,),
    ),
}

VALUES = re.compile(r"secret|splendid|any care|many|five|999|101|10\.25|E10000099", re.IGNORECASE)


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_clear_error(study_of, case):
    name, content, rule, rows = BAD[case]
    study = study_of({f"{name}/bad file.csv": content})
    with pytest.raises(InputError) as raised:
        open_data(study).read(name)
    faults = raised.value.faults
    assert len(faults) == 1, [f.rule for f in faults]
    assert rule in faults[0].rule
    assert faults[0].rows == rows
    assert faults[0].mend
    assert faults[0].file in {f"{name}/bad file.csv", f"inputs.{name}"}
    assert not VALUES.search(str(raised.value))


def test_rows_are_numbered_as_a_spreadsheet_shows_them_past_empty_lines(study_of):
    lines = small.RATES_2022.replace(",100,", ",?,").splitlines()
    study = study_of({"comparators/a.csv": "\n".join([lines[0], "", *lines[1:3], "", lines[3]])})
    with pytest.raises(InputError) as raised:
        _ = open_data(study).comparators
    assert raised.value.faults[0].rows == (4,)


def test_a_shared_group_among_two_kinds_of_file_is_not_guessed(study_of):
    both = small.STARTED + f"2022,{small.ANYSHIRE},Age on ceasing,Total,42,100\n"
    with pytest.raises(InputError, match="cannot be told apart"):
        _ = open_data(study_of({"comparators/a.csv": both})).comparators


def test_a_missing_column_is_named(study_of):
    study = study_of({"comparators/a.csv": without("percentage", small.STARTED)})
    with pytest.raises(InputError) as raised:
        _ = open_data(study).comparators
    assert raised.value.faults[0].column == "percentage"


def test_every_fault_of_every_file_is_said_at_once(study_of):
    files = {
        "comparators/a.csv": small.RATES_2022.replace(",100,50", ",?,!"),
        "comparators/b.csv": b"",
        "comparators/c.csv": small.STARTED.replace("2022,", "22,"),
    }
    with pytest.raises(InputError) as raised:
        _ = open_data(study_of(files)).comparators
    assert [(f.file[-5:], f.column) for f in raised.value.faults] == [
        ("a.csv", "number"),
        ("a.csv", "rate_per_10000"),
        ("b.csv", ""),
        ("c.csv", "time_period"),
    ]


def test_a_folder_cannot_be_older_than_its_figures(study_of):
    study = study_of({"comparators/release-2022/a.csv": small.RATES_2023})
    with pytest.raises(InputError, match="later year than its folder"):
        _ = open_data(study).comparators


def test_two_releases_of_one_year_must_be_told_apart(study_of):
    again = small.RATES_2023.replace(",101,", ",102,")
    files = {"comparators/a.csv": small.RATES_2023, "comparators/b.csv": again}
    with pytest.raises(InputError, match="named after it"):
        _ = open_data(study_of(files)).comparators
    apart = {f"comparators/{y}/a.csv": t for y, t in ((2023, small.RATES_2023), (2024, again))}
    study = study_of(apart)
    for name in files:
        (study.folder / name).unlink()
    assert set(open_data(study).comparators.frame["vintage"]) == {"2023", "2024"}
