"""The rules as a manual, continued: rows each must find, and near misses it must not.

Each table is one return (end year 2023 unless said). The column ``finds`` names the checks of
the rule that must find the row; every other check of that rule must not. What is not drawn is
plausible: a full care order, fostered by the authority's own carer, born 15 June 2010.
"""

from __future__ import annotations

RULES: dict[str, dict[int, dict[str, str]]] = {}

RULES["17"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | ls | place | finds        |
  | a     | 01/05/2022 | 01/06/2022 | X1  | S   | C2 | U6    |              |
  | a     | 01/06/2022 |            |     | L   | V4 | U6    | mixed        |
  | b     | 01/05/2022 | 18/05/2022 | E4A | S   | V3 | U6    |              |
  | c     | 01/05/2022 | 19/05/2022 | E4A | S   | V3 | U6    | over_17_days |
  | d     | 01/05/2022 | 05/05/2022 | E4A | P   | V3 | U6    | not_a_start  |
  | e     | 01/05/2022 | 05/05/2022 | E4A | S   | V3 | U4    | placement    |
  | f     | 01/05/2022 | 18/05/2022 | E4A | S   | V3 | U6    | over_75_days |
  | f     | 01/06/2022 | 18/06/2022 | E4A | S   | V3 | U6    | over_75_days |
  | f     | 01/07/2022 | 18/07/2022 | E4A | S   | V3 | U6    | over_75_days |
  | f     | 01/08/2022 | 18/08/2022 | E4A | S   | V3 | U6    | over_75_days |
  | f     | 01/09/2022 | 09/09/2022 | E4A | S   | V3 | U6    | over_75_days |
  | g     | 01/05/2022 | 18/05/2022 | E4A | S   | V3 | U6    |              |
  | g     | 01/06/2022 | 18/06/2022 | E4A | S   | V3 | U6    |              |
  | g     | 01/07/2022 | 18/07/2022 | E4A | S   | V3 | U6    |              |
  | g     | 01/08/2022 | 18/08/2022 | E4A | S   | V3 | U6    |              |
  | g     | 01/09/2022 | 08/09/2022 | E4A | S   | V3 | U6    |              |
  | h     | 01/05/2022 | 01/06/2022 | E4A | S   | C2 | U6    |              |
  | h     | 01/06/2022 |            |     | S   | V4 | U6    |              |
        """
    }
}

RULES["18"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | place | finds                 |
  | a     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | a     | 01/06/2022 | 14/07/2022 | X1  | P   | T1    | hospital_over_42      |
  | a     | 14/07/2022 |            |     | P   | U4    |                       |
  | b     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | b     | 01/06/2022 | 13/07/2022 | X1  | P   | T1    |                       |
  | b     | 13/07/2022 |            |     | P   | U4    |                       |
  | c     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | c     | 01/06/2022 | 23/06/2022 | X1  | P   | T3    | carer_holiday_over_21 |
  | c     | 23/06/2022 |            |     | P   | U4    |                       |
  | d     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | d     | 01/06/2022 | 05/06/2022 | X1  | P   | T4    | other_over_7          |
  | d     | 05/06/2022 | 09/06/2022 | X1  | L   | T4    | other_over_7          |
  | d     | 09/06/2022 |            |     | P   | U4    |                       |
  | e     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | e     | 01/06/2022 | 08/06/2022 | X1  | P   | T3    | third_carer_holiday   |
  | e     | 08/06/2022 | 01/08/2022 | X1  | P   | U4    |                       |
  | e     | 01/08/2022 | 08/08/2022 | X1  | P   | T3    | third_carer_holiday   |
  | e     | 08/08/2022 | 01/10/2022 | X1  | P   | U4    |                       |
  | e     | 01/10/2022 | 08/10/2022 | X1  | P   | T3    | third_carer_holiday   |
  | e     | 08/10/2022 |            |     | P   | U4    |                       |
  | f     | 01/05/2022 | 04/05/2022 | X1  | S   | T4    | starts_care           |
  | f     | 04/05/2022 | 01/06/2022 | X1  | P   | U4    |                       |
  | f     | 01/06/2022 | 04/06/2022 | E4A | P   | T4    | ends_care             |
  | g     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | g     | 01/06/2022 | 04/06/2022 | X1  | P   | T4    | no_return             |
  | g     | 04/06/2022 | 06/06/2022 | X1  | P   | T2    | no_return             |
  | g     | 06/06/2022 |            |     | P   | K2    |                       |
  | h     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                       |
  | h     | 01/06/2022 | 04/06/2022 | X1  | P   | T4    |                       |
  | h     | 04/06/2022 |            |     | P   | U4    |                       |
        """
    }
}

