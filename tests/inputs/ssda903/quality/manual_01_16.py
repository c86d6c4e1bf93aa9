"""The rules as a manual: for each, rows it must find and rows like them that it must not.

Each table is one return (end year 2023 unless said). The column ``finds`` names the checks of
the rule that must find the row; every other check of that rule must not. What is not drawn is
plausible: a full care order, fostered by the authority's own carer, born 15 June 2010.
"""

from __future__ import annotations

RULES: dict[str, dict[int, dict[str, str]]] = {}

RULES["01"] = {
    2023: {
        "header": """
  | child | ethnic | dob        | finds         |
  | a     | WBRI   | 15/06/2010 |               |
  | b     | WBRI   | 15/06/2010 |               |
  | b     | WBRI   | 15/06/2010 | twice_same    |
  | c     | WBRI   | 15/06/2010 |               |
  | c     |        | 15/06/2010 | twice_differs |
  | e     | WBRI   | 15/06/2010 | no_episodes   |
  | f     | WBRI   | 15/06/2004 |               |
        """,
        "episodes": """
  | child | decom      | finds   |
  | a     | 01/05/2022 |         |
  | b     | 01/05/2022 |         |
  | c     | 01/05/2022 |         |
  | d     | 01/05/2022 | missing |
        """,
        "oc3": """
  | child |
  | f     |
        """,
    }
}

RULES["02"] = {
    2023: {
        "episodes": """
  | child | decom      | finds      |
  | a     |            | blank      |
  | b     | 31/06/2022 | unreadable |
  | c     | 30/06/2022 |            |
        """
    }
}

RULES["03"] = {
    2023: {
        "episodes": """
  | child | decom      | rne | finds   |
  | a     | 01/05/2022 |     | blank   |
  | b     | 01/05/2022 | X   | unknown |
  | c     | 01/05/2022 | S   |         |
        """
    }
}

RULES["04"] = {
    2023: {
        "episodes": """
  | child | decom      | ls | finds   |
  | a     | 01/05/2022 |    | blank   |
  | b     | 01/05/2022 | C9 | unknown |
  | c     | 01/05/2022 | D1 |         |
        """
    }
}

RULES["05"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | cin | finds   |
  | a     | 01/05/2022 |            |     | S   |     | blank   |
  | b     | 01/05/2022 |            |     | S   | N9  | unknown |
  | c     | 01/05/2022 | 01/07/2022 | X1  | S   | N1  |         |
  | c     | 01/07/2022 |            |     | P   | N5  | changes |
  | d     | 01/05/2022 | 01/07/2022 | E4A | S   | N1  |         |
  | d     | 01/09/2022 |            |     | S   | N5  |         |
  | e     | 01/05/2022 | 01/07/2022 | E4A | S   | N1  |         |
  | e     | 01/07/2022 |            |     | S   | N5  |         |
        """
    }
}

RULES["06"] = {
    2023: {
        "episodes": """
  | child | decom      | place | finds   |
  | a     | 01/05/2022 |       | blank   |
  | b     | 01/05/2022 | U9    | unknown |
  | c     | 01/05/2022 | K3    |         |
        """
    }
}

RULES["07"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds                          |
  | a     | 01/05/2022 |            | E4A | S   | rec_without_dec                |
  | b     | 01/05/2022 |            | X1  | S   | rec_without_dec x1_without_dec |
  | c     | 01/05/2022 |            |     | S   |                                |
  | d     | 01/05/2022 | 01/07/2022 | X1  | S   |                                |
  | d     | 01/07/2022 | 01/08/2022 | E4A | P   |                                |
  | e     | 01/05/2022 | 01/07/2022 |     | S   | continued                      |
  | e     | 01/07/2022 |            |     | P   |                                |
  | f     | 01/05/2022 | 01/07/2022 |     | S   | dec_without_rec                |
  | f     | 02/07/2022 |            |     | S   |                                |
  | g     | 01/05/2022 | 01/07/2022 |     | S   | dec_without_rec                |
  | h     | 01/05/2022 | 01/07/2022 | E0  | S   | rec_unknown                    |
  | i     | 01/05/2022 | 99/07/2022 | X1  | S   |                                |
  | j     | 01/05/2022 | 01/07/2022 | E0  | S   | rec_unknown continued          |
  | j     | 01/07/2022 |            |     | P   |                                |
        """
    }
}

RULES["08"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds            |
  | a     | 01/05/2022 | 32/05/2022 | E4A | S   | unreadable       |
  | b     | 01/05/2022 | 01/05/2022 | E4A | S   | same_day         |
  | c     | 01/05/2022 | 02/05/2022 | E4A | S   |                  |
  | d     | 01/05/2022 | 01/04/2022 | X1  | S   | before_then_next |
  | d     | 01/06/2022 |            |     | P   |                  |
  | e     | 01/05/2022 | 30/04/2022 | E4A | S   | before           |
  | f     | 01/05/2022 |            |     | S   |                  |
        """
    }
}

RULES["09"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | place | finds             |
  | a     | 01/05/2022 |            |     | S   | U4    |                   |
  | a     | 01/05/2022 |            |     | S   | U4    | duplicate         |
  | b     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    | same_start        |
  | b     | 01/05/2022 |            |     | S   | K2    |                   |
  | c     | 01/05/2022 | 01/05/2022 | X1  | S   | U4    |                   |
  | c     | 01/05/2022 |            |     | P   | K2    |                   |
  | d     | 01/05/2022 | 10/06/2022 | X1  | S   | U4    | overlap           |
  | d     | 01/06/2022 |            |     | P   | K2    |                   |
  | e     | 01/05/2022 | 01/06/2022 | X1  | S   | U4    |                   |
  | e     | 01/06/2022 |            |     | P   | K2    |                   |
  | f     | 01/05/2022 |            |     | S   | U4    | open_then_another |
  | f     | 01/06/2022 |            |     | P   | K2    |                   |
  | g     | 01/05/2022 |            |     | S   | U4    |                   |
  | g     | 01/06/2022 | 10/06/2022 | X1  | P   | T1    | inside            |
  | h     | 01/05/2022 |            |     | S   | U4    | open_then_another |
  | h     | 01/06/2022 | 10/06/2022 | E4A | P   | K2    |                   |
  | i     | 01/05/2022 |            |     | S   | U4    | open_then_another |
  | i     | 01/06/2022 | 10/06/2022 | X1  | P   | K2    |                   |
  | i     | 10/06/2022 |            |     | P   | U6    |                   |
        """
    }
}

