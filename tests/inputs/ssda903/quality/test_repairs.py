"""What a repair does, shown before and after; and what is left alone."""

from __future__ import annotations

import pandas as pd
import pytest

from . import raws

pytestmark = pytest.mark.unit


def told(text: str) -> list[list[str]]:
    """Return the cells of a drawn table, row by row."""
    return raws.drawn(text).to_numpy().tolist()


def repaired(text: str, *columns: str, header: str = "") -> list[list[str]]:
    """Return episodes after the rules as text, sorted by child and start."""
    parts = {"episodes": raws.drawn(text)}
    if header:
        parts["header"] = raws.drawn(header)
    return after({2023: parts}, *columns)


def after(returns: dict[int, raws.Tables], *columns: str) -> list[list[str]]:
    out = raws.judged(returns)
    frame = out.raw.episodes.copy()
    frame["child"] = [out.raw.ids[c] for c in frame["child"]]
    frame["repaired"] = frame["repaired"].map({True: "yes", False: ""})
    for name in ("decom", "dec"):
        frame[name] = frame[name].dt.strftime("%d/%m/%Y")
    shown = frame.sort_values(["return_year", "child", "decom"])[list(columns)]
    return shown.astype(object).where(shown.notna(), "").astype(str).to_numpy().tolist()


SEEN = ("child", "decom", "dec", "rec", "repaired")


def test_reason_without_an_end_is_open_and_loses_the_reason() -> None:
    assert repaired(
        """
        | child | decom      | dec | rec |
        | a     | 01/05/2022 |     | X1  |
        | b     | 01/05/2022 |     | E4A |
        | c     | 01/05/2022 |     |     |
        """,
        *SEEN,
    ) == told(
        """
        | child | decom      | dec | rec | repaired |
        | a     | 01/05/2022 |     |     | yes      |
        | b     | 01/05/2022 |     |     | yes      |
        | c     | 01/05/2022 |     |     |          |
        """
    )


def test_overlap_ends_when_the_next_starts() -> None:
    assert repaired(
        """
        | child | decom      | dec        | rec | rne |
        | a     | 01/05/2022 | 10/06/2022 | X1  | S   |
        | a     | 01/06/2022 |            |     | P   |
        | b     | 01/05/2022 |            | E4A | S   |
        | b     | 01/06/2022 |            |     | P   |
        | c     | 01/05/2022 | 01/06/2022 | X1  | S   |
        | c     | 01/06/2022 |            |     | P   |
        """,
        *SEEN,
    ) == told(
        """
        | child | decom      | dec        | rec | repaired |
        | a     | 01/05/2022 | 01/06/2022 | X1  | yes      |
        | a     | 01/06/2022 |            |     |          |
        | b     | 01/05/2022 | 01/06/2022 | X1  | yes      |
        | b     | 01/06/2022 |            |     |          |
        | c     | 01/05/2022 | 01/06/2022 | X1  |          |
        | c     | 01/06/2022 |            |     |          |
        """
    )


def test_a_short_episode_inside_a_longer_one_never_ends_care_early() -> None:
    assert repaired(
        """
        | child | decom      | dec        | rec | rne | place |
        | a     | 01/05/2022 |            |     | S   | U4    |
        | a     | 01/06/2022 | 08/06/2022 | X1  | P   | T4    |
        """,
        *SEEN,
        "place",
    ) == told(
        """
        | child | decom      | dec | rec | repaired | place |
        | a     | 01/05/2022 |     |     |          | U4    |
        """
    )


def test_ends_that_cannot_be() -> None:
    assert repaired(
        """
        | child | decom      | dec        | rec | rne |
        | a     | 01/05/2022 | 01/04/2022 | X1  | S   |
        | a     | 01/06/2022 |            |     | P   |
        | b     | 01/05/2022 | 01/04/2022 | E4A | S   |
        | c     | 01/05/2022 | 01/05/2022 | E4A | S   |
        | d     | 01/05/2022 | 31/04/2022 | E4A | S   |
        | e     | 01/05/2022 | 01/04/2023 | E4A | S   |
        | f     | 01/04/2023 |            |     | S   |
        | g     |            |            |     | S   |
        """,
        *SEEN,
    ) == told(
        """
        | child | decom      | dec        | rec | repaired |
        | a     | 01/05/2022 | 01/06/2022 | X1  | yes      |
        | a     | 01/06/2022 |            |     |          |
        | c     | 01/05/2022 | 01/05/2022 | E4A |          |
        | d     | 01/05/2022 |            |     | yes      |
        | e     | 01/05/2022 |            |     | yes      |
        """
    )


