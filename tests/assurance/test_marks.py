"""What one chapter decided to hide serves the next: the same rows, and no number kept."""

import pandas as pd
import pytest

from needs.assurance.disclosure import protect
from needs.vocabulary.kin import Family, Household, same
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Additive, Layout, Measure, Result, long_table
from needs.vocabulary.study import Authority, Disclosure, Inputs, Period, Study

pytestmark = pytest.mark.unit


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


def counted(name, values):
    rows = pd.DataFrame({"measure": "children_n", "group": list(values), "value": values.values()})
    parts = tuple(g for g in values if g != "all")
    return Result(
        name=name, title="T", subtitle="", table=long_table(rows.assign(period="")),
        measures=(Measure("children_n", "Children", "children"),), labels={}, source="made up",
        layout=Layout(("group", "measure"), ("period",)),
        additive=(Additive("group", "all", parts),) if "all" in values else (),
    )  # fmt: skip


def hidden(safe, name):
    t = safe[name].table
    return set(t.loc[t["marker"] == "c", "group"])


class Shelf:
    """Keeps one text."""

    text = None
    asked = 0

    def load(self):
        self.asked += 1
        return self.text

    def save(self, text):
        self.text = text


def analyses(sexes=("f", "m")):
    f, m = sexes
    house = Household("h")
    made = []

    def by_sex(data):
        made.append("by sex")
        return counted("a", {"all": 50, f: 3, m: 47})

    first = Family("first", lambda data, results: (), house)(by_sex)
    second = Family(
        "second", lambda data, results: same(f"a.children_n.{m}", "b.children_n.m"), house
    )(lambda data: counted("b", {"m": 47}))
    return first, second, made


def data_with(shelf):
    data = StudyData(study(), {})
    data.once("h kept", lambda: shelf)
    return data


def test_a_kept_decision_hides_the_same_rows_without_the_rest_of_the_household():
    shelf = Shelf()
    _, boys, made = analyses()
    before = protect(boys(data_with(shelf)), Disclosure())
    assert made == ["by sex"]
    _, boys, made = analyses()
    after = protect(boys(data_with(shelf)), Disclosure())
    assert made == [], "the household was made again"
    assert hidden({"b": after}, "b") == {"m"}
    assert after.table.equals(before.table) and after.summary == before.summary


def test_no_number_of_a_table_is_kept():
    shelf = Shelf()
    _, boys, _ = analyses()
    protect(boys(data_with(shelf)), Disclosure())
    assert "a.children_n.f" in shelf.text, "which rows are hidden"
    bare = shelf.text.replace("children_n", "")
    assert not any(f": {n}" in bare or f'"{n}"' in bare for n in (3, 47, 50))


def test_a_decision_for_another_threshold_is_not_used():
    shelf = Shelf()
    _, boys, _ = analyses()
    protect(boys(data_with(shelf)), Disclosure(threshold=2))
    _, boys, made = analyses()
    assert hidden({"b": protect(boys(data_with(shelf)), Disclosure())}, "b") == {"m"}
    assert made == ["by sex"]


def test_a_decision_for_other_rows_is_refused():
    shelf = Shelf()
    first, _, _ = analyses()
    protect(first(data_with(shelf)), Disclosure())
    first, _, _ = analyses(("girls", "m"))
    with pytest.raises(ValueError, match="another table"):
        protect(first(data_with(shelf)), Disclosure())
