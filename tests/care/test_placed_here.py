"""Who is placed across the boundary: the newest release of each figure, with its name."""

from __future__ import annotations

import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care.placed_here import placed_here
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData, Table

pytestmark = pytest.mark.unit

ROWS = [
    # period, measure, value, vintage
    ("2020-21", "placed_here_n", 120.0, "2021"),
    ("2020-21", "placed_here_n", 127.0, "2022"),
    ("2020-21", "placed_elsewhere_n", 335.0, "2022"),
    ("2020-21", "net_gain_n", -208.0, "2022"),
    ("2021-22", "placed_here_n", 141.0, "2022"),
    ("2021-22", "placed_elsewhere_n", 359.0, "2022"),
    ("2021-22", "net_gain_n", -218.0, "2022"),
]


def data_of(draw, area: str) -> StudyData:
    frame = pd.DataFrame(ROWS, columns=["period", "measure", "value", "vintage"]).assign(
        area_code=area, group="all", by="", marker=""
    )
    study = draw.study(inputs={"comparators": ["a.csv"]})
    return StudyData(study, {"comparators": lambda _: Table(frame, pd.DataFrame())})


def test_the_newest_release_of_each_figure_stands_with_its_name(draw):
    data = data_of(draw, "E10000099")
    result = placed_here(data)
    t = result.table.set_index(["period", "measure"])["value"]
    assert t["2020-21", "placed_here_n"] == 127 and t["2021-22", "net_gain_n"] == -218
    assert "release of 2022: 2020-21, 2021-22" in result.notes[0]
    shown = release(result, data.study, "20")
    assert "".join(s.text for s in shown.sentences[0]).startswith("2021-22: 141 children of other")


def test_another_authoritys_figures_are_not_ours(draw):
    with pytest.raises(InputMissing):
        placed_here(data_of(draw, "E10000001"))
