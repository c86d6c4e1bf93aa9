"""What the default study's records say beside what the documents print.

Counts that are fitted are held elsewhere; these are not fitted, and lie near. The
figures printed are read from the study of published figures, none is typed here.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from needs.care.placements import placement_type
from needs.inputs.registry import open_data
from needs.profiles import chapter30
from needs.profiles.needs_basis import on_day
from needs.profiles.results_placement import filled_scores
from needs.synthetic.needs import DOMAINS
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"
GROUP = {
    "in_house_foster": "fostering", "ifa": "fostering", "kinship": "fostering",
    "in_house_home": "homes", "external_home": "homes", "parents": "with_parents",
    "supported": "independent_living", "adoption": "placed_for_adoption",
}  # fmt: skip
"""Placement types as document 002 groups them."""
# The documents' words for domains, where they differ from the tool's.
DOMAIN = {
    "emotions_boundaries": "manage_emotions_boundaries",
    "identity_life_story": "understands_identity_life_story",
    "wishes_opinions": "expresses_wishes_and_opinions",
    "attachments_friendships": "healthy_attachments_and_friendships",
    "positive_activities": "positive_social_activities",
    "self_care": "age_appropriate_self_care",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return written(tmp_path_factory.mktemp("printed") / "study", dirt=False)


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    """The default study as it is written, faults and all."""
    return written(tmp_path_factory.mktemp("default") / "study", dirt=True)


def written(folder, dirt):
    source = ANALYSIS / "oxfordshire-2022-23"
    folder.mkdir()
    shutil.copy(source / "study.toml", folder)
    shutil.copytree(source / "published", folder / "published")
    study = load_study(folder)
    settings = asked(study).model_copy(update={"dirt": dirt})
    synthesise(folder / "inputs", preset(study), settings, study.period.year, study.seed)
    return open_data(study)


@pytest.fixture(scope="module")
def printed():
    """The printed value of a document, measure, group and period."""
    figures = open_data(load_study(ANALYSIS / "oxfordshire-published")).published.figures

    def find(document, measure, group, period="", by=None):
        f = figures[(figures["document"] == document) & (figures["measure"] == measure)]
        f = f[(f["group"] == group) & (f["area"] == "E10000025")]
        f = f[f["period"] == period] if period else f
        f = f[f["by"] == by] if by is not None else f
        assert len(f) == 1, (document, measure, group, period)
        return float(f["value"].iloc[0])

    return find


@pytest.fixture
def near():
    """Print printed, synthetic and difference; return what differs by more than is allowed."""

    def show(title, rows):
        head = f"{'quantity':<44}{'printed':>10}{'synthetic':>11}{'difference':>12}{'allowed':>9}"
        print(f"\n{title}\n{head}")
        far = []
        for quantity, wanted, found, allowed in rows:
            figures = f"{wanted:>10,.1f}{found:>11,.1f}{found - wanted:>+12,.1f}{allowed:>9,.1f}"
            print(f"{quantity:<44}{figures}")
            far += [quantity] if abs(found - wanted) > allowed else []
        return far

    return show


def stock(data, day):
    e, day = data.records.episodes, pd.Timestamp(day)
    there = e[(e["decom"] <= day) & (e["dec"].isna() | (e["dec"] > day))]
    dob = data.records.children["dob"].reindex(there["child"])
    there = there.assign(age=((day - dob).dt.days // 365.25).to_numpy())
    types = placement_type(there, data.study.categories)
    return there.assign(type=np.asarray(types))


def far_from_home(data, there):
    where = data.read("postcodes").frame.set_index("pcds")
    home, place = (
        where.reindex(there[c].astype(str).str.replace(" ", "")) for c in ("home_post", "pl_post")
    )
    east, north = (
        home[k].to_numpy(float) - place[k].to_numpy(float) for k in ("oseast1m", "osnrth1m")
    )
    miles = np.hypot(east, north) / 1609.344
    return (
        100 * ((miles > 20) & (place["oscty"] != data.study.authority.ons_code).to_numpy()).mean()
    )


def test_about_a_third_lives_outside_and_over_twenty_miles_from_home(data, printed, near):
    asked_for = (("2023-03", 2023), ("2022", 2022))
    rows = [
        (f"outside and over 20 miles, per cent, {year}",
         printed("004", "over_20_miles_pct", "all", period),
         far_from_home(data, stock(data, f"{year}-03-31")), 3.0)
        for period, year in asked_for
    ]  # fmt: skip
    assert near("Distance from home", rows) == []


@pytest.fixture(scope="module")
def assessed(data):
    """The latest assessment of each child looked after at the end of 2020: rows of scores."""
    day = pd.Timestamp("2020-12-31")
    there = stock(data, day).drop_duplicates("child").set_index("child")
    a = data.read("assessments").frame
    a = a[(a["date"] <= day) & a["child"].isin(there.index)]
    a = a[a["date"] == a.groupby("child")["date"].transform("max")]
    wide = a.pivot_table(index="child", columns="domain", values="score", observed=True)
    return wide.reindex(columns=list(DOMAINS)), there["type"].map(GROUP).reindex(wide.index)


def test_needs_are_close_to_the_printed_ones(assessed, printed, near):
    wide, group = assessed
    needs, special = (wide >= 1).sum(axis=1), 100.0 * (wide >= 4).any(axis=1)
    rows = []
    for name in (
        "all",
        "homes",
        "fostering",
        "with_parents",
        "independent_living",
        "placed_for_adoption",
    ):
        mine = (group == name) if name != "all" else pd.Series(True, group.index)
        n = int(mine.sum())
        share = printed("002", "specialist_need_pct", name)
        # What is printed is one draw too: two standard errors, and five points.
        room = 5 + 200 * np.sqrt(share / 100 * (1 - share / 100) / n)
        rows.append(
            (f"a specialist need, per cent: {name} ({n})", share, special[mine].mean(), room)
        )
        mean = printed("002", "needs_mean", name)
        rows.append((f"needs, mean number: {name} ({n})", mean, needs[mine].mean(),
                     0.4 + 2 * needs[mine].std() / np.sqrt(n)))  # fmt: skip
    assert near("Needs at the end of 2020", rows) == []


@pytest.mark.parametrize("name", ["all_children", "fostering", "homes"])
def test_needs_rank_as_printed(assessed, printed, name, near):
    wide, group = assessed
    mine = wide if name == "all_children" else wide[group == name]
    rank = (mine >= 1).mean().rank(ascending=False)
    ours, theirs = [], []
    words = {v: k for k, v in DOMAIN.items()}
    for domain in DOMAINS:
        ours.append(rank[domain])
        theirs.append(printed("002", "need_rank", words.get(domain, domain), by=name))
    rows = [(d, t, o, 13.0) for d, t, o in zip(DOMAINS, theirs, ours, strict=True)]
    near(f"Rank of each need: {name}", rows)
    # About a hundred children of homes are assessed, and their first needs are all but universal.
    assert spearmanr(ours, theirs).statistic > (0.8 if name == "homes" else 0.95)


def test_printed_needs_lie_in_the_intervals_of_the_assessments(default, printed, claims):
    """Shares and averages in their sampling intervals, ranks in those of children drawn again."""
    scored, ranks = (page(default) for page in (chapter30.printed_needs, chapter30.printed_ranks))
    frame = scores_on_the_day(default)
    rows = [
        (*frame.loc[group, [f"{mine}_lower", f"{mine}_upper"]], printed("002", measure, theirs))
        for theirs, group in (
            ("all", "all"), ("homes", "residential"), ("fostering", "fostering"),
            ("with_parents", "parents"), ("independent_living", "supported"),
            ("placed_for_adoption", "adoption"),
        )
        for measure, mine in (
            ("specialist_need_pct", "specialist_children_pct"), ("needs_mean", "needs_mean"),
        )
    ]  # fmt: skip
    inside = sum(low <= value <= high for low, high, value in rows)
    words = {v: k for k, v in DOMAIN.items()}
    names = {"all": "all_children", "residential": "homes", "fostering": "fostering"}
    table = ranks.table[ranks.table["measure"] == "rank"]
    held = [
        low <= printed("002", "need_rank", words.get(d, d), by=names[by]) <= high
        for d, by, low, high in table[["group", "by", "lower_95", "upper_95"]].itertuples(
            index=False
        )
    ]
    assert claims.held("printed shares and averages inside", f"{inside} of 12", "12", inside == 12)
    assert claims.held("printed ranks inside", f"{sum(held)} of 39", "39", sum(held) == 39)
    assert len(rows) == 12 and len(held) == 39
    assert [c.status for c in (*scored.checks, *ranks.checks)] == ["pass", "pass"]


def scores_on_the_day(data):
    """Return scores by placement group at the end of 2020, withheld ones too."""
    needs = on_day(data, dt.date(2020, 12, 31))
    found = filled_scores(data, needs, needs.of_assessed("group"))
    return found[found["method"] == "filled"].set_index("group")


def test_carers_and_prices_are_close_to_the_printed_ones(data, printed, near):
    c, rows = data.read("carers").frame, []
    for year in (2018, 2023):
        day = pd.Timestamp(year, 3, 31)
        there = c[
            (c["approval"] <= day) & (c["deregistration"].isna() | (c["deregistration"] > day))
        ]
        kin = int((there["kind"] == "kinship").sum())
        for name, n in (("mainstream", len(there) - kin), ("kinship", kin)):
            wanted = printed("004", "carers_n", name, str(year))
            rows.append((f"{name} households, 31 March {year}", wanted, n, 0.15 * wanted))
        period = f"{year - 1}-{year % 100}"
        for measure, column in (("enquiries_n", "enquiry"), ("approvals_n", "approval")):
            n = ((c[column] > day - pd.DateOffset(years=1)) & (c[column] <= day)).sum()
            wanted = printed("004", measure, "carers", period)
            rows.append((f"{column}, {period}", wanted, n, 2.6 * np.sqrt(wanted)))
    k, day = data.read("costs").frame, pd.Timestamp("2023-03-31")
    k = k[(k["from"] <= day) & (k["to"] >= day)]
    mean = k.groupby("placement_type", observed=True)["weekly_cost_gbp"].mean()
    home = k[k["placement_type"].isin(["in_house_home", "external_home"])]["weekly_cost_gbp"].mean()
    for words, group, found in (
        ("agency foster care", "ifa", mean["ifa"]),
        ("own foster care", "in_house_fostering", mean["in_house_foster"]),
        ("a children's home", "homes", home),
    ):
        wanted = printed("004", "unit_cost_gbp_week", group, "2023")
        rows.append((f"{words}, pounds a week", wanted, found, 0.08 * wanted))
    assert near("Carers and prices", rows) == []
