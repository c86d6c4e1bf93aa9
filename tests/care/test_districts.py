"""Twenty children in three districts, two other authorities and nowhere known, drawn by hand.

       north
N | Northtown (Anyshire)   a a a a a a a      7
S | Southtown (Anyshire)   b b b              3, too few to print
E | east, another county   c c c c c c        6, with a row only where the rest is not few
W | west, single-tier      d d                2, too few for a row of their own
  | not known              e e                2
"""

from __future__ import annotations

import pandas as pd
import pytest

from needs.care import chapter20, results_districts
from needs.care.districts import areas_of, lie_at
from needs.report.chapter import publish
from needs.vocabulary.records import StudyData, Table

pytestmark = pytest.mark.unit

OURS, EAST, WEST = "E10000099", "E10000098", "E06000042"
NORTHTOWN, SOUTHTOWN, EMPTY = "E07000901", "E07000902", "E07000903"
DIRECTORY = pd.DataFrame(
    [
        # postcode, east, north, county, district
        ("AA11AA", 400_000, 220_000, OURS, NORTHTOWN),
        ("AA11AB", 404_000, 222_000, OURS, NORTHTOWN),
        ("AA22AA", 400_000, 200_000, OURS, SOUTHTOWN),
        ("AA33AA", 404_000, 210_000, OURS, EMPTY),
        ("BB11AA", 480_000, 210_000, EAST, "E07000801"),
        ("BB22AA", 500_000, 210_000, EAST, "E07000802"),
        ("CC11AA", 300_000, 210_000, "E99999999", WEST),
    ],
    columns=["pcds", "oseast1m", "osnrth1m", "oscty", "oslaua"],
)
PLACED = ["a"] * 7 + ["b"] * 3 + ["c"] * 6 + ["d"] * 2 + ["e"] * 2
AT = {
    "a": (NORTHTOWN, OURS, "IN"),
    "b": (SOUTHTOWN, OURS, "IN"),
    "c": ("E07000801", EAST, "OUT"),
    "d": (WEST, WEST, "OUT"),
    "e": (None, None, None),
}


def data_of(draw, *, directory: bool = True, placed: list[str] = PLACED) -> StudyData:
    names = [f"c{i}" for i in range(len(placed))]
    children = pd.DataFrame({"child": names, "sex": "male", "dob": "2012-01-01", "uasc": None})
    episodes = pd.DataFrame(
        {
            "child": names,
            "decom": "2022-01-01",
            "dec": None,
            "rne": "S",
            "ls": "C2",
            "cin": "N1",
            "place": "U6",
            "provider": "PR1",
            "rec": None,
            "pl_la": [AT[k][1] for k in placed],
            "pl_location": [AT[k][2] for k in placed],
        },
        dtype=object,
    )
    records = draw.records(children, episodes, [2023])
    records.episodes["pl_district"] = pd.Categorical(
        [AT[placed[c]][0] for c in records.episodes["child"]] if directory else [None] * len(placed)
    )
    inputs = {"ssda903": ["a.csv"]} | ({"postcodes": ["p.csv"]} if directory else {})
    authority = draw.study().authority.model_dump() | {
        "area_names": {NORTHTOWN: "Northtown", SOUTHTOWN: "Southtown", EMPTY: "Newtown"}
    }
    study = draw.study(inputs=inputs, authority=authority)
    return StudyData(
        study,
        {"ssda903": lambda _: records, "postcodes": lambda _: Table(DIRECTORY, pd.DataFrame())},
    )


def counts(result):
    t = result.table[result.table["measure"] == "children_n"]
    return dict(zip(t["group"], t["value"].astype(int), strict=True))


def test_every_child_is_in_one_district_or_authority_or_not_known(draw):
    result = chapter20.districts(data_of(draw))
    assert counts(result) == {
        "all": 20,
        "inside": 10,
        NORTHTOWN: 7,
        SOUTHTOWN: 3,
        EMPTY: 0,
        # Six in the east, two in the west, two not known: no row for two children, and none
        # for the six whose number would have to be hidden with that of the four.
        "elsewhere": 10,
    }
    share = result.table[result.table["measure"] == "share_pct"].set_index("group")["value"]
    assert share[NORTHTOWN] == 35.0 and share["inside"] == 50.0 and share["elsewhere"] == 50.0


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["e"], {"elsewhere": 11}),  # five others: still few
        (["e", "e"], {EAST: 6, "elsewhere": 6}),
        (["c"] * 20, {"elsewhere": 30}),
        (["d"] * 4, {WEST: 6, "elsewhere": 8}),  # of two alike, one is enough
        (["d"] * 5, {WEST: 7, "elsewhere": 8}),  # the smaller of the two goes with the rest
        (["d"] * 4 + ["e"] * 4, {EAST: 6, WEST: 6, "elsewhere": 6}),
    ],
)
def test_no_authority_outside_is_hidden_for_the_sake_of_the_rest(draw, more, expected):
    data = data_of(draw, placed=[*PLACED, "b", "b", "b", *more])
    made = results_districts.districts(data)
    assert {k: n for k, n in counts(made).items() if k in (EAST, WEST, "elsewhere")} == expected
    assert not [r for r in publish(made, data, "20").rows if r.printed == "c"]


def test_inside_is_the_same_number_as_in_the_table_of_distance(draw):
    data = data_of(draw)
    t = chapter20.distance(data).table
    inside = t[(t["group"] == "inside") & (t["measure"] == "children_n")]["value"].tolist()
    assert inside[-1] == counts(chapter20.districts(data))["inside"]


def test_areas_lie_at_the_mean_of_their_postcodes_and_no_child_moves_them(draw):
    few, many = (data_of(draw, placed=p) for p in (["a"], PLACED))
    assert lie_at(areas_of(few), [NORTHTOWN]) == lie_at(areas_of(many), [NORTHTOWN])
    at = lie_at(areas_of(many), [NORTHTOWN, SOUTHTOWN, EMPTY])
    assert at[NORTHTOWN] == (402.0, 221.0) and at[SOUTHTOWN] == (400.0, 200.0)
    assert at[EAST] == (490.0, 210.0) and at[WEST] == (300.0, 210.0)


def test_few_children_are_hidden_in_the_table_and_drawn_with_one_sign(draw):
    def released(placed):
        data = data_of(draw, placed=placed)
        # By itself: with its family it hides as much or more.
        return publish(results_districts.districts(data), data, "20")

    def circle(made):
        (chart,) = made.charts
        (trace,) = chart.plotly["data"]
        i = trace["text"].index("Southtown")
        marker = trace["marker"]
        return trace["customdata"][i], marker["size"][i], marker["symbol"][i]

    three = released(PLACED)
    hidden = {r.group for r in three.rows if r.printed == "c"}
    # Southtown is hidden, and so is what would give it back by a subtraction.
    assert SOUTHTOWN in hidden and len(hidden) >= 2
    five = released([*PLACED, "b", "b"])
    assert circle(three) == circle(five)
    assert circle(three)[0] == "c" and circle(three)[2] == "circle-open-dot"


def test_without_a_directory_the_words_say_what_is_missing(draw):
    data = data_of(draw, directory=False)
    result = results_districts.districts(data)
    assert counts(result) == {"all": 20, "inside": 10, "elsewhere": 10}
    assert not result.charts
    assert any("no postcode directory" in n for n in result.notes)
    assert publish(result, data, "20").table.rows


def test_names_are_the_studys_and_else_the_code(draw):
    labels = chapter20.districts(data_of(draw, placed=[*PLACED, "e", "e"])).labels
    assert labels[NORTHTOWN] == "Northtown" and labels[EAST] == EAST
