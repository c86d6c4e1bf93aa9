"""Documents of some of the chapters: page and Word file, the same words, the same bytes."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from docx import Document
from docx.oxml.ns import qn

from needs.assurance.identifiers import Identifiers, refuse
from needs.report.publish import publish
from needs.vocabulary.errors import DisclosureError, StudyError
from needs.vocabulary.released import Span
from needs.vocabulary.study import load_study
from needs.vocabulary.study_documents import DocumentSettings

pytestmark = pytest.mark.unit

HOSTILE = "<script>alert()</script> & \"'"
DOCUMENTS = (
    DocumentSettings(name="to-committee", title="To committee", chapters=("99",), numbered=True),
    DocumentSettings(name="pack", title="The pack", chapters=("85", "20")),
    DocumentSettings(name="none", title="Nothing of it is there", chapters=("30",)),
)


@pytest.fixture
def written(report, study, make_result):
    said = (Span("They are "), Span("1", "x"), Span(" now."))
    block = make_result("asked", "99", {"kinship": [1, 2, 3, 4, 5]}, title=HOSTILE, chart=False)
    first = block.rows[0]
    block = replace(block, sentences=((said[0], Span(first.printed, first.id), said[2]),))
    report.add("85", "# Board\n\n## Places", make_result("board", "85", {"home": [9, 8, 7, 6, 5]}))
    report.add("99", "# Committee\n\n## Asked\n\nThe committee is asked.", block)
    mine = study.model_copy(update={"documents": DOCUMENTS})
    publish(report.folder, mine, report.notebooks, pdf=False, progress=lambda _: None)
    return report.folder, mine, report


def words(path):
    return [p.text for p in Document(str(path)).paragraphs]


def test_each_document_has_its_chapters_and_the_report_all_but_the_summary(written):
    folder, *_ = written
    made = {p.name for p in folder.glob("*.html")} | {p.name for p in folder.glob("*.docx")}
    assert made == {
        "index.html", "needs-analysis.html", "to-committee.html", "to-committee.docx",
        "pack.html", "pack.docx",
    }  # fmt: skip
    chapters = {
        p.stem: set(re.findall(r'<section class="chapter" id="chapter-(\d\d)"', p.read_text()))
        for p in folder.glob("*.html")
    }
    assert chapters["pack"] == {"20", "85"}
    assert chapters["to-committee"] == {"99"}
    assert not chapters["needs-analysis"] & {"85", "99"}
    assert "20" in chapters["needs-analysis"]
    links = [
        a["href"] for a in BeautifulSoup((folder / "index.html").read_text(), "html.parser")("a")
    ]
    assert {"pack.html", "pack.docx", "to-committee.html"} <= set(links)


def test_word_says_what_the_page_says_and_numbers_its_paragraphs(written):
    folder, study, _ = written
    told = words(folder / "to-committee.docx")
    assert "1. The committee is asked." in told
    assert any(re.match(r"2\. They are [\d,]+ now\.", t) for t in told)
    pack = words(folder / "pack.docx")
    soup = BeautifulSoup((folder / "pack.html").read_text(), "html.parser")
    for line in soup.select(".says p"):
        assert line.get_text() in pack
    properties = Document(str(folder / "pack.docx")).core_properties
    assert properties.title.startswith("The pack: ")
    assert properties.created.date() == study.period.as_at
    assert properties.language == "en-GB"


def test_tables_of_a_word_file_repeat_their_heads_and_hold_the_printed_numbers(written):
    folder, *_ = written
    document = Document(str(folder / "pack.docx"))
    assert document.tables
    for table in document.tables:
        properties = table.rows[0]._tr.trPr
        assert properties is not None
        assert properties.find(qn("w:tblHeader")) is not None
    cells = {c.text for t in document.tables for r in t.rows[1:] for c in r.cells}
    soup = BeautifulSoup((folder / "pack.html").read_text(), "html.parser")
    assert {td.get_text() for td in soup.select(".result-table td")} <= cells


def test_a_hostile_title_stays_words(written):
    folder, *_ = written
    assert "<script>alert()" not in (folder / "to-committee.html").read_text()
    with zipfile.ZipFile(folder / "to-committee.docx") as z:
        assert b"<script>" not in z.read("word/document.xml")


def test_the_same_chapters_give_the_same_bytes(written, tmp_path):
    folder, study, report = written
    publish(tmp_path, study, report.notebooks, pdf=False, progress=lambda _: None)
    for name in ("pack.docx", "to-committee.docx", "pack.html"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_an_identifier_in_a_word_file_is_found(written):
    folder, *_ = written
    document = Document()
    document.add_paragraph("seen with K9912345X")
    document.save(str(folder / "pack.docx"))
    with pytest.raises(DisclosureError, match=r"pack\.docx"):
        refuse(folder, Identifiers.of(["K9912345X"]))


@pytest.mark.parametrize("name", ["needs-analysis", "index", "Two Words", "../up"])
def test_files_of_others_are_not_written_over(tmp_path, name):
    text = (
        'schema_version = 1\n[authority]\nname = "A"\nshort_name = "A"\ndfe_code = "999"\n'
        'ons_code = "E10000099"\n[period]\nreporting_year = "2022-23"\nas_at = 2023-03-31\n'
        f'[[documents]]\nname = "{name}"\ntitle = "T"\nchapters = ["20"]\n'
    )
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(StudyError, match="documents"):
        load_study(tmp_path)
