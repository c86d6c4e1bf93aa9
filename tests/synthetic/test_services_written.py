"""What services count of a synthetic study is what its files hold, counted again from the files.

The same authority, seed and years as the bundled study; expected numbers come from the written
CSV files and dates of birth of the returns, by other means than the analyses.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from needs.care import chapter20_services as services
from needs.inputs.registry import open_data
from needs.synthetic.edge import STAGES
from needs.synthetic.study import oxfordshire, synthesise
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import Synthesis, load_study

pytestmark = pytest.mark.unit

BUNDLED = Path(__file__).resolve().parents[2] / "analysis" / "oxfordshire-2022-23" / "study.toml"
DAY = "2023-03-31"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The bundled study itself, its inputs written anew; files kept in git are left out."""
    root = tmp_path_factory.mktemp("services")
    lines = BUNDLED.read_text("utf-8").splitlines(keepends=True)
    (root / "study.toml").write_text("".join(x for x in lines if '"published/' not in x), "utf-8")
    settings = Synthesis(dirt=False, first_year="2015-16")
    synthesise(root / "inputs", oxfordshire(), settings, ReportingYear(2023), 20230331)
    return root


@pytest.fixture(scope="module")
def data(folder):
    return open_data(load_study(folder))


def rows(folder, name):
    with (folder / "inputs" / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def year_of(day):
    end = int(day[:4]) + (day[5:] >= "04-01")
    return f"{end - 1}-{end % 100:02d}"


def value(result, measure, group="all", period="2022-23", by=""):
    t = result.table
    hit = t[(t["measure"] == measure) & (t["group"] == group) & (t["period"] == period)]
    (one,) = hit.loc[hit["by"] == by, "value"]
    return float(one)


@pytest.mark.parametrize("year", ["2019-20", "2022-23"])
def test_requests_are_those_of_the_file(folder, data, year):
    mine = [r for r in rows(folder, "referrals") if year_of(r["date"]) == year]
    ends = Counter(r["outcome"] for r in mine)
    result = services.referrals(data)
    assert value(result, "referred_n", period=year) == len(mine) > 500
    assert value(result, "placed_n", period=year) == ends["placed"] + ends["placed_other"]
    assert value(result, "avoided_n", period=year) == ends["avoided"] > 50
    again = sum(r["re_referral"] == "yes" for r in mine)
    assert value(result, "re_referred_n", period=year) == again
    soon = services.same_day(data)
    placed = [r for r in mine if r["type_placed"]]
    emergencies = sum(r["emergency"] == "yes" for r in placed)
    assert value(soon, "same_day_n", period=year) == emergencies
    share = 100 * emergencies / len(placed)
    assert value(soon, "same_day_pct", period=year) == pytest.approx(share)
    assert soon.checks[0].status == "pass"


def test_types_asked_for_and_found_are_those_of_the_file(folder, data):
    placed = [
        r for r in rows(folder, "referrals") if r["type_placed"] and year_of(r["date"]) == "2022-23"
    ]
    result = services.asked_and_placed(data)
    for measure, column in (("asked_n", "type_asked"), ("found_n", "type_placed")):
        for key, n in Counter(r[column] for r in placed).items():
            assert value(result, measure, key) == n
    same = sum(r["type_asked"] == r["type_placed"] for r in placed)
    assert value(result, "as_asked_n") == same < len(placed)


def test_every_stage_is_that_of_the_file_and_near_what_it_was_drawn_from(folder, data):
    result = services.edge_of_care(data)
    mean = {(stage, unit): n for stage, unit, n in STAGES}
    written = rows(folder, "edge_of_care")
    assert len(written) == 4 * len(STAGES)
    for r in written:
        n = value(result, f"{r['unit']}_n", r["stage"], r["period"])
        assert n == float(r["number"])
        # Five standard deviations of a Poisson count; a part is cut to its whole.
        assert n <= mean[r["stage"], r["unit"]] + 5 * mean[r["stage"], r["unit"]] ** 0.5
    assert {c.status for c in result.checks} == {"pass"}


def test_care_leavers_are_those_of_the_file(folder, data):
    listed = rows(folder, "care_leavers")
    result = services.entitled(data)
    for kind, n in Counter(r["entitlement"] for r in listed).items():
        assert value(result, "people_n", kind, DAY, "all") == n
    assert value(result, "people_n", period=DAY, by="all") == len(listed)
    assert "age_unknown" not in set(result.table["by"])
    # The law's own ages: nobody is eligible or relevant at 18, or former relevant before.
    ages = result.table[result.table["measure"] == "people_n"].set_index(["group", "by"])["value"]
    assert ages["former_relevant", "to_17"] == 0
    for kind in ("eligible", "relevant", "qualifying"):
        assert ages[kind, "all"] == ages[kind, "to_17"]
    touch, activity, home = services.entitled_support(data)
    base = value(touch, "people_n", period=DAY, by="all")
    young = ages["former_relevant", "at_18"] + ages["former_relevant", "from_19"]
    assert young <= base <= young + ages["relevant", "all"]
    assert {value(t, "people_n", period=DAY, by="all") for t in (activity, home)} == {base}
    for result, measure, near in (
        (touch, "yes", 93),
        (activity, "eet", 60),
        (home, "suitable", 92),
    ):
        assert value(result, "share_pct", measure, DAY, "all") == pytest.approx(near, abs=8)


def test_the_list_has_everybody_under_21_whom_the_returns_entitle(folder):
    """Also who left at 16 or 17: a relevant child becomes former relevant at eighteen."""
    end, born, spans, ids = dt.date(2023, 3, 31), {}, {}, set()
    for path in sorted((folder / "inputs" / "ssda903").glob("*/episodes.csv")):
        with path.open(encoding="utf-8", newline="") as f:
            for r in csv.DictReader(f):
                if r["LS"] not in {"V3", "V4"}:
                    spans.setdefault(r["CHILD"], {})[r["DECOM"]] = r["DEC"]
        with path.with_name("header.csv").open(encoding="utf-8", newline="") as f:
            born |= {r["CHILD"]: day_of(r["DOB"]) for r in csv.DictReader(f)}
    for child, mine in spans.items():
        ages = {n: birthday(born[child], n) for n in (14, 16, 18, 21)}
        if not ages[18] <= end < ages[21]:
            continue
        ends = {a: min(day_of(b) if b else end, ages[18]) for a, b in mine.items()}
        days = sum(max((b - max(day_of(a), ages[14])).days, 0) for a, b in ends.items())
        if days >= 91 and max(ends.values()) > ages[16]:
            ids.add(child)
    listed = {r["child_id"] for r in rows(folder, "care_leavers")} & set(spans)
    young = {c for c in listed if birthday(born[c], 18) <= end < birthday(born[c], 21)}
    assert len(ids) > 300
    assert len(ids ^ young) <= 2  # a birthday on the last days of a month


def birthday(born, age):
    return born.replace(year=born.year + age, day=min(born.day, 28))


def day_of(text):
    day, month, year = map(int, text.split("/"))
    return dt.date(year, month, day)
