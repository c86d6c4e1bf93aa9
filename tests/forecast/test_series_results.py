"""Chapter 50: what is told of season, unaccompanied children and other methods."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.forecast.conftest import records_of, study_of

from needs.forecast.ahead import Ahead, methods_of
from needs.forecast.backtest_kept import Backtested
from needs.forecast.baselines import last_value
from needs.forecast.combine import skill
from needs.forecast.history import History
from needs.forecast.outlook import Outlook
from needs.forecast.series.results import monthly_pattern
from needs.forecast.series.results_uasc import unaccompanied_ahead
from needs.vocabulary.records import Records, StudyData, Table

pytestmark = pytest.mark.unit

AS_AT = dt.date(2023, 3, 31)


def lived(entries: int, uasc_now: int) -> Records:
    """Records of a place where children come all year round and stay two years."""
    base = records_of({f"{y}-03-31": {("U6", "PR1"): 1} for y in range(2017, 2024)})
    rng = np.random.default_rng(4)
    start = pd.Timestamp(2014, 1, 1) + pd.to_timedelta(
        np.sort(rng.integers(0, 3376, entries)), unit="D"
    )
    stop = start + pd.to_timedelta(rng.integers(30, 1200, entries), unit="D")
    late = [pd.Timestamp(2022, 12, 1)] * uasc_now
    start, stop = start.append(pd.DatetimeIndex(late)), stop.append(pd.DatetimeIndex(late))
    open_ = (stop > pd.Timestamp(AS_AT)) | (np.arange(len(stop)) >= entries)
    n = len(start)
    episodes = base.episodes.iloc[[0] * n].reset_index(drop=True)
    child = np.arange(n, dtype=np.int32)
    episodes = episodes.assign(
        child=child,
        period_of_care=child,
        decom=start.astype("datetime64[ns]"),
        dec=pd.Series(stop).mask(open_).astype("datetime64[ns]"),
    )
    children = base.children.iloc[[0] * n].reset_index(drop=True)
    children.index.name = "child"
    is_uasc = np.arange(n) >= entries
    born = np.where(is_uasc, np.datetime64("2006-03-01"), np.datetime64("2012-06-15"))
    children = children.assign(uasc=is_uasc, dob=born.astype("datetime64[ns]"))
    made = Records(
        children, episodes, {}, base.returns, base.findings, base.conflicts, base.data_end
    )
    return made


def data_of(records: Records, under_18: float = 50_000.0) -> StudyData:
    """A study of such records, its forecast made without the cost of a backtest."""
    study = study_of(AS_AT, inputs={"ssda903": ["inputs/*.csv"], "population": ["p.csv"]})
    rows = [
        {"area_code": "E10000099", "mid_year": y, "age_from": a, "age_to": a}
        for y in range(2015, 2023)
        for a in range(18)
    ]
    people = pd.DataFrame(rows).assign(population_n=under_18 / 18, file="p.csv")
    data = StudyData(
        study,
        {
            "ssda903": lambda _: records,
            "population": lambda _: Table(people, pd.DataFrame()),
        },
    )
    outlook, history = Outlook.of(data), History.of(records, study)
    held = last_value(history, outlook.days, 50, np.random.default_rng(0))
    # What these results take from the forecast, and no more: a backtest is not paid for.
    ahead = SimpleNamespace(outlook=outlook, history=history, each={"flow": held})
    data.once("forecast ahead", lambda: ahead)
    return data


@pytest.fixture(scope="module")
def data() -> StudyData:
    return data_of(lived(1200, 60))


def test_without_a_population_nothing_is_told_of_a_threshold(data):
    bare = StudyData(study_of(AS_AT), {"ssda903": data.readers["ssda903"]})
    bare.once("forecast ahead", lambda: Ahead.of(data))
    assert unaccompanied_ahead(bare) == ()


def test_a_method_of_time_series_is_tested_and_weighed_as_the_others_are(data):
    methods = methods_of(data)
    assert {"flow", "last_value", "population", "count_regression", "ets", "arima"} <= set(methods)
    chosen = {k: methods[k] for k in ("last_value", "count_regression", "ets")}
    history = Ahead.of(data).history
    found = Backtested.of(history, chosen, list(chosen), {"all": history.places}, 20, 100, 1)
    assert set(found.rows["method"]) == {"combined", *chosen}
    own = skill(found.rows)
    earned = {k for k in chosen if k != "last_value" and own[k] < 1}
    assert earned == set(found.weights) - {"last_value"}
    assert earned and found.why == ()


def test_the_season_is_told_in_shares_and_no_count_of_a_month(data):
    (result,) = monthly_pattern(data)
    season = result.table[result.table["measure"] == "season_pct"]
    assert len(season) == 24
    assert season.groupby("group")["value"].mean().tolist() == pytest.approx([100, 100])
    assert {m.unit for m in result.measures} == {"percent", "percent1"}
    # Nobody was made to come by a season here.
    assert any("Chance alone" in s.words.get("known", "") for s in result.text)


def test_few_children_are_not_told_of():
    few = data_of(lived(60, 3))
    assert monthly_pattern(few) == ()
    assert unaccompanied_ahead(few) == ()


def test_unaccompanied_children_beside_the_threshold(data):
    """Fifty thousand people under 18: at a tenth of a per cent, 50 children."""
    (result,) = unaccompanied_ahead(data)
    t = result.table.set_index(["measure", "group", "period"])["value"]
    assert t["projected_n", "limit", "2024-03-31"] == 50
    assert t["children_n", "uasc", "2023-03-31"] == 60
    # All were born on one day and turn 18 in a year: those of the last two years come again.
    assert 0 <= t["above_pct", "uasc", "2028-03-31"] <= 100
    assert result.rests_on["2024-03-31"] == ("2023-03-31",)
    assert any("24 August 2022" in n for n in result.notes)


def test_what_is_hidden_in_chapter_20_is_hidden_here(data, made):
    """The count of today is hidden there by force: the forecast from it goes with it."""
    (result,) = unaccompanied_ahead(data)
    table = result.table.copy()
    here = (table["measure"] == "children_n") & (table["group"] == "uasc")
    table.loc[here, "value"] = 3
    mirrored = result.mirrors
    m = mirrored.table.copy()
    m.loc[(m["measure"] == "children_n") & (m["group"] == "uasc"), "value"] = 3
    hidden = made.released(
        replace(result, table=table, mirrors=replace(mirrored, table=m, kin=None)), data
    )
    told = {r.id: r.marker for r in hidden.rows}
    assert told["ahead_unaccompanied.children_n.uasc.2023-03-31"] == "c"
    assert told["ahead_unaccompanied.projected_n.uasc.2024-03-31"] == "c"
    assert told["ahead_unaccompanied.above_pct.uasc.2028-03-31"] == "c"
    assert told["ahead_unaccompanied.projected_n.limit.2024-03-31"] == ""
