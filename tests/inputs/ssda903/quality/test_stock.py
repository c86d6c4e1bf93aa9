"""The stock that faults are weighed against is counted as the study's scope says."""

from __future__ import annotations

import pytest

from needs.inputs.ssda903.quality.outcome import judge
from needs.vocabulary.study import Scope

from . import raws

pytestmark = pytest.mark.unit

HEADER = """
| child | sex | dob        |
| A     | 1   | 01/06/2012 |
| B     | 1   | 01/06/2006 |
| C     | 2   | 01/06/2006 |
| D     | 2   | 01/06/2012 |
| E     | 1   | 01/06/2004 |
| F     | 1   | 01/06/2004 |
| G     | 2   | 01/06/2012 |
"""
EPISODES = """
| child | decom      | rne | ls | cin | place | place_provider | dec        | rec |
| A     | 01/05/2022 | S   | C2 | N1  | U4    | PR1            |            |     |
| B     | 01/05/2022 | S   | V2 | N8  | U4    | PR1            |            |     |
| C     | 01/05/2022 | S   | V2 | N8  | U4    | PR1            |            |     |
| D     | 01/05/2022 | S   | V4 | N2  | U4    | PR1            |            |     |
| E     | 01/05/2022 | S   | C2 | N1  | U4    | PR1            |            |     |
| F     | 01/05/2022 | S   | V2 | N1  | K2    | PR1            |            |     |
| G     | 01/05/2022 | S   | C2 | N1  | U4    | PR1            | 01/09/2022 | E4A |
"""
UASC = """
| child | sex | dob        | duc        |
| B     | 1   | 01/06/2006 |            |
| C     | 2   | 01/06/2006 | 01/12/2022 |
"""


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        # A, C (status ended), F (V2 in a children's home); E is over 18, D on a short break
        ({"unaccompanied": False}, 3),
        ({}, 4),
        ({"over_18": True}, 5),
        ({"short_breaks": True}, 5),
        ({"unaccompanied": False, "over_18": True, "short_breaks": True}, 5),
    ],
)
def test_stock_counts_whom_the_label_stands_for(scope: dict[str, bool], expected: int) -> None:
    parts = {"header": HEADER, "episodes": EPISODES, "uasc": UASC}
    raw = raws.raw_returns({2023: {k: raws.drawn(text) for k, text in parts.items()}})
    frame = judge(raw, Scope(**scope))[1].frame()
    read = frame[(frame["rule"] == "00") & (frame["check"] == "read")]
    assert read["stock_n"].tolist() == [expected]
