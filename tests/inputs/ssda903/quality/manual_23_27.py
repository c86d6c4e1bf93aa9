"""The rules as a manual, continued: rows each must find, and near misses it must not.

Each table is one return (end year 2023 unless said). The column ``finds`` names the checks of
the rule that must find the row; every other check of that rule must not. What is not drawn is
plausible: a full care order, fostered by the authority's own carer, born 15 June 2010.
"""

from __future__ import annotations

RULES: dict[str, dict[int, dict[str, str]]] = {}

RULES["23"] = {
    2022: {
        "header": """
  | child | dob        | sex |
  | g     | 15/06/2006 | 1   |
  | h     | 15/06/2006 | 1   |
        """,
        "episodes": """
  | child | decom      | cin | home_post | finds |
  | g     | 01/05/2021 | N8  |           |       |
  | h     | 01/05/2021 | N8  |           |       |
        """,
        "uasc": """
  | child | sex | dob        | duc        | finds |
  | g     | 1   | 15/06/2006 |            |       |
  | h     | 1   | 15/06/2006 | 01/02/2022 |       |
        """,
    },
    2023: {
        "header": """
  | child | dob        | sex |
  | a     | 15/06/2004 | 1   |
  | b     | 15/06/2004 | 1   |
  | c     | 15/06/2006 | 1   |
  | d     | 15/06/2006 | 1   |
  | e     | 15/06/2006 | 1   |
  | f     | 15/06/2006 | 1   |
  | g     | 15/06/2006 | 1   |
  | h     | 15/06/2006 | 1   |
        """,
        "episodes": """
  | child | decom      | cin | home_post | finds         |
  | a     | 01/05/2021 | N8  |           |               |
  | b     | 01/05/2021 | N8  |           |               |
  | c     | 01/05/2022 | N8  | OX1 1AA   | home_postcode |
  | d     | 01/05/2022 | N1  |           | need          |
  | f     | 01/05/2022 | N1  | OX1 1AA   |               |
  | g     | 01/05/2021 | N8  |           | dropped       |
  | h     | 01/05/2021 | N8  |           |               |
        """,
        "uasc": """
  | child | sex | dob        | duc        | finds             |
  | a     | 1   | 15/06/2004 | 16/06/2022 | ended_after_18    |
  | b     | 1   | 15/06/2004 | 15/06/2022 |                   |
  | c     | 1   | 15/06/2006 | 30/04/2022 | ended_before_care |
  | d     | 1   | 15/07/2006 |            | differs           |
  | e     | 1   | 15/06/2006 |            | no_episodes       |
        """,
    },
}

RULES["24"] = {
    2022: {
        "header": """
  | child | sex | dob        | ethnic | upn           | finds |
  | a     | 1   | 15/06/2010 | WBRI   | UN1           |       |
  | b     | 1   | 15/06/2010 | WBRI   | UN1           |       |
  | c     | 1   | 15/06/2010 | WBRI   | UN1           |       |
  | d     | 1   | 15/06/2010 | WBRI   | A123456789012 |       |
  | e     | 1   |            | NOBT   | UN1           |       |
        """,
        "episodes": """
  | child | decom      |
  | a     | 01/05/2021 |
        """,
    },
    2023: {
        "header": """
  | child | sex | dob        | ethnic | upn           | finds      |
  | a     | 2   | 15/06/2010 | WBRI   | UN1           | sex        |
  | b     | 1   | 16/06/2010 | WBRI   | UN1           | dob        |
  | c     | 1   | 15/06/2010 | WIRI   | UN1           | ethnic     |
  | d     | 1   | 15/06/2010 | WBRI   | B123456789012 | upn        |
  | e     | 1   | 15/06/2010 | WBRI   | C123456789012 |            |
  | f     | 1   | 15/06/2010 | WBRI   | E123456789012 | upn_shared |
  | g     | 1   | 15/06/2010 | WBRI   | E123456789012 | upn_shared |
        """,
        "episodes": """
  | child | decom      |
  | a     | 01/05/2021 |
        """,
    },
    2025: {
        "header": """
  | child | sex | dob        | ethnic | upn           | finds |
  | a     | F   | 15/06/2010 | WBRI   | A123456789012 |       |
  | d     | M   | 15/06/2010 | WBRI   | B123456789012 |       |
        """,
        "episodes": """
  | child | decom      |
  | a     | 01/05/2021 |
        """,
    },
}

