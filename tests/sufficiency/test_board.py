"""The board's pack: every item of the terms, beside last year, and no more than elsewhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from whole_report import sparse_study

from needs.assurance.disclosure import protect
from needs.costs.chapter60 import purchase_routes
from needs.costs.spending import Spending
from needs.inputs.registry import open_data
from needs.sufficiency.board import chapter85
from needs.sufficiency.board.results_provision import KINDS
from needs.sufficiency.capacity.chapter40 import occupancy
from needs.sufficiency.capacity.stock import Stock
from needs.vocabulary.results import Result, figure_id
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

QUICK = "[forecast]\ndraws = 100\ntested_draws = 50\nscenario_draws = 20\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    made = sparse_study(tmp_path_factory.mktemp("board") / "small", entries=60, first="2020-21")
    made.write_text(made.read_text("utf-8") + QUICK, "utf-8")
    return open_data(load_study(made))


def wide(result: Result) -> pd.DataFrame:
    return result.table.pivot_table(
        "value", ["group", "by", "period"], "measure", aggfunc="sum", dropna=False
    )


def test_the_position_is_what_cost_lines_say(data):
    found = chapter85.finance_position(data).table
    spent = found[found["measure"] == "spent_gbp"].set_index("group")["value"]
    spending = Spending.of(data)
    gross = spending.by_type("gross")
    assert spent["all"] == pytest.approx(gross.iloc[:, -1].sum() / 1e6)
    assert spent.drop("all").sum() == pytest.approx(spent["all"])
    over = found[found["measure"] == "over_gbp"].set_index("group")["value"]
    planned = found[found["measure"] == "planned_gbp"].set_index("group")["value"]
    assert over["all"] == pytest.approx(spent["all"] - planned["all"])


def test_a_part_of_a_year_stands_beside_that_part_of_its_budget(data):
    whole = chapter85.finance_position(data).table.set_index(["measure", "group"])["value"]
    assert "due_gbp" not in whole.index
    day = dt.date(2022, 12, 31)
    study = data.study.model_copy(
        update={"period": data.study.period.model_copy(update={"as_at": day})}
    )
    object.__setattr__(study, "_folder", data.study.folder)
    result = chapter85.finance_position(replace(data, study=study))
    part = result.table.set_index(["measure", "group"])["value"]
    assert part["planned_gbp"].to_dict() == pytest.approx(whole["planned_gbp"].to_dict())
    days = (day - dt.date(2022, 3, 31)).days
    assert part["due_gbp"].to_dict() == pytest.approx((whole["planned_gbp"] * days / 365).to_dict())
    over = part["spent_gbp", "all"] - part["due_gbp", "all"]
    assert part["over_gbp", "all"] == pytest.approx(over)
    assert "change_gbp" not in part.index
    said = result.text[0]
    assert said.words["way"] == ("more" if over > 0 else "less")
    assert {"due", "planned"} <= set(said.refs)
    for measure, group, period in result.table[["measure", "group", "period"]].itertuples(
        index=False
    ):
        assert result.leans_on[figure_id(result.name, measure, group, period)]


def test_every_kind_of_the_terms_is_there_or_named_as_lacking(data):
    result = chapter85.internal_provision(data)
    n = result.table[result.table["measure"] == "homes_n"]
    last = n[n["period"] == n["period"].max()].set_index("group")["value"]
    assert set(last.index) == set(KINDS)
    (said,) = result.text
    assert set(said.words["kinds"].split("; ")) == {KINDS[k] for k in KINDS if not last[k]}
    places = result.table[result.table["measure"] == "places_n"]["value"].sum()
    assert places > 0
    assert len(Stock.of(data).rows) > 0


def test_spot_is_a_part_of_each_cohort(data):
    found = wide(chapter85.spot_placements(data))
    spot = found.xs("spot", level="by")
    paid = found.xs("", level="by")["paid_n"].reindex(spot.index)
    share = spot["share_pct"].dropna()
    assert len(share)
    assert share.to_numpy() == pytest.approx((100 * spot["children_n"] / paid)[share.index])
    assert (share <= 100).all()


def test_what_another_chapter_hides_is_hidden_in_the_pack(data):
    settings = data.study.disclosure
    for again, source in (
        (chapter85.spot_placements(data), purchase_routes(data)),
        (chapter85.how_full(data), occupancy(data)),
    ):
        keys = ["measure", "group", "period", "by"]
        there = protect(source, settings).table
        here = protect(again, settings).table
        hidden = set(map(tuple, there.loc[there["marker"] == "c", keys].to_numpy()))
        mine = here[here["measure"].isin(list(there["measure"]))]
        rows = list(map(tuple, mine[keys].to_numpy()))
        wanted = [r in hidden for r in rows]
        assert any(wanted)
        assert all(m == "c" for m, w in zip(mine["marker"], wanted, strict=True) if w)


def test_a_share_goes_with_the_count_that_it_would_tell(data):
    here = protect(chapter85.spot_placements(data), data.study.disclosure).table
    here = here[here["by"] == "spot"].set_index(["group", "period", "measure"])["marker"]
    marks = here.unstack("measure")  # noqa: PD010 - markers are no numbers to aggregate
    hidden = marks[marks["children_n"] == "c"]
    assert len(hidden)
    assert (hidden[["share_pct", "gross_gbp", "money_pct"]] == "c").all(axis=None)


def test_contracts_name_no_provider(data):
    found = chapter85.contracts(data)
    providers = set(data.contracts.frame["provider"].astype(str))
    for result in found:
        told = {
            *result.labels.values(),
            *(w for n in result.row_notes.values() for w in n.values()),
        }
        assert not told & providers
