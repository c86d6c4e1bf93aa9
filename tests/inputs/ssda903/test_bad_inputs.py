"""Every bad input: one clear error with file, column, rows and mend, and no value from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import build
import pytest
from pandas.testing import assert_frame_equal

from needs.inputs.ssda903.reader import read_raw
from needs.vocabulary.errors import Fault, InputError

pytestmark = pytest.mark.unit

CHILDREN = [f"KID{n:04}" for n in range(1, 61)]
HEADER = build.header(
    "| CHILD | SEX | DOB |\n" + "\n".join(f"| {c} | 1 | 25/06/2010 |" for c in CHILDREN)
)
EPISODES = build.episodes(
    "| CHILD | DECOM | DEC | REC |\n"
    + "\n".join(f"| {c} | 21/04/2022 | 19/09/2022 | E4A |" for c in CHILDREN)
)


def csv(frame: object) -> str:
    return frame.to_csv(index=False)  # type: ignore[attr-defined,no-any-return]


H, E = csv(HEADER), csv(EPISODES)
XML = build.as_xml({"header": HEADER, "episodes": EPISODES})


def column(text: str, name: str, change: Callable[[str], str], rows: range = range(2, 62)) -> str:
    """Change a column's cells in the given spreadsheet rows."""
    head, *lines = text.splitlines()
    at = head.split(",").index(name)
    for row in rows:
        cells = lines[row - 2].split(",")
        cells[at] = change(cells[at])
        lines[row - 2] = ",".join(cells)
    return "\n".join([head, *lines]) + "\n"


def swap(text: str, one: str, other: str) -> str:
    """Swap the names of two columns."""
    head, rest = text.split("\n", 1)
    names = [{one: other, other: one}.get(n, n) for n in head.split(",")]
    return ",".join(names) + "\n" + rest


def us(day: str) -> str:
    d, m, y = day.split("/")
    return f"{m}/{d}/{y}"


def without(text: str, name: str) -> str:
    """Leave a column out."""
    at = text.splitlines()[0].split(",").index(name)
    lines = [ln.split(",") for ln in text.splitlines()]
    return "\n".join(",".join(c for i, c in enumerate(ln) if i != at) for ln in lines) + "\n"


@dataclass(frozen=True)
class Bad:
    """A bad file, and what the error says of it."""

    name: str
    files: dict[str, str | bytes]
    file: str
    rule: str
    column: str = ""
    rows: tuple[int, ...] = ()


