"""A reader of all that services count together learns no small count that is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reader import Reader, apart, figures_of, learn_services, truth_of

from needs.care import chapter20_services as services
from needs.report.chapter import publish
from needs.vocabulary.edge import STAGE_UNITS
from needs.vocabulary.records import StudyData, Table

pytestmark = pytest.mark.property

TYPES = ("in_house_foster", "ifa", "external_home", "supported")


def requests(rng, n):
    """Return requests of two years, most of them for fostering."""
    day = pd.Timestamp(2021, 4, 1) + pd.to_timedelta(rng.integers(0, 730, n), unit="D")
    asked = rng.choice(TYPES, n, p=[0.5, 0.3, 0.12, 0.08])
    other = np.where(rng.random(n) < 0.12, rng.choice(TYPES, n), asked)
    end = rng.choice(["placed", "avoided", "withdrawn", "open"], n, p=[0.75, 0.17, 0.06, 0.02])
    return pd.DataFrame({
        "child": -1, "date": day, "type_asked": asked,
        "type_placed": np.where(end == "placed", other, None), "outcome": end,
        "emergency": pd.array(rng.random(n) < 0.15, dtype="boolean"), "needed_by": pd.NaT,
        "re_referral": pd.array(rng.random(n) < 0.1, dtype="boolean"),
    }).assign(needed_by=lambda t: pd.to_datetime(t["needed_by"]))  # fmt: skip


def counts(rng):
    """Return every stage in every unit, small and large, none of two years above its first."""
    rows = []
    for year in ("2021-22", "2022-23"):
        for stage, units in STAGE_UNITS.items():
            top = {"seen": 60, "referred": 80, "held": 30}.get(stage.split("_")[-1], 14)
            rows += [(year, stage, u, float(rng.integers(0, top))) for u in units]
    columns = ["period", "stage", "unit", "number"]
    return pd.DataFrame(rows, columns=columns).assign(source=None)


def leavers(rng, age):
    """Return a row for each young person, entitled as their age has it."""
    n = len(age)
    minor = rng.choice(["eligible", "relevant", "qualifying"], n, p=[0.7, 0.25, 0.05])
    return pd.DataFrame({
        "child": np.arange(n, dtype="int32"),
        "entitlement": np.where(age < 18, minor, "former_relevant"),
        "from": pd.Timestamp(2022, 4, 1), "to": pd.NaT,
        "in_touch": rng.choice(["YES", "NO", "REFU"], n, p=[0.9, 0.07, 0.03]),
        "activity": rng.choice(["F2", "G5", "G6"], n, p=[0.5, 0.4, 0.1]),
        "accommodation": rng.choice(["U1", "X2"], n, p=[0.9, 0.1]),
        "suitable": pd.array([None] * n, dtype="boolean"),
    }).assign(to=lambda t: pd.to_datetime(t["to"]))  # fmt: skip


def study_of(draw, seed):
    """Return a study of about a hundred care leavers and two hundred requests."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 140))
    age = rng.choice(np.arange(16, 25), n)
    names = [f"c{i}" for i in range(n)]
    children = pd.DataFrame({
        "child": names, "sex": "male", "uasc": None,
        "dob": [f"{2023 - a}-01-10" for a in age],
    })  # fmt: skip
    episodes = pd.DataFrame({
        "child": names[:1], "decom": "2021-05-01", "dec": None, "rne": "S", "ls": "C2",
        "cin": "N1", "place": "U6", "provider": "PR1", "rec": None,
    })  # fmt: skip
    tables = {
        "referrals": requests(rng, int(rng.integers(60, 260))),
        "edge_of_care": counts(rng),
        "care_leavers": leavers(rng, age),
    }
    records = draw.records(children, episodes, [2022, 2023])
    patterns = {k: [f"inputs/{k}.csv"] for k in ("ssda903", *tables)}
    readers = {k: lambda _, t=t: Table(t, pd.DataFrame()) for k, t in tables.items()}
    return StudyData(draw.study(inputs=patterns), {"ssda903": lambda _: records, **readers})


@pytest.mark.parametrize("seed", range(12))
def test_a_reader_of_every_table_learns_no_hidden_small_count(draw, seed, long_form):
    if seed and not long_form:
        pytest.skip("long form: make validate")
    data = study_of(draw, seed)
    made = [getattr(services, name)(data) for name in services.__all__]
    results = [r for m in made for r in (m if isinstance(m, tuple) else (m,))]
    released = [publish(r, data, "20") for r in results]
    printed, true = figures_of(released), truth_of(results)
    counted = {i: n for i, n in printed.items() if "_n." in i and "days_n" not in i}
    counted = {i: n for i, n in counted.items() if "nights_n" not in i}
    reader = Reader(counted, true, data.study.disclosure.threshold)
    learn_services(reader)
    assert len(reader.small()) > 10
    assert reader.told(learn_services) == {}
    few = {i: d for i, d in apart(printed).items() if 1 <= d < data.study.disclosure.threshold}
    assert few == {}


@pytest.mark.parametrize("seed", [1])
def test_no_share_stands_where_its_count_or_its_base_is_hidden(draw, seed):
    data = study_of(draw, seed)
    bases = {
        "avoided_pct": ("avoided_n", "referred_n"),
        "re_referred_pct": ("re_referred_n", "re_said_n"),
        "same_day_pct": ("same_day_n", "placed_n"),
        "as_asked_pct": ("as_asked_n", "asked_n"),
    } | {f"{u}_pct": (f"{u}_n", f"{u}_first_n") for u in ("requests", "children", "families")}
    seen = 0
    for name in ("edge_of_care", "referrals", "same_day", "asked_and_placed"):
        result = getattr(services, name)(data)
        printed = figures_of([publish(result, data, "20")])
        for i, n in printed.items():
            head, measure, *rest = i.split(".")
            for other in bases.get(measure, ()):
                seen += 1
                assert n is None or printed[".".join((head, other, *rest))] is not None, i
    assert seen > 40
