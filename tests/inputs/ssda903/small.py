"""A small authority: two yearly returns with every table of the time."""

from __future__ import annotations

import build
import pandas as pd

DOBS = {"A1": "03/02/2008", "B2": "14/09/2012", "C3": "30/11/2005", "D4": "21/05/2020"}


def _with_dob(key: str, drawn: str) -> pd.DataFrame:
    frame = build.table(drawn)
    frame["DOB"] = frame["CHILD"].map(DOBS)
    return build.full(key, frame)


def header(children: str) -> pd.DataFrame:
    """Return a Header of the children named."""
    rows = [f"| {c} | {DOBS[c]} | {n % 2 + 1} |" for n, c in enumerate(children.split())]
    return build.header("| CHILD | DOB | SEX |\n" + "\n".join(rows))


FIRST = {
    "header": header("A1 B2 C3"),
    "episodes": build.episodes("""
        | CHILD | DECOM      | RNE | LS | PLACE | PLACE_PROVIDER | DEC        | REC | URN     |
        | A1    | 10/05/2020 | S   | C1 | U6    | PR1            | 02/06/2021 | X1  | SC12345 |
        | A1    | 02/06/2021 | B   | C2 | K2    | PR4            |            |     | 1234567 |
        | B2    | 20/07/2021 | S   | V2 | U3    | PR1            | 11/01/2022 | E4A |         |
        | C3    | 01/12/2021 | S   | V2 | H5    | PR4            |            |     | XXXXXXX |
    """),
    "reviews": _with_dob(
        "reviews",
        """
        | CHILD | REVIEW     | REVIEW_CODE |
        | A1    | 01/05/2021 | PN1         |
        | A1    | 01/11/2021 | PN3         |
        | B2    | 15/08/2021 | PN0         |
    """,
    ),
    "missing": _with_dob(
        "missing",
        """
        | CHILD | MISSING | MIS_START  | MIS_END    |
        | C3    | M       | 25/03/2022 |            |
    """,
    ),
    "uasc": build.full(
        "uasc", build.table("| CHILD | SEX | DOB | DUC |\n| C3 | 1 | 30/11/2005 | 30/11/2023 |")
    ),
    "oc2": _with_dob(
        "oc2",
        """
        | CHILD | SDQ_SCORE | CONVICTED | HEALTH_CHECK | IMMUNISATIONS | TEETH_CHECK |
        | A1    | 14        | 0         | 1            | 1             | 1           |
    """,
    ),
}
SECOND = {
    "header": header("A1 B2 C3 D4"),
    "episodes": build.episodes("""
        | CHILD | DECOM      | RNE | LS | PLACE | PLACE_PROVIDER | DEC        | REC | URN     |
        | A1    | 02/06/2021 | B   | C2 | K2    | PR4            | 19/12/2022 | E13 | 1234567 |
        | B2    | 11/10/2022 | S   | C2 | U6    | PR1            |            |     |         |
        | C3    | 01/12/2021 | S   | V2 | H5    | PR4            | 14/02/2023 | X1  | XXXXXXX |
        | C3    | 14/02/2023 | P   | V2 | K1    | PR2            |            |     | SC99999 |
        | D4    | 08/08/2022 | S   | E1 | A4    | PR1            |            |     |         |
    """),
    "reviews": _with_dob(
        "reviews",
        """
        | CHILD | REVIEW     | REVIEW_CODE |
        | A1    | 30/04/2022 | PN1         |
        | C3    | 30/08/2022 | PN2         |
        | D4    | 30/09/2022 | PN0         |
    """,
    ),
    "missing": _with_dob(
        "missing",
        """
        | CHILD | MISSING | MIS_START  | MIS_END    |
        | C3    | M       | 25/03/2022 | 03/04/2022 |
        | C3    | A       | 01/10/2022 | 02/10/2022 |
    """,
    ),
    "uasc": build.full(
        "uasc", build.table("| CHILD | SEX | DOB | DUC |\n| C3 | 1 | 30/11/2005 | 30/11/2023 |")
    ),
    "oc2": _with_dob(
        "oc2",
        """
        | CHILD | SDQ_SCORE | SDQ_REASON | CONVICTED | HEALTH_CHECK | IMMUNISATIONS | TEETH_CHECK |
        | C3    |           | SDQ1       | 0         | 1            | 0             | 1           |
    """,
    ),
    "oc3": _with_dob("oc3", "| CHILD | IN_TOUCH | ACTIV | ACCOM |\n| A1 | YES | F2 | B1 |"),
    "ad1": _with_dob("ad1", "| CHILD | DATE_INT | FOSTER_CARE |\n| D4 | 01/08/2022 | 0 |"),
    "placed_adoption": _with_dob("placed_adoption", "| CHILD | DATE_PLACED |\n| D4 | 08/08/2022 |"),
    "prev_perm": _with_dob(
        "prev_perm", "| CHILD | PREV_PERM | DATE_PERM |\n| D4 | P2 | zz/zz/2021 |"
    ),
}
RETURNS = {"2021-22": FIRST, "2022-23": SECOND}
