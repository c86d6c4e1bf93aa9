"""Why spending changed, on drawn studies: each cause alone, and nothing told of few children."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from drawn_costs import CHILDREN, episodes, lines, study_of

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.causes import paid_rows
from needs.costs.coarse import gathered, types_together, within_types
from needs.costs.spending import Spending
from needs.vocabulary.records import Table
from needs.vocabulary.study_costs import Costs

WEEKS = 365 / 7


def causes(data, which=0):
    """Return pounds by cause of all placements in the last year."""
    t = chapter60.spending_change(data)[which].table
    mine = t[(t["group"] == "all") & (t["period"] == "2022-23")]
    return mine.set_index("by")["value"]


def priced(frame, price):
    """Return lines that cost what ``price`` says of child and year."""
    year = frame["from"].dt.year
    weekly = [price(c, y) for c, y in zip(frame["child"], year, strict=True)]
    return frame.assign(weekly_cost_gbp=weekly)


def in_later_year(frame, **columns):
    later = frame["from"] > "2022-01-01"
    out = frame.copy()
    for name, (who, what) in columns.items():
        out.loc[later & out["child"].isin(who), name] = what
    return out


@pytest.mark.unit
def test_a_change_of_route_alone_is_the_mix_of_routes(draw):
    """Spot costs twice what block does; all nine foster children go from block to spot."""
    frame = lines()
    frame.loc[frame["child"] >= 7, "route"] = "block"
    dear = in_later_year(frame, route=(range(7, 16), "spot"))
    dear.loc[dear["route"].eq("spot") & (dear["child"] >= 7), "weekly_cost_gbp"] = 1400.0
    found = causes(study_of(draw, dear))
    assert found["after"] - found["before"] == pytest.approx(9 * 700 * WEEKS, abs=0.02)
    assert found["route"] == pytest.approx(9 * 700 * WEEKS, abs=0.02)
    assert not found.drop(["before", "after", "route"]).any()


@pytest.mark.unit
def test_a_change_of_provider_alone_is_the_mix_of_providers_within_a_route(draw):
    frame = lines()
    dear = in_later_year(frame, provider=(range(7, 16), "Two"))
    dear.loc[dear["provider"].eq("Two"), "weekly_cost_gbp"] = 1400.0
    found = causes(study_of(draw, dear))
    assert found["provider"] == pytest.approx(9 * 700 * WEEKS, abs=0.02)
    assert found["route"] == 0 and found["price"] == 0


@pytest.mark.unit
def test_a_provider_of_few_children_is_told_with_others(draw):
    """Two of nine: a mix of providers would tell what they cost."""
    dear = in_later_year(lines(), provider=((14, 15), "Two"))
    dear.loc[dear["provider"].eq("Two"), "weekly_cost_gbp"] = 1400.0
    found = causes(study_of(draw, dear))
    assert found["provider"] == 0
    assert found["price"] == pytest.approx(2 * 700 * WEEKS, abs=0.02)


def assessed(draw, frame, scores):
    """Return a study whose children were assessed: child and day to how many needs."""
    data = study_of(draw, frame)
    domains = list(data.study.assessment.labels)
    rows = [
        (child, pd.Timestamp(day), domain, 1.0 if n < needs else 0.0)
        for (child, day), needs in scores.items()
        for n, domain in enumerate(domains)
    ]
    table = pd.DataFrame(rows, columns=["child", "date", "domain", "score"])
    inputs = data.study.inputs.model_copy(update={"assessments": ("inputs/a.csv",)})
    study = data.study.model_copy(update={"inputs": inputs})
    read = {**data.readers, "assessments": lambda _: Table(table, pd.DataFrame())}
    return replace(data, study=study, readers=read)


@pytest.mark.unit
def test_greater_needs_alone_are_the_mix_of_needs(draw):
    """Six foster children have many needs a year later, and cost what such a child costs."""
    scores = {(c, "2021-06-01"): 12 if c in (7, 8, 9) else 1 for c in range(16)}
    scores |= {(c, "2021-06-01"): 12 for c in range(7)}
    frame = lines(homes=2)  # two in homes: so that foster care has fourteen
    data = assessed(draw, frame, scores)
    assert "needs" in set(causes(data).index)
    many = {c for (c, _), n in scores.items() if n == 12}
    grown = range(10, 16)
    later = {**scores, **{(c, "2022-06-01"): 12 for c in grown}}
    dear = priced(
        lines(), lambda c, y: 2000.0 if c in many or (y == 2022 and c in grown) else 500.0
    )
    # All in foster care, so that each band has six in a year in which it has any.
    found = causes(assessed_all(draw, dear, later))
    assert found["needs"] == pytest.approx(6 * 1500 * WEEKS, abs=0.02)
    assert not found.drop(["before", "after", "needs"]).any()


def assessed_all(draw, frame, scores):
    data = assessed(draw, frame, scores)
    records = study_of(draw, frame, homes=0).records
    return replace(data, readers={**data.readers, "ssda903": lambda _: records})


@pytest.mark.unit
def test_a_child_without_an_assessment_is_not_known_and_has_no_few_needs(draw):
    data = assessed(draw, lines(), {(c, "2021-06-01"): 0 for c in range(8)})
    rows = paid_rows(data, Spending.of(data), (0, 1))
    assert set(rows.loc[rows["child"] < 8, "needs"]) == {"under_a_third"}
    assert set(rows.loc[rows["child"] >= 8, "needs"]) == {"not_known"}


@pytest.mark.unit
def test_a_longer_stay_is_told_apart_from_more_children(draw):
    """Half of the children are paid for until the end of September in the first year."""
    frame = lines()
    first = frame["from"] < "2022-01-01"
    half = frame["child"] % 2 == 1
    longer = frame.assign(to=frame["to"].where(~(first & half), pd.Timestamp("2021-09-30")))
    fewer = frame[~(first & half)]
    assert causes(study_of(draw, longer))["children"] == 0
    assert causes(study_of(draw, longer))["stay"] > 0
    assert causes(study_of(draw, fewer))["stay"] == 0
    assert causes(study_of(draw, fewer))["children"] > 0


@pytest.mark.unit
def test_the_study_names_two_years_and_they_need_not_be_neighbours(draw):
    """Three years at 100, 110 and 121 of a hundred: over both steps the price rises by 21."""
    text = episodes().replace("2021-04-01", "2020-04-01")
    records = draw.records(draw.table(CHILDREN), draw.table(text), [2021, 2022, 2023])
    first = lines()[lambda f: f["from"] < "2022-01-01"]
    years = [
        first.assign(
            weekly_cost_gbp=first["weekly_cost_gbp"] * 1.1**k,
            **{
                "from": pd.Timestamp(f"{2020 + k}-04-01"),
                "to": pd.Timestamp(f"{2021 + k}-03-31"),
            },
        )
        for k in range(3)
    ]
    frame = pd.concat(years, ignore_index=True)

    def data(**costs):
        made = study_of(draw, frame, costs=costs)
        return replace(made, readers={**made.readers, "ssda903": lambda _: records})

    found = causes(data(), which=1)
    assert found["price"] == pytest.approx(0.21 * found["before"], abs=0.02)
    assert len(chapter60.spending_change(data(compare_years=("2021-22", "2022-23")))) == 1
    for pair in (("2022-23", "2021-22"), ("2021-22", "2021-22"), ("2021", "2022")):
        with pytest.raises(ValueError, match=r"two years|year"):
            Costs(compare_years=pair)


@pytest.mark.property
def test_what_is_told_together_has_many_children_in_every_year_that_has_any():
    rng = np.random.default_rng(5)
    for least, _ in product((3, 6), range(12)):
        n = int(rng.integers(least, 60))
        rows = pd.DataFrame(
            {
                "child": rng.integers(0, n, 3 * n),
                "window": rng.integers(0, 2, 3 * n),
                "type": rng.choice(list("abcde"), 3 * n, p=[0.5, 0.25, 0.15, 0.07, 0.03]),
                "route": rng.choice(list("xyz"), 3 * n, p=[0.7, 0.2, 0.1]),
            }
        )
        groups = [frozenset("ab"), frozenset("cde")]
        together = types_together(rows, groups, least)
        merged = rows.assign(type=rows["type"].map(lambda t, c=together: "+".join(sorted(c[t]))))
        for frame, by in (
            (merged, ["type"]),
            (within_types(merged, ["route"], least), ["type", "route"]),
        ):
            counts = frame.groupby([*by, "window"])["child"].nunique()
            whole = frame.groupby("window")["child"].nunique()
            if (whole >= least).all():
                assert counts.min() >= least, (least, counts)


@pytest.mark.unit
def test_few_stand_together_and_the_smallest_of_the_others_joins_them_if_need_be():
    def cells(**n):
        rows = [(k * 100 + i, 0, name) for k, (name, m) in enumerate(n.items()) for i in range(m)]
        found = gathered(pd.DataFrame(rows, columns=["child", "window", "type"]), "type", 6)
        return {"".join(sorted(c)) for c in found.values()}

    assert cells(a=9, b=7, c=6) == {"a", "b", "c"}
    assert cells(a=9, b=7, c=4, d=3) == {"a", "b", "cd"}
    assert cells(a=9, b=7, c=2) == {"a", "bc"}
    assert cells(a=2, b=1) == {"ab"}


@pytest.mark.unit
def test_no_number_told_depends_on_how_the_money_of_few_children_is_parted(draw):
    """Whoever knows all printed numbers cannot tell which of two studies they are of.

    In one, both children of a small provider cost 1,400; in the other, the same money is parted
    otherwise among the nine of foster care. All that is told is the same.
    """

    def told(two, seven):
        frame = in_later_year(lines(), provider=((14, 15), "Two"), route=((14, 15), "block"))
        later, foster = frame["from"] > "2022-01-01", frame["child"] >= 7
        of_two = frame["provider"].eq("Two")
        frame.loc[later & foster, "weekly_cost_gbp"] = seven
        frame.loc[of_two, "weekly_cost_gbp"] = two
        data = study_of(draw, frame)
        shown = [release(r, data.study, "60") for r in chapter60.spending_change(data)]
        return [(r.id, r.printed) for s in shown for r in s.rows]

    assert told(1400.0, 700.0) == told(3500.0, 100.0)


@pytest.mark.unit
def test_money_of_few_children_in_all_is_not_parted(draw):
    frame = lines()
    few = frame[(frame["child"] < 3) | (frame["from"] < "2022-01-01")]
    (result,) = chapter60.spending_change(study_of(draw, few))
    assert list(result.table["marker"]) == ["x"] and "few children" in result.notes[0]