RULES["25"] = {
    2023: {
        "header": """
  | child | dob        |
  | a     | 02/05/2008 |
  | b     | 01/05/2008 |
  | c     | 02/05/2008 |
  | d     | 01/05/2008 |
  | e     | 02/05/2012 |
  | f     | 01/05/2012 |
  | g     | 02/05/2018 |
  | h     | 01/05/2018 |
  | i     | 02/05/2012 |
  | j     | 01/05/2005 |
  | k     | 02/05/2005 |
  | l     | 02/06/2008 |
  | m     | 01/06/2008 |
  | n     | 02/06/2004 |
  | o     | 02/05/2007 |
  | p     | 01/05/2007 |
        """,
        "episodes": """
  | child | decom      | dec        | rec | rne | ls | place | finds         |
  | a     | 01/05/2022 |            |     | S   | V2 | H5    | supported     |
  | b     | 01/05/2022 |            |     | S   | V2 | H5    |               |
  | c     | 01/05/2022 |            |     | S   | V2 | P3    | employment    |
  | d     | 01/05/2022 |            |     | S   | V2 | P3    |               |
  | e     | 01/05/2022 |            |     | S   | V2 | R5    | custody       |
  | f     | 01/05/2022 |            |     | S   | J1 | R5    |               |
  | g     | 01/05/2022 |            |     | S   | V2 | S1    | school        |
  | h     | 01/05/2022 |            |     | S   | V2 | S1    |               |
  | i     | 01/05/2022 |            |     | S   | J1 | U4    | youth_justice |
  | j     | 01/05/2022 |            |     | S   | C1 | U4    | care_order    |
  | k     | 01/05/2022 |            |     | S   | C1 | U4    |               |
  | l     | 01/05/2022 | 01/06/2022 | E5  | S   | V2 | U4    | exit          |
  | m     | 01/05/2022 | 01/06/2022 | E5  | S   | V2 | U4    |               |
  | n     | 01/05/2022 | 01/06/2022 | E17 | S   | V2 | U4    | exit          |
  | o     | 01/05/2022 |            |     | S   | V2 | P2    | supported     |
  | p     | 01/05/2022 |            |     | S   | V2 | P2    |               |
        """,
    },
    2024: {
        "header": """
  | child | dob        |
  | q     | 02/11/2007 |
  | r     | 01/11/2007 |
        """,
        "episodes": """
  | child | decom      | rne | ls | place | finds     |
  | q     | 01/11/2023 | S   | V2 | H5    | supported |
  | r     | 01/11/2023 | S   | V2 | H5    |           |
        """,
    },
}

RULES["26"] = {
    2023: {
        "episodes": """
  | child | decom      | dec        | rec | rne | ls | finds             |
  | a     | 01/05/2022 | 05/05/2022 | E4A | S   | L1 | police_protection |
  | b     | 01/05/2022 | 04/05/2022 | E4A | S   | L1 |                   |
  | c     | 01/05/2022 | 03/05/2022 | X1  | S   | L1 | police_protection |
  | c     | 03/05/2022 | 06/05/2022 | E4A | P   | L1 | police_protection |
  | d     | 01/05/2022 | 03/05/2022 | E4A | S   | L1 |                   |
  | d     | 03/06/2022 | 06/06/2022 | E4A | S   | L1 |                   |
  | e     | 01/05/2022 | 23/05/2022 | E4A | S   | L2 | emergency_order   |
  | f     | 01/05/2022 | 22/05/2022 | E4A | S   | L2 |                   |
  | g     | 01/05/2022 | 09/05/2022 | E4A | S   | L3 | assessment_order  |
  | h     | 01/05/2022 | 08/05/2022 | E4A | S   | L3 |                   |
  | i     | 01/05/2022 | 23/05/2022 | E8  | S   | J2 | police_custody    |
  | j     | 01/03/2023 |            |     | S   | L2 | emergency_order   |
  | k     | 20/03/2023 |            |     | S   | L2 |                   |
  | l     | 01/05/2022 |            |     | S   | D1 | freeing_order     |
  | m     | 01/05/2022 |            |     | S   | D1 |                   |
        """,
        "header": """
  | child | dob        |
  | a     | 15/06/2010 |
  | b     | 15/06/2010 |
  | c     | 15/06/2010 |
  | d     | 15/06/2010 |
  | e     | 15/06/2010 |
  | f     | 15/06/2010 |
  | g     | 15/06/2010 |
  | h     | 15/06/2010 |
  | i     | 15/06/2010 |
  | j     | 15/06/2010 |
  | k     | 15/06/2010 |
  | l     | 31/12/2005 |
  | m     | 30/12/2005 |
        """,
    }
}

