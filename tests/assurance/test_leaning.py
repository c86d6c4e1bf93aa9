"""What is made from a hidden count is hidden with it, and families of a household are tied."""

from dataclasses import replace

import pandas as pd
import pytest

from needs.assurance.across_kin import across_ties
from needs.assurance.disclosure import protect, protect_together
from needs.assurance.release import NOT_TOLD, WITHHELD, release
from needs.vocabulary.kin import Family, Household, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Additive,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    long_table,
)
from needs.vocabulary.study import Authority, Disclosure, Inputs, Period, Study

pytestmark = pytest.mark.unit

CHILDREN = Measure("children_n", "Children", "children")
SCORE = Measure("error_n", "Error", "children_forecast")


def study():
    return Study(
        schema_version=1,
        authority=Authority(
            name="Testshire County Council", short_name="Testshire", dfe_code="999",
            ons_code="E10000999",
        ),
        period=Period(reporting_year="2022-23", as_at="2023-03-31"),
        inputs=Inputs(ssda903=("*.csv",)),
    )  # fmt: skip


def table(name, rows, measures=(CHILDREN,), **more):
    """Return a result of rows (measure, group, period, value)."""
    frame = pd.DataFrame(rows, columns=["measure", "group", "period", "value"])
    return Result(
        name=name, title="T", subtitle="", table=long_table(frame), measures=measures, labels={},
        source="made up", layout=Layout(("group", "measure"), ("period",)), **more,
    )  # fmt: skip


def counted(name, values, period=""):
    rows = [("children_n", g, period, n) for g, n in values.items()]
    parts = tuple(g for g in values if g != "all")
    return table(name, rows, additive=(Additive("group", "all", parts),) if parts else ())


def hidden(safe, name):
    t = safe[name].table
    return set(t.loc[t["marker"] == "c", "group"])


def test_families_of_a_household_are_protected_as_one():
    house = Household("h")
    first = Family("first", lambda data, results: (), house)
    second = Family("second", lambda data, results: same("a.children_n.m", "b.children_n.m"), house)
    by_sex = first(lambda data: counted("a", {"all": 50, "f": 3, "m": 47}))
    boys = second(lambda data: counted("b", {"m": 47}))
    data = StudyData(study(), {})
    shown = {r.name: protect(r, Disclosure()) for r in (boys(data), by_sex(data))}
    assert hidden(shown, "b") == {"m"}
    assert hidden(shown, "a") == {"f", "m"}


def test_an_analysis_that_cannot_be_made_is_left_out_of_the_household():
    house = Household("h")
    first = Family("first", lambda data, results: same("a.children_n.m", "b.children_n.m"), house)
    second = Family("second", lambda data, results: pytest.fail("it has no results"), house)

    @second
    def broken(data):
        raise KeyError("its chapter stops the run")

    made = first(lambda data: counted("a", {"all": 50, "f": 3, "m": 47}))
    data = StudyData(study(), {})
    assert hidden({"a": protect(made(data), Disclosure())}, "a") == {"f", "m"}
    with pytest.raises(KeyError):
        broken(data)


def followed(drops=False, **more):
    """Return a result that leans on counts of which f (3) and m (47) are hidden, and not all."""
    house = Household("h")
    family = Family("first", lambda data, results: (), house)
    family(lambda data: counted("a", {"all": 50, "f": 3, "m": 47}))
    rows = pd.DataFrame({
        "measure": "error_n", "group": ["m", "all"], "value": [7.0, 9.0],
        "lower_80": [1.0, 2.0], "upper_80": [8.0, 12.0],
    })  # fmt: skip
    made = table("b", [("error_n", "m", "", 7.0)], (SCORE,))
    made = replace(
        made, table=long_table(rows), drops=drops,
        leans_on={
            "b.error_n.m": ("a.children_n.m",), "b.error_n.all": ("a.children_n.all",),
            "b.error_n_lower_80.all": ("a.children_n.f", "a.children_n.all"),
        }, layout=Layout(("group",), ("measure",)), **more,
    )  # fmt: skip
    data = StudyData(study(), {})
    return release(house.followed_by(lambda _: made)(data), data.study, "50")


