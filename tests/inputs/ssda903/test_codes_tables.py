"""Code lists and tables: what changed when, and that they hold together."""

from __future__ import annotations

import pytest

from needs.inputs.ssda903.tables import tables
from needs.vocabulary.codes import CODE_SETS, code_set, placement_groups

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "code", "first", "last"),
    [
        ("SEX", "1", None, 2024),
        ("SEX", "U", 2025, None),
        ("PLACE", "H5", None, 2025),
        ("PLACE", "K3", 2025, None),
        ("PLACE", "Z13", 2026, None),
        ("REC", "E43", None, 2018),
        ("REC", "E45", 2019, None),
        ("ACTIV", "F4", 2022, None),
        ("ACTIV", "P3", None, 2021),
        ("REASON_PLACE_CHANGE", "CUSTOD", 2019, None),
    ],
)
def test_a_code_is_valid_from_and_until_its_years(
    name: str, code: str, first: int | None, last: int | None
) -> None:
    codes = code_set(name)
    years = [y for y in range(2017, 2027) if code in codes.valid_in(y)]
    assert years == list(range(first or 2017, (last or 2026) + 1))


def test_ethnic_groups_have_twenty_codes_in_every_year() -> None:
    assert {len(code_set("ETHNIC").valid_in(y)) for y in range(2017, 2027)} == {20}


def test_exits_are_the_end_reasons_that_do_not_continue() -> None:
    groups = code_set("REC").group_of
    assert groups["X1"] == "continues"
    assert {c for c, g in groups.items() if g == "sgo"} == {
        "E43", "E44", "E45", "E46", "E47", "E48"
    }  # fmt: skip


def test_short_breaks_are_their_own_group() -> None:
    assert code_set("LS").in_group("Short breaks") == {"V3", "V4"}


def test_a_group_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="no group"):
        code_set("LS").in_group("Short break")


def test_every_placement_has_one_group_in_both_classifications() -> None:
    current, legacy = placement_groups("current"), placement_groups("legacy")
    every = set(code_set("PLACE").codes)
    assert set(current.group_of) == set(legacy.group_of) == every
    assert set(current.group_of.values()) == set(current.labels)
    assert {c: g for c, g in code_set("PLACE").group_of.items()} == dict(current.group_of)


def test_semi_independent_homes_moved_between_classifications() -> None:
    assert placement_groups("current").group_of["H5"] == "independent"
    assert placement_groups("legacy").group_of["H5"] == "secure_ch_semi"


def test_codes_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        code_set("SEX").codes["X"] = code_set("SEX").codes["1"]  # type: ignore[index]


def test_tables_name_their_own_columns_and_known_lists() -> None:
    for table in tables().values():
        named = {*table.required, *table.row_key, *table.events, *table.ends}
        assert named <= set(table.columns)
        assert {c.codes for c in table.columns.values() if c.codes} <= set(CODE_SETS)
        assert table.row_key[0] == "child"
