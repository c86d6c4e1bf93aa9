"""Uplifts asked, offered and agreed, laid over the placements that they concern, by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Table

pytestmark = pytest.mark.unit

YEAR = "2023-24"
WEEKS = 365 / 7


def with_uplifts(draw, frame, text, contracts="", homes=8):
    asked = draw.table(text)
    for name in ("asked_pct", "offered_pct", "agreed_pct"):
        asked[name] = asked[name].astype(float)
    asked["from"] = pd.to_datetime(asked["from"]).astype("datetime64[ns]")
    if "contract" not in asked:
        asked["contract"] = None
    data = study_of(draw, frame, homes=homes)
    given = {"uplifts": Table(asked, pd.DataFrame())}
    if contracts:
        given["contracts"] = Table(draw.table(contracts), pd.DataFrame())
    inputs = data.study.inputs.model_copy(update={k: (f"{k}.csv",) for k in given})
    study = data.study.model_copy(update={"inputs": inputs})
    read = {**data.readers, **{k: (lambda _, t=t: t) for k, t in given.items()}}
    return replace(data, study=study, readers=read)


def sold(frame, who):
    """Return lines whose provider is told by child."""
    return frame.assign(provider=[who(c) for c in frame["child"]])


ASKED = """
provider | asked_pct | offered_pct | agreed_pct | from
Homes    | 10        | 5           | 4          | 2023-04-01
Carers   | 20        | 8           | -           | 2023-04-01
Nobody   | 30        | -           | -          | 2023-04-01
"""


def test_an_uplift_costs_its_share_of_a_year_at_the_price_before(draw):
    """Eight in homes at 7,000 a week, eight fostered at 700."""
    frame = sold(lines(homes=8), lambda c: "Homes" if c < 8 else "Carers")
    made = chapter60.price_uplifts(with_uplifts(draw, frame, ASKED))
    homes, carers = 8 * 7000 * WEEKS, 8 * 700 * WEEKS
    at = {"period": YEAR}
    assert value(made, "base_gbp", "type_external_home", **at) == pytest.approx(homes)
    assert value(made, "agreed_gbp", "type_external_home", **at) == pytest.approx(homes * 0.04)
    assert value(made, "asked_gbp", **at) == pytest.approx(homes * 0.1 + carers * 0.2)
    assert value(made, "open_gbp", **at) == pytest.approx(carers * 0.2)
    assert value(made, "asked_pct", "type_ifa", **at) == pytest.approx(20)
    assert value(made, "agreed_gbp", "route_spot", **at) == pytest.approx(homes * 0.04)
    (check,) = made.checks
    assert (check.status, check.detail) == ("review", "2 of 3 do")


def test_placements_of_the_day_before_are_concerned_and_no_others(draw):
    """Four of eight in homes leave on 31 December: only the other four are dearer in April."""
    frame = sold(lines(homes=8), lambda c: "Homes" if c < 8 else "Carers")
    late = (frame["child"] < 4) & (frame["to"] == pd.Timestamp("2023-03-31"))
    frame.loc[late, "to"] = pd.Timestamp("2022-12-31")
    text = ASKED + "Homes | 10 | 5 | 4 | 2022-10-01\n"
    made = chapter60.price_uplifts(with_uplifts(draw, frame, text))
    home = "type_external_home"
    assert value(made, "base_gbp", home, YEAR) == pytest.approx(4 * 7000 * WEEKS)
    assert value(made, "base_gbp", home, "2022-23") == pytest.approx(8 * 7000 * WEEKS)


def test_an_uplift_of_a_contract_concerns_what_it_buys_and_is_not_counted_twice(draw):
    frame = sold(lines(homes=8), lambda c: "Homes" if c < 8 else "Carers")
    frame.loc[frame["child"] < 3, "route"] = "block"
    text = """
    provider | contract | asked_pct | offered_pct | agreed_pct | from
    Homes    | B1       | 10        | 10          | 10         | 2023-04-01
    Homes    | -        | 50        | 50          | 50         | 2023-04-01
    """
    contracts = "contract | route | placement_type\nB1 | block | external_home"
    made = chapter60.price_uplifts(with_uplifts(draw, frame, text, contracts))
    assert value(made, "agreed_pct", "route_block", YEAR) == pytest.approx(10)
    assert value(made, "agreed_pct", "route_spot", YEAR) == pytest.approx(50)
    assert value(made, "base_gbp", period=YEAR) == pytest.approx(8 * 7000 * WEEKS)


def test_no_uplift_of_few_providers_can_be_read(draw):
    """Eight providers of homes and one of fostering: the one is not all less the eight."""
    frame = sold(lines(homes=8), lambda c: f"Home {c}" if c < 8 else "Carers")
    rows = [f"Home {c} | {10 + c} | 5 | 4 | 2023-04-01" for c in range(8)]
    data = with_uplifts(draw, frame, "\n".join([*ASKED.strip().splitlines(), *rows]))
    made = release(chapter60.price_uplifts(data), data.study, "60").rows
    agreed = {r.group: r.marker for r in made if r.measure == "asked_gbp"}
    assert agreed["type_ifa"] == "c"
    assert "c" in {agreed["all"], agreed["type_external_home"]}
    assert not any(w in r.printed for r in made for w in ("Home", "Carers"))


def test_a_study_without_uplifts_says_which_input_is_missing(draw):
    with pytest.raises(InputMissing, match="uplifts"):
        chapter60.price_uplifts(study_of(draw, lines()))