def test_a_row_and_a_bound_are_hidden_where_what_they_lean_on_is():
    shown = {r.id: r.printed for r in followed().rows}
    assert shown["b.error_n.m"] == "c"
    assert shown["b.error_n.all"] == "9"
    assert "b.error_n_lower_80.all" not in shown
    assert shown["b.error_n_upper_80.all"] == "12"


def test_a_row_that_would_tell_by_being_there_is_left_out():
    shown = followed(drops=True, text=(Sentence("It is {n}.", {"n": "b.error_n.m"}),))
    assert {r.group for r in shown.rows} == {"all"}
    assert [line[0].text for line in shown.sentences] == [WITHHELD]


def test_checks_and_words_about_hidden_numbers_are_not_told():
    shown = followed(
        checks=(
            Check("Equal", "pass", "counts that differ: 0 of 1", ("a.children_n.m",)),
            Check("Other", "pass", "fine", ("a.children_n.all",)),
        ),
        row_notes={"Change": {"m": "Unchanged", "all": "Up"}, "Way": {"m": "lower", "all": ""}},
        guarded=("Change",),
    )
    assert [c[1:] for c in shown.checks] == [("review", NOT_TOLD), ("pass", "fine")]
    words = {row[0]: row[-2:] for row in shown.table.rows}
    assert words == {"m": (NOT_TOLD, "lower"), "All": ("Up", "")}


def of_year(name, year="2022-23", **values):
    return table(
        name, [(m, "all", year, n) for m, n in values.items()],
        tuple(Measure(m, m, "children") for m in values),
    )  # fmt: skip


def protected(results, ties):
    return protect_together(results, Disclosure(), tuple(ties))


def test_short_breaks_do_not_come_back_from_the_children_of_a_return():
    """Chapter 10 printed 83 children read, chapter 20 eighty looked after: three are the rest."""
    read = table("returns_read", [("children_n", "2022-23", "2022-23", 83)])
    missing = of_year("cla_missing", looked_after_n=80)
    flows = of_year("cla_flows", short_breaks_n=3)
    results = {r.name: r for r in (read, missing, flows)}

    def shown(ties):
        safe = protected(list(results.values()), ties)
        return {n: (p.table["marker"] != "c").all() for n, p in safe.items()}

    assert shown(()) == {"returns_read": True, "cla_missing": True, "cla_flows": False}
    tied = shown(across_ties(results, single=True))
    assert not (tied["returns_read"] and tied["cla_missing"])


def list_of(name, rows):
    """Return what chapter 10 prints of a list."""
    measures = ("rows_n", "duplicates_n", "left_out_n")
    lines = [(m, name, "", n) for m, n in zip(measures, (rows, 0, 0), strict=True)]
    return table("child_inputs", lines, tuple(Measure(m, m, "child_rows") for m in measures))


def test_few_requests_do_not_come_back_from_the_rows_of_their_list():
    read = list_of("referrals", 63)
    asked = table(
        "edge_referrals",
        [("referred_n", "all", "2021-22", 3), ("referred_n", "all", "2022-23", 60)],
        (Measure("referred_n", "Requests", "requests"),),
    )
    results = {r.name: r for r in (read, asked)}

    def known(ties):
        safe = protected(list(results.values()), ties)
        rows, requests = (
            safe[n].table["marker"] != "c" for n in ("child_inputs", "edge_referrals")
        )
        return bool(rows.iloc[0] and requests.iloc[1])

    assert known(())
    assert not known(across_ties(results, single=False))


def test_a_list_of_which_few_rows_are_of_other_years_does_not_tell_how_few():
    read = list_of("care_leavers", 52)
    row = {"measure": "people_n", "group": "all", "period": "2023-03-31", "by": "all", "value": 50}
    people = replace(
        counted("entitled", {"all": 50}),
        table=long_table(pd.DataFrame([row])),
        measures=(Measure("people_n", "People", "people"),),
    )
    results = {r.name: r for r in (read, people)}
    safe = protected(list(results.values()), across_ties(results, single=False))
    assert (safe["child_inputs"].table["marker"].iloc[0] == "c") or (
        safe["entitled"].table["marker"].iloc[0] == "c"
    )
