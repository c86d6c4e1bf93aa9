"""Health, offending and reviews: the first sixteen children of ``test_drawn_example.py``.

Looked after at 31 March since 1 April of the year before: A H L M P in 2022, and A D G H J K L P
in 2023 (J came on 31 March 2022; N in August). Ages in 2023: A 10, D 14, G 17, H 16, J 11, K 17,
L 18, P 3.
"""

from __future__ import annotations

import calendar
import csv
import dataclasses
import datetime as dt
import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from many_children import BUNDLED

from needs.care import results_health
from needs.care.health import entered, long_enough
from needs.care.reviews import later
from needs.care.stock import stock_on
from needs.inputs.registry import open_data
from needs.synthetic.returns import write_returns
from needs.synthetic.study import Preset, asked, compose, preset, synthesise
from needs.synthetic.truth import stationary
from needs.vocabulary.study import Scope, load_study

pytestmark = pytest.mark.unit

_spec = importlib.util.spec_from_file_location(
    "drawn_example", Path(__file__).with_name("test_drawn_example.py")
)
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)
NAMES = "ABCDEFGHIJKLMNOP"
"""The others of the drawn example are left out: nobody reviewed them, or checked their health."""

OC2 = """
child | return_year | convicted | check | immunised | teeth | assessed | misuse | received | offered
A     | 2022 | 0 | - | 1 | 1 | 1 | 0 | - | -
B     | 2022 | 1 | - | 1 | 1 | 1 | 1 | 1 | -
H     | 2022 | 0 | - | 1 | 1 | 0 | 0 | - | -
L     | 2022 | 0 | - | 1 | 1 | 1 | 0 | - | -
M     | 2022 | 0 | - | 0 | 1 | 1 | 0 | - | -
P     | 2022 | - | 1 | 1 | 1 | 1 | 0 | - | -
A     | 2023 | 0 | - | 1 | 1 | 1 | 0 | - | -
D     | 2023 | 1 | - | 1 | 0 | 1 | 1 | 1 | -
G     | 2023 | - | - | - | 1 | 0 | 1 | 0 | 1
H     | 2023 | 0 | - | 1 | 1 | 1 | 1 | 0 | 0
K     | 2023 | 0 | - | 0 | 0 | 1 | 1 | - | -
L     | 2023 | 1 | - | 1 | 1 | - | 0 | - | -
N     | 2023 | 1 | - | 1 | 1 | 1 | 1 | 1 | -
P     | 2023 | - | 0 | 1 | 0 | 1 | 0 | - | -
"""  # B has left by 31 March 2022, N has not been there for a year; J has no row

FULL = {
    "check": "health_check",
    "immunised": "immunisations",
    "teeth": "teeth_check",
    "assessed": "health_assessment",
    "misuse": "substance_misuse",
    "received": "intervention_received",
    "offered": "intervention_offered",
}

REVIEWS = """
child | review     | review_code
A     | 2021-08-10 | PN1
A     | 2022-02-10 | PN1
A     | 2022-08-10 | PN1
A     | 2023-02-10 | PN6
C     | 2021-09-30 | PN0
C     | 2021-12-30 | PN0
D     | 2021-10-29 | PN1
D     | 2022-01-29 | PN1
D     | 2022-07-30 | PN2
D     | 2023-01-30 | PN7
G     | 2022-02-13 | PN1
G     | 2022-05-13 | PN3
G     | 2022-11-13 | -
H     | 2021-06-01 | PN1
H     | 2021-12-01 | PN1
H     | 2022-06-01 | PN5
J     | 2022-04-28 | PN1
J     | 2022-07-28 | PN1
J     | 2023-01-28 | PN4
K     | 2021-12-20 | PN1
K     | 2022-04-05 | PN1
L     | 2022-05-01 | PN1
M     | 2021-09-30 | PN1
M     | 2022-03-30 | PN1
N     | 2022-08-20 | PN0
N     | 2022-11-20 | PN1
P     | 2021-05-01 | PN0
P     | 2021-11-01 | PN0
P     | 2022-05-01 | PN0
P     | 2022-11-01 | PN0
"""


