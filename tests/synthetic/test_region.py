"""A region of synthetic authorities: each runs, all differ, and no process changes a byte."""

import csv
import hashlib
import shutil

import numpy as np
import pandas as pd
import pytest

from needs.cli import main
from needs.inputs.registry import open_data
from needs.synthetic.places import synthetic_map
from needs.synthetic.region import MOST, draw
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit


def needs(*words):
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def digests(root):
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def small(folder, jobs="1", seed="5"):
    words = ("-n", "2", "--years", "2021-22", "2022-23", "--seed", seed, "--jobs", jobs)
    assert needs("synthesise-region", str(folder), *words) == 0
    return folder


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return small(tmp_path_factory.mktemp("region") / "one")


@pytest.fixture(scope="module")
def listed(region):
    with (region / "authorities.csv").open(newline="") as f:
        return list(csv.DictReader(f))


def test_two_processes_write_the_same_bytes_as_one(region, tmp_path):
    assert digests(small(tmp_path / "two", jobs="2")) == digests(region)
    assert len(digests(region)) > 60


def test_another_seed_writes_another_region(region, tmp_path):
    other = digests(small(tmp_path / "other", seed="6"))
    same = {k for k, v in digests(region).items() if other.get(k) == v}
    # How needs are made, and what people assume, is the same for all.
    alike = ("truth/needs.json", "inputs/assumptions.csv")
    assert same == {"README.md", *(k for k in other if k.endswith(alike))}


def test_each_study_is_read_without_fault_and_has_the_children_that_the_list_says(region, listed):
    assert len(listed) == 2
    for row in listed:
        study = load_study(region / row["study"])
        data = open_data(study)
        e, day = data.records.episodes, pd.Timestamp(2023, 3, 31)
        there = (e["decom"] <= day) & (e["dec"].isna() | (e["dec"] > day))
        assert int(row["children_31_march"]) == there.sum() > 50
        people = data.population.frame
        young = people[(people["mid_year"] == 2022) & (people["age_to"] < 18)]
        assert young["population_n"].sum() == int(row["residents_under_18"])
        assert set(people["area_code"]) == {study.authority.ons_code}
        own = data.read("provision").frame
        assert (own.loc[own["route"] == "in_house", "provider"] == row["name"]).all()


def test_a_study_of_the_region_can_be_written_again_by_itself(region, listed, tmp_path):
    study = region / listed[0]["study"]
    before = digests(study)
    assert needs("synthesise", str(study)) == 0
    assert digests(study) == before


@pytest.mark.parametrize("seed", range(25))
def test_no_home_lies_off_the_grid_of_the_ordnance_survey(seed):
    table = synthetic_map("E10999000", np.random.default_rng(seed)).table
    assert table["oseast1m"].between(0, 700_000).all()
    assert table["osnrth1m"].between(0, 1_300_000).all()


def test_authorities_differ_and_a_longer_list_begins_as_a_shorter():
    members = draw(20, 1)
    assert draw(3, 1) == members[:3]
    sizes = [m.residents_under_18 for m in members]
    assert max(sizes) > 3 * min(sizes)
    assert max(m.entries_per_10k for m in members) > 1.4 * min(m.entries_per_10k for m in members)
    assert {m.authority for m in members} == {"stationary", "growing", "shifting"}
    every = draw(MOST, 1)
    for key in ("study", "name", "dfe_code", "ons_code", "seed"):
        assert len({getattr(m, key) for m in every}) == MOST


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("mine")
    assert needs("synthesise-region", str(tmp_path), "-n", "1") == 10
    assert "name another folder" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_an_older_region_is_replaced_and_what_lies_beside_it_stays(tmp_path):
    folder = tmp_path / "region"
    words = ("--years", "2022-23", "2022-23", "--jobs", "1")
    assert needs("synthesise-region", str(folder), "-n", "2", *words) == 0
    (folder / "notes").mkdir()
    assert needs("synthesise-region", str(folder), "-n", "1", *words) == 0
    studies = {p.parent.name for p in folder.glob("*/study.toml")}
    assert studies == {draw(1, 1)[0].study}
    assert (folder / "notes").is_dir()


@pytest.mark.parametrize("years", [("2022-23", "2021-22"), ("2022", "2023")])
def test_years_that_make_no_sense_are_refused(tmp_path, years):
    assert needs("synthesise-region", str(tmp_path / "r"), "--years", *years) == 2
    assert not (tmp_path / "r").exists()


def test_a_study_of_real_records_is_refused_and_says_why(tmp_path, capsys, region, listed):
    text = (region / listed[0]["study"] / "study.toml").read_text("utf-8")
    head, tail = text.split("[synthesis]")
    (tmp_path / "study.toml").write_text(head + "[report]" + tail.split("[report]")[1], "utf-8")
    assert needs("synthesise", str(tmp_path)) == 10
    assert "there is no section [synthesis]" in capsys.readouterr().err
    assert needs("synthesise", str(tmp_path), "--if-missing") == 0


def test_a_file_that_the_study_names_and_lacks_is_missing(tmp_path, region, listed):
    shutil.copytree(region / listed[0]["study"], tmp_path / "study")
    gone = tmp_path / "study" / "inputs" / "voids.csv"
    before = gone.read_bytes()
    gone.unlink()
    assert needs("synthesise", str(tmp_path / "study"), "--if-missing") == 0
    assert gone.read_bytes() == before


def test_a_size_is_refused_where_published_totals_rule(tmp_path, capsys, region, listed):
    text = (region / listed[0]["study"] / "study.toml").read_text("utf-8")
    kind = listed[0]["authority"]
    (tmp_path / "study.toml").write_text(
        text.replace(f'authority = "{kind}"', 'authority = "oxfordshire"'), "utf-8"
    )
    assert needs("synthesise", str(tmp_path)) == 10
    assert "follow what was published" in capsys.readouterr().err