def test_unknown_codes_are_set_blank_and_blank_ones_kept() -> None:
    assert repaired(
        """
        | child | decom      | rne | ls | cin | place | provider |
        | a     | 01/05/2022 | Q   | C9 | N0  | U9    | PR9      |
        | b     | 01/05/2022 |     |    |     |       |          |
        | c     | 01/05/2022 | S   | D1 | N1  | K3    | PR1      |
        """,
        "child",
        "rne",
        "ls",
        "cin",
        "place",
        "place_provider",
        "repaired",
    ) == told(
        """
        | child | rne | ls | cin | place | provider | repaired |
        | a     |     |    |     |       |          | yes      |
        | b     |     |    |     |       |          |          |
        | c     | S   | D1 | N1  | K3    | PR1      |          |
        """
    )


def test_end_without_a_reason_continues_only_where_the_next_starts_that_day() -> None:
    assert repaired(
        """
        | child | decom      | dec        | rec | rne |
        | a     | 01/05/2022 | 01/06/2022 |     | S   |
        | a     | 01/06/2022 | 01/07/2022 |     | P   |
        | a     | 02/07/2022 |            |     | S   |
        """,
        *SEEN,
    ) == told(
        """
        | child | decom      | dec        | rec | repaired |
        | a     | 01/05/2022 | 01/06/2022 | X1  | yes      |
        | a     | 01/06/2022 | 01/07/2022 |     |          |
        | a     | 02/07/2022 |            |     |          |
        """
    )


def test_impossible_birth_dates_are_set_blank_and_one_header_row_kept() -> None:
    out = raws.judged(
        {
            2023: {
                "header": raws.drawn(
                    """
                    | child | dob        | ethnic |
                    | a     | 02/05/2022 | WBRI   |
                    | b     |            |        |
                    | b     | 15/06/2010 | WBRI   |
                    | c     | 15/06/2010 | WBRI   |
                    """
                ),
                "episodes": raws.drawn("| child | decom |\n| a | 01/05/2022 |\n| b | 01/05/2022 |"),
            }
        }
    )
    kept = out.raw.header
    assert [out.raw.ids[c] for c in kept["child"]] == ["a", "b", "c"]
    born = pd.Timestamp("2010-06-15")
    assert kept["dob"].isna().tolist() == [True, False, False]
    assert kept["dob"].iloc[1] == born
    assert kept["ethnic"].tolist() == ["WBRI"] * 3


def test_an_episode_that_the_next_return_does_not_have_is_ended() -> None:
    first = """
        | child   | decom      | rne |
        | carried | 01/05/2021 | S   |
        | earlier | 01/05/2021 | S   |
        | later   | 01/05/2021 | S   |
        | left    | 01/05/2021 | S   |
        | moved   | 01/05/2021 | S   |
    """
    second = """
        | child   | decom      | rne |
        | carried | 01/05/2021 | S   |
        | earlier | 20/04/2021 | S   |
        | later   | 01/02/2022 | P   |
        | moved   | 01/07/2022 | P   |
    """
    shown = after(
        {2022: {"episodes": raws.drawn(first)}, 2023: {"episodes": raws.drawn(second)}}, *SEEN
    )
    assert shown[:4] == told(
        """
        | child   | decom      | dec        | rec | repaired |
        | carried | 01/05/2021 |            |     |          |
        | later   | 01/05/2021 | 01/02/2022 | X1  | yes      |
        | left    | 01/05/2021 | 01/04/2022 |     | yes      |
        | moved   | 01/05/2021 | 01/04/2022 |     | yes      |
        """
    )
    assert [row[0] for row in shown[4:]] == ["carried", "earlier", "later", "moved"]


def test_the_latest_return_may_leave_episodes_open() -> None:
    shown = after({2023: {"episodes": raws.drawn("| child | decom |\n| a | 01/05/2022 |")}}, *SEEN)
    assert shown == [["a", "01/05/2022", "", "", ""]]


def test_an_in_year_extract_knows_nothing_after_its_last_day() -> None:
    episodes = raws.drawn(
        """
        | child | decom      | dec        | rec |
        | a     | 01/05/2022 | 30/09/2022 | E4A |
        | b     | 01/05/2022 | 01/10/2022 | E4A |
        | c     | 01/10/2022 |            |     |
        """
    )
    out = raws.judged({2023: {"episodes": episodes}}, extracts={2023: "2022-09-30"})
    assert [out.raw.ids[c] for c in out.raw.episodes["child"]] == ["a", "b"]
    assert out.raw.episodes["dec"].isna().tolist() == [False, True]