def records_of(draw):
    """Return the records of the sixteen children."""
    children, episodes = (draw.table(t) for t in (drawn.CHILDREN, drawn.EPISODES))
    who, when = (t[t["child"].isin(list(NAMES))] for t in (children, episodes))
    return draw.records(who, when.reset_index(drop=True), [2022, 2023])


def tables_of(draw):
    number = {n: i for i, n in enumerate(NAMES)}
    oc2 = draw.table(OC2).apply(lambda c: c if c.name == "child" else pd.to_numeric(c))
    oc2 = oc2.rename(columns=FULL)
    reviews = draw.table(REVIEWS)
    reviews["review"] = pd.to_datetime(reviews["review"]).astype("datetime64[ns]")
    reviews["return_year"] = reviews["review"].dt.year + (reviews["review"].dt.month > 3)
    tables = {"oc2": oc2, "reviews": reviews}
    for table in tables.values():
        table["child"] = table["child"].map(number)
    return tables


@pytest.fixture(scope="module")
def make(draw):
    """Return a study of the drawn children with tables as they are, or as changed."""
    records = records_of(draw)

    def made(**changed):
        tables = {k: t for k, t in {**tables_of(draw), **changed}.items() if t is not None}
        return draw.data(dataclasses.replace(records, tables=tables), draw.study())

    return made


def counts(result, period):
    """Return indicator -> yes, no, not known, base and share."""
    t = result.table[result.table["period"] == period]
    at = dict(zip(zip(t["group"], t["measure"], strict=True), t["value"], strict=True))
    keys = ("yes_n", "no_n", "not_known_n", "base_n", "share_pct")
    return {g: tuple(round(at.get((g, k), 0.0), 1) for k in keys) for g, _ in at}


def test_health_and_offending_with_each_base(make):
    result = results_health.health(make())
    assert counts(result, "2022-23") == {
        "health_assessment": (5, 1, 2, 8, 83.3),  # A D H K P; G; L blank, J no row
        "development": (0, 1, 0, 1, 0.0),  # P
        "dental": (4, 3, 1, 8, 57.1),  # A G H L; D K P; J
        "immunised": (5, 1, 2, 8, 83.3),  # A D H L P; K; G blank, J
        "substance_misuse": (4, 3, 1, 8, 57.1),  # D G H K; A L P; J
        "intervention": (1, 2, 1, 4, 33.3),  # D; G H; K
        "refused": (1, 2, 1, 4, 33.3),  # G; D received one, H was offered none; K
        "convicted": (2, 3, 2, 7, 40.0),  # D L; A H K; G blank, J; P is three
    }
    assert counts(result, "2021-22") == {
        "health_assessment": (4, 1, 0, 5, 80.0),  # A L M P; H
        "development": (1, 0, 0, 1, 100.0),  # P
        "dental": (5, 0, 0, 5, 100.0),
        "immunised": (4, 1, 0, 5, 80.0),
        "substance_misuse": (0, 5, 0, 5, 0.0),
        "intervention": (0, 0, 0, 0, pytest.approx(float("nan"), nan_ok=True)),
        "refused": (0, 0, 0, 0, pytest.approx(float("nan"), nan_ok=True)),
        "convicted": (0, 3, 0, 3, 0.0),  # H L M; A is nine
    }
    assert result.checks[0].status == "review"


def test_reviews_on_time_and_a_say_in_them(make):
    result = results_health.reviews(make())
    assert counts(result, "2021-22") == {
        # A C D H M P; G a day after four weeks, K due on 20 March, L due in October; J came
        # less than four weeks before the end.
        "on_time": (6, 3, 0, 9, 66.7),
        # A D G H K M; C and P are under four, L had no review
        "took_part": (6, 0, 0, 6, 100.0),
    }
    assert counts(result, "2022-23") == {
        # A G J N P; D one day after six months, H due on 1 December, K and L held late
        "on_time": (5, 4, 0, 9, 55.6),
        "took_part": (5, 2, 1, 8, 71.4),  # A H K L N; D J; G blank; P is three
    }