RULES["27"] = {
    2018: {
        "episodes": """
  | child | decom      | dec        | rec | rne | place | reason | finds       |
  | a     | 01/05/2017 | 01/06/2017 | E45 | S   | U4    |        | reason_year |
  | b     | 01/05/2017 | 01/06/2017 | E43 | S   | U4    |        |             |
  | c     | 01/05/2017 | 01/06/2017 | X1  | S   | U4    | CUSTOD | reason_year |
  | c     | 01/06/2017 |            |     | P   | R5    |        | gone        |
        """
    },
    2023: {
        "header": """
  | child | sex | ethnic | finds          |
  | c     | 1   | WBRI   |                |
  | d     | M   | WBRI   | sex_year       |
  | e     |     | WBRI   | sex_unknown    |
  | f     | 1   | XXXX   | ethnic_unknown |
  | g     | 1   | NOBT   |                |
  | h     | 1   | WBRI   |                |
  | i     | 1   | WBRI   |                |
  | j     | 1   | WBRI   |                |
  | k     | 1   | WBRI   |                |
  | l     | 1   | WBRI   |                |
  | m     | 1   | WBRI   |                |
        """,
        "episodes": """
  | child | decom      | dec        | rec | rne | place | ls | finds      |
  | c     | 01/06/2022 |            |     | S   | U4    | C2 |            |
  | d     | 01/06/2022 |            |     | S   | K3    | C2 | place_year |
  | e     | 01/06/2022 |            |     | S   | H5    | C2 |            |
  | f     | 01/06/2022 |            |     | S   | U4    | C2 |            |
  | g     | 01/06/2022 |            |     | S   | U4    | C2 |            |
  | h     | 01/06/2022 | 01/09/2022 | E4A | S   | U4    | C2 |            |
  | i     | 01/06/2022 |            |     | S   | P2    | C2 |            |
  | j     | 01/06/2022 |            |     | S   | U4    | C2 | gone       |
  | k     | 01/06/2022 |            |     | S   | U4    | C2 | replaced   |
  | l     | 01/06/2022 |            |     | S   | U4    | D1 |            |
        """,
    },
    2024: {
        "header": """
  | child | sex | finds |
  | c     | 1   |       |
  | d     | 1   |       |
  | e     | 1   |       |
  | f     | 1   |       |
  | g     | 1   |       |
  | h     | 1   |       |
  | i     | 1   |       |
  | j     | 1   |       |
  | k     | 1   |       |
  | l     | 1   |       |
        """,
        "episodes": """
  | child | decom      | dec        | rec | rne | place | ls | finds       |
  | c     | 01/06/2022 | 01/07/2023 | E4A | S   | U4    | C2 |             |
  | d     | 01/06/2022 |            |     | S   | U4    | C2 | revised     |
  | e     | 01/06/2022 |            |     | S   | H5    | C2 |             |
  | f     | 01/06/2022 | 01/03/2023 | E4A | S   | U4    | C2 | end_revised |
  | g     | 01/06/2022 | 01/07/2023 | E4A | S   | U4    | C2 |             |
  | h     | 01/06/2022 | 02/09/2022 | E4A | S   | U4    | C2 | end_revised |
  | i     | 01/06/2022 |            |     | S   | P2    | C2 | place_year  |
  | j     | 01/02/2023 |            |     | P   | U4    | C2 |             |
  | k     | 20/05/2022 |            |     | S   | U4    | C2 |             |
  | l     | 01/06/2022 |            |     | S   | U4    | D1 |             |
        """,
    },
    2025: {
        "header": """
  | child | sex | finds    |
  | d     | F   |          |
  | e     | 2   | sex_year |
  | i     | F   |          |
  | j     | F   |          |
  | k     | F   |          |
  | l     | F   |          |
        """,
        "episodes": """
  | child | decom      | dec | rec | rne | place | ls | finds       |
  | d     | 01/06/2022 |     |     | S   | U4    | C2 |             |
  | e     | 01/06/2022 |     |     | S   | H5    | C2 |             |
  | i     | 01/06/2022 |     |     | S   | P2    | C2 | place_year  |
  | j     | 01/02/2023 |     |     | P   | U4    | C2 |             |
  | k     | 20/05/2022 |     |     | S   | U4    | C2 |             |
  | l     | 01/06/2022 |     |     | S   | U4    | D1 | status_year |
        """,
    },
}