RULES["10"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds   |
  | a     | 01/05/2022 | 01/06/2022 | X1  | S   |         |
  | a     | 03/06/2022 |            |     | P   | gap     |
  | b     | 01/05/2022 | 01/06/2022 | X1  | S   |         |
  | b     | 02/06/2022 |            |     | P   | one_day |
  | c     | 01/05/2022 | 01/06/2022 | X1  | S   |         |
  | c     | 01/06/2022 |            |     | P   |         |
  | d     | 01/05/2022 | 01/06/2022 | E4A | S   |         |
  | d     | 03/06/2022 |            |     | S   |         |
        """
    }
}

RULES["11"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds           |
  | a     | 01/05/2022 | 01/06/2022 | X1  | S   | nothing_follows |
  | b     | 01/05/2022 | 31/03/2023 | X1  | S   |                 |
  | c     | 01/05/2022 | 01/06/2022 | X1  | S   | later           |
  | c     | 01/07/2022 |            |     | P   |                 |
  | d     | 01/05/2022 | 01/06/2022 | X1  | S   |                 |
  | d     | 02/06/2022 |            |     | P   |                 |
  | e     | 01/05/2022 | 01/06/2022 | E4A | S   |                 |
        """
    }
}

RULES["12"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds    |
  | a     | 01/05/2022 | 01/06/2022 | E4A | S   |          |
  | a     | 01/06/2022 |            |     | P   | same_day |
  | b     | 01/05/2022 | 01/06/2022 | E4A | S   |          |
  | b     | 01/07/2022 |            |     | L   | later    |
  | c     | 01/05/2022 | 01/06/2022 | E4A | S   |          |
  | c     | 01/07/2022 |            |     | S   |          |
  | d     | 01/05/2022 | 01/06/2022 | X1  | S   |          |
  | d     | 01/06/2022 |            |     | P   |          |
        """
    }
}

RULES["13"] = {
    2022: {
        "episodes": """
  | child | decom      | dec        | rec | rne | finds     |
  | a     | 01/05/2021 |            |     | S   |           |
  | b     | 01/05/2021 | 01/09/2021 | E4A | S   |           |
  | c     | 01/05/2021 |            |     | S   | lost      |
  | d     | 01/04/2021 |            |     | P   |           |
  | e     | 02/04/2021 | 01/05/2021 | E4A | P   | not_start |
  | g     | 01/05/2021 | 31/03/2022 | X1  | S   |           |
        """
    },
    2023: {
        "episodes": """
  | child | decom      | dec | rec | rne | finds     |
  | a     | 01/06/2022 |     |     | P   |           |
  | b     | 01/06/2022 |     |     | P   | not_start |
  | d     | 01/04/2021 |     |     | P   |           |
  | f     | 01/06/2021 |     |     | S   | late      |
  | g     | 01/04/2022 |     |     | P   |           |
  | h     | 01/06/2022 |     |     | S   |           |
        """
    },
}

RULES["14"] = {
    2023: {
        "header": """
  | child | dob        | finds       |
  | a     |            | blank       |
  | b     | 30/02/2010 | unreadable  |
  | c     | 02/05/2022 | after_start |
  | d     | 01/05/2022 |             |
  | e     | 01/04/1996 | old         |
  | f     | 02/04/1996 |             |
        """,
        "episodes": """
  | child | decom      |
  | a     | 01/05/2022 |
  | b     | 01/05/2022 |
  | c     | 01/05/2022 |
  | d     | 01/05/2022 |
        """,
        "oc3": """
  | child |
  | e     |
  | f     |
        """,
    }
}

RULES["15"] = {
    2023: {
        "header": """
  | child | dob        |
  | a     | 01/05/2004 |
  | b     | 31/03/2005 |
  | c     | 01/04/2005 |
  | d     | 31/03/2005 |
  | e     | 31/05/2004 |
  | f     | 01/06/2004 |
        """,
        "episodes": """
  | child | decom      | dec        | rec | ls | place | finds       |
  | a     | 01/05/2022 | 01/05/2022 | E8  | C2 | U4    | start       |
  | b     | 01/05/2021 |            |     | C2 | U4    | open        |
  | c     | 01/05/2021 |            |     | C2 | U4    |             |
  | d     | 01/05/2021 |            |     | V2 | K2    |             |
  | e     | 01/05/2021 | 01/06/2022 | E17 | C2 | U4    | ended_after |
  | f     | 01/05/2021 | 01/06/2022 | E17 | C2 | U4    |             |
        """,
    }
}

RULES["16"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | finds        |
  | a     | 01/04/2023 |            |     | starts_after |
  | b     | 31/03/2023 |            |     |              |
  | c     | 01/05/2022 | 01/04/2023 | E4A | ends_after   |
  | d     | 01/05/2022 | 31/03/2023 | E4A |              |
  | e     | 01/05/2021 | 31/03/2022 | E4A | ended_before |
  | f     | 01/05/2021 | 01/04/2022 | E4A |              |
        """
    }
}