RULES["19"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | ls | place | urn      | reason | finds           |
  | a     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        |                 |
  | a     | 01/06/2022 |            |     | L   | C1 | U4    | SC000001 |        | ls_unchanged    |
  | b     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        |                 |
  | b     | 01/06/2022 |            |     | L   | C2 | U4    | SC000001 |        |                 |
  | c     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 | CARPL  |                 |
  | c     | 01/06/2022 |            |     | P   | C2 | U4    | SC000002 |        | ls_changed      |
  | d     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 | CARPL  |                 |
  | d     | 01/06/2022 |            |     | B   | C2 | U4    | SC000002 |        |                 |
  | e     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 | CARPL  |                 |
  | e     | 01/06/2022 |            |     | P   | C1 | U4    | SC000001 |        | place_unchanged |
  | f     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        |                 |
  | f     | 01/06/2022 |            |     | L   | C2 | K2    | SC000001 |        | place_changed   |
  | g     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        |                 |
  | g     | 01/06/2022 |            |     | S   | C1 | K2    | SC000001 |        | start_inside    |
  | h     | 01/05/2022 | 01/06/2022 | E4A | S   | C1 | U4    | SC000001 |        |                 |
  | h     | 01/06/2022 |            |     | S   | C1 | K2    | SC000001 |        |                 |
  | i     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        | no_reason       |
  | i     | 01/06/2022 |            |     | P   | C1 | K2    | SC000002 |        |                 |
  | j     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 |        |                 |
  | j     | 01/06/2022 | 08/06/2022 | X1  | P   | C1 | T1    |          |        |                 |
  | j     | 08/06/2022 |            |     | P   | C1 | U4    | SC000001 |        |                 |
  | k     | 01/05/2022 | 01/06/2022 | X1  | S   | C1 | U4    | SC000001 | CARPL  | reason_unneeded |
  | k     | 01/06/2022 |            |     | L   | C2 | U4    | SC000001 |        |                 |
  | l     | 01/05/2022 |            |     | S   | C1 | U4    | SC000001 |        |                 |
  | l     | 01/06/2022 |            |     | S   | C1 | U4    | SC000001 |        | start_inside    |
  | m     | 01/05/2022 | 05/05/2022 | X1  | S   | V3 | U6    | SC000001 |        |                 |
  | m     | 05/05/2022 | 09/05/2022 | E4A | S   | V3 | U6    | SC000001 |        |                 |
        """
    }
}

RULES["20"] = {
    2023: {
        "episodes": """
  | child | decom      | place | provider | finds       |
  | a     | 01/05/2022 | U4    |          | blank       |
  | b     | 01/05/2022 | T1    |          |             |
  | c     | 01/05/2022 | U4    | PR9      | unknown     |
  | d     | 01/05/2022 | T1    | PR1      | not_needed  |
  | e     | 01/05/2022 | U4    | PR0      | not_allowed |
  | f     | 01/05/2022 | P1    | PR0      |             |
  | g     | 01/05/2022 | P1    | PR1      | not_allowed |
  | h     | 01/05/2022 | R5    | PR2      | not_allowed |
  | i     | 01/05/2022 | K2    | PR3      | not_allowed |
  | j     | 01/05/2022 | R5    | PR3      |             |
  | k     | 01/05/2022 | K2    | PR4      |             |
        """
    }
}

RULES["21"] = {
    2021: {
        "episodes": """
  | child | decom      | dec        | rec | finds |
  | h     | 01/05/2020 | 01/06/2020 | E8  |       |
        """,
        "uasc": """
  | child |
  | h     |
        """,
    },
    2022: {
        "episodes": """
  | child | decom      | dec        | rec | finds |
  | h     | 01/05/2021 | 01/06/2021 | E8  |       |
        """
    },
    2023: {
        "episodes": """
  | child | decom      | ls | place | home_post | pl_post | finds       |
  | a     | 01/05/2022 | C2 | U4    |           | OX2 2BB | home_blank  |
  | b     | 01/05/2022 | C2 | U4    | OX1 1AA   |         | place_blank |
  | c     | 01/05/2022 | V4 | U6    |           |         |             |
  | d     | 01/05/2022 | C2 | U4    | OXFORD    | OX2 2BB | malformed   |
  | e     | 01/05/2022 | C2 | U4    | OX1 1AA   | W1A1AA  |             |
  | f     | 01/05/2022 | C2 | U4    | OX1 1AA   | OX11AA  | same        |
  | g     | 01/05/2022 | C2 | P1    | OX1 1AA   | OX1 1AA |             |
  | h     | 01/05/2022 | C2 | U4    |           | OX2 2BB |             |
        """
    },
}

RULES["22"] = {
    2023: {
        "episodes": """
  | child | decom      | place | urn      | pl_la     | finds     |
  | a     | 01/05/2022 | U4    |          | E10000025 | blank     |
  | b     | 01/05/2022 | U4    |          | W06000015 |           |
  | c     | 01/05/2022 | P1    |          | E10000025 |           |
  | d     | 01/05/2022 | H5    |          | E10000025 |           |
  | e     | 01/05/2022 | U4    | SC12     | E10000025 | malformed |
  | f     | 01/05/2022 | U4    | 1234567  | E10000025 |           |
  | g     | 01/05/2022 | U4    | XXXXXXX  | E10000025 | not_known |
  | h     | 01/05/2022 | U4    | SC000009 | E10000025 | two_kinds |
  | i     | 01/05/2022 | K2    | SC000009 | E10000025 | two_kinds |
  | j     | 01/05/2022 | K2    | SC000008 | E10000025 |           |
  | m     | 01/05/2022 | U4    | SC77     | E10000025 | malformed |
  | n     | 01/05/2022 | K2    | SC77     | E10000025 | malformed |
        """
    },
    2024: {
        "episodes": """
  | child | decom      | dec        | rec | place | urn      | pl_la     | finds |
  | d     | 01/05/2022 |            |     | H5    |          | E10000025 | blank |
  | k     | 01/05/2023 | 28/10/2023 | E8  | H5    |          | E10000025 |       |
  | j     | 01/05/2022 |            |     | U4    | SC000008 | E10000025 |       |
        """
    },
}