ALL = tuple(range(2, 62))
FIRST8 = ALL[:8]
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "KID0001"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></EXPSSDA903>"
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hosts"><EXPSSDA903/>'
GOOD = {"e.csv": E, "h.csv": H}
CASES = [
    Bad("utf-16", GOOD | {"h.csv": H.encode("utf-16")}, "h.csv", "UTF-16"),
    Bad("utf-16 without mark", GOOD | {"h.csv": H.encode("utf-16-le")}, "h.csv", "UTF-16"),
    Bad(
        "no known encoding",
        GOOD | {"h.csv": H.replace("WBRI", "WBRé").encode("cp1252") + b"\x81\x8d"},
        "h.csv",
        "neither UTF-8 nor cp1252",
    ),
    Bad("empty", GOOD | {"h.csv": b""}, "h.csv", "empty"),
    Bad("blank", GOOD | {"h.csv": b"\xef\xbb\xbf \r\n\r\n"}, "h.csv", "empty"),
    Bad("workbook", GOOD | {"h.csv": b"PK\x03\x04" + b"\x00" * 90}, "h.csv", "workbook"),
    Bad("binary", GOOD | {"h.csv": b"abc\x01\x00\x00\x02\x03" * 90}, "h.csv", "binary"),
    Bad("header only", GOOD | {"e.csv": E.splitlines()[0]}, "e.csv", "no rows", rows=(1,)),
    Bad("cut in a row", GOOD | {"e.csv": E[:-40]}, "e.csv", "fewer cells", rows=(61,)),
    Bad(
        "cut in a quote",
        GOOD | {"e.csv": E.rstrip("\n").rsplit("\n", 1)[0] + '\n"KID0060,21/04/2022\n'},
        "e.csv",
        "quotation mark",
        rows=(61,),
    ),
    Bad(
        "quote never closed in a long file",
        GOOD | {"e.csv": E + '"KID0060,21/04/2022\n' + E.split("\n", 1)[1] * 60},
        "e.csv",
        "quotation mark",
        rows=(62,),
    ),
    Bad(
        "a first row that is one cell without end",
        GOOD | {"e.csv": "KID" * 60_000 + "," + E},
        "e.csv",
        "no column names",
        rows=(1,),
    ),
    Bad(
        "extra cell",
        GOOD | {"e.csv": column(E, "LS", lambda c: c + ",C2", range(5, 7))},
        "e.csv",
        "more or fewer cells",
        rows=(5, 6),
    ),
    Bad("semicolons", GOOD | {"h.csv": H.replace(",", ";")}, "h.csv", "semicolons", rows=(1,)),
    Bad(
        "no first row",
        GOOD | {"h.csv": H.split("\n", 1)[1]},
        "h.csv",
        "no column names",
        rows=(1,),
    ),
    Bad(
        "unknown table",
        GOOD | {"x.csv": "CHILD,COLOUR\nKID0001,KID0002\n"},
        "x.csv",
        "no SSDA903 table",
        rows=(1,),
    ),
    Bad(
        "required column missing",
        GOOD | {"e.csv": without(without(E, "LS"), "DEC")},
        "e.csv",
        "Episodes",
        "LS, DEC",
        rows=(1,),
    ),
    Bad(
        "same name twice",
        GOOD | {"h.csv": H.replace("ETHNIC,UPN", "ETHNIC,UPN,DOB", 1)},
        "h.csv",
        "same name",
        "DOB",
        rows=(1,),
    ),
    Bad(
        "US dates",
        GOOD | {"e.csv": column(column(E, "DECOM", us), "DEC", us)},
        "e.csv",
        "US dates",
        "DEC",
        FIRST8,
    ),
    Bad(
        "dates in words",
        GOOD | {"h.csv": column(H, "DOB", lambda c: "25 June 2010", range(3, 5))},
        "h.csv",
        "not dates",
        "DOB",
        (3, 4),
    ),
    Bad(
        "dates that are no days",
        GOOD | {"h.csv": column(H, "DOB", lambda c: "31/02/2010", range(3, 5))},
        "h.csv",
        "not dates",
        "DOB",
        (3, 4),
    ),
    Bad(
        "dates under a code's name",
        GOOD | {"e.csv": swap(E, "DECOM", "LS")},
        "e.csv",
        "holds dates",
        "LS",
        FIRST8,
    ),
    Bad(
        "two codes swapped",
        GOOD | {"e.csv": swap(E, "CIN", "PLACE")},
        "e.csv",
        "codes of PLACE",
        "CIN",
        FIRST8,
    ),
    Bad(
        "children and pupil numbers swapped",
        GOOD | {"h.csv": swap(column(H, "UPN", lambda c: "A931000012345"), "CHILD", "UPN")},
        "h.csv",
        "unique pupil numbers",
        "CHILD",
        FIRST8,
    ),
    Bad(
        "unknown code",
        GOOD | {"e.csv": column(E, "PLACE", lambda c: "KID", range(10, 12))},
        "e.csv",
        "no code of the PLACE list",
        "PLACE",
        (10, 11),
    ),
    Bad(
        "formula",
        GOOD | {"e.csv": column(E, "URN", lambda c: "=KID(1+1)", range(7, 8))},
        "e.csv",
        "formula",
        "URN",
        (7,),
    ),
    Bad(
        "formula as a child",
        GOOD | {"h.csv": column(H, "CHILD", lambda c: "@" + c, range(7, 8))},
        "h.csv",
        "formula",
        "CHILD",
        (7,),
    ),
    Bad(
        "rounded identifiers",
        GOOD | {"h.csv": column(H, "CHILD", lambda c: "1.23E+09", range(7, 9))},
        "h.csv",
        "scientific notation",
        "CHILD",
        (7, 8),
    ),
    Bad(
        "no child",
        GOOD | {"e.csv": column(E, "CHILD", lambda c: " ", range(9, 10))},
        "e.csv",
        "no CHILD",
        "CHILD",
        (9,),
    ),
    Bad(
        "child twice",
        GOOD
        | {
            "h.csv": column(H, "CHILD", lambda c: "KID0001", range(3, 4)).replace(
                "KID0001,1", "KID0001,2", 1
            )
        },
        "h.csv",
        "more than once",
        "CHILD",
        (2, 3),
    ),
    Bad("entity bomb", {"r.xml": BOMB}, "r.xml", "entities"),
    Bad("external entity", {"r.xml": EXTERNAL}, "r.xml", "entities"),
    Bad("XML cut short", {"r.xml": XML[: len(XML) // 2]}, "r.xml", "not well formed"),
    Bad("XML of another kind", {"r.xml": "<CIN><CHILD/></CIN>"}, "r.xml", "root"),
    Bad("XML without children", {"r.xml": "<EXPSSDA903></EXPSSDA903>"}, "r.xml", "no CHILD"),
    Bad(
        "XML without a required element",
        {"r.xml": XML.replace("<DOB>25/06/2010</DOB>", "")},
        "r.xml",
        "required elements",
        "DOB",
    ),
    Bad("no Episodes", {"h.csv": H}, "h.csv", "name the Episodes file of each return"),
    Bad(
        "several years in one file",
        GOOD | {"e.csv": column(E, "DEC", lambda c: "19/09/2023", range(2, 30))},
        "e.csv",
        "several years",
    ),
]


def _error(folder: Path, files: dict[str, str | bytes]) -> InputError:
    build.write(folder, files)
    with pytest.raises(InputError) as caught:
        read_raw(build.study(folder, ("*.*",)))
    return caught.value


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c.name)
def caught(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Bad, InputError]:
    """Return a bad input and its error, read once for all tests of it."""
    return request.param, _error(tmp_path_factory.mktemp("bad"), request.param.files)


def test_a_bad_file_is_one_clear_error(caught: tuple[Bad, InputError]) -> None:
    bad, error = caught
    found = [f for f in error.faults if f.file == bad.file and bad.rule in f"{f.rule} {f.mend}"]
    assert found, f"no fault says {bad.rule!r}: {error.faults}"
    fault = next((f for f in found if f.column == bad.column), found[0])
    assert (fault.column, fault.rows) == (bad.column, bad.rows)
    assert fault.mend
    assert error.exit_code == 11


def test_no_message_holds_a_value_of_the_file(caught: tuple[Bad, InputError]) -> None:
    assert not re.search(r"KID|WBRI|A9310|\d\d/\d\d/\d{4}|1\.23E", str(caught[1]))


def test_only_the_bad_file_is_blamed(caught: tuple[Bad, InputError]) -> None:
    bad, error = caught
    assert {f.file for f in error.faults} == {bad.file}


def test_every_fault_of_every_file_comes_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "e.csv": column(column(E, "LS", lambda c: "??"), "DECOM", lambda c: "soon"),
        "h.csv": b"",
        "r.csv": "CHILD,REVIEW\n,12/12/2022\n",
    }
    faults = _error(tmp_path, files).faults
    assert {(f.file, f.column) for f in faults} == {
        ("e.csv", "DECOM"),
        ("e.csv", "LS"),
        ("h.csv", ""),
        ("r.csv", "CHILD"),
    }


def test_all_rows_are_counted_and_the_first_eight_named(tmp_path: Path) -> None:
    (fault,) = _error(tmp_path, GOOD | {"e.csv": column(E, "LS", lambda c: "??")}).faults
    assert (fault.rows, fault.row_count) == (FIRST8, 60)


def test_an_encoding_that_the_xml_declares_wrongly_does_not_matter(tmp_path: Path) -> None:
    build.write(tmp_path, {"r.xml": XML})
    plain = read_raw(build.study(tmp_path, ("*.*",)))
    declared = XML[XML.index("<EXPSSDA903") :]
    for encoding in ("x-none", "utf-16", "windows-1252"):
        text = f'<?xml version="1.0" encoding="{encoding}"?>\n{declared}'
        build.write(tmp_path, {"r.xml": text})
        assert_frame_equal(read_raw(build.study(tmp_path, ("*.*",))).episodes, plain.episodes)


def test_few_unreadable_cells_are_left_to_the_rules_of_data_quality(tmp_path: Path) -> None:
    files = GOOD | {"e.csv": column(E, "LS", lambda c: "??", range(4, 5))}
    build.write(tmp_path, files)
    strict = build.study(tmp_path, quality={"max_invalid_share": 0.01})
    with pytest.raises(InputError):
        read_raw(strict)
    raw = read_raw(build.study(tmp_path, quality={"max_invalid_share": 0.02}))
    assert raw.episodes.loc[raw.episodes["bad_ls"], "row"].tolist() == [4]
    assert raw.episodes.loc[raw.episodes["bad_ls"], "ls"].tolist() == ["??"]


def test_few_contradictory_children_are_left_to_the_rules_of_data_quality(tmp_path: Path) -> None:
    twice = column(H, "CHILD", lambda c: "KID0001", range(3, 4)).replace(
        "KID0001,1", "KID0001,2", 1
    )
    build.write(tmp_path, GOOD | {"h.csv": twice})
    raw = read_raw(build.study(tmp_path, quality={"max_duplicate_share": 0.05}))
    assert len(raw.header) == 60


def test_the_same_row_twice_is_no_error(tmp_path: Path) -> None:
    build.write(tmp_path, GOOD | {"h.csv": H + H.splitlines()[5] + "\n"})
    assert len(read_raw(build.study(tmp_path)).header) == 61


def test_a_fault_without_rows_names_none() -> None:
    assert "row" not in str(Fault("a.csv", "the file is empty", "put it there"))
