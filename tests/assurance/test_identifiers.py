"""Identifiers are found where they leak, and ordinary numbers are not taken for them."""

import json
import zipfile

import pandas as pd
import pytest

from needs.assurance.identifiers import Identifiers, refuse, scan, scan_tree
from needs.vocabulary.errors import DisclosureError

pytestmark = pytest.mark.unit

IDS = Identifiers.of(
    ["87408", "970280", "123", "AB1029X", "LA/2019-77"], ["Q17 9PC", "b173ij", "unknown"]
)


@pytest.mark.parametrize(
    "text",
    [
        "child 970280 moved",
        "ab1029x",
        'id="AB1029X"',
        "LA/2019-77",
        "la_2019_77",
        "x,87408,y",
        "Child: 123",
        '{"child_id": "123"}',
        "CHILD=123",
    ],
)
def test_a_child_identifier_is_found(text):
    assert scan(text, IDS) == {"child identifier": 1}


@pytest.mark.parametrize(
    "text",
    [
        "123 children",
        "a share of 123",
        "1,970,280 pounds",
        "970,280",
        "87408.5",
        "1.87408",
        "£970280",
        "#970280",
        "9702801",
        "x970280",
        "LA 2019",
        "children 123",
    ],
)
def test_an_ordinary_number_is_not_taken_for_one(text):
    assert scan(text, IDS) == {}


def test_a_released_number_is_not_taken_for_an_identifier():
    assert scan("970280", IDS, {"970280"}) == {}
    assert scan("970280 and 87408", IDS, {"970280"}) == {"child identifier": 1}


def test_a_pupil_number_is_found_whether_known_or_not():
    assert scan("R084010198416", IDS) == {"unique pupil number": 1}
    assert scan("E10000025", IDS) == {}


def test_a_postcode_of_the_records_is_found_however_it_is_written():
    assert scan("near q17 9pc and B173IJ", IDS) == {"postcode": 2}
    assert scan("near Q17 9PD", IDS) == {}


@pytest.mark.parametrize(
    "value",
    [
        {"data": ["line\n970280"]},
        {"x": [1, 970280]},
        {"x": [970280.0]},
        {"970280": 1},
        {"child": 123},
        {"html": "<td>&#57;70280</td>"},
    ],
)
def test_json_is_read_as_a_program_reads_it(value):
    assert scan(json.dumps(value), IDS, kind="json") == {"child identifier": 1}


def test_html_is_read_without_programs_and_styles_but_with_their_data():
    code = "<style>.a{width:970280px}</style><script>var a = 970280;</script>"
    assert scan(code, IDS, kind="html") == {}
    data = '<script type="application/json">{"a": "\\u0020970280"}</script>'
    assert scan(code + data, IDS, kind="html") == {"child identifier": 1}
    assert scan("<td>&#57;70280</td>", IDS, kind="html") == {"child identifier": 1}


def test_a_tree_is_scanned_file_by_file_and_never_says_which_identifier(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("970280,Q17 9PC")
    (tmp_path / "ok.html").write_text("<p>123 children</p>")
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as z:
        z.writestr("xl/sharedStrings.xml", "<t>AB1029X</t>")
    faults = scan_tree(tmp_path, IDS)
    assert {f.file for f in faults} == {"tables/a.csv", "t.xlsx"}
    with pytest.raises(DisclosureError) as caught:
        refuse(tmp_path, IDS)
    said = str(caught.value)
    assert not any(secret in said for secret in ("970280", "Q17", "AB1029X"))


def test_a_pdf_is_searched_in_its_alternative_text(tmp_path):
    pikepdf = pytest.importorskip("pikepdf")
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.Root["/Lang"] = "en-GB"
    pdf.Root["/Alt"] = pikepdf.String("Child 970280 £")
    pdf.save(tmp_path / "a.pdf")
    assert [f.file for f in scan_tree(tmp_path, IDS)] == ["a.pdf"]


def test_identifiers_do_not_show_themselves():
    assert "970280" not in repr(IDS)


def test_records_give_their_identifiers_and_postcodes():
    class Few:
        ids = pd.Index(["970280"])
        episodes = pd.DataFrame({"home_post": pd.Categorical(["Q17 9PC", None])})

    ids = Identifiers.of_records(Few())
    assert scan("970280 Q17 9PC", ids) == {"child identifier": 1, "postcode": 1}
