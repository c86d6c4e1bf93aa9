"""A table is readable with a screen reader and traceable to its figures."""

from html.parser import HTMLParser

import pytest

from needs.report.tables import markers_in, table_html, table_text
from needs.vocabulary.released import ReleasedTable

pytestmark = pytest.mark.unit

TABLE = ReleasedTable(
    stubs=("Placement", "Age"),
    headers=("2021-22", "2022-23", "Note"),
    rows=(
        ("Foster <care>", "0 to 4", "1,266", "c", "more & less"),
        ("Other", "All", "12 r", "x", ""),
    ),
    ids=(("s.a", "s.b", ""), ("s.c", "s.d", "")),
)


class Read(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.words = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [a for t, a in self.tags if t == tag]


def test_headers_have_scope_and_the_table_a_caption():
    page = Read(table_html(TABLE, "Children at 31 March"))
    scopes = [a.get("scope") for a in page.all("th")]
    assert scopes == ["col"] * 5 + ["row"] * 4
    assert len(page.all("caption")) == 1
    assert "Children at 31 March" in page.words


def test_each_number_names_its_figure_and_stands_to_the_right():
    cells = Read(table_html(TABLE, "c")).all("td")
    assert [a.get("data-figure") for a in cells] == ["s.a", "s.b", None, "s.c", "s.d", None]
    assert all(("number" in a.get("class", "")) == ("data-figure" in a) for a in cells)


def test_a_letter_without_a_figure_stands_under_the_numbers_of_its_column():
    table = ReleasedTable(
        stubs=("Day",),
        headers=("Children", "Lower", "Note"),
        rows=(("2023", "1,266", "z", "a"), ("2024", "1,266", "12", "b")),
        ids=(("s.a", "", ""), ("s.b", "s.c", "")),
    )
    cells = Read(table_html(table, "c")).all("td")
    sides = [c["style"].removeprefix("text-align:") for c in cells]
    assert sides == ["right", "right", "left"] * 2
    assert "number" not in cells[1]["class"]


def test_years_and_days_are_not_broken_over_lines():
    table = ReleasedTable(
        stubs=("Return",),
        headers=("2022-23", "Speaks up to"),
        rows=(
            ("2022-23", "1", "31 March 2023"),
            ("Independent fostering agency", "1", "A long note"),
        ),
        ids=(("s.a", ""), ("s.b", "")),
    )
    page = Read(table_html(table, "c"))
    short = ["short" in a.get("class", "") for a in page.all("th")]
    assert short == [False, True, False, True, False]
    assert page.all("td")[1]["class"] == "short"


def test_text_is_escaped_and_notes_follow():
    html = table_html(TABLE, "c", ["A <note>"])
    assert "Foster <care>" not in html
    assert Read(html).words.count("Foster <care>") == 1
    assert "A <note>" in Read(html).words


def test_only_markers_in_use_are_explained():
    assert [m[0] for m in markers_in(TABLE)] == ["c", "x", "r"]


def test_plain_text_lines_up():
    lines = table_text(TABLE).splitlines()
    end = lines[0].index("2021-22") + len("2021-22")
    assert lines[1][:end].endswith(" 1,266")
    assert lines[2][:end].endswith(" 12 r")


def test_a_name_that_the_row_above_has_said_is_there_and_not_drawn_again():
    rows = (("Foster", "Children", "1"), ("Foster", "Low", "2"), ("Homes", "Children", "3"))
    ids = (("s.a",), ("s.b",), ("s.c",))
    page = Read(table_html(ReleasedTable(("Placement", ""), ("Day",), rows, ids), "c"))
    classes = [str(a.get("class", "")).split() for a in page.all("th") if a["scope"] == "row"]
    assert [("again" in c) for c in classes] == [False, False, True, False, False, False]
    assert page.words.count("Foster") == 2


def test_what_columns_share_stands_above_them_once():
    table = ReleasedTable(
        stubs=("Domain",),
        headers=("Homes, Rank", "Homes, Range", "Foster, Rank", "Note"),
        rows=(("Health", "1", "2", "3", "words"),),
        ids=(("s.a", "s.b", "s.c", ""),),
        over=("Homes", "Homes", "Foster", ""),
    )
    page = Read(table_html(table, "c"))
    above = [a for a in page.all("th") if a["scope"] == "colgroup"]
    assert [a["colspan"] for a in above] == ["2", "1"]
    deep = [a.get("rowspan") for a in page.all("th") if a["scope"] == "col"]
    assert deep == ["2", "2", None, None, None]
    words = [w for w in page.words if w != "c"]
    assert words[:7] == ["Domain", "Homes", "Foster", "Note", "Rank", "Range", "Rank"]