def test_the_last_day_on_time_and_the_first_day_too_late(make, draw):
    reviews = tables_of(draw)["reviews"]
    d, day = reviews["child"] == NAMES.index("D"), reviews["review"]
    earlier = reviews.assign(review=day.mask(d & (day == "2022-07-30"), pd.Timestamp(2022, 7, 29)))
    was, now = (
        counts(results_health.reviews(make(reviews=r)), "2022-23")["on_time"]
        for r in (reviews, earlier)
    )
    # 29 July is six months from 29 January; but 30 January then is a day more than six from it.
    assert (was[0], now[0]) == (5, 5)
    both = earlier.assign(
        review=earlier["review"].mask(d & (day == "2023-01-30"), pd.Timestamp(2023, 1, 29))
    )
    assert counts(results_health.reviews(make(reviews=both)), "2022-23")["on_time"][0] == 6


def test_a_month_later_is_its_last_day_where_it_is_shorter():
    days = np.array(["2022-08-31", "2023-08-31", "2022-11-30"], dtype="datetime64[ns]")
    expected = np.array(["2023-02-28", "2024-02-29", "2023-05-30"], dtype="datetime64[ns]")
    assert (later(days, 6) == expected).all()


def test_a_year_whose_return_lists_no_review_is_not_known(make, draw):
    reviews = tables_of(draw)["reviews"]
    data = make(reviews=reviews[reviews["return_year"] == 2023])
    result = results_health.reviews(data)
    assert counts(result, "2021-22")["on_time"] == pytest.approx(
        (0, 0, 9, 9, float("nan")), nan_ok=True
    )
    now = counts(result, "2022-23")["on_time"]
    # G's review of May is held against six months from April: so is D's of July, in time.
    assert now == (6, 3, 0, 9, 66.7)  # A D G J N P; H, K late again in October, L in November


@pytest.mark.parametrize(("table", "name"), [("oc2", "health"), ("reviews", "reviews")])
def test_a_table_that_no_return_has_is_said(make, table, name):
    result = getattr(results_health, name)(make(**{table: None}))
    assert set(result.table["marker"]) == {"x"}
    assert "No return" in result.notes[0]


def test_where_nothing_is_missing_no_row_says_so(make, draw):
    oc2 = tables_of(draw)["oc2"]
    full = pd.concat([oc2, oc2[oc2["child"] == 0].assign(child=NAMES.index("J"))])
    flags = [c for c in full if c not in {"child", "return_year"}]
    result = results_health.health(make(oc2=full.assign(**{c: full[c].fillna(0) for c in flags})))
    assert "not_known_n" not in set(result.table["measure"])
    assert result.checks[0].status == "pass"


def test_who_came_on_the_first_of_april_has_been_there_for_a_year(draw):
    children = draw.table("child|sex|dob|uasc\nA|male|2010-01-01|-\nB|male|2010-01-01|-")
    episodes = draw.table(
        "child|decom|dec|rne|ls|cin|place|provider|rec\n"
        "A|2022-04-01|-|S|C2|N1|U4|PR4|-\nB|2022-04-02|-|S|C2|N1|U4|PR4|-"
    )
    records = draw.records(children, episodes, [2023])
    stock = stock_on(records, [dt.date(2023, 3, 31)], Scope())
    assert long_enough(records, stock, Scope()).tolist() == [True, False]
    assert len(entered(records, Scope())) == 2


