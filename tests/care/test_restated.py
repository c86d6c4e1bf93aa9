"""What later returns changed, on a drawn example in which each reason stands once, by hand.

The return of the year, and the next. The days that matter are 31 March 2021 and 2022.

child  return of 2022                       return of 2023                        so it counts
A      open since May 2020                  the same                              then and now
I1,I2  I1 open since June 2021              I2 instead, same birthday and day     twice now
L, M   nothing                              open since February, March 2022       now
S      open since 10 April 2021             the same care since 20 March 2021     a year earlier
E      open since May 2021                  ended 15 March 2022                   then
R      ended 10 February 2022               not ended                             now
P      June to August 2021                  again since 10 February 2022          now
W      open since January 2022              December to 20 January, other home    then
V      a care order                         a series of short breaks              then
G      17 on the day                        18 since February 2022                then
C      began anew (S)                       a change of legal status (L)          as before
X      went home in January 2022            another episode should follow         as before
"""

from __future__ import annotations

import drawn_returns
import pandas as pd
import pytest
from peer_sample import PEER, peer_study

from needs.care.basis import Basis
from needs.care.flows import flow_counts
from needs.care.restated import REASONS, restated
from needs.inputs.registry import open_data
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

FIRST = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
"""
SECOND = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
    I1    | 10/06/2021 |            |     | S   | C2 | U4
    S     | 10/04/2021 |            |     | S   | C2 | U4
    E     | 01/05/2021 |            |     | S   | C2 | U4
    R     | 01/05/2021 | 10/02/2022 | E4A | S   | C2 | U4
    P     | 01/06/2021 | 01/08/2021 | E4A | S   | C2 | U4
    W     | 10/01/2022 |            |     | S   | C2 | U4
    V     | 01/09/2021 |            |     | S   | C2 | U4
    G     | 01/09/2021 |            |     | S   | C2 | U4
    C     | 11/10/2021 |            |     | S   | C2 | U4
    X     | 01/11/2021 | 10/01/2022 | E4A | S   | C2 | U4
"""
THIRD = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
    I2    | 10/06/2021 |            |     | S   | C2 | U4
    L     | 05/02/2022 |            |     | S   | C2 | U4
    M     | 06/03/2022 |            |     | S   | C2 | U4
    S     | 20/03/2021 |            |     | S   | C2 | U4
    E     | 01/05/2021 | 15/03/2022 | E4A | S   | C2 | U4
    R     | 01/05/2021 |            |     | S   | C2 | U4
    P     | 10/02/2022 |            |     | S   | C2 | K2
    W     | 01/12/2021 | 20/01/2022 | X1  | S   | C2 | K2
    V     | 01/09/2021 |            |     | S   | V4 | U4
    G     | 01/09/2021 |            |     | S   | C2 | U4
    C     | 11/10/2021 |            |     | L   | C2 | U4
    X     | 01/11/2021 | 10/01/2022 | X1  | S   | C2 | U4
    Z     | 01/05/2022 | 10/06/2022 | E4A | S   | C2 | U4
    Z     | 01/08/2022 | 10/09/2022 | E4A | S   | C2 | U4
    Z     | 01/11/2022 | 10/12/2022 | E4A | S   | C2 | U4
"""
PEOPLE = {
    2022: {"G": {"DOB": "05/05/2004"}, "I1": {"DOB": "01/01/2009", "SEX": "2"}},
    2023: {"G": {"DOB": "05/02/2004"}, "I2": {"DOB": "01/01/2009", "SEX": "2"}},
}
RETURNS = {2021: FIRST, 2022: SECOND, 2023: THIRD}
# 2021-22, 31 March 2022: A, I1, S, E, W, V, G, C then; A, I1, I2, L, M, S, R, P, C now.
# 2021-22 started: I1, S, E, R, P, W, V, G, C, X then; I1, I2, L, M, E, R, P, W, G, X now.
# 2021-22 ceased: R, P, X then; P, E now.
COUNTS = {
    ("stock", "2020-21"): (1, 2),
    ("started", "2020-21"): (1, 2),
    ("ceased", "2020-21"): (0, 0),
    ("stock", "2021-22"): (8, 9),
    ("started", "2021-22"): (10, 10),
    ("ceased", "2021-22"): (3, 2),
}
CHANGES = {
    ("stock", "2020-21", "S"): (1, "start"),
    ("started", "2020-21", "S"): (1, "start"),
    ("stock", "2021-22", "I2"): (1, "identifier"),
    ("stock", "2021-22", "L"): (1, "child_late"),
    ("stock", "2021-22", "M"): (1, "child_late"),
    ("stock", "2021-22", "R"): (1, "end"),
    ("stock", "2021-22", "P"): (1, "episode_late"),
    ("stock", "2021-22", "E"): (-1, "end"),
    ("stock", "2021-22", "W"): (-1, "withdrawn"),
    ("stock", "2021-22", "V"): (-1, "short_breaks"),
    ("stock", "2021-22", "G"): (-1, "age"),
    ("started", "2021-22", "I2"): (1, "identifier"),
    ("started", "2021-22", "L"): (1, "child_late"),
    ("started", "2021-22", "M"): (1, "child_late"),
    ("started", "2021-22", "S"): (-1, "start"),
    ("started", "2021-22", "V"): (-1, "short_breaks"),
    ("started", "2021-22", "C"): (-1, "code"),
    ("ceased", "2021-22", "E"): (1, "end"),
    ("ceased", "2021-22", "R"): (-1, "end"),
    ("ceased", "2021-22", "X"): (-1, "code"),
}


def found(data):
    """Return counts and changes as drawn above: by kind, year and child."""
    basis = Basis.of(data)
    windows = basis.shown.windows
    made = restated(basis.records, windows, basis.scope)
    counts = {
        (kind, windows[at].key): (first, now)
        for kind, at, first, now in made.counts.itertuples(index=False)
    }
    changes = {
        (kind, windows[at].key, str(basis.records.ids[child])): (sign, reason)
        for kind, at, child, sign, reason in made.changes.itertuples(index=False)
    }
    return counts, changes


def test_every_reason_of_the_drawn_example(tmp_path):
    counts, changes = found(drawn_returns.write(tmp_path, RETURNS, PEOPLE))
    assert changes == CHANGES
    assert counts == COUNTS


def test_a_status_as_unaccompanied_child_that_came_later(tmp_path):
    same = {y: THIRD for y in (2022, 2023)}
    data = drawn_returns.write(tmp_path, same, PEOPLE, {2023: "L"}, unaccompanied=False)
    changes = found(data)[1]
    of_l = {k: v for k, v in changes.items() if k[2] == "L"}
    assert of_l == {
        ("stock", "2021-22", "L"): (-1, "unaccompanied"),
        ("started", "2021-22", "L"): (-1, "unaccompanied"),
    }
