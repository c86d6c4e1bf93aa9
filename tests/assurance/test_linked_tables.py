"""Results that count the same people are protected as one: a reader plays them off."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reader import Reader, figures_of, learn_inputs, learn_quality, truth_of

from needs.assurance import data_quality, inputs_quality
from needs.assurance.disclosure import protect, protect_together
from needs.assurance.release import release
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import Family, Tie, at_least, same
from needs.vocabulary.records import Records, StudyData, Table
from needs.vocabulary.results import Additive, Measure, Result, long_table
from needs.vocabulary.study import Authority, Disclosure, Inputs, Period, Study

pytestmark = pytest.mark.property

CHILDREN = Measure("children_n", "Children", "children")
YEARS = (2021, 2022, 2023)
CHAPTER_10 = (
    data_quality.returns_read,
    data_quality.by_rule,
    data_quality.latest_return,
    data_quality.by_check,
    data_quality.conflicts,
)
CHECKS = {
    "02": (("blank", "left_out"),),
    "07": (("rec_without_dec", "repaired"), ("x1_without_dec", "repaired")),
    "09": (("duplicate", "left_out"), ("inside", "left_out"), ("overlap", "repaired")),
    "13": (("lost", "repaired"), ("late", "kept")),
    "27": (("gone", "repaired"), ("revised", "kept")),
}


def label(year):
    return f"{year - 1}-{year % 100:02d}"


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


def found_rows(seed):
    """Return rows that each check found, by rule, check and year: row numbers of 200 episodes."""
    rng = np.random.default_rng(seed)
    out = {}
    for year in YEARS:
        for rule, checks in CHECKS.items():
            for check, _ in checks:
                size = int(rng.choice([0, 1, 3, 5, 8, 30]))
                out[rule, check, year] = set(rng.choice(200, size, replace=False).tolist())
        out["07", "x1_without_dec", year] = set(sorted(out["07", "rec_without_dec", year])[::2])
    return out


def counted(rows):
    """Return rows, children (two rows each) and children of the stock (the first hundred rows)."""
    return len(rows), len({r // 2 for r in rows}), len({r // 2 for r in rows if r < 100})


def opened(seed):
    rows = found_rows(seed)
    lines = []
    for year in YEARS:
        said = {a: set() for a in ("kept", "repaired", "left_out")}
        for rule, checks in CHECKS.items():
            of = [rows[rule, check, year] for check, _ in checks]
            lines.append((rule, "any", f"Rule {rule}", year, *counted(set.union(*of)), "kept"))
            for (check, action), r in zip(checks, of, strict=True):
                said[action] |= r
                lines.append((rule, check, f"Check {check}", year, *counted(r), action))
        lines.append(("00", "read", "Read", year, 200, 100, 50, "kept"))
        for action in ("repaired", "left_out"):
            lines.append(("00", action, action, year, *counted(said[action]), action))
    names = ["rule", "check", "label", "return_year", "rows_n", "children_n", "stock_n", "action"]
    findings = pd.DataFrame(lines, columns=names).assign(how="")
    lost = [
        (y - 1, y, "not_continued", len(rows["13", "lost", y - 1]) + len(rows["27", "gone", y - 1]))
        for y in YEARS[1:]
    ]
    revised = [(y - 1, y, "place", len(rows["27", "revised", y])) for y in YEARS[1:]]
    differ = pd.DataFrame(
        [d for d in lost + revised if d[-1]],
        columns=["earlier_year", "later_year", "field", "rows_n"],
    )
    read = pd.DataFrame(
        {
            "return_year": YEARS,
            "label": [label(y) for y in YEARS],
            "start": pd.to_datetime([f"{y - 1}-04-01" for y in YEARS]),
            "end": pd.to_datetime([f"{y}-03-31" for y in YEARS]),
            "extract": False,
            "year_told": "their dates",
            "children_n": 100,
            "episodes_n": 200,
            "files": "a.csv",
        }
    )
    records = Records(pd.DataFrame(), pd.DataFrame(), {}, read, findings, differ, read["end"].max())
    return StudyData(study(), {"ssda903": lambda _: records})


def attack(results, released):
    reader = Reader(figures_of(released), truth_of(results))
    learn_quality(reader)
    return reader.told(learn_quality)


@pytest.mark.parametrize("seed", (5, 8))
def test_the_tables_of_data_quality_give_no_hidden_count_away(seed):
    data = opened(seed)
    results = [f(data) for f in CHAPTER_10]
    assert attack(results, [release(r, data.study, "10") for r in results]) == {}


def test_each_table_by_itself_would_give_hidden_counts_away():
    data = opened(1)
    results = [f(data) for f in CHAPTER_10]
    alone = [protect_together([r], data.study.disclosure)[r.name].table for r in results]
    printed = truth_of(results)
    for r, table in zip(results, alone, strict=True):
        hidden = truth_of([r]).keys()
        for i, marker in zip(hidden, table["marker"], strict=True):
            printed[i] = None if marker == "c" else printed[i]
    reader = Reader(printed, truth_of(results))
    learn_quality(reader)
    assert any(reader.reach(i) != (1, 5) for i in reader.small()[:60])


def test_no_rule_tells_how_few_children_it_does_not_touch():
    data = opened(3)
    found = data.records.findings
    touched = (found["rule"] == "07") & (found["return_year"] == 2023)
    found.loc[touched, "stock_n"] = 48  # of fifty
    released = release(data_quality.by_rule(data), data.study, "10")
    hidden = {
        r.measure: r.marker for r in released.rows if (r.group, r.period) == ("r07", "2022-23")
    }
    assert hidden["stock_n"] == hidden["stock_pct"] == "c"


def test_rows_of_few_children_are_hidden_wherever_they_stand():
    data = opened(2)
    found = data.records.findings
    found.loc[(found["check"] == "left_out") & (found["return_year"] == 2023), "rows_n"] = 9
    found.loc[(found["check"] == "left_out") & (found["return_year"] == 2023), "children_n"] = 2
    rows = release(data_quality.returns_read(data), data.study, "10").rows
    marked = {r.measure: r.marker for r in rows if r.period == "2022-23"}
    assert marked["left_out_n"] == marked["left_out_children_n"] == "c"
    few = release(data_quality.conflicts(data), data.study, "10").rows
    assert not [r for r in few if r.value and 0 < int(r.value) < 6]


INPUTS = (
    data_quality.returns_read,
    inputs_quality.child_inputs,
    inputs_quality.child_joins,
    inputs_quality.places_known,
)


def with_inputs(seed):
    """Return the study with assessments and costs, a few of their rows not found."""
    data, rng = opened(seed), np.random.default_rng(seed)

    def read(name):
        lost, outside, twice, out = rng.choice([0, 1, 2, 3, 5, 8], 4)
        known = 60 + int(rng.integers(10))
        parts = [("child", "matched", known), ("child", "unknown", lost)]
        parts += [("care", "matched", known - outside), ("care", "outside", outside)]
        if name == "costs":
            strange = int(rng.integers(1, 9))
            rest = known + lost - strange
            parts += [("provider", "matched", rest), ("provider", "unknown", strange)]
        joins = pd.DataFrame(
            [(j, o, n, (n + 1) // 2) for j, o, n in parts if n],
            columns=["join", "outcome", "rows_n", "children_n"],
        ).assign(gbp=np.nan if name == "assessments" else 100.0)
        facts = pd.DataFrame(
            {
                "rows_n": [known + lost + twice + out],
                "duplicates_n": twice,
                "left_out_n": out,
                "extra_columns_n": 0,
            }
        )
        return Table(pd.DataFrame({"child": [0]}), facts, joins)

    tables = {name: read(name) for name in ("assessments", "costs")}
    episodes = []
    left_out = data.records.findings.query("rule == '00' and check == 'left_out'")
    for year, out in zip(left_out["return_year"], left_out["rows_n"], strict=True):
        few = int(rng.integers(1, 5))
        sizes = {"return": 190 - out - few, "postcodes": 10, "no_postcode": few}
        episodes += [(s, year) for s, n in sizes.items() for _ in range(n)]
    kept = pd.DataFrame(episodes, columns=["pl_source", "return_year"])
    records = replace(data.records, episodes=kept)
    inputs = Inputs(**dict.fromkeys(("ssda903", *tables, "postcodes"), ("*.csv",)))
    readers = {"ssda903": lambda _: records, "postcodes": lambda _: None}
    readers |= {n: lambda _, t=t: t for n, t in tables.items()}
    return StudyData(study().model_copy(update={"inputs": inputs}), readers)


def made_of(data, analyses):
    found = [f(data) for f in analyses]
    return [r for f in found for r in (f if isinstance(f, tuple) else (f,))]


@pytest.mark.parametrize("seed", (2, 4))
def test_rows_about_children_in_other_inputs_give_no_hidden_count_away(seed):
    data = with_inputs(seed)
    results = made_of(data, INPUTS)
    released = [release(r, data.study, "10") for r in results]
    few = {
        r.id for b in released for r in b.rows if r.marker != "c" and r.value
        and r.measure not in {"files_n", "extra_columns_n"} and 0 < float(r.value) < 6
    }  # fmt: skip
    assert few == set()
    reader = Reader(figures_of(released), truth_of(results))
    learn_inputs(reader)
    assert reader.small()
    assert reader.told(learn_inputs) == {}


def test_pounds_and_rows_of_few_children_are_hidden_together():
    data = with_inputs(2)
    joins = data.costs.joins
    unknown = (joins["join"] == "provider") & (joins["outcome"] == "unknown")
    joins.loc[unknown, ["rows_n", "children_n"]] = [9, 2]
    (found,) = inputs_quality.child_joins(data)
    rows = release(found, data.study, "10").rows
    marked = {r.measure: r.marker for r in rows if r.group == "costs_provider_unknown"}
    assert marked == dict.fromkeys(("rows_n", "gbp", "children_n"), "c")


def test_the_verdict_on_a_join_does_not_part_small_counts():
    def verdict(lost):
        data = with_inputs(1)
        joins = data.assessments.joins
        unknown, care = joins["outcome"] == "unknown", joins["join"] == "care"
        joins.loc[unknown, "rows_n"] = lost
        joins.loc[~unknown & ~care, "rows_n"] = 300 - lost
        (found,) = inputs_quality.child_joins(data)
        return found.checks[0]

    assert verdict(1) == verdict(5) != verdict(0)


def table(name, values, measures=(CHILDREN,), **more):
    rows = pd.DataFrame({"measure": "children_n", "group": list(values), "value": values.values()})
    return Result(
        name=name, title="T", subtitle="", table=long_table(rows), measures=measures, labels={},
        source="made up", **more,
    )  # fmt: skip


def hidden(safe):
    """Return the hidden groups of each protected table."""
    return {name: set(p.table.loc[p.table["marker"] == "c", "group"]) for name, p in safe.items()}


def test_a_cell_that_two_results_share_is_hidden_in_both():
    by_sex = table(
        "by_sex", {"all": 50, "f": 3, "m": 47}, additive=(Additive("group", "all", ("f", "m")),)
    )
    boys = table("boys", {"m": 47})
    ties = tuple(same("by_sex.children_n.m", "boys.children_n.m"))
    together = hidden(protect_together([by_sex, boys], Disclosure(), ties))
    assert together == {"by_sex": {"f", "m"}, "boys": {"m"}}
    assert hidden(protect_together([by_sex, boys], Disclosure()))["boys"] == set()


def test_a_union_and_its_parts_are_protected_by_the_sums_that_bound_it():
    whole, parts = table("whole", {"all": 20}), table("parts", {"a": 18, "b": 2})
    ids = {g: f"parts.children_n.{g}" for g in "ab"}
    ties = (
        *(at_least("whole.children_n.all", i) for i in ids.values()),
        Tie((("whole.children_n.all", -1), *((i, 1) for i in ids.values())), "at_least"),
    )
    found = hidden(protect_together([whole, parts], Disclosure(), ties))
    assert found["parts"] == {"a", "b"} or found["whole"] == {"all"}


def test_a_small_difference_that_nobody_prints_cannot_be_taken():
    once, often = table("once", {"all": 60}), table("often", {"all": 62})
    tie = Tie((("once.children_n.all", -1), ("often.children_n.all", 1)), "apart")
    assert hidden(protect_together([once, often], Disclosure(), (tie,))) == {
        "once": set(),
        "often": {"all"},
    }
    far = table("often", {"all": 70})
    assert hidden(protect_together([once, far], Disclosure(), (tie,)))["often"] == set()


def test_whichever_of_a_family_is_asked_for_hides_the_same_cells():
    family = Family("t", lambda data, results: same("by_sex.children_n.m", "boys.children_n.m"))

    @family
    def by_sex(data):
        rules = (Additive("group", "all", ("f", "m")),)
        return table("by_sex", {"all": 50, "f": 3, "m": 47}, additive=rules)

    @family
    def boys(data):
        return (table("boys", {"m": 47}),)

    def asked(*order):
        data = StudyData(study(), {})
        made = [r for f in order for r in (f(data) if f is boys else (f(data),))]
        return hidden({r.name: protect(r, Disclosure()) for r in made})

    assert asked(boys, by_sex) == asked(by_sex, boys) == {"by_sex": {"f", "m"}, "boys": {"m"}}


def test_an_analysis_without_its_input_leaves_the_rest_of_its_family_as_it_is():
    family = Family("t", lambda data, results: same("by_sex.children_n.m", "boys.children_n.m"))

    @family
    def by_sex(data):
        rules = (Additive("group", "all", ("f", "m")),)
        return table("by_sex", {"all": 50, "f": 3, "m": 47}, additive=rules)

    @family
    def boys(data):
        raise InputMissing("boys")

    data = StudyData(study(), {})
    assert hidden({"by_sex": protect(by_sex(data), Disclosure())}) == {"by_sex": {"f", "m"}}
    with pytest.raises(InputMissing):
        boys(data)


def test_a_result_that_mirrors_another_hides_what_that_hides():
    shares = Measure("share_pct", "Share", "percent", "all", ("children_n",))
    rules = (Additive("group", "all", ("f", "m")),)
    first = table("first", {"all": 50, "f": 3, "m": 47}, additive=rules)
    rows = first.table.assign(measure="share_pct", value=1.0)
    copy = Result(
        name="copy", title="T", subtitle="", measures=(CHILDREN, shares), labels={}, source="s",
        table=long_table(pd.concat([first.table, rows])), mirrors=first,
    )  # fmt: skip
    safe = protect(copy, Disclosure()).table
    assert set(safe.loc[safe["marker"] == "c", "group"]) == {"f", "m"}
    assert (safe["marker"] == "c").sum() == 4