STUDY = """
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000025"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["inputs/ssda903/**/*.csv"]
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory, request):
    """Returns as files, and what chapter 20 says: in the long form those of the bundled study."""
    folder = tmp_path_factory.mktemp("written")
    long = request.config.getoption("--long")
    text = (BUNDLED / "study.toml").read_text("utf-8") if long else STUDY
    (folder / "study.toml").write_text(text)
    study = load_study(folder)
    if long:
        settings = asked(study).model_copy(update={"dirt": False})
        synthesise(folder / "inputs", preset(study), settings, study.period.year, study.seed)
    else:
        years = [study.period.year + n for n in (-2, -1, 0)]
        made = compose(Preset("E10000025", stationary(), {}), years[0], years[-1], 7, fit=False)
        write_returns(made.lives, years, folder / "inputs" / "ssda903", np.random.default_rng(7))
    data = open_data(study)
    return folder / "inputs" / "ssda903", results_health.health(data), results_health.reviews(data)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def day_of(text):
    day, month, year = map(int, text.split("/"))
    return dt.date(year, month, day)


FLAGS = {
    "health_assessment": "HEALTH_ASSESSMENT",
    "development": "HEALTH_CHECK",
    "dental": "TEETH_CHECK",
    "immunised": "IMMUNISATIONS",
    "substance_misuse": "SUBSTANCE_MISUSE",
    "convicted": "CONVICTED",
}


def test_health_equals_a_count_of_the_files_themselves(written):
    folder, health, _ = written
    years = sorted(p.name for p in folder.iterdir())
    for year in years:
        found = Counter()
        for row in rows_of(folder / year / "oc2.csv"):
            born, end = day_of(row["DOB"]), int(year[:4]) + 1
            age = end - born.year - ((3, 31) < (born.month, born.day))
            for key, column in FLAGS.items():
                if (key == "development" and age >= 5) or (key == "convicted" and age < 10):
                    continue
                found[key, "base_n"] += 1
                found[key, {"1": "yes_n", "0": "no_n"}.get(row[column], "not_known_n")] += 1
            if row["SUBSTANCE_MISUSE"] == "1":
                found["intervention", "yes_n"] += row["INTERVENTION_RECEIVED"] == "1"
                found["refused", "yes_n"] += row["INTERVENTION_OFFERED"] == "1"
        said = counts(health, year)
        for (key, measure), n in found.items():
            assert said[key][("yes_n", "no_n", "not_known_n", "base_n").index(measure)] == n
    assert len(years) >= 3


def months_on(day, n):
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def late_in_the_year(start, held, end, first):
    """Judge one child's reviews one after another, as an officer with the file would."""
    begin = dt.date(end.year - 1, 4, 1)
    known = start is not None and start >= first
    due = start + dt.timedelta(days=28) if known else months_on(first, 6)
    for nth, day in enumerate(sorted(held)):
        if begin <= day and day > due:
            return True
        due = months_on(day, 3 if known and nth == 0 else 6)
    return due <= end


def test_reviews_equal_a_count_of_the_files_themselves(written):
    """Of the last year, by whoever is in its own file."""
    folder, _, reviews = written
    years, end = sorted(p.name for p in folder.iterdir()), dt.date(2023, 3, 31)
    starts, held, first = {}, {}, dt.date(int(years[0][:4]), 4, 1)
    for year in years:
        for row in rows_of(folder / year / "episodes.csv"):
            if row["RNE"] == "S" and row["LS"] not in {"V3", "V4"}:
                starts.setdefault(row["CHILD"], set()).add(day_of(row["DECOM"]))
        for row in rows_of(folder / year / "reviews.csv"):
            held.setdefault(row["CHILD"], {})[day_of(row["REVIEW"])] = row["REVIEW_CODE"]
    born = {r["CHILD"]: day_of(r["DOB"]) for r in rows_of(folder / years[-1] / "header.csv")}
    there = {
        r["CHILD"]
        for r in rows_of(folder / years[-1] / "episodes.csv")
        if not r["DEC"] and r["LS"] not in {"V3", "V4"} and months_on(born[r["CHILD"]], 216) > end
    }
    on_time, part = Counter(), Counter()
    for child in there:
        start = max((d for d in starts.get(child, ()) if d <= end), default=None)
        if start and start > end - dt.timedelta(days=28):
            continue
        mine = {d: c for d, c in held.get(child, {}).items() if (start or d) <= d <= end}
        on_time[late_in_the_year(start, mine, end, first)] += 1
        of_year = {
            c for d, c in mine.items()
            if d >= dt.date(2022, 4, 1) and months_on(born[child], 48) <= d
        }  # fmt: skip
        if of_year:
            part[
                not of_year & {"PN4", "PN7"} and of_year <= {"PN1", "PN2", "PN3", "PN5", "PN6"}
            ] += 1
    said = counts(reviews, "2022-23")
    assert said["on_time"][:2] == (on_time[False], on_time[True])
    assert said["took_part"][:2] == (part[True], part[False])
    assert min(on_time.values()) > 20 and min(part.values()) > 20
